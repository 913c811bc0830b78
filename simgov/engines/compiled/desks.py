"""Desks: the pools as places where requests wait. What changes at one in a second, and who stays there until it is clear (R21)."""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import inlined, jit


@jit
def touch(desks, lists, g, pool):
    """Something changed at a pool: the lines at it are walked in this second."""
    if desks[pool, c.H_ATTACHED] >= 0 and desks[pool, c.H_TOUCHED] != g[c.G_SERIAL]:
        desks[pool, c.H_TOUCHED] = g[c.G_SERIAL]
        lists[g[c.G_TOUCHED], c.LIST_TOUCHED] = pool
        g[c.G_TOUCHED] += 1


@inlined
def turn(world, state, now):
    """The shifts, and the on-call calendars, that turn in this second (R30 d); pools where somebody waits are touched."""
    g, shifts, desks, lists, turns = state.g, state.shifts, state.desks, state.lists, world.turns
    at = g[c.G_TURN]
    on_call = to_duty = False
    while at < len(turns) and turns[at, c.T_SECOND] == now:
        what = turns[at, c.T_WHAT]
        shifts[what, c.Z_TURNED] = now
        if turns[at, c.T_STATE] == c.DUTY and shifts[what, c.Z_STATE] != c.DUTY:
            shifts[what, c.Z_WINDOW] += 1
            shifts[what, c.Z_DUTY] = now
            to_duty = True
        shifts[what, c.Z_STATE] = turns[at, c.T_STATE]
        shifts[what, c.Z_PRESENT] = turns[at, c.T_PRESENT]
        on_call = on_call or what >= g[c.G_SHIFTS]
        at += 1
    g[c.G_TURN] = at
    if to_duty:
        for i in range(g[c.G_CLEAR]):
            stay(state, lists[i, c.LIST_CLEAR], now)
    for i in range(g[c.G_POOLS_WAITING]):
        pool = lists[i, c.LIST_WAITING]
        if turned(state, pool, now, on_call):
            touch(desks, lists, g, pool)


@inlined
def stay(state, pool, now):
    """Those of a pool whose shift turns to duty stay, because something is left."""
    crews, shifts = state.crews, state.shifts
    for crew in range(state.desks[pool, c.H_CREW], state.desks[pool + 1, c.H_CREW]):
        shift = state.crews[crew, c.M_SHIFT]
        if shifts[shift, c.Z_DUTY] == now:
            crews[crew, c.M_STAY] = shifts[shift, c.Z_WINDOW]


@inlined
def turned(state, pool, now, on_call):
    """Whether a shift of the pool, or the on-call hours of a line at it, turned in this second."""
    shifts, attached = state.shifts, state.attached
    for crew in range(state.desks[pool, c.H_CREW], state.desks[pool + 1, c.H_CREW]):
        if shifts[state.crews[crew, c.M_SHIFT], c.Z_TURNED] == now:
            return True
    if on_call:
        at = state.desks[pool, c.H_ATTACHED]
        while at >= 0:
            called = state.lines[attached[at, c.A_LINE], c.Q_CALLED]
            if called >= 0 and shifts[state.g[c.G_SHIFTS] + called, c.Z_TURNED] == now:
                return True
            at = attached[at, c.A_NEXT]
    return False


@jit
def keep(desks, lists, g, pool, more):
    """Something of an until_clear stage comes to a pool (a request, or work in hand), or goes."""
    left = desks[pool, c.H_CLEAR] + more
    desks[pool, c.H_CLEAR] = left
    if left == 1 and more == 1:
        desks[pool, c.H_CLEAR_AT] = g[c.G_CLEAR]
        lists[g[c.G_CLEAR], c.LIST_CLEAR] = pool
        g[c.G_CLEAR] += 1
    elif left == 0:
        at, last = desks[pool, c.H_CLEAR_AT], g[c.G_CLEAR] - 1
        moved = lists[last, c.LIST_CLEAR]
        lists[at, c.LIST_CLEAR] = moved
        desks[moved, c.H_CLEAR_AT] = at
        g[c.G_CLEAR] = last
        if desks[pool, c.H_EMPTIED] != g[c.G_SERIAL]:
            desks[pool, c.H_EMPTIED] = g[c.G_SERIAL]
            lists[g[c.G_EMPTIED], c.LIST_EMPTIED] = pool
            g[c.G_EMPTIED] += 1


@inlined
def leave_if_clear(state):
    """At the end of the first second in which nothing is left, the people of a pool who had stayed leave."""
    g, desks, lists, crews = state.g, state.desks, state.lists, state.crews
    for i in range(g[c.G_EMPTIED]):
        pool = lists[i, c.LIST_EMPTIED]
        if desks[pool, c.H_CLEAR] == 0:
            for crew in range(state.desks[pool, c.H_CREW], state.desks[pool + 1, c.H_CREW]):
                crews[crew, c.M_STAY] = c.NONE
    g[c.G_EMPTIED] = 0
