"""simgov: how incidents and disputes are found, assessed, handled, passed on and closed in grid governance (网格化治理).

    scenario = simgov.load("scenarios/dongxing.yaml")     read a scenario; .digest, .data, .origins
    result = simgov.run(scenario, replications=30, seed=1)   simulate it
    result.measures, result.targets                       what came out, with 95 % intervals
    result.incidents, result.visits, result.work          the journal: what happened
    result.figure("closure")                              closure, chain or waiting; lang="zh" for Chinese
    result.save("results/dongxing")                       a folder: Parquet, result.json, figures
    simgov.again("results/dongxing")                      the same run once more, bit for bit
    simgov.compare("study.yaml", folder="results/study")  policies under common draws: .differences, .best, .answer()

All errors that a user can cause are SimgovError. simgov compares procedures and staffing; it does not predict
or score persons, and what it leaves at zero is an assumption, not a finding.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simgov.errors import ScenarioError, SimgovError
    from simgov.result import Result
    from simgov.runner import again, run
    from simgov.scenario import Scenario, build, load
    from simgov.study import Comparison, compare

_HOMES = {
    "Comparison": "simgov.study",
    "Result": "simgov.result",
    "Scenario": "simgov.scenario",
    "ScenarioError": "simgov.errors",
    "again": "simgov.runner",
    "SimgovError": "simgov.errors",
    "build": "simgov.scenario",
    "compare": "simgov.study",
    "load": "simgov.scenario",
    "run": "simgov.runner",
}
__all__ = ["Comparison", "Result", "Scenario", "ScenarioError", "SimgovError", "again", "build", "compare", "load", "run"]


def __getattr__(name: str) -> Any:
    """Names are imported when they are first used: importing simgov alone costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("simgov")
    if name not in _HOMES:
        raise AttributeError(f"module 'simgov' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
