"""What common draws gain: the half-widths of a study's differences, paired and as if each policy had draws of its own.

Run: python benchmarks/paired.py            (--write puts table and figure into docs/)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import speed_page
from matplotlib.figure import Figure

from simgov.plots.style import BLUE, GREY, STYLE
from simgov.study import Comparison, compare
from simgov.study.answer import label
from simgov.vocabulary import MEASURES
from simgov.words import change, signed

ROOT = Path(__file__).parent.parent
STUDY, PAGE, PICTURE = ROOT / "scenarios/studies/q2_overnight.yaml", ROOT / "docs/sure.md", ROOT / "docs/figures/paired.png"
POLICY = "midnight"


def rows(comparison: Comparison) -> list[list[str]]:
    """Measure, difference, half-widths paired and unpaired, and how many times the replications the latter would need for the former."""
    found = []
    for number, asked in enumerate(comparison.asked):
        table = comparison.differences
        row = table[(table["asked"] == number) & (table["policy"] == POLICY)].iloc[0]
        unit, half = MEASURES[asked.measure].unit, (row["high"] - row["low"]) / 2
        half, unpaired = (0 if x < 1e-9 * abs(row["difference"]) else x for x in (half, row["unpaired"]))
        times = (unpaired / half) ** 2 if half else np.inf
        found.append(
            [label(comparison, asked, "en"), change(row["difference"], unit), *(signed(x, unit, half or unpaired).lstrip("+") for x in (half, unpaired)), row["verdict"],
             "no luck in it" if half == 0 == unpaired else "no number is enough" if half == 0 else f"{times:,.0f}"]
        )  # fmt: skip
    return found


def picture(comparison: Comparison) -> Figure:
    """By replication: the deciding measure under two policies, and their difference."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        asked = comparison.asked[0]
        base, other = (comparison.ratios(comparison.number(name), asked).top for name in (comparison.study.base.name, POLICY))
        order = np.arange(len(base)) + 1
        left.plot(order, base, "o-", color=GREY, ms=4, lw=0.8, label=comparison.study.base.say("en"))
        left.plot(order, other, "s-", color=BLUE, ms=4, lw=0.8, label=comparison.study.policies[comparison.number(POLICY)].say("en"))
        left.set(xlabel="replication", ylabel="hours")
        left.set_title(label(comparison, asked, "en"), pad=24)
        left.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 0.98), ncols=2)
        right.axhline(0, color=GREY, lw=0.8)
        right.plot(order, other - base, "s", color=BLUE, ms=4)
        right.set(xlabel="replication", ylabel="hours")
        right.set_title("the difference", pad=24)
        figure.draw_without_rendering()
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put table and figure into docs/")
    given = parser.parse_args()
    comparison = compare(STUDY)
    head = ["measure", "difference", "± paired", "± unpaired", "verdict", "times the replications"]
    text = speed_page.table(head, rows(comparison))
    print(f"{comparison.replications} replications\n{text}")
    if given.write:
        speed_page.write("paired", text, PAGE)
        picture(comparison).savefig(PICTURE, dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()
