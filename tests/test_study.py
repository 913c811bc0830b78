"""Studies: files that are understood or refused in clear words, and comparisons that are fair, precise, and never lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import street
from click.testing import CliRunner
from test_workers import cluster

import simgov
from simgov.cli import main
from simgov.errors import OutputError, ScenarioError, SimulationError, UsageError
from simgov.study import compare, folder, load, since
from simgov.study.policies import make

STUDY = """\
schema: 1
title: {en: How late?, zh: 多晚？}
scenario: street.yaml
policies:
  late: {label: {en: late, zh: 延时}}
  never: {label: {en: office hours only, zh: 仅工作时间}, change: ["off"]}
  three: {label: {en: three leaders, zh: 三名单元长}, set: {teams.leader.people: 3}}
measures:
  - {measure: time_to_closure_median}
  - {measure: headline_closure, at_least: 0.8}
  - {measure: off_hours_presence, where: {team: desk}}
replications: 4
seed: 7
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "150")
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def written(here, *changes):
    """The study with some of its text replaced."""
    text = STUDY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (here / "late.yaml").write_text(text, encoding="utf-8")
    return here / "late.yaml"


def problems(path):
    with pytest.raises(ScenarioError) as error:
        load(path)
    return str(error.value).replace(f"{path.parent}{os.sep}", "").splitlines()


# ── what a file says ────────────────────────────────────────────────────────────────────────────────


def test_policies_are_scenarios_with_their_changes(here):
    study = load("late.yaml")

    assert [p.name for p in study.policies] == ["late", "never", "three"]
    assert [p.scenario.in_force for p in study.policies] == [("late",), ("off",), ("late",)]
    assert study.policies[2].scenario.teams["leader"].people.each == 3
    assert study.policies[1].say("zh") == "仅工作时间"
    assert study.base.name == "late"


def test_what_holds_for_all_holds_in_every_policy(here):
    path = written(here, ("policies:", "set: {residents: 500}\nchange: [\"off\"]\npolicies:"), ("change: [\"off\"]}", "change: [late]}"))
    study = load(path)

    assert {p.scenario.residents for p in study.policies} == {500}
    assert [p.scenario.in_force for p in study.policies] == [("off",), ("late",), ("off",)]  # one of a group gives way to another


def test_levers_make_policies(here):
    path = written(
        here,
        ("measures:", "sweep:\n  leaders: {label: {en: leaders, zh: 单元长}, path: teams.leader.people, values: [2, {value: 4, assumption: [2, 6]}]}\n"
                      "grid:\n  units: {path: levels.unit.count, values: [1, 3]}\n"
                      "  hours: {values: {closed: {set: {teams.desk.duty: null}, change: [\"off\"], label: {en: closed, zh: 关门}}, open: {}}}\nmeasures:"),
        ("policies:", "base: leaders=4\npolicies:"),
    )  # fmt: skip
    study = load(path)

    assert [p.name for p in study.policies] == ["leaders=4", "late", "never", "three", "leaders=2", "units=1,hours=closed", "units=1,hours=open", "units=3,hours=closed", "units=3,hours=open"]
    assert study.base.moved == {"leaders": 4}
    assert study.base.say("zh") == "单元长 4"
    assert study.policies[5].say("en") == "units 1, closed"
    assert study.policies[5].scenario.in_force == ("off",)
    assert study.base.scenario.teams["leader"].people.each == 4
    assert "assumption" in str(study.base.scenario.origins)


