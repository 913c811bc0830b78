"""Points that have been simulated, on the scale of the fit, and how well each of them meets the targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simgov.calibration.goals import Goal
from simgov.calibration.model import Answers, Model
from simgov.errors import UsageError
from simgov.language import message

MOST_WITHOUT = 0.2  # of the points, at which a measure may have no value


@dataclass
class Points:
    """All points of one calibration, in the order in which they were asked for.

    `shares` (points x parameters): where they really lie, each a share of the parameter's range; `values` (points x targets) on the scale of the
    fit, nan where a measure has none; `window` (points x targets): the variance of one realised window there.
    """

    model: Model
    goals: tuple[Goal, ...]
    base: np.ndarray
    shares: np.ndarray = field(init=False)
    values: np.ndarray = field(init=False)
    window: np.ndarray = field(init=False)
    pulled: int = 0

    def __post_init__(self) -> None:
        self.shares, self.values, self.window = np.empty((0, len(self.base))), np.empty((0, len(self.goals))), np.empty((0, len(self.goals)))

    def __len__(self) -> int:
        return len(self.shares)

    def ask(self, shares: np.ndarray, done: Callable[[], None] = lambda: None) -> np.ndarray:
        """Simulate more points; gives back their values on the scale of the fit. Raises UsageError when a measure has hardly any."""
        answers = self.model(shares, done)
        if not len(self):
            self._size(answers)
        values, window = _on_scale(self.goals, answers)
        reached = answers.reached[:, None]
        self.shares = np.vstack([self.shares, np.where(reached == 1, shares, self.base + reached * (shares - self.base))])
        self.values, self.window = np.vstack([self.values, values]), np.vstack([self.window, window])
        self.pulled += int((answers.reached < 1).sum())
        for goal, without in zip(self.goals, np.isnan(self.values).mean(axis=0), strict=True):
            if without > MOST_WITHOUT:
                raise UsageError(message("{measure} has no value at {without:.0%} of the points, so nothing can be fitted to it; narrow the ranges, or leave this target out", measure=goal.target.measure, without=without))
        return values

    def _size(self, answers: Answers) -> None:
        """Denominators of one window, from the first points: they fix the scale."""
        sizes = answers.bottom.mean(axis=(0, 2))
        self.goals = tuple(replace(goal, size=float(size)) for goal, size in zip(self.goals, sizes, strict=True))

    @property
    def replications(self) -> int:
        return getattr(self.model, "replications", 1)

    def spread(self, latest: int) -> np.ndarray:
        """By target the variance of one window and of the mean that was simulated, over the latest points."""
        return np.nanmean(self.window[-latest:], axis=0) * (1 + 1 / self.replications)

    def best(self, spread: np.ndarray) -> int:
        """The point that meets the targets best."""
        fit = log_likelihood(self.goals, self.values, spread)
        return int(np.nanargmax(np.where(np.isnan(fit), -np.inf, fit)))


def _on_scale(goals: Sequence[Goal], answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Pooled ratios on the scale of the fit, and the variance of single windows there (ratio estimator, linearised: Cochran 1977, 6.4)."""
    total = answers.bottom.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = np.where(_exists(goals, answers.bottom), answers.top.sum(axis=2) / total, np.nan)
        residual = (answers.top - pooled[:, :, None] * answers.bottom) / answers.bottom.mean(axis=2)[:, :, None]
    n = residual.shape[2]
    variance = (residual**2).sum(axis=2) / (n - 1) if n > 1 else np.zeros(pooled.shape)
    values = np.column_stack([goal.to_scale(pooled[:, j]) for j, goal in enumerate(goals)])
    slopes = np.column_stack([goal.slope(pooled[:, j]) for j, goal in enumerate(goals)])
    return values, variance * slopes**2


def _exists(goals: Sequence[Goal], bottom: np.ndarray) -> np.ndarray:
    """As `simgov.measures.pool.exists`: a time that some replication has not reached has no pooled value."""
    times = np.array([goal.unit in ("hours", "days") for goal in goals])
    return np.where(times, bottom.all(axis=2), bottom.sum(axis=2) > 0)


# ── how well targets are met ────────────────────────────────────────────────────────────────────────


def log_likelihood(goals: Sequence[Goal], values: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """By point: the log-probability that the figures come out as reported, each by itself.

    A figure is Normal around the model's value on the scale of the fit; its variance is that of one window, of the
    Monte-Carlo mean and of the emulator (`variance`, by target or by point and target), and the discrepancy squared.
    """
    from scipy.special import log_ndtr

    scale = errors(goals, variance)
    low, high = (np.array([goal.range[end] for goal in goals]) for end in (0, 1))
    a, b = (low - values) / scale, (high - values) / scale
    a, b = np.where(a > 0, -b, a), np.where(a > 0, -a, b)  # to the left, where probabilities keep their digits
    upper, lower = log_ndtr(b), log_ndtr(a)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(np.isneginf(lower), 0.0, np.log(-np.expm1(np.minimum(lower - upper, -1e-300))))
    return (upper + inside).sum(axis=1)


def errors(goals: Sequence[Goal], variance: np.ndarray) -> np.ndarray:
    """The standard deviation with which a reported figure may miss the model's value."""
    return np.sqrt(variance + np.array([goal.discrepancy for goal in goals]) ** 2)


def misfits(goals: Sequence[Goal], values: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """By how many standard deviations a value lies outside the reported range; negative below it."""
    low, high = (np.array([goal.range[end] for goal in goals]) for end in (0, 1))
    return (values - np.clip(values, low, high)) / errors(goals, variance)
