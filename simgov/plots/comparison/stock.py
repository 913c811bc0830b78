"""How much lies open, day by day, under each policy; and when it is back to what it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, date2num, num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simgov.clock import DAY
from simgov.language import message, say
from simgov.plots.comparison.frame import LOOKS, frame, grid, heading, legend_below, panels, shape, wrap, wrapped
from simgov.plots.style import FAINT, GREY
from simgov.words import listed

if TYPE_CHECKING:
    from simgov.scenario import Scenario
    from simgov.study import Comparison

TOGETHER = 6  # policies in one panel at most
BACK = 1.1  # times what was open before counts as back
LAST, LEFT = 14, 0.1  # midnights at the end that show what stays; what may lie above that when it counts as drained, of what is open anyway
MONTHS = (
    message("Jan"), message("Feb"), message("Mar"), message("Apr"), message("May"), message("Jun"),
    message("Jul"), message("Aug"), message("Sep"), message("Oct"), message("Nov"), message("Dec"),
)  # fmt: skip
WITHOUT_REFERENCE = message(
    "Lines: median of the replications at each midnight; bands: 95 % of single replications; peak: that of the line. Large mark: the first day after the peak on which "
    "the median is back to at most 1.1 times the median before the first window of a change (without one, before the peak)."
)
WITH_REFERENCE = message(
    "Lines: median of the replications at each midnight; bands: 95 % of single replications; peak: that of the line. Large mark (drained): the first day on which at most a "
    "tenth more is open than with “{policy}”, not counting what still lies above it in the last two weeks (and stays: matters that never end)."
)
RECOVERIES = {
    "back": message("peak {peak}, back on {day}"),
    "not back": message("peak {peak}, not back by the census"),
    "unmoved": message("peak {peak}, never above what was usual"),
    "unknown": message("peak {peak}"),
    "drained": message("peak {peak}, drained on {day}, {rest} more stay"),
    "anyway": message("peak {peak}"),
}


class Recovery(NamedTuple):
    """`usual`: the median before; `peak`, `day`: numbers of midnights; `day` is None where it does not come back.

    `usual` is nan where nothing lies before, and then there is no day.
    """

    usual: float
    peak: int
    day: int | None


def recovery(median: np.ndarray, first: int | None = None, start: int = 0) -> Recovery:
    """When the open incidents are back, from their median over the replications at each midnight (days + 1).

    The peak is the highest midnight from the `first` day of a window on (of all, without a window). Usual is the median of the
    midnights from `start` to the one at which the window opens, or to the one before the peak where there is no window. The day
    is the first one after the peak on which at most 1.1 times the usual number is open; it is the peak's own where not even
    the peak is above that.
    """
    peak = int(np.argmax(median[first or 0 :])) + (first or 0)
    before = median[start : first + 1] if first else median[start:peak]
    if not before.size:
        return Recovery(np.nan, peak, None)
    usual = float(np.median(before))
    back = np.flatnonzero(median[peak:] <= BACK * usual)
    return Recovery(usual, peak, peak + int(back[0]) if back.size else None)


def drained(median: np.ndarray, anyway: np.ndarray) -> tuple[Recovery, float]:
    """When the excess over what would be open `anyway` at each midnight has drained, and how much of it stays.

    What stays is the median excess of the last two weeks: matters that never end, if the run is long enough. The day is the
    first from the highest excess on at which no more than that and a tenth of what is open anyway lies above it: the same level for
    every policy. None where nothing rises above.
    """
    excess = median - anyway
    peak, stays = int(np.argmax(excess)), float(np.median(excess[-LAST:]))
    gone = np.flatnonzero(excess[peak:] <= stays + LEFT * anyway[peak:])
    return Recovery(float(anyway[peak]), peak, peak + int(gone[0]) if excess[peak] > stays and gone.size else None), stays




def windows(scenario: Scenario) -> list[tuple[int, int]]:
    """(start, end) in seconds of each stretch in which changes with a window are in force; what touches is one."""
    found: list[tuple[int, int]] = []
    for start, end, epoch in scenario.epochs:
        if epoch.data != scenario.data:
            found = [*found[:-1], (found[-1][0], end)] if found and found[-1][1] == start else [*found, (start, end)]
    return found


def draw(comparison: Comparison, figure: Figure, lang: str) -> None:
    found = [_found(comparison, k) for k in range(len(comparison.study.policies))]
    (_together if len(found) <= TOGETHER else _apart)(comparison, figure, found, lang)


def _together(comparison: Comparison, figure: Figure, found: Sequence[Recovery], lang: str) -> None:
    """All policies in one panel, with a legend beside it."""
    labels = [wrapped(policy.say(lang), 17) + "\n" + _told(comparison, k, found[k], lang) for k, policy in enumerate(comparison.study.policies)]
    frame(comparison, figure, lang, 11.5, max(4.4, 0.5 + sum(0.17 * (label.count("\n") + 1) + 0.16 for label in labels)), _explained(comparison, lang))
    axes = figure.subplots()
    handles = [_line(axes, comparison, k, back, 0.28 / len(found) ** 0.5) for k, back in enumerate(found)]
    _shade(axes, comparison, lang)
    _axes(axes, comparison, lang, 9)
    axes.set_ylabel(say("incidents that are open at midnight", lang))
    axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0, frameon=False, fontsize=9.5, labelspacing=0.9)


def _apart(comparison: Comparison, figure: Figure, found: Sequence[Recovery], lang: str) -> None:
    """Many policies would cover each other: a panel for each but the base, whose median stands in every one."""
    others = range(1, len(found))
    rows, columns = shape(len(others))
    base = wrap(say("{text}: {more}", lang).format(text=comparison.study.base.say(lang), more=_told(comparison, 0, found[0], lang)), 60)
    legend = "\n".join(base)
    frame(comparison, figure, lang, 3.1 * columns, rows * 2.7, _explained(comparison, lang), 0.12 + 0.2 * len(base))
    for k, axes in zip(others, panels(figure, len(others), sharex=True, sharey=True), strict=True):
        policy = comparison.study.policies[k]
        handle = _line(axes, comparison, 0, found[0], 0)
        _line(axes, comparison, k, found[k], 0.2, LOOKS[1])
        _shade(axes, comparison, lang)
        heading(axes, policy.say(lang), _told(comparison, k, found[k], lang), 2.7 * 72)
        _axes(axes, comparison, lang, 4)
    figure.axes[0].set_ylabel(say("incidents that are open at midnight", lang), fontsize=9)
    legend_below(figure, [handle], [legend])


def _line(axes: Axes, comparison: Comparison, k: int, back: Recovery, alpha: float, look: tuple[str, str, str] | None = None) -> Line2D:
    """Median, band and recovery of a policy; what stands for it in a legend."""
    colour, dashes, marker = look or LOOKS[k % len(LOOKS)]
    stock, days = comparison.stock(k), _days(comparison)
    median = np.median(stock, axis=0)
    if alpha:
        axes.fill_between(days, *np.quantile(stock, [0.025, 0.975], axis=0), color=colour, alpha=alpha, lw=0)
    axes.plot(days, median, dashes, color=colour, lw=2.2 if k == 0 and alpha else 1.5, zorder=3)
    if back.day is not None and back.day > back.peak:
        axes.plot(days[[back.day]], median[[back.day]], marker, color=colour, ms=11, mec="white", mew=1.2, zorder=4)
    return Line2D([], [], color=colour, ls=dashes, marker=marker, lw=2, ms=7)


def _found(comparison: Comparison, number: int) -> Recovery:
    scenario, median = comparison.study.policies[number].scenario, np.median(comparison.stock(number), axis=0)
    spans, anyway = windows(scenario), comparison.study.file.reference
    if anyway is not None:
        return drained(median, np.median(comparison.stock(anyway), axis=0))[0]
    return recovery(median, spans[0][0] // DAY if spans else None, scenario.warm_up // DAY)


def _told(comparison: Comparison, k: int, back: Recovery, lang: str) -> str:
    """Peak and recovery in words."""
    start, median = comparison.study.base.scenario.period.start, np.median(comparison.stock(k), axis=0)
    if (anyway := comparison.study.file.reference) is not None:
        stays, day = drained(median, np.median(comparison.stock(anyway), axis=0))[1], say_day(start + timedelta(days=back.day or 0), lang)
        return say(RECOVERIES["anyway" if back.day is None else "drained"], lang).format(peak=f"{median.max():,.6g}", day=day, rest=f"{max(stays, 0):,.0f}")
    kind = "unknown" if np.isnan(back.usual) else "not back" if back.day is None else "unmoved" if back.day == back.peak else "back"
    when = say_day(start + timedelta(days=back.day or 0), lang)
    return say(RECOVERIES[kind], lang).format(peak=f"{median[back.peak]:,.6g}", day=when)


def _explained(comparison: Comparison, lang: str) -> str:
    anyway = comparison.study.file.reference
    if anyway is None:
        return say(WITHOUT_REFERENCE, lang)
    return say(WITH_REFERENCE, lang).format(policy=comparison.study.policies[comparison.number(anyway)].say(lang))


def say_day(day: date, lang: str) -> str:
    return say("{day} {month}", lang).format(day=day.day, month=say(MONTHS[day.month - 1], lang))


def _days(comparison: Comparison) -> np.ndarray:
    """The midnights, as matplotlib counts them."""
    return date2num(comparison.study.base.scenario.period.start) + np.arange(comparison.stock(0).shape[1])


def _shade(axes: Axes, comparison: Comparison, lang: str) -> None:
    """The windows of all policies; above them the changes that the base has in them, or that others have where it has none."""
    spans = sorted({span for policy in comparison.study.policies for span in windows(policy.scenario)})
    first = _days(comparison)[0]
    for a, b in spans:
        axes.axvspan(first + a / DAY, first + b / DAY, color=FAINT, alpha=0.9 / len(spans), lw=0, zorder=0)
    policies = [comparison.study.base] if windows(comparison.study.base.scenario) else comparison.study.policies
    names: dict[float, list[str]] = {}
    for scenario in (policy.scenario for policy in policies):
        for change in scenario.in_force:
            if (window := scenario.changes[change].window) is not None:
                at = max(first, date2num(window.start)) if window.start else first
                names.setdefault(at, []).append(scenario.label("changes", change, lang))
    for at, some in names.items():
        text = listed(dict.fromkeys(some), lang)
        axes.annotate(wrapped(text, 16), (at, 1), (4, -4), xycoords=("data", "axes fraction"), textcoords="offset points", va="top", fontsize=9, color=GREY)


def _axes(axes: Axes, comparison: Comparison, lang: str, ticks: int) -> None:
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, position: _tick(num2date(x).date(), position, lang)))
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.6g}"))
    axes.set_ylim(0, 1.08 * max(axes.dataLim.y1, axes.get_ylim()[1] / 1.08, 1))  # room for the names of windows
    axes.set_xlim(*_days(comparison)[[0, -1]])
    grid(axes, "y")


def _tick(day: date, position: int | None, lang: str) -> str:
    """The year stands under the first tick and under those in January."""
    has_year = position in (0, None) or day.month == 1
    return say_day(day, lang) + ("\n" + say("{year}", lang).format(year=day.year) if has_year else "")
