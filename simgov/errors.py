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

from simgov.language import Message, message, recognised, say, together

MOST_SHOWN = 12  # names of a hint


class SimgovError(Exception):
    """Base of all errors that simgov raises on purpose; the command line ends with exit code 2.

    As a string it is English; `say` tells it in the language of the reader.
    """

    def say(self, lang: str = "en") -> str:
        return say(self.args[0], lang) if self.args else ""


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
        return self.say()

    def say(self, lang: str = "en") -> str:
        """The same, with the sentence in that language."""
        return printable(say(self.told, lang))  # one problem, one line

    @property
    def told(self) -> Message:
        """What is wrong, and where: in which file and line, at which path."""
        line, steps = f":{self.line}" if self.line else "", [cut(part, 200) if isinstance(part, str) else part for part in self.path]
        path = f"{dotted(steps)}: " if steps else ""
        where = f"{self.file}{line}: " if self.file or self.line else ""
        return Message("{where}{path}{why}", {"where": where, "path": path, "why": _brief(self.message)})


class ScenarioError(SimgovError):
    """A scenario that cannot be understood. `problems` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple:
        return type(self), (self.problems,)

    def say(self, lang: str = "en") -> str:
        """Every problem, each in a line of its own."""
        return "\n".join(problem.say(lang) for problem in self.problems)


def dotted(path: Iterable[str | int]) -> str:
    """The path as a user writes it: `stages.triage.due`, `targets[2].value`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) and not isinstance(part, bool) else (f".{part}" if text else str(part))
    return text


def printable(text: str) -> str:
    """The text in one line, with escapes in place of what does not show."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def cut(text: str, most: int = 60) -> str:
    """A piece of something that a stranger may have written, short enough for a message."""
    return text if len(text) <= most else text[:most] + "..."


def _brief(text: str) -> str:
    """A message that quotes nothing at length."""
    if not isinstance(text, Message):
        return text
    return Message(text.text, {name: _brief(value) if isinstance(value, Message) else cut(value, 200) if isinstance(value, str) else value for name, value in text.values.items()})


def nearest(given: object, known: Iterable[str]) -> Message:
    """The hint behind an unknown name: the nearest known one, or the whole short list."""
    given, names = cut(str(given)), [cut(str(name)) for name in known]
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if close:
        return message("did you mean '{name}'?", name=close[0])
    if not names:
        return message("none is defined")
    return message("known: {names}", names=together([*names[:MOST_SHOWN], *(["..."] if len(names) > MOST_SHOWN else [])]))


def unknown(what: str, name: object, known: Iterable[str]) -> Message:
    """That nothing is called so; `what` is one of THINGS."""
    return message("unknown {what} '{name}'; {hint}", what=Message(what), name=cut(str(name)), hint=nearest(name, known))


THINGS = (
    message("answer"), message("calendar"), message("change"), message("class"), message("column"), message("days"), message("fact"), message("key"), message("level"),
    message("measure"), message("node"), message("outcome"), message("outcome or class"), message("parent"), message("part"), message("profile"), message("question"),
    message("stage"), message("stage or end"), message("team"),
)  # fmt: skip


def reason(error: Exception) -> Message:
    """Why the system would not read or write something, as far as it says so."""
    return Message(getattr(error, "strerror", None) or str(error))


def in_full(error: Exception) -> Message:
    """Everything that an error says, of the system or of the JSON reader."""
    if error.args and isinstance(error.args[0], Message):
        return error.args[0]
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return message("[Errno {number}] {why}: {file!r}", number=error.errno, why=reason(error), file=error.filename)
    return recognised(str(error), JSON)


JSON = (
    message("Expecting value: line {line} column {column} (char {n})"),
    message("Extra data: line {line} column {column} (char {n})"),
    message("Expecting ',' delimiter: line {line} column {column} (char {n})"),
    message("Expecting ':' delimiter: line {line} column {column} (char {n})"),
    message("Expecting property name enclosed in double quotes: line {line} column {column} (char {n})"),
    message("Unterminated string starting at: line {line} column {column} (char {n})"),
)
SYSTEM = (  # what a system says for a reason
    message("Directory not empty"),
    message("File exists"),
    message("File name too long"),
    message("File too large"),
    message("Disk quota exceeded"),
    message("Input/output error"),
    message("Is a directory"),
    message("No space left on device"),
    message("No such file or directory"),
    message("Not a directory"),
    message("Operation not permitted"),
    message("Permission denied"),
    message("Read-only file system"),
    message("Too many open files"),
)
