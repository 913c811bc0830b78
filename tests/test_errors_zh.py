"""Whoever reads Chinese can read what is wrong: every error is said in Chinese, with the file, line, path and hint of the English one."""

from __future__ import annotations

import ast
import pickle
import re

import pytest
from click.testing import CliRunner

from simgov import errors
from simgov.cli import main
from simgov.errors import Problem, ScenarioError, UsageError, in_full, nearest, reason
from simgov.language import AND, OR, message, recognised, say, together, update
from simgov.scenario import build, load, yaml_text
from simgov.study import policies
from simgov.workers import carry_out

RAISED = {"KeyError", "AttributeError", "ValueError", "TypeError", "OSError", "AssertionError"}  # of Python: for who programs, or caught and said by one of ours
SAID_AT = {"Problem": 1, "_fail": 2}  # which argument is the sentence
NOT_OURS = {"PydanticCustomError"}  # what `complain` makes
SCENARIO = """\
schema: 1
period: [2022-05-01, 2022-08-01]
residents: 1000
levels: {unit: 40, grid: 3}
calendars:
  office: Mo-Fr 08:30-17:30
teams:
  leader: {at: unit, hours: office}
  worker: {at: grid}
classes:
  event: {arrivals: {rate: 0.5}, enters: prehandle}
stages:
  prehandle: {by: leader, work: 30 min, outcomes: {closed: 0.8}}
  handle: {by: worker, work: {lognormal: {median: 1h, sigma: 0.8}}, outcomes: {closed: 1}}
"""
BROKEN = [  # what is written instead of what; the Chinese line, without the name of the file
    ("at: unit,", "at: unitt,", "8: teams.leader.at: 没有名为“unitt”的层级；是否指“unit”？"),
    ("hours: office", "hours: nights", "8: teams.leader.hours: 没有名为“nights”的日历；可用的有：office、always"),
    ("residents: 1000", "resident: 1000", "3: resident: 没有名为“resident”的键；是否指“residents”？"),
    ("residents: 1000", "residents: -5", "3: residents: 应不小于 0，现为-5"),
    ("closed: 1}", "closed: 1.2}", "14: stages.handle.outcomes.closed: 应不大于 1，现为1.2"),
    ("08:30-17:30", "08:30-1x:30", "6: calendars.office: 不是有效的开放时间，应形如“Mo-Fr 08:30-12:00,14:30-17:30; PH off”，现为“Mo-Fr 08:30-1x:30”（第 13 个字符处）"),
    ("work: 30 min", "work: 30", "13: stages.prehandle.work: 应为带单位的时长，如 30 min、8h 或 2 days，现为 30"),
    ("{median: 1h, sigma: 0.8}", "{median: 1h}", "14: stages.handle.work.lognormal: 除 median 或 mean 外，sigma、sd 和 p90 只能且必须给出一个"),
    ("rate: 0.5", "rate: 0.5, per: frm", "11: classes.event.arrivals.per: 应为'1000 residents'、'node'、'person'或'firm'，现为'frm'"),
    ("grid: 3}", "grid: x}", "4: levels.grid: 应为映射或整数，现为'x'"),
    ("2022-08-01]", "2022-02-30]", "2: period: 应为存在的日期，如 2022-05-01，现为'2022-02-30'"),
    ("closed: 0.8}", "closed: 0.8, handle: 0.4}", "13: stages.prehandle.outcomes: 概率之和为 1.2，大于 1"),
    ("{unit: 40, grid: 3}", "{unit: 40, grid: 3", "5: 不是有效的 YAML：此处应有 ',' 或 '}'，却是 ':'"),
    ("schema: 1\n", "schema: 1\nschema: 1\n", "2: 不是有效的 YAML：键 \"schema\" 重复，此处为 \"1\"（前面已写为 \"1\"）"),
]  # fmt: skip


def told(text, tmp_path, **more):
    """The lines about a scenario file in English and in Chinese."""
    file = tmp_path / "town.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file, **more)
    return [caught.value.say(lang).replace(str(file), "town.yaml").splitlines() for lang in ("en", "zh")]


def prose(line):
    """A Chinese line without where it is, what the file says and words of the language, which stay as they are."""
    return re.sub(r"^[^，；：]*?: |“[^”]*”|'[^']*'|\"[^\"]*\"|--\w+|`[^`]*`", "", line)


