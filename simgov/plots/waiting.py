"""When triage waits: the mean number of incidents that wait to be assessed, by hour and weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from simgov.clock import DAY, HOUR
from simgov.language import message, say
from simgov.plots.style import BLUE, INK, RED, SMALL, footer, nothing
from simgov.words import number

if TYPE_CHECKING:
    from simgov.result import Result

WEEKDAYS = (message("Mon"), message("Tue"), message("Wed"), message("Thu"), message("Fri"), message("Sat"), message("Sun"))


def draw(result: Result, figure: Figure, lang: str) -> None:
    axes = figure.subplots()
    if not any(stage.triage for stage in result.scenario.stages.values()):
        nothing(axes, say("No stage of this scenario is marked as triage.", lang))
        footer(figure, result, lang)
        return
    table = by_hour(result)
    colours = LinearSegmentedColormap.from_list("waiting", ["#f4f7f9", "#a9c6d8", BLUE, "#5b3a5e", RED])
    image = axes.imshow(table, aspect="auto", cmap=colours, vmin=0, vmax=max(table.max(), 1e-9))
    axes.set_yticks(range(7), [say(day, lang) for day in WEEKDAYS])
    axes.set_xticks(range(0, 24, 2), [f"{h:02d}" for h in range(0, 24, 2)])
    axes.set(title=say("Incidents waiting for triage, by hour and weekday", lang), xlabel=say("hour of day", lang))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, label=say("mean number waiting", lang), shrink=0.8)
    bar.outline.set_visible(False)
    day, at = np.unravel_index(np.argmax(table), table.shape)
    if table.max() > 0:
        _mark(axes, day, at, number(table.max(), "ratio", lang))
    axes.title.set_color(INK)
    explain = message("Incidents that have entered a triage stage and that nobody has begun to assess, in the middle of each hour, averaged over the weeks.")
    footer(figure, result, lang, say(explain, lang))


def _mark(axes: Axes, day: int, hour: int, text: str) -> None:
    """The largest cell with its number, which is wider than a cell: in a box beside it, on the side that has room."""
    side = -1 if hour > 12 else 1
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": RED, "linewidth": 0.8}
    axes.text(hour + 0.7 * side, day, text, ha="right" if side < 0 else "left", va="center", fontsize=SMALL, color=INK, bbox=box)


def by_hour(result: Result) -> np.ndarray:
    """7 weekdays x 24 hours: the mean number waiting in the middle of the hour, over the weeks of the window."""
    s = result.scenario
    hour = np.arange(s.warm_up // HOUR, s.days * DAY // HOUR)
    weeks = np.bincount((hour + 24 * s.period.start.weekday()) % (7 * 24), minlength=7 * 24).reshape(7, 24)
    return np.mean([tables.waiting for tables in result.tables], axis=0) / np.maximum(weeks, 1)
