"""The rule of instants: a second is settled first (what ends, then dues, then gates), then dispatched in one walk."""

from __future__ import annotations

import pytest
from world import matter, play

from simgov.journal import Result

MEETING = {"meeting": "Mo 09:00-11:00"}


def handle(**more):
    return {"by": "desk", "work": "1h", **more}


def test_opening_second_serves_in_order_of_entry_then_number():
    """Everything that waits for 08:30 starts in order of (entered second, incident), however it was written down."""
    run = play({"handle": handle()}, arrive=("Mo 08:00", "Mo 07:00", "Mo 08:00"))

    assert run.told("incident entered started") == [
        (0, "Mo 07:00", "Mo 08:30"),
        (1, "Mo 08:00", "Mo 09:30"),
        (2, "Mo 08:00", "Mo 10:30"),
    ]


def test_priority_goes_before_entry():
    """A lower number goes first, even when it came later; with equal numbers it does not."""
    classes = {"plain": matter("Mo 07:00"), "urgent": matter("Mo 08:00")}

    ranked = play({"handle": handle(priority={"urgent": -1, "plain": 0})}, classes=classes)
    equal = play({"handle": handle(priority=0)}, classes=classes)

    assert ranked.told("cls started") == [("plain", "Mo 09:30"), ("urgent", "Mo 08:30")]
    assert equal.told("cls started") == [("plain", "Mo 08:30"), ("urgent", "Mo 09:30")]


def test_many_ties_at_the_opening_second():
    """Forty matters that wait for one second and four people start in rounds of four, in order."""
    arrive = ["Mo 06:00"] * 20 + ["Mo 08:30"] * 20

    run = play({"handle": handle(work="30 min")}, arrive=arrive, teams={"desk": {"at": "unit", "people": 4}})
    late = play({"handle": handle(work="30 min")}, arrive=arrive, teams={"desk": {"at": "unit", "people": 4, "hours": "office"}})

    assert run.told("started")[:8] == ["Mo 06:00"] * 4 + ["Mo 06:30"] * 4
    starts = [x for x in ("Mo 08:30", "Mo 09:00", "Mo 09:30", "Mo 10:00", "Mo 10:30", "Mo 11:00", "Mo 11:30") for _ in range(4)]
    starts += [x for x in ("Mo 14:30", "Mo 15:00", "Mo 15:30") for _ in range(4)]
    assert late.told("started") == starts


def test_whoever_arrives_in_the_second_in_which_a_person_is_freed_is_ranked_with_those_who_wait():
    """A person freed at 09:30 goes to the urgent matter that arrives at 09:30, not to the plain one that waits."""
    classes = {"plain": matter("Mo 08:30", "Mo 09:00"), "urgent": matter("Mo 09:30")}

    run = play({"handle": handle(priority={"urgent": -1})}, classes=classes)

    assert run.told("cls started") == [("plain", "Mo 08:30"), ("plain", "Mo 10:30"), ("urgent", "Mo 09:30")]


# ── dues ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("due", "met"), [("60 min", True), ("59 min", False), ("3601 s", True), ("3599 s", False)])
def test_work_and_lead_that_end_on_the_due_second_have_met_it(due, met):
    """What ends on its due second is left normally; one second less and the due moves it."""
    stages = {
        "talk": {"by": "desk", "work": "30 min", "lead": "30 min", "due": {"at": due, "then": {"move": "late"}}},
        "closing": {"wait": "0 s", "outcomes": {"closed": 1}},
        "late": {},
    }

    run = play(stages)

    assert run.path() == (["talk", "closing"] if met else ["talk", "late"])


def test_work_that_ends_on_the_due_second_has_met_it():
    """A due that falls on the last second of the work moves nothing."""
    run = play({"handle": handle(due={"at": "1h", "then": {"move": "late"}}, outcomes={"closed": 1}), "late": {"wait": "1h"}})

    assert run.path() == ["handle"]
    assert run.told("due left") == [("Mo 09:30", "Mo 09:30")]


