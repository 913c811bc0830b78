"""What the measures look at: a journal beside its plan, with the columns that several of them need.

A city has millions of rows, so columns are made once, in one pass, in the smallest type that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from simgov.clock import DAY
from simgov.journal import BY_DUE, Ended, Journal, Result
from simgov.plan import Plan, When
from simgov.vocabulary import ALL


class View:
    """A journal from a start (not before the end of the warm-up) to the census, its horizon. Seconds, unless a name says otherwise."""

    def __init__(self, plan: Plan, journal: Journal, start: int = 0):
        self.plan, self.steps = plan, plan.procedure.steps
        self.incidents, self.visits, self.work = journal.incidents, journal.visits, journal.work
        self.start, self.census = max(start, plan.scenario.warm_up), journal.horizon

    # ── incidents ───────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def is_background(self) -> np.ndarray:
        """By class."""
        return np.array([cls.background for cls in self.plan.scenario.classes.values()])

    @cached_property
    def groups(self) -> list[tuple[str, np.ndarray]]:
        """(name, its classes): all that are no background duty together, then each of them."""
        classes = np.flatnonzero(~self.is_background)
        each = [(self.plan.classes[c], classes[k : k + 1]) for k, c in enumerate(classes)]
        return [(ALL, classes), *each]

    def by_class(self, mask: np.ndarray) -> np.ndarray:
        """By class: how many incidents of a mask there are."""
        return np.bincount(self.incidents.cls[mask], minlength=len(self.is_background))

    @cached_property
    def collected(self) -> np.ndarray:
        """Incidents found in the window, no background duties."""
        i = self.incidents
        return (i.found >= self.start) & ~self.is_background[i.cls]

    @cached_property
    def is_closed(self) -> np.ndarray:
        return self.incidents.closed >= 0

    @cached_property
    def is_open(self) -> np.ndarray:
        i = self.incidents
        return (i.found >= 0) & (i.closed < 0) & (i.how != Ended.LEFT)

    @cached_property
    def counts(self) -> np.ndarray:
        """By incident: whether the headline counts it; all but those that left by an end that does not count."""
        return ~self._left_by([not end.in_denominator for end in self.plan.scenario.ends.values()])

    @cached_property
    def left_as_closed(self) -> np.ndarray:
        """By incident: whether it left by an end that the headline counts as closed."""
        return self._left_by([end.in_numerator for end in self.plan.scenario.ends.values()])

    def _left_by(self, ends: list[bool]) -> np.ndarray:
        i = self.incidents
        return np.array([*ends, False])[i.left_by] & (i.how == Ended.LEFT)

    @cached_property
    def closing_level(self) -> np.ndarray:
        """By incident: the level at which it was first closed; -1 if open."""
        v = self.visits
        closing = np.flatnonzero(((v.result == Result.CLOSED) | (v.result == Result.DUE_CLOSE)) & self.whole)
        level = np.full(len(self.incidents.incident), -1, np.int8)
        level[self.row[closing][::-1]] = self.level[closing][::-1]  # the first closing of each stands last
        return level

    @cached_property
    def reached(self) -> np.ndarray:
        """By level and incident: whether a collected incident was ever there."""
        found = np.zeros((len(self.plan.tree.levels), len(self.incidents.incident)), bool)
        found[self.level[self.way], self.row[self.way]] = True
        return found

    # ── visits ──────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def row(self) -> np.ndarray:
        """By visit: the row of its incident."""
        incident = self.visits.incident  # those of one incident stand together
        first = runs(incident)
        return np.repeat(np.searchsorted(self.incidents.incident, incident[first]), np.diff(first, append=len(incident)))

    @cached_property
    def level(self) -> np.ndarray:
        """By visit: the level of who did it or was asked; without people that of the visit before."""
        v, tree = self.visits, self.plan.tree
        level = np.where(v.pool >= 0, tree.level[self.plan.crowd.pool_node].astype(np.int8)[v.pool], np.int8(-1))
        bare = np.flatnonzero(level < 0)
        if len(bare):
            known = np.where((level >= 0) & self.whole, np.arange(len(level)), -1)
            last = np.maximum.accumulate(known)[bare]
            same = (last >= 0) & (v.incident[last] == v.incident[bare])
            level[bare] = np.where(same, level[last], tree.level[self.incidents.home[self.row[bare]]])
        return level

    @cached_property
    def counted(self) -> np.ndarray:
        """Visits of collected incidents."""
        return self.collected[self.row]

    @cached_property
    def whole(self) -> np.ndarray:
        """Visits themselves, not their parts or copies."""
        return self.visits.part == 0

    @cached_property
    def is_triage(self) -> np.ndarray:
        return self.steps.triage.astype(bool)[self.visits.step]

    @cached_property
    def overtaken(self) -> np.ndarray:
        """Visits that their own due ended: they left in its second, and did not meet it."""
        return np.isin(self.visits.result, BY_DUE)

    @cached_property
    def until_clear(self) -> np.ndarray:
        """Rows of visits, parts and copies for which people stay until the board is clear."""
        return np.flatnonzero((self.steps.when == When.UNTIL_CLEAR)[self.visits.step])

    @cached_property
    def way(self) -> np.ndarray:
        """Rows of the visits that are an incident's way to its closing: no parts or copies, no return visits; of collected incidents."""
        return np.flatnonzero(self.counted & self.whole & ~self.steps.verify.astype(bool)[self.visits.step])

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def years(self) -> float:
        return (self.census - self.start) / (365.25 * DAY)

    def teams(self) -> Iterator[tuple[str, np.ndarray]]:
        """(name, pools) of the teams whose people are ours."""
        for t, name in enumerate(self.plan.crowd.teams):
            if not self.plan.scenario.teams[name].people.unlimited:
                yield name, np.flatnonzero(self.plan.crowd.pool_team == t)

    @cached_property
    def work_visit(self) -> np.ndarray:
        """By row of work: the row of its visit (or part, or copy). Both tables are in the order of the three numbers."""
        v, w = self.visits, self.work
        if not len(w.incident):
            return np.zeros(0, np.int64)
        lowest, parts, visits = v.part.min(), np.ptp(v.part) + 1, v.visit.max() + 1
        mine, sought = ((x.incident * visits + x.visit) * parts + x.part - lowest for x in (v, w))
        return np.searchsorted(mine, sought)

    @cached_property
    def work_stop(self) -> np.ndarray:
        """By row of work: when it ended, or the census."""
        return np.where(self.work.end >= 0, self.work.end, self.census)

    @cached_property
    def work_person(self) -> np.ndarray:
        """By row of work: the person, as the crowd counts them; of an unlimited team any number."""
        return np.searchsorted(self.plan.crowd.person_pool, self.work.pool) + self.work.person

    @cached_property
    def work_shift(self) -> np.ndarray:
        """By row of work: the shift of its person, or that of an unlimited team."""
        crowd, ours = self.plan.crowd, self.work.person >= 0
        shift = crowd.pool_shift[self.work.pool]
        shift[ours] = crowd.person_shift[self.work_person[ours]]
        return shift

    @cached_property
    def engaged(self) -> np.ndarray:
        """By visit: seconds of work of the one of its people who worked longest."""
        first = runs(self.work_visit)
        seconds = np.zeros(len(self.visits.incident), np.int64)
        if len(first):
            seconds[self.work_visit[first]] = np.maximum.reduceat(self.work.regular + self.work.off_hours, first)
        return seconds


def runs(column: np.ndarray) -> np.ndarray:
    """Where equal values that stand together begin."""
    return np.flatnonzero(np.append(True, column[1:] != column[:-1])[: len(column)])
