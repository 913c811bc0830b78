"""The measures: exact values by hand on tiny worlds, presence against a count of every second, intervals against their promise."""

from __future__ import annotations

from functools import reduce as reduce_
from operator import and_

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import scenarios
from world import HOUR, Run, matter, play, second, written

from simgov.clock import DAY, MINUTE, Hours
from simgov.measures import pool, reduce
from simgov.measures.at_work import at_work
from simgov.measures.compute import time_parts
from simgov.measures.pool import ratio, tabulate
from simgov.measures.presence import _on_duty, presence
from simgov.measures.sample import Lifetimes, sample
from simgov.measures.view import View
from simgov.vocabulary import DAYS, MEASURES, PARTS

LATE = {"late": "Mo-Fr 17:30-21:00"}
YEAR = 365.25 * DAY


def view(run):
    return View(run.plan, run.journal)


def rows_of(run):
    """(measure, its keys, numerator, denominator) of every row."""
    return list(reduce(run.plan, run.journal).rows())


def told(run, name):
    """{key: (numerator, denominator)} of a measure, its key columns joined by a blank."""
    return {" ".join(map(str, where.values())): (top, bottom) for measure, where, top, bottom in rows_of(run) if measure == name}


def value(run, name, key=""):
    top, bottom = told(run, name)[key]
    return top / bottom


def hours(run, name, team):
    """Hours in the window itself, not per year."""
    return value(run, name, team) * run.scenario.days * DAY / YEAR


def evenings(run, team):
    """Evenings in the window itself, per person and not per month."""
    return value(run, "evenings_per_person", team) * 12 * run.scenario.days * DAY / YEAR


def desk(**more):
    return {"desk": {"at": "unit", "hours": "office", **more}}


# ── the vocabulary ──────────────────────────────────────────────────────────────────────────────────


EVERYTHING = {
    "teams": {"leader": {"at": "unit"}, "desk": {"at": "street", "hours": "office", "duty": "late", "cost_per_hour": 40}},
    "classes": {"a": matter("Mo 09:00", "Mo 18:00"), "b": matter("Tu 09:00"), "chore": matter("Mo 08:30", background=True)},
    "calendars": LATE,
    "levels": {"unit": 2, "street": 1},
}
STAGES = {
    "handle": {"by": "leader", "work": "1h", "outcomes": {"a": {"closed": 0.5}}},
    "look": {"by": "desk", "triage": True, "work": "10 min", "hours": "duty", "due": "end_of_day", "outcomes": {"closed": 1}},
    "ask": {"by": "leader", "work": "5 min", "verify": {}},
}


def test_every_measure_of_the_vocabulary_is_computed_and_nothing_else():
    """A scenario with duty, dues, cost and several nodes yields each measure of the vocabulary, told apart by its own columns."""
    rows = rows_of(play(STAGES, **EVERYTHING))

    assert {name for name, *_ in rows} == set(MEASURES)
    for name, where, _, _ in rows:
        assert tuple(where) == MEASURES[name].by
    assert len({(name, *where.items()) for name, where, _, _ in rows}) == len(rows)


def test_every_row_of_a_pooled_table_is_there_in_the_order_of_the_vocabulary():
    """Pooling keeps one row per measure and key, in the order in which the vocabulary names them."""
    run = play(STAGES, **EVERYTHING)
    rows = rows_of(run)

    table = pool(tabulate(rows, 0))

    assert len(table) == len(rows)
    assert list(dict.fromkeys(table["measure"])) == list(MEASURES)


def test_rows_do_not_depend_on_what_happened():
    """With and without incidents a scenario has the same rows, so that replications can be put together."""
    def keys(run):
        return [(name, *where.items()) for name, where, _, _ in rows_of(run)]

    classes = {name: {**cls, "arrivals": {"list": []}} for name, cls in EVERYTHING["classes"].items()}

    assert keys(play(STAGES, **EVERYTHING)) == keys(play(STAGES, **{**EVERYTHING, "classes": classes}))


# ── closure ─────────────────────────────────────────────────────────────────────────────────────────


def ends():
    classes = {"good": matter("Mo 09:00", "Tu 09:00"), **{name: matter("We 09:00") for name in ("gone", "sued", "petty", "stuck")}}
    outcomes = {"good": {"closed": 1}, "gone": {"withdrawn": 1}, "sued": {"court": 1}, "petty": {"trifle": 1}, "stuck": {"never": 1}}
    known = {"withdrawn": {"in_denominator": False}, "court": {}, "trifle": {"in_numerator": True}}
    return play({"handle": {"by": "desk", "work": "1h", "outcomes": outcomes}}, classes=classes, ends=known)


def test_headline_counts_ends_as_they_say():
    """Of 2 closed, a withdrawn (left out), a lawsuit, a trifle (counts as closed) and a hopeless one, 3 of 5 are closed."""
    run = ends()

    assert told(run, "collected")["all"] == (6, 1)
    assert told(run, "headline_closure") == {"all": (3, 5), "good": (2, 2), "gone": (0, 0), "sued": (0, 1), "petty": (1, 1), "stuck": (0, 1)}


def test_what_is_counted_and_of_what():
    """All six were collected, the withdrawn one, too; two are closed; of those that ended and count (two closed, a lawsuit, a trifle) two were settled."""
    run = ends()

    assert told(run, "closed")["all"] == (2, 1)
    assert told(run, "settled_at_or_below")["all unit"] == (2, 6)
    assert told(run, "settled_of_ended") == {"all unit": (2, 4), "good unit": (2, 2), "gone unit": (0, 0), "sued unit": (0, 1), "petty unit": (0, 1), "stuck unit": (0, 0)}


def test_what_never_ends_is_open_and_what_left_is_not():
    """`never` is open stock; a named end is neither open nor closed."""
    run = ends()

    assert told(run, "open_stock") == {"all": (1, 1), "good": (0, 1), "gone": (0, 1), "sued": (0, 1), "petty": (0, 1), "stuck": (1, 1)}
    assert value(run, "open_age_median") == pytest.approx((14 * DAY - second("We 09:00")) / DAY)


def waits(days=40, warm_up=0, **cases):
    """Incidents that are closed after a wait: name=(when found, how long)."""
    classes = {name: matter(*([at] if isinstance(at, str) else at)) for name, (at, _) in cases.items()}
    return play({"handle": {"wait": {name: wait for name, (_, wait) in cases.items()}}}, classes=classes, days=days, warm_up=warm_up)


