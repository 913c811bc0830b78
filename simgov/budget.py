"""How large a run will be, before it starts: visits, and the memory they take."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from simgov import flow
from simgov.clock import DAY
from simgov.errors import UsageError
from simgov.language import message
from simgov.pieces import planned
from simgov.plan import plant
from simgov.scenario import Scenario

INCIDENT, VISIT, NODE = 600, 900, 1_000  # bytes while a piece is simulated and measured, benchmarks/scale.py
ROW = 250  # bytes of a visit and its work in a journal that is kept
MOST_KEPT = 5_000_000  # visits of all journals, up to which they are kept unless somebody says otherwise
LEAST_PIECE = 100_000  # visits
GB = 1e9
CONTAINER = Path("/sys/fs/cgroup")


class Budget(NamedTuple):
    """Expected visits of a replication (all roots), and bytes: of the largest piece of one root, and of everything in one piece."""

    visits: float
    root: float
    whole: float


def expect(scenario: Scenario) -> Budget:
    """The budget of a scenario, from the plan of its largest root: the others have visits in proportion to their residents, or nodes.

    Raises UsageError when not even the nodes of a root have room.
    """
    if scenario.digest not in _known:
        _known[scenario.digest] = _expected(scenario)
    return _known[scenario.digest]


_known: dict[str, Budget] = {}  # by digest: a plan of a city takes half a second


def _expected(scenario: Scenario) -> Budget:
    forest = plant(scenario)
    nodes = sum(forest.counts.values())
    if (bytes_ := float(nodes.max()) * NODE) > _free():
        raise UsageError(message("a root of {nodes:,} nodes needs about {needed:.3g} GB of memory, and {free:.3g} GB are free: divide it into several roots", nodes=int(nodes.max()), needed=bytes_ / GB, free=_free() / GB))
    size = forest.residents if forest.residents.any() else nodes
    largest = int(size.argmax())
    plan = planned(scenario, range(largest, largest + 1))
    rate, days, share = flow.expected(plan, points=1), plan.horizon / DAY, float(size.sum() / size[largest])
    visits = float((rate.visits.sum() + rate.parts) * days)
    events = INCIDENT * float(rate.births.sum() * days) + VISIT * visits
    return Budget(visits * share, NODE * float(nodes.max()) + events, NODE * float(nodes.sum()) + events * share)


def roots_at_once(budget: Budget, roots: int) -> int:
    """How many roots make a piece that is worth its plan."""
    return max(1, min(roots, int(LEAST_PIECE * roots / max(budget.visits, 1))))


def keeps_journal(budget: Budget, replications: int, roots: int) -> bool:
    """Whether journals are kept without being asked for: those of small runs, whose roots make one piece anyway."""
    return budget.visits * replications <= MOST_KEPT and roots_at_once(budget, roots) == roots and _with_journal(budget, replications) <= _free()


def _with_journal(budget: Budget, replications: int) -> float:
    return budget.whole + budget.visits * replications * ROW


def _free() -> float:
    """Bytes that this process may still take: of the machine, of its limits, of its container."""
    free = [psutil.virtual_memory().available]
    if sys.platform != "win32":
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        free += [limit - psutil.Process().memory_info().vms] if limit != resource.RLIM_INFINITY else []
    with suppress(OSError, ValueError):  # cgroup 2; "max" is no number
        free.append(int((CONTAINER / "memory.max").read_text()) - int((CONTAINER / "memory.current").read_text()))
    return max(min(free), 0)


def check(budget: Budget, replications: int, roots: int, journal: bool, workers: int) -> None:
    """Raises UsageError when the run cannot fit into the memory that is free."""
    free = _free()
    kept = budget.visits * replications * ROW
    needed = _with_journal(budget, replications) if journal else budget.root * min(workers, roots * replications)
    if needed <= free:
        return
    lack = message("this run needs about {needed:.3g} GB of memory, and {free:.3g} GB are free", needed=needed / GB, free=free / GB)
    if journal and budget.root < free:
        raise UsageError(message("{lack}: {kept:.3g} GB of it are journals; leave the journal out (--no-journal, journal=False), then roots and replications are simulated one by one and only their tables are kept", lack=lack, kept=kept / GB))
    if not journal and workers > 1 and budget.root < free:
        raise UsageError(message("{lack}: take fewer workers, one of them needs {root:.3g} GB", lack=lack, root=budget.root / GB))
    raise UsageError(message("{lack}: one root alone needs {root:.3g} GB; take a shorter period, or a lower rate, or divide it into several roots", lack=lack, root=budget.root / GB))
