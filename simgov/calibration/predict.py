"""Prediction with what is not known: how much of an interval is chance, and how much is ignorance of the parameters."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from simgov import budget as budgets
from simgov.calibration.model import nearest_sound
from simgov.calibration.posterior import Posterior
from simgov.engines import Note
from simgov.errors import UsageError
from simgov.plan import plant
from simgov.scenario import Scenario, load, yaml_text
from simgov.sensitivity import Parameter
from simgov.sensitivity.answers import here
from simgov.study import load as load_study
from simgov.study.model import Asked
from simgov.study.paired import Ratios
from simgov.study.policies import Policy, Reader, Study
from simgov.trials import Arm, Sealed, Trials, ready
from simgov.vocabulary import MEASURES
from simgov.words import change, number, row_label, signed
from simgov.workers import carry_out

DRAWS, REPLICATIONS = 40, 8
SAYS = {
    "en": {
        "value": "{who}: {measure} {value}; the expected value lies between {least} and {most}, one window between {low} and {high} (95 of 100 cases).",
        "difference": "{who} less {base}: {measure} {value}; the expected value lies between {least} and {most}, one window between {low} and {high} (95 of 100 cases).",
        "parts": "Of the spread of windows {share} is what the targets leave unknown (standard deviation {ignorance}), the rest is chance ({chance}).",
        "sure": "Whatever the unknown numbers are within the posterior, the sign is the same in {sure} of 100 draws.",
    },
    "zh": {
        "value": "{who}：{measure}为{value}；期望值在{least}至{most}之间，单个统计期在{low}至{high}之间（100次中有95次）。",
        "difference": "{who}减{base}：{measure}{value}；期望值在{least}至{most}之间，单个统计期在{low}至{high}之间（100次中有95次）。",
        "parts": "其中{share}来自目标未能确定的参数（标准差{ignorance}），其余为随机波动（{chance}）。",
        "sure": "后验抽样中每100次有{sure}次符号相同。",
    },
}


class Parts(NamedTuple):
    """`value`: the mean; `low`, `high`: of one window, with everything that is unknown; `chance` and `ignorance`: standard deviations, whose squares add up to
    the variance of one window; `error`: of the ignorance, from so few draws; `sure`: the share of draws whose mean has the sign of the value.
    `least`, `most`: of the expected value, from ignorance and Monte-Carlo error (Normal, 95 %)."""

    value: float
    low: float
    high: float
    chance: float
    ignorance: float
    error: float
    sure: float
    least: float
    most: float

    @property
    def share(self) -> float:
        """Of the variance: that which is ignorance."""
        total = self.chance**2 + self.ignorance**2
        return self.ignorance**2 / total if total else 0.0


def parts(values: np.ndarray) -> Parts:
    """Of values (draws x replications), in which all draws have the same replications under common draws.

    The law of total variance: Var(Y) = E Var(Y | parameters) + Var E(Y | parameters). Common draws move all rows alike, so the noise of a row's mean
    against the others is that of the interaction alone, and the second part is (MS between rows - MS interaction) / replications: a two-way
    analysis of variance without the columns that the rows share (Searle, Casella and McCulloch 1992, section 4.3).
    """
    draws, n = values.shape
    rows, columns, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    rest = values - rows[:, None] - columns[None, :] + mean
    interaction = (rest**2).sum() / ((draws - 1) * (n - 1))
    between = n * rows.var(ddof=1)
    ignorance = max((between - interaction) / n, 0.0)
    chance = max((columns.var(ddof=1) - interaction / draws), 0.0) + interaction
    low, high = np.quantile(values, [0.025, 0.975])
    error = np.sqrt(2 / (draws - 1)) * between / n / (2 * np.sqrt(ignorance)) if ignorance else 0.0
    sure = float((np.sign(rows) == np.sign(mean)).mean())
    half = 1.96 * np.sqrt(ignorance + columns.var(ddof=1) / n)
    return Parts(float(mean), float(low), float(high), float(np.sqrt(chance)), float(np.sqrt(ignorance)), float(error), sure, float(mean - half), float(mean + half))


@dataclass(frozen=True, repr=False)
class Prediction:
    """`values` (policies x draws x replications): of one measure, under common draws. `table`: both parts of every interval."""

    name: str
    policies: tuple[Policy, ...]
    asked: Asked
    values: np.ndarray
    draws: np.ndarray  # their numbers in the posterior

    @property
    def table(self) -> pd.DataFrame:
        """One row per policy, and one per difference from the first: value, `least` and `most` of its expectation, `low` and `high` of one window, `chance`, `ignorance` and its `share` of the variance."""
        return pd.DataFrame([{"policy": who, "less": base, **p._asdict(), "share": p.share} for who, base, p in self._rows()])

    def _rows(self) -> Iterator[tuple[str, str, Parts]]:
        for policy, values in zip(self.policies, self.values, strict=True):
            yield policy.name, "", parts(values)
        for policy, values in zip(self.policies[1:], self.values[1:], strict=True):
            yield policy.name, self.policies[0].name, parts(values - self.values[0])

    def answer(self, lang: str = "en") -> str:
        """Every interval with its two parts, in sentences."""
        return "\n".join(self._sentences(lang))

    def _sentences(self, lang: str) -> Iterator[str]:
        says, unit = SAYS[lang], MEASURES[self.asked.measure].unit
        about = (self.asked.label.say(lang) if self.asked.label else "") or row_label(self.policies[0].scenario, self.asked.key, lang)
        names = {policy.name: policy.say(lang) for policy in self.policies}
        for who, base, p in self._rows():
            say = change if base else number
            told = {name: say(getattr(p, name), unit, lang) for name in ("value", "least", "most", "low", "high")}
            spread = {name: signed(getattr(p, name), unit).lstrip("+") for name in ("chance", "ignorance")}
            yield says["difference" if base else "value"].format(who=names[who], base=names.get(base), measure=about, **told)
            yield says["parts"].format(share=f"{p.share:.0%}", **spread)
            if base:
                yield says["sure"].format(sure=f"{100 * p.sure:.0f}")

    def __repr__(self) -> str:
        return f"<Prediction of {self.asked.measure} by {self.name}: {len(self.policies)} policies, {self.values.shape[1]} draws, {self.values.shape[2]} replications>"


def predict(
    posterior: Posterior,
    what: Scenario | Study | str | Path,
    measure: str | None = None,
    *,
    where: Mapping[str, Any] | None = None,
    base: Scenario | None = None,
    draws: int = DRAWS,
    replications: int = REPLICATIONS,
    seed: int = 1,
    engine: str = "auto",
    workers: int | str = 1,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Note], None] | None = None,
) -> Prediction:
    """A measure of a scenario, or of the policies of a study, with both parts of its interval: chance, and what the posterior leaves unknown.

    `measure` (in the row `where`) is the first of the study, if left out. Every one of `draws` settings is simulated with the same replications
    for every policy. A number that a policy sets itself (it differs from `base`, the first policy if left out) is no longer unknown and stays as set.
    Raises ScenarioError and UsageError.
    """
    if draws < 2 or replications < 2:
        raise UsageError(f"a prediction needs at least 2 draws and 2 replications, got {draws} and {replications}")
    name, policies, asked = _asked(what, measure, dict(where or {}))
    base = base or policies[0].scenario
    arms = [(Sealed.of(p.scenario), posterior.left_alone(p.scenario, base)) for p in policies]
    if not any(params for _, params in arms):
        raise UsageError("the posterior has no parameter of this scenario")
    chosen = ready([p.scenario for p in policies], draws * replications, workers, engine, say or logging.getLogger("simgov").warning)
    at_once = budgets.roots_at_once(budgets.expect(base), len(plant(base).residents))
    numbers, alone = posterior.some(draws, seed), Trials(seed, chosen.name)
    asks = ((sealed, _only(posterior.at(int(k)), params), asked.key, alone, replications, at_once) for k in numbers for sealed, params in arms)
    found = []
    with closing(carry_out(_row, asks, workers)) as rows:
        for row in rows:
            found.append(row)
            if progress:
                progress(len(found), draws * len(arms))
    values = np.array(found).reshape(draws, len(arms), replications).transpose(1, 0, 2)
    if not np.isfinite(values).all():
        raise UsageError(f"{asked.measure} has no value at some of the draws, so it cannot be predicted; choose another one")
    return Prediction(name, tuple(policies), asked, values, numbers)


def _only(values: Mapping[Parameter, float], params: Sequence[Parameter]) -> dict[Parameter, float]:
    return {p: value for p, value in values.items() if p in params}


def _row(sealed: Sealed, values: dict[Parameter, float], key: tuple[str, ...], trials: Trials, replications: int, at_once: int) -> np.ndarray:
    """In a worker: by replication what its mean is at one draw (the ratio, linearised)."""
    variant, _ = nearest_sound(sealed, values)
    roots = len(plant(variant.open()).residents)
    rows = list(here(trials).run([Arm(variant, roots, min(at_once, roots))], range(replications)))
    top, bottom = np.array([row[0].row(key) for row in rows]).T
    ratios = Ratios(top, bottom)
    return ratios.value + ratios.residuals


def _asked(what: Scenario | Study | str | Path, measure: str | None, where: dict[str, Any]) -> tuple[str, list[Policy], Asked]:
    if isinstance(what, (str, Path)):
        what = load_study(what) if "scenario" in yaml_text.read(Path(what))[0] else load(what)
    if isinstance(what, Study):
        policies, asked = list(what.policies), what.file.measures[0]
    else:
        policies, asked = [Policy(what.name, {lang: what.title.say(lang) or what.name for lang in ("en", "zh")}, what)], None
    if measure is not None:
        asked = Asked(measure=measure, where=where)
    if asked is None:
        raise UsageError("say which measure is predicted, such as time_to_closure_p90")
    reader = Reader(Path(), {})
    reader.measure((), asked, policies[0].scenario)
    if reader.problems:
        raise UsageError(reader.problems[0].message)
    return what.name, policies, asked