def test_cohort_closure_counts_only_who_could_be_followed_that_long():
    """Within d days (the last second included) of those found d days or more before the census."""
    run = waits(a=("Mo 00:00", "1 day"), b=("Mo 00:00", "2 days"), c=("Mo 00:00", "10 days"), d=("We6 00:00", "2 days"), e=("Fr6 12:00", "1h"))

    rows = told(run, "cohort_closure")
    assert [rows[f"all {days}"] for days in DAYS] == [(1, 4), (3, 4), (2, 3), (3, 3)]
    assert rows["e 1"] == (0, 0)


def test_one_second_late_is_late():
    """A closing one second after a day is not within the day, and who was found one second too late is not in the cohort."""
    run = waits(a=("Mo 00:00", "86401 s"), b=("Mo2 00:00:01", "1h"), days=8)

    rows = told(run, "cohort_closure")
    assert rows["all 1"] == (0, 1)
    assert rows["all 7"] == (1, 1)


def test_time_to_closure_is_a_kaplan_meier_quantile():
    """Closed after 1, 2 and 10 hours, one censored after 5: the median is 2 hours, and 90 % are reached after 10."""
    run = waits(days=1, a=("Mo 00:00", "1h"), b=("Mo 00:00", "2h"), c=("Mo 00:00", "10h"), d=("Mo 19:00", "9h"))

    assert value(run, "time_to_closure_median", "all") == 2
    assert value(run, "time_to_closure_p90", "all") == 10
    assert told(run, "time_to_closure_median")["d"] == (0, 0)


def test_kaplan_meier_against_the_product_limit_by_hand():
    """1, 2+, 3, 4+, 5 with + censored: survival 4/5, 4/5 x 2/3, 0; the 20 % quantile is 1, the 40 % quantile 3, the 90 % quantile 5."""
    lasted, sure = np.array([1, 2, 3, 4, 5]), np.array([True, False, True, False, True])

    def quantile(n, share):
        return Lifetimes(sample(lasted[:n][sure[:n]]), sample(lasted[:n][~sure[:n]])).quantile(share)

    assert [quantile(5, share) for share in (0.2, 0.4, 0.9)] == [1, 3, 5]
    assert np.isnan(quantile(4, 0.9))
    assert np.isnan(quantile(0, 0.5))


def test_who_left_otherwise_stays_at_risk_to_the_census():
    """Of one closed after an hour and one withdrawn, half are closed: leaving does not make closing look quicker."""
    stages = {"handle": {"wait": "1h", "outcomes": {"a": {"closed": 1}, "b": {"withdrawn": 1}}}}
    run = play(stages, classes={"a": matter("Mo 00:00"), "b": matter("Mo 00:00", "Mo 00:00")}, ends={"withdrawn": {}}, days=1)

    assert told(run, "time_to_closure_median")["all"] == (0, 0)


# ── levels ──────────────────────────────────────────────────────────────────────────────────────────


def chain(easy, hard, **more):
    stages = {
        "handle": {"by": "leader", "work": "1h", "outcomes": {"easy": {"closed": 1}, "hard": {}}},
        "look": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}},
        **more.pop("stages", {}),
    }
    teams = {"leader": {"at": "unit"}, "desk": {"at": "street", "hours": "office"}}
    return play(stages, classes={"easy": matter(*easy), "hard": matter(*hard)}, teams=teams, levels={"unit": 1, "street": 1}, **more)


def test_settled_by_level_and_class():
    """Three settled at the unit, one at the street, one that waits at the street: 3 of 5, 4 of 5; of those who reach it 3 of 5, 1 of 2."""
    run = chain(("Mo 09:00", "Mo 10:00", "Mo 11:00"), ("Tu 09:00", "Su2 20:00"))

    below, here = told(run, "settled_at_or_below"), told(run, "settled_of_reached")
    assert (below["all unit"], below["all street"]) == ((3, 5), (4, 5))
    assert (here["all unit"], here["all street"]) == ((3, 5), (1, 2))
    assert (below["easy unit"], below["hard unit"], below["hard street"]) == ((3, 3), (0, 2), (1, 2))
    assert (here["easy street"], here["hard street"]) == ((0, 0), (1, 2))


def test_a_stage_without_people_has_the_level_of_the_visit_before():
    """A matter that is closed in a wait after the street's look was settled at the street."""
    stages = {"look": {"by": "desk", "work": "1h"}, "paper": {"lead": "1h", "outcomes": {"closed": 1}}}
    run = chain((), ("Tu 09:00",), stages=stages)

    assert told(run, "settled_at_or_below")["all unit"] == (0, 1)
    assert told(run, "settled_of_reached")["all street"] == (1, 1)


def test_hops_and_send_backs():
    """Unit, street, back to the unit, closed: three stages and one move down; the return visit is a stage and no move."""
    stages = {
        "handle": {"by": "leader", "work": "1h"},
        "look": {"by": "desk", "work": "1h", "outcomes": {"again": 1}},
        "again": {"by": "leader", "work": "1h", "outcomes": {"closed": 1}},
        "ask": {"by": "desk", "work": "5 min", "verify": {}},
    }
    teams = {"leader": {"at": "unit"}, "desk": {"at": "street"}}
    run = play(stages, ("Mo 09:00",), teams=teams, levels={"unit": 1, "street": 1})

    assert run.path() == ["handle", "look", "again", "ask"]
    assert told(run, "hops")[""] == (4, 1)
    assert told(run, "send_backs")[""] == (1, 1)


def test_reopening_at_a_higher_level_is_no_send_back():
    """Closed at the unit, asked by the district, reopened at the street: nobody sent it back."""
    teams = {"leader": {"at": "unit"}, "desk": {"at": "street"}, "asker": {"at": "district"}}
    stages = {
        "handle": {"by": "leader", "work": "1h", "outcomes": {"closed": {"chance": 1, "solved": 0}}},
        "look": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}},
        "ask": {"by": "asker", "work": "5 min", "verify": {"of": ["handle"], "unsolved": {"look": 1}}},
    }
    run = play(stages, ("Mo 09:00",), teams=teams, levels={"unit": 1, "street": 1, "district": 1})

    assert run.path() == ["handle", "ask", "look"]
    assert told(run, "send_backs")[""] == (0, 1)


# ── triage and dues ─────────────────────────────────────────────────────────────────────────────────

LOOK = {"look": {"by": "desk", "triage": True, "work": "10 min", "outcomes": {"closed": 1}}}


def test_triage_delay_and_same_day():
    """Triaged at once, on the next morning and after the weekend: 1 of 3 on its day; delays of 1/6, 14 2/3 and 46 2/3 hours."""
    run = play(LOOK, ("Mo 09:00", "Mo 18:00", "Sa 10:00"))

    assert told(run, "same_day_triage") == {"unit": (1, 3)}
    assert value(run, "triage_delay_median", "unit") == pytest.approx(14 + 2 / 3)
    assert value(run, "triage_delay_p90", "unit") == pytest.approx(14 + 2 / 3 + 0.8 * 32)


