"""A visit from its entry to its lead (R16, R17). What a row does next in the same second is the code that is returned."""

from __future__ import annotations

from math import ceil

import numpy as np

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.dues import set_due
from simgov.engines.compiled.events import push, remind
from simgov.engines.compiled.gates import wait_at_gate
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.lines import want
from simgov.engines.compiled.numbers import LEAD, ON_CALL, WAIT, key, mix, seconds, unit
from simgov.engines.compiled.work import left


@inlined
def enter(world, state, who, stage):
    """An incident enters a stage; returns the row of the visit, or -1 if it has been there too often."""
    g, rows, trail, steps = state.g, state.rows, state.trail, world.steps
    last, cls = trail[who, c.K_LAST], state.facts[c.E_CLS, who]
    step = world.index[trail[who, c.K_VERSION], stage, cls]
    nth, before = 0, last
    while before >= 0:
        if rows[before, c.V_STAGE] == stage:
            nth = rows[before, c.V_NTH] + 1
            break
        before = rows[before, c.L_PREV]
    if nth >= steps[step, c.S_MOST]:
        g[c.G_ERROR] = step
        g[c.G_ERROR_ROW] = who
        return c.NONE
    row = g[c.G_ROWS]
    g[c.G_ROWS] = row + 1
    for x in range(c.ROW):
        rows[row, x] = c.NONE
    rows[row, c.V_INCIDENT] = who if who < g[c.G_BIRTHS] else state.again[who - g[c.G_BIRTHS], c.N_NUMBER]
    rows[row, c.V_PART] = 0
    rows[row, c.V_STAGE] = stage
    rows[row, c.V_NTH] = nth
    rows[row, c.V_STEP] = step
    rows[row, c.V_ENTERED] = g[c.G_NOW]
    rows[row, c.V_PRIORITY] = steps[step, c.S_PRIORITY]
    if steps[step, c.S_NEEDS] > 0:
        rows[row, c.V_POOL] = world.places[world.needs[steps[step, c.S_NEED], c.D_PLACE], trail[who, c.K_HOME]]
    luck = mix(mix(state.key[who] ^ world.salts[c.SALT_PART, stage]) + np.uint64(nth))
    state.luck[row] = luck
    rows[row, c.V_REACHED] = 1 if steps[step, c.S_CALLED] >= 0 and unit(mix(luck ^ ON_CALL)) < world.steps_real[step, c.R_CALL] else 0
    rows[row, c.L_WHO] = who
    rows[row, c.L_VISIT] = row
    rows[row, c.L_PREV] = last
    rows[row, c.L_STATE] = c.GONE
    rows[row, c.L_PEOPLE] = 0
    trail[who, c.K_LAST] = row
    if last >= 0:
        rows[row, c.V_VISIT] = rows[last, c.V_VISIT] + 1
        rows[last, c.L_NEXT] = row
    else:
        rows[row, c.V_VISIT] = 0
        trail[who, c.K_FIRST] = row
    if steps[step, c.S_DUE] != c.DUE_NONE:
        set_due(world, state, row, who)
    for k in range(steps[step, c.S_READERS]):
        branch(world, state, row, -1 - k, c.NONE, c.NONE)
    if steps[step, c.S_GATE] >= 0:
        wait_at_gate(world, state, row)
    return row


@jit
def branch(world, state, visit, part, need, pool):
    """A part of a split, with its need and the pool asked, or a reader's copy: a row of its own, that asks for people now."""
    g, rows = state.g, state.rows
    row = g[c.G_ROWS]
    g[c.G_ROWS] = row + 1
    for x in range(c.ROW):
        rows[row, x] = rows[visit, x]
    for x in (c.V_POOL, c.L_PREV, c.L_NEXT, c.L_LINE):
        rows[row, x] = c.NONE
    rows[row, c.L_NEED] = need
    rows[row, c.L_POOL] = pool
    rows[row, c.V_PART] = part
    rows[row, c.V_ADMITTED] = g[c.G_NOW]
    rows[row, c.V_RELEASED] = g[c.G_NOW]
    ask(world, state, row)


