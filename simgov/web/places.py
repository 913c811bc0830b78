"""What can be chosen on the page: scenario files that were named, and those that somebody has uploaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from simgov.errors import Problem, ScenarioError, UsageError
from simgov.files import UnreadableError, content
from simgov.language import message, together
from simgov.scenario import Access, Scenario, load_with, yaml_text
from simgov.scenario.yaml_text import LARGEST

TITLE = re.compile(r"^title:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
UPLOADED = Access(leaves_out=("facts",))  # reads no file, and so nobody looks up whether a fact that is cited is known
LONGEST = 80  # signs of a title
FIRST = "dongxing"  # of those that are shipped: the main case of the README


@dataclass(frozen=True)
class Place:
    """A scenario file, with its title by language."""

    path: Path
    title: tuple[tuple[str, str], ...] = ()
    is_upload: bool = False
    roots: tuple[str, ...] = ()  # folders whose files it may name, beside its own

    @property
    def access(self) -> Access:
        """The files that may be read for it: none, if it was uploaded."""
        return UPLOADED if self.is_upload else self.with_its_folder

    @property
    def with_its_folder(self) -> Access:
        """The same and the scenario itself, for a file that names it."""
        access = Access.of(self.path.parent, self.roots)
        return replace(access, leaves_out=UPLOADED.leaves_out) if self.is_upload else access

    @property
    def name(self) -> str:
        return self.path.stem

    def say(self, lang: str) -> str:
        """Its title; its name where it has none."""
        return dict(self.title).get(lang) or next((text for _, text in self.title if text), "") or self.name

    def load(self, settings: Any = (), changes: Iterable[str] = ()) -> Scenario:
        """The scenario. Raises ScenarioError."""
        return load_with(self.path, self.access, settings, changes)

    def text(self) -> str:
        """The file as it is written."""
        return yaml_text.decoded(self.path, LARGEST)


def shipped() -> Path | None:
    """The folder of scenarios that comes with a clone of the repository: here, or beside the package."""
    folders = (Path("scenarios"), Path(__file__).parents[2] / "scenarios")
    return next((folder for folder in folders if any(folder.glob("*.yaml"))), None)


def places(given: Iterable[str | Path], roots: Iterable[str] = ()) -> list[Place]:
    """The scenarios of these files and folders, in that order; those that are shipped if none is given. The page begins with the first one. Raises UsageError when there is none."""
    named = [Path(name) for name in given]
    if not (is_given := bool(named)):
        folder = shipped()
        if folder is None:
            raise UsageError(message("there are no scenarios here: name files or folders, such as `simgov serve my_town.yaml`; those that are shipped are in the folder scenarios of the repository"))
        named = [folder]
    files = [file for name in named for file in (sorted([*name.glob("*.yaml"), *name.glob("*.yml")]) if name.is_dir() else [name])]
    if missing := [str(file) for file in files if not file.is_file()]:
        raise UsageError(message("there is no file {names}", names=together(missing)))
    found = [Place(file.absolute(), _title(file), roots=tuple(roots)) for file in dict.fromkeys(files) if file.parent not in named or _is_scenario(file)]
    if not found:
        raise UsageError(message("there is no scenario in {names}; scenarios are .yaml files with levels, teams, classes and stages", names=together(map(str, named))))
    return found if is_given else sorted(found, key=lambda place: place.name != FIRST)


def _is_scenario(file: Path) -> bool:
    """Whether a file in a folder is one: studies and rule sheets are not."""
    text = _text(file)
    return bool(re.search(r"^(stages|extends):", text, re.MULTILINE))


def _text(file: Path) -> str:
    """As far as it can be read; what is wrong with the file is told when it is loaded."""
    try:
        return content(file, LARGEST).decode("utf-8", errors="replace")
    except UnreadableError:
        return ""


def _title(file: Path) -> tuple[tuple[str, str], ...]:
    """Read without the rest of the file, which takes a hundred times as long; nothing where it is written in another way."""
    found = TITLE.search(_text(file) + "\n")
    try:
        title = yaml_text.value(found.group())["title"] if found else ""
    except (ScenarioError, TypeError, KeyError):
        title = ""
    named = title.items() if isinstance(title, dict) else [(lang, title) for lang in ("en", "zh")]
    return tuple((str(lang), _shown(str(text))) for lang, text in named if text)


def _shown(title: str) -> str:
    """Short enough for a page, and made of signs that can be sent to one."""
    short = title if len(title) <= LONGEST else f"{title[:LONGEST]}…"
    return short.encode("utf-8", errors="replace").decode("utf-8")


# ── uploads ─────────────────────────────────────────────────────────────────────────────────────────


def uploaded(folder: Path, name: str, content: bytes) -> Place:
    """Keep what somebody has uploaded, if it is a sound scenario that stands on its own. Raises ScenarioError with lines.

    The text stays as it is; whenever it is read, its table of facts is left out.
    """
    name = Path(name).name
    stem = re.sub(r"[^\w-]", "_", Path(name).stem)[:60] or "scenario"
    if len(content) > LARGEST:
        raise ScenarioError([Problem((), message("is larger than {largest} MB; large tables belong into CSV files", largest=LARGEST // 1_000_000), name)])
    place = folder / sha256(content).hexdigest()[:16] / f"{stem}.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{os.getpid()}.partial")
    try:
        part.write_bytes(content)
        load_with(part, UPLOADED)
        os.replace(part, place)
    except ScenarioError as error:
        raise ScenarioError([replace(problem, file=name if problem.file else "") for problem in error.problems]) from None
    finally:
        part.unlink(missing_ok=True)
    return Place(place.absolute(), _title(place), is_upload=True)
