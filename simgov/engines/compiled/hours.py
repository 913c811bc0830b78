"""Arithmetic on sets of hours, as in `simgov/clock.py`: when work ends, and how much of it lies in regular hours.

Hours are numbered; the intervals of one set stand together in `world.intervals`. Moments that are asked for one after the
other never go back, so each set remembers (`state.hint`) at which interval it is.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.columns import DAY, NEVER
from simgov.engines.compiled.jit import jit


@jit
def interval(world, state, hours, now):
    """The last interval that begins at or before `now` (the present second); the one before the first if there is none."""
    i, last = state.hint[hours], world.hours_first[hours + 1] - 1
    while i < last and world.intervals[i + 1, c.I_START] <= now:
        i += 1
    state.hint[hours] = i
    return i


@jit
def before(world, hours, second):
    """How many seconds of the set lie before a second."""
    low, high = world.hours_first[hours], world.hours_first[hours + 1]
    first = low
    while low < high:
        middle = (low + high) // 2
        if world.intervals[middle, c.I_START] <= second:
            low = middle + 1
        else:
            high = middle
    i = low - 1
    if i < first:
        return 0
    return world.intervals[i, c.I_BEFORE] + min(second, world.intervals[i, c.I_END]) - world.intervals[i, c.I_START]


@jit
def length(world, hours, start, end):
    """How many seconds of the set lie in [start, end)."""
    return before(world, hours, end) - before(world, hours, start) if end > start else 0


@jit
def end_of_duty(world, state, hours, now, cut_off):
    """The end of the day's last hours for who enters now; NEVER if there is no further day."""
    i, last = interval(world, state, hours, now), world.hours_first[hours + 1] - 1
    i = max(i, world.hours_first[hours])
    while i <= last:
        day = world.intervals[i, c.I_START] // DAY
        end = world.intervals[i, c.I_RUN]
        if now < end and (cut_off < 0 or now < day * DAY + cut_off):
            return end
        while i <= last and world.intervals[i, c.I_RUN] == end:
            i += 1
    return NEVER


@jit
def engage(world, state, sets, people, start, work, finish):
    """Let people of `sets` hours begin `work` seconds together; the second in which it is done, or NEVER.

    Whoever is engaged has (allowed hours, regular hours) in `state.crew_hours`; how many seconds of the work lie within their
    regular hours, up to the horizon, is left in `state.crew_done`, and how many there are in all in `state.crew_done[people]`.
    """
    crew, done, horizon = state.crew_hours, state.crew_done, state.g[c.G_HORIZON]
    first = crew[0, 0]
    if sets == 1:
        i = interval(world, state, first, start)
        end = start + work
        if end <= world.intervals[i, c.I_END]:  # most work is done before the next closing
            done[people] = min(end, horizon) - start
            for k in range(people):
                done[k] = done[people] if crew[k, 1] == first else length(world, crew[k, 1], start, min(end, horizon))
            return end
    for k in range(people):
        done[k] = 0
        crew[k, 2] = interval(world, state, crew[k, 0], start)
    done[people] = 0
    left, at, day = work, start, -2
    while True:
        opened, closed = -NEVER, NEVER  # the piece in which all are allowed
        for k in range(people):
            i = crew[k, 2]
            opened = max(opened, world.intervals[i, c.I_START])
            closed = min(closed, world.intervals[i, c.I_END])
        if opened < closed:
            if day == -2:
                day = opened // DAY
            elif finish and opened // DAY != day:  # past the last closing of the day it goes on without a stop
                return run_on(world, state, people, at, left)
            begin = max(opened, start)
            if begin >= horizon:
                return NEVER
            part = min(closed - begin, left)
            count(world, state, people, begin, min(begin + part, horizon))
            left -= part
            at = begin + part
            if left == 0:
                return at
        for k in range(people):  # on with those whose interval ends first
            i = crew[k, 2]
            if world.intervals[i, c.I_END] == closed:
                if i + 1 >= world.hours_first[crew[k, 0] + 1]:
                    return run_on(world, state, people, at, left) if finish else NEVER
                crew[k, 2] = i + 1


@jit
def run_on(world, state, people, at, left):
    """Work that goes on without a stop."""
    count(world, state, people, at, min(at + left, state.g[c.G_HORIZON]))
    return at + left


@jit
def count(world, state, people, start, end):
    if start >= end:
        return
    for k in range(people):
        state.crew_done[k] += length(world, state.crew_hours[k, 1], start, end)
    state.crew_done[people] += end - start
