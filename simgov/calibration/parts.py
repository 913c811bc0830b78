"""An interval taken apart: how much of it is chance, and how much is ignorance of the parameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ROUNDING = 1e-9  # of the value: a spread below it is none


class Parts(NamedTuple):
    """`value`: the mean; `low`, `high`: of one window, with everything that is unknown; `chance` and `ignorance`: standard deviations, whose squares add up to
    the variance of one window; `error`: of the ignorance, from so few draws; `sure`: the share of draws whose mean has the sign of the value.
    `least`, `most`: of the expected value, from ignorance and Monte-Carlo error (Normal, 95 %)."""

    value: float
    low: float
    high: float
    chance: float
    ignorance: float
    error: float
    sure: float
    least: float
    most: float

    @property
    def share(self) -> float:
        """Of the variance: that which is ignorance."""
        total = self.chance**2 + self.ignorance**2
        return self.ignorance**2 / total if total else 0.0


def parts(values: np.ndarray) -> Parts:
    """Of values (draws x replications), in which all draws have the same replications under common draws; nan where one is missing.

    The law of total variance: Var(Y) = E Var(Y | parameters) + Var E(Y | parameters). Common draws move all rows alike, so the noise of a row's mean
    against the others is that of the interaction alone, and the second part is (MS between rows - MS interaction) / replications: a two-way
    analysis of variance without the columns that the rows share (Searle, Casella and McCulloch 1992, section 4.3).
    """
    if not np.isfinite(values).all():
        return Parts(*[np.nan] * 9)
    draws, n = values.shape
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - rows[:, None] - columns[None, :] + mean
    interaction = (rest**2).sum() / ((draws - 1) * (n - 1))
    between = n * rows.var(ddof=1)
    ignorance = max((between - interaction) / n, 0.0)
    chance = max((columns.var(ddof=1) - interaction / draws), 0.0) + interaction
    low, high = np.quantile(values, [0.025, 0.975])
    error = np.sqrt(2 / (draws - 1)) * between / n / (2 * np.sqrt(ignorance)) if ignorance else 0.0
    sure = float((np.sign(rows) == np.sign(mean)).mean())
    chance, ignorance = (0.0 if np.sqrt(part) < ROUNDING * abs(mean) else part for part in (chance, ignorance))
    half = 1.96 * np.sqrt(ignorance + columns.var(ddof=1) / n)
    return Parts(float(mean), float(low), float(high), float(np.sqrt(chance)), float(np.sqrt(ignorance)), float(error), sure, float(mean - half), float(mean + half))
