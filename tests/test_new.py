"""`simgov new`: whatever is answered becomes a scenario that loads, explains and runs; what cannot be understood is asked again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from books import as_book, as_text, forms
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import simgov
from simgov import interview
from simgov.calendars import calendar, day_types
from simgov.cli import main
from simgov.errors import OutputError, ScenarioError
from simgov.explain import understand
from simgov.interview import UnclearError, reading
from simgov.interview.questions import RULES
from simgov.language import say
from simgov.scenario.origins import origin_of

TODAY = date(2026, 11, 22)
FEW = {"period": "2025-03-03 to 2025-03-17", "residents": 3000, "levels": "unit 20, grid 4, community 2, street 1"}
CHART = """\
id,parent,level,residents,unit leader,grid worker,police
East 1,East,unit,40,1,,
East 2,East,unit,35,2,,
West 1,West,unit,50,1,,
East,Town,grid,,,2,
West,Town,grid,,,1,
Town,,town,,,,6
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*args, typed=None):
    return CliRunner().invoke(main, ["new", *map(str, args)], input=typed)


def told(folder, lang="en", **answers):
    """The answers of a file, and the file."""
    from ruamel.yaml import YAML

    path = Path(folder) / "answers.yaml"
    YAML().dump(answers, path)
    return interview.answers_of(path, lang, TODAY)


def written(folder, lang="en", **answers):
    """The scenario that is written for some answers."""
    path = Path(folder) / "place.yaml"
    interview.save(told(folder, lang, **answers), path, overwrite=True)
    return simgov.load(path)


def origin(scenario, *path):
    return origin_of(path, scenario.origins)


# ── what is written ─────────────────────────────────────────────────────────────────────────────────


def test_enter_all_the_way(here):
    """Every default together is a scenario that runs, in which every number is an assumption; what comes next is printed."""
    done = call(typed="\n" * 12)

    assert done.exit_code == 0, done.output
    assert "simgov explain my_place.yaml" in done.output
    assert "simgov run my_place.yaml --change midnight" in done.output
    assert re.findall(r"^(\d+)\. ", done.output, re.MULTILINE) == [str(n) for n in range(1, 13)]
    scenario = simgov.load(here / "my_place.yaml")
    assert {found.kind for found in scenario.origins.values()} == {"assumption"}
    assert origin(scenario, "levels", "unit", "count").says == [220, 880]
    assert simgov.run(scenario, replications=1).value("collected") > 1000
    assert sorted(os.listdir(here)) == ["my_place.yaml"]


def test_what_was_answered_says_by_whom_and_when(tmp_path):
    """Answers are sources with who told them and when, the rest assumptions; yearly numbers become rates."""
    scenario = written(tmp_path, **FEW, teller="Street office", matters="incident 730, noise 73", departments="police 4, housing 3", reported="98.5 %")

    assert origin(scenario, "residents").says == "Street office, told at the start, 2026-11-22"
    assert origin(scenario, "teams", "grid_worker", "people").kind == "assumption"
    assert scenario.classes["incident"].arrivals.rate == pytest.approx(730 / 365.25 / 3, rel=1e-3)
    assert (scenario.label("classes", "incident", "zh"), scenario.label("classes", "noise", "zh")) == ("一般事件", "noise")
    assert (scenario.teams["police"].people.each, scenario.teams["police"].levels) == (4, ["street"])
    assert {"police_handle", "housing_handle"} <= set(scenario.stages["community_triage"].outcomes["other"])
    assert (scenario.targets[0].value, scenario.targets[0].rounding) == (0.985, 0.0005)
    assert scenario.stages["unit_handle"].span.reference == 150


