"""What the measures look at: one replication's journal beside its plan, with the columns that several of them need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from simgov.clock import DAY
from simgov.journal import Ended, Journal, Result
from simgov.plan import Mode, Plan, When
from simgov.vocabulary import ALL


class View:
    """A journal from the end of the warm-up to the census. Seconds, unless a name says otherwise."""

    def __init__(self, plan: Plan, journal: Journal):
        self.plan, self.journal = plan, journal
        self.incidents, self.visits, self.work = journal.incidents, journal.visits, journal.work
        self.start, self.census = plan.scenario.warm_up, journal.horizon

    # ── incidents ───────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def is_background(self) -> np.ndarray:
        """By class."""
        return np.array([cls.background for cls in self.plan.scenario.classes.values()])

    @cached_property
    def collected(self) -> np.ndarray:
        """Incidents found in the window, no background duties."""
        i = self.incidents
        return (i.found >= self.start) & ~self.is_background[i.cls]

    def classes(self) -> Iterator[tuple[str, np.ndarray]]:
        """(name, mask of incidents): all of them, then each class that is no background duty."""
        yield ALL, np.ones(len(self.incidents.cls), bool)
        if (~self.is_background).sum() > 1:
            for c, name in enumerate(self.plan.classes):
                if not self.is_background[c]:
                    yield name, self.incidents.cls == c

    @cached_property
    def is_closed(self) -> np.ndarray:
        return self.incidents.closed >= 0

    @cached_property
    def is_open(self) -> np.ndarray:
        i = self.incidents
        return (i.found >= 0) & (i.closed < 0) & (i.how != Ended.LEFT)

    @cached_property
    def closing_level(self) -> np.ndarray:
        """By incident: the level at which it was first closed; -1 if open."""
        closing = np.isin(self.visits.result, (Result.CLOSED, Result.DUE_CLOSE)) & (self.visits.part == 0)
        level = np.full(len(self.incidents.incident), -1)
        at = self.row[closing]
        level[at[::-1]] = self.level[closing][::-1]  # the first closing of each stands last
        return level

    # ── visits ──────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def row(self) -> np.ndarray:
        """By visit: the row of its incident."""
        return np.searchsorted(self.incidents.incident, self.visits.incident)

    @cached_property
    def level(self) -> np.ndarray:
        """By visit: the level of who did it or was asked; without people that of the visit before."""
        v, nodes = self.visits, self.plan.tree.level[self.plan.crowd.pool_node]
        own = np.where(v.pool >= 0, nodes[v.pool], -1)
        known = np.where((own >= 0) & (v.part == 0), np.arange(len(own)), -1)
        last = np.maximum.accumulate(known) if len(known) else known
        same = (last >= 0) & (v.incident[last] == v.incident)
        return np.where(own >= 0, own, np.where(same, own[last], self.plan.tree.level[self.incidents.home[self.row]]))

    @cached_property
    def counted(self) -> np.ndarray:
        """Visits of collected incidents."""
        return self.collected[self.row]

    @cached_property
    def is_triage(self) -> np.ndarray:
        return self.plan.procedure.steps.triage[self.visits.step].astype(bool)

    @cached_property
    def is_verify(self) -> np.ndarray:
        return self.plan.procedure.steps.verify[self.visits.step].astype(bool)

    @cached_property
    def overtaken(self) -> np.ndarray:
        """Visits that their own due ended: they left in its second, and did not meet it."""
        return np.isin(self.visits.result, (Result.DUE_MOVE, Result.DUE_CLOSE))

    @cached_property
    def when(self) -> np.ndarray:
        return self.plan.procedure.steps.when[self.visits.step]

    @cached_property
    def whole(self) -> np.ndarray:
        """Visits themselves, not their parts or copies."""
        return self.visits.part == 0

    def stages(self) -> Iterator[tuple[str, np.ndarray]]:
        for s, name in enumerate(self.plan.stages):
            yield name, self.visits.stage == s

    def levels(self) -> Iterator[tuple[str, int]]:
        yield from ((name, n) for n, name in enumerate(self.plan.tree.levels))

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def years(self) -> float:
        return (self.census - self.start) / (365.25 * DAY)

    def teams(self) -> Iterator[tuple[str, np.ndarray]]:
        """(name, pools) of the teams whose people are ours."""
        crowd = self.plan.crowd
        for t, name in enumerate(crowd.teams):
            pools = np.flatnonzero((crowd.pool_team == t) & ~crowd.pool_unlimited)
            if len(pools):
                yield name, pools

    @cached_property
    def work_visit(self) -> np.ndarray:
        """By row of work: the row of its visit (or part, or copy)."""
        v, w = self.visits, self.work
        order = {key: i for i, key in enumerate(zip(v.incident.tolist(), v.visit.tolist(), v.part.tolist(), strict=True))}
        keys = zip(w.incident.tolist(), w.visit.tolist(), w.part.tolist(), strict=True)
        return np.array([order[key] for key in keys], np.int64)

    @cached_property
    def mode(self) -> np.ndarray:
        return self.plan.procedure.steps.mode[self.visits.step]

    @property
    def split(self) -> np.ndarray:
        return self.mode == Mode.EACH

    @property
    def until_clear(self) -> np.ndarray:
        return self.when == When.UNTIL_CLEAR
