"""Emulators: what a model would answer between the points at which it was asked, and how far that may be off."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simgov.errors import UsageError
from simgov.language import message

MISSING = message("a posterior needs scikit-learn: pip install 'simgov[calibrate]'; --depth point does without")


class Emulator(Protocol):
    """At points (points x parameters): mean and variance (points x targets) of the model's value on the scale of the fit."""

    def __call__(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class Curved:
    """By target a quadratic surface through all points (least squares), with the variance of what it misses; a plane where points are too few for more."""

    terms: np.ndarray  # targets x terms
    misses: np.ndarray  # by target
    is_plane: bool

    @classmethod
    def fitted(cls, shares: np.ndarray, values: np.ndarray) -> Curved:
        """From points at which the model was asked; those without a value are left out, target by target."""
        fewest = int(np.isfinite(values).sum(axis=0).min())
        is_plane = fewest < _quadratic(shares).shape[1] + shares.shape[1]
        terms, misses = [], []
        for column in values.T:
            known = np.isfinite(column)
            design = (_with_one if is_plane else _quadratic)(shares[known])
            terms.append(np.linalg.lstsq(design, column[known], rcond=None)[0])
            misses.append(((column[known] - design @ terms[-1]) ** 2).sum() / max(len(design) - design.shape[1], 1))
        return cls(np.array(terms), np.array(misses), is_plane)

    def __call__(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = (_with_one if self.is_plane else _quadratic)(shares) @ self.terms.T
        return mean, np.broadcast_to(self.misses, mean.shape)


@dataclass(frozen=True)
class Smooth:
    """By target a plane and a Gaussian process around it (squared exponential, a length for each parameter, and a nugget, for the
    model goes in small jumps even under common draws). The nugget is part of the variance."""

    planes: np.ndarray  # targets x (1 + parameters)
    processes: tuple[Any, ...]

    @classmethod
    def fitted(cls, shares: np.ndarray, values: np.ndarray) -> Smooth:
        """From points at which the model was asked; those without a value are left out, target by target."""
        planes, processes = [], []
        for column in values.T:
            known = np.isfinite(column)
            plane = np.linalg.lstsq(_with_one(shares[known]), column[known], rcond=None)[0]
            planes.append(plane)
            processes.append(_process(shares[known], column[known] - _with_one(shares[known]) @ plane))
        return cls(np.array(planes), tuple(processes))

    def __call__(self, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [process.predict(shares, return_std=True) for process in self.processes]
        mean, spread = (np.column_stack(part) for part in zip(*found, strict=True))
        return _with_one(shares) @ self.planes.T + mean, spread**2


def _with_one(shares: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(shares)), shares])


def _quadratic(shares: np.ndarray) -> np.ndarray:
    one, other = np.triu_indices(shares.shape[1])
    return np.column_stack([_with_one(shares), shares[:, one] * shares[:, other]])


def _process(shares: np.ndarray, values: np.ndarray) -> Any:
    try:
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    except ImportError:
        raise UsageError(MISSING) from None
    if values.std() < 1e-9:
        values = np.zeros_like(values)  # what a plane says exactly
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF([0.7] * shares.shape[1], (0.05, 30)) + WhiteKernel(0.05, (1e-6, 2.0))
    process = GaussianProcessRegressor(kernel, normalize_y=True)
    with warnings.catch_warnings():  # that a length is as long as it may be is no news
        warnings.simplefilter("ignore")
        return process.fit(shares, values)
