"""Ledgers: hours, points, lists, strikes and deductions, and the share of them that is luck."""

from __future__ import annotations

import json
from itertools import product
from math import comb
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import street
from click.testing import CliRunner
from world import written

import simgov
from simgov import document, plots
from simgov.cli.ledger import HOURS, ITEMS, ledger
from simgov.errors import OutputError, ScenarioError, UsageError
from simgov.language import say
from simgov.ledgers import build_rules, by_lot, hours, lists, load_rules, points, read
from simgov.ledgers.journal_facts import facts
from simgov.ledgers.luck import components, expected
from simgov.ledgers.rounds import Rounds, edges, tally
from simgov.ledgers.rules import Tariff
from simgov.ledgers.scored import entered
from simgov.plots import talks

ROOT = Path(__file__).parents[1]
SHEETS = sorted((ROOT / "scenarios/ledgers").glob("*.yaml"))
SHEET = {
    "schema": 1,
    "team": "leader",
    "every": "week",
    "points": {"received": 1, "closed": {"each": 2, "classes": {"dispute": 5}}, "overdue": -1},
    "bottom": {"n": 1, "strikes": 2},
    "top": 1,
    "deduct": {"share": 0.15, "of_mean": 1},
}


# ── by lot ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("nodes", [50, 80, 100, 150, 200])
def test_the_closed_form_is_that_of_the_facts(nodes):
    """Bottom five of N equal staff, 26 rounds, two strikes: the values of D-27, whose formula it is."""
    (row,) = [
        line for line in (ROOT / "scenarios/facts.csv").read_text(encoding="utf-8").splitlines() if line.startswith("D-27,")
    ]
    told = json.loads(row[row.index('"{') + 1 : row.index('}"') + 1].replace('""', '"'))
    p = 5 / nodes

    assert by_lot.struck(26, 5, nodes, 2) == pytest.approx(1 - (1 - p) ** 26 - 26 * p * (1 - p) ** 25, abs=1e-14)
    assert round(by_lot.struck(26, 5, nodes, 2), 3) == told[f"N={nodes}"]


@pytest.mark.parametrize("strikes", [1, 2, 3, 4])
@pytest.mark.parametrize("window", [None, 1, 2, 3, 5])
@pytest.mark.parametrize("clears", [True, False])
def test_the_chain_agrees_with_all_courses(strikes, window, clears):
    """The exact chain gives what all 2^7 courses of listings give, weighed by their chance, under the rule that real lists follow."""
    rounds, p = 7, 2 / 5
    courses = np.array(list(product([False, True], repeat=rounds)))[:, :, None]
    weight = np.prod(np.where(courses, p, 1 - p), axis=(1, 2))
    talked = lists.talks(courses, strikes, window, clears)

    share, mean = by_lot.talks(rounds, 2, 5, strikes, window, clears)
    assert share == pytest.approx((talked.any(axis=(1, 2)) * weight).sum(), abs=1e-12)
    assert mean == pytest.approx((talked.sum(axis=(1, 2)) * weight).sum(), abs=1e-12)
    if window is None:
        assert share == pytest.approx(by_lot.struck(rounds, 2, 5, strikes), abs=1e-12)


@pytest.mark.parametrize(
    ("rule", "talks"),
    [
        ({"strikes": 2}, [0, 0, 0, 1, 0, 0, 1]),
        ({"strikes": 2, "clears": False}, [0, 0, 0, 1, 0, 1, 1]),
        ({"strikes": 2, "window": 2}, [0, 0, 0, 0, 0, 0, 1]),
        ({"strikes": 2, "window": 3}, [0, 0, 0, 1, 0, 0, 1]),
        ({"strikes": 3, "window": 5}, [0, 0, 0, 0, 0, 1, 0]),
        ({"strikes": 1}, [0, 1, 0, 1, 0, 1, 1]),
    ],
)
def test_strikes(rule, talks):
    """A listing counts for `window` rounds, its own included; a talk wipes the slate, or not."""
    listed = np.array([0, 1, 0, 1, 0, 1, 1], bool)[None, :, None]

    assert lists.talks(listed, **rule)[0, :, 0].astype(int).tolist() == talks


