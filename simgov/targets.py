"""Reported figures held against a run.

A target is met when the reported figure (its rounding, or its bound, makes it a range) meets the range
in which the value of one realised window lies in 95 of 100 cases, and that range is known well enough:
the Monte-Carlo error of its ends is below a fifth of its width. So more noise never passes a target.

Where the source names no window, the target has a range of them: its figure is met if a window in that range would give it, so
the ranges of single windows are put together, from the lowest end to the highest. Each of them must be known well enough.

Where many targets are judged together, some would be missed by chance alone: the range is then widened, so that all of
them together are met in 95 of 100 cases if the scenario is right (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from simgov.language import Message, message
from simgov.measures.pool import row_key
from simgov.scenario import Scenario
from simgov.scenario.contradiction import contradictions, name, sentence
from simgov.scenario.origins import origin_of
from simgov.scenario.target import Frame, Target
from simgov.vocabulary import ALL, MEASURES

MET, MISSED, TOO_FEW, NO_VALUE = "met", "missed", "too few replications", "no value"
Key = tuple[str, ...]


def judge(scenario: Scenario, summaries: pd.DataFrame, comparisons: int = 1) -> pd.DataFrame:
    """One row per target of the scenario: what was reported, what came out, and the verdict; one of so many `comparisons`.

    `window`: the windows that were looked at, "" for the whole period; `value` and `denominator` are those of the longest,
    `from` and `to` the range of single windows, of all of them. `enough`: replications with which this range would be known well
    enough, as far as these tell (the error of its ends goes with one over their root); 0 where it is, or nothing can be told.
    """
    return pd.DataFrame([_judge(scenario, target, summaries, comparisons) for target in scenario.targets])


def doubts(scenario: Scenario) -> list[Message]:
    """What can be told of the targets before anything is simulated, and is no error: soft ones that contradict each other, windows beyond the period."""
    found = [
        message("{contradiction}; one of them is soft, so nothing is refused", contradiction=sentence(scenario.targets, pair))
        for pair in contradictions(scenario.targets, list(scenario.levels))
        if pair.is_soft
    ]
    for target in scenario.targets:
        if not target.frames(scenario.period):
            period = {"start": scenario.period.start, "end": scenario.period.end}
            found.append(message("no window of the target {name} lies within the period, {start} to {end}: it has no value; simulate longer, or take another window", name=name(target), **period))
    return found


def rows(scenario: Scenario, target: Target) -> list[tuple[Key, ...]]:
    """By window: the rows of the measure that are added, one for each class that is named. The last and longest stands for all; none lies within the period."""
    by_class = "class" in MEASURES[target.measure].by
    classes: Sequence[str] = target.classes or (ALL,) if by_class else ("",)
    wheres = [{MEASURES[target.measure].total: ALL, **target.where, **({"class": name} if by_class else {})} for name in classes]
    windows = [{"window": frame.name} if frame else {} for frame in target.frames(scenario.period)]
    return [tuple(row_key(target.measure, {**where, **window}) for where in wheres) for window in windows]


def is_reported(scenario: Scenario, number: int) -> bool:
    """Whether somebody reported the figure of this target; what is tagged as an assumption is only expected."""
    target = scenario.targets[number]
    name = next(name for name in ("value", "at_least", "at_most") if getattr(target, name) is not None)
    origin = origin_of(("targets", number, name), scenario.origins)
    return origin is None or origin.kind != "assumption"


def _judge(scenario: Scenario, target: Target, summaries: pd.DataFrame, comparisons: int) -> dict[str, object]:
    windows = [_single(keys, summaries) for keys in rows(scenario, target)]
    frames = [frame for frame in target.frames(scenario.period) if frame]
    row: dict[str, object] = {
        "measure": target.measure,
        "where": ", ".join(f"{k} {' + '.join(v) if isinstance(v, list) else v}" for k, v in target.where.items()),
        "window": _told(frames),
        "kind": target.kind,
        "reported": _as_text(target),
        "value": np.nan,
        "denominator": np.nan,
        "from": np.nan,
        "to": np.nan,
        "verdict": NO_VALUE,
        "enough": 0,
    }
    if windows and (longest := windows[-1])[1].sum():
        top, bottom = longest
        row |= {"value": top.sum() / bottom.sum(), "denominator": bottom[bottom > 0].mean()}
    ranges = [_range(target, top, bottom, comparisons) for top, bottom in windows if bottom.sum()]
    if not ranges:
        return row
    if any(ends is None for ends in ranges):
        return row | {"verdict": TOO_FEW}
    start, end, blur = min(low for low, _, _ in ranges), max(high for _, high, _ in ranges), max(blur for _, _, blur in ranges)
    row |= {"from": start, "to": end}
    if blur > 1:
        return row | {"verdict": TOO_FEW, "enough": _enough(len(windows[-1][0]), blur)}
    low, high = target.reported
    return row | {"verdict": MET if start <= high and low <= end else MISSED}


def _single(keys: tuple[Key, ...], summaries: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators by replication, those of several rows added."""
    mine = summaries[summaries["measure"] == keys[0][0]]
    columns = list(summaries.columns[1:-2])  # behind the replication, before top and bottom
    names = pd.MultiIndex.from_frame(mine[columns])
    over = "sum" if MEASURES[keys[0][0]].unit in ("share", "ratio") else "max"  # a number has the replication for its denominator
    both = mine[names.isin(keys)].groupby("replication", sort=True).agg({"top": "sum", "bottom": over})
    return both["top"].to_numpy(), both["bottom"].to_numpy()


