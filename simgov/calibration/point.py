"""The quick depth: least squares under common draws, and a quadratic surface through its points for what the targets leave open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simgov.calibration.emulator import Curved
from simgov.calibration.fit import PULL, Fit, drawn
from simgov.calibration.points import Points, errors, misfits
from simgov.language import message
from simgov.sensitivity import Parameter

EACH, STEP, ROUNDS = 4, 0.05, 25
ENOUGH = 1.0  # standard deviations
LOST = 10.0  # standard deviations: for a point at which a measure has no value


def point(points: Points, params: Sequence[Parameter], seed: int, done: Callable[[], None]) -> Fit:
    """Least squares (scipy, trust region reflective) from the file's values; from the best of a few other points, too, where that does not meet the targets.

    What is squared is how far each value lies outside its reported range, in standard deviations, and a weak pull towards the file's values.
    """
    from scipy.stats import qmc

    dims = len(params)
    others = qmc.Sobol(dims, rng=np.random.default_rng([seed, 1])).random_base2(int(np.ceil(np.log2(EACH * dims))))
    points.ask(np.vstack([points.base, others]), done)
    spread = points.spread(len(points))
    best = points.best(spread)
    found = [_Descent(points, params, points.base, spread, done)]
    if not found[0].is_good and best:
        found.append(_Descent(points, params, points.shares[best], spread, done))
    end = min(found, key=lambda descent: descent.cost)
    emulator = Curved.fitted(points.shares, points.values)
    unsettled = "" if end.settled else message("least squares took {n} rounds and still moved", n=ROUNDS)
    return Fit(end.at, drawn(points, emulator, spread, seed), emulator, spread, 1, unsettled)


class _Descent:
    """One descent: the number of its last point, its cost, and whether it came to rest."""

    def __init__(self, points: Points, params: Sequence[Parameter], start: np.ndarray, spread: np.ndarray, done: Callable[[], None]):
        from scipy.optimize import least_squares

        self.points, self.spread, self.done = points, spread, done
        self.numbers: dict[bytes, int] = {}  # of the points at which it has been
        self.steps = np.array([max(STEP, 1 / (p.high - p.low + 1)) if p.whole else STEP for p in params])
        self.scale = errors(points.goals, spread)
        result = least_squares(self._residuals, np.clip(start, 0, 1), self._jacobian, (0, 1), ftol=1e-3, xtol=1e-3, gtol=1e-3, max_nfev=ROUNDS)
        self.settled, self.cost = result.status > 0, float(result.cost)
        self.at = self.numbers[result.x.tobytes()]
        self.is_good = bool((abs(np.nan_to_num(misfits(points.goals, points.values[[self.at]], spread), nan=LOST)) < ENOUGH).all())

    def _residuals(self, shares: np.ndarray) -> np.ndarray:
        misfit = misfits(self.points.goals, self._values(shares)[None, :], self.spread)[0]
        return np.concatenate([np.nan_to_num(misfit, nan=LOST), PULL * (shares - self.points.base)])

    def _values(self, shares: np.ndarray) -> np.ndarray:
        if shares.tobytes() not in self.numbers:
            self.numbers[shares.tobytes()] = len(self.points)
            self.points.ask(shares[None, :], self.done)
        return self.points.values[self.numbers[shares.tobytes()]]

    def _jacobian(self, shares: np.ndarray) -> np.ndarray:
        steps = np.where(shares + self.steps > 1, -self.steps, self.steps)
        here = self._values(shares)
        there = self.points.ask(np.clip(shares + np.diag(steps), 0, 1), self.done)
        slopes = np.nan_to_num(((there - here) / steps[:, None]).T)
        outside = misfits(self.points.goals, here[None, :], self.spread)[0] != 0
        return np.vstack([slopes * outside[:, None] / self.scale[:, None], PULL * np.eye(len(shares))])


def expected(dimensions: int) -> int:
    """How many points four rounds take."""
    return 1 + 2 ** int(np.ceil(np.log2(EACH * dimensions))) + 4 * (dimensions + 1)
