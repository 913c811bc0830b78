"""Randomness by key: what a birth and a visit draw depends on seed, replication and its own address, and on nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from laws import visit_key
from world import Run, listed, matter, play, written

from simgov import draws
from simgov import plan as plans
from simgov.chance import mix
from simgov.draws import OUTCOME, WORK
from simgov.scenario import build

STAGES = {
    "sort": {"by": "desk", "work": {"exponential": "10 min"}, "outcomes": {"closed": 0.3}},
    "handle": {
        "by": "desk",
        "work": {"exponential": "1h"},
        "lead": {"exponential": "2h"},
        "outcomes": {"closed": 0.6, "sort": 0.1},
    },
    "court": {"by": "judge", "work": {"exponential": "2h"}},
}
TEAMS = {"desk": {"at": "unit", "hours": "office", "people": 2}, "judge": {"at": "town"}}
TREE = {"residents": 24_000, "levels": {"unit": 12, "town": 2, "city": 1}}
CLASSES = {
    "noise": {"arrivals": {"rate": 0.5, "day_cv": 0.4}, "difficulty": 1.0},
    "dispute": {"arrivals": {"rate": 0.2}, "difficulty": 2.0, "enters": {"sort": 0.5, "handle": 0.5}},
    "grudge": {
        "arrivals": {"rate": 0.1},
        "enters": "sort",
        "found": {"hazard_per_day": 0.2, "team": "judge", "reference": 10_000, "hidden_at_start": 40},
    },
    "listed": matter("Mo 09:00", "Tu 09:00"),
}


def data(**changes):
    return written(STAGES, **{"teams": TEAMS, "classes": CLASSES, "days": 10, **TREE, **changes})


def births(data, seed=1, replication=0):
    return draws.make(plans.make(build(data)), seed, replication).births


def luck(run: Run) -> dict:
    """What each visit drew, by key: seconds worked and the outcome uniform, by (incident key, stage, n-th time)."""
    key = {r.incident: r.key for r in run.rows("incidents")}
    work = {(r.incident, r.visit): r.regular + r.off_hours for r in run.rows("work") if r.end >= 0}
    found = {}
    for v in run.rows("visits"):
        if v.finished >= 0:
            own = visit_key(key[v.incident], v.stage, v.nth)
            lead = v.left - v.finished if v.left >= 0 else None
            found[key[v.incident], v.stage, v.nth] = (work.get((v.incident, v.visit)), lead, mix(own ^ OUTCOME))
    return found


# ── invariance ──────────────────────────────────────────────────────────────────────────────────────

POLICIES = {
    "staffing": {"teams.desk.people": 5, "teams.judge.people": 2},
    "hours": {"teams.desk.hours": "always", "stages.handle.hours": "finish"},
    "stages": {
        "stages.sort.outcomes": {"closed": 0.1},
        "stages.handle.due": {"at": "3h", "then": {"move": "court"}},
        "stages.handle.priority": {"dispute": -1},
    },
    "one more stage": {"stages.extra": {"outcomes": {"closed": 0.5, "never": 0.5}}},
}


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_changes_births_difficulty_or_home(policy):
    """Other staffing, hours or stages leave every birth with its key, second, home, entry and difficulty."""
    plain, changed = births(data()), draws.make(plans.make(build(data(), POLICIES[policy])), 1, 0).births

    for name in ("key", "root", "cls", "nth", "home", "entry", "born", "difficulty"):
        assert np.array_equal(getattr(plain, name), getattr(changed, name)), name


@pytest.mark.parametrize("policy", ["staffing", "hours", "stages"])
def test_no_policy_changes_the_luck_of_a_visit(policy):
    """A visit that takes place under two policies takes the same seconds of work and lead and draws the same outcome uniform."""
    plain = Run(data())
    changed = Run({**data(), "changes": {"p": {"set": POLICIES[policy]}}, "apply": ["p"]})

    mine, yours = luck(plain), luck(changed)
    both = mine.keys() & yours.keys()

    assert len(both) > 50
    # A lead that a due has cut short, and one still going on, are no draws.
    assert all(mine[k][0] == yours[k][0] and mine[k][2] == yours[k][2] for k in both)
    if policy != "stages":
        assert all(mine[k][1] == yours[k][1] for k in both if None not in (mine[k][1], yours[k][1]))
    assert not plain.journal.same_as(changed.journal)


def test_moving_borders_moves_no_incident():
    """With half as many units, an incident has the same key, second and difficulty, and its home is the unit that took over its old one's residents."""
    fine, coarse = births(data()), births(data(levels={"unit": 6, "town": 2, "city": 1}))

    for name in ("key", "nth", "born", "difficulty", "entry", "cls"):
        assert np.array_equal(getattr(fine, name), getattr(coarse, name)), name
    small, large = plans.make(build(data())).tree, plans.make(build(data(levels={"unit": 6, "town": 2, "city": 1}))).tree
    into = dict(zip(small.at("unit").tolist(), np.repeat(large.at("unit"), 2).tolist(), strict=True))
    keyed = fine.nth < 1 << 41  # births from a list without a place fall on any node
    assert [into[h] for h in fine.home[keyed].tolist()] == coarse.home[keyed].tolist()


