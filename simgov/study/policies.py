"""From a study file to its policies: each a scenario of its own, with what it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from simgov import words
from simgov.errors import Problem, ScenarioError, nearest, unknown
from simgov.files import UnreadableError, content
from simgov.language import LANGUAGES, message, together
from simgov.scenario import NO_FILES, Access, Roots, Scenario, extends, load_with
from simgov.scenario import file as scenario_file
from simgov.scenario.access import is_there
from simgov.scenario.document import Document
from simgov.scenario.paths import setting_of
from simgov.scenario.salvage import told
from simgov.scenario.yaml_text import LARGEST, Marks, placed
from simgov.study.model import Asked, Lever, Setting, StudyFile
from simgov.vocabulary import ALL, DAYS, MEASURES, PARTS


@dataclass(frozen=True)
class Policy:
    """One of the scenarios that are compared. `moved`: the value of each lever that was moved for it."""

    name: str
    label: Mapping[str, str]  # by language
    scenario: Scenario
    moved: Mapping[str, Any] = field(default_factory=dict)

    def say(self, lang: str = "en") -> str:
        return self.label[lang]


@dataclass(frozen=True, repr=False)
class Study:
    """A question with the policies that are compared; the first one is the base."""

    name: str
    file: StudyFile
    policies: tuple[Policy, ...]

    @property
    def base(self) -> Policy:
        return self.policies[0]

    def __repr__(self) -> str:
        return f"<Study {self.name}: {len(self.policies)} policies of {self.base.scenario.name}, {len(self.file.measures)} measures>"


LEVERS = ("sweep", "grid", "levers")
SETS = (("set",), ("policies", "*", "set"), *((part, "*", "values", "*", "set") for part in LEVERS))  # what is set in the scenario, with its tags


def load(path: str | Path, *, root: Roots = None) -> Study:
    """Read a study file; it may name a scenario in its own folder and below, and below the folders `root`. Raises ScenarioError with every problem of it."""
    path = Path(path)
    document = Document.read(path)
    if "stages" in document.data or "teams" in document.data:
        raise ScenarioError([Problem((), message("is a scenario and no study: a study names a scenario and its policies (docs/studies.md); `simgov run` runs a scenario"), str(path), 1)])
    return _made(document, path.stem, path.parent, Access.of(path.parent, root))


def scenario_of(path: Path, study: Study, root: Roots = None) -> Scenario:
    """The scenario of a study file as its own file has it, nothing set. Raises ScenarioError."""
    return load_with(path.parent / study.file.scenario, Access.of(path.parent, root))


def make(data: Mapping[str, Any], *, name: str = "study", folder: str | Path = ".", root: Roots = None) -> Study:
    """The same from plain data."""
    return make_with(data, Access.of(Path(folder), root), name=name, folder=folder)


def make_with(data: Mapping[str, Any], access: Access, *, name: str = "study", folder: str | Path = ".") -> Study:
    """The same, with the files that may be read for it."""
    return _made(Document.of(data), name, Path(folder), access)


def _made(document: Document, name: str, folder: Path, access: Access) -> Study:
    reader = Reader(folder, document.marks, access)
    study = reader.study(reader.untagged(document), name)
    if study is None or reader.problems:
        raise ScenarioError(sorted(reader.problems, key=lambda p: (p.file, p.line)))
    return study


class _InForce(Protocol):
    """What a file puts in force for every policy."""

    @property
    def set(self) -> dict[str, Any]: ...

    @property
    def change(self) -> list[str]: ...


class Reader:
    """Makes the policies of one study, or of something like it, and gathers all `problems` on the way."""

    def __init__(self, folder: Path, marks: Marks, access: Access = NO_FILES):
        self.folder, self.marks, self.access = folder, marks, access
        self.problems: list[Problem] = []

    def untagged(self, document: Document) -> dict[str, Any]:
        """The data without tags, but for those of values that are set in the scenario, which takes them over."""
        for problem in document.problems:
            if not _is_set(problem.path):
                self.complain(problem.path, problem.message)
        return document.tagged(_is_set)

    def study(self, data: dict[str, Any], name: str) -> Study | None:
        try:
            file = StudyFile.model_validate(data)
        except ValidationError as error:
            for problem in told(error.errors(include_input=False, include_url=False), data, StudyFile):
                self.complain(problem.path, problem.message)
            return None
        source = self.source(file.scenario)
        if source is None:
            return None
        written = extends.read(source, self.access)
        drafts = list(self._drafts(file))
        for draft in drafts:
            if sum(other.name == draft.name for other in drafts) > 1:
                self.complain(draft.place, message("there are several policies of the name '{name}'", name=draft.name))
        made = [self.policy(draft, file, written, source) for draft in drafts]
        policies = [policy for policy in made if policy is not None]
        self._distinct(policies)
        policies = self._base_first(file, policies)
        if policies:
            self._measures(file, policies[0].scenario)
            self._figure(file, [policy.name for policy in policies])
        return Study(name, file, tuple(policies)) if policies else None

    def fits(self, study: Study) -> None:
        """What is wrong with the measures and the figure of a study whose policies are made already."""
        self._measures(study.file, study.base.scenario)
        self._figure(study.file, [policy.name for policy in study.policies])

    def source(self, name: str) -> Path | None:
        """The scenario file that is meant, or None with a problem."""
        source = self.folder / name
        if refusal := self.access.refusal(self.folder, name):
            return self.complain(("scenario",), refusal)
        if is_there(source):
            return source if source.is_file() else self.complain(("scenario",), message("{file} {why}", file=source, why=message("is no regular file")))
        beside = [p.relative_to(self.folder).as_posix() for p in sorted(self.folder.glob("*.y*ml")) if not _is_study(p)]
        return self.complain(("scenario",), message("there is no file {file}; {hint}", file=source, hint=nearest(name, beside)))

    # ── policies ────────────────────────────────────────────────────────────────────────────────────

    def _drafts(self, file: StudyFile) -> Iterator[Draft]:
        for name, setting in file.policies.items():
            yield Draft(name, ("policies", name), (setting,), _label(setting, name))
        for lever_name, lever in file.sweep.items():
            for choice in choices(lever_name, lever):
                yield joined(("sweep", lever_name), [choice])
        for row in product(*(choices(name, lever) for name, lever in file.grid.items())) if file.grid else ():
            yield joined(("grid",), row)

    def policy(self, draft: Draft, file: _InForce, written: Document, source: Path) -> Policy | None:
        values = {**file.set}
        changes: list[str] = []
        for setting in draft.settings:
            values |= setting.set
            changes += setting.change
        known = written.data.get("changes")
        groups = known if isinstance(known, dict) else {}
        chosen = [*(name for name in file.change if not _rivals(name, changes, groups)), *changes]
        try:
            scenario = scenario_file.make(written, values, dict.fromkeys(chosen), name=source.stem, folder=source.parent, access=self.access)
        except ScenarioError as error:
            for problem in error.problems:
                self._blame(problem, draft, file)
            return None
        return Policy(draft.name, draft.label, scenario, draft.moved)

    def _blame(self, problem: Problem, draft: Draft, file: _InForce) -> None:
        """A problem of the scenario at the place of the study that causes it; one of the file alone where it is."""
        if problem.file:
            self.problems += [problem] if problem not in self.problems else []
            return None
        given, why = setting_of(problem.message)
        said = message("{given}: {why}", given=given, why=why) if given else why
        for place, setting in ((("set",), file.set), *((draft.place, s.set) for s in draft.settings)):
            for path in setting:
                if path == given or given.startswith(f"{path}="):
                    tail = (*place, "set", path) if place[0] == "policies" else (*place, path) if place == ("set",) else place
                    return self.complain(tail, why if path == given else said, draft)
        self.complain(draft.place, said, draft)
        return None

    def complain(self, path: tuple[Any, ...], said: str, draft: Draft | None = None) -> None:
        if draft is not None and path[0] in ("sweep", "grid", "levers"):
            said = message("{policy}: {why}", policy=draft.name, why=said)
        problem = placed(Problem(path, said), self.marks)
        if problem not in self.problems:
            self.problems.append(problem)

    def _distinct(self, policies: list[Policy]) -> None:
        seen: dict[str, Policy] = {}
        for policy in policies:
            all_of_it = json.dumps([(a, b, meaning(epoch)) for a, b, epoch in policy.scenario.epochs], sort_keys=True, default=str)
            first = seen.setdefault(all_of_it, policy)
            if first.name != policy.name:
                self.complain(("policies", policy.name), message("'{name}' is the same scenario as '{other}', so there is nothing to compare; change something or leave one out", name=policy.name, other=first.name))

    def _base_first(self, file: StudyFile, policies: list[Policy]) -> list[Policy]:
        names = [policy.name for policy in policies]
        if file.base is not None and file.base not in names:
            if not self.problems:
                self.complain(("base",), message("there is no policy '{name}'; {hint}", name=file.base, hint=nearest(file.base, names)))
            return policies
        if len(policies) < 2 and not self.problems:
            self.complain((), message("a study compares at least two policies; give them under policies, sweep or grid"))
        return sorted(policies, key=lambda policy: policy.name != (file.base or names[0])) if names else []

    # ── measures ────────────────────────────────────────────────────────────────────────────────────

    def _measures(self, file: StudyFile, scenario: Scenario) -> None:
        for number, asked in enumerate(file.measures):
            self.measure(("measures", number), asked, scenario)

    def measure(self, place: tuple[Any, ...], asked: Asked, scenario: Scenario) -> None:
        if asked.measure not in MEASURES:
            return self.complain((*place, "measure"), unknown("measure", asked.measure, MEASURES))
        self._bounds(place, asked)
        by = MEASURES[asked.measure].by
        for key in asked.where:
            if key not in by:
                self.complain((*place, "where", key), message("{measure} is told apart by {keys}, not by '{key}'", measure=asked.measure, keys=together(by or [message("nothing")]), key=key))
        for key in by:
            known = {"class": [ALL, *(name for name, cls in scenario.classes.items() if not cls.background)], "level": scenario.levels, "team": [*[ALL] * (MEASURES[asked.measure].total == "team"), *scenario.teams], "stage": scenario.stages, "part": PARTS, "days": [str(day) for day in DAYS]}.get(key)
            if key not in asked.where and key != MEASURES[asked.measure].total:
                self.complain(place, message("{measure} is told apart by {key}: say which, such as where: {{{key}: {one}}}", measure=asked.measure, key=key, one=next(iter(known or ["30"]))))
            elif known is not None and key in asked.where and str(asked.where[key]) not in known:
                self.complain((*place, "where", key), unknown(key, asked.where[key], known))
        return None

    def _bounds(self, place: tuple[Any, ...], asked: Asked) -> None:
        low, high = asked.at_least, asked.at_most
        for name, bound in (("at_least", low), ("at_most", high)):
            if MEASURES[asked.measure].unit == "share" and bound is not None and not 0 <= bound <= 1:
                self.complain((*place, name), message("{measure} is a share, a number between 0 and 1, got {bound:g}", measure=asked.measure, bound=bound))
        if low is not None and high is not None and low > high:
            self.complain(place, message("nothing is at least {low:g} and at most {high:g}", low=low, high=high))

    def _figure(self, file: StudyFile, names: list[str]) -> None:
        picture, count, levers = file.figure, len(file.measures), {**file.sweep, **file.grid}
        if picture.kind == "frontier":
            for axis in ("x", "y"):
                if getattr(picture, axis) >= count:
                    self.complain(("figure", axis), message("there is no measure number {number}; the study has {count}, counted from 0", number=getattr(picture, axis), count=count))
        if picture.kind == "dose" and not levers:
            self.complain(("figure", "kind"), message("a dose figure needs a lever; give one under sweep or grid"))
        if file.reference is not None and file.reference not in names:
            self.complain(("reference",), message("there is no policy '{name}'; {hint}", name=file.reference, hint=nearest(file.reference, names)))
        if picture.lever is not None and picture.lever not in levers:
            self.complain(("figure", "lever"), message("there is no lever '{name}'; {hint}", name=picture.lever, hint=nearest(picture.lever, levers)))


def _is_study(path: Path) -> bool:
    try:
        return b"policies" in content(path, LARGEST)
    except UnreadableError:
        return True  # and surely no scenario


def _is_set(path: tuple[Any, ...]) -> bool:
    """Whether a path lies in something that is set in the scenario: an entry of `set`, or one of a list of values of a lever."""
    listed = len(path) > 3 and path[0] in LEVERS and path[2] == "values" and isinstance(path[3], int)
    return listed or any(len(path) > len(rule) and all(r in ("*", p) for r, p in zip(rule, path, strict=False)) for rule in SETS)


WORDS = ("title", "description", "facts", "changes", "apply", "targets")  # what no run depends on by itself


def meaning(scenario: Scenario) -> dict[str, Any]:
    """Everything in a scenario that a run depends on, its windows apart: what only words tell apart is the same."""
    return {**{key: value for key, value in scenario.data.items() if key not in WORDS}, "tables": scenario.tables}


# ── levers ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Draft:
    """A policy before it is built: its name, where it is written, what it sets, and the levers moved."""

    name: str
    place: tuple[Any, ...]
    settings: tuple[Setting, ...]
    label: dict[str, str]
    moved: Mapping[str, Any] = field(default_factory=dict)


def choices(name: str, lever: Lever) -> list[tuple[str, Any, Setting, dict[str, str]]]:
    """(lever, value, what it sets, its label) for each value of a lever."""
    if isinstance(lever.values, dict):
        return [(name, key, setting, _label(setting, key)) for key, setting in lever.values.items()]
    about = _label(lever, name)
    return [
        (name, _bare(value), Setting(set={lever.path: value}), {lang: f"{text} {_bare(value)}" for lang, text in about.items()})
        for value in lever.values
    ]


def joined(place: tuple[Any, ...], row: Any) -> Draft:
    """A policy made of a choice of each lever."""
    name = ",".join(f"{lever}={value}" for lever, value, _, _ in row)
    label = {lang: words.joined((text[lang] for *_, text in row), lang) for lang in LANGUAGES}
    return Draft(name, place, tuple(setting for _, _, setting, _ in row), label, {lever: value for lever, value, _, _ in row})


def _bare(value: Any) -> Any:
    """A value without its tag."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _label(thing: Setting | Lever, name: str) -> dict[str, str]:
    return {lang: (thing.label.say(lang) if thing.label else "") or name for lang in LANGUAGES}


def _rivals(name: str, others: list[str], changes: Mapping[str, Any]) -> bool:
    """Whether one of the others takes the place of a change: they are of its group."""
    group = (changes.get(name) or {}).get("group")
    return name in others or (group is not None and any((changes.get(other) or {}).get("group") == group for other in others))