@pytest.mark.parametrize("tied", [False, True])
def test_equal_nodes_are_listed_as_the_closed_form_says(tied):
    """80 nodes whose points have one distribution (or are all equal), 26 rounds, 200 courses: the share with two strikes is that of D-27."""
    rng, shape = np.random.default_rng(5), (200, 26, 80)
    x = np.zeros(shape) if tied else rng.poisson(3.0, shape).astype(float)
    listed = lists.lowest(x, lists.lots(1, "leader", shape), 5)

    assert (listed.sum(axis=2) == 5).all()
    single = lists.talks(listed, 2).any(axis=1).mean(axis=1)
    assert single.mean() == pytest.approx(by_lot.struck(26, 5, 80, 2), abs=4 * single.std() / np.sqrt(200))
    assert lists.held_again(listed).mean() == pytest.approx(5 / 80, abs=0.003)


def test_always_and_most_often():
    """Two nodes, two rounds, one place: the same node twice in half of the cases; on average the more frequent one is on 3 of 4 lists."""
    assert by_lot.always(2, 1, 2) == 0.5
    assert by_lot.most_often(2, 1, 2) == pytest.approx(0.75, abs=0.03)
    assert by_lot.most_often(3, 2, 2) == 1


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_lowest_are_listed_and_equals_by_lot():
    """Fewer points first; of equals, those with the lower lot; how many places only the lot decided."""
    x, lot = np.array([[[3.0, 1, 1, 1, 0]]]), np.array([[[0.1, 0.9, 0.2, 0.5, 0.7]]])

    assert lists.lowest(x, lot, 3)[0, 0].tolist() == [False, False, True, True, True]
    assert [int(lists.by_lot(x, n)[0, 0]) for n in (1, 2, 3, 4)] == [0, 1, 2, 0]


def test_lots_depend_on_nothing_but_their_address():
    """The lot of a node and round is the same in a longer run and in a larger tree, and another one for another seed."""
    few, many = lists.lots(3, "leader", (2, 3, 4)), lists.lots(3, "leader", (5, 6, 7))

    assert np.array_equal(few, many[:2, :3, :4])
    assert len(np.unique(many)) == many.size
    assert not np.isin(few, lists.lots(4, "leader", (2, 3, 4))).any()


def test_places_held_again():
    """1 when the lists of all rounds are the same, 0 when they share nobody, between when some stay."""
    same, other, half = (np.zeros((1, 3, 6), bool) for _ in range(3))
    same[:, :, :2] = True
    for t in range(3):
        other[:, t, 2 * t : 2 * t + 2] = True
        half[:, t, [0, t + 1]] = True

    assert [float(lists.held_again(x)[0]) for x in (same, other, half)] == [1, 0, 0.5]


def test_places_of_those_who_are_otherwise_no_worse():
    """A node that falls low once and is the best in all other rounds holds its place by bad luck; one that is always last does not."""
    x = np.array([[[9.0, 1, 5, 5], [9, 1, 5, 5], [0, 1, 5, 5]]])
    listed = lists.lowest(x, np.zeros(x.shape), 1)

    assert lists.no_worse(x, listed)[0] == pytest.approx(1 / 3)


# ── luck ────────────────────────────────────────────────────────────────────────────────────────────


def test_nodes_that_differ_for_ever_have_no_luck():
    """Points that are a node's own in every round: luck is 0 and what stays is the variance over nodes; rounds may differ in all they like."""
    own, round_ = np.array([1.0, 4, 7, 8]), np.array([0.0, 100, -3])
    found = components((own[None, :] + round_[:, None])[None])

    assert found.luck[0] == pytest.approx(0, abs=1e-12)
    assert found.stays[0] == pytest.approx(own.var(ddof=1))


def test_components_are_unbiased():
    """Node effects of sd 2 and luck of sd 3, in 4,000 small tables: on average both variances come out, and so does a covariance."""
    rng = np.random.default_rng(1)
    stays, luck = 2 * rng.standard_normal((4000, 1, 6)), 3 * rng.standard_normal((4000, 5, 6))
    found = components(stays + luck)
    shared = components(stays + luck, 0.5 * stays - luck)

    for values, truth in ((found.stays, 4), (found.luck, 9), (shared.stays, 2), (shared.luck, -9)):
        assert values.mean() == pytest.approx(truth, abs=4 * values.std() / np.sqrt(4000))


