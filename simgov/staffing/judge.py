"""Ranking and selection: which candidate is the cheapest of those that meet the goals, and how sure that is.

Every statement below is made from a fixed number of looks at the replications, and the chance that any of them is wrong is
shared out between them (Bonferroni): half of it between candidates, goals and looks, half between pairs of candidates and
looks. A goal is met or missed by a true value, so only one of the two limits can be wrong. If all
statements are right, the selection is; so it is with the confidence asked for. Feasibility and comparison side by
side, for systems with constraints, as in Andradottir and Kim (2010); limits are Student's t of linearised ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simgov.staffing.model import Goal
from simgov.study.paired import Ratios, share
from simgov.vocabulary import MEASURES, Margin

MEETS, FAILS, CANNOT_TELL = "yes", "no", "cannot tell"


class Sample(NamedTuple):
    """What is known of a candidate: its cost and its goals, by replication."""

    cost: np.ndarray
    goals: tuple[Ratios, ...]


class Limits(NamedTuple):
    """A value with its standard error, and its one-sided limits at the joint confidence."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Rule:
    """What is asked of candidates. `looks`: how often one looks, at most; `indifference`: up to which difference two costs are practically equal."""

    goals: Sequence[Goal]
    confidence: float
    candidates: int
    looks: int
    indifference: Margin | float = 0.0

    def limits(self, number: int, goal: Ratios) -> Limits:
        """Of one goal, by its number, of one candidate; those of a share do not let a few incidents look certain."""
        n = len(goal.top)
        error = float(np.sqrt(goal.residuals @ goal.residuals / (n - 1) / n))
        tail = (1 - self.confidence) / 2 / (self.candidates * len(self.goals) * self.looks)
        half = _t(n - 1, tail) * error
        if not goal.is_told:  # too few replications have incidents at all
            return Limits(goal.value, error, -np.inf, np.inf)
        if MEASURES[self.goals[number].measure].unit == "share":
            return Limits(goal.value, error, *share(goal, tail))
        return Limits(goal.value, error, goal.value - half, goal.value + half)

    def verdict(self, sample: Sample) -> str:
        """Whether a candidate meets all goals, surely misses one, or cannot be told yet."""
        told = [keeps(goal, self.limits(number, ratios)) for number, (goal, ratios) in enumerate(zip(self.goals, sample.goals, strict=True))]
        return FAILS if FAILS in told else MEETS if all(t == MEETS for t in told) else CANNOT_TELL

    def near(self, cost: float) -> float:
        """Up to which difference from this cost another one is practically equal."""
        return self.indifference.of(cost) if isinstance(self.indifference, Margin) else self.indifference

    def dearer(self, one: Sample, other: Sample) -> bool:
        """Whether `one` surely costs no less than `other`, but for the indifference; from the replications that both have."""
        n = min(len(one.cost), len(other.cost))
        gaps = one.cost[:n] - other.cost[:n]
        pairs = max(self.candidates * (self.candidates - 1) // 2, 1)
        half = _t(n - 1, (1 - self.confidence) / 2 / (pairs * self.looks)) * float(gaps.std(ddof=1)) / np.sqrt(n)
        gap, near = float(gaps.mean()), self.near(float(other.cost[:n].mean()))
        return bool(gap - half > -near) if near else bool(gap - half > 0 or (gap >= 0 and half == 0))


def keeps(goal: Goal, limits: Limits) -> str:
    """Whether a bound is met by the whole range of a value, by none of it, or cannot be told. What has no value meets nothing."""
    if not np.isfinite(limits.value):
        return FAILS
    low, high, bound = (limits.low, limits.high, goal.bound) if goal.sign > 0 else (-limits.high, -limits.low, -goal.bound)
    return MEETS if low >= bound else FAILS if high < bound else CANNOT_TELL


def missed(one: Sample, goals: Sequence[Goal]) -> float:
    """By how much the goal is missed that is missed most, in units of its bound; infinite where a goal has no value."""
    each = [goal.sign * (goal.bound - r.value) / (abs(goal.bound) or 1.0) for goal, r in zip(goals, one.goals, strict=True)]
    return max(x if np.isfinite(x) else np.inf for x in each)


class Standing(NamedTuple):
    """How things stand after a look. `chosen`: number of the candidate that is selected with the confidence asked for, or None.

    `leading`: the cheapest of those that seem to meet the goals, or None; `open`: those that could still be the cheapest.
    """

    verdicts: tuple[str, ...]
    chosen: int | None
    leading: int | None
    open: tuple[int, ...]


def stand(rule: Rule, samples: Sequence[Sample]) -> Standing:
    """Judge all candidates by what is known of them."""
    verdicts = tuple(rule.verdict(sample) for sample in samples)
    sure = [k for k, said in enumerate(verdicts) if said == MEETS]
    alive = [k for k, said in enumerate(verdicts) if said != FAILS]
    rank = {k: place for place, k in enumerate(sorted(alive, key=lambda k: (samples[k].cost.mean(), k)))}
    still = tuple(k for k in alive if not any(j != k and rank[j] < rank[k] and rule.dearer(samples[k], samples[j]) for j in sure))
    chosen = still[0] if len(still) == 1 and still[0] in sure else None
    seems = [k for k in alive if all(goal.sign * (ratios.value - goal.bound) >= 0 for goal, ratios in zip(rule.goals, samples[k].goals, strict=True))]
    leading = min(seems, key=lambda k: rank[k], default=None)
    return Standing(verdicts, chosen, chosen if chosen is not None else leading, still)


def frontier(costs: np.ndarray, slacks: np.ndarray) -> np.ndarray:
    """Which candidates nobody beats: none costs no more and keeps every goal at least as well, one of it strictly. slacks: candidates x goals."""
    points = np.column_stack([-costs, slacks])
    no_worse = (points[None, :, :] >= points[:, None, :]).all(axis=2)
    better = (points[None, :, :] > points[:, None, :]).any(axis=2)
    return ~(no_worse & better).any(axis=1)


def _t(freedom: float, tail: float) -> float:
    from scipy.special import stdtrit

    return float(-stdtrit(freedom, tail))
