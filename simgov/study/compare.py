"""Carrying a study out: common draws, replication by replication, until enough is known."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from simgov.errors import UsageError
from simgov.language import Message, message
from simgov.scenario.fields import SMALLEST
from simgov.study import paired, policies, since
from simgov.study.comparison import Comparison
from simgov.study.folder import StudyFolder
from simgov.study.model import Precision
from simgov.study.policies import Study
from simgov.trials import Arm, Outcome, Trials, arm, ready

LOOK_AHEAD = 5  # replications for which a precision must last before it is believed; 5 in a hundred, where that is more


def compare(
    study: Study | Mapping[str, Any] | str | Path,
    *,
    replications: int | None = None,
    seed: int | None = None,
    precision: float | None = None,
    engine: str = "auto",
    workers: int | str = 1,
    folder: str | Path | None = None,
    anew: bool = False,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Comparison:
    """Compare the policies of a study under common draws.

    `study` is a Study, the path of a study file, or what would stand in it as a dict. `replications`, `seed` and `precision` (the
    half-width asked for) replace what the file says. `workers` is a number of processes, or the address of a dask cluster.
    With a `folder` every trial is kept there as soon as it is done: what is there already is not done again, so a study that
    was interrupted goes on, and one can be extended; `anew` throws away what is there. `progress(done, total)` counts trials.
    Raises ScenarioError for a study that cannot be understood, UsageError for what cannot be run or does not go with what is
    kept in the folder, OutputError when a trial cannot be kept.
    """
    if not isinstance(study, (str, Path, Study, Mapping)):
        raise UsageError(message("a study is the path of a study file, what would stand in one, or a Study, got {kind}", kind=type(study).__name__))
    study = policies.load(study) if isinstance(study, (str, Path)) else study if isinstance(study, Study) else policies.make(study)
    file = study.file
    _sound(replications, seed, precision, workers)
    seed, count = file.seed if seed is None else seed, file.replications if replications is None else replications
    wanted = file.precision if precision is None else Precision(half_width=precision, at_most=max(count, file.precision.at_most if file.precision else 1000))
    most = max(count, wanted.at_most) if wanted else count
    if most < 2:
        raise UsageError(message("a comparison needs at least 2 replications"))
    chosen = ready([p.scenario for p in study.policies], count, workers, engine, say or logging.getLogger("simgov").warning)
    moments = since.moments(study.policies)
    store = StudyFolder(Path(folder)).opened(study, seed, anew) if folder is not None else None
    trials = Trials(seed, chosen.name, workers, store)
    rows: list[list[Outcome]] = []
    rule = _Enough(study, count, wanted)
    tick = _Ticks(progress, len(study.policies), rule)
    for row in trials.run(arms(study, moments), range(most), tick.done):
        since.check(study.policies, moments, row, len(rows))
        rows.append(row)
        if rule.met(rows):
            break
    return Comparison(study, seed, chosen, tuple(zip(*rows, strict=True)))


def _sound(replications: Any, seed: Any, precision: Any, workers: Any) -> None:
    """Raises UsageError for arguments that make no sense."""
    whole = [("replications", replications, 2), ("seed", seed, 0), *([] if isinstance(workers, str) else [("workers", workers, 1)])]
    for name, value, least in whole:
        if value is not None and (isinstance(value, bool) or not isinstance(value, Integral) or value < least):
            raise UsageError(message("{name} must be a whole number of at least {least}, got {value!r}", name=name, least=least, value=value))
    if precision is not None and not (isinstance(precision, Real) and SMALLEST <= precision < math.inf):
        raise UsageError(message("precision must be a number of at least {least:g}, the half-width asked for, got {precision!r}", least=SMALLEST, precision=precision))


def arms(study: Study, moments: Sequence[int]) -> list[Arm]:
    """The base is fingerprinted at all moments, every policy at its own."""
    every = tuple(sorted({m for m in moments if m}))
    return [arm(policy.scenario, every if policy is study.base else (moment,) if moment else ()) for policy, moment in zip(study.policies, moments, strict=True)]


class _Enough:
    """When to stop: after the replications asked for, or when the precision asked for has been reached and lasts.

    The look-ahead is that of Hoad, Robinson and Davies (2010): a precision that is reached by chance does not last. It is
    judged replication by replication, so that the number does not depend on how many were under way.
    """

    def __init__(self, study: Study, count: int, wanted: Precision | None):
        self.study, self.count, self.wanted = study, count, wanted
        self.since: int | None = None  # replications when the precision was reached

    def met(self, rows: Sequence[Sequence[Outcome]]) -> bool:
        n = len(rows)
        if self.wanted is None or n < 3:
            return self.wanted is None and n >= self.count
        self.since = (self.since or n) if self._widest(rows) <= self.wanted.half_width else None
        lasting = self.since is not None and n >= self.since + max(LOOK_AHEAD, math.ceil(self.since * LOOK_AHEAD / 100))
        return n >= self.count and (lasting or n >= self.wanted.at_most)

    def _widest(self, rows: Sequence[Sequence[Outcome]]) -> float:
        """The widest half-width of the paired differences of the deciding measure."""
        key = self.study.file.measures[0].key
        base, *others = (paired.Ratios.of(outcomes, key) for outcomes in zip(*rows, strict=True))
        return max(paired.difference(other, base, len(others)).half for other in others)


class _Ticks:
    """Counts trials for whoever watches; the total grows while the precision asked for is not reached."""

    def __init__(self, progress: Callable[[int, int], None] | None, policies: int, rule: _Enough):
        self.progress, self.policies, self.rule, self.count = progress or (lambda done, total: None), policies, rule, 0

    def done(self) -> None:
        self.count += 1
        self.progress(self.count, max(self.rule.count * self.policies, self.count))
