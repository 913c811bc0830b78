"""A visit from its entry to its end (R16, R17): gate, wait, people and work, lead. What a row does next is the code that is returned."""

from __future__ import annotations

import numpy as np

from simgov.engines.compiled import columns as c
from simgov.engines.compiled import crews, events, gates, hours, lines, orders, walk
from simgov.engines.compiled.columns import DAY, NEVER
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.numbers import LEAD, ON_CALL, WAIT, mix, seconds, unit


@inlined
def enter(world, state, who, stage):
    """An incident enters a stage; returns the row of the visit, or -1 if it has been there too often."""
    g, rows, life, trail = state.g, state.rows, state.life, state.trail
    now, last = g[c.G_NOW], trail[who, c.K_LAST]
    cls = state.facts[c.E_CLS, who]
    step = world.index[trail[who, c.K_VERSION], stage, cls]
    nth = visits_of(state, last, stage)
    if nth >= world.steps[step, c.S_MOST]:
        g[c.G_ERROR] = step
        g[c.G_ERROR_ROW] = who
        return c.NONE
    luck = mix(mix(state.key[who] ^ world.stage_parts[stage]) + np.uint64(nth))
    reached = 0
    if world.steps_real[step, c.R_CALL] > 0.0 and unit(mix(luck ^ ON_CALL)) < world.steps_real[step, c.R_CALL]:
        reached = 1
    row = g[c.G_ROWS]
    first_pool = c.NONE
    if world.steps[step, c.S_NEEDS] > 0:
        first_pool = world.places[world.needs[world.steps[step, c.S_NEED], c.N_PLACE], trail[who, c.K_HOME]]
    blank(state, row, who, rows[last, c.V_VISIT] + 1 if last >= 0 else 0, 0)
    rows[row, c.V_STAGE] = stage
    rows[row, c.V_NTH] = nth
    rows[row, c.V_CLS] = cls
    rows[row, c.V_STEP] = step
    rows[row, c.V_POOL] = first_pool
    rows[row, c.V_ENTERED] = now
    rows[row, c.V_PRIORITY] = world.steps[step, c.S_PRIORITY]
    rows[row, c.V_REACHED] = reached
    life[row, c.L_PREV] = last
    life[row, c.L_VISIT] = row
    state.luck[row] = luck
    if last >= 0:
        life[last, c.L_NEXT] = row
    else:
        trail[who, c.K_FIRST] = row
    trail[who, c.K_LAST] = row
    g[c.G_ROWS] = row + 1
    if world.steps[step, c.S_DUE] != c.DUE_NONE:
        set_due(world, state, row, who)
    for k in range(world.steps[step, c.S_READERS]):
        copy = branch(state, row, -1 - k)
        ask(world, state, copy)
    if world.steps[step, c.S_GATE] >= 0:
        gates.wait_at_gate(world, state, row)
        return row
    life[row, c.L_STATE] = c.GONE
    return row


@jit
def blank(state, row, who, visit, part):
    """A new row, in which nothing has happened yet."""
    rows, life = state.rows, state.life
    for x in range(19):
        rows[row, x] = c.NONE
    for x in range(15):
        life[row, x] = c.NONE
    rows[row, c.V_INCIDENT] = state.trail[who, c.K_NUMBER]
    rows[row, c.V_VISIT] = visit
    rows[row, c.V_PART] = part
    life[row, c.L_WHO] = who
    life[row, c.L_PEOPLE] = 0


@jit
def branch(state, visit, part):
    """A part of a split, or a reader's copy: a row of its own, entered with its visit."""
    rows, g = state.rows, state.g
    row = g[c.G_ROWS]
    g[c.G_ROWS] = row + 1
    who = state.life[visit, c.L_WHO]
    blank(state, row, who, rows[visit, c.V_VISIT], part)
    for x in (c.V_STAGE, c.V_NTH, c.V_CLS, c.V_STEP, c.V_DUE, c.V_PRIORITY, c.V_REACHED, c.V_ENTERED):
        rows[row, x] = rows[visit, x]
    state.life[row, c.L_VISIT] = visit
    return row