@pytest.mark.parametrize(
    ("levels", "at"),
    [
        ("unit 9, grid 3, community 1, street 1", ["unit", "grid", "community", "street"]),
        ("grid 6, village 2, town 1, county 1", [None, "grid", "village", "town"]),
        ("unit 9, grid 3", ["unit", "unit", "grid", "grid"]),
        ("community 2", [None, None, "community", "community"]),
        ("stair 9, block 4, quarter 2, borough 1", ["stair", "block", "quarter", "borough"]),
    ],
)
def test_tiers_are_found_by_name_or_by_place(tmp_path, levels, at):
    """The community is found by its name, or stands above the grids, or is the third level; the others stand around it, or are not there."""
    if levels == "unit 9, grid 3":
        at = [None, "unit", "grid", "grid"]
    answers = told(tmp_path, **FEW | {"levels": levels})
    found = [answers.level_of(tier) for tier in ("unit_leader", "grid_worker", "community_staff", "departments")]

    assert [level and level.key for level in found] == at
    assert ("unit_leader" in answers) == (at[0] is not None)
    interview.save(answers, tmp_path / "place.yaml")


def test_chinese(tmp_path):
    """Chinese answers are understood, comments and labels are Chinese, and labels of the field have English beside them."""
    scenario = written(
        tmp_path, "zh", place="西街社区", teller="综治中心", period="2025-03-03 至 2025-03-17", levels="网格 4、村 2、镇 1", residents="1.2万",
        grid_worker="2，周一至周六 08:00-12:00，14:00-18:00", community_staff="3 工作时间", matters="一般事件 500、噪音 60", rule="当日零点前研判", departments="派出所 4", reported="至少 90%",
    )  # fmt: skip

    assert scenario.residents == 12_000
    assert scenario.title.say("en") == "西街社区"
    assert list(scenario.levels) == ["grid", "village", "town"]
    assert scenario.calendars["grid_worker_hours"].hours == "Mo-Sa 08:00-12:00,14:00-18:00"
    assert (scenario.label("teams", "police", "en"), scenario.label("teams", "police", "zh")) == ("police", "派出所")
    assert list(scenario.classes)[:2] == ["incident", "噪音"]
    assert scenario.in_force == ("midnight",)
    assert scenario.targets[0].at_least == 0.9
    text = (tmp_path / "place.yaml").read_text(encoding="utf-8")
    assert "# ── 流程 ──" in text
    assert "综治中心，建立情景时提供，2026-11-22" in text
    assert simgov.run(scenario, replications=1).value("collected") > 0


def test_answers_as_an_official_writes_them(tmp_path):
    """Chinese dates, measure words behind numbers, hours of one digit and a rule in part of its own words are understood."""
    scenario = written(
        tmp_path, "zh", period="2025年3月3日到2025年3月17日", levels="网格 4个、社区 2个、街道 1个", residents="3.2万人",
        community_staff="6人，周一到周五 8:30-17:30", matters="一般事件1500件、矛盾纠纷60件", rule="当日零点前",
    )  # fmt: skip

    assert (str(scenario.period.start), str(scenario.period.end)) == ("2025-03-03", "2025-03-17")
    assert scenario.residents == 32_000
    assert (scenario.teams["community_staff"].people.each, scenario.calendars["community_staff_hours"].hours) == (6, "Mo-Fr 08:30-17:30")
    assert scenario.classes["incident"].arrivals.rate == pytest.approx(1500 / 365.25 / 32, rel=1e-3)
    assert scenario.in_force == ("midnight",)


