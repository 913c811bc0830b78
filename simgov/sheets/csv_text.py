"""CSV of whatever encoding and delimiter: which it is, and its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from simgov.errors import in_full
from simgov.language import Message, message
from simgov.sheets.wrong import TableError

DELIMITERS = {",": message("commas"), ";": message("semicolons"), "\t": message("tabs"), "\uff0c": message("full-width commas")}
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NAMES = {"utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB18030"}
LOOK = 65_536  # signs at the beginning of a file that tell its delimiter
ENOUGH = 3 / 4  # of the characters of a real Chinese text are common ones


def rows(raw: bytes) -> tuple[list[tuple[int, list[str]]], list[Message]]:
    """(line, cells) of every row, and what was recognised. Raises TableError."""
    text, encoding = decoded(raw)
    sign = delimiter(text)
    notes = [message("read as {encoding}", encoding=NAMES[encoding])] if encoding in NAMES else []
    notes += [message("cells are separated by {signs}", signs=DELIMITERS[sign])] if sign != "," else []
    return list(_rows(text, sign)), notes


def _rows(text: str, sign: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=sign, strict=True)
    line = 0
    try:
        for row in reader:
            line = reader.line_num
            yield line, row
    except csv.Error as error:
        raise TableError((line + 1, message("is no CSV: {why}", why=in_full(error)))) from None


def decoded(raw: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding."""
    encoding = next((name for mark, name in MARKS.items() if raw.startswith(mark)), "") or _without_a_mark(raw)
    try:
        return raw.decode(encoding), encoding
    except UnicodeDecodeError as error:
        bad = error
    if encoding == "utf-8" and (text := _chinese(raw)) is not None:
        return text, "gb18030"
    line = raw[: bad.start].count(b"\n") + 1
    said = message("is neither UTF-8 nor GB18030: byte 0x{byte:02x}; save the file as UTF-8", byte=raw[bad.start])
    if encoding in NAMES:
        said = message("is not UTF-16, as it says that it is: byte 0x{byte:02x}; save the file as UTF-8", byte=raw[bad.start])
    raise TableError((line, said))


def _without_a_mark(raw: bytes) -> str:
    """UTF-16 has a zero in every second byte of what is ASCII: the signs between cells are."""
    even, odd = raw[:LOOK:2].count(0), raw[1:LOOK:2].count(0)
    if max(even, odd) * 10 <= len(raw[:LOOK]) or min(even, odd) * 10 > max(even, odd):
        return "utf-8"
    return "utf-16-be" if even > odd else "utf-16-le"


def _chinese(raw: bytes) -> str | None:
    """The text, if it is GB18030 and reads like Chinese: nearly any bytes are *some* characters of it."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    wide = [sign for sign in text if not sign.isascii()]
    common = sum(len(sign.encode("gb2312", "ignore")) == 2 for sign in wide)
    mended = [sign for sign in raw.decode("utf-8", "replace") if not sign.isascii()]
    is_damaged = mended.count("\ufffd") * 2 < len(mended)
    return text if common >= ENOUGH * len(wide) and not is_damaged else None


def delimiter(text: str) -> str:
    """The sign that cuts the first row that it cuts at all into most cells."""
    widths = {}
    for sign in DELIMITERS:
        reader = csv.reader(StringIO(text[:LOOK], newline=""), delimiter=sign)
        try:
            widths[sign] = [len(row) for row in islice(reader, 20) if any(row)]
        except csv.Error:
            widths[sign] = []
    for at in range(20):
        best = max(widths, key=lambda sign: widths[sign][at] if at < len(widths[sign]) else 0)
        if at < len(widths[best]) and widths[best][at] > 1:
            return best
    return ","
