"""The journal as it stood at an earlier second: what a census on another day would have seen."""

from __future__ import annotations

import numpy as np

from simgov.journal import Ended, Incidents, Journal, Result, Visits, Work


def as_of(journal: Journal, second: int) -> Journal:
    """Everything that happened before `second`; what came later is not yet.

    As a census of `second` would have it, with two exceptions that only later events can tell: who will do a visit that has
    not begun is known already, and work in hand has the seconds of its whole length. Measures of people do not look here.
    """
    if second >= journal.horizon:
        return journal
    visits = _visits(journal.visits, second)
    return Journal(second, _incidents(journal.incidents, visits, second), visits, _work(journal.work, second))


def _not_yet(stamp: np.ndarray, second: int, *told: np.ndarray) -> tuple[np.ndarray, ...]:
    """Stamps, and what is known with them, as they were: -1 from `second` on."""
    return tuple(np.where(stamp < second, column, np.array(-1, column.dtype)) for column in (stamp, *told))


def _visits(v: Visits, second: int) -> Visits:
    v = Visits(*(column[v.entered < second] for column in v))
    left, result, target = _not_yet(v.left, second, v.result, v.target)
    stamps = {name: _not_yet(getattr(v, name), second)[0] for name in ("admitted", "released", "started", "finished")}
    return v._replace(**stamps, left=left, result=result, target=target)


def _incidents(i: Incidents, v: Visits, second: int) -> Incidents:
    i = Incidents(*(column[i.born < second] for column in i))
    found, closed, solved = (_not_yet(stamp, second)[0] for stamp in (i.found, i.closed, i.solved))
    verified_at, verified = _not_yet(i.verified_at, second, i.verified)
    ended, left_by = _not_yet(i.ended, second, i.left_by)
    how = np.select([found < 0, (i.how == Ended.LEFT) & (ended >= 0), closed >= 0], [Ended.HIDDEN, Ended.LEFT, Ended.CLOSED], Ended.OPEN)
    row = np.searchsorted(i.incident, v.incident)
    cls, whole = i.cls_born.copy(), v.part == 0
    cls[row[whole]] = v.cls[whole]  # the latest visit of each stands last
    reopened = np.bincount(row[v.result == Result.REOPEN], minlength=len(cls))
    return i._replace(
        found=found, closed=closed, solved=solved, verified=verified, verified_at=verified_at, ended=ended, left_by=left_by,
        how=how.astype(i.how.dtype), cls=cls, reopened=reopened.astype(i.reopened.dtype),
    )  # fmt: skip


def _work(w: Work, second: int) -> Work:
    w = Work(*(column[w.start < second] for column in w))
    return w._replace(end=_not_yet(w.end, second)[0])
