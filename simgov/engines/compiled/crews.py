"""Who is free: the idle people of each crew (the people of a pool who have the same shift), whoever has been idle longest first.

A crew's idle people are a binary heap in its own stretch of a column of `state.people`. A word is the second since which one is idle,
and the number within the pool; at the beginning the keyed first order takes the place of the second, before all seconds.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import jit

NUMBER = (1 << 31) - 1


@jit
def put_back(people, crews, crew, person, word):
    """A person becomes free."""
    first, i = crews[crew, c.M_FIRST], crews[crew, c.M_IDLE]
    crews[crew, c.M_IDLE] = i + 1
    people[person, c.P_SINCE] = word
    while i > 0:
        above = (i - 1) >> 1
        if people[first + above, c.P_IDLE] <= word:
            break
        people[first + i, c.P_IDLE] = people[first + above, c.P_IDLE]
        i = above
    people[first + i, c.P_IDLE] = word


@jit
def take_out(people, crews, crew, i):
    """The i-th of the heap of a crew is no longer free; returns the word."""
    first, last = crews[crew, c.M_FIRST], crews[crew, c.M_IDLE] - 1
    word = people[first + i, c.P_IDLE]
    crews[crew, c.M_IDLE] = last
    if i == last:
        return word
    moved = people[first + last, c.P_IDLE]
    while i > 0 and moved < people[first + ((i - 1) >> 1), c.P_IDLE]:  # it may belong above where one was taken from
        people[first + i, c.P_IDLE] = people[first + ((i - 1) >> 1), c.P_IDLE]
        i = (i - 1) >> 1
    below = 2 * i + 1
    while below < last:
        if below + 1 < last and people[first + below + 1, c.P_IDLE] < people[first + below, c.P_IDLE]:
            below += 1
        if moved <= people[first + below, c.P_IDLE]:
            break
        people[first + i, c.P_IDLE] = people[first + below, c.P_IDLE]
        i, below = below, 2 * below + 1
    people[first + i, c.P_IDLE] = moved
    return word


@jit
def rank(crews, shifts, crew, when, called):
    """Whether people of a crew may start now (R20): 0 in regular hours, 1 in the duty window, 2 when off, -1 not at all."""
    shift = crews[crew, c.M_SHIFT]
    where = shifts[shift, c.Z_STATE]
    if where == c.REGULAR:
        return 0
    if where == c.DUTY and (
        when == c.WHEN_DUTY or (when == c.WHEN_CLEAR and crews[crew, c.M_STAY] == shifts[shift, c.Z_WINDOW])
    ):
        return 1
    if called and shifts[shift, c.Z_PRESENT]:
        return 1 if where == c.DUTY else 2
    return -1


@jit
def free(desks, crews, shifts, pool, when, called, most):
    """How many people of a pool may start now, counted up to `most`; so many of an unlimited pool that is in its hours."""
    first, last = desks[pool, c.H_CREW], desks[pool + 1, c.H_CREW]
    if desks[pool, c.H_UNLIMITED]:
        return most if rank(crews, shifts, first, when, called) >= 0 else 0
    found = 0
    for crew in range(first, last):
        idle = crews[crew, c.M_IDLE]
        if idle > 0 and rank(crews, shifts, crew, when, called) >= 0:
            found += idle
            if found >= most:
                break
    return found


@jit
def first_free(state, pool, when, called):
    """The crew of whoever of a pool goes first, or -1."""
    desks, crews, people = state.desks, state.crews, state.people
    best, best_rank, best_word = c.NONE, 3, 0
    for crew in range(desks[pool, c.H_CREW], desks[pool + 1, c.H_CREW]):
        if crews[crew, c.M_IDLE] > 0:
            mine = rank(crews, state.shifts, crew, when, called)
            word = people[crews[crew, c.M_FIRST], c.P_IDLE]
            if mine >= 0 and (mine < best_rank or (mine == best_rank and word < best_word)):
                best, best_rank, best_word = crew, mine, word
    return best


@jit
def place_of(people, first, person):
    """Where an idle person stands in the heap of the crew, which begins at `first`."""
    i, word = 0, people[person, c.P_SINCE]
    while people[first + i, c.P_IDLE] != word:
        i += 1
    return i
