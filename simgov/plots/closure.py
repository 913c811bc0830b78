"""How fast what was found is closed (Kaplan-Meier), and beside it the headline at the census."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from simgov.clock import DAY, HOUR
from simgov.language import message, say
from simgov.measures.sample import Lifetimes
from simgov.plots.style import FAINT, GREY, INK, PALETTE, SMALL, footer, no_incidents
from simgov.vocabulary import ALL
from simgov.words import closed_word, duration

if TYPE_CHECKING:
    from simgov.result import Result

EXPLAIN = message(
    "Left: cohort closure (Kaplan-Meier, replications together). Right: closed of collected at the census, where new incidents "
    "count against it; bars: 95 % of single windows."
)
TICKS = (HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 300 * DAY)


def draw(result: Result, figure: Figure, lang: str) -> None:
    times = pooled(result)
    if not times[ALL].size:
        no_incidents(figure, result, lang)
        return
    left, right = figure.subplots(1, 2, width_ratios=(2.4, 1), gridspec_kw={"wspace": 0.08})
    days = result.scenario.days
    ticks = [second for second in TICKS if second < days * DAY]
    for number, (name, lasted) in enumerate(times.items()):
        at, curve = (np.append(0, x) for x in lasted.curve())
        colour, width = PALETTE[number % len(PALETTE)], 2.4 if name == ALL else 1.5
        label = say("all classes", lang) if name == ALL else result.scenario.label("classes", name, lang)
        left.step(np.maximum(at / DAY, 1 / 96), curve, where="post", color=colour, lw=width, label=label)
    left.set(xscale="log", xlim=(1 / 48, days), ylim=(0, 1.01), ylabel=say("Share closed", lang), title=say("Closed since it was found", lang))
    left.set_xticks([second / DAY for second in ticks], [f"{duration(second, lang)}\n{times[ALL].at_risk(second):,.0f}" for second in ticks])
    left.set_xticks([], minor=True)
    at_risk = say("at risk, all\nreplications", lang)
    left.annotate(at_risk, (0, 0), (-4, -34), xycoords="axes fraction", textcoords="offset points", ha="right", fontsize=SMALL, color=GREY)
    left.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    left.grid(axis="y", color=FAINT)
    left.legend(loc="lower right", frameon=False)
    _headline(result, right, list(times), lang)
    footer(figure, result, lang, say(EXPLAIN, lang))


def _headline(result: Result, axes: Axes, names: list[str], lang: str) -> None:
    rows = result.measures.query("measure == 'headline_closure'").set_index("class")
    lowest = 1.0
    for number, name in enumerate(names):
        row = rows.loc[name]
        if np.isnan(row["value"]):
            continue
        start, end = np.fmin(row["from"], row["value"]), np.fmax(row["to"], row["value"])
        lowest = min(lowest, start)
        axes.plot([start, end], [-number] * 2, color=PALETTE[number % len(PALETTE)], lw=5, alpha=0.35, solid_capstyle="round")
        axes.plot([row["value"]], [-number], "o", color=PALETTE[number % len(PALETTE)], ms=8)
        text = f"{row['value']:.2%}\n" + say("{closed}, of {n:,.0f} collected", lang).format(closed=closed_word(result.scenario, lang), n=row["denominator"])
        axes.text(1, -number + 0.16, text, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=9, color=INK)
    axes.set(xlim=(lowest - 0.08 * (1 - lowest) - 0.005, 1 + 0.02 * (1 - lowest) + 0.001), ylim=(-len(names) + 0.5, 0.8), title=say("Headline rate", lang))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(axis="x", color=FAINT)


def pooled(result: Result) -> dict[str, Lifetimes]:
    """By class (all of them first): the times to closure of all replications together."""
    classes = [key[1] for key in result.tables[0].entries if key[0] == "time_to_closure" and len(key) == 2]
    classes = classes if len(classes) > 2 else classes[:1]  # one class is all of them
    return {name: Lifetimes.sum([tables.entries["time_to_closure", name] for tables in result.tables]) for name in classes}
