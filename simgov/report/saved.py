"""From the folder of something that was saved back to what it was, so that it can be reported again, in another language too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from simgov.errors import OutputError, UsageError
from simgov.folder import MARK as RESULT
from simgov.language import message
from simgov.result import Result
from simgov.runner import again
from simgov.study import Comparison, taken_up
from simgov.study.folder import COMPARISON
from simgov.study.folder import MARK as TRIALS


def reopened(folder: str | Path, progress: Callable[[float], None] | None = None) -> Result | Comparison:
    """A run is simulated once more, bit for bit; a study takes its kept trials.

    Raises OutputError when nothing of the kind is there, UsageError for a calibration and what else cannot be taken up from its folder alone.
    """
    folder = Path(folder)
    if (folder / RESULT).is_file():
        return again(folder, progress=progress)
    if (folder / COMPARISON).is_file():
        return taken_up(folder)
    if (folder / TRIALS).is_file():
        raise UsageError(message("{folder}: {instead}", folder=folder, instead=_instead(folder / TRIALS)))
    raise OutputError(message("{folder}: holds no result of simgov; name the folder that `simgov run` or `simgov compare` has written", folder=folder))


def _instead(mark: Path) -> str:
    """What to do about a folder of trials that is no finished study."""
    try:
        about = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        about = {}
    if "calibration" in about:
        return message("is a calibration, which its folder alone does not give back; give the same `simgov calibrate` command with the other --lang: what was simulated is kept, and it writes the report anew")
    if "prediction" in about:
        return message("is a prediction, which its folder alone does not give back; give the same command with --posterior and the other --lang: what was simulated is kept, and it writes the report anew")
    if "study" in about:
        return message("is a study that was interrupted; the same `simgov compare` command goes on, and writes the report")
    return message("holds trials of an analysis that has no report; reports are about runs, comparisons and calibrations")
