"""A file that starts from another one (`extends`): reading the chain of files, and merging what they say.

Mappings are merged key by key; anything else replaces, and so does a value with a tag. `null` takes away what the base has
under that key. In `set` of a change, which maps paths to values, an entry replaces as a whole and `null` stays what it is
there: the value that the change takes away.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from simgov.errors import Problem, ScenarioError, nearest
from simgov.language import message
from simgov.scenario import origins, yaml_text
from simgov.scenario.fields import shown
from simgov.scenario.yaml_text import Marks

PathKey = tuple[str | int, ...]
TABLES = (("facts",), ("nodes",), ("classes", "*", "arrivals", "list"))  # where a scenario names files
SETS = ("changes", "*", "set")


def read(path: Path) -> tuple[dict[str, Any], Marks]:
    """What a scenario file says together with the files that it extends, and where each path of it is written. Raises ScenarioError."""
    data, marks = yaml_text.read(path)
    return with_base(data, marks, path.parent, (path,))


def with_base(data: dict[str, Any], marks: Marks, folder: Path, chain: tuple[Path, ...] = ()) -> tuple[dict[str, Any], Marks]:
    """The same for data already read, whose `extends` is looked up from `folder`; `chain`: the files that led here."""
    if "extends" not in data:
        return data, marks
    own = {key: value for key, value in data.items() if key != "extends"}
    name = data["extends"]
    path = _base(name, folder, chain, marks)
    base, base_marks = with_base(*yaml_text.read(path), path.parent, (*chain, path))
    gone: set[PathKey] = set()
    merged = _merged(_moved(base, Path(name).parent), own, (), gone)
    kept = {path: mark for path, mark in base_marks.items() if not any(path[:n] in gone for n in range(len(path) + 1))}
    return merged, {**kept, **marks}


def _base(name: Any, folder: Path, chain: tuple[Path, ...], marks: Marks) -> Path:
    problem = Problem(("extends",), "", *marks.get(("extends",), ())[:2])
    if not isinstance(name, str) or not name:
        raise ScenarioError([replace(problem, message=message("must be the name of a scenario file, such as dongxing.yaml, got {given}", given=shown(name)))])
    path, known = folder / name, [p.resolve() for p in chain]
    try:
        there = path.is_file()
        if there and path.resolve() in known:
            circle = " -> ".join(p.name for p in (*chain, path))
            raise ScenarioError([replace(problem, message=message("goes round in a circle: {circle}; one of them must stand on its own", circle=circle))])
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        beside = [(Path(name).parent / p.name).as_posix() for p in sorted(path.parent.glob("*.y*ml")) if p.resolve() not in known]
        raise ScenarioError([replace(problem, message=message("there is no file {file}; {hint}", file=shown(str(path))[1:-1], hint=nearest(name, beside)))])
    return path


def _merged(base: Any, over: Any, path: PathKey, gone: set[PathKey]) -> Any:
    """The base with `over` on top; paths at which nothing of the base is left are added to `gone`."""
    if not _joins(base, over, path):
        gone.add(path)
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None and key in base and not _like(path, SETS):
            del result[key]
            gone.add((*path, key))
        else:
            result[key] = _merged(base[key], value, (*path, key), gone) if key in base else value
    return result


def _joins(base: Any, over: Any, path: PathKey) -> bool:
    mappings = isinstance(base, dict) and isinstance(over, dict)
    return mappings and not origins.is_tagged(base) and not origins.is_tagged(over) and not _like(path[:-1], SETS)


def _moved(value: Any, folder: Path, path: PathKey = ()) -> Any:
    """A copy whose tables are named from another folder: `folder` leads to where they are."""
    if origins.is_tagged(value):
        return {**value, "value": _moved(value["value"], folder, path)}
    if isinstance(value, dict):
        return {key: _moved(item, folder, tuple(str(key).split(".")) if _like(path, SETS) else (*path, key)) for key, item in value.items()}
    return (folder / value).as_posix() if isinstance(value, str) and any(_like(path, rule) for rule in TABLES) else value


def _like(path: PathKey, rule: tuple[str, ...]) -> bool:
    return len(path) == len(rule) and all(r in ("*", p) for p, r in zip(path, rule, strict=True))
