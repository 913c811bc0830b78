"""Targets: what a reported figure stands for, when it is met, and that too little simulation never passes it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
import street
from hypothesis import given, settings
from hypothesis import strategies as st
from test_adding_up import same
from world import matter, play, written

from simgov import draws, targets
from simgov import plan as plans
from simgov.clock import DAY
from simgov.engines.simpy_engine import simulate
from simgov.errors import ScenarioError
from simgov.measures import reduce, summary
from simgov.measures.compute import closure, dues, levels, triage, truth
from simgov.measures.earlier import as_of
from simgov.measures.pool import tabulate
from simgov.measures.view import View
from simgov.scenario import build
from simgov.scenario.model import Target
from simgov.targets import MET, MISSED, NO_VALUE, TOO_FEW, predictive

STAGES = {"handle": {"by": "desk", "work": "1h"}}


def rows(values, name="headline_closure", out_of=100, **where):
    """Summaries in which a measure has these values, one replication each."""
    where = where or {"class": "all"}
    return tabulate([(name, where, value * out_of, out_of) for value in values], 0).assign(replication=range(len(values)))


def judged(values, summaries=None, **target):
    """The row of one target."""
    scenario = with_target(json.dumps({"measure": "headline_closure", **target}))
    return targets.judge(scenario, rows(values) if summaries is None else summaries).iloc[0]


@cache
def with_target(target):
    data = written(STAGES, targets=[json.loads(target)])
    data["classes"]["dispute"] = {"arrivals": {"list": []}, "enters": "handle"}
    return build(data)


def verdict(values, **target):
    return judged(values, **target)["verdict"]


def spread(middle, half, n=201):
    """Evenly spread values: their central 95 % are known."""
    return np.linspace(middle - half, middle + half, n)


# ── what is reported ────────────────────────────────────────────────────────────────────────────────


def test_a_reported_value_is_a_range_by_its_rounding():
    """99.28 % rounded to two digits stands for 99.275 to 99.285 %; a bound is open on one side."""
    assert Target(measure="solved", value=0.9928, rounding=0.00005).reported == pytest.approx((0.99275, 0.99285))
    assert Target(measure="solved", at_least=0.9).reported == (0.9, np.inf)
    assert Target(measure="solved", at_most=0.1).reported == (-np.inf, 0.1)


def test_the_predictive_range_is_the_central_95_percent():
    """Of values spread evenly from 0 to 1 it is 0.025 to 0.975; its error shrinks with their number."""
    start, end, error = predictive(spread(0.5, 0.5, 1001))

    assert (start, end) == pytest.approx((0.025, 0.975))
    assert 0 < error < predictive(spread(0.5, 0.5, 21))[2]


def test_the_error_of_the_range_is_its_standard_error():
    """For Normal values the error of the 2.5 % point is near sqrt(p (1 - p) / n) / density = 2.67 / sqrt(n) standard deviations."""
    rng = np.random.default_rng(1)
    errors = [predictive(rng.normal(size=400))[2] for _ in range(60)]

    assert np.mean(errors) == pytest.approx(2.67 / np.sqrt(400), rel=0.3)


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"value": 0.80}, MET),
        ({"value": 0.89}, MET),
        ({"value": 0.90}, MISSED),  # beyond 0.895, the end of the central 95 %
        ({"value": 0.90, "rounding": 0.01}, MET),
        ({"value": 0.70, "rounding": 0.004}, MISSED),
        ({"at_least": 0.89}, MET),
        ({"at_least": 0.90}, MISSED),
        ({"at_least": 0.10}, MET),
        ({"at_most": 0.71}, MET),
        ({"at_most": 0.70}, MISSED),
        ({"at_most": 0.99}, MET),
    ],
)
def test_met_and_missed(target, expected):
    """Met when the reported range meets the range of single windows, here 0.705 to 0.895; else missed."""
    row = judged(spread(0.8, 0.1), **target)

    assert (row["from"], row["to"]) == pytest.approx((0.705, 0.895))
    assert row["verdict"] == expected


def test_touching_is_meeting():
    """A bound or a rounding that ends exactly where the range begins meets it."""
    same = [0.5] * 40

    assert verdict(same, value=0.5) == verdict(same, at_least=0.5) == verdict(same, at_most=0.5) == MET
    assert verdict(same, value=0.5000001) == MISSED


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_handful_of_replications_is_too_few(n):
    """Up to four windows that all differ neither meet nor miss anything."""
    values = spread(0.8, 0.1, n)

    for target in ({"value": 0.8}, {"value": 0.1}, {"at_least": 0}, {"at_most": 0}):
        assert verdict(values, **target) == TOO_FEW


def test_one_replication_shows_its_value_and_no_range():
    """The value of one window is told, a range is not."""
    row = judged([0.8], value=0.8)

    assert row["value"] == 0.8
    assert np.isnan([row["from"], row["to"]]).all()


def test_nothing_to_judge():
    """A measure that exists in no replication has no value; a replication without it is left out."""
    none = rows([0.0, 0.0], out_of=0)
    some = pd.concat([rows([0.8] * 40), none], ignore_index=True)

    assert judged([], summaries=none, value=0.8)["verdict"] == NO_VALUE
    assert judged([], summaries=some, value=0.8)["verdict"] == MET


def test_the_value_is_pooled():
    """1 of 2 and 9 of 10 are 10 of 12."""
    both = pd.concat([tabulate([("headline_closure", {"class": "all"}, top, bottom)], r) for r, (top, bottom) in enumerate([(1, 2), (9, 10)])])

    assert judged([], summaries=both, value=0.8)["value"] == pytest.approx(10 / 12)


def test_where_picks_the_row():
    """Class, level and days choose the row; a class that is not named is all of them."""
    table = pd.concat(
        [rows([value] * 30, "cohort_closure", **{"class": cls, "days": days}) for cls, days, value in (("all", 7, 0.9), ("all", 1, 0.4), ("dispute", 7, 0.2))],
        ignore_index=True,
    )

    def value(**where):
        return judged([], summaries=table, measure="cohort_closure", at_least=0, where=where)["value"]

    assert value(days=7) == pytest.approx(0.9)
    assert value(days=1) == pytest.approx(0.4)
    assert value(days=7, **{"class": "dispute"}) == pytest.approx(0.2)


def test_how_a_target_is_told():
    """The row says measure, place, kind and the figure as it was reported."""
    row = judged(spread(0.8, 0.1), at_least=0.9, where={"class": "all"}, kind="soft")

    assert (row["measure"], row["where"], row["kind"], row["reported"]) == ("headline_closure", "class all", "soft", ">= 0.9")
    assert judged([0.5], at_most=0.25)["reported"] == "<= 0.25"
    assert judged([0.5], value=0.9928)["reported"] == "0.9928"


def test_a_scenario_without_targets_judges_nothing():
    """No targets, no rows."""
    assert targets.judge(build(written(STAGES)), rows([0.8])).empty


# ── noise ───────────────────────────────────────────────────────────────────────────────────────────

SHARES = st.floats(0.0, 1.0, allow_nan=False)


@given(st.lists(SHARES, min_size=2, max_size=60), SHARES, st.floats(0, 0.05), st.data())
@settings(max_examples=120)
def test_fewer_replications_never_pass_what_no_window_comes_near(values, figure, rounding, data):
    """A figure outside the range of all windows is met by no choice of them: throwing replications away cannot pass it."""
    some = data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=len(values)))
    far = figure - rounding > max(values) + 1e-9 or figure + rounding < min(values) - 1e-9

    if far:
        assert verdict(some, value=figure, rounding=rounding) in (MISSED, TOO_FEW)
        assert verdict(values, value=figure, rounding=rounding) in (MISSED, TOO_FEW)


@given(st.lists(SHARES, min_size=2, max_size=60), SHARES)
@settings(max_examples=120)
def test_a_verdict_needs_a_range_that_is_known(values, figure):
    """Wherever the error of the range is above a fifth of its width, the verdict is 'too few', be the figure inside or outside."""
    start, end, error = predictive(np.array(values) * 100 / 100)  # as the summaries hold them

    got = verdict(values, value=figure)
    if error > (end - start) / 5 * (1 + 1e-9):
        assert got == TOO_FEW
    elif error < (end - start) / 5 * (1 - 1e-9):
        assert got in (MET, MISSED)


def test_less_simulation_passes_a_missed_figure_no_more_often():
    """A figure three standard deviations off is missed with many replications; with fewer it is met no more often, only undecided more often."""
    rng = np.random.default_rng(3)
    figure = {"value": 0.8}

    def counts(n, trials=100):
        got = [verdict(0.5 + 0.1 * rng.normal(size=n), **figure) for _ in range(trials)]
        return got.count(MET), got.count(TOO_FEW)

    (many_met, many_open), (few_met, few_open) = counts(200), counts(6)

    assert many_met == many_open == 0
    assert few_met <= 2
    assert few_open > 30


# ── windows ─────────────────────────────────────────────────────────────────────────────────────────

PERIOD = build(written(STAGES, days=14)).period  # 2 to 16 May 2022


def named(window, **more):
    """The names of the windows of a target."""
    return [frame and frame.name for frame in Target(measure="headline_closure", value=0.5, window=window, **more).frames(PERIOD)]


def test_a_range_of_windows_is_looked_at_in_its_ends_and_its_middle():
    """From the shortest to the longest; dates and lengths alike; no window is the whole period, and one beyond the period is none."""
    assert named(None) == [None]
    assert named(None, over="flow") == ["2022-05-02/2022-05-16/flow"]
    assert named(["2022-05-04", "2022-05-09"]) == ["2022-05-04/2022-05-09"]
    assert named({"days": [3, 9]}) == ["2022-05-13/2022-05-16", "2022-05-10/2022-05-16", "2022-05-07/2022-05-16"]
    assert named({"start": "2022-05-03", "days": 3}) == ["2022-05-03/2022-05-06"]
    assert named({"start": ["2022-05-02", "2022-05-06"]}) == ["2022-05-06/2022-05-16", "2022-05-04/2022-05-16", "2022-05-02/2022-05-16"]
    assert named({"days": [10, 30]}) == ["2022-05-06/2022-05-16"]
    assert named({"days": 15}) == []


def test_a_window_is_what_a_shorter_period_would_have_been():
    """Every measure of incidents at an earlier census is that of the scenario whose period ends then; the control: that of the whole period is another one."""
    scenario = street.street()
    whole = simulated(scenario)
    for days in (3, 8):
        short = simulated(build({**scenario.data, "period": ["2022-05-02", str(date(2022, 5, 2) + timedelta(days=days))]}))
        told, wanted, other = (entries(View(plan, journal)) for plan, journal in ((whole[0], as_of(whole[1], days * DAY)), short, whole))
        assert told.keys() == wanted.keys()
        assert [key for key in wanted if not same(told[key], wanted[key])] == []
        assert sum(not same(other[key], wanted[key]) for key in wanted) > len(wanted) / 2


def simulated(scenario):
    plan = plans.make(scenario)
    return plan, simulate(plan, draws.make(plan, 7, 0))


def entries(view):
    return {key: entry for part in (closure, levels, triage, dues, truth) for key, entry in part(view)}


def in_windows(values, target):
    """Summaries in which a measure has these values, by window, and the target's scenario."""
    scenario = with_target(json.dumps(target))
    frames = scenario.targets[0].frames(scenario.period)
    assert len(frames) == len(values)
    tables = [rows(some, target["measure"], **{"class": "all", "window": frame.name}) for some, frame in zip(values, frames, strict=True)]
    return targets.judge(scenario, pd.concat(tables, ignore_index=True)).iloc[0]


