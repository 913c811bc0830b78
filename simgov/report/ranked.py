"""Assumptions ranked by how much they matter: a sensitivity analysis that was saved, of the very scenario that is reported."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgov import document
from simgov.document import FLAG, NUMBER, TEXT
from simgov.errors import OutputError, UsageError
from simgov.language import message
from simgov.sensitivity.found import SENSITIVITY

if TYPE_CHECKING:
    from simgov.calibration import Calibration, Prediction
    from simgov.result import Result
    from simgov.study import Comparison

COLUMNS = {"path": TEXT, "total": NUMBER, "strength": NUMBER, "matters": FLAG}


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
    try:
        about = document.read(Path(folder), SENSITIVITY)
        table = about.table("table", COLUMNS)
    except OutputError as error:
        raise OutputError(message("{folder}: holds no finished sensitivity analysis ({why}); make one with `simgov sensitivity`, and name its folder", folder=folder, why=error.args[0])) from None
    about.tell(logging.getLogger("simgov").warning)
    read = Ranking({row["path"]: row for row in table.to_dict("records")}, about.data["measure"], about.data["label"], about.data["simulations"])
    analysed = set(about.data["digests"])
    mine = set(digests(found))
    if not analysed <= mine:
        text = message("{folder}: is the sensitivity analysis of another scenario (digest {other}; the one reported is {mine}): analyse it with the same file, --set and --change", folder=folder, other=min(analysed)[:8], mine=min(mine)[:8])
        raise UsageError(text)
    return read


def digests(found: Result | Comparison | Calibration | Prediction) -> Iterable[str]:
    """Of every scenario that was simulated."""
    policies = getattr(getattr(found, "study", found), "policies", None)
    return [found.scenario.digest] if policies is None else [policy.scenario.digest for policy in policies]
