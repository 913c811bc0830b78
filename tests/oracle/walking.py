"""R20 to R22, R31, R32: who may start, and the walk in which they start. R21: who stays until all is clear."""

from __future__ import annotations

from oracle.hours import Hours, within
from oracle.matters import Request, Visit, Wanted
from oracle.people import Person, Pool, state
from oracle.state import State


class Walking(State):
    """R20 to R22, R31, R32."""

    def walk(self, now: int) -> None:
        """R31: over all waiting requests in queue order; each starts if the people it needs are available at that point."""
        held: set[Person] = set()
        claimed: set[Pool] = set()  # R32: where a request of this walk holds already
        for request in sorted((r for r in self.requests if r.waits), key=lambda r: r.order):
            crew = self.crew(request, held, now)
            if crew is not None:
                self.start(request, crew, now)
            elif self.holds(request):
                self.hold(request, held, claimed, now)

    def crew(self, request: Request, held: set[Person], now: int) -> list[Person] | None:
        """R19: who does it, in the order of needs and persons taken; None if it cannot start."""
        if not request.joint:  # any: the first need of the list whose pool has enough people
            for entry in request.entries:
                for wanted in entry:
                    found = self.take(request, wanted, held, now)
                    if found:
                        return found
            return None
        taken: dict[int, list[Person]] = {}
        alone = [k for k, entry in enumerate(request.entries) if len(entry) == 1 and entry[0].named]
        rest = [k for k in range(len(request.entries)) if k not in alone]
        for k in alone + rest:  # whoever is asked for by name alone first, then entry by entry
            gone = held | {p for people in taken.values() for p in people if not p.pool.unlimited}
            options = (self.take(request, wanted, gone, now) for wanted in request.entries[k])
            found = next((people for people in options if people), None)
            if found is None:
                return None
            taken[k] = found
        return [person for k in sorted(taken) for person in taken[k]]

    def take(self, request: Request, wanted: Wanted, gone: set[Person], now: int) -> list[Person] | None:
        """Enough people of a pool, the first of R20's order, or None."""
        found = self.available(request, wanted, gone, now)
        if wanted.pool is not None and wanted.pool.unlimited:
            return found[:1] * wanted.people or None
        return found[: wanted.people] if len(found) >= wanted.people else None

    def available(self, request: Request, wanted: Wanted, gone: set[Person], now: int) -> list[Person]:
        """R20: who of a pool may start, in the order in which they are taken."""
        if wanted.pool is None:
            return []
        people = [wanted.named] if wanted.named else wanted.pool.persons
        free = [p for p in people if p.busy is None and p not in gone and self.may_start(request, p, now)]
        return sorted(free, key=lambda p: (state(p, now), p.idle_since, p.number))

    def may_start(self, request: Request, person: Person, now: int) -> bool:
        """R20: in regular hours; in the duty window, if the stage says so and, for until_clear, who stays; or reached on call (R22)."""
        if within(now, person.regular):
            return True
        when = request.visit.hours.when
        if within(now, person.duty) and (when == "duty" or (when == "until_clear" and person.stays)):
            return True
        return request.reached and within(now, person.present) and within(now, self.on_call_hours(request.visit))

    def on_call_hours(self, visit: Visit) -> Hours:
        return self.rules_of(visit.incident).calendar(visit.hours.on_call_hours).hours.pairs

    def holds(self, request: Request) -> bool:
        """R32: a joint request (`all`) with `hold`."""
        return request.part == 0 and request.joint and request.visit.stage.hold

    def hold(self, request: Request, held: set[Person], claimed: set[Pool], now: int) -> None:
        """R32: keeps the people it needs and could take from later requests; at each pool only the first such request holds anybody."""
        for wanted in request.wanted:
            if wanted.pool not in claimed and not (wanted.pool and wanted.pool.unlimited):
                held.update(self.available(request, wanted, held, now)[: wanted.people])
        claimed.update(wanted.pool for wanted in request.wanted if wanted.pool)

    def turn_shifts(self, now: int) -> None:
        """R30 (d), R21: when the shift of a person turns to the duty window, the person stays if something is left for the pool."""
        for pool in self.people.pools:
            for person in pool.persons:
                if any(start == now for start, _ in person.duty):
                    person.stays = self.something_left(pool)

    def something_left(self, pool: Pool) -> bool:
        """R21: a request of an until_clear stage that waits at the pool, or work of such a stage in hand by people of the pool."""
        for request in self.requests:
            if request.visit.hours.when == "until_clear":
                if request.waits and any(wanted.pool is pool for wanted in request.wanted):
                    return True
                if any(person.pool is pool for person in request.crew):
                    return True
        return False

    def leave_when_clear(self, now: int) -> None:
        """R21: at the end of the first second in which nothing is left, the persons of the pool leave until the next duty window."""
        for pool in self.people.pools:
            who = [person for person in pool.persons if person.stays]
            if who and not self.something_left(pool):
                for person in who:
                    person.stays = False
