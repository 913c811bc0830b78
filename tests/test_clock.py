"""Durations and sets of hours. Arithmetic on hours is held against counting second by second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import MONDAY

from simgov.clock import DAY, HOUR, NEVER, Hours, second_of, seconds, span

# ── durations ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8h", 8 * HOUR),
        ("2 days", 2 * DAY),
        ("1d 4h", DAY + 4 * HOUR),
        ("30 min", 1800),
        ("PT90M", 5400),
        ("P1DT12H", 36 * HOUR),
        ("8小时", 8 * HOUR),
        ("2周", 14 * DAY),
        ("90秒", 90),
        ("0.5 s", 1),
        ("1.5h", 5400),
        (0, 0),
        ("0 s", 0),
    ],
)
def test_durations_are_read(text, expected):
    """A duration has a unit, in English, Chinese or ISO 8601, and is rounded half up to a second."""
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    ["8", 8, 1.5, True, None, "08:00", "-2h", "tomorrow", "", "101 years", "1 month", "2mo", "1y", "40000 days", "PT", "h"],
)
def test_what_is_no_duration_is_refused(text):
    """A number without a unit, a clock time, a negative, absurd or vague duration is refused with a reason."""
    with pytest.raises(ValueError, match=r"duration"):
        seconds(text)


@pytest.mark.parametrize(("length", "text"), [(45, "45 s"), (720, "12 min"), (19_800, "5.5 h"), (276_480, "3.2 d")])
def test_spans_are_said_in_their_largest_unit(length, text):
    """A length of time is said in days, hours, minutes or seconds."""
    assert span(length) == text


def test_seconds_count_from_the_first_midnight():
    """A date is its midnight, a moment its second, counted from 00:00 of the first day."""
    assert second_of(MONDAY.replace(day=3).date(), MONDAY.date()) == DAY
    assert second_of(MONDAY.replace(hour=8, minute=30), MONDAY.date()) == 8.5 * HOUR
    assert second_of(MONDAY.replace(day=1, hour=23), MONDAY.date()) == -HOUR


# ── hours ───────────────────────────────────────────────────────────────────────────────────────────

LAST = 40  # small worlds: a "day" of the tests below is as long as a real one only where closings matter
pairs = st.lists(st.tuples(st.integers(-5, LAST), st.integers(0, 8)).map(lambda p: (p[0], p[0] + p[1])), max_size=6)
points = st.integers(-8, LAST + 10)


def members(pairs: list[tuple[int, int]]) -> set[int]:
    return {x for a, b in pairs for x in range(a, b)}


@given(pairs)
def test_intervals_are_merged_sorted_and_half_open(given_pairs):
    """Any intervals become sorted, disjoint ones with the same seconds; touching ones are one."""
    hours = Hours(given_pairs)

    assert members(hours.pairs) == members(given_pairs)
    assert all(b < c for (_, b), (c, _) in zip(hours.pairs, hours.pairs[1:], strict=False))


@given(pairs, pairs)
def test_sets_of_hours_join_meet_and_differ(mine, yours):
    """`|`, `&` and `-` are those of sets of seconds, and equal sets are equal."""
    a, b = Hours(mine), Hours(yours)

    assert members((a | b).pairs) == members(mine) | members(yours)
    assert members((a & b).pairs) == members(mine) & members(yours)
    assert members((a - b).pairs) == members(mine) - members(yours)
    assert (a == b) == (members(mine) == members(yours))
    assert a != b or hash(a) == hash(b)


@given(pairs, points, points)
def test_lengths_are_counts_of_seconds(given_pairs, start, end):
    """`in`, `before`, `length` and `next_start` agree with counting, for single seconds and for arrays."""
    hours, inside = Hours(given_pairs), members(given_pairs)

    assert (start in hours) == (start in inside)
    assert hours.before(start) == sum(x < start for x in inside)
    assert hours.length(start, end) == sum(start <= x < end for x in inside)
    assert hours.lengths(np.array([start]), np.array([end])).tolist() == [hours.length(start, end)]
    assert hours.next_start(start) == min((a for a in hours.starts if a > start), default=NEVER)


@given(pairs, points, st.integers(1, 30))
def test_work_that_pauses_is_done_in_the_seconds_of_the_set(given_pairs, start, work):
    """The end of paused work is the second after its last worked second; NEVER when the set has too few."""
    worked = sorted(x for x in members(given_pairs) if x >= start)

    end = Hours(given_pairs).pause(start, work)

    assert end == (worked[work - 1] + 1 if len(worked) >= work else NEVER)


day_pairs = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(0, 23), st.integers(1, 30)).map(
        lambda p: (p[0] * DAY + p[1] * HOUR, p[0] * DAY + (p[1] + p[2]) * HOUR)
    ),
    min_size=1,
    max_size=8,
)


@given(day_pairs, st.data(), st.integers(1, 40))
def test_work_that_is_finished_goes_on_past_the_last_closing_of_the_day(given_pairs, data, work):
    """It pauses at breaks of the day on which its interval opened, and after the last closing it goes on without a stop."""
    hours = Hours(given_pairs)
    start = data.draw(st.sampled_from(sorted(members_by_hour(hours))))
    closing = last_closing(hours, start)

    end = hours.finish(start, work * HOUR)

    before = hours.length(start, closing)
    if before >= work * HOUR:
        assert end == hours.pause(start, work * HOUR) <= closing
    else:
        assert end == closing + work * HOUR - before


def members_by_hour(hours: Hours) -> set[int]:
    return {x for a, b in hours.pairs for x in range(a, b, HOUR)}


def last_closing(hours: Hours, second: int) -> int:
    """The end of the last interval that opens on the day on which the interval of `second` opened."""
    opened = next(a for a, b in hours.pairs if a <= second < b)
    return max(b for a, b in hours.pairs if a // DAY == opened // DAY)


def test_days_and_their_last_closings():
    """An interval belongs to the day on which it opens, also when it runs past midnight."""
    hours = Hours([(8 * HOUR, 12 * HOUR), (20 * HOUR, 30 * HOUR), (2 * DAY, 2 * DAY + HOUR)])

    assert hours.day_ends == [30 * HOUR, 2 * DAY + HOUR]
    assert hours.opening_days == [0, 2]


def test_no_hours():
    """The empty set holds no second, is false, and work in it is never done."""
    none = Hours()

    assert not none
    assert 0 not in none
    assert (none.before(10), none.length(0, 10), none.pause(0, 1), none.finish(0, 1), none.next_start(0)) == (
        0,
        0,
        NEVER,
        NEVER,
        NEVER,
    )
    assert none - Hours([(0, 1)]) == none
    assert none.lengths(np.array([0, 1]), np.array([5, 5])).tolist() == [0, 0]
