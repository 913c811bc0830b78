"""Where numbers come from: a value may be written as {value: ..., source | outside | assumption: ...}.

The tags are taken off when the data come in, before anything else reads them (document.py), and kept by path. A tag on a
mapping speaks for everything below it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from simgov import clock
from simgov.errors import Problem, ScenarioError, cut, nearest, unknown
from simgov.files import UnreadableError, content
from simgov.language import LANGUAGES, message, together
from simgov.scenario.yaml_text import LARGEST
from simgov.sheets import Sheet, TableError, Wrong, read
from simgov.sheets.wrong import problem

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


def take_off(value: Any, path: PathKey, origins: dict[PathKey, Origin], problems: list[Problem], written: dict[PathKey, PathKey] | None = None, at: PathKey | None = None) -> Any:
    """The value without tags; what the tags say is added to `origins`, what is wrong with them to `problems`.

    `written` gets, by the path of each value that had a tag, the path at which the value is written (`at`: that of this one).
    """
    at = path if at is None else at
    if is_tagged(value) or (misspelt := _misspelt_tag(value)):
        if is_tagged(value):
            _read_tag(value, path, origins, problems)
        else:
            problems.append(Problem((*path, misspelt), message("unknown key '{name}' of a tagged value; {hint}", name=cut(misspelt), hint=nearest(misspelt, TAG_KEYS))))
        if written is not None:
            written[path] = (*at, "value")
        return take_off(value["value"], path, origins, problems, written, (*at, "value"))
    if isinstance(value, dict):
        return {key: take_off(item, (*path, key), origins, problems, written, (*at, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [take_off(item, (*path, i), origins, problems, written, (*at, i)) for i, item in enumerate(value)]
    return value


def _read_tag(value: dict[str, Any], path: PathKey, origins: dict[PathKey, Origin], problems: list[Problem]) -> None:
    kinds = [kind for kind in KINDS if kind in value]
    if len(kinds) != 1:
        problems.append(Problem(path, message("a tagged value needs exactly one of {names}", names=together(KINDS))))
        return
    (says, says_zh), (note, note_zh) = _in_both(value[kinds[0]]), _in_both(value.get("note", ""))
    origin = Origin(kinds[0], says, str(note), bool(value.get("free", False)), says_zh, note_zh)
    problems += _check_range(value["value"], origin, path)
    if not _is_text(value.get("note", "")) or not isinstance(value.get("free", False), bool):
        problems.append(Problem(path, message("of a tagged value, note must be a text (or {en: ..., zh: ...}) and free must be true or false")))
    origins[path] = origin


def put_on(value: Any, origins: Mapping[PathKey, Origin], path: PathKey = ()) -> Any:
    """The other way round: the value with a tag wherever an origin is known."""
    if isinstance(value, dict):
        value = {key: put_on(item, origins, (*path, key)) for key, item in value.items()}
    elif isinstance(value, list):
        value = [put_on(item, origins, (*path, i)) for i, item in enumerate(value)]
    if (origin := origins.get(path)) is None:
        return value
    note = _from_both(origin.note, origin.note_zh)
    return {"value": value, origin.kind: _from_both(origin.says, origin.says_zh), **({"note": note} if note else {}), **({"free": True} if origin.free else {})}


def _from_both(text: Any, chinese: str) -> Any:
    return {"en": text, "zh": chinese} if chinese else text


def in_order(data: Any, origins: Mapping[PathKey, Origin], path: PathKey = ()) -> dict[PathKey, Origin]:
    """The origins of what is in the data, in the order of the data."""
    found: dict[PathKey, Origin] = {}
    _gather(data, origins, path, found)
    return found


def _gather(data: Any, origins: Mapping[PathKey, Origin], path: PathKey, found: dict[PathKey, Origin]) -> None:
    if path in origins:
        found[path] = origins[path]
    for step, item in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        _gather(item, origins, (*path, step), found)


def _check_range(value: Any, origin: Origin, path: PathKey) -> list[Problem]:
    says = origin.says
    if origin.kind != "assumption":
        ok = isinstance(says, str) or (isinstance(says, list) and all(isinstance(s, str) for s in says))
        return [] if ok and says else [Problem(path, message("{kind} must be a text or a list of texts, got {says}", kind=origin.kind, says=cut(repr(says), 200)))]
    amount = _amount(value)
    if amount is None:
        return [] if says and not isinstance(says, dict) else [Problem(path, message("assumption must give a range or a reason"))]
    if not (isinstance(says, list) and len(says) == 2 and None not in map(_amount, says)):
        return [Problem(path, message("assumption must be a range [low, high] in the unit of the value, got {says}", says=cut(repr(says), 200)))]
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
    """A table of facts by id (columns id, phrase and what else there is). Raises ScenarioError."""
    return {row["id"]: row for row in facts_in(path).rows}


def facts_in(path: Path) -> Sheet:
    """The same as a sheet, with what was taken for what. Raises ScenarioError."""
    try:
        sheet = read(content(path, LARGEST), ("id", "phrase"))
    except UnreadableError as error:
        raise ScenarioError([problem(("facts",), path, 0, error.args[0])]) from None
    except TableError as error:
        raise ScenarioError([problem(("facts",), path, line, said) for line, said in error.wrong]) from None
    wrong, lines = Wrong(), {}
    if sheet.rows and "id" not in sheet.columns:
        wrong.add(1, message("has no column 'id'"))
    for line, row in zip(sheet.lines, sheet.rows, strict=True) if not wrong else ():
        if not row["id"]:
            wrong.add(line, message("the fact has no id"))
        elif row["id"] in lines:
            wrong.add(line, message("fact '{name}' stands in line {line} already", name=row["id"], line=lines[row["id"]]))
        lines[row["id"]] = line
    if wrong:
        raise ScenarioError([problem(("facts",), path, line, said) for line, said in wrong.told()])
    return sheet


def check_facts(origins: dict[PathKey, Origin], facts: dict[str, dict[str, str]]) -> list[Problem]:
    """A problem for every `source` that is no known fact."""
    problems = []
    for path, origin in origins.items():
        says = origin.says if isinstance(origin.says, list) else [origin.says]
        ids = [i for i in says if isinstance(i, str)] if origin.kind == "source" else []
        problems += [Problem(path, unknown("fact", i, facts)) for i in ids if i not in facts]
    return problems
