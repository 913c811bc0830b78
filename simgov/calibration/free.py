"""Which numbers are free: tagged `free: true` beside their range, or named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from simgov.clock import seconds
from simgov.errors import ScenarioError, UsageError, dotted
from simgov.language import message
from simgov.plan import plant
from simgov.scenario import Scenario, yaml_text
from simgov.scenario.origins import Origin, origin_of
from simgov.scenario.paths import Path, at, steps_of
from simgov.sensitivity import Parameter, parameters
from simgov.sensitivity.parameters import NO_PART_OF_A_RUN, settings
from simgov.trials import Sealed, Variant

NONE = message("nothing is free: write `free: true` beside the range of a number, as in {value: 0.85, assumption: [0.5, 0.95], free: true}, or name one with --free PATH")
EXAMPLE = message("--free is a path, or a path with a range, such as stages.grid.outcomes.closed.chance=0.1,0.8")


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
    _refuse_impossible(scenario, found)
    return tuple(found)


def _tagged(scenario: Scenario, known: Sequence[Parameter]) -> Iterator[Parameter]:
    marked = {path: origin for path, origin in scenario.origins.items() if origin.free and path[0] != "changes"}
    for param in known:
        if mine := tuple(path for path in param.paths if path in marked):
            yield replace(param, paths=mine)
            for path in mine:
                del marked[path]
    for path, origin in marked.items():
        raise UsageError(message("{path} is marked free, but {why}", path=dotted(path), why=_why_not(scenario, path, origin)))


def _why_not(scenario: Scenario, path: Path, origin: Origin | None) -> str:
    if path[0] == "targets":
        return message("stands in a target: what was reported cannot be fitted")
    if origin is None or path[0] == "schema":
        return message("is no number of the place or its procedure")
    if origin.kind != "assumption":
        return message("is no assumption: its {kind} says what it is", kind=origin.kind)
    if not isinstance(origin.says, list):
        return message("has no range; write assumption: [low, high]")
    if origin.says[0] == origin.says[1]:
        return message("its range {low} to {high} leaves nothing to fit", low=origin.says[0], high=origin.says[1])
    return message("is set by a change with a window that is in force, and has no single value")


def _named(scenario: Scenario, known: Sequence[Parameter], text: str) -> Parameter:
    name, has_range, ends = (part.strip() for part in text.partition("="))
    try:
        path = tuple(steps_of(name))
    except ValueError:
        raise UsageError(message("{example}, got '{given}'", example=EXAMPLE, given=text)) from None
    value = at(scenario.data, path)
    if not _is_number(value):
        raise UsageError(message("--free {name}: there is no number or duration at this path of the scenario; `simgov explain` shows its paths", name=name))
    origin = origin_of(path, scenario.origins)
    if path[0] in (*NO_PART_OF_A_RUN, "schema") or (origin and origin.kind != "assumption"):
        raise UsageError(message("--free {name}: {why}; only assumptions can be fitted", name=name, why=_why_not(scenario, path, origin)))
    if has_range:
        return _with_range(path, value, ends, text)
    for param in known:
        if path in param.paths:
            return param
    raise UsageError(message("--free {name}: has no range in the file; give one, such as --free {name}=LOW,HIGH", name=name))


def _with_range(path: Path, value: Any, ends: str, text: str) -> Parameter:
    try:
        low, high = (yaml_text.value(end) for end in ends.split(","))
        amounts = [_amount(end) for end in (value, low, high)]
    except (ValueError, TypeError, ScenarioError):
        raise UsageError(message("{example}, got '{given}'", example=EXAMPLE, given=text)) from None
    base, least, most = amounts
    if not least < most:
        raise UsageError(message("--free {text}: the range must go from low to high", text=text))
    if not least <= base <= most:
        raise UsageError(message("--free {text}: the value in the file, {value}, lies outside this range; widen it, or set another value with --set", text=text, value=value))
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
                raise UsageError(message("{path} is free twice; name it once", path=dotted(path)))
            seen.add(path)


def _refuse_in_force(scenario: Scenario, found: Sequence[Parameter]) -> None:
    """A change that is in force would set it again when the fitted scenario is loaded."""
    for name in scenario.in_force:
        for path in scenario.changes[name].set:
            for param in found:
                for mine in param.paths:
                    if all(a == b for a, b in zip(mine, steps_of(path), strict=False)):
                        raise UsageError(message("{path} is free, but the change '{name}' in force sets {other}; fit it in a scenario that has this change built in", path=dotted(mine), name=name, other=path))


def _refuse_impossible(scenario: Scenario, found: Sequence[Parameter]) -> None:
    """Both ends of every range must make a scenario that can be: else an interval would speak of values that nobody simulated."""
    sealed = Sealed.of(scenario)
    for param in found:
        for end in (param.low, param.high):
            if why := _impossible(sealed, param, end):
                raise UsageError(message("{name} is free from {low} to {high}, but {end} is impossible ({why}); narrow the range", name=param.name, low=param.shown(param.low), high=param.shown(param.high), end=param.shown(end), why=why))


def _impossible(sealed: Sealed, param: Parameter, value: float) -> str:
    """Why the scenario cannot have this value; nothing if it can."""
    given = settings(sealed.open(), {param: value})
    try:
        plant(Variant(sealed, given).open())
    except ScenarioError as error:
        return error.problems[0].message
    moved = any(given.get(dotted(path), param.written(value)) != param.written(value) for path in param.paths)
    return message("chances that belong together add up to 1 at most") if moved else ""
