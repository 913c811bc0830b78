"""Who was there: rostered hours, duty windows included, computed after the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simgov.clock import DAY, Hours
from simgov.measures.view import View
from simgov.plan import Mode, When

REACH = 2**32  # seconds; longer than any period, so that the intervals of many owners can stand on one line
EARLY = 2 * DAY  # calendars begin before the period


@dataclass(frozen=True)
class Presence:
    """Seconds in the window, by pool: `regular`, outside regular hours (`duty`); `evenings` are days with duty, by person."""

    regular: np.ndarray
    duty: np.ndarray
    evenings: np.ndarray
    persons: np.ndarray


class Intervals(NamedTuple):
    """Half-open intervals [start, end) of seconds, each with its owner (a number from 0)."""

    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, hours: Sequence[Hours]) -> Intervals:
        """All hours together; the owner is the place in the sequence."""
        return cls(
            np.array([k for k, h in enumerate(hours) for _ in h.starts], np.int64),
            np.array([s for h in hours for s in h.starts], np.int64),
            np.array([e for h in hours for e in h.ends], np.int64),
        )

    @classmethod
    def sum(cls, parts: Sequence[Intervals]) -> Intervals:
        return cls(*(np.concatenate([np.zeros(0, np.int64), *columns]) for columns in zip(*parts, strict=True))) if parts else cls.of(())

    def only(self, mask: np.ndarray) -> Intervals:
        return Intervals(*(x[mask] for x in self))

    def __and__(self, hours: Hours) -> Intervals:
        """What lies within hours of few intervals, the same for every owner."""
        return Intervals.sum([Intervals(self.owner, np.maximum(self.start, a), np.minimum(self.end, b)) for a, b in hours.pairs]).merged()

    def __sub__(self, other: Intervals) -> Intervals:
        """What lies outside the intervals of the same owner; both are merged."""
        mine, yours = self.line(), other.line()
        edges = np.unique(np.concatenate([*mine, *yours]))
        return _off_line(edges[:-1], edges[1:]).only(_covered(mine, edges[:-1]) & ~_covered(yours, edges[:-1]))

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends on one line, where each owner has a stretch."""
        base = self.owner * REACH + EARLY
        return base + self.start, base + self.end

    def merged(self) -> Intervals:
        """In order, without the empty ones; those of one owner that overlap or touch are one."""
        start, end = self.only(self.end > self.start).line()
        order = np.argsort(start)
        start, end = start[order], np.maximum.accumulate(end[order])
        first = start > np.append(-1, end)[:-1]
        return _off_line(start[first], end[np.append(first, True)[1:]])


def _off_line(start: np.ndarray, end: np.ndarray) -> Intervals:
    owner = start // REACH
    return Intervals(owner, start - owner * REACH - EARLY, end - owner * REACH - EARLY)


def _covered(line: tuple[np.ndarray, np.ndarray], point: np.ndarray) -> np.ndarray:
    """Which points lie within an interval of a line."""
    start, end = line
    return np.searchsorted(start, point, side="right") > np.searchsorted(end, point, side="right")


def presence(view: View) -> Presence:
    """A duty window is staffed when a stage in force uses it: to its end, or until the board is clear."""
    crowd = view.plan.crowd
    pools = len(crowd.pool_team)
    regular = np.array([s.regular.length(view.start, view.census) for s in crowd.shifts])
    duty, evenings = np.zeros(pools), np.zeros(pools)
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
        kinds, kind = np.unique(board * len(crowd.shifts) + shift, return_inverse=True)
        there = _there(outside, *np.divmod(kinds, len(crowd.shifts)), full, clearing, boards)
        seconds = np.bincount(there.owner, there.end - there.start, minlength=len(kinds))
        days = np.bincount(np.unique(there.owner * REACH + there.start // DAY) // REACH, minlength=len(kinds))
        duty += np.bincount(pool, seconds[kind], minlength=pools)
        evenings += np.bincount(pool, days[kind], minlength=pools)
    pool, shift = crowd.person_pool, crowd.person_shift
    return Presence(np.bincount(pool, regular[shift], minlength=pools), duty, evenings, np.bincount(pool, minlength=pools))


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
    owner, entry = _ranges(*(np.searchsorted(boards.owner, board, side=side) for side in ("left", "right")))
    start, end = boards.start[entry], boards.end[entry]
    during, window = _ranges(np.searchsorted(windows.start, start), np.searchsorted(windows.start, end))
    return Intervals(kind[owner[during]], windows.start[window], np.minimum(end[during], windows.end[window]))


def _ranges(first: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers first, ..., stop - 1 of all ranges, each behind the place of its range."""
    length = stop - first
    return np.repeat(np.arange(len(length)), length), np.arange(length.sum()) - np.repeat(length.cumsum() - stop, length)


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
