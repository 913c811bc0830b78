"""Morris, then Sobol: which assumption moves the answer most, and should be measured first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from simgov import budget as budgets
from simgov.errors import UsageError
from simgov.language import LANGUAGES, Message, message
from simgov.plan import plant
from simgov.scenario import Roots, Scenario, load
from simgov.scenario.document import Document
from simgov.sensitivity.answers import Model, Simulated
from simgov.sensitivity.found import Sensitivity
from simgov.sensitivity.parameters import Parameter, parameters
from simgov.sensitivity.screening import Screening, screen
from simgov.sensitivity.shares import Shares, shares
from simgov.study import load as load_study
from simgov.study.folder import StudyFolder, provenance
from simgov.study.model import Asked
from simgov.study.policies import Policy, Reader, Study
from simgov.trials import Sealed, Trials, ready

BUDGET, REPLICATIONS = 3200, 4
FEWEST, MOST = 3, 20  # trajectories
ROWS = 64  # of Saltelli's sample that are wanted; fewer parameters are shared out rather than with fewer rows
FEWEST_ROWS, FEWEST_SHARED = 16, 3


def sensitivity(
    what: Scenario | Study | str | Path,
    *,
    measure: str | None = None,
    where: Mapping[str, Any] | None = None,
    budget: int = BUDGET,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    apart: bool = False,
    folder: str | Path | None = None,
    anew: bool = False,
    settings: Any = (),
    changes: Sequence[str] = (),
    root: Roots = None,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Sensitivity:
    """Move all numbers that are tagged as assumptions with a range, and tell which of them moves the answer most.

    `what` is a scenario (or its file): the answer is the measure of its first fitted target, or `measure` in the row `where`. Or a
    study (or its file): the answer is the difference of its first two policies in its deciding measure. At most `budget`
    simulations are made, so many `replications` of each point under common draws. Paths whose value, range and note are the
    same are moved together, unless `apart`. With a `folder` every trial is kept there, and is not done again.
    `settings` and `changes` are as for `simgov.load`, and go with a scenario file only; so is `root`, for a file.
    Raises ScenarioError, UsageError, OutputError.
    """
    policies, asked = _asked(what, measure, dict(where or {}), settings, changes, root)
    scenarios = [policy.scenario for policy in policies]
    params = parameters(scenarios, apart)
    if not params:
        raise UsageError(message("no number of this scenario is tagged as an assumption with a range [low, high], so there is nothing to vary"))
    plan = Plan.of(len(params), budget, replications * len(scenarios))
    chosen = ready(scenarios, plan.points * replications, workers, engine, say or logging.getLogger("simgov").warning)
    name = what.name if isinstance(what, (Scenario, Study)) else Path(what).stem
    store = StudyFolder(Path(folder)).ready({**provenance("sensitivity", name, seed), "policies": {}}, anew) if folder is not None else None
    sealed = tuple(Sealed.of(scenario) for scenario in scenarios)
    at_once = budgets.roots_at_once(budgets.expect(scenarios[0]), len(plant(scenarios[0]).residents))
    model = Simulated(params, sealed, asked.key, Trials(seed, chosen.name, workers, store), replications, at_once)
    screening, shared, which = analyse(model, params, plan, seed, progress)
    return Sensitivity(name, tuple(policies), asked, tuple(params), screening, shared, which, plan, replications, seed, chosen)


class Plan(NamedTuple):
    """How the simulations are spent: `trajectories` of Morris, then up to `left` points of Sobol; `points` in all."""

    trajectories: int
    left: int
    points: int

    @classmethod
    def of(cls, count: int, budget: int, each: int) -> Plan:
        """For so many parameters, of which each point takes `each` simulations. Raises UsageError when the budget is too small."""
        points = budget // each
        later = FEWEST_ROWS * (min(count, FEWEST_SHARED) + 2)
        least = FEWEST * (count + 1) + later
        if points < least:
            raise UsageError(message("{count} assumptions with {each} simulations a point need a budget of at least {least:,} simulations (--budget), got {budget:,}", count=count, each=each, least=least * each, budget=budget))
        trajectories = max(FEWEST, min(MOST, int(0.4 * points) // (count + 1), (points - later) // (count + 1)))
        return cls(trajectories, points - trajectories * (count + 1), points)

    def shared(self, matters: int) -> tuple[int, int]:
        """How many of those that matter are shared out, and from how many rows (a power of two)."""
        count = min(matters, max(FEWEST_SHARED, self.left // ROWS - 2))
        return count, 2 ** int(np.log2(self.left / (count + 2)))


def analyse(
    model: Model, params: Sequence[Parameter], plan: Plan, seed: int, progress: Callable[[int, int], None] | None = None
) -> tuple[Screening, Shares | None, np.ndarray]:
    """Screen all parameters, then share the variance out between those that matter most: their numbers, the strongest first."""
    count, done = 0, progress or (lambda done, total: None)

    def tick() -> None:
        nonlocal count
        count += 1
        done(count, total)

    total = plan.points
    screening = screen(model, len(params), plan.trajectories, seed, tick)
    order = [k for k in np.argsort(-screening.strength, kind="stable") if screening.matters[k]]
    if not order:
        return screening, None, np.zeros(0, int)
    few, rows = plan.shared(len(order))
    total = count + rows * (few + 2)
    which, rest = np.array(order[:few]), np.array([p.share(p.base) for p in params])
    return screening, shares(model, which, rest, rows, seed, tick), which


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────


def _asked(what: Scenario | Study | str | Path, measure: str | None, where: dict[str, Any], settings: Any, changes: Sequence[str], root: Roots) -> tuple[list[Policy], Asked]:
    if isinstance(what, (str, Path)):
        what = _loaded(Path(what), settings, changes, root)
    elif settings or changes:
        raise UsageError(message("settings and changes go with a file; give them to simgov.load"))
    if isinstance(what, Study):
        if len(what.policies) < 2:
            raise UsageError(message("the study has one policy, so there is no difference to explain"))
        policies, asked = list(what.policies[:2]), what.file.measures[0]
    else:
        policies, asked = [Policy(what.name, {lang: what.title.say(lang) or what.name for lang in LANGUAGES}, what)], _of_target(what, measure)
    if measure is not None:
        asked = Asked(measure=measure, where=where)
    reader = Reader(Path(), {})
    reader.measure((), asked, policies[0].scenario)
    if reader.problems:
        raise UsageError(reader.problems[0].message)
    return policies, asked


def _loaded(path: Path, settings: Any, changes: Sequence[str], root: Roots) -> Scenario | Study:
    """A study file names its scenario; a scenario file does not."""
    if "scenario" not in Document.read(path).data:
        return load(path, settings, changes, root=root)
    if settings or changes:
        raise UsageError(message("--set and --change go with a scenario; a study says itself what is set"))
    return load_study(path, root=root)


def _of_target(scenario: Scenario, measure: str | None) -> Asked:
    """The measure of the first target that is fitted, or of the first one."""
    if measure is not None:
        return Asked(measure=measure)
    targets = sorted((target for target in scenario.targets if len(target.classes) < 2), key=lambda target: target.kind not in ("fit", "soft"))
    if not targets:
        raise UsageError(message("the scenario has no target: say which measure is meant, such as --measure time_to_closure_p90"))
    return Asked(measure=targets[0].measure, where=targets[0].where, label=targets[0].label)
