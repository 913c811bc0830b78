"""Reported figures held against a run.

A target is met when the reported figure (its rounding, or its bound, makes it a range) meets the range
in which the value of one realised window lies in 95 of 100 cases, and that range is known well enough:
the Monte-Carlo error of its ends is below a fifth of its width. So more noise never passes a target.

Where many targets are judged together, some would be missed by chance alone: the range is then widened, so that all of
them together are met in 95 of 100 cases if the scenario is right (Bonferroni).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simgov.measures.pool import KEYS
from simgov.scenario import Scenario
from simgov.scenario.target import Target
from simgov.vocabulary import ALL, MEASURES

MET, MISSED, TOO_FEW, NO_VALUE = "met", "missed", "too few replications", "no value"


def judge(scenario: Scenario, summaries: pd.DataFrame, comparisons: int = 1) -> pd.DataFrame:
    """One row per target of the scenario: what was reported, what came out, and the verdict; one of so many `comparisons`."""
    return pd.DataFrame([_judge(target, summaries, comparisons) for target in scenario.targets])


def _judge(target: Target, summaries: pd.DataFrame, comparisons: int) -> dict[str, object]:
    single = _values(target, summaries)
    low, high = reported(target)
    row: dict[str, object] = {
        "measure": target.measure,
        "where": ", ".join(f"{k} {v}" for k, v in target.where.items()),
        "kind": target.kind,
        "reported": _as_text(target),
        "value": np.nan,
        "denominator": np.nan,
        "from": np.nan,
        "to": np.nan,
        "verdict": NO_VALUE,
    }
    if not len(single):
        return row
    row["value"] = single["top"].sum() / single["bottom"].sum()
    row["denominator"] = single["bottom"].mean()
    values = (single["top"] / single["bottom"]).to_numpy()
    if len(values) < 2:
        return row | {"verdict": TOO_FEW}
    start, end, error = predictive(values, comparisons)
    start, end = max(start, 0.0), min(end, 1.0 if MEASURES[target.measure].unit == "share" else np.inf)  # no measure is below zero
    row |= {"from": start, "to": end}
    if error > (end - start) / 5:
        return row | {"verdict": TOO_FEW}
    return row | {"verdict": MET if start <= high and low <= end else MISSED}


def reported(target: Target) -> tuple[float, float]:
    """The range of values that the reported figure stands for."""
    if target.value is not None:
        return target.value - target.rounding, target.value + target.rounding
    return (target.at_least, np.inf) if target.at_least is not None else (-np.inf, target.at_most)


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


def _values(target: Target, summaries: pd.DataFrame) -> pd.DataFrame:
    mine = summaries[(summaries["measure"] == target.measure) & (summaries["bottom"] > 0)]
    where = {"class": ALL, **{k: str(v) for k, v in target.where.items()}}
    for key in KEYS:
        if key in target.where or (key == "class" and (mine["class"] != "").any()):
            mine = mine[mine[key] == where[key]]
    return mine


def _as_text(target: Target) -> str:
    if target.value is not None:
        return f"{target.value:g}"
    return f">= {target.at_least:g}" if target.at_least is not None else f"<= {target.at_most:g}"
