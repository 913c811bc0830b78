"""What a calibration found: the fitted values, what the targets pin and leave open, a posterior, a scenario, a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from simgov.calibration import told, written
from simgov.calibration.fit import Fit
from simgov.calibration.pinned import KNOWN, Mark, Pair, correlations, directions, is_pinned, marks, pairs
from simgov.calibration.points import Points, errors, misfits
from simgov.calibration.posterior import Posterior, equally_likely
from simgov.document import Kind, Model
from simgov.engines import Choice
from simgov.language import message
from simgov.result import NOTHING
from simgov.scenario import Scenario, build_with
from simgov.sensitivity import Parameter
from simgov.sensitivity.parameters import settings
from simgov.sheets.safe import as_csv
from simgov.study.folder import Also, appearing, provenance, write_found

if TYPE_CHECKING:
    from matplotlib.figure import Figure


CALIBRATION = Kind("simgov_calibration", message("calibration"), Model, "calibration.json")


@dataclass(frozen=True, repr=False)
class Calibration:
    """`table`: by free parameter; `targets`: by target; `posterior`: equally likely settings; `settings`: those of the fitted scenario."""

    scenario: Scenario
    source: Path | None
    given: Mapping[str, Any]
    params: tuple[Parameter, ...]
    points: Points
    fit: Fit
    depth: str
    replications: int
    seed: int
    engine: Choice
    today: date

    @property
    def name(self) -> str:
        return self.scenario.name

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """By parameter what is left of its range."""
        return marks(self.params, self.fit.draws)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Which two are pinned only together."""
        return pairs(self.params, self.fit.draws)

    @property
    def directions(self) -> int:
        """How many independent things the targets pin: along principal axes of the posterior, or of those that are told, whichever are more."""
        return max(directions(self.fit.draws), sum(mark.verdict == KNOWN for mark in self.marks) + sum(is_pinned(pair.left) for pair in self.pairs))

    @property
    def correlations(self) -> pd.DataFrame:
        """Rank correlations of the parameters in the posterior."""
        names = [p.name for p in self.params]
        return pd.DataFrame(correlations(self.fit.draws), names, names)

    @cached_property
    def fitted(self) -> dict[Parameter, float]:
        """The value of every free parameter in the fitted scenario."""
        return {p: _rounded(p, p.low + float(u) * (p.high - p.low) if not p.whole else p.value(float(u))) for p, u in zip(self.params, self._shares, strict=True)}

    @property
    def _shares(self) -> np.ndarray:
        return self.points.shares[self.fit.chosen]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The fitted values as settings by path; chances of a stage that had to make room are among them."""
        return settings(self.scenario, self.fitted)

    @property
    def table(self) -> pd.DataFrame:
        """By parameter: first `path` and how `many`, value in the file (`base`), `from` and `to` of its range, `fitted`; `low`, `median` and `high` of the posterior (5, 50, 95 %), the
        share of the range that is `left`, and whether the targets say it is `pinned`, `narrowed` or `open`. Durations in seconds."""
        rows = [
            {"path": p.name, "many": len(p.paths), "base": p.base, "from": p.low, "to": p.high, "fitted": self.fitted[p], **m._asdict(), "verdict": m.verdict}
            for p, m in zip(self.params, self.marks, strict=True)
        ]
        return pd.DataFrame(rows)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """By target: what was `reported`, what comes out with the values of the file (`before`) and with the fitted ones (`after`), the middle 90 % of what comes out over the
        posterior (`low`, `high`), the standard deviation that was granted (`error`) on the scale of the fit, and the `misfit` in these."""
        points, emulated = self.points, self.fit.emulator(self.fit.draws)[0]
        scale = errors(points.goals, self.fit.spread)
        far = misfits(points.goals, points.values[[self.fit.chosen]], self.fit.spread)[0]
        rows = []
        for j, goal in enumerate(points.goals):
            before, after = (float(goal.from_scale(points.values[k, j])) for k in (0, self.fit.chosen))
            low, high = (float(goal.from_scale(x)) for x in np.quantile(emulated[:, j], [0.05, 0.95]))
            t = goal.target
            where = ", ".join(f"{k} {v}" for k, v in t.where.items())
            row = {"measure": t.measure, "where": where, "kind": t.kind, "reported": goal.reported(), "before": before, "after": after, "low": low, "high": high}
            rows.append({**row, "error": float(scale[j]), "misfit": float(far[j])})
        return pd.DataFrame(rows)

    @property
    def trace(self) -> pd.DataFrame:
        """Every simulated point in order: the values of the parameters, and of the targets' measures."""
        return trace(self.params, self.points)

    @cached_property
    def posterior(self) -> Posterior:
        """Equally likely settings of the free parameters, to predict with."""
        about = {
            "scenario": self.name,
            "digest": self.scenario.digest,
            "depth": self.depth,
            "seed": self.seed,
            "replications": self.replications,
            "points": len(self.points),
            "engine": self.engine.name,
            "targets": [{"measure": g.target.measure, "where": g.target.where, "reported": g.reported(), "discrepancy": g.discrepancy} for g in self.points.goals],
        }
        return equally_likely(self.params, self.fit.draws, about)

    def label(self, parameter: int, lang: str = "en") -> str:
        """A parameter in words."""
        return self.params[parameter].label(self.scenario, lang)

    def answer(self, lang: str = "en") -> str:
        """What was pinned and what was left open, in sentences for somebody who reads no tables."""
        return "\n".join(told.sentences(self, lang))

    def figure(self, lang: str = "en") -> Figure:
        """The joint picture: every pair of free parameters over their whole ranges."""
        from simgov.calibration.figure import draw

        return draw(self, lang)

    def fitted_scenario(self) -> Scenario:
        """The scenario with the fitted values."""
        return build_with(self.scenario.data, self.scenario.access, self.settings, name=f"{self.name}_fitted", folder=self.scenario.folder)

    def yaml(self, folder: str | Path = ".") -> str:
        """The fitted scenario as a file of that folder."""
        return written.text(self.scenario, self.source, self.given, self._tagged(), Path(folder))

    def _tagged(self) -> dict[str, Any]:
        """Fitted values with a tag: the interval, by what, to what, when."""
        now = dict(self.settings)
        for number, param in enumerate(self.params):
            mark, note = self.marks[number], told.note(self, number)
            value = self.fitted[param]
            low, high = (param.written(_rounded(param, x)) for x in (min(mark.low, value), max(mark.high, value)))
            for name in _names(param):
                now[name] = {"value": now.get(name, param.written(value)), "assumption": [low, high], "note": {**note}}
        return now

    def save(self, folder: str | Path, lang: str = "en", also: Also = NOTHING) -> Path:
        """Write NAME_fitted.yaml, posterior.json, tables (Parquet), trace.csv, the answer in both languages, the figure and calibration.json into a folder.

        `also`: further files by name, and what makes their text, such as a report. All appears together, or nothing. Raises OutputError.
        """
        folder = Path(folder)
        more = {f"{self.name}_fitted.yaml": lambda: self.yaml(folder), "posterior.json": self.posterior.text, "trace.csv": lambda: as_csv(self.trace)}
        about = {**provenance("calibration", self.name, self.seed), **self.posterior.about}
        with appearing(folder, CALIBRATION, about, {**more, **also}) as work:
            write_found(work, self, ("table", "targets"), lang)
        return folder

    def __repr__(self) -> str:
        return f"<Calibration of {self.name}: {len(self.params)} parameters to {len(self.points.goals)} targets, {len(self.points)} points of {self.replications} replications, seed {self.seed}>"


def trace(params: tuple[Parameter, ...], points: Points) -> pd.DataFrame:
    """Every simulated point in order: the values of the parameters, and of the targets' measures."""
    values = {p.name: p.low + points.shares[:, k] * (p.high - p.low) for k, p in enumerate(params)}
    measures = {f"target {j + 1}: {goal.target.measure}": goal.from_scale(points.values[:, j]) for j, goal in enumerate(points.goals)}
    return pd.DataFrame({**values, **measures})


def _rounded(param: Parameter, value: float) -> float:
    """To five figures: what is written is what was fitted."""
    return float(np.clip(float(f"{value:.5g}"), param.low, param.high)) if not param.whole else value


def _names(param: Parameter) -> list[str]:
    from simgov.errors import dotted

    return [dotted(path) for path in param.paths]