SPRING = (date(2025, 3, 3), date(2025, 6, 3))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mo-Fr 08:00-12:00; Sa-Su,PH off", "Mo-Fr 08:00-12:00; Sa-Su,PH off"),
        ("Mo-Fr 08:00-12:00, 14:00-16:00; PH off", "Mo-Fr 08:00-12:00,14:00-16:00; PH off"),
        ("Mo, PH, We 9:00-10:00", "Mo,PH,We 09:00-10:00"),
        ("Mo 09:00-10:00, Mo 10:00-11:00", "Mo 09:00-10:00,Mo 10:00-11:00"),
        ("working days 8:00 to 12:00; public holidays off", "Mo-Fr 08:00-12:00; PH off"),
        ("周一至周五 8:00-12:00；周六至周日、节假日休息", "Mo-Fr 08:00-12:00; Sa-Su,PH off"),
        ("工作日 17:00-20:00；周六、周日、法定节假日 8:00-20:00", "Mo-Fr 17:00-20:00; Sa,Su,PH 08:00-20:00"),
        ("周一到周五 8:00-12:00；法定节假日休息；周三休息", "Mo-Fr 08:00-12:00; PH off; We off"),
    ],
)
def test_hours_are_those_of_a_scenario(text, meant):
    """Hours are asked in the grammar of a scenario, holidays anywhere in a list included, or in its Chinese words."""
    written = reading.hours(text, SPRING)
    types = day_types("CN", *SPRING)

    assert re.sub(r" ?([,;]) ?", r"\1", written) == re.sub(r" ?([,;]) ?", r"\1", meant)
    assert calendar(written, SPRING[0], 92, types) == calendar(meant, SPRING[0], 92, types)


@pytest.mark.parametrize(("text", "rule"), [("24小时内", "clock_24h"), ("17:30前受理的", "cut_off"), ("仅工作时间", "off"), ("within 24 hours", "clock_24h"), ("Midnight", "midnight")])
def test_a_rule_in_words(text, rule):
    """A part of what only one rule means names it, in both languages; what all of them say names none."""
    assert reading.choice(text, RULES) == rule
    with pytest.raises(UnclearError, match="give one of cut_off"):
        reading.choice("研判", RULES)


def test_questions_are_numbered_as_they_come(here):
    """A question that is not asked leaves no gap in the numbers."""
    done = call(typed="\n\n\ngrid 2\n900\n" + "\n" * 7)

    numbers = re.findall(r"^(\d+)\. ", done.output, re.MULTILINE)
    assert numbers == [str(n + 1) for n in range(len(numbers))]
    assert len(numbers) < len(interview.QUESTIONS)


names = st.text("abcdefgh 街区村事员x-'\"#{}", min_size=1, max_size=12).map(str.strip).filter(bool)
pairs = st.lists(st.tuples(names, st.integers(0, 40)), min_size=1, max_size=3, unique_by=lambda pair: pair[0])


def joined(found):
    return ", ".join(f"{name} {count}" for name, count in found)


@st.composite
def trees(draw):
    chosen = draw(st.lists(st.sampled_from(["unit", "grid", "community", "village", "street", "层", "ward 'x'"]), min_size=1, max_size=4, unique=True))
    return joined(zip(chosen, sorted(draw(st.lists(st.integers(1, 12), min_size=len(chosen), max_size=len(chosen))), reverse=True), strict=True))


@given(
    st.fixed_dictionaries(
        {"period": st.just("2025-03-03 to 2025-03-11"), "residents": st.integers(1, 5000)},
        optional={
            "place": names, "teller": names, "levels": trees(), "matters": pairs.map(joined), "departments": pairs.map(joined),
            "unit_leader": st.sampled_from(["1", "0, office", "2, every day 18:00-20:00"]), "community_staff": st.sampled_from(["3, Mo-Su 22:00-06:00", "1 Mo 08:00-09:00"]),
            "rule": st.sampled_from(["cut_off", "midnight", "clock_24h", False]), "reported": st.sampled_from(["none", "99.28 %", "100", "at least 3"]),
        },
    ),
    st.sampled_from(["en", "zh"]),
)  # fmt: skip
@settings(max_examples=6)
def test_whatever_is_understood_runs(tmp_path_factory, answers, lang):
    """Answers are refused with a message, or the scenario loads, explains in both languages and runs on the readable engine."""
    folder = tmp_path_factory.mktemp("place")
    problems = ()
    try:
        scenario = written(folder, lang, **answers)
    except ScenarioError as error:
        problems = error.problems
    if problems:
        assert all(problem.path and problem.line for problem in problems), problems
        assert not (folder / "place.yaml").exists()
        return

    for language in ("en", "zh"):
        understand(scenario, Console(file=StringIO()), language)
    assert simgov.run(scenario, replications=1, engine="simpy").replications == 1


