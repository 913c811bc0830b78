"""What a search for staffing found: all candidates with cost and effect, the one chosen, sentences and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from simgov.document import Kind, Model
from simgov.engines import Choice
from simgov.language import message
from simgov.result import NOTHING
from simgov.staffing import told
from simgov.staffing.assumptions import End
from simgov.staffing.judge import Rule, Sample, Standing, frontier
from simgov.staffing.model import Goal, StaffFile
from simgov.staffing.sample import total
from simgov.study.folder import Also, appearing, provenance, write_found
from simgov.study.model import Asked
from simgov.study.paired import Ratios
from simgov.study.policies import Policy
from simgov.trials import Outcome
from simgov.vocabulary import MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


STAFFING = Kind("simgov_staffing", message("search for staffing"), Model, "staffing.json")


@dataclass(frozen=True, repr=False)
class Staffed:
    """The answer to a question of staffing. `outcomes` by candidate, one for each replication; candidates differ in how many they have.

    `ends`: the choice judged again at both ends of every assumption. `combinations`: how many the levers make.
    """

    name: str
    file: StaffFile
    candidates: tuple[Policy, ...]
    costs: tuple[Asked, ...]
    outcomes: list[list[Outcome]]
    samples: tuple[Sample, ...]
    rule: Rule
    standing: Standing
    ends: list[End]
    combinations: int
    seed: int
    engine: Choice

    @property
    def goals(self) -> list[Goal]:
        return self.file.goals

    @property
    def is_sure(self) -> bool:
        """Whether one candidate is selected with the confidence asked for."""
        return self.standing.chosen is not None

    @property
    def chosen(self) -> Policy | None:
        """The cheapest candidate that meets the goals; if that is not sure, the cheapest that seems to; None when none does."""
        return None if self.standing.leading is None else self.candidates[self.standing.leading]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per candidate, the cheapest first: `cost` a year and its standard error, of each goal `value_k`, `low_k` and `high_k` (one-sided limits,
        joint), `meets` the goals (yes, no, cannot tell), `unpaid_hours` a year, `evenings` per person and month in the team that has most of them
        (`evenings_team`), `replications`, whether it is on the `frontier` of cost and the first goal, `open` (could still be the cheapest) and `chosen`."""
        rows = [self._row(k) for k in range(len(self.candidates))]
        for row, beaten in zip(rows, ~frontier(*self._points()), strict=True):
            row["frontier"] = not beaten
        return pd.DataFrame(rows).sort_values(["cost", "number"], kind="stable").reset_index(drop=True)

    def _row(self, k: int) -> dict[str, Any]:
        policy, sample, s = self.candidates[k], self.samples[k], self.standing
        n = len(sample.cost)
        row: dict[str, Any] = {"number": k, "candidate": policy.name, "cost": float(sample.cost.mean()), "cost_error": float(sample.cost.std(ddof=1) / np.sqrt(n))}
        for g, (goal, ratios) in enumerate(zip(self.goals, sample.goals, strict=True)):
            limits, most = self.rule.limits(g, ratios), 1.0 if MEASURES[goal.measure].unit == "share" else np.inf
            row |= {f"value_{g}": limits.value, f"low_{g}": max(limits.low, 0.0), f"high_{g}": min(limits.high, most)}
        team, evenings = self.evenings(k)
        row |= {"meets": s.verdicts[k], "unpaid_hours": self.unpaid(k), "evenings": evenings, "evenings_team": team, "replications": n, "frontier": False}
        return row | {"open": k in s.open, "chosen": k == s.leading}

    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        """Cost and effect of the candidates, from the replications that all of them have: so equal draws are compared."""
        n, goal = min(len(s.cost) for s in self.samples), self.goals[0]
        values = [Ratios(s.goals[0].top[:n], s.goals[0].bottom[:n]).value for s in self.samples]
        costs = np.array([s.cost[:n].mean() for s in self.samples])
        return costs, np.nan_to_num(goal.sign * np.array(values), nan=-np.inf)[:, None]

    def unpaid(self, k: int) -> float:
        """Hours a year that people of unpaid teams are there for a candidate, rostered or overtime."""
        teams = self.candidates[k].scenario.teams
        rows = [Asked(measure=name, where={"team": team}) for team in teams if teams[team].unpaid for name in ("rostered_hours", "overtime_hours")]
        return float(np.mean([total(outcome, rows) for outcome in self.outcomes[k]])) if rows else 0.0

    def evenings(self, k: int) -> tuple[str, float]:
        """The team with most evenings on duty or at work per person and month, and how many; "" where there are none."""
        worst = ("", 0.0)
        for name in self.candidates[k].scenario.teams:
            key = Asked(measure="evenings_per_person", where={"team": name}).key
            top, bottom = np.array([outcome.row(key) for outcome in self.outcomes[k]]).sum(axis=0)
            if bottom and top / bottom > worst[1]:
                worst = (name, float(top / bottom))
        return worst

    @property
    def assumptions(self) -> pd.DataFrame:
        """One row per assumption and end of its range: `path`, `value`, the candidate that is `chosen` there ("" for none of those judged),
        whether that `changes` the choice, and whether it is `sure`; `why` nothing could be judged."""
        columns = ["path", "value", "chosen", "changes", "sure", "why"]
        rows = [
            (e.parameter.name, e.parameter.shown(e.value), "" if e.chosen is None else self.candidates[e.chosen].name, e.changes, e.sure, e.why) for e in self.ends
        ]
        return pd.DataFrame(rows, columns=columns)

    def answer(self, lang: str = "en") -> str:
        """What was found, in sentences for somebody who reads no tables; first of all whether an assumption decides it."""
        return told.sentences(self, lang)

    def figure(self, lang: str = "en") -> Figure:
        """Cost against the first goal, the frontier, and who could be chosen."""
        from simgov.staffing.figure import draw

        return draw(self, lang)

    @property
    def provenance(self) -> dict[str, Any]:
        """What was asked, how, and of what: the candidates by their digests."""
        file = self.file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {**provenance("staffing", self.name, self.seed), "engine": self.engine.name, "file": file, "candidates": {c.name: c.scenario.digest for c in self.candidates}}

    def save(self, folder: str | Path, lang: str = "en", also: Also = NOTHING) -> Path:
        """Write the tables (Parquet), the answer in both languages, the figure and staffing.json into a folder: all, or nothing. Raises OutputError."""
        with appearing(Path(folder), STAFFING, self.provenance, also) as work:
            write_found(work, self, ("table", "assumptions"), lang)
        return Path(folder)

    def __repr__(self) -> str:
        said = f"{self.chosen.name}{'' if self.is_sure else ' (not sure)'}" if self.chosen else "none meets the goals"
        return f"<Staffed {self.name}: {len(self.candidates)} candidates, {said}, seed {self.seed}>"
