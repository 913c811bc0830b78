"""Which assumptions move the answer: bars with intervals, the one to measure first on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from simgov.language import say
from simgov.plots import Picture
from simgov.plots.fonts import finish
from simgov.plots.lines import wrapped
from simgov.plots.style import BLUE, FAINT, GREY, INK, ORANGE, nothing, styled
from simgov.sensitivity.told import measure
from simgov.vocabulary import MEASURES
from simgov.words import UNITS, about, signed

if TYPE_CHECKING:
    import pandas as pd

    from simgov.sensitivity.found import Sensitivity

MOST_SHOWN = 12
WIDE = 25  # ems of a label in one line


def draw(found: Sensitivity, lang: str = "en") -> Figure:
    """Left what Sobol shares out, right what Morris screens, in the same order."""
    with styled():
        table = found.table[found.table["matters"] | found.table["total"].notna()].head(MOST_SHOWN)
        figure = Picture(figsize=(10, 1.9 + 0.48 * max(len(table), 4)), layout="constrained")
        if len(table):
            left, right = figure.subplots(1, 2, sharey=True)
            _shares(table, left, lang)
            _strengths(found, table, right, lang)
            left.set_yticks(range(len(table)), [wrapped(found.label(k, lang), WIDE) for k in table["parameter"]], fontsize=9)
            left.set_ylim(len(table) - 0.4, -0.6)
        else:
            nothing(figure.subplots(), say("No assumption moves it by more than chance does.", lang))
        figure.suptitle(say("Which assumption to measure first", lang) + "\n" + measure(found, lang), fontsize=12, x=0.01, ha="left", color=INK, fontweight="bold")
        _footer(found, figure, lang)
        finish(figure, lang)
    return figure


def _shares(table: pd.DataFrame, axes, lang: str) -> None:
    at = np.arange(len(table))
    known = table["total"].notna().to_numpy()
    total = table["total"].to_numpy()
    errors = np.clip([total - table["total_low"], table["total_high"] - total], 0, None)
    errors[0] = np.minimum(errors[0], np.maximum(total, 0))
    axes.barh(at[known], total[known], 0.62, color=BLUE, alpha=0.35, label=say("share of variance, with interactions", lang))
    axes.barh(at[known], np.maximum(table["first"].to_numpy()[known], 0), 0.28, color=BLUE, label=say("alone", lang))
    axes.errorbar(total[known], at[known], xerr=errors[:, known], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    axes.set_xlim(0, max(1.0, float(np.nanmax(table["total_high"]))) * 1.02 if known.any() else 1)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8, ncols=2)


def _strengths(found: Sensitivity, table: pd.DataFrame, axes, lang: str) -> None:
    at, unit = np.arange(len(table)), MEASURES[found.asked.measure].unit
    colours = [ORANGE if mean < 0 else BLUE for mean in table["mean"]]
    axes.barh(at, table["strength"], 0.62, color=colours, alpha=0.35)
    axes.plot(table["noise"], at, "|", color=INK, ms=13, mew=1.5, label=say("what chance alone would reach", lang))
    for y, row in zip(at, table.to_dict("records"), strict=True):
        axes.text(row["strength"], y, f" {signed(row['mean'], unit)}", va="center", fontsize=9, color=INK)
    axes.set_xlim(0, float(table["strength"].max()) * 1.2)
    scale = 100 if unit == "share" else 1
    axes.xaxis.set_major_formatter(lambda x, _: f"{x * scale:g}")
    axes.set_xlabel(about(say("mean change over the whole range", lang), say("percentage points" if unit == "share" else UNITS[unit], lang), lang))
    axes.tick_params(labelleft=False)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8)


def _footer(found: Sensitivity, figure: Figure, lang: str) -> None:
    s = found.policies[0].scenario
    title = s.title.say(lang) or s.name
    made = say("{title}    {start} to {end}    {count} simulations, {n} replications of each point, seed {seed}", lang).format(
        title=title, start=s.period.start, end=s.period.end, count=f"{found.simulations:,}", n=found.replications, seed=found.seed
    )
    how = say(
        "Left: Sobol indices with 95 % intervals (bootstrap). Right: Morris; the numbers are mean changes from low to high, with their sign (orange: falls).", lang
    )
    text = f"{made}\n{how}"
    figure.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")