def test_a_stage_put_between_two_others_shifts_no_luck():
    """Draws go by the names of stages, not by their numbers."""
    stages = {"sort": STAGES["sort"], "new": {}, **{k: STAGES[k] for k in ("handle", "court")}}

    mine, yours = (
        luck(Run(data())),
        luck(Run({**data(), "stages": {**stages, "court": {**stages["court"], "outcomes": {"closed": 1}}}})),
    )

    both = mine.keys() & yours.keys()
    assert len(both) > 50
    assert all(mine[k] == yours[k] or None in (mine[k][1], yours[k][1]) for k in both)


def test_a_better_chance_only_adds_closings():
    """With `closed` cut first, whoever was closed at a stage is closed there too when the chance is larger."""

    def closed(chance):
        run = play({"handle": {"outcomes": {"court": 0.2, "closed": chance}}, "next": {}}, ["Mo 08:30"] * 300, ends={"court": {}})
        return {r.incident for r in run.rows("visits") if r.stage == "handle" and r.result == 0}

    assert closed(0.3) < closed(0.5) < closed(0.8)


def test_more_hidden_incidents_move_no_later_birth():
    """Kinds of birth are counted apart: a larger stock at the start changes neither births nor finds of the others."""
    more = {**CLASSES, "grudge": {**CLASSES["grudge"], "found": {**CLASSES["grudge"]["found"], "hidden_at_start": 90}}}

    few, many = births(data()), births(data(classes=more))

    mine, yours = (
        set(zip(*(getattr(b, n).tolist() for n in ("key", "born", "found", "home")), strict=True)) for b in (few, many)
    )
    assert mine < yours
    assert len(yours) == len(mine) + 50


def test_another_class_moves_no_birth():
    """One more class leaves the births of all others as they are."""
    extra = data()
    extra["classes"]["extra"] = {"arrivals": {"rate": 1}, "enters": "sort"}

    plain, more = births(data()), births(extra)

    assert set(plain.key.tolist()) < set(more.key.tolist())


# ── seeds ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("other", [(0, 0), (1, 1), (0, 1), (2, 0), (2**32, 0), (2**64, 0)])
def test_seeds_and_replications_differ(other):
    """Other seeds (0 and very large ones too) and other replications give other births; the same ones the same."""
    base, again, differs = births(data(), 1, 0), births(data(), 1, 0), births(data(), *other)

    assert np.array_equal(base.key, again.key)
    assert not set(base.key.tolist()) & set(differs.key.tolist())


def test_keys_of_incidents_are_unique():
    """No two of some thousands of incidents have the same key."""
    found = [k for rep in range(20) for k in births(data(), 1, rep).key.tolist()]

    assert len(found) == len(set(found)) > 2000


def test_purposes_of_a_visit_are_independent():
    """Work time and outcome of the same visit are uncorrelated over many visits (z of 4)."""
    n = 20_000
    key = [mix(i) for i in range(n)]
    work = np.array([mix(k ^ WORK) >> 12 for k in key], float)
    outcome = np.array([mix(k ^ OUTCOME) >> 12 for k in key], float)

    assert abs(np.corrcoef(work, outcome)[0, 1]) < 4 / math.sqrt(n)


