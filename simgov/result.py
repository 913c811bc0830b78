"""A Result: what a run found, as pandas tables, measures and figures, with everything needed to run it again."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from simgov import document, targets
from simgov.engines import Choice
from simgov.errors import UsageError, nearest
from simgov.folder import finished_folder
from simgov.journal import Journal
from simgov.language import message
from simgov.measures import Tables, pool, summary
from simgov.measures.frames import frames
from simgov.plan import Plan
from simgov.provenance import RESULT
from simgov.scenario import Scenario
from simgov.scenario.origins import as_data
from simgov.vocabulary import ALL, MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PACKAGES = ("simgov", "simpy", "numba", "numpy", "scipy", "pandas", "pydantic", "holidays", "opening-hours-py")
TABLES = ("incidents", "visits", "work")
NOT_KEPT = message("the journal of this run was not kept, so there are no incidents, visits and work; run with journal=True (--journal on the command line)")
PARQUET: dict[str, Any] = {"compression": "zstd", "index": False, "write_page_checksum": True}
NOTHING: Mapping[str, Callable[[], str]] = {}
FIGURES = ("closure", "chain", "waiting")  # that `save` draws; the report has them all, and each takes a tenth of a second


def versions() -> dict[str, str]:
    """Of Python and of every package that makes numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):  # numba may be missing
            found[name] = version(name)
    return found


@dataclass(frozen=True, repr=False)
class Result:
    """What came out of a run. Tables: `incidents`, `visits`, `work` (the journal, if it was kept), `measures`, `targets`.

    `engine` says which engine was taken and why; `tables` has what each replication was reduced to, `journals` the journal
    of each, or nothing. `plan` is that of the whole scenario where journals were kept, else that of its first roots.
    """

    plan: Plan
    seed: int
    engine: Choice
    tables: tuple[Tables, ...]
    journals: tuple[Journal, ...] = ()

    @property
    def scenario(self) -> Scenario:
        return self.plan.scenario

    @property
    def replications(self) -> int:
        return len(self.tables)

    @cached_property
    def summaries(self) -> pd.DataFrame:
        """One row per replication, measure and key, as numerator (`top`) and denominator (`bottom`)."""
        return pd.concat([summary(tables, r) for r, tables in enumerate(self.tables)], ignore_index=True)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure over all replications: value, 95 % interval, spread of single replications, denominator."""
        return pool(self.summaries)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Reported figures held against the run."""
        return targets.judge(self.scenario, self.summaries)

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        if not self.journals:
            raise UsageError(NOT_KEPT)
        each = [frames(self.plan, journal, r) for r, journal in enumerate(self.journals)]
        return {name: pd.concat([f[name] for f in each], ignore_index=True) for name in TABLES}

    @property
    def incidents(self) -> pd.DataFrame:
        """One row per incident born."""
        return self._frames["incidents"]

    @property
    def visits(self) -> pd.DataFrame:
        """One row per stage visited, part of a split, and copy read."""
        return self._frames["visits"]

    @property
    def work(self) -> pd.DataFrame:
        """One row per person engaged."""
        return self._frames["work"]

    def value(self, measure: str, **where: str | int) -> float:
        """The value of one measure: `result.value("headline_closure")`, `result.value("cohort_closure", days=7)`.

        Numerators and denominators are added over the replications; a median or 90 % point is the mean of the
        replications' own, not that of all their incidents together.

        Raises KeyError when no such row exists.
        """
        if measure not in MEASURES:
            raise KeyError(f"unknown measure '{measure}'; {nearest(measure, MEASURES)}")
        for key in where:
            if key not in MEASURES[measure].by:
                raise KeyError(f"{measure} is not told apart by '{key}'; {nearest(key, MEASURES[measure].by)}")
        rows = self.measures[self.measures["measure"] == measure]
        total = {key: ALL for key in MEASURES[measure].by if key == MEASURES[measure].total}
        for key, wanted in {**total, **where}.items():
            rows = rows[rows[key] == str(wanted)]
        if len(rows) != 1:
            raise KeyError(f"{measure} {where}: {len(rows)} rows; it is told apart by {', '.join(MEASURES[measure].by) or 'nothing'}")
        return float(rows["value"].iloc[0])

    def figure(self, name: str, lang: str = "en") -> Figure:
        """One of the figures: closure, chain, time, waiting, load, places or life."""
        from simgov import plots

        return plots.draw(self, name, lang)

    @property
    def provenance(self) -> dict[str, Any]:
        """Everything that is needed to run it again, and to know what it was."""
        s = self.scenario
        return {
            RESULT.mark: RESULT.form,
            "scenario_name": s.name,
            "digest": s.digest,
            "changes": list(s.in_force),
            "seed": self.seed,
            "replications": self.replications,
            "engine": self.engine.name,
            "journal": bool(self.journals),
            "versions": versions(),
            "scenario": json.loads(json.dumps(s.data, default=str)),
            "tables": s.tables,
            "origins": json.loads(json.dumps(as_data(s.origins), default=str)),
        }

    def save(self, folder: str | Path, lang: str = "en", also: Mapping[str, Callable[[], str]] = NOTHING) -> Path:
        """Write the folder of a result: journal (if it was kept) and tables as Parquet, figures as PNG, last result.json with digests of them all.

        `also`: further files by name, and what makes their text, such as a report. The folder appears only when it is complete;
        an older result there is replaced. Raises OutputError when it cannot be written, or when there is something else in its place.
        """
        with finished_folder(Path(folder)) as work:
            for name in TABLES if self.journals else ():
                (work / "journal").mkdir(exist_ok=True)
                self._frames[name].to_parquet(work / "journal" / f"{name}.parquet", **PARQUET)
            for name in ("summaries", "measures", "targets"):
                getattr(self, name).to_parquet(work / f"{name}.parquet", **PARQUET)
            (work / "figures").mkdir()
            for name in FIGURES:
                figure = self.figure(name, lang)
                figure.savefig(work / "figures" / f"{name}.png", dpi=150, metadata={"Software": None})
            for name, text in also.items():
                (work / name).write_text(text(), encoding="utf-8")
            document.write(work, RESULT, self.provenance)
        return Path(folder)

    def __repr__(self) -> str:
        return f"<Result {self.scenario.name}: {self.replications} replications, seed {self.seed}, {self.scenario.digest[:8]}>"
