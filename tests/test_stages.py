"""Every field of a stage, and what organisation and demand mean for it: one small exact case for each sentence of the specification."""

from __future__ import annotations

import re
from datetime import date

import pytest
from laws import visit_key
from world import listed, matter, play, written

from simgov import draws
from simgov import plan as plans
from simgov.chance import mix, salt, unit
from simgov.engines.simpy_engine import simulate
from simgov.errors import ScenarioError, SimulationError
from simgov.journal import BY_DUE, Ended, Result
from simgov.scenario import build

EVENING = {"evening": "Mo-Fr 17:30-21:00"}
TWO = {"first": {"at": "unit", "hours": "office"}, "second": {"at": "unit", "hours": "office"}}
MEETING = {"meeting": "Mo 09:00-11:00"}


def handle(**more):
    return {"by": "desk", "work": "1h", **more}


def desk(**more):
    return {"desk": {"at": "unit", "hours": "office", **more}}


# ── by ──────────────────────────────────────────────────────────────────────────────────────────────


def test_any_asks_the_second_team_only_when_the_first_has_nobody_free():
    """`any` takes the first team in the list that has somebody free."""
    run = play({"handle": {"by": ["first", "second"], "work": "1h"}}, ["Mo 08:30", "Mo 08:30", "Mo 08:30", "Mo 11:00"], teams=TWO)

    assert run.told("started team") == [
        ("Mo 08:30", "first"),
        ("Mo 08:30", "second"),
        ("Mo 09:30", "first"),
        ("Mo 11:00", "first"),
    ]


def test_any_goes_by_the_list_and_not_by_the_order_of_teams():
    """The order of the list decides, not the order in which teams are written."""
    run = play({"handle": {"by": ["second", "first"], "work": "1h"}}, teams=TWO)

    assert run.told("team") == ["second"]


def test_all_takes_everybody_or_nobody():
    """A joint visit starts when one of each team is free at once; till then it takes nobody, and others may be served."""
    stages = {
        "joint": {"by": {"all": ["first", "second"]}, "work": "1h", "outcomes": {"closed": 1}},
        "single": {"by": "first", "work": "1h"},
        "alone": {"by": "second", "work": "2h"},
    }
    classes = {
        "x": matter("Mo 08:30", enters="alone"),
        "j": matter("Mo 08:40", enters="joint"),
        "s": matter("Mo 09:00", enters="single"),
    }
    stages["single"]["outcomes"] = stages["alone"]["outcomes"] = {"closed": 1}

    run = play(stages, classes=classes, teams=TWO)

    assert run.told("stage started finished") == [
        ("alone", "Mo 08:30", "Mo 10:30"),
        ("joint", "Mo 10:30", "Mo 11:30"),
        ("single", "Mo 09:00", "Mo 10:00"),
    ]
    assert run.works()[1:3] == [("first", 0, "Mo 10:30", "Mo 11:30"), ("second", 0, "Mo 10:30", "Mo 11:30")]


def test_a_joint_visit_advances_only_while_all_are_on_shift():
    """Work of two people counts only seconds in which both are on shift."""
    teams = {"first": {"at": "unit", "hours": "morning"}, "second": {"at": "unit", "hours": "late"}}
    calendars = {"morning": "Mo-Su 08:00-11:00", "late": "Mo-Su 10:00-12:00"}

    run = play({"joint": {"by": {"all": ["first", "second"]}, "work": "90 min"}}, "Mo 08:30", teams=teams, calendars=calendars)

    assert run.told("started finished") == [("Mo 10:00", "Tu 10:30")]
    assert run.rows("work")[0].regular == run.rows("work")[1].regular == 90 * 60


def test_a_joint_visit_of_people_who_are_never_there_together_waits_for_ever():
    """Calendars that share nothing let no joint visit start; a control with a shared hour starts."""
    teams = {"first": {"at": "unit", "hours": "am"}, "second": {"at": "unit", "hours": "pm"}}
    stages = {"joint": {"by": {"all": ["first", "second"]}, "work": "30 min"}}

    apart = play(stages, teams=teams, calendars={"am": "Mo-Su 08:00-12:00", "pm": "Mo-Su 12:00-16:00"})
    shared = play(stages, teams=teams, calendars={"am": "Mo-Su 08:00-12:00", "pm": "Mo-Su 11:00-16:00"})

    assert (apart.told("started"), shared.told("started")) == ([None], ["Mo 11:00"])


def test_each_splits_and_ends_with_the_last():
    """`each` gives every team a part of its own; the visit ends with the last part."""
    teams = {"first": {"at": "unit", "hours": "office"}, "second": {"at": "unit", "hours": "late"}}
    by = {"each": ["first", {"team": "second", "work": "2h"}]}

    run = play({"split": {"by": by, "work": "1h", "lead": "1h"}}, teams=teams, calendars={"late": "Mo-Su 10:00-18:00"})

    assert run.told("part team started finished left result", part=None) == [
        (0, "first", "Mo 08:30", "Mo 12:00", "Mo 13:00", Result.CLOSED),
        (1, "first", "Mo 08:30", "Mo 09:30", "Mo 09:30", Result.DONE),
        (2, "second", "Mo 10:00", "Mo 12:00", "Mo 12:00", Result.DONE),
    ]


def test_a_part_may_take_no_time_of_its_own():
    """An own work time of zero is a second, not the work time of the stage."""
    by = {"each": ["first", {"team": "second", "work": "0 s"}]}

    assert play({"split": {"by": by, "work": "1h"}}, teams=TWO).told("part finished", part=None)[1:] == [
        (1, "Mo 09:30"),
        (2, "Mo 08:30:01"),
    ]


def test_a_reader_gets_a_copy_for_which_nobody_waits():
    """The incident goes on while the reader's copy waits for its reader, even past the end of the incident."""
    teams = {**desk(), "leader": {"at": "unit", "hours": "tuesday"}}
    by = {"any": ["desk"], "read": [{"team": "leader", "work": "10 min"}]}

    run = play({"handle": {"by": by, "work": "1h"}}, teams=teams, calendars={"tuesday": "Tu 09:00-10:00"})

    assert run.facts("closed") == ["Mo 09:30"]
    assert run.told("part team started finished result", part=None) == [
        (-1, "leader", "Tu 09:00", "Tu 09:10", Result.DONE),
        (0, "desk", "Mo 08:30", "Mo 09:30", Result.CLOSED),
    ]


def test_a_stage_that_is_only_read_takes_no_time():
    """A stage with readers alone is left in the second in which it is entered."""
    run = play({"note": {"by": {"read": ["desk"]}, "work": "1h"}, "handle": handle()}, teams=desk(people=2))

    assert run.told("stage entered left") == [("note", "Mo 08:30", "Mo 08:30"), ("handle", "Mo 08:30", "Mo 09:30")]
    assert len(run.works()) == 2


