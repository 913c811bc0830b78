"""What a run is made of: pieces that do not meet, each simulated alone and reduced to its tables.

A piece is one replication of some roots of the forest. Its journal is thrown away unless it is asked for, so memory
is bounded by the largest piece and not by the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from simgov import draws, plan
from simgov.engines import simulator
from simgov.journal import Journal
from simgov.measures import Tables, reduce
from simgov.plan import Plan
from simgov.scenario import Scenario


class Piece(NamedTuple):
    """One replication of some roots."""

    replication: int
    roots: range


def cut(roots: int, replications: int, at_once: int) -> Iterator[Piece]:
    """The pieces of a run, replication after replication, with so many roots at once."""
    for replication in range(replications):
        for first in range(0, roots, at_once):
            yield Piece(replication, range(first, min(first + at_once, roots)))


def play(
    scenario: Scenario, piece: Piece, seed: int, engine: str, keep: bool, progress: Callable[[float], None] | None = None
) -> tuple[Tables, Journal | None]:
    """Simulate a piece: its tables, and its journal if it is to be kept."""
    made = planned(scenario, piece.roots)
    journal = simulator(engine)(made, draws.make(made, seed, piece.replication), progress)
    return reduce(made, journal), journal if keep else None


def planned(scenario: Scenario, roots: range) -> Plan:
    """The plan of these roots. The last one made is kept, because replications share it, and as many before it as are small together."""
    key = scenario.digest, roots
    made = _plans.pop(key, None) or plan.make(scenario, roots)
    _plans[key] = made  # the latest stands last
    while len(_plans) > MOST_PLANS or (len(_plans) > 1 and sum(len(old.tree.level) for old in _plans.values()) > MOST_NODES):
        del _plans[next(iter(_plans))]
    return made


MOST_PLANS, MOST_NODES = 32, 100_000  # that are kept: the policies of a study of communities, or one city
_plans: dict[tuple[str, range], Plan] = {}