def test_a_study_may_be_plain_data(here):
    data = {"schema": 1, "scenario": "street.yaml", "policies": {"a": {}, "b": {"set": {"residents": 900}}}, "measures": [{"measure": "collected"}]}
    assert [p.scenario.residents for p in make(data, folder=here).policies] == [1000, 900]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("teams.leader.people: 3", "teams.leaders.people: 3")], ["late.yaml:7: policies.three.set.teams.leaders.people: there is no 'leaders' in teams; did you mean 'leader'?"]),
        ([("people: 3", "people: -3")], ["late.yaml:7: policies.three.set.teams.leader.people: teams.leader.people=-3: makes teams.leader.people wrong: must be greater than or equal to 0, got -3"]),
        ([('["off"]', '["of"]')], ["late.yaml:6: policies.never: unknown change 'of'; did you mean 'off'?"]),
        ([('change: ["off"]', "set: {}")], ["late.yaml:6: policies.never: 'never' is the same scenario as 'late', so there is nothing to compare; change something or leave one out"]),
        ([("scenario: street.yaml", "scenario: stret.yaml")], ["late.yaml:3: scenario: there is no file stret.yaml; did you mean 'street.yaml'?"]),
        ([("scenario: street.yaml\n", "")], ["late.yaml:1: scenario: is required"]),
        ([("seed: 7", "sed: 7")], ["late.yaml:13: sed: unknown key 'sed'; did you mean 'seed'?"]),
        ([("measure: headline_closure", "measure: headline_closur")], ["late.yaml:10: measures[1].measure: unknown measure 'headline_closur'; did you mean 'headline_closure'?"]),
        ([("{team: desk}", "{team: desc}")], ["late.yaml:11: measures[2].where.team: unknown team 'desc'; did you mean 'desk'?"]),
        ([(", where: {team: desk}", "")], ["late.yaml:11: measures[2]: off_hours_presence is told apart by team: say which, such as where: {team: leader}"]),
        ([("{team: desk}", "{level: unit, team: desk}")], ["late.yaml:11: measures[2].where.level: off_hours_presence is told apart by team, not by 'level'"]),
        ([("seed: 7", "base: nobody")], ["late.yaml:13: base: there is no policy 'nobody'; known: late, never, three"]),
        ([("seed: 7", "figure: {kind: frontier, y: 5}")], ["late.yaml:13: figure.y: there is no measure number 5; the study has 3, counted from 0"]),
        ([("seed: 7", "figure: {kind: dose}")], ["late.yaml:13: figure.kind: a dose figure needs a lever; give one under sweep or grid"]),
        ([("replications: 4", "replications: 0")], ["late.yaml:12: replications: must be greater than or equal to 1, got 0"]),
        ([("seed: 7", "sweep: {x: {path: residents, values: {a: {}}}}")], ["late.yaml:13: sweep.x: give a path with a list of values, or values that are settings by name"]),
        ([("seed: 7", "sweep: {x: {path: resident, values: [1]}}")], ["late.yaml:13: sweep.x: x=1: there is no 'resident'; did you mean 'residents'?"]),
        ([("seed: 7", "sweep: {x: {path: residents, values: [500, 500]}}")], ["late.yaml:13: sweep.x: there are several policies of the name 'x=500'"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_where_they_are(here, changes, told):
    """File, line, path, what is wrong and what to do; nothing else."""
    found = problems(written(here, *changes))
    assert found[: len(told)] == told or set(told) <= set(found)
    assert len(found) <= len(told) + 1


def test_several_mistakes_come_at_once(here):
    found = problems(written(here, ("people: 3", "people: -3"), ('["off"]', '["of"]'), ("{team: desk}", "{team: desc}")))
    assert [line.split(":")[1] for line in found] == ["6", "7", "11"]


def test_one_policy_is_no_comparison(here):
    data = {"schema": 1, "scenario": "street.yaml", "policies": {"a": {}}, "measures": [{"measure": "collected"}]}
    with pytest.raises(ScenarioError, match="a study compares at least two policies; give them under policies, sweep or grid"):
        make(data, folder=here)


# ── what comes out ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    place = tmp_path_factory.mktemp("study")
    street.write(place)
    (place / "late.yaml").write_text(STUDY, encoding="utf-8")
    return compare(place / "late.yaml")


def test_values_are_those_of_single_runs(comparison):
    """Each policy's value and interval are what `simgov run` gives for its scenario."""
    for policy in comparison.study.policies:
        alone = simgov.run(policy.scenario, replications=4, seed=7, engine="simpy")
        rows = comparison.values[comparison.values["policy"] == policy.name]
        assert rows["value"].tolist() == [alone.value("time_to_closure_median"), alone.value("headline_closure"), alone.value("off_hours_presence", team="desk")]
        theirs = alone.measures[alone.measures["measure"].eq("time_to_closure_median") & alone.measures["class"].eq("all")].iloc[0]
        assert rows["high"].iloc[0] == pytest.approx(theirs["high"])
        pd.testing.assert_frame_equal(comparison.measures[comparison.measures["policy"] == policy.name].drop(columns="policy").reset_index(drop=True), alone.measures)


def test_differences_are_paired(comparison):
    """By replication, under common draws; presence is no matter of luck, so its difference is exact."""
    row = comparison.differences.iloc[0]
    a, b = (comparison.ratios(k, comparison.asked[0]).top for k in (1, 0))

    assert (row["policy"], row["difference"]) == ("never", pytest.approx((a - b).mean()))
    presence = comparison.differences.iloc[-2]
    assert (presence["policy"], presence["verdict"], presence["low"]) == ("never", "less", presence["high"])
    assert comparison.differences.iloc[-1]["verdict"] == "the same"


def test_bounds_and_the_best(comparison):
    assert comparison.values.set_index(["asked", "policy"]).loc[(1, "late"), "bound"] in ("meets it", "fails it", "cannot tell")
    assert comparison.values.loc[comparison.values["asked"] == 0, "bound"].tolist() == ["", "", ""]
    assert comparison.best.groupby("measure")["chosen"].sum().tolist() == [1, 1]  # headline closure has no better side
    assert "headline_closure" not in set(comparison.best["measure"])


def test_the_answer_is_a_sentence_in_both_languages(comparison):
    en, zh = comparison.answer("en"), comparison.answer("zh")

    assert en.startswith("Time to closure, median: ")
    assert "“office hours only”" in en
    assert zh.startswith("“延时”下，办结用时（中位数）为")
    assert "{" not in en + zh
    assert "nan" not in en + zh


def test_the_stock_is_that_of_the_journal(comparison):
    """Open at each midnight, counted from the journal."""
    made = simgov.run(comparison.study.base.scenario, replications=1, seed=7, engine="simpy")
    i, day = made.journals[0].incidents, 86_400
    over = np.where(i.closed >= 0, i.closed, np.where(i.how == 1, i.ended, 10**9))
    counted = [int(((i.found >= 0) & (i.found <= m * day) & (over > m * day)).sum()) for m in range(15)]

    assert comparison.stock("late")[0].tolist() == counted
    assert max(counted) == made.value("peak_stock") > 0
    assert counted[-1] == made.value("open_stock")


def test_everything_is_the_same_on_processes_with_a_folder_and_in_parts(here, comparison):
    compare("late.yaml", replications=2, folder=here / "out")
    again = compare("late.yaml", workers=2, folder=here / "out")

    pd.testing.assert_frame_equal(again.values, comparison.values)
    pd.testing.assert_frame_equal(again.differences, comparison.differences)


# ── enough ──────────────────────────────────────────────────────────────────────────────────────────


def test_replications_are_added_until_the_precision_lasts(here):
    """It stops five replications after the half-width fell below what was asked for, and stays there; on any number of workers."""
    found = compare("late.yaml", replications=3, precision=10, folder=here / "a")
    halves = [max(abs(r["high"] - r["low"]) / 2 for r in compare("late.yaml", replications=n, folder=here / "b").differences.iloc[:2].to_dict("records")) for n in range(3, found.replications + 1)]

    assert max(halves[-6:]) <= 10
    assert found.replications == 3 + 5 or halves[-7] > 10
    assert compare("late.yaml", replications=3, precision=10, workers=2).replications == found.replications


def test_a_precision_out_of_reach_ends_at_the_cap(here):
    path = written(here, ("seed: 7", "precision: {half_width: 0.000001, at_most: 6}"))
    assert compare(path).replications == 6


def test_progress_counts_trials(here):
    seen = []
    compare("late.yaml", replications=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(k, 6) for k in range(1, 7)]


# ── nothing before the change ───────────────────────────────────────────────────────────────────────

WINDOW = [('change: ["off"]', "change: [help]")]


def test_since_when_policies_differ(here):
    s = street.street()
    day = 86_400
    moments = [since.differs_since(s, simgov.build({**s.data, "apply": list(names)}, name="street")) for names in (["help"], ["slow"], ["help", "slow"], [])]
    other = simgov.build({**s.data, "apply": ["help"]}, {"residents": 999}, name="street")

    assert moments == [7 * day, 2 * day, 2 * day, 14 * day]
    assert since.differs_since(s, other) == 0


def test_a_difference_before_the_change_ends_the_study(here, monkeypatch):
    """The check runs by itself, and is not satisfied by anything but equal journals."""
    path = written(here, *WINDOW)
    assert compare(path, replications=2).replications == 2
    monkeypatch.setattr("simgov.trials.carry_out.fingerprint", lambda journal, second, calls=[0]: calls.__setitem__(0, calls[0] + 1) or str(calls[0]))

    with pytest.raises(SimulationError, match="'never' differs from 'late' only from 2022-05-09 00:00:00 on, but in replication 0 something differs before"):
        compare(path, replications=2)


def test_an_engine_that_sees_the_future_is_found_out(here, monkeypatch):
    """Draws that depend on what a policy will do later break the comparison, and are noticed."""
    from simgov.trials import carry_out

    path, honest = written(here, *WINDOW), carry_out.draws.make
    monkeypatch.setattr(carry_out.draws, "make", lambda plan, seed, r: honest(plan, seed + len(plan.scenario.epochs), r))

    with pytest.raises(SimulationError, match="nothing is concluded"):
        compare(path, replications=1 + 1)


# ── never lost ──────────────────────────────────────────────────────────────────────────────────────


def trials(place):
    return {str(p.relative_to(place)): p.read_bytes() for p in sorted((place / "trials").rglob("*.json"))}


def test_a_study_that_is_killed_goes_on_where_it_was(here):
    """SIGKILL in the middle, with two workers: what was done stays, is not done again, and the end is the same bit for bit."""
    code = "import simgov; simgov.compare('late.yaml', replications=60, workers=2, folder='killed', engine='simpy')"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=here, start_new_session=True)
    place = here / "killed"
    until = time.monotonic() + 240
    while len(list(place.rglob("0*.json"))) < 20 and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1.5)  # workers notice that nobody is left
    before = trials(place)

    assert 20 <= len(before) < 180
    counts = [sum(1 for name in before if name.split("/")[1] == policy) for policy in {name.split("/")[1] for name in before}]
    assert max(counts) - min(counts) <= 3  # one replication of every policy before the next
    simgov.compare("late.yaml", replications=60, folder=place)
    whole = simgov.compare("late.yaml", replications=60, folder=here / "whole")
    assert trials(place) == trials(here / "whole")
    assert {name: data for name, data in trials(place).items() if name in before} == before
    assert whole.replications == 60