def test_a_reader_reads_while_the_incident_stands_at_the_gate():
    """A copy is there when the stage is entered, whatever the gate."""
    by = {"any": ["desk"], "read": [{"team": "leader", "work": "10 min"}]}

    run = play(
        {"handle": handle(by=by, gate="meeting")},
        "Mo 08:30",
        teams={**desk(), "leader": {"at": "unit", "hours": "office"}},
        calendars=MEETING,
    )

    assert run.told("part started", part=None) == [(-1, "Mo 08:30"), (0, "Mo 09:00")]


def test_two_people_of_one_team():
    """`people: 2` takes two persons at once, and waits while only one is free."""
    stages = {"single": handle(outcomes={"closed": 1}), "double": {"by": {"team": "desk", "people": 2}, "work": "1h"}}
    classes = {"a": matter("Mo 08:30", enters="single"), "b": matter("Mo 08:40", enters="double")}

    run = play(stages, classes=classes, teams=desk(people=2))

    assert run.told("stage started") == [("single", "Mo 08:30"), ("double", "Mo 09:30")]
    assert sorted(run.works("person start")[1:]) == [(0, "Mo 09:30"), (1, "Mo 09:30")]


def test_more_people_than_a_team_has_never_start():
    """Three people of a team of two are never free at once."""
    stages = {"handle": {"by": {"team": "desk", "people": 3}, "work": "1h"}}

    assert play(stages, teams=desk(people=2)).told("started") == [None]
    assert play(stages, teams=desk(people=3)).told("started") == ["Mo 08:30"]


def test_same_as_takes_the_person_of_the_earlier_stage():
    """`same_as` waits for the very person who worked at the earlier stage, though others are free."""

    def stages(need):
        return {"first": {"by": "desk", "work": "1h"}, "pause": {"wait": "1h"}, "second": {"by": need, "work": "1h"}}

    def order(run):
        return [r.person for r in run.rows("work") if r.incident == 0]

    seeds = range(12)
    same = [play(stages({"team": "desk", "same_as": "first"}), teams=desk(people=4), seed=s) for s in seeds]
    free = [play(stages("desk"), teams=desk(people=4), seed=s) for s in seeds]

    assert all(len(set(order(run))) == 1 for run in same)
    assert all(len(set(order(run))) == 2 for run in free)  # whoever has been idle longest


def test_same_as_waits_while_that_person_is_busy():
    """The person asked for by name is waited for, while another stands free."""
    stages = {
        "first": {"by": "desk", "work": "1h", "lead": "30 min"},
        "second": {"by": {"team": "desk", "same_as": "first"}, "work": "10 min", "outcomes": {"closed": 1}},
        "long": {"by": {"team": "desk", "people": 2}, "work": "1h"},
    }
    classes = {"a": matter("Mo 08:30"), "both": matter("Mo 08:40", enters="long")}

    run = play(stages, classes=classes, teams=desk(people=2))

    assert run.told("stage started") == [("first", "Mo 08:30"), ("second", "Mo 10:30"), ("long", "Mo 09:30")]


