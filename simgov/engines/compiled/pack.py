"""Plan and Draws as the arrays that the kernel reads: `world`. What depends on the plan only is made once for each plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import finalize

import numpy as np

from simgov.clock import DAY, NEVER, Hours
from simgov.draws import Draws
from simgov.engines.compiled import columns as c
from simgov.plan import DueAt, Plan, Shift

NONE = c.NONE
LARGEST = 2**31 - 1


class World(NamedTuple):
    """What the kernel reads; the columns of tables are named in `columns.py`."""

    steps: np.ndarray
    steps_real: np.ndarray
    needs: np.ndarray
    outcomes: np.ndarray
    outcomes_real: np.ndarray
    index: np.ndarray  # step by (version, stage, class)
    starts: np.ndarray
    tables: np.ndarray  # quantile tables
    places: np.ndarray  # pool by (address, home); behind them the nodes of gates
    fans: np.ndarray  # where the pools below a node stand, by (row, home)
    fan_pools: np.ndarray
    intervals: np.ndarray
    allowed: np.ndarray  # hours by shift: regular, with duty, the same with each on-call calendar; last the team's regular and duty hours
    turns: np.ndarray
    person_crew: np.ndarray
    odds: np.ndarray  # by pool: skill, and log2 of the span at each turn of head-counts
    salts: np.ndarray
    births: np.ndarray  # in the order in which they are found
    difficulty: np.ndarray  # by number


class Sizes(NamedTuple):
    """How much room the kernel's tables need, and what a scenario uses."""

    wide: int  # rows that one visit may need at once
    crew: int  # people that one request may engage
    gates: tuple[int, int]  # kinds of gates, and nodes with one for "nowhere"
    shifts: int
    calls: int  # on-call calendars
    holds: bool
    narrow: bool  # whether seconds and priorities fit into 32 bits


class Packed(NamedTuple):
    """What is known of a plan: the fields of World that do not depend on draws, and what the first idle people need."""

    fixed: dict[str, np.ndarray]
    sizes: Sizes
    hours: np.ndarray  # first and end of the intervals of each set
    desks: np.ndarray  # as they are before the first second
    crews: np.ndarray
    shift_before: np.ndarray  # where each shift stands before the first second
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
    table = np.empty((len(order), 4), np.int64)
    for column, values in enumerate((order, found[order], births.home[order], births.entry[order])):
        table[:, column] = values
    return World(
        **packed(plan).fixed,
        odds=_floats(np.column_stack([draws.skill, plan.log2_span.T])),
        salts=_ragged((draws.stage_parts, draws.stage_salts, draws.team_salts, _node_salts(plan)), 0, np.uint64),
        births=table,
        difficulty=_floats(births.difficulty),
    )


def _node_salts(plan: Plan) -> np.ndarray:
    """By pool, where a split has a part for each of several: what stands for its node in keys."""
    return plan.tree.salts[plan.crowd.pool_node] if len(plan.procedure.fans.pools) else np.zeros(0, np.uint64)


