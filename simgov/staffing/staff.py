"""The cheapest staffing that meets the goals: candidates, screened all alike, then replications where they can still decide."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgov import budget
from simgov.engines import Choice
from simgov.errors import UsageError
from simgov.language import Message, message
from simgov.plan import plant
from simgov.scenario import Scenario
from simgov.staffing import assumptions, candidates
from simgov.staffing.candidates import Staffing
from simgov.staffing.found import Staffed
from simgov.staffing.judge import Rule, Sample, Standing, stand
from simgov.staffing.model import Goal
from simgov.staffing.sample import sample
from simgov.staffing.search import Row, propose
from simgov.study.folder import StudyFolder, provenance
from simgov.study.model import Asked
from simgov.study.policies import Policy
from simgov.trials import Arm, Outcome, Sealed, Trials, ready

SEARCH = 500_000  # replications of the search begin here, far from those of the selection


def staff(
    what: Staffing | Mapping[str, Any] | str | Path,
    *,
    seed: int | None = None,
    at_most: int | None = None,
    engine: str = "auto",
    workers: int | str = 1,
    folder: str | Path | None = None,
    anew: bool = False,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Staffed:
    """Find the cheapest combination of the levers that meets all goals, with the confidence that the file asks for.

    `what` is a staffing file, or what would stand in it as a dict. `seed` and `at_most` (replications) replace what it says. With a
    `folder` every trial is kept there as soon as it is done, so a search that was interrupted goes on. `progress(done, total)`
    counts trials; the total is a guess that grows. Raises ScenarioError, UsageError, OutputError.
    """
    if isinstance(what, (str, Path)):
        what = candidates.load(what)
    elif not isinstance(what, Staffing):
        what = candidates.make(what)
    file = what.file
    seed = file.seed if seed is None else seed
    if at_most is not None:
        if at_most < 3:
            raise UsageError(message("a selection needs at least 3 replications, got {at_most}", at_most=at_most))
        file = file.model_copy(update={"replications": file.replications.model_copy(update={"at_most": at_most, "first": min(file.replications.first, at_most)})})
    ends = [what.candidate([0] * len(what.levers)).scenario, what.candidate([-1] * len(what.levers)).scenario]
    few = min(what.combinations, file.search.every)
    chosen = ready(ends, max(2, few * file.replications.first // 2), workers, engine, say or logging.getLogger("simgov").warning)
    store = StudyFolder(Path(folder)).ready({**provenance("staffing", what.name, seed), "policies": {}}, anew) if folder is not None else None
    desk = Desk(ends, Trials(seed, chosen.name, workers, store), file.goals, what.costs, _Ticks(progress))
    return _select(what, file, desk, seed, chosen)


def _select(staffing: Staffing, file: Any, desk: Desk, seed: int, engine: Choice) -> Staffed:
    searched = staffing.combinations > file.search.every
    rows = propose(staffing, lambda some: _tried(staffing, file, desk, some), seed) if searched else list(staffing.rows())
    policies = staffing.candidates(rows)
    rule = Rule(file.goals, file.confidence, len(policies), len(file.replications.looks), desk.costs[0].equal_within if file.indifference is None else file.indifference)
    outcomes: list[list[Outcome]] = [[] for _ in policies]
    standing: Standing | None = None
    for number in file.replications.looks:
        going = range(len(policies)) if standing is None else standing.open
        desk.more(policies, going, outcomes, number)
        standing = stand(rule, [desk.sample(each) for each in outcomes])
        if standing.chosen is not None or not standing.open:
            break
    assert standing is not None
    samples = [desk.sample(each) for each in outcomes]
    ends = assumptions.judge_again(policies, samples, standing, rule, file.assumptions, desk)
    return Staffed(staffing.name, file, tuple(policies), tuple(desk.costs), outcomes, tuple(samples), rule, standing, ends, staffing.combinations, seed, engine)


def _tried(staffing: Staffing, file: Any, desk: Desk, rows: Sequence[Row]) -> list[tuple[float, Sequence[float]]]:
    """For the search: the cost of combinations, and by how much they miss each goal, in units of its bound."""
    policies = staffing.candidates(rows)
    arms = [desk.arm(Sealed.of(p.scenario), p.scenario) for p in policies]
    outcomes = list(zip(*desk.run(arms, range(SEARCH, SEARCH + file.search.replications)), strict=True))
    found = []
    for each in outcomes:
        sample = desk.sample(each)
        missed = [goal.sign * (goal.bound - r.value) / (abs(goal.bound) or 1.0) if np.isfinite(r.value) else 1e6 for goal, r in zip(desk.goals, sample.goals, strict=True)]
        found.append((float(sample.cost.mean()), missed))
    return found


class Desk:
    """Where candidates are simulated, and their cost and goals read off."""

    def __init__(self, ends: Sequence[Scenario], trials: Trials, goals: Sequence[Goal], costs: Sequence[Asked], ticks: _Ticks):
        self.trials, self.goals, self.costs, self.ticks = trials, goals, costs, ticks
        sizes = [(budget.expect(scenario), len(plant(scenario).residents)) for scenario in ends]
        self.at_once = min(budget.roots_at_once(size, roots) for size, roots in sizes)

    def arm(self, closed: Any, scenario: Scenario) -> Arm:
        roots = len(plant(scenario).residents)
        return Arm(closed, roots, min(self.at_once, roots))

    def run(self, arms: Sequence[Arm], replications: Sequence[int]) -> Iterator[list[Outcome]]:
        self.ticks.expect(len(arms) * len(replications))
        return self.trials.run(arms, replications, self.ticks.done)

    def more(self, policies: Sequence[Policy], going: Sequence[int], outcomes: list[list[Outcome]], number: int) -> None:
        """Bring the candidates that go on to so many replications."""
        arms = [self.arm(Sealed.of(policies[k].scenario), policies[k].scenario) for k in going]
        done = min(len(outcomes[k]) for k in going)
        for row in self.run(arms, range(done, number)):
            for k, outcome in zip(going, row, strict=True):
                outcomes[k].append(outcome)

    def sample(self, outcomes: Sequence[Outcome]) -> Sample:
        return sample(outcomes, self.goals, self.costs)


class _Ticks:
    """Counts trials for whoever watches."""

    def __init__(self, progress: Callable[[int, int], None] | None):
        self.progress, self.count, self.total = progress or (lambda done, total: None), 0, 0

    def expect(self, more: int) -> None:
        self.total += more

    def done(self) -> None:
        self.count += 1
        self.progress(self.count, max(self.count, self.total))

