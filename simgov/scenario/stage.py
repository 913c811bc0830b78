"""A stage of the procedure as a user writes it: who does it, when, how long, and where it leads."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from simgov.language import message
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import (
    ByClass,
    Chance,
    Count,
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

BUILT_IN_CALENDAR = "always"
CAP = 99  # visits of one stage by one incident


def _clock_time(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        raise complain(message("must be a time of day such as '17:30', got {given}", given=shown(value)))
    return value


ClockTime = Annotated[str, BeforeValidator(_clock_time)]


class SameAs(Strict):
    """Who worked at the latest earlier visit of a stage: the first of them, or the first of a team (of a part of a split)."""

    SHORT = ("string",)
    stage: str = Field(description="The earlier stage.")
    team: str | None = Field(None, description="Of the people who worked there, the first of this team; else the first of all.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"stage": value} if isinstance(value, str) else value

    def may_mean(self, other: SameAs) -> bool:
        """Whether both may be one and the same person."""
        return self.stage == other.stage and (self.team == other.team or None in (self.team, other.team))


class Need(Strict):
    """Whom a stage asks for."""

    SHORT = ("string",)
    team: str = Field(description="Name of a team.")
    people: Some = Field(1, description="How many of it.")
    at: str | None = Field(None, description="The level at which the team is taken, instead of the nearest node upward.")
    below: str | None = Field(
        None, description="A part for every node of the team at or below the node of this level above the home (each only)."
    )
    same_as: SameAs | None = Field(None, description="The same person as at the latest visit of this earlier stage.")
    work: Distribution | None = Field(None, description="Own work time of a part (each) or a reader (read).")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"team": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_same(self) -> Need:
        if self.same_as and self.people != 1:
            raise complain(message("same_as asks for one person"))
        if self.same_as and self.below:
            raise complain(message("give same_as or below: one person cannot be at every node"))
        return self


class OneOf(Strict):
    """An entry of `all` that one of several can fill: the first in the list with somebody free."""

    any: list[Need] = Field(description="The alternatives, in the order in which they are tried.")

    @model_validator(mode="after")
    def _several(self) -> OneOf:
        if len(self.any) < 2:
            raise complain(message("any names two teams at least; write the one alone"))
        return self


def _kind_of_entry(value: Any) -> str:
    return "one of" if isinstance(value, OneOf) or (isinstance(value, dict) and "any" in value) else "need"


Entry = Annotated[Annotated[Need, Tag("need")] | Annotated[OneOf, Tag("one of")], Discriminator(_kind_of_entry)]


class By(Strict):
    """Who does it: `any` (the first in the list with somebody free), `all` together, or `each` in its own time.

    An entry of `all` may be `{any: [a, b]}`: one of these.

    `read` gives readers a copy, for which the incident never waits. With `join`, a split ends when that share of its parts
    is done; the others go on by themselves.
    """

    SHORT = ("string", "array")
    any: list[Need] = Field([], description="The first in the list with somebody free does it.")
    all: list[Entry] = Field([], description="All together; they wait for each other.")
    each: list[Need] = Field([], description="Each does a part in its own time; the stage is left when all parts are done.")
    read: list[Need] = Field([], description="Readers of a copy, for which nobody waits.")
    join: Positive | None = Field(None, le=1, description="The share of the parts of a split (each) with which it ends; all if left out.")

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
            raise complain(message("give one of any, all and each, and read besides if you like"))
        for name in {"all", "each"} & {self.mode}:
            keys = [(n.team, n.at) for n in self.needs]
            if len(set(keys)) < len(keys):
                raise complain(message("{name} names a team twice; write {{team: ..., people: 2}}", name=name))
        if any(a.may_mean(b) for a, b in combinations([n.same_as for n in self.needs if n.same_as and self.all], 2)):
            raise complain(message("all asks twice for the same person of one stage, who cannot be there twice; same_as can name the team: {stage: ..., team: ...}"))
        if not self.each and any(n.work for n in self.needs):
            raise complain(message("an own work time goes with each and read only"))
        if any(n.below for n in self.read) or (not self.each and any(n.below for n in self.needs)):
            raise complain(message("below makes parts, so it goes with each only"))
        if self.join is not None and not self.each:
            raise complain(message("join says when a split ends, so it goes with each only"))
        return self

    @property
    def needs(self) -> list[Need]:
        """Whom it asks for, all alternatives included."""
        return self.any or [need for entry in self.all for need in _alternatives(entry)] or self.each

    @property
    def slots(self) -> list[int]:
        """Of each need: the entry of the list that it can fill."""
        return [k for k, entry in enumerate(self.any or self.all or self.each) for _ in _alternatives(entry)]

    @property
    def mode(self) -> str:
        return "any" if self.any else "all" if self.all else "each" if self.each else "none"


def _alternatives(entry: Need | OneOf) -> list[Need]:
    return entry.any if isinstance(entry, OneOf) else [entry]


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
    """A stage (and perhaps a new class there), a named end, or never."""

    SHORT = ("string",)
    stage: str = Field(description="Name of a stage or of an end, or never.")
    becomes: str | None = Field(None, description="Its class from there on.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"stage": value}


class CloseOnPaper(Strict):
    """Closed because its due has passed, whatever was done."""

    solved: Chance = Field(1.0, description="Chance that what is closed at the deadline is really solved.")


class Outcome(Strict):
    """The chance of one outcome; for `closed` the chance that it is really solved; for a stage a new class."""

    SHORT = ("number", "integer")
    chance: Chance = Field(description="Of this outcome; what is left over goes to the next stage.")
    solved: Chance | None = Field(None, description="For closed: the chance that it is really solved.")
    becomes: str | None = Field(None, description="For a stage: the class of the incident from there on.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"chance": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value


class Action(Strict):
    """What an expired due does: nothing but being noted, raise, or lead to outcomes. `move` and `close` are outcomes that are sure."""

    SHORT = ("string",)
    note: bool = Field(False, description="Nothing happens; the due is measured.")
    raise_: Some | None = Field(None, alias="raise", description="Priority goes up by so much, once.")
    move: MoveTo | None = Field(None, description="To a stage, to a named end, or never.")
    close: CloseOnPaper | None = Field(None, description="It is closed on paper.")
    outcomes: dict[str, Outcome] | None = Field(None, description="As at a stage, with chances that add up to 1.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        if value in ("note", "raise", "close"):
            return {"note": {"note": True}, "raise": {"raise": 1}, "close": {"close": {}}}[value]
        raise complain(
            message("must be note, {{raise: n}}, {{move: stage or end}}, {{close: {{solved: chance}}}} or {{outcomes: {{...}}}}, got {given}", given=shown(value))
        )

    @model_validator(mode="after")
    def _one(self) -> Action:
        if self.note + sum(x is not None for x in (self.raise_, self.move, self.close, self.outcomes)) != 1:
            raise complain(message("give exactly one of note, raise, move, close and outcomes"))
        return self

    @property
    def leads_to(self) -> dict[str, Outcome]:
        """Where the incident goes from here; nowhere for note and raise."""
        if self.move:
            return {self.move.stage: Outcome(chance=1.0, becomes=self.move.becomes)}
        if self.close:
            return {"closed": Outcome(chance=1.0, solved=self.close.solved)}
        return self.outcomes or {}


class Due(Strict):
    """A clock on a stage, from its entry (or another start) until the stage is left."""

    SHORT = ("string",)
    start: str = Field("entered", alias="from", description="entered, birth (when the incident was found), or the latest entry of a stage.")
    at: str | None = Field(None, description="A duration, end_of_day, or end_of_duty.")
    opening: str | None = Field(None, description="The next opening of this calendar.")
    cut_off: ClockTime | None = Field(None, description="For end_of_duty: who enters at or after it belongs to the next open day.")
    then: Action = Field(Action(note=True), description="What happens when it passes.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"at": value}

    @model_validator(mode="after")
    def _one(self) -> Due:
        if (self.at is None) == (self.opening is None):
            raise complain(message("give either at or opening"))
        if self.cut_off and self.at != "end_of_duty":
            raise complain(message("cut_off goes with at: end_of_duty"))
        if self.duration == 0:
            raise complain(message("a due is at least one second"))
        if self.start != "entered" and self.duration is None:
            raise complain(message("from goes with a duration"))
        return self

    @property
    def duration(self) -> int | None:
        """Seconds, or None where the due is a point of the calendar."""
        if self.at in (None, "end_of_day", "end_of_duty"):
            return None
        from simgov.scenario.fields import _seconds

        return _seconds(self.at)


class Span(Strict):
    """How the chance of closing depends on residents per leader, in log-odds per doubling."""

    per_doubling: Real = Field(description="Log-odds of closing for each doubling of the residents per leader.")
    reference: Positive = Field(description="Residents per leader at which it changes nothing.")


class Answers(Strict):
    """What a return visit hears: satisfied, dissatisfied, no_answer, or a stage to reopen at; the rest is no_answer."""

    solved: dict[str, Chance] = Field({"satisfied": 1.0}, description="Answers, with their chances, where the matter is really solved.")
    unsolved: dict[str, Chance] = Field({"dissatisfied": 1.0}, description="Answers where it is not.")


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
    by: ByClass[By] = Field({}, description="Who does it; nobody if left out. By class.")
    gate: ByClass[Gate] = Field({}, description="When incidents are let through: a meeting, a tranche. By class.")
    wait: ByClass[Distribution] = Field({}, description="Time that passes before anybody is asked. By class.")
    work: ByClass[Distribution] = Field({}, description="Time that its people are engaged. By class.")
    lead: ByClass[Distribution] = Field({}, description="Time after the work, in which nobody is engaged. By class.")
    hours: ByClass[StageHours] = Field({}, description="When it may be worked. By class.")
    due: ByClass[Due | None] = Field({}, description="A clock, and what happens when it runs out. By class.")
    outcomes: ByClass[dict[str, Outcome]] = Field({}, description="Where it leads, with chances: stages, closed, never and named ends; what is left over goes to the next stage. By class.")
    priority: ByClass[Whole] = Field({}, description="Lower goes first; 0 if left out.")
    hold: bool = Field(False, description="A joint visit first in line keeps free people of its teams from later visits.")
    span: Span | None = Field(None, description="How the chance of closing falls with the residents per leader.")
    success: str | None = Field(None, description="The outcome that difficulty works against, where there is no closed.")
    verify: Verify | None = Field(None, description="Makes it a return visit (回访) to what was closed.")
    max_visits: Some = Field(CAP, description="Of one incident; a run with more ends with an error, for it goes round in a loop.")
