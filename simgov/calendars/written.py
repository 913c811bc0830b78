"""Opening hours as they are written (docs/model.md, R4): from the text to its rules, each with the dates that it is for.

The text is read here and not by opening-hours-py, because that reads `08:00-12:00, 14:00-16:00` as two rules of which the second is for
every day, knows no list with `PH` in its middle and joins openings that touch. Which dates a rule is for is asked of the library.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from simgov.clock import DAY, HOUR, MINUTE
from simgov.language import message

SPELLING = re.ASCII | re.IGNORECASE
DAY_OF_WEEK = r"(?:Mon?|Tue?|Wed?|Thu?|Fri?|Sat?|Sun?)\b"
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
EVERY_WEEK = re.compile(r"([A-Z][a-z])(?!\[)(?:-([A-Z][a-z]))?")  # weekdays and ranges of them, as the library reads them
OF_MONTH = re.compile(r"[A-Z][a-z]\[[^]]*\]")
LISTED = rf"(?:PH\b|{DAY_OF_WEEK})"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH = rf"(?:{'|'.join(MONTHS)})"
YEAR = r"(?:19|[2-9]\d)\d\d(?![\d:])"
DATE = rf"(?:{YEAR}\s*)?{MONTH}(?:\s*\d{{1,2}}(?![\d:]))?(?![a-z])"
CLOCK = r"\d{1,2}:\d\d(?!\d)"
QUOTED = 200  # characters of a text in a message
# What the grammar of OpenStreetMap knows and a calendar of a simulation cannot honour.
REFUSED = (
    (r"sunrise|sunset|dawn|dusk|easter|\bSH\b", message("only clock times and dates are understood here")),
    (r'"', message("a comment would be lost here; write it beside the calendar as a note")),
    (r"\|\|", message("what || stands for depends on what is unknown, and here nothing is; write the rule after a semicolon")),
    (r"\bunknown\b", message("hours are open or not; unknown is neither")),
    (rf"{CLOCK}\s*\+", message("an interval must have an end")),
    (rf"{CLOCK}\s*/", message("write each interval of a repetition by itself")),
    (r"[+-]\s*\d+\s*days?\b", message("days moved by others are not understood here; write the dates")),
)  # fmt: skip


class NoHoursError(ValueError):
    """A text that is no opening hours, or none that can be honoured. `reason`: what is wrong, None if it is not understood at all."""

    def __init__(self, text: str, reason: str | None = None, at: int = 0):
        self.reason = reason
        text = text if len(text) <= QUOTED else text[:QUOTED] + "..."
        if reason is None:
            said = message("not opening hours such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off', got '{text}'", text=text)
            super().__init__(message("{said} (at character {n})", said=said, n=at + 1))
        else:
            super().__init__(message("{reason}, got '{text}'", reason=reason, text=text))


@dataclass(frozen=True)
class Rule:
    """One rule of a text; `dates` and `weekdays` as the library reads them, "" for all."""

    dates: str
    weekdays: str
    holidays: bool  # PH is in its list
    spans: tuple[tuple[int, int], ...]  # in seconds from 00:00, the end also beyond 24:00; none for `off`
    adds: bool  # after a comma

    @property
    def lists_days(self) -> bool:
        return bool(self.weekdays) or self.holidays

    @property
    def on_mondays(self) -> bool:
        """Whether its list has `Mo` by itself or in a range, and not only that of a month (`Mo[1]`)."""
        ranges = EVERY_WEEK.findall(self.weekdays)
        return any(first == "Mo" or (last and WEEK.index(last) < WEEK.index(first)) for first, last in ranges)

    def dates_within(self, first: date, last: date) -> frozenset[date]:
        """The dates from `first` to `last` that it is for, whatever the days are."""
        return _matched(self.dates, first, last)

    def days_within(self, first: date, last: date) -> frozenset[date]:
        """Those of them that have a weekday of its list; all, if it has no list."""
        return self._listed_within(self.weekdays, first, last) if self.lists_days else self.dates_within(first, last)

    def made_up_within(self, first: date, last: date) -> frozenset[date]:
        """Those of them that it is for if they are make-up workdays: a day then has the weekday Monday, and its own date."""
        if self.on_mondays or not self.lists_days:
            return self.dates_within(first, last)
        return self._listed_within(",".join(OF_MONTH.findall(self.weekdays)), first, last)

    def _listed_within(self, weekdays: str, first: date, last: date) -> frozenset[date]:
        return _matched(f"{self.dates} {weekdays}".strip(), first, last) if weekdays else frozenset()


def _matched(selector: str, first: date, last: date) -> frozenset[date]:
    from opening_hours import OpeningHours, State

    begin, end = (datetime(day.year, day.month, day.day) for day in (first, last + timedelta(days=1)))
    found = set()
    for a, b, state, *_ in OpeningHours(selector or "24/7").intervals(begin, end):
        if state == State.OPEN:
            found |= {a.date() + timedelta(days=n) for n in range((b - a).days)}
    return frozenset(found)


@lru_cache(maxsize=256)
def rules(text: str) -> tuple[Rule, ...]:
    """The rules of a text, in their order. Raises NoHoursError."""
    for pattern, reason in REFUSED:
        if re.search(pattern, text, SPELLING):
            raise NoHoursError(text, reason)
    found = _Reader(text).rules()
    _check_order(text, found)
    return found


def _check_order(text: str, found: tuple[Rule, ...]) -> None:
    """Refuses what people who write it take to say something else on public holidays."""
    named = False  # PH, by a rule before
    for rule in found:
        if not rule.adds:
            head = rule
        if named and not rule.adds and not (rule.dates or rule.lists_days):
            raise NoHoursError(text, message("its rule for all days undoes the one for PH before it; write the rule for PH after it"))
        if rule.adds and rule.holidays and head.lists_days and not head.holidays:
            raise NoHoursError(text, message("PH after a comma would add to hours that are not kept on public holidays; begin a rule that names PH with a semicolon"))
        named = named or rule.holidays


class _Reader:
    """Reads a text from left to right; blanks between its pieces mean nothing."""

    def __init__(self, text: str):
        self.text, self.at = text, 0

    def take(self, pattern: str) -> str | None:
        found = re.compile(rf"\s*({pattern})", SPELLING).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[1]

    def must(self, pattern: str) -> str:
        found = self.take(pattern)
        if found is None:
            raise self.unclear()
        return found

    def unclear(self) -> NoHoursError:
        self.take("")
        return NoHoursError(self.text, at=self.at)

    def ahead(self, pattern: str) -> bool:
        before, found = self.at, self.take(pattern)
        self.at = before
        return found is not None

    def rules(self) -> tuple[Rule, ...]:
        found = [self.rule(adds=False)]
        while sign := self.take("[;,]"):
            found.append(self.rule(adds=sign == ","))
        self.must("$")
        return tuple(found)

    def rule(self, adds: bool) -> Rule:
        self.take("")
        before = self.at
        if self.take("24/7"):
            dates, weekdays, holidays, spans = "", "", False, [(0, DAY)]
        else:
            dates, (weekdays, holidays), spans = self.dates(), self.days(), self.spans()
        word = self.take(r"(?:off|closed|open)\b")
        if self.at == before or (adds and not (dates or weekdays or holidays)):
            raise NoHoursError(self.text, at=before)
        if not (spans or word) and self.ahead(","):  # `Mo, 09:00-10:00` is no Monday and an addition
            raise self.unclear()
        if word and word.lower() != "open":
            return Rule(dates, weekdays, holidays, self.shut(spans, adds), adds)
        return Rule(dates, weekdays, holidays, tuple(spans) or ((0, DAY),), adds)

    def shut(self, spans: list[tuple[int, int]], adds: bool) -> tuple[()]:
        if spans:
            raise NoHoursError(self.text, message("off closes whole days; write the hours that are left"))
        if adds:
            raise NoHoursError(self.text, message("what follows a comma adds hours and cannot close; write off after a semicolon"))
        return ()

    # ── dates ────────────────────────────────────────────────────────────────────────────────────────

    def dates(self) -> str:
        """As the library reads them."""
        if self.take(r"week(?=\s*\d)"):
            return "week " + ",".join(self.listed(r"\d{1,2}(?![\d:])", self.weeks))
        if self.ahead(rf"{YEAR}(?!\s*{MONTH})"):
            return self.years()
        if not self.ahead(DATE):
            return ""
        found = self.listed(DATE, self.date_range)
        if len({item[0].isdigit() for item in found}) > 1:
            raise NoHoursError(self.text, message("write the year at all of its dates, or at none"))
        return ",".join(found)

    def years(self) -> str:
        first = self.must(YEAR)
        last = self.must(YEAR) if self.take("-") else first
        if last < first:
            raise NoHoursError(self.text, message("of two dates, the earlier one comes first"))
        return first if first == last else f"{first}-{last}"

    def listed(self, first: str, item: Callable[[], str]) -> list[str]:
        """Items separated by commas; a comma before anything else is left for who comes next."""
        found = [item()]
        while self.take(rf",(?=\s*{first})"):
            found.append(item())
        return found

    def weeks(self) -> str:
        first = int(self.must(r"\d{1,2}"))
        last = int(self.must(r"\d{1,2}(?![\d:])")) if self.take("-") else first
        if not 1 <= first <= last <= 53:
            raise NoHoursError(self.text, message("weeks go from 1 to 53, the earlier one first"))
        return f"{first:02}-{last:02}"

    def date_range(self) -> str:
        """`Oct`, `Nov-Feb`, `Oct 01-07`, `2022 Dec 20-Jan 10`: the end of a range that has a year gets one, too."""
        year, month, day = first = self.date()
        last = first
        if self.take("-"):
            number = self.take(r"\d{1,2}(?![\d:])") if day else None
            last = self.existing(0, month, int(number)) if number else self.date()
            if bool(last[2]) != bool(day):
                raise self.unclear()
            if number and last < (0, month, day):
                raise NoHoursError(self.text, message("of two dates, the earlier one comes first"))
        if year:
            end = last if last[0] else (year + (last[1:] < first[1:]), *last[1:])
            if end < first:
                raise NoHoursError(self.text, message("of two dates, the earlier one comes first"))
            return f"{year} {MONTHS[month - 1]} {day or 1}-{end[0]} {MONTHS[end[1] - 1]} {end[2] or monthrange(*end[:2])[1]}"
        if last[0]:
            raise NoHoursError(self.text, message("write the year at all of its dates, or at none"))
        start, end = (f"{MONTHS[month - 1]} {day or ''}".strip() for _, month, day in (first, last))
        return start if last == first else f"{start}-{end}"

    def date(self) -> tuple[int, int, int]:
        """Year and day are 0 where they are not written."""
        year, month, day = re.fullmatch(rf"(\d{{4}})?\s*({MONTH})\s*(\d+)?", self.must(DATE), SPELLING).groups()
        return self.existing(int(year or 0), MONTHS.index(month.capitalize()) + 1, int(day) if day else None)

    def existing(self, year: int, month: int, day: int | None) -> tuple[int, int, int]:
        if day is not None and not 1 <= day <= monthrange(year or 2000, month)[1]:
            raise NoHoursError(self.text, message("there is no {month} {day}", month=MONTHS[month - 1], day=day))
        return year, month, day or 0

    # ── days and times ───────────────────────────────────────────────────────────────────────────────

    def days(self) -> tuple[str, bool]:
        """The weekdays of the list as the library reads them, and whether `PH` is among them."""
        if not self.ahead(LISTED):
            return "", False
        found = self.listed(LISTED, self.day)
        if self.ahead(LISTED):
            raise NoHoursError(self.text, message("the days of a list are separated by commas"))
        return ",".join(day for day in found if day != "PH"), "PH" in found

    def day(self) -> str:
        if self.take("PH"):
            return "PH"
        first = self.must(DAY_OF_WEEK)[:2].capitalize()
        if self.take("-"):
            return f"{first}-{self.must(DAY_OF_WEEK)[:2].capitalize()}"
        if not self.take(r"\["):
            return first
        number = ",".join(self.listed(r"-?\d", self.nth))
        self.must(r"\]")
        return f"{first}[{number}]"

    def nth(self) -> str:
        """`2`, `-1` for the last, `1-3`."""
        first = self.must(r"-?[1-5](?!\d)")
        if first.startswith("-") or not self.take("-"):
            return first
        last = self.must(rf"[{first}-5](?!\d)")
        return ",".join(map(str, range(int(first), int(last) + 1)))

    def spans(self) -> list[tuple[int, int]]:
        if not self.ahead(CLOCK):
            return []
        found = sorted(self.listed(CLOCK, self.span))
        if any(start < end for (_, end), (start, _) in pairwise(found)):
            raise NoHoursError(self.text, message("two of its intervals overlap on the same day"))
        return found

    def span(self) -> tuple[int, int]:
        start = self.clock(most=23)
        self.must("-")
        end = self.clock(most=48)
        return start, end if end > start else end + DAY

    def clock(self, most: int) -> int:
        before = self.at
        hour, minute = map(int, self.must(CLOCK).split(":"))
        if minute > 59 or hour > most or (hour == 48 and minute):
            self.at = before
            raise self.unclear()
        return hour * HOUR + minute * MINUTE
