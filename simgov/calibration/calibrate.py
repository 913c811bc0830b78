"""Fitting what is free to what was reported, and saying what that cannot tell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np

from simgov import budget as budgets
from simgov.calibration import point as quick
from simgov.calibration import waves as thorough
from simgov.calibration.contradiction import contradiction, told
from simgov.calibration.errors import CalibrationError
from simgov.calibration.fit import Fit
from simgov.calibration.found import Calibration, trace
from simgov.calibration.free import free as free_parameters
from simgov.calibration.goals import DISCREPANCY, goals
from simgov.calibration.model import Simulated
from simgov.calibration.points import Points
from simgov.errors import UsageError, dotted
from simgov.language import Message, message
from simgov.plan import plant
from simgov.scenario import Roots, Scenario, load
from simgov.scenario.paths import at, differences
from simgov.sensitivity import Parameter
from simgov.sheets.safe import as_csv
from simgov.study.folder import StudyFolder, provenance, write
from simgov.trials import Sealed, Trials, ready

REPLICATIONS = 8


def calibrate(
    what: Scenario | str | Path,
    *,
    depth: Literal["point", "posterior"] = "posterior",
    free: Iterable[str] = (),
    soft: bool = False,
    discrepancy: float = DISCREPANCY,
    points: int | None = None,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    folder: str | Path | None = None,
    anew: bool = False,
    settings: Any = (),
    changes: Iterable[str] = (),
    root: Roots = None,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Calibration:
    """Fit the parameters that are marked `free` (and those of `free`: a path, or `path=low,high`) to the targets of kind `fit`.

    `depth`: `point` is least squares, with a quadratic surface for what is left open; `posterior` looks at the whole ranges. `soft` takes soft
    targets in, with three times the discrepancy. `discrepancy`: how far off the model itself may be (standard deviation), in log-odds of shares, in
    logarithms of other figures. `points`: simulated points of a posterior at most; each has so many `replications` under common draws. With a `folder`
    every trial is kept there and is not done again. `settings`, `changes` and `root` are as for `simgov.load`; they go with a file only.
    Raises ScenarioError, UsageError for what cannot be fitted, OutputError, and CalibrationError (with the best point and the trace, which are
    kept in the folder, too) when targets contradict each other or the fit does not converge.
    """
    if depth not in ("point", "posterior"):
        raise UsageError(message("depth must be point or posterior, got '{depth}'", depth=depth))
    if points is not None and depth == "point":
        raise UsageError(message("points are counted for a posterior; least squares takes as many as it needs"))
    if replications < 2:
        raise UsageError(message("a calibration needs at least 2 replications of each point: the spread between them is the chance of one window"))
    changes = tuple(changes)
    if isinstance(what, Scenario) and (settings or changes):
        raise UsageError(message("settings and changes go with a file; give them to simgov.load"))
    scenario = what if isinstance(what, Scenario) else load(what, settings, changes, root=root)
    params, aims = free_parameters(scenario, free), goals(scenario, soft, discrepancy)
    expected = thorough.expected(len(params)) if depth == "posterior" else quick.expected(len(params))
    chosen = ready([scenario], expected * replications, workers, engine, say or logging.getLogger("simgov").warning)
    place = Path(folder) if folder is not None else None
    store = StudyFolder(place).ready({**provenance("calibration", scenario.name, seed), "policies": {}}, anew) if place is not None else None
    at_once = budgets.roots_at_once(budgets.expect(scenario), len(plant(scenario).residents))
    model = Simulated(params, Sealed.of(scenario), tuple(goal.keys for goal in aims), Trials(seed, chosen.name, workers, store), replications, at_once)
    asked = Points(model, aims, np.array([p.share(p.base) for p in params]))
    fit = carry_out(asked, params, depth, seed, points, progress)
    source = None if isinstance(what, Scenario) else Path(what)
    given = _given(source, scenario, changes, root) if source and settings else {}
    found = Calibration(scenario, source, given, params, asked, fit, depth, replications, seed, chosen, date.today())
    _judge(found, place)
    return found


def carry_out(asked: Points, params: tuple[Parameter, ...], depth: str, seed: int, at_most: int | None = None, progress: Callable[[int, int], None] | None = None) -> Fit:
    """Either depth, with any model."""
    expected = at_most or (thorough.expected(len(params)) if depth == "posterior" else quick.expected(len(params)))
    count, tell = 0, progress or (lambda done, total: None)

    def tick() -> None:
        nonlocal count
        count += 1
        tell(count, max(expected, count))

    return thorough.waves(asked, seed, at_most, tick) if depth == "posterior" else quick.point(asked, params, seed, tick)


def _given(source: Path, scenario: Scenario, changes: Iterable[str], root: Roots) -> dict[str, Any]:
    """What settings made of the scenario, by path."""
    plain = load(source, changes=changes, root=root).data
    return {dotted(path): at(scenario.data, path) for path in differences(plain, scenario.data)}


def _judge(found: Calibration, place: Path | None) -> None:
    """Raises CalibrationError, after keeping what there is."""
    opposed = contradiction(found.points, found.fit, found.seed)
    if opposed:
        why = told(found.scenario, found.points, found.fit, opposed)
    elif found.fit.unsettled:
        why = message("the calibration has not converged: {why}; give it more points (--points), more replications (-n), or free fewer numbers", why=found.fit.unsettled)
    else:
        return
    kept = trace(found.params, found.points)
    if place is not None:
        write(place / "trace.csv", as_csv(kept))
        write(place / f"{found.name}_best.yaml", found.yaml(place))
        why = message("{why}; the best point and all others are in {folder}", why=why, folder=place)
    raise CalibrationError(why, found.settings, kept)
