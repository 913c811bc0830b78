"""Gates: where incidents wait for an opening."""

from __future__ import annotations

from bisect import bisect_right
from heapq import heappop, heappush

import simpy

from simgov.engines.record import Row


class Gate:
    """Where incidents wait for an opening; each opening lets a number of them through."""

    def __init__(self, openings: tuple[tuple[int, int], ...], takes: int):
        self.starts, self.ends, self.takes = [a for a, _ in openings], [b for _, b in openings], takes
        self.heap: list[tuple[tuple, Row, simpy.Event]] = []
        self.opening, self.passed = -1, 0  # how many have passed in this opening

    def join(self, visit: Row, ticket: simpy.Event) -> None:
        visit.ticket = (self, ticket)
        heappush(self.heap, (visit.order(), visit, ticket))

    def let_through(self, now: int) -> list[simpy.Event]:
        """The tickets of those who may pass now, in queue order."""
        opening = bisect_right(self.starts, now) - 1
        if opening < 0 or now >= self.ends[opening]:
            return []
        if opening != self.opening:
            self.opening, self.passed = opening, 0
        tickets = []
        while self.heap and (self.takes < 0 or self.passed < self.takes):
            order, visit, ticket = heappop(self.heap)
            if visit.left < 0 and visit.admitted < 0 and order == visit.order():  # else overtaken or in line anew
                self.passed += 1
                tickets.append(ticket)
        return tickets
