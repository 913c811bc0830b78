"""Lines: waiting requests that want exactly the same people in the same hours stand in one line, in queue order.

In one walk nobody is freed, so when the first of a line cannot start, none behind it can. A walk therefore costs as much as
there are starts and lines, however long the lines are. Lines with somebody in them are listed at each pool they ask.
"""

from __future__ import annotations

import numpy as np

from simgov.engines.compiled import columns as c
from simgov.engines.compiled import orders
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.numbers import mix


@jit
def want(world, state, row):
    """Write down in `state.wants` whom a row asks for: (pool, people, person); returns how many entries."""
    rows = state.rows
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    home = state.trail[state.life[row, c.L_WHO], c.K_HOME]
    first, count = world.steps[step, c.S_NEED], world.steps[step, c.S_NEEDS]
    if part > 0:
        first, count = first + part - 1, 1
    elif part < 0:
        first, count = world.steps[step, c.S_READER] - part - 1, 1
    for k in range(count):
        need = first + k
        state.wants[k, c.X_POOL] = world.places[world.needs[need, c.N_PLACE], home]
        state.wants[k, c.X_PEOPLE] = world.needs[need, c.N_PEOPLE]
        state.wants[k, c.X_PERSON] = c.NONE
        if world.needs[need, c.N_SAME] >= 0:
            work = same_as(world, state, row, world.needs[need, c.N_SAME])
            if work >= 0:
                pool, number = state.work[work, c.W_POOL], state.work[work, c.W_PERSON]
                state.wants[k, c.X_POOL] = pool
                state.wants[k, c.X_PERSON] = world.pool_person[pool] + number if number >= 0 else c.NONE
    return count


@jit
def same_as(world, state, row, stage):
    """The first work at the latest earlier visit of a stage by this incident, or -1."""
    visit = state.life[state.life[row, c.L_VISIT], c.L_PREV]
    while visit >= 0:
        if state.rows[visit, c.V_STAGE] == stage:
            return state.life[visit, c.L_FIRST]
        visit = state.life[visit, c.L_PREV]
    return c.NONE


@jit
def on_call(world, state, row):
    """The on-call calendar by which a row may be worked, or -1."""
    return world.steps[state.rows[row, c.V_STEP], c.S_CALLED] if state.rows[row, c.V_REACHED] else c.NONE


@inlined
def line_of(world, state, row, wanted):
    """The line for what `state.wants` says; a new one if nobody has wanted that before."""
    g, lines, wants = state.g, state.lines, state.wants
    step = state.rows[row, c.V_STEP]
    when, called = world.steps[step, c.S_WHEN], on_call(world, state, row)
    together = state.rows[row, c.V_PART] == 0 and world.steps[step, c.S_MODE] == c.MODE_ALL
    mode = c.MODE_ALL if together else c.MODE_ANY
    hold = world.steps[step, c.S_HOLD] if together else 0
    bits = np.uint64((((called + 1) * 4 + when) * 4 + mode) * 2 + hold)
    for k in range(wanted):
        bits = mix(bits ^ np.uint64(wants[k, c.X_POOL] + 1))
        bits = mix(bits ^ np.uint64((wants[k, c.X_PERSON] + 1) * 64 + min(wants[k, c.X_PEOPLE], 63)))
    bucket = int(bits & np.uint64(len(state.buckets) - 1))
    line = state.buckets[bucket]
    while line >= 0:
        if (
            lines[line, c.Q_WANTS] == wanted
            and lines[line, c.Q_WHEN] == when
            and lines[line, c.Q_CALLED] == called
            and lines[line, c.Q_MODE] == mode
            and lines[line, c.Q_HOLD] == hold
            and same_wants(state, lines[line, c.Q_WANT], wanted)
        ):
            return line
        line = lines[line, c.Q_NEXT]
    line = g[c.G_LINES]
    g[c.G_LINES] = line + 1
    lines[line, c.Q_ROOT] = c.NONE
    lines[line, c.Q_ATTACHED] = g[c.G_ATTACHED]
    lines[line, c.Q_WANT] = g[c.G_WANTS]
    lines[line, c.Q_WANTS] = wanted
    lines[line, c.Q_WHEN] = when
    lines[line, c.Q_CALLED] = called
    lines[line, c.Q_MODE] = mode
    lines[line, c.Q_HOLD] = hold
    lines[line, c.Q_WALK] = c.NONE
    lines[line, c.Q_NEXT] = state.buckets[bucket]
    state.buckets[bucket] = line
    pools = 0
    for k in range(wanted):
        for x in range(3):
            state.line_wants[g[c.G_WANTS], x] = wants[k, x]
        g[c.G_WANTS] += 1
        pool = wants[k, c.X_POOL]
        known = pool < 0
        for j in range(pools):
            known = known or state.attached[lines[line, c.Q_ATTACHED] + j, c.A_POOL] == pool
        if not known:
            state.attached[g[c.G_ATTACHED], c.A_POOL] = pool
            state.attached[g[c.G_ATTACHED], c.A_LINE] = line
            g[c.G_ATTACHED] += 1
            pools += 1
    lines[line, c.Q_POOLS] = pools
    return line


