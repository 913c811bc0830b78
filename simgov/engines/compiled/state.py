"""What the kernel writes: tables with room, which grow when the kernel asks for more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simgov.clock import NEVER
from simgov.draws import Draws
from simgov.engines.compiled import columns as c
from simgov.engines.compiled.pack import World, first_idle, packed
from simgov.plan import Plan


class State(NamedTuple):
    """The tables of a run; their columns are named in `columns.py`."""

    g: np.ndarray  # single numbers
    rows: np.ndarray  # visits, parts and copies
    luck: np.ndarray  # their keys
    work: np.ndarray
    heap: np.ndarray  # events
    walk: np.ndarray  # requests that are walked
    facts: np.ndarray  # of incidents, column by column
    trail: np.ndarray
    again: np.ndarray  # of those that come back
    key: np.ndarray
    lines: np.ndarray
    attached: np.ndarray  # what a line wants, and where it is listed
    buckets: np.ndarray
    gates: np.ndarray
    gate_at: np.ndarray  # gate by (number of the kind, node + 1)
    desks: np.ndarray  # pools
    lists: np.ndarray  # of pools
    people: np.ndarray
    crews: np.ndarray
    shifts: np.ndarray  # and on-call calendars
    hours: np.ndarray
    wants: np.ndarray
    taken: np.ndarray
    held: np.ndarray


GROWING = ("rows", "luck", "work", "heap", "walk", "facts", "trail", "again", "key", "lines", "attached", "gates")


def begin(plan: Plan, draws: Draws, world: World, wide: bool = False) -> State:
    """The state before the first second. Rows are numbers of 32 bits, which take half the memory, or `wide` ones of 64."""
    known = packed(plan)
    sizes = known.sizes
    births, pools, persons = len(draws.births.key), len(known.desks), len(world.person_crew)
    many, few = 2 * len(world.births) + 64 + 2 * sizes.wide, 64 + 2 * sizes.wide
    g = np.zeros(c.G_TOO_MANY + 1, np.int64)
    for name in (c.G_STAGE, c.G_ADMITTED, c.G_ERROR, c.G_FRESH):
        g[name] = c.NONE
    g[c.G_INCIDENTS] = g[c.G_BIRTHS] = births
    g[c.G_HORIZON], g[c.G_HOLDS], g[c.G_SHIFTS] = plan.horizon, sizes.holds, sizes.shifts
    g[c.G_WIDE], g[c.G_CREW] = sizes.wide, sizes.crew
    kind = np.int64 if wide or not sizes.narrow else np.int32
    g[c.G_MOST] = np.iinfo(kind).max
    facts = np.full((c.E_LEFT_BY + 1, births + 64), c.NONE)
    facts[c.E_CLS, :births] = draws.births.found_cls
    facts[c.E_REOPENED] = 0
    facts[c.E_HOW, :births][draws.births.found == NEVER] = c.HOW_HIDDEN
    key = np.empty(births + 64, np.uint64)
    key[:births] = draws.births.key
    people = np.stack(first_idle(plan, draws), axis=1)
    shifts = np.full((sizes.shifts + sizes.calls, 5), c.NONE)
    shifts[:, c.Z_STATE] = np.append(known.shift_before, np.full(sizes.calls, c.OFF))
    shifts[:, c.Z_PRESENT : c.Z_WINDOW + 1] = 0

    def table(rows: int, *columns: int) -> np.ndarray:
        return np.empty((rows, *columns), np.int64)

    return State(
        g=g,
        rows=np.empty((many, c.ROW), kind),
        luck=np.empty(many, np.uint64),
        work=np.empty((many + sizes.crew, c.W_CREW + 1), kind),
        heap=table(few),
        walk=table(few),
        facts=facts,
        trail=np.empty((births + 64, c.K_HOME + 1), np.int32),
        again=table(64, c.N_BEFORE + 1),
        key=key,
        lines=table(64, c.Q_NEXT + 1),
        attached=table(few, c.A_BACK + 1),
        buckets=np.full(1 << max(6, pools.bit_length()), c.NONE),
        gates=table(64, c.B_STEP + 1),
        gate_at=np.full(sizes.gates, c.NONE),
        desks=known.desks.copy(),
        lists=table(pools, c.LIST_EMPTIED + 1),
        people=people,
        crews=known.crews.copy(),
        shifts=shifts,
        hours=np.column_stack([known.hours, known.hours[:, 0] - 1]),
        wants=table(sizes.wide, c.X_SLOT + 1),
        taken=table(sizes.crew + 1, c.C_DONE + 1),
        held=table(persons + pools if sizes.holds else 1, 3),
    )


def grown(state: State) -> State:
    """The state with more room in the tables that are nearly full."""
    g = state.g
    rows, gates, lines, incidents = (int(g[k]) for k in (c.G_ROWS, c.G_GATES, c.G_LINES, c.G_INCIDENTS))
    spare = int(g[c.G_WIDE] + g[c.G_CREW]) + 8
    used = (rows, rows, g[c.G_WORK], g[c.G_HEAP] + gates, max(lines + g[c.G_ASKING], g[c.G_WALK]), incidents, incidents, incidents - g[c.G_BIRTHS], incidents, lines, g[c.G_WANTS], gates)
    return state._replace(**{
        name: _longer(getattr(state, name), int(n), axis=int(name == "facts"))
        for name, n in zip(GROWING, used, strict=True)
        if n + spare > getattr(state, name).shape[name == "facts"]
    })  # fmt: skip


def _longer(table: np.ndarray, used: int, axis: int) -> np.ndarray:
    """A copy of twice the length."""
    shape, used = list(table.shape), min(used, table.shape[axis])
    shape[axis] = 2 * shape[axis] + 64
    longer = np.empty(shape, table.dtype)
    if axis:
        longer[:, :used] = table[:, :used]
    else:
        longer[:used] = table[:used]
    return longer
