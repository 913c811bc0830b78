"""What `explain` says: the scenario as it was understood, what it implies, where its numbers come from, and what deserves a second look."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import street
from hypothesis import given, settings
from rich.console import Console
from strategies import scenarios
from world import HOUR, matter, written

import simgov
from simgov import flow, plan
from simgov.explain import mind, understand
from simgov.sources import numbers

DONGXING = Path(__file__).parents[1] / "scenarios/dongxing.yaml"
CHINESE = re.compile("[\u4e00-\u9fff]")


@cache
def dongxing():
    return simgov.load(DONGXING)


@cache
def dongxing_told(lang="en", every_number=False):
    return told(dongxing(), lang, every_number)


def told(scenario, lang="en", every_number=False):
    """What is printed, on a wide screen."""
    out = io.StringIO()
    understand(scenario, Console(file=out, width=240), lang, every_number)
    return out.getvalue()


def line(text, start):
    """The first line that begins with these words, without its blanks."""
    (found, *_) = [row for row in text.splitlines() if row.strip().startswith(start)]
    return " ".join(found.split())


def chances():
    """A chain with every kind of way on, by class."""
    stages = {
        "handle": {"by": "leader", "work": "1h", "outcomes": {"a": {"closed": 0.5, "again": 0.1}, "b": {"gone": 0.25}}},
        "look": {"by": {"all": ["leader", "desk"]}, "work": "2h", "due": {"at": "12h", "then": {"move": "again"}}, "outcomes": {"closed": 1}},
        "again": {"wait": "1 day", "outcomes": {"closed": 1}},
    }
    classes = {"a": matter("Mo 09:00", "Mo 09:00"), "b": matter("Mo 09:00"), "chore": matter("Mo 09:00", background=True, enters="again")}
    teams = {"leader": {"at": "unit"}, "desk": {"at": "unit", "people": 2, "hours": "office", "duty": "late"}}
    return simgov.build(written(stages, classes=classes, teams=teams, ends={"gone": {}}, calendars={"late": "Mo-Fr 17:30-21:00"}))


# ── what was understood ─────────────────────────────────────────────────────────────────────────────


def test_tree_and_teams():
    """Levels from the top with nodes, residents and children; teams with place, people, weekly hours, duty and load."""
    text = told(street.street())

    assert line(text, "street") == "street 1 1,000 2"
    assert line(text, "unit ") == "unit 2 500"
    assert line(text, "unit leader") == "unit leader unit 2 168 10.4%"  # 5 an hour's work a day over 48 hours
    assert line(text, "desk ").startswith("desk street 1 – 2 32.5 +17.5 h ")


def test_calendars_say_what_holidays_do():
    """For each calendar whether it has a rule for public holidays, and whether make-up workdays count for it."""
    meeting = {"hours": "Mo 09:00-10:00; PH off", "makeup_workdays": False}
    calendars = {"week": "Mo-Su 09:00-10:00", "bureau": "Mo-Fr 09:00-10:00; Sa-Su,PH off", "meeting": meeting, "[dim]": "Mo-Fr 10:00-11:00"}
    scenario = simgov.build(written({"look": {"by": "desk", "work": "1h"}}, calendars=calendars))
    text, chinese = told(scenario), told(scenario, "zh")

    assert line(text, "week ") == "week Mo-Su 09:00-10:00 as in any week as in any week"
    assert line(text, "bureau ") == "bureau Mo-Fr 09:00-10:00; Sa-Su,PH off its rule for PH as on a Monday"
    assert line(text, "meeting ") == "meeting Mo 09:00-10:00; PH off its rule for PH as in any week"
    assert line(text, "[dim] ").startswith("[dim] Mo-Fr 10:00-11:00")
    assert line(chinese, "bureau ") == "bureau Mo-Fr 09:00-10:00; Sa-Su,PH off 按节假日（PH）规则 按周一"
    assert line(chinese, "meeting ") == "meeting Mo 09:00-10:00; PH off 按节假日（PH）规则 与平日相同"


def test_demand():
    """Each class with its births a day and a year, and where it enters."""
    assert line(told(street.street()), "event") == "event 4 1,461 handling"


def test_the_procedure_as_a_chain():
    """Every stage with who, time, due and ways on; what is left over goes to the next stage."""
    text = told(chances())

    assert re.findall(r"^ +\d (\w+)", text, re.MULTILINE) == ["handle", "look", "again"]
    assert "a: closed 0.5, again 0.1, look 0.4; b: gone 0.25, look 0.75" in text
    assert "leader + desk" in text
    assert "work 2 h" in text
    assert "wait 1 d" in text
    assert "12 h → again" in text


def test_changes_in_force_and_available(tmp_path):
    """Each change says whether it is in force."""
    scenario = simgov.load(street.write(tmp_path), changes=["off", "help"])
    text = told(scenario)

    said = {name: line(text, name) for name in ("late", "off", "help", "slow")}
    assert [name for name, words in said.items() if words.endswith("in force")] == ["off", "help"]
    assert [name for name, words in said.items() if words.endswith("available")] == ["late", "slow"]
    assert said["off"].startswith("off (hours): office hours")


def test_chinese():
    """In Chinese every heading and label of the shipped scenario is Chinese."""
    text = dongxing_told("zh")

    for words in ("东星社区", "组织层级", "队伍", "需求", "流程", "数字的来源", "方案", "单元长", "矛盾纠纷", "研判"):
        assert words in text
    for words in ("Tree", "Teams", "Demand", "Procedure", "Changes", "in force"):
        assert words not in text
    assert not CHINESE.search(dongxing_told().partition("Where the numbers come from")[0])


# ── where numbers come from ─────────────────────────────────────────────────────────────────────────


def test_numbers_by_origin():
    """Sources are quoted by their facts, assumptions are counted and only listed when asked for; the counts add up to all numbers."""
    short, full = dongxing_told(), dongxing_told("en", True)

    counts = dict(reversed(pair.split(" ", 1)) for pair in re.search(r"Where the numbers come from: (.*)", short).group(1).split(", "))
    assert sum(map(int, counts.values())) == len(numbers(dongxing()))
    assert int(counts["assumption"]) > int(counts["source"]) > 0
    assert re.search(r"source +levels\.unit\.count = 439 +DX-09: \S+", short)
    assert not re.search(r"^ +assumption ", short, re.MULTILINE)
    assert len(re.findall(r"^ +assumption ", full, re.MULTILINE)) == int(counts["assumption"])


def test_a_shipped_scenario_has_no_number_without_an_origin():
    """Every number of Dongxing community says where it comes from."""
    assert "no origin" not in dongxing_told("en", True)


# ── what it implies ─────────────────────────────────────────────────────────────────────────────────


def test_expected_flow_by_hand():
    """Births, visits, closing shares and work a day of a chain with two ways and a class of its own."""
    found = flow.expected(plan.make(chances()))

    assert found.births == pytest.approx(np.array([2, 1, 1]) / 14)
    assert found.visits[0] * 14 == pytest.approx([2, 0.8, 0.2])
    assert found.visits[1] * 14 == pytest.approx([1, 0.75, 0])
    assert found.closing[0] == pytest.approx([0.5, 1, 1])
    assert found.work * 14 == pytest.approx([3 * 1 + 1.55 * 2, 1.55 * 2])


def test_expected_flow_of_a_loop():
    """Half go round again: two visits each."""
    stages = {"handle": {"wait": "1h", "outcomes": {"closed": 0.5, "handle": 0.5}}}
    found = flow.expected(plan.make(simgov.build(written(stages, ("Mo 09:00",)))))

    assert found.visits[0] * 14 == pytest.approx([2])


def test_expected_flow_against_a_run(tmp_path):
    """What explain implies is what runs do, difficulty included: visits and closings of each class at each stage within four standard errors."""
    days, replications = 60, 6
    text = street.TEXT.replace("2022-05-16]", "2022-07-01]").replace("difficulty: 1", "difficulty: 2")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    result = simgov.run(simgov.load(tmp_path / "s.yaml", ["teams.desk.hours=always", "teams.leader.people=9"]), replications=replications)
    found = flow.expected(result.plan)

    assert result.scenario.days == days
    for c in range(2):
        for s in range(2):
            seen = sum(((j.visits.cls == c) & (j.visits.stage == s)).sum() for j in result.journals)
            closed = sum(((j.visits.cls == c) & (j.visits.stage == s) & (j.visits.result == 0)).sum() for j in result.journals)
            mean = found.visits[c, s] * days * replications
            assert abs(seen - mean) < 4 * np.sqrt(mean)
            share = found.closing[c, s]
            assert abs(closed / seen - share) <= 4 * np.sqrt(share * (1 - share) / seen) + 1e-9


def test_expected_load_against_a_run(tmp_path):
    """The expected load of a team is the share of its regular hours in which it is engaged."""
    result = simgov.run(simgov.load(street.write(tmp_path), changes=["off"]), replications=20)
    load = float(re.search(r"([\d.]+)%$", line(told(result.scenario), "unit leader")).group(1)) / 100

    engaged, rostered = (result.value(name, team="leader") for name in ("engaged_hours", "rostered_hours"))
    assert engaged / rostered == pytest.approx(load, rel=0.1)


@pytest.mark.parametrize(
    "work", ["1h", {"exponential": "2h"}, {"lognormal": {"median": "1h", "sigma": 0.5}}, {"uniform": {"low": "1h", "high": "3h"}}]
)
def test_the_mean_of_a_table_is_the_mean_of_its_distribution(work):
    """The quantile table of a duration has the mean that its distribution says."""
    scenario = simgov.build(written({"handle": {"by": "desk", "work": work}}))
    made = plan.make(scenario)
    (row,) = {int(w) for w in made.procedure.steps.work.tolist() if w >= 0}

    assert flow.table_mean(made.procedure.tables[row]) == pytest.approx(scenario.stages["handle"].work["other"].mean(), rel=0.005)
    assert flow.table_mean(made.procedure.tables[row]) > HOUR / 2


@given(data=scenarios(None))
@settings(max_examples=15)
def test_any_scenario_can_be_explained(data):
    """Whatever can be run can be explained, in both languages, and names every stage, class and team."""
    scenario = simgov.build(data)

    for lang in ("en", "zh"):
        text = told(scenario, lang)
        for name in (*scenario.stages, *scenario.classes, *scenario.teams, *scenario.levels):
            assert name in text


# ── second looks ────────────────────────────────────────────────────────────────────────────────────


def minded(stages=None, **more):
    return mind(plan.make(simgov.build(written(stages or {"handle": {"by": "desk", "work": "1h"}}, **more))))


def test_nothing_to_mind():
    """A sound scenario has no warnings."""
    assert minded() == []


def test_a_team_of_nobody():
    """A team of nobody that is asked for makes people wait; the warning says so."""
    assert minded(teams={"desk": {"at": "unit", "people": 0}}) == ["teams.desk has nobody: whoever asks for it waits until a due moves it"]


def test_a_team_that_does_nothing():
    """A team that no stage asks for is named."""
    assert minded(teams={"desk": {"at": "unit"}, "idle": {"at": "unit"}}) == ["teams.idle does nothing: no stage asks for it"]


def test_calendars_that_share_too_little():
    """A joint visit of teams that share an hour a week is named with the number."""
    teams = {"early": {"at": "unit", "hours": "morning"}, "late": {"at": "unit", "hours": "noon"}}
    calendars = {"morning": "Mo 08:00-12:00", "noon": "Mo 11:00-15:00"}
    stages = {"handle": {"by": {"all": ["early", "late"]}, "work": "1h"}}

    assert minded(stages, teams=teams, calendars=calendars) == ["stages.handle: the calendars of its people share only 1 h a week"]


def test_holidays_that_nobody_knows_yet():
    """A period beyond the known make-up workdays is named with the last known year."""
    found = minded(period=["2031-05-01", "2031-06-01"], classes={"matter": {"arrivals": {"rate": 1}}}, public_holidays={"country": "CN"})

    assert len(found) == 1
    assert re.match(r"public holidays: make-up workdays are known up to 20\d\d only; list later ones under public_holidays", found[0])
