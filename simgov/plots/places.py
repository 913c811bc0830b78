"""Places: the tree as a treemap of what is open at the census, in green, yellow and red (红黄绿)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from squarify import normalize_sizes, squarify

from simgov.clock import DAY
from simgov.language import message, say
from simgov.measures.ageing import AGES, MOST, lowest_level, places
from simgov.plan import Tree, crown, plant
from simgov.plots.elapsed import found
from simgov.plots.lines import ems
from simgov.plots.style import INK, SMALL, footer, legend, node_label, nothing, title

if TYPE_CHECKING:
    from simgov.result import Result

WIDTH, HEIGHT = 100.0, 52.0  # of the picture, in about the shape that it has on paper
POINT = WIDTH / (7.7 * 72)  # a point of text in these units
LINE = SMALL * POINT  # of text
HEAD = 1.7 * LINE  # of a group, for its name
LIGHTS = (("●", "#9fcfae"), ("▲", "#f3d57c"), ("✖", "#df9a92"))  # a sign beside each colour, for those who see no red or green
WORDS = (message("green: in time"), message("yellow: due within a day, or {days} days old"), message("red: past the due, or {days} days old"))
EXPLAIN = message(
    "Open at the census: {open:,.1f} of {found:,.1f} incidents found in a window (mean of the replications), at the place where they are at home; "
    "the area is their number, green, yellow and red from left to right. The due is that of the stage where it stands at the census; what has none there goes by its age since it was found. {empty}"
)


class Box(NamedTuple):
    """A place with what is open there by light; `short` is a name for where there is little room, `group` the place above it."""

    name: str
    short: str
    group: str
    lights: np.ndarray

    @property
    def open(self) -> float:
        return float(self.lights.sum())


def draw(result: Result, figure: Figure, lang: str) -> None:
    figure.set_figheight(5.6)
    axes = figure.subplots()
    everything = boxes(result, lang)
    full = [box for box in everything if box.open]
    if not full:
        nothing(axes, say("Nothing is open at the census.", lang))
        footer(figure, result, lang)
        return
    groups: dict[str, list[Box]] = {}
    for box in sorted(fewer(full, lang), key=lambda box: -box.open):
        groups.setdefault(box.group, []).append(box)
    ordered = sorted(groups.items(), key=lambda item: -sum(box.open for box in item[1]))
    for (name, inside), area in zip(ordered, layout([sum(box.open for box in each) for _, each in ordered], (0, 0, WIDTH, HEIGHT)), strict=True):
        _group(axes, name if len(groups) > 1 else "", inside, area)
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    told = [say(words, lang).format(days=age // DAY) for words, age in zip(WORDS, (0, *AGES), strict=True)]
    handles = [Patch(color=colour, label=f"{sign} {words}") for (sign, colour), words in zip(LIGHTS, told, strict=True)]
    legend(axes, 3, handles=handles, bbox_transform=axes.transAxes)
    level = lowest_level(plant(result.scenario), tuple(result.scenario.levels))
    title(figure, say("What is open at the census and how old it is, by place: {level}", lang).format(level=result.scenario.label("levels", level, lang)))
    empty = len(everything) - len(full)
    text = say(EXPLAIN, lang).format(
        open=sum(box.open for box in full),
        found=found(result) / result.replications,
        empty=say("Places with nothing open are not shown: {n}.", lang).format(n=empty) if empty else "",
    )
    footer(figure, result, lang, text)


def boxes(result: Result, lang: str) -> list[Box]:
    """All places of the lowest level that fits, and those above them that have something of their own; means of the replications."""
    s, levels = result.scenario, tuple(result.scenario.levels)
    tree = crown(s, lowest_level(plant(s), levels))
    nodes, _, _ = places(tree, levels)
    ageing = np.mean([tables.ageing for tables in result.tables], axis=0)
    inner = set(tree.parent[nodes].tolist())
    return [
        Box(node_label(s, tree, node, lang), _short(result, tree, node), _above(result, tree, node, node in inner, lang), lights)
        for node, lights in zip(nodes.tolist(), ageing, strict=True)
        if lights.sum() or node not in inner
    ]


def _short(result: Result, tree: Tree, node: int) -> str:
    """The number of a node that was counted out, the name of one of a table."""
    return tree.names[node].removeprefix(f"{tree.levels[tree.level[node]]}-" if result.scenario.nodes is None else "")


def _above(result: Result, tree: Tree, node: int, inner: bool, lang: str) -> str:
    """The name of the group of a place: the place above it, or itself where it has places below."""
    group = node if inner else tree.parent[node]
    return node_label(result.scenario, tree, group, lang) if group >= 0 else ""


def fewer(full: list[Box], lang: str) -> list[Box]:
    """At most as many boxes as can be read; those with least are put together."""
    if len(full) <= MOST + 10:
        return full
    ordered = sorted(full, key=lambda box: -box.open)
    rest = ordered[MOST:]
    return [*ordered[:MOST], Box(say("{n} others", lang).format(n=len(rest)), f"+{len(rest)}", "", np.sum([box.lights for box in rest], axis=0))]


def layout(sizes: list[float], area: tuple[float, float, float, float]) -> list[tuple[float, float, float, float]]:
    """Rectangles (x, y, width, height) that fill an area, in the order of their sizes, which fall."""
    x, y, width, height = area
    return [(r["x"], r["y"], r["dx"], r["dy"]) for r in squarify(normalize_sizes(sizes, width, height), x, y, width, height)]


def _group(axes: Axes, name: str, inside: list[Box], area: tuple[float, float, float, float]) -> None:
    x, y, width, height = area
    if name and height > 2.5 * HEAD:
        axes.text(x + 0.5, y + HEAD / 2, _fitting(name, name, width), va="center", fontsize=SMALL, fontweight="bold")
        area = (x, y + HEAD, width, height - HEAD)
    for box, place in zip(inside, layout([box.open for box in inside], area), strict=True):
        _box(axes, box, *place)
    axes.add_patch(Rectangle((x, y), width, height, fill=False, ec=INK, lw=1.2))


def _box(axes: Axes, box: Box, x: float, y: float, width: float, height: float) -> None:
    left = x
    for (sign, colour), count in zip(LIGHTS, box.lights, strict=True):
        wide = width * count / box.open
        axes.add_patch(Rectangle((left, y), wide, height, fc=colour, ec="none"))
        number = f"{count:,.1f}" if count < 10 else f"{count:,.0f}"
        for told in (f"{sign} {number}", f"{sign}\n{number}", sign):
            lines = told.split("\n")
            if count and wide > (max(map(ems, lines)) + 0.8) * LINE and height > (1.6 + 1.2 * len(lines)) * LINE:
                axes.text(left + wide / 2, y + height - 0.25 * LINE, told, ha="center", va="bottom", fontsize=SMALL, linespacing=1.1)
                break
        left += wide
    axes.add_patch(Rectangle((x, y), width, height, fill=False, ec="white", lw=1.4))
    if height > 1.5 * LINE:
        axes.text(x + 0.5, y + 0.9 * LINE, _fitting(box.name, box.short, width), va="center", fontsize=SMALL, color=INK)


def _fitting(name: str, short: str, width: float) -> str:
    """A name, or else the short one, or as much of it as there is room for."""
    room = (width - 1) / LINE
    if ems(name) <= room:
        return name
    if ems(short) <= room:
        return short
    while short and ems(short + "…") > room:
        short = short[:-1]
    return short + "…" if len(short) > 1 else ""
