"""What one thing costs in terms of another: two measures, a point for each policy, and the policies that no other one dominates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from simgov.language import message, say
from simgov.plots.comparison.frame import frame, grid, unit_axis, unit_of, wrap, wrapped
from simgov.plots.style import BLUE, GREY, INK, nothing
from simgov.study import paired
from simgov.study.answer import label
from simgov.study.paired import Ratios
from simgov.study.verdict import MORE, verdict
from simgov.vocabulary import Margin
from simgov.words import listed, prose

if TYPE_CHECKING:
    from simgov.study import Comparison
    from simgov.study.model import Asked

WIDTH, HEIGHT, LABEL = 9.5, 5.4, 17  # inches; ems of a label in one line
MANY = 8  # policies from which on the figure is larger and its labels smaller
FRONTIER = message("Line: policies that no other one beats by both measures. Grey: another policy is at least as good by both and surely better by one, by more than is practically equal.")
ARROWS = {(-1, -1): "↙", (-1, 1): "↖", (1, -1): "↘", (1, 1): "↗", (-1, 0): "←", (1, 0): "→", (0, -1): "↓", (0, 1): "↑"}


def draw(comparison: Comparison, figure: Figure, lang: str) -> None:
    picture, asked = comparison.study.file.figure, comparison.asked
    if max(picture.x, picture.y) >= len(asked):
        frame(comparison, figure, lang, 8, 3, "")
        return nothing(figure.subplots(), say("A frontier needs two measures; this study has one.", lang))
    pair = asked[picture.x], asked[picture.y]
    both = all(sign(a) for a in pair)
    larger = 1.2 if len(comparison.study.policies) > MANY else 1
    explain = [say("Points: means; bars: 95 % intervals of each mean. Square: the base.", lang)]
    explain += [say(FRONTIER, lang)] if both else []
    frame(comparison, figure, lang, WIDTH * larger, HEIGHT * larger, prose(explain, lang))
    axes = figure.subplots()
    tables = [comparison.values[comparison.values["asked"] == number].reset_index(drop=True) for number in (picture.x, picture.y)]
    values = np.column_stack([table["value"] for table in tables])
    known = np.isfinite(values).all(axis=1)
    if not known.any():
        return nothing(axes, say("No policy has both numbers.", lang))
    _points(axes, values, tables, known, dominated(comparison, *pair) if both else np.zeros(len(values), bool))
    if both:
        _line(axes, values[on_frontier(values, *pair)], sign(pair[0]))
    _axes(axes, comparison, pair, lang)
    corner = _corner(axes, pair, lang)
    _missing(axes, comparison, known, lang)
    return _labels(figure, axes, comparison, values, known, corner, lang)


def sign(asked: Asked) -> int:
    """1 where more is better, -1 where less is, 0 where neither is."""
    return {"up": 1, "down": -1, "neither": 0}[asked.direction]


def on_frontier(values: np.ndarray, x: Asked, y: Asked) -> np.ndarray:
    """By policy (rows of `values`): whether both numbers exist and no other policy is as good by both and better by one."""
    good = values * [sign(x), sign(y)]
    with np.errstate(invalid="ignore"):
        beaten = [((good >= mine).all(axis=1) & (good > mine).any(axis=1)).any() for mine in good]
    return ~np.array(beaten) & np.isfinite(values).all(axis=1)


def dominated(comparison: Comparison, x: Asked, y: Asked) -> np.ndarray:
    """By policy: whether another one is at least as good by both measures, and surely better by one, by more than is practically equal.

    Surely: beyond the paired 95 % interval, which holds for all pairs of policies together.
    """
    k = len(comparison.study.policies)
    pairs = max(k * (k - 1) // 2, 1)
    found = np.zeros(k, bool)
    each = [([comparison.ratios(policy, a) for policy in range(k)], sign(a), a.equal_within) for a in (x, y)]
    for mine, other in product(range(k), repeat=2):
        if mine != other:
            gaps = [_gap(ratios[other], ratios[mine], side, pairs, margin) for ratios, side, margin in each]
            found[mine] |= all(gap >= 0 for gap, _ in gaps) and any(said == MORE for _, said in gaps)
    return found


def _gap(one: Ratios, other: Ratios, side: int, pairs: int, margin: Margin) -> tuple[float, str]:
    """By how much one is better than the other, and what the interval of that says."""
    value, half, _ = paired.difference(one, other, pairs)
    return side * value, verdict(side * value, side * value - half, side * value + half, margin.of(other.value))


# ── what is drawn ───────────────────────────────────────────────────────────────────────────────────


def _points(axes: Axes, values: np.ndarray, tables: Sequence, known: np.ndarray, grey: np.ndarray) -> None:
    for number in np.flatnonzero(known):
        colour = GREY if grey[number] else BLUE
        (x, y), (across, up) = values[number], [table.iloc[number] for table in tables]
        axes.plot([across["low"], across["high"]], [y, y], color=colour, lw=1.4, alpha=0.7, zorder=2)
        axes.plot([x, x], [up["low"], up["high"]], color=colour, lw=1.4, alpha=0.7, zorder=2)
        axes.plot([x], [y], "s" if number == 0 else "o", color=colour, mfc="white" if grey[number] else colour, mew=1.6, ms=9, zorder=4)


def _line(axes: Axes, points: np.ndarray, x_sign: int) -> None:
    """Steps, for nothing lies between two policies: from the best by x on, each point with all that is worse by both in its corner."""
    points = points[np.argsort(-x_sign * points[:, 0], kind="stable")]
    if len(points) > 1:
        axes.plot(np.repeat(points[:, 0], 2)[1:], np.repeat(points[:, 1], 2)[:-1], color=BLUE, lw=1.2, ls=(0, (4, 2)), alpha=0.8, zorder=1, label="frontier")


def _axes(axes: Axes, comparison: Comparison, pair: tuple[Asked, Asked], lang: str) -> None:
    axes.margins(0.16)
    for axis, asked, long in zip((axes.xaxis, axes.yaxis), pair, (WIDTH - 1.5, HEIGHT - 1), strict=True):
        unit_axis(axis, asked, lang)
        lines = wrap(label(comparison, asked, lang), long * 72 / 10) + wrap(unit_of(asked, lang), long * 72 / 10)
        axis.set_label_text("\n".join(lines), fontsize=9.5, linespacing=1.3, multialignment="center")
    grid(axes)


def _corner(axes: Axes, pair: tuple[Asked, Asked], lang: str) -> Annotation | None:
    """The word "better" with an arrow, in the corner or at the side where it is."""
    signs = sign(pair[0]), sign(pair[1])
    if signs == (0, 0):
        return None
    place = {-1: (0, "left", "bottom", 6), 0: (0.5, "center", "center", 0), 1: (1, "right", "top", -6)}
    (x, ha, _, dx), (y, _, va, dy) = (place[s] for s in signs)
    if not signs[1]:
        y, va, dy = 1, "top", -6  # in the middle of a side it would lie among the points
    if not signs[0]:
        x, ha, dx = 1, "right", -6
    text = say("{arrow} better", lang).format(arrow=ARROWS[signs])
    return axes.annotate(
        text, (x, y), (dx, dy), xycoords="axes fraction", textcoords="offset points", ha=ha, va=va, color=BLUE, fontsize=12, fontweight="bold"
    )


def _missing(axes: Axes, comparison: Comparison, known: np.ndarray, lang: str) -> None:
    """Policies without a point are told above the axes."""
    some = [policy.say(lang) for policy, here in zip(comparison.study.policies, known, strict=True) if not here]
    if some:
        text = say("{text}: {more}", lang).format(text=say("not reached", lang), more=listed(some, lang))
        axes.set_title(wrapped(text, WIDTH * 7), fontsize=9, fontweight="normal", color=GREY)


# ── labels that keep out of each other's way ────────────────────────────────────────────────────────

AWAY = (9, 20, 34, 50, 70, 95, 125, 160)  # points between a point and its label
NEAR = ((0.7, 0.7), (0.7, -0.7), (-0.7, 0.7), (-0.7, -0.7), (1, 0), (-1, 0), (0, 1), (0, -1))
SIDES = (*NEAR, *((a * x, b * y) for a, b in ((0.9, 0.4), (0.4, 0.9)) for x in (1, -1) for y in (1, -1)))


def _labels(figure: Figure, axes: Axes, comparison: Comparison, values: np.ndarray, known: np.ndarray, corner: Annotation | None, lang: str) -> None:
    """Each label at the first free place around its point, near ones first; far ones with a thin line."""
    figure.draw_without_rendering()  # the layout has to stand before one can measure
    inside, font = axes.get_window_extent(), 8.5 if np.count_nonzero(known) > MANY else 9.5
    points = axes.transData.transform(values[known])
    taken = [Bbox.from_extents(x - 7, y - 7, x + 7, y + 7) for x, y in points]
    taken += [Bbox(axes.transData.transform(ends)).padded(3) for line in axes.lines for ends in pairwise(line.get_xydata()) if np.isfinite(ends).all()]
    taken += [corner.get_window_extent()] if corner is not None else []
    for number in np.flatnonzero(known):
        text = wrapped(comparison.study.policies[number].say(lang), LABEL)
        size = _size(axes, text, font)
        away, side, box = _place(axes.transData.transform(values[number]), size, figure.dpi / 72, inside, taken)
        taken.append(box)
        axes.annotate(
            text, values[number], (away * side[0], away * side[1]), textcoords="offset points", fontsize=font, color=INK, zorder=5,
            ha={-1: "right", 0: "center", 1: "left"}[np.sign(side[0])], va={-1: "top", 0: "center", 1: "bottom"}[np.sign(side[1])],
            arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.7, "shrinkA": 1, "shrinkB": 6} if away > AWAY[1] else None,
        )  # fmt: skip


def _size(axes: Axes, text: str, font: float) -> tuple[float, float]:
    """Width and height of a label in pixels."""
    made = axes.text(0, 0, text, fontsize=font)
    box = made.get_window_extent()
    made.remove()
    return box.width, box.height


def _place(point: np.ndarray, size: tuple[float, float], scale: float, inside: Bbox, taken: Sequence[Bbox]) -> tuple[float, tuple[float, float], Bbox]:
    """Distance in points, side, and box of the nearest free place; where none is free, of the one that covers least."""
    least, best = np.inf, None
    for away, (x, y) in product(AWAY, SIDES):
        corner = point + scale * away * np.array([x, y]) + size * (np.sign([x, y]) - 1) / 2
        box = Bbox.from_bounds(*corner, *size)
        covered = sum(_common(box, other) for other in taken) + 10 * (size[0] * size[1] - _common(box, inside))
        if covered < least - 1e-6:
            least, best = covered, (away, (x, y), box)
        if covered < 1e-6:
            break
    assert best is not None
    return best


def _common(one: Bbox, other: Bbox) -> float:
    """The area that two boxes share, in square pixels."""
    width = min(one.xmax, other.xmax) - max(one.xmin, other.xmin)
    height = min(one.ymax, other.ymax) - max(one.ymin, other.ymin)
    return width * height if width > 0 and height > 0 else 0.0