# ── an org chart ────────────────────────────────────────────────────────────────────────────────────


def test_a_table_of_the_tree(here):
    """Levels, residents and people come from the table; only hours are asked of teams that it counts, and its other teams are departments."""
    (here / "chart.csv").write_text(CHART, encoding="utf-8")
    done = call(typed="\n\n2025-03-03 2025-03-17\nchart.csv\nevery day 18:00-20:00\noffice\n3, office\nincident 500\noff\nnone\n")

    assert done.exit_code == 0, done.output
    assert "residents has it" not in done.output
    assert "Which departments" not in done.output
    assert sorted(os.listdir(here)) == ["chart.csv", "my_place.yaml", "my_place_nodes.csv"]
    scenario = simgov.load("my_place.yaml")
    assert list(scenario.levels) == ["unit", "grid", "town"]
    assert scenario.teams["police"].levels == ["town"]
    assert scenario.stages["unit_handle"].span.reference == pytest.approx(125 / 3, abs=0.1)
    result = simgov.run(scenario, replications=1)
    assert set(result.work["team"]) >= {"grid_worker", "community_staff", "police"}


def test_a_table_in_chinese(tmp_path):
    """Column names and levels may be Chinese, also as spreadsheets save them."""
    words = {"residents": "居民人数", "id,parent": "编号,parent", "parent": "上级", "level": "层级", "unit leader": "单元长", "grid worker": "网格员", "police": "派出所", "town,,": "镇,,", ",unit,": ",单元,", ",grid,": ",网格,"}
    text = CHART
    for english, chinese in words.items():
        text = text.replace(english, chinese)
    (tmp_path / "表.csv").write_text(text, encoding="utf-8-sig")

    scenario = written(tmp_path, "zh", levels="表.csv", period=FEW["period"])

    assert list(scenario.levels) == ["unit", "grid", "town"]
    assert scenario.label("teams", "police", "zh") == "派出所"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("residents", "people", "chart.csv: has no column residents; the columns id, parent, level and residents are needed"),
        ("East,Town", "East,Twon", "chart.csv:5: unknown parent 'Twon'; did you mean 'Town'?"),
        ("East 2,", "East 1,", "chart.csv:3: node 'East 1' stands in line 2 already"),
        ("unit,35", "unit,many", "chart.csv:3: residents must be a whole number up to 1,000,000,000,000, got 'many'"),
        ("Town,,town", "Town,East 1,town", "the levels"),
        (",2,\n", ",2,3\n", "chart.csv: police stands at several levels; give each level's people a column of their own"),
        ("unit leader,grid worker", "unit leader,unit leaders", "chart.csv: two of its names are one to simgov: unit leaders"),
    ],
)
def test_a_table_that_is_wrong_is_asked_again(here, old, new, message):
    """What is wrong with a table is said with its line, and the question comes again."""
    assert old in CHART
    (here / "chart.csv").write_text(CHART.replace(old, new), encoding="utf-8")
    done = call(typed="\n\n\nchart.csv\n")

    assert message in done.output
    assert "the answers end before “Which levels has it" in done.output


ROWS = [line.split(",") for line in CHART.splitlines()]


def test_a_table_in_whatever_form_gives_the_same_scenario(here):
    """Encodings, delimiters and a workbook give one and the same scenario, file by file."""
    made = set()
    for number, (_, raw) in enumerate(forms(ROWS)):
        (here / f"{number}").mkdir()
        (here / f"{number}" / "chart.xlsx").write_bytes(raw)
        written(here / f"{number}", levels="chart.xlsx", period=FEW["period"])
        made.add(((here / f"{number}" / "place.yaml").read_text(encoding="utf-8"), (here / f"{number}" / "place_nodes.csv").read_text(encoding="utf-8")))
    assert len(made) == 1


