"""Assumptions ranked by how much they matter: a sensitivity analysis that was saved, of the very scenario that is reported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from simgov.errors import OutputError, UsageError, in_full
from simgov.language import message
from simgov.sensitivity.found import MARK

if TYPE_CHECKING:
    from simgov.calibration import Calibration, Prediction
    from simgov.result import Result
    from simgov.study import Comparison


@dataclass(frozen=True)
class Ranking:
    """`rows`: of the table of the analysis, by the first path of each parameter, the most important first; `of`: the measure, `measure`: in words by language."""

    rows: Mapping[str, Mapping[str, Any]]
    of: str
    measure: Mapping[str, str]
    simulations: int

    def place(self, name: str) -> int:
        return list(self.rows).index(name) if name in self.rows else len(self.rows)


def ranking(folder: str | Path, found: Result | Comparison | Calibration | Prediction) -> Ranking:
    """Read the folder of a sensitivity analysis. Raises OutputError when there is none, UsageError when it is about something else."""
    folder = Path(folder)
    try:
        about = json.loads((folder / MARK).read_text(encoding="utf-8"))
        table = pd.read_parquet(folder / "table.parquet")
        rows = {row["path"]: row for row in table.to_dict("records")}
        read = Ranking(rows, about["measure"], about["label"], about["simulations"])
        analysed = set(about["digests"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(message("{folder}: holds no finished sensitivity analysis ({why}); make one with `simgov sensitivity`, and name its folder", folder=folder, why=in_full(error))) from None
    mine = set(digests(found))
    if not analysed <= mine:
        text = message("{folder}: is the sensitivity analysis of another scenario (digest {other}; the one reported is {mine}): analyse it with the same file, --set and --change", folder=folder, other=min(analysed)[:8], mine=min(mine)[:8])
        raise UsageError(text)
    return read


def digests(found: Result | Comparison | Calibration | Prediction) -> Iterable[str]:
    """Of every scenario that was simulated."""
    policies = getattr(getattr(found, "study", found), "policies", None)
    return [found.scenario.digest] if policies is None else [policy.scenario.digest for policy in policies]
