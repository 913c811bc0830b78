"""The thorough depth: an emulator that is sharpened where the posterior lies, wave by wave, until it says nothing new."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgov.calibration.emulator import Smooth
from simgov.calibration.fit import Fit, drawn, nearest
from simgov.calibration.points import Points, errors
from simgov.errors import UsageError
from simgov.language import message

FIRST, EACH, WAVES = 10, 5, 6  # points per parameter at first and in each wave; waves at most
MISS = 0.5  # standard deviations of a reported figure by which the emulator may be off at points it has not seen
SHIFT = 0.1  # of a range by which quantiles of the posterior may move in the last wave
QUANTILES = (0.05, 0.5, 0.95)


def expected(dimensions: int) -> int:
    """How many points three waves take."""
    return FIRST * dimensions + 1 + 3 * _each(dimensions)


def waves(points: Points, seed: int, at_most: int | None, done: Callable[[], None]) -> Fit:
    """Points over the whole range (Sobol), then waves of points drawn from the posterior of an emulator of all points before.

    It ends when the emulator met the points of a wave, before it had seen them, to within half a standard deviation of the
    figures, and the posterior has not moved since the last wave. Raises UsageError when `at_most` points are too few to begin with.
    """
    dims = len(points.base)
    first, each = FIRST * dims, _each(dims)
    most = at_most or first + 1 + WAVES * each
    if most < first + 1 + 2 * each:
        raise UsageError(message("{dims} free parameters need at least {first} points (--points), got {most}", dims=dims, first=first + 1 + 2 * each, most=most))
    points.ask(np.vstack([points.base, _spread_out(dims, first, seed)]), done)
    emulator, spread = Smooth.fitted(points.shares, points.values), points.spread(len(points))
    draws, wave, why = drawn(points, emulator, spread, seed), 0, message("no wave was simulated")
    while why and len(points) + each <= most:
        wave += 1
        new = np.random.default_rng([seed, wave]).choice(draws, each, replace=False)
        foretold, _ = emulator(new)
        miss = _rms((points.ask(new, done) - foretold) / errors(points.goals, spread))
        emulator, spread, before = Smooth.fitted(points.shares, points.values), points.spread(each), draws
        draws = drawn(points, emulator, spread, seed + wave)
        why = _why_not(miss, float(abs(_quantiles(draws) - _quantiles(before)).max()))
    return Fit(_chosen(points, draws, emulator, spread, done), draws, emulator, spread, wave, why)


def _each(dimensions: int) -> int:
    return EACH * (dimensions + 1)


def _spread_out(dimensions: int, count: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc

    return qmc.Sobol(dimensions, rng=np.random.default_rng([seed, 0])).random_base2(int(np.ceil(np.log2(count))))[:count]


def _rms(misses: np.ndarray) -> float:
    """Of the target that is foretold worst."""
    return float(np.sqrt(np.nanmax(np.nanmean(misses**2, axis=0))))


def _quantiles(draws: np.ndarray) -> np.ndarray:
    return np.quantile(draws, QUANTILES, axis=0)


def _why_not(miss: float, shift: float) -> str:
    if miss > MISS:
        return message("the emulator is still off by {miss:.1f} standard deviations of the figures at points it has not seen (wanted: {wanted})", miss=miss, wanted=MISS)
    return message("the posterior still moved by {shift:.0%} of a range in the last wave (wanted: {wanted:.0%})", shift=shift, wanted=SHIFT) if shift > SHIFT else ""


def _chosen(points: Points, draws: np.ndarray, emulator: Smooth, spread: np.ndarray, done: Callable[[], None]) -> int:
    """Of the draws that meet the targets the one nearest to the file's values is simulated; of all points that were, one is chosen by the same rule."""
    points.ask(draws[[nearest(points, draws, emulator(draws)[0], spread)]], done)
    return nearest(points, points.shares, points.values, spread)
