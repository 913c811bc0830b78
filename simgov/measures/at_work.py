"""When people were at work: the journal keeps the sum of each row of work, from which the pieces between its rests are made anew (R23)."""

from __future__ import annotations

import numpy as np

from simgov.clock import Hours
from simgov.measures.intervals import Intervals
from simgov.measures.view import View, runs
from simgov.plan import When


def at_work(view: View) -> tuple[np.ndarray, np.ndarray]:
    """By row of work: its seconds in the window, and how many of them lie outside the regular hours of the team."""
    w = view.work
    inside = w.start >= view.start
    work, off_hours = np.where(inside, w.regular + w.off_hours, 0), np.where(inside, w.off_hours, 0)
    across = np.flatnonzero(~inside & (view.work_stop > view.start))
    if len(across):
        usual = Intervals.of([shift.work_regular for shift in view.plan.crowd.shifts])
        found = pieces(view, across) & Hours.always(view.start, view.census)
        work[across] = found.lengths(len(across))
        off_hours[across] = work[across] - found.within(usual, view.work_shift[across][found.owner]).lengths(len(across))
    return work, off_hours


def pieces(view: View, rows: np.ndarray) -> Intervals:
    """When the people of some rows of work were at it, up to the census; the owner is the place in `rows`."""
    terms, number = _terms(view, rows)
    found = []
    for k, (allowed, finish) in enumerate(terms):
        mine = np.flatnonzero(number == k)
        start, stop = view.work.start[rows[mine]], view.work_stop[rows[mine]]
        last = np.minimum(stop, allowed.day_closings(start)) if finish else stop  # from here on it goes on without a stop
        found += [Intervals(mine, start, last) & allowed, Intervals(mine, last, stop)]
    return Intervals.sum(found).merged()


def _terms(view: View, rows: np.ndarray) -> tuple[list[tuple[Hours, bool]], np.ndarray]:
    """On what terms rows of work go on: hours in which all who do it together are allowed, and whether it is finished after the day's last closing."""
    v, visit, shifts = view.visits, view.work_visit[rows], view.plan.crowd.shifts
    together, company = _company(view, visit)
    step, reached = v.step[visit], v.reached[visit]
    duty, finish = view.steps.when[step] != When.REGULAR, view.steps.finish[step].astype(bool)
    on_call = np.where(reached, view.steps.on_call_hours[step], -1)
    known, number = np.unique(np.column_stack([company, duty, finish, on_call]).astype(np.int64), axis=0, return_inverse=True)
    terms = []
    for crew, also_duty, at_close, calendar in known.tolist():
        called = view.plan.calendar_hours[calendar] if calendar >= 0 else Hours()
        each = [(shifts[k].all_hours if also_duty else shifts[k].work_regular) | called for k in together[crew]]
        allowed = each[0]
        for hours in each[1:]:
            allowed = allowed & hours
        terms.append((allowed, bool(at_close)))
    return terms, number.ravel()


def _company(view: View, visit: np.ndarray) -> tuple[list[tuple[int, ...]], np.ndarray]:
    """The shifts of those who work together, and by visit of `visit` which of these it is. Rows of work of one visit stand together."""
    shift, first = view.work_shift, runs(view.work_visit)
    low, high = (ends.reduceat(shift, first) for ends in (np.minimum, np.maximum))
    mine = np.searchsorted(view.work_visit[first], visit)
    together: dict[tuple[int, ...], int] = {}
    alike, which = np.unique(low[mine], return_inverse=True)
    company = np.array([together.setdefault((k,), len(together)) for k in alike.tolist()])[which]
    edges = np.append(first, len(shift))
    for k in np.flatnonzero(low[mine] != high[mine]).tolist():
        crew = tuple(np.unique(shift[edges[mine[k]] : edges[mine[k] + 1]]).tolist())
        company[k] = together.setdefault(crew, len(together))
    return list(together), company
