"""What can still be checked of a scenario whose models already complain: the rest, without the branches that are wrong.

So all problems of a file come at once, and none that is only an echo of another.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from simgov.errors import Problem, unknown
from simgov.language import OR, Message, message, recognised, together
from simgov.scenario.fields import Strict, shown
from simgov.scenario.model import Scenario
from simgov.scenario.models import keys_at
from simgov.scenario.paths import NAMED, Path, at, plain

STAND_INS = {
    "schema": 1,
    "period": {"start": "2001-01-01", "end": "2002-01-01"},
    "levels": {},
    "teams": {},
    "classes": {},
    "stages": {},
}
WORDS = {
    "levels": ("level",),
    "calendars": ("calendar",),
    "profiles": ("profile",),
    "teams": ("team",),
    "classes": ("class",),
    "stages": ("stage", "outcome", "answer"),
    "ends": ("outcome", "stage or end"),
}


def modelled(data: dict[str, Any]) -> tuple[Scenario, list[Problem], list[Path]]:
    """The models of the data, what they complain about, and the branches that had to be left out for it."""
    context = {"classes": list(data["classes"]) if isinstance(data.get("classes"), dict) else []}
    problems: list[Problem] = []
    dropped: list[Path] = []
    rest = data
    while True:
        try:
            return Scenario.model_validate(rest, context=context), problems, dropped
        except ValidationError as error:
            errors = error.errors(include_input=False, include_url=False)
        if not dropped:
            problems = told(errors, data)
            rest = plain(data)
        for path in dict.fromkeys(_cut(e, rest) for e in errors):
            _remove(rest, path)
            dropped.append(path)


def is_echo(problem: Problem, dropped: list[Path]) -> bool:
    """Whether a problem may only be there because branches were left out."""
    if () in dropped:
        return True
    sections = {path[0] for path in dropped if len(path) == 1}
    names = {path[1] for path in dropped if len(path) == 2 and path[0] in NAMED}
    if problem.path and (problem.path[0] in sections or problem.path[:2] in {path[:2] for path in dropped}):
        return True
    if any(f"'{name}'" in problem.message for name in names):
        return True
    if any(problem.message.startswith(f"unknown {word} ") for section in sections for word in WORDS.get(section, ())):
        return True
    parts = {path[0] for path in dropped}
    return (
        (len(problem.path) == 1 and problem.path[0] in parts)
        or ("stages" in parts and " leave" in problem.message)
        or ("levels" in parts and problem.path[:1] == ("levels",))
        or ("period" in parts and "2001-01-01" in problem.message)
        or any({part, "nodes"} & parts and f"needs {part}" in problem.message for part in ("residents", "firms"))
    )


def _cut(error: Any, data: Any) -> Path:
    """The smallest branch whose removal takes an error away."""
    path = real_path(error["loc"], data)
    if error["type"] == "missing" and not path:
        return (str(error["loc"][-1]),)
    for depth, step in enumerate(path):  # entries of a list have no names: the list goes as a whole
        if isinstance(step, int) and path[0] != "targets":
            return path[:depth]
    return path[:2] if path[:1] == ("targets",) else path


def _remove(data: dict[str, Any], path: Path) -> None:
    if len(path) == 1 and path[0] in STAND_INS:
        data[path[0]] = plain(STAND_INS[path[0]])
    elif path:
        above = at(data, path[:-1])
        if isinstance(above, dict):
            above.pop(path[-1], None)
        elif isinstance(above, list) and isinstance(path[-1], int) and path[-1] < len(above):
            above[path[-1]] = {"measure": "collected", "value": 0}  # keeps the numbers of the other targets
    else:
        data.clear()
        data.update(plain(STAND_INS))


# ── words ───────────────────────────────────────────────────────────────────────────────────────────

PLAIN = {
    "dict_type": message("a mapping"),
    "list_type": message("a list"),
    "string_type": message("a text"),
    "bool_type": message("true or false"),
    "bool_parsing": message("true or false"),
    "int_type": message("a whole number"),
    "int_parsing": message("a whole number"),
}
RULES = (  # of pydantic, after "Input should" has become "must"
    message("must be greater than {least}"),
    message("must be greater than or equal to {least}"),
    message("must be less than {most}"),
    message("must be less than or equal to {most}"),
    message("must be a valid number"),
    message("must be a valid number, unable to parse string as a number"),
    message("must be a valid string"),
    message("must be a valid tuple"),
    message("List should have at least {least} item after validation, not {n}"),
    message("List should have at least {least} items after validation, not {n}"),
    message("List should have at most {most} items after validation, not {n}"),
    message("Dictionary should have at least {least} item after validation, not {n}"),
    message("Tuple should have at most {most} items after validation, not {n}"),
    message("Field required"),
)


def told(errors: list[Any], data: Any, top: type[Strict] = Scenario) -> list[Problem]:
    """Errors of the model `top` in the user's words. Of a value that may be of several types the nearest one speaks."""
    if not isinstance(data.get("classes"), dict):  # then a map by class cannot be told from other mappings
        errors = [error for error in errors if error["loc"][0] != "stages" or len(error["loc"]) < 3]
    paths = [real_path(error["loc"], data) for error in errors]
    spoken = {path for path, error in zip(paths, errors, strict=True) if error["type"] == "simgov"}
    types: dict[Path, list[str]] = {}
    for path, error in zip(paths, errors, strict=True):
        if error["type"] in PLAIN and error["loc"][-1:] != ("[key]",):
            types.setdefault(path, []).append(PLAIN[error["type"]])
    problems = []
    for path, error in zip(paths, errors, strict=True):
        if path in types and error["type"] in PLAIN and path in spoken:
            continue
        if path in types and any(len(other) > len(path) and other[: len(path)] == path for other in paths):
            continue
        if path in types and error["type"] in PLAIN:
            kinds = together(dict.fromkeys(types[path]), OR)
            problems.append(Problem(path, message("must be {allowed}, got {given}", allowed=kinds, given=shown(at(data, path)))))
        else:
            problems.append(_translated(error, path, data, top))
    return list(dict.fromkeys(problems))


