"""Cases whose answers are known before, on both engines: the logic of Ciw's deterministic tests, written again as scenarios, and some of our own.

One time unit of Ciw is an hour here. Ciw (Palmer et al., 2019): tests of schedules, of reneging and of priorities.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import world
from comparing import difference
from world import HOUR, MONDAY, written

from simgov.engines import compiled
from simgov.journal import Ended, Result


class Run(world.Run):
    """A run on both engines, which have to agree."""

    def __init__(self, data, seed=1):
        super().__init__(data, seed)
        if compiled.is_available():
            assert difference(self.journal, compiled.simulate(self.plan, self.draws)) is None


def hours(*moments):
    """Arrivals at these hours after the beginning."""
    return {"list": [{"at": str(MONDAY + timedelta(hours=h))} for h in moments]}


def queue(work, arrivals, *, teams=None, calendars=None, stages=None, ends=None, **handle):
    """One stage with its people, one class for each kind of customer."""
    classes = {name: {"arrivals": hours(*times), "enters": "handle"} for name, times in arrivals.items()}
    first = {"by": list(teams or {"desk": 0}), "work": work, **handle}
    stages = {"handle": {"outcomes": {"closed": 1}, **first}, **(stages or {})}
    return Run(written(stages, classes=classes, teams=teams or {"desk": {"at": "unit"}}, calendars=calendars, ends=ends or {}))


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


@pytest.mark.parametrize(
    ("then", "result", "how"),
    [("given_up", Result.DUE_END, Ended.LEFT), ("never", Result.DUE_NEVER, Ended.NEVER)],
)
def test_reneging_for_good(then, result, how):
    """Who gives up waiting leaves by a named end, or lies for ever, in the second of the due, without a stage between."""
    run = patient({"m": (7, 14, 21, 28)}, {"move": then}, ends={"given_up": {}})

    assert told(run, "left result") == [(18, Result.CLOSED), (17, result), (32, Result.CLOSED), (31, result)]
    assert [(r.how, r.ended / HOUR) for r in run.rows("incidents")] == [(Ended.CLOSED, 18), (how, 17), (Ended.CLOSED, 32), (how, 31)]
    assert [r.left_by for r in run.rows("incidents")] == [-1, 0 if then == "given_up" else -1] * 2


# ── a task for every village ────────────────────────────────────────────────────────────────────────

BUSY_UNTIL = {1: 2, 2: 3, 3: 5}  # village: hour; the fourth is free


def whistle(then=None, lead="0 s", then_asked=None, **by):
    """A town whistles at hour 1 for an hour of work in each of four villages, three of which are busy with matters of their own."""
    stages = {
        "whistle": {
            "by": {"each": [{"team": "village", "below": "town"}], **by}, "work": "1h", "lead": lead,
            **({"due": {"at": "90 min", "then": then}} if then else {}),
        },
        **({"again": {"by": then_asked, "work": "1h"}} if then_asked else {}),
        "own": {"by": "village", "work": {f"v{k}": f"{h}h" for k, h in BUSY_UNTIL.items()} | {"other": "1h"}},
    }  # fmt: skip
    start = {"outcomes": {"closed": 1}}
    classes = {
        "call": {"arrivals": {"list": [{"at": str(MONDAY + timedelta(hours=1)), "node": "town-1"}]}, "enters": "whistle"},
        **{f"v{k}": {"arrivals": {"list": [{"at": str(MONDAY), "node": f"unit-{k}"}]}, "enters": "own"} for k in BUSY_UNTIL},
    }
    stages = {name: {**stage, **({} if name == "whistle" and then_asked else start)} for name, stage in stages.items()}
    return Run(written(stages, classes=classes, teams={"village": {"at": "unit"}}, levels={"unit": 4, "town": 1}, ends={"over": {}}))


def parts(run, what="started finished"):
    rows = [r for r in run.rows("visits") if r.stage == "whistle" and r.part > 0]
    for row in rows:
        for name in ("started", "finished", "left"):
            setattr(row, name, None if getattr(row, name) < 0 else getattr(row, name) / HOUR)
    return columns_plain(rows, what)


@pytest.mark.parametrize(("join", "finished"), [(None, 6), (1, 6), (0.75, 4), (0.51, 4), (0.5, 3), (0.25, 2), (0.01, 2)])
def test_a_whistle_is_joined_by_a_share_of_the_villages(join, finished):
    """Each village does its part when it is free, at 1, 2, 3 and 5 for an hour; the whistle ends with the share of them that it waits for."""
    run = whistle(**({"join": join} if join else {}))

    assert parts(run) == [(2, 3), (3, 4), (5, 6), (1, 2)]
    assert told(run, "started finished left", "whistle")[0] == (1, finished, finished)


def test_the_others_go_on_when_a_split_has_been_joined():
    """A due in the lead ends the visit and takes nothing from the villages that it did not wait for."""
    run = whistle(join=0.25, lead="10h", then={"move": "over"})

    assert told(run, "finished left result", "whistle")[0] == (2, 2.5, Result.DUE_END)
    assert parts(run, "started finished result") == [(2, 3, Result.DONE), (3, 4, Result.DONE), (5, 6, Result.DONE), (1, 2, Result.DONE)]


def test_who_starts_when_a_split_has_been_joined_was_not_there():
    """The same person as at the whistle is the first village's of those that had begun before it was left: at 2 the first village only begins."""
    run = whistle(join=0.25, then_asked={"team": "village", "same_as": {"stage": "whistle", "team": "village"}})

    [again] = [w for w in staged(run) if w.stage == "again"]
    assert again.start == 2 * HOUR
    assert run.plan.tree.names[run.plan.crowd.pool_node[again.pool]] == "unit-4"