@jit
def same_wants(state, first, wanted):
    for k in range(wanted):
        for x in range(3):
            if state.line_wants[first + k, x] != state.wants[k, x]:
                return False
    return True


@inlined
def stand(world, state, row, wanted):
    """A row that cannot start goes into its line."""
    line = line_of(world, state, row, wanted)
    empty = state.lines[line, c.Q_ROOT] < 0
    state.lines[line, c.Q_ROOT] = orders.added(state, state.lines[line, c.Q_ROOT], row)
    state.life[row, c.L_LINE] = line
    if empty:
        list_at_pools(state, line)


@jit
def step_out(state, row):
    """A row leaves its line."""
    line = state.life[row, c.L_LINE]
    state.life[row, c.L_LINE] = c.NONE
    state.lines[line, c.Q_ROOT] = orders.without(state, state.lines[line, c.Q_ROOT], row)
    if state.lines[line, c.Q_ROOT] < 0:
        strike_at_pools(state, line)


@jit
def reorder(state, row, by):
    """A row in line gets a lower priority number, and its new place."""
    line = state.life[row, c.L_LINE]
    root = orders.without(state, state.lines[line, c.Q_ROOT], row)
    state.rows[row, c.V_PRIORITY] -= by
    state.lines[line, c.Q_ROOT] = orders.added(state, root, row)


@jit
def list_at_pools(state, line):
    g, pools, attached = state.g, state.pools, state.attached
    for at in range(state.lines[line, c.Q_ATTACHED], state.lines[line, c.Q_ATTACHED] + state.lines[line, c.Q_POOLS]):
        pool = attached[at, c.A_POOL]
        following = pools[pool, c.H_ATTACHED]
        attached[at, c.A_BACK] = c.NONE
        attached[at, c.A_NEXT] = following
        pools[pool, c.H_ATTACHED] = at
        if following >= 0:
            attached[following, c.A_BACK] = at
        else:
            pools[pool, c.H_WAITING] = g[c.G_POOLS_WAITING]
            state.waiting[g[c.G_POOLS_WAITING]] = pool
            g[c.G_POOLS_WAITING] += 1


@jit
def strike_at_pools(state, line):
    g, pools, attached = state.g, state.pools, state.attached
    for at in range(state.lines[line, c.Q_ATTACHED], state.lines[line, c.Q_ATTACHED] + state.lines[line, c.Q_POOLS]):
        pool, back, following = attached[at, c.A_POOL], attached[at, c.A_BACK], attached[at, c.A_NEXT]
        if following >= 0:
            attached[following, c.A_BACK] = back
        if back >= 0:
            attached[back, c.A_NEXT] = following
        else:
            pools[pool, c.H_ATTACHED] = following
            if following < 0:
                place, last = pools[pool, c.H_WAITING], g[c.G_POOLS_WAITING] - 1
                moved = state.waiting[last]
                state.waiting[place] = moved
                pools[moved, c.H_WAITING] = place
                g[c.G_POOLS_WAITING] = last