@pytest.mark.parametrize(("lang", "said"), [("en", "the table: rows that add up others are left out: 10"), ("zh", "表格：合计行已略去，行号：10")])
def test_what_was_taken_for_what_is_said(here, lang, said):
    """A chart as it comes from an office: a title, merged parents, a blank row, thousands, a total."""
    rows = [["East Town", *[""] * 6], *ROWS[:3], ["", *[""] * 6], ["West 1", "West", "unit", "１，０５０", "1.0", "", ""], *ROWS[4:], ["合计", "", "", "1125", "4", "3", "6"], ["", "", "", "", "", "", ""]]
    rows[3][1] = ""
    (here / "chart.xlsx").write_bytes(as_book(rows, change=lambda book, sheet: (sheet.merge_cells("A1:G1"), sheet.merge_cells("B3:B4"))))
    (here / "answers.yaml").write_text(f"levels: chart.xlsx\nperiod: {FEW['period']}\n", encoding="utf-8")
    done = call("p.yaml", "--answers", "answers.yaml", "--lang", lang)

    assert done.exit_code == 0, done.output
    assert said in done.output
    scenario = simgov.load("p.yaml")
    assert [row["residents"] for row in scenario.tables["p_nodes.csv"]] == ["40", "35", "1050", "", "", ""]
    assert [row["parent"] for row in scenario.tables["p_nodes.csv"]][:2] == ["East", "East"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,node,parent,level,residents", "chart.csv: the columns id and node are one to simgov; leave one of them"),
        ("id,parent,level,residents,居民人数", "chart.csv: the columns residents and 居民人数 are one to simgov; leave one of them"),
        ("id,parent,level,residents,residents", "chart.csv:1: columns 4 and 5 are both called 'residents'; leave one of them, or rename it"),
        ("id,parent,level,residents,police,派出所", "chart.csv: two of its names are one to simgov: 派出所"),
    ],
)
def test_two_columns_of_one_meaning_are_refused(here, header, said):
    """Neither of them wins in silence, whatever language they are in."""
    (here / "chart.csv").write_text(f"{header}\n{','.join('1' * (header.count(',') + 1))}\n", encoding="utf-8")
    assert said in call(typed="\n\n\nchart.csv\n").output


def test_what_is_wrong_is_told_with_the_line_of_the_file(here):
    """Also behind titles, blank rows and totals; and what is wrong in many rows is told once."""
    rows = [["East Town", *[""] * 6], [], *ROWS, *([f"W{i}", "Wst", "unit", "1", "", "", ""] for i in range(30))]
    (here / "chart.csv").write_bytes(as_text(rows))
    assert "chart.csv:10: unknown parent 'Wst'; did you mean 'West'? (the same in lines 11, 12, 13, 14, 15 and 24 more)" in call(typed="\n\n\nchart.csv\n").output


def test_a_name_like_a_formula_is_marked_in_the_copy(here):
    """The table that simgov writes may be opened in Excel; the scenario has the name as it was."""
    (here / "chart.csv").write_text(CHART.replace("East 1", "=East"), encoding="utf-8")
    scenario = written(here, levels="chart.csv", period=FEW["period"])

    assert "\n'=East,unit" in (here / "place_nodes.csv").read_text(encoding="utf-8")
    assert scenario.tables["place_nodes.csv"][0]["node"] == "=East"


