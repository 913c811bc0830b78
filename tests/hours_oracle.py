"""A second, slow reading of opening hours, written from R4 to R4e of docs/model.md alone: no library, nothing of `simgov.calendars`.

Day by day and rule by rule, with hours as a row of minutes. `read` gives what a calendar must give; `texts` makes texts to try.
"""

from __future__ import annotations

import calendar as gregorian
import re
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import strategies as st

MINUTES = 24 * 60
WEEK = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
YEAR = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
TOKEN = re.compile(r"\d{1,2}:\d\d|\d+|[A-Za-z]+|[^\sA-Za-z\d]")


class RefusedError(Exception):
    """The text cannot be honoured, or two of its openings overlap on a day."""


def read(text, start, days, holidays=(), workdays=(), makeup=None):
    """(openings in seconds, hours as a list of (first, last + 1) seconds) of `days` days from `start`."""
    rules = [parsed(tokens, sign) for tokens, sign in pieces(text)]
    refuse(rules)
    follows = any("PH" in rule["list"] for rule in rules)
    made_up = follows if makeup is None else makeup
    begun = []
    for n in range(-1, days + 1):
        day = start + timedelta(n)
        kind = "holiday" if follows and day in holidays else "makeup" if made_up and day in workdays else "usual"
        begun += [(n * MINUTES + a, n * MINUTES + b, n) for a, b in of_day(rules, day, kind)]
    openings = []
    for i, (a, b, n) in enumerate(begun):
        later = [other[0] for other in begun[i + 1 :] if other[2] != n]
        if 0 <= a < days * MINUTES:
            openings.append((a * 60, min([b, *later]) * 60))
    return openings, minutes_open(begun, days)


def minutes_open(begun, days):
    """The union of all openings, as stretches of minutes that are open."""
    is_open = bytearray((days + 5) * MINUTES)
    for a, b, _ in begun:
        is_open[a + MINUTES : b + MINUTES] = b"o" * (b - a)
    return [((run.start() - MINUTES) * 60, (run.end() - MINUTES) * 60) for run in re.finditer(b"o+", is_open)]


def of_day(rules, day, kind):
    """R4a to R4c: the openings that begin on a day, in minutes from its 00:00."""
    found = []
    for rule in rules:
        if kind == "holiday":
            here = ("PH" in rule["list"] or not rule["list"]) and in_dates(rule, day)
        elif kind == "makeup" and rule["list"]:
            here = in_dates(rule, day) and any(0 in item if isinstance(item, set) else in_item(item, day) for item in rule["list"] if item != "PH")
        else:
            here = in_dates(rule, day) and (not rule["list"] or in_list(rule, day))
        if here:
            found = found + rule["times"] if rule["sign"] == "," else rule["times"]
    found = sorted(found)
    if any(b[0] < a[1] for a, b in pairwise(found)):
        raise RefusedError("overlap")
    return found


def refuse(rules):
    """R4e, as far as the texts tried here reach."""
    head, named = None, False
    for rule in rules:
        if rule["sign"] == ",":
            if not rule["times"]:
                raise RefusedError("off after a comma")
            if "PH" in rule["list"] and head["list"] and "PH" not in head["list"]:
                raise RefusedError("PH added to a rule without it")
        else:
            head = rule
            if named and not rule["list"] and not rule["dates"]:
                raise RefusedError("all days after PH")
        named = named or "PH" in rule["list"]


# ── the text ────────────────────────────────────────────────────────────────────────────────────────


def pieces(text):
    """The tokens of each rule, with the sign before it."""
    sign, rule, last = ";", [], ""
    tokens = TOKEN.findall(text)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        begins = token == ";" or (token == "," and (":" in last or last == "off") and ":" not in following)
        if begins:
            yield rule, sign
            sign, rule = token, []
        else:
            rule.append(token)
        last = token
    yield rule, sign


