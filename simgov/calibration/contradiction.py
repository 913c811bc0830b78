"""Targets that cannot be met together anywhere in the ranges: the smallest set of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from simgov.calibration.fit import Fit
from simgov.calibration.points import Points, misfits
from simgov.language import THEN, Message, message, together
from simgov.scenario import Scenario
from simgov.words import number

TOO_FAR = 2.0  # standard deviations
EVERYWHERE, LARGEST = 4096, 3


def contradiction(points: Points, fit: Fit, seed: int) -> tuple[int, ...]:
    """The numbers of the fewest targets of which at every point one is missed by more than two standard deviations; () where there are none.

    Looked for among all simulated points, the posterior's draws, and as many points again over the whole of the ranges; where the model was not asked, the emulator answers.
    """
    if (abs(misfits(points.goals, points.values[[fit.chosen]], fit.spread)) <= TOO_FAR).all():
        return ()
    anywhere = np.random.default_rng([seed, 99]).random((EVERYWHERE, len(points.base)))
    values = np.vstack([points.values, *(fit.emulator(some)[0] for some in (fit.draws, anywhere))])
    far = np.nan_to_num(abs(misfits(points.goals, values, fit.spread)), nan=np.inf)
    for size in range(1, min(LARGEST, len(points.goals)) + 1):
        for some in combinations(range(len(points.goals)), size):
            if far[:, some].max(axis=1).min() > TOO_FAR:
                return some
    return tuple(range(len(points.goals))) if far.max(axis=1).min() > TOO_FAR else ()


def told(scenario: Scenario, points: Points, fit: Fit, which: Sequence[int]) -> Message:
    """The error in one sentence: which targets, and what comes out where they are met as nearly as possible."""
    far = abs(misfits(points.goals, points.values, fit.spread))[:, list(which)]
    at = int(np.nan_to_num(far, nan=np.inf).max(axis=1).argmin())
    each = [message("“{target}” is reported as {reported} and comes to {value}", target=points.goals[j].label(scenario), reported=points.goals[j].reported(), value=_value(points, at, j)) for j in which]
    if len(which) == 1:
        return message("a target cannot be met anywhere in the ranges of the free parameters: {target} at best; widen a range, free another number, or doubt the figure", target=each[0])
    return message("targets contradict each other: at the point that meets them best, {targets}; each can be met, but not together, within the ranges of the free parameters", targets=together(each, THEN))


def _value(points: Points, at: int, j: int) -> str:
    goal = points.goals[j]
    return number(float(goal.from_scale(points.values[at, j])), goal.unit)
