"""How large a run will be, before it starts: visits, and the memory they take."""

from __future__ import annotations

from typing import NamedTuple

import psutil

from simgov import flow
from simgov.clock import DAY
from simgov.errors import UsageError
from simgov.pieces import planned
from simgov.plan import plant
from simgov.scenario import Scenario

INCIDENT, VISIT, NODE = 600, 900, 1_000  # bytes while a piece is simulated and measured, benchmarks/scale.py
ROW = 250  # bytes of a visit and its work in a journal that is kept
MOST_KEPT = 5_000_000  # visits of all journals, up to which they are kept unless somebody says otherwise
LEAST_PIECE = 100_000  # visits
GB = 1e9


class Budget(NamedTuple):
    """Expected visits of a replication (all roots), and bytes: of the largest piece of one root, and of everything in one piece."""

    visits: float
    root: float
    whole: float


def expect(scenario: Scenario) -> Budget:
    """The budget of a scenario, from the plan of its first root: the others are taken to be alike, by their residents or nodes.

    Raises UsageError when not even the nodes of a root have room.
    """
    forest = plant(scenario)
    nodes = sum(forest.counts.values())
    if (bytes_ := float(nodes.max()) * NODE) > _free():
        raise UsageError(f"a root of {nodes.max():,} nodes needs about {bytes_ / GB:.3g} GB of memory, and {_free() / GB:.3g} GB are free: divide it into several roots")
    first = planned(scenario, range(1))
    rate, days = flow.expected(first, points=1), first.horizon / DAY
    incidents, visits = rate.births.sum() * days, rate.visits.sum() * days
    size = forest.residents if forest.residents.any() else nodes
    root = NODE * int(nodes[0]) + INCIDENT * incidents + VISIT * visits
    return Budget(*(float(x) for x in (visits * size.sum() / size[0], root * size.max() / size[0], root * size.sum() / size[0])))


def roots_at_once(budget: Budget, roots: int) -> int:
    """How many roots make a piece that is worth its plan."""
    return max(1, min(roots, int(LEAST_PIECE * roots / max(budget.visits, 1))))


def _free() -> float:
    return psutil.virtual_memory().available


def check(budget: Budget, replications: int, roots: int, journal: bool, workers: int) -> None:
    """Raises UsageError when the run cannot fit into the memory that is free."""
    free = _free()
    kept = budget.visits * replications * ROW
    needed = (budget.whole + kept) if journal else budget.root * min(workers, roots * replications)
    if needed <= free:
        return
    text = f"this run needs about {needed / GB:.3g} GB of memory, and {free / GB:.3g} GB are free"
    if journal and budget.root < free:
        raise UsageError(f"{text}: {kept / GB:.3g} GB of it are journals; leave the journal out (--no-journal, journal=False), then roots and replications are simulated one by one and only their tables are kept")
    if not journal and workers > 1 and budget.root < free:
        raise UsageError(f"{text}: take fewer workers, one of them needs {budget.root / GB:.3g} GB")
    raise UsageError(f"{text}: one root alone needs {budget.root / GB:.3g} GB; take a shorter period, or a lower rate, or divide it into several roots")
