"""How all figures look: one palette, one font that knows Chinese, one footer."""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from simgov.result import Result

INK, GREY, FAINT = "#22313f", "#7b8794", "#e4e9ee"
BLUE, GREEN, ORANGE, RED, VIOLET = "#2a6f97", "#5a9367", "#e09f3e", "#b5483f", "#7d5ba6"
PALETTE = (BLUE, ORANGE, GREEN, VIOLET, RED, GREY)
STYLE = {
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "figure.facecolor": "white",
    "svg.hashsalt": "simgov",
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
}


@cache
def font_families() -> list[str]:
    """Latin first, then the Chinese font that comes with simgov (GB 2312)."""
    from matplotlib import font_manager

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with as_file(files("simgov") / "fonts" / "NotoSansCJKsc-subset.otf") as path:
        font_manager.fontManager.addfont(str(path))
        chinese = font_manager.FontProperties(fname=str(path)).get_name()
    return ["DejaVu Sans", chinese]


def nothing(axes: Axes, text: str) -> None:
    """Say why there is nothing to see."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY, fontsize=13)
    axes.set_axis_off()


def footer(figure: Figure, result: Result, lang: str, more: str = "") -> None:
    """Window, replications and seed, under every figure."""
    s = result.scenario
    changes = "、".join if lang == "zh" else ", ".join
    in_force = changes(s.label("changes", c, lang) for c in s.in_force)
    if lang == "zh":
        text = f"{s.title.say(lang) or s.name}　{s.period.start} 至 {s.period.end}　重复 {result.replications} 次，种子 {result.seed}"
    else:
        text = f"{s.title.say(lang) or s.name}    {s.period.start} to {s.period.end}    {result.replications} replications, seed {result.seed}"
    gap = "　" if lang == "zh" else "    "
    text += (gap + in_force if in_force else "") + ("\n" + more if more else "")
    figure.supxlabel(text, fontsize=8, color=GREY, x=0.01, ha="left")
