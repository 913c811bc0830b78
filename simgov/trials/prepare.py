"""Before trials are carried out: the engine made ready, the memory looked at, scenarios turned into arms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simgov import budget, engines
from simgov.engines import Choice
from simgov.language import Message
from simgov.plan import plant
from simgov.scenario import Scenario
from simgov.trials.carry_out import Arm
from simgov.trials.sealed import Sealed


def ready(scenarios: Sequence[Scenario], replications: int, workers: int | str, engine: str, say: Callable[[Message], None]) -> Choice:
    """The engine, compiled if need be, after a look at the memory that the largest of the scenarios needs."""
    visits = 0.0
    for scenario in scenarios:
        size, roots = budget.expect(scenario), len(plant(scenario).residents)
        budget.check(size, replications, roots, False, workers if isinstance(workers, int) else 1)
        visits += size.visits * replications
    return engines.make_ready(engines.choose(engine, visits), engine, say)


def arm(scenario: Scenario, moments: tuple[int, ...] = ()) -> Arm:
    """A scenario with as many of its roots at once as are worth a plan."""
    roots = len(plant(scenario).residents)
    return Arm(Sealed.of(scenario), roots, budget.roots_at_once(budget.expect(scenario), roots), moments)
