"""Numbers that are said to come from a source, held against what that source says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simgov.errors import dotted
from simgov.language import Message, message
from simgov.scenario import Scenario
from simgov.scenario.origins import PathKey, facts_in, origin_of, read_facts

# An order of precedence and a guard against loops are no claims about the world.
NO_CLAIMS = ("priority", "max_visits")
NOT_NUMBERS = ("schema", "title", "description", "facts", "period", "targets", "changes", "apply", "nodes", "extends")
NUMBER = re.compile(r"\d[\d,]*\.?\d*")


class Misquoted(NamedTuple):
    """A number of a scenario that its source does not have, without a note that says how it follows."""

    path: str
    value: float
    ids: tuple[str, ...]
    says: str  # the quantities of these facts

    @property
    def told(self) -> Message:
        """For the reader of the scenario."""
        return message("{path} is {value}, but its source {ids} says: {says}. Write what the source says, or a note how the number follows from it", path=self.path, value=self.value, ids=", ".join(self.ids), says=self.says)


def numbers(s: Scenario) -> dict[PathKey, Any]:
    """Every number (and duration, and calendar) of the scenario by path, apart from period, changes and targets."""
    found: dict[PathKey, Any] = {}

    def walk(value: Any, path: PathKey) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key not in NO_CLAIMS:
                    walk(item, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                walk(item, (*path, i))
        elif not isinstance(value, bool) and (isinstance(value, (int, float)) or (isinstance(value, str) and value[:1].isdigit()) or path[0] == "calendars"):
            found[path] = value

    for key, value in s.data.items():
        if key not in NOT_NUMBERS:
            walk(value, (key,))
    return found


def misquoted(s: Scenario) -> Iterator[Misquoted]:
    """Every bare number with `source: ID` (or `outside: ID`) and no note that is not what the fact says: its value, or where that is no number, one in its phrase.

    A number that *follows* from a fact (a fortieth of it, one of six levels) says so in its note, and is not judged; neither are durations and calendars.
    """
    facts = facts_of(s)
    for path, value in numbers(s).items():
        origin = origin_of(path, s.origins)
        if origin is None or origin.kind == "assumption" or origin.note or not isinstance(value, (int, float)):
            continue
        ids = (origin.says,) if isinstance(origin.says, str) else tuple(origin.says)
        cited = [facts[i] for i in ids if i in facts]
        known = {number for fact in cited for number in _stated(fact)}
        if cited and float(value) not in known:
            yield Misquoted(dotted(path), value, ids, "; ".join(f"{fact['quantity']}: {fact['value']} {fact['unit']}".strip() for fact in cited if "quantity" in fact))


def facts_of(s: Scenario) -> dict[str, dict[str, str]]:
    """The facts of a scenario by id; none, where their table is not at hand (a result that was carried elsewhere)."""
    path = Path(s.folder) / s.facts if s.facts else None
    return read_facts(path) if path and path.is_file() else {}


def notes_of(s: Scenario) -> dict[str, tuple[Message, ...]]:
    """What was taken for what in the tables of a scenario, that of its facts included, by file."""
    path = Path(s.folder) / s.facts if s.facts else None
    facts = facts_in(path).notes if path and path.is_file() else ()
    return {**s.notes, **({str(path): facts} if facts else {})}


def kind_of(path: PathKey, value: Any, s: Scenario, facts: dict[str, dict[str, str]]) -> str:
    """The kind of a number's origin: source, outside, assumption, `no origin`; or `follows`, where its fact is derived from others, or a note says how it comes from a source that has another number."""
    origin = origin_of(path, s.origins)
    if origin is None:
        return "no origin"
    if origin.kind != "source":
        return origin.kind
    cited = [facts[i] for i in ((origin.says,) if isinstance(origin.says, str) else origin.says) if i in facts]
    if cited and all(fact.get("kind") == "derived" for fact in cited):
        return "follows"
    if not cited or not origin.note:
        return "source"
    known = {number for fact in cited for number in _stated(fact)}
    figure = NUMBER.match(str(value))  # a calendar is none, and no fact states one
    return "source" if figure and float(figure[0].replace(",", "")) in known else "follows"


def _stated(fact: dict[str, str]) -> list[float]:
    found = NUMBER.findall(fact.get("value", "")) or NUMBER.findall(fact.get("phrase", ""))
    return [float(text.replace(",", "")) for text in found]
