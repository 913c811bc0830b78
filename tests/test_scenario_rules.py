"""Rules that hold a scenario together: windows of changes, unlimited teams, targets."""

import pytest

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.errors import ScenarioError
from simgov.scenario import build

WINDOW = ["2022-05-04", "2022-05-06"]


def scenario(**changed):
    data = {
        "schema": 1,
        "period": ["2022-05-02", "2022-05-09"],
        "public_holidays": {"country": ""},
        "residents": 1000,
        "levels": {"unit": 1},
        "calendars": {"meeting": "Mo-Su 09:00-10:00"},
        "teams": {"desk": {"at": "unit"}},
        "classes": {"matter": {"arrivals": {"list": [{"at": f"2022-05-0{day} 08:00"} for day in range(2, 9)]}, "enters": "handle"}},
        "stages": {"handle": {"gate": "meeting", "by": "desk", "work": "1h", "outcomes": {"closed": 1}}},
        "changes": {"later": {"set": changed, "window": WINDOW}},
        "apply": ["later"],
    }
    return build(data)


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
