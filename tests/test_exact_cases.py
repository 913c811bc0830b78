"""Cases whose answers were worked out by others: the logic of Ciw's deterministic tests, written again as scenarios.

One time unit of Ciw is an hour here. Ciw (Palmer et al., 2019): tests of schedules, of reneging and of priorities.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from world import HOUR, MONDAY, Run, written

from simgov.journal import Result


def hours(*moments):
    """Arrivals at these hours after the beginning."""
    return {"list": [{"at": str(MONDAY + timedelta(hours=h))} for h in moments]}


def queue(work, arrivals, *, teams=None, calendars=None, stages=None, **handle):
    """One stage with its people, one class for each kind of customer."""
    classes = {name: {"arrivals": hours(*times), "enters": "handle"} for name, times in arrivals.items()}
    first = {"by": list(teams or {"desk": 0}), "work": work, **handle}
    stages = {"handle": {"outcomes": {"closed": 1}, **first}, **(stages or {})}
    return Run(written(stages, classes=classes, teams=teams or {"desk": {"at": "unit"}}, calendars=calendars))


def told(run, what, stage="handle"):
    """Columns of the visits of a stage in order of incident, in hours; None for what has not happened."""
    rows = [r for r in run.rows("visits") if r.stage == stage]
    for row in rows:
        for name in ("entered", "started", "finished", "left"):
            value = getattr(row, name)
            setattr(row, name, None if value < 0 else value / HOUR)
    return columns_plain(rows, what)


def columns_plain(rows, what):
    names = what.split()
    return [tuple(getattr(r, n) for n in names) if len(names) > 1 else getattr(r, names[0]) for r in rows]


# ── schedules ───────────────────────────────────────────────────────────────────────────────────────

SHIFTS = {
    "teams": {
        "three": {"at": "unit", "people": 3, "hours": "early"},
        "two": {"at": "unit", "people": 2, "hours": "middle"},
        "one": {"at": "unit", "people": 1, "hours": "late"},
    },
    "calendars": {"early": "Mo 00:00-07:00", "middle": "Mo 07:00-11:00", "late": "Mo 11:00-20:00"},
}
WORKS = {f"c{i}": f"{h}h" for i, h in enumerate((5, 7, 9, 4, 5, 5))}
ARRIVALS = {f"c{i}": [t] for i, t in enumerate((1, 1, 1, 9, 9, 12))}


def test_overtime():
    """Servers who finish what is in hand at the end of their shift work 0, 1, 3, 2 and 3 hours over (Ciw: test_overtime)."""
    run = queue(WORKS, ARRIVALS, hours="finish", **SHIFTS)

    over = [w.off_hours / HOUR for w in run.rows("work")]
    assert over == [0, 1, 3, 2, 3, 0]
    assert sum(over[:5]) / 5 == 1.8
    assert told(run, "started finished team") == [
        (1, 6, "three"),
        (1, 8, "three"),
        (1, 10, "three"),
        (9, 13, "two"),
        (9, 14, "two"),
        (12, 17, "one"),
    ]


def test_no_overtime_with_pause():
    """The same shifts with `pause`: what is in hand at the end of a shift waits for the next one, here a week later."""
    run = queue(WORKS, ARRIVALS, hours="pause", **SHIFTS)

    week = 7 * 24
    assert told(run, "finished")[:5] == [6, week + 1, week + 3, week + 9, week + 10]
    assert [w.off_hours for w in run.rows("work")] == [0] * 6


@pytest.mark.parametrize(("at_close", "finished"), [("pause", [12, 21, 26, 33]), ("finish", [12, 21, 26, 33])])
def test_a_break_interrupts_and_the_rest_is_done_after_it(at_close, finished):
    """Arrivals every 7, work of 5, one server until 15 and again from 17: the second is interrupted for 2 hours (Ciw: pre-emptive schedules, resuming)."""
    run = queue(
        "5h",
        {"m": (7, 14, 21, 28)},
        teams={"desk": {"at": "unit", "hours": "broken"}},
        calendars={"broken": "Mo 01:00-15:00,17:00-24:00; Tu-Su 00:00-24:00"},
        hours=at_close,
    )

    assert told(run, "started finished") == list(zip((7, 14, 21, 28), finished, strict=True))


# ── reneging ────────────────────────────────────────────────────────────────────────────────────────


def patient(arrivals, then, **more):
    return queue("11h", arrivals, due={"at": "3h", "then": then}, **more)


def test_reneging():
    """Arrivals every 7, work of 11, patience of 3: the second and fourth leave at 17 and 31, the others are served (Ciw: test_reneging_records)."""
    run = patient({"m": (7, 14, 21, 28)}, {"move": "gone"}, stages={"gone": {}})

    assert told(run, "started left") == [(7, 18), (None, 17), (21, 32), (None, 31)]
    assert told(run, "entered", "gone") == [17, 31]


def test_reneging_sends_to_a_destination():
    """Who gives up waiting goes on to a second node at once and is served there (Ciw: test_reneging_sends_to_destination)."""
    stages = {
        "handle": {"by": "desk", "work": "11h", "due": {"at": "3h", "then": {"move": "second"}}, "outcomes": {"closed": 1}},
        "second": {"by": "another", "work": "2h"},
    }
    teams = {"desk": {"at": "unit"}, "another": {"at": "unit"}}

    run = Run(written(stages, classes={"m": {"arrivals": hours(7, 14)}}, teams=teams))

    assert told(run, "entered started left") == [(7, 7, 18), (14, None, 17)]
    assert told(run, "entered started left", "second") == [(17, 17, 19)]


def test_reneging_of_one_class_only():
    """A class without patience waits and is served (Ciw: test_reneging_none_dist)."""
    due = {"hasty": {"at": "3h", "then": {"move": "gone"}}, "other": None}

    calm = queue("11h", {"hasty": (), "calm": (7, 14)}, due=due, stages={"gone": {}})
    hasty = queue("11h", {"hasty": (7, 14), "calm": ()}, due=due, stages={"gone": {}})

    assert told(calm, "started left") == [(7, 18), (18, 29)]
    assert told(hasty, "started left") == [(7, 18), (None, 17)]


def test_reneging_with_schedules():
    """One server until 16 who finishes what is in hand: who comes later gives up after 3 hours (Ciw: test_reneging_with_schedules)."""
    run = patient(
        {"m": (7, 14, 21, 28)}, {"move": "gone"}, stages={"gone": {}}, hours="finish",
        teams={"desk": {"at": "unit", "hours": "once"}}, calendars={"once": "2022 May 02 00:00-16:00"},
    )  # fmt: skip

    assert told(run, "started left") == [(7, 18), (None, 17), (None, 24), (None, 31)]


# ── priorities and classes that change while waiting ────────────────────────────────────────────────


def test_who_waits_longer_than_a_due():
    """Arrivals every 3, work of 4.5: waits of 0, 1.5, 3, 4.5 and 6, of which the last two are over 4 (Ciw: test_class_change_while_waiting)."""
    run = queue("4h 30m", {"m": (3, 6, 9, 12, 15)}, due="4h")

    assert told(run, "started") == [3, 7.5, 12, 16.5, 21]
    assert [r.started > r.due for r in run.rows("visits")] == [False, False, False, True, True]


def test_who_is_moved_to_the_same_stage_queues_anew():
    """Moved to the stage they wait at after 4, the fourth re-enters at 16 and goes behind the fifth, who came at 15."""
    due = {"fresh": {"at": "4h", "then": {"move": {"stage": "handle", "becomes": "stale"}}}, "other": None}

    run = queue("4h 30m", {"fresh": (3, 6, 9, 12, 15), "stale": ()}, due=due)

    assert served(run) == [("fresh", 3, 3), ("fresh", 6, 7.5), ("fresh", 9, 12), ("fresh", 15, 16.5), ("stale", 12, 21)]


URGENT = (4, 8, 12, 16, 20, 24)
PLAIN = (3, 6, 9, 12, 15, 18, 21, 24)


def served(run, n=5):
    """(class now, hour of birth, hour of start) of the first n who are served."""
    born = {r.incident: r.born // HOUR for r in run.rows("incidents")}
    rows = sorted((r for r in run.rows("visits") if r.started >= 0), key=lambda r: r.started)
    return [(r.cls, born[r.incident], r.started / HOUR) for r in rows[:n]]


def test_priority_change_while_waiting():
    """Plain customers become urgent after 7 of waiting and queue behind the urgent of that moment (Ciw: test_priority_change_while_waiting)."""
    due = {"plain": {"at": "7h", "then": {"move": {"stage": "handle", "becomes": "urgent"}}}, "other": None}

    run = queue("4h 30m", {"urgent": URGENT, "plain": PLAIN}, due=due, priority={"urgent": 0, "plain": 1})

    assert served(run) == [("plain", 3, 3), ("urgent", 4, 7.5), ("urgent", 8, 12), ("urgent", 12, 16.5), ("urgent", 6, 21)]


def test_raising_keeps_the_second_of_entry():
    """Raised instead of moved, a matter keeps its own second of entry: the one of 6 goes before the urgent one of 12."""
    due = {"plain": {"at": "7h", "then": {"raise": 1}}, "other": None}

    run = queue("4h 30m", {"urgent": URGENT, "plain": PLAIN}, due=due, priority={"urgent": 0, "plain": 1})

    assert served(run) == [("plain", 3, 3), ("urgent", 4, 7.5), ("urgent", 8, 12), ("plain", 6, 16.5), ("plain", 9, 21)]


def test_priorities_without_pre_emption():
    """Whoever is being served is not interrupted by an urgent arrival (Ciw: test_preemptive_priorities, without pre-emption)."""
    run = queue({"urgent": "4h", "plain": "5h"}, {"urgent": (7.5,), "plain": (1.5, 5)}, priority={"urgent": 0, "plain": 1})

    assert sorted(told(run, "started finished cls")) == [(1.5, 6.5, "plain"), (6.5, 11.5, "plain"), (11.5, 15.5, "urgent")]


# ── several servers, by the recursion of Kiefer and Wolfowitz ───────────────────────────────────────


@pytest.mark.parametrize("servers", [1, 2, 3, 5])
def test_several_servers_first_come_first_served(servers):
    """Starts of a queue with c servers follow the recursion: the next one starts when the first of c is free."""
    arrivals = [h / 2 for h in (0, 0, 1, 3, 3, 3, 4, 8, 9, 9, 10, 10, 11, 15, 16, 16, 20)]
    work = {f"c{i}": f"{w}h" for i, w in enumerate((3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2))}

    run = queue(work, {f"c{i}": [t] for i, t in enumerate(arrivals)}, teams={"desk": {"at": "unit", "people": servers}})

    free, expected = [0.0] * servers, []
    for arrival, hours_of_work in zip(arrivals, work.values(), strict=True):
        start = max(arrival, min(free))
        free[free.index(min(free))] = start + int(hours_of_work[:-1])
        expected.append(start)
    assert told(run, "started") == expected
    assert told(run, "result") == [Result.CLOSED] * len(arrivals)
