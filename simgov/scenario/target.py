"""A figure that was reported, as a scenario states it: of which row of a measure, over which windows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Annotated, Any, Literal, NamedTuple, Protocol

from pydantic import BeforeValidator, Field, GetPydanticSchema, model_validator

from simgov.language import message
from simgov.scenario.fields import NotNegative, Real, Some, Strict, Text, complain, day, shown


def _range(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One value stands for a range that begins and ends with it."""

    def both(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, (list, tuple)):
            return (one(value),) * 2
        if len(value) != 2:
            raise complain(message("must be one value, or a range of two, got {given}", given=shown(value)))
        return tuple(map(one, value))

    return both


def _length(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise complain(message("must be a whole number of days of at least 1, got {given}", given=shown(value)))
    return value


def _or_one(core: Any, handler: Any) -> dict[str, Any]:
    """In the JSON Schema: a value alone, or a range of two."""
    pair = handler(core)
    return {"anyOf": [pair["prefixItems"][0], pair]}


Days = Annotated[tuple[date, date], BeforeValidator(_range(day)), GetPydanticSchema(get_pydantic_json_schema=_or_one)]
Lengths = Annotated[tuple[Some, Some], BeforeValidator(_range(_length)), GetPydanticSchema(get_pydantic_json_schema=_or_one)]


class Frame(NamedTuple):
    """One window [start, end), looked at on its last day: a cohort is what was found in it, a flow what was closed in it."""

    start: date
    end: date
    flow: bool = False

    @property
    def name(self) -> str:
        """As it stands in tables; `read` is the other way round."""
        return f"{self.start}/{self.end}" + ("/flow" if self.flow else "")

    @classmethod
    def read(cls, name: str) -> Frame:
        start, end, *flow = name.split("/")
        return cls(date.fromisoformat(start), date.fromisoformat(end), bool(flow))


class Period(Protocol):
    """The simulated days."""

    @property
    def start(self) -> date: ...

    @property
    def end(self) -> date: ...


class TargetWindow(Strict):
    """Dates [start, end): the figure is that of the window at its end. A range of dates or lengths where the source names none."""

    SHORT = ("array",)
    start: Days | None = Field(None, description="The first day, or a range [earliest, latest]; that of the period, if left out.")
    end: Days | None = Field(None, description="The day of the census, or a range [earliest, latest]; that of the period, if left out.")
    days: Lengths | None = Field(None, description="The length, or a range of lengths, counted from the start, or back from the end.")

    @classmethod
    def from_short(cls, value: Any) -> Any:
        return {"start": value[0], "end": value[1]} if isinstance(value, list) and len(value) == 2 else value

    @model_validator(mode="after")
    def _sound(self) -> TargetWindow:
        given = {name: getattr(self, name) for name in ("start", "end", "days") if getattr(self, name) is not None}
        if not given or len(given) == 3:
            raise complain(message("give one or two of start, end and days"))
        for name, (low, high) in given.items():
            if low > high:
                raise complain(message("the range of {name} must go from low to high, got {low} to {high}", name=name, low=low, high=high))
        if self.start and self.end and self.start[1] >= self.end[0]:
            raise complain(message("must end after it starts, got {start} to {end}", start=self.start[1], end=self.end[0]))
        return self

    def dates(self, period: Period) -> list[tuple[date, date]]:
        """The windows that are looked at, the ends and the middle of each range: from the shortest to the longest, which stands for all."""
        starts, ends = _three(self.start or (period.start,) * 2), _three(self.end or (period.end,) * 2)
        if not self.days:
            found = [*product(starts, ends)]
        elif self.start:
            found = [(start, start + timedelta(days=n)) for start, n in product(starts, _three(self.days))]
        else:
            found = [(end - timedelta(days=n), end) for end, n in product(ends, _three(self.days))]
        return sorted(found, key=lambda dates: dates[1] - dates[0])


def _three(ends: tuple[Any, Any]) -> list[Any]:
    low, high = ends
    return sorted({low, low + (high - low) // 2, high})


class Target(Strict):
    """A reported figure to hold a run against."""

    label: Text | None = None
    measure: str = Field(description="Name of a measure, such as headline_closure.")
    where: dict[str, str | int | list[str]] = Field({}, description="Which row of the measure: its level, class (or several) or days.")
    window: TargetWindow | None = Field(None, description="The dates that the figure is of; the whole period, if left out.")
    over: Literal["cohort", "flow"] = Field("cohort", description="Of what was found in the window, or of what was closed in it.")
    value: Real | None = Field(None, description="What was reported.")
    at_least: Real | None = Field(None, description="A bound that was reported.")
    at_most: Real | None = Field(None, description="A bound that was reported.")
    rounding: NotNegative = Field(0.0, description="Half the last digit of the reported value.")
    of: Text | None = Field(None, description="The denominator, in words.")
    kind: Literal["fit", "soft", "check"] = Field("check", description="fit: a number was chosen for it; soft: somebody's word; check: nothing was chosen for it.")
    phrase: str | None = Field(None, description="The source's words.")
    note: Text | None = Field(None, description="What a reader should know of it.")

    @model_validator(mode="after")
    def _one(self) -> Target:
        if sum(x is not None for x in (self.value, self.at_least, self.at_most)) != 1:
            raise complain(message("give exactly one of value, at_least and at_most"))
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """Those that are named; () means all."""
        named = self.where.get("class", ())
        return tuple(named) if isinstance(named, list) else (str(named),) if named else ()

    @property
    def reported(self) -> tuple[float, float]:
        """The range of values that the figure stands for, infinite where only one end was reported."""
        if self.value is not None:
            return self.value - self.rounding, self.value + self.rounding
        return (self.at_least, float("inf")) if self.at_least is not None else (float("-inf"), float(self.at_most or 0))

    def frames(self, period: Period) -> tuple[Frame | None, ...]:
        """The windows within the period that the figure may be of, the longest last, which stands for all; None stands for the whole period."""
        if self.window is None and self.over == "cohort":
            return (None,)
        dates = self.window.dates(period) if self.window else [(period.start, period.end)]
        return tuple(Frame(start, end, self.over == "flow") for start, end in dates if period.start <= start < end <= period.end)
