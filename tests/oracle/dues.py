"""R25, R26: when something is due, and what happens when that second comes."""

from __future__ import annotations

from oracle import luck
from oracle.hours import DAY, days
from oracle.leaving import closed_first, cut, result_of
from oracle.matters import Visit
from oracle.state import State
from simgov.scenario.stage import Due, Outcome


class Dues(State):
    """R25, R26."""

    def due_second(self, visit: Visit) -> int:
        """R25; -1 where there is none."""
        due, now = visit.due, visit.entered
        if due is None:
            return -1
        if due.opening is not None:
            openings = self.rules_of(visit.incident).calendar(due.opening).openings
            return min((a for a, _ in openings if a > now), default=-1)
        if due.at == "end_of_day":
            return (now // DAY + 1) * DAY
        if due.at == "end_of_duty":
            return self.end_of_duty(visit, due)
        return max(self.clock_start(visit, due) + due.duration, now + 1)

    def clock_start(self, visit: Visit, due: Due) -> int:
        """R25: the entry, the second the incident was found, or the latest entry of another stage."""
        if due.start == "birth":
            return visit.incident.found
        return visit.incident.entries.get(due.start, visit.entered)

    def end_of_duty(self, visit: Visit, due: Due) -> int:
        """R25: the end of the first team's last hours of the day; who enters at or after that end, or the cut-off, belongs to the next open day."""
        hour, minute = map(int, (due.cut_off or "0:0").split(":"))
        pool = self.first_pool(visit)
        for day, end in days(pool.hours if pool else []):
            last = min(end, day * DAY + hour * 3600 + minute * 60) if due.cut_off else end
            if visit.entered < last:
                return end
        return -1

    def dues(self, now: int) -> bool:
        """R30 (b), R26: what happens when a due expires."""
        expired = [v for v in self.visits if v.due_at == now and v.at != "left" and not v.expired]
        for visit in expired:
            visit.expired = True
            due = visit.due
            if due.then.raise_ is not None:
                self.raise_priority(visit, due.then.raise_)
            elif due.then.leads_to and self.may_be_ended(visit):
                self.end_by_due(visit, due.then.leads_to, now)
        return bool(expired)

    def raise_priority(self, visit: Visit, n: int) -> None:
        """R26: the priority number of the visit and of its parts falls by n, once."""
        visit.priority -= n
        for request in visit.requests:
            request.priority -= n

    def may_be_ended(self, visit: Visit) -> bool:
        """R26: if no work has started or the work is finished; while work is in hand a due does nothing, ever."""
        return visit.at in ("gate", "wait", "lead") or visit.started < 0

    def end_by_due(self, visit: Visit, outcomes: dict[str, Outcome], now: int) -> None:
        """R26: an outcome is cut from a uniform of its own, `closed` first."""
        outcomes = closed_first(outcomes)
        k = cut([outcome.chance for _, outcome in outcomes], luck.uniform(luck.purpose(visit.key, "due")))
        name, outcome = outcomes[k]
        for request in visit.requests:
            if request.waits and visit.at == "people":  # its parts are withdrawn (R33)
                self.requests.remove(request)
                request.left = now
                request.result = result_of(name, self.rules_of(visit.incident), by_due=True)
        self.leave(visit, name, outcome, now, by_due=True)
