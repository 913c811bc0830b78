"""What stands around every figure of a study: the title, what was found, panels, axes with units, the footer; and breaking lines."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simgov.language import say
from simgov.plots.lines import ems, wrap, wrapped
from simgov.plots.style import BLUE, FAINT, GREEN, GREY, INK, ORANGE, RED, VIOLET
from simgov.vocabulary import MEASURES
from simgov.words import UNITS, clauses

if TYPE_CHECKING:
    from simgov.study import Comparison
    from simgov.study.model import Asked

# One look for each policy: colours that the colour-blind tell apart, and dashes and markers for paper without colour. The base is ink.
LOOKS = (
    (INK, "-", "o"),
    (BLUE, "-", "s"),
    (ORANGE, "-", "D"),
    (GREEN, "--", "^"),
    (VIOLET, "--", "v"),
    (RED, "-.", "P"),
    (GREY, "-.", "X"),
    (BLUE, ":", "<"),
    (ORANGE, ":", ">"),
    (GREEN, ":", "p"),
    (VIOLET, ":", "h"),
    (RED, ":", "*"),
)
PAPER = {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.8}  # behind what is written among lines
ACROSS = 4  # panels in a row at most
LINE = 0.19  # inches between two lines of text of ten points
BOLD = 11.2  # points that a bold em of ten points takes, on average
TOLD = 2  # lines of what was found, above the panels


def frame(comparison: Comparison, figure: Figure, lang: str, width: float, height: float, explain: str, legend: float = 0) -> None:
    """Title, what was found, and footer around panels of `height` inches; the figure takes the size that they need.

    `legend`: inches that stay free between panels and footer, for `legend_below`.
    """
    file = comparison.study.file
    points = (width - 0.4) * 72
    title = wrap(file.title.say(lang) or comparison.study.name, points / 15)
    found = _found(comparison.answer(lang), points / 10.2)
    foot = wrap(_footer(comparison, lang), points / 8.6) + wrap(explain, points / 8.6)
    head = 0.2 + 1.35 * LINE * len(title) + LINE * len(found)
    below = 0.12 + 0.15 * len(foot)
    total = head + height + legend + below
    figure.set_size_inches(width, total)
    figure.get_layout_engine().set(rect=(0.006, (below + legend) / total, 0.988, 1 - (head + legend + below) / total))
    figure.text(0.012, 1 - 0.1 / total, "\n".join(title), fontsize=13.5, fontweight="bold", va="top")
    figure.text(0.012, 1 - (0.14 + 1.35 * LINE * len(title)) / total, "\n".join(found), fontsize=10, va="top", linespacing=1.25)
    figure.text(0.012, 0.07 / total, "\n".join(foot), fontsize=8, color=GREY, va="bottom", linespacing=1.25)


def legend_room(labels: Sequence[str], width: float) -> float:
    """Inches that a legend below the panels needs in a figure of that width."""
    return 0.12 + 0.22 * math.ceil(len(labels) / _columns(labels, width)) if labels else 0.0


def legend_below(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> None:
    """A legend between panels and footer, in the room that `frame` has left; none for nothing."""
    if not labels:
        return
    _, bottom, _, _ = figure.get_layout_engine().get()["rect"]
    columns = _columns(labels, figure.get_figwidth())
    made = figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.003, bottom), borderaxespad=0.2, ncols=columns, frameon=False, fontsize=9)
    made.set_in_layout(False)


def _columns(labels: Sequence[str], width: float) -> int:
    """Columns of a legend with labels in nine points, each with its handle."""
    return max(1, min(len(labels), int(width * 72 / (max(map(ems, labels)) * 9.4 + 48))))


def _footer(comparison: Comparison, lang: str) -> str:
    s = comparison.study.base.scenario
    title = s.title.say(lang) or s.name
    return say("{scenario}    {start} to {end}    {n} replications, seed {seed}", lang).format(scenario=title, start=s.period.start, end=s.period.end, n=comparison.replications, seed=comparison.seed)


def _found(answer: str, ems: float) -> list[str]:
    """As many sentences of the answer as two lines hold; always the first one."""
    told = ""
    for sentence in re.split(r"(?<=[^.]\.)(?= )|(?<=。)", answer):
        if told and len(wrap(told + sentence, ems)) > TOLD:
            break
        told += sentence
    return wrap(told, ems)


# ── panels ──────────────────────────────────────────────────────────────────────────────────────────


def panels(figure: Figure, count: int, across: int = ACROSS, **more: Any) -> list[Axes]:
    """So many axes in rows of equal length, as far as it goes; left over places stay empty."""
    rows, columns = shape(count, across)
    axes = figure.subplots(rows, columns, squeeze=False, **more).ravel()
    for number in range(count, len(axes)):
        axes[number].remove()
        axes[number - columns].tick_params(labelbottom=True)  # it is the last one of its column
    return list(axes[:count])


def shape(count: int, across: int = ACROSS) -> tuple[int, int]:
    """Rows and columns for so many panels."""
    rows = math.ceil(count / across)
    return rows, math.ceil(count / rows)


def heading(axes: Axes, title: str, under: str, points: float, said: str = "") -> None:
    """The title of a panel that is so many points wide, under it what is said of it, and a line in grey."""
    said_lines, under_lines = wrap(said, points / 9.5) if said else [], wrap(under, points / 8.8)
    axes.set_title(wrapped(title, points / BOLD), fontsize=10, pad=9 + 10.9 * (len(under_lines) + len(said_lines)))
    for text, colour, up in ((under_lines, GREY, 5), (said_lines, INK, 6 + 10.9 * len(under_lines))):
        style = {"fontsize": 8.5, "color": colour, "fontweight": "bold" if colour == INK else "normal", "linespacing": 1.1}
        axes.annotate("\n".join(text), (0, 1), (0, up), xycoords="axes fraction", textcoords="offset points", va="bottom", **style)


def unit_axis(axis: Any, asked: Asked, lang: str, points: bool = False) -> None:
    """Ticks in the unit of a measure; of differences between shares in percentage points, as bare numbers."""
    share = MEASURES[asked.measure].unit == "share"
    times = 100 if share else 1
    percent = "%" if share and not points else ""
    axis.set_major_locator(MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{round(times * x, 6) + 0:,.6g}{percent}".replace("-", "−")))


def unit(asked: Asked, lang: str) -> str:
    """The unit as an axis says it; nothing for shares, whose ticks say it."""
    return say(UNITS[MEASURES[asked.measure].unit], lang)


def of(asked: Asked, lang: str) -> str:
    """The denominator, or what a number is a sum or quantile over."""
    return say("of: {denominator}", lang).format(denominator=MEASURES[asked.measure].of(lang))


def unit_of(asked: Asked, lang: str) -> str:
    """Unit and denominator in a line."""
    return clauses((text for text in (unit(asked, lang), of(asked, lang)) if text), lang)


def grid(axes: Axes, axis: str = "both") -> None:
    axes.grid(axis=axis, color=FAINT)
    axes.set_axisbelow(True)