def test_a_study_on_a_cluster_is_the_same(here, comparison):
    """A real scheduler with two workers on loopback."""
    with cluster(here) as address:
        found = compare("late.yaml", workers=address, folder=here / "out")
    pd.testing.assert_frame_equal(found.values, comparison.values)
    assert len(trials(here / "out")) == 12


def test_more_replications_and_more_policies_add_to_what_is_there(here):
    compare("late.yaml", replications=3, folder="out")
    first = trials(here / "out")
    path = written(here, ("measures:", "  four: {set: {teams.leader.people: 4}}\nmeasures:"))
    compare(path, replications=5, folder="out")
    second = trials(here / "out")

    assert len(first) == 9
    assert len(second) == 20
    assert first.items() <= second.items()


def test_another_scenario_is_refused_with_what_differs(here):
    compare("late.yaml", replications=2, folder="out")
    before = trials(here / "out")
    with pytest.raises(UsageError) as error:
        compare(written(here, ("people: 3", "people: 5")), replications=2, folder="out")

    assert str(error.value) == textwrap.dedent("""\
        out: holds trials of something else; start anew (--anew, which throws them away) or name another folder (--out). What differs:
          policy 'three': teams.leader.people: 3 then, 5 now""")
    assert trials(here / "out") == before
    compare("late.yaml", replications=2, folder="out", anew=True)
    assert set(trials(here / "out")) != set(before)
    assert len(trials(here / "out")) == 6


