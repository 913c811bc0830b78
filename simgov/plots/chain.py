"""The chain: how many incidents reach each level, and what becomes of them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, footer, nothing
from simgov.vocabulary import ALL

if TYPE_CHECKING:
    from simgov.result import Result

WORDS = {
    "en": ("What becomes of incidents at each level", "settled here", "passed on", "left by another end", "open at the census", "reach it: {n:,.1f} a window ({share:.1%})"),
    "zh": ("各层级的事件去向", "在此办结", "转往他处", "以其他方式结束", "普查日未结", "到达 {n:,.1f} 件／窗口（{share:.1%}）"),
}
COLOURS = (GREEN, BLUE, GREY, ORANGE)


def draw(result: Result, figure: Figure, lang: str) -> None:
    title, *labels, reach = WORDS[lang]
    axes = figure.subplots()
    levels = list(result.scenario.levels)
    counts = np.mean([tables.flows for tables in result.tables], axis=0)
    found = np.mean([tables.entries["collected", ALL].top for tables in result.tables])
    reached = counts.sum(axis=1)
    shown = [n for n in range(len(levels)) if reached[n] > 0]
    if not shown:
        nothing(axes, "没有事件。" if lang == "zh" else "No incidents.")
        footer(figure, result, lang)
        return
    for y, n in enumerate(shown):
        start, height = 0.0, 0.32 + 0.5 * np.sqrt(reached[n] / max(found, 1))
        for part, colour in enumerate(COLOURS):
            share = counts[n, part] / reached[n]
            axes.barh(y, share, height, left=start, color=colour, label=labels[part] if y == 0 else None)
            if share >= 0.045:
                axes.text(start + share / 2, y, f"{share:.0%}" if share >= 0.1 else f"{share:.1%}", ha="center", va="center", color="white", fontsize=9)
            start += share
        text = reach.format(n=reached[n], share=reached[n] / max(found, 1))
        axes.text(1.015, y, text, va="center", fontsize=9, color=INK)
    axes.set_yticks(range(len(shown)), [result.scenario.label("levels", levels[n], lang) for n in shown])
    axes.set(xlim=(0, 1.42), ylim=(-0.6, len(shown) - 0.4), title=title)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    if shown:
        figure.legend(loc="outside upper right", ncols=4, frameon=False, fontsize=9)
    footer(figure, result, lang, _explain(lang))


def _explain(lang: str) -> str:
    if lang == "zh":
        return "比例的分母：到达该层级的事件；右侧括号内的分母：窗口内采集的事件。条的粗细随到达数量变化。"
    return "Shares are of the incidents that reach the level; those in brackets of the incidents found. The thicker a bar, the more reach it."
