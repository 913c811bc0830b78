"""Opening hours on real dates, with public holidays and make-up workdays (docs/model.md, R4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from simgov.calendars.day_types import DayTypes, day_types, known_through
from simgov.calendars.written import NoHoursError, Rule, rules
from simgov.clock import DAY, Hours
from simgov.language import message

__all__ = ["ALL_DAY", "Calendar", "DayTypes", "NoHoursError", "calendar", "check_text", "day_types", "follows_holidays", "known_through"]

ALL_DAY = "Mo-Su 00:00-24:00"


@dataclass(frozen=True)
class Calendar:
    """`hours`: when it is open. `openings`: (start, end) as written, those a gate obeys."""

    hours: Hours
    openings: tuple[tuple[int, int], ...]


def check_text(text: str) -> None:
    """Raises NoHoursError, a ValueError, when the text is no opening hours, or none that can be honoured."""
    rules(text)


def follows_holidays(text: str) -> bool:
    """Whether public holidays have hours of their own: a rule names `PH`."""
    return any(rule.holidays for rule in rules(text))


@lru_cache(maxsize=256)
def calendar(text: str, start: date, days: int, types: DayTypes, makeup_workdays: bool | None = None) -> Calendar:
    """The text on the real dates of `days` days from `start`, with one more day on each side.

    `makeup_workdays`: whether they have the hours of a Monday; None: if the text names `PH`.
    Raises NoHoursError, also where two intervals of one day overlap.
    """
    first, last = start - timedelta(days=1), start + timedelta(days=days)
    week = _Week(text, first, last, types, makeup_workdays)
    openings: list[tuple[int, int]] = []
    for day in (first + timedelta(days=n) for n in range(days + 2)):
        zero = (day - start).days * DAY
        openings += [(zero + a, zero + b) for a, b in week.openings(day)]
    hours = Hours(openings)
    ends = [min(a[1], b[0]) for a, b in pairwise(openings)] + [end for _, end in openings[-1:]]
    horizon = days * DAY
    return Calendar(hours, tuple((a, end) for (a, _), end in zip(openings, ends, strict=True) if 0 <= a < horizon))


class _Week:
    """The rules of a text, and the dates that each is for."""

    def __init__(self, text: str, first: date, last: date, types: DayTypes, makeup_workdays: bool | None):
        self.text, self.rules = text, rules(text)
        follows = follows_holidays(text)
        self.holidays = types.holidays if follows else frozenset()
        self.workdays = types.workdays if makeup_workdays or (follows and makeup_workdays is None) else frozenset()
        self.dates = [rule.dates_within(first, last) for rule in self.rules]
        self.days = [rule.days_within(first, last) for rule in self.rules]
        self.made_up = [rule.made_up_within(first, last) for rule in self.rules]

    def openings(self, day: date) -> list[tuple[int, int]]:
        """Those that begin on the day, in seconds from its 00:00."""
        found: list[tuple[int, int]] = []
        for number, rule in enumerate(self.rules):
            if self._is_for(day, number, rule):
                found = [*found, *rule.spans] if rule.adds else list(rule.spans)
        found.sort()
        if any(start < end for (_, end), (start, _) in pairwise(found)):
            raise NoHoursError(self.text, message("two of its intervals overlap on {day}", day=day))
        return found

    def _is_for(self, day: date, number: int, rule: Rule) -> bool:
        if day in self.holidays:
            return day in self.dates[number] and (rule.holidays or not rule.lists_days)
        return day in (self.made_up if day in self.workdays else self.days)[number]
