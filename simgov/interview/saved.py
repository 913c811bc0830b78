"""Answers that lie in a file, and the scenario that is written for them: checked first, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simgov import plan
from simgov.errors import OutputError, Problem, ScenarioError, nearest, reason
from simgov.interview import org_chart, writing
from simgov.interview.questions import QUESTIONS, Answers, Question, conduct
from simgov.interview.reading import UnclearError
from simgov.language import message, without
from simgov.scenario import Access, Roots, load
from simgov.scenario.document import Document
from simgov.scenario.yaml_text import placed


def answers_of(path: Path, lang: str, today: date, root: Roots = None) -> Answers:
    """The answers of a YAML file: a mapping from questions to what one would type; a chart lies in its folder or below, or below `root`. Raises ScenarioError with every problem."""
    document = Document.read(path)
    data = document.data
    known = [question.key for question in QUESTIONS]
    problems = [Problem((key,), message("unknown question; {hint}", hint=nearest(key, known))) for key in data if key not in known]

    def ask(question: Question, answers: Answers, _: int) -> tuple[str, Any]:
        given = _typed(data.get(question.key))
        if question.key == "levels" and org_chart.is_named(given):
            if refusal := Access.of(path.parent, root).refusal(path.parent, given):
                problems.append(Problem((question.key,), refusal))
                given = ""
            else:
                given = str(path.parent / given)
        try:
            return given, question.read(given or question.suggested(answers), answers)
        except UnclearError as error:
            problems.append(Problem((question.key,), error.args[0]))
            return "", question.read(question.suggested(answers), answers)

    answers = conduct(ask, lang, today)
    if problems := [*document.problems, *problems]:
        raise ScenarioError([placed(problem, document.marks) for problem in problems])
    return answers


def _typed(value: Any) -> str:
    """What one would type for a value of YAML: a mapping as pairs, a list with commas."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_typed, value))
    return "" if value is None else str(value).strip() if not isinstance(value, bool) else "off" if value is False else "on"


def check(path: Path, overwrite: bool = False) -> None:
    """Raises OutputError when no scenario can be written there."""
    if path.suffix not in (".yaml", ".yml"):
        raise OutputError(message("{path}: a scenario is a file that ends in .yaml", path=path))
    for place in (path, _table(path)):
        if place.exists() and not overwrite:
            raise OutputError(message("{place}: is there already, and nothing was changed; name another file, or give --overwrite", place=place))
    if not path.absolute().parent.is_dir():
        raise OutputError(message("{path}: cannot be written: there is no folder {parent}", path=path, parent=path.parent))


def save(answers: Answers, path: Path, overwrite: bool = False) -> list[Path]:
    """Write the scenario, and its table of nodes if it has one. Raises ScenarioError when the answers do not go together."""
    check(path, overwrite)
    texts = {path.name: writing.yaml(answers, _table(path).name if answers.chart else "")}
    if answers.chart:
        texts = {_table(path).name: answers.chart.text, **texts}
    try:
        with TemporaryDirectory(prefix=".simgov.", dir=path.absolute().parent) as folder:
            for name, text in texts.items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            _try(Path(folder) / path.name, path)
            check(path, overwrite)
            _move(Path(folder), path.absolute().parent, list(texts))
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=path, why=reason(error))) from None
    return [path.parent / name for name in texts]


def _try(made: Path, path: Path) -> None:
    """Whether it can be simulated: everything that `simgov run` checks before it starts."""
    try:
        plan.make(load(made))
    except ScenarioError as error:
        raise ScenarioError(replace(problem, file=str(path), message=without(problem.message, f"{made.parent}{os.sep}")) for problem in error.problems) from None


def _move(source: Path, target: Path, names: list[str]) -> None:
    """All of them or none: the table goes first, and is taken back when the scenario cannot follow."""
    done: list[Callable[[], None]] = []
    try:
        for name in names:
            new = not (target / name).exists()
            os.replace(source / name, target / name)
            if new:
                done.append((target / name).unlink)
    except BaseException:
        for undo in done:
            with suppress(OSError):
                undo()
        raise


def _table(path: Path) -> Path:
    """Where the table of nodes of a scenario lies: beside it."""
    return path.with_name(f"{path.stem}_nodes.csv")
