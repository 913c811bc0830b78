"""Where the time and the memory of one replication go: Dongxing on both engines, and Putian on the compiled one.

Run: python benchmarks/one_replication.py        (--write puts the table into docs/speed.md)
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import speed_page
from chain_programs import stopwatch
from inside import watched
from scale import PINS, SIZES, compile_first, now_held, peak, warm

SCENARIOS = Path(__file__).parent.parent / "scenarios"
CASES = {  # size of scale.py, engine, how often
    "Dongxing, SimPy": ("Dongxing, as shipped", "simpy", 5),
    "Dongxing, compiled": ("Dongxing, as shipped", "compiled", 9),
    "Putian, compiled": ("Putian, as shipped", "compiled", 3),
}
HEAD = ("stage", *(f"{case}, {unit}" for case in CASES for unit in ("s", "MB")))
STAGES = ("load", "plan", "draws", "pack", "kernel", "journal", "measures")
ROWS = (*STAGES, "all", "peak")


def measure(size: str, engine: str, rounds: int) -> dict[str, list[float | None]]:
    """By stage: the seconds of the best round, and the MB held after it in the first one, beyond what an idle process holds."""
    import simgov
    from simgov import draws, plan
    from simgov.engines import simulator
    from simgov.measures import reduce

    simulate = simulator(engine)
    warm(engine)
    before, seconds, held = now_held(), [], {}
    for _ in range(rounds):
        took: dict[str, float] = {}

        def done(stage: str, watch: list[float], took: dict[str, float] = took) -> None:
            took[stage] = watch[0]
            held.setdefault(stage, now_held() - before)

        with stopwatch() as watch:
            scenario = simgov.load(SCENARIOS / SIZES[size].file)
        done("load", watch)
        with stopwatch() as watch:
            made = plan.make(scenario)
        done("plan", watch)
        with stopwatch() as watch:
            drawn = draws.make(made, 1, 0)
        done("draws", watch)
        with watched() if engine == "compiled" else nullcontext({}) as parts, stopwatch() as watch:
            journal = simulate(made, drawn)
        done("journal", watch)
        took |= {part: parts.get(part, 0.0) for part in ("pack", "journal")}  # the SimPy engine does not tell them apart
        took["kernel"] = watch[0] - took["pack"] - took["journal"]
        with stopwatch() as watch:
            tables = reduce(made, journal)
        done("measures", watch)
        seconds.append(took)
        if len(journal.visits.visit) != PINS[size][1]:
            sys.exit(f"{size}: {len(journal.visits.visit)} visits instead of {PINS[size][1]}: the scenario or its meaning has changed")
        del made, drawn, journal, tables
    best = min(seconds, key=lambda took: sum(took.values()))
    found = {stage: [best[stage] or None, held.get(stage)] for stage in STAGES}
    return found | {"all": [sum(best.values()), None], "peak": [None, peak() - before]}


def alone(case: str) -> dict[str, list[float | None]]:
    """`measure` in a process of its own."""
    told = subprocess.run([sys.executable, __file__, "--one", case], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(told.stdout)


def rows(found: dict[str, dict[str, list[float | None]]]) -> Iterator[tuple[str, ...]]:
    """The table; what is not told apart is empty."""
    for name in ROWS:
        yield name, *("" if x is None else f"{x:,.0f}" if k else f"{x:.4f}" for told in found.values() for k, x in enumerate(told[name]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(*CASES[given.one])))
        return
    compile_first("compiled")
    text = speed_page.table(HEAD, rows({case: alone(case) for case in CASES}))
    print(text)
    if given.write:
        speed_page.write("one_replication", text)


if __name__ == "__main__":
    main()