def test_time_to_triage_counts_from_the_finding_to_the_first_triage():
    """Found, an hour of something else, ten minutes of triage, a second triage later: 70 minutes."""
    stages = {"wait": {"wait": "1h"}, "look": {**LOOK["look"], "outcomes": {"more": 1}}, "more": {**LOOK["look"]}}
    run = play(stages, ("Mo 09:00",))

    assert value(run, "time_to_triage_median", "all") == pytest.approx(70 / 60)
    assert value(run, "time_to_triage_p90", "all") == pytest.approx(70 / 60)


def test_triage_that_has_not_happened_has_no_time():
    """Who waits for triage at the census is in no quantile; his day that ends before the census counts as missed."""
    run = play(LOOK, ("Sa 10:00",), days=7)

    assert told(run, "triage_delay_median") == {"unit": (0, 0)}
    assert told(run, "time_to_triage_median") == {"all": (0, 0), "matter": (0, 0)}
    assert told(run, "same_day_triage") == {"unit": (0, 1)}


def test_a_day_that_ends_at_the_census_is_not_judged():
    """What comes on the last day is due at the census and not before it: neither numerator nor denominator."""
    run = play({"look": {**LOOK["look"], "due": "end_of_day"}}, ("Mo 09:00", "Tu 09:00"), days=2)

    assert told(run, "same_day_triage") == {"unit": (1, 1)}
    assert told(run, "due_met") == {"look": (1, 1)}


def test_midnight_itself_is_still_the_same_day():
    """Left in the second of midnight: the day's triage was done, as the due of the day was met; one second later it was not."""
    def run(work):
        return play({"look": {**LOOK["look"], "work": work, "due": "end_of_day"}}, ("Mo 20:00",), teams={"desk": {"at": "unit"}})

    for measure, key in (("same_day_triage", "unit"), ("due_met", "look")):
        assert told(run("4h"), measure)[key] == (1, 1)
        assert told(run("14401 s"), measure)[key] == (0, 1)


@pytest.mark.parametrize("then", [{"move": "up"}, "close"])
def test_who_is_moved_on_by_the_due_was_not_triaged(then):
    """A due that moves an untouched matter on at midnight has been missed, and nobody has assessed the matter."""
    stages = {"look": {**LOOK["look"], "due": {"at": "end_of_day", "then": then}}, "up": {"wait": "1h", "outcomes": {"closed": 1}}}
    run = play(stages, ("Mo 18:00",))

    assert run.told("left", "look") == ["Tu 00:00"]
    assert told(run, "same_day_triage")["unit"] == (0, 1)
    assert told(run, "due_met")["look"] == (0, 1)
    assert told(run, "overdue")["look"] == (1, 1)
    assert told(run, "time_to_triage_median")["all"] == (0, 0)
    assert told(run, "triage_delay_median")["unit"] == (0, 0)


def test_due_met_and_overdue():
    """Of three that come at once and take half an hour each, the second meets a due of an hour to the second, the third is late."""
    run = play({"look": {"by": "desk", "work": "30 min", "due": "1h"}, "rest": {"wait": "1h"}}, ("Mo 09:00",) * 3)

    assert told(run, "due_met") == {"look": (2, 3)}
    assert told(run, "overdue") == {"look": (1, 1)}


def test_a_due_beyond_the_census_is_not_judged():
    """A due that falls on the census or later is neither met nor overdue."""
    run = play({"look": {"by": "desk", "work": "30 min", "due": "12h"}}, ("Mo 11:00", "Mo 12:00"), days=1)

    assert told(run, "due_met") == {"look": (1, 1)}
    assert told(run, "overdue") == {"look": (0, 1)}


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def at_duty(when, *moments, people=2, turns=None, work="30 min", **more):
    duty = {"hours": "late", "people": turns} if turns else "late"
    stages = {"look": {"by": "desk", "triage": True, "work": work, "hours": {"when": when, "at_close": "finish"}, "outcomes": {"closed": 1}}}
    return play(stages, moments, teams=desk(people=people, duty=duty), calendars=LATE, **more)


def test_a_duty_window_that_no_stage_uses_is_not_staffed():
    """Two people, ten office days of 6.5 hours: 130 rostered hours, nothing outside regular hours, no evening."""
    run = at_duty("regular")

    assert hours(run, "rostered_hours", "desk") == pytest.approx(130)
    assert hours(run, "off_hours_presence", "desk") == 0
    assert value(run, "evenings_per_person", "desk") == 0


def test_presence_of_all_on_duty():
    """Two people on ten evenings of 3.5 hours: 70 hours, work or no work; each has ten evenings in 14 days."""
    run = at_duty("duty")

    assert hours(run, "off_hours_presence", "desk") == pytest.approx(70)
    assert hours(run, "rostered_hours", "desk") == pytest.approx(200)
    assert value(run, "evenings_per_person", "desk") == pytest.approx(10 / (12 * 14 / 365.25))
    assert hours(run, "off_hours_triage_work", "desk") == 0


def test_presence_by_turns():
    """One of two each evening: half of it."""
    run = at_duty("duty", turns=1)

    assert hours(run, "off_hours_presence", "desk") == pytest.approx(35)
    assert value(run, "evenings_per_person", "desk") == pytest.approx(5 / (12 * 14 / 365.25))


def test_presence_until_the_board_is_clear():
    """Work in hand at 17:30 keeps both until it is done at 17:50; what comes at 18:00 finds nobody and waits for the morning."""
    run = at_duty("until_clear", "Mo 17:20", "Tu 18:00")

    assert run.told("started finished") == [("Mo 17:20", "Mo 17:50"), ("We 08:30", "We 09:00")]
    assert hours(run, "off_hours_presence", "desk") == pytest.approx(2 / 3)
    assert value(run, "evenings_per_person", "desk") == pytest.approx(1 / (12 * 14 / 365.25))
    assert hours(run, "off_hours_triage_work", "desk") == pytest.approx(1 / 3)


def test_presence_ends_with_the_window_when_the_board_is_not_clear():
    """Five hours of work begun at 17:00 keep both people until 21:00; the one who is at work goes on for an hour of overtime."""
    run = at_duty("until_clear", "Mo 17:00", work="5h")

    assert hours(run, "rostered_hours", "desk") == pytest.approx(130 + 7)
    assert hours(run, "overtime_hours", "desk") == pytest.approx(1)
    assert hours(run, "off_hours_presence", "desk") == pytest.approx(8)
    assert evenings(run, "desk") == pytest.approx(1)


