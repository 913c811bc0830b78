"""What is wrong with the rows of a table: what is the same for thousands of rows is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simgov.errors import Problem
from simgov.language import Message, message, together

OTHERS = message("{n:,} more rows are wrong in the way of line {line}: lines {lines}")
FIRST = 5  # that many values of a kind are told by themselves, and that many lines are named


class TableError(ValueError):
    """A file that is no table; `wrong` holds (line, sentence), 0 where no line is to blame."""

    def __init__(self, *wrong: tuple[int, Message]):
        self.wrong = list(wrong)
        super().__init__(*(said for _, said in self.wrong[:1]))


def problem(path: tuple[str | int, ...], file: object, line: int, said: Message) -> Problem:
    """What is wrong with a table that a scenario names at `path`: in its own line, or there."""
    return Problem(path, said, str(file), line) if line else Problem(path, message("the table {file} {why}", file=file, why=said))


@dataclass
class _Rows:
    """Rows with one thing wrong: the sentence, the first of their lines, and how many there are."""

    said: str = ""
    lines: list[int] = field(default_factory=list)
    count: int = 0

    def add(self, line: int) -> None:
        self.count += 1
        if len(self.lines) <= FIRST:
            self.lines.append(line)


class Wrong:
    """Gathers what is wrong, row by row.

    `told` gives one sentence for all rows of one kind with one value, and one for all further values of that kind.
    """

    def __init__(self) -> None:
        self._kinds: dict[object, dict[object, _Rows]] = {}
        self._more: dict[object, _Rows] = {}

    def __bool__(self) -> bool:
        return bool(self._kinds)

    def add(self, line: int, said: Message | Callable[[], Message], key: tuple[object, object] | None = None) -> None:
        """A sentence, or, where it is dear to make, what makes it, with its kind and value as the key."""
        kind, given = key or (said.text, str(said))
        same = self._kinds.setdefault(kind, {})
        if given not in same and len(same) < FIRST:
            same[given] = _Rows(said if isinstance(said, str) else said())
        (same.get(given) or self._more.setdefault(kind, _Rows())).add(line)

    def told(self) -> list[tuple[int, Message]]:
        """(line, sentence), by lines."""
        found = [(rows.lines[0], _again(rows)) for same in self._kinds.values() for rows in same.values()]
        for kind, rows in self._more.items():
            like = next(iter(self._kinds[kind].values())).lines[0]
            values = {"n": rows.count, "line": like, "lines": named(rows.lines, rows.count)}
            found.append((rows.lines[0], Message(OTHERS, values)))
        return sorted(found, key=lambda one: one[0])


def _again(rows: _Rows) -> Message:
    others = named(rows.lines[1:], rows.count - 1)
    return message("{why} (the same in lines {lines})", why=rows.said, lines=others) if rows.count > 1 else rows.said


def named(items: Iterable[object], count: int) -> Message:
    """The first of some items, and how many more there are."""
    first = together(list(items)[:FIRST])
    return message("{some} and {n:,} more", some=first, n=count - FIRST) if count > FIRST else first