def first_idle(plan: Plan, draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """The words of all people as `crews.py` wants them: crew by crew, each in its keyed first order; and person by person."""
    known = packed(plan)
    words = (draws.order << 31) + plan.crowd.person_number - 2**62
    idle = words[known.crew_order]
    mates = idle[known.mates]
    idle[known.mates] = mates[np.lexsort((mates, known.mates_crew))]
    return idle, words


def _ints(values) -> np.ndarray:
    return np.require(values, np.int64, ["C", "W"])


def _floats(values) -> np.ndarray:
    return np.require(values, np.float64, ["C", "W"])


def _ragged(rows: Sequence, rest: int, kind: type = np.int64) -> np.ndarray:
    """Rows of different lengths as one table."""
    table = np.full((len(rows), max(map(len, rows))), rest, kind)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


def _pack(plan: Plan) -> Packed:
    p, crowd = plan.procedure, plan.crowd
    calls = np.unique(p.steps.on_call_hours[p.steps.on_call > 0])
    desks, crews, crew_of, order = _people(plan)
    sets = _Sets()
    allowed = _allowed(plan, calls, np.unique(crews[:, c.M_SHIFT]), sets)
    steps, gates, nodes = _steps(plan, calls, sets)
    fixed = {
        **_procedure(plan, steps),
        "person_crew": crew_of,
        "places": np.concatenate([p.places, nodes]).astype(np.int32),
        "fans": _ints(np.stack([p.fans.first, p.fans.count], axis=2)),
        "fan_pools": _ints(p.fans.pools),
        "intervals": sets.intervals(),
        "allowed": allowed,
        "turns": _turns(plan, calls, np.unique(crews[:, c.M_SHIFT])),
    }
    furthest = max(
        plan.horizon + p.steps.due_value[p.steps.due == DueAt.AFTER].max(initial=0) + 3 * DAY,
        np.abs(p.steps.priority).max() + p.steps.then_value.max(initial=0),
    )
    most = max(np.bincount(crowd.person_pool).max(initial=0), 1)
    unlimited = np.isin(p.needs.team, crowd.pool_team[crowd.pool_unlimited])
    engaged = np.where(unlimited, p.needs.people, np.minimum(p.needs.people, most))
    asked = [int(engaged[f : f + n].sum()) for f, n in zip(p.steps.first_need, p.steps.needs, strict=True)]
    sizes = Sizes(
        int(_most_parts(plan)) + 1,
        max(1, *asked, int(engaged.max(initial=1))),
        (gates, len(plan.tree.level) + 1),
        len(crowd.shifts),
        len(calls),
        bool(p.steps.hold.any()),
        bool(furthest < LARGEST),
    )
    crew = crew_of[order]
    mates = np.flatnonzero(np.bincount(crew)[crew] > 1)
    before = _ints([_where(shift, np.array([-1]))[0] for shift in crowd.shifts])
    return Packed(fixed, sizes, sets.bounds(), desks, crews, before, order, mates, crew[mates])


def _most_parts(plan: Plan) -> int:
    """How many parts, or needs, and copies a visit can have at most."""
    steps, needs, fans = plan.procedure.steps, plan.procedure.needs, plan.procedure.fans
    most = np.append(fans.count.max(axis=1, initial=1), 1)[needs.fan]  # the last one stands for no fan
    before = np.concatenate([[0], np.cumsum(most)])
    return (before[steps.first_need + steps.needs] - before[steps.first_need] + steps.readers).max()


# ── the procedure ───────────────────────────────────────────────────────────────────────────────────


def _procedure(plan: Plan, steps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tables of the procedure. Behind the outcomes stand the answers, the return visits that may follow, and the stages of entry."""
    p, s = plan.procedure, plan.procedure.steps
    entries = np.concatenate([d.entries for d in plan.demand])
    shares = np.concatenate([d.entry_shares for d in plan.demand])
    follow = np.lexsort((p.follow.closed_at, p.follow.version))  # stable: in the order of the file
    place = (p.follow.version * len(plan.stages) + p.follow.closed_at)[follow]
    after_answers = len(p.outcomes.kind) + len(p.answers.kind)
    after_follow = after_answers + len(place)

    version, stage, cls = (x.ravel() for x in np.indices(p.index.shape))
    at = np.argsort(p.index.ravel())  # step by step: its version, stage and class
    version, stage, cls = version[at], stage[at], cls[at]
    first = np.searchsorted(place, version * len(plan.stages) + stage)
    first_entry = np.cumsum([0, *(len(d.entries) for d in plan.demand)])
    steps |= {
        "cls": cls,
        "follow": after_answers + first,
        "follows": np.searchsorted(place, version * len(plan.stages) + stage, side="right") - first,
        "entry": after_follow + first_entry[cls],
        "entries": first_entry[cls + 1] - first_entry[cls],
        "after": p.returns_after[version, cls],
    }
    blocks = 4 * np.arange(len(s.stage))
    for k in range(5):
        steps[f"answer {k}"] = len(p.outcomes.kind) + np.searchsorted(p.answers.block, blocks + k)
    reals = (s.on_call, s.join, s.log_odds, s.per_doubling, s.log2_reference, p.returns[version, cls])
    nothing = np.full(len(place) + len(entries), NONE)
    return {
        "steps": _table(*steps.values()),
        "steps_real": _floats(np.stack(reals, axis=1)),
        "needs": _table(p.needs.place, p.needs.people, p.needs.same_as, p.needs.same_team, p.needs.slot, p.needs.fan, p.needs.work, p.needs.team),
        "outcomes": _table(
            np.concatenate([p.outcomes.kind, p.answers.kind, nothing]),
            np.concatenate([p.outcomes.target, p.answers.stage, p.follow.stage[follow], entries]),
            np.concatenate([p.outcomes.becomes, np.full(len(p.answers.kind), NONE), nothing]),
        ),
        "outcomes_real": _floats(
            np.stack(
                [
                    np.concatenate([p.outcomes.chance, p.answers.chance, p.follow.share[follow], shares]),
                    np.concatenate([p.outcomes.solved, np.zeros(len(p.answers.kind) + len(nothing))]),
                ],
                axis=1,
            )
        ),
        "index": _ints(p.index),
        "starts": _ragged((p.starts, plan.crowd.turns), NEVER),
        "tables": _floats(p.tables),
    }


def _table(*columns: np.ndarray) -> np.ndarray:
    return _ints(np.stack(columns, axis=1))


def _steps(plan: Plan, calls: np.ndarray, sets: _Sets) -> tuple[dict[str, np.ndarray], int, np.ndarray]:
    """The first columns of the table of steps, in their order; how many kinds of gates there are; and at which nodes they stand."""
    s = plan.procedure.steps
    gate, gate_at, nodes = _gates(plan)
    openings = np.array([sets.add_openings(x) for x in plan.calendar_openings], np.int64)

    def opening(calendar: np.ndarray) -> np.ndarray:
        return np.where(calendar >= 0, openings[calendar], NONE)

    called = np.where(s.on_call > 0, np.searchsorted(calls, s.on_call_hours), NONE)
    due_value = np.where(s.due == DueAt.OPENING, opening(np.where(s.due == DueAt.OPENING, s.due_value, NONE)), s.due_value)
    columns = (
        s.stage, s.mode, s.first_need, s.needs, s.first_reader, s.readers, gate, gate_at, opening(s.gate), s.gate_takes, s.wait, s.work, s.lead, s.when,
        called, s.finish, s.due, due_value, s.due_from, s.due_place, s.then, s.then_value, s.first_due_outcome, s.due_outcomes, s.first_outcome,
        s.outcomes, s.adjust, s.skilled, s.priority, s.hold, s.verify, s.reopen_at_most, s.max_visits,
    )  # fmt: skip
    return {str(k): column for k, column in enumerate(columns)}, int(gate.max()) + 1, nodes


def _gates(plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each step the number of its gate (stage, calendar, takes) and where it stands: a row of nodes by home, behind the places."""
    steps, tree = plan.procedure.steps, plan.tree
    gate, gate_at = np.full(len(steps.stage), NONE), np.full(len(steps.stage), NONE)
    keys: dict[tuple[int, ...], int] = {}
    wheres: dict[tuple[int, int], int] = {}
    nodes: list[np.ndarray] = []
    for i in np.flatnonzero(steps.gate >= 0):
        gate[i] = keys.setdefault((int(steps.stage[i]), int(steps.gate[i]), int(steps.gate_takes[i])), len(keys))
        where = (int(steps.gate_place[i]), int(steps.gate_level[i]))
        if where not in wheres:
            wheres[where] = len(plan.procedure.places) + len(nodes)
            nodes.append(_stands(plan, where[0]) if where[0] >= 0 else _above(tree, where[1]))
        gate_at[i] = wheres[where]
    return gate, gate_at, np.reshape(np.array(nodes, np.int64), (len(nodes), len(tree.level)))


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


class _Sets:
    """Sets of hours, each once, and the openings of calendars; the kernel knows them by number."""

    def __init__(self) -> None:
        self._known: dict[Hours, int] = {}
        self._tables: list[np.ndarray] = []

    def add(self, hours: Hours) -> int:
        if hours not in self._known:
            self._known[hours] = len(self._tables)
            starts, ends = np.array(hours.starts, np.int64), np.array(hours.ends, np.int64)
            day = starts // DAY
            last = ends[np.searchsorted(day, day, side="right") - 1]  # the last closing of the day on which it opens
            self._tables.append(np.stack([starts, ends, np.array(hours.opened[:-1], np.int64), last], axis=1))
        return self._known[hours]

    def add_openings(self, openings: Sequence[tuple[int, int]]) -> int:
        """Openings as they are written, which may touch."""
        table = np.full((len(openings), 4), NONE)
        table[:, :2] = np.reshape(openings, (-1, 2))
        self._tables.append(table)
        return len(self._tables) - 1

    def bounds(self) -> np.ndarray:
        """First interval and end of each set."""
        edges = np.cumsum([0, *map(len, self._tables)])
        return _table(edges[:-1], edges[1:])

    def intervals(self) -> np.ndarray:
        return _ints(np.concatenate(self._tables))


def _allowed(plan: Plan, calls: np.ndarray, used: np.ndarray, sets: _Sets) -> np.ndarray:
    """Which hours hold for whom."""
    shifts = plan.crowd.shifts
    allowed = np.full((len(shifts), 2 * (len(calls) + 1) + 1), NONE)
    for s in used:
        regular, both = shifts[s].work_regular, shifts[s].work_regular | shifts[s].work_duty
        columns = [regular, both]
        for k in calls:
            columns += [regular | plan.calendar_hours[k], both | plan.calendar_hours[k]]
        allowed[s, :-1] = [sets.add(hours) for hours in columns]
    if (plan.procedure.steps.due == DueAt.END_OF_DUTY).any():
        for s in np.unique(plan.crowd.pool_shift):
            allowed[s, -1] = sets.add(shifts[s].all_hours)
    return _ints(allowed)


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


def _people(plan: Plan) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Desks; crews, which are those of a pool who have the same shift; the crew of each person; and people crew by crew.

    An unlimited pool has one crew without people, for its hours. There is one desk more, for where the crews of the last one end.
    """
    crowd = plan.crowd
    pools, shifts = len(crowd.pool_team), len(crowd.shifts)
    unlimited = np.flatnonzero(crowd.pool_unlimited)
    people = crowd.person_pool * shifts + crowd.person_shift
    codes, crew = np.unique(np.concatenate([people, unlimited * shifts + crowd.pool_shift[unlimited]]), return_inverse=True)
    crew = np.ascontiguousarray(crew[: len(people)], np.int32)
    order = np.argsort(crew, kind="stable")
    desks = np.full((pools + 1, c.DESK), NONE, np.int32)
    desks[:pools, c.H_TEAM], desks[:pools, c.H_UNLIMITED], desks[:pools, c.H_SHIFT] = crowd.pool_team, crowd.pool_unlimited, crowd.pool_shift
    desks[:, c.H_PERSON] = np.searchsorted(crowd.person_pool, np.arange(pools + 1))
    desks[:, c.H_CREW] = np.searchsorted(codes // shifts, np.arange(pools + 1))
    desks[:, c.H_CLEAR] = 0
    crews = np.full((len(codes), c.M_STAY + 1), NONE, np.int32)
    crews[:, c.M_POOL], crews[:, c.M_SHIFT] = np.divmod(codes, shifts)
    crews[:, c.M_FIRST] = np.searchsorted(crew[order], np.arange(len(codes)))
    crews[:, c.M_IDLE] = np.bincount(crew, minlength=len(codes))
    return desks, crews, crew, order
