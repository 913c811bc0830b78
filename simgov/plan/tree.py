"""The tree of nodes: counts spread by largest remainder, or a table of real nodes.

Several roots are a forest. Roots do not meet, so a plan may hold some of them only: what is given for the whole scenario
(nodes, residents, totals of teams) is first shared out between the roots and then within each, and a root is the same in
every plan that holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simgov.chance import salt
from simgov.scenario.model import Scenario
from simgov.scenario.tables import NodeRow, node_rows


class Forest(NamedTuple):
    """All roots of a scenario, one entry per root, also those that a plan leaves out."""

    residents: np.ndarray
    firms: np.ndarray
    counts: dict[str, np.ndarray]  # nodes of each level

    def before(self, levels: Sequence[str], root: int) -> int:
        """How many nodes of these levels the roots before `root` have."""
        return int(sum(self.counts[level][:root].sum() for level in levels))


@dataclass(frozen=True)
class Tree:
    """Nodes by number, in depth-first order, parents before children. Arrays have one entry per node."""

    levels: tuple[str, ...]  # from the lowest up
    names: tuple[str, ...]
    level: np.ndarray  # index into levels
    parent: np.ndarray  # node, -1 for a root
    residents: np.ndarray  # of the node and all below
    firms: np.ndarray
    staff: dict[str, np.ndarray]  # head-counts by team that a table of nodes gives, 0 where it gives none
    forest: Forest
    first_root: int  # number in the forest of the first root that is here

    @cached_property
    def roots(self) -> list[int]:
        """The nodes that are roots."""
        return np.flatnonzero(self.parent < 0).tolist()

    @cached_property
    def root(self) -> np.ndarray:
        """By node: its root, as a node."""
        return np.array(self.roots, np.int64)[np.cumsum(self.parent < 0) - 1]

    @cached_property
    def is_leaf(self) -> np.ndarray:
        leaf = np.ones(len(self.parent), bool)
        leaf[self.parent[self.parent >= 0]] = False
        return leaf

    @cached_property
    def generations(self) -> list[np.ndarray]:
        """Roots, their children and so on down, so that one step serves all nodes of a depth."""
        depth, above = np.zeros(len(self.parent), np.int64), self.parent
        while (above >= 0).any():
            depth += above >= 0
            above = np.where(above >= 0, self.parent[above], -1)
        return [np.flatnonzero(depth == d) for d in range(int(depth.max(initial=-1)) + 1)]

    @cached_property
    def salts(self) -> np.ndarray:
        """By node: the 64 bits that stand for its name in keys."""
        return np.array([salt("node", name) for name in self.names], np.uint64)

    def at(self, level: str) -> np.ndarray:
        """Numbers of the nodes of a level, in order."""
        return np.flatnonzero(self.level == self.levels.index(level))

    def upward(self, node: int) -> list[int]:
        """The node and all above it."""
        path = []
        while node >= 0:
            path.append(int(node))
            node = self.parent[node]
        return path


def apportion(total: int, weights: np.ndarray) -> np.ndarray:
    """Whole numbers that add up to `total`, in proportion to the weights: largest remainder, ties by order."""
    weights = np.asarray(weights, float)
    if not len(weights):
        return np.zeros(0, np.int64)
    if not weights.sum():
        weights = np.ones(len(weights))
    exact = total * weights / weights.sum()
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.lexsort((np.arange(len(weights)), -np.round(exact - whole, 9)))
    whole[order[: total - whole.sum()]] += 1
    return whole


def plant(s: Scenario) -> Forest:
    """The forest of a valid scenario."""
    return _whole_table(s).forest if s.nodes is not None else _shared_out(s)


def grow(s: Scenario, roots: range | None = None) -> Tree:
    """The tree of a valid scenario, or of some of its roots."""
    if s.nodes is None:
        forest = _shared_out(s)
        return _spread(tuple(s.levels), forest, roots if roots is not None else range(len(forest.residents)))
    whole = _whole_table(s)
    return whole if roots is None else _part(whole, roots)


def crown(s: Scenario, lowest: str) -> Tree:
    """The nodes of a level and all above it, of the whole forest; those of a table with all below them. Cheap also where the whole tree is not."""
    if s.nodes is not None:
        return _whole_table(s)
    forest = _shared_out(s)
    return _spread(tuple(s.levels)[list(s.levels).index(lowest) :], forest, range(len(forest.residents)))


# ── counts ──────────────────────────────────────────────────────────────────────────────────────────


def _shared_out(s: Scenario) -> Forest:
    levels = list(s.levels)
    even = np.ones(s.levels[levels[-1]].count)
    residents = apportion(s.residents, even)
    counts, above = {levels[-1]: even.astype(np.int64)}, even
    for level in reversed(levels[:-1]):
        counts[level] = apportion(s.levels[level].count, np.where(above > 0, residents, 0) if residents.any() else above > 0)
        above = counts[level]
    return Forest(residents, apportion(s.firms, even), counts)


def _spread(levels: tuple[str, ...], forest: Forest, roots: range) -> Tree:
    """Level by level from the top: how many children each node has, and its share of the residents and firms above it."""
    mine = slice(roots.start, roots.stop)
    residents, firms = [forest.residents[mine]], [forest.firms[mine]]
    root = np.arange(len(residents[0]))
    children: list[np.ndarray] = []
    for level in reversed(levels[:-1]):
        first = np.searchsorted(root, np.arange(len(residents[0]) + 1))
        share = [apportion(n, residents[-1][first[r] : first[r + 1]]) for r, n in enumerate(forest.counts[level][mine].tolist())]
        children.append(np.concatenate(share))
        root = np.repeat(root, children[-1])
        residents.append(_evenly(residents[-1], children[-1]))
        firms.append(_evenly(firms[-1], children[-1]))
    number = _depth_first([len(r) for r in residents], children)
    names, level, parent, people, shops = [""] * sum(map(len, number)), *(np.full(sum(map(len, number)), -1) for _ in range(4))
    for depth, own in enumerate(number):
        word, at = levels[-1 - depth], len(levels) - 1 - depth
        start = forest.before([word], roots.start) + 1
        level[own], people[own], shops[own] = at, residents[depth], firms[depth]
        if depth:
            parent[own] = np.repeat(number[depth - 1], children[depth - 1])
        for k, n in enumerate(own.tolist(), start):
            names[n] = f"{word}-{k}"
    return Tree(levels, tuple(names), level, parent, people, shops, {}, forest, roots.start)


def _evenly(totals: np.ndarray, children: np.ndarray) -> np.ndarray:
    """Each total spread over its children, the first ones having one more."""
    each, rest = np.divmod(totals, np.maximum(children, 1))
    return np.repeat(each, children) + (count_within(children) < np.repeat(rest, children))


def count_within(sizes: np.ndarray) -> np.ndarray:
    """0, 1, ... within each of several groups that lie one after the other."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _depth_first(sizes: list[int], children: list[np.ndarray]) -> list[np.ndarray]:
    """Depth-first numbers of the nodes of each level, from the top: those of a subtree follow each other."""
    below = [np.ones(sizes[-1], np.int64)]  # nodes of the subtree, itself included
    for count in reversed(children):
        edges = np.concatenate([[0], np.cumsum(below[0])])
        first = np.cumsum(count) - count
        below.insert(0, 1 + edges[first + count] - edges[first])
    number = [np.cumsum(below[0]) - below[0]]
    for depth, count in enumerate(children):
        before = np.cumsum(below[depth + 1]) - below[depth + 1]
        first = np.minimum(np.cumsum(count) - count, max(len(before) - 1, 0))
        within = before - np.repeat(before[first], count) if len(before) else before
        number.append(np.repeat(number[-1], count) + 1 + within)
    return number


