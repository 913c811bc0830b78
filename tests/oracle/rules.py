"""R1, R30: the second by second of it. All chapters together are the oracle.

It looks at the world second by second. A second in which no clock of anybody ends and no hours open or close changes
nothing, so it is skipped: `next_moment` asks everything for its next moment and takes the least.
"""

from __future__ import annotations

from collections.abc import Iterator

from oracle.asking import Asking
from oracle.dues import Dues
from oracle.entering import Entering
from oracle.hours import FAR
from oracle.leaving import Leaving
from oracle.walking import Walking
from oracle.working import Working
from simgov.journal import Ended


class Oracle(Entering, Asking, Walking, Working, Dues, Leaving):
    """One replication. `play` runs it; afterwards `incidents` know everything that happened."""

    def play(self) -> None:
        """R1: the period is half-open; what falls on the horizon does not happen."""
        self.edges, second = sorted(self.all_edges()), 0
        while second < self.horizon:
            self.instant(second)
            second = self.next_moment(second)

    def instant(self, now: int) -> None:
        """R30: an instant is settled first, then dispatched."""
        self.settle(now)
        self.turn_shifts(now)
        self.walk(now)
        self.leave_when_clear(now)

    def settle(self, now: int) -> None:
        """R30: (a) what ends and arrives, (b) dues, (c) gates, until nothing changes."""
        while self.ends_and_arrivals(now) or self.dues(now) or self.gates(now):
            pass

    def next_moment(self, now: int) -> int:
        """The next second in which anything can happen."""
        return min(moment for moment in self.moments() if moment > now)

    def moments(self) -> Iterator[int]:
        yield FAR
        yield from self.edges
        for incident in self.incidents:
            yield incident.found
        for visit in self.visits:
            yield from (visit.wait_ends, visit.lead_ends, visit.due_at)
        for request in self.requests:
            yield request.ends

    def all_edges(self) -> set[int]:
        """All seconds in which hours of anybody or anything open or close."""
        found = set()
        for version in self.versions:
            for name in (*version.calendars, "always"):
                found |= {x for pair in version.calendar(name).openings for x in pair}
                found |= {x for pair in version.calendar(name).hours.pairs for x in pair}
        for pool in self.people.pools:
            for person in pool.persons:
                found |= {x for hours in (person.regular, person.duty, person.present) for pair in hours for x in pair}
        return found

    def ends_and_arrivals(self, now: int) -> bool:
        """R30 (a): work that ends, waits and leads that end, arrivals. Their order does not matter."""
        arrived = [i for i in self.incidents if i.found == now and i.how == Ended.HIDDEN]
        done = [r for r in self.requests if r.ends == now]
        waited = [v for v in self.visits if v.at == "wait" and v.wait_ends == now]
        led = [v for v in self.visits if v.at == "lead" and v.lead_ends == now]
        for incident in arrived:
            self.arrive(incident, now)
        for request in done:
            self.end_work(request, now)
        for visit in waited:
            self.release(visit, now)
        for visit in led:
            self.end_by_itself(visit, now)
        return bool(arrived or done or waited or led)
