"""The shipped city and nation: every number has an origin, the counts are exact, and the city gives what was reported of it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats
from test_dongxing import DONGXING, FACTS, SCENARIOS, VARIANTS, numbers

import simgov
from simgov import flow, plan
from simgov.scenario import build, load
from simgov.scenario.origins import origin_of
from simgov.scenario.paths import differences
from simgov.targets import MET

FILE, NATION = SCENARIOS / "putian.yaml", SCENARIOS / "nation.yaml"
PUTIAN = load(FILE)
LEVELS = {"unit": 134_753, "grid": 10_439, "community": 973, "street": 54, "district": 5, "city": 1}
STAFF = {
    "unit_leader": 134_753,
    "grid_worker": 10_439,
    "community": 4 * 973,
    "street_seat": 2 * 54,
    "street_dept": 12 * 54,
    "district_seat": 2 * 5,
    "district_bureau": 40 * 5,
    "city_bureau": 40,
}


@pytest.fixture(scope="module")
def city():
    return plan.make(PUTIAN)


def counts(s):
    return {name: level.count for name, level in s.levels.items()}


def collected(s, city):
    """Expected incidents of a city over the period, those that come back included."""
    ours = np.array([not cls.background for cls in s.classes.values()])
    expected = flow.expected(city)
    births = expected.births[ours].sum() * s.days
    closed = np.nansum((expected.visits * expected.closing)[ours]) / expected.births[ours].sum()
    returns, solved = s.classes["ordinary"].returns, s.stages["prehandle"].outcomes["ordinary"]["closed"].solved
    in_time = stats.lognorm(s=0.8, scale=30).cdf(np.arange(s.days)).mean()  # lognormal(median 30 days, sigma 0.8)
    return births / (1 - closed * (1 - solved) * returns.chance * in_time)


# ── where the numbers come from ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("file", "change"), [(FILE, c) for c in (*VARIANTS, "grids_4600", "chores_in_hours")] + [(NATION, c) for c in (*VARIANTS, "four_cities")])
def test_every_number_has_an_origin(file, change):
    """No number of city or nation is without an origin, whatever change is in force."""
    s = load(file, changes=[change])
    found = list(numbers(s.data))
    assert len(found) > 180
    assert [path for path, _ in found if origin_of(path, s.origins) is None] == []


@pytest.mark.parametrize("file", [FILE, NATION])
def test_outside_figures_and_priors_are_not_passed_off_as_facts(file):
    """A source is a fact of the documents or derived from them, what is outside is not; ids in notes exist."""
    for origin in load(file).origins.values():
        says = [origin.says] if isinstance(origin.says, str) else origin.says
        known = {FACTS[i]["kind"] for i in says if i in FACTS}
        assert known <= ({"seed", "derived"} if origin.kind == "source" else {"outside"}), origin
        said = f"{origin.says} {origin.note}"
        assert set(re.findall(r"\b(?:PT|DX|XL|BT|D|P|X)-[A-Z0-9-]*[A-Z0-9]\b", said)) <= set(FACTS), said


def test_names_are_in_both_languages():
    """Levels, teams, classes, ends, stages, changes and targets have English and Chinese labels."""
    for s in (PUTIAN, load(NATION)):
        named = [x for part in (s.levels, s.teams, s.classes, s.ends, s.stages, s.changes) for x in part.values()]
        assert all(x.label and x.label.en and x.label.zh for x in [*named, *s.targets])


def test_putian_is_dongxing_at_another_size():
    """The procedure of the one branch is that of the city, but for the chances of never ending and the neighbours' matters."""
    changed = {path[:4] for path in differences(DONGXING.data["stages"], PUTIAN.data["stages"]) if path[0] != "chores"}
    handled = ("street_handle", "joint_visit", "city_handle")
    assert changed == {
        ("prehandle", "span", "reference"),
        *((stage, "outcomes", "closed", "chance") for stage in handled),
        *((stage, "outcomes", "never") for stage in (*handled, "district_handle")),
    }
    assert not any("neighbours" in name for name in PUTIAN.classes)
    visits = load(FILE, changes=["chores_as_visits"])
    assert {path[:2] for path in differences(DONGXING.data["teams"], visits.data["teams"])} == {("district_bureau", "people"), ("city_bureau", "people")}


# ── the city ────────────────────────────────────────────────────────────────────────────────────────


def test_the_counts_of_the_city_are_exact(city):
    """Nodes by level, residents, and people by team are those of the sources."""
    assert counts(PUTIAN) == LEVELS
    assert {level: len(city.tree.at(level)) for level in LEVELS} == LEVELS
    assert city.tree.residents[0] == city.tree.residents[city.tree.at("unit")].sum() == 3_210_700
    names = np.array(city.crowd.teams)[city.crowd.person_team]
    assert {team: int((names == team).sum()) for team in STAFF} == STAFF


