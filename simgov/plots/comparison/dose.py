"""How much of it is enough: each measure along the values of one lever, with the bound that is asked for and where it is crossed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from simgov.language import say
from simgov.plots.comparison.frame import (
    BOLD,
    LOOKS,
    PAPER,
    frame,
    grid,
    heading,
    legend_below,
    legend_room,
    panels,
    shape,
    unit_axis,
    unit_of,
    wrap,
    wrapped,
)
from simgov.plots.style import GREY, INK, ORANGE, nothing
from simgov.scenario.document import Document
from simgov.scenario.paths import at, steps_of, with_values
from simgov.study.answer import label
from simgov.study.comparison import MEETS, NOT_SURE
from simgov.vocabulary import MEASURES
from simgov.words import about, bound, joined, listed, prose

if TYPE_CHECKING:
    from simgov.study import Comparison
    from simgov.study.model import Asked, Lever

ACROSS = 3  # panels in a row
SPAN = 8  # from here on between the least and the largest value the axis is logarithmic


@dataclass(frozen=True)
class Series:
    """Policies along the lever, in the order of the study: what else was moved for them, their numbers, and their values of the lever."""

    others: Mapping[str, Any]
    policies: tuple[int, ...]
    values: tuple[Any, ...]


def draw(comparison: Comparison, figure: Figure, lang: str) -> None:
    asked = comparison.asked
    name = lever(comparison)
    if name is None:
        frame(comparison, figure, lang, 8, 3, "")
        nothing(figure.subplots(), say("No lever is moved in this study.", lang))
        return
    rows, columns = shape(len(asked), ACROSS)
    series, each = along(comparison, name), 4.1
    scale = Scale.of([value for one in series for value in one.values])
    lines = max(len(wrap(label(comparison, a, lang), each * 72 / BOLD)) for a in asked)
    others = [_of_series(comparison, one, lang) for one in series] if len(series) > 1 else []
    width = max(7.0, each * columns)
    explain = say("Points: mean over the replications; bands: 95 % intervals of each mean; triangle: the base.", lang)
    explain = prose((explain, say("A bound is met or crossed where the whole interval says so.", lang)), lang)
    frame(comparison, figure, lang, width, rows * (3.4 + 0.17 * lines), explain, legend_room(others, width))
    for panel, (axes, a) in enumerate(zip(panels(figure, len(asked), ACROSS), asked, strict=True)):
        table = comparison.values[comparison.values["asked"] == panel].reset_index(drop=True)
        _panel(axes, comparison, a, table, series, scale, lang)
        crossed = "\n".join(_crossed(comparison, a, name, one, verdicts(one, table, scale), lang) for one in series)
        heading(axes, label(comparison, a, lang), unit_of(a, lang), (each - 0.7) * 72, crossed if has_bound(a) else "")
        scale.axis(axes, comparison, name, lang)
    if others:
        legend_below(figure, figure.axes[0].get_legend_handles_labels()[0], others)


# ── which policies stand along the lever ────────────────────────────────────────────────────────────


def lever(comparison: Comparison) -> str | None:
    """The lever along the axis: the one that the figure asks for, else the first of the sweep, else of the grid."""
    file = comparison.study.file
    return file.figure.lever or next(iter({**file.sweep, **file.grid}), None)


def along(comparison: Comparison, name: str) -> list[Series]:
    """A series for each combination of the other levers; the base is in the first, if it is a value of this lever, all else equal."""
    found: dict[tuple, list[tuple[int, Any]]] = {}
    for k, policy in enumerate(comparison.study.policies):
        if name in policy.moved:
            others = tuple((key, _one(value)) for key, value in policy.moved.items() if key != name)
            found.setdefault(others, []).append((k, _one(policy.moved[name])))
    series = [Series(dict(others), *map(tuple, zip(*some, strict=True))) for others, some in found.items()]
    return [_with_base(comparison, name, one) for one in series]


def _with_base(comparison: Comparison, name: str, series: Series) -> Series:
    """The base at its own value of the lever's path, if it differs from the series in nothing else."""
    path, base = _lever(comparison, name).path, comparison.study.base.scenario
    other = comparison.study.policies[series.policies[0]].scenario
    if path is None or name in comparison.study.base.moved:
        return series
    value = _one(at(base.data, tuple(steps_of(path))))
    if value is None or value in series.values or not _alike(base.data, with_values(Document(other.data), Document({path: value}), ())[0].data):
        return series
    return Series(series.others, (0, *series.policies), (value, *series.values))