def test_expected_points_are_those_of_the_average_node():
    """Each case counts what a case of its class brings on average; over all nodes nothing is lost."""
    load = np.array([[[[4, 0], [0, 2]]]])  # two nodes, two classes
    by_class = np.array([[[[2.0, 0], [0, 6]]]])
    assert expected(by_class, load)[0, 0].tolist() == [2, 6]
    load, by_class = np.array([[[[4, 1], [0, 2]]]]), np.array([[[[2.0, 0], [0, 6]]]])
    assert expected(by_class, load)[0, 0].tolist() == [4, 4]
    assert expected(np.zeros((1, 1, 2, 1)), np.zeros((1, 1, 2, 1)))[0, 0].tolist() == [0, 0]  # no cases at all


def made(by_class, load):
    """Points and load that were counted."""
    rounds = by_class.shape[1]
    return Rounds(np.arange(rounds + 1).astype("datetime64[D]"), ("a",), by_class[..., None], load[..., None])


def test_luck_load_and_the_rest_add_up():
    """Nodes differ by load, by what they make of it, and by chance: the three shares add up to 1 and are what was put in."""
    rng = np.random.default_rng(2)
    load = rng.integers(5, 40, (1, 1, 200)) + np.zeros((20, 12, 1))
    skill, chance = rng.standard_normal((20, 1, 200)), 4 * rng.standard_normal((20, 12, 200))
    x = load + 3 * skill + chance
    found = entered(made(x, load), build_rules(SHEET), np.zeros(x.shape))
    parts = [found.value("points", item) for item in ("luck", "load", "rest")]

    assert sum(parts) == pytest.approx(1, abs=1e-12)
    total = load[0, 0].var(ddof=1) + 9 + 16
    assert parts == pytest.approx([16 / total, load[0, 0].var(ddof=1) / total, 9 / total], abs=0.02)
    assert found.value("points", "luck_of_a_year") == pytest.approx(16 / (16 + 52 * (total - 16)), abs=0.002)


def test_equal_nodes_are_all_luck():
    """Where all nodes are equal, all is luck, lists are as if drawn by lot, and every interval holds what the lot gives."""
    x = np.random.default_rng(3).poisson(2.0, (60, 26, 40)).astype(float)
    found = entered(made(x, x), build_rules({**SHEET, "bottom": {"n": 5, "strikes": 2}}), lists.lots(1, "leader", x.shape))
    table = found.table[found.table["by_lot"].notna() & found.table["value"].notna()]

    assert len(table) > 12
    slack = 0.5 * (table["high"] - table["low"]) + 1e-9
    assert ((table["by_lot"] >= table["low"] - slack) & (table["by_lot"] <= table["high"] + slack)).all(), table
    assert found.value("points", "luck") == pytest.approx(1, abs=0.01)
    assert found.value("bottom", "luck") == pytest.approx(1, abs=0.01)
    (year,) = found.table.loc[found.table["item"] == "talked_to_in_a_year", "by_lot"]
    assert year == pytest.approx(1 - sum(comb(52, j) * 0.125**j * 0.875 ** (52 - j) for j in (0, 1)))


def test_the_same_nodes_always_are_no_luck():
    """Where one node is always last and one always first, lists hold no luck, and the roll has somebody in every round."""
    x = np.arange(10.0) + np.zeros((3, 8, 1))
    found = entered(made(x, np.ones(x.shape)), build_rules(SHEET), np.zeros(x.shape))

    for name in ("bottom", "top"):
        assert found.value(name, "luck") == 0
        assert found.value(name, "drawn_by_lot") == 0
    assert (found.value("top", "always"), found.value("top", "most_often")) == (1, 1)
    assert found.value("bottom", "talked_to") == pytest.approx(0.1)
    assert found.value("bottom", "talks_per_node") == pytest.approx(0.4)


