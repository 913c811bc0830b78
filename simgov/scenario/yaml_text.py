"""YAML 1.2 text to plain data, with the line of every path. Hostile and broken files end in one clear message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from simgov.characters import NOT_ALLOWED, OBEYED, TURNING
from simgov.errors import Problem, ScenarioError, cut
from simgov.files import UnreadableError, content
from simgov.language import Message, message, recognised

LARGEST = 2_000_000  # bytes
MOST_ALIASES = 200
MOST_VALUES = 50_000
DEEPEST = 60  # mappings and lists within each other
HALVES = "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"  # of a surrogate pair
UNREADABLE = re.compile(f"[{OBEYED}{TURNING}\r]|{HALVES}")
WIDE = {"\uff1a": message("':' and a blank"), "\u3000": message("an ordinary blank")}  # what a Chinese keyboard writes, and what was meant
MISTYPED = re.compile("^[^:#'\"\uff1a]*\uff1a|^[ \u3000]*\u3000|[-:,{[]\u3000")  # where such a sign can break the YAML of a line

WRITTEN_WRONGLY = (  # what the YAML reader says
    message("could not find expected ':'"),
    message("but found another document"),
    message("expected '<document start>', but found {found}"),
    message("expected chomping or indentation indicators, but found {found}"),
    message("expected <block end>, but found {found}"),
    message("expected ',' or ']', but got {found}"),
    message("expected ',' or '}}', but got {found}"),
    message("expected alphabetic or numeric character, but found {found}"),
    message("expected the node content, but found {found}"),
    message("found character {given} that cannot start any token"),
    message("found duplicate key {key}, value {second} (original value: {first})"),
    message("found undefined alias {name}"),
    message("found unexpected ':'"),
    message("found unexpected document separator"),
    message("found unexpected end of stream"),
    message("found unknown escape character {given}"),
    message("mapping keys are not allowed here"),
    message("mapping values are not allowed here"),
    message("sequence entries are not allowed here"),
)

KINDS = {  # what a value with a tag must be; the first of each is the kind of node
    "map": ("MappingNode", message("a mapping")),
    "seq": ("SequenceNode", message("a list")),
    "str": ("ScalarNode", message("a text")),
    "int": ("ScalarNode", message("a whole number")),
    "float": ("ScalarNode", message("a number")),
    "bool": ("ScalarNode", message("true or false")),
    "null": ("ScalarNode", message("nothing")),
    "timestamp": ("ScalarNode", message("a date")),
    "merge": ("ScalarNode", message("a text")),
    "value": ("ScalarNode", message("a text")),
}
TAG = "tag:yaml.org,2002:"
NOTHING = ("", "~", "null", "Null", "NULL")


class Mark(NamedTuple):
    """Where something is written; `wide`: the full-width sign that stands in it, in `wide_line`."""

    file: str
    line: int
    column: int = 0
    wide: str = ""
    wide_line: int = 0


Marks = dict[tuple[str | int, ...], Mark]  # by path


def read(path: Path) -> tuple[dict[str, Any], Marks]:
    """The data of a YAML file, tags of values and all, and where each path stands in it. Raises ScenarioError."""
    name = str(path)
    text = decoded(path, LARGEST)
    data, node = _parsed(text, name)
    if node is None:
        raise _fail(name, 0, message("is empty; `simgov schema` shows what a scenario may say"))
    lines = text.splitlines()
    if not isinstance(data, dict):
        place = _mark_of(node, node, name, lines)
        raise ScenarioError([_located(Problem((), message("must be a mapping with keys such as schema, period and levels")), place)])
    marks: Marks = {(): Mark(name, 1)}
    try:
        _mark(node, (), name, lines, marks, [0])
    except RecursionError:
        raise _fail(name, 0, message("has an alias (*name) that contains itself")) from None
    return data, marks


def value(text: str) -> Any:
    """A single YAML value, as behind `--set path=`. Raises ScenarioError."""
    return _parsed(text, "")[0]


def placed(problem: Problem, marks: Marks) -> Problem:
    """A problem with the file and line of its path, or of the nearest mapping above it; and with the full-width sign that may be to blame."""
    mark = None if problem.line else mark_of(problem.path, marks)
    return problem if mark is None else _located(problem, mark)


def mark_of(path: tuple[str | int, ...], marks: Marks) -> Mark | None:
    """Where a path is written, or else the nearest mapping above it."""
    return next((marks[path[:n]] for n in range(len(path), -1, -1) if path[:n] in marks), None)


def unreadable(text: str) -> Message | None:
    """Why a text of a file or a program is not taken: half a surrogate pair, a control character, or a sign that turns the direction of reading round."""
    bad = UNREADABLE.search(text)
    return Message(NOT_ALLOWED, {"code": ord(bad[0])}) if bad else None


# ── parsing ─────────────────────────────────────────────────────────────────────────────────────────


def _parsed(text: str, name: str) -> tuple[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    yaml = YAML(typ="safe", pure=True)
    yaml.Parser, yaml.Constructor = _classes()
    try:
        node = yaml.compose(text)
        return (None, None) if node is None else (yaml.constructor.construct_document(node), node)
    except _UnfitError as error:
        raise _fail(name, error.line if name else 0, error.args[0]) from None
    except MarkedYAMLError as error:
        raise ScenarioError([_syntax(error, text, name)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _fail(name, line if name else 0, _not_yaml(Message(NOT_ALLOWED, {"code": ord(text[error.position])}))) from None
    except (YAMLError, ValueError) as error:
        raise _fail(name, 0, _not_yaml(recognised(" ".join(str(error).split()), WRITTEN_WRONGLY))) from None
    except RecursionError:
        raise _fail(name, 0, message("is nested too deeply")) from None


class _UnfitError(Exception):
    """Something that YAML allows and a scenario does not: the argument says what, `line` where."""

    def __init__(self, why: Message, node: Any):
        super().__init__(why)
        self.line = node.start_mark.line + 1


@cache
def _classes() -> tuple[type, type]:
    """A parser that stops where there is too much, and a constructor that takes values as they are meant. Made when first needed: the import is slow."""
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.parser import Parser

    class Bounded(Parser):
        """Counts what it reads, so that a file that is far too large is refused at once and not after it has been read."""

        def reset_parser(self) -> None:
            super().reset_parser()
            self.values = self.aliases = self.depth = 0

        def get_event(self) -> Any:
            event = super().get_event()
            kind = type(event).__name__
            opens = kind in ("MappingStartEvent", "SequenceStartEvent")
            self.values += opens or kind in ("ScalarEvent", "AliasEvent")
            self.aliases += kind == "AliasEvent"
            self.depth += opens - (kind in ("MappingEndEvent", "SequenceEndEvent"))
            if self.aliases > MOST_ALIASES:
                raise _UnfitError(message("more than {most} aliases (*name); write the values out", most=MOST_ALIASES), event)
            if self.values > MOST_VALUES:
                raise _UnfitError(message("has more than {most:,} values; large tables belong into CSV files", most=MOST_VALUES), event)
            if self.depth > DEEPEST:
                raise _UnfitError(message("is nested too deeply"), event)
            if getattr(event, "version", None) not in (None, (1, 2)):
                raise _UnfitError(_not_yaml(message("%YAML must be 1.2; leave the line out")), event)
            return event

    class Plain(SafeConstructor):
        """Leaves dates as text, so that an impossible one gets our message and its line; looks at what was written as an escape, too."""

        def construct_object(self, node: Any, deep: bool = False) -> Any:
            _check(node)
            try:
                return super().construct_object(node, deep)
            except (IndexError, KeyError, ValueError, OverflowError):  # of a number or mark with a tag that does not fit it
                raise _does_not_fit(node) from None

        def construct_scalar(self, node: Any) -> Any:
            if why := unreadable(node.value):
                raise _UnfitError(_not_yaml(why), node)
            if not node.value.isascii():
                node.value = node.value.encode("utf-16", "surrogatepass").decode("utf-16")  # joins surrogate pairs, as JSON writers leave them
            return super().construct_scalar(node)

    for tag in ("timestamp", "merge", "value"):
        Plain.add_constructor(TAG + tag, SafeConstructor.construct_yaml_str)
    return Bounded, Plain


def _check(node: Any) -> None:
    """Whether a node is of the kind that its tag says, and its keys can be those of a scenario."""
    tag = str(node.tag).removeprefix(TAG)
    if tag not in KINDS:
        raise _UnfitError(_not_yaml(message("the tag {tag!r} is not known here; write the value without it", tag=cut(str(node.tag)))), node)
    if type(node).__name__ != KINDS[tag][0] or (tag == "null" and node.value not in NOTHING):
        raise _does_not_fit(node)
    for key, _ in node.value if tag == "map" else ():
        kind = str(key.tag).removeprefix(TAG)
        if type(key).__name__ != "ScalarNode":
            raise _UnfitError(message("a key must be a plain text"), key)
        if kind in ("bool", "null") or (kind == "float" and key.value.lower().endswith("nan")):
            raise _UnfitError(message("a key must be a plain text; write '{given}' in quotes", given=cut(key.value)), key)


def _does_not_fit(node: Any) -> _UnfitError:
    tag = str(node.tag).removeprefix(TAG)
    given = message("'{given}'", given=cut(node.value)) if isinstance(node.value, str) else KINDS["map" if type(node).__name__ == "MappingNode" else "seq"][1]
    if tag in ("int", "float") and isinstance(node.value, str) and len(node.value) > 1000:
        return _UnfitError(message("a number of hundreds of digits is surely a slip"), node)
    return _UnfitError(_not_yaml(message("must be {allowed} (!!{tag}), got {given}", allowed=KINDS[tag][1], tag=tag, given=given)), node)


def _syntax(error: Any, text: str, name: str) -> Problem:
    """What the YAML reader says, at the line that it says it of; or at that of a full-width sign which is to blame for it."""
    marks = [mark.line for mark in (error.context_mark, error.problem_mark) if mark]
    said = cut(" ".join((error.problem or str(error)).split()).replace(" with value", ", value"), 200)
    problem = Problem((), _not_yaml(recognised(said, WRITTEN_WRONGLY)))
    if not name:
        return problem
    sign, line = _wide(text.splitlines(), max(0, min(marks, default=0) - 1), max(marks, default=-1), MISTYPED)
    return _located(problem, Mark(name, marks[-1] + 1 if marks else 0, 0, sign, line))


def _not_yaml(why: Message) -> Message:
    return message("not YAML: {why}", why=why)


def _fail(name: str, line: int, message: str) -> ScenarioError:
    return ScenarioError([Problem((), message, name, line)])


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


def decoded(path: Path, largest: int) -> str:
    """The text of a regular UTF-8 file of at most so many bytes. Raises ScenarioError."""
    name = str(path)
    try:
        raw = content(path, largest)
    except UnreadableError as error:
        raise _fail(name, 0, error.args[0]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fail(name, line, message("is not UTF-8: byte 0x{byte:02x}; save the file as UTF-8", byte=raw[error.start])) from None


# ── where it stands ─────────────────────────────────────────────────────────────────────────────────


def _mark(node: Any, path: tuple[str | int, ...], name: str, lines: list[str], marks: Marks, budget: list[int]) -> None:
    budget[0] += 1
    if budget[0] > MOST_VALUES:  # aliases share nodes: the tree of paths may be far larger than the file
        raise _fail(name, 0, message("has more than {most:,} values once its aliases are written out", most=MOST_VALUES))
    for step, first, item in _items(node):
        marks[(*path, step)] = _mark_of(first, item, name, lines)
        _mark(item, (*path, step), name, lines, marks, budget)


def _items(node: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """(key or number, the node where it begins, its value) of a mapping or list."""
    kind = type(node).__name__
    if kind == "MappingNode":
        yield from ((key.value, key, value) for key, value in node.value)
    elif kind == "SequenceNode":
        yield from ((number, value, value) for number, value in enumerate(node.value))


def _mark_of(first: Any, item: Any, name: str, lines: list[str]) -> Mark:
    sign, line = "", 0
    for node in (first, item):
        if not sign and type(node).__name__ == "ScalarNode" and not node.style and any(sign in node.value for sign in WIDE):
            sign, line = _wide(lines, node.start_mark.line, node.end_mark.line)
    return Mark(name, first.start_mark.line + 1, first.start_mark.column, sign, line)


def _wide(lines: list[str], first: int, last: int, where: re.Pattern[str] = re.compile("")) -> tuple[str, int]:
    """The first full-width sign outside comments of some lines, counted from 0, and its line, counted from 1; of lines like `where`."""
    for number, line in enumerate(lines[first : last + 1], first + 1):
        if where.search(line) and (sign := next((sign for sign in line.partition(" #")[0] if sign in WIDE), "")):
            return sign, number
    return "", 0


def _located(problem: Problem, mark: Mark) -> Problem:
    if not mark.wide:
        return replace(problem, file=mark.file, line=mark.line)
    why = message("{why}; in this line stands a full-width '{sign}' (U+{code:04X}) where YAML wants {plain}", why=problem.message, sign=mark.wide, code=ord(mark.wide), plain=WIDE[mark.wide])
    return replace(problem, message=why, file=mark.file, line=mark.wide_line)
