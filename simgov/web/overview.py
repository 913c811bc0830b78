"""A place before it is run: what `explain` says, as tables and lines that any page can show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simgov.explain import understand
from simgov.language import message, say
from simgov.scenario import Scenario
from simgov.web.levers import group_label

CHANGES = message("Changes")


@dataclass
class Section:
    """Words, and below them a table or lines. Of a procedure: each stage is a row, and each kind of line about it a column."""

    title: str
    note: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def overview(scenario: Scenario, lang: str = "en") -> list[Section]:
    """What `explain` prints of the scenario, section by section."""
    heard = _Listener()
    understand(scenario, heard, lang)  # type: ignore[arg-type]
    return [_changes(scenario, lang) if section.title == say(CHANGES, lang) else section for section in heard.sections]


def _changes(s: Scenario, lang: str) -> Section:
    """In words alone: names and what they set stand in the file, which the page shows below."""
    head = [message("change"), message("group"), message("window"), message("state")]
    rows = []
    for name, change in s.changes.items():
        window = f"{change.window.start or s.period.start} – {change.window.end or s.period.end}" if change.window else ""
        state = message("in force") if name in s.in_force else message("available")
        rows.append([s.label("changes", name, lang), group_label(change.group, lang) if change.group else "", window, say(state, lang)])
    kept = [k for k in range(len(head)) if any(row[k] for row in rows)]
    return Section(say(CHANGES, lang), columns=[say(head[k], lang) for k in kept], rows=[[row[k] for k in kept] for row in rows])


class _Listener:
    """Stands in for a console: it keeps what is printed instead of showing it."""

    def __init__(self) -> None:
        self.sections: list[Section] = []

    def print(self, what: Any = "", **_: Any) -> None:
        if isinstance(what, Table):
            columns = [[_text(column.header), *map(_text, column.cells)] for column in what.columns]
            head, *rows = zip(*filter(any, columns), strict=True)  # one in which nothing stands is left out
            self.sections.append(Section(_text(what.title), columns=list(head), rows=list(map(list, rows))))
        elif isinstance(what, Padding):
            self._about(_read(what.renderable))
        elif line := _text(what).removeprefix("•").strip():
            self._said(line, _read(what))

    def _said(self, line: str, text: Text) -> None:
        """A line that begins in bold at the margin is a title; one that begins so further in is a stage of the procedure."""
        bold, plain, dim = _parts(text)
        first = min((span.start for span in text.spans if span.style == "bold"), default=-1)
        before = text.plain[: max(first, 0)]
        if first >= 0 and not before.strip("\n"):
            self.sections.append(Section(bold, " ".join(filter(None, (re.sub(r"^\W+", "", plain), dim)))))
        elif before == " ":
            section = self.sections[-1]
            section.columns = section.columns or [""]
            section.rows.append([" · ".join(filter(None, (bold, plain))), *[""] * (len(section.columns) - 1)])
        elif self.sections:
            self.sections[-1].lines.append(line)

    def _about(self, text: Text) -> None:
        """What stands below a stage, `word text`, where the word is dim; below anything else, one more line."""
        section = self.sections[-1]
        word = next((text.plain[span.start : span.end] for span in text.spans if span.start == 0), "")
        if not section.rows:
            section.lines.append(text.plain)
            return
        if word not in section.columns:
            section.columns.append(word)
            for row in section.rows:
                row.append("")
        section.rows[-1][section.columns.index(word)] = text.plain[len(word) :].strip()


def _parts(text: Text) -> tuple[str, str, str]:
    """What is bold, what is plain or coloured, and what is dim."""
    kinds = ["plain"] * len(text)
    for span in text.spans:
        if span.style in ("bold", "dim"):
            kinds[span.start : span.end] = [str(span.style)] * (span.end - span.start)
    return tuple(" ".join("".join(c for c, kind in zip(text.plain, kinds, strict=True) if kind == wanted).split()) for wanted in ("bold", "plain", "dim"))  # type: ignore[return-value]


def _read(what: Any) -> Text:
    """What is printed: a text with its colours, or one in markup."""
    return what if isinstance(what, Text) else Text.from_markup(str(what), emoji=False)


def _text(what: Any) -> str:
    return _read(what).plain.strip() if what is not None else ""
