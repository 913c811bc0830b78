"""The tree of nodes: counts spread by largest remainder, or a table of real nodes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simgov.scenario.model import Scenario
from simgov.scenario.tables import NodeRow, node_rows


@dataclass(frozen=True)
class Tree:
    """Nodes by number, in depth-first order, parents before children. Arrays have one entry per node."""

    levels: tuple[str, ...]  # from the lowest up
    names: tuple[str, ...]
    level: np.ndarray  # index into levels
    parent: np.ndarray  # node, -1 for a root
    root: np.ndarray  # node of the root
    residents: np.ndarray  # of the node and all below
    firms: np.ndarray
    is_leaf: np.ndarray
    staff: tuple[dict[str, int], ...] = field(default=())  # head-counts that a table of nodes gives

    @property
    def roots(self) -> list[int]:
        return [int(n) for n in np.flatnonzero(self.parent < 0)]

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


def grow(s: Scenario) -> Tree:
    """The tree of a valid scenario."""
    return _from_table(s, node_rows(s)[0]) if s.nodes is not None else _from_counts(s)


def _from_counts(s: Scenario) -> Tree:
    names = list(s.levels)
    rows: list[NodeRow] = []
    above: list[tuple[str, int, int]] = [("", s.residents, s.firms)]  # name, residents, firms
    for level in reversed(names):
        count = s.levels[level].count
        shares = apportion(count, np.array([r for _, r, _ in above]))
        here, number = [], 0
        for (parent, residents, firms), n in zip(above, shares, strict=True):
            people, shops = apportion(residents, np.ones(n)), apportion(firms, np.ones(n))
            for k in range(n):
                number += 1
                name = f"{level}-{number}"
                rows.append(NodeRow(name, level, parent, int(people[k]), int(shops[k])))
                here.append((name, int(people[k]), int(shops[k])))
        above = here
    return _built(s, rows, [row.residents for row in rows], [row.firms for row in rows])


def _from_table(s: Scenario, rows: list[NodeRow]) -> Tree:
    """Residents belong to leaves; a number on a higher node whose leaves give none is spread over its leaves."""
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

    return _built(s, rows, [total(row, residents) for row in rows], [total(row, firms) for row in rows])


def _built(s: Scenario, rows: list[NodeRow], residents: list[int], firms: list[int]) -> Tree:
    by_parent: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        by_parent.setdefault(row.parent, []).append(i)
    order: list[int] = []
    stack = list(reversed(by_parent.get("", [])))
    while stack:  # depth first, so that neighbours in number are neighbours in the tree
        i = stack.pop()
        order.append(i)
        stack += reversed(by_parent.get(rows[i].name, []))
    number = {rows[i].name: n for n, i in enumerate(order)}
    levels = tuple(s.levels)
    parent = np.array([number[rows[i].parent] if rows[i].parent else -1 for i in order])
    root = np.arange(len(order))
    for n, above in enumerate(parent):
        root[n] = root[above] if above >= 0 else n
    return Tree(
        levels,
        tuple(rows[i].name for i in order),
        np.array([levels.index(rows[i].level) for i in order]),
        parent,
        root,
        np.array([residents[i] for i in order], np.int64),
        np.array([firms[i] for i in order], np.int64),
        np.array([rows[i].name not in by_parent for i in order]),
        tuple(rows[i].staff for i in order),
    )
