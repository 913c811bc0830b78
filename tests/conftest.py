"""What all tests share: how many cases hypothesis tries, and that nightly tests run only when asked for."""

from __future__ import annotations

import os
import pickle

import pytest
from hypothesis import HealthCheck, settings

os.environ.pop("LANGUAGE", None)  # the language of a command is that of the system, and tests say what they expect
os.environ["LC_ALL"] = "C.UTF-8"
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
settings.register_profile("usual", deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
settings.load_profile("usual")


LONGEST_FIRST = ("browser_web", "equality", "docs", "calibration", "cli", "web", "benchmarks", "places", "laws", "study", "places_putian", "report", "plots")


def pytest_configure(config):
    """pytest-xdist would begin with the files of most tests, and end with one process at work on a long one."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config, items):
    """Leave nightly tests out, unless `-m` says what is wanted. The files that take longest come first."""
    places = {f"test_{name}": k for k, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    if config.option.markexpr:
        return
    nightly = [item for item in items if item.get_closest_marker("nightly")]
    if nightly:
        config.hook.pytest_deselected(items=nightly)
        items[:] = [item for item in items if item not in nightly]


def pytest_sessionfinish(session):
    """A process of its own hands over what its tests have reached."""
    from reach import TALLIES

    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tallies"] = pickle.dumps({name: tally for name, tally in TALLIES.items() if tally.scenarios}).hex()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """All tests of a file run in one process, so one of them has the tallies."""
    from reach import TALLIES

    TALLIES.update(pickle.loads(bytes.fromhex(getattr(node, "workeroutput", {}).get("tallies", "")) or pickle.dumps({})))


def pytest_terminal_summary(terminalreporter):
    """Say how often the equality of the engines, and of engine and oracle, has met each field and rule, or that it was not tested."""
    from reach import TALLIES

    for name, tally in TALLIES.items():
        if tally.scenarios:
            kinds = ", ".join(f"{n:,} {kind}" for kind, n in tally.scenarios.items())
            terminalreporter.section(
                f"equality of journals ({name}): {kinds} scenarios, {tally.visits:,} visits; how many reached what"
            )
            terminalreporter.write("\n".join(tally.lines()) + "\n")
    for report in terminalreporter.stats.get("skipped", ()):
        if report.nodeid.endswith("test_equality.py"):
            terminalreporter.write_line(f"NOT TESTED: {report.longrepr[-1]}", yellow=True)
