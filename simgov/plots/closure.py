"""How fast what was found is closed (Kaplan-Meier), and beside it the headline at the census."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from simgov.clock import DAY
from simgov.measures.sample import Lifetimes
from simgov.plots.style import FAINT, GREY, INK, PALETTE, footer, nothing
from simgov.vocabulary import ALL

if TYPE_CHECKING:
    from simgov.result import Result

TICKS = {1 / 24: ("1 h", "1小时"), 0.25: ("6 h", "6小时"), 1: ("1 d", "1天"), 3: ("3 d", "3天"), 7: ("7 d", "7天"), 30: ("30 d", "30天"), 90: ("90 d", "90天"), 300: ("300 d", "300天")}
WORDS = {
    "en": ("Closed since it was found", "Share closed", "Headline rate", "all classes", "closed of {n:,.0f} collected", "at risk, all\nreplications"),
    "zh": ("采集后多久办结", "办结比例", "普查日办结率", "全部类别", "{n:,.0f} 件中已办结", "仍在册\n（各次合计）"),
}


def draw(result: Result, figure: Figure, lang: str) -> None:
    title, share, headline, everything, closed_of, at_risk = WORDS[lang]
    times = pooled(result)
    if not times[ALL].size:
        nothing(figure.subplots(), "没有事件。" if lang == "zh" else "No incidents.")
        footer(figure, result, lang)
        return
    left, right = figure.subplots(1, 2, width_ratios=(2.6, 1))
    days = result.scenario.days
    ticks = {at: label[lang == "zh"] for at, label in TICKS.items() if at < days}
    risk = []
    for number, (name, lasted) in enumerate(times.items()):
        at, curve = (np.append(0, x) for x in lasted.curve())
        colour, width = PALETTE[number % len(PALETTE)], 2.4 if name == ALL else 1.5
        label = everything if name == ALL else result.scenario.label("classes", name, lang)
        left.step(np.maximum(at / DAY, 1 / 96), curve, where="post", color=colour, lw=width, label=label)
        if name == ALL:
            risk = [lasted.at_risk(x * DAY) for x in ticks]
    left.set(xscale="log", xlim=(1 / 48, days), ylim=(0, 1.01), ylabel=share, title=title)
    left.set_xticks(list(ticks), [f"{label}\n{n:,.0f}" for label, n in zip(ticks.values(), risk, strict=True)])
    left.set_xticks([], minor=True)
    left.annotate(at_risk, (0, 0), (-4, -34), xycoords="axes fraction", textcoords="offset points", ha="right", fontsize=8, color=GREY)
    left.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
    left.grid(axis="y", color=FAINT)
    left.legend(loc="lower right", frameon=False)
    _headline(result, right, list(times), headline, closed_of)
    footer(figure, result, lang, _explain(lang))


def _headline(result: Result, axes, names: list[str], title: str, closed_of: str) -> None:
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
        text = f"{row['value']:.2%}\n{closed_of.format(n=row['denominator'])}"
        axes.text(1, -number + 0.16, text, transform=axes.get_yaxis_transform(), ha="right", va="bottom", fontsize=9, color=INK)
    axes.set(xlim=(lowest - 0.08 * (1 - lowest) - 0.005, 1 + 0.02 * (1 - lowest) + 0.001), ylim=(-len(names) + 0.5, 0.8), title=title)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(axis="x", color=FAINT)


def pooled(result: Result) -> dict[str, Lifetimes]:
    """By class (all of them first): the times to closure of all replications together."""
    classes = [key[1] for key in result.tables[0].entries if key[0] == "time_to_closure"]
    return {name: Lifetimes.sum([tables.entries["time_to_closure", name] for tables in result.tables]) for name in classes}


def _explain(lang: str) -> str:
    if lang == "zh":
        return "左：同批办结曲线（Kaplan-Meier，各次重复合并）。右：普查日办结率，尚未来得及办结的新事件也算作未办结；横条为单个窗口的 95% 范围。"
    return (
        "Left: cohort closure (Kaplan-Meier, replications together). Right: closed of collected at the census, where new incidents "
        "count against it;\nbars: 95 % of single windows."
    )
