"""Lines: waiting requests that want exactly the same people in the same hours stand in one line, in queue order.

In one walk nobody is freed, so when the first of a line cannot start, none behind it can. A walk therefore costs as much as
there are starts and lines, however long the lines are. Lines with somebody in them are listed at each pool they ask.
"""

from __future__ import annotations

import numpy as np

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.events import remind
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.numbers import mix
from simgov.engines.compiled.orders import added, without


@jit
def want(world, state, row):
    """Write down in `state.wants` whom a row asks for: (pool, people, person, slot); returns how many entries."""
    rows, wants, needs = state.rows, state.wants, world.needs
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    home = state.trail[rows[row, c.L_WHO], c.K_HOME]
    first, count = world.steps[step, c.S_NEED], world.steps[step, c.S_NEEDS]
    if part > 0:
        first, count = rows[row, c.L_NEED], 1
    elif part < 0:
        first, count = world.steps[step, c.S_READER] - part - 1, 1
    for k in range(count):
        need = first + k
        wants[k, c.X_POOL] = rows[row, c.L_POOL] if part > 0 else world.places[needs[need, c.D_PLACE], home]
        wants[k, c.X_PEOPLE] = needs[need, c.D_PEOPLE]
        wants[k, c.X_PERSON] = c.NONE
        wants[k, c.X_SLOT] = needs[need, c.D_SLOT] if count > 1 else 0
        if needs[need, c.D_SAME] >= 0:
            work = same_as(state, rows[row, c.L_VISIT], needs[need, c.D_SAME], needs[need, c.D_SAME_TEAM])
            if work >= 0:
                pool, number = state.work[work, c.W_POOL], state.work[work, c.W_PERSON]
                wants[k, c.X_POOL] = pool
                wants[k, c.X_PERSON] = state.desks[pool, c.H_PERSON] + number if number >= 0 else c.NONE
    return count


@jit
def same_as(state, visit, stage, team):
    """The first work (of a team, or -1 for all) at the latest earlier visit of a stage by this incident, or -1."""
    rows, work = state.rows, state.work
    visit = rows[visit, c.L_PREV]
    while visit >= 0 and rows[visit, c.V_STAGE] != stage:
        visit = rows[visit, c.L_PREV]
    if visit < 0:
        return c.NONE
    first, count = served(state, visit)
    for row in range(first, first + count):
        if in_time(state, row, visit):
            for w in range(rows[row, c.L_CREW], rows[row, c.L_CREW] + rows[row, c.L_PEOPLE]):
                if team < 0 or state.desks[work[w, c.W_POOL], c.H_TEAM] == team:
                    return w
    return c.NONE


@jit
def parts_of(state, visit):
    """How many parts a visit has: they follow each other."""
    first = state.rows[visit, c.L_PARTS]
    n = 0
    while first >= 0 and first + n < state.g[c.G_ROWS] and state.rows[first + n, c.L_VISIT] == visit:
        n += 1
    return n


@jit
def served(state, visit):
    """The rows of a visit at which people work, the first and how many: itself, or its parts."""
    if state.rows[visit, c.L_PARTS] < 0:
        return visit, 1
    return state.rows[visit, c.L_PARTS], parts_of(state, visit)


@jit
def in_time(state, row, visit):
    """Whether a row of a visit started before the visit was left: not so a part that a split did not wait for."""
    rows = state.rows
    return rows[row, c.V_STARTED] >= 0 and (rows[visit, c.V_LEFT] < 0 or rows[row, c.V_STARTED] < rows[visit, c.V_LEFT])


