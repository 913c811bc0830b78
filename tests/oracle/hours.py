"""Sets of seconds as sorted lists of half-open intervals [open, close) (R3). Intervals that touch are one."""

from __future__ import annotations

from collections.abc import Iterable

DAY = 86_400
FAR = 2**60  # a second that never comes
Hours = list[tuple[int, int]]


def union(*sets: Iterable[tuple[int, int]]) -> Hours:
    merged: Hours = []
    for start, end in sorted(pair for pairs in sets for pair in pairs):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def common(a: Hours, b: Hours) -> Hours:
    return union((max(s, x), min(e, y)) for s, e in a for x, y in b)


def without(a: Hours, b: Hours) -> Hours:
    edges = [-FAR, *(x for pair in union(b) for x in pair), FAR]
    return common(a, list(zip(edges[::2], edges[1::2], strict=True)))


def within(second: int, hours: Hours) -> bool:
    return any(start <= second < end for start, end in hours)


def length(hours: Hours) -> int:
    return sum(end - start for start, end in hours)


def days(hours: Hours) -> list[tuple[int, int]]:
    """(day, its last closing): an interval belongs to the day on which it opens; a closing is the last of its day when the next interval opens on another day (R23)."""
    last: dict[int, int] = {}
    for start, end in union(hours):
        last[start // DAY] = end
    return list(last.items())
