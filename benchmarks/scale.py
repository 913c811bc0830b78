"""From a community to the nation: what a replication costs, stage by stage, and how much memory. One process for each size.

A forest is simulated root by root and each is reduced to its tables, as `simgov run` does without a journal.

Run: python benchmarks/scale.py                  (--nation too, which takes minutes; --write puts table and figure into docs/)
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import speed_page

ROOT = Path(__file__).parent.parent
FIGURE = ROOT / "docs" / "figures" / "scale.png"
HEAD = ("size", "incidents", "visits", "plan s", "draws s", "run s", "measures s", "all s", "µs an incident", "µs a visit", "peak MB")
STAGES = ("plan", "draws", "run", "measures")


class Size(NamedTuple):
    """A scenario file, the share of its tree that is taken, how many of its roots (none: all), and how often it is measured."""

    file: str
    share: float = 1
    roots: int | None = None
    rounds: int = 3


CITIES, STREETS = 440, 54  # of the nation, and of each city
SIZES = {
    "a community": Size("nation.yaml", share=1 / 973 / CITIES, rounds=9),
    "a street": Size("nation.yaml", share=1 / STREETS / CITIES, rounds=9),
    "a district": Size("nation.yaml", share=1 / 5 / CITIES, rounds=5),
    "a city": Size("nation.yaml", roots=1),
    "10 cities": Size("nation.yaml", roots=10, rounds=1),
    "the nation": Size("nation.yaml", rounds=1),
    "Dongxing, as shipped": Size("dongxing.yaml", rounds=9),
    "Putian, as shipped": Size("putian.yaml"),
}
ONLY_ON_REQUEST = "the nation"
PINS = {  # incidents and visits of seed 1, replication 0
    "a community": (615, 1_595),
    "a street": (10_922, 21_607),
    "a district": (116_658, 228_888),
    "a city": (583_057, 1_141_925),
    "10 cities": (5_791_102, 11_343_415),
    "Dongxing, as shipped": (1_758, 13_645),
    "Putian, as shipped": (516_157, 1_012_940),
}


def scenario_of(size: Size) -> Any:
    """The scenario of a size: where it is less than a node of a level, it has one with that part of the node's people."""
    import simgov
    from simgov.scenario import build

    whole = simgov.load(ROOT / "scenarios" / size.file)
    if size.share == 1:
        return whole
    cut = {"residents": whole.residents * size.share}
    for name, level in whole.levels.items():
        left = level.count * size.share
        cut[f"levels.{name}.count"] = left
        if left < 1:
            cut |= {f"teams.{team}.people": t.people.each * left for team, t in whole.teams.items() if t.at == name and t.people.each > 1}
    data = {key: value for key, value in whole.data.items() if key not in ("changes", "apply", "targets")}  # what is in force is in the data
    return build(data, {what: max(1, round(number)) for what, number in cut.items()}, folder=ROOT / "scenarios")


def pieces(scenario: Any, roots: int | None, engine: str) -> Iterator[dict[str, float]]:
    """Seconds of each stage and counts, root by root."""
    from simgov import draws, plan
    from simgov.engines import simulator
    from simgov.measures import reduce

    simulate, tables = simulator(engine), None
    for k in range(len(plan.plant(scenario).residents) if roots is None else roots):
        marks = [time.perf_counter()]
        made = plan.make(scenario, range(k, k + 1))
        marks.append(time.perf_counter())
        drawn = draws.make(made, 1, 0)
        marks.append(time.perf_counter())
        journal = simulate(made, drawn)
        marks.append(time.perf_counter())
        reduced = reduce(made, journal)
        tables = reduced if tables is None else tables + reduced
        marks.append(time.perf_counter())
        ordinary = [number for number, c in enumerate(scenario.classes.values()) if not c.background]
        counts = {"incidents": int(sum((journal.incidents.cls == c).sum() for c in ordinary)), "visits": len(journal.visits.visit)}
        yield counts | {stage: b - a for stage, a, b in zip(STAGES, marks, marks[1:], strict=False)}
        del made, drawn, journal, reduced


def measure(size: Size, engine: str) -> dict[str, float]:
    """One size, here: counts, the seconds of the best round, and the most memory this process ever held."""
    scenario = scenario_of(size)
    warm(engine)
    rounds = []
    for _ in range(size.rounds):
        found = list(pieces(scenario, size.roots, engine))
        rounds.append({key: sum(piece[key] for piece in found) for key in found[0]})
    best = min(rounds, key=lambda told: sum(told[stage] for stage in STAGES))
    assert all(told["visits"] == best["visits"] for told in rounds), "the same seed gave different counts"
    return best | {"peak": peak(), "roots": len(found)}


def warm(engine: str) -> None:
    """Compile, import what is imported late, and simulate something small: that happens once and is not a size's cost."""
    import simgov

    small = simgov.load(ROOT / "scenarios" / "dongxing.yaml", {"period.end": "2022-06-01"})
    for _ in pieces(small, None, engine):
        pass