# ── answers that are not understood ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("question", "wrong", "message"),
    [
        (3, "2026-02-30 to 2026-03-01", "give two dates that exist, the earlier one first, such as 2025-01-01 to 2026-01-01; not '2026-02-30 to 2026-03-01'"),
        (3, "2026-01-01 to 2025-01-01", "the earlier one first"),
        (4, "many units", "give names and whole numbers such as: unit 440, grid 33, community 1, street 1; not 'many units'"),
        (4, "unit 0", "each with at least one node"),
        (4, "unit 3, grid 5", "no more than the one below: unit 3, grid 5"),
        (4, "unit 3, units 2", "units stands there twice"),
        (4, "nowhere.csv", "nowhere.csv: cannot be read: No such file or directory"),
        (5, "a few", "give a whole number such as 12,000, not 'a few'"),
        (5, "0", "give a number from 1 to 1,000,000,000,000, not '0'"),
        (6, "two, office", "give a number and hours such as 2, Mo-Sa 08:00-12:00,14:00-18:00; not 'two, office'"),
        (7, "1, Mo-Fr 9 to 5", "give opening hours such as Mo-Fr 08:30-12:00,14:30-17:30; PH off, or the word office; not 'Mo-Fr 9 to 5'"),
        (7, "1, Mo-Fr 09:00-17:00, PH off", "not 'Mo-Fr 09:00-17:00, PH off': what follows a comma adds hours and cannot close; write off after a semicolon"),
        (7, "1, Mo 09:00-12:00, Mo 11:00-13:00", "two of its intervals overlap on"),
        (7, "1, 2021 Oct 04 09:00-17:00", "it is never open between"),
        (9, "incident 0", "at least one kind of matter must come at all"),
        (10, "midnigt", "midnight (triaged before midnight), clock_24h (triaged within 24 hours), off (office hours only); not 'midnigt'"),
        (12, "120 %", "give a rate in per cent such as 99.28 % or at least 90 %, or the word none; not '120 %'"),
        (1, "x" * 200, "give a name of at most 120 characters on one line"),
    ],
)
def test_a_bad_answer_is_asked_again(here, question, wrong, message):
    """One message says what to type, and the same question is open; nothing is written."""
    done = call(typed="\n" * (question - 1) + f"{wrong}\n")

    assert message in done.output
    assert f"the answers end before “{interview.QUESTIONS[question - 1].text}”" in done.output
    assert os.listdir(here) == []


def test_the_next_answer_counts(here):
    """After one that was not understood, the next one is taken."""
    done = call(typed="\n\n\ngrid 2\nmany\n900\n" + "\n" * 7)

    assert done.exit_code == 0, done.output
    assert simgov.load("my_place.yaml").residents == 900


def test_messages_are_chinese(here):
    """With --lang zh what is wrong is said in Chinese, and so is what comes next."""
    done = call("--lang", "zh", typed="\n\n\n单元\n\n很多\n" + "\n" * 8)

    assert "请输入名称和整数，如：单元 440、网格 33、社区 1、街道 1；而不是 '单元'" in done.output
    assert "请输入整数，如 12000 或 1.2万，而不是 '很多'" in done.output
    assert "simgov explain my_place.yaml --lang zh" in done.output


def test_all_that_is_wrong_with_a_file_of_answers(here):
    """A file of answers is judged as a whole, with lines; nothing is written."""
    (here / "answers.yaml").write_text("residents: none\nlevel: grid 3\nrule: off\nmatters: {incident: 0}\n", encoding="utf-8")
    done = call("--answers", "answers.yaml")

    assert done.exit_code == 2
    assert "answers.yaml:1: residents: give a whole number such as 12,000, not 'none'" in done.output
    assert "answers.yaml:2: level: unknown question; did you mean 'levels'?" in done.output
    assert "answers.yaml:4: matters: at least one kind of matter must come at all" in done.output
    assert os.listdir(here) == ["answers.yaml"]


def test_answers_that_do_not_go_together(tmp_path):
    """What only the scenario as a whole shows is told at the file that would have been written."""
    with pytest.raises(ScenarioError, match=r"place\.yaml:\d+: teams\.community_staff\.people: 900,000,000 people in all"):
        written(tmp_path, period=FEW["period"], residents=10**9, community_staff="900000000, office")

    assert os.listdir(tmp_path) == ["answers.yaml"]


@given(st.text(max_size=40))
@settings(max_examples=80)
def test_readers_understand_or_say_why(text):
    """No text makes a reader fail in another way."""
    days = (date(2025, 1, 1), date(2025, 3, 1))
    for read in (reading.name, reading.whole, lambda t: reading.counts(t, "a 1"), reading.period, lambda t: reading.hours(t, days), lambda t: reading.staff(t, days, False), reading.share):
        said = []
        try:
            read(text)
        except UnclearError as error:
            said = [error.say("en"), error.say("zh")]
        assert len(set(said)) == len(said)


