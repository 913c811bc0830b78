"""Which dates are public holidays, and which are make-up workdays (调休上班日): from the `holidays` package, corrected by lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from simgov.language import message


@dataclass(frozen=True)
class DayTypes:
    """Which dates are public holidays and which are make-up workdays; no date is both."""

    holidays: frozenset[date]
    workdays: frozenset[date]


def day_types(country: str, first: date, last: date, extra_holidays=(), extra_workdays=()) -> DayTypes:
    """Day types of a country's public calendar from `first` to `last`, corrected by explicit lists.

    Raises ValueError for a country that the `holidays` package does not know.
    """
    public, made_up = _public_days(country, first.year, last.year) if country else ((), ())
    off = {d for d in public if first <= d <= last} | set(extra_holidays)
    workdays = {d for d in made_up if first <= d <= last} | set(extra_workdays)
    return DayTypes(frozenset(off - set(extra_workdays)), frozenset(workdays - (set(extra_holidays) - set(extra_workdays))))


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