RANGE = {"measure": "headline_closure", "window": {"days": [2, 5]}}


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.5, MET), (0.9, MET), (0.7, MET), (0.3, MISSED), (0.99, MISSED)],
)
def test_a_range_of_windows_is_met_if_one_of_them_would_give_the_figure(value, verdict):
    """Windows around 0.5, 0.7 and 0.9 reach from 0.405 to 0.995; the value told is that of the longest window, and the windows are named."""
    row = in_windows([spread(0.5, 0.1), spread(0.7, 0.1), spread(0.9, 0.05)], {**RANGE, "value": value})

    assert (row["from"], row["to"]) == pytest.approx((0.405, 0.9475))
    assert row["value"] == pytest.approx(0.9)
    assert row["window"] == "2022-05-11..2022-05-14 – 2022-05-16"
    assert row["verdict"] == verdict


def test_each_window_of_a_range_must_be_known_well_enough():
    """Noise in one of them passes nothing."""
    assert in_windows([spread(0.5, 0.1), [0.2, 0.8, 0.9], spread(0.9, 0.1)], {**RANGE, "value": 0.5})["verdict"] == TOO_FEW


def test_a_window_beyond_the_period_has_no_value_and_is_told():
    """A period that is made shorter does not break the scenario; the doubt says what to do."""
    scenario = with_target(json.dumps({"measure": "headline_closure", "value": 0.5, "window": {"days": 30}}))

    assert targets.judge(scenario, rows([0.5] * 40)).iloc[0]["verdict"] == NO_VALUE
    assert [str(text) for text in targets.doubts(scenario)] == [
        "no window of the target headline_closure lies within the period, 2022-05-02 to 2022-05-16: it has no value; simulate longer, or take another window"
    ]


