"""Cost against effect: one point per candidate, the frontier, the bound of the goal, and who is chosen."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from simgov.language import message, say
from simgov.plots import Picture
from simgov.plots.fonts import finish
from simgov.plots.lines import wrap
from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, styled
from simgov.staffing.judge import CANNOT_TELL, FAILS, MEETS
from simgov.staffing.told import bound, goal_label, unit, unit_of_cost
from simgov.words import UNITS, about, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simgov.staffing.found import Staffed

COLOURS = {MEETS: GREEN, CANNOT_TELL: ORANGE, FAILS: GREY}
WORDS = {MEETS: message("meets all goals"), FAILS: message("misses a goal"), CANNOT_TELL: message("cannot tell whether it meets them")}
MOST_NAMED, LINE = 6, 0.045  # beside the points, and the height of a line there
WIDELY = 20  # times as costly as the cheapest: then each step along the axis is a factor
WIDE = 26  # ems of a name in one line
LARGE = message("1000000 million, 1000 thousand")  # in what one counts large sums: in Chinese other numbers have a name of their own


def draw(found: Staffed, lang: str = "en") -> Figure:
    """Up is more of the first goal's measure; the hatched side of its bound misses it. Bars are the limits that decide."""
    with styled():
        figure = Picture(figsize=(11.5, 5.8), layout="constrained")
        axes, beside = figure.subplots(1, 2, width_ratios=(2.1, 1))
        table = found.table[found.table["value_0"].notna()]
        scale, words = _scale(float(table["cost"].max()), found, lang)
        for verdict, colour in COLOURS.items():
            _points(table[table["meets"] == verdict], axes, colour, scale, say(WORDS[verdict], lang))
        front = table[table["frontier"]].sort_values("cost")
        axes.step(front["cost"] / scale, front["value_0"], where="post", color=BLUE, lw=1.6, alpha=0.6, zorder=1, label=say("nobody is cheaper and better", lang))
        _bound(found, axes, lang)
        _names(found, table, axes, beside, scale, lang)
        axes.set(xlabel=about(say("cost a year", lang), words, lang), ylabel=_upwards(found, lang))
        axes.set_title(found.file.title.say(lang) or say("Cost and effect", lang))
        axes.yaxis.set_major_formatter(lambda y, _: f"{y * 100:.4g}%" if unit(found.goals[0]) == "share" else f"{y:,.4g}")
        axes.grid(color=FAINT)
        axes.set_axisbelow(True)
        axes.margins(x=0.12, y=0.1)
        if table["cost"].min() > 0 and table["cost"].max() > WIDELY * table["cost"].min():
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
            axes.xaxis.set_minor_formatter("")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=4, frameon=False, fontsize=8.5)
        _footer(found, figure, lang)
        finish(figure, lang)
    return figure


def _points(rows: pd.DataFrame, axes: Axes, colour: str, scale: float, label: str) -> None:
    if len(rows):
        errors = [rows["value_0"] - rows["low_0"], rows["high_0"] - rows["value_0"]]
        axes.errorbar(rows["cost"] / scale, rows["value_0"], yerr=errors, fmt="o", ms=6, color=colour, ecolor=colour, elinewidth=1, alpha=0.85, label=label)


def _bound(found: Staffed, axes: Axes, lang: str) -> None:
    goal = found.goals[0]
    axes.axhline(goal.bound, color=RED, lw=1.2, ls=(0, (5, 3)), zorder=1)
    above = goal.sign < 0
    axes.annotate(
        say("asked: {bound}", lang).format(bound=bound(goal, lang)), (0, goal.bound), (4, -4 if above else 4), xycoords=("axes fraction", "data"),
        textcoords="offset points", va="top" if above else "bottom", fontsize=8.5, color=RED,
    )  # fmt: skip


def _names(found: Staffed, table: pd.DataFrame, axes: Axes, beside: Axes, scale: float, lang: str) -> None:
    """Letters at the points of the frontier and at the chosen one; beside them, what each is and takes."""
    y = 1.0
    beside.set_axis_off()
    for letter, row in zip(ascii_uppercase, _told(table), strict=False):
        at = (row["cost"] / scale, row["value_0"])
        if row["chosen"]:
            axes.plot(*([x] for x in at), "o", ms=15, mfc="none", mec=INK, mew=1.6, zorder=5)
        axes.annotate(letter, at, (0, 10), textcoords="offset points", ha="center", fontsize=9, color=INK, fontweight="bold", zorder=6)
        name = found.candidates[row["number"]].say(lang)
        if row["chosen"]:
            name = say("{text}: {more}", lang).format(text=say("chosen" if found.is_sure else "seems cheapest", lang), more=name)
        told = [number(row["value_0"], unit(found.goals[0]), lang), say("{n} evenings a month each", lang).format(n=number(row["evenings"], "count", lang))]
        told += [say("unpaid {n} a year", lang).format(n=number(row["unpaid_hours"], "hours", lang))] if row["unpaid_hours"] else []
        lines = [letter, *wrap(name, WIDE)]
        text = f"{lines[0]}  " + "\n     ".join(lines[1:])
        beside.text(0, y, text, va="top", fontsize=9, color=INK, fontweight="bold" if row["chosen"] else "normal", linespacing=1.25)
        y -= LINE * (len(lines) - 1)
        beside.text(0, y, "     " + " · ".join(told), va="top", fontsize=8, color=GREY)
        y -= 1.45 * LINE


def _told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Who is named: the chosen one, and of the frontier as many as there is room for, evenly along it."""
    front = table[table["frontier"] & ~table["chosen"]].sort_values("cost")
    few = front.iloc[np.unique(np.linspace(0, len(front) - 1, min(len(front), MOST_NAMED)).round().astype(int))] if len(front) else front
    rows = [*few.to_dict("records"), *table[table["chosen"]].to_dict("records")]
    return sorted(rows, key=lambda row: row["cost"])


def _scale(most: float, found: Staffed, lang: str) -> tuple[float, str]:
    """So that the numbers along the axis are short."""
    steps = [step.split() for step in say(LARGE, lang).split(", ")]
    size, word = next(((float(size), word) for size, word in steps if most >= float(size)), (1.0, ""))
    unit = say(UNITS[unit_of_cost(found)], lang)
    return size, say("{large} {unit}", lang).format(large=word, unit=unit) if word else unit


def _upwards(found: Staffed, lang: str) -> str:
    return goal_label(found, found.goals[0], lang)


def _footer(found: Staffed, figure: Figure, lang: str) -> None:
    s, n = found.candidates[0].scenario, np.array([len(sample.cost) for sample in found.samples])
    title, reps = s.title.say(lang) or s.name, f"{n.min()}" if n.min() == n.max() else f"{n.min()}–{n.max()}"
    confidence = f"{found.file.confidence * 100:g}%"
    text = say("{title}    {start} to {end}    {count} candidates, {n} replications, seed {seed}    bars: one-sided limits, joint at {confidence}", lang).format(
        title=title, start=s.period.start, end=s.period.end, count=len(n), n=reps, seed=found.seed, confidence=confidence
    )
    figure.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")
