"""Does an assumption decide? The choice is judged again at both ends of the range of every number that is only assumed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simgov.errors import ScenarioError, dotted
from simgov.plan import plant
from simgov.sensitivity import Parameter, parameters
from simgov.sensitivity.answers import here
from simgov.sensitivity.parameters import settings
from simgov.staffing.judge import CANNOT_TELL, FAILS, MEETS, Limits, Rule, Sample, Standing, keeps, missed
from simgov.staffing.model import Assumptions, Goal
from simgov.staffing.sample import sample
from simgov.study.model import Asked
from simgov.study.paired import Ratios
from simgov.study.policies import Policy
from simgov.trials import Arm, Sealed, Trials, Variant
from simgov.workers import carry_out

if TYPE_CHECKING:
    from simgov.staffing.staff import Desk

WRONG = "makes the scenario wrong"


class End(NamedTuple):
    """What is chosen with one assumption at one end of its range.

    `chosen`: number of the candidate, None when none of those judged meets the goals. `changes`, and whether that is `sure` (at the
    confidence of the file, each end by itself). `missed`: numbers of the goals that the one chosen before misses here. `why`: what is wrong with the scenario at this end, so that nothing was judged.
    """

    parameter: Parameter
    value: float
    chosen: int | None
    changes: bool
    sure: bool
    missed: tuple[int, ...] = ()
    why: str = ""


def judge_again(policies: Sequence[Policy], samples: Sequence[Sample], standing: Standing, rule: Rule, asked: Assumptions, desk: Desk) -> list[End]:
    """The choice at both ends of every assumption, one at a time, with the same draws as before.

    Judged are the chosen candidate, the cheaper ones that miss the goals least and the next dearer ones. What is known from all
    replications is moved by the paired difference that the end makes in the first few: so a few are enough.
    """
    if asked.replications < 2 or standing.leading is None:
        return []
    some = _contestants(samples, standing, rule, asked.rivals)
    params = [p for p in parameters([policies[k].scenario for k in some]) if _is_asked(p, asked.of)]
    sealed = [Sealed.of(policies[k].scenario) for k in some]
    ends = [(p, value) for p in params for value in (p.low, p.high) if not np.isclose(value, p.base)]
    count = min(asked.replications, *(len(samples[k].cost) for k in some))
    job = _Job(sealed, tuple(desk.goals), tuple(desk.costs), replace(desk.trials, workers=1), desk.at_once, count)
    desk.ticks.expect(len(ends))
    found = []
    with closing(carry_out(_end, ((job, p, value) for p, value in ends), desk.trials.workers)) as results:
        for (p, value), result in zip(ends, results, strict=True):
            found.append(End(p, value, None, False, False, why=WRONG) if result is None else _judge(p, value, some, [samples[k] for k in some], result, rule))
            desk.ticks.done()
    return found


def _is_asked(parameter: Parameter, beginnings: Sequence[str]) -> bool:
    paths = [dotted(path) for path in parameter.paths]
    return not beginnings or any(f"{path}.".startswith(f"{beginning}.") for path in paths for beginning in beginnings)


def _contestants(samples: Sequence[Sample], standing: Standing, rule: Rule, rivals: int) -> list[int]:
    """The chosen one first, then its rivals."""
    chosen, cost = standing.leading, [float(s.cost.mean()) for s in samples]
    assert chosen is not None
    others = [k for k in range(len(samples)) if k != chosen]
    cheaper = sorted((k for k in others if cost[k] < cost[chosen]), key=lambda k: (missed(samples[k], rule.goals), -cost[k]))
    dearer = sorted((k for k in others if cost[k] >= cost[chosen] and standing.verdicts[k] != FAILS), key=lambda k: cost[k])
    return [chosen, *cheaper[:rivals], *dearer[:rivals]]


# ── in a worker ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Job:
    """Everything that is the same at all ends."""

    sealed: Sequence[Sealed]
    goals: tuple[Goal, ...]
    costs: tuple[Asked, ...]
    trials: Trials
    at_once: int
    replications: int


def _end(job: _Job, parameter: Parameter, value: float) -> list[Sample] | None:
    """The contestants with one number changed; None when that is no sound scenario."""
    try:
        variants = [Variant(s, settings(s.open(), {parameter: value})) for s in job.sealed]
        roots = [len(plant(v.open()).residents) for v in variants]
    except ScenarioError:
        return None
    arms = [Arm(v, r, min(job.at_once, r)) for v, r in zip(variants, roots, strict=True)]
    rows = list(here(job.trials).run(arms, range(job.replications)))
    return [sample(outcomes, job.goals, job.costs) for outcomes in zip(*rows, strict=True)]


# ── judging ─────────────────────────────────────────────────────────────────────────────────────────


def _judge(parameter: Parameter, value: float, some: Sequence[int], before: Sequence[Sample], now: Sequence[Sample], rule: Rule) -> End:
    costs = [_moved(_as_ratio(old.cost), _as_ratio(new.cost)) for old, new in zip(before, now, strict=True)]
    limits = [[_moved(*pair) for pair in zip(old.goals, new.goals, strict=True)] for old, new in zip(before, now, strict=True)]
    seems = [all(np.isfinite(it.value) and goal.sign * (it.value - goal.bound) >= 0 for goal, it in zip(rule.goals, each, strict=True)) for each in limits]
    sure = [_verdict([keeps(goal, _at(it, rule, len(new.cost))) for goal, it in zip(rule.goals, each, strict=True)]) for each, new in zip(limits, now, strict=True)]
    best = min((k for k in range(len(some)) if seems[k]), key=lambda k: (costs[k].value, k), default=None)
    if best == 0 or (best is not None and costs[0].value - costs[best].value <= rule.near(costs[best].value) and seems[0]):
        return End(parameter, value, some[0], False, False)
    overtaken = best is not None and sure[best] == MEETS and _dearer(before, now, best, rule)
    lost = tuple(g for g, (goal, it) in enumerate(zip(rule.goals, limits[0], strict=True)) if not goal.sign * (it.value - goal.bound) >= 0)
    return End(parameter, value, None if best is None else some[best], True, sure[0] == FAILS or overtaken, lost)


def _dearer(before: Sequence[Sample], now: Sequence[Sample], other: int, rule: Rule) -> bool:
    """Whether the chosen one surely costs more than another one."""
    n = min(len(before[0].cost), len(before[other].cost))
    gap = _moved(_as_ratio(before[0].cost[:n] - before[other].cost[:n]), _as_ratio(now[0].cost - now[other].cost))
    return _at(gap, rule, len(now[0].cost)).low > rule.near(float(now[other].cost.mean()))


def _as_ratio(values: np.ndarray) -> Ratios:
    return Ratios(values, np.ones(len(values)))


def _moved(before: Ratios, now: Ratios) -> Limits:
    """What all replications say, moved by what the end changes in the first few; with its standard error."""
    n, many = len(now.top), len(before.top)
    first = Ratios(before.top[:n], before.bottom[:n])
    value = before.value + now.value - first.value
    parts = before.residuals / many
    parts[:n] += (now.residuals - first.residuals) / n
    return Limits(value, float(np.sqrt(n / (n - 1) * (parts @ parts))), value, value)


def _at(limits: Limits, rule: Rule, replications: int) -> Limits:
    """With its one-sided limits, each at the confidence asked for."""
    from scipy.special import stdtrit

    half = float(stdtrit(replications - 1, rule.confidence)) * limits.error
    return Limits(limits.value, limits.error, limits.value - half, limits.value + half)


def _verdict(told: Sequence[str]) -> str:
    return FAILS if FAILS in told else CANNOT_TELL if CANNOT_TELL in told else MEETS


