"""Since when a policy differs from another one, and the check that nothing differs before that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from simgov.errors import SimulationError
from simgov.language import message
from simgov.scenario import Scenario
from simgov.study.policies import Policy, meaning
from simgov.trials import Outcome


def differs_since(one: Scenario, other: Scenario) -> int:
    """The first second at which what is in force differs; the horizon where nothing does."""
    edges = sorted({edge for s in (one, other) for a, b, _ in s.epochs for edge in (a, b)})
    for edge in edges[:-1]:
        if _in_force(one, edge) != _in_force(other, edge):
            return edge
    return edges[-1]


def moments(policies: Sequence[Policy]) -> list[int]:
    """By policy the second from which on it differs from the base; 0 for the base."""
    return [0, *(differs_since(policies[0].scenario, policy.scenario) for policy in policies[1:])]


def _in_force(scenario: Scenario, second: int) -> object:
    return next(meaning(epoch) for a, b, epoch in scenario.epochs if a <= second < b)


def check(policies: Sequence[Policy], moments: Sequence[int], outcomes: Sequence[Outcome], replication: int) -> None:
    """Before its moment each policy's journal must equal that of the base. Raises SimulationError when one does not."""
    for policy, moment, outcome in zip(policies[1:], moments[1:], outcomes[1:], strict=True):
        if moment and outcome.past[moment] != outcomes[0].past[moment]:
            when = datetime.combine(policy.scenario.period.start, time()) + timedelta(seconds=moment)
            raise SimulationError(
                message("'{name}' differs from '{other}' only from {when} on, but in replication {replication} something differs before: the comparison would not be fair, and nothing is concluded; please report this with the study file", name=policy.name, other=policies[0].name, when=when, replication=replication)
            )