def _enough(replications: int, blur: float) -> int:
    """Replications with which the error would be small enough, rounded up to tens."""
    return 10 * int(np.ceil(replications * blur**2 / 10)) if np.isfinite(blur) else 0


def _range(target: Target, top: np.ndarray, bottom: np.ndarray, comparisons: int) -> tuple[float, float, float] | None:
    """The range of single windows, and the error of its ends in fifths of its width: above 1 it is not known well enough; None where one window alone has a value."""
    values = top[bottom > 0] / bottom[bottom > 0]
    if len(values) < 2:
        return None
    start, end, error = predictive(values, comparisons)
    start, end = max(start, 0.0), min(end, 1.0 if _is_part(target) else np.inf)  # no measure is below zero
    return start, end, 5 * error / (end - start) if end > start else np.inf if error else 0.0


def _is_part(target: Target) -> bool:
    """Whether it is a share of something that it is part of; of a flow it may be more than all."""
    return MEASURES[target.measure].unit == "share" and target.over == "cohort"


def predictive(values: np.ndarray, comparisons: int = 1) -> tuple[float, float, float]:
    """The central 95 % of single windows, and the Monte-Carlo error of its ends (bootstrap standard error, the larger one).

    For one of several `comparisons` the ends are moved away from the median as those of a Normal distribution would be.
    """
    from scipy.special import ndtri

    start, middle, end = np.quantile(values, [0.025, 0.5, 0.975])
    picks = np.random.default_rng(0).integers(0, len(values), (500, len(values)))
    ends = np.quantile(values[picks], [0.025, 0.975], axis=1)
    if comparisons == 1:
        return float(start), float(end), float(ends.std(axis=1, ddof=1).max())
    wider = float(ndtri(1 - 0.025 / comparisons) / ndtri(0.975))
    return float(middle + wider * (start - middle)), float(middle + wider * (end - middle)), wider * float(ends.std(axis=1, ddof=1).max())


def _told(frames: Sequence[Frame]) -> str:
    """The windows that were looked at: the dates, and those of the first and the last day where they are several."""
    if not frames:
        return ""
    starts, ends = sorted({frame.start for frame in frames}), sorted({frame.end for frame in frames})
    dates = " – ".join(str(some[0]) if len(some) == 1 else f"{some[0]}..{some[-1]}" for some in (starts, ends))
    return dates + (", flow" if frames[0].flow else "")


def _as_text(target: Target) -> str:
    if target.value is not None:
        return f"{target.value:g}"
    return f">= {target.at_least:g}" if target.at_least is not None else f"<= {target.at_most:g}"
