"""R33: the three tables of the journal."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.hours import common, length
from oracle.matters import Incident, Request, Visit
from oracle.people import Pool
from oracle.rules import Oracle
from simgov.clock import NEVER
from simgov.journal import Ended, Incidents, Journal, Result, Visits, Work, table


def journal(oracle: Oracle) -> Journal:
    writer = _Writer(oracle)
    visits = [v for incident in oracle.incidents for v in incident.visits]
    return Journal(
        oracle.horizon,
        table(Incidents, [writer.incident(i) for i in oracle.incidents], 1),
        table(Visits, [row for v in visits for row in writer.visit(v)], 3),
        table(Work, [row for v in visits for request in (*v.requests, *v.copies) for row in writer.work(request)], 5),
    )


def _index(pool: Pool | None) -> int:
    return -1 if pool is None else pool.index


class _Writer:
    def __init__(self, oracle: Oracle):
        self.horizon, plan = oracle.horizon, oracle.plan
        self.classes, self.stages, self.ends = plan.classes, plan.stages, plan.ends
        self.steps = plan.procedure.index

    def incident(self, i: Incident) -> tuple:
        """One row per birth, found or not, and per returned matter."""
        return (
            i.number, i.key, i.root, self.classes.index(i.cls_born), self.classes.index(i.cls), i.nth, i.home,
            self.stages.index(i.channel), i.repeat_of, i.born, -1 if i.found == NEVER else i.found, i.difficulty, i.closed, i.solved,
            i.verified, i.verified_at, i.reopened, i.ended, i.how, self.ends.index(i.left_by) if i.how == Ended.LEFT else -1,
        )  # fmt: skip

    def visit(self, v: Visit) -> Iterator[tuple]:
        """One row per visit, per part and per copy."""
        who, where = self.where(v)
        target = -1 if v.target is None else (self.ends if v.result in (Result.END, Result.DUE_END) else self.stages).index(v.target)
        times = (v.entered, v.admitted, v.released, v.started, v.finished, v.left, v.due_at)
        yield (*who, 0, *where, _index(v.pool), *times, v.result, target, v.priority, v.reached)
        for r in (*v.requests, *v.copies):
            if r.part:
                times = (v.entered, r.released, r.released, r.started, r.finished, r.left, v.due_at)
                yield (*who, r.part, *where, _index(r.pool), *times, r.result, -1, r.priority, r.reached)

    def where(self, v: Visit) -> tuple[tuple, tuple]:
        stage, cls = self.stages.index(v.name), self.classes.index(v.cls)
        return (v.incident.number, v.number), (stage, v.nth, cls, int(self.steps[v.incident.version, stage, cls]))

    def work(self, r: Request) -> Iterator[tuple]:
        """One row per person engaged: seconds within the person's regular hours and outside them, up to the end or the horizon."""
        engaged = common(r.spells, [(0, self.horizon)])
        for person in r.crew:
            regular = length(common(engaged, person.team_regular))
            yield (
                r.visit.incident.number, r.visit.number, r.part, person.pool.index, person.number, r.started, r.finished,
                regular, length(engaged) - regular,
            )  # fmt: skip
