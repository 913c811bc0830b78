"""R23: how long it takes. R19b: when a split is finished."""

from __future__ import annotations

import math

from oracle.hours import FAR, Hours, common, days, length, union
from oracle.matters import Request, Visit
from oracle.people import Person
from oracle.state import State
from simgov.journal import Result


class Working(State):
    """R23, R19b."""

    def start(self, request: Request, crew: list[Person], now: int) -> None:
        """R17, R33: the visit has started with its first part; its pool is that of the first person who does it."""
        visit = request.visit
        request.started, request.crew, request.pool = now, crew, crew[0].pool
        for person in crew:
            if not person.pool.unlimited:
                person.busy = request
        request.spells = self.spells(request, now)
        request.ends = request.spells[-1][1] if length(request.spells) == request.work else FAR
        if request.part >= 0 and visit.started < 0:
            visit.started = now
        if request.part == 0:
            visit.pool = request.pool

    def allowed(self, request: Request, person: Person) -> Hours:
        """R23: regular hours; for duty and until_clear also the duty window; for who was reached on call also the on-call hours."""
        hours = person.team_regular
        if request.visit.hours.when != "regular":
            hours = union(hours, person.team_duty)
        return union(hours, self.on_call_hours(request.visit)) if request.reached else hours

    def spells(self, request: Request, now: int) -> Hours:
        """R23: when work of so many seconds goes on; several people advance only in seconds in which all of them are allowed."""
        hours: Hours = [(-FAR, FAR)]
        for person in request.crew:
            hours = common(hours, self.allowed(request, person))
        if request.visit.hours.at_close == "finish":  # past the day's last closing after the start it goes on without a stop
            closing = next((end for _, end in days(hours) if end > now), FAR)
            hours = union(hours, [(closing, FAR)])
        left, found = request.work, []
        for start, end in common(hours, [(now, FAR)]):
            found.append((start, min(end, start + left)))
            left -= found[-1][1] - start
            if not left:
                break
        return found

    def end_work(self, request: Request, now: int) -> None:
        """R19, R19b: a split is finished when enough of its parts are; the other parts go on by themselves."""
        visit = request.visit
        request.finished = request.left = now
        request.result = Result.DONE
        request.ends = -1
        self.requests.remove(request)
        for person in request.crew:
            if not person.pool.unlimited:
                person.busy, person.idle_since = None, (now, 0)
        if request.part < 0 or visit.at != "people":
            return
        done = sum(r.finished >= 0 for r in visit.requests)
        if done >= self.parts_needed(visit):
            visit.finished = now
            self.lead(visit, now)

    def parts_needed(self, visit: Visit) -> int:
        """R19b: max(1, ceil(s n)); s n is read as whole within 1e-9."""
        n, by = len(visit.requests), visit.by
        return n if by.join is None else max(1, math.ceil(by.join * n - 1e-9))
