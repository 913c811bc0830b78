"""Which scenarios a check is about: the files that are named, and those that lie in folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from simgov.errors import OutputError, ScenarioError
from simgov.files import UnreadableError, content
from simgov.language import Message, message
from simgov.scenario import Access, Roots, Scenario, load_with
from simgov.scenario.document import Document
from simgov.scenario.yaml_text import LARGEST

OURS = ("schema", "extends")  # keys of a scenario
BESIDE = ("scenario", "points")  # keys of studies, staffing goals and rule sheets, which lie beside scenarios
BROKEN = re.compile(rb"^[\"']?(schema|extends)[\"']?[ \t]*:", re.M)  # in a file that is no YAML


class Given(NamedTuple):
    """A scenario to check. `named`: the file itself was, not only a folder above it."""

    scenario: Scenario
    file: Path
    named: bool


def scenarios(paths: Iterable[Path], tell: Callable[[Message], None], root: Roots = None) -> list[Given]:
    """Every scenario of files and folders, once; `tell` hears of each file of a folder that is none.

    Raises OutputError for a path that is not there, ScenarioError with the problems of all files.
    """
    files: dict[Path, tuple[Path, bool, Access]] = {}
    foreign: dict[Path, Message] = {}
    for path in paths:
        if not path.exists():
            raise OutputError(message("{path}: there is no such file or folder", path=path))
        for file in _below(path) if path.is_dir() else [path]:
            place = file.resolve()
            if file is not path and (why := _no_scenario(file)) is not None:
                foreign[place] = message("{file}: left out: {why}", file=file, why=why)
            elif file is path or not _is_beside(file):
                first, named, access = files.get(place, (file, False, Access.of(path if path.is_dir() else file.parent, root)))
                files[place] = first, named or file is path, access
    for text in foreign.values():
        tell(text)
    return list(_loaded(files.values()))


def _below(folder: Path) -> Iterator[Path]:
    """YAML files in a folder and below it, but for what is hidden."""
    for file in sorted(folder.rglob("*.y*ml")):
        if not file.is_dir() and not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file


def _no_scenario(file: Path) -> Message | None:
    """Why a file is nothing of simgov; None where it is, or is meant to be."""
    if not file.exists():
        return message("a link to nothing")
    try:
        is_ours = any(key in Document.read(file).data for key in OURS)
    except ScenarioError:
        is_ours = _looks_like_one(file)
    return None if is_ours else message("no scenario of simgov: it has no 'schema' at its top level")


def _looks_like_one(file: Path) -> bool:
    try:
        return BROKEN.search(content(file, LARGEST)) is not None
    except UnreadableError:
        return True  # what cannot be read may be one: better told than passed over


def _is_beside(file: Path) -> bool:
    try:
        return any(key in Document.read(file).data for key in BESIDE)
    except ScenarioError:
        return False


def _loaded(files: Iterable[tuple[Path, bool, Access]]) -> Iterator[Given]:
    problems = []
    for file, named, access in files:
        try:
            yield Given(load_with(file, access), file, named)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
