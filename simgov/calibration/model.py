"""What the model answers at points of the space of its free parameters, for all targets at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from simgov.errors import ScenarioError
from simgov.plan import plant
from simgov.sensitivity import Parameter
from simgov.sensitivity.answers import NEARER, here
from simgov.sensitivity.parameters import matrix, pulled, settings
from simgov.targets import Key
from simgov.trials import Arm, Sealed, Trials, Variant
from simgov.workers import carry_out


class Answers(NamedTuple):
    """Numerators and denominators (points x targets x replications). `reached`: by point, which share of the way to it from the file's values was sound."""

    top: np.ndarray
    bottom: np.ndarray
    reached: np.ndarray


class Model(Protocol):
    """Whatever answers at points (points x parameters, each a share of the parameter's range), under common draws."""

    def __call__(self, shares: np.ndarray, done: Callable[[], None]) -> Answers: ...


@dataclass(frozen=True)
class Simulated:
    """Answers by simulation. Every point has the same replications under the same draws, so the answer is a function of the point.

    `at_once`: roots that are simulated together.
    """

    params: Sequence[Parameter]
    scenario: Sealed
    keys: tuple[tuple[Key, ...], ...]  # by target: the rows that are added
    trials: Trials
    replications: int
    at_once: int = 1

    def __call__(self, shares: np.ndarray, done: Callable[[], None] = lambda: None) -> Answers:
        alone = replace(self, params=(), trials=replace(self.trials, workers=1))
        found: list[tuple[np.ndarray, np.ndarray, float]] = []
        with closing(_points(((alone, values) for values in matrix(self.params, shares)), self.trials.workers)) as answers:
            for answer in answers:
                found.append(answer)
                done()
        return Answers(*map(np.array, zip(*found, strict=True)))

    def at(self, values: dict[Parameter, float]) -> tuple[np.ndarray, np.ndarray, float]:
        """Numerators and denominators (targets x replications), and the share of the way that was sound."""
        variant, share = nearest_sound(self.scenario, values)
        roots = len(plant(variant.open()).residents)
        rows = list(self.trials.run([Arm(variant, roots, min(self.at_once, roots))], range(self.replications)))
        both = np.array([[row[0].sum(keys) for row in rows] for keys in self.keys])
        return both[:, :, 0], both[:, :, 1], share


def nearest_sound(scenario: Sealed, values: dict[Parameter, float]) -> tuple[Variant, float]:
    """The scenario with these values; where they make it impossible, with values nearer to those of the file. Raises ScenarioError when the file itself is."""
    for share in NEARER:
        try:
            variant = Variant(scenario, settings(scenario.open(), pulled(values, share)))
            variant.open()
        except ScenarioError:
            if not share:
                raise
            continue
        return variant, share
    raise AssertionError


def _points(asks: Iterator[tuple[Simulated, dict[Parameter, float]]], workers: int | str) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    return carry_out(_point, asks, workers)


def _point(model: Simulated, values: dict[Parameter, float]) -> tuple[np.ndarray, np.ndarray, float]:
    """In a worker."""
    return replace(model, trials=here(model.trials)).at(values)
