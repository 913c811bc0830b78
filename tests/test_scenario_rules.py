"""Rules that hold a scenario together: windows of changes, unlimited teams, targets."""

import pytest

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.errors import ScenarioError
from simgov.scenario import build

WINDOW = ["2022-05-04", "2022-05-06"]


def small(**parts):
    data = {
        "schema": 1,
        "period": ["2022-05-02", "2022-05-16"],
        "public_holidays": {"country": ""},
        "residents": 1000,
        "levels": {"unit": 2},
        "calendars": {"mondays": "Mo 09:00-10:00"},
        "teams": {"desk": {"at": "unit"}},
        "classes": {"matter": {"arrivals": {"rate": 2}, "enters": "handle"}},
        "stages": {"handle": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}}},
    }
    return {**data, **parts}


def scenario(**changed):
    return build(
        small(
            period=["2022-05-02", "2022-05-09"],
            levels={"unit": 1},
            calendars={"meeting": "Mo-Su 09:00-10:00"},
            classes={"matter": {"arrivals": {"list": [{"at": f"2022-05-0{day} 08:00"} for day in range(2, 9)]}, "enters": "handle"}},
            stages={"handle": {"gate": "meeting", "by": "desk", "work": "1h", "outcomes": {"closed": 1}}},
            changes={"later": {"set": changed, "window": WINDOW}},
            apply=["later"],
        )
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [("residents", 5), ("levels.unit", 2), ("classes.matter.difficulty", 1), ("classes.matter.background", True), ("teams.desk.skill", 1)],
)
def test_what_is_drawn_for_the_whole_period_cannot_change_in_a_window(path, value):
    """A window that would change births, places or traits is refused by name, because it would silently do nothing."""
    with pytest.raises(ScenarioError, match=rf"changes.later: a change with a window cannot change {path}"):
        scenario(**{path: value})


def test_a_calendar_may_change_in_a_window():
    """A gate whose calendar has other hours in a window opens at them for what is found in the window, and only for that."""
    made = plan.make(scenario(**{"calendars.meeting": "Mo-Su 14:00-15:00"}))

    journal = simulate(made, draws.make(made, 1, 0))

    admitted = [second % 86_400 // 3_600 for second in journal.visits.admitted.tolist()]
    assert admitted == [9, 9, 14, 14, 9, 9, 9]


def test_an_unlimited_team_has_no_windows():
    """Windows of a team that is always there would be ignored, so they are refused."""
    with pytest.raises(ScenarioError, match=r"teams.desk.windows: an unlimited team is always there"):
        build(
            {
                "schema": 1,
                "period": ["2022-05-02", "2022-05-09"],
                "levels": {"unit": 1},
                "teams": {"desk": {"at": "unit", "people": "unlimited", "windows": [WINDOW]}},
                "classes": {"matter": {"arrivals": {"list": []}, "enters": "handle"}},
                "stages": {"handle": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}}},
            }
        )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"measure": "cohort_closure", "value": 0.9}, r"targets\[0\].where: must say which days; known: 1, 3, 7, 30"),
        ({"measure": "cohort_closure", "where": {"days": 5}, "value": 0.9}, r"there is no row for days '5'"),
        ({"measure": "headline_closure", "where": {"clas": "all"}, "value": 0.9}, r"not told apart by 'clas'; did you mean 'class'\?"),
        ({"measure": "headline_closure", "where": {"class": "mater"}, "value": 0.9}, r"'mater'; did you mean 'matter'\?"),
    ],
)
def test_a_target_names_one_row(target, message):
    """A target that names no row of its measure, or several, is refused before anything runs."""
    data = dict(scenario().data)
    with pytest.raises(ScenarioError, match=message):
        build({**data, "targets": [target]})


@pytest.mark.parametrize(
    ("data", "settings", "changes", "message"),
    [
        (small(warm_up="14 days"), {}, [], r"warm_up: is as long as the whole period of 14 days"),
        (small(changes={"a": {"set": {"teams.desk.people": 2}}}), {"apply": ["a"]}, [], r"--set apply: .* --change NAME"),
        (
            small(changes={"a": {"set": {"teams.desk.people": 2}, "window": WINDOW}}),
            {"teams.desk.people": 9},
            ["a"],
            r"--set teams.desk.people: the change 'a' in force sets teams.desk.people in its window",
        ),
        (
            small(changes={"a": {"set": {"teams.desk.people": 2}, "window": ["2023-05-04", "2023-05-06"]}}),
            {},
            ["a"],
            r"changes.a.window: lies outside the period",
        ),
        (small(targets=[{"measure": "headline_closure", "value": 90}]), {}, [], r"is a share between 0 and 1: write 0.9 for 90 %, got 90"),
    ],
)
def test_what_would_do_nothing_is_refused(data, settings, changes, message):
    """Input that would silently be ignored, or cannot be meant, is an error with its reason."""
    with pytest.raises(ScenarioError, match=message):
        build(data, settings, changes)

    build({**data, "warm_up": 0, "targets": []})  # the control: without it the scenario is sound


def test_explain_warns_of_residents_nobody_serves():
    """Residents above whom nobody of a team is found are counted in a warning."""
    from simgov.explain import mind

    half = small(teams={"desk": {"at": "unit", "people": {"each": 1, "share": 0.5}}})

    assert "teams.desk: 500 of 1,000 residents have nobody of it; what asks for it there waits until a due moves it" in mind(plan.make(build(half)))
    assert mind(plan.make(build(small()))) == []


def test_explain_warns_of_narrow_gates():
    """A gate that lets fewer through than come to it is named, with both numbers."""
    from simgov.explain import mind

    handle = {"gate": {"opens": "mondays", "takes": 3}, "by": "desk", "work": "1h", "outcomes": {"closed": 1}}

    assert mind(plan.make(build(small(stages={"handle": handle})))) == ["stages.handle: 14 a week come to gates that let 6 through"]
    assert mind(plan.make(build(small(stages={"handle": {**handle, "gate": {"opens": "mondays", "takes": 30}}})))) == []


def test_a_result_is_run_again_from_its_folder(tmp_path):
    """`simgov.again` takes the folder of a result and gives the same journals."""
    import simgov

    first = simgov.run(build(small()), replications=2, seed=5)
    first.save(tmp_path / "r")

    second = simgov.again(tmp_path / "r")

    assert all(a.same_as(b) for a, b in zip(first.journals, second.journals, strict=True))
    with pytest.raises(simgov.SimgovError, match="is no result of simgov"):
        simgov.again(tmp_path)