def parsed(tokens, sign):
    """A rule with its dates and days as lists of tuples and its times in minutes."""
    rest = list(tokens)
    dates, days = [], []
    while rest and (rest[0] in (*YEAR, "week") or re.fullmatch(r"\d{1,4}|,|-", rest[0])):
        dates.append(rest.pop(0))
    while rest and rest[0] != "off" and ":" not in rest[0]:
        days.append(rest.pop(0))
    if rest == ["off"]:
        times = []
    else:
        clocks = [int(token.split(":")[0]) * 60 + int(token.split(":")[1]) for token in rest if ":" in token] or [0, MINUTES]
        times = [(a, b if b > a else b + MINUTES) for a, b in zip(clocks[::2], clocks[1::2], strict=True)]
    return {"sign": sign, "dates": list(split(dates)), "list": list(listed(days)), "times": times}


def split(tokens):
    """Items between commas; `week` is said once for all."""
    item, week = [], tokens[:1] == ["week"]
    for token in [*tokens[week:], ","]:
        if token == ",":
            if item:
                yield ("week", *item) if week else tuple(item)
            item = []
        else:
            item.append(token)


def listed(tokens):
    """`PH`, or a set of weekdays, or a weekday and which of its month."""
    for item in re.findall(r"PH|[A-Z][a-z](?:-[A-Z][a-z]|\[[^\]]*\])?", "".join(tokens)):
        if item == "PH":
            yield item
        elif "[" in item:
            yield item[:2], [int(number) for number in item[3:-1].split(",")]
        else:
            first, last = WEEK.index(item[:2]), WEEK.index(item[-2:])
            yield {(first + n) % 7 for n in range((last - first) % 7 + 1)}


def in_list(rule, day):
    return any(in_item(item, day) for item in rule["list"] if item != "PH")


def in_item(item, day):
    if isinstance(item, set):
        return day.weekday() in item
    name, numbers = item
    month = [date(day.year, day.month, n + 1) for n in range(gregorian.monthrange(day.year, day.month)[1])]
    same = [other for other in month if other.weekday() == WEEK.index(name)]
    return any(-len(same) <= n <= len(same) and same[n - 1 if n > 0 else n] == day for n in numbers)


def in_dates(rule, day):
    return not rule["dates"] or any(in_date(item, day) for item in rule["dates"])


def in_date(item, day):
    if item[0] == "week":
        return int(item[1]) <= day.isocalendar()[1] <= int(item[-1])
    first, _, last = (piece.split() for piece in " ".join(item).partition(" - "))
    if all(token.isdigit() for token in item if token != "-") and len(item[0]) == 4:
        return int(item[0]) <= day.year <= int(item[-1])
    last = last or list(first)
    if len(last) == 1 and last[0].isdigit():  # Oct 01-07
        last = [*first[:-1], *last]
    years = [int(end.pop(0)) if len(end[0]) == 4 else None for end in (first, last)]
    low = (YEAR.index(first[0]), int(first[1]) if len(first) > 1 else 1)
    high = (YEAR.index(last[0]), int(last[1]) if len(last) > 1 else 31)
    here = (day.month - 1, day.day)
    if years[0] is None:
        return low <= here <= high if low <= high else here >= low or here <= high
    end = years[1] if years[1] is not None else years[0] + (high < low)
    return (years[0], *low) <= (day.year, *here) <= (end, *high)


# ── texts to try ────────────────────────────────────────────────────────────────────────────────────

blank = st.sampled_from(["", "", "", " "])
weekday = st.sampled_from(WEEK)
nth = st.lists(st.sampled_from(["1", "2", "3", "4", "5", "-1", "-2"]), min_size=1, max_size=2, unique=True).map(",".join)
day_item = st.one_of(
    weekday,
    st.tuples(weekday, weekday).map("-".join),
    st.just("PH"),
    st.just("PH"),
    st.tuples(weekday, nth).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
)
day_list = st.tuples(st.lists(day_item, min_size=1, max_size=4), blank).map(lambda pair: f",{pair[1]}".join(pair[0]))
NEAR = st.dates(date(2022, 9, 20), date(2022, 10, 25))  # half of the periods begin there
some_day = st.one_of(NEAR, st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.sampled_from([date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2024, 12, 31), date(2024, 1, 1)]))
day_of_year = some_day.map(lambda day: f"{YEAR[day.month - 1]} {day.day:02}")
month = st.sampled_from(["Sep", "Oct", "Nov", "Jan", "Feb", *YEAR])


