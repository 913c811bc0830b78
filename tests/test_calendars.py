"""Opening hours on real dates, with public holidays and make-up workdays, held against dates looked up by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from world import play

from simgov.calendars import ALL_DAY, DayTypes, calendar, check_text, day_types, known_through
from simgov.clock import DAY, HOUR
from simgov.errors import ScenarioError
from simgov.scenario import build

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
    """A make-up Saturday or Sunday has a Monday's hours, even when the Monday of its week is a holiday or before the period."""
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


# ── public holidays anywhere in a list: National Day 2022 was off from 1 to 7 October, and 8 and 9 October were worked ──

AUTUMN, OCTOBER = date(2022, 9, 26), day_types("CN", date(2022, 9, 18), date(2022, 10, 24))
TOO_OFF = "Mo-Fr 08:00-12:00; Sa-Su,PH off"


def total(text, start=AUTUMN, days=20, types=OCTOBER, **more):
    """Hours from 2022-09-26 to 2022-10-16, the last day not included."""
    return calendar(text, start, days, types, **more).hours.length(0, days * DAY) / HOUR


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        (TOO_OFF, 48),
        ("Mo-Fr 08:00-12:00; PH,Sa-Su off", 48),
        ("Mo-Fr 08:00-12:00; Sa,PH,Su off", 48),
        ("Mo-Fr 08:00-12:00; Sa , PH,  Su off", 48),
        ("Mo-Fr 08:00-12:00; Sa-Su off; PH off", 48),
        ("PH off; Mo-Fr 08:00-12:00", 48),
        ("Mo-Fr 08:00-12:00; PH closed", 48),
        ("Mo-Fr 08:00-12:00 open; ph off", 48),
        ("Mo-Fr 17:00-20:00; Sa-Su,PH 08:00-20:00", 132),
        ("Mo-Fr 17:00-20:00; PH,Sa-Su 08:00-20:00", 132),
        ("Sa-Su,PH 08:00-20:00; Mo-Fr 17:00-20:00", 132),
        ("Mo-Fr,PH 09:00-10:00", 5 + 7 + 2 + 5),
        ("PH,Mo-Fr 09:00-10:00", 5 + 7 + 2 + 5),
        ("Mo,PH,We 09:00-10:00", 2 + 7 + 2 + 2),
        ("Mo[1],PH 09:00-10:00", 7),  # the first Monday is a date, which no make-up day borrows
        ("Oct Mo-Fr,PH 09:00-12:00", (7 + 5) * 3 + 2 * 3),
        ("2022 Oct 01-03 PH 09:00-12:00", 3 * 3),
        ("Mo-Fr 08:00-12:00; PH off; 2022 Oct 03 PH 09:00-11:00", 48 + 2),
        ("Mo-Fr 08:00-12:00; PH off; 2022 Oct 03 09:00-11:00", 48 + 2),
        ("Mo-Fr 08:00-12:00; PH off; 2022 Oct 08 09:00-10:00", 48 - 4 + 1),
        ("Mo-Fr,PH 08:00-12:00; PH off", 48),
        ("PH off; Mo-Fr,PH 08:00-12:00", (12 + 7) * 4),
        ("PH 08:00-12:00; Oct PH 09:00-10:00", 7),
        ("PH 08:00-10:00, PH 11:00-12:00", 7 * 3),
        ("Mo-Fr 08:00-12:00; PH 09:00-10:00, PH 11:00-12:00", 48 + 7 * 2),
        ("Mo,PH 08:00-10:00, Tu,PH 11:00-12:00", (2 + 7 + 2) * 2 + 2 + 7),  # make-up days have the Monday's
        ("08:00-12:00; PH off", (20 - 7) * 4),
        ("24/7; PH off", 13 * 24),
        ("08:00-10:00, PH 11:00-12:00", 20 * 2 + 7),
    ],
)
def test_public_holidays_anywhere_in_a_list(text, hours):
    """Where PH stands in a list, or its rule in the text, does not matter; later rules for public holidays replace earlier ones."""
    assert total(text) == hours


