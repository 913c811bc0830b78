"""Tables as bytes: one table in every form that people keep them in."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
DELIMITERS = (",", ";", "\t", "，")


def as_text(rows, encoding="utf-8", delimiter=",", ends="\n"):
    """CSV: the csv module writes it, so that cells with signs of their own are quoted."""
    stream = StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=ends).writerows(rows)
    return stream.getvalue().encode(encoding)


def typed(text):
    """A cell as Excel would hold what somebody types."""
    if not re.fullmatch(r"[-\d.: ]+", text):
        return text or None
    for read in (int, float, lambda given: datetime.strptime(given, "%Y-%m-%d %H:%M"), lambda given: datetime.strptime(given, "%Y-%m-%d")):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def as_book(rows, cell=typed, change=lambda book, sheet: None):
    """A workbook of one sheet, texts that begin with = being texts; `change` may do more to it."""
    book = Workbook()
    for row in rows:
        book.active.append([cell(text) for text in row])
    for one in (one for row in book.active.iter_rows() for one in row if one.data_type == "f"):
        one.data_type = "s"
    change(book, book.active)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def forms(rows):
    """(name, bytes) of a table in every encoding, with every delimiter, and as a workbook: of typed cells, and of texts."""
    for encoding in ENCODINGS:
        for delimiter in DELIMITERS:
            yield f"{encoding} {delimiter!r}", as_text(rows, encoding, delimiter, "\r\n" if delimiter == "\t" else "\n")
    yield "workbook", as_book(rows)
    yield "workbook of texts", as_book(rows, cell=lambda text: text or None)


def with_member(book, name, text):
    """The workbook with one of its files replaced, or one more."""
    made = BytesIO()
    with ZipFile(BytesIO(book)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, text)
    return made.getvalue()


def member(book, name):
    with ZipFile(BytesIO(book)) as archive:
        return archive.read(name)


SHEET = "xl/worksheets/sheet1.xml"


def of_cells(cells, after=""):
    """A workbook whose sheet has this XML between its rows' tags, and after them."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return with_member(as_book([["a"]]), SHEET, f"{head}<sheetData>{cells}</sheetData>{after}</worksheet>")