def test_a_flow_counts_what_was_closed_in_the_window_whenever_it_was_found():
    """Two matters of Monday, closed on Monday and Wednesday, one of Wednesday closed then: of Wednesday's one, the flow has two closed, the cohort one."""
    stages = {"handle": {"by": "desk", "work": {"quick": "1h", "slow": "1h"}, "lead": {"quick": "0 s", "slow": "2 d"}, "outcomes": {"closed": 1}}}
    classes = {"quick": matter("Mo 09:00", "We 09:00"), "slow": matter("Mo 10:00")}
    told = [{"measure": name, "value": 0, "window": ["2022-05-04", "2022-05-05"], "over": over} for name in ("closed", "headline_closure") for over in ("cohort", "flow")]
    told += [{"measure": "settled_of_ended", "where": {"level": "unit"}, "value": 0, "over": "flow"}]
    run = play(stages, classes=classes, targets=[{**t, "kind": "soft"} for t in told])

    found = targets.judge(run.scenario, summary(reduce(run.plan, run.journal), 0))
    assert list(found["value"]) == [1, 2, 1, 2, 1]


def test_classes_are_added_by_numerators_and_denominators():
    """3 of 4 and 1 of 6 are 4 of 10; the only class of a scenario is all of them."""
    table = pd.concat([tabulate([("headline_closure", {"class": c}, top, of) for c, top, of in (("matter", 3, 4), ("dispute", 1, 6), ("all", 4, 10))], r) for r in range(40)])

    def value(where):
        return judged([], summaries=table, value=0.4, where=where)["value"]

    assert value({"class": ["matter", "dispute"]}) == pytest.approx(0.4)
    assert value({"class": ["dispute"]}) == value({"class": "dispute"}) == pytest.approx(1 / 6)
    only = play(STAGES, ("Mo 09:00",), targets=[{"measure": "headline_closure", "where": {"class": "matter"}, "value": 1}])
    assert targets.judge(only.scenario, summary(reduce(only.plan, only.journal), 0))["value"].iloc[0] == 1


