"""Prediction with what is not known: draws of a posterior as settings of arms under common draws."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from simgov import budget as budgets
from simgov.calibration.asked import questions
from simgov.calibration.model import nearest_sound
from simgov.calibration.parts import blocks
from simgov.calibration.posterior import Posterior
from simgov.calibration.prediction import Prediction
from simgov.clock import seconds
from simgov.errors import UsageError
from simgov.language import Message, message, together
from simgov.measures.pool import exists
from simgov.plan import plant
from simgov.scenario import Roots, Scenario, load
from simgov.scenario.document import Document
from simgov.scenario.paths import at
from simgov.sensitivity import Parameter
from simgov.sensitivity.answers import here
from simgov.study import load as load_study
from simgov.study.folder import StudyFolder, provenance
from simgov.study.paired import Ratios
from simgov.study.policies import Policy, Study, scenario_of
from simgov.targets import Key
from simgov.trials import Arm, Sealed, Trials, ready
from simgov.workers import carry_out

DRAWS, REPLICATIONS = 40, 8
FEWEST = 10.0  # equally likely draws that the weights must amount to
MOST_SHOWN = 5  # parameters in a message


def predict(
    posterior: Posterior,
    what: Scenario | Study | str | Path,
    measure: str | None = None,
    *,
    where: Mapping[str, Any] | None = None,
    base: Scenario | None = None,
    known: Collection[str] = (),
    draws: int = DRAWS,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    folder: str | Path | None = None,
    anew: bool = False,
    root: Roots = None,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Message], None] | None = None,
) -> Prediction:
    """Measures of a scenario, or of the policies of a study, with both parts of their intervals: chance, and what the posterior leaves unknown.

    Without a `measure` (in the row `where`) these are all that the study asks; of a scenario its targets, headline, cohort closure, times,
    levels and triage. Every one of `draws` settings is simulated with the same replications for every policy, once for all measures; four settings
    share their replications, the next four have others. A number that is set otherwise than in `base` (the plain file, or the first policy where
    no file was named), by the study, or at a path that is `known` is no longer unknown and stays as set. With a `folder` every trial is kept there, and is not done again. `root` is as for `simgov.load`. Raises ScenarioError, OutputError, and UsageError for
    a posterior of another scenario or one whose weights have collapsed.
    """
    if draws < 2 or replications < 2:
        raise UsageError(message("a prediction needs at least 2 draws and 2 replications, got {draws} and {replications}", draws=draws, replications=replications))
    tell = say or logging.getLogger("simgov").warning
    if isinstance(what, (str, Path)):
        what, base = _read(Path(what), base, root)
    policies = list(what.policies) if isinstance(what, Study) else [_alone(what)]
    base = base or policies[0].scenario
    _refuse_collapsed(posterior)
    _refuse_another(posterior, base)
    asked = questions(what, measure, where)
    arms = [(Sealed.of(p.scenario), _unknown(posterior, p.scenario, base, [*known, *_paths(what, p)])) for p in policies]
    if not any(unknown for _, unknown in arms):
        raise UsageError(message("the posterior has no parameter of this scenario that is left as it is, so nothing is unknown"))
    size = budgets.expect(base)
    tell(_cost(posterior, base, draws, replications, len(arms), size.visits))
    chosen = ready([p.scenario for p in policies], draws * replications, workers, engine, tell)
    about = {"posterior": posterior.digest, "policies": {p.name: {"digest": p.scenario.digest, "scenario": p.scenario.data} for p in policies}}
    store = StudyFolder(Path(folder)).ready({**provenance("prediction", what.name, seed), **about}, anew) if folder is not None else None
    numbers, alone = posterior.some(draws, seed), Trials(seed, chosen.name, store=store)
    keys, at_once = tuple(question.keys for question in asked), budgets.roots_at_once(size, len(plant(base).residents))
    windows = [range(block * replications, (block + 1) * replications) for block in blocks(draws).tolist()]
    asks = (
        (sealed, {p: float(posterior.values[k, i]) for i, p in unknown.items()}, keys, alone, mine, at_once)
        for k, mine in zip(numbers, windows, strict=True) for sealed, unknown in arms
    )  # fmt: skip
    found, pulled = _simulated(asks, draws * len(arms), workers, progress)
    values = np.array(found).reshape(draws, len(arms), len(asked), replications).transpose(2, 1, 0, 3)
    there = [k for k in range(len(asked)) if np.isfinite(values[k]).any() or len(asked) == 1]
    if measure is not None and not np.isfinite(values).all():
        raise UsageError(message("{measure} has no value at some of the draws, so it cannot be predicted; choose another one", measure=measure))
    return Prediction(what.name, tuple(policies), tuple(asked[k] for k in there), values[there], posterior, numbers, seed, chosen, pulled)


def _simulated(asks: Iterable[tuple], count: int, workers: int | str, progress: Callable[[int, int], None] | None) -> tuple[list, float]:
    """Values of each setting of each policy, and the share of these in which a chance was pulled back into its range."""
    found, pulled = [], 0
    with closing(carry_out(_rows, asks, workers)) as rows:
        for values, share in rows:
            found.append(values)
            pulled += share < 1
            if progress:
                progress(len(found), count)
    return found, pulled / len(found)


def _read(path: Path, base: Scenario | None, root: Roots) -> tuple[Scenario | Study, Scenario]:
    """What a file says, and the scenario as it is before anything is set."""
    if "scenario" not in Document.read(path).data:
        made = load(path, root=root)
        return made, base or made
    study = load_study(path, root=root)
    return study, base or scenario_of(path, study, root)


def _paths(what: Scenario | Study, policy: Policy) -> Iterator[str]:
    """What a study sets for a policy, if only to what it was."""
    if not isinstance(what, Study):
        return
    yield from what.file.set
    if policy.name in what.file.policies:
        yield from what.file.policies[policy.name].set
    for name, value in policy.moved.items():
        lever = (what.file.sweep | what.file.grid)[name]
        yield from [lever.path] if lever.path else lever.values[value].set


def _alone(scenario: Scenario) -> Policy:
    return Policy(scenario.name, {lang: scenario.title.say(lang) or scenario.name for lang in ("en", "zh")}, scenario)


def _cost(posterior: Posterior, base: Scenario, draws: int, replications: int, policies: int, visits: float) -> Message:
    """What will be simulated, told before it is."""
    trials = draws * replications * policies
    told = {"draws": draws, "name": posterior.about.get("scenario", base.name), "replications": replications, "trials": f"{trials:,}", "visits": f"{visits * trials / 1e6:,.2g}"}
    if policies == 1:
        return message("{draws} draws of the posterior of {name} × {replications} replications: {trials} trials, about {visits} million visits (--draws, -n)", **told)
    return message(
        "{draws} draws of the posterior of {name} × {replications} replications × {policies} policies: {trials} trials, about {visits} million visits (--draws, -n)",
        policies=policies, **told,
    )  # fmt: skip


# ── which posterior ─────────────────────────────────────────────────────────────────────────────────


def _refuse_collapsed(posterior: Posterior) -> None:
    worth = posterior.effective
    if worth < FEWEST and worth < len(posterior) / 2:
        raise UsageError(message("the weights of the posterior have collapsed: its {n} draws are worth {worth:.1f} equally likely ones, and {fewest:g} are needed; fit it again with more points", n=len(posterior), worth=worth, fewest=FEWEST))


def _refuse_another(posterior: Posterior, scenario: Scenario) -> None:
    """A posterior whose parameters a scenario does not have is that of another one."""
    missing = [p.name for p in posterior.params if not any(_is_number(at(scenario.data, path)) for path in p.paths)]
    if missing or not posterior.params:
        about = posterior.about
        which = {"other": about.get("scenario", "?"), "digest": str(about.get("digest", "?"))[:8], "name": scenario.name, "mine": scenario.digest[:8]}
        fitted = message("was fitted to '{other}' ({digest}), not to '{name}' ({mine})", **which)
        shown, more = together(missing[:MOST_SHOWN]), len(missing) - MOST_SHOWN
        shown = message("{names} and {n} more", names=shown, n=more) if more > 0 else shown
        lacks = message("which has no number at {paths}", paths=shown) if missing else message("and it has no parameter at all")
        raise UsageError(message("the posterior {fitted}, {lacks}; calibrate this scenario, or name the one that was", fitted=fitted, lacks=lacks))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _unknown(posterior: Posterior, scenario: Scenario, base: Scenario, known: Collection[str]) -> dict[int, Parameter]:
    """By number: the parameters that a policy leaves as they are, around the values that its scenario has now."""
    left = posterior.left_alone(scenario, base, known)
    return {i: _as_it_is(p, scenario) for i, p in enumerate(posterior.params) if p in left}


def _as_it_is(param: Parameter, scenario: Scenario) -> Parameter:
    """A posterior may be put into the fitted scenario, whose numbers are no longer those of the file that was fitted."""
    now = next(value for path in param.paths if _is_number(value := at(scenario.data, path)))
    return replace(param, base=float(seconds(now)) if isinstance(now, str) else float(now))


# ── in a worker ─────────────────────────────────────────────────────────────────────────────────────


def _rows(
    sealed: Sealed, values: dict[Parameter, float], asked: Sequence[tuple[Key, ...]], trials: Trials, replications: Sequence[int], at_once: int
) -> tuple[np.ndarray, float]:
    """At one draw, by question and replication what its mean is (the ratio, linearised; nan where there is none), and the share of the way that was sound."""
    variant, share = nearest_sound(sealed, values)
    roots = len(plant(variant.open()).residents)
    outcomes = [row[0] for row in here(trials).run([Arm(variant, roots, min(at_once, roots))], replications)]
    return np.array([_linear(np.array([outcome.sum(keys) for outcome in outcomes]), keys[0][0]) for keys in asked]), share


def _linear(both: np.ndarray, measure: str) -> np.ndarray:
    top, bottom = both.T
    if not exists(measure, bottom) or not bottom.sum():
        return np.full(len(top), np.nan)
    ratios = Ratios(top, bottom)
    return ratios.value + ratios.residuals