@pytest.mark.parametrize(("makeup", "hours"), [(None, 48), (True, 48), (False, 40)])
def test_make_up_workdays_may_be_left_out(makeup, hours):
    """A calendar may say whether make-up workdays count for it; unsaid, they do where PH is named."""
    assert total(TOO_OFF, makeup_workdays=makeup) == hours
    assert total("Mo-Fr 08:00-12:00", makeup_workdays=makeup) == 60 + (8 if makeup else 0)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2022 Oct 08-2022 Oct 31 Mo-Fr 09:00-10:00; PH off", [8, 9, 10, 11, 12, 13, 14]),
        ("Oct 01-07 Mo-Fr 09:00-10:00; PH off", []),
        ("2022 Sep 30-2022 Oct 05 Mo-Fr 09:00-10:00; PH off", [30]),
        ("Nov-Sep Mo-Fr 09:00-10:00; PH off", [26, 27, 28, 29, 30]),
        ("week 40 Mo-Fr 09:00-10:00; PH off", [8, 9]),
        ("2022 Oct 08 Sa 09:00-10:00; PH off", []),
        ("2022 Oct 09 Fr-Mo 09:00-10:00; PH off", [9]),
        ("Mo[1] 09:00-10:00; PH off", []),  # 3 October, a holiday
        ("Tu,Mo[1-2] 09:00-10:00; PH off", [27, 10, 11]),
        ("Sa[2] 09:00-10:00; PH off", [8]),
        ("Oct 09 PH 09:00-10:00", []),
    ],
)
def test_a_make_up_workday_keeps_its_date(text, days):
    """It borrows its weekday alone: dates, months, weeks and the weekdays of a month are those of the day itself."""
    found = calendar(text, AUTUMN, 19, OCTOBER)

    assert [(AUTUMN + timedelta(seconds=a)).day for a, _ in found.openings] == days


def test_summer_and_winter_hours_on_make_up_workdays():
    """8 October 2022 has the hours of summer and the 9th those of winter, though both belong to the week of one Monday."""
    text = "May 01-Oct 08 Mo-Fr 15:00-18:00; Oct 09-Apr 30 Mo-Fr 14:00-17:00; PH off"

    assert openings(text, 2, date(2022, 10, 8), OCTOBER) == ["0 15:00-18:00", "1 14:00-17:00"]


def test_a_monday_meeting_in_october_2022():
    """Held on three days running (two make-up days, then the Monday), or on the Monday alone if make-up workdays do not count."""
    meeting = {made: calendar("Mo 09:00-10:00; PH off", AUTUMN, 20, OCTOBER, made) for made in (None, False)}

    assert [a // DAY for a, _ in meeting[None].openings] == [0, 12, 13, 14]
    assert [a // DAY for a, _ in meeting[False].openings] == [0, 14]


# ── as written ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tu 13:00-13:30,13:30-14:00", ["1 13:00-13:30", "1 13:30-14:00"]),
        ("Tu 13:30-14:00, 13:00-13:30", ["1 13:00-13:30", "1 13:30-14:00"]),
        ("Mo 09:00-10:00, Mo 10:00-11:00", ["0 09:00-10:00", "0 10:00-11:00"]),
        ("Mo 09:00-10:00,Mo 10:00-11:00", ["0 09:00-10:00", "0 10:00-11:00"]),
        ("Mo 09:00-10:00; Mo 10:00-11:00", ["0 10:00-11:00"]),
        ("Mo-Tu 09:00-10:00; Tu off", ["0 09:00-10:00"]),
        ("Mo 22:00-26:00; Tu 01:00-03:00", ["0 22:00-01:00", "1 01:00-03:00"]),
        ("Mo 22:00-02:00; Tu 10:00-12:00", ["0 22:00-02:00", "1 10:00-12:00"]),
        ("Mo 22:00-02:00; Tu off", ["0 22:00-02:00"]),
        ("Mo 08:00-08:00,08:00-08:30", None),
        ("Mo-Tu 08:00-08:00", ["0 08:00-08:00", "1 08:00-08:00"]),
        ("Mo 00:00-24:00", ["0 00:00-00:00"]),
        ("Mo 00:00-12:00,12:00-24:00", ["0 00:00-12:00", "0 12:00-00:00"]),
        ("Mo", ["0 00:00-00:00"]),
        ("Mo , We 09:00-10:00", ["0 09:00-10:00", "2 09:00-10:00"]),
        ("Fr-Mo 09:00-10:00", [f"{d} 09:00-10:00" for d in (0, 4, 5, 6)]),
        ("Mo off, Tu 09:00-10:00", ["1 09:00-10:00"]),
        ("Mo-Fr 09:00-12:00, We 11:00-13:00", None),
    ],
)
def test_openings_are_those_that_are_written(text, expected):
    """Each pair of clock times is an opening of the day on which it begins, touching or past midnight; none overlaps on its day."""
    if expected is None:
        with pytest.raises(ValueError, match="two of its intervals overlap"):
            openings(text)
    else:
        assert openings(text) == expected


