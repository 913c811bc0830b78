"""Points and what follows from them: distributions, lists, strikes and deductions, beside what the lot alone would give.

Nodes appear as ranks and shares, never by name: simgov does not score persons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simgov.errors import Problem
from simgov.language import message
from simgov.ledgers import by_lot, lists
from simgov.ledgers.journal_facts import Kept
from simgov.ledgers.luck import components
from simgov.ledgers.rounds import Rounds, tally
from simgov.ledgers.rules import Bottom, Deduct, Rules
from simgov.ledgers.worked import interval

Row = tuple[str, str, float, float, float, float]  # ledger, item, value, low, high, what the lot alone gives
COLUMNS = ["ledger", "item", "value", "low", "high", "by_lot"]


@dataclass(frozen=True, repr=False, eq=False)
class PointsLedger:
    """What `points` gives back.

    `table`: one row per ledger (`points`, `bottom`, `top`, `deduct`) and item: value, 95 % interval of the mean over replications,
    and `by_lot`, what it would be if all nodes were equal (nan where that says nothing). `rounds`: by round, how points are
    distributed over nodes and replications. `listings`: share of nodes listed 0, 1, 2, ... times, beside the lot.
    """

    rules: Rules
    nodes: int
    replications: int
    table: pd.DataFrame
    rounds: pd.DataFrame
    listings: pd.DataFrame

    def value(self, ledger: str, item: str) -> float:
        """One value of `table`. Raises KeyError when it is not there."""
        return float(self.table.set_index(["ledger", "item"])["value"].loc[(ledger, item)])

    def __repr__(self) -> str:
        return f"<PointsLedger of {self.nodes} nodes, {len(self.rounds)} rounds, {self.replications} replications>"


def points(result: Kept, rules: Rules) -> PointsLedger:
    """The ledger of a rule sheet, from a result with its journal (`Result`, or `read(folder)`). Changes nobody's behaviour.

    Raises ScenarioError for names that the scenario does not know, and for lists longer than there are nodes; UsageError
    when the journal was not kept, or there are fewer than two nodes or two complete rounds.
    """
    tallied = tally(result, rules)
    return entered(tallied, rules, lists.lots(result.seed, rules.team, tallied.points.shape))


def entered(tallied: Rounds, rules: Rules, lot: np.ndarray) -> PointsLedger:
    """The ledger of points that have been counted; `lot` decides between equals (replication x round x node)."""
    x = tallied.points
    rules.fail(list(_too_long(rules, x.shape[2])))
    rows, counts = list(_points(tallied, rules)), []
    if rules.bottom:
        listed = lists.lowest(x, lot, rules.bottom.n)
        rows += _list(x, listed, "bottom", rules.bottom.n)
        rows += _talks(listed, rules, rules.bottom)
        counts.append(_listings(listed, "bottom"))
    if rules.top:
        listed = lists.lowest(-x, lot, rules.top.n)
        rows += _list(-x, listed, "top", rules.top.n)
        rows += _roll(listed, rules.top.n)
        counts.append(_listings(listed, "top"))
    if rules.deduct:
        rows += _deductions(tallied, rules.deduct, lot)
    empty = pd.DataFrame(columns=["ledger", "times", "share", "by_lot"])
    table = pd.DataFrame(rows, columns=COLUMNS)
    return PointsLedger(
        rules, x.shape[2], len(x), table, _rounds(tallied), pd.concat(counts, ignore_index=True) if counts else empty
    )


def _too_long(rules: Rules, nodes: int) -> Iterator[Problem]:
    for name in ("bottom", "top"):
        rule = getattr(rules, name)
        if rule and rule.n >= nodes:
            yield Problem((name,), message("a list of {n} needs more nodes than that; the team '{team}' is at {nodes}", n=rule.n, team=rules.team, nodes=nodes))


# ── points ──────────────────────────────────────────────────────────────────────────────────────────


def _points(tallied: Rounds, rules: Rules) -> Iterator[Row]:
    """Luck, load and the rest add up to 1: shares of the variance of the points of a round. A part of luck is which cases came."""
    x, e, year = tallied.points, tallied.by_load, rules.rounds_a_year
    own, shared, rest = components(x), components(x, e), components(x, x - e)
    total = own.stays + own.luck
    anything = {"least": -np.inf}  # unbiased estimates of small shares may be negative
    yield "points", "mean", *interval(x.mean(axis=(1, 2)), 1, **anything), np.nan
    yield "points", "no_points", *_share((x == 0).mean(axis=(1, 2))), np.nan
    yield "points", "luck", *interval(own.luck, total, **anything), 1.0
    yield "points", "luck_in_load", *interval(shared.luck, total, **anything), np.nan
    yield "points", "load", *interval(shared.stays, total, **anything), 0.0
    yield "points", "rest", *interval(rest.stays, total, **anything), 0.0
    yield "points", "luck_of_a_year", *_share(own.luck, own.luck + year * own.stays), 1.0


def _share(top: np.ndarray, bottom: np.ndarray | float = 1.0) -> tuple[float, float, float]:
    return interval(top, bottom, 0.0, 1.0)


def _rounds(tallied: Rounds) -> pd.DataFrame:
    """By round: how points are distributed over nodes and replications."""
    x = tallied.points.swapaxes(0, 1).reshape(tallied.points.shape[1], -1)
    low, quarter, median, three, high = np.quantile(x, [0, 0.25, 0.5, 0.75, 1], axis=1)
    return pd.DataFrame(
        {
            "from": tallied.edges[:-1],
            "to": tallied.edges[1:],
            "mean": x.mean(axis=1),
            "sd": x.std(axis=1, ddof=1),
            "least": low,
            "q25": quarter,
            "median": median,
            "q75": three,
            "most": high,
            "no_points": (x == 0).mean(axis=1),
        }
    )


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────


def _list(x: np.ndarray, listed: np.ndarray, name: str, n: int) -> Iterator[Row]:
    """`x` such that the fewest are listed."""
    chance = n / x.shape[2]
    again = lists.held_again(listed)
    yield name, "drawn_by_lot", *_share(lists.by_lot(x, n).mean(axis=1), n), np.nan
    yield name, "held_again", *_share(again), chance
    yield name, "luck", *interval((1 - again) / (1 - chance), 1), 1.0
    yield name, "no_better" if name == "top" else "no_worse", *_share(lists.no_worse(x, listed)), 0.5


def _talks(listed: np.ndarray, rules: Rules, bottom: Bottom) -> Iterator[Row]:
    if bottom.strikes is None:
        return
    rounds, nodes, rule = listed.shape[1], listed.shape[2], bottom.strikes
    talked = lists.talks(listed, rule.count, rules.window, rule.clears)
    share, mean = by_lot.talks(rounds, bottom.n, nodes, rule.count, rules.window, rule.clears)
    yield "bottom", "talked_to", *_share(talked.any(axis=1).mean(axis=1)), share
    yield "bottom", "talks_per_node", *interval(talked.sum(axis=1).mean(axis=1), 1), mean
    a_year = by_lot.talks(rules.rounds_a_year, bottom.n, nodes, rule.count, rules.window, rule.clears)[0]
    yield "bottom", "talked_to_in_a_year", np.nan, np.nan, np.nan, a_year


def _roll(listed: np.ndarray, n: int) -> Iterator[Row]:
    _, rounds, nodes = listed.shape
    times = listed.sum(axis=1)
    yield "top", "most_often", *_share(times.max(axis=1), rounds), by_lot.most_often(rounds, n, nodes)
    yield "top", "always", *interval((times == rounds).sum(axis=1), 1), by_lot.always(rounds, n, nodes)


def _listings(listed: np.ndarray, name: str) -> pd.DataFrame:
    """Share of nodes listed so many times."""
    from scipy.stats import binom

    replications, rounds, nodes = listed.shape
    found = np.bincount(listed.sum(axis=1).ravel(), minlength=rounds + 1) / (replications * nodes)
    chance = listed.sum() / listed.size
    table = pd.DataFrame(
        {
            "ledger": name,
            "times": np.arange(rounds + 1),
            "share": found,
            "by_lot": binom.pmf(np.arange(rounds + 1), rounds, chance),
        }
    )
    return table[(table["share"] > 0) | (table["by_lot"] >= 0.0005)]


# ── deductions ──────────────────────────────────────────────────────────────────────────────────────


def _deductions(tallied: Rounds, rule: Deduct, lot: np.ndarray) -> Iterator[Row]:
    """A node's points are below the threshold by load when the average node, given the same cases, would be below it too."""
    x, e = tallied.points, tallied.by_load
    if rule.lowest is None:
        threshold = rule.points if rule.points is not None else rule.of_mean * x.mean(axis=2, keepdims=True)
        below, by_load = x < threshold, e < threshold
    else:
        n = round(rule.lowest * x.shape[2])
        below, by_load = lists.lowest(x, lot, n), lists.lowest(e.round(9), lot, n)
    number = below.sum(axis=(1, 2))
    yield "deduct", "nodes", *_share(below.mean(axis=(1, 2))), np.nan
    yield "deduct", "money", *_share(rule.share * below.mean(axis=(1, 2))), np.nan
    yield "deduct", "by_load", *_share((below & by_load).sum(axis=(1, 2)), number), np.nan
    held, chance = _again(below)
    yield "deduct", "held_again", *_share(held, number * (x.shape[1] - 1)), chance
    for item, mine in _thirds(tallied.load.sum(axis=-1), lot):
        yield "deduct", item, *_share((below & mine).sum(axis=(1, 2)), mine.sum(axis=(1, 2))), np.nan


def _again(below: np.ndarray) -> tuple[np.ndarray, float]:
    """By replication: deductions that the node has in another round too, over all pairs of rounds; and their share if all were equal."""
    times, rate = below.sum(axis=1), below.mean(axis=2)
    pairs, singles = (rate.sum(axis=1) ** 2 - (rate**2).sum(axis=1)).sum(), rate.sum() * (rate.shape[1] - 1)
    return (times * (times - 1)).sum(axis=-1), float(pairs / singles) if singles else np.nan


def _thirds(load: np.ndarray, lot: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The third of nodes with the least load of a round, and that with the most."""
    third = max(1, load.shape[2] // 3)
    yield "least_load", lists.lowest(load, lot, third)
    yield "most_load", lists.lowest(-load, lot, third)
