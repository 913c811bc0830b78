"""The picture of a prediction: how much of the spread of one window is chance, and how much ignorance, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from simgov.language import say
from simgov.plots import Picture
from simgov.plots.fonts import finish
from simgov.plots.lines import wrapped
from simgov.plots.style import BLUE, GREY, INK, ORANGE, styled
from simgov.words import change, changes, number, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simgov.calibration.prediction import Prediction, Row

MOST, LABEL = 28, 34  # rows that are drawn; ems of a label in one line


def draw(found: Prediction, lang: str = "en") -> Figure:
    """A bar for each measure of the first policy, and for each difference to it: the share of ignorance beside that of chance; at the right the value and the range of one window."""
    rows = [row for row in found.rows if np.isfinite(row.parts.value) and (row.less or row.policy is found.policies[0])][:MOST]
    labels = [wrapped(_label(found, row, lang), LABEL) for row in rows]
    lines = [label.count("\n") + 1 for label in labels]
    with styled():
        figure = Picture(figsize=(10.5, 1.9 + 0.2 * sum(lines) + 0.16 * len(rows)), layout="constrained")
        axes = figure.subplots()
        places = np.cumsum([0.8 * n + 0.6 for n in lines])
        for y, row in zip(places, rows, strict=True):
            _bar(axes, y, row, lang)
        axes.set_yticks(places, labels, fontsize=9)
        axes.set(xlim=(0, 1), ylim=(places[-1] + 0.9, places[0] - 0.9) if len(places) else (1, 0))
        axes.text(1.02, places[0] - 1.2 if len(places) else 0, say("value (one window, 95 %)", lang), transform=axes.get_yaxis_transform(), fontsize=9, color=GREY, va="center")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel(say("share of the variance of one window", lang), fontsize=9)
        handles = [axes.barh(0, 0, color=colour, label=label) for colour, label in ((ORANGE, say("ignorance: what the targets leave unknown", lang)), (BLUE, say("chance: no measuring removes it", lang)))]
        axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0, ncols=2, frameon=False, fontsize=9)
        figure.suptitle(say("How much of each interval is ignorance", lang), fontsize=13, x=0.01, ha="left", color=INK, fontweight="bold")
        scenario = found.policies[0].scenario
        text = say("{title}: {draws} draws of the posterior, {n} replications of each ({windows} windows), seed {seed}; {start} – {end}", lang)
        about = text.format(title=scenario.title.say(lang) or found.name, draws=len(found.numbers), n=found.replications, windows=found.windows, seed=found.seed, start=scenario.period.start, end=scenario.period.end)
        figure.supxlabel(about, fontsize=8, color=GREY, x=0.01, ha="left")
        finish(figure, lang)
    return figure


def _label(found: Prediction, row: Row, lang: str) -> str:
    measure = row.question.say(found.policies[0].scenario, lang)
    if len(found.policies) == 1:
        return measure
    who = row.policy.say(lang)
    return say("{measure}: {who} less {base}", lang).format(measure=measure, who=who, base=row.less.say(lang)) if row.less else say("{measure}: {who}", lang).format(measure=measure, who=who)


def _bar(axes: Axes, y: float, row: Row, lang: str) -> None:
    p, unit = row.parts, row.question.unit
    if p.chance or p.ignorance:
        axes.barh(y, p.share, 0.62, color=ORANGE)
        axes.barh(y, 1 - p.share, 0.62, left=p.share, color=BLUE)
        inside = p.share > 0.12
        axes.text(p.share / 2 if inside else p.share + 0.01, y, f"{p.share:.0%}", ha="center" if inside else "left", va="center", fontsize=8.5, color=INK if inside else "white")
    if row.less:
        text = f"{change(p.value, unit, lang)} ({changes(p.low, p.high, p.value, unit, lang)})"
    else:
        text = f"{number(p.value, unit, lang)} ({span(p.low, p.high, p.value, unit, lang)})"
    axes.text(1.02, y, text, transform=axes.get_yaxis_transform(), fontsize=9, va="center", color=INK)
