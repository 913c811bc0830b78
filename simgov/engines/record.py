"""What a run remembers: incidents, visits and work in hand, and how they become the journal."""

from __future__ import annotations

from typing import Any

import numpy as np
import simpy

from simgov.clock import NEVER, Hours
from simgov.draws import Births, Draws
from simgov.engines.desks import Person, Pool, Request
from simgov.journal import Ended, Incidents, Journal, Result, Visits, Work, table
from simgov.plan import Plan, Shift


class Incident:
    """One matter: where it stands, and the four facts of it (closed, solved, satisfied, reopened)."""

    __slots__ = (
        "closed", "closing_teams", "cls", "cls_born", "difficulty", "ended", "entered", "entry", "found", "handlers", "home", "how", "key",
        "left_by", "number", "process", "reopened", "repeat_of", "solved", "times", "verified", "verified_at", "version", "visits",
    )  # fmt: skip

    def __init__(self, number: int, key: int, home: int, cls: int, found: int, difficulty: float, entry: int, version: int):
        self.number, self.key, self.home, self.cls, self.found = number, key, home, cls, found
        self.difficulty, self.entry, self.version = difficulty, entry, version
        self.times: dict[int, int] = {}  # visits of each stage
        self.entered: dict[int, int] = {}  # latest entry of each stage
        self.handlers: dict[int, list[tuple[Pool, Person | None]]] = {}  # who worked at it last, by stage
        self.visits = 0
        self.closed = self.solved = self.verified = self.verified_at = self.ended = self.left_by = -1
        self.closing_teams: frozenset[int] = frozenset()
        self.reopened, self.how = 0, Ended.OPEN
        self.repeat_of, self.cls_born = -1, cls
        self.process: simpy.Process | None = None


class Row:
    """A visit, a part of one, or a reader's copy: what will be a row of the journal.

    A part is `of` a visit; a visit, and a copy, is its own `whole`.
    """

    __slots__ = (
        "admitted", "cls", "due", "entered", "finished", "incident", "key", "left", "nth", "number", "of", "part", "pool", "priority",
        "reached", "released", "requests", "result", "stage", "started", "step", "target", "ticket",
    )  # fmt: skip

    def __init__(self, incident: Incident, step: Any, number: int, nth: int, now: int):
        self.incident, self.step, self.number, self.nth, self.part, self.of = incident, step, number, nth, 0, None
        self.stage, self.cls, self.priority, self.entered = step.stage, incident.cls, step.priority, now
        self.admitted = self.released = self.started = self.finished = self.left = self.due = self.target = self.pool = -1
        self.result, self.reached, self.ticket = Result.OPEN, False, None
        self.requests: list[Request] = []

    @property
    def whole(self) -> Row:
        return self.of or self

    def order(self) -> tuple[int, int, int, int, int]:
        """The key by which all that waits is ordered."""
        return (self.priority, self.entered, self.incident.number, self.number, self.part)

    def record(self) -> tuple:
        return (
            self.incident.number, self.number, self.part, self.stage, self.nth, self.cls, self.step.number, self.pool,
            self.entered, self.admitted, self.released, self.started, self.finished, self.left,
            self.due if self.due < NEVER else -1, self.result, self.target, self.priority, self.reached,
        )  # fmt: skip


class Terms:
    """On what terms work goes on: within `allowed` hours, and past the day's last closing or not."""

    __slots__ = ("allowed", "finish")

    def __init__(self, allowed: Hours, finish: bool):
        self.allowed, self.finish = allowed, finish


Engagement = tuple[Row, Pool, "Person | None", int, int, Terms]  # who works at what, from when to when, on which terms


def write(plan: Plan, draws: Draws, incidents: list[Incident], rows: list[Row], work: list[Engagement]) -> Journal:
    """The journal of a run that has come to its horizon."""
    return Journal(
        plan.horizon,
        table(Incidents, _incident_rows(plan, draws.births, incidents), 1),
        table(Visits, [row.record() for row in rows], 3),
        _work_table(plan.horizon, work),
    )


def _incident_rows(plan: Plan, births: Births, incidents: list[Incident]) -> list[tuple]:
    rows, seen = [], {incident.number: incident for incident in incidents}
    columns = (births.key, births.root, births.cls, births.found_cls, births.nth, births.home, births.entry, births.born, births.difficulty)
    for i, (own, root, cls_born, cls, nth, home, entry, born, difficulty) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        who = seen.pop(i, None)
        start = (i, own, root, cls_born, who.cls if who else cls, nth, home, entry, -1, born)
        rows.append((*start, who.found if who else -1, difficulty, *_facts(who)))
    for i, who in seen.items():  # matters that came back
        start = (i, who.key, int(plan.tree.root[who.home]), who.cls_born, who.cls, -1, who.home, who.entry, who.repeat_of, who.found)
        rows.append((*start, who.found, who.difficulty, *_facts(who)))
    return rows


def _work_table(horizon: int, work: list[Engagement]) -> Work:
    """Seconds engaged, regular or not: counted together for all work on the same terms in the same shift."""
    rows: list[tuple[int, ...]] = []
    groups: dict[tuple, tuple[Terms, Shift, list[int]]] = {}
    for i, (row, pool, person, start, end, terms) in enumerate(work):
        number = person.number if person else -1
        rows.append((row.incident.number, row.number, row.part, pool.number, number, start, end if end < horizon else -1, 0, 0))
        shift = person.crew.clock.shift if person else pool.clock.shift
        groups.setdefault((terms, id(shift)), (terms, shift, []))[2].append(i)
    columns = np.array(rows, np.int64).reshape(len(rows), len(Work._fields)).T
    for terms, shift, mine in groups.values():
        start, end = columns[5][mine], np.minimum(columns[6][mine], horizon)
        stop = np.where(end >= 0, end, horizon)
        # Up to its last closing of the day work may have paused; from there on it went on without a stop.
        last = np.minimum(stop, terms.allowed.day_closings(start)) if terms.finish else stop
        engaged = terms.allowed.lengths(start, last) + stop - last
        usual = shift.work_regular if terms.allowed is shift.work_regular else terms.allowed & shift.work_regular
        regular = usual.lengths(start, last) + shift.work_regular.lengths(last, stop)
        columns[7][mine], columns[8][mine] = regular, engaged - regular
    order = np.lexsort(columns[4::-1])
    return Work(*(column[order] for column in columns))


def _facts(who: Incident | None) -> tuple:
    if who is None:
        return (-1, -1, -1, -1, 0, -1, Ended.HIDDEN, -1)
    return (who.closed, who.solved, who.verified, who.verified_at, who.reopened, who.ended, who.how, who.left_by)