def test_same_as_a_stage_not_yet_visited_takes_anybody():
    """Where nobody has worked at the earlier stage, anybody of the team will do."""
    stages = {
        "a": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}},
        "b": {"by": {"team": "desk", "same_as": "a"}, "work": "1h"},
    }

    assert play(stages, classes={"m": matter("Mo 08:30", enters="b")}).told("started") == ["Mo 08:30"]


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"due": {"at": "1h", "then": {"move": "gon"}}}, "handle.due.then.move: unknown stage or end 'gon'; did you mean 'gone'?"),
        ({"due": {"at": "1h", "then": {"move": {"stage": "gone", "becomes": "matter"}}}}, "then.move.becomes: goes with a stage only"),
        (
            {"due": {"at": "1h", "then": {"outcomes": {"gone": 0.5, "closed": 0.2}}}},
            "then.outcomes: chances add up to 0.7, less than 1: a due has no next stage, so say where the rest goes",
        ),
        ({"due": {"at": "1h", "then": {"outcomes": {"gone": 0.9, "never": 0.2}}}}, "then.outcomes: chances add up to 1.1, more than 1"),
        ({"due": {"at": "1h", "then": {"move": "gone", "close": {}}}}, "then: give exactly one of note, raise, move, close and outcomes"),
        ({"due": {"at": "1h", "then": "gone"}}, "then: must be note, {raise: n}, {move: stage or end}, {close: {solved: chance}} or {outcomes: {...}}"),
        ({"by": {"all": [{"any": ["desk"]}, "other"]}}, "handle.by.all[0]: any names two teams at least; write the one alone"),
        ({"by": {"all": [{"any": ["desk", "othr"]}]}}, "handle.by: unknown team 'othr'; did you mean 'other'?"),
        ({"by": {"all": [{"any": ["desk", {"team": "other", "peple": 2}]}]}}, "handle.by.all[0].any[1].peple: unknown key"),
        ({"by": {"all": ["desk", {"any": ["desk", "other"]}]}}, "all names a team twice"),
        ({"by": {"all": [{"team": "desk", "peple": 2}, "other"]}}, "handle.by.all[0].peple: unknown key"),
        ({"by": {"all": [{"team": "desk", "below": "unit"}]}}, "below makes parts, so it goes with each only"),
        ({"by": {"each": [{"team": "desk", "below": "unti"}]}}, "handle.by.below: unknown level 'unti'; did you mean 'unit'?"),
        ({"by": {"each": [{"team": "desk", "below": "unit", "same_as": "handle"}]}}, "give same_as or below"),
        ({"by": {"any": ["desk"], "join": 0.5}}, "join says when a split ends, so it goes with each only"),
        ({"by": {"each": ["desk"], "join": 0}}, "by.join: must be greater than 0, got 0"),
        ({"by": {"team": "desk", "same_as": {"stage": "handle", "team": "dsek"}}}, "handle.by.same_as: unknown team 'dsek'; did you mean 'desk'?"),
        (
            {"by": {"all": [{"team": "desk", "same_as": "handle"}, {"team": "other", "same_as": {"stage": "handle", "team": "other"}}]}},
            "all asks twice for the same person of one stage, who cannot be there twice; same_as can name the team",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(stage, message):
    """Dues that lead nowhere or not everywhere, parts and shares without a split, and the same person twice are told with their place."""
    with pytest.raises(ScenarioError, match=re.escape(message)):
        build(written({"handle": handle(**stage)}, ends={"gone": {}}, teams={**desk(), "other": {"at": "unit"}}))


TREE = {"levels": {"unit": 4, "town": 2}, "residents": 4000}


def test_a_team_is_found_at_the_nearest_node_upward_that_has_people():
    """Units without people of the team are served by the town above."""
    stages = {"handle": {"by": "desk", "work": "1h"}}
    teams = {"desk": {"at": ["unit", "town"], "hours": "office", "people": {"total": 1}}}
    classes = {"m": {"arrivals": {"list": [{"at": "2022-05-02 08:30", "node": f"unit-{k}"} for k in (1, 2, 3, 4)]}}}
    share = {
        "desk": {"at": ["unit"], "hours": "office", "people": {"each": 1, "share": 0.5}},
        "above": {"at": "town", "hours": "office"},
    }

    one = play(stages, classes=classes, teams={"desk": {**teams["desk"], "at": "town", "people": 1}}, **TREE)
    half = play({"handle": {"by": {"any": ["desk", "above"]}, "work": "1h"}}, classes=classes, teams=share, **TREE)

    assert one.told("started") == ["Mo 08:30", "Mo 09:30", "Mo 08:30", "Mo 09:30"]
    assert half.told("team") == ["above", "desk", "above", "desk"]


def test_a_need_may_name_another_level():
    """`at` asks for the team of that level instead of the nearest one."""
    teams = {"desk": {"at": ["unit", "town"], "hours": "office"}}
    classes = {"m": {"arrivals": {"list": [{"at": "2022-05-02 08:30", "node": f"unit-{k}"} for k in (1, 2)]}}}

    def run(need):
        return play({"handle": {"by": need, "work": "1h"}}, classes=classes, teams=teams, **TREE)

    assert run("desk").told("started") == ["Mo 08:30", "Mo 08:30"]
    assert run({"team": "desk", "at": "town"}).told("started") == ["Mo 08:30", "Mo 09:30"]


def test_unlimited_people_serve_all_at_once():
    """An unlimited team serves any number at a time, in its hours, and its work has no person's number."""
    run = play(
        {"handle": {"by": "party", "work": "1h"}},
        ["Mo 08:00"] * 5,
        teams={"party": {"at": "unit", "people": "unlimited", "hours": "office"}},
    )

    assert run.told("started") == ["Mo 08:30"] * 5
    assert run.works("person") == [-1] * 5


def test_a_team_of_nobody_serves_nobody():
    """A team of nobody is allowed; what asks for it waits for ever."""
    run = play({"handle": handle()}, teams=desk(people=0))

    assert run.told("started result") == [(None, Result.OPEN)]


# ── gate, wait, work, lead ──────────────────────────────────────────────────────────────────────────


def test_gate_wait_people_work_and_lead_come_in_this_order():
    """A stage is gone through as gate, wait, people with their work, lead."""
    run = play({"handle": handle(gate="meeting", wait="30 min", lead="2h")}, "Mo 08:00", calendars=MEETING)

    assert run.told("entered admitted released started finished left") == [
        ("Mo 08:00", "Mo 09:00", "Mo 09:30", "Mo 09:30", "Mo 10:30", "Mo 12:30")
    ]


def test_a_gate_stands_at_the_node_of_the_first_team():
    """Units that share a town's team share its gate; teams of units have a gate each; `at` sets it elsewhere."""
    classes = {"m": {"arrivals": {"list": [{"at": "2022-05-02 08:30", "node": f"unit-{k}"} for k in (1, 2, 3, 4)]}}}

    def admitted(level, gate):
        teams = {"desk": {"at": level, "hours": "office", "people": 4}}
        return play({"handle": handle(gate=gate, work="1 min")}, classes=classes, teams=teams, calendars=MEETING, **TREE).told(
            "admitted"
        )

    one = {"opens": "meeting", "takes": 1}
    assert admitted("unit", one) == ["Mo 09:00"] * 4
    assert admitted("town", one) == ["Mo 09:00", "Mo2 09:00"] * 2
    assert admitted("unit", {**one, "at": "town"}) == ["Mo 09:00", "Mo2 09:00"] * 2


def test_wait_and_lead_hold_nobody():
    """While one matter waits or lies in its lead, the desk works at another."""
    run = play({"handle": handle(wait="1h", lead="5h")}, ["Mo 08:30", "Mo 09:30"])

    assert run.told("released started finished left") == [
        ("Mo 09:30", "Mo 09:30", "Mo 10:30", "Mo 15:30"),
        ("Mo 10:30", "Mo 10:30", "Mo 11:30", "Mo 16:30"),
    ]


def test_numbers_may_be_a_map_by_class():
    """Any field of a stage may differ by class; `other` is every class that is not named."""
    work = {"quick": "10 min", "other": "1h"}
    classes = {"quick": matter("Mo 08:30"), "slow": matter("Mo 14:30")}

    assert play({"handle": handle(work=work)}, classes=classes).told("finished") == ["Mo 08:40", "Mo 15:30"]


# ── hours ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("when", "arrives", "started"),
    [
        ("regular", "Mo 18:00", "Tu 08:30"),
        ("duty", "Mo 18:00", "Mo 18:00"),
        ("duty", "Mo 21:00", "Tu 08:30"),
        ("duty", "Mo 20:59:59", "Mo 20:59:59"),
        ("until_clear", "Mo 18:00", "Tu 08:30"),
        ("until_clear", "Mo 17:29", "Mo 17:29"),
    ],
)
def test_a_stage_starts_in_the_hours_it_allows(when, arrives, started):
    """`regular` starts in regular hours, `duty` also in the duty window, `until_clear` there only while something was left."""
    run = play({"handle": handle(hours=when)}, arrives, teams=desk(duty="evening"), calendars=EVENING)

    assert run.told("started") == [started]


def test_people_stay_until_nothing_is_left_waiting_or_in_hand():
    """After closing, people stay in the duty window while something waits or is in hand, and what comes in time is served too."""
    arrive = ["Mo 17:20", "Mo 17:21", "Mo 18:30", "Mo 19:15", "Mo 20:30"]

    run = play({"handle": handle(hours="until_clear")}, arrive, teams=desk(duty="evening"), calendars=EVENING)

    # 17:20-18:20, 18:20-19:20, 19:20-20:20, 20:20-21:20 (in hand at the window's end: goes on on Tuesday), then Tuesday
    assert run.told("started") == ["Mo 17:20", "Mo 18:20", "Mo 19:20", "Mo 20:20", "Tu 08:50"]


def test_people_who_have_gone_home_do_not_come_back():
    """Once the board is clear in the evening, a matter that comes later waits for the next opening."""
    run = play(
        {"handle": handle(hours="until_clear", work="30 min")},
        ["Mo 17:15", "Mo 17:46"],
        teams=desk(duty="evening"),
        calendars=EVENING,
    )
    tied = play(
        {"handle": handle(hours="until_clear", work="30 min")},
        ["Mo 17:15", "Mo 17:45"],
        teams=desk(duty="evening"),
        calendars=EVENING,
    )

    assert run.told("started") == ["Mo 17:15", "Tu 08:30"]
    assert tied.told("started") == ["Mo 17:15", "Mo 17:45"]


