"""From the bytes of a file to named columns and rows of texts, one set of rules for every table."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from simgov import errors
from simgov.characters import NOT_ALLOWED
from simgov.language import Message, message
from simgov.sheets import csv_text, excel
from simgov.sheets.safe import unguarded
from simgov.sheets.values import CONTROL, is_note, is_nothing, is_sum, number
from simgov.sheets.wrong import TableError, Wrong, named

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")  # of names that are taken for those of a table
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BROKEN = re.compile(r"\s*[\r\n\u2028\u2029]+\s*")  # a name in two lines is one name
INVISIBLE = re.compile("[\u200b\u2060\ufeff]")  # of no width: what differs by them alone looks the same
BETWEEN_WIDE = re.compile(f"(?<=[\u2e80-\uffef]){BROKEN.pattern}(?=[\u2e80-\uffef])")
LONGEST = 120  # signs of a cell in a message
TWICE = message("columns {first} and {second} are both called '{name}'; leave one of them, or rename it")
NO_SUM = message(
    "'{word}' stands for a row that adds up others, and yet it says '{text}'; take the row out, or give it another name"
)
MERGED = message(
    "column '{name}' has merged cells with a number, {given}: it would count once for each; write a number into every row"
)
Rows = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Sheet:
    """A table: rows of texts by column, the lines (or rows of a workbook) where they and the header stand, what was recognised."""

    columns: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    notes: tuple[Message, ...] = ()
    header: int = 1


def read(raw: bytes, names: Collection[str]) -> Sheet:
    """The table of a file, an Excel workbook or CSV: its content says which, and not its name.

    `names` are columns of names and texts, where a number is no amount. Raises TableError.
    """
    filled: dict[int, set[int]] = {}
    if raw.startswith(OLE):
        raise TableError((0, message("is an old or a locked Excel file; save it as .xlsx without a password, or as CSV")))
    if raw.startswith(ZIP):
        found, filled, notes = excel.rows(raw)
    else:
        found, notes = csv_text.rows(raw)
    wrong = Wrong()
    rows = [(line, cells) for line, row in found if any(cells := [_cell(cell, line, wrong) for cell in row])]
    above = _above(rows, names)
    if above:
        notes.append(message("rows above the header are left out: {lines}", lines=named(above, len(above))))
    if not rows:
        _raise(wrong)
        return Sheet(notes=tuple(notes))
    (top, header), *rows = rows
    columns = _header(header, top, wrong)
    _raise(wrong)
    if below := _below(rows, columns):
        notes.append(message("notes below the table are left out: {lines}", lines=named(below, len(below))))
    body, sums, width = [], [], max(columns, default=-1) + 1
    for line, cells in rows:
        if _adds_up(line, cells, wrong):
            sums.append(line)
            continue
        _inside(line, cells, columns, width, wrong)
        for at in filled.get(line, ()):
            _merged(line, at - 1, cells, columns, names, wrong)
        body.append((line, {name: cells[at] if at < len(cells) else "" for at, name in columns.items()}))
    _raise(wrong)
    if sums:
        notes.append(message("rows that add up others are left out: {lines}", lines=named(sums, len(sums))))
    return Sheet(tuple(columns.values()), [row for _, row in body], [line for line, _ in body], tuple(notes), top)


def _raise(wrong: Wrong) -> None:
    if wrong:
        raise TableError(*wrong.told())


def _cell(text: str, line: int, wrong: Wrong) -> str:
    text = unguarded(text if text.isascii() else INVISIBLE.sub("", text)).strip()
    if text.isascii() and text.isprintable():
        return text
    if bad := CONTROL.search(text):
        wrong.add(line, Message(NOT_ALLOWED, {"code": ord(bad[0])}))
    return BROKEN.sub(" ", BETWEEN_WIDE.sub("", text))


def _above(rows: Rows, names: Collection[str]) -> list[int]:
    """Takes titles off the top: one text alone, before a row with more; returns their lines."""
    lines = []
    while len(rows) > 1:
        first, second = ({*filter(None, cells)} for _, cells in rows[:2])
        if len(first) > 1 or len(second) < 2 or first & {*names}:
            break
        if len(rows[0][1]) == 1 and any(number(cell) is not None for cell in second):  # a header that is too short, and no title
            break
        lines.append(rows.pop(0)[0])
    return lines


def _below(rows: Rows, columns: dict[int, str]) -> list[int]:
    """Takes notes off the end of a table of several columns: rows in which nothing else stands; returns their lines."""
    lines: list[int] = []
    while rows and len(columns) > 1 and all(map(is_note, filter(None, rows[-1][1]))):
        lines.insert(0, rows.pop()[0])
    return lines


def _header(cells: list[str], line: int, wrong: Wrong) -> dict[int, str]:
    """The names of the columns by their places; no two have one name."""
    places: dict[str, int] = {}
    for at, name in enumerate(cells):
        if name in places:
            wrong.add(line, Message(TWICE, {"first": places[name] + 1, "second": at + 1, "name": cut(name)}))
        elif name:
            places[name] = at
    return {at: name for name, at in places.items()}


def _adds_up(line: int, cells: list[str], wrong: Wrong) -> bool:
    """Whether a row is a total: its first text says so, and there is no other."""
    texts = (cell for cell in cells if cell and number(cell.replace(",", "")) is None)
    first = next(texts, "")
    if not is_sum(first):
        return False
    if rest := [text for text in texts if not is_sum(text) and not is_nothing(text)]:
        wrong.add(line, Message(NO_SUM, {"word": first, "text": cut(rest[0])}))
    return True


def _inside(line: int, cells: list[str], columns: dict[int, str], width: int, wrong: Wrong) -> None:
    """Nothing may stand where no column has a name."""
    if len(cells) <= width == len(columns):
        return
    if beyond := [cell for cell in cells[width:] if cell]:
        wrong.add(line, message("has more cells than the header: '{given}'", given=cut(",".join(beyond))))
    for at, cell in enumerate(cells[:width]):
        if cell and at not in columns:
            wrong.add(line, message("column {number} has no name, and holds '{given}'", number=at + 1, given=cut(cell)))


def _merged(line: int, at: int, cells: list[str], columns: dict[int, str], names: Collection[str], wrong: Wrong) -> None:
    """A number of merged cells would be counted once for each of them."""
    name = columns.get(at)
    if name is not None and name not in names and number(cells[at].replace(",", "")) is not None:
        wrong.add(line, Message(MERGED, {"name": cut(name), "given": cells[at]}))


def cut(text: str) -> str:
    """A piece of a cell in a message."""
    return errors.cut(text, LONGEST)
