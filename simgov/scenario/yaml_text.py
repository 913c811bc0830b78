"""YAML 1.2 text to plain data, with the line of every path. Hostile and broken files end in one clear message."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from simgov.errors import Problem, ScenarioError, reason
from simgov.language import message, recognised

LARGEST = 2_000_000  # bytes
MOST_ALIASES = 200
HALVES = "[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]"  # of a surrogate pair
TURNING = "[\u202a-\u202e\u2066-\u2069]"  # they would turn round what is written after them, in every sentence with a label
UNREADABLE = re.compile(f"{HALVES}|{TURNING}")

WRITTEN_WRONGLY = (  # what the YAML reader says
    message("could not find expected ':'"),
    message("but found another document"),
    message("could not convert string to float: {given}"),
    message("could not determine a constructor for the tag {tag}"),
    message("expected '<document start>', but found {found}"),
    message("expected chomping or indentation indicators, but found {found}"),
    message("found unhashable key"),
    message("invalid literal for int() with base 10: {given}"),
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

Marks = dict[tuple[str | int, ...], tuple[str, int, int]]  # path -> (file, line, column)


def read(path: Path) -> tuple[dict[str, Any], Marks]:
    """The data of a YAML file and where each path stands in it. Raises ScenarioError."""
    name = str(path)
    data, node = _parsed(decoded(path, LARGEST), name)
    if node is None:
        raise _fail(name, 0, message("is empty; `simgov schema` shows what a scenario may say"))
    if not isinstance(data, dict):
        raise _fail(name, node.start_mark.line + 1, message("must be a mapping with keys such as schema, period and levels"))
    marks: Marks = {(): (name, 1, 0)}
    try:
        _mark(node, (), name, marks, [0])
    except RecursionError:
        raise _fail(name, 0, message("has an alias (*name) that contains itself")) from None
    return data, marks


def value(text: str) -> Any:
    """A single YAML value, as behind `--set path=`. Raises ScenarioError."""
    return _parsed(text, "")[0]


def _parsed(text: str, name: str) -> tuple[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    class PlainDates(SafeConstructor):
        """Leaves dates as text, so that an impossible one gets our message and its line; looks at what was written as an escape, too."""

        def construct_scalar(self, node: Any) -> Any:
            node.value = _readable(node.value, name, node.start_mark.line + 1 if name else 0)
            return super().construct_scalar(node)

    PlainDates.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = PlainDates
    try:
        if text.count("*") > MOST_ALIASES:
            aliases = [event for event in YAML(typ="safe", pure=True).parse(text) if type(event).__name__ == "AliasEvent"]
            if len(aliases) > MOST_ALIASES:
                raise _fail(name, aliases[MOST_ALIASES].start_mark.line + 1, message("more than {most} aliases (*name); write the values out", most=MOST_ALIASES))
        node = yaml.compose(text)
        return (None, None) if node is None else (yaml.constructor.construct_document(node), node)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join((error.problem or str(error)).split()).replace(" with value", ", value")
        raise _fail(name, mark.line + 1 if mark and name else 0, message("not YAML: {why}", why=recognised(problem, WRITTEN_WRONGLY))) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _fail(name, line if name else 0, message("not YAML: the character U+{code:04X} is not allowed", code=ord(text[error.position]))) from None
    except (YAMLError, ValueError) as error:
        raise _fail(name, 0, message("not YAML: {why}", why=recognised(" ".join(str(error).split()), WRITTEN_WRONGLY))) from None
    except RecursionError:
        raise _fail(name, 0, message("is nested too deeply")) from None


def _readable(text: str, name: str, line: int) -> str:
    """The text with surrogate pairs joined, as JSON writers leave them. Raises ScenarioError for half a pair and for what turns the direction of reading round."""
    if text.isascii():
        return text
    if bad := UNREADABLE.search(text):
        raise _fail(name, line, message("not YAML: the character U+{code:04X} is not allowed", code=ord(bad[0])))
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def decoded(path: Path, largest: int) -> str:
    """The text of a UTF-8 file. Raises ScenarioError."""
    name = str(path)
    try:
        raw = path.read_bytes() if path.stat().st_size <= largest else None
    except (OSError, ValueError) as error:
        raise _fail(name, 0, message("cannot be read: {why}", why=reason(error))) from None
    if raw is None:
        raise _fail(name, 0, message("is larger than {largest} MB; large tables belong into CSV files", largest=largest // 1_000_000))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _fail(name, line, message("is not UTF-8: byte 0x{byte:02x}; save the file as UTF-8", byte=raw[error.start])) from None


def _fail(name: str, line: int, message: str) -> ScenarioError:
    return ScenarioError([Problem((), message, name, line)])


def _mark(node: Any, path: tuple[str | int, ...], name: str, marks: Marks, budget: list[int]) -> None:
    budget[0] += 1
    if budget[0] > 100_000:  # aliases share nodes: the tree of paths may be far larger than the file
        raise _fail(name, 0, message("has more than 100,000 values once its aliases are written out"))
    if type(node).__name__ == "MappingNode":
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key.value, str):
                raise _fail(name, line, message("a key must be a plain text"))
            marks[(*path, key.value)] = (name, line, key.start_mark.column)
            _mark(value, (*path, key.value), name, marks, budget)
    elif type(node).__name__ == "SequenceNode":
        for i, value in enumerate(node.value):
            marks[(*path, i)] = (name, value.start_mark.line + 1, value.start_mark.column)
            _mark(value, (*path, i), name, marks, budget)