def test_who_could_only_start_on_the_due_second_is_late():
    """The desk is freed in the second of the due: the waiting matter is moved, not started; a second later it is started."""
    stages = {"handle": handle(due={"at": "1h", "then": {"move": "late"}}, outcomes={"closed": 1}), "late": {}}

    moved = play(stages, arrive=("Mo 08:30", "Mo 08:30"))
    started = play(stages, arrive=("Mo 08:30", "Mo 08:30:01"))

    assert moved.told("incident stage started left") == [
        (0, "handle", "Mo 08:30", "Mo 09:30"),
        (1, "handle", None, "Mo 09:30"),
        (1, "late", None, "Mo 09:30"),
    ]
    assert started.told("incident stage started")[1] == (1, "handle", "Mo 09:30")


def test_late_at_the_opening_second():
    """A matter whose due is 08:30 cannot start when the office opens at 08:30."""
    stages = {"handle": handle(due={"at": "30 min", "then": {"move": "late"}}, outcomes={"closed": 1}), "late": {}}

    assert play(stages, arrive="Mo 08:00").path() == ["handle", "late"]
    assert play(stages, arrive="Mo 08:00:01").path() == ["handle"]


def test_due_never_ends_work_in_hand():
    """A due that expires while somebody works at it moves nothing: neither then nor when the work is done."""
    stages = {"handle": handle(lead="1h", due={"at": "30 min", "then": {"move": "late"}}, outcomes={"closed": 1}), "late": {}}

    run = play(stages)

    assert run.told("stage due finished left") == [("handle", "Mo 09:00", "Mo 09:30", "Mo 10:30")]


def test_raise_counts_in_the_second_in_which_it_happens():
    """A matter raised in the second in which the desk is freed goes first in that very second."""
    due = {"slow": {"at": "1h", "then": {"raise": 5}}}
    classes = {"plain": matter("Mo 08:30", "Mo 08:35"), "slow": matter("Mo 08:30", "Mo 08:40")}

    raised = play({"handle": handle(work="70 min", due=due)}, classes=classes)
    plain = play({"handle": handle(work="70 min")}, classes=classes)

    assert [c for _, c in sorted(raised.told("started cls"))] == ["plain", "slow", "slow", "plain"]
    assert [c for _, c in sorted(plain.told("started cls"))] == ["plain", "slow", "plain", "slow"]


# ── gates ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arrives", "admitted"),
    [("Mo 09:00", "Mo 09:00"), ("Mo 08:59:59", "Mo 09:00"), ("Mo 10:59:59", "Mo 10:59:59"), ("Mo 11:00", "Mo2 09:00")],
)
def test_gate_lets_in_what_arrives_while_it_is_open(arrives, admitted):
    """A gate is open in [start, end): who comes in its first second or while it is open goes through at once."""
    run = play({"handle": handle(gate="meeting")}, arrive=arrives, calendars=MEETING)

    assert run.told("admitted") == [admitted]


def test_gate_takes_so_many_in_queue_order_and_the_rest_at_the_next_opening():
    """The places of an opening go in order of (priority, entered, incident); later arrivals get what places are left."""
    gate = {"opens": "meeting", "takes": 2}
    arrive = ("Mo 08:00", "Mo 09:30", "Mo 09:31", "Mo 09:32")

    run = play({"handle": handle(gate=gate, work="1 min")}, arrive=arrive, calendars=MEETING, days=21)
    unlimited = play({"handle": handle(gate="meeting", work="1 min")}, arrive=arrive, calendars=MEETING, days=21)

    assert run.told("admitted") == ["Mo 09:00", "Mo 09:30", "Mo2 09:00", "Mo2 09:00"]
    assert unlimited.told("admitted") == ["Mo 09:00", "Mo 09:30", "Mo 09:31", "Mo 09:32"]