# ── files ───────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_overwritten_unless_told(here):
    """A file that is there stays, and is said to be before anything is asked; --overwrite replaces it."""
    (here / "mine.yaml").write_text("old", encoding="utf-8")
    refused = call("mine.yaml", typed="")

    assert refused.exit_code == 2
    assert refused.output == "error: mine.yaml: is there already, and nothing was changed; name another file, or give --overwrite\n"
    assert (here / "mine.yaml").read_text(encoding="utf-8") == "old"
    assert call("mine.yaml", "--overwrite", typed="\n" * 12).exit_code == 0
    assert simgov.load("mine.yaml").residents == 10_000


@pytest.mark.parametrize(("file", "message"), [("mine.txt", "a scenario is a file that ends in .yaml"), ("no/mine.yaml", "cannot be written: there is no folder no")])
def test_places_where_nothing_can_be_written(here, file, message):
    """Where nothing can be written is said before the first question."""
    assert message in call(file, typed="").output


def test_a_table_that_cannot_be_followed_is_taken_back(tmp_path, monkeypatch):
    """The scenario and its table are written together or not at all."""
    (tmp_path / "chart.csv").write_text(CHART, encoding="utf-8")
    answers = told(tmp_path, levels="chart.csv", period=FEW["period"])
    move = os.replace

    def breaks(source, target):
        if str(target).endswith(".yaml"):
            raise PermissionError(13, "Permission denied")
        move(source, target)

    monkeypatch.setattr(os, "replace", breaks)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        interview.save(answers, tmp_path / "place.yaml")

    assert sorted(os.listdir(tmp_path)) == ["answers.yaml", "chart.csv"]


def test_the_end_of_the_input_is_said(here):
    """Answers that end early leave nothing, and the question that lacks one is named."""
    done = call(typed="A\nB\n")

    assert done.exit_code == 2
    assert "error: the answers end before “From which day to which?”; nothing was written\n" in done.output
    assert os.listdir(here) == []


def test_an_interruption_leaves_nothing(here):
    """Ctrl-C in the middle of the questions ends with 130 and an empty folder."""
    process = subprocess.Popen([sys.executable, "-c", "from simgov.cli import main; main()", "new"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdin.write("A place\n")
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith("2. "):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=80)

    assert process.returncode == 130
    assert "interrupted; nothing was written." in said
    assert os.listdir(here) == []


def test_every_question_has_what_it_needs():
    """Each question has an example and a default that its own reader understands, in both languages."""
    for lang in ("en", "zh"):
        answers = interview.conduct(lambda question, so_far, _: ("", question.read(question.suggested(so_far), so_far)), lang, TODAY)
        for question in interview.QUESTIONS:
            assert question.example
            assert question.text != say(question.text, "zh")
            if ".csv" not in question.example:
                question.read(say(question.example, lang).partition("，或")[0].partition(", or")[0], answers)
        assert len(answers.values) == len(interview.QUESTIONS)


def test_the_page_shows_what_works(here):
    """docs/new.md: its table names every question with an answer that is understood, its table of nodes and its file of answers are."""
    page = (Path(__file__).parents[1] / "docs" / "new.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL))
    shown = {key: re.findall(r"`([^`]+)`", examples) for key, examples in re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE)}
    (here / "answers.yaml").write_text(blocks["yaml"], encoding="utf-8")
    (here / "chart.csv").write_text(blocks["text"], encoding="utf-8")

    answers = interview.answers_of(here / "answers.yaml", "en", TODAY)
    assert list(shown) == [question.key for question in interview.QUESTIONS]
    for question in interview.QUESTIONS:
        for text in shown[question.key]:
            question.read(text, answers)
    exec(blocks["python"], {})
    assert simgov.load("west_street.yaml").in_force == ("midnight",)
    assert told(here, levels="chart.csv").residents == 75
