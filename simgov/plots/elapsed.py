"""Where time goes: the mean hours of an incident as a waterfall of its stages, each split into what the time was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simgov.clock import HOUR
from simgov.language import message, say
from simgov.plots.lines import wrapped
from simgov.plots.style import FAINT, GREY, INK, PARTS, SMALL, footer, legend, no_incidents, title
from simgov.vocabulary import ALL
from simgov.words import duration, key_label, listed, number

if TYPE_CHECKING:
    from simgov.result import Result

MOST = 12  # stages; those that take least are put together
LEAST = 0.003  # of all time, for a bar of its own
PALE = ("wait", "lead")  # parts on which words are dark
EXPLAIN = message(
    "Mean over the {n:,.1f} incidents found in a window (mean of the replications); what is open counts up to the census, return visits do not count. "
    "Each stage begins where the one above it ends. Percentages: of the time of all stages."
)


def draw(result: Result, figure: Figure, lang: str) -> None:
    hours = by_stage(result)
    if not hours.sum():
        no_incidents(figure, result, lang)
        return
    rows = _rows(result, hours, lang)
    figure.set_figheight(max(5, 2 + 0.34 * len(rows)))
    axes = figure.subplots()
    start, total = 0.0, hours.sum()
    for y, (_, parts) in enumerate(rows):
        _bar(axes, y, start, parts, total, lang)
        start += parts.sum() if y else 0.0  # the first row is the sum of the others
        if y:
            axes.plot([start, start], [y - 0.3, min(y + 1.3, len(rows) - 0.7)], color=GREY, lw=0.6, zorder=0)
    for part, colour in zip(PARTS, PARTS.values(), strict=True):
        if hours[:, list(PARTS).index(part)].sum() > 0:
            axes.barh(0, 0, color=colour, label=key_label(result.scenario, "part", part, lang))
    axes.axhline(0.5, color=GREY, lw=0.6)
    axes.set(xlim=(0, 1.12 * total), ylim=(len(rows) - 0.5, -0.5), xlabel=say("hours since the incident was found, on average", lang))
    axes.set_yticks(range(len(rows)), [wrapped(name, 17) for name, _ in rows], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    legend(axes, 6)
    title(figure, _found(result, hours.sum(axis=0), lang))
    footer(figure, result, lang, say(EXPLAIN, lang).format(n=found(result) / result.replications))


def found(result: Result) -> float:
    """Incidents found in the windows of all replications together."""
    return float(sum(tables.entries["collected", ALL].top for tables in result.tables))


def by_stage(result: Result) -> np.ndarray:
    """Mean hours of an incident found, by stage and part of elapsed time (stages x 6)."""
    return np.sum([tables.time for tables in result.tables], axis=0) / HOUR / max(found(result), 1)


def _found(result: Result, hours: np.ndarray, lang: str) -> str:
    """What takes most of the time, and how little of it is work."""
    share = dict(zip(PARTS, hours / hours.sum(), strict=True))
    parts = dict.fromkeys([max(share, key=share.__getitem__), "work"])
    told = [say("{share:.0%} {part}", lang).format(share=share[part], part=key_label(result.scenario, "part", part, lang)) for part in parts]
    return say("Where time goes: {hours} an incident, {parts}", lang).format(hours=number(hours.sum(), "hours", lang), parts=listed(told, lang))


def _rows(result: Result, hours: np.ndarray, lang: str) -> list[tuple[str, np.ndarray]]:
    """(name, hours by part): all together, the stages in the order of the file, and what takes least as one."""
    s, each = result.scenario, hours.sum(axis=1)
    own = np.sort([n for n in np.argsort(-each, kind="stable")[:MOST] if each[n] >= LEAST * each.sum()])
    rows = [(say("all stages", lang), hours.sum(axis=0)), *((s.label("stages", list(s.stages)[n], lang), hours[n]) for n in own)]
    rest = np.setdiff1d(np.flatnonzero(each > 0), own)
    return [*rows, (say("other stages: {n}", lang).format(n=len(rest)), hours[rest].sum(axis=0))] if len(rest) else rows


def _bar(axes: Axes, y: int, start: float, parts: np.ndarray, total: float, lang: str) -> None:
    at = start
    for (part, colour), hours in zip(PARTS.items(), parts, strict=True):
        axes.barh(y, hours, 0.62, left=at, color=colour)
        if hours >= 0.06 * total:
            axes.text(at + hours / 2, y, f"{hours / total:.0%}", ha="center", va="center", fontsize=SMALL, color=INK if part in PALE else "white")
        at += hours
    axes.text(at + 0.008 * total, y, number(parts.sum(), "hours", lang, total) if parts.sum() >= 1 else duration(HOUR * parts.sum(), lang), va="center", fontsize=SMALL)