@pytest.mark.parametrize(("key", "told"), [("seed", "seed: 7 then, 8 now"), ("simgov", "simgov: '0.0.1' then"), ("code", "code: 'x' then")])
def test_another_seed_or_version_is_refused(here, key, told):
    compare("late.yaml", replications=2, folder="out")
    if key != "seed":
        mark = here / "out" / folder.MARK
        mark.write_text(json.dumps({**json.loads(mark.read_text()), key: {"simgov": "0.0.1", "code": "x"}[key]}))
    with pytest.raises(UsageError, match=told):
        compare("late.yaml", replications=2, seed=8 if key == "seed" else None, folder="out")


def test_folders_of_others_are_left_alone(here):
    (here / "mine").mkdir()
    (here / "mine" / "letter.txt").write_text("dear")
    (here / "file").touch()
    (here / "broken").mkdir()
    (here / "broken" / folder.MARK).write_text("{")

    with pytest.raises(OutputError, match="mine: is not empty and holds no study of simgov; name another folder, nothing was changed"):
        compare("late.yaml", folder="mine")
    with pytest.raises(OutputError, match="file: is a file; name a folder for the study"):
        compare("late.yaml", folder="file")
    with pytest.raises(OutputError, match=r"broken/study\.json: is no study of simgov: Expecting property name .*; name another folder \(--out\); what is moved there from the folder trials need not be done again"):
        compare("late.yaml", folder="broken")
    assert [p.name for p in (here / "mine").iterdir()] == ["letter.txt"]