def now_held() -> float:
    """The memory this process holds, in MB."""
    import psutil

    return psutil.Process().memory_info().rss / 1e6


def peak() -> float:
    """The most memory this process has ever held, in MB; on Linux not by `getrusage`, which counts what its parent held when it was forked."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def compile_first(engine: str) -> None:
    """Compile in a process that is not measured: compiling takes more memory than a city."""
    if engine == "compiled":
        subprocess.run([sys.executable, "-c", "from simgov.engines.compiled import warm_up; warm_up()"], check=True)


def alone(name: str, engine: str) -> dict[str, float]:
    """`measure` in a process of its own."""
    command = [sys.executable, __file__, "--one", name, "--engine", engine]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(told.stdout)


def row(name: str, told: dict[str, float]) -> tuple[str, ...]:
    """A row of the table."""
    whole = sum(told[stage] for stage in STAGES)
    each = [f"{whole / told[unit] * 1e6:.2f}" for unit in ("incidents", "visits")]
    counts = [f"{told[unit]:,}" for unit in ("incidents", "visits")]
    return name, *counts, *(f"{told[stage]:.3f}" for stage in STAGES), f"{whole:.3f}", *each, f"{told['peak']:,.0f}"


def draw(found: dict[str, dict[str, float]]) -> None:
    """Seconds and memory over incidents: a line through the parts of the nation, and the shipped scenarios beside it."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    from simgov.plots.style import FAINT, GREY, INK, PALETTE, RED, STYLE

    def over(axes: Any, values: dict[str, float], **look: Any) -> None:
        axes.plot([found[name]["incidents"] for name in values], values.values(), **look)

    def label(axes: Any, values: dict[str, float]) -> None:
        for name, value in values.items():
            way, colour = (1, RED) if name in beside else (-1, INK)
            look = {"ha": "left" if way > 0 else "right", "va": "top" if way > 0 else "bottom", "color": colour, "fontsize": 8}
            axes.annotate(name, (found[name]["incidents"], value), (4 * way, -4 * way), textcoords="offset points", **look)

    curve = [name for name in found if SIZES[name].file == "nation.yaml"] or list(found)
    beside = [name for name in found if name not in curve]
    whole = {name: sum(told[stage] for stage in STAGES) for name, told in found.items()}
    memory = {name: told["peak"] for name, told in found.items()}
    middle = "a city" if "a city" in found else curve[-1]
    each = whole[middle] / found[middle]["incidents"]
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
        over(left, {name: each * found[name]["incidents"] for name in curve}, color=GREY, ls=":", lw=1.2, label="in proportion to a city")
        for stage, colour in zip(STAGES, PALETTE, strict=False):
            over(left, {name: found[name][stage] for name in curve}, color=colour, lw=1, marker="o", ms=3, label=stage)
        for axes, values in ((left, whole), (right, memory)):
            over(axes, {name: values[name] for name in curve}, color=INK, lw=2, marker="o", ms=5, label="all")
            if beside:
                over(axes, {name: values[name] for name in beside}, color=RED, ls="", marker="D", ms=5, label=" and ".join(name.partition(",")[0] for name in beside) + ", as shipped")
            axes.set(xscale="log", yscale="log", xlabel="incidents of a replication")
            axes.grid(color=FAINT)
            axes.set_axisbelow(True)
            axes.margins(x=0.14, y=0.12)
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("")
        left.set(title="Seconds a replication, one core", ylabel="seconds")
        left.legend(frameon=False, fontsize=8)
        right.set(title="Peak memory of the process", ylabel="MB")
        right.set_yticks([200, 500, 1000, 2000, 5000])
        label(right, memory)
        figure.savefig(FIGURE, dpi=110, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nation", action="store_true", help="the whole nation, too")
    parser.add_argument("--engine", default="compiled", choices=("compiled", "simpy"))
    parser.add_argument("--only", action="append", choices=SIZES, help="only this size; may be repeated")
    parser.add_argument("--write", action="store_true", help="put table and figure into docs/")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(SIZES[given.one], given.engine)))
        return
    names = [name for name in SIZES if name in (given.only or SIZES) and (name != ONLY_ON_REQUEST or given.nation)]
    found, wrong = {}, []
    compile_first(given.engine)
    for name in names:
        found[name] = alone(name, given.engine)
        print(*row(name, found[name]), sep="  ", file=sys.stderr, flush=True)
        counts = found[name]["incidents"], found[name]["visits"]
        if name not in PINS:
            print(f"{name}: {counts} incidents and visits, which nobody has pinned yet", file=sys.stderr)
        elif counts != PINS[name]:
            wrong.append(f"{name}: {counts} incidents and visits instead of {PINS[name]}: the scenario or its meaning has changed")
    text = speed_page.table(HEAD, (row(*entry) for entry in found.items()))
    print(text)
    if wrong:
        sys.exit("\n".join(wrong))
    if given.write:
        speed_page.write("scale", text)
        draw(found)


if __name__ == "__main__":
    main()
