"""Points by replication, round, node and class: what lists and variance components are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import pandas as pd

from simgov.errors import UsageError
from simgov.language import message
from simgov.ledgers.journal_facts import Kept, facts
from simgov.ledgers.luck import expected
from simgov.ledgers.rules import Rules
from simgov.scenario import Scenario

WEEKS = {"week": 1, "two weeks": 2}
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True, eq=False)
class Rounds:
    """`by_class` (points) and `load` (visits received): replication x round x node x class. `edges`: starts of rounds, and the end of the last."""

    edges: np.ndarray
    classes: tuple[str, ...]
    by_class: np.ndarray
    load: np.ndarray

    @cached_property
    def points(self) -> np.ndarray:
        """Replication x round x node; rounded, so that the order of adding makes no difference."""
        return self.by_class.sum(axis=-1).round(9)

    @cached_property
    def by_load(self) -> np.ndarray:
        """The points that the cases of each node and round would have brought the average node."""
        return expected(self.by_class, self.load)


def edges(scenario: Scenario, every: str) -> list[datetime]:
    """Where complete rounds begin, after the warm-up, and where the last one ends: [] if there is none."""
    start = datetime.combine(scenario.period.start, datetime.min.time()) + timedelta(seconds=scenario.warm_up)
    end = datetime.combine(scenario.period.end, datetime.min.time())
    if every in WEEKS:
        length = timedelta(weeks=WEEKS[every])
        found = [start + k * length for k in range(int((end - start) / length) + 1)]
    else:
        months = [datetime(y, m, 1) for y in range(start.year, end.year + 1) for m in range(1, 13, MONTHS[every])]
        found = [day for day in months if start <= day <= end]
    return found if len(found) > 1 else []


def tally(result: Kept, rules: Rules) -> Rounds:
    """The points of every node of the team. Raises ScenarioError for unknown names, UsageError where nothing can be compared."""
    scenario, plan = result.plan.scenario, result.plan
    rules.check(scenario)
    nodes = _nodes(result, rules.team)
    starts = edges(scenario, rules.every)
    if len(starts) < 3:
        raise UsageError(
            message("luck shows from round to round, and the window {start} to {end} holds {n} complete rounds of '{every}'; two are needed", start=scenario.period.start, end=scenario.period.end, n=max(len(starts) - 1, 0), every=rules.every)
        )
    if len(nodes) < 2:
        raise UsageError(message("the team '{team}' is at {n} node; points compare two or more", team=rules.team, n=len(nodes)))
    found, classes = facts(result, rules.team), tuple(plan.classes)
    marks = np.array(starts, "datetime64[ms]")
    shape = (result.replications, len(starts) - 1, len(nodes), len(classes))

    def count(rows: pd.DataFrame) -> np.ndarray:
        """How often, by replication, round, node and class."""
        number = np.searchsorted(marks, rows["at"].to_numpy("datetime64[ms]"), side="right") - 1
        node = pd.Index(nodes).get_indexer(rows["node"].astype(str))
        cls = pd.Index(classes).get_indexer(rows["class"].astype(str))
        inside = (number >= 0) & (number < shape[1]) & (node >= 0)
        where = (rows["replication"].to_numpy()[inside], number[inside], node[inside], cls[inside])
        return np.bincount(np.ravel_multi_index(where, shape), minlength=int(np.prod(shape))).reshape(shape)

    by_class = np.zeros(shape)
    for name, worth in rules.points.given.items():
        by_class += count(found[name]) * np.array([worth.of(cls) for cls in classes])
    return Rounds(marks, classes, by_class, count(found["received"]))


def _nodes(result: Kept, team: str) -> list[str]:
    """The nodes at which somebody of the team ever is."""
    crowd, tree = result.plan.crowd, result.plan.tree
    there = (crowd.pool_team == crowd.teams.index(team)) & (crowd.headcount.max(axis=0) > 0)
    return [tree.names[node] for node in crowd.pool_node[there]]
