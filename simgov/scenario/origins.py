"""Where numbers come from: a value may be written as {value: ..., source | outside | assumption: ...}.

The tags are taken off before anything else reads the scenario, and kept by path. A tag on a mapping
speaks for everything below it.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from simgov import clock
from simgov.errors import Problem, ScenarioError, in_full, nearest, unknown
from simgov.language import LANGUAGES, message, together
from simgov.scenario.yaml_text import LARGEST, decoded

KINDS = ("source", "outside", "assumption")
TAG_KEYS = {"value", "note", "free", *KINDS}
PathKey = tuple[str | int, ...]


@dataclass(frozen=True)
class Origin:
    """`kind` is source (a fact id), outside (a reference) or assumption (a range or a reason).

    Note and reason are English, or a text that serves for both languages; `note_zh` and `says_zh` are their Chinese where the file gives it.
    """

    kind: str
    says: Any
    note: str = ""
    free: bool = False
    says_zh: str = ""
    note_zh: str = ""

    def reason(self, lang: str = "en") -> Any:
        """What it says: ids, a range, or a reason in that language."""
        return self.says_zh if lang == "zh" and self.says_zh else self.says

    def noted(self, lang: str = "en") -> str:
        """Its note in that language."""
        return self.note_zh if lang == "zh" and self.note_zh else self.note


def as_data(origins: Mapping[PathKey, Origin]) -> list[dict[str, Any]]:
    """As plain data, for a file; `from_data` is the other way round."""
    return [{"path": list(path), **asdict(origin)} for path, origin in origins.items()]


def from_data(rows: Iterable[Mapping[str, Any]]) -> dict[PathKey, Origin]:
    return {tuple(row["path"]): Origin(row["kind"], row["says"], row["note"], row["free"], row.get("says_zh", ""), row.get("note_zh", "")) for row in rows}


def _is_text(value: Any) -> bool:
    """A text that serves for both languages, or one for each of them as titles and labels have it."""
    return isinstance(value, str) or (isinstance(value, dict) and bool(value) and set(value) <= {*LANGUAGES} and all(isinstance(text, str) for text in value.values()))


def _in_both(value: Any) -> tuple[Any, str]:
    """English, and Chinese where it is given; anything else stays what it is."""
    if not (isinstance(value, dict) and _is_text(value)):
        return value, ""
    chinese = value.get("zh", "")
    return value.get("en") or chinese, chinese


def is_tagged(value: Any) -> bool:
    return isinstance(value, dict) and "value" in value and set(value) <= TAG_KEYS and len(value) > 1


def _misspelt_tag(value: Any) -> str | None:
    """The first unknown key of a mapping that is meant as a tagged value: it has `value`, and a key much like a tag."""
    if not isinstance(value, dict) or "value" not in value or "measure" in value:
        return None
    unknown = [key for key in value if isinstance(key, str) and key not in TAG_KEYS]
    meant = len(value) > len(unknown) + 1 or any(difflib.get_close_matches(key, TAG_KEYS, 1, 0.6) for key in unknown)
    return unknown[0] if unknown and meant else None


def take_off(value: Any, path: PathKey, origins: dict[PathKey, Origin], problems: list[Problem]) -> Any:
    """The value without tags; what the tags say is added to `origins`, what is wrong with them to `problems`."""
    if is_tagged(value):
        kinds = [kind for kind in KINDS if kind in value]
        if len(kinds) != 1:
            problems.append(Problem(path, message("a tagged value needs exactly one of {names}", names=together(KINDS))))
        else:
            (says, says_zh), (note, note_zh) = _in_both(value[kinds[0]]), _in_both(value.get("note", ""))
            origin = Origin(kinds[0], says, str(note), bool(value.get("free", False)), says_zh, note_zh)
            problems += _check_range(value["value"], origin, path)
            if not _is_text(value.get("note", "")) or not isinstance(value.get("free", False), bool):
                problems.append(Problem(path, message("of a tagged value, note must be a text (or {en: ..., zh: ...}) and free must be true or false")))
            origins[path] = origin
        return take_off(value["value"], path, origins, problems)
    if misspelt := _misspelt_tag(value):
        problems.append(Problem((*path, misspelt), message("unknown key '{name}' of a tagged value; {hint}", name=misspelt, hint=nearest(misspelt, TAG_KEYS))))
        return take_off(value["value"], path, origins, problems)
    if isinstance(value, dict):
        return {key: take_off(item, (*path, key), origins, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [take_off(item, (*path, i), origins, problems) for i, item in enumerate(value)]
    return value


def _check_range(value: Any, origin: Origin, path: PathKey) -> list[Problem]:
    says = origin.says
    if origin.kind != "assumption":
        ok = isinstance(says, str) or (isinstance(says, list) and all(isinstance(s, str) for s in says))
        return [] if ok and says else [Problem(path, message("{kind} must be a text or a list of texts, got {says!r}", kind=origin.kind, says=says))]
    amount = _amount(value)
    if amount is None:
        return [] if says and not isinstance(says, dict) else [Problem(path, message("assumption must give a range or a reason"))]
    if not (isinstance(says, list) and len(says) == 2 and None not in map(_amount, says)):
        return [Problem(path, message("assumption must be a range [low, high] in the unit of the value, got {says!r}", says=says))]
    low, high = map(_amount, says)
    if not low <= amount <= high:
        return [Problem(path, message("{value} lies outside its own range {low} to {high}", value=value, low=says[0], high=says[1]))]
    return []


def _amount(value: Any) -> float | None:
    """A number, or the seconds of a duration; None for anything else."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        return float(clock.seconds(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def origin_of(path: PathKey, origins: dict[PathKey, Origin]) -> Origin | None:
    """What is known about the origin of a path: its own tag, or that of the nearest mapping above it."""
    for length in range(len(path), -1, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return None


def read_facts(path: Path) -> dict[str, dict[str, str]]:
    """A CSV table of facts by id (columns id, phrase and what else there is). Raises ScenarioError."""
    try:
        rows = list(csv.DictReader(StringIO(decoded(path, LARGEST), newline="")))
    except ScenarioError as error:
        raise ScenarioError([replace(problem, path=("facts",)) for problem in error.problems]) from None
    except csv.Error as error:
        raise ScenarioError([Problem(("facts",), message("is no CSV: {why}", why=in_full(error)), str(path))]) from None
    if rows and "id" not in rows[0]:
        raise ScenarioError([Problem(("facts",), message("has no column 'id'"), str(path), 1)])
    return {row["id"]: row for row in rows}


def check_facts(origins: dict[PathKey, Origin], facts: dict[str, dict[str, str]]) -> list[Problem]:
    """A problem for every `source` that is no known fact."""
    problems = []
    for path, origin in origins.items():
        says = origin.says if isinstance(origin.says, list) else [origin.says]
        ids = [i for i in says if isinstance(i, str)] if origin.kind == "source" else []
        problems += [Problem(path, unknown("fact", i, facts)) for i in ids if i not in facts]
    return problems
