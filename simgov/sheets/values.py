"""What stands in a cell, as people and spreadsheets write it: numbers, times, and signs for nothing."""

from __future__ import annotations

import re
import unicodedata

from simgov.characters import OBEYED, TURNING
from simgov.language import message, say

CONTROL = re.compile(f"[{OBEYED}{TURNING}\ud800-\udfff\ufffe\uffff]")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
WHOLE = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([-/.\u5e74])(\d{1,2})([-/.\u6708])(\d{1,2})\u65e5?(?:[ T]*(\d{1,2}):(\d\d)(:\d\d)?)?", re.ASCII)
SIGNS = ("-", "--", "\u2013", "\u2014", "\u2014\u2014", "\u2212", "/", "\\", "n/a", "na", "nil", "null", "nan")
NOTHING = {*SIGNS, *(word for text in (message("none"), message("nothing")) for word in (text, say(text, "zh")))}
SUMS = (message("total"), message("total number"), message("grand total"), message("subtotal"), message("sum total"))
SUM = re.compile("|".join({re.escape(word.replace(" ", "")) for text in SUMS for word in (text, f"{text}s", say(text, "zh"))}))
UNIT = re.compile(r"\([^()]*\)$")  # of a sum: 合计（人）
NOTE = re.compile(r"[^\d:]{1,20}:.*|\(.*\)|\*.*", re.DOTALL)  # 制表人：张三, Source: the office, （截至5月）


def plain(text: str) -> str:
    """Full-width letters, digits and signs as ASCII, without blanks around."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def number(text: str) -> float | None:
    """A number with a point, or None."""
    return float(written) if NUMBER.fullmatch(written := plain(text)) else None


def whole(text: str) -> int | None:
    """A whole number that is not negative, also as 1,200 and as 5.0; or None."""
    found = WHOLE.fullmatch(plain(text))
    return int(found[1].replace(",", "")) if found and len(found[1]) <= 20 else None


def moment(text: str) -> str:
    """A date, or a date and time, with the year first, as 2022-05-01 08:30; anything else as it is."""
    found = YEAR_FIRST.fullmatch(plain(text))
    if not found or (found[2], found[4]) not in (("-", "-"), ("/", "/"), (".", "."), ("\u5e74", "\u6708")):
        return text
    year, _, month, _, day, hour, minute, second = found.groups()
    clock = f" {hour:>02}:{minute}{second or ''}" if hour else ""
    return f"{year}-{month:>02}-{day:>02}{clock}"


def is_nothing(text: str) -> bool:
    """Whether a cell holds a sign or a word that people write for an empty one."""
    return plain(text).lower() in NOTHING


def is_sum(text: str) -> bool:
    """Whether a cell says that its row adds up others."""
    if len(text) > 20:
        return False
    word = "".join(plain(text).lower().split()).rstrip(":")
    return bool(SUM.fullmatch(UNIT.sub("", word)))


def is_note(text: str) -> bool:
    """Whether a cell holds what offices write below a table: a word with a colon and what it says, or a text in brackets or after a star."""
    return bool(NOTE.fullmatch(plain(text))) and not is_sum(text)
