"""Calendars against a second reading of their texts, written from the rules alone (`hours_oracle.py`): both engines share the first."""

from __future__ import annotations

from datetime import date, timedelta

import hours_oracle as oracle
import pytest
from fuzzing import AT_NIGHT, seeds
from hypothesis import given, settings
from hypothesis import strategies as st

from simgov.calendars import DayTypes, NoHoursError, calendar

TRIED = 150


@st.composite
def cases(draw):
    """A text, the first day and the number of days, holidays, make-up workdays, and whether those count."""
    start = draw(st.one_of(st.dates(date(2020, 12, 15), date(2023, 3, 5)), st.dates(date(2022, 9, 20), date(2022, 10, 10))))
    days = draw(st.integers(1, 25))
    around = st.integers(-2, days + 2).map(lambda n: start + timedelta(n))
    holidays = draw(st.frozensets(around, max_size=12))
    workdays = draw(st.frozensets(around, max_size=8)) - holidays
    return draw(oracle.texts()), start, days, holidays, workdays, draw(st.sampled_from([None, None, True, False]))


def both(text, start, days, holidays, workdays, makeup):
    """What the rules say, and what the calendar says: openings and hours, or that the text cannot be honoured."""
    try:
        expected = oracle.read(text, start, days, holidays, workdays, makeup)
    except oracle.RefusedError:
        expected = "refused"
    try:
        found = calendar(text, start, days, DayTypes(holidays, workdays), makeup)
    except NoHoursError as error:
        return expected, "refused" if error.reason else str(error)
    return expected, (list(found.openings), found.hours.pairs)


@settings(max_examples=TRIED)
@given(cases())
def test_hours_and_openings_are_those_of_the_rules(case):
    """Hours and openings of generated texts are those of a reading day by day and minute by minute; what one refuses, the other does."""
    expected, found = both(*case)

    assert found == expected


@pytest.mark.nightly
@settings(max_examples=TRIED * AT_NIGHT)
@given(cases())
def test_hours_and_openings_of_many_texts(case):
    """The same over many more texts."""
    expected, found = both(*case)

    assert found == expected


PIECES = (
    "Mo", "Fri", "Su", "PH", "SH", "Oct", "Feb", "29", "30", "2022", "1899", "0000", "9999", "week", "53", "24/7", "off", "open", "closed", "unknown", "[", "]", "1", "-1", "5",
    "08:00", "8:00", "12:00", "24:00", "26:00", "48:00", "48:01", "99:99", "08:00-12:00", "14:00-26:00", "Mo-Fr", "Oct 01-07", "Mo[1]",
    "-", "-", ",", ",", ";", ";", " ", " ", " ", "+", "/", ":", "||", '"', "0\u0661:00", "\uff10\uff18:00", "\u3000", "\n", "\u017fa", "\u5468\u4e00",
)  # fmt: skip


def soup(chance):
    """Pieces of the grammar in any order."""
    return "".join(chance.choice(PIECES) + chance.choice(("", " ")) for _ in range(chance.randint(1, 12)))


@pytest.mark.parametrize("times", [1, pytest.param(AT_NIGHT, marks=pytest.mark.nightly)])
def test_any_text_is_read_or_refused(times):
    """Whatever the text, there is a calendar or one message that quotes it; nothing else is raised."""
    read, told = 0, []
    for chance in seeds("opening hours", 2_000, times):
        text = soup(chance)
        try:
            made = calendar(text, date(2022, 9, 26), 20, DayTypes(frozenset({date(2022, 10, 3)}), frozenset({date(2022, 10, 8)})))
        except NoHoursError as refused:
            told.append((f"got '{text}'", str(refused)))
            continue
        read += 1
        assert text.isascii()
        assert all(a < b for a, b in made.openings)
        assert all(one[1] <= other[0] for one, other in zip(made.openings, made.openings[1:], strict=False))
    assert read > 20 * times
    assert all(quoted in said for quoted, said in told)


def test_the_second_reading_gives_values_counted_by_hand():
    """The oracle itself: National Day 2022 by the notice of the State Council, 7 days off and two make-up workdays."""
    holidays = {date(2022, 10, n) for n in range(1, 8)}
    workdays = {date(2022, 10, 8), date(2022, 10, 9)}

    def hours(text):
        openings, open_for = oracle.read(text, date(2022, 9, 26), 20, holidays, workdays)
        return len(openings), sum(min(b, 20 * 86_400) - max(a, 0) for a, b in open_for if b > 0 and a < 20 * 86_400) / 3600

    assert hours("Mo-Fr 08:00-12:00; Sa-Su,PH off") == (12, 48)
    assert hours("Mo-Fr 17:00-20:00; PH,Sa-Su 08:00-20:00") == (20, 132)
    assert hours("Tu 13:00-13:30,13:30-14:00") == (6, 3)
    assert hours("Mo 09:00-10:00; Mo 10:00-11:00") == (3, 3)
    assert hours("Mo 09:00-10:00, Mo 10:00-11:00") == (6, 6)
    assert hours("Oct 08-10 Mo-Fr 09:00-10:00; PH off") == (3, 3)
    assert hours("Oct 01-07 Mo-Fr 09:00-10:00; PH off") == (0, 0)


def test_generated_texts_reach_every_kind_of_rule():
    """Texts with PH, additions, off, times that touch, nights, nth weekdays and dates come up, openings on public holidays among them."""
    met = set()

    @settings(max_examples=TRIED)
    @given(cases())
    def look(case):
        text, start, _, holidays, _, _ = case
        expected, _ = both(*case)
        met.update(word for word in ("PH", "off", "[", "week", ", ", "20", "Oct") if word in text)
        met.add(expected if expected == "refused" else bool(expected[0]))
        if "PH" in text and expected != "refused" and any(start + timedelta(seconds=a - a % 86_400) in holidays for a, _ in expected[0]):
            met.add("open on a holiday")
        if expected != "refused" and any(a[1] == b[0] for a, b in zip(expected[0], expected[0][1:], strict=False)):
            met.add("touching")

    look()
    assert met == {"PH", "off", "[", "week", ", ", "20", "Oct", "refused", True, False, "open on a holiday", "touching"}
