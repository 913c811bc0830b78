"""A Prediction: measures of a scenario or of policies, whose intervals include what is unknown, with both parts of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from simgov.calibration import foretold
from simgov.calibration.asked import Question
from simgov.calibration.parts import Parts, blocks, parts
from simgov.calibration.posterior import Posterior
from simgov.document import Kind, Model
from simgov.engines import Choice
from simgov.language import message
from simgov.measures.pool import KEYS
from simgov.result import NOTHING
from simgov.study.folder import Also, appearing, provenance, write_found
from simgov.study.policies import Policy

if TYPE_CHECKING:
    from matplotlib.figure import Figure


PREDICTION = Kind("simgov_prediction", message("prediction"), Model, "prediction.json")


class Row(NamedTuple):
    """A measure of a policy, or the difference of one to the first (`less`)."""

    question: Question
    policy: Policy
    less: Policy | None
    parts: Parts


@dataclass(frozen=True, repr=False)
class Prediction:
    """`values` (questions x policies x draws x replications), under common draws: four draws one after the other have the same replications. `numbers`: of the draws, in the posterior.

    Tables: `table` (both parts of every interval) and `draws` (what was unknown in each). `pulled`: the share of settings that made a
    scenario impossible and were moved towards its own values.
    """

    name: str
    policies: tuple[Policy, ...]
    questions: tuple[Question, ...]
    values: np.ndarray
    posterior: Posterior
    numbers: np.ndarray
    seed: int
    engine: Choice
    pulled: float = 0.0

    @property
    def replications(self) -> int:
        """Of each draw and policy."""
        return self.values.shape[3]

    @property
    def windows(self) -> int:
        """From so many replications, different ones, chance is known."""
        return (int(blocks(len(self.numbers))[-1]) + 1) * self.replications

    @property
    def accuracy(self) -> float:
        """Relative standard error of a standard deviation of chance, where it is Normal."""
        return float(np.sqrt(self.replications / (self.replications - 1) / self.windows / 2))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Measure by measure: every policy, then its difference to the first one."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[Row]:
        for question, values in zip(self.questions, self.values, strict=True):
            for policy, mine in zip(self.policies, values, strict=True):
                yield Row(question, policy, None, _within(parts(mine), question))
            for policy, mine in zip(self.policies[1:], values[1:], strict=True):
                yield Row(question, policy, self.policies[0], parts(mine - values[0]))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per measure and policy, and one per difference from the first policy (`less`): `value` with its Monte-Carlo `error` (at most), `least` and `most` of its expectation, `low` and `high` of
        one window (95 %, with what is unknown), `chance` and `ignorance` (standard deviations), the shares of draws with the sign of the value (`sure`) and with zero (`same`), and the `share` of the variance that is ignorance. What it was made from is in `attrs`."""
        found = []
        for question, policy, less, p in self.rows:
            where = dict(zip(("measure", *KEYS), question.keys[0], strict=True)) | ({"class": " + ".join(key[1] for key in question.keys)} if len(question.keys) > 1 else {})
            found.append({**where, "policy": policy.name, "less": less.name if less else "", **p._asdict(), "share": p.share})
        return self._from(pd.DataFrame(found))

    @cached_property
    def draws(self) -> pd.DataFrame:
        """The settings that were simulated: number in the posterior, weight there, and a column for each parameter (durations in seconds)."""
        table = self.posterior.table.iloc[self.numbers].reset_index(drop=True)
        table.insert(0, "draw", self.numbers)
        return self._from(table)

    @property
    def provenance(self) -> dict[str, Any]:
        """What it was made from: scenarios and posterior by their digests, draws, replications, seed, engine, version."""
        about = {key: self.posterior.about.get(key) for key in ("scenario", "digest", "depth", "points")}
        return {
            **provenance("prediction", self.name, self.seed),
            "policies": {policy.name: policy.scenario.digest for policy in self.policies},
            "posterior": {"digest": self.posterior.digest, "parameters": [p.name for p in self.posterior.params], "fitted_to": about},
            "draws": self.numbers.tolist(),
            "replications": self.replications,
            "engine": self.engine.name,
        }

    def _from(self, table: pd.DataFrame) -> pd.DataFrame:
        table.attrs = self.provenance  # Parquet keeps them
        return table

    def answer(self, lang: str = "en") -> str:
        """What comes out, and how much of each interval is ignorance, in sentences for somebody who reads no tables."""
        return "\n".join(foretold.sentences(self, lang))

    def figure(self, lang: str = "en") -> Figure:
        """Where the spread of one window comes from, measure by measure."""
        from simgov.calibration.foretold_figure import draw

        return draw(self, lang)

    def save(self, folder: str | Path, lang: str = "en", also: Also = NOTHING) -> Path:
        """Write both tables (Parquet, with what they were made from), the answer in both languages, the figure and prediction.json into a folder.

        `also`: further files by name, and what makes their text, such as a report. All appears together, or nothing. Raises OutputError.
        """
        with appearing(Path(folder), PREDICTION, self.provenance, also) as work:
            write_found(work, self, ("table", "draws"), lang)
        return Path(folder)

    def __repr__(self) -> str:
        _, policies, draws, replications = self.values.shape
        return f"<Prediction of {len(self.questions)} measures by {self.name}: {policies} policies, {draws} draws, {replications} replications>"


def _within(p: Parts, question: Question) -> Parts:
    """No measure is below zero, and a share of what was found is not above one."""
    most = 1.0 if question.unit == "share" and not question.keys[0][-1].endswith("/flow") else np.inf
    return p._replace(**{name: float(np.clip(getattr(p, name), 0, most)) for name in ("low", "high", "least", "most")})
