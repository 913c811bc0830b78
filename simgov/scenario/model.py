"""What a user writes: an organisation, a demand and a procedure, as frozen models.

Every field has its meaning in its description; `simgov schema` writes them into the JSON Schema.
Names that must exist elsewhere in the file (a team, a stage, a calendar) are checked in `check.py`.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from simgov.calendars import ALL_DAY, Calendar, calendar, day_types
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import (
    ByClass,
    Chance,
    Count,
    Duration,
    NotNegative,
    Positive,
    Real,
    Share,
    Some,
    Strict,
    Text,
    Whole,
    complain,
    shown,
)
from simgov.scenario.target import Target

BUILT_IN_CALENDAR = "always"
CAP = 99  # visits of one stage by one incident


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second) != (0, 0, 0):
            raise complain(f"must be a date without a time, got {value}")
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise complain(f"must be a date that exists, such as 2022-05-01, got {shown(value)}") from None


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise complain(f"must be a date or a local date and time, such as 2022-05-01 08:30, got {shown(value)}") from None


def _clock_time(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        raise complain(f"must be a time of day such as '17:30', got {shown(value)}")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
ClockTime = Annotated[str, BeforeValidator(_clock_time)]


class Window(Strict):
    """Dates [from, to): the day `to` is no longer part of it; an end that is left out is the period's own."""

    SHORT = ("array",)
    start: Day | None = Field(None, alias="from")
    end: Day | None = Field(None, alias="to")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"from": value[0], "to": value[1]} if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.start and self.end and self.start >= self.end:
            raise complain(f"must end after it starts, got {self.start} to {self.end}")
        return self


class Period(Strict):
    """The simulated time: from 00:00 of `start` up to 00:00 of `end`, which is the census; `end` itself is not simulated."""

    SHORT = ("array",)
    start: Day
    end: Day

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"start": value[0], "end": value[1]} if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.start >= self.end:
            raise complain(f"must end after it starts, got {self.start} to {self.end}")
        if not 1900 <= self.start.year <= self.end.year <= 2200:
            raise complain(f"a period outside the years 1900 to 2200 is surely a slip, got {self.start} to {self.end}")
        if (self.end - self.start).days > 36_600:
            raise complain(f"a period of more than 100 years is surely a slip, got {self.start} to {self.end}")
        return self


class PublicHolidays(Strict):
    """Public holidays and make-up workdays (调休): those of a country, corrected by lists of dates."""

    country: str = Field("CN", description="ISO code of the public calendar; '' for none.")
    closed: list[Day] = Field([], description="More days to be treated as public holidays.")
    workdays: list[Day] = Field([], description="More make-up workdays; they win over public holidays.")


# ── organisation ────────────────────────────────────────────────────────────────────────────────────


class Level(Strict):
    """A tier of the tree. `count` is the number of its nodes in the whole scenario."""

    SHORT = ("integer",)
    count: Some = 1
    label: Text | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"count": value} if isinstance(value, int) else value


class People(Strict):
    """How many people a team has: at `each` node, in `total`, `per_10000` residents, or by a `roster` of dates."""

    SHORT = ("integer", "string")
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
            raise complain("give exactly one of each, total, per_10000, roster and unlimited")
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
    mean: Real = 0.0
    sd: NotNegative = 0.0

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"mean": value} if isinstance(value, (int, float)) else value


class Team(Strict):
    """The people of one role at each node of a level."""

    label: Text | None = None
    at: list[str] | str = Field(description="The level (or levels) at whose nodes they are.")
    people: People = People(each=1)
    hours: str = Field(BUILT_IN_CALENDAR, description="Calendar of the regular hours.")
    duty: Duty | None = None
    windows: list[Window] = Field([], description="Only present in these date windows (seconded cadres 下沉干部).")
    skill: Skill = Skill()
    cost_per_hour: NotNegative | None = Field(None, description="Yuan per rostered hour.")
    unpaid: bool = False

    @property
    def levels(self) -> list[str]:
        return [self.at] if isinstance(self.at, str) else self.at


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
                raise complain(f"{name} must have {length} numbers, got {len(values)}")
            if values is not None and not sum(values):
                raise complain(f"{name} must not all be zero")
        return self


class Opening(Strict):
    """`count` incidents at each opening of a calendar, at every node (or person, firm) of `per`."""

    calendar: str
    count: Some = 1


