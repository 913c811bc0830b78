"""The event list: a binary heap of single words, so that comparing and moving events is cheap.

A word is the second (32 bits), the kind (2 bits; they stand in the order of R30) and the number of the row, incident or gate (29 bits).
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import jit


@jit
def push(heap, g, second, kind, number):
    """Add an event."""
    word = (second << 31) | (kind << 29) | number
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
