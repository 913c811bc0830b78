"""R15 to R18: how an incident comes, enters a stage, and passes its gate, its wait and its lead."""

from __future__ import annotations

from oracle import luck
from oracle.hours import within
from oracle.matters import Incident, Visit
from oracle.people import Pool
from oracle.state import State
from simgov.errors import SimulationError
from simgov.journal import Ended
from simgov.scenario.fields import for_class
from simgov.scenario.stage import Gate, Need


class Entering(State):
    """R15 to R18."""

    def arrive(self, incident: Incident, now: int) -> None:
        """R15: it keeps the version of the procedure that is in force when it is found."""
        incident.version = next(k for k, (start, end, _) in enumerate(self.plan.scenario.epochs) if start <= now < end)
        incident.how = Ended.OPEN
        self.enter(incident, incident.channel, now)

    def enter(self, incident: Incident, name: str, now: int) -> None:
        """R16: entering a stage for the n-th time. Every field of the stage is that for the incident's class now."""
        stage, n = self.rules_of(incident).stages[name], incident.entered[name]
        if n >= stage.max_visits:
            raise SimulationError(
                f"stages.{name}: an incident of class '{incident.cls}' entered it more than {n} times (... -> {name}): "
                "the procedure goes round; let an outcome leave the loop, or raise max_visits"
            )
        cls, bits = incident.cls, luck.of_visit(incident.key, name, n)
        priority = for_class(stage.priority, cls) or 0
        visit = Visit(incident, len(incident.visits), name, stage, n, cls, bits, now, priority)
        incident.entered[name] += 1
        incident.entries[name] = now
        incident.visits.append(visit)
        self.visits.append(visit)
        visit.reached = luck.uniform(luck.purpose(visit.key, "on call")) < visit.hours.on_call  # R22
        visit.pool = self.first_pool(visit)
        visit.due_at = self.due_second(visit)
        self.give_copies(visit, now)
        if visit.gate is None:
            self.admit(visit, now)

    def first_pool(self, visit: Visit) -> Pool | None:
        """R33: for a visit that is still to start, the pool of the first need (R19a: of the first node)."""
        needs = visit.needs
        return self.pools_of(needs[0], visit)[0] if needs else None

    def pools_of(self, need: Need, visit: Visit) -> list[Pool | None]:
        """R7, R19a: one pool, or one for every node below."""
        if need.below:
            return self.people.below(need.team, need.at, need.below, visit.incident.home)
        return [self.people.nearest(need.team, need.at, visit.incident.home)]

    def admit(self, visit: Visit, now: int) -> None:
        """R17: after the gate comes the wait."""
        visit.at, visit.admitted = "wait", now
        visit.wait_ends = now + luck.duration(visit.law("wait"), luck.purpose(visit.key, "wait"))

    def release(self, visit: Visit, now: int) -> None:
        """R17: after the wait come people and work; a stage without people has neither started nor finished."""
        visit.released = now
        if visit.needs:
            visit.at = "people"
            self.ask(visit, now)
        else:
            self.lead(visit, now)

    def lead(self, visit: Visit, now: int) -> None:
        """R17: after the work comes the lead."""
        visit.at = "lead"
        visit.lead_ends = now + luck.duration(visit.law("lead"), luck.purpose(visit.key, "lead"))

    def gates(self, now: int) -> bool:
        """R30 (c), R18: all gates of the second together admit, before anything that follows from an admission."""
        admitted = []
        for visit in sorted((v for v in self.visits if v.at == "gate"), key=lambda v: v.order):
            gate = visit.gate
            openings = self.rules_of(visit.incident).calendar(gate.opens).openings
            for opening in openings:
                place = (self.gate_identity(visit, gate), opening)
                if within(now, [opening]) and (gate.takes is None or self.places[place] < gate.takes):
                    self.places[place] += 1
                    admitted.append(visit)
                    break
        for visit in admitted:
            self.admit(visit, now)
        return bool(admitted)

    def gate_identity(self, visit: Visit, gate: Gate) -> tuple:
        """R18: a gate belongs to (stage, node, calendar, takes)."""
        if gate.at is not None:
            node = self.people.above(visit.incident.home, gate.at)
        else:
            pool = self.first_pool(visit)
            node = pool.node if pool else -1
        openings = self.rules_of(visit.incident).calendar(gate.opens).openings
        return visit.name, node, gate.opens, openings, gate.takes