def _translated(error: Any, path: Path, data: Any, top: type[Strict]) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    given = shown(at(data, path))
    if kind == "simgov":
        return Problem(path, context["message"])
    if mistaken := _mistaken_for_an_outcome(path, data):
        return mistaken
    if kind == "extra_forbidden":
        classes = [*data["classes"], "other"] if _by_class(path) and isinstance(data.get("classes"), dict) else []
        return Problem(path, unknown("key", path[-1], [*keys_at(error["loc"][:-1], top), *classes]))
    if kind == "missing":
        return Problem((*path, str(error["loc"][-1])), message("is required"))
    if kind == "invalid_key" or error["loc"][-1:] == ("[key]",):
        return Problem(path, message("keys must be texts; write it in quotes"))
    if kind == "literal_error":
        return Problem(path, message("must be {allowed}, got {given}", allowed=_choices(context["expected"]), given=given))
    return Problem(path, message("{rule}, got {given}", rule=recognised(error["msg"].replace("Input should", "must"), RULES), given=given))


def _choices(expected: str) -> Message:
    """The words that are allowed, which pydantic joins: 'fit', 'soft' or 'check'."""
    words = re.findall(r"'[^']*'|[^\s,]+", expected.replace(" or ", ", "))
    said = together([together(words[:-1]), words[-1]] if words[1:] else words, OR)
    return said if said == expected else Message(expected)


def _by_class(path: Path) -> bool:
    return len(path) == 4 and path[0] == "stages"


def _mistaken_for_an_outcome(path: Path, data: Any) -> Problem | None:
    """A misspelt class of a map by class of outcomes looks like an outcome with strange fields."""
    if path[2:3] != ("outcomes",) or len(path) < 4 or path[0] != "stages":
        return None
    given = at(data, path[:4])
    known = [name for part in ("stages", "ends", "classes") if isinstance(data.get(part), dict) for name in data[part]]
    if not isinstance(given, dict) or path[3] in (*known, "closed", "never") or {"chance", "solved", "becomes"} & set(given):
        return None
    return Problem(path[:4], unknown("outcome or class", path[3], (*known, "closed", "never", "other")))


def real_path(loc: tuple[str | int, ...], data: Any) -> Path:
    """The path in the file: without the steps that only the models know (short forms, maps by class)."""
    path: list[str | int] = []
    here = data
    for step in loc:
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and isinstance(step, int) and step < len(here)):
            here = here[step]
            path.append(step)
    return tuple(path)

