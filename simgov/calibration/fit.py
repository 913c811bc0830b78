"""What both depths of a calibration come to, and how it is read: the point, the draws, and whether one may trust them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgov.calibration.emulator import Emulator
from simgov.calibration.points import Points, log_likelihood
from simgov.calibration.sampler import sample

DRAWS = 1000
ALIKE = 0.03  # of log-likelihood: a quarter of a standard deviation of one figure
PULL = 0.3  # of a standard deviation for the whole range: what the targets leave open stays near the file's value


@dataclass(frozen=True)
class Fit:
    """`chosen`: number of the simulated point that becomes the fitted scenario. `draws`: shares of the ranges, equally likely.

    `spread`: by target the variance of one window and of the Monte-Carlo mean. `unsettled`: why it did not converge, or nothing.
    """

    chosen: int
    draws: np.ndarray
    emulator: Emulator
    spread: np.ndarray
    waves: int
    unsettled: str = ""


def drawn(points: Points, emulator: Emulator, spread: np.ndarray, seed: int) -> np.ndarray:
    """Draws from the posterior that this emulator and this spread give."""

    def likelihood(shares: np.ndarray) -> np.ndarray:
        mean, variance = emulator(shares)
        return log_likelihood(points.goals, mean, spread + variance)

    return sample(likelihood, points.shares.shape[1], DRAWS, np.random.default_rng(seed))


def nearest(points: Points, shares: np.ndarray, values: np.ndarray, spread: np.ndarray) -> int:
    """Of these points the one nearest to the file's values among those that meet the targets about as well as the best of them."""
    fit = log_likelihood(points.goals, values, spread)
    fit = np.where(np.isnan(fit), -np.inf, fit)
    distance = ((shares - points.base) ** 2).sum(axis=1)
    return int(np.argmin(np.where(fit >= fit.max() - ALIKE, distance, np.inf)))
