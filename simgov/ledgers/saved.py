"""A result read back from its folder, as far as ledgers need it. Nothing is run again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from simgov import plan as plans
from simgov.document import TEXT, TIME, WHOLE, Document
from simgov.errors import OutputError, UsageError
from simgov.language import Message, message
from simgov.measures.pool import KEYS
from simgov.plan import Plan
from simgov.provenance import read as read_document
from simgov.provenance import rebuilt
from simgov.result import NOT_KEPT, TABLES
from simgov.scenario import Scenario

COLUMNS: dict[str, dict[str, str]] = {  # that ledgers read
    "summaries": {**dict.fromkeys(("measure", *KEYS), TEXT), "replication": WHOLE, "top": "f", "bottom": "f"},
    "incidents": {**dict.fromkeys(("replication", "incident", "repeat_of"), WHOLE), "class": TEXT, "found": TIME},
    "visits": {
        **dict.fromkeys(("replication", "incident", "visit", "part"), WHOLE), **dict.fromkeys(("stage", "class", "team", "node", "result"), TEXT),
        **dict.fromkeys(("entered", "finished", "left", "due"), TIME),
    },
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Saved:
    """A result folder: its scenario, `summaries`, and `incidents` and `visits` where the journal was kept."""

    folder: Path
    scenario: Scenario
    seed: int
    replications: int
    document: Document

    @cached_property
    def plan(self) -> Plan:
        return plans.make(self.scenario)

    @property
    def has_journal(self) -> bool:
        return (self.folder / "journal").is_dir() if self.document.files is None else f"journal/{TABLES[0]}.parquet" in self.document.files

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
        return self.document.table(name, COLUMNS[name.rpartition("/")[2]])


def read(folder: str | Path, say: Callable[[Message], None] | None = None) -> Saved:
    """The result in a folder that `Result.save` wrote. Raises OutputError when there is none, or it is not what was written.

    `say` is told of a folder without a seal, which an earlier version wrote.
    """
    folder = Path(folder)
    found = read_document(folder)
    found.tell(say or logging.getLogger("simgov").warning)
    scenario = rebuilt(found.data, folder)
    if scenario.digest != found.data["digest"]:
        raise OutputError(message("{folder}: the scenario in its result.json is not the one that was run", folder=folder))
    return Saved(found.path.parent, scenario, found.data["seed"], found.data["replications"], found)