def test_the_events_of_the_city_are_those_reported(city):
    """514,400 events are expected within 1 %, of which a fiftieth are disputes."""
    births = dict(zip(city.classes, flow.expected(city).births, strict=True))
    assert collected(PUTIAN, city) == pytest.approx(514_400, rel=0.01)
    assert births["dispute"] / (births["ordinary"] + births["dispute"]) == pytest.approx(0.0196, rel=0.01)
    assert (PUTIAN.period.start.isoformat(), PUTIAN.period.end.isoformat()) == ("2022-05-01", "2023-03-29")


def test_nobody_is_asked_for_more_than_the_hours_there_are():
    """Expected work of each paid team leaves some of its office hours free, and chores take about 0.65 of those who have them."""
    city = plan.make(load(FILE, changes=["chores_as_visits"]))
    hours = PUTIAN.calendar("office").hours.length(0, city.horizon) / 3600 / PUTIAN.days
    used = dict(zip(city.crowd.teams, flow.expected(city).work, strict=True))
    share = {team: used[team] / (hours * n) for team, n in STAFF.items() if team != "unit_leader"}
    assert 0.6 < share["grid_worker"] < 0.75
    assert 0.6 < share["community"] < 0.75
    assert all(0.65 < share[team] < 0.85 for team in ("street_dept", "district_bureau", "city_bureau"))
    assert all(share[team] < 0.2 for team in ("street_seat", "district_seat"))  # dedicated, and the events are few


def test_the_grids_that_the_newspaper_counts():
    """The change to 4,600 grids changes that number and nothing else."""
    s = load(FILE, changes=["grids_4600"])
    assert counts(s) == {**LEVELS, "grid": 4_600}
    assert list(differences(PUTIAN.data, s.data)) == [("levels", "grid", "count")]
    assert s.in_force == ("cut_off", "chores_in_hours", "grids_4600")


def test_chores_as_hours_leave_the_same_share_of_time():
    """Without chores of grid workers and communities, their hours are what chores leave over (P-24)."""
    s = load(FILE)
    assert s.in_force == ("cut_off", "chores_in_hours")
    assert [name for name, cls in s.classes.items() if cls.background] == ["dept_chores", "district_chores", "city_chores"]
    free = s.calendar("left_over").hours.length(0, s.days * 86_400) / s.calendar("office").hours.length(0, s.days * 86_400)
    assert free == pytest.approx(0.35, abs=0.02)


def test_a_fiftieth_of_the_city_is_near_the_targets():
    """The reported figures come out of a part of the city, within what chance allows, in the reading with fewer visits."""
    small = {
        "extends": str(FILE),
        "residents": 64_214,
        "levels": {name: {"count": max(1, round(n / 50))} for name, n in LEVELS.items()},
        "teams": {"district_bureau": {"people": 4}, "city_bureau": {"people": 1}},
        "changes": {"grids_4600": None},
        "apply": ["cut_off", "chores_in_hours"],
    }
    value = simgov.run(build(small, root=FILE.parent), replications=1, engine="simpy").value
    assert value("collected") == pytest.approx(514_400 / 50, rel=0.05)
    assert value("headline_closure") == pytest.approx(0.9928, abs=0.003)
    assert value("settled_of_reached", level="unit", **{"class": "dispute"}) == pytest.approx(0.6, abs=0.1)
    assert value("settled_at_or_below", level="community") > 0.9


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_the_city_meets_its_targets():
    """All reported figures are met by the whole city."""
    verdicts = simgov.run(PUTIAN, replications=40, journal=False).targets
    assert set(verdicts["verdict"]) == {MET}, verdicts


# ── the nation ──────────────────────────────────────────────────────────────────────────────────────


def test_the_nation_is_440_cities():
    """Every city has Putian's counts, and all together the residents of a nation."""
    s = load(NATION)
    assert counts(s) == {name: 440 * n for name, n in LEVELS.items()}
    forest = plan.plant(s)
    assert forest.residents.sum() == 1_400_000_000
    assert {name: set(n.tolist()) for name, n in forest.counts.items()} == {name: {n} for name, n in LEVELS.items()}
    assert s.targets == []
    assert "exercise in scale" in s.description.en
    assert "规模练习" in s.title.zh


def test_the_events_of_the_nation():
    """255 million in the year, within 1 %."""
    s = load(NATION)
    first = plan.make(s, range(1))
    assert 440 * collected(s, first) == pytest.approx(255e6, rel=0.01)
    assert s.days == 365


def test_four_cities_are_the_first_of_the_nation():
    """The change to four cities leaves each of them as it is among 440."""
    four, all_ = load(NATION, changes=["four_cities"]), load(NATION)
    assert counts(four) == {name: 4 * n for name, n in LEVELS.items()}
    one, other = (plan.make(s, range(3, 4)).tree for s in (four, all_))
    assert one.names == other.names
    assert np.array_equal(one.residents, other.residents)