def test_a_full_disk_loses_nothing(here):
    """Files may not grow beyond a limit, as on a disk that is full: one message, what was done stays, and the command goes on later."""
    code = (
        "import resource, simgov, sys; from simgov.errors import SimgovError\n"
        "simgov.compare('late.yaml', replications=2, folder='out')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try: simgov.compare('late.yaml', replications=4, folder='out')\n"
        "except SimgovError as error: print(error); sys.exit(2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, timeout=480)

    assert (done.returncode, done.stderr) == (2, "")
    assert "File too large" in done.stdout
    assert len(trials(here / "out")) == 6
    assert not list(here.rglob("*.partial"))
    assert compare("late.yaml", replications=4, folder="out").replications == 4


# ── the command ─────────────────────────────────────────────────────────────────────────────────────


def call(*args):
    return CliRunner().invoke(main, ["compare", *map(str, args)])


@pytest.mark.parametrize(("lang", "words"), [("en", ["How late?", "late", "base", "Time to closure, median", "written to results/late"]), ("zh", ["多晚？", "延时", "基准", "办结用时（中位数）", "结果已写入 results/late"])])
def test_the_command_prints_tables_and_an_answer(here, lang, words):
    done = call("late.yaml", "--lang", lang)

    assert done.exit_code == 0, done.output
    for word in words:
        assert word in done.output
    written_ = {p.name for p in (here / "results" / "late").iterdir()}
    assert written_ == {"study.json", "comparison.json", "report.html", "trials", "values.parquet", "differences.parquet", "best.parquet", "measures.parquet", "answer.en.txt", "answer.zh.txt", "figure.png"}
    assert (here / "results/late/answer.zh.txt").read_text("utf-8").startswith("“延时”下")


def test_the_command_goes_on_after_an_interruption(here):
    """Ctrl-C: how much is kept, and how to go on; exit code 130."""
    code = "from simgov.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code, "compare", "late.yaml", "-n", "400", "--engine", "simpy"], cwd=here, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 240
    while len(list(here.rglob("0*.json"))) < 5 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)

    assert process.returncode == 130
    assert told.count("\n") == 1
    assert "of 1200: what was simulated is kept in results/late; the same command goes on from there" in told
    kept = int(told.removeprefix("interrupted after ").split()[0])
    assert kept <= len(list(here.rglob("0*.json"))) <= kept + 1


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["nothing.yaml"], "nothing.yaml: cannot be read: No such file or directory"),
        (["late.yaml", "-n", "1"], "Invalid value for '--replications'"),
        (["late.yaml", "--precision", "0"], "Invalid value for '--precision'"),
        (["street.yaml"], "street.yaml"),
    ],
)
def test_mistakes_end_with_code_2(here, args, told):
    done = call(*args)
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output
    assert not Path("results").exists()