def test_nothing_at_all_is_no_error():
    """Where nobody has a case or a point, shares of nothing are nan, all places are drawn by lot, and nothing fails."""
    x = np.zeros((2, 3, 5))
    found = entered(made(x, x), build_rules(SHEET), lists.lots(1, "leader", x.shape))

    assert np.isnan(found.value("points", "luck"))
    assert (found.value("points", "no_points"), found.value("bottom", "drawn_by_lot"), found.value("deduct", "nodes")) == (
        1,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("rule", "below"),
    [({"points": 3}, 0.3), ({"of_mean": 1}, 0.5), ({"lowest": 0.2}, 0.2)],
)
def test_deductions(rule, below):
    """Points 0 to 9 in every round: who is below the threshold, what is withheld, and that it all comes from load when points are load."""
    x = np.arange(10.0) + np.zeros((3, 4, 1))
    found = entered(made(x, x), build_rules({**SHEET, "deduct": {"share": 0.15, **rule}}), np.zeros(x.shape))

    assert found.value("deduct", "nodes") == pytest.approx(below)
    assert found.value("deduct", "money") == pytest.approx(0.15 * below)
    assert found.value("deduct", "by_load") == 1
    assert found.value("deduct", "held_again") == 1
    assert (found.value("deduct", "least_load"), found.value("deduct", "most_load")) == (pytest.approx(min(1, below * 10 / 3)), 0)


def test_deductions_that_load_does_not_explain():
    """All nodes have the same cases and half of them close none: nobody falls below the threshold by load."""
    x = np.array([0.0, 0, 2, 2]) + np.zeros((2, 3, 1))
    found = entered(
        made(x, np.ones(x.shape)), build_rules({**SHEET, "deduct": {"share": 0.15, "of_mean": 0.8}}), np.zeros(x.shape)
    )

    assert (found.value("deduct", "nodes"), found.value("deduct", "by_load")) == (0.5, 0)


# ── facts of the journal ────────────────────────────────────────────────────────────────────────────


def told(result, team):
    """By fact: (node, class, moment) of every time."""
    return {
        name: sorted((n, c, f"{at:%d %H:%M}") for n, c, at in zip(rows["node"], rows["class"], rows["at"], strict=True))
        for name, rows in facts(result, team).items()
        if len(rows)
    }


def at_node(day, node, **more):
    return {"at": f"2022-05-{day}", "node": node, **more}


def small(**more):
    """Two units with a leader each: matters that the leader closes, passes on, or leaves past the due; a return visit; chores."""
    arrivals = [at_node("02 09:00", "unit-1"), at_node("03 09:00", "unit-2")]
    classes = {
        "good": {"arrivals": {"list": arrivals}, "enters": "handle"},
        "bad": {"arrivals": {"list": [at_node("04 09:00", "unit-2")]}, "enters": "handle"},
        "hard": {"arrivals": {"list": [at_node("05 09:00", "unit-1")]}, "enters": "handle"},
        "late": {"arrivals": {"list": [at_node("06 09:00", "unit-1")]}, "enters": "handle"},
        "open": {"arrivals": {"list": [at_node("16 23:30", "unit-2")]}, "enters": "handle"},
        "chore": {"arrivals": {"list": [at_node("09 09:00", "unit-1")]}, "enters": "chores", "background": True},
    }
    stages = {
        "handle": {
            "by": "leader",
            "work": {"late": "4h", "other": "1h"},
            "due": "2h",
            "outcomes": {"hard": {"desk": 1}, "bad": {"closed": {"chance": 1, "solved": 0}}, "other": {"closed": 1}},
        },
        "desk": {"by": "desk", "work": "30 min", "outcomes": {"closed": 1}},
        "ask": {"by": "desk", "wait": "1 day", "work": "1 min", "verify": {"of": ["handle"]}},
        "chores": {"by": "leader", "work": "1h", "outcomes": {"closed": 1}},
    }
    teams = {"leader": {"at": "unit", "people": 1}, "desk": {"at": "street"}, "party": {"at": "unit", "people": "unlimited"}}
    return simgov.build(
        written(stages, teams=teams, classes=classes, days=15, levels={"unit": 2, "street": 1}, residents=10, **more)
    )


@pytest.fixture(scope="module")
def week():
    return simgov.run(small(), replications=2)


