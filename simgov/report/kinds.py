"""Which report is made of what, and its file."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from simgov.document import renew
from simgov.errors import OutputError, UsageError
from simgov.language import LANGUAGES, message
from simgov.report.page import drawn_up, rendered
from simgov.report.ranked import ranking
from simgov.whole import write as write_whole

if TYPE_CHECKING:
    from simgov.calibration import Calibration, Prediction
    from simgov.result import Result
    from simgov.study import Comparison

# Imported when they are needed: the report of a run has no use for calibration.
REPORT = "report.html"
KINDS = {"Result": "simgov.report.of_run", "Comparison": "simgov.report.of_comparison", "Calibration": "simgov.report.of_calibration", "Prediction": "simgov.report.of_prediction"}


def html(found: Result | Comparison | Calibration | Prediction, lang: str = "en", sensitivity: str | Path | None = None) -> str:
    """The report as text. `sensitivity`: the folder of an analysis of the same scenario, by which its assumptions are ranked.

    Raises UsageError for an unknown language, what cannot be reported, or an analysis of something else, OutputError for a folder that holds none.
    """
    if lang not in LANGUAGES:
        raise UsageError(message("unknown language '{lang}'; known: {known}", lang=lang, known=", ".join(LANGUAGES)))
    kind = type(found).__name__
    if kind not in KINDS:
        raise UsageError(message("a report is about a Result, a Comparison, a Calibration or a Prediction, got {kind}", kind=kind))
    page = import_module(KINDS[kind]).page
    order = ranking(sensitivity, found) if sensitivity is not None else None
    return rendered(drawn_up(lambda: page(found, lang, order)))


def save(found: Result | Comparison | Calibration | Prediction, folder: str | Path, lang: str = "en") -> Path:
    """Save it with its report among its files, all or nothing; gives the file of the report. Raises what its `save` and `html` do."""
    return found.save(folder, lang, {REPORT: lambda: html(found, lang)}) / REPORT


def write(found: Result | Comparison | Calibration | Prediction, path: str | Path, lang: str = "en", sensitivity: str | Path | None = None) -> Path:
    """Write it to a file, whole or not at all. Raises what `html` does, and OutputError when it cannot be written."""
    path, text = Path(path), html(found, lang, sensitivity)
    try:
        write_whole(path, text)
        renew(path)
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}; name another file with --out", path=path, why=error.strerror or error)) from None
    return path
