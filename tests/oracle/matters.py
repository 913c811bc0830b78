"""What the rules are about: an incident, its visits of stages, and the requests for people that a visit makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from oracle.hours import Hours
from oracle.people import Person, Pool
from simgov.journal import Ended, Result
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import for_class
from simgov.scenario.stage import By, Due, Gate, Need, Stage, StageHours


@dataclass(eq=False)
class Incident:
    """R14, R15, R28. Times are seconds; -1 is none or not yet."""

    number: int
    key: int
    root: int
    cls_born: str
    cls: str
    nth: int
    home: int
    channel: str
    repeat_of: int
    born: int
    found: int
    difficulty: float
    version: int = -1
    closed: int = -1
    solved: int = -1
    verified: int = -1
    verified_at: int = -1
    reopened: int = 0
    ended: int = -1
    how: int = Ended.HIDDEN
    left_by: str | None = None
    visits: list[Visit] = field(default_factory=list)
    entered: Counter = field(default_factory=Counter)  # by stage: how often
    entries: dict[str, int] = field(default_factory=dict)  # by stage: the latest entry
    closing: Visit | None = None  # the latest visit with the outcome closed


@dataclass(eq=False)
class Visit:
    """R17. `at` says in which part of the visit it is: gate, wait, people, lead or left."""

    incident: Incident
    number: int
    name: str
    stage: Stage
    nth: int
    cls: str
    key: int
    entered: int
    priority: int
    at: str = "gate"
    reached: bool = False
    admitted: int = -1
    released: int = -1
    started: int = -1
    finished: int = -1
    left: int = -1
    due_at: int = -1
    expired: bool = False
    wait_ends: int = -1
    lead_ends: int = -1
    result: int = Result.OPEN
    target: str | None = None
    pool: Pool | None = None
    requests: list[Request] = field(default_factory=list)  # its own one, or the parts of a split
    copies: list[Request] = field(default_factory=list)

    def __post_init__(self):
        self.by: By | None = for_class(self.stage.by, self.cls)
        self.needs: list[Need] = self.by.needs if self.by else []
        self.gate: Gate | None = for_class(self.stage.gate, self.cls)
        self.due: Due | None = for_class(self.stage.due, self.cls)
        self.hours: StageHours = for_class(self.stage.hours, self.cls) or StageHours()

    @property
    def order(self) -> tuple[int, ...]:
        """R24, at a gate."""
        return (self.priority, self.entered, self.incident.number, self.number, 0)

    def law(self, name: str) -> Distribution | None:
        """How long its wait, work or lead takes."""
        return for_class(getattr(self.stage, name), self.cls)


@dataclass
class Wanted:
    """So many people of a pool, or one named person of it (R19, same_as)."""

    need: Need
    pool: Pool | None
    people: int
    named: Person | None = None


@dataclass(eq=False)
class Request:
    """Asks for people: `entries` are lists of those who stand for each other. All entries are needed (`joint`), or one of them."""

    visit: Visit
    part: int
    entries: list[list[Wanted]]
    joint: bool
    work: int
    reached: bool
    released: int
    priority: int
    started: int = -1
    finished: int = -1
    left: int = -1
    ends: int = -1
    result: int = Result.OPEN
    crew: list[Person] = field(default_factory=list)
    pool: Pool | None = None
    spells: Hours = field(default_factory=list)  # when its work goes on

    @property
    def waits(self) -> bool:
        return self.started < 0 and self.left < 0

    @property
    def wanted(self) -> list[Wanted]:
        return [w for entry in self.entries for w in entry]

    @property
    def began_in_time(self) -> bool:
        """Whether its people had started when the visit was left: the walk of a second comes after all that is left in it (R30)."""
        return self.started >= 0 and (self.visit.left < 0 or self.started < self.visit.left)

    @property
    def order(self) -> tuple[int, ...]:
        """R24."""
        return (self.priority, self.visit.entered, self.visit.incident.number, self.visit.number, self.part)


