"""What a scenario, or the difference of two policies, answers at points of the space of its assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from simgov.errors import ScenarioError
from simgov.plan import plant
from simgov.sensitivity.parameters import Parameter, matrix, pulled, settings
from simgov.study.paired import Ratios
from simgov.trials import Arm, Sealed, Trials, Variant
from simgov.workers import carry_out

NEARER = (1.0, 0.5, 0.25, 0.125, 0.0)  # of the way from the file's values, until the scenario is sound


class Answers(NamedTuple):
    """`values` (points x replications): their mean is the answer at a point. `reached`: which share of the way to it was sound."""

    values: np.ndarray
    reached: np.ndarray


class Model(Protocol):
    """Whatever answers at points (points x parameters, each a share of the parameter's range), under common draws."""

    @property
    def replications(self) -> int: ...

    def __call__(self, shares: np.ndarray, done: Callable[[], None]) -> Answers: ...


@dataclass(frozen=True)
class Simulated:
    """Answers by simulation: the measure `key` of one scenario, or that of the second less that of the first.

    Every point has the same replications under the same draws. `at_once`: roots that are simulated together.
    """

    params: Sequence[Parameter]
    scenarios: tuple[Sealed, ...]
    key: tuple[str, ...]
    trials: Trials
    replications: int
    at_once: int = 1

    def __call__(self, shares: np.ndarray, done: Callable[[], None] = lambda: None) -> Answers:
        asks = ((self._alone(), values) for values in matrix(self.params, shares))
        values, reached = [], []
        with closing(_points(asks, self.trials.workers)) as answers:
            for value, share in answers:
                values.append(value)
                reached.append(share)
                done()
        return Answers(np.array(values), np.array(reached))

    def _alone(self) -> Simulated:
        """For a worker, which carries out one point after the other."""
        return replace(self, params=(), trials=replace(self.trials, workers=1))

    def at(self, values: dict[Parameter, float]) -> tuple[np.ndarray, float]:
        """By replication what its mean answers at a point, and the share of the way to it that was sound."""
        for share in NEARER:
            try:
                arms = [self._arm(sealed, pulled(values, share)) for sealed in self.scenarios]
            except ScenarioError:
                if not share:
                    raise
                continue
            return self._measured(arms), share
        raise AssertionError

    def _arm(self, sealed: Sealed, values: dict[Parameter, float]) -> Arm:
        variant = Variant(sealed, settings(sealed.open(), values))
        roots = len(plant(variant.open()).residents)
        return Arm(variant, roots, min(self.at_once, roots))

    def _measured(self, arms: list[Arm]) -> np.ndarray:
        rows = list(self.trials.run(arms, range(self.replications)))
        each = []
        for arm in range(len(arms)):
            top, bottom = np.array([row[arm].row(self.key) for row in rows]).T
            ratios = Ratios(top, bottom)
            each.append(ratios.value + (ratios.residuals if np.isfinite(ratios.value) else 0.0) * np.ones(len(rows)))
        return each[0] if len(each) == 1 else each[1] - each[0]


def _points(asks: Iterator[tuple[Simulated, dict[Parameter, float]]], workers: int | str) -> Iterator[tuple[np.ndarray, float]]:
    return carry_out(_point, asks, workers)


def _point(model: Simulated, values: dict[Parameter, float]) -> tuple[np.ndarray, float]:
    """In a worker: all replications of a point one after the other, because most of the time goes into its plan."""
    return replace(model, trials=here(model.trials)).at(values)


def here(trials: Trials) -> Trials:
    """In a worker: trials are kept where this process sees the folder; a worker of a cluster may see other disks."""
    return trials if trials.store is None or trials.store.is_there else replace(trials, store=None)
