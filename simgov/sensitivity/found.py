"""What a sensitivity analysis found: a table, sentences and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from simgov.document import Kind, Model
from simgov.engines import Choice
from simgov.language import LANGUAGES, message
from simgov.result import NOTHING
from simgov.sensitivity import told
from simgov.sensitivity.parameters import Parameter
from simgov.sensitivity.screening import Screening
from simgov.sensitivity.shares import Shares
from simgov.study.folder import Also, appearing, write_found
from simgov.study.model import Asked
from simgov.study.policies import Policy
from simgov.vocabulary import MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Label(Model):
    """Words in both languages."""

    en: str
    zh: str


class About(Model):
    """What an analysis says of itself."""

    digests: list[str] = Field(min_length=1)
    measure: Literal[*MEASURES]
    label: Label
    simulations: int = Field(ge=0)


SENSITIVITY = Kind("simgov_sensitivity", message("sensitivity analysis"), About, "sensitivity.json")


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """Which assumptions move the answer: that of one scenario, or the difference of two policies (the second less the first).

    `table` has one row per parameter, the most important first. `plan` says how the simulations were spent.
    """

    name: str
    policies: tuple[Policy, ...]
    asked: Asked
    params: tuple[Parameter, ...]
    screening: Screening
    shares: Shares | None
    which: np.ndarray  # numbers of the parameters that share the variance
    plan: Any
    replications: int
    seed: int
    engine: Choice

    @cached_property
    def table(self) -> pd.DataFrame:
        """By parameter: its first `path` and on how `many` paths it stands, `base`, `low` and `high` in words, `note`; of Morris the
        `strength` (mean absolute change of the answer over the whole range), `mean` (with its sign), `spread` between
        trajectories, `noise` (what chance alone would reach) and whether it `matters` more; of Sobol the shares of the
        variance `first` (alone) and `total` (with interactions), each from `_low` to `_high`, nan where none was computed."""
        s = self.screening
        rows = []
        for k, p in enumerate(self.params):
            row = {"path": p.name, "many": len(p.paths), **p.told(), "note": p.note}
            row |= {"strength": s.strength[k], "mean": s.mean[k], "spread": s.spread[k], "noise": s.noise[k], "matters": bool(s.matters[k])}
            rows.append({"parameter": k, **row, **self._shares(k)})
        return pd.DataFrame(rows).sort_values(["total", "strength"], ascending=False, na_position="last", kind="stable").reset_index(drop=True)

    def _shares(self, k: int) -> dict[str, float]:
        at = np.flatnonzero(self.which == k)
        found: dict[str, float] = {}
        for name in ("first", "total"):
            value, half = (float(getattr(self.shares, x)[at[0]]) for x in (name, f"{name}_half")) if self.shares is not None and len(at) else (np.nan, np.nan)
            found |= {name: value, f"{name}_low": value - half, f"{name}_high": value + half}
        return found

    @property
    def range(self) -> tuple[float, float]:
        """Where nine of ten answers lie when everything that was screened is moved over its range."""
        low, high = np.nanquantile(self.screening.answers, [0.05, 0.95])
        return float(low), float(high)

    @property
    def pulled(self) -> float:
        """The share of all points that made the scenario wrong, and were moved towards the values of the file until it was sound."""
        reached = [self.screening.reached, *([self.shares.reached] if self.shares is not None else [])]
        return float((np.concatenate(reached) < 1).mean())

    @property
    def simulations(self) -> int:
        points = len(self.screening.answers) + (len(self.shares.answers) if self.shares is not None else 0)
        return points * self.replications * len(self.policies)

    @property
    def about(self) -> dict[str, Any]:
        """What was analysed: the digests of its scenarios, the measure with its label, and how."""
        label = {lang: told.measure(self, lang) for lang in LANGUAGES}
        digests = [policy.scenario.digest for policy in self.policies]
        return {SENSITIVITY.mark: SENSITIVITY.form, "name": self.name, "digests": digests, "measure": self.asked.measure, "label": label, "simulations": self.simulations, "seed": self.seed}

    def label(self, parameter: int, lang: str = "en") -> str:
        """A parameter in words."""
        return self.params[parameter].label(self.policies[-1].scenario, lang)

    def answer(self, lang: str = "en") -> str:
        """What to measure first, in sentences for somebody who reads no tables."""
        return told.sentences(self, lang)

    def figure(self, lang: str = "en") -> Figure:
        """Bars of what each parameter that matters explains, with intervals."""
        from simgov.sensitivity.figure import draw

        return draw(self, lang)

    def save(self, folder: str | Path, lang: str = "en", also: Also = NOTHING) -> Path:
        """Write the table (Parquet), the answer in both languages, the figure and sensitivity.json into a folder: all, or nothing. Raises OutputError."""
        with appearing(Path(folder), SENSITIVITY, self.about, also) as work:
            write_found(work, self, ("table",), lang)
        return Path(folder)

    def __repr__(self) -> str:
        return f"<Sensitivity {self.name}: {len(self.params)} parameters, {self.screening.matters.sum()} matter, {self.simulations:,} simulations, seed {self.seed}>"
