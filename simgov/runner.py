"""Running a scenario: replication after replication, each reduced to its measures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import groupby
from numbers import Integral
from operator import itemgetter
from pathlib import Path
from typing import Any

from simgov import budget, engines, pieces
from simgov.document import checked
from simgov.engines import Choice
from simgov.errors import OutputError, UsageError
from simgov.journal import Journal
from simgov.language import Message, message
from simgov.measures import Tables
from simgov.pieces import Piece
from simgov.plan import plant
from simgov.provenance import RESULT, read, rebuilt
from simgov.result import Result
from simgov.scenario import Scenario, load
from simgov.workers import carry_out

REPLICATIONS = 30


def run(
    scenario: Scenario | str | Path,
    *,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    journal: bool | None = None,
    workers: int | str = 1,
    progress: Callable[[float], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Result:
    """Simulate a scenario (or the file of one) and give back a `Result`.

    Replication r of seed s is the same on every machine, with either engine, and on any number of workers (processes; or the address
    of a dask cluster, `tcp://...`).
    `engine` is `auto`, `simpy` or `compiled`; `result.engine` says which was taken and why. The journal is kept when it is
    small, or when `journal` says so; without it, roots are simulated one by one and only their tables stay in memory.
    `progress` is called with the share that is done, `say` with notes for the person who waits. Raises ScenarioError,
    SimulationError when an incident goes round in a loop, and UsageError for what cannot be run, memory included.
    """
    whole = (("replications", replications, 1), ("seed", seed, 0), *([] if isinstance(workers, str) else [("workers", workers, 1)]))
    for name, value, least in whole:
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise UsageError(message("{name} must be a whole number of at least {least}, got {value!r}", name=name, least=least, value=value))
    if journal not in (None, True, False):
        raise UsageError(message("journal must be True, False or None (kept when the run is small), got {journal!r}", journal=journal))
    say = say or logging.getLogger("simgov").warning
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    size, roots = budget.expect(scenario), len(plant(scenario).residents)
    keep = budget.keeps_journal(size, replications, roots) if journal is None else journal
    budget.check(size, replications, roots, keep, 1 if isinstance(workers, str) else workers)
    chosen = engines.make_ready(engines.choose(engine, size.visits * replications), engine, say)
    return _carried_out(scenario, list(pieces.cut(roots, replications, roots if keep else budget.roots_at_once(size, roots))), seed, chosen, keep, workers, progress or (lambda share: None))


def _carried_out(
    scenario: Scenario, todo: list[Piece], seed: int, engine: Choice, keep: bool, workers: int | str, progress: Callable[[float], None]
) -> Result:
    """All pieces. The tables of a replication are added up in the order of its roots, so that sums do not depend on workers."""
    journals: list[Journal] = []
    inputs: list[tuple] = [(scenario, piece, seed, engine.name, keep) for piece in todo]
    workers = workers if isinstance(workers, str) else min(workers, len(todo))
    if workers == 1:
        inputs = [(*given, lambda share, k=k: progress((k + share) / len(todo))) for k, given in enumerate(inputs)]

    def results() -> Iterator[tuple[int, Tables]]:
        for k, (piece, (tables, journal)) in enumerate(zip(todo, carry_out(pieces.play, inputs, workers), strict=True), 1):
            progress(k / len(todo))
            if journal is not None:
                journals.append(journal)
            yield piece.replication, tables

    reduced = [Tables.sum(tables for _, tables in roots) for _, roots in groupby(results(), key=itemgetter(0))]
    return Result(pieces.planned(scenario, todo[0].roots), seed, engine, tuple(reduced), tuple(journals))


def again(provenance: dict[str, Any] | str | Path, **options: Any) -> Result:
    """Run once more what a result was made from: its folder, its `result.json`, or its `provenance`.

    Raises OutputError when the result cannot be read, is not what was written, or does not give back the scenario of its digest.
    """
    where: Path | Message = message("this provenance")
    if not isinstance(provenance, dict):
        where, found = Path(provenance), read(Path(provenance))
        found.tell(options.get("say") or logging.getLogger("simgov").warning)
        provenance = found.data
    else:
        provenance = checked(provenance, RESULT, where, sealed=False)
    scenario = rebuilt(provenance, where)
    if scenario.digest != provenance["digest"]:
        raise OutputError(message("the scenario of this result ({digest}) cannot be rebuilt: it gives {other}", digest=provenance["digest"][:8], other=scenario.digest[:8]))
    return run(scenario, **{"replications": provenance["replications"], "seed": provenance["seed"], "journal": provenance.get("journal"), **options})
