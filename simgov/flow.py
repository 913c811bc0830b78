"""What a procedure implies before anything is simulated: expected visits, closing shares and work by team.

The procedure without its clocks is a Markov chain for each class and difficulty; expected visits solve one linear
system each. Dues that move or close, gates, caps and return visits are left out, so these are guides. What can never start
where an incident is at home ends there, or goes where its due moves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgov.chance import expit
from simgov.clock import DAY
from simgov.never import alike
from simgov.plan import Kind, Mode, Plan

GRID = 60  # points of difficulty


@dataclass(frozen=True)
class Flow:
    """By class and stage: `visits` a day, of which `closing` is the share that closes there, and `stuck` the share that can never start. By team: `work` hours a day.

    `parts` are the parts a day of visits that have one for every node below another.
    """

    births: np.ndarray  # by class, a day
    visits: np.ndarray
    closing: np.ndarray
    stuck: np.ndarray
    work: np.ndarray
    parts: float


def expected(plan: Plan, points: int = GRID, stuck: np.ndarray | None = None) -> Flow:
    """The expected flow of the first version of the procedure, integrated over difficulty on so many `points`.

    `stuck`: by step and home, whether a visit can never start there (never.py); without it, everything may.
    """
    procedure, steps = plan.procedure, plan.procedure.steps
    classes, stages = len(plan.classes), len(plan.stages)
    births = np.array([_births_a_day(plan, c) for c in range(classes)])
    visits, closings, lost = np.zeros((classes, stages)), np.zeros((classes, stages)), np.zeros((classes, stages))
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    entries = np.zeros((classes * stages, classes))
    for c, demand in enumerate(plan.demand):
        np.add.at(entries[:, c], demand.entries * classes + c, births[c] * np.diff(demand.entry_shares, prepend=0.0))
    for stopped, share in _by_home(plan, stuck):
        halted = stopped[procedure.index[0]].T
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            seen, closed = _chain(plan, float(node), stopped)
            reached = weight * np.linalg.solve(np.eye(len(entries)) - seen.T, entries * share).sum(axis=1)
            grid = reached.reshape(stages, classes).T
            visits += grid
            closings += grid * closed.reshape(stages, classes).T
            lost += grid * halted
    work, parts = np.zeros(len(plan.crowd.teams)), 0.0
    for c in range(classes):
        for s in range(stages):
            step = procedure.index[0, s, c]
            for k in range(int(steps.needs[step] + steps.readers[step])):
                need, slot = int(steps.first_need[step]) + k, procedure.needs.slot
                if 0 < k < steps.needs[step] and (steps.mode[step] == Mode.ANY or slot[need] == slot[need - 1]):
                    continue  # the first of those who stand for each other is the one to expect
                table = procedure.needs.work[need] if procedure.needs.work[need] >= 0 else steps.work[step]
                hours = table_mean(procedure.tables[table]) / 3600 if table >= 0 else 0.0
                nodes = _nodes(plan, need)
                work[procedure.needs.team[need]] += (visits - lost)[c, s] * hours * procedure.needs.people[need] * nodes
                parts += visits[c, s] * nodes if procedure.needs.fan[need] >= 0 else 0.0
    with np.errstate(invalid="ignore"):
        return Flow(births, visits, *(np.where(visits > 0, some / visits, np.nan) for some in (closings, lost)), work, parts)


def _by_home(plan: Plan, stuck: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Homes where the same can never start: which steps, and the share of each class's births there."""
    steps = len(plan.procedure.steps.stage)
    if stuck is None or not stuck.any():
        yield np.zeros(steps, bool), np.ones(len(plan.classes))
        return
    shares = np.array([births_by_home(plan, c) for c in range(len(plan.classes))])
    some = np.flatnonzero(shares.any(axis=0))
    rows, row = np.unique(np.packbits(stuck[:, some], axis=1), axis=0, return_inverse=True)  # many steps are stuck at the same homes
    differ = np.unpackbits(rows, axis=1, count=len(some)).astype(bool)
    for stopped, places in alike(list(differ)):
        yield np.array(stopped, bool)[row.ravel()], shares[:, some[places]].sum(axis=1)


def births_by_home(plan: Plan, c: int) -> np.ndarray:
    """The share of a class's births at each node of the tree."""
    demand, found = plan.demand[c], np.zeros(len(plan.tree.level))
    drawn = demand.hourly.sum() * 3600
    loose, total = np.count_nonzero(demand.fixed_home < 0), sum(demand.weights.values())
    for root, (nodes, shares) in demand.homes.items():
        found[nodes] += (drawn + (loose / total if total else 0)) * demand.weights[root] * np.diff(shares, prepend=0.0)
    found += np.bincount(demand.fixed_home[demand.fixed_home >= 0], minlength=len(found))
    return found / (found.sum() or 1)


def _nodes(plan: Plan, need: int) -> float:
    """At how many nodes a need is asked for: one, or as many as are below a home on average over the nodes that have any."""
    fans, fan = plan.procedure.fans, plan.procedure.needs.fan[need]
    if fan < 0:
        return 1.0
    known = fans.pools[fans.first[fan]] >= 0
    return float(fans.count[fan][known].mean()) if known.any() else 0.0


def _births_a_day(plan: Plan, c: int) -> float:
    demand = plan.demand[c]
    random = demand.hourly.sum() * 3600 * sum(demand.weights.values())
    return float(random + len(demand.fixed_born)) / (plan.horizon / DAY)


def _chain(plan: Plan, z: float, stopped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Transition chances between (stage, class) at a difficulty of z standard deviations, and the chance of closing; of steps that are `stopped` those of their due."""
    procedure, steps, outcomes = plan.procedure, plan.procedure.steps, plan.procedure.outcomes
    classes, stages = len(plan.classes), len(plan.stages)
    seen, closed = np.zeros((stages * classes,) * 2), np.zeros(stages * classes)
    for s in range(stages):
        for c in range(classes):
            step = procedure.index[0, s, c]
            if steps.verify[step]:
                continue
            first, count = (steps.first_due_outcome, steps.due_outcomes) if stopped[step] else (steps.first_outcome, steps.outcomes)
            rows = np.arange(first[step], first[step] + count[step])
            chance = outcomes.chance[rows].copy()
            at = int(steps.adjust[step]) - int(steps.first_outcome[step])
            if steps.adjust[step] >= 0 and not stopped[step]:
                new = expit(float(steps.log_odds[step]) - z * plan.demand[c].difficulty)
                chance *= (1 - new) / (1 - chance[at])
                chance[at] = new
            here = s * classes + c
            for row, p in zip(rows, chance, strict=True):
                if outcomes.kind[row] == Kind.STAGE:
                    then = c if outcomes.becomes[row] < 0 else outcomes.becomes[row]
                    seen[here, outcomes.target[row] * classes + then] += p
                elif outcomes.kind[row] == Kind.CLOSED:
                    closed[here] += p
    return seen, closed


def table_mean(table: np.ndarray) -> float:
    """The mean of a quantile table, in seconds."""
    from simgov.chance import CELLS, OCTAVES

    sides = table.reshape(2, OCTAVES, CELLS + 1)
    cell = 2.0 ** -(np.arange(OCTAVES) + 2.0) / CELLS
    return float(((sides[:, :, 1:] + sides[:, :, :-1]) / 2).sum(axis=2).sum(axis=0) @ cell)