def _one(value: Any) -> Any:
    """A value that can be looked up: a distribution or a list as text."""
    return str(value) if isinstance(value, (dict, list)) else value


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return {k: v for k, v in one.items() if k != "apply"} == {k: v for k, v in other.items() if k != "apply"}


def _lever(comparison: Comparison, name: str) -> Lever:
    file = comparison.study.file
    return {**file.sweep, **file.grid}[name]


# ── the axis of the lever ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Scale:
    """Where the values of a lever stand: at themselves where they are numbers, else side by side."""

    places: Mapping[Any, float]
    numeric: bool
    log: bool

    @classmethod
    def of(cls, values: Sequence[Any]) -> Scale:
        values = list(dict.fromkeys(values))
        numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        if not numeric:
            return cls({value: float(n) for n, value in enumerate(values)}, False, False)
        return cls({value: float(value) for value in values}, True, min(values) > 0 and max(values) > SPAN * min(values))

    def axis(self, axes: Axes, comparison: Comparison, name: str, lang: str) -> None:
        moved = _lever(comparison, name)
        if self.log:
            axes.set_xscale("log")
        ticks = self._apart()
        axes.set_xticks([self.places[value] for value in ticks], [wrapped(shown(comparison, name, value, lang), 8) for value in ticks], fontsize=8.5)
        axes.xaxis.set_major_locator(FixedLocator([self.places[value] for value in ticks]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel((moved.label.say(lang) if moved.label else "") or name, fontsize=9.5)

    def _apart(self) -> list[Any]:
        """Values far enough from each other for a tick each; the ends always have theirs."""
        values = sorted(self.places, key=lambda v: self.places[v])
        where = np.array([self.places[v] for v in values])
        where = np.log(where) if self.log else where
        gap = (where[-1] - where[0]) / 11
        kept = [0]
        for n in range(1, len(values)):
            if where[n] - where[kept[-1]] >= gap or n == len(values) - 1:
                kept = kept[:-1] if n == len(values) - 1 and len(kept) > 1 and where[n] - where[kept[-1]] < gap else kept
                kept.append(n)
        return [values[n] for n in kept]


def shown(comparison: Comparison, name: str, value: Any, lang: str) -> str:
    """A value of a lever in words."""
    settings = _lever(comparison, name).values
    if isinstance(settings, dict) and value in settings:
        text = settings[value].label
        return (text.say(lang) if text else "") or str(value)
    return f"{value:,.6g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


# ── a panel ─────────────────────────────────────────────────────────────────────────────────────────


def _panel(axes: Axes, comparison: Comparison, asked: Asked, table: pd.DataFrame, series: Sequence[Series], scale: Scale, lang: str) -> None:
    for (colour, dashes, marker), one in zip(LOOKS[1:] + LOOKS, series, strict=False):
        x = np.array([scale.places[value] for value in one.values])
        order = np.argsort(x, kind="stable")
        x, policies, rows = x[order], np.array(one.policies)[order], table.iloc[list(one.policies)].iloc[order]
        low, high, values = (rows[column].to_numpy() for column in ("low", "high", "value"))
        axes.plot(x, values, dashes, color=colour, marker=marker, ms=5, lw=1.8, zorder=3, label=_of_series(comparison, one, lang))
        axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
        axes.vlines(x, low, high, color=colour, lw=1.4, zorder=2)
        for place, value, policy in zip(x, values, policies, strict=True):
            if np.isnan(value):
                across = axes.get_xaxis_transform()
                axes.text(place, 0.03, say("not reached", lang), transform=across, rotation=90, ha="center", va="bottom", fontsize=8, color=GREY, bbox=PAPER, zorder=5)
            elif policy == 0:
                axes.plot([place], [value], "^", color=INK, mfc="white", mew=1.4, ms=9, zorder=4)
    _mark_bound(axes, asked, table, series, scale)
    unit_axis(axes.yaxis, asked, lang)
    axes.tick_params(axis="y", labelsize=8.5)
    axes.margins(x=0.06, y=0.14)
    _within(axes, asked, table)
    grid(axes, "y")


def _of_series(comparison: Comparison, series: Series, lang: str) -> str:
    """What else was moved for a series."""
    return joined((_say_with_lever(comparison, key, value, lang) for key, value in series.others.items()), lang)


def _say_with_lever(comparison: Comparison, name: str, value: Any, lang: str) -> str:
    moved, text = _lever(comparison, name), shown(comparison, name, value, lang)
    return text if isinstance(moved.values, dict) else f"{(moved.label.say(lang) if moved.label else '') or name} {text}"


def _within(axes: Axes, asked: Asked, table: pd.DataFrame) -> None:
    """No axis goes below zero, or that of a share above one, further than what is drawn."""
    low, high = axes.get_ylim()
    if np.nanmin([*table["value"], np.inf]) >= 0:
        low = max(low, -0.02 * (high - max(low, 0)))
    if MEASURES[asked.measure].unit == "share":
        high = min(high, 1 + 0.02 * (1 - low))
    if high > low:
        axes.set_ylim(low, high)


def has_bound(asked: Asked) -> bool:
    return asked.at_least is not None or asked.at_most is not None


def _mark_bound(axes: Axes, asked: Asked, table: pd.DataFrame, series: Sequence[Series], scale: Scale) -> None:
    """A line at each limit, and a shade from the value that meets it to the next one that fails."""
    for limit in (asked.at_least, asked.at_most):
        if limit is not None:
            axes.axhline(limit, color=INK, lw=1.1, ls=(0, (5, 3)), zorder=1.5)
    for one in series:
        for a, b in crossings(verdicts(one, table, scale)):
            axes.axvspan(*sorted((scale.places[a], scale.places[b])), color=ORANGE, alpha=0.22, lw=0, zorder=0)


def verdicts(series: Series, table: pd.DataFrame, scale: Scale) -> list[tuple[Any, str]]:
    """(value, how it meets the bound) along the lever: numbers run up or down as the study has them."""
    said = [(value, table["bound"].iloc[policy]) for value, policy in zip(series.values, series.policies, strict=True)]
    if not scale.numeric:
        return said
    written = [value for value, policy in zip(series.values, series.policies, strict=True) if policy != 0 or len(said) < 3]
    return sorted(said, key=lambda pair: pair[0], reverse=written[0] > written[-1])


def crossings(said: Sequence[tuple[Any, str]]) -> Iterator[tuple[Any, Any]]:
    """From the last value of which one thing is sure to the next of which the opposite is; what cannot be told lies between them."""
    sure = [pair for pair in said if pair[1] != NOT_SURE]
    for (a, here), (b, there) in pairwise(sure):
        if here != there:
            yield a, b


def _crossed(comparison: Comparison, asked: Asked, name: str, series: Series, said: Sequence[tuple[Any, str]], lang: str) -> str:
    """The same, with what else was moved for the series before it."""
    text, others = crossing_text(comparison, asked, name, said, lang), _of_series(comparison, series, lang)
    return say("{text}: {more}", lang).format(text=others, more=text) if others else text


def crossing_text(comparison: Comparison, asked: Asked, name: str, said: Sequence[tuple[Any, str]], lang: str) -> str:
    """Where the bound is crossed, in words; empty without a bound."""
    asks = bound(asked.at_least, asked.at_most, MEASURES[asked.measure].unit, lang)
    if not asks:
        return ""
    found = [say("{bound}: crossed between {a} and {b}", lang).format(bound=asks, a=shown(comparison, name, a, lang), b=shown(comparison, name, b, lang)) for a, b in crossings(said)]
    if found:
        return "\n".join(found)
    unsure = [shown(comparison, name, value, lang) for value, verdict in said if verdict == NOT_SURE]
    if len(unsure) == len(said):
        return say("{bound}: cannot be told", lang).format(bound=asks)
    met = next(verdict for _, verdict in said if verdict != NOT_SURE) == MEETS
    text = say("{bound}: not crossed, always met" if met else "{bound}: not crossed, never met", lang).format(bound=asks)
    return about(text, say("cannot be told: {values}", lang).format(values=listed(unsure, lang)) if unsure else "", lang)
