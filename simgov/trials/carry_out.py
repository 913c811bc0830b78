"""Carrying trials out: replication by replication, those of all arms before the next, on any number of workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from simgov import draws, pieces
from simgov.engines import simulator
from simgov.measures import Tables, reduce
from simgov.trials.outcome import Outcome
from simgov.trials.past import fingerprint
from simgov.trials.sealed import Closed
from simgov.trials.store import Store
from simgov.workers import carry_out


class Arm(NamedTuple):
    """One of the scenarios that are tried. `at_once` of its `roots` are simulated together; `moments`: seconds before which the past is fingerprinted."""

    scenario: Closed
    roots: int = 1
    at_once: int = 1
    moments: tuple[int, ...] = ()

    def name(self, seed: int) -> str:
        """Of its trials: everything that their outcomes depend on but the replication, and what is kept of them."""
        return sha256(json.dumps([self.scenario.digest, seed, self.moments]).encode()).hexdigest()


@dataclass(frozen=True)
class Trials:
    """How trials are carried out: their seed, the engine, workers (a number, or the address of a cluster), and where they are kept.

    An outcome depends on the scenario, the seed and the replication, and on nothing else that stands here.
    """

    seed: int = 1
    engine: str = "simpy"
    workers: int | str = 1
    store: Store | None = None

    def run(self, arms: Sequence[Arm], replications: Sequence[int], done: Callable[[], None] = lambda: None) -> Iterator[list[Outcome]]:
        """For each replication the outcomes of all arms, in their order. `done` is called after every trial."""
        wanted = [(r, arm) for r in replications for arm in arms]
        kept = [self._kept(r, arm) for r, arm in wanted]
        missing = [(arm, r, self) for (r, arm), outcome in zip(wanted, kept, strict=True) if outcome is None]
        fresh = carry_out(_trial, missing, self.workers)
        row: list[Outcome] = []
        with closing(fresh):  # whoever has enough stops here, and workers stop, too
            for (r, arm), outcome in zip(wanted, kept, strict=True):
                row.append(outcome or self._fresh(r, arm, *next(fresh)))
                done()
                if len(row) == len(arms):
                    yield row
                    row = []

    def _kept(self, replication: int, arm: Arm) -> Outcome | None:
        found = self.store.get(arm.name(self.seed), replication) if self.store else None
        return found if found is not None and found.fits(arm.scenario.shape, arm.moments) else None

    def _fresh(self, replication: int, arm: Arm, outcome: Outcome, is_kept: bool) -> Outcome:
        if self.store and not is_kept:
            self.store.put(arm.name(self.seed), replication, outcome)
        return outcome


def _trial(arm: Arm, replication: int, trials: Trials) -> tuple[Outcome, bool]:
    """In a worker: the outcome, and whether it could be kept there; a worker of a cluster may see other disks."""
    outcome = play(arm, trials.seed, replication, trials.engine)
    if trials.store is None or not trials.store.is_there:
        return outcome, False
    trials.store.put(arm.name(trials.seed), replication, outcome)
    return outcome, True


def play(arm: Arm, seed: int, replication: int, engine: str) -> Outcome:
    """Simulate one trial, a few roots at a time."""
    scenario = arm.scenario.open()
    past: dict[int, list[str]] = {moment: [] for moment in arm.moments}

    def tables() -> Iterator[Tables]:
        for _, some in pieces.cut(arm.roots, 1, arm.at_once):
            plan = pieces.planned(scenario, some)
            journal = simulator(engine)(plan, draws.make(plan, seed, replication), None)
            for moment, prints in past.items():
                prints.append(fingerprint(journal, moment))
            yield reduce(plan, journal)

    total = Tables.sum(tables())
    return Outcome.of(total, {moment: "".join(prints) for moment, prints in past.items()})
