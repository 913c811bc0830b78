"""Reported figures that no run could meet together, found without a simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from simgov.language import Message, message
from simgov.scenario.target import Target

SETTLED = ("settled_at_or_below", "settled_of_ended")
COUNTS = ("closed", "open_stock")  # of what was collected
SOFT = "soft"


class Contradiction(NamedTuple):
    """Two targets (their numbers, in the order of the file), and why they cannot both hold."""

    one: int
    other: int
    why: str
    is_soft: bool  # one of them fails nothing anyway


def contradictions(targets: Sequence[Target], levels: Sequence[str]) -> Iterator[Contradiction]:
    """Every two targets of which one is never above the other, and is reported above it. `levels`: from the lowest to the highest."""
    told = set()
    for (i, lower), (j, upper) in permutations(enumerate(targets), 2):
        why = _never_above(lower, upper, levels)
        if why and (min(i, j), max(i, j)) not in told and lower.reported[0] > upper.reported[1]:
            told.add((min(i, j), max(i, j)))
            yield Contradiction(min(i, j), max(i, j), why, SOFT in (lower.kind, upper.kind))


def _never_above(lower: Target, upper: Target, levels: Sequence[str]) -> str:
    """Why the row of one target is never above that of the other; nothing where it may be."""
    if (lower.window, lower.over) != (upper.window, upper.over):
        return ""
    a, b = ({**target.where, "class": target.classes or ("all",)} for target in (lower, upper))
    if lower.measure == upper.measure and _as_text(a) == _as_text(b):
        return message("both are of one and the same row")
    if lower.measure == upper.measure in SETTLED and _same(a, b, "level") and _rank(a, levels) < _rank(b, levels):
        return message("what is settled up to a level is settled up to every higher one, too")
    if lower.measure == upper.measure == "cohort_closure" and _same(a, b, "days") and _days(a) < _days(b):
        return message("what is closed in fewer days is closed in more days, too")
    if _same(a, b) and upper.measure == lower.measure.replace("_median", "_p90") != lower.measure:
        return message("a median is never above the 90 % point")
    if _same(a, b) and upper.measure == "collected" and lower.measure in COUNTS and lower.over == "cohort":
        return message("what is counted is part of what was collected")
    return ""


def _as_text(where: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in where.items()}


def _same(a: dict[str, object], b: dict[str, object], but: str = "") -> bool:
    return {**_as_text(a), but: ""} == {**_as_text(b), but: ""}


def _rank(where: dict[str, object], levels: Sequence[str]) -> int:
    level = str(where.get("level"))
    return levels.index(level) if level in levels else -1


def _days(where: dict[str, object]) -> float:
    text = str(where.get("days"))
    return float(text) if text.isdigit() else -1.0


def name(target: Target) -> str:
    """A target in the words of an error: its label, or its measure and row."""
    about = ", ".join(f"{key} {' and '.join(value) if isinstance(value, list) else value}" for key, value in target.where.items())
    return f"“{target.label.say('en')}”" if target.label else target.measure + (f" ({about})" if about else "")


def figure(target: Target) -> str:
    """What was reported, as a file says it."""
    if target.value is not None:
        return f"{target.value:g}" + (f" ± {target.rounding:g}" if target.rounding else "")
    return message("at least {value}", value=f"{target.at_least:g}") if target.at_least is not None else message("at most {value}", value=f"{target.at_most:g}")


def sentence(targets: Sequence[Target], found: Contradiction) -> Message:
    """The contradiction with both figures, in one sentence."""
    one, other = targets[found.one], targets[found.other]
    return message(
        "targets contradict each other: {one} is reported as {first} and {other} as {second}, but {why}",
        one=name(one), first=figure(one), other=name(other), second=figure(other), why=found.why,
    )  # fmt: skip
