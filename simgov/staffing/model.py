"""What a staffing file says, as frozen models: what may be chosen, what it must achieve, and what it costs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simgov.language import message
from simgov.scenario.fields import Count, NotNegative, Some, Strict, Text, complain
from simgov.study.model import Asked, Lever


class Goal(Asked):
    """A bound that a measure must keep to."""

    @model_validator(mode="after")
    def _one_bound(self) -> Goal:
        if (self.at_least is None) == (self.at_most is None):
            raise complain(message("a goal is either at_least or at_most a number"))
        return self

    @property
    def bound(self) -> float:
        return self.at_least if self.at_least is not None else self.at_most  # type: ignore[return-value]

    @property
    def sign(self) -> int:
        """1 where more is better."""
        return 1 if self.at_least is not None else -1


class Replications(Strict):
    """How often candidates are simulated."""

    first: Annotated[int, Field(ge=3)] = Field(20, description="Of every candidate, under common draws.")
    at_most: Some = Field(320, description="Of those that could still be the cheapest; it doubles from `first` to this.")

    @model_validator(mode="after")
    def _ordered(self) -> Replications:
        if self.at_most < self.first:
            raise complain(message("at_most must not be below first"))
        return self

    @property
    def looks(self) -> list[int]:
        """The numbers of replications at which is looked: first, twice as many, and so on, at_most."""
        numbers = [self.first]
        while numbers[-1] < self.at_most:
            numbers.append(min(2 * numbers[-1], self.at_most))
        return numbers


class Search(Strict):
    """How candidates are proposed where there are too many to try them all."""

    every: Some = Field(200, description="Up to so many combinations, all are candidates.")
    tries: Some = Field(120, description="Otherwise so many combinations are tried ...")
    replications: Some = Field(4, description="... with so many replications ...")
    keep: Annotated[int, Field(ge=2)] = Field(24, description="... and so many become candidates.")


class Assumptions(Strict):
    """How the choice is judged again at both ends of every assumption."""

    replications: Count = Field(6, description="0 leaves it out; else at least 2.")
    rivals: Count = Field(1, description="So many cheaper candidates that miss the goals least, and so many of the next dearer, are judged, too.")
    of: list[str] = Field([], description="Beginnings of paths, such as teams or classes.dispute: only what lies below them; everything, if left out.")


class StaffFile(Strict):
    """The cheapest staffing of one scenario that meets the goals."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this language.")
    title: Text = Text()
    question: Text = Text()
    scenario: str = Field(description="The scenario file, seen from this file.")
    change: list[str] = Field([], description="Changes of the scenario that are in force for every candidate.")
    set: dict = Field({}, description="Values by path that hold for every candidate.")
    levers: dict[str, Lever] = Field(min_length=1, description="What may be chosen: paths with values, or named settings. Candidates are all combinations.")
    goals: list[Goal] = Field(min_length=1)
    cost: list[Asked] = Field([], description="Rows of measures that add up to the cost; the cost of all teams, if left out.")
    indifference: NotNegative | None = Field(None, description="Costs that differ by at most so much are practically equal, in the unit of the cost; the margin of the measure, if left out.")
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    replications: Replications = Replications()
    search: Search = Search()
    assumptions: Assumptions = Assumptions()
    seed: Count = 1