@inlined
def line_of(world, state, row, wanted):
    """The line for what `state.wants` says; a new one if nobody has wanted that before."""
    g, lines, wants, attached = state.g, state.lines, state.wants, state.attached
    step = state.rows[row, c.V_STEP]
    when = world.steps[step, c.S_WHEN]
    called = world.steps[step, c.S_CALLED] if state.rows[row, c.V_REACHED] else c.NONE
    together = state.rows[row, c.V_PART] == 0 and world.steps[step, c.S_MODE] == c.MODE_ALL
    mode = c.MODE_ALL if together else c.MODE_ANY
    hold = world.steps[step, c.S_HOLD] if together else 0
    bits = np.uint64((((called + 1) * 4 + when) * 4 + mode) * 2 + hold)
    for k in range(wanted):
        bits = mix(bits ^ np.uint64(wants[k, c.X_POOL] + 1))
        bits = mix(bits ^ np.uint64(((wants[k, c.X_PERSON] + 1) * 64 + min(wants[k, c.X_PEOPLE], 63)) * 16 + min(wants[k, c.X_SLOT], 15)))
    bucket = int(bits & np.uint64(len(state.buckets) - 1))
    line = state.buckets[bucket]
    while line >= 0:
        same = (
            lines[line, c.Q_WANTS] == wanted
            and lines[line, c.Q_WHEN] == when
            and lines[line, c.Q_CALLED] == called
            and lines[line, c.Q_MODE] == mode
            and lines[line, c.Q_HOLD] == hold
        )
        for k in range(wanted if same else 0):
            at = lines[line, c.Q_WANT] + k
            same = (
                same
                and attached[at, c.X_POOL] == wants[k, c.X_POOL]
                and attached[at, c.X_PEOPLE] == wants[k, c.X_PEOPLE]
                and attached[at, c.X_PERSON] == wants[k, c.X_PERSON]
                and attached[at, c.X_SLOT] == wants[k, c.X_SLOT]
            )
        if same:
            return line
        line = lines[line, c.Q_NEXT]
    line, first = g[c.G_LINES], g[c.G_WANTS]
    g[c.G_LINES] = line + 1
    g[c.G_WANTS] = first + wanted
    lines[line, c.Q_ROOT] = c.NONE
    lines[line, c.Q_WANT] = first
    lines[line, c.Q_WANTS] = wanted
    lines[line, c.Q_WHEN] = when
    lines[line, c.Q_CALLED] = called
    lines[line, c.Q_MODE] = mode
    lines[line, c.Q_HOLD] = hold
    lines[line, c.Q_WALK] = c.NONE
    lines[line, c.Q_NEXT] = state.buckets[bucket]
    state.buckets[bucket] = line
    for at in range(first, first + wanted):
        known = wants[at - first, c.X_POOL] < 0
        for other in range(first, at):
            known = known or attached[other, c.X_POOL] == wants[at - first, c.X_POOL]
        for x in range(c.X_SLOT + 1):
            attached[at, x] = wants[at - first, x]
        attached[at, c.A_LINE] = c.NONE if known else line  # once at each pool
    return line


@inlined
def stand(world, state, row, wanted):
    """A row that cannot start goes into its line."""
    lines = state.lines
    line = line_of(world, state, row, wanted)
    empty = lines[line, c.Q_ROOT] < 0
    lines[line, c.Q_ROOT] = added(state.rows, lines[line, c.Q_ROOT], row)
    state.rows[row, c.L_LINE] = line
    visit, part = state.rows[row, c.L_VISIT], state.rows[row, c.V_PART]
    if state.rows[visit, c.V_DUE] >= 0 and 0 <= part <= 1 and state.rows[visit, c.V_ENTERED] == state.g[c.G_NOW]:
        remind(world, state, visit)
    if empty:
        list_at_pools(state, line)


@jit
def step_out(state, row):
    """A row leaves its line."""
    lines, line = state.lines, state.rows[row, c.L_LINE]
    state.rows[row, c.L_LINE] = c.NONE
    lines[line, c.Q_ROOT] = without(state.rows, lines[line, c.Q_ROOT], row)
    if lines[line, c.Q_ROOT] < 0:
        strike_at_pools(state, line)


@inlined
def list_at_pools(state, line):
    g, desks, lists, attached = state.g, state.desks, state.lists, state.attached
    first = state.lines[line, c.Q_WANT]
    for at in range(first, first + state.lines[line, c.Q_WANTS]):
        if attached[at, c.A_LINE] < 0:
            continue
        pool = attached[at, c.X_POOL]
        following = desks[pool, c.H_ATTACHED]
        attached[at, c.A_BACK] = c.NONE
        attached[at, c.A_NEXT] = following
        desks[pool, c.H_ATTACHED] = at
        if following >= 0:
            attached[following, c.A_BACK] = at
        else:
            desks[pool, c.H_WAITING] = g[c.G_POOLS_WAITING]
            lists[g[c.G_POOLS_WAITING], c.LIST_WAITING] = pool
            g[c.G_POOLS_WAITING] += 1


@inlined
def strike_at_pools(state, line):
    g, desks, lists, attached = state.g, state.desks, state.lists, state.attached
    first = state.lines[line, c.Q_WANT]
    for at in range(first, first + state.lines[line, c.Q_WANTS]):
        if attached[at, c.A_LINE] < 0:
            continue
        pool, back, following = attached[at, c.X_POOL], attached[at, c.A_BACK], attached[at, c.A_NEXT]
        if following >= 0:
            attached[following, c.A_BACK] = back
        if back >= 0:
            attached[back, c.A_NEXT] = following
        else:
            desks[pool, c.H_ATTACHED] = following
            if following < 0:
                place, last = desks[pool, c.H_WAITING], g[c.G_POOLS_WAITING] - 1
                moved = lists[last, c.LIST_WAITING]
                lists[place, c.LIST_WAITING] = moved
                desks[moved, c.H_WAITING] = place
                g[c.G_POOLS_WAITING] = last