def test_a_duty_window_around_office_hours_is_one_evening():
    """Duty from 08:00 to 21:00 surrounds the office hours: 6.5 hours outside them, in three pieces, on one day."""
    stages = {"look": {"by": "desk", "work": "1h", "hours": "duty"}}
    run = play(stages, (), teams=desk(duty="long"), calendars={"long": "Mo 08:00-21:00"}, days=7)

    assert hours(run, "off_hours_presence", "desk") == pytest.approx(6.5)
    assert value(run, "evenings_per_person", "desk") == pytest.approx(1 / (12 * 7 / 365.25))


def test_engaged_hours_count_background_and_rates_do_not():
    """An hour of an incident and two of a chore: three engaged hours, one incident collected."""
    stages = {"handle": {"by": "desk", "work": {"matter": "1h", "chore": "2h"}, "outcomes": {"closed": 1}}}
    run = play(stages, classes={"matter": matter("Mo 08:30"), "chore": matter("Mo 08:30", background=True)})

    assert hours(run, "engaged_hours", "desk") == pytest.approx(3)
    assert told(run, "collected") == {"all": (1, 1), "matter": (1, 1)}
    assert told(run, "headline_closure") == {"all": (1, 1), "matter": (1, 1)}
    assert told(run, "hops")[""] == (1, 1)
    assert told(run, "solved")[""] == (1, 1)


def test_background_is_left_out_of_every_rate():
    """Chores that are late, hidden, reopened or never done change no measure but those of people."""
    stages = {
        "handle": {"by": "leader", "triage": True, "work": "1h", "due": "2h", "outcomes": {"matter": {"closed": 1}, "chore": {"never": 0.5, "closed": {"chance": 0.5, "solved": 0}}}},
        "ask": {"by": "desk", "work": "5 min", "verify": {}},
    }
    teams = {"leader": {"at": "unit", "people": 9}, "desk": {"at": "unit", "people": 9}}
    chores = matter(*["Mo 09:00"] * 5, background=True, returns={"chance": 1, "after": "1h"})
    runs = [play(stages, classes={"matter": matter("Mo 08:30"), "chore": {**chores, **extra}}, teams=teams) for extra in ({}, {"arrivals": {"list": []}})]

    many, none = ([row for row in rows_of(run) if "team" not in MEASURES[row[0]].by] for run in runs)
    assert len(runs[0].journal.incidents.incident) > 6
    assert many == none


def test_cost_is_paid_for_presence():
    """130 regular hours and 70 on duty at 40 yuan; who is unpaid costs nothing."""
    paid = play({"look": {**LOOK["look"], "hours": "duty"}}, (), teams=desk(people=2, duty="late", cost_per_hour=40), calendars=LATE)
    unpaid = play(LOOK, (), teams=desk(people=2, cost_per_hour=40, unpaid=True))

    assert hours(paid, "cost", "desk") == pytest.approx(200 * 40)
    assert told(unpaid, "cost") == {}


def test_people_who_are_not_ours_have_no_hours():
    """An unlimited team has no row."""
    run = play(LOOK, ("Mo 09:00",), teams={"desk": {"at": "unit", "people": "unlimited"}})

    assert told(run, "rostered_hours") == told(run, "engaged_hours") == {}


def test_rostered_hours_follow_rosters_and_changes():
    """Two people for a week and one for the next: 32.5 x 3 hours."""
    run = play(LOOK, (), teams=desk(people={"roster": {"2022-05-02": 2, "2022-05-09": 1}}))

    assert hours(run, "rostered_hours", "desk") == pytest.approx(32.5 * 3)


def test_inequality_between_nodes():
    """Two units, one of which does all: a Gini coefficient of a half; equal work gives nothing."""
    arrivals = [{"list": [{"at": "2022-05-02 09:00", "node": node} for node in nodes]} for nodes in (["unit-1"] * 2, ["unit-1", "unit-2"])]
    alone, even = (play(LOOK, classes={"matter": {"arrivals": a}}, levels={"unit": 2}) for a in arrivals)

    assert value(alone, "inequality", "desk") == pytest.approx(0.5)
    assert value(even, "inequality", "desk") == pytest.approx(0)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8).filter(any))
@settings(max_examples=50)
def test_gini_is_half_the_relative_mean_difference(values):
    """Gini = mean absolute difference between all pairs over twice the mean."""
    pairs = [abs(a - b) for a in values for b in values]

    assert sample(np.array(values)).gini == pytest.approx(np.mean(pairs) / (2 * np.mean(values)))


# ── overtime ────────────────────────────────────────────────────────────────────────────────────────


def long_jobs(at_close="finish", on_call=0, **more):
    """Jobs of twelve hours for one person at 40 yuan an hour, who is there five days from 09:00 to 17:00."""
    hours_ = {"at_close": at_close, "on_call": on_call, "on_call_hours": "always"} if on_call else at_close
    teams = {"desk": {"at": "unit", "hours": "day", "cost_per_hour": 40, **more}}
    stages = {"handle": {"by": "desk", "work": "12h", "hours": hours_, "outcomes": {"closed": 1}}}
    return play(stages, ("Mo 09:00",) * 9, teams=teams, calendars={"day": "Mo-Fr 09:00-17:00"}, days=7)


def test_overtime_is_measured_and_paid():
    """Five of five jobs end at 21:00 after four hours of overtime: 20 h on five evenings, and 60 hours to pay; paused ones take 40 and close three."""
    finish, pause = long_jobs(), long_jobs("pause")

    assert [told(run, "closed")["all"][0] for run in (finish, pause)] == [5, 3]
    assert [hours(run, "rostered_hours", "desk") for run in (finish, pause)] == pytest.approx([40, 40])
    assert [hours(run, "engaged_hours", "desk") for run in (finish, pause)] == pytest.approx([60, 40])
    assert [hours(run, "overtime_hours", "desk") for run in (finish, pause)] == pytest.approx([20, 0])
    assert [hours(run, "off_hours_presence", "desk") for run in (finish, pause)] == pytest.approx([20, 0])
    assert [evenings(run, "desk") for run in (finish, pause)] == pytest.approx([5, 0])
    assert [hours(run, "cost", "all") for run in (finish, pause)] == pytest.approx([60 * 40, 40 * 40])
    assert [hours(run, "cost", "desk") for run in (finish, pause)] == pytest.approx([60 * 40, 40 * 40])


def test_work_on_call_is_overtime():
    """Nine jobs of twelve hours round the clock, to Friday 21:00: 108 hours, of which 40 are rostered; the rest begins on five evenings."""
    run = long_jobs(on_call=1)

    assert hours(run, "engaged_hours", "desk") == pytest.approx(108)
    assert hours(run, "overtime_hours", "desk") == hours(run, "off_hours_presence", "desk") == pytest.approx(68)
    assert evenings(run, "desk") == pytest.approx(5)
    assert hours(run, "cost", "all") == pytest.approx(108 * 40)


