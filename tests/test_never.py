"""What can never start: each cause on a small world by hand, what is told of it, and that no run ever starts what is said to be impossible."""

from __future__ import annotations

import numpy as np
import pytest
from fuzzing import AT_NIGHT, seeds
from hypothesis import given, settings
from strategies import made, scenarios
from test_explain import line, told
from world import Run, matter, written

import simgov
from simgov import flow, plan
from simgov.language import say
from simgov.mind import mind
from simgov.never import never

NEVER = "it can never start there"


def minded(stages, lang="en", **more):
    made_ = plan.make(simgov.build(written(stages, **more)))
    return [say(text, lang) for text in mind(made_)]


def stuck(stages, **more):
    """By class and stage: the share of visits that can never start."""
    scenario = simgov.build(written(stages, **more))
    made_ = plan.make(scenario)
    return flow.expected(made_, stuck=never(made_).visits > 0)


def work(by, **more):
    return {"handle": {"by": by, "work": "1h", **more}}


# ── each cause ──────────────────────────────────────────────────────────────────────────────────────

CALENDARS = {"morning": "Mo-Su 08:00-12:00", "afternoon": "Mo-Su 13:00-17:00", "evening": "Mo-Su 18:00-20:00", "before": "2022 May 01 22:00-02:00", "monday": "Mo 08:00-12:00"}
MISSED = {"at": "unit", "hours": "monday", "windows": [{"from": "2022-05-03", "to": "2022-05-07"}]}  # never there on a Monday
FEW = "stages.handle asks for 2 of teams.desk at once, and there are never so many for 1,000 of 1,000 residents (100.00%): " + NEVER
APART = "stages.handle: for 1,000 of 1,000 residents (100.00%) those who are to come together are never there at the same time: " + NEVER
ABSENT = "stages.handle: teams.desk is never there for 1,000 of 1,000 residents (100.00%) in hours in which it may start: " + NEVER
TWO_HALVES = {"a": {"at": "unit", "windows": [{"to": "2022-05-06"}]}, "b": {"at": "unit", "windows": [{"from": "2022-05-06"}]}}
BOTH = {"teams": {"desk": {"at": "unit"}, "b": {"at": "unit"}}}
LOOK = {"look": {"by": "desk", "work": "1h"}}
CAUSES = [
    pytest.param(work({"team": "desk", "people": 2}), {}, [FEW], id="two of a team of one"),
    pytest.param(work({"team": "desk", "people": 2}), {"teams": {"desk": {"at": "unit", "people": {"roster": {"2022-05-02": 1, "2022-05-09": 2}}}}}, [], id="two from the second week on"),
    pytest.param(work({"all": ["desk", {"team": "desk", "at": "unit"}]}), {"teams": {"desk": {"at": "unit"}}}, [FEW], id="twice one of a team of one, in two ways"),
    pytest.param(work({"all": ["desk", {"team": "desk", "at": "unit"}]}), {"teams": {"desk": {"at": "unit", "people": 2}}}, [], id="twice one of a team of two"),
    pytest.param(work({"all": ["a", "b"]}), {"teams": {"a": {"at": "unit", "hours": "morning"}, "b": {"at": "unit", "hours": "afternoon"}}}, [APART], id="calendars that never meet"),
    pytest.param(work({"all": ["a", "b"]}), {"teams": TWO_HALVES}, [APART], id="windows that never meet"),
    pytest.param(
        work({"all": ["a", "b"]}), {"teams": {"a": {"at": "unit", "people": {"roster": {"2022-05-02": 1, "2022-05-06": 0}}}, "b": TWO_HALVES["b"]}}, [APART], id="a roster and a window that never meet"
    ),
    pytest.param(work({"any": ["a", "b"]}), {"teams": TWO_HALVES}, [], id="one of two that never meet"),
    pytest.param(work({"each": ["a", "b"]}), {"teams": TWO_HALVES}, [], id="each in its own time"),
    pytest.param(
        work({"team": "desk", "people": 2}, hours="duty"),
        {"teams": {"desk": {**MISSED, "people": 2, "duty": {"hours": "evening", "people": 1}}}},
        [ABSENT],
        id="two on duty of whom one is at a time",
    ),
    pytest.param(work("desk"), {"teams": {"desk": {**MISSED, "duty": "evening"}}}, [ABSENT], id="on duty only, which the stage does not use"),
    pytest.param(work("desk", hours={"on_call": 0.5, "on_call_hours": "morning"}), {"teams": {"desk": MISSED}}, [], id="on call only"),
    pytest.param(
        work("desk", gate={"opens": "before"}), {}, ["stages.handle: its gate does not open in the period: for 1,000 of 1,000 residents (100.00%) it can never start there"], id="a gate that never opens"
    ),
    pytest.param({**LOOK, "handle": {"by": {"all": [{"team": "b", "same_as": "look"}, "desk"]}, "work": "1h"}}, BOTH, [FEW], id="the same person and another of a team of one"),
    pytest.param(
        {**LOOK, "handle": {"by": {"all": [{"team": "b", "same_as": "look"}, "desk"]}, "work": "1h"}}, {"teams": {"desk": {"at": "unit", "people": 2}, "b": {"at": "unit"}}}, [],
        id="the same person and another of a team of two",
    ),
    pytest.param(
        {**LOOK, "handle": {"by": {"all": [{"team": "b", "same_as": "look"}, "c"]}, "work": "1h"}},
        {"teams": {"desk": {"at": "unit", "hours": "morning"}, "b": {"at": "unit"}, "c": {"at": "unit", "hours": "afternoon"}}}, [APART], id="the same person and somebody whom they never meet",
    ),
    pytest.param(
        {"handle": {"by": {"any": ["desk"], "read": ["b"]}, "work": "1h"}},
        {"teams": {"desk": {"at": "unit"}, "b": MISSED}},
        ["stages.handle: teams.b is never there to read its copy, for 1,000 of 1,000 residents (100.00%)"],
        id="a copy that nobody can ever read",
    ),
    pytest.param(
        work("desk", due="end_of_duty"),
        {"teams": {"desk": {"at": "unit"}}},
        ["stages.handle: its due at the end of duty never comes for 1,000 of 1,000 residents (100.00%), because teams.desk never goes home in the period"],
        id="end of duty of a team that never goes home",
    ),
    pytest.param(
        work("desk", due={"opening": "before"}), {}, ["stages.handle: its due never comes for 1,000 of 1,000 residents (100.00%), because its calendar does not open in the period"],
        id="a due at an opening that never comes",
    ),
    pytest.param(
        work({"team": "desk", "people": 2}, due={"at": "1 day", "then": "close"}), {}, [FEW.replace(NEVER, "it never starts there, only its due ends it")], id="a due ends what never starts"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("stages", "more", "warnings"), CAUSES)
def test_what_can_never_start_is_told_with_the_residents_concerned(stages, more, warnings):
    """Each cause by hand, and its counterpart that may start."""
    assert minded(stages, calendars=CALENDARS, **more) == warnings


@pytest.mark.parametrize(("stages", "more", "warnings"), CAUSES)
def test_a_run_agrees(stages, more, warnings):
    """What is told never starts in a run, and what is not told does."""
    run = Run(written(stages, tuple(f"{day} 07:00" for day in ("Mo", "Tu", "We", "Sa", "Mo2", "Tu2")), calendars=CALENDARS, days=21, **more))
    rows = [row for row in run.rows("visits") if row.stage == "handle" and row.part == (-1 if "copy" in str(warnings) else 0)]

    assert rows
    assert any(row.started >= 0 for row in rows) == (not warnings or ("due" in warnings[0] and "starts" not in warnings[0]))


# ── where, and for whom ─────────────────────────────────────────────────────────────────────────────

def village(tmp_path, by, **more):
    """Two units: one of 300 residents and one person, one of 700 and two people."""
    (tmp_path / "nodes.csv").write_text("node,level,parent,residents,desk\ns,street,,,0\na,unit,s,300,1\nb,unit,s,700,2\n", encoding="utf-8")
    data = written(work(by, **more), classes={"matter": {"arrivals": {"rate": 4}}}, levels={"unit": {}, "street": {}}, teams={"desk": {"at": "unit"}})
    return simgov.build({**{k: v for k, v in data.items() if k != "residents"}, "nodes": "nodes.csv"}, folder=tmp_path)


def test_it_is_told_where(tmp_path):
    """Two people are asked for: where one is, 300 of 1,000 residents live, and 30 % of visits can never start; all that can are closed."""
    scenario = village(tmp_path, {"team": "desk", "people": 2})
    made_ = plan.make(scenario)
    found = flow.expected(made_, stuck=never(made_).visits > 0)

    assert mind(made_) == [FEW.replace("1,000 of 1,000 residents (100.00%)", "300 of 1,000 residents (30.0%)")]
    assert found.stuck[0] == pytest.approx([0.3])
    assert found.closing[0] == pytest.approx([0.7])
    assert found.work == pytest.approx([4 * 0.7 * 2])
    assert line(told(scenario), "implied") == "implied matter 28 a week, can never start here 30.0%, closed here 70.0%"
    assert "300" in say(mind(made_)[0], "zh")


def test_nothing_is_closed_where_nothing_can_start():
    """Two of a team of one: nothing is closed there, and nothing goes on to the next stage."""
    text = told(simgov.build(written({**work({"team": "desk", "people": 2}, outcomes={"closed": 0.5}), "more": {"by": "desk", "work": "1h"}})))

    assert "closed here" not in text
    assert line(text, "implied").endswith("can never start here 100.0%")
    assert "Warnings" in text


def test_what_the_due_moves_on_goes_on():
    """What can never start leaves by its due: all of it is closed at the stage after."""
    stages = {**work({"team": "desk", "people": 2}, due={"at": "1 day", "then": {"move": "more"}}), "more": {"by": "desk", "work": "1h"}}
    found = stuck(stages)

    assert found.visits[0, 0] == pytest.approx(found.visits[0, 1])
    assert found.closing[0].tolist() == pytest.approx([0, 1])
    assert found.stuck[0].tolist() == pytest.approx([1, 0])


def test_it_is_told_for_which_classes():
    """Only one class asks for two."""
    classes = {"a": matter("Mo 09:00"), "b": matter("Mo 09:00")}
    found = minded(work({"a": {"team": "desk", "people": 2}, "b": "desk"}), classes=classes)

    assert found == [FEW.replace("stages.handle", "stages.handle (a)")]


@pytest.mark.parametrize(("join", "told_"), [(0.5, False), (1, True), (0.51, True)])
def test_a_split_is_stuck_when_too_few_of_its_parts_can_be_done(join, told_):
    """One of two parts can be done: that is enough for half of them."""
    teams = {"a": {"at": "unit"}, "desk": MISSED}
    found = minded(work({"each": ["a", "desk"], "join": join}), teams=teams, calendars=CALENDARS)

    assert found == ([ABSENT] if told_ else [])


def test_in_chinese():
    """Every warning is said in Chinese."""
    for stages, more, warnings in (case.values for case in CAUSES):
        for text in minded(stages, "zh", calendars=CALENDARS, **more):
            assert "never" not in text
        assert len(minded(stages, "zh", calendars=CALENDARS, **more)) == len(warnings)


# ── against runs ────────────────────────────────────────────────────────────────────────────────────


def agree(data):
    """No visit, part or copy starts in a run that is said to be impossible; returns how many visits were."""
    run = Run(data)
    found, homes, impossible = never(run.plan), run.journal.incidents.home, 0
    visits, incidents = run.journal.visits, run.journal.incidents.incident
    home = homes[np.searchsorted(incidents, visits.incident)]
    whole = visits.part == 0
    told_ = found.visits[visits.step, home] > 0
    steps = run.plan.procedure.steps
    each = steps.mode[visits.step] == plan.Mode.EACH
    assert not (whole & told_ & ~each & (visits.started >= 0)).any()
    assert not (whole & told_ & each & (visits.finished >= 0)).any()
    for row in np.flatnonzero(visits.part < 0).tolist():
        reader = int(steps.first_reader[visits.step[row]] - 1 - visits.part[row])
        if reader in found.copies and found.copies[reader][home[row]]:
            assert visits.started[row] < 0
    return impossible + np.count_nonzero(whole & told_)


@given(data=scenarios(None))
@settings(max_examples=30)
def test_no_run_starts_what_can_never_start(data):
    """In any scenario."""
    agree(data)


@pytest.mark.nightly
def test_no_run_starts_what_can_never_start_at_night():
    """In very many, of which some have something impossible."""
    assert sum(agree(made("usual", None, number)) for number, _ in enumerate(seeds("never", 20, AT_NIGHT))) > 0
