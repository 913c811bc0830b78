"""What a user writes: an organisation, a demand and a procedure, as frozen models.

Every field has its meaning in its description; `simgov schema` writes them into the JSON Schema.
Names that must exist elsewhere in the file (a team, a stage, a calendar) are checked in `check.py`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from simgov.calendars import ALL_DAY, Calendar, calendar, day_types
from simgov.language import Message, message
from simgov.scenario.access import NO_FILES, Access
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import (
    Chance,
    Count,
    Day,
    Duration,
    FileName,
    Moment,
    NotNegative,
    Positive,
    Real,
    Share,
    Some,
    Strict,
    Text,
    complain,
)
from simgov.scenario.stage import BUILT_IN_CALENDAR, Stage
from simgov.scenario.target import Target


class Window(Strict):
    """Dates [from, to): the day `to` is no longer part of it; an end that is left out is the period's own."""

    SHORT = ("array",)
    start: Day | None = Field(None, alias="from", description="The first day.")
    end: Day | None = Field(None, alias="to", description="The day after the last.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"from": value[0], "to": value[1]} if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.start and self.end and self.start >= self.end:
            raise complain(message("must end after it starts, got {start} to {end}", start=self.start, end=self.end))
        return self


class Period(Strict):
    """The simulated time: from 00:00 of `start` up to 00:00 of `end`, which is the census; `end` itself is not simulated."""

    SHORT = ("array",)
    start: Day = Field(description="The first day.")
    end: Day = Field(description="The census: the run ends at 00:00 of this day.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"start": value[0], "end": value[1]} if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.start >= self.end:
            raise complain(message("must end after it starts, got {start} to {end}", start=self.start, end=self.end))
        if not 1900 <= self.start.year <= self.end.year <= 2200:
            raise complain(message("a period outside the years 1900 to 2200 is surely a slip, got {start} to {end}", start=self.start, end=self.end))
        if (self.end - self.start).days > 36_600:
            raise complain(message("a period of more than 100 years is surely a slip, got {start} to {end}", start=self.start, end=self.end))
        return self


class PublicHolidays(Strict):
    """Public holidays and make-up workdays (调休): those of a country, corrected by lists of dates."""

    country: str = Field("CN", description="ISO code of the public calendar; '' for none.")
    closed: list[Day] = Field([], description="More days to be treated as public holidays.")
    workdays: list[Day] = Field([], description="More make-up workdays; they win over public holidays.")


class Timetable(Strict):
    """Opening hours, and whether make-up workdays (调休上班日) count for them."""

    SHORT = ("string",)
    hours: str = Field(description="Opening hours, such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off'.")
    makeup_workdays: bool | None = Field(None, description="Whether a make-up workday has the hours of a Monday; left out: if there is a rule for PH.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"hours": value} if isinstance(value, str) else value


# ── organisation ────────────────────────────────────────────────────────────────────────────────────


class Level(Strict):
    """A tier of the tree. `count` is the number of its nodes in the whole scenario."""

    SHORT = ("integer",)
    count: Some = Field(1, description="Nodes in all.")
    label: Text | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"count": value} if isinstance(value, int) else value


class People(Strict):
    """How many people a team has: at `each` node, in `total`, `per_10000` residents, or by a `roster` of dates."""

    SHORT = ("integer", "string")
    WORDS = ("unlimited",)
    each: Count | None = Field(None, description="People at each node.")
    total: Count | None = Field(None, description="People in all, spread over the nodes by largest remainder on residents.")
    per_10000: NotNegative | None = Field(None, description="People per 10,000 residents, spread in the same way.")
    share: Share = Field(1.0, description="Only on this share of the nodes, evenly spaced in their order.")
    roster: dict[Day, Count] | None = Field(None, description="People at each node from each date on; none before the first.")
    unlimited: bool = Field(False, description="Always somebody free: disputants, companies; not our staff.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"each": value}
        return {"unlimited": True} if value == "unlimited" else value

    @model_validator(mode="after")
    def _one(self) -> People:
        given = [x is not None for x in (self.each, self.total, self.per_10000, self.roster)]
        if sum(given) + self.unlimited != 1:
            raise complain(message("give exactly one of each, total, per_10000, roster and unlimited"))
        return self

    @property
    def nobody(self) -> bool:
        return not self.unlimited and (self.each == 0 or self.total == 0 or self.per_10000 == 0 or self.roster == {})


class Duty(Strict):
    """A duty window. With `people`, only so many of the team are on duty each time, taking turns."""

    SHORT = ("string",)
    hours: str = Field(description="Name of a calendar.")
    people: Some | None = Field(None, description="How many are on duty at a time, by turns; all of them if left out.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"hours": value}


class Skill(Strict):
    """What a node's people add to the log-odds of closing: the same everywhere, or a Normal spread over nodes."""

    SHORT = ("number", "integer")
    mean: Real = Field(0.0, description="Log-odds added to the chance of closing.")
    sd: NotNegative = Field(0.0, description="Between the nodes of the team.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"mean": value} if isinstance(value, (int, float)) else value


class Team(Strict):
    """The people of one role at each node of a level."""

    label: Text | None = None
    at: list[str] | str = Field(description="The level (or levels) at whose nodes they are.")
    people: People = Field(People(each=1), description="How many; one at each node if left out.")
    hours: str = Field(BUILT_IN_CALENDAR, description="Calendar of the regular hours.")
    duty: Duty | None = Field(None, description="Hours of duty beyond the regular ones, such as an evening seat.")
    windows: list[Window] = Field([], description="Only present in these date windows (seconded cadres 下沉干部).")
    skill: Skill = Field(Skill(), description="How much better or worse than the written chances it closes.")
    cost_per_hour: NotNegative | None = Field(None, description="Yuan per hour, rostered or overtime.")
    unpaid: bool = Field(False, description="Its hours cost nothing.")

    @property
    def levels(self) -> list[str]:
        return [self.at] if isinstance(self.at, str) else self.at

    @property
    def price(self) -> float | None:
        """Yuan per hour; None for a team whose hours cost nothing that is known."""
        return None if self.unpaid else self.cost_per_hour


# ── demand ──────────────────────────────────────────────────────────────────────────────────────────


class Profile(Strict):
    """When in the day, week and year incidents come, relative to the mean; each list is divided by its own mean."""

    hours: list[NotNegative] | None = Field(None, description="24 weights, from 00:00.")
    weekdays: list[NotNegative] | None = Field(None, description="7 weights, from Monday.")
    months: list[NotNegative] | None = Field(None, description="12 weights, from January.")

    @model_validator(mode="after")
    def _lengths(self) -> Profile:
        for name, length in (("hours", 24), ("weekdays", 7), ("months", 12)):
            values = getattr(self, name)
            if values is not None and len(values) != length:
                raise complain(message("{name} must have {length} numbers, got {n}", name=name, length=length, n=len(values)))
            if values is not None and not sum(values):
                raise complain(message("{name} must not all be zero", name=name))
        return self


class Opening(Strict):
    """`count` incidents at each opening of a calendar, at every node (or person, firm) of `per`."""

    calendar: str = Field(description="Name of a calendar.")
    count: Some = Field(1, description="Incidents at each opening.")


class Arrival(Strict):
    """One real arrival: when, where (a node; else a keyed place), at which stage, how difficult."""

    at: Moment = Field(description="Day and time.")
    node: str | None = Field(None, description="Where; else a place drawn by key.")
    enters: str | None = Field(None, description="The stage; else as its class enters.")
    difficulty: Real | None = Field(None, description="In log-odds; else drawn.")


class Arrivals(Strict):
    """How incidents of a class are born: by `rate`, at `each_opening` of a calendar, or from a `list`."""

    rate: NotNegative | None = Field(None, description="Mean number a day per `per`.")
    per: Literal["1000 residents", "node", "person", "firm"] = Field("1000 residents", description="What the rate is per.")
    of: str | None = Field(None, description="The level of `per: node` (the lowest if left out), or the team of `per: person`.")
    profile: str | None = Field(None, description="Name of a profile.")
    day_cv: NotNegative = Field(0.0, description="Coefficient of variation of the gamma day factor, one draw per root and day.")
    each_opening: Opening | None = Field(None, description="So many at each opening of a calendar, instead of a rate.")
    listed: list[Arrival] | FileName | None = Field(None, alias="list", description="Real arrivals, or the name of a table (.xlsx or CSV) of them.")

    @model_validator(mode="after")
    def _one(self) -> Arrivals:
        if sum(x is not None for x in (self.rate, self.each_opening, self.listed)) != 1:
            raise complain(message("give exactly one of rate, each_opening and list"))
        if self.rate is None and (self.profile or self.day_cv):
            raise complain(message("profile and day_cv go with rate only"))
        if self.day_cv and not 0.001 <= self.day_cv <= 10:
            raise complain(message("day_cv must be 0, or from 0.001 to 10, got {day_cv}", day_cv=self.day_cv))
        if self.each_opening is not None and self.per == "1000 residents":
            raise complain(message("each_opening goes with per: node, person or firm"))
        return self


class Campaign(Strict):
    """A window in which the search for hidden incidents goes `factor` times as fast."""

    window: Window = Field(description="When.")
    factor: NotNegative = Field(description="By which the hazard is multiplied.")


class Becomes(Strict):
    """What is left lying changes its class: a grievance becomes a dispute."""

    class_: str = Field(alias="class", description="The class it turns into.")
    rate_per_day: Positive = Field(description="Hazard of turning, a day.")


class Found(Strict):
    """Incidents that are not known at birth: a search finds them.

    The hazard of being found is `hazard_per_day * (reference / residents per leader) ** exponent * campaigns`.
    """

    hazard_per_day: NotNegative = Field(description="Of being found, where one finder looks after the reference number of residents.")
    team: str = Field(description="Whose span counts: residents per person of this team.")
    reference: Positive = Field(description="Residents per leader at which the hazard is the one given.")
    exponent: Real = Field(1.0, description="How the hazard grows with finders per resident.")
    campaigns: list[Campaign] = Field([], description="Windows in which more is found.")
    hidden_at_start: Count = Field(0, description="Hidden incidents that exist when the period begins.")
    becomes: Becomes | None = Field(None, description="What it turns into while nobody finds it.")


class Returns(Strict):
    """Matters closed but not solved come back as new incidents, with this chance, after this time."""

    chance: Chance = Field(description="That a matter which was closed but not solved comes back.")
    after: Distribution = Field(description="How long after its closing.")


class Class(Strict):
    """A kind of incident, and how it comes."""

    label: Text | None = None
    arrivals: Arrivals = Field(description="When they come.")
    enters: dict[str, Chance] = Field(description="The stage at which it enters, or a map of stages to shares.")
    difficulty: NotNegative = Field(0.0, description="Standard deviation of the difficulty, in log-odds.")
    found: Found | None = Field(None, description="Left out: known at once.")
    returns: Returns | None = Field(None, description="Whether what was not solved comes back.")
    background: bool = Field(False, description="Work that occupies people but is no incident: left out of all rates.")

    @model_validator(mode="before")
    @classmethod
    def _one_entry(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("enters"), str):
            return {**value, "enters": {value["enters"]: 1.0}}
        return value


class End(Strict):
    """A way to leave other than being closed: withdrawn, court, petition, rejected, false alarm."""

    label: Text | None = None
    in_numerator: bool = Field(False, description="Counts as closed in the headline.")
    in_denominator: bool = Field(True, description="Counts as collected in the headline.")


# ── changes ─────────────────────────────────────────────────────────────────────────────


class Change(Strict):
    """A named set of `path: value`. In `group`, only one change is in force at a time."""

    label: Text | None = None
    set: dict[str, Any] = Field({}, description="Paths and values, as with --set.")
    window: Window | None = Field(None, description="Only from the first day to the last.")
    group: str | None = Field(None, description="Of the changes of one group, one can be in force.")


class Scenario(Strict):
    """An organisation, a demand and a procedure, over a period: everything that a run needs but the seed."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this language.")
    title: Text = Field(Text(), description="What the place is called.")
    description: Text = Field(Text(), description="What the scenario is about.")
    facts: FileName | None = Field(None, description="A table (.xlsx or CSV) of known facts (columns id, phrase, ...); every `source` must be one of its ids.")
    period: Period = Field(description="First day, and the census.")
    warm_up: Duration = Field(0, description="Cut from the measures; zero for a programme that began on the first day.")
    public_holidays: PublicHolidays = Field(PublicHolidays(), description="Whose holidays calendars with a rule for PH keep.")
    residents: Count = Field(0, description="In all, spread over the lowest level.")
    firms: Count = Field(0, description="In all, for arrivals per firm.")
    levels: dict[str, Level] = Field(description="From the lowest level to the highest.")
    nodes: FileName | None = Field(None, description="A table of nodes (.xlsx or CSV), instead of counts.")
    calendars: dict[str, Timetable] = Field({}, description="Opening hours by name, such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off'.")
    profiles: dict[str, Profile] = Field({}, description="Names of profiles: when in the day, the week and the year incidents come.")
    teams: dict[str, Team] = Field(description="Who works, by name.")
    classes: dict[str, Class] = Field(description="What comes in, by name.")
    ends: dict[str, End] = Field({}, description="Ways to end that are neither closed nor never, by name.")
    stages: dict[str, Stage] = Field(description="The procedure, in order.")
    changes: dict[str, Change] = Field({}, description="Policies that can be put in force, by name.")
    apply: list[str] = Field([], description="The changes in force.")
    targets: list[Target] = Field([], description="Figures that were reported.")

    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _origins: dict[str, Any] = PrivateAttr(default_factory=dict)
    _name: str = PrivateAttr(default="scenario")
    _folder: str = PrivateAttr(default="")
    _access: Access = PrivateAttr(default=NO_FILES)
    _tables: dict[str, Any] = PrivateAttr(default_factory=dict)
    _spare: dict[str, Any] = PrivateAttr(default_factory=dict)  # tables of changes that are not in force
    _lines: dict[str, list[int]] = PrivateAttr(default_factory=dict)  # where the header and the rows of the tables stand
    _notes: dict[str, tuple[Message, ...]] = PrivateAttr(default_factory=dict)  # what was taken for what in each table
    _epochs: tuple = PrivateAttr(default=())
    _in_force: tuple[str, ...] = PrivateAttr(default=())
    _digest: str = PrivateAttr(default="")
    _calendars: dict[str, Calendar] = PrivateAttr(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._name

    @property
    def folder(self) -> str:
        """Where the files are that it names."""
        return self._folder

    @property
    def access(self) -> Access:
        """Which files may be read for it."""
        return self._access

    def label(self, part: str, name: str, lang: str = "en") -> str:
        """The label of a level, team, class, stage, end or change; its name where it has none."""
        text = getattr(getattr(self, part).get(name), "label", None)
        return (text.say(lang) if text else "") or name

    @property
    def days(self) -> int:
        return (self.period.end - self.period.start).days

    @property
    def data(self) -> dict[str, Any]:
        """The resolved scenario as plain data: `extends`, `changes` and `--set` are in it, tags are not."""
        return self._data

    @property
    def origins(self) -> dict[str, Any]:
        """Where numbers come from: path to {source | outside | assumption, note}."""
        return self._origins

    @property
    def tables(self) -> dict[str, Any]:
        """Rows of the tables that the scenario and its changes name, by file name."""
        return {**self._spare, **self._tables}

    @property
    def notes(self) -> dict[str, tuple[Message, ...]]:
        """What was taken for what when its tables were read, by file."""
        return {file: notes for file, notes in self._notes.items() if notes}

    @property
    def in_force(self) -> tuple[str, ...]:
        """Names of the changes in force, with and without a window."""
        return self._in_force

    @property
    def epochs(self) -> tuple[tuple[int, int, Scenario], ...]:
        """(start, end, scenario) in seconds: what holds in each stretch between the windows of changes."""
        return self._epochs

    def calendar(self, name: str) -> Calendar:
        """A calendar of the scenario, or the built-in `always`, on the real dates of the period."""
        if name not in self._calendars:
            holidays = self.public_holidays
            around = timedelta(days=8)
            types = day_types(
                holidays.country, self.period.start - around, self.period.end + around, holidays.closed, holidays.workdays
            )
            table = Timetable(hours=ALL_DAY) if name == BUILT_IN_CALENDAR else self.calendars[name]
            self._calendars[name] = calendar(table.hours, self.period.start, self.days, types, table.makeup_workdays)
        return self._calendars[name]

    @property
    def digest(self) -> str:
        """Fingerprint of everything in the resolved scenario that a run depends on."""
        if not self._digest:
            about = {"tables": self._tables, "windowed": [(a, b, s._data) for a, b, s in self._epochs], **self._data}
            text = json.dumps(about, sort_keys=True, ensure_ascii=False, default=str)
            self._digest = sha256(text.encode()).hexdigest()
        return self._digest

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.period.start} to {self.period.end}, {len(self.stages)} stages, {self.digest[:8]}>"

    __str__ = __repr__
