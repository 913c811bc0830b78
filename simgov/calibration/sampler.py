"""Drawing from a posterior: sequential Monte Carlo from the prior to the posterior, by steps of temperature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

MOVES, STEPS = 8, 500
LogLikelihood = Callable[[np.ndarray], np.ndarray]


def sample(log_likelihood: LogLikelihood, dimensions: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many draws (count x dimensions) in the unit cube, each point of which is equally likely before.

    Del Moral, Doucet and Jasra (2006): the likelihood is raised to powers from 0 to 1, each next one so that half of the draws
    still count; they are resampled (systematically) and moved by Metropolis steps, reflected at the walls, whose covariance
    is that of the draws times 2.38^2 / dimensions (Roberts and others 1997).
    """
    draws = rng.random((count, dimensions))
    known, power = log_likelihood(draws), 0.0
    for _ in range(STEPS):
        step = _next(known, 1 - power)
        weights = _weights(step * known)
        power = min(1.0, power + step)
        draws, known = _resampled(draws, known, weights, rng)
        draws, known = _moved(log_likelihood, draws, known, power, rng)
        if power >= 1:
            return draws
    raise AssertionError("half of the draws are lost at each step, so so many steps are more than floating point knows")


def _weights(logs: np.ndarray) -> np.ndarray:
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def _next(known: np.ndarray, left: float) -> float:
    """The step after which the effective number of draws is half of all, or all that is left."""
    def effective(step: float) -> float:
        return 1 / (_weights(step * known) ** 2).sum()

    low, high = 0.0, left
    if effective(high) >= len(known) / 2:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= len(known) / 2 else (low, middle)
    return max(low, 1e-12)


def _resampled(draws: np.ndarray, known: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    at = (np.arange(len(draws)) + rng.random()) / len(draws)
    chosen = np.minimum(np.searchsorted(weights.cumsum(), at), len(draws) - 1)
    return draws[chosen], known[chosen]


def _moved(
    log_likelihood: LogLikelihood, draws: np.ndarray, known: np.ndarray, power: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    count, dimensions = draws.shape
    spread = np.atleast_2d(np.cov(draws.T)) * 2.38**2 / dimensions + 1e-12 * np.eye(dimensions)
    root = np.linalg.cholesky(spread)
    for move in range(MOVES):
        length = 1.0 if move % 2 else 0.3  # short steps for where the posterior is bent
        there = _reflected(draws + length * rng.standard_normal((count, dimensions)) @ root.T)
        likely = log_likelihood(there)
        better = np.log(rng.random(count)) < power * (likely - known)
        draws, known = np.where(better[:, None], there, draws), np.where(better, likely, known)
    return draws, known


def _reflected(points: np.ndarray) -> np.ndarray:
    """Back into the unit cube, as a ball from its walls."""
    folded = np.mod(points, 2)
    return np.where(folded > 1, 2 - folded, folded)