# ── table ───────────────────────────────────────────────────────────────────────────────────────────


def _whole_table(s: Scenario) -> Tree:
    """Residents belong to leaves; a number on a higher node whose leaves give none is spread over its leaves."""
    rows = node_rows(s)[0]
    children: dict[str, list[NodeRow]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row)
    residents: dict[str, int] = {row.name: 0 for row in rows}

    def leaves(row: NodeRow) -> list[NodeRow]:
        below = children.get(row.name, [])
        return [leaf for child in below for leaf in leaves(child)] if below else [row]

    for row in rows:  # higher nodes first would overwrite what leaves say, so leaves come last
        own = leaves(row)
        if row.residents is not None and all(leaf.residents is None for leaf in own if leaf is not row):
            for leaf, n in zip(own, apportion(row.residents, np.ones(len(own))), strict=True):
                residents[leaf.name] = int(n)
    firms = {row.name: row.firms for row in rows}

    def total(row: NodeRow, of: dict[str, int]) -> int:
        below = children.get(row.name, [])
        return sum(total(child, of) for child in below) + (of[row.name] if not below or of is firms else 0)

    ordered: list[NodeRow] = []
    stack = list(reversed(children.get("", [])))
    while stack:
        row = stack.pop()
        ordered.append(row)
        stack += reversed(children.get(row.name, []))
    number = {row.name: n for n, row in enumerate(ordered)}
    levels = tuple(s.levels)
    level = np.array([levels.index(row.level) for row in ordered])
    parent = np.array([number[row.parent] if row.parent else -1 for row in ordered])
    people, shops = (np.array([total(row, of) for row in ordered], np.int64) for of in (residents, firms))
    staff = {team: np.array([row.staff.get(team, 0) for row in ordered]) for team in s.teams if any(team in row.staff for row in rows)}
    tops = np.flatnonzero(parent < 0)
    counts = {name: np.add.reduceat((level == i).astype(np.int64), tops) for i, name in enumerate(levels)}
    forest = Forest(people[tops], shops[tops], counts)
    return Tree(levels, tuple(row.name for row in ordered), level, parent, people, shops, staff, forest, 0)


def _part(whole: Tree, roots: range) -> Tree:
    edges = [*whole.roots, len(whole.names)]
    a, b = edges[roots.start], edges[roots.stop]
    parent = np.where(whole.parent[a:b] >= 0, whole.parent[a:b] - a, -1)
    staff = {team: counts[a:b] for team, counts in whole.staff.items()}
    return Tree(whole.levels, whole.names[a:b], whole.level[a:b], parent, whole.residents[a:b], whole.firms[a:b], staff, whole.forest, roots.start)
