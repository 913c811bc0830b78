"""Every error that a user of simgov can cause.

    SimgovError                 base: catch this one
    ├── ScenarioError           a scenario file that cannot be understood (all its problems at once)
    ├── UsageError              an argument that makes no sense; also a ValueError
    ├── SimulationError         a run that cannot go on (a loop without end)
    ├── WorkerError             a process that ended before its work was done
    └── OutputError             a place that cannot be written to, or a result that cannot be read
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class SimgovError(Exception):
    """Base of all errors that simgov raises on purpose; the command line ends with exit code 2."""


class UsageError(SimgovError, ValueError):
    """An argument that makes no sense."""


class SimulationError(SimgovError):
    """A run that cannot go on."""


class WorkerError(SimgovError):
    """A process that ended before its work was done."""


class OutputError(SimgovError):
    """A place that cannot be written to, or a result that cannot be read."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `path` inside the scenario, and a sentence that says what to do."""

    path: tuple[str | int, ...]
    message: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else (f"{self.file}: " if self.file else "")
        path = dotted(self.path)
        text = f"{where}{path}: {self.message}" if path else f"{where}{self.message}"
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)  # one problem, one line


class ScenarioError(SimgovError):
    """A scenario that cannot be understood. `problems` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def dotted(path: Iterable[str | int]) -> str:
    """The path as a user writes it: `stages.triage.due`, `targets[2].value`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def nearest(given: object, known: Iterable[str]) -> str:
    """The hint behind an unknown name: the nearest known one, or the whole short list."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(str(given), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not names:
        return "none is defined"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {shown}"