def test_overtime_in_a_staffed_duty_window_is_not_counted_twice():
    """On duty to 20:00 and at work to 21:00: three hours of duty are rostered, one is overtime, on each of five evenings."""
    duty = {"calendars": {"late": "Mo-Fr 17:00-20:00", "day": "Mo-Fr 09:00-17:00"}, "days": 7}
    stage = {"by": "desk", "work": "12h", "outcomes": {"closed": 1}}
    teams = {"desk": {"at": "unit", "hours": "day", "duty": "late", "cost_per_hour": 40}}
    staffed, on_paper = (
        play({"handle": {**stage, "hours": {"when": when, "at_close": "finish"}}}, ("Mo 09:00",) * 9, teams=teams, **duty) for when in ("duty", "regular")
    )

    assert [hours(run, "rostered_hours", "desk") for run in (staffed, on_paper)] == pytest.approx([55, 40])
    assert [hours(run, "overtime_hours", "desk") for run in (staffed, on_paper)] == pytest.approx([5, 20])
    assert [hours(run, "off_hours_presence", "desk") for run in (staffed, on_paper)] == pytest.approx([20, 20])
    assert [evenings(run, "desk") for run in (staffed, on_paper)] == pytest.approx([5, 5])
    assert [hours(run, "cost", "all") for run in (staffed, on_paper)] == pytest.approx([60 * 40, 60 * 40])


def test_a_night_of_duty_and_overtime_is_one_evening():
    """Duty from 22:00 to 06:00 and an hour of work beyond it is one stretch, of the evening on which it began."""
    stage = {"by": "desk", "work": "9h", "hours": {"when": "duty", "at_close": "finish"}, "outcomes": {"closed": 1}}
    teams = {"desk": {"at": "unit", "hours": "office", "duty": "night"}}
    run = play({"handle": stage}, ("Mo 22:00",), teams=teams, calendars={"night": "Mo 22:00-06:00"}, days=7)

    assert run.works("start end") == [("Mo 22:00", "Tu 07:00")]
    assert hours(run, "overtime_hours", "desk") == pytest.approx(1)
    assert evenings(run, "desk") == pytest.approx(1)


def test_who_finishes_after_having_left_works_overtime_but_no_evening():
    """A seconded person who is gone from Tuesday and finishes on that day in the team's hours: four hours that nobody rostered, by day."""
    teams = {"desk": {"at": "unit", "hours": "day", "windows": [{"to": "2022-05-03"}], "cost_per_hour": 40}}
    stages = {"handle": {"by": "desk", "work": "12h", "outcomes": {"closed": 1}}}
    run = play(stages, ("Mo 09:00",), teams=teams, calendars={"day": "Mo-Fr 09:00-17:00"}, days=7)

    assert run.works("start end") == [("Mo 09:00", "Tu 13:00")]
    assert hours(run, "rostered_hours", "desk") == pytest.approx(8)
    assert hours(run, "overtime_hours", "desk") == pytest.approx(4)
    assert evenings(run, "desk") == 0
    assert hours(run, "cost", "all") == pytest.approx(12 * 40)


def test_cost_of_all_teams_together_comes_first():
    """Two paid teams, one without a price and one unpaid: the sum of the two, before them; where nobody has a price there is no row."""
    teams = {"a": {"cost_per_hour": 10}, "b": {"cost_per_hour": 30, "people": 2}, "c": {}, "d": {"cost_per_hour": 5, "unpaid": True}}
    stages = {"look": {"by": {"any": list(teams)}, "work": "1h", "outcomes": {"closed": 1}}}
    run, free = (play(stages, (), teams={n: {"at": "unit", "hours": "office", **(t if paid else {})} for n, t in teams.items()}) for paid in (True, False))

    table = pool(tabulate(reduce(run.plan, run.journal).rows(), 0))
    assert table.loc[table["measure"] == "cost", "team"].tolist() == ["all", "a", "b"]
    assert hours(run, "cost", "all") == pytest.approx(65 * 10 + 2 * 65 * 30)
    assert told(free, "cost") == {}


# ── work that crosses an end of the window ──────────────────────────────────────────────────────────


def crossing(at_close="pause", warm_up="1 day", days=3, work="20h", **more):
    """Twenty hours of work from Monday 09:00, in days of 8 hours, seen from Tuesday to Wednesday night."""
    teams = {"desk": {"at": "unit", "hours": "day", **more}}
    stages = {"handle": {"by": "desk", "triage": True, "work": work, "hours": at_close, "outcomes": {"closed": 1}}}
    calendars = {"day": "Mo-Fr 09:00-17:00", "late": "Mo-Fr 17:00-20:00"}
    return play(stages, ("Mo 09:00",), teams=teams, calendars=calendars, days=days, warm_up=warm_up)


def in_window(run, name):
    return told(run, name)["desk"][0] * (run.scenario.days * DAY - run.scenario.warm_up) / YEAR


@pytest.mark.parametrize(
    ("parts", "rostered", "engaged", "overtime", "late"),
    [
        pytest.param({}, 16, 12, 0, 0, id="paused over two nights: 8 h of 20 are before the window"),
        pytest.param({"work": "40h"}, 16, 16, 0, 0, id="goes on at the census"),
        pytest.param({"at_close": "finish"}, 16, 5, 5, 5, id="without a stop to Tuesday 05:00"),
        pytest.param({"at_close": "finish", "work": "40h"}, 16, 25, 17, 17, id="without a stop to Wednesday 01:00"),
        pytest.param({"at_close": {"when": "duty", "at_close": "pause"}, "duty": "late"}, 22, 9, 0, 1, id="11 h a day, of which 3 on duty"),
        pytest.param({"at_close": {"on_call": 1, "on_call_hours": "always"}}, 16, 5, 5, 5, id="on call, round the clock"),
        pytest.param({"warm_up": "12h"}, 21, 17, 0, 0, id="the window opens while it is at work"),
        pytest.param({"at_close": "finish", "warm_up": "19h"}, 16, 10, 10, 10, id="the window opens in overtime"),
        pytest.param({"warm_up": "2 days", "work": "9h"}, 8, 0, 0, 0, id="done before the window"),
    ],
)  # fmt: skip
def test_engaged_hours_are_cut_at_both_ends_of_the_window(parts, rostered, engaged, overtime, late):
    """What began before the window counts from its first second, what goes on at the census up to it; what rests does not count."""
    run = crossing(**parts)

    assert in_window(run, "rostered_hours") == pytest.approx(rostered)
    assert in_window(run, "engaged_hours") == pytest.approx(engaged)
    assert in_window(run, "overtime_hours") == pytest.approx(overtime)
    assert in_window(run, "off_hours_triage_work") == pytest.approx(late)