@pytest.mark.parametrize(("sound", "broken", "line"), BROKEN, ids=lambda text: text[:30])
def test_what_is_wrong_with_a_scenario_is_told_in_chinese(tmp_path, sound, broken, line):
    """The same file, line and path as in English, the name that was meant, and what to write instead."""
    assert SCENARIO.count(sound) >= 1
    english, chinese = told(SCENARIO.replace(sound, broken, 1), tmp_path)

    assert f"town.yaml:{line}" in chinese
    where = [re.match(r"town\.yaml:\d+: ([\w.\[\]]+: )?", text)[0] for text in english]
    assert [text.startswith(place) for text, place in zip(chinese, where, strict=True)] == [True] * len(english)


def test_no_english_sentence_is_left(tmp_path):
    """Apart from names and words of the language a Chinese line has no two English words one after the other."""
    for sound, broken, _ in BROKEN:
        for line in told(SCENARIO.replace(sound, broken, 1), tmp_path)[1]:
            assert not re.search(r"[a-z]{3,} [a-z]{2,}", prose(line)), line


def test_settings_and_changes_are_told_in_chinese(tmp_path):
    """What --set and a change make wrong names the setting, and why, all of it in Chinese."""
    english, chinese = told(SCENARIO, tmp_path, settings=["teams.leadr.people=2", "residents=x"])
    assert english == ["--set teams.leadr.people: there is no 'leadr' in teams; did you mean 'leader'?", "--set residents='x': makes residents wrong: must be a number, got 'x'"]
    assert chinese == ["--set teams.leadr.people：teams 中没有“leadr”；是否指“leader”？", "--set residents='x'：使 residents 出错：应为数，现为'x'"]

    changed = SCENARIO + "changes:\n  slow: {set: {residents: many}}\n"
    assert told(changed, tmp_path)[1] == ["town.yaml:16: changes.slow.set.residents: 使 residents 出错：应为数，现为'many'"]


def test_a_table_of_nodes_is_told_in_chinese(tmp_path):
    """The file and line of the table."""
    (tmp_path / "nodes.csv").write_text("node,level,parent,residents\nu1,unitt,g1,5\ng1,grid,,x\n", encoding="utf-8")
    text = SCENARIO.replace("residents: 1000\n", "").replace("{unit: 40, grid: 3}", "{unit: {}, grid: {}}\nnodes: nodes.csv")

    lines = told(text, tmp_path)[1]
    assert [line.rpartition("nodes.csv:")[2] for line in lines] == ["2: nodes: 没有名为“unitt”的层级；是否指“unit”？", "3: nodes: residents 应为不超过 1,000,000,000,000 的整数，现为“x”"]


