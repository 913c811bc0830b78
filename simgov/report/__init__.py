"""The report: one HTML file about a run, a comparison, a calibration or a prediction, that works offline, prints, and is readable on a phone."""

from simgov.report.kinds import html, save, write
from simgov.report.saved import reopened

__all__ = ["html", "reopened", "save", "write"]