def test_people_go_home_when_a_due_takes_the_last_matter_away():
    """What a due moves out of the stage no longer keeps people; and everybody goes on being served afterwards."""
    stages = {
        "joint": {
            "by": {"all": ["desk", "judge"]},
            "work": "1h",
            "hours": "until_clear",
            "due": {"at": "3h", "then": {"move": "end"}},
            "outcomes": {"closed": 1},
        },
        "plain": {"by": "desk", "work": "30 min", "hours": "until_clear", "outcomes": {"closed": 1}},
        "end": {},
    }
    teams = {**desk(duty="evening"), "judge": {"at": "unit", "hours": "never"}}
    calendars = {**EVENING, "never": "Sa 08:00-09:00"}
    classes = {"kept": matter("Mo 16:00", enters="joint"), "p": matter("Mo 18:20", "Mo 19:30", "Tu 09:00", enters="plain")}

    run = play(stages, classes=classes, teams=teams, calendars=calendars)

    assert run.told("started", "plain") == ["Mo 18:20", "Tu 08:30", "Tu 09:00"]
    assert run.path(0) == ["joint", "end"]


def test_people_go_home_when_a_matter_that_names_their_pool_twice_is_done():
    """A stage that can find the same people in two ways keeps them no longer than one that finds them once."""
    by = {"any": ["desk", {"team": "desk", "people": 2}]}

    def started(by):
        stages = {"handle": {"by": by, "work": "30 min", "hours": "until_clear"}}
        return play(stages, ["Mo 17:15", "Mo 17:46"], teams=desk(duty="evening"), calendars=EVENING).told("started")

    assert started(by) == started("desk") == ["Mo 17:15", "Tu 08:30"]


def test_regular_people_go_before_people_on_duty():
    """Among those who may start, who is in regular hours is taken before who is in the duty window, however long idle."""
    windows = {"teams": {"desk": {"at": "unit", "people": 2, "hours": "day", "duty": {"hours": "all_day", "people": 1}}}}
    calendars = {"day": "Mo-Su 08:00-12:00", "all_day": "Mo-Su 12:00-20:00"}

    on_duty = [play({"handle": handle(hours="duty")}, "Mo 13:00", calendars=calendars, seed=s, **windows) for s in range(4)]
    by_turns = [play({"handle": handle(hours="duty")}, "Tu 13:00", calendars=calendars, seed=s, **windows) for s in range(4)]

    assert {run.works("person")[0] for run in on_duty} == {0}
    assert {run.works("person")[0] for run in by_turns} == {1}


def test_only_so_many_are_on_duty():
    """With `people: 1` on duty, a second matter in the evening waits, though the team has two."""
    one = desk(people=2, duty={"hours": "evening", "people": 1})

    assert play({"handle": handle(hours="duty")}, ["Mo 18:00"] * 2, teams=one, calendars=EVENING).told("started") == [
        "Mo 18:00",
        "Mo 19:00",
    ]
    assert (
        play({"handle": handle(hours="duty")}, ["Mo 18:00"] * 2, teams=desk(people=2, duty="evening"), calendars=EVENING).told(
            "started"
        )
        == ["Mo 18:00"] * 2
    )


def test_on_call_reaches_somebody_outside_hours():
    """With chance 1 a visit is served at night by somebody off duty, with 0 it waits; the seconds are off-hours."""
    reached = play({"handle": handle(hours={"on_call": 1})}, "Mo 23:00")
    control = play({"handle": handle(hours={"on_call": 0})}, "Mo 23:00")

    assert (reached.told("started"), control.told("started")) == (["Mo 23:00"], ["Tu 08:30"])
    assert reached.works("regular off_hours") == [(0, 3600)]


def test_on_call_is_one_draw_a_visit():
    """With chance 1/2 some visits are reached at once and all others wait for the opening: none in between."""
    run = play({"handle": handle(hours={"on_call": 0.5})}, ["Mo 01:00"] * 60, teams=desk(people=60))

    assert set(run.told("reached started")) == {(True, "Mo 01:00"), (False, "Mo 08:30")}


def test_on_call_hours():
    """Somebody off duty can be reached in the on-call hours only."""
    hours = {"on_call": 1, "on_call_hours": "reach"}

    run = play(
        {"handle": handle(hours=hours, work="1 min")},
        ["Mo 05:00", "Mo 07:30", "Mo 22:00"],
        calendars={"reach": "Mo-Su 07:00-22:00"},
    )

    assert run.told("started") == ["Mo 07:00", "Mo 07:30", "Tu 07:00"]


def test_nobody_who_has_left_is_reached_on_call():
    """On call reaches people who are there in this window, outside their hours; not those who came and went."""
    windows = [{"from": "2022-05-03", "to": "2022-05-04"}]
    stages = {"handle": handle(hours={"on_call": 1})}

    run = play(stages, ["Mo 20:00", "Tu 20:00", "We 20:00"], teams=desk(windows=windows))

    assert run.told("started") == ["Tu 00:00", "Tu 20:00", None]


@pytest.mark.parametrize(
    ("at_close", "arrives", "finished", "off_hours"),
    [
        ("pause", "Mo 11:30", "Mo 15:00", 0),  # lunch
        ("finish", "Mo 11:30", "Mo 15:00", 0),
        ("pause", "Mo 17:00", "Tu 09:00", 0),
        ("finish", "Mo 17:00", "Mo 18:00", 1800),
        ("pause", "Fr 17:00", "Mo2 09:00", 0),
    ],
)
def test_at_close(at_close, arrives, finished, off_hours):
    """At the day's last closing work pauses or is finished; at lunch it always pauses."""
    run = play({"handle": handle(hours=at_close)}, arrives)

    assert run.told("finished") == [finished]
    assert run.works("regular off_hours") == [(3600 - off_hours, off_hours)]


def test_a_paused_visit_keeps_its_person():
    """Who has paused work overnight goes on with it and takes nothing else before."""
    run = play({"handle": handle(work="2h")}, ["Mo 16:30", "Tu 08:00"])

    assert run.told("started finished") == [("Mo 16:30", "Tu 09:30"), ("Tu 09:30", "Tu 11:30")]


# ── due ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("due", "arrives", "expected"),
    [
        ("2h", "Mo 08:00", "Mo 10:00"),
        ("end_of_day", "Mo 23:59", "Tu 00:00"),
        ("end_of_day", "Tu 00:00", "We 00:00"),
        ("end_of_duty", "Mo 11:50", "Mo 17:30"),
        ("end_of_duty", "Mo 17:30", "Tu 17:30"),
        ("end_of_duty", "Fr 18:00", "Mo2 17:30"),
        ({"at": "end_of_duty", "cut_off": "16:00"}, "Mo 15:59:59", "Mo 17:30"),
        ({"at": "end_of_duty", "cut_off": "16:00"}, "Mo 16:00", "Tu 17:30"),
        ({"opening": "meeting"}, "Mo 08:00", "Mo 09:00"),
        ({"opening": "meeting"}, "Mo 09:00", "Mo2 09:00"),
    ],
)
def test_the_moment_of_a_due(due, arrives, expected):
    """A due is a duration after the entry, the next midnight, the end of the team's day, or the next opening of a calendar."""
    assert play({"handle": handle(due=due)}, arrives, calendars=MEETING).told("due") == [expected]


