"""From a YAML file to a `Scenario`: its base, changes, settings, tables, and all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from simgov.clock import DAY, second_of
from simgov.errors import Problem, ScenarioError, dotted, unknown
from simgov.language import AND, Message, message, together
from simgov.scenario import extends, origins, yaml_text
from simgov.scenario.access import Access, Roots
from simgov.scenario.check import check
from simgov.scenario.document import Document
from simgov.scenario.fields import shown
from simgov.scenario.model import Scenario, Window
from simgov.scenario.paths import differences, of_setting, steps_of, with_values
from simgov.scenario.salvage import is_echo, modelled
from simgov.scenario.tables import read_tables
from simgov.scenario.yaml_text import Marks, mark_of, placed


def load(
    path: str | Path, settings: Mapping[str, Any] | Iterable[str] = (), changes: Iterable[str] = (), *, root: Roots = None
) -> Scenario:
    """Read a scenario file.

    `settings` are values by path (`{"teams.grid_worker.people": 2}`, or texts `path=value`), `changes` the
    names of changes of the file to put in force. The file may name others in its own folder and below, and below the
    folders `root`. Raises ScenarioError with every problem of the file.
    """
    path = Path(path)
    return load_with(path, Access.of(path.parent, root), settings, changes)


def load_with(path: Path, access: Access, settings: Mapping[str, Any] | Iterable[str] = (), changes: Iterable[str] = ()) -> Scenario:
    """The same, with the files that may be read for it."""
    return make(extends.read(path, access), settings, changes, name=path.stem, folder=path.parent, access=access)


def build(
    data: Mapping[str, Any],
    settings: Mapping[str, Any] | Iterable[str] = (),
    changes: Iterable[str] = (),
    *,
    name: str = "scenario",
    folder: str | Path = ".",
    root: Roots = None,
    marks: Marks | None = None,
) -> Scenario:
    """The same from plain data (a dict as the YAML would give it), which name files from `folder`. `marks`: where each path is written, for messages."""
    return build_with(data, Access.of(Path(folder), root), settings, changes, name=name, folder=folder, marks=marks)


def build_with(
    data: Mapping[str, Any], access: Access, settings: Mapping[str, Any] | Iterable[str] = (), changes: Iterable[str] = (),
    *, name: str = "scenario", folder: str | Path = ".", marks: Marks | None = None,
) -> Scenario:  # fmt: skip
    """The same, with the files that may be read for it."""
    document = extends.with_base(Document.of(data, marks), Path(folder), access)
    return make(document, settings, changes, name=name, folder=folder, access=access)


def make(
    document: Document, settings: Mapping[str, Any] | Iterable[str] = (), changes: Iterable[str] = (),
    *, name: str, folder: str | Path, access: Access,
) -> Scenario:  # fmt: skip
    """The same from what has been read."""
    maker = _Maker(name, Path(folder), access)
    chosen = [changes] if isinstance(changes, str) else list(changes)
    scenario = maker.make(document, _settings([settings] if isinstance(settings, str) else settings), chosen)
    if scenario is None or maker.problems:
        raise ScenarioError(_in_order(maker.problems, document.marks))
    return scenario


# ── settings ────────────────────────────────────────────────────────────────────────────────────────


def _settings(settings: Mapping[str, Any] | Iterable[str]) -> Document:
    found = Document.of(settings if isinstance(settings, Mapping) else dict(_pair(text) for text in settings))
    if found.problems:
        raise ScenarioError([Problem((), of_setting(f"{path}={shown(found.data[path])}", _makes_wrong(replace(problem, path=(path, *rest))))) for problem in found.problems for path, *rest in [problem.path]])
    return found


def _pair(text: str) -> tuple[str, Any]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ScenarioError([Problem((), message("a setting is path=value, such as teams.grid_worker.people=2, got '{text}'", text=text))])
    try:
        return path.strip(), yaml_text.value(value)
    except ScenarioError as error:
        raise ScenarioError([Problem((), of_setting(shown(text)[1:-1], error.problems[0].message))]) from None


# ── resolving ───────────────────────────────────────────────────────────────────────────────────────


class _Maker:
    """Makes one scenario of a document and gathers all `problems` on the way."""

    def __init__(self, name: str, folder: Path, access: Access):
        self.name, self.folder, self.access = name, folder, access
        self.problems: list[Problem] = []
        self.spare: dict[str, Any] = {}

    def make(self, document: Document, settings: Document, chosen: list[str]) -> Scenario | None:
        changes, applied = self._choose(document.data, chosen)
        lasting = {label: changes[label] for label in applied if not changes[label].get("window")}
        windowed = {label: changes[label] for label in applied if changes[label].get("window")}

        self._refuse_settings(settings.data, windowed)
        sets = {label: document.part(("changes", label, "set")) for label in changes}
        now = replace(document, data={**document.data, "apply": list(windowed)}) if applied else document  # what has been applied need not be applied again
        steps = [(now, "")]
        for label in lasting:
            now = self._with(now, sets[label], ("changes", label, "set"))
            steps.append((now, label))
        now = self._with(now, settings, ())
        scenario, problems = self._validated(now)
        self.problems += self._blamed(problems, steps, lasting, settings.data)
        for label, change in changes.items():  # what is not in force must still be sound
            if label not in lasting:
                self._try(now, sets[label], change, label, set(problems))
        if scenario is None or self.problems:
            return None
        scenario._in_force, scenario._spare = tuple(applied), self.spare
        scenario._epochs = self._epochs(scenario, now, windowed, sets)
        return scenario

    def _refuse_settings(self, settings: dict[str, Any], windowed: dict[str, Any]) -> None:
        """Settings that would silently do nothing: changes are chosen by name, and one with a window comes last."""
        for path in settings:
            if str(path).split(".")[0] in ("apply", "changes"):
                self.problems.append(Problem((), of_setting(path, message("changes of the file are put in force with --change NAME"))))
            for label, change in windowed.items():
                for other in change.get("set") or {}:
                    if f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}."):
                        self.problems.append(Problem((), of_setting(path, message("the change '{name}' in force sets {path} in its window; set one of the two", name=label, path=other))))

    def _choose(self, data: dict[str, Any], chosen: list[str]) -> tuple[dict[str, Any], list[str]]:
        """All changes, and the names of those in force: those of `apply`, each replaced by a chosen one of its group."""
        changes, applied = data.get("changes") or {}, data.get("apply") or []
        if not isinstance(changes, dict) or not isinstance(applied, list):
            return {}, []  # the models will say what is wrong
        sound = {label: change for label, change in changes.items() if isinstance(change, dict)}
        for path, names in ((("apply",), applied), ((), chosen)):
            for label in names:
                if isinstance(label, str) and label not in changes:
                    self.problems.append(Problem(path, unknown("change", label, changes)))
        group = {label: str(change.get("group") or f"only {label}") for label, change in sound.items()}
        picked = [label for label in chosen if label in sound]
        taken = {group[label] for label in picked}
        known = [label for label in applied if isinstance(label, str) and label in sound]
        in_force = list(dict.fromkeys([*(label for label in known if group[label] not in taken), *picked]))
        for label in in_force:
            rivals = [other for other in in_force if group[other] == group[label]]
            if rivals[0] == label and len(rivals) > 1:
                path = ("apply",) if set(rivals) <= set(known) else ()
                self.problems.append(Problem(path, message("{names} are of one group '{group}'; choose one", names=together(rivals, AND), group=group[label])))
        return sound, in_force

    def _blamed(self, problems: list[Problem], steps: list[tuple[Document, str]], lasting: dict, settings: dict) -> list[Problem]:
        """Each problem where it comes from: in the file as it stands, at a change in force, or at a setting."""
        found: dict[Problem, Problem] = {}
        for document, label in steps if problems and (lasting or settings) else ():
            for problem in self._validated(document)[1]:
                found.setdefault(problem, _under(problem, lasting[label], label) if label else problem)
        if not settings:
            return [found.get(problem, problem) for problem in problems]
        return [found.get(problem) or _set_wrongly(problem, settings) for problem in problems]

    def _with(self, document: Document, values: Document, where: tuple[str, ...]) -> Document:
        now, problems = with_values(document, values, where)
        self.problems += problems
        return now

    def _try(self, document: Document, values: Document, change: dict[str, Any], label: str, known: set[Problem]) -> None:
        """Put one more change in force, only to see what it makes wrong."""
        scenario, problems = self._validated(self._with(document, values, ("changes", label, "set")))
        self.problems += [_under(p, change, label) for p in problems if p not in known]
        self.spare |= scenario._tables if scenario is not None else {}

    def _validated(self, document: Document) -> tuple[Scenario | None, list[Problem]]:
        """The scenario of a document, or None with what is wrong with it."""
        data, problems = document.data, list(document.problems)
        scenario, wrong, dropped = modelled(data)
        problems += wrong
        scenario._data, scenario._origins = data, origins.in_order(data, document.origins)
        scenario._name, scenario._folder, scenario._access = self.name, str(self.folder), self.access
        scenario._tables, bad = read_tables(scenario)
        bad = bad + check(scenario)
        if scenario.facts:
            bad += self._unknown_facts(scenario)
        problems += [problem for problem in bad if not is_echo(problem, dropped)]
        return (None if problems else scenario), list(dict.fromkeys(problems))

    def _unknown_facts(self, scenario: Scenario) -> list[Problem]:
        name = str(scenario.facts)
        if refusal := self.access.refusal(self.folder, name):
            return [Problem(("facts",), refusal)]
        try:
            return origins.check_facts(scenario._origins, origins.read_facts(self.folder / name))
        except ScenarioError as error:
            return list(error.problems)

    def _epochs(self, scenario: Scenario, document: Document, windowed: dict[str, Any], sets: dict[str, Document]) -> tuple:
        """(start, end, scenario) in seconds of each stretch between the windows of changes."""
        windows, horizon = _windows(scenario, windowed), scenario.days * DAY
        for label, (opens, closes) in windows.items():
            if opens >= closes:
                idle = message("lies outside the period {start} to {end}, so the change would do nothing", start=scenario.period.start, end=scenario.period.end)
                self.problems.append(Problem(("changes", label, "window"), idle))
        edges = sorted({0, horizon, *(x for a, b in windows.values() if a < b for x in (a, b))})
        epochs = []
        for a, b in pairwise(edges):
            active = [label for label, (opens, closes) in windows.items() if opens <= a < closes]
            now = document
            for label in active:
                now = self._with(now, sets[label], ("changes", label, "set"))
            epoch, problems = self._validated(now) if active else (scenario, [])
            self.problems += [_under(problem, windowed[active[-1]], active[-1]) for problem in problems]
            if epoch is not None and active:
                self.problems += _not_in_a_window(epoch, scenario, active[-1])
            epochs.append((a, b, epoch))
        return tuple(epochs)


def _windows(scenario: Scenario, labels: Iterable[str]) -> dict[str, tuple[int, int]]:
    start, horizon, windows = scenario.period.start, scenario.days, {}
    for label in labels:
        window = scenario.changes[label].window or Window()
        opens = second_of(window.start or start, start)
        closes = second_of(window.end or start + timedelta(days=horizon), start)
        windows[label] = (max(0, opens), min(closes, horizon * DAY))
    return windows


# What may change in mid-period: people, hours, rates and the procedure. Births, places and traits are drawn for the whole period.
IN_A_WINDOW = (
    *(("teams", "*", field) for field in ("people", "hours", "duty", "windows")),
    *(("classes", "*", "arrivals", field) for field in ("rate", "profile")),
    ("classes", "*", "returns"),
    ("calendars",),
    ("profiles",),
    ("stages",),
)


def _not_in_a_window(epoch: Scenario, scenario: Scenario, label: str) -> list[Problem]:
    where, problems = ("changes", label), []
    if any(list(getattr(epoch, part)) != list(getattr(scenario, part)) for part in ("stages", "classes", "teams")):
        return [Problem(where, message("a change with a window cannot add or remove stages, classes or teams"))]
    for path in differences(scenario.data, epoch.data):
        allowed = any(len(path) >= len(rule) and all(r in ("*", p) for r, p in zip(rule, path, strict=False)) for rule in IN_A_WINDOW)
        if not allowed:
            problems.append(Problem(where, message("a change with a window cannot change {path}", path=dotted(path))))
    for name, team in scenario.teams.items():
        if team.people.unlimited != epoch.teams[name].people.unlimited:
            problems.append(Problem(where, message("a change with a window cannot make teams.{name} unlimited, or limited", name=name)))
    return problems


# ── who is to blame ─────────────────────────────────────────────────────────────────────────────────


def _set_wrongly(problem: Problem, settings: dict[str, Any]) -> Problem:
    paths = [path] if (path := _cause(problem, settings)) else list(settings)
    given = ", ".join(f"{path}={shown(settings[path])}" for path in paths)
    return Problem((), of_setting(given, _makes_wrong(problem)))


def _under(problem: Problem, change: dict[str, Any], label: str) -> Problem:
    """A problem that a change causes, shown at the change."""
    if problem.path[:2] == ("changes", label):
        return problem
    path = _cause(problem, change.get("set") or {})
    rest = problem.path[len(steps_of(path)) :] if path and dotted(problem.path).startswith(path) else ()
    where = ("changes", label, "set", path, *rest) if path else ("changes", label)
    return Problem(where, _makes_wrong(problem))


def _makes_wrong(problem: Problem) -> Message:
    return message("makes {path} wrong: {why}", path=dotted(problem.path), why=problem.message)


def _cause(problem: Problem, values: Any) -> str:
    """The path of a change or setting that lies above a problem, or else below it."""
    inside = dotted(problem.path)
    paths = [str(path) for path in values] if isinstance(values, Mapping) else []
    above = [path for path in paths if inside == path or inside.startswith((f"{path}.", f"{path}["))]
    below = [path for path in paths if inside and path.startswith((f"{inside}.", f"{inside}["))]
    beside = [path for path in paths if "." in path and inside.startswith(path.rpartition(".")[0] + ".")]
    return max(above, key=len) if above else next(iter([*below, *beside]), "")


def _in_order(problems: list[Problem], marks: Marks) -> list[Problem]:
    """Problems with file and line, in the order of the file. What an alias brings to several places is told once."""
    plain_words = {(problem.path, problem.message) for problem in problems}
    found: dict[object, Problem] = {}
    for problem in problems:
        _, made_wrong, told = problem.message.partition(" wrong: ")
        if made_wrong and (problem.path, told) in plain_words:
            continue
        place = mark_of(problem.path, marks) if problem.path and not problem.line else None
        found.setdefault((place, told if made_wrong else problem.message) if place else problem, placed(problem, marks) if place else problem)
    return sorted(found.values(), key=lambda p: (p.file, p.line))
