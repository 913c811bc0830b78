"""From a YAML file to a `Scenario`: extends, changes, settings, tables, and all problems at once."""

from __future__ import annotations

import copy
import csv
import re
import types
import typing
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from simgov.clock import second_of
from simgov.errors import Problem, ScenarioError, dotted, nearest
from simgov.scenario import origins, yaml_text
from simgov.scenario.check import check
from simgov.scenario.fields import OTHER, shown
from simgov.scenario.model import Scenario, Window
from simgov.scenario.yaml_text import Marks

NAMED = ("levels", "calendars", "profiles", "teams", "classes", "ends", "stages", "changes")
STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def load(
    path: str | Path, settings: Mapping[str, Any] | Iterable[str] = (), changes: Iterable[str] = ()
) -> Scenario:
    """Read a scenario file.

    `settings` are values by path (`{"teams.grid_worker.people": 2}`, or texts `path=value`), `changes` the
    names of changes of the file to put in force. Raises ScenarioError with every problem of the file.
    """
    path = Path(path)
    data, marks = _read_with_base(path, ())
    return build(data, settings, changes, name=path.stem, folder=path.parent, marks=marks)


def build(
    data: Mapping[str, Any],
    settings: Mapping[str, Any] | Iterable[str] = (),
    changes: Iterable[str] = (),
    *,
    name: str = "scenario",
    folder: str | Path = ".",
    marks: Marks | None = None,
) -> Scenario:
    """The same from plain data (a dict as the YAML would give it)."""
    marks = marks or {}
    try:
        return _resolve(dict(data), _settings(settings), list(changes), name, Path(folder))
    except ScenarioError as error:
        raise ScenarioError(sorted((_located(p, marks) for p in error.problems), key=lambda p: (p.file, p.line))) from None


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


def _read_with_base(path: Path, below: tuple[Path, ...]) -> tuple[dict[str, Any], Marks]:
    here = path.resolve()
    if here in below:
        chain = " -> ".join(p.name for p in (*below, here))
        raise ScenarioError([Problem(("extends",), f"goes round in a circle: {chain}", str(path))])
    data, marks = yaml_text.read(path)
    base_name = data.pop("extends", None)
    if base_name is None:
        return data, marks
    if not isinstance(base_name, str):
        raise ScenarioError([Problem(("extends",), f"must be the name of a file, got {shown(base_name)}", str(path))])
    base, base_marks = _read_with_base(path.parent / base_name, (*below, here))
    return _merged(base, data), {**base_marks, **marks}


def _merged(base: Any, over: Any) -> Any:
    """Mappings are merged key by key, null removes a key, anything else replaces."""
    if not isinstance(base, dict) or not isinstance(over, dict) or origins.is_tagged(base) or origins.is_tagged(over):
        return over
    result = {key: value for key, value in base.items() if not (key in over and over[key] is None)}
    for key, value in over.items():
        if value is not None:
            result[key] = _merged(base[key], value) if key in base else value
    return result


def _settings(settings: Mapping[str, Any] | Iterable[str]) -> dict[str, Any]:
    if isinstance(settings, Mapping):
        return dict(settings)
    found = {}
    for text in settings:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            raise ScenarioError([Problem((), f"a setting is path=value, such as teams.grid_worker.people=2, got '{text}'")])
        found[path.strip()] = _yaml_value(value)
    return found