@st.composite
def some_dates(draw):
    """Dates in one of the spellings that are honoured."""
    kind = draw(st.sampled_from(["month", "months", "day", "days", "in a month", "list", "year", "years", "dated", "dated range", "dated month", "to the next year", "week", "weeks"]))
    if kind == "month":
        return draw(month)
    if kind == "months":
        return f"{draw(month)}-{draw(month)}"
    if kind == "day":
        return draw(day_of_year)
    if kind == "days":
        return f"{draw(day_of_year)}-{draw(day_of_year)}"
    if kind == "in a month":
        low, high = sorted(draw(st.tuples(st.integers(1, 28), st.integers(1, 28))))
        return f"{draw(month)} {low:02}-{high:02}"
    if kind == "list":
        return ",".join(draw(st.lists(st.one_of(day_of_year, month), min_size=2, max_size=3)))
    if kind == "year":
        return draw(st.sampled_from(["2020", "2021", "2022", "2023"]))
    if kind == "years":
        return "2021-2022"
    if kind in ("week", "weeks"):
        low, high = sorted(draw(st.tuples(st.integers(1, 53), st.integers(1, 53))))
        return f"week {low}" if kind == "week" else f"week {low}-{high}"
    some = st.one_of(NEAR, st.dates(date(2020, 11, 1), date(2023, 2, 28)))
    first, last = sorted(draw(st.tuples(some, some)))
    written = [f"{day.year} {YEAR[day.month - 1]} {day.day:02}" for day in (first, last)]
    if kind == "dated":
        return written[0]
    if kind == "dated month":
        return written[0][:-3]
    return f"{written[0]}-{written[1] if kind == 'dated range' else written[1][5:]}" if kind != "to the next year" or first.replace(year=2000) != last.replace(year=2000) else written[0]


@st.composite
def some_times(draw):
    """Intervals of a day, many of which touch; the last one may run past midnight."""
    edges = sorted(draw(st.lists(st.integers(0, 47), min_size=2, max_size=5, unique=True)))
    spans = [(a * 30, b * 30) for a, b in pairwise(edges)]
    spans = [span for span in spans if draw(st.integers(0, 3))] or spans[:1]
    if draw(st.integers(0, 3)) == 0:
        a = spans[-1][0]
        spans[-1] = (a, draw(st.sampled_from([24 * 60, 24 * 60, 26 * 60, 30 * 60, 48 * 60, a + 24 * 60])))
        if draw(st.booleans()) and spans[-1][1] > 24 * 60 and spans[-1][1] - 24 * 60 <= a:
            spans[-1] = (a, spans[-1][1] - 24 * 60)  # 22:00-06:00 for 22:00-30:00
    if draw(st.integers(0, 3)) == 0:
        spans = spans[::-1]
    return f",{draw(blank)}".join("-".join(f"{m // 60:02}:{m % 60:02}" for m in span) for span in spans)


@st.composite
def some_rule(draw, after_comma=False):
    days = draw(day_list) if draw(st.integers(0, 4)) else ""
    dates = draw(some_dates()) if draw(st.integers(0, 4)) == 0 or (not days and draw(st.integers(0, 8))) or (after_comma and not days) else ""
    times = draw(some_times()) if draw(st.integers(0, 4)) else draw(st.sampled_from(["off", "off", ""]))
    times = draw(some_times()) if (after_comma and not times) or not (days or dates or times) else times
    return " ".join(piece for piece in (dates, days, times) if piece)


@st.composite
def texts(draw):
    """One to five rules; a comma comes only after clock times, since elsewhere it goes on with a list."""
    text = draw(some_rule())
    for _ in range(draw(st.integers(0, 4))):
        comma = text[-1].isdigit() and ":" in text[-5:] and draw(st.integers(0, 3)) == 0
        text += draw(blank) + ("," if comma else ";") + draw(blank) + draw(some_rule(after_comma=comma))
    return text
