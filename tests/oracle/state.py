"""What an oracle knows at any second. The chapters of the rules (entering, asking, walking, working, dues, leaving) are added to it."""

from __future__ import annotations

from collections import Counter

from oracle import luck
from oracle.matters import Incident, Request, Visit
from oracle.people import People
from simgov.draws import Draws
from simgov.plan import Plan
from simgov.scenario.model import Scenario


class State:
    """All incidents, what is under way, and the hours of everybody."""

    def __init__(self, plan: Plan, draws: Draws):
        self.plan, self.horizon = plan, plan.horizon
        self.versions: list[Scenario] = [s for _, _, s in plan.scenario.epochs]
        self.people = People(plan, draws.skill, draws.order)
        births = draws.births
        stream = luck.of_replication(draws.seed, draws.replication)
        names = plan.tree.names
        self.incidents = [
            Incident(
                number, luck.of_incident(stream, names[births.root[number]], plan.classes[births.cls[number]], int(births.nth[number])),
                int(births.root[number]), plan.classes[births.cls[number]], plan.classes[births.found_cls[number]],
                int(births.nth[number]), int(births.home[number]), plan.stages[births.entry[number]], -1,
                int(births.born[number]), int(births.found[number]), float(births.difficulty[number]),
            )
            for number in range(len(births.key))
        ]  # fmt: skip
        self.births = len(self.incidents)
        self.visits: list[Visit] = []  # those under way
        self.requests: list[Request] = []  # those that wait or are worked on
        self.places: Counter = Counter()  # taken at a gate, by (gate, opening)

    def rules_of(self, incident: Incident) -> Scenario:
        """R15: the version of the procedure that it keeps."""
        return self.versions[incident.version]
