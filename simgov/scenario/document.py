"""What a file says, made plain once: data without tags, and by path what the tags said and where each thing is written.

Everything that follows (merging with a base, changes, settings, models) reads plain data, so a value means the same with a
tag and without. What is set by path takes its tags along to that path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from simgov.errors import Problem, ScenarioError
from simgov.language import message
from simgov.scenario import yaml_text
from simgov.scenario.origins import Origin, PathKey, put_on, take_off
from simgov.scenario.yaml_text import Marks, unreadable


@dataclass(frozen=True)
class Document:
    """`problems`: what is wrong with the tags, each at the path of its value."""

    data: dict[str, Any]
    origins: dict[PathKey, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    marks: Marks = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Document:
        """Of a YAML file. Raises ScenarioError."""
        if why := unreadable(path.name):
            raise ScenarioError([Problem((), message("cannot be read: in its name {why}; rename the file", why=why), path.name)])
        return cls.of(*yaml_text.read(path))

    @classmethod
    def of(cls, data: Mapping[str, Any], marks: Marks | None = None) -> Document:
        """Of data as a YAML file would give them. Raises ScenarioError for texts that are not taken."""
        origins: dict[PathKey, Origin] = {}
        problems: list[Problem] = []
        written: dict[PathKey, PathKey] = {}
        try:
            data = plain(data)
            problems += _unreadable(data, ())
            bare = data if problems else take_off(data, (), origins, problems, written)
        except RecursionError:
            raise ScenarioError([Problem((), message("is nested too deeply"))]) from None
        if not isinstance(bare, dict):
            problems = [Problem((), message("must be a mapping with keys such as schema, period and levels"))]
        elif bare is not data:
            return cls(bare, origins, problems, _bare_marks(marks or {}, written))
        raise ScenarioError([yaml_text.placed(problem, marks or {}) for problem in problems])

    def tagged(self, below: Callable[[PathKey], bool] = lambda path: True) -> dict[str, Any]:
        """The data with their tags, as a file would have them; only those of paths that `below` chooses."""
        return put_on(self.data, {path: origin for path, origin in self.origins.items() if below(path)})

    def without(self, key: str) -> Document:
        """The same without a key at the top."""
        rest = {name: value for name, value in self.data.items() if name != key}
        return replace(self.cleared([(key,)]), data=rest)

    def cleared(self, gone: Iterable[PathKey]) -> Document:
        """The same without what is known of these paths and of what lies below them."""
        paths = set(gone)

        def stays(path: PathKey) -> bool:
            return not any(path[:n] in paths for n in range(len(path) + 1))

        return replace(
            self,
            origins={path: origin for path, origin in self.origins.items() if stays(path)},
            problems=[problem for problem in self.problems if stays(problem.path)],
            marks={path: mark for path, mark in self.marks.items() if stays(path)},
        )

    def part(self, path: PathKey) -> Document:
        """What stands at a path, as data of its own: a tag above it speaks for each entry that has none."""
        inside = self.data
        for step in path:
            inside = inside.get(step) if isinstance(inside, dict) else None
        entries = inside if isinstance(inside, dict) else {}
        above = next((self.origins[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.origins), None)
        found = {(key,): above for key in entries} if above else {}
        found |= {known[len(path) :]: origin for known, origin in self.origins.items() if known[: len(path)] == path and len(known) > len(path)}
        return Document(entries, found)


def plain(value: Any) -> Any:
    """A copy as a file would give it: dates as text, and no two places share a mapping, or aliases would change together."""
    if isinstance(value, Mapping):
        return {plain(key) if isinstance(key, date) else key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _bare_marks(marks: Marks, written: dict[PathKey, PathKey]) -> Marks:
    """Marks by the paths that are left when tags are off; `written`: where each value with a tag stands in the file."""
    if not written:
        return marks
    found = dict(marks)
    tagged = {there: now for now, there in written.items()}
    for path, mark in marks.items():
        depth = next((n for n in range(len(path) - 1, 0, -1) if path[:n] in tagged), 0)
        if depth:
            found.setdefault((*tagged[path[:depth]], *path[depth:]), mark)
    return found


def _unreadable(value: Any, path: PathKey) -> Iterable[Problem]:
    """What cannot be taken of the texts and keys of data."""
    if isinstance(value, str):
        if why := unreadable(value):
            yield Problem(path, why)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str) and (why := unreadable(key)):
                yield Problem((*path, key), why)
            elif isinstance(key, bool) or not isinstance(key, (str, int, float)) or key != key:
                yield Problem(path, message("keys must be texts; write it in quotes"))
            else:
                yield from _unreadable(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unreadable(item, (*path, number))
