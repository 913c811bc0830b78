"""From the folder of something that was saved back to what it was, so that it can be reported again, in another language too."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from simgov import document
from simgov.errors import OutputError, UsageError
from simgov.language import Message, message, together
from simgov.provenance import RESULT
from simgov.result import Result
from simgov.runner import again
from simgov.study import Comparison, taken_up
from simgov.study.comparison import COMPARISON
from simgov.study.folder import MARK as TRIALS
from simgov.study.folder import STUDY


def reopened(folder: str | Path, progress: Callable[[float], None] | None = None, say: Callable[[Message], None] | None = None) -> Result | Comparison:
    """A run is simulated once more, bit for bit; a study takes its kept trials. `say` is told of other files there that are not what was written.

    Raises OutputError when nothing of the kind is there, or it is not what was written, UsageError for a calibration and what else cannot be
    taken up from its folder alone.
    """
    folder, say = Path(folder), say or logging.getLogger("simgov").warning
    for kind, reopen in ((RESULT, lambda: again(folder, progress=progress, say=say)), (COMPARISON, lambda: taken_up(folder, say))):
        if (folder / kind.file).exists():
            changed = document.read(folder, kind).changed
            if changed:
                say(message("{folder}: not what was written any more, or gone: {files}; the report does not come from them, but who reads them should know", folder=folder, files=together(changed)))
            return reopen()
    if (folder / TRIALS).is_file():
        raise UsageError(message("{folder}: {instead}", folder=folder, instead=_instead(folder / TRIALS)))
    raise OutputError(message("{folder}: holds no result of simgov; name the folder that `simgov run` or `simgov compare` has written", folder=folder))


def _instead(mark: Path) -> str:
    """What to do about a folder of trials that is no finished study."""
    about = document.parsed(mark, STUDY.name)
    if not isinstance(about, dict):
        about = {}
    if "calibration" in about:
        return message("is a calibration, which its folder alone does not give back; give the same `simgov calibrate` command with the other --lang: what was simulated is kept, and it writes the report anew")
    if "prediction" in about:
        return message("is a prediction, which its folder alone does not give back; give the same command with --posterior and the other --lang: what was simulated is kept, and it writes the report anew")
    if "study" in about:
        return message("is a study that was interrupted; the same `simgov compare` command goes on, and writes the report")
    return message("holds trials of an analysis that has no report; reports are about runs, comparisons and calibrations")
