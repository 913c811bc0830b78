"""Who is free: the idle people of each crew (the people of a pool who have the same shift), whoever has been idle longest first.

A crew's idle people are a binary heap in its own stretch of `state.idle`. A word is the second since which one is idle, and the
number within the pool; at the beginning the keyed first order takes the place of the second, before all seconds.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import inlined, jit

NUMBER = (1 << 31) - 1


@jit
def put_back(world, state, crew, person, word):
    """A person becomes free."""
    idle, first = state.idle, world.crew_first[crew]
    i = state.idle_count[crew]
    state.idle_count[crew] = i + 1
    state.idle_since[person] = word
    while i > 0:
        above = (i - 1) >> 1
        if idle[first + above] <= word:
            break
        idle[first + i] = idle[first + above]
        i = above
    idle[first + i] = word


@jit
def take_out(world, state, crew, i, mark):
    """The i-th of the heap of a crew is no longer free; returns the person."""
    idle, first = state.idle, world.crew_first[crew]
    word = idle[first + i]
    last = state.idle_count[crew] - 1
    state.idle_count[crew] = last
    moved = idle[first + last]
    while i > 0 and moved < idle[first + ((i - 1) >> 1)]:  # it may belong above where one was taken from
        idle[first + i] = idle[first + ((i - 1) >> 1)]
        i = (i - 1) >> 1
    below = 2 * i + 1
    while below < last:
        if below + 1 < last and idle[first + below + 1] < idle[first + below]:
            below += 1
        if moved <= idle[first + below]:
            break
        idle[first + i] = idle[first + below]
        i, below = below, 2 * below + 1
    if i < last:
        idle[first + i] = moved
    person = world.pool_person[world.crew_pool[crew]] + (word & NUMBER)
    state.idle_since[person] = mark
    return person


@jit
def rank(world, state, crew, when, called):
    """Whether people of a crew may start now (R20): 0 in regular hours, 1 in the duty window, 2 when off, -1 not at all."""
    shift = world.crew_shift[crew]
    where = state.shift_state[shift]
    if where == c.REGULAR:
        return 0
    if where == c.DUTY and (when == c.WHEN_DUTY or (when == c.WHEN_CLEAR and stays(world, state, crew))):
        return 1
    if called and state.shift_present[shift]:
        return 1 if where == c.DUTY else 2
    return -1


@jit
def stays(world, state, crew):
    """Whether the people of a crew have stayed in the present duty window."""
    return state.crew_stay[crew] == state.shift_window[world.crew_shift[crew]]


@jit
def available(world, state, pool, people, when, called):
    """Whether so many people of a pool may start now."""
    first, last = world.pool_crew[pool], world.pool_crew[pool + 1]
    if world.pool_unlimited[pool]:
        return rank(world, state, first, when, called) >= 0
    free = 0
    for crew in range(first, last):
        if state.idle_count[crew] > 0 and rank(world, state, crew, when, called) >= 0:
            free += state.idle_count[crew]
            if free >= people:
                return True
    return False


@jit
def first_free(world, state, pool, when, called):
    """The crew of whoever of a pool goes first, or -1."""
    best, best_rank = c.NONE, 3
    for crew in range(world.pool_crew[pool], world.pool_crew[pool + 1]):
        if state.idle_count[crew] > 0:
            r = rank(world, state, crew, when, called)
            if r >= 0 and (
                best < 0
                or r < best_rank
                or (r == best_rank and state.idle[world.crew_first[crew]] < state.idle[world.crew_first[best]])
            ):
                best, best_rank = crew, r
    return best


@jit
def place_of(world, state, crew, person):
    """Where an idle person stands in the heap of the crew."""
    i, first, word = 0, world.crew_first[crew], state.idle_since[person]
    while state.idle[first + i] != word:
        i += 1
    return i


@inlined
def turn(world, state, now):
    """The shifts, and the on-call calendars, that turn in this second (R30 d); pools where somebody waits are touched."""
    g = state.g
    first = g[c.G_TURN]
    last = first
    on_call, to_duty = False, False
    while last < len(world.turns) and world.turns[last, c.T_SECOND] == now:
        what = world.turns[last, c.T_WHAT]
        state.turned[what] = now
        if world.turns[last, c.T_STATE] == c.DUTY and state.shift_state[what] != c.DUTY:
            state.shift_window[what] += 1
            state.turned_to_duty[what] = now
            to_duty = True
        state.shift_state[what] = world.turns[last, c.T_STATE]
        state.shift_present[what] = world.turns[last, c.T_PRESENT]
        on_call = on_call or what >= g[c.G_SHIFTS]
        last += 1
    g[c.G_TURN] = last
    if to_duty:
        for i in range(g[c.G_CLEAR]):
            pool = state.clear[i]
            for crew in range(world.pool_crew[pool], world.pool_crew[pool + 1]):
                shift = world.crew_shift[crew]
                if state.turned_to_duty[shift] == now and state.shift_state[shift] == c.DUTY:
                    state.crew_stay[crew] = state.shift_window[shift]
    for i in range(g[c.G_POOLS_WAITING]):
        pool = state.waiting[i]
        if turned(world, state, pool, now, on_call):
            touch(state, pool)


@jit
def turned(world, state, pool, now, on_call):
    """Whether a shift of the pool, or the on-call hours of a line at it, turned in this second."""
    for crew in range(world.pool_crew[pool], world.pool_crew[pool + 1]):
        if state.turned[world.crew_shift[crew]] == now:
            return True
    if on_call:
        at = state.pools[pool, c.H_ATTACHED]
        while at >= 0:
            called = state.lines[state.attached[at, c.A_LINE], c.Q_CALLED]
            if called >= 0 and state.turned[state.g[c.G_SHIFTS] + called] == now:
                return True
            at = state.attached[at, c.A_NEXT]
    return False


@jit
def touch(state, pool):
    """Something changed at a pool: the lines at it are walked in this second."""
    g, pools = state.g, state.pools
    if pools[pool, c.H_ATTACHED] >= 0 and pools[pool, c.H_TOUCHED] != g[c.G_SERIAL]:
        pools[pool, c.H_TOUCHED] = g[c.G_SERIAL]
        state.touched[g[c.G_TOUCHED]] = pool
        g[c.G_TOUCHED] += 1


@jit
def keep(state, pool, more):
    """Something of an until_clear stage comes to a pool (a request, or work in hand), or goes."""
    g, pools = state.g, state.pools
    left = pools[pool, c.H_CLEAR] + more
    pools[pool, c.H_CLEAR] = left
    if left == 1 and more == 1:
        if pools[pool, c.H_CLEAR_AT] < 0:
            pools[pool, c.H_CLEAR_AT] = g[c.G_CLEAR]
            state.clear[g[c.G_CLEAR]] = pool
            g[c.G_CLEAR] += 1
    elif left == 0:
        at, last = pools[pool, c.H_CLEAR_AT], g[c.G_CLEAR] - 1
        moved = state.clear[last]
        state.clear[at] = moved
        pools[moved, c.H_CLEAR_AT] = at
        pools[pool, c.H_CLEAR_AT] = c.NONE
        g[c.G_CLEAR] = last
        if pools[pool, c.H_HELD] != g[c.G_SERIAL]:
            pools[pool, c.H_HELD] = g[c.G_SERIAL]
            state.emptied[g[c.G_EMPTIED]] = pool
            g[c.G_EMPTIED] += 1


@inlined
def leave_if_clear(world, state):
    """At the end of the first second in which nothing is left, the people of a pool who had stayed leave (R21)."""
    g = state.g
    for i in range(g[c.G_EMPTIED]):
        pool = state.emptied[i]
        if state.pools[pool, c.H_CLEAR] == 0:
            for crew in range(world.pool_crew[pool], world.pool_crew[pool + 1]):
                state.crew_stay[crew] = c.NONE
    g[c.G_EMPTIED] = 0
