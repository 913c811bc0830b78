"""Running a scenario: replication after replication, each reduced to its measures."""

from __future__ import annotations

import json
from collections.abc import Callable
from numbers import Integral
from os.path import normpath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.errors import OutputError, UsageError
from simgov.folder import MARK
from simgov.measures import View, compute
from simgov.measures.pool import summary
from simgov.result import Result
from simgov.scenario import Scenario, build, load

REPLICATIONS = 30


def run(
    scenario: Scenario | str | Path,
    *,
    replications: int = REPLICATIONS,
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Result:
    """Simulate a scenario (or the file of one) and give back a `Result`.

    Replication r of seed s is the same on every machine and beside any number of others.
    `progress` is called with the share that is done. Raises ScenarioError, and SimulationError
    when an incident goes round in a loop.
    """
    for name, value, least in (("replications", replications, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise UsageError(f"{name} must be a whole number of at least {least}, got {value!r}")
    scenario = scenario if isinstance(scenario, Scenario) else load(scenario)
    made = plan.make(scenario)
    journals, summaries = [], []
    for replication in range(replications):

        def report(share: float, replication: int = replication) -> None:
            if progress:
                progress((replication + share) / replications)

        journal = simulate(made, draws.make(made, seed, replication), report)
        journals.append(journal)
        summaries.append(summary(compute(View(made, journal)), replication))
    return Result(made, seed, tuple(journals), pd.concat(summaries, ignore_index=True))


def again(provenance: dict[str, Any] | str | Path, **options: Any) -> Result:
    """Run once more what a result was made from: its folder, its `result.json`, or its `provenance`.

    Raises OutputError when the result cannot be read or does not give back the scenario of its digest.
    """
    if not isinstance(provenance, dict):
        provenance = _read(Path(provenance))
    scenario = _rebuilt(provenance)
    if scenario.digest != provenance["digest"]:
        raise OutputError(f"the scenario of this result ({provenance['digest'][:8]}) cannot be rebuilt: it gives {scenario.digest[:8]}")
    return run(scenario, replications=provenance["replications"], seed=provenance["seed"], **options)


def _read(place: Path) -> dict[str, Any]:
    path = place / MARK if place.is_dir() else place
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: is no result of simgov: {error}") from None


def _rebuilt(provenance: dict[str, Any]) -> Scenario:
    """The scenario that was run: its tables are laid out in a folder of their own, and its facts are not needed any more."""
    data = provenance["scenario"]
    files = {**provenance["tables"], **({data["facts"]: [{"id": ""}]} if data.get("facts") else {})}
    up = max((Path(normpath(name)).parts.count("..") for name in files), default=0)
    with TemporaryDirectory() as top:
        folder = Path(top, *("below",) * up)
        for name, rows in files.items():
            if Path(name).is_absolute():
                continue  # it can only be read where it is
            place = Path(normpath(folder / name))
            place.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame(rows, dtype=str).to_csv(place, index=False)
        scenario = build(data, name=provenance["scenario_name"], folder=folder)
    scenario._in_force = tuple(provenance["changes"])  # the lasting ones are in the data already
    return scenario