def test_facts_are_counted_where_and_when_they_happen(week):
    """Each fact at its node, class and moment, once per replication; chores and what other teams do bring nothing."""
    found = {name: rows[::2] for name, rows in told(week, "leader").items() if rows[::2] == rows[1::2]}
    good, other = ("unit-1", "good"), ("unit-2", "good")
    bad, hard, late = ("unit-2", "bad"), ("unit-1", "hard"), ("unit-1", "late")
    everything = [(*good, "02 09:00"), (*other, "03 09:00"), (*bad, "04 09:00"), (*hard, "05 09:00"), (*late, "06 09:00")]
    everything = sorted([*everything, ("unit-2", "open", "16 23:30")])  # its due lies behind the census

    assert found == {
        "collected": everything,
        "received": everything,
        "handled": sorted(
            [(*good, "02 10:00"), (*other, "03 10:00"), (*bad, "04 10:00"), (*hard, "05 10:00"), (*late, "06 13:00")]
        ),
        "closed": sorted([(*good, "02 10:00"), (*other, "03 10:00"), (*bad, "04 10:00"), (*late, "06 13:00")]),
        "closed_in_time": sorted([(*good, "02 10:00"), (*other, "03 10:00"), (*bad, "04 10:00")]),
        "in_time": sorted([(*good, "02 10:00"), (*other, "03 10:00"), (*bad, "04 10:00"), (*hard, "05 10:00")]),
        "overdue": [(*late, "06 11:00")],
        "passed_on": [(*hard, "05 10:00")],
        "satisfied": sorted([(*good, "03 10:01"), (*other, "04 10:01"), (*late, "07 13:01")]),
        "dissatisfied": [(*bad, "05 10:01")],
    }
    assert set(found) < set(Tariff.model_fields)


def test_what_comes_back_counts_for_who_closed_it():
    """A matter closed without being solved comes back as a new one, or is reopened: both count for the node that closed it."""
    stages = {
        "handle": {"by": "leader", "work": "1h", "outcomes": {"closed": {"chance": 1, "solved": 0}}},
        "ask": {"by": "leader", "wait": "1 day", "work": "1 min", "verify": {"unsolved": {"handle": 1}, "reopen_at_most": 1}},
    }
    classes = {
        "m": {
            "arrivals": {"list": [at_node("02 09:00", "unit-2")]},
            "enters": "handle",
            "returns": {"chance": 1, "after": "2 days"},
        }
    }
    teams = {"leader": {"at": "unit"}}
    data = written(stages, teams=teams, classes=classes, days=6, levels={"unit": 2}, residents=10)
    found = told(simgov.run(simgov.build(data), replications=1), "leader")

    assert found["received"] == [
        ("unit-2", "m", day) for day in ("02 09:00", "03 10:01", "06 11:02", "07 12:03")
    ]  # asking is no case
    assert found["reopened"][0] == ("unit-2", "m", "03 10:01")
    assert found["returned"][0][:2] == ("unit-2", "m")
    assert "satisfied" not in found


def test_a_second_belongs_to_one_round():
    """What happens on the first second of a round is in it, and what happens on the last one before is not."""
    moments = [at_node(at, "unit-2") for at in ("08 23:59:59", "09 00:00", "15 23:59:59", "16 00:00")]
    data = written(
        {"a": {"by": "leader", "work": "1h"}},
        teams={"leader": {"at": "unit"}},
        levels={"unit": 2},
        residents=10,
        days=20,
        classes={"m": {"arrivals": {"list": moments}}},
    )
    found = tally(simgov.run(simgov.build(data), replications=1), build_rules({**SHEET, "points": {"collected": 1}}))

    assert found.points.tolist() == [[[0, 1], [0, 2]]]
    assert found.load.sum(axis=-1).tolist() == found.points.tolist()


def test_points_are_facts_times_worth(week):
    """Points by round and node: a class may have a worth of its own; what lies behind the last complete round is left out."""
    rules = build_rules({**SHEET, "points": {"closed": {"each": 2, "classes": {"bad": 7}}, "overdue": -1}})
    found = points(week, rules)

    assert (found.nodes, found.replications, len(found.rounds)) == (2, 2, 2)
    assert found.rounds["mean"].tolist() == [(2 + 2 - 1 + 2 + 7) / 2, 0]
    assert found.rounds[["least", "most"]].iloc[0].tolist() == [3, 9]
    assert found.table.equals(points(week, rules).table)  # nothing is left to chance


