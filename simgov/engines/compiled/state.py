"""What the kernel writes: tables with room, which grow when the kernel asks for more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simgov.clock import NEVER
from simgov.draws import Draws
from simgov.engines.compiled import columns as c
from simgov.engines.compiled.pack import World, first_idle, packed
from simgov.plan import Plan

SCALARS = c.G_CREW + 1
FACTS, TRAIL = c.E_LEFT_BY + 1, c.K_BEFORE + 1
ROW, LIFE, WORK = c.V_REACHED + 1, c.L_LINK + 1, c.W_CREW + 1


class State(NamedTuple):
    """The tables of a run; their columns are named in `columns.py`."""

    g: np.ndarray  # single numbers
    rows: np.ndarray  # visits, parts and copies
    life: np.ndarray
    luck: np.ndarray  # keys of visits
    work: np.ndarray
    heap: np.ndarray  # events
    fresh: np.ndarray  # requests of this second
    walk: np.ndarray
    facts: np.ndarray  # of incidents, column by column
    trail: np.ndarray
    key: np.ndarray
    lines: np.ndarray
    line_wants: np.ndarray
    attached: np.ndarray
    buckets: np.ndarray
    gates: np.ndarray
    gate_at: np.ndarray  # gate by (key, node + 1)
    pools: np.ndarray
    waiting: np.ndarray  # pools with somebody in line
    touched: np.ndarray
    asked: np.ndarray
    clear: np.ndarray  # pools with something of an until_clear stage left
    emptied: np.ndarray
    idle: np.ndarray
    idle_count: np.ndarray
    idle_since: np.ndarray
    crew_stay: np.ndarray
    shift_state: np.ndarray
    shift_present: np.ndarray
    shift_window: np.ndarray
    turned: np.ndarray
    turned_to_duty: np.ndarray
    hint: np.ndarray
    wants: np.ndarray
    taken: np.ndarray
    held: np.ndarray
    crew_hours: np.ndarray
    crew_done: np.ndarray


GROWING = {
    "rows": 0, "life": 0, "luck": 0, "work": 0, "heap": 0, "fresh": 0, "walk": 0, "facts": 1, "trail": 0, "key": 0, "lines": 0, "line_wants": 0,
    "attached": 0, "gates": 0,
}  # fmt: skip


def begin(plan: Plan, draws: Draws, world: World) -> State:
    """The state before the first second."""
    sizes = packed(plan).sizes
    births, pools, persons, crews = len(draws.births.key), len(world.pool_team), len(world.person_crew), len(world.crew_pool)
    idle, idle_since = first_idle(plan, draws)
    turning = sizes.shifts + sizes.calls
    found = len(world.arrivals)
    many, few = 2 * found + 64 + 2 * sizes.wide, 64 + 2 * sizes.wide
    g = np.zeros(SCALARS, np.int64)
    for name in (c.G_STAGE, c.G_ADMITTED, c.G_ERROR):
        g[name] = c.NONE
    g[c.G_INCIDENTS] = g[c.G_BIRTHS] = births
    g[c.G_HORIZON], g[c.G_HOLDS], g[c.G_SHIFTS] = plan.horizon, sizes.holds, sizes.shifts
    g[c.G_WIDE], g[c.G_CREW] = sizes.wide, sizes.crew
    facts = np.full((FACTS, births + 64), c.NONE)
    facts[c.E_CLS, :births] = draws.births.found_cls
    facts[c.E_REOPENED] = 0
    facts[c.E_HOW, :births][world.found == NEVER] = c.HOW_HIDDEN
    key = np.empty(births + 64, np.uint64)
    key[:births] = draws.births.key

    def table(rows: int, *columns: int) -> np.ndarray:
        return np.empty((rows, *columns), np.int64)

    def full(count: int, value: int = c.NONE) -> np.ndarray:
        return np.full(count, value, np.int64)

    return State(
        g=g,
        rows=table(many, ROW),
        life=table(many, LIFE),
        luck=np.empty(many, np.uint64),
        work=table(many + sizes.crew, WORK),
        heap=table(few),
        fresh=table(few),
        walk=table(few),
        facts=facts,
        trail=table(births + 64, TRAIL),
        key=key,
        lines=table(64, c.Q_NEXT + 1),
        line_wants=table(few, 3),
        attached=table(few, 4),
        buckets=full(1 << max(6, int(pools).bit_length())),
        gates=table(64, c.B_KEY + 1),
        gate_at=np.full(sizes.gates, c.NONE),
        pools=np.tile(np.array([c.NONE, c.NONE, 0, c.NONE, c.NONE, c.NONE, c.NONE, c.NONE]), (pools, 1)),
        waiting=table(pools),
        touched=table(pools),
        asked=table(pools),
        clear=table(pools),
        emptied=table(pools),
        idle=idle,
        idle_count=np.bincount(world.person_crew, minlength=crews).astype(np.int64),
        idle_since=idle_since,
        crew_stay=full(crews),
        shift_state=np.append(world.shift_before, full(sizes.calls, c.OFF)),
        shift_present=full(turning, 0),
        shift_window=full(turning, 0),
        turned=full(turning),
        turned_to_duty=full(turning),
        hint=world.hours_first[:-1] - 1,
        wants=table(sizes.wide, 3),
        taken=table(sizes.crew + 1, 4),
        held=table(persons + pools if sizes.holds else 1, 3),
        crew_hours=table(sizes.crew + 1, 3),
        crew_done=table(sizes.crew + 1),
    )


def grown(state: State) -> State:
    """The state with more room in the tables that are nearly full."""
    g = state.g
    wide = int(g[c.G_WIDE]) + int(g[c.G_CREW]) + 8
    rows, work, fresh, lines = (int(g[k]) for k in (c.G_ROWS, c.G_WORK, c.G_FRESH, c.G_LINES))
    used = {
        "rows": rows, "life": rows, "luck": rows, "work": work, "heap": int(g[c.G_HEAP] + g[c.G_GATES]), "fresh": fresh, "walk": lines + fresh,
        "facts": int(g[c.G_INCIDENTS]), "trail": int(g[c.G_INCIDENTS]), "key": int(g[c.G_INCIDENTS]), "lines": lines,
        "line_wants": int(g[c.G_WANTS]), "attached": int(g[c.G_ATTACHED]), "gates": int(g[c.G_GATES]),
    }  # fmt: skip
    return state._replace(**{
        name: _longer(getattr(state, name), axis, used[name])
        for name, axis in GROWING.items()
        if used[name] + wide > getattr(state, name).shape[axis]
    })  # fmt: skip


def _longer(table: np.ndarray, axis: int, used: int) -> np.ndarray:
    """A copy of twice the length."""
    length = table.shape[axis]
    longer = np.empty((*table.shape[:axis], 2 * length + 64, *table.shape[axis + 1 :]), table.dtype)
    if axis:
        longer[:, :length] = table
    else:
        used = min(used, length)
        longer[:used] = table[:used]
    return longer