def test_a_home_above_the_level_has_no_villages_below():
    """A matter of the town asks for all villages below a unit in vain: there is no unit above it."""
    data = written(
        {"ask": {"by": {"each": [{"team": "village", "below": "unit"}]}, "work": "1h"}},
        classes={"call": {"arrivals": {"list": [{"at": str(MONDAY), "node": "town-1"}]}}},
        teams={"village": {"at": "unit"}}, levels={"unit": 4, "town": 1},
    )  # fmt: skip

    assert [(r.part, r.pool, r.started) for r in Run(data).rows("visits")] == [(0, -1, -1), (1, -1, -1)]


# ── one of several, together with others ────────────────────────────────────────────────────────────


def test_a_round_table_with_a_judge_or_a_mediator():
    """Lawyer AND (judge OR mediator) begin together: with the judge if he is free, with the mediator if not, and when either is back if neither is."""
    teams = {name: {"at": "unit"} for name in ("lawyer", "judge", "mediator")}
    stages = {
        "table": {"by": {"all": ["lawyer", {"any": ["judge", "mediator"]}]}, "work": "1h", "outcomes": {"closed": 1}},
        "court": {"by": "judge", "work": "5h", "outcomes": {"closed": 1}},
        "talk": {"by": "mediator", "work": "2h"},
    }
    classes = {
        "m": {"arrivals": hours(0, 2, 4, 7)},
        "suit": {"arrivals": hours(1), "enters": "court"},
        "talks": {"arrivals": hours(3), "enters": "talk"},
    }

    run = Run(written(stages, classes=classes, teams=teams))

    came = {}
    for w in staged(run):
        if w.stage == "table":
            came.setdefault(w.start / HOUR, []).append(w.team)
    assert came == {0: ["lawyer", "judge"], 2: ["lawyer", "mediator"], 5: ["lawyer", "mediator"], 7: ["lawyer", "judge"]}


def test_of_two_who_stand_for_each_other_none_is_taken_in_vain():
    """Who could come with the lawyer is not taken while the lawyer is busy, and serves others."""
    teams = {name: {"at": "unit"} for name in ("lawyer", "judge", "mediator")}
    stages = {
        "table": {"by": {"all": [{"any": ["judge", "mediator"]}, "lawyer"]}, "work": "1h", "priority": -1, "outcomes": {"closed": 1}},
        "advice": {"by": "lawyer", "work": "3h", "outcomes": {"closed": 1}},
        "court": {"by": "judge", "work": "1h"},
    }
    classes = {"m": {"arrivals": hours(1)}, "ask": {"arrivals": hours(0), "enters": "advice"}, "suit": {"arrivals": hours(1), "enters": "court"}}

    run = Run(written(stages, classes=classes, teams=teams))

    assert told(run, "started", "table") == [3]
    assert told(run, "started", "court") == [1]


# ── the same person ─────────────────────────────────────────────────────────────────────────────────


def test_a_team_that_split_a_matter_asks_again_together():
    """Of three who each did a part, those of the named teams come back, though their colleagues are free and they are busy for an hour more."""
    teams = {name: {"at": "unit", "people": 2} for name in ("cadre", "police", "committee")}
    again = [{"team": name, "same_as": {"stage": "split", "team": name}} for name in ("police", "committee")]
    stages = {
        "split": {"by": {"each": ["cadre", "police", "committee"]}, "work": "1h"},
        "next": {"by": {"all": again}, "work": "1h", "outcomes": {"closed": 1}},
        "raid": {"by": {"any": [{"team": "police", "people": 2}]}, "work": "1h", "priority": -1, "outcomes": {"closed": 1}},
    }
    classes = {"m": {"arrivals": hours(0)}, "busy": {"arrivals": hours(1), "enters": "raid"}}

    run = Run(written(stages, classes=classes, teams=teams))

    who = {(w.stage, w.team): w.person for w in staged(run)}
    assert told(run, "started", "next") == [2]
    assert [who["next", t] for t in ("police", "committee")] == [who["split", t] for t in ("police", "committee")]


def staged(run):
    """Rows of work, with their stage."""
    stage = {(r.incident, r.visit): r.stage for r in run.rows("visits")}
    rows = run.rows("work")
    for row in rows:
        row.stage = stage[row.incident, row.visit]
    return rows


def test_a_team_that_had_no_part_sends_anybody():
    """Where nobody of the named team had worked, the need is an ordinary one; without a name it is the first of all who had."""
    teams = {name: {"at": "unit"} for name in ("cadre", "police")}

    def second(same_as):
        stages = {"first": {"by": "cadre", "work": "1h"}, "second": {"by": {"team": "police", "same_as": same_as}, "work": "1h"}}
        return [w.team for w in staged(Run(written(stages, teams=teams))) if w.stage == "second"]

    assert second("first") == ["cadre"]
    assert second({"stage": "first", "team": "police"}) == ["police"]


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
