"""A rule sheet: who is scored, what brings points, and what follows from them. Read from YAML as scenarios are, all problems at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from simgov.clock import DAY
from simgov.errors import Problem, ScenarioError, unknown
from simgov.language import message
from simgov.scenario import Access, Roots, origins
from simgov.scenario.document import Document
from simgov.scenario.fields import Duration, FileName, Positive, Real, Share, Some, Strict, Text, complain
from simgov.scenario.model import Scenario
from simgov.scenario.salvage import told
from simgov.scenario.yaml_text import Marks, placed

EVERY = {"week": 52, "two weeks": 26, "month": 12, "quarter": 4}  # rounds a year
YEAR = 365.25 * DAY
FEW = 5  # strikes within a time


class Worth(Strict):
    """Points for each time, and other points for some classes."""

    SHORT = ("number", "integer")
    each: Real = 0.0
    classes: dict[str, Real] = {}

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"each": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    def of(self, name: str) -> float:
        return self.classes.get(name, self.each)


class Tariff(Strict):
    """What brings points to a node. Only visits of the team count: no parts of a split, no copies, no return visits, no background duties."""

    collected: Worth | None = Field(None, description="An incident that entered with the team; in the second it was found.")
    received: Worth | None = Field(None, description="A visit that came to the team.")
    handled: Worth | None = Field(None, description="A visit whose work the team finished.")
    closed: Worth | None = Field(None, description="An incident closed by the team's visit; not on paper, at a deadline.")
    closed_in_time: Worth | None = Field(None, description="The same, by the due of the visit.")
    in_time: Worth | None = Field(None, description="A visit left by its due.")
    overdue: Worth | None = Field(None, description="A visit not left by its due; in the second it was due.")
    passed_on: Worth | None = Field(None, description="A visit that led to another stage.")
    satisfied: Worth | None = Field(
        None, description="A return visit that heard satisfied, about an incident closed last by the team."
    )
    dissatisfied: Worth | None = Field(None, description="The same, dissatisfied.")
    reopened: Worth | None = Field(None, description="The same, and the incident was reopened.")
    returned: Worth | None = Field(None, description="An incident closed last by the team came back as a new one.")

    @property
    def given(self) -> dict[str, Worth]:
        """What the sheet names, by fact."""
        return {name: worth for name in type(self).model_fields if (worth := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _some(self) -> Tariff:
        if not any(worth.each or any(worth.classes.values()) for worth in self.given.values()):
            raise complain(message("nothing brings points; give at least one number that is not zero"))
        return self


class Strikes(Strict):
    """So many listings within a time lead to a talk."""

    SHORT = ("integer",)
    count: Some
    within: Duration | None = Field(None, description="How long a listing counts; for ever if left out.")
    clears: bool = Field(True, description="A talk wipes the slate; else every further listing leads to another talk.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"count": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _few(self) -> Strikes:
        if self.within is not None and self.count > FEW:  # the exact chance remembers when each of them was
            raise complain(message("count must be at most {most} where listings lapse, got {count}", most=FEW, count=self.count))
        return self


class Bottom(Strict):
    """The n nodes with the fewest points of a round are named; equals by lot."""

    SHORT = ("integer",)
    n: Some
    strikes: Strikes | None = None

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"n": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Top(Strict):
    """The n nodes with the most points of a round are on the honour roll; equals by lot."""

    SHORT = ("integer",)
    n: Some = 1

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"n": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Deduct(Strict):
    """This share of a node's money of the round is withheld below a threshold."""

    share: Share
    points: Real | None = Field(None, description="Below so many points.")
    of_mean: Positive | None = Field(None, description="Below this multiple of the mean of all nodes in the round.")
    lowest: Share | None = Field(None, description="The lowest share of all nodes in the round; equals by lot.")

    @model_validator(mode="after")
    def _one(self) -> Deduct:
        if sum(x is not None for x in (self.points, self.of_mean, self.lowest)) != 1:
            raise complain(message("give exactly one of points, of_mean and lowest"))
        return self


class Rules(Strict):
    """A rule sheet."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this language.")
    title: Text = Text()
    description: Text = Text()
    facts: FileName | None = Field(None, description="A table (.xlsx or CSV) of known facts; every `source` must be one of its ids.")
    team: str = Field(description="The team that is scored, node by node.")
    every: Literal["week", "two weeks", "month", "quarter"] = Field(
        description="How long a round is; months and quarters of the calendar."
    )
    points: Tariff
    bottom: Bottom | None = None
    top: Top | None = None
    deduct: Deduct | None = None

    _origins: dict[tuple[str | int, ...], origins.Origin] = PrivateAttr(default_factory=dict)
    _marks: Marks = PrivateAttr(default_factory=dict)

    @property
    def rounds_a_year(self) -> int:
        return EVERY[self.every]

    @property
    def window(self) -> int | None:
        """For how many rounds a listing counts; None for ever."""
        within = self.bottom.strikes.within if self.bottom and self.bottom.strikes else None
        return None if within is None else max(1, round(within * self.rounds_a_year / YEAR))

    @property
    def origins(self) -> dict[tuple[str | int, ...], origins.Origin]:
        """Where numbers come from: path to source, outside or assumption."""
        return self._origins

    def check(self, scenario: Scenario) -> None:
        """Raises ScenarioError for names that the scenario does not know."""
        ours = [name for name, team in scenario.teams.items() if not team.people.unlimited]
        problems = [] if self.team in ours else [Problem(("team",), unknown("team", self.team, ours))]
        known = [name for name, cls in scenario.classes.items() if not cls.background]
        for fact, worth in self.points.given.items():
            problems += [Problem(("points", fact, "classes", name), unknown("class", name, known)) for name in worth.classes if name not in known]
        self.fail(problems)

    def fail(self, problems: list[Problem]) -> None:
        """Raises ScenarioError with the places in the file, if there are problems."""
        if problems:
            raise ScenarioError(_placed(problems, self._marks))


def load_rules(path: str | Path, *, root: Roots = None) -> Rules:
    """Read a rule sheet; it may name a table of facts in its own folder and below, and below the folders `root`. Raises ScenarioError with every problem of the file."""
    path = Path(path)
    return _built(Document.read(path), path.parent, root)


def build_rules(data: Mapping[str, Any], *, folder: str | Path = ".", root: Roots = None) -> Rules:
    """The same from plain data (a dict as the YAML would give it)."""
    return _built(Document.of(data), Path(folder), root)


def _built(document: Document, folder: Path, root: Roots) -> Rules:
    problems, rules = list(document.problems), None
    try:
        rules = Rules.model_validate(document.data)
    except ValidationError as error:
        problems += told(error.errors(include_input=False, include_url=False), document.data, Rules)
    facts = document.data.get("facts")
    if isinstance(facts, str) and facts.strip():  # whatever else is wrong
        problems += _unknown_facts(document, facts, folder, Access.of(folder, root))
    if rules is None or problems:
        raise ScenarioError(_placed(problems, document.marks))
    rules._origins, rules._marks = document.origins, document.marks
    return rules


def _unknown_facts(document: Document, name: str, folder: Path, access: Access) -> list[Problem]:
    if refusal := access.refusal(folder, name):
        return [Problem(("facts",), refusal)]
    try:
        return origins.check_facts(document.origins, origins.read_facts(folder / name))
    except ScenarioError as error:
        return list(error.problems)


def _placed(problems: list[Problem], marks: Marks) -> list[Problem]:
    """Problems with file and line, in the order of the file."""
    return sorted((placed(problem, marks) for problem in problems), key=lambda p: (p.file, p.line))
