"""A Comparison: what a study found, as pandas tables, a sentence and a figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from simgov.document import Kind, Model
from simgov.engines import Choice
from simgov.errors import nearest
from simgov.language import message
from simgov.measures import pool
from simgov.measures.pool import KEYS
from simgov.provenance import Origins
from simgov.result import NOTHING, versions
from simgov.scenario.origins import as_data
from simgov.study import answer, paired
from simgov.study.folder import Also, appearing, provenance, write_found
from simgov.study.model import Asked
from simgov.study.paired import Best, Ratios
from simgov.study.policies import Policy, Study
from simgov.study.verdict import EQUAL, SAME, verdict
from simgov.trials import Outcome
from simgov.trials.outcome import summaries
from simgov.vocabulary import MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Arm(Model):
    """What is kept of a policy."""

    label: dict[str, str]
    moved: dict[str, str | int | float | bool | None]
    scenario_name: str
    digest: str
    changes: list[str]
    scenario: dict[str, Any]


class About(Origins):
    """What a comparison says of itself."""

    study: str
    code: str
    seed: int = Field(ge=0)
    replications: int = Field(ge=1, le=1_000_000_000)
    engine: Literal["simpy", "compiled"]
    file: dict[str, Any]
    policies: dict[str, Arm] = Field(min_length=2)


COMPARISON = Kind("simgov_comparison", message("comparison"), About, "comparison.json")
MEETS, FAILS, NOT_SURE = "meets it", "fails it", "not sure"


@dataclass(frozen=True, repr=False)
class Comparison:
    """What came out of a study. `outcomes`: by policy, one for each replication; policy 0 is the base.

    Tables: `values` and `differences` (the measures that the study asks for), `measures` (all, by policy), `best`.
    """

    study: Study
    seed: int
    engine: Choice
    outcomes: tuple[tuple[Outcome, ...], ...]

    @property
    def replications(self) -> int:
        return len(self.outcomes[0])

    @property
    def asked(self) -> list[Asked]:
        return self.study.file.measures

    def ratios(self, policy: int, asked: Asked) -> Ratios:
        """One measure of one policy, by replication; nothing in a measure that does not exist."""
        return Ratios.of(self.outcomes[policy], asked.key)

    @cached_property
    def values(self) -> pd.DataFrame:
        """One row per measure asked for and policy: `value`, its 95 % interval `low` to `high`, and how it meets the study's bound (`bound`)."""
        return self._rows(self._value)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """One row per measure and policy but the base: `difference` to the base under the same draws, `low` to `high`, `margin` up to which it is practically equal, `verdict`.

        The intervals of one measure hold at 95 % for all policies together. `unpaired` is the half-width that would result
        from the same trials if one forgot that their draws are common.
        """
        return self._rows(self._difference, first=1)

    @cached_property
    def best(self) -> pd.DataFrame:
        """One row per measure with a better side and policy: `gap` (its value less that of the best of the others, positive is better) from `low` to
        `high`, whether it `may_be_best`; `probability` of correct selection stands beside the one that is chosen."""
        return pd.DataFrame([row for asked in self.asked if self.best_of(asked) for row in self._best_rows(asked)])

    @property
    def choices(self) -> list[int]:
        """Numbers of the policies that can be chosen: all but the reference."""
        return [k for k, policy in enumerate(self.study.policies) if policy.name != self.study.file.reference]

    def best_of(self, asked: Asked) -> Best | None:
        """The best of `choices` by one measure; None where the measure has no better side, or does not exist for every policy."""
        each = [self.ratios(k, asked) for k in self.choices]
        if asked.direction == "neither" or self.replications < 2 or len(each) < 2 or not all(np.isfinite(r.value) and r.is_told for r in each):
            return None
        return paired.best(each, 1 if asked.direction == "up" else -1)

    def as_good(self, asked: Asked) -> list[int]:
        """Of `choices`, the places of those that are practically equal to the one that comes first by a measure, itself among them; none where there is no best."""
        if (found := self.best_of(asked)) is None:
            return []
        each = [self.ratios(k, asked) for k in self.choices]
        first, pairs = each[found.chosen], len(each) * (len(each) - 1) // 2
        gaps = [paired.difference(one, first, pairs) for one in each]
        said = [verdict(gap.value, gap.value - gap.half, gap.value + gap.half, asked.equal_within.of(first.value)) for gap in gaps]
        return [k for k, word in enumerate(said) if word in (SAME, EQUAL)]

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure of every policy, as `Result.measures` has them, with the policy in front."""
        tables = [pool(summaries(outcomes)) for outcomes in self.outcomes]
        for policy, table in zip(self.study.policies, tables, strict=True):
            table.insert(0, "policy", policy.name)
        return pd.concat(tables, ignore_index=True)

    def stock(self, policy: str | int) -> np.ndarray:
        """Incidents that are open at each midnight (replications x days + 1)."""
        return np.array([outcome.stock for outcome in self.outcomes[self.number(policy)]])

    def number(self, policy: str | int) -> int:
        """Of a policy by name. Raises KeyError."""
        names = [p.name for p in self.study.policies]
        if isinstance(policy, int):
            return policy
        if policy not in names:
            raise KeyError(f"no policy '{policy}'; {nearest(policy, names)}")
        return names.index(policy)

    def answer(self, lang: str = "en") -> str:
        """What was found, in sentences for somebody who reads no tables."""
        return answer.sentences(self, lang)

    def figure(self, lang: str = "en", kind: str | None = None) -> Figure:
        """The figure that the study asks for, or one of another kind: differences, dose, frontier or stock."""
        from simgov import plots

        return plots.compare(self, lang, kind)

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that is needed to take it up again beside its trials (`simgov.study.taken_up`), and to know what it was."""
        study, base = self.study, self.study.base.scenario
        about = {
            COMPARISON.mark: COMPARISON.form,
            **provenance("study", study.name, self.seed),
            "replications": self.replications,
            "engine": self.engine.name,
            "versions": versions(),
            "file": study.file.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "policies": {policy.name: _about(policy) for policy in study.policies},
            "tables": {name: rows for policy in study.policies for name, rows in policy.scenario.tables.items()},
            "origins": as_data(base.origins),
        }
        return json.loads(json.dumps(about, default=str))

    def save(self, folder: str | Path, lang: str = "en", also: Also = NOTHING) -> Path:
        """Write tables (Parquet), the answer in both languages, the figure and comparison.json into a folder, beside the trials that are kept there.

        `also`: further files by name, and what makes their text, such as a report. All appears together, or nothing. Raises OutputError.
        """
        with appearing(Path(folder), COMPARISON, self.provenance, also) as work:
            write_found(work, self, ("values", "differences", "best", "measures"), lang)
        return Path(folder)

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self, make: Callable[[Asked, int, Policy], dict[str, Any]], first: int = 0) -> pd.DataFrame:
        rows = []
        for number, asked in enumerate(self.asked):
            for k, policy in enumerate(self.study.policies[first:], first):
                where = dict(zip(("measure", *KEYS), asked.key, strict=True))
                rows.append({"asked": number, "policy": policy.name, **where, **make(asked, k, policy)})
        return pd.DataFrame(rows)

    def _value(self, asked: Asked, k: int, policy: Policy) -> dict[str, Any]:
        mine = self.ratios(k, asked)
        if MEASURES[asked.measure].unit == "share":
            value, (low, high) = mine.value, paired.share(mine)
        else:
            zero = Ratios(np.zeros(self.replications), np.ones(self.replications))
            value, half, _ = paired.difference(mine, zero)
            low, high = max(value - half, 0.0), value + half  # no measure is below zero
        return {"value": value, "low": low, "high": high, "bound": _bound(asked, low, high), "replications": self.replications, "denominator": mine.bottom.mean()}

    def _difference(self, asked: Asked, k: int, policy: Policy) -> dict[str, Any]:
        mine, base, count = self.ratios(k, asked), self.ratios(0, asked), len(self.study.policies) - 1
        value, half, _ = paired.difference(mine, base, count)
        low, high, margin = value - half, value + half, asked.equal_within.of(base.value)
        unpaired = paired.difference(mine, base, count, paired=False).half
        return {"difference": value, "low": low, "high": high, "margin": margin, "verdict": verdict(value, low, high, margin), "unpaired": unpaired}

    def _best_rows(self, asked: Asked) -> list[dict[str, Any]]:
        found = self.best_of(asked)
        assert found is not None
        sign = 1 if asked.direction == "up" else -1
        values = sign * np.array([self.ratios(k, asked).value for k in self.choices])
        rows = []
        for k, number in enumerate(self.choices):
            gap = values[k] - np.delete(values, k).max()
            rows.append(
                {
                    **dict(zip(("measure", *KEYS), asked.key, strict=True)), "policy": self.study.policies[number].name, "gap": gap, "low": found.low[k], "high": found.high[k],
                    "may_be_best": bool(found.may_be[k]), "chosen": k == found.chosen, "probability": found.probability if k == found.chosen else np.nan,
                }
            )  # fmt: skip
        return rows

    def __repr__(self) -> str:
        return f"<Comparison {self.study.name}: {len(self.study.policies)} policies, {self.replications} replications, seed {self.seed}>"


def _about(policy: Policy) -> dict[str, Any]:
    """A policy as data: its tables stand with those of the others."""
    s = policy.scenario
    about = {"label": dict(policy.label), "moved": dict(policy.moved), "scenario_name": s.name, "digest": s.digest}
    return {**about, "changes": list(s.in_force), "scenario": s.data}


def _bound(asked: Asked, low: float, high: float) -> str:
    """Whether the whole interval keeps to the bound of a measure."""
    if asked.at_least is None and asked.at_most is None:
        return ""
    least, most = (-np.inf if asked.at_least is None else asked.at_least), (np.inf if asked.at_most is None else asked.at_most)
    if least <= low and high <= most:
        return MEETS
    return FAILS if high < least or low > most else NOT_SURE