def test_times_after_a_comma_and_a_blank():
    """`08:00-12:00, 14:00-16:00` are two intervals of the same days, not a rule of its own for every day of the week."""
    assert openings("Mo-Fr 08:00-12:00, 14:00-16:00") == openings("Mo-Fr 08:00-12:00,14:00-16:00")
    assert len(openings("Mo-Fr 08:00-12:00 , 14:00-16:00; PH off")) == 10


def test_the_hours_of_touching_openings_are_one_stretch():
    """Only gates and the like tell openings that touch apart; work goes on through them."""
    assert calendar("Tu 13:00-13:30,13:30-14:00", MONDAY, 7, PLAIN).hours.pairs == [(DAY + 13 * HOUR, DAY + 14 * HOUR)]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mo-Fr 08:00-12:00, PH off", "what follows a comma adds hours and cannot close; write off after a semicolon"),
        ("Mo-Fr 08:00-12:00,PH off", "what follows a comma adds hours and cannot close"),
        ("Mo-Fr 08:00-12:00, Sa-Su,PH 09:00-10:00", "begin a rule that names PH with a semicolon"),
        ("Mo-Fr 08:00-12:00; PH off; 09:00-10:00", "its rule for all days undoes the one for PH before it"),
        ("Mo-Fr 08:00-12:00; Tu 10:00-11:00 off", "off closes whole days; write the hours that are left"),
        ("Mo-Fr 08:00-12:00 closed", "off closes whole days"),
        ("Mo-Fr 08:00-12:00; PH -1 day off", "days moved by others are not understood here; write the dates"),
        ("Mo[1] +1 day 08:00-12:00", "days moved by others"),
        ("Mo-Fr 08:00-12:00; PH,SH off", "only clock times and dates are understood here"),
        ("Mo-Fr sunrise-12:00", "only clock times and dates"),
        ("easter off", "only clock times and dates"),
        ("Mo-Fr 08:00-12:00 || PH 09:00-10:00", "write the rule after a semicolon"),
        ('Mo-Fr 08:00-12:00 "by appointment"', "a comment would be lost here"),
        ("Mo-Fr 08:00-12:00; Sa unknown", "hours are open or not; unknown is neither"),
        ("Mo-Fr 08:00+", "an interval must have an end"),
        ("Mo-Fr 08:00-12:00+", "an interval must have an end"),
        ("Mo-Fr 08:00-12:00/01:30", "write each interval of a repetition by itself"),
        ("PH Mo-Fr 08:00-12:00", "the days of a list are separated by commas"),
        ("Mo-Fr PH off", "the days of a list are separated by commas"),
        ("Feb 30 08:00-12:00", "there is no Feb 30"),
        ("2022 Feb 29 08:00-12:00", "there is no Feb 29"),
        ("Oct 31-30 08:00-12:00", "of two dates, the earlier one comes first"),
        ("2022 Oct 03-2022 Oct 01 08:00-12:00", "of two dates, the earlier one comes first"),
        ("Oct 03-2022 Oct 05 08:00-12:00", "write the year at all of its dates, or at none"),
        ("2022 Oct 03,Nov 05 08:00-12:00", "write the year at all of its dates, or at none"),
        ("week 10-2 Mo 08:00-12:00", "weeks go from 1 to 53, the earlier one first"),
        ("Mo-Fr 08:00-12:00,11:00-13:00", "two of its intervals overlap on the same day"),
    ],
)
def test_what_cannot_be_honoured_is_refused(text, why):
    """A spelling of the grammar that could not be kept to the letter is refused with what to write instead, and never dropped."""
    with pytest.raises(ValueError, match="got '") as error:
        check_text(text)
    assert why in str(error.value)
    assert str(error.value).endswith(f"got '{text}'")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 1), ("Mo-Fr 8-25", 7), ("every day", 1), ("Mo-Fr 08:00-10:00-12:00", 18), ("Mo-Fr 08:60-09:00", 7), ("Mo-Fr 24:00-26:00", 7), ("Mo-Fr 22:00-49:00", 13),
        ("Mo, 09:00-10:00", 3), ("Mo 09:00-10:00; ", 17), ("Mo off, 10:00-11:00", 9), ("Mo-Fr 08:00-12:00 14:00-17:00", 19), ("2022-10-03 08:00-12:00", 6), ("Mo[6] 08:00-09:00", 4), ("Mo[2-1] 08:00-09:00", 6),
    ],
)  # fmt: skip
def test_what_is_no_opening_hours_is_refused(text, place):
    """A text that is not understood is refused, with the character at which it stops to be one."""
    with pytest.raises(ValueError, match="not opening hours such as") as error:
        check_text(text)
    assert str(error.value).endswith(f"got '{text}' (at character {place})")


