"""What a check found: the verdicts on reported figures, and the numbers that are not those of their sources."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from simgov.language import Message
from simgov.scenario import Scenario
from simgov.sources import Misquoted
from simgov.targets import MET, TOO_FEW

SOFT = "soft"  # targets of this kind are shown, and fail nothing


@dataclass(frozen=True)
class Judged:
    """One scenario. `verdicts`: a table as `Result.targets`, empty where nothing was reported or simulated; `left_out`: why its targets were not judged."""

    scenario: Scenario
    verdicts: pd.DataFrame
    misquoted: tuple[Misquoted, ...] = ()
    left_out: Message | None = None

    @property
    def rows(self) -> list[dict]:
        """The verdicts, one of each target."""
        return self.verdicts.to_dict("records")


@dataclass(frozen=True, repr=False)
class Checked:
    """Scenarios with their targets judged together, and their numbers held against their sources."""

    judged: tuple[Judged, ...]
    replications: int
    seed: int

    @property
    def count(self) -> int:
        """Targets judged."""
        return sum(len(each.verdicts) for each in self.judged)

    @property
    def failures(self) -> list[tuple[Scenario, int]]:
        """Each target that fails the check, as its scenario and its number there: judged, not met, and not soft."""
        return [(each.scenario, k) for each in self.judged for k, row in enumerate(each.rows) if fails(row)]

    @property
    def softs(self) -> int:
        """Soft targets judged."""
        return sum(row["kind"] == SOFT for each in self.judged for row in each.rows)

    @property
    def soft(self) -> int:
        """Soft targets that were judged and are not met."""
        return sum(row["verdict"] not in (MET, TOO_FEW) for each in self.judged for row in each.rows) - len(self.failures)

    @property
    def met(self) -> int:
        """Targets that are met."""
        return sum(row["verdict"] == MET for each in self.judged for row in each.rows)

    @property
    def misquoted(self) -> list[tuple[Scenario, Misquoted]]:
        """Each number that is not that of its source, with its scenario."""
        return [(each.scenario, wrong) for each in self.judged for wrong in each.misquoted]

    @property
    def undecided(self) -> tuple[int, int]:
        """Targets that cannot be judged yet, because there are too few replications, and how many would do for all of them; 0 where that cannot be told."""
        few = [row["enough"] for each in self.judged for row in each.rows if row["verdict"] == TOO_FEW]
        return len(few), max(few) if few and all(few) else 0

    @property
    def is_green(self) -> bool:
        """Whether all is well: what cannot be judged yet is no miss, and no pass either."""
        return not self.failures and not self.misquoted and not any(waits(row) for each in self.judged for row in each.rows)

    def __repr__(self) -> str:
        return f"<Checked {len(self.judged)} scenarios, {self.count} targets, {len(self.failures)} not met, {self.undecided[0]} not judged yet, {len(self.misquoted)} numbers misquoted>"


def fails(row: dict) -> bool:
    """Whether a target with this verdict fails the check: it was judged and is not met."""
    return row["verdict"] not in (MET, TOO_FEW) and row["kind"] != SOFT


def waits(row: dict) -> bool:
    """Whether it keeps a check from being passed because it cannot be judged yet."""
    return row["verdict"] == TOO_FEW and row["kind"] != SOFT
