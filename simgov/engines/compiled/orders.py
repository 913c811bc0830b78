"""Queue order (R24): rows that wait at a gate or in a line, as pairing heaps.

A row waits in one order at most, so the links are columns of its life. Pairing heaps (Fredman, Sedgewick, Sleator and Tarjan, 1986)
let a row come, go from any place or change its priority without a search, so long queues never become quadratic.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import jit


@jit
def precedes(state, a, b):
    """Whether row a is before row b: (priority, entered, incident, visit, part)."""
    rows = state.rows
    if rows[a, c.V_PRIORITY] != rows[b, c.V_PRIORITY]:
        return rows[a, c.V_PRIORITY] < rows[b, c.V_PRIORITY]
    if rows[a, c.V_ENTERED] != rows[b, c.V_ENTERED]:
        return rows[a, c.V_ENTERED] < rows[b, c.V_ENTERED]
    if rows[a, c.V_INCIDENT] != rows[b, c.V_INCIDENT]:
        return rows[a, c.V_INCIDENT] < rows[b, c.V_INCIDENT]
    if rows[a, c.V_VISIT] != rows[b, c.V_VISIT]:
        return rows[a, c.V_VISIT] < rows[b, c.V_VISIT]
    return rows[a, c.V_PART] < rows[b, c.V_PART]


@jit
def joined(state, a, b):
    """One tree of two, by their roots."""
    if precedes(state, b, a):
        a, b = b, a
    life = state.life
    child = life[a, c.L_CHILD]
    life[b, c.L_SIBLING] = child
    if child >= 0:
        life[child, c.L_BACK] = b
    life[b, c.L_BACK] = a
    life[a, c.L_CHILD] = b
    return a


@jit
def added(state, root, row):
    """The order with one more row; its new first."""
    life = state.life
    life[row, c.L_CHILD] = c.NONE
    life[row, c.L_SIBLING] = c.NONE
    life[row, c.L_BACK] = c.NONE
    return row if root < 0 else joined(state, root, row)


@jit
def without_first(state, root):
    """The order without its first row: the trees below it, joined in pairs."""
    life = state.life
    tree, pairs = life[root, c.L_CHILD], c.NONE
    while tree >= 0:  # from the first to the last, by twos; what comes of it is a list in reverse
        other = life[tree, c.L_SIBLING]
        rest = c.NONE
        life[tree, c.L_SIBLING] = c.NONE
        if other >= 0:
            rest = life[other, c.L_SIBLING]
            life[other, c.L_SIBLING] = c.NONE
            tree = joined(state, tree, other)
        life[tree, c.L_SIBLING] = pairs
        pairs = tree
        tree = rest
    root = c.NONE
    while pairs >= 0:
        rest = life[pairs, c.L_SIBLING]
        life[pairs, c.L_SIBLING] = c.NONE
        life[pairs, c.L_BACK] = c.NONE
        root = pairs if root < 0 else joined(state, root, pairs)
        pairs = rest
    if root >= 0:
        life[root, c.L_BACK] = c.NONE
    return root


@jit
def without(state, root, row):
    """The order without a row, wherever it stands."""
    if row == root:
        return without_first(state, root)
    life = state.life
    back, sibling = life[row, c.L_BACK], life[row, c.L_SIBLING]
    if life[back, c.L_CHILD] == row:
        life[back, c.L_CHILD] = sibling
    else:
        life[back, c.L_SIBLING] = sibling
    if sibling >= 0:
        life[sibling, c.L_BACK] = back
    life[row, c.L_SIBLING] = c.NONE
    below = without_first(state, row)
    return root if below < 0 else joined(state, root, below)
