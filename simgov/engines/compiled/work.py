"""Work in hand: it begins with the people taken for it, and when it will end is known at once, because nothing interrupts it."""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.crews import put_back
from simgov.engines.compiled.desks import keep, touch
from simgov.engines.compiled.events import push
from simgov.engines.compiled.hours import engage
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.numbers import WORK, key, mix, seconds


@inlined
def begin(world, state, row, wanted):
    """Work starts with those in `state.taken`."""
    g, rows, taken, work = state.g, state.rows, state.taken, state.work
    now, horizon = g[c.G_NOW], g[c.G_HORIZON]
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    people, first = g[c.G_TAKEN], g[c.G_WORK]
    hours = 0  # column of `allowed`: regular hours, or regular and duty; and for each on-call calendar the same
    if world.steps[step, c.S_WHEN] != c.WHEN_REGULAR:
        hours = 1
    if rows[row, c.V_REACHED]:
        hours += 2 * (world.steps[step, c.S_CALLED] + 1)
    for n in range(people):
        shift = state.crews[taken[n, c.C_CREW], c.M_SHIFT]
        taken[n, c.C_ALLOWED] = world.allowed[shift, hours]
        taken[n, c.C_REGULAR] = world.allowed[shift, 0]
    end = engage(world, state, people, now, work_of(world, state, row), world.steps[step, c.S_FINISH])
    for n in range(people):
        w, person = first + n, taken[n, c.C_PERSON]
        pool = state.crews[taken[n, c.C_CREW], c.M_POOL]
        work[w, c.W_POOL] = pool
        work[w, c.W_PERSON] = person - state.desks[pool, c.H_PERSON] if person >= 0 else c.NONE
        work[w, c.W_START] = now
        work[w, c.W_END] = end if end < horizon else c.NONE
        work[w, c.W_REGULAR] = taken[n, c.C_DONE]
        work[w, c.W_OFF] = taken[people, c.C_DONE] - taken[n, c.C_DONE]
        work[w, c.W_CREW] = taken[n, c.C_CREW]
    g[c.G_WORK] = first + people
    rows[row, c.L_CREW] = first
    rows[row, c.L_PEOPLE] = people
    rows[row, c.L_STATE] = c.IN_HAND
    rows[row, c.V_STARTED] = now
    rows[row, c.V_POOL] = work[first, c.W_POOL]
    if part > 0:
        visit = rows[row, c.L_VISIT]
        if rows[visit, c.V_FINISHED] < 0:  # else it did not wait for this part
            rows[visit, c.L_STATE] = c.IN_HAND
        if rows[visit, c.V_STARTED] < 0:
            rows[visit, c.V_STARTED] = now
    if world.steps[step, c.S_WHEN] == c.WHEN_CLEAR:
        left(state, wanted, -1)
        for n in range(people):
            keep(state.desks, state.lists, g, work[first + n, c.W_POOL], 1)
    if end < horizon:
        push(state.heap, g, end, c.ENDS, row)


@jit
def left(state, wanted, more):
    """A request of an until_clear stage waits at the pools in `state.wants`, or does so no longer."""
    for k in range(wanted):
        if state.wants[k, c.X_POOL] >= 0:
            keep(state.desks, state.lists, state.g, state.wants[k, c.X_POOL], more)


@inlined
def work_of(world, state, row):
    """How long the work takes: at least a second."""
    rows, needs = state.rows, world.needs
    step, part = rows[row, c.V_STEP], rows[row, c.V_PART]
    table = world.steps[step, c.S_WORK]
    bits = mix(state.luck[rows[row, c.L_VISIT]] ^ WORK)
    if part != 0:
        need = rows[row, c.L_NEED] if part > 0 else world.steps[step, c.S_READER] - part - 1
        bits = key(bits, world.salts[c.SALT_TEAM, needs[need, c.D_TEAM]])
        if part > 0 and needs[need, c.D_FAN] >= 0:
            bits = key(bits, world.salts[c.SALT_NODE, rows[row, c.L_POOL]])
        if needs[need, c.D_WORK] >= 0:
            table = needs[need, c.D_WORK]
    return max(1, seconds(world.tables, table, bits)) if table >= 0 else 1


@inlined
def finish(world, state, row):
    """Work ends: its people are free. Returns the visit that goes on, or -1."""
    g, rows, work = state.g, state.rows, state.work
    now, first = g[c.G_NOW], rows[row, c.L_CREW]
    clear = world.steps[rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR
    for w in range(first, first + rows[row, c.L_PEOPLE]):
        pool, person, crew = work[w, c.W_POOL], work[w, c.W_PERSON], work[w, c.W_CREW]
        if person >= 0:
            put_back(state.people, state.crews, crew, state.desks[pool, c.H_PERSON] + person, (now << 31) | person)
            touch(state.desks, state.lists, g, pool)
        if clear:
            keep(state.desks, state.lists, g, pool, -1)
    rows[row, c.V_FINISHED] = now
    if rows[row, c.V_PART] == 0:
        return row
    rows[row, c.V_LEFT] = now
    rows[row, c.V_RESULT] = c.RESULT_DONE
    rows[row, c.L_STATE] = c.GONE
    if rows[row, c.V_PART] < 0:
        return c.NONE
    visit = rows[row, c.L_VISIT]
    rows[visit, c.L_LEFT] -= 1
    if rows[visit, c.L_LEFT] != 0:
        return c.NONE
    rows[visit, c.V_FINISHED] = now
    return visit
