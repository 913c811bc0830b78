"""The Journal: what happened, as three flat tables of numbers. Every measure is derived from it.

Seconds are counted from the start of the period; -1 is "not yet" or "none" everywhere. Rows are in
canonical order, so that two journals can be compared as they are.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np


class Ended(IntEnum):
    """Where an incident is at the end of the run."""

    HIDDEN = -2
    OPEN = -1
    CLOSED = 0
    LEFT = 1  # by a named end
    NEVER = 2  # lies for ever; still open


class Result(IntEnum):
    """How a visit was left."""

    OPEN = -1
    CLOSED = 0
    STAGE = 1
    END = 2
    NEVER = 3
    DUE_MOVE = 4
    DUE_CLOSE = 5
    SATISFIED = 6
    DISSATISFIED = 7
    NO_ANSWER = 8
    REOPEN = 9
    DONE = 10  # a part or a reader's copy
    DUE_END = 11
    DUE_NEVER = 12


BY_DUE = (Result.DUE_MOVE, Result.DUE_CLOSE, Result.DUE_END, Result.DUE_NEVER)  # its own due ended the visit


class Incidents(NamedTuple):
    """One row per incident born, found or not; by number."""

    incident: np.ndarray
    key: np.ndarray  # uint64: the same incident under every policy
    root: np.ndarray  # node
    cls_born: np.ndarray
    cls: np.ndarray  # class now
    nth: np.ndarray  # k-th birth of its root and class
    home: np.ndarray  # node
    channel: np.ndarray  # stage at which it entered
    repeat_of: np.ndarray  # incident that came back
    born: np.ndarray
    found: np.ndarray
    difficulty: np.ndarray
    closed: np.ndarray  # first closing
    solved: np.ndarray  # the closing that really solved it
    verified: np.ndarray  # Result of the last answered or unanswered return visit
    verified_at: np.ndarray
    reopened: np.ndarray  # how many times
    ended: np.ndarray  # second at which it left the procedure
    how: np.ndarray  # Ended
    left_by: np.ndarray  # end


class Visits(NamedTuple):
    """One row per incident and stage visit (part 0), per part of a split (1, 2, ...) and per reader (-1, -2, ...)."""

    incident: np.ndarray
    visit: np.ndarray  # k-th visit of the incident, from 0
    part: np.ndarray
    stage: np.ndarray
    nth: np.ndarray  # n-th visit of this stage, from 0
    cls: np.ndarray
    step: np.ndarray  # row of the procedure
    pool: np.ndarray  # who was asked first, or who did it
    entered: np.ndarray
    admitted: np.ndarray  # let through by the gate
    released: np.ndarray  # wait over: may start
    started: np.ndarray
    finished: np.ndarray  # work done
    left: np.ndarray
    due: np.ndarray
    result: np.ndarray  # Result
    target: np.ndarray  # stage or end
    priority: np.ndarray
    reached: np.ndarray  # bool: on call


class Work(NamedTuple):
    """One row per person engaged; an open one has end -1 and its seconds counted up to the horizon."""

    incident: np.ndarray
    visit: np.ndarray
    part: np.ndarray
    pool: np.ndarray
    person: np.ndarray  # number within the pool; -1 where the team is unlimited
    start: np.ndarray
    end: np.ndarray
    regular: np.ndarray  # seconds engaged within the person's regular hours
    off_hours: np.ndarray  # seconds engaged outside them


class Journal(NamedTuple):
    """`horizon` in seconds, and the three tables."""

    horizon: int
    incidents: Incidents
    visits: Visits
    work: Work

    def same_as(self, other: Journal) -> bool:
        """Whether every number of the two journals is equal."""
        return self.horizon == other.horizon and all(
            np.array_equal(a, b)
            for mine, yours in zip(self[1:], other[1:], strict=True)
            for a, b in zip(mine, yours, strict=True)
        )


def table(kind: type, rows: list[tuple], sort: int) -> NamedTuple:
    """A table from rows, in the order of its first `sort` columns."""
    columns = zip(*rows, strict=True) if rows else [()] * len(kind._fields)
    types = {"key": np.uint64, "difficulty": float, "reached": bool}
    arrays = [np.array(c, types.get(n, np.int64)) for n, c in zip(kind._fields, columns, strict=True)]
    order = np.lexsort(arrays[sort - 1 :: -1])
    return kind(*(column[order] for column in arrays))