def test_end_of_duty_is_the_end_of_the_duty_window():
    """Where the team has a duty window that day, its end is the end of duty."""
    run = play({"handle": handle(due="end_of_duty")}, ["Mo 18:00", "Mo 21:00"], teams=desk(duty="evening"), calendars=EVENING)

    assert run.told("due") == ["Mo 21:00", "Tu 21:00"]


def test_a_due_may_run_from_birth_or_from_an_earlier_stage():
    """The clock starts when the incident was found, or when it last entered a stage; it expires a second after entry at the soonest."""
    stages = {
        "one": {"wait": "1h"},
        "two": {"wait": "1h"},
        "from_birth": {"wait": "1h", "due": {"from": "birth", "at": "3h"}},
        "from_two": {"wait": "1h", "due": {"from": "two", "at": "3h"}},
        "late": {"wait": "1h", "due": {"from": "birth", "at": "1h"}},
        "unvisited": {"wait": "1h", "due": {"from": "end", "at": "1h"}},
        "end": {},
    }

    run = play(stages, "Mo 08:00")

    assert run.told("stage due")[2:6] == [
        ("from_birth", "Mo 11:00"),
        ("from_two", "Mo 12:00"),
        ("late", "Mo 12:00:01"),
        ("unvisited", "Mo 14:00"),
    ]


def test_then_note_changes_nothing():
    """A due that only notes leaves the journal as it would be without it, but for the due itself."""
    plain = play({"handle": handle()}, ["Mo 08:30"] * 5)
    noted = play({"handle": handle(due="1h")}, ["Mo 08:30"] * 5)

    assert plain.told("started finished left result priority") == noted.told("started finished left result priority")
    assert (plain.told("due")[0], noted.told("due")[0]) == (None, "Mo 09:30")


def test_then_raise_moves_forward_once():
    """A due that raises makes the priority number smaller by so much, once, for that visit only."""
    stages = {"handle": handle(due={"at": "10 min", "then": {"raise": 3}}, priority=5), "after": {"wait": "1h", "priority": 5}}

    assert play(stages).told("stage priority") == [("handle", 2), ("after", 5)]


def test_then_move_ends_waiting():
    """A due that moves takes a waiting matter to another stage, and may change its class; the person never comes."""
    due = {"at": "2h", "then": {"move": {"stage": "above", "becomes": "grave"}}}
    classes = {"plain": matter("Mo 08:30"), "grave": {"arrivals": listed()}}

    run = play({"handle": handle(due=due), "above": {"wait": "1h"}}, classes=classes, teams=desk(people=0))

    assert run.told("stage cls entered left result") == [
        ("handle", "plain", "Mo 08:30", "Mo 10:30", Result.DUE_MOVE),
        ("above", "grave", "Mo 10:30", "Mo 11:30", Result.CLOSED),
    ]
    assert run.facts("cls_born cls") == [(0, "grave")]


def test_what_a_due_leads_to_is_cut_from_one_uniform():
    """The outcomes of a due are cut, closed first, from the uniform of the visit for its due (R36, R38); difficulty plays no part."""
    ways = {"above": {"chance": 0.25, "becomes": "grave"}, "given_up": 0.25, "closed": {"chance": 0.3, "solved": 1}, "never": 0.2}
    classes = {"plain": matter(*["Mo 08:30"] * 60, difficulty=3.0), "grave": {"arrivals": listed()}}

    run = play(
        {"handle": handle(due={"at": "2h", "then": {"outcomes": ways}}), "above": {"wait": "1h"}},
        classes=classes, teams=desk(people=0), ends={"given_up": {}},
    )  # fmt: skip

    expected = []
    for i in run.rows("incidents"):
        u = unit(mix(visit_key(i.key, "handle", 0) ^ salt("purpose", "due")))
        edges = (0.3, 0.55, 0.8, 1)
        results = (Result.DUE_CLOSE, Result.DUE_MOVE, Result.DUE_END, Result.DUE_NEVER)
        expected.append(next(r for r, edge in zip(results, edges, strict=True) if u < edge))
    assert run.told("result", "handle") == expected
    assert set(expected) == set(BY_DUE)
    assert {r.cls for r in run.rows("visits") if r.stage == "above"} == {"grave"}
    assert {(r.how, r.solved >= 0) for r in run.rows("incidents") if r.cls == "plain"} == {
        (Ended.CLOSED, True), (Ended.LEFT, False), (Ended.NEVER, False)
    }  # fmt: skip


def test_then_move_ends_wait_gate_and_lead():
    """A due that moves also ends a wait, standing at a gate, and a lead."""
    due = {"at": "1h", "then": {"move": "late"}}
    late = {"late": {}}

    waiting = play({"handle": handle(wait="2h", due=due), **late})
    gated = play({"handle": handle(gate="sunday", due=due), **late}, calendars={"sunday": "Su 09:00-10:00"})
    lead = play({"handle": handle(work="10 min", lead="2h", due=due), **late})

    for run in (waiting, gated, lead):
        assert run.told("stage left") == [("handle", "Mo 09:30"), ("late", "Mo 09:30")]
    assert lead.works("start end") == [("Mo 08:30", "Mo 08:40")]


def test_a_moved_matter_leaves_its_place_in_line_to_others():
    """Whoever stood behind a moved matter is served as if it had never waited."""
    due = {"first": {"at": "1h", "then": {"move": "late"}}}
    stages = {"handle": handle(due=due, work="2h", outcomes={"closed": 1}), "late": {}}
    classes = {"busy": matter("Mo 08:30"), "first": matter("Mo 08:31"), "second": matter("Mo 08:32")}

    run = play(stages, classes=classes)

    assert run.told("cls started", "handle") == [("busy", "Mo 08:30"), ("first", None), ("second", "Mo 10:30")]


def test_then_close_is_closing_on_paper():
    """A due that closes ends the matter as closed, and solved with its own chance."""

    def run(solved):
        return play({"handle": handle(due={"at": "2h", "then": {"close": {"solved": solved}}})}, teams=desk(people=0))

    assert run(1).facts("closed solved how") == [("Mo 10:30", "Mo 10:30", Ended.CLOSED)]
    assert run(0).facts("closed solved how") == [("Mo 10:30", None, Ended.CLOSED)]
    assert run(0).told("result") == [Result.DUE_CLOSE]


