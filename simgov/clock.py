"""Time: whole seconds from 00:00 of the scenario's first day, durations, and sets of hours.

`Hours` is a set of half-open intervals [start, end) of seconds. Everything that depends on a
calendar (shifts, work that pauses, rostered hours, off-hours) is arithmetic on such sets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from simgov.language import Message, message

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NEVER = 2**62  # later than every horizon; int64, and still safe to add to
LONGEST = 100 * 366 * DAY

CHINESE_UNITS = {"周": "w", "星期": "w", "天": "d", "日": "d", "小时": "h", "时": "h", "分钟": "m", "分": "m", "秒": "s"}


def seconds(text: object) -> int:
    """A duration such as `8h`, `2 days`, `1d 4h`, `PT90M` or `8小时`, in seconds.

    Raises ValueError (with what to write instead) for a number without a unit, a clock time, a
    negative duration and one of more than a hundred years.
    """
    if text == 0 and not isinstance(text, bool):
        return 0
    if not isinstance(text, str):
        raise ValueError(message("must be a duration with a unit, such as 30 min, 8h or 2 days, got {text!r}", text=text))
    value = _parse_duration(text.strip())
    if value is None:
        raise ValueError(message("must be a duration with a unit, such as 30 min, 8h or 2 days, got '{text}'", text=text))
    if value < 0:
        raise ValueError(message("a duration cannot be negative, got '{text}'", text=text))
    if value > LONGEST:
        raise ValueError(message("a duration of more than 100 years is surely a slip, got '{text}'", text=text))
    return int(value + 0.5)


def _parse_duration(text: str) -> float | None:
    from pytimeparse2 import parse

    if ":" in text or not re.search(r"\d", text):  # 08:00 is a time of day, not eight hours
        return None
    if text.startswith("-"):
        return -1.0
    if text.startswith("P"):
        return _parse_iso(text)
    for word in sorted(CHINESE_UNITS, key=len, reverse=True):
        text = text.replace(word, f"{CHINESE_UNITS[word]} ")
    if re.fullmatch(r"[\d.\s]+", text) or re.search(r"mo|mth|yea|yr|(?<![a-z])y\b", text):  # months and years differ in length
        return None
    value = parse(text.strip())
    return None if value is None else float(value)


def _parse_iso(text: str) -> float | None:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(timedelta).validate_python(text).total_seconds()
    except ValidationError:
        return None


def span(length: float) -> Message:
    """Seconds as a person says them: `45 s`, `12 min`, `5.5 h`, `3.2 d`."""
    for unit, words in ((DAY, message("{n} d")), (HOUR, message("{n} h")), (MINUTE, message("{n} min"))):
        if length >= unit:
            return Message(words, {"n": f"{length / unit:.3g}"})
    return message("{n} s", n=f"{length:.3g}")


def without_noise(moment: datetime) -> datetime:
    """Rounded to whole seconds where less than a millisecond is missing or too much, as spreadsheets leave it; else as it is."""
    near = (moment + timedelta(seconds=0.5)).replace(microsecond=0)
    return near if abs(near - moment) < timedelta(milliseconds=1) else moment


def second_of(moment: date | datetime, start: date) -> int:
    """The second at which a date (00:00) or a local date and time falls."""
    at = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    return int((at - datetime(start.year, start.month, start.day)).total_seconds())


class Hours:
    """A set of seconds as sorted, disjoint, merged intervals [start, end). Immutable."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()):
        merged: list[list[int]] = []
        for start, end in sorted((int(a), int(b)) for a, b in pairs if b > a):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self.starts = [start for start, _ in merged]
        self.ends = [end for _, end in merged]
        self.opened = [0]  # seconds that were open before each start
        for start, end in merged:
            self.opened.append(self.opened[-1] + end - start)

    @classmethod
    def always(cls, start: int, end: int) -> Hours:
        """One interval that never closes within [start, end)."""
        return cls([(start, end)])

    def __bool__(self) -> bool:
        return bool(self.starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hours) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Hours({len(self.starts)} intervals, {self.opened[-1] / HOUR:.1f} h)"

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return list(zip(self.starts, self.ends, strict=True))

    @cached_property
    def key(self) -> tuple[tuple[int, int], ...]:
        return tuple(self.pairs)

    def __or__(self, other: Hours) -> Hours:
        return Hours(self.pairs + other.pairs)

    def __and__(self, other: Hours) -> Hours:
        both, i, j = [], 0, 0
        while i < len(self.starts) and j < len(other.starts):
            start, end = max(self.starts[i], other.starts[j]), min(self.ends[i], other.ends[j])
            if start < end:
                both.append((start, end))
            if self.ends[i] < other.ends[j]:
                i += 1
            else:
                j += 1
        return Hours(both)

    def __sub__(self, other: Hours) -> Hours:
        if not self:
            return self
        edge = [self.starts[0], *(x for pair in other.pairs for x in pair), self.ends[-1]]
        gaps = Hours([(a, b) for a, b in zip(edge[::2], edge[1::2], strict=True) if a < b])
        return self & gaps

    def __contains__(self, second: int) -> bool:
        i = bisect_right(self.starts, second) - 1
        return i >= 0 and second < self.ends[i]

    def before(self, second: int) -> int:
        """How many seconds of the set lie before `second`."""
        i = bisect_right(self.starts, second) - 1
        if i < 0:
            return 0
        return self.opened[i] + min(second, self.ends[i]) - self.starts[i]

    def length(self, start: int, end: int) -> int:
        """How many seconds of the set lie in [start, end)."""
        return self.before(end) - self.before(start) if end > start else 0

    def lengths(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """`length` for arrays of seconds of equal shape."""
        return np.where(end > start, self._before(end) - self._before(start), 0)

    def _before(self, second: np.ndarray) -> np.ndarray:
        if not self.starts:
            return np.zeros(np.shape(second), np.int64)
        starts, ends = np.array(self.starts), np.array(self.ends)
        i = np.searchsorted(starts, second, side="right") - 1
        inside = np.array(self.opened)[i] + np.minimum(second, ends[i]) - starts[i]
        return np.where(i < 0, 0, inside)

    def next_start(self, second: int) -> int:
        """The first start of an interval strictly after `second`, or NEVER."""
        i = bisect_right(self.starts, second)
        return self.starts[i] if i < len(self.starts) else NEVER

    def pause(self, start: int, work: int) -> int:
        """When `work` seconds are done that go on only within the set: the second of the end, or NEVER."""
        i = bisect_right(self.starts, start) - 1
        if i >= 0 and start + work <= self.ends[i]:  # most work is done before the next closing
            return start + work
        done = self.before(start) + work
        if done > self.opened[-1]:
            return NEVER
        i = bisect_right(self.opened, done - 1) - 1
        return self.starts[i] + done - self.opened[i]

    def finish(self, start: int, work: int) -> int:
        """The same, but past the day's last closing the work goes on without a stop."""
        paused = self.pause(start, work)
        i = bisect_right(self.day_ends, start)
        if i == len(self.day_ends) or paused <= self.day_ends[i]:
            return paused
        return self.day_ends[i] + work - self.length(start, self.day_ends[i])

    @cached_property
    def day_ends(self) -> list[int]:
        """The last closing of each day; an interval belongs to the day on which it opens."""
        day = [start // DAY for start in self.starts]
        return [end for i, end in enumerate(self.ends) if i + 1 == len(day) or day[i + 1] != day[i]]

    def day_closings(self, seconds: np.ndarray) -> np.ndarray:
        """The first of `day_ends` after each of some seconds; NEVER where there is none."""
        return np.append(self.day_ends, NEVER)[np.searchsorted(self.day_ends, seconds, side="right")].astype(np.int64)

    @cached_property
    def opening_days(self) -> list[int]:
        """The day (counted from the start) that each of `day_ends` belongs to."""
        return sorted({start // DAY for start in self.starts})
