"""Who was there: rostered hours, duty windows included, and overtime beyond them, computed after the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgov.clock import Hours
from simgov.measures.at_work import pieces
from simgov.measures.intervals import Intervals, ranges
from simgov.measures.view import View
from simgov.plan import Mode, When


@dataclass(frozen=True)
class Presence:
    """Seconds in the window, by pool: rostered in `regular` hours and on `duty` outside them, and `overtime` beyond both.

    `evenings` are days on which somebody was on duty or at work outside regular hours, added up over the persons.
    """

    regular: np.ndarray
    duty: np.ndarray
    overtime: np.ndarray
    evenings: np.ndarray
    persons: np.ndarray


def presence(view: View) -> Presence:
    """A duty window is staffed when a stage in force uses it: to its end, or until the board is clear."""
    crowd = view.plan.crowd
    pools, pool = len(crowd.pool_team), crowd.person_pool
    regular = np.array([s.regular.length(view.start, view.census) for s in crowd.shifts])
    kind, duty = _on_duty(view)
    kinds = int(kind.max(initial=-1)) + 1

    def by_pool(of_persons: np.ndarray) -> np.ndarray:
        return np.bincount(pool, of_persons, minlength=pools)

    rows, beyond = overtime(view, kind, duty)
    late = _outside(beyond, view.work_shift[rows], [s.work_regular for s in crowd.shifts])  # who has left may finish by day
    evenings = duty.days(kinds)[kind] + _more_evenings(late.owned_by(view.work_person[rows]), kind, duty)
    return Presence(
        by_pool(regular[crowd.person_shift]), by_pool(duty.lengths(kinds)[kind]), np.bincount(view.work.pool[rows], beyond.lengths(len(rows)), minlength=pools),
        by_pool(evenings), np.bincount(pool, minlength=pools),
    )  # fmt: skip


def overtime(view: View, kind: np.ndarray, duty: Intervals) -> tuple[np.ndarray, Intervals]:
    """Rows of work that go on where nobody rostered the person, and when they do so in the window; the owner is the place in the rows."""
    rows = _maybe_late(view)
    found = pieces(view, rows) & Hours.always(view.start, view.census)
    found = _outside(found, view.work_shift[rows], [s.regular for s in view.plan.crowd.shifts])
    return rows, found.within(duty.gaps(int(kind.max(initial=-1)) + 1), kind[view.work_person[rows]][found.owner])


def _maybe_late(view: View) -> np.ndarray:
    """Rows of work of our people that are not surely within their regular hours."""
    w, shifts = view.work, view.plan.crowd.shifts
    stop = view.work_stop
    mine = (w.person >= 0) & (stop > view.start)
    found = mine & (w.off_hours > 0)
    for number in (k for k, shift in enumerate(shifts) if shift.regular != shift.work_regular):  # they come and go: work in hand may outlast them
        some = np.flatnonzero(mine & (view.work_shift == number))
        found[some] |= shifts[number].present.lengths(w.start[some], stop[some]) < stop[some] - w.start[some]
    return np.flatnonzero(found)


def _outside(found: Intervals, shift: np.ndarray, hours: Sequence[Hours]) -> Intervals:
    """What of intervals lies outside hours that are given by shift; `shift` by owner."""
    return found.within(Intervals.of(hours).gaps(len(hours)), shift[found.owner])


def _more_evenings(late: Intervals, kind: np.ndarray, duty: Intervals) -> np.ndarray:
    """By person: evenings that come of overtime (owned by persons) beside those on duty. Stretches that touch are one, of the day on which it begins."""
    persons, late_owner = np.unique(late.owner, return_inverse=True)
    mine = kind[persons]
    owner, entry = ranges(*(np.searchsorted(duty.owner, mine, side=side) for side in ("left", "right")))
    on_duty = Intervals(owner, duty.start[entry], duty.end[entry])
    both = Intervals.sum([on_duty, late._replace(owner=late_owner)]).merged()
    found = np.zeros(len(kind), np.int64)
    found[persons] = both.days(len(persons)) - on_duty.days(len(persons))
    return found


def _on_duty(view: View) -> tuple[np.ndarray, Intervals]:
    """People who are there at the same times are of one kind: the kind of each person, and when those of a kind are on duty outside regular hours."""
    crowd = view.plan.crowd
    shifts, pools = len(crowd.shifts), len(crowd.pool_team)
    kind, found, kinds = crowd.person_shift.copy(), [], shifts  # the first kinds are those of teams of which nobody is on duty
    outside = Intervals.of([s.duty for s in crowd.shifts]) - Intervals.of([s.regular for s in crowd.shifts])
    boards = _boards(view)
    watched = np.zeros(pools, bool)
    watched[boards.owner] = True
    for team, (full, clearing) in enumerate(zip(_staffed(view, When.DUTY), _staffed(view, When.UNTIL_CLEAR), strict=True)):
        if not full and not clearing:
            continue
        persons = np.flatnonzero(crowd.person_team == team)
        pool, shift = crowd.person_pool[persons], crowd.person_shift[persons]
        # Persons of one shift are there at the same times, but for those whose own board has something on it.
        board = np.where(watched[pool], pool, pools) if clearing else np.full(len(pool), pools)
        own, which = np.unique(board * shifts + shift, return_inverse=True)
        there = _there(outside, *np.divmod(own, shifts), full, clearing, boards)
        kind[persons] = kinds + which
        found.append(there._replace(owner=kinds + there.owner))
        kinds += len(own)
    return kind, Intervals.sum(found)


def _there(outside: Intervals, board: np.ndarray, shift: np.ndarray, full: Hours, clearing: Hours, boards: Intervals) -> Intervals:
    """When people of each kind, who have a board and a shift, are on duty: by number of the kind."""
    found = []
    for number in np.unique(shift):
        mine, windows = np.flatnonzero(shift == number), outside.only(outside.owner == number)
        always = windows & full
        n = len(always.start)
        found.append(Intervals(np.repeat(mine, n), np.tile(always.start, len(mine)), np.tile(always.end, len(mine))))
        found.append(_stays(windows, board[mine], mine, boards) & clearing)
    return Intervals.sum(found).merged()


def _stays(windows: Intervals, board: np.ndarray, kind: np.ndarray, boards: Intervals) -> Intervals:
    """By kind: from the beginning of each window to the first second in which its board is clear."""
    owner, entry = ranges(*(np.searchsorted(boards.owner, board, side=side) for side in ("left", "right")))
    start, end = boards.start[entry], boards.end[entry]
    during, window = ranges(np.searchsorted(windows.start, start), np.searchsorted(windows.start, end))
    return Intervals(kind[owner[during]], windows.start[window], np.minimum(end[during], windows.end[window]))


def _staffed(view: View, when: When) -> list[Hours]:
    """By team: the stretches of the window in which some stage in force uses its duty hours in this way."""
    plan = view.plan
    steps, needs = plan.procedure.steps, plan.procedure.needs
    starts = [*plan.procedure.starts.tolist(), view.census]
    found: list[list[tuple[int, int]]] = [[] for _ in plan.crowd.teams]
    for version, table in enumerate(plan.procedure.index):
        for step in np.unique(table):
            if steps.when[step] == when:
                first, count = int(steps.first_need[step]), int(steps.needs[step] + steps.readers[step])
                for team in needs.team[first : first + count]:
                    found[team].append((starts[version], starts[version + 1]))
    window = Hours.always(view.start, view.census)
    return [Hours(pairs) & window for pairs in found]


def _boards(view: View) -> Intervals:
    """By pool: when something of an until_clear stage waited for it (be it one of several) or was in the hands of its people."""
    v, w, census = view.visits, view.work, view.census + 1
    if not len(view.until_clear):
        return Intervals.of(())
    rows, pools = _asked(view)
    started, left = v.started[rows], v.left[rows]
    until = np.where(started >= 0, started, np.where(left >= 0, left, census))
    waits = Intervals(pools, v.released[rows], until).only(v.released[rows] >= 0)
    stays = np.zeros(len(v.step), bool)
    stays[view.until_clear] = True
    hands = np.flatnonzero(stays[view.work_visit])
    done = np.where(w.end[hands] >= 0, w.end[hands], census)
    return Intervals.sum([waits, Intervals(w.pool[hands], w.start[hands], done)]).merged()


def _asked(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the visits, parts and copies of until_clear stages, each beside every pool that it asks for."""
    v, rows, procedure = view.visits, view.until_clear, view.plan.procedure
    step, part, home = v.step[rows], v.part[rows], view.incidents.home[view.row[rows]]
    needs, readers, split = (x[step] for x in (procedure.steps.needs, procedure.steps.readers, procedure.steps.mode == Mode.EACH))
    first = procedure.steps.first_need[step]  # the readers stand behind the needs
    fanned = split & (part > 0) & procedure.fans_out[step]
    found = [(rows[i : i + 1], np.array([procedure.parts(step[i], home[i])[part[i] - 1][1]])) for i in np.flatnonzero(fanned)]
    found = [(row, pool) for row, pool in found if pool[0] >= 0]
    for k in range(int((needs + readers).max())):
        asks = np.where(k < needs, part == np.where(split, k + 1, 0), (k < needs + readers) & (part == needs - 1 - k)) & ~fanned
        pool = procedure.places[procedure.needs.place[first[asks] + k], home[asks]]
        found.append((rows[asks][pool >= 0], pool[pool >= 0]))
    return np.concatenate([r for r, _ in found]), np.concatenate([p for _, p in found])
