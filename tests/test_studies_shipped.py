"""The five studies that are shipped: their policies are sound and differ, every number has an origin, and each does what it says."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from test_dongxing import FACTS, SCENARIOS, numbers

import simgov
from simgov import plan
from simgov.clock import DAY
from simgov.scenario import build
from simgov.scenario import load as load_scenario
from simgov.scenario.origins import origin_of
from simgov.study import load
from simgov.vocabulary import MEASURES

FOLDER = SCENARIOS / "studies"
KINDS = {
    "q1_leaders": "dose",
    "q2_overnight": "frontier",
    "q4_consultation": "frontier",
    "q6_surge": "stock",
    "q12_seat": "frontier",
}
SPRING = ["2022-05-01", "2022-07-01"]
BESIDE = ("street", "street_consultation", "street_surge", "district_evening")  # scenarios for them
studies = pytest.mark.parametrize("name", KINDS)


@cache
def study(name):
    return load(FOLDER / f"{name}.yaml")


@cache
def policies(name):
    return {policy.name: policy.scenario for policy in study(name).policies}


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────


def test_the_folder_has_these_files():
    """Five studies and the scenarios that they need, no more."""
    assert {path.stem for path in FOLDER.iterdir()} == {*KINDS, *BESIDE}


@studies
def test_policies_load_and_differ(name):
    """Every policy is a sound scenario, and no two are the same."""
    made = policies(name)
    assert len(made) >= 4
    assert len({scenario.digest for scenario in made.values()}) == len(made)


@studies
def test_figure_and_replications(name):
    """Each has the figure that answers its question, and 30 replications under one seed."""
    file = study(name).file
    assert (file.figure.kind, file.replications, file.seed) == (KINDS[name], 30, 1)


@studies
def test_names_are_in_both_languages(name):
    """Title, question, policies, levers and measures are said in English and Chinese, and so is all that is in the scenario."""
    file = study(name).file
    own = [file.title, file.question, *(x.label for x in (*file.policies.values(), *file.sweep.values(), *file.grid.values()))]
    own += [asked.label for asked in file.measures if asked.label is not None]
    assert all(text and text.en and text.zh and text.en != text.zh for text in own)
    s = study(name).base.scenario
    assert all(
        x.label and x.label.en and x.label.zh
        for part in (s.levels, s.teams, s.classes, s.ends, s.stages, s.changes)
        for x in part.values()
    )
    rows = [asked.label.en if asked.label else MEASURES[asked.measure].label() + str(asked.where) for asked in file.measures]
    assert len(set(rows)) == len(rows)


@studies
def test_every_number_has_an_origin(name):
    """No number of a policy is without an origin, those that the study sets included."""
    for policy, s in policies(name).items():
        assert [path for path, _ in numbers(s.data) if origin_of(path, s.origins) is None] == [], policy


@studies
def test_outside_figures_and_priors_are_not_passed_off_as_facts(name):
    """A source is a fact of the documents or derived from them, what is outside is not; ids in notes exist."""
    for s in policies(name).values():
        for origin in s.origins.values():
            says = [origin.says] if isinstance(origin.says, str) else origin.says
            assert {FACTS[i]["kind"] for i in says if i in FACTS} <= (
                {"seed", "derived"} if origin.kind == "source" else {"outside"}
            ), origin
            said = f"{origin.says} {origin.note}"
            assert set(re.findall(r"\b(?:PT|DX|XL|BT|HD|XS|PX|D|P|X)-[A-Z0-9-]*[A-Z0-9]\b", said)) <= set(FACTS), said


def test_a_street_is_a_54th_of_the_city():
    """Counts of the street are those of Putian over its 54 streets, to the nearest."""
    street, city = load_scenario(FOLDER / "street.yaml"), load_scenario(SCENARIOS / "putian.yaml")
    assert street.residents == round(city.residents / 54)
    assert {n: level.count for n, level in street.levels.items() if n != "district"} == {
        n: max(1, round(level.count / 54)) for n, level in city.levels.items() if n != "district"
    }


# ── each of them ────────────────────────────────────────────────────────────────────────────────────


def test_fewer_leaders_find_fewer_disputes():
    """Q1: what a quarter of the leaders finds is part of what all of them find, each no sooner: nothing else comes to light."""
    found = []
    for leaders in (439, 100):
        quiet = {**policies("q1_leaders")[f"leaders={leaders}"].data, "targets": []}
        s = build(quiet, {"classes.ordinary.arrivals.rate": 0}, folder=SCENARIOS)
        table = simgov.run(s, replications=1, engine="simpy").incidents
        known = table[(table["class_born"] == "dispute") & table["found"].notna() & (table["repeat_of"] < 0)]
        found.append(dict(zip(known["born"], known["found"], strict=True)))
    more, fewer = found
    assert 0 < len(fewer) < len(more)
    assert all(more[born] < when for born, when in fewer.items())


def test_the_search_finds_a_quarter():
    """Q1: hazard 0.0019 a day at the reference span, births spread evenly: 1 - (1 - exp(-hT)) / (hT) of them by the census."""
    s = policies("q1_leaders")["leaders=439"]
    reach = s.classes["dispute"].found.hazard_per_day * s.days
    assert 1 - (1 - np.exp(-reach)) / reach == pytest.approx(0.25, abs=0.02)
    assert s.classes["dispute"].arrivals.rate == pytest.approx(4 * 0.01)


def test_readings_of_not_overnight_cost_presence():
    """Q2: the longer the duty of the reading, the more presence; with office hours only there is overtime and nothing else."""
    made = policies("q2_overnight")
    short = [
        build({**made[name].data, "period": SPRING}, folder=SCENARIOS) for name in ("off", "clock_24h", "cut_off", "midnight")
    ]
    runs = [simgov.run(s, replications=1, engine="simpy") for s in short]
    hours, overtime = ([run.value(name, team="community") for run in runs] for name in ("off_hours_presence", "overtime_hours"))
    assert hours[0] == overtime[0]
    assert hours == sorted(set(hours))


@pytest.mark.parametrize(("name", "days"), [("weekly", {2}), ("daily", {*range(7)}), ("online", None)])
def test_sittings_are_when_they_should_be(name, days):
    """Q4: what waits for a sitting is let through in its hours only; on demand nothing waits at a gate."""
    s = build({**policies("q4_consultation")[name].data, "period": SPRING}, folder=FOLDER)
    visits = simgov.run(s, replications=1, engine="simpy").visits
    mine = visits[(visits["stage"] == "consultation") & visits["admitted"].notna()]
    assert len(mine) > 10
    if days is None:
        assert (mine["admitted"] == mine["entered"]).all()
    else:
        assert set(mine["admitted"].dt.day_of_week) <= days
        assert set(mine["admitted"].dt.hour) <= {14, 15, 16, 17}


def test_the_surge_is_five_times_for_three_weeks():
    """Q6: in every policy but the quiet one ordinary events come five times as often on 21 days and as always on the others; disputes never more."""
    for policy, s in policies("q6_surge").items():
        rates = {name: np.zeros(s.days) for name in ("ordinary", "dispute", "check")}
        for start, end, epoch in s.epochs:
            for name, rate in rates.items():
                rate[start // DAY : end // DAY] = epoch.classes[name].arrivals.rate
        surge = rates["check"] > 0
        assert surge.sum() == (0 if policy == "quiet" else 21)
        assert np.allclose(rates["ordinary"] / 0.45, np.where(surge, 5, 1))
        assert set(rates["dispute"]) == {0.009}


def test_cadres_are_there_in_their_window_only():
    """Q6: 23 seconded cadres at each of 18 communities, for three weeks or two, and none without the change."""
    made = policies("q6_surge")
    people = {}
    for name, s in made.items():
        crowd = plan.make(s).crowd
        shifts = [crowd.shifts[k].present for k in crowd.person_shift[crowd.person_team == crowd.teams.index("cadre")]]
        people[name] = (len(shifts), {shift.length(0, s.days * DAY) // DAY for shift in shifts})
    assert people["alone"][0] == people["put_off"][0] == 0
    assert people["cadres"] == people["cadres_drawn"] == (23 * 18, {21})
    assert people["cadres_late"] == (23 * 18, {14})


def test_an_evening_seat_at_each_node():
    """Q12: one seat for each of 72 communities, of four streets, or for the district, with one person at a time."""
    seats = {}
    for name, s in policies("q12_seat").items():
        crowd = plan.make(s).crowd
        mine = crowd.pool_team == crowd.teams.index("evening_seat")
        seats[name] = int(np.count_nonzero(crowd.headcount[:, mine].max(axis=0) > 0))
        assert s.teams["evening_seat"].duty.people == 1
    assert seats == {"none": 0, "community": 72, "street": 4, "district": 1}
