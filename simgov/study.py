"""Running a scenario: replication after replication, each reduced to its measures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.measures import View, compute
from simgov.measures.pool import summary
from simgov.result import Result
from simgov.scenario import Scenario, load

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
    if replications < 1:
        raise ValueError(f"replications must be at least 1, got {replications}")
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


def again(provenance: dict[str, Any], **options: Any) -> Result:
    """Run once more what a result was made from (its `provenance`)."""
    from simgov.scenario import build

    return run(build(provenance["scenario"]), replications=provenance["replications"], seed=provenance["seed"], **options)