# ── what cannot be ──────────────────────────────────────────────────────────────────────────────────

RATE, COHORT, SETTLED = {"measure": "headline_closure"}, {"measure": "cohort_closure"}, {"measure": "settled_at_or_below"}
LEVELS = {"unit": 1, "street": 1}


def refused(*some):
    data = written(STAGES, targets=list(some), levels=LEVELS)
    data["classes"]["dispute"] = {"arrivals": {"list": []}, "enters": "handle"}
    with pytest.raises(ScenarioError) as error:
        build(data)
    return str(error.value)


@pytest.mark.parametrize(
    ("some", "message"),
    [
        (
            [{**RATE, "value": 0.9, "label": "the press"}, {**RATE, "at_least": 0.95, "label": "the mayor"}],
            "targets[1]: targets contradict each other: “the press” is reported as 0.9 and “the mayor” as at least 0.95, but both are of one and the same row; "
            "keep one of the two, or call one soft (kind: soft)",
        ),
        ([{**RATE, "value": 0.9, "rounding": 0.01}, {**RATE, "value": 0.95}], "headline_closure is reported as 0.9 ± 0.01 and headline_closure as 0.95, but both"),
        (
            [{**COHORT, "where": {"days": 7}, "value": 0.8}, {**COHORT, "where": {"days": 3}, "value": 0.9}],
            "cohort_closure (days 7) is reported as 0.8 and cohort_closure (days 3) as 0.9, but what is closed in fewer days is closed in more days, too",
        ),
        (
            [{**SETTLED, "where": {"level": "unit"}, "at_least": 0.9}, {**SETTLED, "where": {"level": "street"}, "value": 0.8}],
            "settled_at_or_below (level unit) is reported as at least 0.9 and settled_at_or_below (level street) as 0.8, but what is settled up to a level",
        ),
        ([{"measure": "time_to_closure_median", "value": 9}, {"measure": "time_to_closure_p90", "at_most": 8}], "a median is never above the 90 % point"),
        ([{"measure": "closed", "value": 9}, {"measure": "collected", "value": 8}], "what is counted is part of what was collected"),
        ([{**RATE, "value": 99.28}], "targets[0].value: 'headline_closure' is a share between 0 and 1: write 0.9928 for 99.28 %, got 99.28"),
        ([{**RATE, "at_least": 90}], "targets[0].at_least: 'headline_closure' is a share between 0 and 1: write 0.9 for 90 %, got 90"),
        ([{**RATE, "value": 0.9, "rounding": 5}], "targets[0].rounding: 'headline_closure' is a share between 0 and 1: write 0.05 for 5 %, got 5"),
        ([{**RATE, "value": 0.2, "rounding": 0.8}], "targets[0].rounding: half the last digit of a share is at most 0.05, got 0.8; write at_least or at_most for a figure that is not known so well"),
        ([{"measure": "collected", "value": 40, "rounding": 11}], "targets[0].rounding: half the last digit of 40 is at most 10, got 11; write at_least or at_most"),
        ([{"measure": "collected", "value": 1, "rounding": 1}], "targets[0].rounding: half the last digit of 1 is at most 0.5, got 1"),
        ([{**RATE, "at_least": 0.9, "rounding": 0.01}], "targets[0].rounding: a rounding goes with a value"),
        ([{"measure": "due_met", "where": {"stage": "handle"}, "value": 0.9}], "targets[0].where.stage: the stage 'handle' has no due, so 'due_met' has no value; give the stage a due"),
        ([{"measure": "overdue", "where": {"stage": "handle"}, "value": 3}], "the stage 'handle' has no due, so 'overdue' has no value"),
        ([{"measure": "same_day_triage", "where": {"level": "unit"}, "value": 0.9}], "targets[0].measure: no stage is a triage, so 'same_day_triage' has no value"),
        ([{"measure": "satisfied", "value": 0.9}], "targets[0].measure: no stage is a return visit, so 'satisfied' has no value"),
        ([{"measure": "cost", "where": {"team": "desk"}, "value": 9}], "targets[0].where.team: the team 'desk' is unpaid or has no cost_per_hour, so 'cost' has no value"),
        ([{**RATE, "value": 250}], "targets[0].value: 'headline_closure' is a share between 0 and 1, got 250"),
        ([{**RATE, "value": -0.1}], "is a share between 0 and 1, got -0.1"),
        ([{"measure": "collected", "value": -3}], "targets[0].value: 'collected' is never below 0, got -3"),
        ([{"measure": "time_to_closure_p90", "where": {"class": ["matter", "dispute"]}, "value": 9}], "of several classes is no sum of theirs; name one class, or all"),
        ([{**RATE, "where": {"class": ["all", "dispute"]}, "value": 0.9}], "a list names different classes, and 'all' stands alone, got [all, dispute]"),
        ([{**COHORT, "where": {"days": ["1", "3"]}, "value": 0.9}], "only classes can be several, got a list of days; name one"),
        ([{"measure": "rostered_hours", "where": {"team": "desk"}, "value": 9, "window": {"days": 3}}], "is taken over the whole period; a window goes with measures of incidents"),
        ([{**COHORT, "where": {"days": 7}, "value": 0.9, "over": "flow"}], "so it is no flow; flow goes with collected, closed,"),
        ([{**RATE, "value": 0.9, "window": {"days": [5, 3]}}], "targets[0].window: the range of days must go from low to high, got 5 to 3"),
        ([{**RATE, "value": 0.9, "window": {"days": 0}}], "targets[0].window.days: must be a whole number of days of at least 1, got 0"),
        ([{**RATE, "value": 0.9, "window": {}}], "targets[0].window: give one or two of start, end and days"),
        ([{**RATE, "value": 0.9, "window": {"start": "2022-05-09", "end": "2022-05-03"}}], "targets[0].window: must end after it starts, got 2022-05-09 to 2022-05-03"),
        ([{**RATE, "value": 0.9, "window": {"start": ["2022-05-02"]}}], "targets[0].window.start: must be one value, or a range of two, got a list of 1"),
    ],
)
def test_what_no_run_could_give_is_refused(some, message):
    """Before anything is simulated: which target, which rule, what was given, and for two that contradict each other both."""
    assert message in refused(*some)


