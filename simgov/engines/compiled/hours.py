"""Arithmetic on sets of hours, as in `simgov/clock.py`: when work ends, and how much of it lies in regular hours.

Hours are numbered; the intervals of one set stand together in `world.intervals`. Moments that are asked for one after the
other never go back, so each set remembers (`state.hours`) at which interval it is.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.columns import DAY, NEVER
from simgov.engines.compiled.jit import inlined, jit


@jit
def interval(world, state, hours, now):
    """The last interval that begins at or before `now` (the present second); the one before the first if there is none."""
    table, intervals = state.hours, world.intervals
    i, last = table[hours, c.J_NOW], table[hours, c.J_END] - 1
    while i < last and intervals[i + 1, c.I_START] <= now:
        i += 1
    table[hours, c.J_NOW] = i
    return i


@jit
def before(world, state, hours, second):
    """How many seconds of the set lie before a second."""
    intervals = world.intervals
    first = low = state.hours[hours, c.J_FIRST]
    high = state.hours[hours, c.J_END]
    while low < high:
        middle = (low + high) // 2
        if intervals[middle, c.I_START] <= second:
            low = middle + 1
        else:
            high = middle
    i = low - 1
    if i < first:
        return 0
    return intervals[i, c.I_BEFORE] + min(second, intervals[i, c.I_END]) - intervals[i, c.I_START]


@inlined
def end_of_duty(world, state, hours, now, cut_off):
    """The end of the day's last hours for who enters now; NEVER if there is no further day."""
    intervals = world.intervals
    i, end = interval(world, state, hours, now), state.hours[hours, c.J_END]
    i = max(i, state.hours[hours, c.J_FIRST])
    while i < end:
        day = intervals[i, c.I_START] // DAY
        closes = intervals[i, c.I_RUN]
        if now < closes and (cut_off < 0 or now < day * DAY + cut_off):
            return closes
        while i < end and intervals[i, c.I_RUN] == closes:
            i += 1
    return NEVER


@inlined
def engage(world, state, people, start, work, finish):
    """Let the people in `state.taken` begin `work` seconds together; the second in which it is done, or NEVER.

    Their allowed and regular hours stand in that table. How many seconds of the work lie within their regular hours, up to the horizon, is
    left there, and one row further how many there are in all.
    """
    taken, intervals = state.taken, world.intervals
    first, horizon = taken[0, c.C_ALLOWED], state.g[c.G_HORIZON]
    alike = True
    for k in range(people):
        taken[k, c.C_DONE] = 0
        alike = alike and taken[k, c.C_ALLOWED] == first
    taken[people, c.C_DONE] = 0
    if alike and start + work <= intervals[interval(world, state, first, start), c.I_END]:
        count(world, state, people, start, start + work)  # most work is done before the next closing
        return start + work
    for k in range(people):
        taken[k, c.C_AT] = interval(world, state, taken[k, c.C_ALLOWED], start)
    left, at, day = work, start, -2
    while True:
        opened, closed = -NEVER, NEVER  # the piece in which all are allowed
        for k in range(people):
            opened = max(opened, intervals[taken[k, c.C_AT], c.I_START])
            closed = min(closed, intervals[taken[k, c.C_AT], c.I_END])
        if opened < closed:
            if day == -2:
                day = opened // DAY
            elif finish and opened // DAY != day:
                break
            begin = max(opened, start)
            if begin >= horizon:
                return NEVER
            part = min(closed - begin, left)
            count(world, state, people, begin, begin + part)
            left -= part
            at = begin + part
            if left == 0:
                return at
        more = True
        for k in range(people):  # on with those whose interval ends first
            i = taken[k, c.C_AT]
            if intervals[i, c.I_END] == closed:
                more = more and i + 1 < state.hours[taken[k, c.C_ALLOWED], c.J_END]
                taken[k, c.C_AT] = i + 1
        if not more:
            break
    if not finish:
        return NEVER
    count(world, state, people, at, at + left)  # past the last closing of the day it goes on without a stop
    return at + left


@jit
def count(world, state, people, start, end):
    """Seconds engaged, up to the horizon, in all and within each one's regular hours."""
    taken, end = state.taken, min(end, state.g[c.G_HORIZON])
    if start >= end:
        return
    taken[people, c.C_DONE] += end - start
    regular, seconds = c.NONE, 0
    for k in range(people):
        if taken[k, c.C_REGULAR] != regular:
            regular = taken[k, c.C_REGULAR]
            seconds = before(world, state, regular, end) - before(world, state, regular, start)
        taken[k, c.C_DONE] += seconds
