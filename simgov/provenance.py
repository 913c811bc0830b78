"""What a saved result says of itself, and the scenario that it was made from."""

from __future__ import annotations

import json
from collections.abc import Callable
from os.path import normpath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from simgov.errors import OutputError, in_full
from simgov.folder import MARK
from simgov.language import message
from simgov.scenario import Scenario, build
from simgov.scenario.origins import from_data
from simgov.sheets.safe import as_csv


def _all(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(item, kind) for item in value)


NEEDED: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("scenario_name", "digest"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("seed", "replications"), lambda value: isinstance(value, int)),
    **dict.fromkeys(("scenario", "tables"), lambda value: isinstance(value, dict)),
    "changes": _all(str),
    "origins": lambda value: value is None or (_all(dict)(value) and all({"path", "kind", "says", "note", "free"} <= set(row) for row in value)),
}


def read(place: Path) -> dict[str, Any]:
    """The `result.json` of a folder, or that file. Raises OutputError when it is none."""
    path = place / MARK if place.is_dir() else place
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(message("{path}: is no result of simgov: {why}", path=path, why=in_full(error))) from None
    wrong = None if isinstance(found, dict) else "{}"
    wrong = wrong or next((key for key, fits in NEEDED.items() if not fits(found.get(key))), None)
    if wrong:
        raise OutputError(message("{path}: is no result of simgov, or is damaged: {key} is missing or is not what a run writes", path=path, key=wrong))
    return found


def rebuilt(provenance: dict[str, Any]) -> Scenario:
    """The scenario that was run: its tables are laid out in a folder of their own, and its facts are not needed any more."""
    data = provenance["scenario"]
    files = {**provenance["tables"], **({data["facts"]: [{"id": ""}]} if data.get("facts") else {})}
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
        scenario = build(data, name=provenance["scenario_name"], folder=folder, root=top)
    scenario._in_force = tuple(provenance["changes"])  # the lasting ones are in the data already
    scenario._origins = from_data(provenance.get("origins") or ())  # the data have no tags any more
    return scenario
