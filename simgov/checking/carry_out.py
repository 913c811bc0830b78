"""Simulating scenarios to hold them against what was reported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from simgov import budget, targets
from simgov.checking.files import Given, scenarios
from simgov.checking.found import Checked, Judged
from simgov.errors import UsageError
from simgov.language import Message, message, together
from simgov.scenario import Roots, Scenario
from simgov.sources import misquoted
from simgov.trials import Trials, arm, ready
from simgov.trials.outcome import summaries

LARGEST = 1e8  # visits of all replications, of a scenario that is found in a folder


def check(
    paths: Iterable[str | Path] | str | Path,
    *,
    replications: int = 30,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    root: Roots = None,
    progress: Callable[[float, str], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Checked:
    """Simulate scenarios (files, or folders of them) and judge all their targets together; hold their numbers against their sources.

    A folder stands for the scenario files in it and below; targets of those that would take very long are left out, which
    `Judged.left_out` says. They may name files in their own folder (of a folder: anywhere in it) and below the folders `root`. `progress` gets the share that is done and the name of the scenario under way. Raises ScenarioError
    for files that cannot be understood (all problems of all of them), OutputError for a path that is not there, UsageError
    when there is nothing to check.
    """
    tell = say or logging.getLogger("simgov").warning
    given = scenarios(map(Path, [paths] if isinstance(paths, (str, Path)) else paths), tell, root)
    if not given:
        raise UsageError(message("there is no scenario to check; a folder stands for the scenario files in it and below"))
    judged = [Judged(each.scenario, pd.DataFrame(), tuple(misquoted(each.scenario)), _too_much(each, replications)) for each in given]
    todo = [k for k, each in enumerate(judged) if each.scenario.targets and each.left_out is None]
    if not todo and not any(each.misquoted for each in judged):
        _refuse_if_too_large(given, judged)
    count = sum(len(judged[k].scenario.targets) for k in todo)
    for number, k in enumerate(todo):
        scenario = judged[k].scenario
        for doubt in targets.doubts(scenario):
            tell(message("{scenario}: {doubt}", scenario=scenario.name, doubt=doubt))
        tick = _Share(progress, scenario.name, number, len(todo), replications)
        verdicts = _verdicts(scenario, replications, seed, engine, workers, count, tick.done, tell)
        judged[k] = Judged(scenario, verdicts, judged[k].misquoted)
    return Checked(tuple(judged), replications, seed)


def _too_much(given: Given, replications: int) -> Message | None:
    if given.named or not given.scenario.targets:
        return None
    visits = budget.expect(given.scenario).visits * replications
    if visits <= LARGEST:
        return None
    return message("about {visits:,.0f} million visits; name the file itself to check it: simgov check {file}", visits=visits / 1e6, file=given.file)


def _refuse_if_too_large(given: list[Given], judged: list[Judged]) -> None:
    """What was left out for its size has not been checked, so a check of nothing else is none."""
    large = [message("{file}: left out: {why}", file=g.file, why=each.left_out) for g, each in zip(given, judged, strict=True) if each.left_out is not None]
    if large:
        raise UsageError(message("no scenario of the folder is small enough to be checked with it: {large}", large=together(large, "{some}; {more}")))


def _verdicts(
    scenario: Scenario, replications: int, seed: int, engine: str, workers: int | str, count: int, done: Callable[[], None], say: Callable[[Message], None]
) -> pd.DataFrame:
    chosen = ready([scenario], replications, workers, engine, say)
    outcomes = [row[0] for row in Trials(seed, chosen.name, workers).run([arm(scenario)], range(replications), done)]
    return targets.judge(scenario, summaries(outcomes), count)


class _Share:
    """Tells how much of the whole check is done."""

    def __init__(self, progress: Callable[[float, str], None] | None, name: str, number: int, scenarios: int, replications: int):
        self.progress, self.name, self.number, self.scenarios, self.replications, self.count = progress, name, number, scenarios, replications, 0

    def done(self) -> None:
        self.count += 1
        if self.progress:
            self.progress((self.number + self.count / self.replications) / self.scenarios, self.name)