def _yaml_value(text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ScenarioError([Problem((), f"not a YAML value: '{text}' ({' '.join(str(error).split())[:80]})")]) from None


# ── resolving ───────────────────────────────────────────────────────────────────────────────────────


def _resolve(raw: dict[str, Any], settings: dict[str, Any], chosen: list[str], name: str, folder: Path) -> Scenario:
    raw = copy.deepcopy(raw)
    changes, applied = _choose(raw, chosen)
    if chosen:
        raw["apply"] = applied
    lasting = {c: changes[c] for c in applied if not changes[c].get("window")}
    windowed = {c: changes[c] for c in applied if changes[c].get("window")}
    spare = {c: changes[c] for c in changes if c not in applied}

    now = {**raw, "apply": list(windowed)} if applied else raw  # what has been applied need not be applied again
    for label, change in lasting.items():
        now = _with(now, change.get("set") or {}, ("changes", label, "set"))
    now = _with(now, settings, ())
    scenario = _validated(now, name, folder)
    for label, change in spare.items():  # what is not in force must still be sound
        _try(now, change, label, name, folder)
    scenario._in_force = tuple(applied)
    scenario._epochs = _epochs(scenario, now, windowed, name, folder)
    return scenario


def _choose(raw: dict[str, Any], chosen: list[str]) -> tuple[dict[str, Any], list[str]]:
    """All changes, and the names of those in force: those of `apply`, each replaced by a chosen one of its group."""
    changes = raw.get("changes") or {}
    applied = raw.get("apply") or []
    if not isinstance(changes, dict) or not isinstance(applied, list) or not all(isinstance(c, dict) for c in changes.values()):
        return {}, []  # the models will say what is wrong
    problems = [
        Problem(("apply",) if name in applied else (), f"unknown change '{name}'; {nearest(name, changes)}")
        for name in (*applied, *chosen)
        if name not in changes
    ]
    if problems:
        raise ScenarioError(problems)
    group = {name: changes[name].get("group") or f"only {name}" for name in changes}
    taken = {group[name] for name in chosen}
    applied = [name for name in applied if group[name] not in taken] + list(chosen)
    for name in applied:
        rivals = [other for other in applied if group[other] == group[name]]
        if len(rivals) > 1:
            raise ScenarioError([Problem(("apply",), f"{' and '.join(rivals)} are of one group '{group[name]}'; choose one")])
    return changes, applied


def _with(raw: dict[str, Any], values: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    """A copy of the raw data with values set by path."""
    if not isinstance(values, Mapping):
        raise ScenarioError([Problem(where, f"must be a mapping of paths to values, got {shown(values)}")])
    raw, problems = copy.deepcopy(raw), []
    for path, value in values.items():
        try:
            _set(raw, _steps(str(path)), value)
        except ValueError as error:
            problems.append(Problem((*where, path) if where else (), str(error) if where else f"--set {path}: {error}"))
    if problems:
        raise ScenarioError(problems)
    return raw


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = [name or int(index) for name, index in STEP.findall(path)]
    if not steps or dotted(steps) != path:
        raise ValueError(f"not a path such as teams.grid_worker.people or targets[0].value, got '{path}'")
    return steps


def _set(raw: dict[str, Any], steps: list[str | int], value: Any) -> None:
    classes = raw.get("classes") if isinstance(raw.get("classes"), dict) else {}
    here: Any = raw
    for depth, step in enumerate(steps):
        last = depth == len(steps) - 1
        if isinstance(here, list):
            if not isinstance(step, int) or step >= len(here):
                raise ValueError(f"there is no {dotted(steps[: depth + 1])}; the list has {len(here)} entries")
        elif depth == 0 and step not in Scenario.model_fields and step not in ("schema",):
            raise ValueError(f"there is no '{step}'; {nearest(step, Scenario.model_fields)}")
        elif depth == 1 and steps[0] in NAMED and step not in here and not (last and isinstance(value, dict)):
            raise ValueError(f"there is no '{step}' in {steps[0]}; {nearest(step, here)}")
        if last and value is None and isinstance(here, dict):
            here.pop(step, None)
        elif last:
            here[step] = value
        else:
            child = here[step] if isinstance(here, list) else here.get(step)
            if origins.is_tagged(child):
                child = child["value"]
            if steps[depth + 1] in classes and depth == 2:  # a field by class, still written for all classes
                if not (isinstance(child, dict) and child and all(k in classes or k == OTHER for k in child)):
                    child = {} if child is None else {OTHER: child}
            here[step] = here = child if isinstance(child, (dict, list)) else {}


def _try(raw: dict[str, Any], change: dict[str, Any], label: str, name: str, folder: Path) -> None:
    try:
        _validated(_with(raw, change.get("set") or {}, ("changes", label, "set")), name, folder)
    except ScenarioError as error:
        inside = [p if p.path[:1] == ("changes",) else _under(p, change, label) for p in error.problems]
        raise ScenarioError(inside) from None


def _under(problem: Problem, change: dict[str, Any], label: str) -> Problem:
    """A problem that a change causes, shown at the change."""
    inside = dotted(problem.path)
    path = max((p for p in change.get("set") or {} if inside.startswith(p)), key=len, default="")
    return Problem(("changes", label, "set", path) if path else ("changes", label), f"makes {inside} wrong: {problem.message}")


def _epochs(scenario: Scenario, raw: dict[str, Any], windowed: dict[str, Any], name: str, folder: Path) -> tuple:
    start, horizon = scenario.period.start, scenario.days
    windows = {}
    for label in windowed:
        window = scenario.changes[label].window or Window()
        opens = second_of(window.start or start, start)
        closes = second_of(window.end or start + timedelta(days=horizon), start)
        windows[label] = (max(0, opens), min(closes, horizon * 86_400))
    edges = sorted({0, horizon * 86_400, *(x for a, b in windows.values() if a < b for x in (a, b))})
    epochs = []
    for a, b in zip(edges, edges[1:], strict=False):
        active = [label for label, (opens, closes) in windows.items() if opens <= a < closes]
        if not active:
            epochs.append((a, b, scenario))
            continue
        now = raw
        for label in active:
            now = _with(now, windowed[label].get("set") or {}, ("changes", label, "set"))
        epoch = _validated(now, name, folder)
        for fixed in ("levels", "residents", "firms", "nodes", "period"):
            if getattr(epoch, fixed) != getattr(scenario, fixed):
                raise ScenarioError([Problem(("changes", active[-1]), f"a change with a window cannot change {fixed}")])
        if list(epoch.stages) != list(scenario.stages) or list(epoch.classes) != list(scenario.classes) or list(epoch.teams) != list(scenario.teams):
            raise ScenarioError([Problem(("changes", active[-1]), "a change with a window cannot add or remove stages, classes or teams")])
        epochs.append((a, b, epoch))
    return tuple(epochs)


# ── validating ──────────────────────────────────────────────────────────────────────────────────────


def _validated(raw: dict[str, Any], name: str, folder: Path) -> Scenario:
    problems: list[Problem] = []
    found: dict[origins.PathKey, origins.Origin] = {}
    data = origins.take_off(raw, (), found, problems)
    classes = list(data["classes"]) if isinstance(data.get("classes"), dict) else []
    try:
        scenario = Scenario.model_validate(data, context={"classes": classes})
    except ValidationError as error:
        problems += [_translated(e, data) for e in error.errors(include_input=False, include_url=False)]
        raise ScenarioError(_unique(problems)) from None
    scenario._data, scenario._origins, scenario._name, scenario._folder = data, found, name, str(folder)
    tables, bad = _read_tables(scenario, folder)
    scenario._tables = tables
    problems += bad + check(scenario)
    if scenario.facts:
        problems += origins.check_facts(found, origins.read_facts(folder / scenario.facts))
    if problems:
        raise ScenarioError(_unique(problems))
    return scenario


def _read_tables(scenario: Scenario, folder: Path) -> tuple[dict[str, list[dict[str, str]]], list[Problem]]:
    wanted = {("nodes",): scenario.nodes} if scenario.nodes else {}
    for name, cls in scenario.classes.items():
        if isinstance(cls.arrivals.listed, str):
            wanted[("classes", name, "arrivals", "list")] = cls.arrivals.listed
    tables, problems = {}, []
    for path, file in wanted.items():
        try:
            with (folder / file).open(encoding="utf-8-sig", newline="") as lines:
                tables[file] = [dict(row) for row in csv.DictReader(lines)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            problems.append(Problem(path, f"cannot read the table {folder / file}: {getattr(error, 'strerror', None) or error}"))
    return tables, problems


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


PLAIN = {
    "missing": "is required",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def _translated(error: Any, data: Any) -> Problem:
    path = _real_path(error["loc"], data)
    kind, context = error["type"], error.get("ctx", {})
    given = _at(data, path)
    if kind == "extra_forbidden":
        return Problem(path, f"unknown key '{path[-1]}'; {nearest(path[-1], _known_keys(error['loc'][:-1]))}")
    if kind == "missing":
        return Problem((*path, str(error["loc"][-1])), "is required")
    if kind == "simgov":
        return Problem(path, context["message"])
    if kind == "literal_error":
        return Problem(path, f"must be {context['expected']}, got {shown(given)}")
    if kind in PLAIN:
        return Problem(path, f"{PLAIN[kind]}, got {shown(given)}")
    return Problem(path, f"{error['msg'].replace('Input should', 'must')}, got {shown(given)}".replace("must be", "must be", 1))


def _real_path(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """The path in the file: without the steps that only the models know (short forms, maps by class)."""
    path: list[str | int] = []
    here = data
    for step in loc:
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int) and step < len(here)):
            here = here[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that the model at a place of the scenario knows."""
    models = [Scenario]
    for step in loc:
        inner = [arg for model in models for arg in _inside(model, step)]
        models = inner or models
    return [field.alias or name for model in models for name, field in model.model_fields.items()]


def _inside(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if step in (name, field.alias):
            return _models_in(field.annotation)
    return []


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (dict, list, typing.Union, types.UnionType, typing.Annotated):
        return [model for arg in get_args(annotation) for model in _models_in(arg)]
    return []


def _located(problem: Problem, marks: Marks) -> Problem:
    if problem.line or not marks:
        return problem
    for length in range(len(problem.path), -1, -1):
        if problem.path[:length] in marks:
            file, line = marks[problem.path[:length]]
            return Problem(problem.path, problem.message, file, line)
    return problem
