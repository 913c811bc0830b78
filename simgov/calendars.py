"""Opening-hours text on real dates, with public holidays and make-up workdays.

The grammar is that of OpenStreetMap's `opening_hours`, read by opening-hours-py; `Mon` is taken for
`Mo`. Which day is a public holiday or a make-up workday (调休) comes from the `holidays` package,
because the grammar's own list knows no make-up workdays. A calendar follows the public holidays when it has
a rule for them (`PH off`, `PH 09:00-12:00`): then a public holiday has that rule's hours and a
make-up workday the hours of the Monday of its week. A calendar without such a rule keeps its week.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from simgov.clock import DAY, Hours
from simgov.language import message

WEEKDAYS = {"Mon": "Mo", "Tue": "Tu", "Wed": "We", "Thu": "Th", "Fri": "Fr", "Sat": "Sa", "Sun": "Su"}
ALL_DAY = "Mo-Su 00:00-24:00"
SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)")


@dataclass(frozen=True)
class Calendar:
    """`hours`: when it is open. `openings`: (start, end) as written, those a gate obeys."""

    hours: Hours
    openings: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class DayTypes:
    """Which dates are public holidays and which are make-up workdays."""

    holidays: frozenset[date]
    workdays: frozenset[date]


def day_types(country: str, first: date, last: date, extra_holidays=(), extra_workdays=()) -> DayTypes:
    """Day types of a country's public calendar from `first` to `last`, corrected by explicit lists.

    Raises ValueError for a country that the `holidays` package does not know.
    """
    public, made_up = _public_days(country, first.year, last.year) if country else ((), ())
    off = {d for d in public if first <= d <= last} | set(extra_holidays)
    workdays = {d for d in made_up if first <= d <= last} | set(extra_workdays)
    return DayTypes(frozenset(off - set(extra_workdays)), frozenset(workdays - set(extra_holidays)))


@lru_cache(maxsize=64)
def _public_days(country: str, first_year: int, last_year: int) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Public holidays and make-up workdays of a country."""
    import holidays as package

    try:
        public = package.country_holidays(country, years=range(first_year, last_year + 1))
    except NotImplementedError:
        raise ValueError(message("unknown country of public holidays '{country}'; write CN, or '' for none", country=country)) from None
    return tuple(public), tuple(getattr(public, "weekend_workdays", ()))


def known_through(country: str) -> int:
    """The last year whose make-up workdays are known to the `holidays` package (0 when none are)."""
    if not country:
        return 9999
    import holidays as package

    days = getattr(package.country_holidays(country, years=range(2000, 2100)), "weekend_workdays", ())
    return max((d.year for d in days), default=0)


def check_text(text: str) -> None:
    """Raises ValueError with the place of the mistake when the text is no opening hours."""
    from opening_hours import OpeningHours, ParserError

    if re.search(r"sunrise|sunset|dawn|dusk|easter|SH\b", text):
        raise ValueError(message("only clock times and dates are understood here, got '{text}'", text=text))
    try:
        OpeningHours(_normal(text))
    except ParserError as error:
        place = re.search(r"--> \d+:(\d+)", str(error))
        said = message("not opening hours such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off', got '{text}'", text=text)
        raise ValueError(message("{said} (at character {n})", said=said, n=place[1]) if place else said) from None
    for rule in re.split(r";|,\s*(?=[A-Z])", _normal(text)):  # a comma before a day begins a rule of its own
        _check_overlap(rule, text)


def _check_overlap(rule: str, text: str) -> None:
    spans = sorted((int(a) * 60 + int(b), int(c) * 60 + int(d)) for a, b, c, d in SPAN.findall(rule))
    spans = [(start, end if end > start else end + 1440) for start, end in spans]  # past midnight
    for (_, end), (start, _) in pairwise(spans):
        if start < end:
            raise ValueError(message("two of its intervals overlap on the same day, got '{text}'", text=text))


@lru_cache(maxsize=256)
def calendar(text: str, start: date, days: int, types: DayTypes) -> Calendar:
    """The text on the real dates of `days` days from `start`, with one more day on each side."""
    first, last = start - timedelta(days=1), start + timedelta(days=days)
    rules = [rule.strip() for rule in _normal(text).split(";")]
    weekly = "; ".join(rule for rule in rules if not rule.startswith("PH"))
    holiday = "; ".join(re.sub(r"^PH", "Mo-Su", rule) for rule in rules if rule.startswith("PH"))

    pairs: list[tuple[datetime, datetime]] = []
    day = first
    usual = _openings_by_day(weekly, first - timedelta(days=6), last)
    special = _openings_by_day(holiday, first, last) if holiday else {}
    while day <= last:
        if holiday and day in types.holidays:
            pairs += special.get(day, [])
        elif holiday and day in types.workdays:
            monday = day - timedelta(days=day.weekday())
            pairs += [(a + (day - monday), b + (day - monday)) for a, b in usual.get(monday, [])]
        else:
            pairs += usual.get(day, [])
        day += timedelta(days=1)

    zero = datetime(start.year, start.month, start.day)
    openings = [(int((a - zero).total_seconds()), int((b - zero).total_seconds())) for a, b in pairs]
    horizon = days * DAY
    return Calendar(Hours(openings), tuple((a, b) for a, b in openings if 0 <= a < horizon))


def _normal(text: str) -> str:
    for long, short in WEEKDAYS.items():
        text = re.sub(rf"\b{long}\b", short, text)
    return re.sub(r"\b24/7\b", ALL_DAY, text)


def _openings_by_day(text: str, first: date, last: date) -> dict[date, list[tuple[datetime, datetime]]]:
    """Openings as written, under the day on which each starts."""
    if not text:
        return {}
    from opening_hours import OpeningHours, State

    begin = datetime(first.year, first.month, first.day)
    end = datetime(last.year, last.month, last.day) + timedelta(days=1)
    found: dict[date, list[tuple[datetime, datetime]]] = {}
    # The library joins 00:00-24:00 of one day to that of the next. An opening that is written to begin at
    # midnight is told from a night shift that runs past it by moving such beginnings by a minute.
    moved = OpeningHours(re.sub(r"(?<![\d-])00:00\s*-", "00:01-", text))
    for a, b, state, *_ in OpeningHours(text).intervals(begin, end + timedelta(days=2)):
        if state != State.OPEN or a >= end:
            continue
        cuts = [a]
        midnight = datetime(a.year, a.month, a.day) + timedelta(days=1)
        while midnight < b:
            if not moved.is_open(midnight):
                cuts.append(midnight)
            midnight += timedelta(days=1)
        for x, y in zip(cuts, [*cuts[1:], b], strict=True):
            if x < end:
                found.setdefault(x.date(), []).append((x, y))
    return found
