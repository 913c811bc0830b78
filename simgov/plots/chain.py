"""The chain: how many incidents reach each level, and what becomes of them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from simgov.language import message, say
from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, footer, no_incidents
from simgov.vocabulary import ALL

if TYPE_CHECKING:
    from simgov.result import Result

FATES = {message("settled here"): GREEN, message("passed on"): BLUE, message("left by another end"): GREY, message("open at the census"): ORANGE}


def draw(result: Result, figure: Figure, lang: str) -> None:
    levels = list(result.scenario.levels)
    counts = np.mean([tables.flows for tables in result.tables], axis=0)
    found = np.mean([tables.entries["collected", ALL].top for tables in result.tables])
    reached = counts.sum(axis=1)
    shown = [n for n in range(len(levels)) if reached[n] > 0]
    if not shown:
        no_incidents(figure, result, lang)
        return
    axes = figure.subplots()
    for y, n in enumerate(shown):
        start, height = 0.0, 0.32 + 0.5 * np.sqrt(reached[n] / max(found, 1))
        for part, (fate, colour) in enumerate(FATES.items()):
            share = counts[n, part] / reached[n]
            axes.barh(y, share, height, left=start, color=colour, label=say(fate, lang) if y == 0 else None)
            if share >= 0.045:
                axes.text(start + share / 2, y, f"{share:.0%}" if share >= 0.1 else f"{share:.1%}", ha="center", va="center", color="white", fontsize=9)
            start += share
        text = say("reach it: {n:,.1f} a window\n({share:.1%})", lang).format(n=reached[n], share=reached[n] / max(found, 1))
        axes.text(1.015, y, text, va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(shown)), [result.scenario.label("levels", levels[n], lang) for n in shown])
    axes.set(xlim=(0, 1.4), ylim=(-0.6, len(shown) - 0.4), title=say("What becomes of incidents at each level", lang))
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper right", ncols=4, frameon=False, fontsize=9)
    explain = message("Shares are of the incidents that reach the level; those in brackets of the incidents found. The thicker a bar, the more reach it.")
    footer(figure, result, lang, say(explain, lang))
