"""Opening hours on real dates, with public holidays and make-up workdays, held against dates looked up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from simgov.calendars import ALL_DAY, DayTypes, calendar, check_text, day_types, known_through
from simgov.clock import DAY, HOUR

MONDAY = date(2022, 5, 2)
PLAIN = DayTypes(frozenset(), frozenset())
OFFICE = "Mo-Fr 08:30-12:00,14:30-17:30"


def openings(text, days=7, start=MONDAY, types=PLAIN):
    """Openings as `2 08:30-12:00`, with the day counted from the start."""
    zero = datetime(start.year, start.month, start.day)

    def clock(second):
        return (zero + timedelta(seconds=second)).strftime("%H:%M")

    return [f"{a // DAY} {clock(a)}-{clock(b)}" for a, b in calendar(text, start, days, types).openings]


def test_a_week_of_office_hours():
    """Office hours open twice a day, Monday to Friday."""
    assert openings(OFFICE) == [f"{d} {span}" for d in range(5) for span in ("08:30-12:00", "14:30-17:30")]


def test_english_names_of_days():
    """`Mon` is taken for `Mo`."""
    assert openings("Mon-Fri 09:00-10:00") == openings("Mo-Fr 09:00-10:00") != []


def test_night_shifts_run_past_midnight():
    """An opening past midnight is one opening of the day on which it begins; what began before the period is open, but opens no gate."""
    night = calendar("Mo-Su 20:00-08:00", MONDAY, 2, PLAIN)

    assert openings("Mo-Su 20:00-08:00", 2) == ["0 20:00-08:00", "1 20:00-08:00"]
    assert 0 in night.hours
    assert night.hours.pairs[0] == (-4 * HOUR, 8 * HOUR)


def test_every_midnight_is_an_opening_where_it_is_written():
    """`00:00-24:00` opens every midnight, though its hours are one stretch without end."""
    assert openings(ALL_DAY, 3) == ["0 00:00-00:00", "1 00:00-00:00", "2 00:00-00:00"]
    assert openings("24/7", 3) == openings(ALL_DAY, 3)
    assert calendar(ALL_DAY, MONDAY, 3, PLAIN).hours.pairs == [(-DAY, 4 * DAY)]


def test_touching_intervals_within_and_across_days():
    """`14:00-24:00` and the next day's `00:00-12:00` are two openings and one stretch of hours."""
    text = "Mo-Su 00:00-12:00,14:00-24:00"

    assert openings(text, 2) == ["0 00:00-12:00", "0 14:00-00:00", "1 00:00-12:00", "1 14:00-00:00"]
    assert (14 * HOUR, 36 * HOUR) in calendar(text, MONDAY, 2, PLAIN).hours.pairs


def test_hours_reach_a_day_beyond_the_period():
    """Hours are known from a day before the period to a day after it, so that work in hand can be followed."""
    hours = calendar("Mo-Su 10:00-11:00", MONDAY, 3, PLAIN).hours

    assert hours.pairs == [(d * DAY + 10 * HOUR, d * DAY + 11 * HOUR) for d in range(-1, 4)]


def test_a_calendar_without_a_holiday_rule_keeps_its_week():
    """Public holidays and make-up workdays change only a calendar that has a rule for them."""
    types = DayTypes(frozenset({MONDAY}), frozenset({date(2022, 5, 7)}))

    assert openings("Mo-Fr 09:00-10:00", types=types) == openings("Mo-Fr 09:00-10:00")
    assert openings("Mo-Fr 09:00-10:00; PH off", types=types) == [f"{d} 09:00-10:00" for d in (1, 2, 3, 4, 5)]


def test_a_public_holiday_may_have_hours_of_its_own():
    """`PH 09:00-12:00` gives the hours of public holidays."""
    types = DayTypes(frozenset({MONDAY}), frozenset())

    assert openings("Mo-Fr 08:00-17:00; PH 09:00-12:00", 2, types=types) == ["0 09:00-12:00", "1 08:00-17:00"]


def test_a_make_up_workday_has_the_hours_of_its_weeks_monday():
    """A make-up Saturday or Sunday has Monday's hours, even when that Monday itself is a holiday or before the period."""
    text = "Mo 08:00-09:00; Tu-Fr 10:00-11:00; PH off"
    sunday = date(2022, 5, 8)
    types = DayTypes(frozenset({MONDAY}), frozenset({sunday}))

    assert openings(text, types=types)[-1] == "6 08:00-09:00"
    assert openings(text, 1, start=sunday, types=types) == ["0 08:00-09:00"]


def test_labour_day_2022_in_china():
    """In 2022 Labour Day was off from 30 April to 4 May, and 24 April and 7 May were worked (State Council notice)."""
    types = day_types("CN", date(2022, 4, 20), date(2022, 5, 10))

    assert {d for d in types.holidays if d.weekday() < 5} == {date(2022, 5, 2), date(2022, 5, 3), date(2022, 5, 4)}
    assert types.workdays == {date(2022, 4, 24), date(2022, 5, 7)}
    assert openings(OFFICE + "; PH off", types=types) == [
        f"{d} {span}" for d in (3, 4, 5) for span in ("08:30-12:00", "14:30-17:30")
    ]


def test_lists_of_dates_correct_the_public_calendar():
    """Days may be closed or worked by list; a day listed as worked is no holiday, and the other way round."""
    one, two = date(2022, 5, 3), date(2022, 5, 7)

    types = day_types("CN", MONDAY, date(2022, 5, 8), extra_holidays=[two], extra_workdays=[one])

    assert one not in types.holidays
    assert one in types.workdays
    assert two in types.holidays
    assert two not in types.workdays


def test_no_country_has_no_holidays():
    """With '' there are no public holidays; an unknown country is refused."""
    assert day_types("", MONDAY, date(2023, 5, 2)) == PLAIN
    with pytest.raises(ValueError, match="unknown country"):
        day_types("XX", MONDAY, MONDAY)


def test_known_through():
    """It is known up to which year make-up workdays are known."""
    assert known_through("CN") >= 2024
    assert known_through("") == 9999


@pytest.mark.parametrize(
    "text", ["Mo-Fr 8-25", "every day", "sunrise-sunset", "SH off", "Mo-Fr 08:00-12:00,11:00-13:00", "Mo-Fr 08:00-10:00-12:00"]
)
def test_what_is_no_opening_hours_is_refused(text):
    """A text that is not understood, or whose intervals overlap on a day, is refused with the text in the message."""
    with pytest.raises(ValueError, match="got '"):
        check_text(text)


@pytest.mark.parametrize("text", [OFFICE, ALL_DAY, "24/7", "Mo-Su 20:00-08:00", "Mo-Fr 09:00-17:00; PH off", "We[2] 09:00-11:00"])
def test_what_is_opening_hours_is_accepted(text):
    """The control of the refusals."""
    check_text(text)
