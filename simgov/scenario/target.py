"""A figure that was reported, as a scenario states it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from simgov.scenario.fields import NotNegative, Real, Strict, Text, complain


class Target(Strict):
    """A reported figure to hold a run against."""

    label: Text | None = None
    measure: str = Field(description="Name of a measure, such as headline_closure.")
    where: dict[str, str | int] = Field({}, description="Which row of the measure: its level, class or days.")
    value: Real | None = None
    at_least: Real | None = None
    at_most: Real | None = None
    rounding: NotNegative = Field(0.0, description="Half the last digit of the reported value.")
    of: Text | None = Field(None, description="The denominator, in words.")
    kind: Literal["fit", "soft", "check"] = "check"
    phrase: str | None = Field(None, description="The source's words.")
    note: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Target:
        if sum(x is not None for x in (self.value, self.at_least, self.at_most)) != 1:
            raise complain("give exactly one of value, at_least and at_most")
        return self
