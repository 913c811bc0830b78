"""From a staffing file to its candidates: combinations of the levers, each a scenario of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgov.errors import ScenarioError, UsageError
from simgov.language import message
from simgov.scenario import Access, Roots, extends
from simgov.scenario.document import Document
from simgov.scenario.salvage import told
from simgov.staffing.model import StaffFile
from simgov.study.model import Asked, Setting
from simgov.study.policies import Policy, Reader, choices, joined

Choice = tuple[str, Any, Setting, dict[str, str]]  # lever, value, what it sets, its label


@dataclass(frozen=True, repr=False)
class Staffing:
    """A question of staffing: what may be chosen, and what is asked of it."""

    name: str
    file: StaffFile
    levers: tuple[tuple[Choice, ...], ...]
    reader: Reader
    source: Path
    written: Document

    @property
    def combinations(self) -> int:
        return prod(map(len, self.levers))

    def rows(self) -> Iterator[tuple[int, ...]]:
        """All combinations: the number of the value of each lever."""
        return product(*(range(len(lever)) for lever in self.levers))

    def candidate(self, row: Sequence[int]) -> Policy:
        """The scenario of one combination. Raises ScenarioError."""
        found = self.candidates([row])
        return found[0]

    def candidates(self, rows: Sequence[Sequence[int]]) -> list[Policy]:
        """The scenarios of some combinations. Raises ScenarioError with the problems of all."""
        made = [self._made(row) for row in rows]
        _raise(self.reader)
        return [policy for policy in made if policy is not None]

    def _made(self, row: Sequence[int]) -> Policy | None:
        draft = joined(("levers",), [lever[k] for lever, k in zip(self.levers, row, strict=True)])
        return self.reader.policy(draft, self.file, self.written, self.source)

    @property
    def costs(self) -> list[Asked]:
        """The rows that add up to the cost: those of the file, or the cost of all teams, if any has one in the first combination."""
        if self.file.cost:
            return self.file.cost
        scenario = self.candidate([0] * len(self.levers)).scenario
        return [Asked(measure="cost")] if any(team.price is not None for team in scenario.teams.values()) else []

    def __repr__(self) -> str:
        return f"<Staffing {self.name}: {self.combinations} combinations of {len(self.levers)} levers, {len(self.file.goals)} goals>"


def load(path: str | Path, *, root: Roots = None) -> Staffing:
    """Read a staffing file; it may name a scenario in its own folder and below, and below the folders `root`. Raises ScenarioError with every problem of it."""
    path = Path(path)
    return _made(Document.read(path), path.stem, path.parent, root)


def make(data: Mapping[str, Any], *, name: str = "staffing", folder: str | Path = ".", root: Roots = None) -> Staffing:
    """The same from plain data."""
    return _made(Document.of(data), name, Path(folder), root)


def _made(document: Document, name: str, folder: Path, root: Roots) -> Staffing:
    reader = Reader(folder, document.marks, Access.of(folder, root))
    file = _file(reader.untagged(document), reader)
    source = reader.source(file.scenario)
    _raise(reader)
    assert source is not None
    written = extends.read(source, reader.access)
    levers = tuple(tuple(choices(name, lever)) for name, lever in file.levers.items())
    staffing = Staffing(name, file, levers, reader, source, written)
    _one_by_one(staffing)
    _measures(staffing)
    return staffing


def _file(data: dict[str, Any], reader: Reader) -> StaffFile:
    try:
        return StaffFile.model_validate(data)
    except ValidationError as error:
        for problem in told(error.errors(include_input=False, include_url=False), data, StaffFile):
            reader.complain(problem.path, problem.message)
        raise ScenarioError(sorted(reader.problems, key=lambda p: (p.file, p.line))) from None


def _one_by_one(staffing: Staffing) -> None:
    """Every value of every lever once, so that what is wrong is told before anything runs. Raises ScenarioError."""
    first = [0] * len(staffing.levers)
    rows = [first, *([*first[:k], value, *first[k + 1 :]] for k, lever in enumerate(staffing.levers) for value in range(1, len(lever)))]
    made = staffing.candidates(rows)
    digests = [policy.scenario.digest for policy in made]
    for number, policy in enumerate(made):
        if digests.index(policy.scenario.digest) < number:
            same = made[digests.index(policy.scenario.digest)]
            staffing.reader.complain(("levers",), message("'{name}' is the same scenario as '{other}'; change something or leave one out", name=policy.name, other=same.name))
    if len(made) < 2:
        staffing.reader.complain(("levers",), message("there is one combination only, so there is nothing to choose"))
    _raise(staffing.reader)


def _measures(staffing: Staffing) -> None:
    scenario = staffing.candidate([0] * len(staffing.levers)).scenario
    for part, some in (("goals", staffing.file.goals), ("cost", staffing.file.cost)):
        for number, asked in enumerate(some):
            staffing.reader.measure((part, number), asked, scenario)
    _raise(staffing.reader)
    if not staffing.costs:
        raise UsageError(message("no team has a cost_per_hour, so nothing can be cheapest; give teams a cost_per_hour, or say under cost which measures add up"))


def _raise(reader: Reader) -> None:
    if reader.problems:
        problems, reader.problems = reader.problems, []
        raise ScenarioError(sorted(problems, key=lambda p: (p.file, p.line)))
