"""The loop of seconds (R30): settle, turn the shifts, walk, and on to the next second in which something happens.

All state stands in arrays, and every turn of the loop does one thing for which there was room before it began. So the kernel can
return between any two of them: to be given more room, or because it has come to the second up to which it was to go.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.columns import NEVER
from simgov.engines.compiled.desks import leave_if_clear, turn
from simgov.engines.compiled.dues import expire, late
from simgov.engines.compiled.events import kind_of, number_of, pop, second_of
from simgov.engines.compiled.gates import flag, open_gates
from simgov.engines.compiled.jit import entry, inlined
from simgov.engines.compiled.leaving import depart, leave, settle_in
from simgov.engines.compiled.visits import admit, after, enter, release
from simgov.engines.compiled.walk import attempt, first, let_go, line_up
from simgov.engines.compiled.work import finish


@entry
def advance(world, state, until):
    """Run up to a second; says why it returns."""
    g = state.g
    while True:
        if crowded(state):
            return c.GROW
        if g[c.G_PHASE] == c.PHASE_WALK:
            if g[c.G_WALK] > 0:
                attempt(world, state, first(state.rows, state.walk, g))
                continue
            close_second(state)
        if g[c.G_PHASE] == c.PHASE_NEXT:
            now = next_second(world, state)
            if now >= until:
                return c.DONE
            g[c.G_NOW] = now
            g[c.G_PHASE] = c.PHASE_SETTLE
        if not settle(world, state):
            if g[c.G_ERROR] >= 0:
                return c.ENDLESS
            if g[c.G_TOO_MANY]:
                return c.WIDER
            if g[c.G_TURN] < len(world.turns) and world.turns[g[c.G_TURN], c.T_SECOND] == g[c.G_NOW]:
                turn(world, state, g[c.G_NOW])
            line_up(world, state)
            g[c.G_PHASE] = c.PHASE_WALK


@inlined
def crowded(state):
    """Whether one more step might need more room than there is."""
    g = state.g
    wide = g[c.G_WIDE]
    return (
        g[c.G_ROWS] + wide > len(state.rows)
        or g[c.G_WORK] + g[c.G_CREW] > len(state.work)
        or g[c.G_HEAP] + g[c.G_GATES] + 8 > len(state.heap)
        or g[c.G_LINES] + g[c.G_ASKING] + 2 > len(state.walk)
        or g[c.G_LINES] + 1 > len(state.lines)
        or g[c.G_WANTS] + wide > len(state.attached)
        or g[c.G_INCIDENTS] + 1 > len(state.trail)
        or g[c.G_INCIDENTS] - g[c.G_BIRTHS] + 1 > len(state.again)
        or g[c.G_GATES] + 1 > len(state.gates)
    )


@inlined
def next_second(world, state):
    """The next second in which something happens."""
    g = state.g
    now = NEVER
    if g[c.G_HEAP] > 0:
        now = second_of(state.heap[0])
    if g[c.G_BIRTH] < len(world.births):
        now = min(now, world.births[g[c.G_BIRTH], c.Y_FOUND])
    if g[c.G_TURN] < len(world.turns):
        now = min(now, world.turns[g[c.G_TURN], c.T_SECOND])
    return now


@inlined
def close_second(state):
    """The end of a second: who was held is let go, who has nothing left to clear leaves."""
    g = state.g
    if g[c.G_HELD] > 0:
        let_go(state)
    if g[c.G_EMPTIED] > 0:
        leave_if_clear(state)
    g[c.G_TOUCHED] = 0
    g[c.G_SERIAL] += 1
    g[c.G_PHASE] = c.PHASE_NEXT


@inlined
def settle(world, state):
    """Do the next thing of this second, in the order of R30, and all that follows for the same row; False if nothing is left."""
    g, rows, births = state.g, state.rows, world.births
    now = g[c.G_NOW]
    row, then, who, stage = c.NONE, c.NOTHING, c.NONE, c.NONE
    if g[c.G_STAGE] >= 0:  # somebody is on the way to the next stage
        who, stage = g[c.G_WHO], g[c.G_STAGE]
        g[c.G_STAGE] = c.NONE
    elif g[c.G_ADMITTED] >= 0:
        row, then = g[c.G_ADMITTED], c.ADMIT
        g[c.G_ADMITTED] = rows[row, c.L_LINK]
    elif g[c.G_BIRTH] < len(births) and births[g[c.G_BIRTH], c.Y_FOUND] == now:
        b = g[c.G_BIRTH]
        g[c.G_BIRTH] = b + 1
        who, stage = births[b, c.Y_WHO], births[b, c.Y_ENTRY]
        settle_in(world, state.trail, who, births[b, c.Y_HOME], now)
    elif g[c.G_HEAP] > 0 and second_of(state.heap[0]) == now:
        kind, number = kind_of(state.heap[0]), number_of(state.heap[0])
        pop(state.heap, g)
        if kind == c.ENDS:
            where = rows[number, c.L_STATE]  # if its due came first, it is gone
            row = number
            if where == c.WAITING:
                then = c.RELEASE
            elif where == c.LEADING:
                then = c.LEAVE
            elif where == c.IN_HAND:
                row = finish(world, state, number)
                then = c.AFTER if row >= 0 else c.NOTHING
        elif kind == c.COMES:
            who, stage = number, state.again[number - g[c.G_BIRTHS], c.N_ENTRY]
        elif kind == c.DUES:
            if rows[number, c.V_LEFT] < 0:
                chosen = expire(world, state, number)
                if chosen >= 0:
                    depart(world, state, number, chosen, late(world.outcomes[chosen, c.O_KIND]))
        elif state.gates[number, c.B_ROOT] >= 0:
            flag(g, state.gates, number)
    elif g[c.G_FLAGGED] > 0:
        open_gates(world, state)
    else:
        return False
    if stage >= 0:
        row = enter(world, state, who, stage)
        if row < 0:
            return False
        if rows[row, c.L_STATE] != c.AT_GATE:
            then = c.ADMIT
    if then == c.ADMIT:
        then = admit(world, state, row)
    if then == c.RELEASE:
        then = release(world, state, row)
    if then == c.AFTER:
        then = after(world, state, row)
    if then == c.LEAVE:
        leave(world, state, row)
    return True