@inlined
def admit(world, state, row):
    """The gate has let it through: on to the wait."""
    state.rows[row, c.V_ADMITTED] = state.g[c.G_NOW]
    table = world.steps[state.rows[row, c.V_STEP], c.S_WAIT]
    if table < 0:
        return c.RELEASE
    return pause(world, state, row, seconds(world.tables, table, mix(state.luck[row] ^ WAIT)), c.WAITING, c.RELEASE)


@jit
def pause(world, state, row, length, where, then):
    """Time that holds nobody; what takes none goes on in the same second."""
    g, rows = state.g, state.rows
    if length == 0:
        return then
    rows[row, c.L_STATE] = where
    waited = rows[row, c.V_ENTERED] < (g[c.G_NOW] if where == c.WAITING else max(rows[row, c.V_RELEASED], rows[row, c.V_STARTED]))
    if rows[row, c.V_DUE] >= 0 and not waited:
        remind(world, state, row)
    if length < g[c.G_HORIZON] - g[c.G_NOW]:
        push(state.heap, g, g[c.G_NOW] + length, c.ENDS, row)
    return c.NOTHING


@inlined
def release(world, state, row):
    """The wait is over: people are asked for."""
    g, rows = state.g, state.rows
    step = rows[row, c.V_STEP]
    rows[row, c.V_RELEASED] = g[c.G_NOW]
    needs = world.steps[step, c.S_NEEDS]
    if needs == 0:
        return c.AFTER
    if world.steps[step, c.S_MODE] == c.MODE_EACH:
        first = g[c.G_ROWS]
        split(world, state, row)
        rows[row, c.L_PARTS] = first
        rows[row, c.L_LEFT] = max(1, int(ceil(world.steps_real[step, c.R_JOIN] * (g[c.G_ROWS] - first) - 1e-9)))
        rows[row, c.L_STATE] = c.IN_LINE
    else:
        ask(world, state, row)
    return c.NOTHING


@inlined
def split(world, state, visit):
    """The parts of a split: one for each need, or for each of its pools below a node."""
    step, home = state.rows[visit, c.V_STEP], state.trail[state.rows[visit, c.L_WHO], c.K_HOME]
    part = 0
    for need in range(world.steps[step, c.S_NEED], world.steps[step, c.S_NEED] + world.steps[step, c.S_NEEDS]):
        fan = world.needs[need, c.D_FAN]
        if fan < 0:
            part += 1
            branch(world, state, visit, part, need, world.places[world.needs[need, c.D_PLACE], home])
        else:
            first = world.fans[fan, home, c.F_FIRST]
            for k in range(first, first + world.fans[fan, home, c.F_COUNT]):
                part += 1
                pool = world.fan_pools[k]
                branch(world, state, visit, part, need, pool)
                if world.steps[step, c.S_CALLED] >= 0 and pool >= 0:
                    bits = mix(key(state.luck[visit] ^ ON_CALL, world.salts[c.SALT_NODE, pool]))
                    state.rows[state.g[c.G_ROWS] - 1, c.V_REACHED] = 1 if unit(bits) < world.steps_real[step, c.R_CALL] else 0


@jit
def ask(world, state, row):
    """A request comes; it is served, or not, in the walk of this second."""
    g, rows = state.g, state.rows
    rows[row, c.L_STATE] = c.IN_LINE
    rows[row, c.L_LINK] = g[c.G_FRESH]
    g[c.G_FRESH] = row
    g[c.G_ASKING] += 1
    if world.steps[rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR:
        left(state, want(world, state, row), 1)


@inlined
def after(world, state, row):
    """What follows the work: the lead."""
    table = world.steps[state.rows[row, c.V_STEP], c.S_LEAD]
    if table < 0:
        return c.LEAVE
    return pause(world, state, row, seconds(world.tables, table, mix(state.luck[row] ^ LEAD)), c.LEADING, c.LEAVE)
