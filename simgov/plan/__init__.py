"""The Plan: a scenario as arrays. Everything an engine reads; no engine ever fills a default."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgov.clock import DAY, Hours
from simgov.plan.demand import Demand, expect
from simgov.plan.people import Crowd, Shift, gather
from simgov.plan.procedure import Answer, DueAt, Kind, Mode, Procedure, Then, When, proceed
from simgov.plan.tree import Forest, Tree, crown, grow, plant
from simgov.scenario.model import Scenario

__all__ = ["Answer", "DueAt", "Forest", "Kind", "Mode", "Plan", "Shift", "Then", "Tree", "When", "crown", "make", "plant"]


@dataclass(frozen=True)
class Plan:
    """What is simulated: `horizon` seconds of a `tree`, its `crowd`, its `demand` and its `procedure`."""

    scenario: Scenario
    horizon: int
    tree: Tree
    crowd: Crowd
    demand: tuple[Demand, ...]
    procedure: Procedure

    @property
    def stages(self) -> list[str]:
        return list(self.scenario.stages)

    @property
    def classes(self) -> list[str]:
        return list(self.scenario.classes)

    @property
    def ends(self) -> list[str]:
        return list(self.scenario.ends)

    @cached_property
    def calendar_hours(self) -> tuple[Hours, ...]:
        """Open hours of the procedure's calendars."""
        return tuple(calendar.hours for calendar in self.procedure.calendars)

    @cached_property
    def calendar_openings(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Openings as written, which gates obey."""
        return tuple(calendar.openings for calendar in self.procedure.calendars)

    @cached_property
    def log2_span(self) -> np.ndarray:
        """log2 of residents per leader, by turn and pool; 0 where there is nobody or nobody lives."""
        spans = self.crowd.spans()
        with np.errstate(divide="ignore"):
            return np.where(np.isfinite(spans) & (spans > 0), np.log2(np.where(spans > 0, spans, 1)), 0.0)


def make(scenario: Scenario, roots: range | None = None) -> Plan:
    """The plan of a valid scenario, or of some of the roots of its forest (by number, from 0)."""
    tree = grow(scenario, roots)
    crowd = gather(scenario, tree)
    return Plan(scenario, scenario.days * DAY, tree, crowd, expect(scenario, tree, crowd), proceed(scenario, tree, crowd))
