"""A comparison taken up again from its folder, without the study file: from what it says of itself and its kept trials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgov.engines import Choice
from simgov.errors import OutputError, in_full
from simgov.language import message
from simgov.provenance import rebuilt
from simgov.study import since
from simgov.study.compare import arms
from simgov.study.comparison import Comparison
from simgov.study.folder import COMPARISON, TRIALS, code
from simgov.study.model import StudyFile
from simgov.study.policies import Policy, Study
from simgov.trials import Store, Trials


def taken_up(folder: str | Path) -> Comparison:
    """The comparison that was saved there. Trials that got lost are done again.

    Raises OutputError when the folder holds none, or one of another version of simgov, whose trials would not be the same.
    """
    folder = Path(folder)
    about = _read(folder / COMPARISON)
    if about["code"] != code():
        raise OutputError(message("{folder}: was made by another version of simgov, so its trials do not go with this one; compare anew: simgov compare {name}.yaml --anew", folder=folder, name=about["study"]))
    study = Study(about["study"], StudyFile.model_validate(about["file"]), tuple(_policy(about, name) for name in about["policies"]))
    trials = Trials(about["seed"], about["engine"], store=Store(folder / TRIALS))
    rows = list(trials.run(arms(study, since.moments(study.policies)), range(about["replications"])))
    return Comparison(study, about["seed"], Choice(about["engine"], message("as asked")), tuple(zip(*rows, strict=True)))


def _read(place: Path) -> dict[str, Any]:
    try:
        about = json.loads(place.read_text(encoding="utf-8"))
        if about["simgov_comparison"] != 1:
            raise ValueError(message("another version"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(message("{place}: is no comparison of simgov: {why}", place=place, why=in_full(error))) from None
    return about


def _policy(about: dict[str, Any], name: str) -> Policy:
    saved = about["policies"][name]
    scenario = rebuilt({**saved, "tables": about["tables"], "origins": about["origins"] if name == next(iter(about["policies"])) else ()})  # those of the base are kept
    if scenario.digest != saved["digest"]:
        raise OutputError(message("the scenario of policy '{name}' ({digest}) cannot be rebuilt: it gives {other}", name=name, digest=saved["digest"][:8], other=scenario.digest[:8]))
    return Policy(name, saved["label"], scenario, saved["moved"])
