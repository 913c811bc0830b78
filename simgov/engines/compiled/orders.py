"""Queue order (R24): rows that wait at a gate or in a line, as pairing heaps.

A row waits in one order at most, so the links are columns of the row. Pairing heaps (Fredman, Sedgewick, Sleator and Tarjan, 1986)
let a row come, go from any place or change its priority without a search, so long queues never become quadratic.
"""

from __future__ import annotations

from simgov.engines.compiled import columns as c
from simgov.engines.compiled.jit import jit


@jit
def precedes(rows, a, b):
    """Whether row a is before row b: (priority, entered, incident, visit, part)."""
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
def joined(rows, a, b):
    """One tree of two, by their roots."""
    if precedes(rows, b, a):
        a, b = b, a
    child = rows[a, c.L_CHILD]
    rows[b, c.L_SIBLING] = child
    if child >= 0:
        rows[child, c.L_BACK] = b
    rows[b, c.L_BACK] = a
    rows[a, c.L_CHILD] = b
    return a


@jit
def added(rows, root, row):
    """The order with one more row; its new first."""
    rows[row, c.L_CHILD] = c.NONE
    rows[row, c.L_SIBLING] = c.NONE
    rows[row, c.L_BACK] = c.NONE
    return row if root < 0 else joined(rows, root, row)


@jit
def without_first(rows, root):
    """The order without its first row: the trees below it, joined in pairs."""
    tree, pairs = rows[root, c.L_CHILD], c.NONE
    while tree >= 0:  # from the first to the last, by twos; what comes of it is a list in reverse
        other = rows[tree, c.L_SIBLING]
        rest = c.NONE
        rows[tree, c.L_SIBLING] = c.NONE
        if other >= 0:
            rest = rows[other, c.L_SIBLING]
            rows[other, c.L_SIBLING] = c.NONE
            tree = joined(rows, tree, other)
        rows[tree, c.L_SIBLING] = pairs
        pairs = tree
        tree = rest
    root = c.NONE
    while pairs >= 0:
        rest = rows[pairs, c.L_SIBLING]
        rows[pairs, c.L_SIBLING] = c.NONE
        rows[pairs, c.L_BACK] = c.NONE
        root = pairs if root < 0 else joined(rows, root, pairs)
        pairs = rest
    if root >= 0:
        rows[root, c.L_BACK] = c.NONE
    return root


@jit
def without(rows, root, row):
    """The order without a row, wherever it stands."""
    if row == root:
        return without_first(rows, root)
    back, sibling = rows[row, c.L_BACK], rows[row, c.L_SIBLING]
    if rows[back, c.L_CHILD] == row:
        rows[back, c.L_CHILD] = sibling
    else:
        rows[back, c.L_SIBLING] = sibling
    if sibling >= 0:
        rows[sibling, c.L_BACK] = back
    rows[row, c.L_SIBLING] = c.NONE
    below = without_first(rows, row)
    return root if below < 0 else joined(rows, root, below)