@pytest.mark.parametrize("text", [OFFICE, ALL_DAY, "24/7", "Mo-Su 20:00-08:00", "Mo-Fr 09:00-17:00; PH off", "We[2] 09:00-11:00"])
def test_what_is_opening_hours_is_accepted(text):
    """The control of the refusals."""
    check_text(text)


# ── whatever counts openings ────────────────────────────────────────────────────────────────────────

HALVES = {"halves": "Tu 13:00-13:30,13:30-14:00", "day": ALL_DAY}
DESK = {"desk": {"at": "unit", "people": 2, "hours": "day"}}


def test_a_gate_opens_at_each_of_two_openings_that_touch():
    """Two matters of Tuesday noon at a gate that takes one: one at 13:00, the other at 13:30 of the same day."""
    run = play({"meet": {"by": "desk", "work": "1 min", "gate": {"opens": "halves", "takes": 1}}}, ("Tu 12:00", "Tu 12:00"), calendars=HALVES, teams=DESK)

    assert run.told("started") == ["Tu 13:00", "Tu 13:30"]


def test_births_at_openings_that_touch():
    """One at each opening of a calendar: two on a Tuesday."""
    classes = {"m": {"arrivals": {"each_opening": {"calendar": "halves"}, "per": "node", "of": "unit"}}}

    assert play({"meet": {"by": "desk", "work": "1 min"}}, classes=classes, calendars=HALVES, teams=DESK, days=7).facts("born") == ["Tu 13:00", "Tu 13:30"]


def test_a_due_at_the_next_of_two_openings_that_touch():
    """What comes in the first half hour is due at 13:30."""
    run = play({"meet": {"by": "desk", "work": "3h", "due": {"opening": "halves"}}}, "Tu 13:10", calendars=HALVES, teams=DESK)

    assert run.told("due") == ["Tu 13:30"]


def test_turns_of_duty_in_openings_that_touch():
    """Two people take turns in duty windows that touch: each has one half hour."""
    teams = {"desk": {"at": "unit", "people": 2, "hours": "office", "duty": {"hours": "late", "people": 1}}}
    calendars = {"late": "Mo 18:00-18:30,18:30-19:00"}
    run = play({"look": {"by": "desk", "work": "10 min", "hours": {"when": "duty"}}}, ("Mo 18:00", "Mo 18:40"), calendars=calendars, teams=teams)

    assert run.works("person start") == [(0, "Mo 18:00"), (1, "Mo 18:40")]


# ── in a scenario ───────────────────────────────────────────────────────────────────────────────────

SMALL = {
    "schema": 1,
    "period": ["2022-09-26", "2022-10-16"],
    "levels": {"unit": 1},
    "calendars": {"meeting": {"hours": "Mo 09:00-10:00; PH off", "makeup_workdays": False}, "weekly": "Mo 09:00-10:00; PH off"},
    "teams": {"desk": {"at": "unit", "hours": "weekly"}},
    "classes": {"event": {"arrivals": {"rate": 0.5, "per": "node"}, "enters": "look"}},
    "stages": {"look": {"by": "desk", "work": "30 min", "outcomes": {"closed": 1}}},
}


def test_a_scenario_says_whether_make_up_workdays_count():
    """A calendar is a text, or a mapping with the text and whether make-up workdays count; a setting may say it of a text, too."""
    scenario = build(SMALL)

    assert len(scenario.calendar("meeting").openings) == 2
    assert len(scenario.calendar("weekly").openings) == 4
    assert len(build(SMALL, {"calendars.weekly.makeup_workdays": False}).calendar("weekly").openings) == 2
    assert len(build(SMALL, {"calendars.meeting.hours": "We 09:00-10:00"}).calendar("meeting").openings) == 3


def test_overlaps_across_rules_are_told_of_a_scenario():
    """Intervals of two rules that overlap on a day of the period are refused, with the day."""
    with pytest.raises(ScenarioError, match=r"calendars.weekly: two of its intervals overlap on 2022-09-26, got 'Mo 09:00-10:00, Mo 09:30-11:00'"):
        build({**SMALL, "calendars": {**SMALL["calendars"], "weekly": "Mo 09:00-10:00, Mo 09:30-11:00"}})
