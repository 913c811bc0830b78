"""Morris: how much each parameter moves the answer, and whether that is more than chance does."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simgov.errors import UsageError
from simgov.language import message
from simgov.sensitivity.answers import Model

LEVELS = 4
LEVEL = 0.95
MISSING = message("a sensitivity analysis needs SALib: pip install 'simgov[design]'")


class Screening(NamedTuple):
    """By parameter: the mean absolute effect of its whole range (`strength`, Morris's mu*), the mean effect, the spread of effects between
    trajectories, and the strength that Monte-Carlo noise alone would stay below in 95 of 100 cases (`noise`)."""

    strength: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    noise: np.ndarray
    answers: np.ndarray  # at all points
    reached: np.ndarray

    @property
    def matters(self) -> np.ndarray:
        return self.strength > self.noise


def screen(model: Model, count: int, trajectories: int, seed: int, done: Callable[[], None] = lambda: None) -> Screening:
    """Elementary effects of `count` parameters, along so many trajectories of Morris (1991), with mu* as by Campolongo and others (2007).

    Noise: each effect is known from every replication, so the spread between the replications of one trajectory is Monte-Carlo noise and
    nothing else. A parameter without effect has effects that are Normal with this spread, whose absolute mean has
    the mean s sqrt(2/pi) and the variance s^2 (1 - 2/pi) / trajectories. `noise` is its upper limit, for each parameter by itself: one in
    twenty of those without effect is kept by mistake, which costs a few points, and what has an effect is not lost.
    """
    sample = _salib("sample.morris").sample
    points = sample({"num_vars": count, "names": [str(k) for k in range(count)], "bounds": [[0.0, 1.0]] * count}, trajectories, num_levels=LEVELS, seed=seed)
    answers = model(points, done)
    effects = _effects(points, answers.values, count)  # trajectories x parameters x replications
    each = effects.mean(axis=2)
    if np.isnan(each).all(axis=0).any():
        raise UsageError(message("the measure has no value at most points, so nothing can be said of it; choose another one (--measure)"))
    strength, mean = np.nanmean(np.abs(each), axis=0), np.nanmean(each, axis=0)
    spread = np.nanstd(each, axis=0, ddof=1) if trajectories > 1 else np.full(count, np.nan)
    return Screening(strength, mean, spread, _noise(effects), answers.values.mean(axis=1), answers.reached)


def _effects(points: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """The change of the answer over the change of the one parameter that is moved, step by step."""
    points, values = points.reshape(-1, count + 1, count), values.reshape(-1, count + 1, values.shape[1])
    moves, changes = np.diff(points, axis=1), np.diff(values, axis=1)
    which = np.abs(moves).argmax(axis=2)  # trajectories x steps
    steps = np.take_along_axis(moves, which[:, :, None], axis=2)
    effects = np.empty_like(changes)
    np.put_along_axis(effects, np.broadcast_to(which[:, :, None], changes.shape), changes / steps, axis=1)
    return effects


def _noise(effects: np.ndarray) -> np.ndarray:
    from scipy.special import stdtrit

    trajectories, count, replications = effects.shape
    if replications < 2:
        return np.zeros(count)
    error = np.sqrt(np.nanmean(effects.var(axis=2, ddof=1), axis=0) / replications)
    sure = stdtrit(trajectories * (replications - 1), LEVEL)
    return error * (np.sqrt(2 / np.pi) + sure * np.sqrt((1 - 2 / np.pi) / trajectories))


def _salib(module: str):
    from importlib import import_module

    try:
        return import_module(f"SALib.{module}")
    except ImportError:
        raise UsageError(MISSING) from None
