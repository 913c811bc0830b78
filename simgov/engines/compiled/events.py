"""The event list: a binary heap of single words, so that comparing and moving events is cheap.

A word is the second (32 bits), the kind (2 bits; they stand in the order of R30) and the number of the row, incident or gate (29 bits).
"""

from __future__ import annotations

import numpy as np

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import jit


@jit
def push(heap, g, second, kind, number):
    """Add an event."""
    word = (np.int64(second) << 31) | (kind << 29) | number  # a second may come from a narrow row
    i = g[c.G_HEAP]
    g[c.G_HEAP] = i + 1
    while i > 0:
        above = (i - 1) >> 1
        if heap[above] <= word:
            break
        heap[i] = heap[above]
        i = above
    heap[i] = word


@jit
def pop(heap, g):
    """Take away the first event."""
    last = g[c.G_HEAP] - 1
    g[c.G_HEAP] = last
    word = heap[last]
    i, below = 0, 1
    while below < last:
        if below + 1 < last and heap[below + 1] < heap[below]:
            below += 1
        if word <= heap[below]:
            break
        heap[i] = heap[below]
        i, below = below, 2 * below + 1
    heap[i] = word


@jit
def second_of(word):
    return word >> 31


@jit
def kind_of(word):
    return (word >> 29) & 3


@jit
def number_of(word):
    return word & ((1 << 29) - 1)


@jit
def remind(world, state, visit):
    """The due of a visit will come, if it can end it: so only visits that wait, or lead, have an event for it."""
    rows, steps = state.rows, world.steps
    step, due = rows[visit, c.V_STEP], rows[visit, c.V_DUE]
    if steps[step, c.S_THEN] == c.THEN_LEAVE and state.g[c.G_NOW] <= due < state.g[c.G_HORIZON]:
        push(state.heap, state.g, due, c.DUES, visit)
