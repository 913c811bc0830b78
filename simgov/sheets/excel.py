"""The cells of an Excel workbook as texts, as one reads them off the screen. Nothing is calculated, and no link is followed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from math import isfinite
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from simgov.clock import without_noise
from simgov.language import Message, message
from simgov.sheets.values import CONTROL
from simgov.sheets.wrong import TableError, Wrong, named

LARGEST = 64_000_000  # bytes, packed or unpacked
MOST_TAGS = 1_500_000  # of XML in all: some 370,000 filled cells, which take seconds; CSV may be longer
MOST_ROWS = 1_048_576
UNCALCULATED = message("the cell {place} holds a formula that was never calculated: open the file in Excel and save it")
TOO_WIDE = message("has more than {most} columns: the cell {place} is filled")
TOO_MANY = message("has too many cells for a workbook; save the sheet as CSV, which may be longer")
MOST_COLUMNS = 256
MOST_CELLS = 10_000_000  # of the rectangle that all rows span
Row = tuple[int, tuple[str, ...]]


@dataclass
class Page:
    """One sheet: texts by (row, column), merged ranges as (top, left, bottom, right), hidden rows, and what cannot be read."""

    name: str
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    wrong: Wrong = field(default_factory=Wrong)


@lru_cache(maxsize=2)  # a scenario is read once for each of its changes
def page(raw: bytes) -> tuple[Page, tuple[str, ...]]:
    """The first sheet that is shown and not empty, and the names of the others like it. Raises TableError."""
    try:
        _bounded(raw)
        filled = list(_pages(raw))
    except TableError:
        raise
    except Exception:  # whatever zip, XML or the library makes of a damaged file
        raise TableError((0, message("is no Excel workbook that can be read; save it again as .xlsx, or as CSV"))) from None
    return (filled[0] if filled else Page("")), tuple(one.name for one in filled[1:])


def _bounded(raw: bytes) -> None:
    """Refuses what would unpack to more than a table ever is, and XML that defines entities."""
    with ZipFile(BytesIO(raw)) as archive:
        members = archive.infolist()
        if len(raw) > LARGEST or len(members) > 10_000 or sum(one.file_size for one in members) > LARGEST:
            said = message("is larger than {largest} MB when it is unpacked; save the sheet as CSV", largest=LARGEST // 1_000_000)
            raise TableError((0, said))
        tags = 0
        for one in members:
            if one.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise ValueError
            found = archive.read(one)
            if b"<!DOCTYPE" in found or b"<!ENTITY" in found:
                raise ValueError
            tags += found.count(b"<")
        if tags > MOST_TAGS:
            raise TableError((0, TOO_MANY))


def _pages(raw: bytes) -> Iterator[Page]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is no part of a table
        book = load_workbook(BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                found = _page(book, sheet)
                if found.cells or found.wrong:
                    yield found


def _page(book: Any, sheet: Any) -> Page:
    """The library's inner reader, cell by cell: its rows do not say what is merged, hidden, an error or not calculated."""
    from openpyxl.worksheet._reader import WorkSheetParser

    if CONTROL.search(sheet.title):
        raise ValueError
    found = Page(sheet.title)

    class Cells(WorkSheetParser):
        def parse_cell(self, element: Any) -> dict[str, Any]:
            kind, written = element.get("t"), element.findtext(f"{SPACE}v")
            if kind == "s" and int(written or 0) < 0:
                raise ValueError
            cell = super().parse_cell(element)
            cell["value"] = written if kind == "d" else cell["value"]
            if kind == "e":
                said = message("the cell {place} holds the error {given}", place=_place(cell), given=written or "")
                found.wrong.add(cell["row"], said)
            elif not written and kind != "str" and element.find(f"{SPACE}f") is not None:
                found.wrong.add(cell["row"], Message(UNCALCULATED, {"place": _place(cell)}))
            return cell

    with sheet._get_source() as source:
        times = {"date_formats": book._date_formats, "timedelta_formats": book._timedelta_formats, "epoch": book.epoch}
        parser = Cells(source, sheet._shared_strings, data_only=True, **times)
        for _, row in parser.parse():
            for cell in row:
                at = cell["row"], cell["column"]
                text = shown(cell["value"])
                if text and (at in found.cells or not 1 <= at[0] <= MOST_ROWS):
                    raise ValueError
                if text and at[1] > MOST_COLUMNS:
                    far = {"most": MOST_COLUMNS, "place": _place(cell)}
                    raise TableError((at[0], Message(TOO_WIDE, far)))
                if text:
                    found.cells[at] = text
    ranges = parser.merged_cells.mergeCell if parser.merged_cells else ()
    found.merged = [(one.min_row, one.min_col, one.max_row, one.max_col) for one in ranges]
    found.hidden = {int(number) for number, row in parser.row_dimensions.items() if row.get("hidden") in ("1", "true")}
    return found


SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def shown(value: Any) -> str:
    """A value as Excel shows it: fifteen digits at most, dates with the year first, times to the second if nothing is lost by it."""
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return without_noise(value).isoformat(" ").removesuffix(":00").removesuffix(" 00:00")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def rows(raw: bytes) -> tuple[list[tuple[int, list[str]]], dict[int, set[int]], list[Message]]:
    """(row, cells) of the sheet, the columns that merged cells have filled by row, and what was recognised. Raises TableError."""
    found, others = page(raw)
    if found.wrong:
        raise TableError(*found.wrong.told())
    cells, filled, ranges = _filled(found)
    notes = []
    if others:
        unread = named(others, len(others))
        notes.append(message("sheet '{name}' of the workbook is read, and not {others}", name=found.name, others=unread))
    if ranges:
        notes.append(message("merged cells are filled with what stands in them: {ranges}", ranges=named(ranges, len(ranges))))
    numbers = sorted({row for row, _ in cells})
    if hidden := [row for row in numbers if row in found.hidden]:
        notes.append(message("hidden rows are read like the others: {lines}", lines=named(hidden, len(hidden))))
    width = max((column for _, column in cells), default=0)
    if width * len(numbers) > MOST_CELLS:
        raise TableError((0, TOO_MANY))
    return [(row, [cells.get((row, column), "") for column in range(1, width + 1)]) for row in numbers], filled, notes


def _filled(found: Page) -> tuple[dict[tuple[int, int], str], dict[int, set[int]], list[str]]:
    """All cells, those of them that a merged range has filled, and the names of the ranges."""
    cells, filled, ranges, room = dict(found.cells), {}, [], MOST_CELLS
    last_row, last_column = max((row for row, _ in cells), default=0), max((column for _, column in cells), default=0)
    for top, left, bottom, right in sorted(found.merged):
        text = found.cells.get((top, left))
        if not text:
            continue
        bottom, right = min(bottom, last_row), min(right, last_column)
        place = f"{_letters(left)}{top}:{_letters(right)}{bottom}"
        room -= (bottom - top + 1) * (right - left + 1)
        if room < 0:
            raise TableError((top, message("merged cells span too much: {place}", place=place)))
        ranges.append(place)
        for row in range(top, bottom + 1):
            places = filled.setdefault(row, set())
            if not places.isdisjoint(range(left, right + 1)):  # Excel lets no two of them overlap
                raise TableError((top, message("merged cells overlap: {place}", place=place)))
            places.update(range(left, right + 1))
            cells.update(((row, column), text) for column in range(left, right + 1))
    return cells, filled, ranges


def _place(cell: dict[str, Any]) -> str:
    return f"{_letters(cell['column'])}{cell['row']}"


def _letters(column: int) -> str:
    """1 is A, 27 is AA."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


