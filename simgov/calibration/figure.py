"""The joint picture of what was pinned: every pair of free parameters over their whole ranges, and the targets beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simgov.calibration.pinned import KNOWN, LEFT_OPEN
from simgov.language import message, say
from simgov.plots import Picture
from simgov.plots.fonts import finish
from simgov.plots.lines import wrapped
from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, styled
from simgov.words import apart, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simgov.calibration.found import Calibration

WORDS = {"pinned": message("pinned"), "narrowed": message("narrowed"), "open": message("left open")}
COLOURS = {KNOWN: GREEN, LEFT_OPEN: ORANGE}
MOST_SHOWN, BINS, DOTS = 5, 20, 400
WIDE = 15  # ems of a label in one line
SMALL = 8  # points


def draw(found: Calibration, lang: str = "en") -> Figure:
    """Along the diagonal each parameter; below it every pair; above it how they hang together; at the right the targets."""
    shown = list(np.argsort([mark.left for mark in found.marks], kind="stable")[:MOST_SHOWN])
    with styled():
        size = len(shown)
        figure = Picture(figsize=(2.3 * size + 4.6, max(2.3 * size, 3.4) + 1.3), layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(2.3 * size + 0.4, 4.2))
        grid = left.subplots(size, size, squeeze=False)
        for row, i in enumerate(shown):
            for column, j in enumerate(shown):
                _panel(found, grid[row][column], i, j, (row, column, size), lang)
        _targets(found, right, lang)
        figure.suptitle(say("What the targets pin, and what they leave open", lang), fontsize=13, x=0.01, ha="left", color=INK, fontweight="bold")
        _footer(found, figure, len(found.params) - size, lang)
        finish(figure, lang)
    return figure


def _panel(found: Calibration, axes: Axes, i: int, j: int, place: tuple[int, int, int], lang: str) -> None:
    row, column, size = place
    if row == column:
        _alone(found, axes, i, lang)
    elif row > column:
        _two(found, axes, j, i)
    else:
        return _related(found, axes, i, j, lang)
    _ranged(found, axes, j, "x", row == size - 1, lang)
    if row > column:
        _ranged(found, axes, i, "y", column == 0, lang)
    return None


def _alone(found: Calibration, axes: Axes, k: int, lang: str) -> None:
    mark = found.marks[k]
    colour = COLOURS.get(mark.verdict, BLUE)
    heights, edges = np.histogram(found.fit.draws[:, k], BINS, (0, 1), density=True)
    axes.stairs(heights, edges, fill=True, color=colour, alpha=0.35)
    axes.stairs(heights, edges, color=colour, lw=1.5)
    axes.axhline(1, color=GREY, ls="--", lw=1)
    axes.set(ylim=(0, max(2.0, heights.max()) * 1.1), yticks=[])
    axes.spines["left"].set_visible(False)
    _marks(found, axes, k)
    axes.set_title(say(WORDS[mark.verdict], lang) + "\n" + say("{left} of the range left", lang).format(left=f"{mark.left:.0%}"), fontsize=8, color=colour, loc="left")


def _marks(found: Calibration, axes: Axes, k: int) -> None:
    axes.plot(found.points.base[k], 0, "x", color=INK, clip_on=False, zorder=5, ms=6)
    axes.plot(found.points.shares[found.fit.chosen, k], 0, "o", mfc="none", mec=RED, clip_on=False, zorder=5, ms=7)


def _two(found: Calibration, axes: Axes, across: int, up: int) -> None:
    draws = found.fit.draws[:DOTS]
    axes.plot(draws[:, across], draws[:, up], ".", ms=3, color=BLUE, alpha=0.35, mec="none")
    axes.plot(found.points.base[across], found.points.base[up], "x", color=INK, ms=6)
    axes.plot(*(found.points.shares[found.fit.chosen, k] for k in (across, up)), "o", mfc="none", mec=RED, ms=7)


def _related(found: Calibration, axes: Axes, i: int, j: int, lang: str) -> None:
    rho = float(found.correlations.iloc[i, j])
    axes.set_axis_off()
    axes.text(0.5, 0.5, f"{rho:+.2f}".replace("-", "−"), ha="center", va="center", fontsize=9 + 7 * abs(rho), color=INK if abs(rho) > 0.3 else GREY, transform=axes.transAxes)


def _ranged(found: Calibration, axes: Axes, k: int, axis: str, is_outer: bool, lang: str) -> None:
    param = found.params[k]
    getattr(axes, f"set_{axis}lim")(0, 1)
    getattr(axes, f"set_{axis}ticks")([0, 0.5, 1])
    here = getattr(axes, f"{axis}axis")
    here.set_major_formatter(FuncFormatter(lambda u, _: param.shown(param.low + u * (param.high - param.low), lang)))
    axes.tick_params(axis=axis, labelsize=7, **({f"label{'bottom' if axis == 'x' else 'left'}": is_outer}))
    if is_outer:
        getattr(axes, f"set_{axis}label")(wrapped(found.label(k, lang), WIDE), fontsize=8)


def _targets(found: Calibration, figure: Figure, lang: str) -> None:
    """Every target on its own line, on a scale of standard deviations from what was reported."""
    table, goals = found.targets, found.points.goals
    axes = figure.subplots()
    for y, (goal, row) in enumerate(zip(goals, table.to_dict("records"), strict=True)):
        centre = float(np.clip(goal.to_scale(np.array(row["after"])), *goal.range))

        def far(value: float, goal=goal, row=row, centre=centre) -> float:
            return float(np.clip((goal.to_scale(np.array(value)) - centre) / row["error"], -4, 4))

        ends = [float(np.clip((end - centre) / row["error"], -4, 4)) for end in goal.range]
        axes.barh(y, max(ends[1] - ends[0], 0.04), 0.5, left=ends[0], color=GREEN, alpha=0.3, label=say("reported", lang) if not y else None)
        axes.plot([far(row["low"]), far(row["high"])], [y, y], color=BLUE, lw=3, alpha=0.6, label=say("over the posterior", lang) if not y else None)
        axes.plot(far(row["before"]), y, "x", color=INK, label=say("with the file's values", lang) if not y else None)
        axes.plot(far(row["after"]), y, "o", mfc="none", mec=RED, ms=8, label=say("fitted", lang) if not y else None)
        label = wrapped(goal.label(found.scenario, lang), WIDE + 8)
        text = say("reported {reported}, fitted {after}", lang).format(reported=goal.reported(lang), after=number(row["after"], goal.unit, lang))
        axes.text(-4, y - 0.34, f"{label}\n{text}", fontsize=8, va="bottom", color=INK)
    axes.set(xlim=(-4.2, 4.2), ylim=(max(len(goals), len(found.params[:MOST_SHOWN]) * 1.3, 2) - 0.5, -0.9), yticks=[])
    axes.axvline(0, color=FAINT, zorder=0)
    axes.set_xlabel(say("standard deviations from what was reported", lang), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines["left"].set_visible(False)
    axes.set_title(say("Targets", lang), fontsize=10)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False, fontsize=8)


def _footer(found: Calibration, figure: Figure, more: int, lang: str) -> None:
    s, about = found.scenario, say("{title}    {points} points, {n} replications of each, seed {seed}", lang)
    told = [about.format(title=s.title.say(lang) or s.name, points=len(found.points), n=found.replications, seed=found.seed)]
    told += [say("{n} more are in the table.", lang).format(n=more)] if more > 0 else []
    how = say("Axes show whole ranges. Line: where the posterior is (dashed: all alike before). Cross: value of the file; circle: best fit. Numbers: rank correlations.", lang)
    ems = 0.98 * 72 * figure.get_figwidth() / SMALL  # in one line
    figure.supxlabel("\n".join(wrapped(text, ems) for text in (apart(told, lang), how)), fontsize=SMALL, color=GREY, x=0.01, ha="left")
