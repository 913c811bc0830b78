"""The loop of seconds (R30): settle, turn the shifts, walk, and on to the next second in which something happens.

All state stands in arrays, and every turn of the loop does one thing for which there was room before it began. So the kernel can
return between any two of them: to be given more room, or because it has come to the second up to which it was to go.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled import crews, events, gates, leaving, visits, walk
from simgov.engines.compiled.columns import NEVER
from simgov.engines.compiled.jit import entry, inlined


@entry
def advance(world, state, until):
    """Run up to a second; says why it returns."""
    g = state.g
    while True:
        if crowded(state):
            return c.GROW
        if g[c.G_PHASE] == c.PHASE_WALK:
            if g[c.G_WALK] > 0:
                walk.attempt(world, state, walk.first(state))
                continue
            close_second(world, state)
        if g[c.G_PHASE] == c.PHASE_NEXT:
            now = next_second(world, state)
            if now >= until:
                return c.DONE
            g[c.G_NOW] = now
            g[c.G_PHASE] = c.PHASE_SETTLE
        if not settle(world, state):
            if g[c.G_ERROR] >= 0:
                return c.ENDLESS
            if g[c.G_TURN] < len(world.turns) and world.turns[g[c.G_TURN], c.T_SECOND] == g[c.G_NOW]:
                crews.turn(world, state, g[c.G_NOW])
            walk.line_up(world, state)
            g[c.G_PHASE] = c.PHASE_WALK


@inlined
def crowded(state):
    """Whether one more step might need more room than there is."""
    g = state.g
    return (
        g[c.G_ROWS] + g[c.G_WIDE] > len(state.rows)
        or g[c.G_WORK] + g[c.G_CREW] > len(state.work)
        or g[c.G_HEAP] + g[c.G_GATES] + 8 > len(state.heap)
        or g[c.G_FRESH] + g[c.G_WIDE] > len(state.fresh)
        or g[c.G_LINES] + 1 > len(state.lines)
        or g[c.G_LINES] + g[c.G_FRESH] + 2 > len(state.walk)
        or g[c.G_WANTS] + g[c.G_WIDE] > len(state.line_wants)
        or g[c.G_ATTACHED] + g[c.G_WIDE] > len(state.attached)
        or g[c.G_INCIDENTS] + 1 > len(state.trail)
        or g[c.G_GATES] + 1 > len(state.gates)
    )


@inlined
def next_second(world, state):
    """The next second in which something happens."""
    g = state.g
    now = NEVER
    if g[c.G_HEAP] > 0:
        now = events.second_of(state.heap[0])
    if g[c.G_BIRTH] < len(world.arrivals):
        now = min(now, world.found[world.arrivals[g[c.G_BIRTH]]])
    if g[c.G_TURN] < len(world.turns):
        now = min(now, world.turns[g[c.G_TURN], c.T_SECOND])
    return now


@inlined
def close_second(world, state):
    """The end of a second: who was held is let go, who has nothing left to clear leaves."""
    g = state.g
    if g[c.G_HELD] > 0:
        walk.let_go(world, state)
    if g[c.G_EMPTIED] > 0:
        crews.leave_if_clear(world, state)
    g[c.G_TOUCHED] = 0
    g[c.G_SERIAL] += 1
    g[c.G_PHASE] = c.PHASE_NEXT


@inlined
def settle(world, state):
    """Do the next thing of this second, in the order of R30, and all that follows for the same row; False if nothing is left."""
    g = state.g
    now = g[c.G_NOW]
    row, then, who, stage = c.NONE, c.NOTHING, c.NONE, c.NONE
    if g[c.G_STAGE] >= 0:  # somebody is on the way to the next stage
        who, stage = g[c.G_WHO], g[c.G_STAGE]
        g[c.G_STAGE] = c.NONE
    elif g[c.G_ADMITTED] >= 0:
        row, then = g[c.G_ADMITTED], c.ADMIT
        g[c.G_ADMITTED] = state.life[row, c.L_LINK]
    elif g[c.G_BIRTH] < len(world.arrivals) and world.found[world.arrivals[g[c.G_BIRTH]]] == now:
        who = world.arrivals[g[c.G_BIRTH]]
        g[c.G_BIRTH] += 1
        leaving.settle_in(world, state, who, who, world.home[who], now, who)
        stage = world.entry[who]
    elif g[c.G_HEAP] > 0 and events.second_of(state.heap[0]) == now:
        kind, number = events.kind_of(state.heap[0]), events.number_of(state.heap[0])
        events.pop(state)
        if kind == c.ENDS:
            row, then = over(world, state, number)
        elif kind == c.COMES:
            who, stage = number, state.trail[number, c.K_ENTRY]
        elif kind == c.DUES:
            if state.rows[number, c.V_LEFT] < 0 and visits.expire(world, state, number):
                leaving.leave_by_due(world, state, number)
        elif state.gates[number, c.B_ROOT] >= 0:
            gates.flag(state, number)
    elif g[c.G_FLAGGED] > 0:
        gates.open_gates(world, state)
    else:
        return False
    if stage >= 0:
        row = visits.enter(world, state, who, stage)
        if row < 0:
            return False
        if state.life[row, c.L_STATE] != c.AT_GATE:
            then = c.ADMIT
    if then == c.ADMIT:
        then = visits.admit(world, state, row)
    if then == c.RELEASE:
        then = visits.release(world, state, row)
    if then == c.AFTER:
        then = visits.after(world, state, row)
    if then == c.LEAVE:
        leaving.leave(world, state, row)
    return True


@inlined
def over(world, state, row):
    """What ends now: a wait, a lead, or work."""
    where = state.life[row, c.L_STATE]
    if where == c.WAITING:
        return row, c.RELEASE
    if where == c.LEADING:
        return row, c.LEAVE
    if where == c.IN_HAND:
        visit = visits.finish(world, state, row)
        return visit, c.AFTER if visit >= 0 else c.NOTHING
    return row, c.NOTHING  # its due came first
