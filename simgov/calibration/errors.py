"""A calibration that came to no end, with what it found on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simgov.errors import SimgovError

if TYPE_CHECKING:
    import pandas as pd


class CalibrationError(SimgovError):
    """Targets that contradict each other, or a fit that does not converge. `best`: values by path of the best point; `trace`: every simulated point."""

    def __init__(self, message: str, best: dict[str, Any], trace: pd.DataFrame):
        super().__init__(message)
        self.best, self.trace = best, trace

    def __reduce__(self) -> tuple:
        return type(self), (self.args[0], self.best, self.trace)
