"""What a prediction is asked: the rows that stand for a scenario, its targets among them, or those of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgov.errors import UsageError
from simgov.scenario import Scenario
from simgov.scenario.fields import Text
from simgov.scenario.target import Target
from simgov.study.model import Asked
from simgov.study.policies import Reader, Study
from simgov.targets import Key, rows
from simgov.vocabulary import ALL, DAYS, MEASURES
from simgov.words import rows_label

MAIN = (
    "headline_closure", "cohort_closure", "time_to_closure_median", "time_to_closure_p90", "settled_at_or_below",
    "time_to_triage_median", "same_day_triage",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """Rows of one measure that are added. `target`: the figure that was reported of them, if there is one."""

    keys: tuple[Key, ...]
    label: Text | None = None
    target: Target | None = None

    @property
    def measure(self) -> str:
        return self.keys[0][0]

    @property
    def unit(self) -> str:
        return MEASURES[self.measure].unit

    def say(self, scenario: Scenario, lang: str = "en") -> str:
        return (self.label.say(lang) if self.label else "") or rows_label(scenario, self.keys, lang)


def questions(what: Scenario | Study, measure: str | None = None, where: Mapping[str, Any] | None = None) -> tuple[Question, ...]:
    """Of a `measure` (in the row `where`); else all that a study asks, or what a scenario's targets are about and its main measures. Raises UsageError."""
    scenario = what.base.scenario if isinstance(what, Study) else what
    if measure is not None:
        asked = Asked(measure=measure, where=dict(where or {}))
        reader = Reader(Path(), {})
        reader.measure((), asked, scenario)
        if reader.problems:
            raise UsageError(reader.problems[0].message)
        return (Question((asked.key,)),)
    if isinstance(what, Study):
        return tuple(Question((asked.key,), asked.label) for asked in what.file.measures)
    found: dict[tuple[Key, ...], Question] = {}
    for question in (*_of_targets(scenario), *_main(scenario)):
        found.setdefault(question.keys, question)
    return tuple(found.values())


def _of_targets(scenario: Scenario) -> Iterator[Question]:
    for target in scenario.targets:
        for keys in rows(scenario, target)[-1:]:
            yield Question(keys, target.label, target)


def _main(scenario: Scenario) -> Iterator[Question]:
    choices: dict[str, list[Any]] = {"class": [ALL], "days": list(DAYS), "level": list(scenario.levels)}
    for name in MAIN:
        wheres: list[dict[str, Any]] = [{}]
        for key in MEASURES[name].by:
            wheres = [{**where, key: value} for where in wheres for value in choices[key]]
        for where in wheres:
            yield Question((Asked(measure=name, where=where).key,))
