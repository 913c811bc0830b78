"""Which assumptions move the answer: bars with intervals, the one to measure first on top."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from simgov.plots import Picture
from simgov.plots.style import BLUE, FAINT, GREY, INK, ORANGE, STYLE, font_families, nothing
from simgov.sensitivity.told import measure
from simgov.vocabulary import MEASURES
from simgov.words import signed

if TYPE_CHECKING:
    import pandas as pd

    from simgov.sensitivity.found import Sensitivity

WORDS = {
    "en": {
        "title": "Which assumption to measure first",
        "shares": "share of variance, with interactions",
        "alone": "alone",
        "strength": "mean change over the whole range",
        "noise": "what chance alone would reach",
        "nothing": "No assumption moves it by more than chance does.",
        "unit": {"share": "percentage points", "hours": "hours", "days": "days", "yuan": "yuan", "count": "", "ratio": ""},
    },
    "zh": {
        "title": "哪项假设应先测定",
        "shares": "方差占比（含交互）",
        "alone": "其中单独作用",
        "strength": "在整个范围内的平均变化",
        "noise": "随机波动所能达到",
        "nothing": "没有一项假设的影响超过随机波动。",
        "unit": {"share": "百分点", "hours": "小时", "days": "天", "yuan": "元", "count": "", "ratio": ""},
    },
}
MOST_SHOWN = 12
WIDE = {"en": 44, "zh": 24}  # characters of a label in one line


def draw(found: Sensitivity, lang: str = "en") -> Figure:
    """Left what Sobol shares out, right what Morris screens, in the same order."""
    with rc_context({**STYLE, "font.family": font_families()}):
        table = found.table[found.table["matters"] | found.table["total"].notna()].head(MOST_SHOWN)
        figure = Picture(figsize=(10, 1.9 + 0.48 * max(len(table), 4)), layout="constrained")
        if len(table):
            left, right = figure.subplots(1, 2, sharey=True)
            _shares(table, left, lang)
            _strengths(found, table, right, lang)
            left.set_yticks(range(len(table)), [_wrapped(found.label(k, lang), lang) for k in table["parameter"]], fontsize=9)
            left.set_ylim(len(table) - 0.4, -0.6)
        else:
            nothing(figure.subplots(), WORDS[lang]["nothing"])
        figure.suptitle(f"{WORDS[lang]['title']}\n{measure(found, lang)}", fontsize=12, x=0.01, ha="left", color=INK, fontweight="bold")
        _footer(found, figure, lang)
        figure.draw_without_rendering()
    return figure


def _wrapped(text: str, lang: str) -> str:
    return fill(text, WIDE[lang])


def _shares(table: pd.DataFrame, axes, lang: str) -> None:
    says, at = WORDS[lang], np.arange(len(table))
    known = table["total"].notna().to_numpy()
    total = table["total"].to_numpy()
    errors = np.clip([total - table["total_low"], table["total_high"] - total], 0, None)
    errors[0] = np.minimum(errors[0], np.maximum(total, 0))
    axes.barh(at[known], total[known], 0.62, color=BLUE, alpha=0.35, label=says["shares"])
    axes.barh(at[known], np.maximum(table["first"].to_numpy()[known], 0), 0.28, color=BLUE, label=says["alone"])
    axes.errorbar(total[known], at[known], xerr=errors[:, known], fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
    axes.set_xlim(0, max(1.0, float(np.nanmax(table["total_high"]))) * 1.02 if known.any() else 1)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8, ncols=2)


def _strengths(found: Sensitivity, table: pd.DataFrame, axes, lang: str) -> None:
    says, at, unit = WORDS[lang], np.arange(len(table)), MEASURES[found.asked.measure].unit
    colours = [ORANGE if mean < 0 else BLUE for mean in table["mean"]]
    axes.barh(at, table["strength"], 0.62, color=colours, alpha=0.35)
    axes.plot(table["noise"], at, "|", color=INK, ms=13, mew=1.5, label=says["noise"])
    for y, row in zip(at, table.to_dict("records"), strict=True):
        axes.text(row["strength"], y, f" {signed(row['mean'], unit)}", va="center", fontsize=9, color=INK)
    axes.set_xlim(0, float(table["strength"].max()) * 1.2)
    scale = 100 if unit == "share" else 1
    axes.xaxis.set_major_formatter(lambda x, _: f"{x * scale:g}")
    words = says["unit"][unit]
    axes.set_xlabel(says["strength"] + (f"\n({words})" if words and lang == "en" else f"（{words}）" if words else ""))
    axes.tick_params(labelleft=False)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=8)


def _footer(found: Sensitivity, figure: Figure, lang: str) -> None:
    s = found.policies[0].scenario
    title = s.title.say(lang) or s.name
    if lang == "zh":
        text = (
            f"{title}　{s.period.start} 至 {s.period.end}　{found.simulations:,} 次模拟，每点重复 {found.replications} 次，种子 {found.seed}\n"
            "左：Sobol 指数及 95% 区间（自助法）。右：Morris 筛选；数字带符号，由低到高的平均变化（橙色为下降）。"
        )
    else:
        text = (
            f"{title}    {s.period.start} to {s.period.end}    {found.simulations:,} simulations, {found.replications} replications of each point, seed {found.seed}\n"
            "Left: Sobol indices with 95 % intervals (bootstrap). Right: Morris; the numbers are mean changes from low to high, with their sign (orange: falls)."
        )
    figure.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")