@jit
def visits_of(state, last, stage):
    """How often the incident has visited a stage."""
    while last >= 0:
        if state.rows[last, c.V_STAGE] == stage:
            return state.rows[last, c.V_NTH] + 1
        last = state.life[last, c.L_PREV]
    return 0


@inlined
def admit(world, state, row):
    """The gate has let it through: on to the wait."""
    step = state.rows[row, c.V_STEP]
    state.rows[row, c.V_ADMITTED] = state.g[c.G_NOW]
    table = world.steps[step, c.S_WAIT]
    if table < 0:
        return c.RELEASE
    return pause(state, row, seconds(world.tables, table, mix(state.luck[row] ^ WAIT)), c.WAITING, c.RELEASE)


@jit
def pause(state, row, length, where, then):
    """Time that holds nobody; what takes none goes on in the same second."""
    g = state.g
    if length == 0:
        return then
    state.life[row, c.L_STATE] = where
    if length < g[c.G_HORIZON] - g[c.G_NOW]:
        events.push(state, g[c.G_NOW] + length, c.ENDS, row)
    return c.NOTHING


@inlined
def release(world, state, row):
    """The wait is over: people are asked for."""
    rows, life, now = state.rows, state.life, state.g[c.G_NOW]
    step = rows[row, c.V_STEP]
    rows[row, c.V_RELEASED] = now
    needs = world.steps[step, c.S_NEEDS]
    if needs == 0:
        return c.AFTER
    life[row, c.L_STATE] = c.IN_LINE
    if world.steps[step, c.S_MODE] == c.MODE_EACH:
        life[row, c.L_PARTS] = state.g[c.G_ROWS]
        life[row, c.L_LEFT] = needs
        for k in range(needs):
            ask(world, state, branch(state, row, 1 + k))
    else:
        ask(world, state, row)
    return c.NOTHING


