"""What a saved result says of itself, and the scenario that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import normpath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from simgov import document
from simgov.document import Document, Kind, Model
from simgov.errors import OutputError, ScenarioError, in_full
from simgov.folder import KEY, MARK
from simgov.language import message
from simgov.scenario import Scenario, build
from simgov.scenario.origins import from_data
from simgov.sheets.safe import as_csv


class Row(Model):
    """Where a number comes from, as `simgov.scenario.origins.as_data` has it."""

    path: list[str | int]
    kind: Literal["source", "outside", "assumption"]
    says: Any
    note: str
    free: bool
    says_zh: str = ""
    note_zh: str = ""


class Origins(Model):
    """What every document has that a scenario is rebuilt from."""

    tables: dict[str, list[dict[str, str]]]
    origins: list[Row] | None = None


class About(Origins):
    """What a result says of itself."""

    scenario_name: str
    digest: str
    changes: list[str]
    seed: int = Field(ge=0)
    replications: int = Field(ge=1, le=1_000_000_000)
    engine: str = ""
    journal: bool | None = None
    versions: dict[str, str] = {}
    scenario: dict[str, Any]


RESULT = Kind(KEY, message("result"), About, MARK)


def read(place: Path) -> Document:
    """The `result.json` of a folder, or that file. Raises OutputError when it is none, or no longer what was written."""
    return document.read(place, RESULT)


def rebuilt(provenance: Mapping[str, Any], where: object) -> Scenario:
    """The scenario that was run: its tables are laid out in a folder of their own, and its facts are not needed any more.

    `where` it was read, for an error. Raises OutputError when it gives no scenario.
    """
    try:
        scenario = _built(provenance)
    except (ScenarioError, OSError, ValueError, RecursionError) as error:
        why = error.problems[0].told if isinstance(error, ScenarioError) else in_full(error)
        raise OutputError(message("{path}: is no result that this version of simgov can read: of its scenario, {why}", path=where, why=why)) from None
    scenario._in_force = tuple(provenance["changes"])  # the lasting ones are in the data already
    scenario._origins = from_data(provenance.get("origins") or ())  # the data have no tags any more
    return scenario


def _built(provenance: Mapping[str, Any]) -> Scenario:
    data = provenance["scenario"]
    facts = {data["facts"]: [{"id": ""}]} if isinstance(data.get("facts"), str) and data["facts"] else {}
    files = {**provenance["tables"], **facts}
    up = max((Path(normpath(name)).parts.count("..") for name in files), default=0)
    with TemporaryDirectory() as top:
        folder = Path(top, *("below",) * up)
        folder.mkdir(parents=True, exist_ok=True)  # all tables may lie above it
        for name, rows in files.items():
            if Path(name).is_absolute():
                continue  # it can only be read where it is
            place = Path(normpath(folder / name))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(as_csv(pd.DataFrame(rows, dtype=str)), encoding="utf-8")  # under its own name: a table is known by its content
        return build(data, name=provenance["scenario_name"], folder=folder, root=top)
