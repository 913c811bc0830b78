"""Replications put together: pooled ratios, and how far they are to be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from simgov.vocabulary import MEASURES

KEYS = ("class", "level", "stage", "team", "part", "days", "window")  # `window`: a frame other than the whole period
LEVEL = 0.95
Row = tuple[str, dict[str, Any], float, float]  # measure, its keys, numerator, denominator


def tabulate(rows: Iterable[Row], replication: int) -> pd.DataFrame:
    """The rows of one replication as a table: measure, its keys, top and bottom."""
    records = [(replication, *row_key(name, where), float(top), float(bottom)) for name, where, top, bottom in rows]
    return pd.DataFrame(records, columns=["replication", "measure", *KEYS, "top", "bottom"])


def row_key(measure: str, where: dict[str, Any]) -> tuple[str, ...]:
    """What tells a row from all others: its measure and all `KEYS`, as text."""
    return (measure, *(str(where.get(k, "")) for k in KEYS))


def pool(summaries: pd.DataFrame) -> pd.DataFrame:
    """One row per measure and key of the whole period: the pooled value, its 95 % interval, and the spread of single replications.

    `low`, `high`: where the expected value lies (ratio estimator with linearised variance, Cochran 1977, section
    6.4; Student's t). `from`, `to`: where the value of one realised window lies in 95 of 100 cases (empirical quantiles).
    """
    rows, keys = [], KEYS[:-1]
    for key, group in summaries[summaries["window"] == ""].groupby(["measure", *keys], sort=False):
        top, bottom = group["top"].to_numpy(), group["bottom"].to_numpy()
        unit = MEASURES[key[0]].unit
        value, half = ratio(top, bottom) if exists(key[0], bottom) else (np.nan, np.nan)
        single = top[bottom > 0] / bottom[bottom > 0]
        low, high = max(value - half, 0.0), value + half  # no measure is below zero, no share above one
        if unit == "share":
            high = min(high, 1.0)
        spread = np.quantile(single, [0.025, 0.975]) if len(single) > 1 else (np.nan, np.nan)
        rows.append((*key, value, low, high, *spread, len(group), bottom.sum() / max(len(group), 1)))
    columns = ["measure", *keys, "value", "low", "high", "from", "to", "replications", "denominator"]
    table = pd.DataFrame(rows, columns=columns)
    order = {name: i for i, name in enumerate(MEASURES)}
    return table.sort_values("measure", key=lambda c: c.map(order), kind="stable").reset_index(drop=True)


def exists(measure: str, bottom: np.ndarray) -> bool:
    """Whether a value may be pooled. A time that is a quantile is not reached in a replication where it is missing: the mean
    of the others would be too short."""
    return bool(bottom.all()) or MEASURES[measure].unit not in ("hours", "days")


def ratio(top: np.ndarray, bottom: np.ndarray) -> tuple[float, float]:
    """Pooled ratio and half the width of its 95 % interval; nan where it does not exist."""
    if not bottom.sum():
        return np.nan, np.nan
    value = top.sum() / bottom.sum()
    n = len(top)
    if n < 2:
        return value, np.nan
    from scipy.special import stdtrit

    residual = (top - value * bottom) / bottom.mean()
    return value, float(stdtrit(n - 1, 0.5 + LEVEL / 2) * np.sqrt(residual @ residual / (n - 1) / n))
