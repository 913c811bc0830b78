"""Targets: what a reported figure stands for, when it is met, and that too little simulation never passes it."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import written

from simgov import targets
from simgov.measures.pool import tabulate
from simgov.scenario import build
from simgov.scenario.model import Target
from simgov.targets import MET, MISSED, NO_VALUE, TOO_FEW, predictive, reported

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
    assert reported(Target(measure="solved", value=0.9928, rounding=0.00005)) == pytest.approx((0.99275, 0.99285))
    assert reported(Target(measure="solved", at_least=0.9)) == (0.9, np.inf)
    assert reported(Target(measure="solved", at_most=0.1)) == (-np.inf, 0.1)


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
