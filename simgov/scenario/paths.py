"""Paths inside a scenario (`stages.grid.work`, `targets[0].value`), and setting values by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simgov.errors import Problem, dotted, in_full, nearest
from simgov.language import Message, message
from simgov.scenario import origins as origins_of
from simgov.scenario.document import Document, plain
from simgov.scenario.fields import OTHER
from simgov.scenario.model import Scenario
from simgov.scenario.models import models_at

NAMED = ("levels", "calendars", "profiles", "teams", "classes", "ends", "stages", "changes")
REQUIRED = ("levels", "teams", "classes", "stages")
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
Path = tuple[str | int, ...]
SETTING = message("--set {given}: {why}")


def of_setting(given: str, why: str) -> Message:
    """What is wrong with a setting; `setting_of` is the other way round."""
    return Message(SETTING, {"given": given, "why": why})


def setting_of(said: str) -> tuple[str, str]:
    """The setting that a message is about, "" if it is about none, and what it says of it."""
    return (said.values["given"], said.values["why"]) if isinstance(said, Message) and said.text == SETTING else ("", said)


def at(data: Any, path: Path) -> Any:
    """The value at a path of the data; None where there is none."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def with_values(document: Document, values: Document, where: Path) -> tuple[Document, list[Problem]]:
    """The document with values set by path, which bring their tags; and what is wrong with the paths. `where`: the change; () for settings."""
    raw, origins, problems = plain(document.data), dict(document.origins), []
    touched: list[Path] = []
    for path, value in values.data.items():
        try:
            steps = steps_of(str(path))
            if len(steps) == 1 or not _broken(raw, str(steps[0])):
                _put(raw, origins, steps, plain(value))
                touched.append(tuple(steps))
                origins |= {(*steps, *inside[1:]): origin for inside, origin in values.origins.items() if inside[:1] == (path,)}
        except ValueError as error:
            problems.append(Problem((*where, path), in_full(error)) if where else Problem((), of_setting(str(path), in_full(error))))
    stale = [problem for problem in document.problems if not any(_related(problem.path, path) for path in touched)]
    return replace(document, data=raw, origins=origins, problems=stale), problems


def _related(one: Path, other: Path) -> bool:
    """Whether one of two paths lies above the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _broken(raw: dict[str, Any], section: str) -> bool:
    """Whether a section is missing or no mapping: that is told elsewhere, and nothing can be set in it."""
    return section in NAMED and not isinstance(raw.get(section, None if section in REQUIRED else {}), dict)


def steps_of(path: str) -> list[str | int]:
    """The steps of a path as a user writes it. Raises ValueError."""
    steps: list[str | int] = [name or int(index) for name, index in STEP.findall(path)]
    if not steps or isinstance(steps[0], int) or dotted(steps) != path:
        raise ValueError(message("not a path such as teams.grid_worker.people or targets[0].value, got '{path}'", path=path))
    return steps


def _put(raw: dict[str, Any], origins: dict[Path, origins_of.Origin], steps: list[str | int], value: Any) -> None:
    """Set a value; no tag of what it replaces, or of what it becomes a part of, speaks for it."""
    here: Any = raw
    for depth, step in enumerate(steps):
        _must_exist(here, steps, depth, value)
        mine = tuple(steps[: depth + 1])
        if depth == len(steps) - 1:
            for path in [path for path in origins if path[: depth + 1] == mine]:
                del origins[path]
            if value is None and isinstance(here, dict):
                here.pop(step, None)
            else:
                here[step] = value
            return
        child = here[step] if isinstance(here, list) else here.get(step)
        origins.pop(mine, None)
        here[step] = here = _written_out(child, mine, steps[depth + 1], raw, origins)


def _written_out(child: Any, path: Path, following: str | int, raw: dict[str, Any], origins: dict[Path, origins_of.Origin]) -> Any:
    """The child as something to step into. The tags inside a short form move to where its parts stand now."""
    opened = _opened(child, list(path), following, raw)
    inside = {known[len(path) :]: origin for known, origin in origins.items() if known[: len(path)] == path}
    if opened is child or not inside:
        return opened
    for known in inside:
        del origins[(*path, *known)]
    return origins_of.take_off(_opened(origins_of.put_on(child, inside), list(path), following, raw), path, origins, [])


def _must_exist(here: Any, steps: list[str | int], depth: int, value: Any) -> None:
    step, last = steps[depth], depth == len(steps) - 1
    if isinstance(here, list):
        if not isinstance(step, int) or step >= len(here):
            raise ValueError(message("there is no {path}; the list has {n} entries", path=dotted(steps[:depth + 1]), n=len(here)))
    elif isinstance(step, int):
        raise ValueError(message("{path} is not a list", path=dotted(steps[:depth])))
    elif depth == 0 and step not in _top_keys():
        raise ValueError(message("there is no '{step}'; {hint}", step=step, hint=nearest(step, _top_keys())))
    elif depth == 1 and steps[0] in NAMED and step not in here and not (last and (value is None or isinstance(value, (dict, str)))):
        raise ValueError(message("there is no '{step}' in {steps}; {hint}", step=step, steps=steps[0], hint=nearest(step, here)))


def _top_keys() -> list[str]:
    return [field.alias or name for name, field in Scenario.model_fields.items()]


def _opened(child: Any, so_far: list[str | int], following: str | int, raw: dict[str, Any]) -> Any:
    """The child as something to step into: a short form is written out, a field for all classes becomes one by class."""
    classes = raw["classes"] if isinstance(raw.get("classes"), dict) else {}
    by_class = so_far[0] == "stages" and len(so_far) == 3 and following in classes
    if by_class and not (isinstance(child, dict) and child and all(key in classes or key == OTHER for key in child)):
        return {} if child is None else {OTHER: child}
    if child is None and isinstance(following, int):
        raise ValueError(message("there is no {path}; the list has 0 entries", path=dotted((*so_far, following))))
    if isinstance(child, dict) or (isinstance(child, list) and isinstance(following, int)):
        return child
    full = (model.from_short(child) for model in models_at(so_far)) if child is not None else ()
    return next((value for value in full if isinstance(value, dict)), {})


def differences(one: Any, other: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths at which two pieces of plain data differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from differences(one.get(key), other.get(key), (*path, key))
    elif one != other:
        yield path