@jit
def ask(world, state, row):
    """A request comes; it is served, or not, in the walk of this second."""
    g = state.g
    if state.rows[row, c.V_PART] != 0:
        state.rows[row, c.V_ADMITTED] = g[c.G_NOW]
    state.rows[row, c.V_RELEASED] = g[c.G_NOW]
    state.life[row, c.L_STATE] = c.IN_LINE
    state.fresh[g[c.G_FRESH]] = row
    g[c.G_FRESH] += 1
    if world.steps[state.rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR:
        walk.remember(state, lines.want(world, state, row))


@inlined
def finish(world, state, row):
    """Work ends: its people are free."""
    g, rows, life = state.g, state.rows, state.life
    now = g[c.G_NOW]
    clear = world.steps[rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR
    for w in range(life[row, c.L_CREW], life[row, c.L_CREW] + life[row, c.L_PEOPLE]):
        pool, person = state.work[w, c.W_POOL], state.work[w, c.W_PERSON]
        if person >= 0:
            crews.put_back(world, state, state.work[w, c.W_CREW], world.pool_person[pool] + person, (now << 31) | person)
            crews.touch(state, pool)
        if clear:
            crews.keep(state, pool, -1)
    rows[row, c.V_FINISHED] = now
    part = rows[row, c.V_PART]
    if part == 0:
        return row
    rows[row, c.V_LEFT] = now
    rows[row, c.V_RESULT] = c.RESULT_DONE
    life[row, c.L_STATE] = c.GONE
    if part < 0:
        return c.NONE
    visit = life[row, c.L_VISIT]
    life[visit, c.L_LEFT] -= 1
    if life[visit, c.L_LEFT] > 0:
        return c.NONE
    rows[visit, c.V_FINISHED] = now
    return visit


@inlined
def after(world, state, row):
    """What follows the work: the lead."""
    table = world.steps[state.rows[row, c.V_STEP], c.S_LEAD]
    if table < 0:
        return c.LEAVE
    return pause(state, row, seconds(world.tables, table, mix(state.luck[row] ^ LEAD)), c.LEADING, c.LEAVE)


# ── dues ────────────────────────────────────────────────────────────────────────────────────────────


@inlined
def set_due(world, state, row, who):
    """The due of a visit (R25); -1 if there is none."""
    rows, now = state.rows, state.g[c.G_NOW]
    step = rows[row, c.V_STEP]
    kind, value = world.steps[step, c.S_DUE], world.steps[step, c.S_DUE_VALUE]
    due = NEVER
    if kind == c.DUE_AFTER:
        start = world.steps[step, c.S_DUE_FROM]
        begin = now
        if start == c.FROM_BIRTH:
            begin = state.trail[who, c.K_FOUND]
        elif start >= 0:
            visit = row
            while visit >= 0 and rows[visit, c.V_STAGE] != start:
                visit = state.life[visit, c.L_PREV]
            if visit >= 0:
                begin = rows[visit, c.V_ENTERED]
        due = max(begin + value, now + 1)
    elif kind == c.DUE_DAY:
        due = (now // DAY + 1) * DAY
    elif kind == c.DUE_DUTY:
        pool = world.places[world.steps[step, c.S_DUE_PLACE], state.trail[who, c.K_HOME]]
        if pool >= 0:
            due = hours.end_of_duty(world, state, world.team_hours[world.pool_shift[pool]], now, value)
    else:
        i = gates.opening(world, value, now) + 1
        if i < world.openings_first[value + 1]:
            due = world.openings[i, 0]
    if due == NEVER:
        return
    rows[row, c.V_DUE] = due
    if world.steps[step, c.S_THEN] != c.THEN_NOTE and due < state.g[c.G_HORIZON]:
        events.push(state, due, c.DUES, row)


@inlined
def expire(world, state, row):
    """The due of a visit that has not been left; returns whether it moves or closes it (R26)."""
    rows, life = state.rows, state.life
    step = rows[row, c.V_STEP]
    then = world.steps[step, c.S_THEN]
    where = life[row, c.L_STATE]
    parts = world.steps[step, c.S_NEEDS] if world.steps[step, c.S_MODE] == c.MODE_EACH and life[row, c.L_PARTS] >= 0 else 0
    first = life[row, c.L_PARTS]
    if then == c.THEN_RAISE:
        raise_row(world, state, row, world.steps[step, c.S_THEN_VALUE])
        for part in range(first, first + parts):
            raise_row(world, state, part, world.steps[step, c.S_THEN_VALUE])
        return False
    if where == c.IN_HAND:
        return False
    if where == c.IN_LINE:
        if parts == 0:
            withdraw(world, state, row)
        for part in range(first, first + parts):
            withdraw(world, state, part)
            rows[part, c.V_LEFT] = state.g[c.G_NOW]
            rows[part, c.V_RESULT] = c.RESULT_DUE_MOVE if then == c.THEN_MOVE else c.RESULT_DUE_CLOSE
    elif where == c.AT_GATE:
        gates.leave_gate(state, row)
    return True


@jit
def raise_row(world, state, row, by):
    """A lower priority number, and a new place wherever it waits."""
    life, line = state.life, state.life[row, c.L_LINE]
    where = life[row, c.L_STATE]
    if where == c.AT_GATE:
        gates.leave_gate(state, row)
        state.rows[row, c.V_PRIORITY] -= by
        state.gates[line, c.B_ROOT] = orders.added(state, state.gates[line, c.B_ROOT], row)
    elif where == c.IN_LINE and line >= 0:
        lines.reorder(state, row, by)
        if state.g[c.G_HOLDS]:  # it may stand before those now who held its people back
            touch_line(state, line)
    else:
        state.rows[row, c.V_PRIORITY] -= by


@jit
def touch_line(state, line):
    """Walk the lines at all pools of a line."""
    q = state.lines
    for at in range(q[line, c.Q_ATTACHED], q[line, c.Q_ATTACHED] + q[line, c.Q_POOLS]):
        crews.touch(state, state.attached[at, c.A_POOL])


@jit
def withdraw(world, state, row):
    """A request that waits is no longer made."""
    line = state.life[row, c.L_LINE]
    if line >= 0:
        lines.step_out(state, row)
        if state.lines[line, c.Q_HOLD]:  # it holds nobody back any more
            touch_line(state, line)
    state.life[row, c.L_STATE] = c.GONE
    if world.steps[state.rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR:
        walk.forget(state, lines.want(world, state, row))
