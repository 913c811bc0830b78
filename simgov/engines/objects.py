"""The plan as Python objects, because reading single numbers out of arrays is slow."""

from __future__ import annotations

from heapq import heappush
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from simgov.draws import Draws
from simgov.engines.desks import Clock, Crew, Person, Pool
from simgov.plan import Plan


def steps(plan: Plan) -> list[Any]:
    """One namespace per step, with its needs, readers, outcomes and answers."""
    procedure = plan.procedure
    needs = _rows(procedure.needs)
    outcomes = _rows(procedure.outcomes)
    answers: dict[int, list[tuple[int, int, float]]] = {}
    for row in _rows(procedure.answers):
        answers.setdefault(row.block, []).append((row.kind, row.stage, row.chance))
    steps = _rows(procedure.steps)
    for number, step in enumerate(steps):
        step.number = number
        step.readers = needs[step.first_reader : step.first_reader + step.readers]
        step.needs = tuple(needs[step.first_need : step.first_need + step.needs])
        step.outcomes = outcomes[step.first_outcome : step.first_outcome + step.outcomes]
        step.due_outcomes = outcomes[step.first_due_outcome : step.first_due_outcome + step.due_outcomes]
        step.chances = [outcome.chance for outcome in step.outcomes]
        step.adjust -= step.first_outcome if step.adjust >= 0 else 0
        step.by_name = any(need.same_as >= 0 for need in step.needs)
        step.answers = [answers.get(4 * number + block, []) for block in range(4)]
    return steps


def _rows(columns: NamedTuple) -> list[SimpleNamespace]:
    lists = [column.tolist() for column in columns]
    return [SimpleNamespace(**dict(zip(columns._fields, row, strict=True))) for row in zip(*lists, strict=True)]


def following(plan: Plan) -> dict[tuple[int, int], list[tuple[int, float]]]:
    found: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for row in _rows(plan.procedure.follow):
        found.setdefault((row.version, row.closed_at), []).append((row.stage, row.share))
    return found


def pools(plan: Plan, draws: Draws, clocks: list[Clock]) -> list[Pool]:
    crowd = plan.crowd
    pools = [
        Pool(i, clocks[shift], unlimited)
        for i, (shift, unlimited) in enumerate(zip(crowd.pool_shift.tolist(), crowd.pool_unlimited.tolist(), strict=True))
    ]
    sizes = np.bincount(crowd.person_pool, minlength=len(pools)).tolist()
    for pool, number, shift, rank in zip(
        crowd.person_pool.tolist(), crowd.person_number.tolist(), crowd.person_shift.tolist(), draws.order.tolist(), strict=True
    ):
        crew = next((crew for crew in pools[pool].crews if crew.clock is clocks[shift]), None)
        if crew is None:
            crew = Crew(clocks[shift])
            pools[pool].crews.append(crew)
        person = Person(crew, number, rank - sizes[pool])
        heappush(crew.free, (person.idle_since, number, person))
    return pools
