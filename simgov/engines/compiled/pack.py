"""Plan and Draws as the arrays that the kernel reads: `world`. What depends on the plan only is made once for each plan."""

from __future__ import annotations

from typing import NamedTuple
from weakref import finalize

import numpy as np

from simgov.clock import DAY, NEVER, Hours
from simgov.draws import Draws
from simgov.engines.compiled import columns as c
from simgov.plan import DueAt, Plan, Shift

NONE = c.NONE


class World(NamedTuple):
    """What the kernel reads; the columns of tables are named in `columns.py`."""

    # the procedure
    versions: np.ndarray
    index: np.ndarray  # step by (version, stage, class)
    steps: np.ndarray
    steps_real: np.ndarray
    needs: np.ndarray
    outcomes: np.ndarray
    outcomes_real: np.ndarray
    answers_first: np.ndarray
    answers: np.ndarray
    answers_real: np.ndarray
    follow_first: np.ndarray
    follow_stage: np.ndarray
    follow_share: np.ndarray
    returns: np.ndarray
    returns_after: np.ndarray
    entries_first: np.ndarray
    entries: np.ndarray
    entry_shares: np.ndarray
    tables: np.ndarray
    places: np.ndarray
    gate_node: np.ndarray
    # hours
    hours_first: np.ndarray
    intervals: np.ndarray
    allowed: np.ndarray  # hours by (shift, with duty, on-call calendar + 1)
    team_hours: np.ndarray  # hours by shift: regular or duty
    openings_first: np.ndarray
    openings: np.ndarray
    turns: np.ndarray
    shift_before: np.ndarray  # where each shift stands before the first second
    # people
    pool_team: np.ndarray
    pool_unlimited: np.ndarray
    pool_shift: np.ndarray
    pool_person: np.ndarray  # first person of each pool
    pool_crew: np.ndarray  # first crew of each pool
    crew_pool: np.ndarray
    crew_shift: np.ndarray
    crew_first: np.ndarray  # where its idle people stand
    person_crew: np.ndarray
    span_turns: np.ndarray
    log2_span: np.ndarray
    # draws
    stage_parts: np.ndarray
    stage_salts: np.ndarray
    team_salts: np.ndarray
    skill: np.ndarray
    arrivals: np.ndarray  # incidents in the order in which they are found
    found: np.ndarray
    home: np.ndarray
    entry: np.ndarray
    difficulty: np.ndarray


class Sizes(NamedTuple):
    """How much room the kernel's tables need, and what a scenario uses."""

    wide: int  # rows that one visit may need at once
    crew: int  # people that one request may engage
    gates: tuple[int, int]  # gate keys, and nodes with one for "nowhere"
    shifts: int
    calls: int  # on-call calendars
    holds: bool


class Packed(NamedTuple):
    """What is known of a plan: the fields of World that do not depend on draws, and what the first idle people need."""

    fixed: dict[str, np.ndarray]
    sizes: Sizes
    crew_order: np.ndarray  # persons crew by crew
    mates: np.ndarray  # where in that order those stand who are not alone in their crew
    mates_crew: np.ndarray


_known: dict[int, Packed] = {}  # by id of the plan, which has no hash; forgotten with it


def packed(plan: Plan) -> Packed:
    """What depends on the plan only, made once."""
    if id(plan) not in _known:
        _known[id(plan)] = _pack(plan)
        finalize(plan, _known.pop, id(plan), None)
    return _known[id(plan)]


def world(plan: Plan, draws: Draws) -> World:
    """The world of one replication."""
    births = draws.births
    found = births.found
    if (found[1:] >= found[:-1]).all():
        order = np.arange(np.searchsorted(found, NEVER))
    else:
        order = np.argsort(found, kind="stable")
        order = order[: np.searchsorted(found[order], NEVER)]
    return World(
        **packed(plan).fixed,
        stage_parts=np.array(draws.stage_parts, np.uint64),
        stage_salts=np.array(draws.stage_salts, np.uint64),
        team_salts=np.array(draws.team_salts, np.uint64),
        skill=_floats(draws.skill),
        arrivals=_ints(order),
        found=_ints(found),
        home=_ints(births.home),
        entry=_ints(births.entry),
        difficulty=_floats(births.difficulty),
    )


