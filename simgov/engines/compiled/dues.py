"""Dues: when a visit is due (R25), and what happens when that second comes (R26)."""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.columns import DAY, NEVER
from simgov.engines.compiled.desks import touch
from simgov.engines.compiled.events import push
from simgov.engines.compiled.gates import leave_gate
from simgov.engines.compiled.hours import end_of_duty, interval
from simgov.engines.compiled.jit import inlined, jit
from simgov.engines.compiled.lines import parts_of, step_out, want
from simgov.engines.compiled.numbers import DUE, mix, unit
from simgov.engines.compiled.orders import added, without
from simgov.engines.compiled.work import left


@inlined
def set_due(world, state, row, who):
    """The due of a visit; -1 if there is none."""
    rows, steps, now = state.rows, world.steps, state.g[c.G_NOW]
    step = rows[row, c.V_STEP]
    kind, value = steps[step, c.S_DUE], steps[step, c.S_DUE_VALUE]
    due = NEVER
    if kind == c.DUE_AFTER:
        begin, start = now, steps[step, c.S_DUE_FROM]
        if start == c.FROM_BIRTH:
            begin = rows[state.trail[who, c.K_FIRST], c.V_ENTERED]
        elif start >= 0:
            visit = row
            while visit >= 0 and rows[visit, c.V_STAGE] != start:
                visit = rows[visit, c.L_PREV]
            if visit >= 0:
                begin = rows[visit, c.V_ENTERED]
        due = max(begin + value, now + 1)
    elif kind == c.DUE_DAY:
        due = (now // DAY + 1) * DAY
    elif kind == c.DUE_DUTY:
        pool = world.places[steps[step, c.S_DUE_PLACE], state.trail[who, c.K_HOME]]
        if pool >= 0:
            hours = world.allowed[state.desks[pool, c.H_SHIFT], world.allowed.shape[1] - 1]
            due = end_of_duty(world, state, hours, now, value)
    else:
        i = interval(world, state, value, now) + 1
        if i < state.hours[value, c.J_END]:
            due = world.intervals[i, c.I_START]
    if due == NEVER:
        return
    rows[row, c.V_DUE] = due
    if steps[step, c.S_THEN] == c.THEN_RAISE and due < state.g[c.G_HORIZON]:  # others see `remind`
        push(state.heap, state.g, due, c.DUES, row)


@inlined
def expire(world, state, row):
    """The due of a visit that has not been left; returns the outcome by which it leaves now, or -1."""
    rows, steps = state.rows, world.steps
    step, where, first = rows[row, c.V_STEP], rows[row, c.L_STATE], rows[row, c.L_PARTS]
    parts = parts_of(state, row)
    if steps[step, c.S_THEN] == c.THEN_RAISE:
        raise_row(state, row, steps[step, c.S_RAISE])
        for part in range(first, first + parts):
            raise_row(state, part, steps[step, c.S_RAISE])
        return c.NONE
    if where == c.IN_HAND:
        return c.NONE
    chosen = late_outcome(world, state, row)
    if where == c.AT_GATE:
        leave_gate(rows, state.gates, row)
    elif where == c.IN_LINE:
        for request in range(first, first + parts) if parts > 0 else range(row, row + 1):
            withdraw(world, state, request)
            if parts > 0:
                rows[request, c.V_LEFT] = state.g[c.G_NOW]
                rows[request, c.V_RESULT] = late(world.outcomes[chosen, c.O_KIND])
    return chosen


@jit
def late_outcome(world, state, row):
    """The outcome that the due of a visit leads to (R26, R38)."""
    step = state.rows[row, c.V_STEP]
    first, count = world.steps[step, c.S_LATE], world.steps[step, c.S_LATES]
    u, total = unit(mix(state.luck[row] ^ DUE)), 0.0
    for k in range(first, first + count):
        total += world.outcomes_real[k, c.P_CHANCE]
        if u < total:
            return k
    return first + count - 1


@jit
def late(kind):
    """The result of a visit that its due ended by an outcome of this kind."""
    if kind == c.KIND_CLOSED:
        return c.RESULT_DUE_CLOSE
    if kind == c.KIND_STAGE:
        return c.RESULT_DUE_MOVE
    return c.RESULT_DUE_END if kind == c.KIND_END else c.RESULT_DUE_NEVER


@jit
def raise_row(state, row, by):
    """A lower priority number, and a new place wherever it waits."""
    g, rows, gates, lines = state.g, state.rows, state.gates, state.lines
    line, where = rows[row, c.L_LINE], rows[row, c.L_STATE]
    if where == c.AT_GATE:
        leave_gate(rows, gates, row)
        rows[row, c.V_PRIORITY] -= by
        gates[line, c.B_ROOT] = added(rows, gates[line, c.B_ROOT], row)
    elif where == c.IN_LINE and line >= 0:
        root = without(rows, lines[line, c.Q_ROOT], row)
        rows[row, c.V_PRIORITY] -= by
        lines[line, c.Q_ROOT] = added(rows, root, row)
        if g[c.G_HOLDS]:  # it may stand before those now who held its people back
            touch_line(state, line)
    else:
        rows[row, c.V_PRIORITY] -= by


@inlined
def withdraw(world, state, row):
    """A request that waits is no longer made."""
    rows, line = state.rows, state.rows[row, c.L_LINE]
    if line >= 0:
        step_out(state, row)
        if state.lines[line, c.Q_HOLD]:  # it holds nobody back any more
            touch_line(state, line)
    rows[row, c.L_STATE] = c.GONE
    if world.steps[rows[row, c.V_STEP], c.S_WHEN] == c.WHEN_CLEAR:
        left(state, want(world, state, row), -1)


@jit
def touch_line(state, line):
    """Walk the lines at all pools of a line."""
    first = state.lines[line, c.Q_WANT]
    for at in range(first, first + state.lines[line, c.Q_WANTS]):
        if state.attached[at, c.X_POOL] >= 0:
            touch(state.desks, state.lists, state.g, state.attached[at, c.X_POOL])
