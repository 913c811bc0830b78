"""Studies: what two processes gain on a city, what a small trial costs beside simulating it, and how memory grows.

Run: python benchmarks/study.py             (--write puts the table into docs/speed.md)
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import speed_page

from simgov import draws, pieces
from simgov.engines import compiled
from simgov.measures import reduce
from simgov.study import Study, compare
from simgov.study.policies import make
from simgov.workers import carry_out

ROOT = Path(__file__).parent.parent
SMALL, CITY = ROOT / "scenarios/dongxing.yaml", ROOT / "scenarios/putian.yaml"
TRIALS = 200  # of the small scenario
GIB = 2**30


def study(scenario: Path, policies: int, replications: int) -> Study:
    """Policies that differ in the duty of triage and in head-counts."""
    named = {f"p{k}": {"set": {"teams.street_dept.people": 12 + k}} for k in range(policies)}
    return make({"schema": 1, "scenario": scenario.name, "policies": named, "measures": [{"measure": "headline_closure"}], "replications": replications}, folder=scenario.parent)


def timed(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def overhead() -> tuple[float, float]:
    """Milliseconds of a small trial: to simulate and measure it, and what carrying out, keeping and comparing add."""
    made = study(SMALL, 2, TRIALS // 2)
    with TemporaryDirectory() as folder:
        compare(made, replications=2, engine="compiled", folder=Path(folder) / "warm")
        whole = timed(lambda: compare(made, engine="compiled", folder=Path(folder) / "timed"))
    plans = [pieces.planned(policy.scenario, range(1)) for policy in made.policies]

    def bare() -> None:
        for r in range(TRIALS // 2):
            for plan in plans:
                reduce(plan, compiled.simulate(plan, draws.make(plan, 1, r), None))

    simulating = timed(bare)
    return 1000 * simulating / TRIALS, 1000 * (whole - simulating) / TRIALS


class Memory:
    """The most memory that this process and its children have together while the block runs."""

    def __enter__(self) -> Memory:
        self.peak, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._over.wait(0.5):
            found = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    found += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, found)


def city(policies: int, replications: int, workers: int) -> tuple[float, float]:
    """Seconds, and GiB at the most, of a study of a city."""
    made = study(CITY, policies, replications)
    with TemporaryDirectory() as folder, Memory() as memory:
        seconds = timed(lambda: compare(made, engine="compiled", workers=workers, folder=folder))
    return seconds, memory.peak / GIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    given = parser.parse_args()
    compiled.warm_up()
    simulating, added = overhead()
    list(carry_out(_ready, [(k,) for k in range(4)], 2))  # processes have started and loaded the kernel
    one, two = (city(2, 10, workers) for workers in (1, 2))
    rows = [[f"a small trial ({SMALL.stem}), {TRIALS} of them, kept in a folder", f"{simulating:.1f} ms to simulate and measure, {added:.1f} ms besides"],
            ["two policies of a city (putian), 10 replications, one process", f"{one[0]:.0f} s, {one[1]:.1f} GiB"],
            ["the same on two processes", f"{two[0]:.0f} s, {two[1]:.1f} GiB: {one[0] / two[0]:.2f} times as fast"]]  # fmt: skip
    few, many = city(10, 2, 2), city(10, 4, 2)
    rows += [[f"ten policies of a city, {r} replications, two processes", f"{seconds:.0f} s, {peak:.2f} GiB"] for r, (seconds, peak) in ((2, few), (4, many))]
    text = speed_page.table(["what", "measured"], rows)
    print(text)
    if given.write:
        speed_page.write("study", text)


def _ready(k: int) -> bool:
    return compiled.warm_up() is not None


if __name__ == "__main__":
    main()
