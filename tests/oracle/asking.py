"""R19, R19a, R29: whom a visit asks for."""

from __future__ import annotations

from collections import defaultdict

from oracle import luck
from oracle.matters import Request, Visit, Wanted
from oracle.people import Person, Pool
from oracle.state import State
from simgov.scenario.stage import Need


class Asking(State):
    """R19, R19a, R29."""

    def ask(self, visit: Visit, now: int) -> None:
        """R19: any, all, or each."""
        by = visit.by
        if by.mode == "each":
            parts = [(need, pool) for need in by.each for pool in self.pools_of(need, visit)]
            for number, (need, pool) in enumerate(parts, 1):
                visit.requests.append(self.part(visit, number, need, pool, now))
        else:
            entries: dict[int, list[Wanted]] = defaultdict(list)
            for need, slot in zip(by.needs, by.slots, strict=True):
                entries[slot].append(self.wanted(visit, need, self.pools_of(need, visit)[0]))
            work = luck.duration(visit.law("work"), luck.purpose(visit.key, "work"), least=1)
            joint = by.mode == "all"
            visit.requests = [Request(visit, 0, list(entries.values()), joint, work, visit.reached, now, visit.priority)]
        self.requests += visit.requests

    def part(self, visit: Visit, number: int, need: Need, pool: Pool | None, now: int) -> Request:
        """R19, R19a: one part of a split, with its own people and work draw; at a node of its own also with its own luck on call (R22)."""
        bits, reached = luck.of_part(visit.key, need.team), visit.reached
        if need.below and pool is not None:
            node = self.plan.tree.names[pool.node]
            bits = luck.of_part_at(visit.key, need.team, node)
            reached = luck.uniform(luck.on_call_at(visit.key, node)) < visit.hours.on_call
        work = luck.duration(need.work or visit.law("work"), bits, least=1)
        return Request(visit, number, [[self.wanted(visit, need, pool)]], True, work, reached, now, visit.priority)

    def give_copies(self, visit: Visit, now: int) -> None:
        """R29: readers get a copy each in the second of entry; nothing waits for it."""
        by = visit.by
        for number, need in enumerate(by.read if by else (), 1):
            law = need.work or visit.law("work")
            work = luck.duration(law, luck.of_part(visit.key, need.team), least=1)
            wanted = self.wanted(visit, need, self.pools_of(need, visit)[0])
            visit.copies.append(Request(visit, -number, [[wanted]], True, work, visit.reached, now, visit.priority))
        self.requests += visit.copies

    def wanted(self, visit: Visit, need: Need, pool: Pool | None) -> Wanted:
        """R19: `same_as` asks for who worked at the latest earlier visit of a stage."""
        again = self.who_worked(visit, need)
        if again is None:
            return Wanted(need, pool, need.people)
        return Wanted(need, again.pool, 1, None if again.pool.unlimited else again)

    def who_worked(self, visit: Visit, need: Need) -> Person | None:
        """The first person in the order of parts, needs and persons taken; who started only after that visit was left does not count."""
        if need.same_as is None:
            return None
        earlier = [v for v in visit.incident.visits if v.number < visit.number and v.name == need.same_as.stage]
        for request in earlier[-1].requests if earlier else ():
            if request.began_in_time:
                for person in request.crew:
                    if need.same_as.team in (None, person.pool.team):
                        return person
        return None
