"""Tables of a page as Markdown, with every word escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simgov.web.plain import plain

TONES = {"good": "green", "bad": "red", "open": "orange"}


def table(head: Sequence[str], rows: Sequence[Sequence[str | Mapping[str, Any]]], words: Sequence[int] = (0,)) -> str:
    """A table whose columns stand to the right, but for those of `words`. A row of one cell is a heading. Cells as `simgov.report.page.Cell` has them."""
    lines = [[plain(text) or " " for text in head], [":---" if k in words else "---:" for k in range(len(head))]]
    for row in rows:
        cells = [_cell(cell) for cell in row]
        lines.append([f"**{cells[0]}**" if len(row) < len(head) else cells[0], *cells[1:], *[" "] * (len(head) - len(row))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: str | Mapping[str, Any]) -> str:
    if isinstance(cell, str):
        return plain(cell) or " "
    text = plain(cell["text"] or cell.get("quoted", ""))
    if tone := TONES.get(cell.get("tone") or ""):
        text = f":{tone}[**{text}**]"
    small = plain(cell.get("small") or "")
    return f"{text} :small[:gray[{small}]]" if small else text or " "