def test_a_reference_is_shown_and_is_no_choice(here):
    """What would be anyway is compared, and neither the best nor in the list of those that may be."""
    path = written(here, ("seed: 7", "seed: 7\nreference: three"))
    found = compare(path)

    assert "three" in set(found.differences["policy"])
    assert set(found.best["policy"]) == {"late", "never"}
    assert problems(written(here, ("seed: 7", "reference: thre"))) == ["late.yaml:13: reference: there is no policy 'thre'; did you mean 'three'?"]


# ── what a second reader found ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("{measure: headline_closure, at_least: 0.8}", "{measure: headline_closure, at_least: 80}")], "late.yaml:10: measures[1].at_least: headline_closure is a share, a number between 0 and 1, got 80"),
        ([("{measure: headline_closure, at_least: 0.8}", "{measure: open_stock, at_least: 5, at_most: 2}")], "late.yaml:10: measures[1]: nothing is at least 5 and at most 2"),
        ([("{measure: headline_closure, at_least: 0.8}", "{measure: elapsed, where: {part: sleep}}")], "late.yaml:10: measures[1].where.part: unknown part 'sleep'; known: gate, wait, queue, off_shift, work, lead"),
        ([("{measure: headline_closure, at_least: 0.8}", "{measure: cohort_closure, where: {days: 4}}")], "late.yaml:10: measures[1].where.days: unknown days '4'; known: 1, 3, 7, 30"),
        ([('change: ["off"]', "set: {title.en: Another}")], "late.yaml:6: policies.never: 'never' is the same scenario as 'late', so there is nothing to compare; change something or leave one out"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused_before_anything_runs(here, changes, told):
    assert problems(written(here, *changes)) == [told]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"precision": float("nan")}, "precision must be a number of at least 1e-06, the half-width asked for, got nan"),
        ({"precision": -1}, "precision must be a number"),
        ({"replications": 2.5}, "replications must be a whole number of at least 2, got 2.5"),
        ({"replications": 1}, "replications must be a whole number of at least 2, got 1"),
        ({"seed": -1}, "seed must be a whole number of at least 0, got -1"),
        ({"workers": 0}, "workers must be a whole number of at least 1, got 0"),
        ({"workers": "auto"}, "a cluster is the address of a dask scheduler, such as tcp://127.0.0.1:8786, got 'auto'"),
    ],
)
def test_arguments_that_make_no_sense(here, options, told):
    with pytest.raises(UsageError, match=told):
        compare("late.yaml", **options)


def test_something_else_than_a_study(here):
    with pytest.raises(UsageError, match="a study is the path of a study file, what would stand in one, or a Study, got list"):
        compare([])
    assert problems(here / "street.yaml") == ["street.yaml:1: is a scenario and no study: a study names a scenario and its policies (docs/studies.md); `simgov run` runs a scenario"]