class Arrival(Strict):
    """One real arrival: when, where (a node; else a keyed place), at which stage, how difficult."""

    at: Moment
    node: str | None = None
    enters: str | None = None
    difficulty: Real | None = None


class Arrivals(Strict):
    """How incidents of a class are born: by `rate`, at `each_opening` of a calendar, or from a `list`."""

    rate: NotNegative | None = Field(None, description="Mean number a day per `per`.")
    per: Literal["1000 residents", "node", "person", "firm"] = "1000 residents"
    of: str | None = Field(None, description="The level of `per: node` (the lowest if left out), or the team of `per: person`.")
    profile: str | None = Field(None, description="Name of a profile.")
    day_cv: NotNegative = Field(0.0, description="Coefficient of variation of the gamma day factor, one draw per root and day.")
    each_opening: Opening | None = None
    listed: list[Arrival] | str | None = Field(None, alias="list", description="Real arrivals, or the name of a CSV file of them.")

    @model_validator(mode="after")
    def _one(self) -> Arrivals:
        if sum(x is not None for x in (self.rate, self.each_opening, self.listed)) != 1:
            raise complain("give exactly one of rate, each_opening and list")
        if self.rate is None and (self.profile or self.day_cv):
            raise complain("profile and day_cv go with rate only")
        if self.day_cv and not 0.001 <= self.day_cv <= 10:
            raise complain(f"day_cv must be 0, or from 0.001 to 10, got {self.day_cv}")
        if self.each_opening is not None and self.per == "1000 residents":
            raise complain("each_opening goes with per: node, person or firm")
        return self


class Campaign(Strict):
    """A window in which the search for hidden incidents goes `factor` times as fast."""

    window: Window
    factor: NotNegative


class Becomes(Strict):
    """What is left lying changes its class: a grievance becomes a dispute."""

    class_: str = Field(alias="class")
    rate_per_day: Positive


class Found(Strict):
    """Incidents that are not known at birth: a search finds them.

    The hazard of being found is `hazard_per_day * (reference / residents per leader) ** exponent * campaigns`.
    """

    hazard_per_day: NotNegative
    team: str = Field(description="Whose span counts: residents per person of this team.")
    reference: Positive = Field(description="Residents per leader at which the hazard is the one given.")
    exponent: Real = 1.0
    campaigns: list[Campaign] = []
    hidden_at_start: Count = Field(0, description="Hidden incidents that exist when the period begins.")
    becomes: Becomes | None = None


class Returns(Strict):
    """Matters closed but not solved come back as new incidents, with this chance, after this time."""

    chance: Chance
    after: Distribution


class Class(Strict):
    """A kind of incident, and how it comes."""

    label: Text | None = None
    arrivals: Arrivals
    enters: dict[str, Chance] = Field(description="The stage at which it enters, or a map of stages to shares.")
    difficulty: NotNegative = Field(0.0, description="Standard deviation of the difficulty, in log-odds.")
    found: Found | None = Field(None, description="Left out: known at once.")
    returns: Returns | None = None
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


# ── procedure ───────────────────────────────────────────────────────────────────────────────────────


class Need(Strict):
    """Whom a stage asks for."""

    SHORT = ("string",)
    team: str
    people: Some = 1
    at: str | None = Field(None, description="The level at which the team is taken, instead of the nearest node upward.")
    same_as: str | None = Field(None, description="The same person as at the latest visit of this earlier stage.")
    work: Distribution | None = Field(None, description="Own work time of a part (each) or a reader (read).")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"team": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_same(self) -> Need:
        if self.same_as and self.people != 1:
            raise complain("same_as asks for one person")
        return self


