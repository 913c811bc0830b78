"""What each policy changes: the paired difference to the base, with its interval, one panel for each measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simgov.language import message, say
from simgov.plots.comparison.frame import (
    BOLD,
    PAPER,
    ems,
    frame,
    grid,
    heading,
    legend_below,
    legend_room,
    panels,
    shape,
    unit,
    unit_axis,
    wrap,
    wrapped,
)
from simgov.plots.style import BLUE, GREY, INK, ORANGE
from simgov.study.answer import label
from simgov.study.verdict import EQUAL, MORE, NOT_APPLICABLE, SAME, SURE
from simgov.vocabulary import MEASURES
from simgov.words import number, signed

if TYPE_CHECKING:
    from simgov.study import Comparison
    from simgov.study.model import Asked

BETTER, WORSE, OTHER, EVEN, UNSURE = "better", "worse", "other", "even", "unsure"
MARKS = {BETTER: (BLUE, BLUE, "o"), WORSE: (ORANGE, ORANGE, "D"), OTHER: (INK, INK, "s"), EVEN: (GREY, GREY, "|"), UNSURE: (GREY, "white", "o")}  # line, filling, shape
LABEL = 17  # ems of a policy's label in one line
KINDS = {
    BETTER: message("better than “{base}”"),
    WORSE: message("worse"),
    OTHER: message("differs; neither side is better"),
    EVEN: message("practically equal, or the same"),
    UNSURE: message("cannot tell"),
}


def draw(comparison: Comparison, figure: Figure, lang: str) -> None:
    base = comparison.study.base.say(lang)
    names = [wrapped(policy.say(lang), LABEL) for policy in comparison.study.policies[1:]]
    asked, tables = comparison.asked, [table for _, table in comparison.differences.groupby("asked")]
    rows, columns = shape(len(asked))
    side = 0.15 * max(ems(line) for name in names for line in name.split("\n"))
    each = 3.6 if columns < 3 else 2.75
    width = max(7.0, side + each * columns + 0.4)
    kinds = {kind(a, row) for a, table in zip(asked, tables, strict=True) for row in table.to_dict("records") if row["verdict"] != NOT_APPLICABLE}
    legend = {k: say(KINDS[k], lang).format(base=base) for k in MARKS if k in kinds}
    lines = max(len(wrap(label(comparison, a, lang), each * 72 / BOLD)) for a in asked)
    height = 1.25 + 0.17 * lines + len(names) * (0.28 + 0.15 * max(name.count("\n") + 1 for name in names))
    explain = say("Points: difference to “{base}” in the same replications under common draws; bars: 95 % intervals that hold for all policies of a panel together.", lang)
    frame(comparison, figure, lang, width, rows * height, explain.format(base=base), legend_room(list(legend.values()), width))
    for k, (axes, a, table) in enumerate(zip(panels(figure, len(asked), sharey=True), asked, tables, strict=True)):
        for y, row in enumerate(table.to_dict("records")):
            _row(axes, a, -y, row, lang)
        under = say("“{base}”: {value}", lang).format(base=base, value=_base(comparison, k, lang))
        heading(axes, label(comparison, a, lang), under, each * 72)
        _axes(axes, a, table[["difference", "low", "high"]].abs().max(axis=None) > 0, lang)
        axes.set_yticks([-y for y in range(len(names))], names)
        axes.set_ylim(-len(names) + 0.35, 0.75)
    legend_below(figure, [_handle(k) for k in legend], list(legend.values()))


def _base(comparison: Comparison, asked: int, lang: str) -> str:
    row = comparison.values[comparison.values["asked"] == asked].iloc[0]
    return number(row["value"], MEASURES[row["measure"]].unit, lang)


def _handle(kind: str) -> Line2D:
    line, filling, shape = MARKS[kind]
    return Line2D([], [], color=line, mfc=filling, marker=shape, ms=7.5, mew=1.5, lw=2.2)


def kind(asked: Asked, row: dict[str, Any]) -> str:
    """Whether a difference is for the better or worse, neither of the two, practically none, or cannot be told (or does not exist)."""
    if row["verdict"] not in SURE:
        return EVEN if row["verdict"] in (EQUAL, SAME) else UNSURE
    if asked.direction == "neither":
        return OTHER
    return BETTER if (asked.direction == "up") == (row["verdict"] == MORE) else WORSE


def _row(axes: Axes, asked: Asked, y: int, row: dict[str, Any], lang: str) -> None:
    found = kind(asked, row)
    line, filling, shape = MARKS[found]
    if np.isnan(row["difference"]):
        missing = say("not reached", lang) if asked.measure.startswith("time_to_closure") else say("does not apply", lang)
        axes.text(0.5, y, missing, transform=axes.get_yaxis_transform(), color=GREY, fontsize=8.5, ha="center", va="center")
        return
    if np.isfinite(row["low"]):
        axes.plot([row["low"], row["high"]], [y, y], color=line, lw=2.2, solid_capstyle="butt", zorder=2)
    axes.plot([row["difference"]], [y], shape, color=line, mfc=filling, mew=1.5, ms=7.5, zorder=3)
    text = signed(row["difference"], MEASURES[asked.measure].unit)
    axes.annotate(text, (row["difference"], y), (0, 7), textcoords="offset points", ha="center", fontsize=8.5, color=GREY if found in (EVEN, UNSURE) else INK, bbox=PAPER, zorder=2.5)


def _axes(axes: Axes, asked: Asked, something: bool, lang: str) -> None:
    axes.axvline(0, color=INK, lw=1, zorder=1)
    axes.margins(x=0.16)
    low, high = axes.get_xlim() if something else (0, 0)
    wide = high - low if something else 6 if MEASURES[asked.measure].unit != "share" else 0.06
    axes.set_xlim(min(low, -0.16 * wide), max(high, 0.16 * wide))  # the line of no difference is never at the rim
    unit_axis(axes.xaxis, asked, lang, points=True)
    side = {"up": say("better →", lang), "down": say("← better", lang), "neither": ""}[asked.direction]
    share = MEASURES[asked.measure].unit == "share"
    axes.set_xlabel("    ".join(text for text in (say("percentage points", lang) if share else unit(asked, lang), side) if text), fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8.5)
    axes.spines["left"].set_visible(False)
    grid(axes)
