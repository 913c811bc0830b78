"""Gates (R18): who waits at one, when it opens next, and who is let through.

A gate belongs to (stage, calendar, takes) and a node, and gets its row when somebody first comes to it. The openings of a calendar, as
they are written, are one more set of hours.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.events import push, remind
from simgov.engines.compiled.hours import interval
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.orders import added, without, without_first


@inlined
def wait_at_gate(world, state, row):
    """A visit comes to its gate; the gates of this second let it through, or not, when all has come (R30 c)."""
    g, rows, gates = state.g, state.rows, state.gates
    step = rows[row, c.V_STEP]
    key, node = world.steps[step, c.S_GATE], world.places[world.steps[step, c.S_GATE_AT], state.trail[rows[row, c.L_WHO], c.K_HOME]]
    gate = state.gate_at[key, node + 1]
    if gate < 0:
        gate = g[c.G_GATES]
        g[c.G_GATES] = gate + 1
        state.gate_at[key, node + 1] = gate
        for x in range(6):
            gates[gate, x] = c.NONE
        gates[gate, c.B_STEP] = step
    gates[gate, c.B_ROOT] = added(rows, gates[gate, c.B_ROOT], row)
    rows[row, c.L_STATE] = c.AT_GATE
    rows[row, c.L_LINE] = gate
    remind(world, state, row)
    expect(world, state, gate, False)


@jit
def expect(world, state, gate, full):
    """Flag the gate if it is open now and has places left, else see that it opens next time."""
    g, gates = state.g, state.gates
    now, step = g[c.G_NOW], gates[gate, c.B_STEP]
    hours, takes = world.steps[step, c.S_CALENDAR], world.steps[step, c.S_TAKES]
    i = interval(world, state, hours, now)
    if not full and i >= state.hours[hours, c.J_FIRST] and now < world.intervals[i, c.I_END]:
        if takes < 0 or gates[gate, c.B_OPENING] != i or gates[gate, c.B_USED] < takes:
            flag(g, gates, gate)
            return
    i += 1
    if i < state.hours[hours, c.J_END] and gates[gate, c.B_NEXT] != i:
        gates[gate, c.B_NEXT] = i
        if world.intervals[i, c.I_START] < g[c.G_HORIZON]:
            push(state.heap, g, world.intervals[i, c.I_START], c.GATES, gate)


@jit
def flag(g, gates, gate):
    """The gate is to be looked at in this second: it is put on a chain of such gates."""
    if gates[gate, c.B_FLAG] == c.NONE:
        gates[gate, c.B_FLAG] = g[c.G_FLAGGED]
        g[c.G_FLAGGED] = gate + 1


@inlined
def open_gates(world, state):
    """All gates of this second let through whom they can, before anything follows from it; those let through are a chain."""
    g, gates, rows = state.g, state.gates, state.rows
    last, flagged = c.NONE, g[c.G_FLAGGED]
    while flagged > 0:
        gate = flagged - 1
        flagged = gates[gate, c.B_FLAG]
        gates[gate, c.B_FLAG] = c.NONE
        step = gates[gate, c.B_STEP]
        takes = world.steps[step, c.S_TAKES]
        i = interval(world, state, world.steps[step, c.S_CALENDAR], g[c.G_NOW])
        if gates[gate, c.B_OPENING] != i:
            gates[gate, c.B_OPENING] = i
            gates[gate, c.B_USED] = 0
        while gates[gate, c.B_ROOT] >= 0 and (takes < 0 or gates[gate, c.B_USED] < takes):
            row = gates[gate, c.B_ROOT]
            gates[gate, c.B_ROOT] = without_first(rows, row)
            gates[gate, c.B_USED] += 1
            rows[row, c.L_STATE] = c.GONE
            rows[row, c.L_LINE] = c.NONE
            rows[row, c.L_LINK] = c.NONE
            if last < 0:
                g[c.G_ADMITTED] = row
            else:
                rows[last, c.L_LINK] = row
            last = row
        if gates[gate, c.B_ROOT] >= 0:
            expect(world, state, gate, True)
    g[c.G_FLAGGED] = 0


@jit
def leave_gate(rows, gates, row):
    """A visit that waits at a gate goes away."""
    gate = rows[row, c.L_LINE]
    gates[gate, c.B_ROOT] = without(rows, gates[gate, c.B_ROOT], row)