# ── births ──────────────────────────────────────────────────────────────────────────────────────────


def test_births_are_numbered_in_order():
    """Incidents are numbered by (born, class, root, k-th birth)."""
    b = births(data(levels={"unit": 12, "town": 2}))

    rows = list(zip(b.born.tolist(), b.cls.tolist(), b.root.tolist(), b.nth.tolist(), strict=True))
    assert rows == sorted(rows)
    assert len(set(b.root.tolist())) == 2


def test_listed_births_are_as_listed():
    """A list gives second, node, stage and difficulty; what it leaves out is drawn."""
    arrivals = {
        "list": [{"at": "2022-05-03 10:00", "node": "unit-2", "enters": "court", "difficulty": 1.5}, {"at": "2022-05-02 09:00"}]
    }
    run = play(
        {"handle": {}, "court": {}},
        classes={"m": {"arrivals": arrivals, "enters": "handle", "difficulty": 1.0}},
        levels={"unit": 3},
    )

    assert run.facts("born channel") == [("Mo 09:00", "handle"), ("Tu 10:00", "court")]
    assert run.rows("incidents")[1].difficulty == 1.5
    assert run.plan.tree.names[run.rows("incidents")[1].home] == "unit-2"


def test_entry_shares():
    """An incident enters at stages by their shares (z of 4)."""
    run = play(
        {"a": {"outcomes": {"closed": 1}}, "b": {}}, classes={"m": matter(*["Mo 09:00"] * 1000, enters={"a": 0.3, "b": 0.7})}
    )

    assert abs(run.facts("channel").count("a") - 300) < 4 * math.sqrt(210)


def test_difficulty_is_normal():
    """Difficulties of a class have mean 0 and the class's standard deviation (z of 4)."""
    run = play({"a": {}}, classes={"m": matter(*["Mo 09:00"] * 4000, difficulty=2.0), "plain": {"arrivals": listed("Mo 09:00")}})
    d = np.array([r.difficulty for r in run.rows("incidents") if r.cls == "m"])

    assert abs(d.mean()) < 4 * 2 / math.sqrt(4000)
    assert abs(d.std() - 2) < 4 * 2 / math.sqrt(2 * 4000)
    assert run.rows("incidents")[-1].difficulty == 0


def test_skill_is_spread_over_nodes_and_keyed_by_them():
    """A team's skill is one Normal number for each node, the same whatever else is in the tree."""

    def skill(levels):
        s = build(data(levels=levels, teams={**TEAMS, "desk": {**TEAMS["desk"], "skill": {"mean": 1, "sd": 0.5}}}))
        p = plans.make(s)
        found = draws.make(p, 1, 0).skill
        return {
            (p.crowd.teams[t], p.tree.names[n]): x for t, n, x in zip(p.crowd.pool_team, p.crowd.pool_node, found, strict=True)
        }

    few, many = skill({"unit": 6, "town": 2, "city": 1}), skill({"unit": 400, "town": 2, "city": 1})

    assert all(many[k] == few[k] for k in few)
    spread = [x for (team, _), x in many.items() if team == "desk"]
    assert abs(np.mean(spread) - 1) < 4 * 0.5 / 20
    assert abs(np.std(spread) - 0.5) < 4 * 0.5 / math.sqrt(800)
    assert {x for (team, _), x in many.items() if team == "judge"} == {0.0}


def test_the_first_order_of_people_is_keyed_and_fair():
    """Who of four is taken first at the start is each of them equally often over replications (chi-square below its 1e-4 point)."""
    n = 400
    p = plans.make(build(data(teams={**TEAMS, "desk": {**TEAMS["desk"], "people": 4}}, levels={"unit": 1, "town": 1})))
    first = np.zeros(4)
    for rep in range(n):
        order = draws.make(p, 1, rep).order[:4]
        assert sorted(order.tolist()) == [0, 1, 2, 3]
        first[order.argmin()] += 1

    assert ((first - n / 4) ** 2 / (n / 4)).sum() < 21.1
