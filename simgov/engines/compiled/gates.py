"""Gates (R18): who waits at one, when it opens next, and who is let through.

A gate belongs to (stage, calendar, takes) and a node, and gets its row when somebody first comes to it.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled import events, orders
from simgov.engines.compiled.jit import inlined, jit


@jit
def gate_of(world, state, row):
    """The gate of a visit."""
    step, g = state.rows[row, c.V_STEP], state.g
    home = state.trail[state.life[row, c.L_WHO], c.K_HOME]
    key, node = world.steps[step, c.S_GATE], world.gate_node[world.steps[step, c.S_GATE_AT], home]
    gate = state.gate_at[key, node + 1]
    if gate < 0:
        gate = g[c.G_GATES]
        g[c.G_GATES] = gate + 1
        state.gate_at[key, node + 1] = gate
        state.gates[gate, c.B_ROOT] = c.NONE
        state.gates[gate, c.B_OPENING] = c.NONE
        state.gates[gate, c.B_USED] = 0
        state.gates[gate, c.B_NEXT] = c.NONE
        state.gates[gate, c.B_FLAG] = c.NONE
        state.gates[gate, c.B_KEY] = step
    return gate


@jit
def opening(world, calendar, now):
    """The last opening of a calendar that begins at or before a second; the one before the first if there is none."""
    low, high = world.openings_first[calendar], world.openings_first[calendar + 1]
    while low < high:
        middle = (low + high) // 2
        if world.openings[middle, 0] <= now:
            low = middle + 1
        else:
            high = middle
    return low - 1


@inlined
def wait_at_gate(world, state, row):
    """A visit comes to its gate; the gates of this second let it through, or not, when all has come (R30 c)."""
    gate = gate_of(world, state, row)
    state.gates[gate, c.B_ROOT] = orders.added(state, state.gates[gate, c.B_ROOT], row)
    state.life[row, c.L_STATE] = c.AT_GATE
    state.life[row, c.L_LINE] = gate
    expect(world, state, gate, False)


@jit
def expect(world, state, gate, tried):
    """Flag the gate if it is open now with places left, else see that it opens next time."""
    g, gates, now = state.g, state.gates, state.g[c.G_NOW]
    step = gates[gate, c.B_KEY]
    calendar, takes = world.steps[step, c.S_CALENDAR], world.steps[step, c.S_TAKES]
    i = opening(world, calendar, now)
    if i >= world.openings_first[calendar] and now < world.openings[i, 1] and not tried:
        used = gates[gate, c.B_USED] if gates[gate, c.B_OPENING] == i else 0
        if takes < 0 or used < takes:
            flag(state, gate)
            return
    i += 1
    if i < world.openings_first[calendar + 1] and gates[gate, c.B_NEXT] != i:
        gates[gate, c.B_NEXT] = i
        if world.openings[i, 0] < g[c.G_HORIZON]:
            events.push(state, world.openings[i, 0], c.GATES, gate)


@jit
def flag(state, gate):
    """The gate is to be looked at in this second."""
    g = state.g
    if state.gates[gate, c.B_FLAG] == c.NONE:
        state.gates[gate, c.B_FLAG] = g[c.G_FLAGGED]
        g[c.G_FLAGGED] = gate + 1


@inlined
def open_gates(world, state):
    """All gates of this second let through whom they can, before anything follows from it; those let through are linked."""
    g, gates, now = state.g, state.gates, state.g[c.G_NOW]
    last = c.NONE
    flagged = g[c.G_FLAGGED]
    while flagged > 0:
        gate = flagged - 1
        flagged = gates[gate, c.B_FLAG]
        gates[gate, c.B_FLAG] = c.NONE
        step = gates[gate, c.B_KEY]
        calendar, takes = world.steps[step, c.S_CALENDAR], world.steps[step, c.S_TAKES]
        i = opening(world, calendar, now)
        if gates[gate, c.B_OPENING] != i:
            gates[gate, c.B_OPENING] = i
            gates[gate, c.B_USED] = 0
        while gates[gate, c.B_ROOT] >= 0 and (takes < 0 or gates[gate, c.B_USED] < takes):
            row = gates[gate, c.B_ROOT]
            gates[gate, c.B_ROOT] = orders.without_first(state, row)
            gates[gate, c.B_USED] += 1
            state.life[row, c.L_STATE] = c.GONE
            state.life[row, c.L_LINE] = c.NONE
            state.life[row, c.L_LINK] = c.NONE
            if last < 0:
                g[c.G_ADMITTED] = row
            else:
                state.life[last, c.L_LINK] = row
            last = row
        if gates[gate, c.B_ROOT] >= 0:
            expect(world, state, gate, True)
    g[c.G_FLAGGED] = 0


@jit
def leave_gate(state, row):
    """A visit that waits at a gate goes away."""
    gate = state.life[row, c.L_LINE]
    state.gates[gate, c.B_ROOT] = orders.without(state, state.gates[gate, c.B_ROOT], row)