@pytest.mark.parametrize(
    ("every", "warm_up", "starts"),
    [
        ("week", 0, ["05-02", "05-09", "05-16", "05-23", "05-30"]),
        ("two weeks", 0, ["05-02", "05-16", "05-30"]),
        ("week", "10 days", ["05-12", "05-19", "05-26"]),
        ("month", 0, []),
    ],
)
def test_rounds_are_complete(every, warm_up, starts):
    """Rounds begin after the warm-up and end by the census; months and quarters are those of the calendar."""
    scenario = simgov.build(written({"a": {"by": "desk", "work": "1h"}}, days=30, **({"warm_up": warm_up} if warm_up else {})))
    assert [f"{day:%m-%d}" for day in edges(scenario, every)] == starts

    year = SimpleNamespace(
        period=SimpleNamespace(start=pd.Timestamp("2022-05-01").date(), end=pd.Timestamp("2023-03-29").date()), warm_up=0
    )
    assert [f"{day:%y-%m}" for day in edges(year, "quarter")] == ["22-07", "22-10", "23-01"]
    assert len(edges(year, "month")) == 11


# ── hours ───────────────────────────────────────────────────────────────────────────────────────────


def test_hours_of_one_desk():
    """One unpaid person in office hours for two weeks, one hour of work, and a priced one with an evening duty who works from 09:30 until 22:00 and later: by hand."""
    teams = {
        "desk": {"at": "unit", "hours": "office", "unpaid": True},
        "seat": {"at": "unit", "hours": "office", "duty": "late", "cost_per_hour": 10},
        "party": {"at": "unit", "people": "unlimited"},
    }
    stages = {"handle": {"by": "desk", "work": "1h"}, "look": {"by": "seat", "work": "12h", "hours": {"when": "duty", "at_close": "finish"}}}
    data = written(stages, teams=teams, calendars={"late": "Mo-Fr 18:00-20:00"})
    result = simgov.run(simgov.build(data), replications=2, journal=False)
    found = hours(result).set_index(["team", "item"])["value"].unstack()
    year = 365.25 / 14

    assert found.loc[
        "desk", ["rostered", "engaged", "overtime", "off_hours", "unpaid_rostered", "unpaid_engaged", "unpaid_overtime", "evenings"]
    ].tolist() == pytest.approx([65 * year, year, 0, 0, 65 * year, year, 0, 0])
    assert found.loc["seat", ["rostered", "engaged", "overtime", "off_hours", "unpaid_rostered", "yuan"]].tolist() == pytest.approx(
        [85 * year, 12 * year, 4.5 * year, 24.5 * year, 0, 895 * year]
    )
    assert found.loc["seat", "evenings"] == pytest.approx(10 * year / 12)
    assert found.loc["all", ["rostered", "engaged", "unpaid_rostered", "yuan"]].tolist() == pytest.approx(
        [150 * year, 13 * year, 65 * year, 895 * year]
    )
    assert np.isnan(found.loc["desk", "yuan"])
    assert "party" not in found.index


def test_hours_are_those_of_the_measures():
    """Value and interval of every team are the ones that the result reports; the sum over teams adds up."""
    result = street.result()
    table = hours(result).set_index(["team", "item"])
    measures = result.measures.set_index(["team", "measure"])

    for team, item, measure in (
        ("desk", "rostered", "rostered_hours"),
        ("leader", "engaged", "engaged_hours"),
        ("desk", "evenings", "evenings_per_person"),
    ):
        assert table.loc[(team, item), ["value", "low", "high"]].tolist() == pytest.approx(
            measures.loc[(team, measure), ["value", "low", "high"]].tolist()
        )
    assert table.loc[("all", "engaged"), "value"] == pytest.approx(
        sum(table.loc[(t, "engaged"), "value"] for t in ("desk", "leader"))
    )


# ── rule sheets ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", SHEETS, ids=lambda p: p.stem)
def test_shipped_sheets(path):
    """They load, are told in both languages, and every number in them has an origin."""
    rules = load_rules(path)

    assert all(text.zh != text.en and text.en for text in (rules.title, rules.description))
    numbers = [*(("points", name) for name in rules.points.given), ("team",), ("every",)]
    numbers += [
        (part, name)
        for part in ("bottom", "top", "deduct")
        if getattr(rules, part)
        for name in getattr(rules, part).model_fields_set
    ]
    assert [n for n in numbers if not any(place[: len(n)] == n for place in rules.origins)] == []
    assert len(SHEETS) == 3


