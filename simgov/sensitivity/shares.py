"""Sobol: which share of the variance of the answer comes from which parameter."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simgov.errors import UsageError
from simgov.language import message
from simgov.sensitivity.answers import Model
from simgov.sensitivity.screening import LEVEL, _salib

RESAMPLES = 1000
MOST_WITHOUT = 0.05  # of the points, at which the answer may have no value


class Shares(NamedTuple):
    """By parameter: the share that goes with it alone (`first`) and with all that it takes part in (`total`), each with its half-width."""

    first: np.ndarray
    first_half: np.ndarray
    total: np.ndarray
    total_half: np.ndarray
    answers: np.ndarray
    reached: np.ndarray


def shares(model: Model, which: np.ndarray, rest: np.ndarray, rows: int, seed: int, done: Callable[[], None] = lambda: None) -> Shares:
    """Sobol indices of the parameters `which`, the others standing at `rest` (shares of their ranges), from rows x (parameters + 2) points.

    Saltelli's sample (2010) from a scrambled Sobol sequence, Jansen's estimator of the total index, intervals of 95 % by bootstrap over rows: all SALib's.
    """
    count = len(which)
    problem = {"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}
    some = _salib("sample.sobol").sample(problem, rows, calc_second_order=False, seed=seed)
    points = np.tile(rest, (len(some), 1))
    points[:, which] = some
    answers = model(points, done)
    values = answers.values.mean(axis=1)
    without = np.isnan(values)
    if without.mean() > MOST_WITHOUT:
        raise UsageError(message("the measure has no value at {share:.0%} of the points, so its variance cannot be shared out; choose another one (--measure)", share=float(without.mean())))
    values[without] = values[~without].mean()
    if values.std() == 0:
        nothing = np.zeros(count)
        return Shares(nothing, nothing, nothing, nothing, values, answers.reached)
    found = _salib("analyze.sobol").analyze(problem, values, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL, seed=seed)
    return Shares(found["S1"], found["S1_conf"], found["ST"], found["ST_conf"], values, answers.reached)
