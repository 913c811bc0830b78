"""What a study file says, as frozen models: which policies of one scenario are compared, and by which measures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from simgov.language import message
from simgov.scenario.fields import Count, NotNegative, Positive, Real, Some, Strict, Text, complain
from simgov.vocabulary import ALL, MEASURES, Margin


class Setting(Strict):
    """Values by path, with a label."""

    label: Text | None = None
    set: dict[str, Any] = {}
    change: list[str] = Field([], description="Names of changes of the scenario that are put in force.")


class Lever(Strict):
    """Something that is moved: a path with the values it takes, or named settings."""

    label: Text | None = None
    path: str | None = Field(None, description="What is set, such as levels.unit.count.")
    values: list[Any] | dict[str, Setting] = Field(description="The values of the path; or, without a path, settings by name.")

    @model_validator(mode="after")
    def _either(self) -> Lever:
        if isinstance(self.values, list) != (self.path is not None):
            raise complain(message("give a path with a list of values, or values that are settings by name"))
        if not self.values:
            raise complain(message("values must not be empty"))
        return self


class Asked(Strict):
    """A measure that answers the question, or stands beside the answer."""

    measure: str = Field(description="Name of a measure, such as headline_closure.")
    where: dict[str, str | int] = Field({}, description="Which row of the measure: its level, class, team or days.")
    label: Text | None = None
    better: Literal["up", "down", "neither"] | None = Field(None, description="Which way is better; as the measure says, if left out.")
    at_least: Real | None = Field(None, description="A policy meets it when the whole interval does.")
    at_most: Real | None = None
    margin: NotNegative | None = Field(None, description="Differences up to it are practically equal, in the unit of the measure (a share: 0.01 is one percentage point); as the measure says, if left out.")

    @property
    def key(self) -> tuple[str, ...]:
        """Of its row in an outcome."""
        from simgov.measures.pool import row_key

        return row_key(self.measure, {MEASURES[self.measure].total: ALL, **self.where})

    @property
    def direction(self) -> str:
        return self.better or MEASURES[self.measure].better

    @property
    def is_cost(self) -> bool:
        """Whether it is what a policy takes, of which less is better; what it achieves stands elsewhere."""
        return MEASURES[self.measure].is_cost and self.direction == "down"

    @property
    def equal_within(self) -> Margin:
        """Up to which difference two values are practically equal."""
        return MEASURES[self.measure].margin if self.margin is None else Margin(self.margin)


class Precision(Strict):
    """Replications are added until the paired differences of the first measure are known so well."""

    half_width: Positive = Field(description="Of the joint 95 % intervals, in the unit of the measure (a share: 0.01 is one percentage point).")
    at_most: Some = Field(1000, description="Replications after which it stops all the same.")


class Picture(Strict):
    """The figure that answers at a glance."""

    kind: Literal["differences", "dose", "frontier", "stock"] = "differences"
    lever: str | None = Field(None, description="dose: the lever along the axis; the first one, if left out.")
    x: Count = Field(0, description="frontier: number of the measure along the axis, from 0.")
    y: Count = Field(1, description="frontier: number of the measure upwards.")


class StudyFile(Strict):
    """A question to one scenario: which of these policies?"""

    schema_: Literal[1] = Field(alias="schema", description="Version of this language.")
    title: Text = Text()
    question: Text = Text()
    scenario: str = Field(description="The scenario file, seen from this file.")
    change: list[str] = Field([], description="Changes of the scenario that are in force in every policy.")
    set: dict[str, Any] = Field({}, description="Values by path that hold in every policy.")
    policies: dict[str, Setting] = Field({}, description="Policies by name.")
    sweep: dict[str, Lever] = Field({}, description="Levers, moved one at a time.")
    grid: dict[str, Lever] = Field({}, description="Levers, moved in all combinations.")
    base: str | None = Field(None, description="The policy that the others are held against; the first one, if left out.")
    reference: str | None = Field(None, description="A policy that shows how things would be anyway, such as without the outbreak: it stands beside the others and is no choice.")
    measures: list[Asked] = Field(min_length=1, description="The first one decides.")
    replications: Some = 30
    seed: Count = 1
    precision: Precision | None = None
    figure: Picture = Picture()