def test_what_a_change_of_the_file_may_bring_is_not_refused():
    """A due that only a change sets, or that a change takes away, leaves the figure without a value in the others, which is told then."""
    due, figure = {"stages.handle.due": "1 d"}, {"measure": "due_met", "where": {"stage": "handle"}, "value": 0.9}
    build(written(STAGES, targets=[figure], levels=LEVELS, changes={"late": {"set": due}}))
    given = {"handle": {**STAGES["handle"], "due": "1 d"}}
    scenario = build(written(given, targets=[{**figure, "rounding": 0.05}, {"measure": "collected", "value": 1, "rounding": 0.5}], levels=LEVELS, changes={"never": {"set": {"stages.handle.due": None}}}), changes=["never"])
    assert len(scenario.targets) == 2


def test_figures_that_can_both_hold_are_none_of_it():
    """Overlapping ranges, other windows, other classes, more settled higher up; and soft figures, which may differ, are told as a doubt."""
    fine = [
        {**RATE, "value": 0.9, "rounding": 0.05}, {**RATE, "at_least": 0.94}, {**RATE, "value": 0.2, "window": {"days": 3}}, {**RATE, "value": 0.1, "where": {"class": "dispute"}},
        {**SETTLED, "where": {"level": "unit"}, "value": 0.5}, {**SETTLED, "where": {"level": "street"}, "value": 0.6},
    ]  # fmt: skip
    data = written(STAGES, targets=[*fine, {**RATE, "value": 0.3, "kind": "soft"}], levels=LEVELS)
    data["classes"]["dispute"] = {"arrivals": {"list": []}, "enters": "handle"}

    doubts = [str(text) for text in targets.doubts(build(data))]
    assert len(doubts) == 2
    assert doubts[0].startswith("targets contradict each other: headline_closure is reported as 0.9 ± 0.05 and headline_closure as 0.3, but both are of one and the same row")
    assert doubts[0].endswith("; one of them is soft, so nothing is refused")