def test_a_window_is_as_busy_as_the_weeks_before():
    """One job of 26 hours after the other keeps a desk of 32.5 hours a week busy for ever: 100 % of any window, and not what began in it."""
    stages = {"handle": {"by": "desk", "work": "26h", "outcomes": {"closed": 1}}}
    run = play(stages, ("Mo 08:30",) * 9, days=21, warm_up="7 days")

    assert told(run, "engaged_hours")["desk"] == told(run, "rostered_hours")["desk"]


def at_work_by_person(run):
    """{(pool, person): seconds at work} by R23, from the visit, the step and the shifts of all who work together; of rows of work also what the journal says of them."""
    plan, horizon = run.plan, run.journal.horizon
    crowd, steps = plan.crowd, plan.procedure.steps
    shift = {(p, n): crowd.shifts[s] for p, n, s in zip(crowd.person_pool.tolist(), crowd.person_number.tolist(), crowd.person_shift.tolist(), strict=True)}
    visits = {(v.incident, v.visit, v.part): v for v in run.rows("visits")}
    crews, found, told = {}, {}, []
    for w in run.rows("work"):
        crews.setdefault((w.incident, w.visit, w.part), []).append(shift.get((w.pool, w.person), crowd.shifts[crowd.pool_shift[w.pool]]))
    for w in run.rows("work"):
        visit, each = visits[w.incident, w.visit, w.part], []
        for who in crews[w.incident, w.visit, w.part]:
            hours = who.work_regular | who.work_duty if steps.when[visit.step] else who.work_regular
            each.append(hours | plan.calendar_hours[steps.on_call_hours[visit.step]] if visit.reached else hours)
        allowed = reduce_(and_, each)
        day = next(a // DAY for a, b in allowed.pairs if a <= w.start < b)
        closing = max(b for a, b in allowed.pairs if a // DAY == day)
        stop = w.end if w.end >= 0 else horizon
        seconds = filled(allowed, horizon)
        if steps.finish[visit.step]:
            seconds[closing:] = True
        seconds[: w.start] = seconds[stop:] = False
        found.setdefault((w.pool, w.person), np.zeros(horizon + 1, bool))[:] |= seconds
        own = shift.get((w.pool, w.person), crowd.shifts[crowd.pool_shift[w.pool]])
        regular = np.count_nonzero(seconds & filled(own.work_regular, horizon))
        told.append(((w.regular, w.off_hours), (regular, np.count_nonzero(seconds) - regular)))
    return found, told


def first_days(seconds):
    """The days on which stretches of seconds begin."""
    begins = np.flatnonzero(seconds & ~np.append(False, seconds[:-1]))
    return len(set((begins // DAY).tolist()))


@given(data=scenarios(None), warm_up=st.integers(0, 47))
@settings(max_examples=40)
def test_overtime_and_engaged_hours_against_a_count_of_every_second(data, warm_up):
    """In any scenario and window: who is at work when, second by second; what of it nobody rostered; on how many days that makes it an evening."""
    run = Run({**data, "warm_up": f"{warm_up} h"})
    seen = view(run)
    work, told_ = at_work_by_person(run)
    there, (kind, duty) = presence(seen), _on_duty(seen)
    crowd, horizon, start = run.plan.crowd, run.journal.horizon, seen.start
    total = {name: np.zeros(len(crowd.pool_team), np.int64) for name in ("engaged", "overtime", "evenings")}
    for k, (pool_, number, shift) in enumerate(zip(crowd.person_pool.tolist(), crowd.person_number.tolist(), crowd.person_shift.tolist(), strict=True)):
        on_duty, busy_ = filled(Hours(zip(*(x.tolist() for x in duty.only(duty.owner == kind[k])[1:]), strict=True)), horizon), work.get((pool_, number), np.zeros(horizon + 1, bool))
        regular, usual = (filled(hours, horizon) for hours in (crowd.shifts[shift].regular, crowd.shifts[shift].work_regular))
        window = np.arange(horizon + 1) >= start
        overtime = window & busy_ & ~regular & ~on_duty
        evenings_ = first_days(on_duty | (overtime & ~usual))
        for name, amount in (("engaged", (window & busy_).sum()), ("overtime", overtime.sum()), ("evenings", evenings_)):
            total[name][pool_] += amount

    assert all(journal == counted for journal, counted in told_)
    assert there.overtime.tolist() == total["overtime"].tolist()
    assert there.evenings.tolist() == total["evenings"].tolist()
    engaged = np.bincount(seen.work.pool, at_work(seen)[0] * (seen.work.person >= 0), minlength=len(crowd.pool_team))
    assert engaged.tolist() == total["engaged"].tolist()
    assert (engaged <= there.regular + there.duty + there.overtime).all()


# ── presence, counted second by second ──────────────────────────────────────────────────────────────


SHARED = {
    "any": {"by": {"any": ["ants", "bees"]}}, "all": {"by": {"all": ["ants", "bees"]}}, "each": {"by": {"each": ["ants", "bees"]}},
    "read": {"by": {"any": ["ants"], "read": ["bees"]}}, "two": {"by": {"team": "ants", "people": 2}},
}  # fmt: skip


def busy(by, seed, **more):
    """Four days of random work of two teams that stay until the board is clear; hours that differ and touch."""
    hours = {"when": "until_clear", "at_close": "finish"}
    stages = {"look": {**SHARED[by], "work": {"exponential": "50 min"}, "hours": hours}, "rest": {"by": "bees", "work": {"exponential": "20 min"}, "hours": hours, "outcomes": {"closed": 1}}}
    teams = {
        "ants": {"at": "unit", "people": 2, "hours": "office", "duty": {"hours": "late", **more}},
        "bees": {"at": "unit", "people": 1, "hours": "early", "duty": "noon"},
    }
    calendars = {"late": "Mo-Su 12:00-13:00,17:30-21:00", "early": "Mo-Su 08:30-12:00", "noon": "Mo-Su 11:00-13:00,20:00-02:00"}
    classes = {"matter": {"arrivals": {"rate": 9, "per": "node"}}}
    return Run(written(stages, classes=classes, teams=teams, calendars=calendars, days=4), seed)


def seconds_present(run, team):
    """By person: the seconds outside regular hours in which the rule keeps them, one second after the other."""
    crowd, horizon = run.plan.crowd, run.journal.horizon
    pool_number = crowd.teams.index(team)
    outstanding = np.zeros(horizon + 1, bool)
    working = {(w.incident, w.visit, w.part): w for w in run.rows("work")}
    for v in run.rows("visits"):
        by = run.scenario.stages[v.stage].by["other"]
        needs = [n.team for n in by.needs] if v.part == 0 else [by.needs[v.part - 1].team] if v.part > 0 else [by.read[-1 - v.part].team]
        if by.mode == "each" and v.part == 0:
            continue  # its parts wait and work
        waits_until = v.started if v.started >= 0 else horizon
        if v.released >= 0 and team in needs:
            outstanding[v.released : waits_until] = True
    for w in run.rows("work"):
        if w.team == team:
            outstanding[w.start : w.end if w.end >= 0 else horizon] = True
    assert working
    totals = []
    for shift in crowd.person_shift[crowd.person_pool == pool_number].tolist():
        regular, duty = (filled(hours, horizon) for hours in (crowd.shifts[shift].regular, crowd.shifts[shift].duty))
        on_duty, here, before, total = duty & ~regular, False, False, 0
        for now, left in zip(on_duty.tolist(), outstanding.tolist(), strict=True):
            here = now and left and (here or not before)
            before = now
            total += here
        totals.append(total)
    return totals


def filled(hours, horizon):
    found = np.zeros(horizon + 1, bool)
    for a, b in hours.pairs:
        found[max(a, 0) : max(b, 0)] = True
    found[horizon] = False
    return found


@pytest.mark.parametrize("by", SHARED)
@pytest.mark.parametrize("seed", [1, 2])
def test_presence_until_clear_against_a_count_of_every_second(by, seed):
    """Who stays until the board is clear is there in exactly the seconds in which the rule (R21) keeps them, be they asked alone or with others."""
    run = busy(by, seed)

    there = presence(view(run))
    counted = [seconds_present(run, team) for team in ("ants", "bees")]
    assert there.duty.tolist() == [sum(x) for x in counted]
    assert sum(map(sum, counted)) > HOUR


def test_presence_by_turns_until_clear_against_a_count_of_every_second():
    """The same where one of two stays each time."""
    run = busy("any", 3, people=1)

    first, second_ = seconds_present(run, "ants")
    assert presence(view(run)).duty[0] == first + second_
    assert first != second_


def test_warm_up_that_ends_in_a_duty_window_cuts_its_presence_only():
    """Who went home at 17:50 is not back when the warm-up ends at 18:30, though something waits again; who stays is counted from then on."""
    gone = at_duty("until_clear", "Mo 17:20", "Mo 18:00", warm_up="18h 30 min")
    stays = at_duty("until_clear", "Mo 17:20", work="2h", warm_up="18h 30 min")

    assert presence(view(gone)).duty.tolist() == [0]
    assert presence(view(stays)).duty.tolist() == [2 * 50 * MINUTE]


# ── elapsed time ────────────────────────────────────────────────────────────────────────────────────


def test_where_elapsed_time_goes():
    """Every part by hand: at the gate 30 min, wait 15, in the queue 45 before and 15 after the midday break of 2.5 hours, work 1 hour, lead 1 hour."""
    stages = {
        "handle": {"gate": "meeting", "wait": "15 min", "by": "desk", "work": "1h", "lead": "1h", "priority": {"first": 0, "second": 1}, "outcomes": {"closed": 1}},
    }
    classes = {"first": matter("Mo 11:00", background=True), "second": matter("Mo 10:30")}
    run = play(stages, classes=classes, calendars={"meeting": "Mo 11:00-12:00"})

    parts = {key: top / bottom for key, (top, bottom) in told(run, "elapsed").items()}

    # the chore goes first: it is worked on from 11:15 to 12:00 and from 14:30 to 14:45
    assert run.told("admitted released started finished left")[0] == ("Mo 11:00", "Mo 11:15", "Mo 14:45", "Mo 15:45", "Mo 16:45")
    assert parts == pytest.approx({"gate": 0.5, "wait": 0.25, "queue": 1.0, "off_shift": 2.5, "work": 1.0, "lead": 1.0})


def test_elapsed_time_is_kept_by_stage():
    """Found on Monday at 11:30: half an hour of work and 2.5 hours of midday break at the first stage, then 30 min again; a day of lead at the second; chores do not count."""
    stages = {
        "handle": {"by": "desk", "work": "1h", "outcomes": {"ask": 1}},
        "ask": {"lead": "1 day", "outcomes": {"closed": 1}},
        "visit": {"wait": "5h", "verify": {}},
    }
    run = play(stages, classes={"matter": matter("Mo 11:30"), "chore": matter("Tu 08:30", background=True)})

    hours = reduce(run.plan, run.journal).time / HOUR
    assert dict(zip(PARTS, hours[0].tolist(), strict=True)) == {"gate": 0, "wait": 0, "queue": 0, "off_shift": 2.5, "work": 1, "lead": 0}
    assert dict(zip(PARTS, hours[1].tolist(), strict=True)) == {"gate": 0, "wait": 0, "queue": 0, "off_shift": 0, "work": 0, "lead": 24}
    assert hours[2].tolist() == [0] * len(PARTS)
    assert {part: top / bottom for part, (top, bottom) in told(run, "elapsed").items()} == dict(zip(PARTS, hours.sum(axis=0).tolist(), strict=True))


@given(data=scenarios(None))
@settings(max_examples=25)
def test_the_parts_of_elapsed_time_add_up(data):
    """No part is negative, and the parts of a visit add up to its time, those of an incident to the time from found to ended, to the second."""
    run = Run(data)
    at = view(run)
    v, i = run.journal.visits, run.journal.incidents

    parts = time_parts(at, np.arange(len(v.incident)))
    assert tuple(parts) == PARTS
    assert all((seconds[at.whole] >= 0).all() for seconds in parts.values())
    total = sum(parts.values())
    ever = np.where(v.left >= 0, v.left, run.journal.horizon)
    assert total[at.whole].tolist() == (ever - v.entered)[at.whole].tolist()
    by_incident = np.bincount(at.row[at.whole], total[at.whole], minlength=len(i.incident))
    until = np.where(i.ended >= 0, i.ended, run.journal.horizon)
    assert by_incident.tolist() == np.where(i.found >= 0, until - i.found, 0).tolist()


@given(data=scenarios(None))
@settings(max_examples=25)
def test_counts_stay_within_their_denominators(data):
    """On any scenario a share lies between 0 and 1, and no number is negative or not a number."""
    for name, _, top, bottom in rows_of(Run(data)):
        assert np.isfinite(top)
        assert np.isfinite(bottom)
        assert bottom >= 0
        assert top >= -1e-9
        if MEASURES[name].unit == "share":
            assert top <= bottom


# ── truth ───────────────────────────────────────────────────────────────────────────────────────────


def asked(answer, solved=0):
    """One matter that is closed (and not solved), asked about, and one that nobody has begun."""
    stages = {
        "handle": {"by": "desk", "work": "1h", "outcomes": {"closed": {"chance": 1, "solved": solved}}},
        "ask": {"by": "desk", "work": "5 min", "verify": {"unsolved": {answer: 1} if answer else {}}},
    }
    return play(stages, ("Mo 09:00", "Su2 09:00"))


@pytest.mark.parametrize(("answer", "expected"), [("satisfied", (1, 1)), ("dissatisfied", (0, 1)), ("no_answer", (0, 0)), (None, (0, 0))])
def test_satisfied_is_of_the_answered(answer, expected):
    """No answer is in neither numerator nor denominator."""
    run = asked(answer)

    assert told(run, "satisfied")[""] == expected
    assert told(run, "solved")[""] == (0, 1)
    assert told(run, "reopened")[""] == (0, 1)


def test_reopened():
    """A visit that reopens is an answered one that does not satisfy; closed keeps its first time."""
    run = asked("handle")

    assert run.path() == ["handle", "ask", "handle", "ask"]
    assert told(run, "reopened")[""] == (1, 1)
    assert told(run, "satisfied")[""] == (0, 2)
    assert told(run, "headline_closure")["all"] == (1, 2)
    assert value(run, "time_to_closure_median", "all") == 1


def test_solved_of_closed():
    """Of what is closed, not of what is collected."""
    assert told(asked(None, solved=1), "solved")[""] == (1, 1)


def test_what_comes_back():
    """Closed, unsolved, back after a day: two incidents collected, of two closed one came back until the census."""
    stages = {"handle": {"by": "desk", "work": "1h", "outcomes": {"closed": {"chance": 1, "solved": 0}}}}
    run = play(stages, classes={"matter": matter("Mo 09:00", returns={"chance": 1, "after": "1 day"})}, days=2)

    assert run.facts("found") == ["Mo 09:00", "Tu 10:00"]
    assert told(run, "collected")["all"] == (2, 1)
    assert told(run, "returned")[""] == (1, 2)


def test_hidden():
    """Five hidden at the start that nobody searches for: five never found, none collected."""
    found = {"hazard_per_day": 0, "team": "desk", "reference": 1000, "hidden_at_start": 5}
    run = play(LOOK, classes={"matter": {"arrivals": {"list": []}, "found": found}})

    assert told(run, "hidden")[""] == (5, 1)
    assert told(run, "collected")["all"] == (0, 1)


# ── the window ──────────────────────────────────────────────────────────────────────────────────────


def test_warm_up_is_cut_here_and_nowhere_else():
    """With a warm-up of a week the journal is the same, and measures count what was found and done from then on."""
    moments = ("Mo 09:00", "Su 20:00", "Mo2 09:00", "Tu2 18:00")
    whole, cut = (play(LOOK, moments, warm_up=warm_up) for warm_up in (0, "7 days"))

    assert cut.journal.same_as(whole.journal)
    assert told(whole, "collected")["all"] == (4, 1)
    assert told(cut, "collected")["all"] == (2, 1)
    assert told(cut, "same_day_triage")["unit"] == (1, 2)
    assert value(cut, "engaged_hours", "desk") * 7 * DAY / YEAR == pytest.approx(0.5)  # the one of Sunday is done on Monday
    assert value(cut, "rostered_hours", "desk") * 7 * DAY / YEAR == pytest.approx(32.5)


def test_found_in_the_first_second_after_the_warm_up_counts():
    """The window is half-open: its first second belongs to it, the one before does not."""
    run = waits(a=("Tu 00:00", "1h"), b=("Mo 23:59:59", "1h"), warm_up="1 day")

    assert (told(run, "collected")["a"], told(run, "collected")["b"]) == ((1, 1), (0, 1))


# ── replications put together ───────────────────────────────────────────────────────────────────────


def test_ratios_are_pooled():
    """1 of 2 and 9 of 10 are 10 of 12, not the mean of a half and nine tenths."""
    value, half = ratio(np.array([1, 9]), np.array([2, 10]))

    assert value == pytest.approx(10 / 12)
    assert half > 0


def test_one_replication_has_no_interval_and_nothing_has_no_value():
    """One replication gives a value without an interval; a denominator of nothing gives neither."""
    assert ratio(np.array([3.0]), np.array([4.0]))[0] == 0.75
    assert np.isnan(ratio(np.array([3.0]), np.array([4.0]))[1])
    assert np.isnan(ratio(np.zeros(5), np.zeros(5))).all()


def test_the_mean_of_a_plain_number_has_students_interval():
    """With denominators of one the interval is that of the mean: 2.262 standard errors for ten values."""
    values = np.arange(10.0)

    value, half = ratio(values, np.ones(10))

    assert value == 4.5
    assert half == pytest.approx(2.262157 * values.std(ddof=1) / np.sqrt(10))


def test_intervals_cover_as_often_as_they_say():
    """Shares that differ from window to window: the 95 % interval of 30 windows covers the truth in 95 of 100 cases, a binomial one far less."""
    rng, trials, n, truth = np.random.default_rng(5), 2000, 30, 0.8
    covered = binomial = 0
    for _ in range(trials):
        bottom = rng.poisson(40, n)
        top = rng.binomial(bottom, rng.beta(8, 2, n))
        value, half = ratio(top, bottom)
        covered += abs(value - truth) <= half
        binomial += abs(value - truth) <= 1.96 * np.sqrt(value * (1 - value) / bottom.sum())

    assert abs(covered / trials - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)
    assert binomial / trials < 0.8


def test_intervals_of_shares_stay_between_nothing_and_all():
    """An interval of a share does not reach below 0 or above 1."""
    rows = [("solved", {}, top, 10) for top in (9, 10, 6, 10)]
    table = pool(_many(rows))

    assert table["high"].iloc[0] == 1
    assert 0 < table["low"].iloc[0] < table["value"].iloc[0]


def test_spread_of_single_windows():
    """`from` and `to` are the central 95 % of the replications in which the measure exists."""
    rows = [("solved", {}, top, bottom) for top, bottom in ((1, 2), (3, 4), (0, 0))]
    row = pool(_many(rows)).iloc[0]

    assert (row["from"], row["to"]) == pytest.approx((0.5 + 0.025 * 0.25, 0.75 - 0.025 * 0.25))
    assert (row["value"], row["replications"], row["denominator"]) == pytest.approx((4 / 6, 3, 2))


def _many(rows):
    import pandas as pd

    return pd.concat([tabulate([row], r) for r, row in enumerate(rows)], ignore_index=True)
