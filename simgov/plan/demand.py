"""How incidents come: rates by hour, places, entries, and the search that finds what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np

from simgov.clock import DAY, HOUR, second_of
from simgov.plan.people import Crowd, lookup
from simgov.plan.tree import Tree, apportion
from simgov.scenario.model import Class, Found, Profile, Scenario
from simgov.scenario.tables import arrival_rows


@dataclass(frozen=True)
class Search:
    """What is hidden is found with hazard `hazard[stretch, node]` a second from `edges[stretch]` on."""

    edges: np.ndarray
    hazard: np.ndarray
    hidden_at_start: dict[int, int]  # root -> number
    becomes: int  # class, -1 for none
    becomes_rate: float  # a second


@dataclass(frozen=True)
class Demand:
    """One class. `hourly` is its rate a second per unit of weight in each hour of the period.

    Homes: for each root, nodes and their cumulated share of the root's weight; an incident's keyed point in [0, 1)
    falls on one of them. Scheduled and listed births are given as arrays; their home is -1 where it is to be drawn.
    """

    name: str
    hourly: np.ndarray
    day_cv: float
    weights: dict[int, float]  # root -> residents / 1000, nodes, persons or firms
    homes: dict[int, tuple[np.ndarray, np.ndarray]]
    entries: np.ndarray  # stages
    entry_shares: np.ndarray  # cumulated
    difficulty: float
    search: Search | None
    fixed_born: np.ndarray
    fixed_home: np.ndarray
    fixed_stage: np.ndarray  # -1: drawn
    fixed_difficulty: np.ndarray  # nan: drawn


def expect(s: Scenario, tree: Tree, crowd: Crowd) -> tuple[Demand, ...]:
    """The demand of a valid scenario, one entry per class."""
    return tuple(_class(s, tree, crowd, name) for name in s.classes)


def _class(s: Scenario, tree: Tree, crowd: Crowd, name: str) -> Demand:
    cls = s.classes[name]
    weight = _weights(s, tree, crowd, cls)
    homes, total = {}, {}
    for root, end in pairwise([*tree.roots, len(weight)]):
        nodes = root + np.flatnonzero(weight[root:end] > 0)
        total[root] = float(weight[nodes].sum())
        if len(nodes):
            homes[root] = (nodes, np.cumsum(weight[nodes]) / total[root])
    stages = list(s.stages)
    born, home, stage, difficulty = _fixed(s, tree, cls, weight)
    return Demand(
        name,
        _hourly(s, name),
        cls.arrivals.day_cv,
        total,
        homes,
        np.array([stages.index(x) for x in cls.enters]),
        np.cumsum(list(cls.enters.values())),
        cls.difficulty,
        _search(s, tree, crowd, cls.found) if cls.found else None,
        born,
        home,
        stage,
        difficulty,
    )


def _weights(s: Scenario, tree: Tree, crowd: Crowd, cls: Class) -> np.ndarray:
    """The share of each node in the class's births, in the unit of its rate."""
    arrivals = cls.arrivals
    if arrivals.per == "1000 residents":
        return np.where(tree.is_leaf, tree.residents / 1000, 0.0)
    if arrivals.per == "firm":
        return np.where(tree.is_leaf, tree.firms.astype(float), 0.0)
    weight = np.zeros(len(tree.level))
    if arrivals.per == "node":
        weight[tree.at(arrivals.of or tree.levels[0])] = 1
    else:
        mine = np.flatnonzero(crowd.pool_team == crowd.teams.index(arrivals.of))
        weight += np.bincount(crowd.pool_node[mine], crowd.headcount[:, mine].max(axis=0), len(weight))
    return weight


def _hourly(s: Scenario, name: str) -> np.ndarray:
    hours = np.arange(s.days * 24)
    rate = np.zeros(len(hours))
    for start, end, epoch in s.epochs:
        arrivals = epoch.classes[name].arrivals
        if arrivals.rate is None:
            continue
        inside = (hours * HOUR >= start) & (hours * HOUR < end)
        shape = _shape(epoch.profiles[arrivals.profile], s, hours) if arrivals.profile else 1.0
        rate = np.where(inside, arrivals.rate / DAY * shape, rate)
    return rate


def _shape(profile: Profile, s: Scenario, hours: np.ndarray) -> np.ndarray:
    days = [s.period.start + timedelta(days=k) for k in range(s.days)]
    shape = np.ones(len(hours))
    for values, index in (
        (profile.hours, hours % 24),
        (profile.weekdays, np.repeat([d.weekday() for d in days], 24)),
        (profile.months, np.repeat([d.month - 1 for d in days], 24)),
    ):
        if values is not None:
            shape = shape * (np.array(values) / np.mean(values))[index]
    return shape


def _fixed(s: Scenario, tree: Tree, cls: Class, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """Births on a schedule or from a list: second, home, stage, difficulty."""
    arrivals = cls.arrivals
    if arrivals.each_opening is not None:
        openings = [a for a, _ in s.calendar(arrivals.each_opening.calendar).openings]
        places = np.repeat(np.arange(len(weight)), weight.astype(int) * arrivals.each_opening.count)
        born = np.repeat(openings, len(places))
        home = np.tile(places, len(openings))
        return born.astype(np.int64), home, np.full(len(born), -1), np.full(len(born), np.nan)
    stages = list(s.stages)
    rows = arrival_rows(s, arrivals, ())[0] if arrivals.listed is not None else []
    names = {n: i for i, n in enumerate(tree.names)} if any(a.node is not None for _, a in rows) else {}
    rows = [(second, a) for second, a in rows if a.node is None or a.node in names]  # the others are of roots left out
    return (
        np.array([second for second, _ in rows], np.int64),
        np.array([names[a.node] if a.node is not None else -1 for _, a in rows], np.int64),
        np.array([stages.index(a.enters) if a.enters is not None else -1 for _, a in rows], np.int64),
        np.array([a.difficulty if a.difficulty is not None else np.nan for _, a in rows], float),
    )


def _search(s: Scenario, tree: Tree, crowd: Crowd, found: Found) -> Search:
    windows = [
        (
            second_of(c.window.start, s.period.start) if c.window.start else 0,
            second_of(c.window.end, s.period.start) if c.window.end else s.days * DAY,
            c.factor,
        )
        for c in found.campaigns
    ]
    edges = np.array(sorted({*crowd.turns.tolist(), *(x for a, b, _ in windows for x in (a, b) if 0 < x < s.days * DAY)}))
    pool = lookup(crowd, tree, found.team, None)
    turn = np.searchsorted(crowd.turns, edges, side="right") - 1
    spans = crowd.spans()[turn][:, pool]
    with np.errstate(divide="ignore"):  # where there is nobody, nothing is found, whatever the exponent
        speed = np.where((pool >= 0) & np.isfinite(spans), (found.reference / spans) ** found.exponent, 0.0)
    factor = np.array([np.prod([f for a, b, f in windows if a <= edge < b]) for edge in edges])
    return Search(
        edges,
        found.hazard_per_day / DAY * speed * factor[:, None],
        dict(zip(tree.roots, apportion(found.hidden_at_start, tree.forest.residents)[tree.first_root :].tolist(), strict=False)),
        list(s.classes).index(found.becomes.class_) if found.becomes else -1,
        found.becomes.rate_per_day / DAY if found.becomes else 0.0,
    )