def test_every_problem_of_a_sheet_is_told_at_once(tmp_path):
    """Unknown keys, wrong values and unknown facts come together, each with its line."""
    (tmp_path / "facts.csv").write_text("id\nA-1\n")
    path = tmp_path / "r.yaml"
    path.write_text("""\
schema: 1
facts: facts.csv
team: {value: leader, source: A-2}
every: fortnight
points:
  colected: 1
  closed: much
bottom: {n: 0}
deduct: {share: 0.15}
""")
    with pytest.raises(ScenarioError) as caught:
        load_rules(path)

    assert [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems] == [
        "3: team: unknown fact 'A-2'; did you mean 'A-1'?",
        "4: every: must be 'week', 'two weeks', 'month' or 'quarter', got 'fortnight'",
        "6: points.colected: unknown key 'colected'; did you mean 'collected'?",
        "7: points.closed: must be a mapping or a number or a whole number, got 'much'",
        "8: bottom.n: must be greater than or equal to 1, got 0",
        "9: deduct: give exactly one of points, of_mean and lowest",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"team": "leaders"}, "team: unknown team 'leaders'; did you mean 'leader'?"),
        ({"team": "party"}, "team: unknown team 'party'"),
        (
            {"points": {"closed": {"classes": {"godo": 1}}}},
            "points.closed.classes.godo: unknown class 'godo'; did you mean 'good'?",
        ),
        ({"points": {"closed": {"classes": {"chore": 1}}}}, "points.closed.classes.chore: unknown class 'chore'"),
        ({"bottom": {"n": 2}}, "bottom: a list of 2 needs more nodes than that; the team 'leader' is at 2"),
        ({"points": {"closed": 0}}, "points: nothing brings points"),
        (
            {"bottom": {"n": 1, "strikes": {"count": 6, "within": "90 days"}}},
            "bottom.strikes: count must be at most 5 where listings lapse, got 6",
        ),
        ({"every": "month"}, "the window 2022-05-02 to 2022-05-17 holds 0 complete rounds of 'month'; two are needed"),
        ({"team": "desk"}, "the team 'desk' is at 1 node"),
    ],
)
def test_sheets_that_do_not_fit(week, change, message):
    """A sheet that names what the scenario does not have, or cannot be compared by, is refused in one clear sentence."""
    with pytest.raises((ScenarioError, UsageError)) as caught:
        points(week, build_rules({**SHEET, "points": {"closed": 1}, **change}))

    assert message in str(caught.value)


# ── folders and the command ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The street's result with and without its journal, and a rule sheet."""
    place = tmp_path_factory.mktemp("ledgers")
    street.result().save(place / "kept")
    simgov.run(street.street(), replications=1, journal=False).save(place / "bare")
    (place / "rules.yaml").write_text(json.dumps({**SHEET, "title": {"en": "Points!", "zh": "积分！"}}), encoding="utf-8")
    return place


def call(*args):
    return CliRunner().invoke(ledger, [str(a) for a in args], env={"COLUMNS": "160"})


def test_a_folder_gives_the_ledgers_of_its_result(place):
    """Reading a result back changes no number."""
    saved, rules = read(place / "kept"), load_rules(place / "rules.yaml")

    assert hours(saved).equals(hours(street.result()))
    mine, theirs = points(saved, rules), points(street.result(), rules)
    for name in ("table", "rounds", "listings"):
        pd.testing.assert_frame_equal(getattr(mine, name), getattr(theirs, name))
    assert len(mine.table) > 20


def test_no_node_is_named(place):
    """Nothing of a ledger says which node it was, in its tables or on the screen."""
    rules = load_rules(place / "rules.yaml")
    found = points(street.result(), rules)
    text = "".join(getattr(found, name).to_csv() for name in ("table", "rounds", "listings"))
    text += repr(found) + call(place / "kept", "--rules", place / "rules.yaml").output

    names = list(street.result().plan.tree.names)
    assert names[:2] == ["street-1", "unit-1"]
    assert [name for name in names if name in text] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_prints_every_ledger(place, lang):
    """Hours, points, lists and deductions, each line in the language asked for."""
    done = call(place / "kept", "--rules", place / "rules.yaml", "--lang", lang)

    assert done.exit_code == 0, done.output
    for key, label in ITEMS.items():
        assert say(label, lang).strip() in done.output, key
    for item in HOURS:
        assert say(HOURS[item], lang) in done.output
    assert {"en": "Points!", "zh": "积分！"}[lang] in done.output
    assert ("assumption and not a finding" in done.output) == (lang == "en")


