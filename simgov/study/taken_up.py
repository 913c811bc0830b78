"""A comparison taken up again from its folder, without the study file: from what it says of itself and its kept trials."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simgov.document import got, read
from simgov.engines import Choice
from simgov.errors import OutputError, dotted
from simgov.language import Message, message
from simgov.provenance import rebuilt
from simgov.study import since
from simgov.study.compare import arms
from simgov.study.comparison import COMPARISON, Comparison
from simgov.study.folder import TRIALS, code
from simgov.study.model import StudyFile
from simgov.study.policies import Policy, Reader, Study
from simgov.trials import Store, Trials


def taken_up(folder: str | Path, say: Callable[[Message], None] | None = None) -> Comparison:
    """The comparison that was saved there. Trials that got lost are done again.

    Raises OutputError when the folder holds none, one that is not what was written, or one of another version of simgov,
    whose trials would not be the same. `say` is told of a folder without a seal, which an earlier version wrote.
    """
    folder = Path(folder)
    found = read(folder, COMPARISON)
    about = found.data
    if about["code"] != code():
        raise OutputError(message("{folder}: was made by another version of simgov, so its trials do not go with this one; compare anew: simgov compare {name}.yaml --anew", folder=folder, name=about["study"]))
    found.tell(say or logging.getLogger("simgov").warning)
    try:
        file = StudyFile.model_validate(about["file"])
    except ValidationError as error:
        first = error.errors()[0]
        raise OutputError(message("{path}: is no comparison that this version of simgov can read: {where} {why}", path=found.path, where=dotted(("file", *first["loc"])), why=got(first["input"]))) from None
    study = Study(about["study"], file, tuple(_policy(found.path, about, name) for name in about["policies"]))
    reader = Reader(folder, {})
    reader.fits(study)
    if reader.problems:
        raise OutputError(message("{path}: is no comparison that this version of simgov can read: {where} {why}", path=found.path, where="file", why=reader.problems[0].told))
    trials = Trials(about["seed"], about["engine"], store=Store(folder / TRIALS))
    rows = list(trials.run(arms(study, since.moments(study.policies)), range(about["replications"])))
    return Comparison(study, about["seed"], Choice(about["engine"], message("as asked")), tuple(zip(*rows, strict=True)))


def _policy(path: Path, about: dict[str, Any], name: str) -> Policy:
    saved = about["policies"][name]
    origins = about.get("origins") or () if name == next(iter(about["policies"])) else ()  # those of the base are kept
    scenario = rebuilt({**saved, "tables": about["tables"], "origins": origins}, path)
    if scenario.digest != saved["digest"]:
        raise OutputError(message("the scenario of policy '{name}' ({digest}) cannot be rebuilt: it gives {other}", name=name, digest=saved["digest"][:8], other=scenario.digest[:8]))
    return Policy(name, saved["label"], scenario, saved["moved"])
