"""An interval taken apart: how much of it is chance, and how much is ignorance of the parameters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TOGETHER = 4  # draws that have the same replications: the more, the less noise between them; the fewer, the more windows tell what chance is
ROUNDING = 1e-9  # of the value: a spread below it is none
ENDS = (0.025, 0.975)


class Parts(NamedTuple):
    """`value`: the mean; `error`: its Monte-Carlo standard error, at most (as if the draws had been picked at random).
    `least`, `most`: 95 % of the expected value, over the posterior; `low`, `high`: 95 % of one window, with everything that is unknown.
    `chance` and `ignorance`: standard deviations, whose squares add up to the variance of one window.
    `sure`, `same`: the shares of draws whose mean has the sign of the value, and whose mean is zero."""

    value: float
    error: float
    least: float
    most: float
    low: float
    high: float
    chance: float
    ignorance: float
    sure: float
    same: float

    @property
    def share(self) -> float:
        """Of the variance: that which is ignorance."""
        total = self.chance**2 + self.ignorance**2
        return self.ignorance**2 / total if total else 0.0


def blocks(draws: int, together: int = TOGETHER) -> np.ndarray:
    """By draw the number of its block; those that are left over join the last one."""
    return np.minimum(np.arange(draws) // together, max(draws // together, 1) - 1)


def parts(values: np.ndarray, together: int = TOGETHER) -> Parts:
    """Of values (draws x replications), nan where one is missing. The draws of a block have the same replications, each block has its own.

    The law of total variance: Var(Y) = E Var(Y | parameters) + Var E(Y | parameters). Common draws move all rows of a block alike, so within a block
    the noise of a row's mean is that of the interaction alone: a two-way analysis of variance without the columns (Searle, Casella and
    McCulloch 1992, section 4.3). Rows of different blocks tell of ignorance, too, but with all the noise of chance; both are weighted by what they tell.
    """
    if not np.isfinite(values).all():
        return Parts(*[np.nan] * len(Parts._fields))
    (draws, n), block = values.shape, blocks(len(values), together)
    sizes, rows, value = np.bincount(block), values.mean(axis=1), values.mean()
    columns = np.array([values[block == b].mean(axis=0) for b in range(len(sizes))])
    centres = columns.mean(axis=1)[block]
    rest = values - rows[:, None] - columns[block] + centres[:, None]
    freedom = draws - len(sizes)
    interaction = (rest**2).sum() / freedom / (n - 1)
    shared = max(columns.var(axis=1, ddof=1).mean() - interaction * (1 / sizes).mean(), 0.0)
    within, spread = ((rows - centres) ** 2).sum() / freedom, rows.var(ddof=1)
    overlap = (sizes**2).sum() / draws
    overall = spread - shared / n * (draws - overlap) / (draws - 1)
    doubts = within**2 / freedom, (shared / n) ** 2 / max(len(sizes) - 1, 1) + (interaction / n) ** 2 / (draws - 1)
    weight = doubts[0] / sum(doubts) if sum(doubts) else 0.0
    ignorance = max(weight * overall + (1 - weight) * within - interaction / n, 0.0)
    noise = (shared * overlap + interaction) / n / draws  # of the value, by chance
    chance, ignorance, noise = (0.0 if np.sqrt(part) < ROUNDING * abs(value) else part for part in (shared + interaction, ignorance, noise))
    below, above = _expected(rows, ignorance) - value
    low, high = np.quantile(values, ENDS, method="weibull")  # so that another window lies between them with that probability
    least, most = value - np.hypot(below, 1.96 * np.sqrt(noise)), value + np.hypot(above, 1.96 * np.sqrt(noise))
    found = (
        value, np.sqrt(ignorance / draws + noise), least, most, min(low, least), max(high, most), np.sqrt(chance), np.sqrt(ignorance), (np.sign(rows) == np.sign(value)).mean(), (rows == 0).mean(),
    )  # fmt: skip
    return Parts(*map(float, found))


def _expected(rows: np.ndarray, ignorance: float) -> np.ndarray:
    """Both ends of the expected value: those of the rows' means, drawn together until their variance is without the noise."""
    spread = rows.var(ddof=1)
    nearer = np.sqrt(min(ignorance / spread, 1.0)) if spread else 0.0
    return rows.mean() + nearer * (np.quantile(rows, ENDS, method="hazen") - rows.mean())
