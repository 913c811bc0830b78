"""A result read back from its folder, as far as ledgers need it. Nothing is run again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from simgov import plan as plans
from simgov.errors import OutputError, ScenarioError, UsageError
from simgov.language import message
from simgov.plan import Plan
from simgov.provenance import read as read_provenance
from simgov.provenance import rebuilt
from simgov.result import NOT_KEPT
from simgov.scenario import Scenario


@dataclass(frozen=True, repr=False)
class Saved:
    """A result folder: its scenario, `summaries`, and `incidents` and `visits` where the journal was kept."""

    folder: Path
    scenario: Scenario
    seed: int
    replications: int

    @cached_property
    def plan(self) -> Plan:
        return plans.make(self.scenario)

    @property
    def has_journal(self) -> bool:
        return (self.folder / "journal").is_dir()

    @cached_property
    def summaries(self) -> pd.DataFrame:
        """One row per replication, measure and key."""
        return self._table("summaries")

    @cached_property
    def incidents(self) -> pd.DataFrame:
        """One row per incident born. Raises UsageError without a journal."""
        return self._journal("incidents")

    @cached_property
    def visits(self) -> pd.DataFrame:
        """One row per stage visited. Raises UsageError without a journal."""
        return self._journal("visits")

    def _journal(self, name: str) -> pd.DataFrame:
        if not self.has_journal:
            raise UsageError(NOT_KEPT)
        return self._table(f"journal/{name}")

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:  # pyarrow's errors are among them
            raise OutputError(message("{path}: cannot be read: {why}", path=path, why=" ".join(str(error).split())[:200])) from None


def read(folder: str | Path) -> Saved:
    """The result in a folder that `Result.save` wrote. Raises OutputError when there is none, or it cannot be understood."""
    folder = Path(folder)
    provenance = read_provenance(folder)
    try:
        scenario = rebuilt(provenance)
        same = scenario.digest == provenance["digest"]
        found = Saved(folder if folder.is_dir() else folder.parent, scenario, provenance["seed"], provenance["replications"])
    except (KeyError, TypeError, AttributeError, ScenarioError):
        raise OutputError(message("{folder}: is no result that this version of simgov can read", folder=folder)) from None
    if not same:
        raise OutputError(message("{folder}: the scenario in its result.json is not the one that was run", folder=folder))
    return found