def test_parts_of_a_split_are_left_with_what_ended_them():
    """Parts that still waited when a due ended the visit are left in that second, moved or closed as the visit is."""
    by = {"each": ["desk", "other"]}
    teams = {**desk(people=0), "other": {"at": "unit", "people": 0}}

    def ends(then):
        return play({"handle": handle(by=by, due={"at": "2h", "then": then}), "late": {}}, teams=teams).told(
            "part left result", "handle", part=None
        )

    assert ends({"move": "late"}) == [(k, "Mo 10:30", Result.DUE_MOVE) for k in range(3)]
    assert ends({"close": {}}) == [(k, "Mo 10:30", Result.DUE_CLOSE) for k in range(3)]


def test_a_split_with_a_part_in_hand_is_not_moved():
    """A due moves a split visit only while none of its parts has been started."""
    by = {"each": ["desk", "other"]}
    teams = {**desk(), "other": {"at": "unit", "people": 0}}

    run = play({"handle": handle(by=by, due={"at": "30 min", "then": {"move": "late"}}), "late": {}}, teams=teams)

    assert run.told("part left result", part=None) == [
        (0, None, Result.OPEN),
        (1, "Mo 09:30", Result.DONE),
        (2, None, Result.OPEN),
    ]


# ── outcomes ────────────────────────────────────────────────────────────────────────────────────────


def test_outcomes_go_to_stages_ends_and_never():
    """An outcome closes, goes to another stage (with another class), leaves by a named end, or lies for ever."""

    def run(outcomes, last="handle"):
        stages = {"handle": handle(outcomes=outcomes), "next": {"wait": "1h"}, "far": {"wait": "2h", "outcomes": {"closed": 1}}}
        stages["next"]["outcomes"] = {"closed": 1}
        return play(stages, classes={"plain": matter("Mo 08:30"), "grave": {"arrivals": listed()}}, ends={"court": {}})

    assert run({"closed": 1}).facts("how closed solved") == [(Ended.CLOSED, "Mo 09:30", "Mo 09:30")]
    assert run({"closed": {"chance": 1, "solved": 0}}).facts("how closed solved") == [(Ended.CLOSED, "Mo 09:30", None)]
    assert run({"far": {"chance": 1, "becomes": "grave"}}).told("stage cls") == [("handle", "plain"), ("far", "grave")]
    assert run({"court": 1}).facts("how left_by ended closed") == [(Ended.LEFT, 0, "Mo 09:30", None)]
    assert run({"never": 1}).facts("how left_by ended") == [(Ended.NEVER, -1, "Mo 09:30")]
    assert run({"closed": 0}).path() == ["handle", "next"]


def test_what_is_left_over_goes_to_the_next_stage():
    """The chance that the outcomes leave over is that of the next stage in the file."""
    run = play({"one": {"outcomes": {"closed": 0.5}}, "two": {"wait": "1h"}}, ["Mo 08:30"] * 400)

    ways = [run.path(i) for i in range(400)]
    passed = ways.count(["one", "two"])
    assert passed + ways.count(["one"]) == 400
    assert abs(passed - 200) < 4 * 10  # sd of Binomial(400, 1/2) is 10


def test_the_cap_on_visits_names_the_loop():
    """Who enters a stage more often than it allows stops the run with an error that names the stages of the loop."""

    def stages(cap):
        down = {"outcomes": {"closed": 1e-9, "up": 1 - 1e-9}, "max_visits": cap}
        return {"up": {"wait": "1h", "max_visits": 500}, "down": down, "end": {}}

    with pytest.raises(SimulationError, match=r"(?s)stages\.down.*more than 3 times.*up -> down"):
        play(stages(3))
    assert play(stages(500)).facts("how") == [Ended.OPEN]


def test_a_loop_without_duration_is_caught():
    """A loop that takes no time does not hang: the cap of 99 visits ends it."""
    with pytest.raises(SimulationError, match="more than 99 times"):
        play({"a": {}, "b": {"outcomes": {"closed": 1e-9, "a": 1 - 1e-9}}, "end": {}})


def test_hold_keeps_a_joint_visit_from_being_starved():
    """A joint visit first in line with `hold` keeps a free person of its teams from later visits; without, it starves."""
    stages = {
        "joint": {"by": {"all": ["first", "second"]}, "work": "1h", "outcomes": {"closed": 1}},
        "one": {"by": "first", "work": "1h", "outcomes": {"closed": 1}},
        "two": {"by": "second", "work": "1h", "outcomes": {"closed": 1}},
    }
    hour = ["Mo 08:30", "Mo 09:30", "Mo 10:30", "Mo 11:00"]
    half = ["Mo 09:00", "Mo 10:00", "Mo 10:59", "Mo 11:10"]
    classes = {"a": matter(*hour, enters="one"), "b": matter(*half, enters="two"), "j": matter("Mo 08:45", enters="joint")}
    stages["two"]["work"] = stages["one"]["work"] = "1h"

    def started(hold):
        stages["joint"]["hold"] = hold
        return play(stages, classes=classes, teams=TWO).told("started", "joint")

    # At 09:00 `second` is free and `first` is not: held, it waits half an hour for the joint visit.
    assert started(True) == ["Mo 09:30"]
    assert started(False) == ["Mo 15:30"]


def test_what_was_held_back_is_free_when_the_holder_is_gone():
    """When a due takes the holding visit away, the person it kept serves the others in that second."""
    stages = {
        "joint": {"by": {"all": ["first", "second"]}, "work": "1h", "hold": True, "due": {"at": "1h", "then": {"move": "gone"}}},
        "two": {"by": "second", "work": "1h", "outcomes": {"closed": 1}},
        "gone": {},
    }
    classes = {"j": matter("Mo 08:30", enters="joint"), "b": matter("Mo 08:40", enters="two")}
    teams = {**TWO, "first": {"at": "unit", "people": 0}}

    assert play(stages, classes=classes, teams=teams).told("started", "two") == ["Mo 09:30"]


@pytest.mark.parametrize("mode", ["all", "any"])
def test_what_is_held_back_is_held_back_from_those_who_wait_elsewhere(mode):
    """A person kept for a joint visit is not given to a later one whose own other team comes free meanwhile."""
    stages = {
        "joint": {"by": {"all": ["first", "second"]}, "work": "1h", "outcomes": {"closed": 1}},
        "later": {"by": {mode: ["third", "second"]}, "work": "4h", "outcomes": {"closed": 1}},
        "one": {"by": "first", "work": "2h"},
    }
    teams = {
        **TWO,
        "third": {"at": "unit", "hours": "nine"}
        if mode == "all"
        else {"at": "unit", "people": {"roster": {date(2022, 5, 3): 1}}},
    }
    classes = {
        "o": matter("Mo 08:30", enters="one"),
        "j": matter("Mo 08:40", enters="joint"),
        "l": matter("Mo 08:45", enters="later"),
    }

    def started(hold):
        stages["joint"]["hold"] = hold
        return dict(play(stages, classes=classes, teams=teams, calendars={"nine": "Mo-Fr 09:00-17:00"}).told("stage started"))

    assert started(True) == {"one": "Mo 08:30", "joint": "Mo 10:30", "later": "Mo 11:30"}
    assert started(False)["later"] == ("Mo 09:00" if mode == "all" else "Mo 08:45")


