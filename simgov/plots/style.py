"""How all figures look: one palette, one font that knows Chinese, one footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from simgov.language import say
from simgov.plots.fonts import font_families, quiet
from simgov.plots.lines import wrapped
from simgov.words import listed

if TYPE_CHECKING:
    from simgov.plan import Tree
    from simgov.result import Result
    from simgov.scenario import Scenario

INK, GREY, FAINT = "#22313f", "#7b8794", "#e4e9ee"
BLUE, GREEN, ORANGE, RED, VIOLET = "#2a6f97", "#5a9367", "#e09f3e", "#b5483f", "#7d5ba6"
PALETTE = (BLUE, ORANGE, GREEN, VIOLET, RED, GREY)
PARTS = {"gate": VIOLET, "wait": "#b9c3cc", "queue": RED, "off_shift": ORANGE, "work": BLUE, "lead": "#a9c6d8"}  # of elapsed time
SMALL = 9  # points; the least that can be read when a figure is shown 640 pixels wide
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
    "svg.fonttype": "path",  # right on a machine without our fonts
    "axes.unicode_minus": False,
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
}


@contextmanager
def styled() -> Iterator[None]:
    """Figures are made, and drawn for the first time, in this style."""
    with rc_context({**STYLE, "font.family": font_families()}), quiet():
        yield


def nothing(axes: Axes, text: str) -> None:
    """Say why there is nothing to see."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY, fontsize=13)
    axes.set_axis_off()


def no_incidents(figure: Figure, result: Result, lang: str) -> None:
    """A figure of a result in which nothing was found."""
    nothing(figure.subplots(), say("No incidents.", lang))
    footer(figure, result, lang)


def footer(figure: Figure, result: Result, lang: str, more: str = "") -> None:
    """Window, replications and seed, under every figure."""
    s = result.scenario
    text = say("{scenario}    {start} to {end}    {n} replications, seed {seed}", lang).format(
        scenario=s.title.say(lang) or s.name, start=s.period.start, end=s.period.end, n=result.replications, seed=result.seed
    )
    if s.in_force:
        text = say("{text}    {changes}", lang).format(text=text, changes=listed((s.label("changes", c, lang) for c in s.in_force), lang))
    text = wrapped(f"{text}\n{more}".rstrip(), figure.get_figwidth() * 72 / (1.06 * SMALL))
    figure.supxlabel(text, fontsize=SMALL, color=GREY, x=0.01, ha="left")


def title(figure: Figure, text: str) -> None:
    """The title of a figure of one panel, in as many lines as it needs; a legend stands between it and the panel."""
    figure.suptitle(wrapped(text, figure.get_figwidth() * 72 / 14.4), x=0.01, ha="left", fontsize=12, fontweight="bold")


def legend(axes: Axes, columns: int, **more: Any) -> None:
    """A legend above a panel, from the left edge of the figure on."""
    left = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
    made = {"bbox_to_anchor": (0.0, 1.0), "bbox_transform": left, "loc": "lower left", "frameon": False, "columnspacing": 1.3, "handlelength": 1.3}
    axes.legend(ncols=columns, fontsize=SMALL, **{**made, **more})


def node_label(s: Scenario, tree: Tree, node: int, lang: str) -> str:
    """The name of a node; of one that was counted out, the label of its level and its number."""
    if s.nodes is not None:
        return tree.names[node]
    level = tree.levels[tree.level[node]]
    return say("{level} {number}", lang).format(level=s.label("levels", level, lang), number=tree.names[node].removeprefix(f"{level}-"))