def test_gate_places_of_each_opening_lapse():
    """Places that nobody took at one opening are not there at the next."""
    gate = {"opens": "meeting", "takes": 1}

    run = play({"handle": handle(gate=gate, work="1 min")}, arrive=("Tu 09:00", "Tu 09:01"), calendars=MEETING, days=21)

    assert run.told("admitted") == ["Mo2 09:00", "Mo3 09:00"]


def test_gate_prefers_the_urgent():
    """At a gate too the lower priority number goes first."""
    gate = {"opens": "meeting", "takes": 1}
    classes = {"plain": matter("Mo 07:00"), "urgent": matter("Mo 08:00")}

    run = play({"handle": handle(gate=gate, priority={"urgent": -1})}, classes=classes, calendars=MEETING)

    assert run.told("cls admitted") == [("plain", "Mo2 09:00"), ("urgent", "Mo 09:00")]


def test_raise_moves_a_matter_forward_at_a_gate():
    """A due that raises while the matter stands at a gate changes the order of that gate."""
    gate = {"opens": "meeting", "takes": 1}
    classes = {"plain": matter("Mo 07:00"), "slow": matter("Mo 08:00")}
    due = {"slow": {"at": "30 min", "then": {"raise": 1}}}

    raised = play({"handle": handle(gate=gate, due=due)}, classes=classes, calendars=MEETING)
    plain = play({"handle": handle(gate=gate)}, classes=classes, calendars=MEETING)

    assert raised.told("cls admitted") == [("plain", "Mo2 09:00"), ("slow", "Mo 09:00")]
    assert plain.told("cls admitted") == [("plain", "Mo 09:00"), ("slow", "Mo2 09:00")]


def test_gates_chain_in_one_second():
    """Who leaves a stage without duration behind one gate goes through the next gate that opens in that second."""
    stages = {
        "first": {"gate": {"opens": "meeting", "at": "unit"}},
        "second": {"gate": {"opens": "meeting", "at": "unit"}},
        "handle": handle(gate="meeting"),
    }

    run = play(stages, arrive="Mo 08:00", calendars=MEETING)

    assert run.told("stage entered admitted left") == [
        ("first", "Mo 08:00", "Mo 09:00", "Mo 09:00"),
        ("second", "Mo 09:00", "Mo 09:00", "Mo 09:00"),
        ("handle", "Mo 09:00", "Mo 09:00", "Mo 10:00"),
    ]


def test_a_due_that_moves_into_a_gated_stage_in_its_opening_second_is_let_in():
    """Dues come before gates, so what a due moves at 09:00 meets the gate that opens at 09:00 like any arrival."""
    stages = {
        "wait": {"wait": "8 days", "due": {"at": "1h", "then": {"move": "meet"}}},
        "meet": handle(gate={"opens": "meeting", "takes": 1}),
    }
    classes = {"moved": matter("Mo 08:00"), "direct": matter("Mo 09:00", enters="meet")}

    run = play(stages, classes=classes, calendars=MEETING)

    assert run.told("cls admitted", "meet") == [("moved", "Mo 09:00"), ("direct", "Mo2 09:00")]


def test_the_gate_that_opens_on_the_due_second_is_too_late():
    """A matter whose due falls on the opening second of its gate is moved, not let through."""
    stages = {"meet": handle(gate="meeting", due={"at": "1h", "then": {"move": "late"}}, outcomes={"closed": 1}), "late": {}}

    assert play(stages, arrive="Mo 08:00", calendars=MEETING).path() == ["meet", "late"]
    assert play(stages, arrive="Mo 08:00:01", calendars=MEETING).path() == ["meet"]


def test_touching_openings_are_openings_of_their_own():
    """A calendar written 00:00-24:00 gives a gate one opening a day, though a shift of it never closes."""
    stages = {"meet": {"by": "desk", "work": "1 min", "gate": {"opens": "daily", "takes": 1}}}

    run = play(
        stages,
        arrive=("Mo 10:00", "Mo 10:00", "Mo 10:00"),
        calendars={"daily": "Mo-Su 00:00-24:00"},
        teams={"desk": {"at": "unit", "hours": "daily"}},
    )

    assert run.told("started") == ["Mo 10:00", "Tu 00:00", "We 00:00"]