def test_without_a_journal_there_are_hours_only(place):
    """One clear line says so, and hours are printed all the same; points in Python raise the usual error."""
    done = call(place / "bare", "--rules", place / "rules.yaml")

    assert done.exit_code == 0
    assert "Hours and yuan" in done.output
    assert done.output.splitlines()[-1].startswith(
        "the journal of this result was not kept, so there are hours only and no points"
    )
    with pytest.raises(UsageError, match="the journal of this run was not kept"):
        points(read(place / "bare"), load_rules(place / "rules.yaml"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_figure(place, tmp_path, lang):
    """The curve by lot falls with the number of nodes and passes through the closed form; the run stands beside it, with its interval."""
    found = points(street.result(), load_rules(place / "rules.yaml"))
    figure = plots._drawn(talks.draw, found, lang)
    (axes,) = figure.axes
    year, window, _, run = axes.get_lines()
    of, share = (np.array(x) for x in year.get_data())

    assert share == pytest.approx([by_lot.struck(52, 1, int(n), 2) for n in of])
    assert (np.diff(share) <= 0).all()
    assert window.get_ydata()[0] == pytest.approx(by_lot.struck(2, 1, 2, 2))
    assert (run.get_xdata()[0], run.get_ydata()[0]) == (2, found.value("bottom", "talked_to"))
    assert axes.get_title(loc="left") == {"en": "Who is talked to if all are equal", "zh": "人人相同时，谁会被谈话"}[lang]
    done = call(place / "kept", "--rules", place / "rules.yaml", "--figure", tmp_path / "f.png", "--lang", lang)
    assert done.exit_code == 0
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    done = call(place / "kept", "--rules", place / "rules.yaml", "--figure", tmp_path / "no/f.png")
    assert (done.exit_code, "cannot be written" in done.output) == (2, True)


def test_a_figure_needs_strikes(week):
    """A sheet without a bottom list has nothing to draw, and says so."""
    with pytest.raises(UsageError, match="no bottom list with strikes"):
        plots._drawn(talks.draw, points(week, build_rules({**SHEET, "points": {"closed": 1}, "bottom": 1})), "en")


def broken(place, tmp_path, name, text):
    """A copy of a result with one file replaced."""
    import shutil

    shutil.copytree(place / "kept", tmp_path / "r")
    (tmp_path / "r" / name).write_text(text)
    return tmp_path / "r"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("result.json", "nothing", "is no result of simgov"),
        ("result.json", "{}", "is no result of simgov, or is damaged"),
        ("result.json", "[1]", "is no result of simgov, or is damaged"),
        ("summaries.parquet", "nothing", "summaries.parquet: is not the file that was written"),
        ("journal/visits.parquet", "nothing", "visits.parquet: is not the file that was written"),
    ],
)
def test_broken_folders(place, tmp_path, name, text, message):
    """A folder that is damaged ends in one clear message and exit code 2."""
    done = call(broken(place, tmp_path, name, text), "--rules", place / "rules.yaml")

    assert done.exit_code == 2, done.output
    assert message in done.output
    assert done.output.count("\n") == 1


def test_a_result_whose_scenario_was_changed_is_refused(place, tmp_path):
    """Whoever edits the remembered scenario does not get another ledger."""
    found = json.loads((place / "kept/result.json").read_text(encoding="utf-8"))
    found["scenario"]["teams"]["leader"]["unpaid"] = True
    found["seal"] = document.seal(found)

    with pytest.raises(OutputError, match="is not the one that was run"):
        read(broken(place, tmp_path, "result.json", json.dumps(found)))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nowhere",), "error: nowhere: is no result of simgov"),
        (("rules.yaml",), "error: rules.yaml: is no result of simgov, or is damaged"),
        (("kept", "--rules", "nothing.yaml"), "nothing.yaml: cannot be read"),
        (("kept", "--rules", "kept/result.json"), "unknown key 'simgov_result'"),
        (("kept", "--team", "desk"), "error: --team and --figure go with --rules FILE"),
        (("kept", "--rules", "rules.yaml", "--team", "desks"), "unknown team 'desks'; did you mean 'desk'?"),
    ],
)
def test_bad_input_of_the_command(place, args, message, monkeypatch):
    """A folder or rule sheet that is not there, or is something else, and options that make no sense: a message and exit code 2."""
    monkeypatch.chdir(place)
    done = call(*args)

    assert done.exit_code == 2
    assert message in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
