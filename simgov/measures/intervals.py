"""Intervals of time with owners, many at once: what lies within some hours, outside of others, and how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simgov.clock import DAY, Hours

REACH = 2**32  # seconds; longer than any period, so that the intervals of many owners can stand on one line
EARLY = 2 * DAY  # calendars begin before the period


class Intervals(NamedTuple):
    """Half-open intervals [start, end) of seconds, each with its owner (a number from 0)."""

    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, hours: Sequence[Hours]) -> Intervals:
        """All hours together; the owner is the place in the sequence."""
        return cls(
            np.array([k for k, h in enumerate(hours) for _ in h.starts], np.int64),
            np.array([s for h in hours for s in h.starts], np.int64),
            np.array([e for h in hours for e in h.ends], np.int64),
        )

    @classmethod
    def sum(cls, parts: Sequence[Intervals]) -> Intervals:
        return cls(*(np.concatenate([np.zeros(0, np.int64), *columns]) for columns in zip(*parts, strict=True))) if parts else cls.of(())

    def only(self, mask: np.ndarray) -> Intervals:
        return Intervals(*(x[mask] for x in self))

    def owned_by(self, owner: np.ndarray) -> Intervals:
        """The same intervals with other owners, given by owner."""
        return self._replace(owner=owner[self.owner])

    def __and__(self, hours: Hours) -> Intervals:
        """What lies within hours that are the same for every owner."""
        return self.within(Intervals.of([hours]), np.zeros_like(self.owner))

    def __sub__(self, other: Intervals) -> Intervals:
        """What lies outside the intervals of the same owner, which are merged."""
        owners = 1 + max(self.owner.max(initial=-1), other.owner.max(initial=-1))
        return self.within(other.gaps(int(owners)), self.owner)

    def within(self, hours: Intervals, whose: np.ndarray) -> Intervals:
        """What lies within the hours of somebody, by interval, whose number there is in `whose`; hours are merged."""
        base = whose * REACH + EARLY
        opens, closes = hours.line()
        mine, there = ranges(np.searchsorted(closes, base + self.start, side="right"), np.searchsorted(opens, base + self.end, side="left"))
        return Intervals(self.owner[mine], np.maximum(self.start[mine], hours.start[there]), np.minimum(self.end[mine], hours.end[there]))

    def gaps(self, owners: int) -> Intervals:
        """What lies outside the intervals of each of so many owners, all time together; they are merged."""
        start, end = self.line()
        edge = np.arange(owners, dtype=np.int64) * REACH
        return _off_line(np.sort(np.append(edge, end)), np.sort(np.append(edge + REACH - 1, start)))

    def lengths(self, owners: int) -> np.ndarray:
        """By owner: seconds."""
        return np.bincount(self.owner, self.end - self.start, minlength=owners).astype(np.int64)

    def days(self, owners: int) -> np.ndarray:
        """By owner: days on which an interval begins."""
        return np.bincount(np.unique(self.owner * REACH + self.start // DAY) // REACH, minlength=owners)

    def line(self) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends on one line, where each owner has a stretch."""
        base = self.owner * REACH + EARLY
        return base + self.start, base + self.end

    def merged(self) -> Intervals:
        """In order, without the empty ones; those of one owner that overlap or touch are one."""
        start, end = self.only(self.end > self.start).line()
        order = np.argsort(start)
        start, end = start[order], np.maximum.accumulate(end[order])
        first = start > np.append(-1, end)[:-1]
        return _off_line(start[first], end[np.append(first, True)[1:]])


def _off_line(start: np.ndarray, end: np.ndarray) -> Intervals:
    owner = start // REACH
    return Intervals(owner, start - owner * REACH - EARLY, end - owner * REACH - EARLY)


def ranges(first: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers first, ..., stop - 1 of all ranges, each behind the place of its range."""
    length = np.maximum(stop - first, 0)
    return np.repeat(np.arange(len(length)), length), np.arange(length.sum()) - np.repeat(length.cumsum() - length - first, length)