def test_a_study_is_told_in_chinese(tmp_path):
    """What a policy makes wrong stands at the policy."""
    (tmp_path / "town.yaml").write_text(SCENARIO, encoding="utf-8")
    study = tmp_path / "study.yaml"
    study.write_text(
        "schema: 1\nscenario: town.yaml\npolicies:\n  now: {}\n  more:\n    set: {teams.leadr.people: 2}\n  late: {set: {stages.prehandle.work: soon}}\nmeasures: [{measure: closed}]\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioError) as caught:
        policies.load(study)

    assert caught.value.say("zh").replace(str(study), "study.yaml").splitlines() == [
        "study.yaml:6: policies.more.set.teams.leadr.people: teams 中没有“leadr”；是否指“leader”？",
        "study.yaml:7: policies.late.set.stages.prehandle.work: stages.prehandle.work='soon'：使 stages.prehandle.work 出错：应为带单位的时长，如 30 min、8h 或 2 days，现为“soon”",
    ]


# ── the command line ────────────────────────────────────────────────────────────────────────────────


def call(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_the_command_line_tells_in_the_language_of_the_command(tmp_path):
    """By --lang, or else the locale: the problems of a file, a single error, an unknown command."""
    file = tmp_path / "town.yaml"
    file.write_text(SCENARIO.replace("at: unit,", "at: unitt,"), encoding="utf-8")
    done = call("explain", file, "--lang", "zh")
    assert (done.exit_code, done.stderr.splitlines()) == (2, [f"{file}:8: teams.leader.at: 没有名为“unitt”的层级；是否指“unit”？", "有 1 处问题；未运行。"])
    assert call("explain", file, "--lang", "en").stderr.splitlines()[-1] == "1 problem; nothing was run."

    done = CliRunner().invoke(main, ["report", str(tmp_path / "none")], env={"LANGUAGE": "zh_CN"})
    assert done.exit_code == 2
    assert done.stderr.startswith("错误：")
    assert "没有“rum”这个命令；是否指“run”？" in call("rum", "--lang", "zh").stderr


# ── messages ────────────────────────────────────────────────────────────────────────────────────────


def test_lists_and_reasons_are_said_in_both_languages():
    """Joined parts stay messages, and so do the words of the system."""
    error = FileNotFoundError(2, "No such file or directory", "a.json")
    assert (together(["a", "b", "c"]), say(together(["a", "b", "c"]), "zh")) == ("a, b, c", "a、b、c")
    assert (together(["a", "b"], AND), say(together(["a", "b"], OR), "zh"), together([])) == ("a and b", "a或b", "")
    assert (reason(error), say(reason(error), "zh")) == ("No such file or directory", "没有这个文件或文件夹")
    assert (in_full(error), say(in_full(error), "zh")) == (str(error), "[Errno 2] 没有这个文件或文件夹：'a.json'")
    assert (nearest("x", []), say(nearest("x", "ab"), "zh")) == ("none is defined", "可用的有：a、b")
    assert say(together(["work", "queue"]), "zh") == "work、queue"  # names, though the catalogue has both words


def test_words_of_other_libraries_are_recognised():
    """The template that says most of a text; a text of none stays as it is."""
    known = ["must be greater than {least}", "must be greater than or equal to {least}"]
    assert recognised("must be greater than or equal to 0", known).text == known[1]
    assert recognised("must be greater than 0", known).values == {"least": "0"}
    assert recognised("must {be} braver", known) == "must {be} braver"


def test_the_system_says_what_it_said_before():
    """As a string an error is English: where, the path, and the sentence."""
    problem = Problem(("teams", "a"), message("unknown {what}", what=message("level")), "x.yaml", 3)
    assert (str(problem), problem.say("zh")) == ("x.yaml:3: teams.a: unknown level", "x.yaml:3: teams.a: unknown 层级")
    assert str(ScenarioError([problem, Problem((), "two")])) == "x.yaml:3: teams.a: unknown level\ntwo"


def _wrong(kind):
    if kind == "scenario":
        build({**yaml_text.value(SCENARIO), "residents": -1})
    raise UsageError(message("{path}: cannot be written: {why}", path="a", why=message("Permission denied")))


@pytest.mark.parametrize(("kind", "line"), [("usage", "a：无法写入：没有权限"), ("scenario", "residents: 应不小于 0，现为-1")])
def test_the_chinese_comes_out_of_a_worker(kind, line):
    """An error of another process can be said in Chinese still."""
    with pytest.raises(errors.SimgovError) as caught:
        list(carry_out(_wrong, [(kind,), (kind,)], 2))
    again = pickle.loads(pickle.dumps(caught.value))

    assert [line in error.say("zh") for error in (caught.value, again)] == [True, True]
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))


# ── the code ────────────────────────────────────────────────────────────────────────────────────────


def sentences(tree):
    """The argument that is the sentence, of every error, problem and complaint."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = 1 if name == "complain" and isinstance(node.func, ast.Attribute) else SAID_AT.get(name, 0)
        ours = name in SAID_AT or name == "complain" or (name.endswith("Error") and name not in RAISED | NOT_OURS)
        if ours and len(node.args) > place:
            yield node.args[place]


def bare(node, constants):
    """Whether it is a text that the catalogue does not know: an f-string, a glued or formatted one, or a constant outside message()."""
    if isinstance(node, ast.IfExp):
        return bare(node.body, constants) or bare(node.orelse, constants)
    if isinstance(node, ast.Name):
        return node.id in constants
    formatted = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return formatted or isinstance(node, (ast.JoinedStr, ast.BinOp)) or (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != "")


def test_every_error_takes_a_message():
    """No error that a user can cause is raised with a text that has no Chinese."""
    found, count = [], 0
    for path in sorted(update.PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {t.id for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Constant, ast.JoinedStr)) for t in node.targets if isinstance(t, ast.Name)}
        given = list(sentences(tree))
        count += len(given)
        found += [f"{path.relative_to(update.PACKAGE)}:{node.lineno}: {ast.unparse(node)[:80]}" for node in given if bare(node, constants)]

    assert found == []
    assert count > 250  # the control: they are seen