def test_an_opening_that_began_before_the_period_opens_no_gate():
    """A gate opens at the starts that fall within the period; people on a shift that began before it are there."""
    night = {"night": "Mo-Su 20:00-08:00"}
    team = {"desk": {"at": "unit", "hours": "night"}}
    stages = {"meet": {"by": "desk", "work": "1 min", "gate": "night"}}

    gated = play(stages, arrive="Mo 01:00", calendars=night, teams=team)
    free = play({"meet": {"by": "desk", "work": "1 min"}}, arrive="Mo 01:00", calendars=night, teams=team)

    assert gated.told("started") == ["Mo 20:00"]
    assert free.told("started") == ["Mo 01:00"]


# ── zero durations, the horizon ─────────────────────────────────────────────────────────────────────


def test_waits_and_leads_may_be_zero_and_work_lasts_a_second():
    """A chain of stages without duration is gone through in one second; the shortest work takes one."""
    stages = {"a": {"wait": "0 s"}, "b": {"lead": "0 s"}, "c": {}, "handle": handle(work="0 s")}

    run = play(stages)

    assert run.told("stage entered left") == [
        ("a", "Mo 08:30", "Mo 08:30"),
        ("b", "Mo 08:30", "Mo 08:30"),
        ("c", "Mo 08:30", "Mo 08:30"),
        ("handle", "Mo 08:30", "Mo 08:30:01"),
    ]


def test_what_falls_on_the_horizon_does_not_happen():
    """The period is half-open: a wait that ends at its last second is left, one that ends on the horizon is not."""
    on = play({"wait": {"wait": "24h"}}, arrive="Mo 00:00", days=1)
    before = play({"wait": {"wait": "86399 s"}}, arrive="Mo 00:00", days=1)

    assert (on.told("left result"), before.told("left result")) == ([(None, Result.OPEN)], [("Mo 23:59:59", Result.CLOSED)])


def test_work_that_would_end_on_the_horizon_is_open_and_counted_up_to_it():
    """An open piece of work has no end, and its seconds are counted up to the horizon."""
    run = play({"handle": handle(work="24h")}, arrive="Mo 00:00", days=1, teams={"desk": {"at": "unit"}})

    assert run.works("start end regular off_hours") == [("Mo 00:00", None, 86_400, 0)]


def test_the_first_second_is_an_instant_like_any_other():
    """What is born at 00:00 of the first day is served, gated and moved as at any later midnight."""
    stages = {"meet": {"by": "desk", "work": "1 min", "gate": {"opens": "daily", "takes": 1}}}
    daily = {"daily": "Mo-Su 00:00-24:00"}

    first = play(stages, arrive=("Mo 00:00", "Mo 00:00"), calendars=daily, teams={"desk": {"at": "unit", "hours": "daily"}})
    later = play(stages, arrive=("We 00:00", "We 00:00"), calendars=daily, teams={"desk": {"at": "unit", "hours": "daily"}})

    assert first.told("started") == ["Mo 00:00", "Tu 00:00"]
    assert later.told("started") == ["We 00:00", "Th 00:00"]


def test_until_clear_at_the_first_second():
    """A duty window that begins at 00:00 of the first day keeps its people for what is born then, as on any later day."""
    stages = {"handle": handle(work="1 min", hours="until_clear")}
    parts = {"calendars": {"night": "Mo-Su 00:00-02:00"}, "teams": {"desk": {"at": "unit", "hours": "office", "duty": "night"}}}

    first, later = play(stages, "Mo 00:00", **parts), play(stages, "We 00:00", **parts)

    assert later.told("started") == ["We 00:00"]
    assert first.told("started") == ["Mo 00:00"]