def first_idle(plan: Plan, draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """The words of all people as `crews.py` wants them: crew by crew, each in its keyed first order; and person by person."""
    known = packed(plan)
    words = (draws.order << 31) + plan.crowd.person_number - 2**62
    idle = words[known.crew_order]
    mates = idle[known.mates]
    idle[known.mates] = mates[np.lexsort((mates, known.mates_crew))]
    return idle, words


def _ints(values) -> np.ndarray:
    return np.ascontiguousarray(values, np.int64)


def _floats(values) -> np.ndarray:
    return np.ascontiguousarray(values, np.float64)


def _first(groups: np.ndarray, count: int) -> np.ndarray:
    """Where each of `count` groups begins in a sorted column of groups; one more for the end."""
    return _ints(np.searchsorted(groups, np.arange(count + 1)))


def _pack(plan: Plan) -> Packed:
    calls = np.unique(plan.procedure.steps.on_call_hours[plan.procedure.steps.on_call > 0])
    crews, order = _crews(plan)
    fixed = {**_procedure(plan, calls), **_hours(plan, calls, crews["crew_shift"]), **crews}
    steps, needs = plan.procedure.steps, plan.procedure.needs
    most = max(np.bincount(plan.crowd.person_pool).max(initial=0), 1)
    unlimited = np.isin(needs.team, plan.crowd.pool_team[plan.crowd.pool_unlimited])
    engaged = np.where(unlimited, needs.people, np.minimum(needs.people, most))
    asked = [(f, f + n) for f, n in zip(steps.first_need, steps.needs, strict=True)]
    sizes = Sizes(
        int((steps.needs + steps.readers).max()) + 1,
        max(*(int(engaged[a:b].sum()) for a, b in asked), int(engaged.max(initial=1)), 1),
        (int(fixed["steps"][:, c.S_GATE].max()) + 1, len(plan.tree.level) + 1),
        len(plan.crowd.shifts),
        len(calls),
        bool(steps.hold.any()),
    )
    size = np.bincount(crews["person_crew"], minlength=len(crews["crew_pool"]))
    mates = np.flatnonzero(size[crews["person_crew"][order]] > 1)
    return Packed(fixed, sizes, order, mates, crews["person_crew"][order][mates])


# ── the procedure ───────────────────────────────────────────────────────────────────────────────────


def _procedure(plan: Plan, calls: np.ndarray) -> dict[str, np.ndarray]:
    p = plan.procedure
    steps, classes = p.steps, len(plan.classes)
    gate, gate_at, gate_node = _gates(plan)
    called = np.where(steps.on_call > 0, np.searchsorted(calls, steps.on_call_hours), NONE)
    order = np.lexsort((p.follow.closed_at, p.follow.version))  # stable: in the order of the file
    place = p.follow.version * len(plan.stages) + p.follow.closed_at
    return {
        "versions": _ints(p.starts),
        "index": _ints(p.index),
        "steps": _ints(np.stack([
            steps.stage, steps.mode, steps.first_need, steps.needs, steps.first_reader, steps.readers, gate, gate_at, steps.gate, steps.gate_takes,
            steps.wait, steps.work, steps.lead, steps.when, called, steps.finish, steps.due, steps.due_value, steps.due_from, steps.due_place,
            steps.then, steps.then_value, steps.then_becomes, steps.first_outcome, steps.outcomes, steps.adjust, steps.skilled, steps.priority,
            steps.hold, steps.verify, steps.reopen_at_most, steps.max_visits,
        ], axis=1)),
        "steps_real": _floats(np.stack([steps.on_call, steps.then_solved, steps.log_odds, steps.per_doubling, steps.log2_reference], axis=1)),
        "needs": _ints(np.stack([p.needs.place, p.needs.people, p.needs.same_as, p.needs.work, p.needs.team], axis=1)),
        "outcomes": _ints(np.stack([p.outcomes.kind, p.outcomes.target, p.outcomes.becomes], axis=1)),
        "outcomes_real": _floats(np.stack([p.outcomes.chance, p.outcomes.solved], axis=1)),
        "answers_first": _first(p.answers.block, 4 * len(steps.stage)),
        "answers": _ints(np.stack([p.answers.kind, p.answers.stage], axis=1)),
        "answers_real": _floats(p.answers.chance),
        "follow_first": _first(place[order], len(p.starts) * len(plan.stages)),
        "follow_stage": _ints(p.follow.stage[order]),
        "follow_share": _floats(p.follow.share[order]),
        "returns": _floats(p.returns),
        "returns_after": _ints(p.returns_after),
        "entries_first": _ints(np.cumsum([0, *(len(d.entries) for d in plan.demand)])),
        "entries": _ints(np.concatenate([plan.demand[k].entries for k in range(classes)])),
        "entry_shares": _floats(np.concatenate([plan.demand[k].entry_shares for k in range(classes)])),
        "tables": _floats(p.tables),
        "places": _ints(p.places),
        "gate_node": gate_node,
    }  # fmt: skip


def _gates(plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each step the key of its gate (stage, calendar, takes) and where it stands: a row of nodes by home."""
    steps, tree = plan.procedure.steps, plan.tree
    gate, gate_at = np.full(len(steps.stage), NONE), np.full(len(steps.stage), NONE)
    keys: dict[tuple[int, ...], int] = {}
    wheres: dict[tuple[int, int], int] = {}
    nodes: list[np.ndarray] = []
    for i in np.flatnonzero(steps.gate >= 0):
        gate[i] = keys.setdefault((int(steps.stage[i]), int(steps.gate[i]), int(steps.gate_takes[i])), len(keys))
        where = (int(steps.gate_place[i]), int(steps.gate_level[i]))
        if where not in wheres:
            wheres[where] = len(nodes)
            nodes.append(_stands(plan, where[0]) if where[0] >= 0 else _above(tree, where[1]))
        gate_at[i] = wheres[where]
    return gate, gate_at, _ints(np.reshape(nodes, (len(nodes), len(tree.level))))


def _stands(plan: Plan, place: int) -> np.ndarray:
    """The node of the pool that an address means, for each home."""
    pool = plan.procedure.places[place]
    return np.where(pool >= 0, plan.crowd.pool_node[pool], NONE)


def _above(tree, level: int) -> np.ndarray:
    """The node of a level at or above each node."""
    found, here = np.full(len(tree.level), NONE), np.arange(len(tree.level))
    for _ in tree.levels:
        found = np.where((found < 0) & (here >= 0) & (tree.level[here] == level), here, found)
        here = np.where(here >= 0, tree.parent[here], NONE)
    return found


# ── hours ───────────────────────────────────────────────────────────────────────────────────────────


def _hours(plan: Plan, calls: np.ndarray, crew_shift: np.ndarray) -> dict[str, np.ndarray]:
    """Sets of hours, each once; which set holds for whom; openings of gates; and when shifts turn."""
    steps, shifts = plan.procedure.steps, plan.crowd.shifts
    sets: dict[Hours, int] = {}

    def number(hours: Hours) -> int:
        return sets.setdefault(hours, len(sets))

    allowed = np.full((len(shifts), 2, len(calls) + 1), NONE)
    team_hours = np.full(len(shifts), NONE)
    used = np.unique(crew_shift)
    for s in used:
        both = (shifts[s].work_regular, shifts[s].work_regular | shifts[s].work_duty)
        for duty, hours in enumerate(both):
            allowed[s, duty] = [number(hours), *(number(hours | plan.calendar_hours[k]) for k in calls)]
    if (steps.due == DueAt.END_OF_DUTY).any():
        for s in np.unique(plan.crowd.pool_shift):
            team_hours[s] = number(shifts[s].all_hours)
    openings = [np.reshape(x, (-1, 2)) for x in plan.calendar_openings]
    return {
        "hours_first": _ints(np.cumsum([0, *(len(h.starts) for h in sets)])),
        "intervals": _ints(np.concatenate([np.zeros((0, 4)), *map(_intervals, sets)])),
        "allowed": _ints(allowed),
        "team_hours": _ints(team_hours),
        "openings_first": _ints(np.cumsum([0, *map(len, openings)])),
        "openings": _ints(np.concatenate([np.zeros((0, 2)), *openings])),
        "turns": _turns(plan, calls, used),
        "shift_before": _ints([_where(shift, np.array([-1]))[0] for shift in shifts]),
    }


def _intervals(hours: Hours) -> np.ndarray:
    """Start, end, seconds open before, and the last closing of the day on which it opens."""
    starts, ends = np.array(hours.starts, np.int64), np.array(hours.ends, np.int64)
    day = starts // DAY
    run = ends[np.searchsorted(day, day, side="right") - 1]
    return np.stack([starts, ends, np.array(hours.opened[:-1], np.int64), run], axis=1)


def _turns(plan: Plan, calls: np.ndarray, used: np.ndarray) -> np.ndarray:
    """When shifts change between regular, duty and off, or their people come and go; and when on-call hours open and close."""
    parts = [np.zeros((0, 4), np.int64)]
    for s in used:
        shift = plan.crowd.shifts[s]
        at = _edges(plan.horizon, shift.regular, shift.duty, shift.present)
        parts.append(_changes(int(s), at, _where(shift, at), _within(shift.present, at)))
    for k, calendar in enumerate(calls):
        hours = plan.calendar_hours[calendar]
        at = _edges(plan.horizon, hours)
        parts.append(_changes(len(plan.crowd.shifts) + k, at, np.full(len(at), c.OFF), _within(hours, at)))
    turns = np.concatenate(parts)
    return _ints(turns[np.lexsort((turns[:, c.T_WHAT], turns[:, c.T_SECOND]))])


def _where(shift: Shift, at: np.ndarray) -> np.ndarray:
    return np.where(_within(shift.regular, at), c.REGULAR, np.where(_within(shift.duty, at), c.DUTY, c.OFF))


def _edges(horizon: int, *hours: Hours) -> np.ndarray:
    edges = np.unique(np.concatenate([[0], *(np.array(h.starts + h.ends, np.int64) for h in hours)]))
    return edges[(edges >= 0) & (edges < horizon)].astype(np.int64)


def _within(hours: Hours, at: np.ndarray) -> np.ndarray:
    if not hours:
        return np.zeros(len(at), bool)
    i = np.searchsorted(hours.starts, at, side="right") - 1
    return (i >= 0) & (at < np.array(hours.ends)[i])


def _changes(what: int, at: np.ndarray, state: np.ndarray, present: np.ndarray) -> np.ndarray:
    same = (state[1:] == state[:-1]) & (present[1:] == present[:-1])
    kept = np.append(True, ~same)
    return np.stack([at, np.full(len(at), what), state, present], axis=1)[kept]


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def _crews(plan: Plan) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Crews: those of a pool who have the same shift. An unlimited pool has one crew without people, for its hours."""
    crowd = plan.crowd
    pools, shifts = len(crowd.pool_team), len(crowd.shifts)
    open_pools = np.flatnonzero(crowd.pool_unlimited)
    people = crowd.person_pool * shifts + crowd.person_shift
    codes, crew = np.unique(np.concatenate([people, open_pools * shifts + crowd.pool_shift[open_pools]]), return_inverse=True)
    person_crew = crew[: len(people)]
    order = np.argsort(person_crew, kind="stable")
    return {
        "pool_team": _ints(crowd.pool_team),
        "pool_unlimited": _ints(crowd.pool_unlimited),
        "pool_shift": _ints(crowd.pool_shift),
        "pool_person": _ints(np.searchsorted(crowd.person_pool, np.arange(pools))),
        "pool_crew": _first(codes // shifts, pools),
        "crew_pool": _ints(codes // shifts),
        "crew_shift": _ints(codes % shifts),
        "crew_first": _ints(np.searchsorted(person_crew[order], np.arange(len(codes)))),
        "person_crew": _ints(person_crew),
        "span_turns": _ints(crowd.turns),
        "log2_span": _floats(plan.log2_span),
    }, order
