"""Checking scenarios against what was reported: the regression test of their calibration."""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from simgov import budget, targets
from simgov.engines import Note
from simgov.errors import OutputError, ScenarioError, UsageError
from simgov.scenario import Scenario, load, yaml_text
from simgov.targets import MET
from simgov.trials import Trials, arm, ready
from simgov.trials.outcome import summaries

SOFT = "soft"  # targets of this kind are shown, and fail nothing
IS_SCENARIO = ("stages", "extends")
LARGEST = 1e8  # visits of all replications, of a scenario that is found in a folder


@dataclass(frozen=True, repr=False)
class Checked:
    """Scenarios with their targets judged. `verdicts`: by scenario, a table as `Result.targets`; `left_out`: why others were not checked."""

    scenarios: tuple[Scenario, ...]
    verdicts: tuple[pd.DataFrame, ...]
    replications: int
    seed: int
    left_out: dict[str, Note] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Targets judged."""
        return sum(map(len, self.verdicts))

    @property
    def failures(self) -> list[tuple[Scenario, int]]:
        """Each target that fails the check, as its scenario and its number there: not met, and not soft."""
        return [(s, k) for s, table in zip(self.scenarios, self.verdicts, strict=True) for k, row in enumerate(table.to_dict("records")) if _fails(row)]

    @property
    def is_green(self) -> bool:
        return not self.failures

    def junit(self) -> str:
        """The check as JUnit XML: a suite for each scenario, a case for each target; a soft one that is not met is skipped."""
        suites = ET.Element("testsuites", name="simgov check")
        for scenario, table in zip(self.scenarios, self.verdicts, strict=True):
            rows = table.to_dict("records")
            missed = [row["verdict"] != MET for row in rows]
            failed = sum(map(_fails, rows))
            suite = ET.SubElement(suites, "testsuite", name=scenario.name, tests=str(len(rows)), failures=str(failed), errors="0", skipped=str(sum(missed) - failed))
            for target, row in zip(scenario.targets, rows, strict=True):
                name = (target.label.say("en") if target.label else "") or f"{row['measure']} {row['where']}".strip()
                case = ET.SubElement(suite, "testcase", classname=scenario.name, name=name)
                text = f"{row['verdict']}: reported {row['reported']}, simulated {row['value']:.6g} (one window {row['from']:.6g} to {row['to']:.6g})"
                if row["verdict"] != MET:
                    ET.SubElement(case, "failure" if _fails(row) else "skipped", message=text)
                ET.SubElement(case, "system-out").text = text
        ET.indent(suites)
        return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"

    def __repr__(self) -> str:
        return f"<Checked {len(self.scenarios)} scenarios, {self.count} targets, {len(self.failures)} not met>"


def check(
    paths: Iterable[str | Path] | str | Path,
    *,
    replications: int = 30,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    progress: Callable[[float, str], None] | None = None,
    say: Callable[[Note], None] | None = None,
) -> Checked:
    """Simulate scenarios (files, or folders of them) and judge all their targets together.

    A folder stands for the scenario files in it and below that have targets; those that would take very long are left out, which
    `Checked.left_out` says. `progress` gets the share that is done and the name of the scenario under way. Raises ScenarioError
    for files that cannot be understood (all problems of all of them), OutputError for a path that is not there, UsageError
    when there is nothing to check.
    """
    found = scenarios([paths] if isinstance(paths, (str, Path)) else paths)
    left_out = {s.name: why for s, asked in found if (why := _too_much(s, asked, replications)) is not None}
    todo = [s for s, _ in found if s.targets and s.name not in left_out]
    if not todo:
        raise UsageError("there is no scenario with targets to check; a target is a figure that was reported, see docs/scenarios.md")
    count = sum(len(s.targets) for s in todo)
    tables = []
    for number, scenario in enumerate(todo):
        tick = _Share(progress, scenario.name, number, len(todo), replications)
        tables.append(_judged(scenario, replications, seed, engine, workers, count, tick.done, say or logging.getLogger("simgov").warning))
    return Checked(tuple(todo), tuple(tables), replications, seed, left_out)


def scenarios(paths: Iterable[str | Path]) -> list[tuple[Scenario, bool]]:
    """The scenarios of files and folders, and whether each was named itself."""
    files: dict[Path, bool] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise OutputError(f"{path}: there is no such file or folder")
        below = [p for p in sorted(path.rglob("*.y*ml")) if any(key in yaml_text.read(p)[0] for key in IS_SCENARIO)] if path.is_dir() else [path]
        for file in below:
            files[file] = files.get(file, False) or not path.is_dir()
    made, problems = [], []
    for file, asked in files.items():
        try:
            made.append((load(file), asked))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return made


def _too_much(scenario: Scenario, asked: bool, replications: int) -> Note | None:
    if asked or not scenario.targets:
        return None
    visits = budget.expect(scenario).visits * replications
    return Note("about {visits:,.2g} million visits; name the file itself to check it", {"visits": visits / 1e6}) if visits > LARGEST else None


def _judged(
    scenario: Scenario, replications: int, seed: int, engine: str, workers: int | str, count: int, done: Callable[[], None], say: Callable[[Note], None]
) -> pd.DataFrame:
    chosen = ready([scenario], replications, workers, engine, say)
    outcomes = [row[0] for row in Trials(seed, chosen.name, workers).run([arm(scenario)], range(replications), done)]
    return targets.judge(scenario, summaries(outcomes), count)


def _fails(row: dict) -> bool:
    return row["verdict"] != MET and row["kind"] != SOFT


class _Share:
    """Tells how much of the whole check is done."""

    def __init__(self, progress: Callable[[float, str], None] | None, name: str, number: int, scenarios: int, replications: int):
        self.progress, self.name, self.number, self.scenarios, self.replications, self.count = progress, name, number, scenarios, replications, 0

    def done(self) -> None:
        self.count += 1
        if self.progress:
            self.progress((self.number + self.count / self.replications) / self.scenarios, self.name)
