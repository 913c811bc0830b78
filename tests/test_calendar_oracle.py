"""Calendars against a second reading of their texts, written from the rules alone (`hours_oracle.py`): both engines share the first."""

from __future__ import annotations

from datetime import date, timedelta

import hours_oracle as oracle
import pytest
from fuzzing import AT_NIGHT
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
    holidays = draw(st.frozensets(around, max_size=8))
    workdays = draw(st.frozensets(around, max_size=4)) - holidays
    return draw(oracle.texts()), start, days, holidays, workdays, draw(st.sampled_from([None, None, True, False]))


def both(text, start, days, holidays, workdays, makeup):
    """What the rules say, and what the calendar says: openings and hours, or that the text is refused."""
    try:
        expected = oracle.read(text, start, days, holidays, workdays, makeup)
    except oracle.RefusedError:
        expected = "refused"
    try:
        found = calendar(text, start, days, DayTypes(holidays, workdays), makeup)
    except NoHoursError as error:
        assert error.reason, str(error)  # every text is one of the grammar
        return expected, "refused"
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
