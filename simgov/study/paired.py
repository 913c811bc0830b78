"""The statistics of comparing policies under common draws: paired differences, the best, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simgov.measures.pool import exists
from simgov.trials import Outcome
from simgov.trials.outcome import Key

LEVEL = 0.95
FEWEST = 5  # replications that must have incidents, where others have none: fewer tell nothing of how much a ratio varies


class Ratios(NamedTuple):
    """One measure of one policy: numerators and denominators by replication."""

    top: np.ndarray
    bottom: np.ndarray

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], key: Key) -> Ratios:
        """One row of these outcomes; nothing in a measure that does not exist (see `simgov.measures.pool.exists`)."""
        top, bottom = np.array([outcome.row(key) for outcome in outcomes]).T
        return cls(top, bottom) if exists(key[0], bottom) else cls(0 * top, 0 * bottom)

    @property
    def value(self) -> float:
        """The pooled ratio; nan where it does not exist."""
        return float(self.top.sum() / self.bottom.sum()) if self.bottom.sum() else np.nan

    @property
    def is_told(self) -> bool:
        """Whether there are replications enough to say how sure the ratio is."""
        return len(self.top) > 1 and (bool(self.bottom.all()) or np.count_nonzero(self.bottom) >= FEWEST)

    @property
    def residuals(self) -> np.ndarray:
        """What each replication contributes to the error of the ratio (linearised: Cochran 1977, section 6.4); mean 0."""
        return (self.top - self.value * self.bottom) / self.bottom.mean() if self.bottom.sum() else np.full(len(self.top), np.nan)


class Difference(NamedTuple):
    """A difference with the half-width of its interval, and its standard error."""

    value: float
    half: float
    error: float


def difference(one: Ratios, base: Ratios, comparisons: int = 1, paired: bool = True) -> Difference:
    """`one` less `base`, with an interval of Student's t that holds at 95 % for all of so many comparisons together (Bonferroni).

    Both have the same replications, with common draws; `paired=False` forgets that (Welch), to show what pairing gains.
    """
    n, value = len(one.top), one.value - base.value
    if not (one.is_told and base.is_told):
        return Difference(value, np.nan, np.nan)
    a, b = one.residuals, base.residuals
    if paired:
        error, freedom = _error(a - b), n - 1.0
    else:
        x, y = _error(a) ** 2, _error(b) ** 2
        error, freedom = float(np.sqrt(x + y)), (x + y) ** 2 / ((x**2 + y**2) / (n - 1)) if x + y else n - 1.0
    return Difference(value, _t(freedom, 1 - (1 - LEVEL) / comparisons / 2) * error, error)


def share(ratios: Ratios, tail: float = (1 - LEVEL) / 2) -> tuple[float, float]:
    """The interval of a share, each end missed with the chance `tail`: Student's t of the linearised ratio, or the exact one of Clopper and
    Pearson (1934) for the incidents of all replications together, whichever reaches further. The latter keeps a share of 0 or 1
    among few incidents from looking certain. nan where too few replications have incidents.
    """
    from scipy.special import betaincinv

    if not ratios.is_told:
        return np.nan, np.nan
    k, n = float(ratios.top.sum()), float(ratios.bottom.sum())
    half = _t(len(ratios.top) - 1, 1 - tail) * _error(ratios.residuals)
    low = float(betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return min(max(ratios.value - half, 0.0), low), max(min(ratios.value + half, 1.0), high)


class Best(NamedTuple):
    """Which policies may be the best. `low`, `high`: by policy, its value less that of the best of the others, where "more" is better.

    `may_be`: whether it cannot be ruled out as the best, at 95 % for all together. `chosen`: the one with the best value;
    `probability`: at least so likely it is truly the best.
    """

    chosen: int
    probability: float
    low: np.ndarray
    high: np.ndarray
    may_be: np.ndarray


def best(policies: Sequence[Ratios], sign: int) -> Best:
    """Multiple comparisons with the best, constrained as by Hsu (1984), from paired intervals that hold together (Bonferroni).

    Pairing makes no assumption on how replications of policies hang together. `sign` is 1 where more is better, else -1.
    The probability of correct selection is bounded from below by 1 - sum of P(t > d / se) over the others: Bonferroni's
    bound as in Chen's OCBA (2000), with paired standard errors.
    """
    k, n = len(policies), len(policies[0].top)
    values = sign * np.array([p.value for p in policies])
    residuals = sign * np.array([p.residuals for p in policies])
    errors = np.array([[_error(a - b) for b in residuals] for a in residuals])
    gaps = values[:, None] - values[None, :]
    half = _t(n - 1, 1 - (1 - LEVEL) / max(k * (k - 1) / 2, 1) / 2) * errors
    others = ~np.eye(k, dtype=bool)
    upper = np.where(others, gaps + half, np.inf).min(axis=1)
    lower = np.where(others, gaps - half, np.inf).min(axis=1)
    chosen = int(np.argmax(values))
    doubt = sum(_tail(gaps[chosen, j], errors[chosen, j], n - 1) for j in range(k) if j != chosen)
    return Best(chosen, float(max(0.0, 1 - doubt)), np.minimum(lower, 0), np.maximum(upper, 0), upper >= 0)


def _error(x: np.ndarray) -> float:
    """The standard error of a mean of residuals."""
    n = len(x)
    return float(np.sqrt(x @ x / (n - 1) / n))


def _t(freedom: float, share: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


def _tail(gap: float, error: float, freedom: float) -> float:
    """The probability that the order is really the other way round."""
    from scipy.special import stdtr

    if error == 0:
        return 0.0 if gap > 0 else 0.5
    return float(stdtr(freedom, -gap / error))
