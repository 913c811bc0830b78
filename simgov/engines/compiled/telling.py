"""The journal's tables from the rows of a run, in canonical order: each incident's visits follow its trail, so nothing is sorted."""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import entry, inlined, jit


@entry
def tell(world, state, order, visits, reached, work):
    """Write all visits and all work, incident by incident, column by column."""
    told = work_told = 0
    for i in range(len(order)):
        who = order[i]
        row = state.trail[who, c.K_FIRST]
        while row >= 0:
            for copy in range(copies(state, row), 0, -1):
                work_told = tell_row(world, state, row + copy, told, work_told, visits, reached, work)
                told += 1
            work_told = tell_row(world, state, row, told, work_told, visits, reached, work)
            told += 1
            parts = state.rows[row, c.L_PARTS]
            while 0 <= parts < state.g[c.G_ROWS] and state.rows[parts, c.L_VISIT] == row:
                work_told = tell_row(world, state, parts, told, work_told, visits, reached, work)
                told += 1
                parts += 1
            row = state.rows[row, c.L_NEXT]


@jit
def copies(state, row):
    """How many readers' copies a visit has: they come right after it."""
    n = 0
    while row + n + 1 < state.g[c.G_ROWS] and state.rows[row + n + 1, c.L_VISIT] == row and state.rows[row + n + 1, c.V_PART] < 0:
        n += 1
    return n


@jit
def tell_row(world, state, row, told, work_told, visits, reached, work):
    for x in range(c.V_STEP):
        visits[x, told] = state.rows[row, x]
    visits[c.V_STEP, told] = world.steps[state.rows[row, c.V_STEP], c.S_CLS]
    for x in range(c.V_STEP, c.V_REACHED):
        visits[x + 1, told] = state.rows[row, x]
    reached[told] = state.rows[row, c.V_REACHED] != 0
    first, people = state.rows[row, c.L_CREW], state.rows[row, c.L_PEOPLE]
    if people > 1:
        sort_crew(state, first, people)
    for w in range(first, first + people):
        for x in range(3):
            work[x, work_told] = state.rows[row, x]
        for x in range(6):
            work[3 + x, work_told] = state.work[w, x]
        work_told += 1
    return work_told


@inlined
def sort_crew(state, first, people):
    """By pool and person (by insertion: they are few)."""
    table = state.work
    for n in range(first + 1, first + people):
        i = n
        while i > first and (
            table[i, c.W_POOL] < table[i - 1, c.W_POOL]
            or (table[i, c.W_POOL] == table[i - 1, c.W_POOL] and table[i, c.W_PERSON] < table[i - 1, c.W_PERSON])
        ):
            for x in range(c.W_CREW + 1):
                table[i, x], table[i - 1, x] = table[i - 1, x], table[i, x]
            i -= 1