def test_on_call_hours_that_end_free_what_was_held_back():
    """A joint visit that holds an off-duty person on call lets go of them when its on-call hours end."""
    teams = {"first": {"at": "unit", "people": 0}, "second": {"at": "unit", "hours": "office"}}
    stages = {
        "joint": {
            "by": {"all": ["first", "second"]},
            "work": "1h",
            "hold": True,
            "hours": {"on_call": 1, "on_call_hours": "dusk"},
            "outcomes": {"closed": 1},
        },
        "two": {"by": "second", "work": "1h", "hours": {"on_call": 1}},
    }
    classes = {"j": matter("Mo 18:30", enters="joint"), "b": matter("Mo 18:40", enters="two")}

    run = play(stages, classes=classes, teams=teams, calendars={"dusk": "Mo-Su 18:00-20:00"})

    assert run.told("started", "two") == ["Mo 20:00"]


# ── return visits, returns ──────────────────────────────────────────────────────────────────────────


def call(**more):
    return {"by": "desk", "work": "10 min", "verify": more}


def test_a_return_visit_follows_a_closing_and_hears_how_it_is():
    """A closed incident is visited again; it stays closed, and is satisfied or not by whether it was solved."""

    def facts(solved):
        stages = {"handle": handle(outcomes={"closed": {"chance": 1, "solved": solved}}), "call": {**call(), "wait": "1h"}}
        run = play(stages)
        return run.facts("closed solved verified verified_at how"), run.path()

    assert facts(1) == ([("Mo 09:30", "Mo 09:30", Result.SATISFIED, "Mo 10:40", Ended.CLOSED)], ["handle", "call"])
    assert facts(0) == ([("Mo 09:30", None, Result.DISSATISFIED, "Mo 10:40", Ended.CLOSED)], ["handle", "call"])


def test_a_share_of_the_closed_is_visited():
    """`share` of the closed incidents are visited, and `of` says those closed at which stages."""

    def visited(**verify):
        stages = {"a": {"outcomes": {"closed": 0.5}}, "b": {"outcomes": {"closed": 1}}, "call": {"wait": "1h", "verify": verify}}
        run = play(stages, ["Mo 08:30"] * 400)
        return [p for p in map(run.path, range(400)) if "call" in p], run

    some, _ = visited(share=0.25)
    of_a, _ = visited(of=["a"])
    none, _ = visited(share=0)
    assert abs(len(some) - 100) < 4 * 75**0.5
    assert of_a
    assert all(p == ["a", "call"] for p in of_a)
    assert not none


def test_what_a_return_visit_leaves_over_is_no_answer():
    """The chance that the answers leave over is that nobody answers."""
    stages = {"handle": handle(outcomes={"closed": 1}), "call": call(solved={"satisfied": 0}, unsolved={})}

    assert play(stages).facts("verified how") == [(Result.NO_ANSWER, Ended.CLOSED)]


def test_reopening_at_most_so_often():
    """A return visit may reopen the matter at a stage; after so many times it is dissatisfied. Closed keeps its first time."""
    stages = {
        "handle": handle(outcomes={"closed": {"chance": 1, "solved": 0}}),
        "call": call(unsolved={"handle": 1}, reopen_at_most=2),
    }

    run = play(stages)

    assert run.path() == ["handle", "call"] * 3
    assert run.facts("closed solved reopened verified how") == [("Mo 09:30", None, 2, Result.DISSATISFIED, Ended.CLOSED)]
    assert run.told("result", "call") == [Result.REOPEN, Result.REOPEN, Result.DISSATISFIED]


def test_who_asks_after_their_own_work_hears_other_answers():
    """`own` answers hold when the asker's team had worked on the closing visit, the plain ones otherwise."""
    own = {"own": {"solved": {"satisfied": 1}, "unsolved": {"satisfied": 1}}}
    stages = {"handle": handle(outcomes={"closed": {"chance": 1, "solved": 0}}), "call": call(**own)}
    teams = {**desk(), "centre": {"at": "unit", "hours": "office"}}

    mine = play(stages, teams=teams)
    independent = play({**stages, "call": {**stages["call"], "by": "centre"}}, teams=teams)

    assert mine.facts("verified") == [Result.SATISFIED]
    assert independent.facts("verified") == [Result.DISSATISFIED]


def test_unsolved_matters_come_back():
    """A closed but unsolved incident comes back as a new one after a time; a solved one does not."""

    def facts(solved, chance=1):
        returns = {"chance": chance, "after": "24h"}
        run = play(
            {"handle": handle(outcomes={"closed": {"chance": 1, "solved": solved}})},
            days=4,
            classes={"m": matter("Mo 08:30", returns=returns)},
        )
        return run.facts("incident repeat_of found closed")

    assert facts(0) == [
        (0, -1, "Mo 08:30", "Mo 09:30"),
        (1, 0, "Tu 09:30", "Tu 10:30"),
        (2, 1, "We 10:30", "We 11:30"),
        (3, 2, "Th 11:30", "Th 15:00"),
    ]
    assert facts(1) == facts(0, chance=0) == [(0, -1, "Mo 08:30", "Mo 09:30")]


def test_a_matter_may_come_back_at_once():
    """A return after no time comes one second later."""
    classes = {"m": matter("Mo 08:30", returns={"chance": 1, "after": "0 s"})}

    run = play(
        {"handle": handle(work="8h", outcomes={"closed": {"chance": 1, "solved": 0}})},
        classes=classes,
        teams={"desk": {"at": "unit"}},
        days=1,
    )

    assert run.facts("found closed") == [("Mo 08:30", "Mo 16:30"), ("Mo 16:30:01", None)]


# ── people by date, changes ─────────────────────────────────────────────────────────────────────────


def test_people_with_windows_are_there_only_then_and_finish_what_is_in_hand():
    """Seconded people start nothing before or after their window; what is in hand at its end goes on in the team's hours."""
    windows = [{"from": "2022-05-03", "to": "2022-05-04"}]

    run = play({"handle": handle(work="2h")}, ["Mo 09:00", "Tu 16:30", "We 09:00"], teams=desk(windows=windows))

    assert run.told("started finished") == [("Tu 08:30", "Tu 10:30"), ("Tu 16:30", "We 09:30"), (None, None)]


