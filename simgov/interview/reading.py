"""From what somebody typed to a value; whatever cannot be understood raises `UnclearError` with one sentence that says what to type."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from simgov.calendars import NoHoursError, calendar, day_types
from simgov.clock import DAY
from simgov.errors import UsageError
from simgov.language import LANGUAGES, Message, message, say, together
from simgov.scenario.fields import MOST, shown
from simgov.scenario.model import Period

OFFICE = "Mo-Fr 08:30-12:00,14:30-17:30; PH off"
LONGEST = 120  # characters of a name
TEN_THOUSAND = say(message("ten thousand"), "zh")
COUNTED = tuple(say(word, "zh") for word in (message("cases"), message("persons"), message("staff members"), message("pieces")))  # measure words
AMOUNT = rf"(?:\d+(?:\.\d+)?\s*{TEN_THOUSAND}|\d{{1,3}}(?:,\d{{3}})+|\d+)\s*(?:{'|'.join(COUNTED)})?"
ITEM = rf"([^\d,;:=]+?)\s*[:=]?\s*({AMOUNT})"
DAY_OF = r"\d{4}\s*[-/.\u5e74]\s*\d{1,2}\s*[-/.\u6708]\s*\d{1,2}"  # 2025-01-31, or with the Chinese signs of year and month
# What may be typed for a piece of opening hours, in either language.
HOURS = {
    message("Mo"): "Mo", message("Tu"): "Tu", message("We"): "We", message("Th"): "Th", message("Fr"): "Fr", message("Sa"): "Sa", message("Su"): "Su",
    message("every day"): "Mo-Su", message("working days"): "Mo-Fr", message("statutory holidays"): "PH", message("PH off"): "PH off", message("public holidays"): "PH", message("shut"): "off",
    message("to"): "-", message("through"): "-", message("office"): OFFICE,
}  # fmt: skip


class UnclearError(UsageError):
    """An answer that cannot be understood."""


class Staff(NamedTuple):
    """People at each node (None: the org chart says how many) and the calendar of their hours."""

    people: int | None
    hours: str


class Report(NamedTuple):
    """A reported closure rate, as a share: the figure and half its last digit, or a bound `at_least`."""

    value: float
    rounding: float
    at_least: bool


def name(text: str) -> str:
    """A short text on one line."""
    if not text.isprintable() or len(text) > LONGEST:
        raise UnclearError(message("give a name of at most {longest} characters on one line", longest=LONGEST))
    return text


def whole(text: str, least: int = 1) -> int:
    """A whole number, also as 12,000 or, in Chinese, as 1.2 ten thousands and with a measure word behind it."""
    written = _half_width(text).strip()
    if not re.fullmatch(AMOUNT, written) or len(written) >= 20:
        raise UnclearError(message("give a whole number such as 12,000, not {given}", given=shown(text)))
    figures = re.match(r"[\d,.]+", written)[0].replace(",", "")
    number = round(float(figures) * 10_000) if TEN_THOUSAND in written else int(figures)
    if not least <= number <= MOST:
        raise UnclearError(message("give a number from {least:,} to {most:,}, not {given}", least=least, most=MOST, given=shown(text)))
    return number


def counts(text: str, example: str) -> list[tuple[str, int]]:
    """Pairs of a name and a number: `unit 440, grid 33`."""
    pieces = re.sub(r"[;\n]", ",", _half_width(text)).strip(", ")
    if not re.fullmatch(rf"{ITEM}(\s*,\s*{ITEM})*", pieces):
        raise UnclearError(message("give names and whole numbers such as: {example}; not {given}", example=Message(example), given=shown(text)))
    found = re.findall(rf"\s*{ITEM}\s*(?:,|$)", pieces)
    return [(name(word.strip()), whole(number, 0)) for word, number in found]


def period(text: str) -> tuple[date, date]:
    """Two dates, the second of which is the census."""
    written = _half_width(text)
    days, rest = re.findall(DAY_OF, written), re.sub(DAY_OF, " ", written)
    try:
        if re.search(r"\d|\bz\b|utc|gmt", rest, re.IGNORECASE):  # a time of day, or a time zone
            raise ValueError
        start, end = (date(*map(int, re.findall(r"\d+", day))) for day in days)
        Period(start=start, end=end)
        day_types("CN", start, end)
    except ValueError:
        raise UnclearError(message("give two dates that exist, the earlier one first, such as 2025-01-01 to 2026-01-01; not {given}", given=shown(text))) from None
    return start, end


def hours(text: str, days: tuple[date, date]) -> str:
    """A calendar of the scenario language; `office`, `every day` and Chinese days are written out."""
    written = _half_width(text)
    for word, meant in HOURS.items():
        written = re.sub(rf"\b{word}\b", meant, written).replace(say(word, "zh"), f" {meant} ")
    written = re.sub(r"\s*[-–—~]\s*", "-", written)
    written = re.sub(r"(?<![\d:])(\d:\d\d)", r"0\1", written)
    written = " ".join(re.sub(r"\s*([,;])\s*", r"\1", written).replace(";", "; ").split()).strip("; ")
    unclear = message("give opening hours such as {example}, or the word office; not {given}", example=Message(OFFICE), given=shown(text))
    try:
        open_for = calendar(written, days[0], (days[1] - days[0]).days, day_types("CN", *days)).hours
    except NoHoursError as error:
        raise UnclearError(message("{said}: {reason}", said=unclear, reason=error.reason) if error.reason else unclear) from None
    if not open_for.length(0, (days[1] - days[0]).days * DAY):
        raise UnclearError(message("{said}: {reason}", said=unclear, reason=message("it is never open between {start} and {end}", start=days[0], end=days[1])))
    return written


def _half_width(text: str) -> str:
    """Full-width digits and punctuation as ASCII, and the Chinese list comma as a comma."""
    return unicodedata.normalize("NFKC", text).replace("\u3001", ",")


def staff(text: str, days: tuple[date, date], counted: bool) -> Staff:
    """`2, Mo-Fr 09:00-17:00`: people at each node and their hours; with `counted` the hours are enough."""
    match = re.fullmatch(rf"(?:({AMOUNT})(?:$|\s*[,;]\s*|\s+))?(.*)", _half_width(text).strip())
    number, rest = (match[1], match[2].strip()) if match else (None, text)
    if number is None and not counted:
        raise UnclearError(message("give a number and hours such as {example}; not {given}", example=message("2, Mo-Sa 08:00-12:00,14:00-18:00"), given=shown(text)))
    return Staff(None if counted else whole(number, 0), hours(rest or "office", days))


def share(text: str) -> Report:
    """A rate in per cent, `99.28 %` or `at least 90 %`."""
    match = re.fullmatch(r"\s*(\D*?)\s*(\d{1,3})(?:\.(\d{1,9}))?\s*%?\s*", _half_width(text))
    value = float(f"{match[2]}.{match[3] or 0}") / 100 if match else -1.0
    bounds = (message("at least"), message("more than"))
    bound = match[1].strip().lower() if match else ""
    if not 0 < value <= 1 or bound not in ("", *bounds, *(say(word, "zh") for word in bounds)):
        raise UnclearError(message("give a rate in per cent such as 99.28 % or at least 90 %, or the word none; not {given}", given=shown(text)))
    digits = len(match[3] or "") + 2
    return Report(round(value, digits), 0.5 * 10**-digits, bool(bound))


def choice(text: str, known: dict[str, str]) -> str:
    """One of a few words, or what only one of them means, in either language and in whole or in part."""
    given = " ".join(_half_width(text).lower().split())
    if given in known:
        return given
    meant = [word for word, about in known.items() if len(given) > 1 and any(given in _half_width(say(about, lang)).lower() for lang in LANGUAGES)]
    if len(meant) == 1:
        return meant[0]
    words = together(message("{word} ({meaning})", word=word, meaning=Message(about)) for word, about in known.items())
    raise UnclearError(message("give one of {known}; not {given}", known=words, given=shown(text)))
