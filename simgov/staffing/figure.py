"""Cost against effect: one point per candidate, the frontier, the bound of the goal, and who is chosen."""

from __future__ import annotations

from string import ascii_uppercase
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from simgov.plots import Picture
from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, STYLE, font_families
from simgov.staffing.judge import CANNOT_TELL, FAILS, MEETS
from simgov.staffing.told import bound, goal_label, unit, unit_of_cost
from simgov.words import UNITS, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simgov.staffing.found import Staffed

COLOURS = {MEETS: GREEN, CANNOT_TELL: ORANGE, FAILS: GREY}
WORDS = {
    "en": {
        MEETS: "meets all goals", FAILS: "misses a goal", CANNOT_TELL: "cannot tell", "frontier": "nobody is cheaper and better", "cost": "cost a year", "asked": "asked",
        "chosen": "chosen", "seems": "seems cheapest", "unpaid": "unpaid {n} a year", "evenings": "{n} evenings a month each", "colon": ": ", "gap": " · ", "no title": "Cost and effect",
    },
    "zh": {
        MEETS: "达到全部目标", FAILS: "未达到某项目标", CANNOT_TELL: "尚不能判定", "frontier": "没有更省又更好的", "cost": "每年成本", "asked": "要求",
        "chosen": "选定", "seems": "看来最省", "unpaid": "每年无报酬{n}", "evenings": "人均每月{n}晚", "colon": "：", "gap": " · ", "no title": "成本与效果",
    },
}  # fmt: skip
MOST_NAMED, LINE = 6, 0.045  # beside the points, and the height of a line there
WIDELY = 20  # times as costly as the cheapest: then each step along the axis is a factor
WIDE = {"en": 42, "zh": 30}  # characters of a name in one line


def draw(found: Staffed, lang: str = "en") -> Figure:
    """Up is more of the first goal's measure; the hatched side of its bound misses it. Bars are the limits that decide."""
    with rc_context({**STYLE, "font.family": font_families()}):
        figure = Picture(figsize=(11.5, 5.8), layout="constrained")
        axes, beside = figure.subplots(1, 2, width_ratios=(2.1, 1))
        table = found.table[found.table["value_0"].notna()]
        scale, words = _scale(float(table["cost"].max()), found, lang)
        for verdict, colour in COLOURS.items():
            _points(table[table["meets"] == verdict], axes, colour, scale, WORDS[lang][verdict])
        front = table[table["frontier"]].sort_values("cost")
        axes.step(front["cost"] / scale, front["value_0"], where="post", color=BLUE, lw=1.6, alpha=0.6, zorder=1, label=WORDS[lang]["frontier"])
        _bound(found, axes, lang)
        _names(found, table, axes, beside, scale, lang)
        axes.set(xlabel=f"{WORDS[lang]['cost']} ({words})" if lang == "en" else f"{WORDS[lang]['cost']}（{words}）", ylabel=_upwards(found, lang))
        axes.set_title(found.file.title.say(lang) or WORDS[lang]["no title"])
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
        figure.draw_without_rendering()
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
        f"{WORDS[lang]['asked']}{'：' if lang == 'zh' else ': '}{bound(goal, lang)}", (0, goal.bound), (4, -4 if above else 4), xycoords=("axes fraction", "data"),
        textcoords="offset points", va="top" if above else "bottom", fontsize=8.5, color=RED,
    )  # fmt: skip


def _names(found: Staffed, table: pd.DataFrame, axes: Axes, beside: Axes, scale: float, lang: str) -> None:
    """Letters at the points of the frontier and at the chosen one; beside them, what each is and takes."""
    says, y = WORDS[lang], 1.0
    beside.set_axis_off()
    for letter, row in zip(ascii_uppercase, _told(table), strict=False):
        at = (row["cost"] / scale, row["value_0"])
        if row["chosen"]:
            axes.plot(*([x] for x in at), "o", ms=15, mfc="none", mec=INK, mew=1.6, zorder=5)
        axes.annotate(letter, at, (0, 10), textcoords="offset points", ha="center", fontsize=9, color=INK, fontweight="bold", zorder=6)
        name = found.candidates[row["number"]].say(lang)
        name = f"{says['chosen' if found.is_sure else 'seems']}{says['colon']}{name}" if row["chosen"] else name
        about = [number(row["value_0"], unit(found.goals[0]), lang), says["evenings"].format(n=number(row["evenings"], "count", lang))]
        about += [says["unpaid"].format(n=number(row["unpaid_hours"], "hours", lang))] if row["unpaid_hours"] else []
        lines = [letter, *wrap(name, WIDE[lang])]
        text = f"{lines[0]}  " + "\n     ".join(lines[1:])
        beside.text(0, y, text, va="top", fontsize=9, color=INK, fontweight="bold" if row["chosen"] else "normal", linespacing=1.25)
        y -= LINE * (len(lines) - 1)
        beside.text(0, y, "     " + says["gap"].join(about), va="top", fontsize=8, color=GREY)
        y -= 1.45 * LINE


def _told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Who is named: the chosen one, and of the frontier as many as there is room for, evenly along it."""
    front = table[table["frontier"] & ~table["chosen"]].sort_values("cost")
    few = front.iloc[np.unique(np.linspace(0, len(front) - 1, min(len(front), MOST_NAMED)).round().astype(int))] if len(front) else front
    rows = [*few.to_dict("records"), *table[table["chosen"]].to_dict("records")]
    return sorted(rows, key=lambda row: row["cost"])


def _scale(most: float, found: Staffed, lang: str) -> tuple[float, str]:
    """So that the numbers along the axis are short: thousands or millions in English, 万 or 亿 in Chinese."""
    steps = {"en": ((1e6, "million "), (1e3, "thousand "), (1, "")), "zh": ((1e8, "亿"), (1e4, "万"), (1, ""))}[lang]
    size, word = next(step for step in steps if most >= step[0] or step[0] == 1)
    return size, (word + UNITS[unit_of_cost(found)][lang == "zh"]).strip()


def _upwards(found: Staffed, lang: str) -> str:
    return goal_label(found, found.goals[0], lang)


def _footer(found: Staffed, figure: Figure, lang: str) -> None:
    s, n = found.candidates[0].scenario, np.array([len(sample.cost) for sample in found.samples])
    title, reps = s.title.say(lang) or s.name, f"{n.min()}" if n.min() == n.max() else f"{n.min()}–{n.max()}"
    confidence = f"{found.file.confidence * 100:g}%"
    if lang == "zh":
        text = f"{title}　{s.period.start} 至 {s.period.end}　{len(n)} 个方案，重复 {reps} 次，种子 {found.seed}　竖条：置信度 {confidence} 的联合单侧限"
    else:
        text = f"{title}    {s.period.start} to {s.period.end}    {len(n)} candidates, {reps} replications, seed {found.seed}    bars: one-sided limits, joint at {confidence}"
    figure.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")