def test_anew_touches_nothing_of_others(here):
    """Another program's study.json is not ours to throw away."""
    place = here / "foreign"
    (place / "trials").mkdir(parents=True)
    (place / "study.json").write_text('{"optuna": 1}')
    (place / "trials" / "mine.csv").write_text("a,b")

    with pytest.raises(OutputError, match="is no study of simgov, or is damaged: simgov_study is missing"):
        compare("late.yaml", folder=place, anew=True)
    assert (place / "trials" / "mine.csv").read_text() == "a,b"
    (place / "study.json").unlink()
    (place / "letter").touch()
    with pytest.raises(OutputError, match="is not empty and holds no study of simgov"):
        compare("late.yaml", folder=place, anew=True)


def test_a_start_that_failed_is_no_obstacle(here):
    """A disk that was full before anything was written: the same command goes on later."""
    (here / "out" / "trials").mkdir(parents=True)
    (here / "out" / ".study.json.0.partial").touch()
    assert compare("late.yaml", replications=2, folder="out").replications == 2


def test_a_trial_that_is_sealed_and_empty_is_done_again(here):
    from simgov.trials.store import _seal

    compare("late.yaml", replications=2, folder="out")
    for path in (here / "out" / "trials").rglob("*.json"):
        path.write_text(f"{_seal('{}')}\n{{}}")
    assert compare("late.yaml", replications=2, folder="out").replications == 2


def test_two_at_once_in_one_folder(here):
    """Both end well, and what they leave is sound."""
    code = "from simgov.cli import main; main()"
    args = [sys.executable, "-c", code, "compare", "late.yaml", "-n", "20", "--engine", "simpy", "--out", "two"]
    both = [subprocess.Popen(args, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=480) for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    assert len(trials(here / "two")) == 60
    assert not [p for p in (here / "two").rglob("*") if p.name.endswith(".partial")]


def test_few_incidents_conclude_nothing(here):
    """Half an incident in a replication, three replications: neither a bound nor a difference is told."""
    path = written(here, ("policies:", "set: {classes.event.arrivals.rate: 0.03, classes.dispute.arrivals.rate: 0.01}\npolicies:"), ("replications: 4", "replications: 3"))
    found = compare(path)
    headline = found.values[found.values["asked"] == 1]

    assert headline["denominator"].max() < 3
    assert set(headline["bound"]) == {"not sure"}
    assert "is surely reached with no policy" in found.answer()
    assert "is reached with" not in found.answer()


def test_many_policies_are_not_told_by_halves(here):
    """Of eight, the one that differs is named, and how many more there are."""
    more = "".join(f"  p{k}: {{set: {{teams.leader.windows: [{{from: 2022-05-0{k}}}]}}}}\n" for k in (2,)) + "".join(f"  q{k}: {{set: {{period.end: 2022-05-{k}}}}}\n" for k in range(10, 16))
    path = written(here, ("measures:\n", more + "measures:\n"), ("measure: time_to_closure_median", "measure: rostered_hours, where: {team: desk}"))
    answer = compare(path, replications=2).answer()

    assert " more are in the table." in answer
    assert answer.count("With “") + answer.count("Between “") == 6


def test_a_dollar_is_a_dollar(here):
    path = written(here, ("en: How late?", 'en: "Costs $5 {and} $6_^ more"'), ("label: {en: late", "label: {en: 'la$x_1$te $'"))
    compare(path, replications=2).save(here / "out")
    assert (here / "out" / "figure.png").stat().st_size > 10_000


def test_an_early_interruption_does_not_say_that_nothing_is_kept(here, monkeypatch):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("simgov.trials.carry_out.play", stop)
    done = call("late.yaml")
    assert done.exit_code == 130
    assert "interrupted before anything was simulated; what is kept in results/late stays" in done.output


def test_a_sign_is_not_rounded_away():
    from simgov.words import changes

    assert changes(-0.467, -0.0000004, -0.234, "hours") == "−0.467 to −4e−07"
    assert changes(0, 0, 0.0, "hours") == "0 to 0"