class By(Strict):
    """Who does it: `any` (the first in the list with somebody free), `all` together, or `each` in its own time.

    `read` gives readers a copy, for which the incident never waits.
    """

    SHORT = ("string", "array")
    any: list[Need] = []
    all: list[Need] = []
    each: list[Need] = []
    read: list[Need] = []

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"any": [value]}
        return {"any": value} if isinstance(value, list) else value

    @model_validator(mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        if isinstance(value, dict) and "team" in value:
            return {"any": [value]}
        if isinstance(value, dict):
            return {k: [v] if k in ("any", "all", "each", "read") and isinstance(v, (str, dict)) else v for k, v in value.items()}
        return value

    @model_validator(mode="after")
    def _one(self) -> By:
        if sum(map(bool, (self.any, self.all, self.each))) > 1 or not (self.needs or self.read):
            raise complain("give one of any, all and each, and read besides if you like")
        for name in ("all", "each"):
            keys = [(n.team, n.at) for n in getattr(self, name)]
            if len(set(keys)) < len(keys):
                raise complain(f"{name} names a team twice; write {{team: ..., people: 2}}")
        named = [n.same_as for n in self.all if n.same_as]
        if len(set(named)) < len(named):
            raise complain("all asks twice for the same person of one stage, who cannot be there twice")
        if any(n.work for n in self.any + self.all):
            raise complain("an own work time goes with each and read only")
        return self

    @property
    def needs(self) -> list[Need]:
        return self.any or self.all or self.each

    @property
    def mode(self) -> str:
        return "any" if self.any else "all" if self.all else "each" if self.each else "none"


class Gate(Strict):
    """Lets incidents through when its calendar opens: a weekly consultation, a sign-up, a budget tranche."""

    SHORT = ("string",)
    opens: str = Field(description="Name of a calendar.")
    takes: Some | None = Field(None, description="How many at each opening; any number if left out.")
    at: str | None = Field(None, description="The level whose node has the gate; else the node of the first team.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"opens": value}


class StageHours(Strict):
    """When a stage may be worked, and what happens when the hours end."""

    SHORT = ("string",)
    when: Literal["regular", "duty", "until_clear"] = Field(
        "regular", description="duty: also in the duty window; until_clear: people stay in it only until nothing of the stage is left."
    )
    on_call: Chance = Field(0.0, description="Chance that a visit reaches somebody outside these hours; one draw a visit.")
    on_call_hours: str = Field(BUILT_IN_CALENDAR, description="When somebody can be reached.")
    at_close: Literal["pause", "finish"] = Field("pause", description="At the day's last closing; a midday break always pauses.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {"at_close": value} if value in ("pause", "finish") else {"when": value}


class MoveTo(Strict):
    SHORT = ("string",)
    stage: str
    becomes: str | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"stage": value}


class CloseOnPaper(Strict):
    solved: Chance = Field(1.0, description="Chance that what is closed at the deadline is really solved.")


class Action(Strict):
    """What an expired due does."""

    SHORT = ("string",)
    note: bool = False
    raise_: Some | None = Field(None, alias="raise", description="Priority goes up by so much, once.")
    move: MoveTo | None = None
    close: CloseOnPaper | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value in ("note", "raise", "close"):
            return {"note": {"note": True}, "raise": {"raise": 1}, "close": {"close": {}}}[value]
        raise complain(f"must be note, {{raise: n}}, {{move: stage}} or {{close: {{solved: chance}}}}, got {shown(value)}")

    @model_validator(mode="after")
    def _one(self) -> Action:
        if sum((self.note, self.raise_ is not None, self.move is not None, self.close is not None)) != 1:
            raise complain("give exactly one of note, raise, move and close")
        return self


class Due(Strict):
    """A clock on a stage, from its entry (or another start) until the stage is left."""

    SHORT = ("string",)
    start: str = Field("entered", alias="from", description="entered, birth (when the incident was found), or the latest entry of a stage.")
    at: str | None = Field(None, description="A duration, end_of_day, or end_of_duty.")
    opening: str | None = Field(None, description="The next opening of this calendar.")
    cut_off: ClockTime | None = Field(None, description="For end_of_duty: who enters at or after it belongs to the next open day.")
    then: Action = Action(note=True)

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"at": value}

    @model_validator(mode="after")
    def _one(self) -> Due:
        if (self.at is None) == (self.opening is None):
            raise complain("give either at or opening")
        if self.cut_off and self.at != "end_of_duty":
            raise complain("cut_off goes with at: end_of_duty")
        if self.duration == 0:
            raise complain("a due is at least one second")
        if self.start != "entered" and self.duration is None:
            raise complain("from goes with a duration")
        return self

    @property
    def duration(self) -> int | None:
        """Seconds, or None where the due is a point of the calendar."""
        if self.at in (None, "end_of_day", "end_of_duty"):
            return None
        from simgov.scenario.fields import _seconds

        return _seconds(self.at)


class Outcome(Strict):
    """The chance of one outcome; for `closed` the chance that it is really solved; for a stage a new class."""

    SHORT = ("number", "integer")
    chance: Chance
    solved: Chance | None = None
    becomes: str | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"chance": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class Span(Strict):
    """How the chance of closing depends on residents per leader, in log-odds per doubling."""

    per_doubling: Real
    reference: Positive = Field(description="Residents per leader at which it changes nothing.")


class Answers(Strict):
    """What a return visit hears: satisfied, dissatisfied, no_answer, or a stage to reopen at; the rest is no_answer."""

    solved: dict[str, Chance] = {"satisfied": 1.0}
    unsolved: dict[str, Chance] = {"dissatisfied": 1.0}


class Verify(Answers):
    """Marks a return visit to closed incidents (回访)."""

    share: Share = Field(1.0, description="Share of closed incidents that are visited.")
    of: list[str] | None = Field(None, description="Only incidents closed at these stages.")
    own: Answers | None = Field(None, description="Other answers when the asker's team had worked on the closing visit.")
    reopen_at_most: Count = Field(1, description="After so many reopenings of an incident the answer is dissatisfied.")


class Stage(Strict):
    """One step of the procedure. Fields marked 'by class' take one value or a map by class."""

    label: Text | None = None
    triage: bool = Field(False, description="An assessment (研判): the no-overnight measures are about these stages.")
    by: ByClass[By] = {}
    gate: ByClass[Gate] = {}
    wait: ByClass[Distribution] = {}
    work: ByClass[Distribution] = {}
    lead: ByClass[Distribution] = {}
    hours: ByClass[StageHours] = {}
    due: ByClass[Due | None] = {}
    outcomes: ByClass[dict[str, Outcome]] = {}
    priority: ByClass[Whole] = Field({}, description="Lower goes first; 0 if left out.")
    hold: bool = Field(False, description="A joint visit first in line keeps free people of its teams from later visits.")
    span: Span | None = None
    success: str | None = Field(None, description="The outcome that difficulty works against, where there is no closed.")
    verify: Verify | None = None
    max_visits: Some = CAP


# ── changes ─────────────────────────────────────────────────────────────────────────────


class Change(Strict):
    """A named set of `path: value`. In `group`, only one change is in force at a time."""

    label: Text | None = None
    set: dict[str, Any] = {}
    window: Window | None = None
    group: str | None = None


class Scenario(Strict):
    """An organisation, a demand and a procedure, over a period: everything that a run needs but the seed."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this language.")
    title: Text = Text()
    description: Text = Text()
    facts: str | None = Field(None, description="A CSV table of known facts (columns id, phrase, ...); every `source` must be one of its ids.")
    period: Period
    warm_up: Duration = Field(0, description="Cut from the measures; zero for a programme that began on the first day.")
    public_holidays: PublicHolidays = PublicHolidays()
    residents: Count = 0
    firms: Count = 0
    levels: dict[str, Level] = Field(description="From the lowest level to the highest.")
    nodes: str | None = Field(None, description="A CSV table of nodes, instead of counts.")
    calendars: dict[str, str] = Field({}, description="Opening hours, such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off'.")
    profiles: dict[str, Profile] = {}
    teams: dict[str, Team]
    classes: dict[str, Class]
    ends: dict[str, End] = {}
    stages: dict[str, Stage]
    changes: dict[str, Change] = {}
    apply: list[str] = Field([], description="The changes in force.")
    targets: list[Target] = []

    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _origins: dict[str, Any] = PrivateAttr(default_factory=dict)
    _name: str = PrivateAttr(default="scenario")
    _folder: str = PrivateAttr(default="")
    _tables: dict[str, Any] = PrivateAttr(default_factory=dict)
    _spare: dict[str, Any] = PrivateAttr(default_factory=dict)  # tables of changes that are not in force
    _lines: dict[str, list[int]] = PrivateAttr(default_factory=dict)  # where the rows of the tables stand
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
        """Rows of the CSV files that the scenario and its changes name, by file name."""
        return {**self._spare, **self._tables}

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
            text = ALL_DAY if name == BUILT_IN_CALENDAR else self.calendars[name]
            self._calendars[name] = calendar(text, self.period.start, self.days, types)
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