def test_a_roster_by_date():
    """A roster gives the people at each node from each date on."""
    roster = {"roster": {date(2022, 5, 3): 1, date(2022, 5, 4): 2, date(2022, 5, 5): 0}}
    arrive = ["Mo 09:00", "Tu 09:00", "We 09:00", "We 09:00", "Th 09:00"]

    run = play({"handle": handle()}, arrive, teams=desk(people=roster))

    assert run.told("started") == ["Tu 08:30", "Tu 09:30", "We 09:00", "We 09:00", None]


def test_a_change_of_people_holds_at_once():
    """In the window of a change the changed people and hours hold, for everybody who waits."""
    change = {"surge": {"set": {"teams.desk.people": 3}, "window": ["2022-05-03", "2022-05-04"]}}

    surge = play({"handle": handle()}, ["Mo 17:29:59", *["Tu 08:00"] * 4], changes=change, apply=["surge"])
    plain = play({"handle": handle()}, ["Mo 17:29:59", *["Tu 08:00"] * 4], changes=change)

    assert sorted(surge.told("started")) == sorted(["Mo 17:29:59", "Tu 08:30", "Tu 08:30", "Tu 09:29:59", "Tu 09:30"])
    assert len(set(plain.told("started"))) == 5


def test_changed_hours_hold_at_once():
    """Hours that change in a window hold from its first second for everybody."""
    change = {"sunday": {"set": {"teams.desk.hours": "night"}, "window": ["2022-05-03", "2022-05-04"]}}

    run = play(
        {"handle": handle()}, ["Mo 20:00", "Tu 20:00"], calendars={"night": "Mo-Su 02:00-06:00"}, changes=change, apply=["sunday"]
    )

    assert run.told("started") == ["Tu 02:00", "We 08:30"]


def test_an_incident_keeps_the_procedure_in_force_when_it_was_found():
    """A change of stages in a window holds for what is found in it, to the end of its way; not for others."""
    change = {
        "new": {"set": {"stages.second.wait": "1h", "stages.handle.work": "10 min"}, "window": ["2022-05-03", "2022-05-04"]}
    }
    stages = {"handle": handle(), "second": {"wait": "24h"}}

    run = play(stages, ["Mo 17:29", "Tu 17:29", "We 14:30"], changes=change, apply=["new"])

    assert run.told("started finished", "handle") == [
        ("Mo 17:29", "Tu 09:29"),
        ("Tu 17:29", "We 08:39"),
        ("We 14:30", "We 15:30"),
    ]
    assert run.told("entered left", "second") == [("Tu 09:29", "We 09:29"), ("We 08:39", "We 09:39"), ("We 15:30", "Th 15:30")]


# ── hidden incidents ────────────────────────────────────────────────────────────────────────────────


def hidden(**found):
    base = {"hazard_per_day": 0.1, "team": "desk", "reference": 1000}
    return {"arrivals": {"rate": 0, "per": "node"}, "enters": "handle", "found": {**base, "hidden_at_start": 1000, **found}}


def found_share(run, days):
    found = [r.found for r in run.rows("incidents")]
    return sum(0 <= f < days * 86_400 for f in found) / len(found)


def expected(share, n=1000):
    return pytest.approx(share, abs=4 * (share * (1 - share) / n) ** 0.5)


def test_what_is_hidden_is_found_by_its_hazard():
    """With a hazard h a day the share found after t days is 1 - exp(-h t); the rest stays hidden and is counted so."""
    run = play({"handle": handle()}, classes={"m": hidden()}, days=10)

    assert found_share(run, 10) == expected(1 - 2.718281828**-1)
    assert found_share(run, 3) == expected(1 - 2.718281828**-0.3)
    assert [r.how for r in run.rows("incidents")].count(Ended.HIDDEN) == sum(r.found < 0 for r in run.rows("incidents")) > 0
    assert {r.born for r in run.rows("incidents")} == {-1}


def test_a_campaign_and_more_leaders_find_faster():
    """The hazard goes with (reference / residents per leader) to the exponent, and with campaigns in their windows."""
    base = {"days": 10}
    campaign = [{"window": ["2022-05-04", "2022-05-06"], "factor": 5}]

    with_campaign = play({"handle": handle()}, classes={"m": hidden(campaigns=campaign)}, **base)
    doubled = play({"handle": handle()}, classes={"m": hidden(exponent=0.5)}, teams=desk(people=4), **base)
    nobody = play({"handle": handle()}, classes={"m": hidden()}, teams=desk(people=0), **base)

    assert found_share(with_campaign, 2) == expected(1 - 2.718281828**-0.2)
    assert found_share(with_campaign, 10) == expected(1 - 2.718281828 ** -(0.8 + 1.0))
    assert found_share(doubled, 10) == expected(1 - 2.718281828**-2)
    assert found_share(nobody, 10) == 0


@pytest.mark.parametrize("exponent", [-1, 0, 0.5])
def test_nobody_finds_nothing(exponent):
    """Where the team has nobody, nothing is found, whatever the exponent; with one person it is."""

    def share(people):
        return found_share(
            play({"handle": handle()}, classes={"m": hidden(exponent=exponent)}, teams=desk(people=people), days=10), 10
        )

    assert share(0) == 0
    assert share(1) == expected(1 - 2.718281828**-1)


def test_what_lies_hidden_becomes_something_else():
    """A hidden incident changes class by a rate; what is found in time keeps its class."""
    becomes = {"class": "grave", "rate_per_day": 0.1}
    classes = {"m": hidden(becomes=becomes), "grave": {"arrivals": listed()}}

    run = play({"handle": handle()}, classes=classes, days=10)

    rows = run.rows("incidents")
    early = [r for r in rows if r.found >= 0]
    # both exponential with 0.1 a day: of those found within T, the share that changed first
    total = 1 - 2.718281828**-1
    changed_first = total - (1 - 2.718281828**-2) / 2
    assert sum(r.cls == "grave" for r in early) / 1000 == expected(changed_first)
    assert sum(r.cls == "grave" for r in rows if r.found < 0) / 1000 == expected(2.718281828**-1 * total)
    assert {r.cls_born for r in rows} == {0}


# ── schedules ───────────────────────────────────────────────────────────────────────────────────────


def test_incidents_at_each_opening():
    """So many incidents come at each opening of a calendar, at every node of a level."""
    classes = {"m": {"arrivals": {"each_opening": {"calendar": "meeting", "count": 2}, "per": "node", "of": "unit"}}}

    run = play({"handle": handle()}, classes=classes, calendars=MEETING, levels={"unit": 3})

    assert run.facts("born") == ["Mo 09:00"] * 6 + ["Mo2 09:00"] * 6
    assert sorted(run.facts("home")) == sorted([0, 1, 2] * 4)


def test_progress():
    """Progress is told in rising shares that end at one."""
    data = written({"handle": handle()})
    p = plans.make(build(data))
    shares: list[float] = []

    simulate(p, draws.make(p, 1, 0), shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1
