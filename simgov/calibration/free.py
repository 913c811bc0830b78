"""Which numbers are free: tagged `free: true` beside their range, or named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from simgov.clock import seconds
from simgov.errors import ScenarioError, UsageError, dotted
from simgov.scenario import Scenario, yaml_text
from simgov.scenario.origins import Origin
from simgov.scenario.paths import Path, at, steps_of
from simgov.sensitivity import Parameter, parameters

NONE = "nothing is free: write `free: true` beside the range of a number, as in {value: 0.85, assumption: [0.5, 0.95], free: true}, or name one with --free PATH"
EXAMPLE = "--free is a path, or a path with a range, such as stages.grid.outcomes.closed.chance=0.1,0.8"


def free(scenario: Scenario, also: Iterable[str] = ()) -> tuple[Parameter, ...]:
    """The free parameters, in the order of the file, then those of `also`: `path`, or `path=low,high`.

    Free numbers that say the same (value, range, note) are one parameter, as in a sensitivity analysis. A path of
    `also` without a range frees everything that is moved together with it. Raises UsageError.
    """
    known = parameters([scenario])
    found = [*_tagged(scenario, known)]
    for text in also:
        found.append(_named(scenario, known, text))
    if not found:
        raise UsageError(NONE)
    _refuse_twice(found)
    _refuse_in_force(scenario, found)
    return tuple(found)


def _tagged(scenario: Scenario, known: Sequence[Parameter]) -> Iterator[Parameter]:
    marked = {path: origin for path, origin in scenario.origins.items() if origin.free and path[0] != "changes"}
    for param in known:
        if mine := tuple(path for path in param.paths if path in marked):
            yield replace(param, paths=mine)
            for path in mine:
                del marked[path]
    for path, origin in marked.items():
        raise UsageError(f"{dotted(path)} is marked free, but {_why_not(scenario, path, origin)}")


def _why_not(scenario: Scenario, path: Path, origin: Origin) -> str:
    if origin.kind != "assumption":
        return f"is no assumption: its {origin.kind} says what it is"
    if path[0] == "targets":
        return "stands in a target: what was reported cannot be fitted"
    if not isinstance(origin.says, list):
        return "has no range; write assumption: [low, high]"
    if origin.says[0] == origin.says[1]:
        return f"its range {origin.says[0]} to {origin.says[1]} leaves nothing to fit"
    return "is set by a change with a window that is in force, and has no single value"


def _named(scenario: Scenario, known: Sequence[Parameter], text: str) -> Parameter:
    name, has_range, ends = (part.strip() for part in text.partition("="))
    try:
        path = tuple(steps_of(name))
    except ValueError:
        raise UsageError(f"{EXAMPLE}, got '{text}'") from None
    value = at(scenario.data, path)
    if not _is_number(value):
        raise UsageError(f"--free {name}: there is no number or duration at this path of the scenario; `simgov explain` shows its paths")
    if has_range:
        return _with_range(path, value, ends, text)
    for param in known:
        if path in param.paths:
            return param
    raise UsageError(f"--free {name}: has no range in the file; give one, such as --free {name}=LOW,HIGH")


def _with_range(path: Path, value: Any, ends: str, text: str) -> Parameter:
    try:
        low, high = (yaml_text.value(end) for end in ends.split(","))
        amounts = [_amount(end) for end in (value, low, high)]
    except (ValueError, TypeError, ScenarioError):
        raise UsageError(f"{EXAMPLE}, got '{text}'") from None
    base, least, most = amounts
    if not least < most:
        raise UsageError(f"--free {text}: the range must go from low to high")
    if not least <= base <= most:
        raise UsageError(f"--free {text}: the value in the file, {value}, lies outside this range; widen it, or set another value with --set")
    whole = all(isinstance(x, int) for x in (value, low, high))
    return Parameter((path,), base, least, most, whole, any(isinstance(x, str) for x in (value, low, high)), "")


def _is_number(value: Any) -> bool:
    try:
        return value is not None and not isinstance(value, bool) and _amount(value) is not None
    except (ValueError, TypeError, OverflowError):
        return False


def _amount(value: Any) -> float:
    return float(seconds(value)) if isinstance(value, str) else float(value)


def _refuse_twice(found: Sequence[Parameter]) -> None:
    seen: set[Path] = set()
    for param in found:
        for path in param.paths:
            if path in seen:
                raise UsageError(f"{dotted(path)} is free twice; name it once")
            seen.add(path)


def _refuse_in_force(scenario: Scenario, found: Sequence[Parameter]) -> None:
    """A change that is in force would set it again when the fitted scenario is loaded."""
    for name in scenario.in_force:
        for path in scenario.changes[name].set:
            for param in found:
                for mine in param.paths:
                    if all(a == b for a, b in zip(mine, steps_of(path), strict=False)):
                        raise UsageError(f"{dotted(mine)} is free, but the change '{name}' in force sets {path}; fit it in a scenario that has this change built in")
