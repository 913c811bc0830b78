"""`simgov check`: what was reported as a regression test; green when it is met, red when a key number changes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import street
from click.testing import CliRunner

from simgov import targets
from simgov.checking import check
from simgov.cli import main
from simgov.errors import OutputError, ScenarioError, UsageError
from simgov.language import say
from simgov.targets import predictive

HARD = "targets:\n  - {measure: headline_closure, value: 0.9, rounding: 0.05, kind: check, of: {en: all events, zh: 全部事件}}\n"
SOFT = HARD.replace("check", "soft").replace("0.9,", "0.2,")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the street (a hard target that is met), a copy with a soft one that is not, a study, and another file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    place = tmp_path / "scenarios"
    place.mkdir()
    text = street.TEXT[: street.TEXT.index("targets:")]
    (place / "street.yaml").write_text(text + HARD, encoding="utf-8")
    (place / "soft.yaml").write_text(text + SOFT, encoding="utf-8")
    (place / "none.yaml").write_text(text, encoding="utf-8")
    (place / "study.yaml").write_text("schema: 1\nscenario: street.yaml\npolicies: {}\n", encoding="utf-8")
    return tmp_path


def call(*args):
    return CliRunner().invoke(main, ["check", *map(str, args)])


def changed(here, old, new):
    path = here / "scenarios" / "street.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_folder_stands_for_its_scenarios_with_targets(here):
    found = check("scenarios", replications=12)

    assert [(each.scenario.name, [row["verdict"] for row in each.rows]) for each in found.judged] == [("none", []), ("soft", ["missed"]), ("street", ["met"])]
    assert found.is_green  # a soft target fails nothing
    assert found.count == 2


def test_green_ends_with_0_and_red_with_1(here):
    """The same command, before and after a key number of the scenario has changed."""
    green = call("-n", 12)
    changed(here, "closed: 0.6, withdrawn: 0.05", "closed: 0.02, never: 0.9")
    red = call("-n", 12)

    assert (green.exit_code, red.exit_code) == (0, 1)
    assert "1 of 2 targets met, 1 soft one not met; 3 scenarios, 12 replications each" in green.output
    assert "0 of 2 targets met, 1 not met, 1 soft one not met" in red.output


def test_a_reported_figure_out_of_reach_is_red(here):
    changed(here, "value: 0.9, rounding: 0.05", "value: 0.2")
    assert call("scenarios/street.yaml", "-n", 12).exit_code == 1


def test_too_few_replications_are_not_green(here):
    """Noise passes nothing: with three replications nothing is judged, and that is no pass; nor is it a miss, and it is told how many would do, which they do."""
    done, told = (" ".join(call("scenarios/street.yaml", "-n", 3, "--lang", lang).output.split()) for lang in ("en", "zh"))
    assert call("scenarios/street.yaml", "-n", 3).exit_code == 1
    assert "too few replications" in done
    assert "0 of 1 targets met, 1 cannot be judged yet (too few replications; -n 20 would do); one scenario, 3 replications" in done
    assert "not met" not in done
    assert "1项指标中相符0项，尚不能判断1项（模拟次数不足，改用 -n 20 即可）" in told
    assert "不符" not in told
    assert call("scenarios/street.yaml", "-n", 20).exit_code == 0


def test_replications_that_would_do_are_those_that_do():
    """Of Normal windows: what eight of them say is enough is enough in nearly all cases, and what is half of it in few."""
    from simgov.targets import TOO_FEW

    rng, right = np.random.default_rng(5), []
    for _ in range(100):
        first = judged_shares(rng.normal(0.5, 0.1, size=5))
        if first["verdict"] == TOO_FEW:
            right.append(judged_shares(rng.normal(0.5, 0.1, size=int(first["enough"])))["verdict"] != TOO_FEW)
    assert len(right) > 50
    assert np.mean(right) > 0.7
    assert judged_shares(rng.normal(0.5, 0.1, size=40))["enough"] == 0


def judged_shares(values):
    """The verdict on windows with these closure rates."""
    import pandas as pd

    from simgov.scenario import build
    from simgov.scenario.yaml_text import value as read

    scenario = build(read(street.TEXT))
    keys = {"measure": "headline_closure", "class": "all", "level": "", "stage": "", "team": "", "part": "", "days": "", "window": ""}
    table = pd.DataFrame([{"replication": k, **keys, "top": v, "bottom": 1.0} for k, v in enumerate(values)])
    return targets.judge(scenario, table).iloc[0]


def test_junit(here):
    """A suite for each scenario, a case for each target and one for the sources; soft misses are skipped, misses are failures, what cannot be judged yet is an error."""
    call("-n", 12, "--junit", "out.xml")
    root = ET.parse("out.xml").getroot()

    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("skipped")) for s in root] == [("none", "1", "0", "0"), ("soft", "2", "0", "1"), ("street", "2", "0", "0")]
    assert root[1][0].find("skipped").get("message").startswith("missed: reported 0.2, simulated 0.")
    call("-n", 3, "--junit", "out.xml")
    root = ET.parse("out.xml").getroot()
    assert root[2][0].find("error").get("message").startswith("cannot be judged yet: too few replications (about 20 would do): reported 0.9, simulated 0.")
    assert [(s.get("failures"), s.get("errors"), s.get("skipped")) for s in root] == [("0", "0", "0"), ("0", "0", "1"), ("0", "1", "0")]


def test_workers_change_nothing(here):
    one, two = (check("scenarios", replications=12, workers=n) for n in (1, 2))
    assert [each.rows for each in one.judged] == [each.rows for each in two.judged]


def test_a_check_says_what_a_run_says(here):
    """One target alone is judged as `simgov run` judges it; of several the range is wider, by Bonferroni."""
    import simgov

    alone = check("scenarios/street.yaml", replications=12).judged[0].verdicts.iloc[0]
    theirs = simgov.run("scenarios/street.yaml", replications=12, engine="simpy").targets.iloc[0]
    both = check("scenarios", replications=12).judged[2].verdicts.iloc[0]

    assert alone.to_dict() == theirs.to_dict()
    assert both["to"] - both["from"] > alone["to"] - alone["from"]


def test_many_comparisons_widen_the_range_as_normal_tails():
    """For Normal windows the range of one of 20 is the central 99.75 %; its error grows with it, so too few stays too few."""
    values = np.random.default_rng(1).normal(size=20_000)
    start, end, error = predictive(values, 20)
    plain = predictive(values)

    assert (start, end) == pytest.approx((-3.02, 3.02), abs=0.1)
    assert error / (end - start) == pytest.approx(plain[2] / (plain[1] - plain[0]), rel=0.05)


def test_of_many_targets_that_hold_few_are_missed():
    """Of scenarios that are right, with ten targets each, about 95 in 100 meet all ten; one by one judged, in far fewer."""
    rng = np.random.default_rng(2)
    for comparisons, least, most in ((10, 0.85, 1.0), (1, 0.3, 0.8)):
        right = []
        for _ in range(60):
            hits = []
            for _ in range(10):
                windows = rng.normal(size=300)
                start, end, _ = predictive(windows, comparisons)
                hits.append(start <= rng.normal() <= end)
            right.append(all(hits))
        assert least <= np.mean(right) <= most


def test_scenarios_that_would_take_very_long_are_left_out_of_a_folder(here, monkeypatch):
    """And told with how to check them; whoever names the file gets it. Where nothing else is left the check is none."""
    monkeypatch.setattr("simgov.checking.carry_out.LARGEST", 1)
    with pytest.raises(UsageError, match=r"small enough to be checked with it: scenarios/soft.yaml: left out: about 0 million visits; name the file itself to check it: simgov check scenarios/soft.yaml; "):
        check("scenarios", replications=12)
    assert check("scenarios/street.yaml", replications=12).is_green
    done = call("scenarios", "scenarios/street.yaml", "-n", 12, "--junit", "out.xml")
    assert "left out: about 0 million visits; name the file itself to check it: simgov check scenarios/soft.yaml" in done.output
    assert "1 of 1 targets met" in done.output
    assert ET.parse("out.xml").getroot()[1][0].find("skipped").get("message").startswith("left out: about")


def test_a_file_that_is_named_in_many_ways_is_checked_once(here):
    """Else naming a red file five times would widen its range until it is green."""
    (here / "scenarios" / "x").mkdir()
    (here / "scenarios" / "again.yaml").symlink_to("street.yaml")
    found = check(["scenarios/street.yaml", "./scenarios/street.yaml", "scenarios/x/../street.yaml", "scenarios", "scenarios/again.yaml"], replications=12)

    assert [each.scenario.name for each in found.judged] == ["street", "none", "soft"]


def test_what_else_lies_in_a_folder_stops_nothing(here):
    """Hidden files are passed over, what is nothing of simgov is named in one line, folders and links to nothing do no harm."""
    place = here / "scenarios"
    for name, text in ((".gitlab-ci.yml", "a: [\n"), ("compose.yml", "a: 1\n---\nb: 2\n"), ("list.yaml", "- 1\n"), ("empty.yaml", ""), ("other.yaml", "extend: 1\n"), ("binary.yaml", "\x00")):
        (place / name).write_text(text)
    (place / ".hidden").mkdir()
    (place / ".hidden" / "broken.yaml").write_text("schema: [\n")
    (place / "folder.yaml").mkdir()
    (place / "link.yaml").symlink_to("nowhere")

    done = call("scenarios", "-n", 12)

    assert done.exit_code == 0, done.output
    told = [line for line in done.output.splitlines() if "left out" in line]
    names = ["binary.yaml", "compose.yml", "empty.yaml", "list.yaml", "other.yaml"]
    assert told[:2] == [f"scenarios/{name}: left out: no scenario of simgov: it has no 'schema' at its top level" for name in names[:2]]
    assert [line.split(":")[0].rpartition("/")[2] for line in told] == [*names[:3], "link.yaml", *names[3:]]


def test_every_broken_scenario_is_told_at_once(here):
    """Exit code 2, with the problems of all files, those that are no YAML and those whose stages are misspelt among them."""
    (here / "scenarios" / "broken.yaml").write_text("schema: 1\nstages: [\n")
    (here / "scenarios" / "stagez.yaml").write_text("schema: 1\nstagez: {}\n")
    done = call("scenarios", "-n", 12)

    assert done.exit_code == 2
    assert {"scenarios/broken.yaml", "scenarios/stagez.yaml"} <= {line.split(":")[0] for line in done.output.splitlines()}


# ── sources ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def misquoting(here):
    """The scenario without targets, with a number that is not that of its source."""
    (here / "scenarios" / "facts.csv").write_text("id,kind,quantity,value,unit,phrase\nA-1,seed,residents,1200,persons,常住人口1200人\n", encoding="utf-8")
    path = here / "scenarios" / "none.yaml"
    path.write_text(path.read_text("utf-8").replace("schema: 1", "schema: 1\nfacts: facts.csv").replace("residents: 1000", "residents: {value: 1000, source: A-1}"), encoding="utf-8")
    return here


@pytest.mark.parametrize(("lang", "words"), [("en", "residents is 1000, but its source A-1 says: residents: 1200 persons."), ("zh", "residents 为 1000，而其来源 A-1 写的是：residents: 1200 persons。")])
def test_a_number_that_its_source_does_not_have_is_red(misquoting, lang, words):
    """On the screen with path, value and the source's words, and in the XML; nothing has to be simulated for it."""
    done = call("scenarios/none.yaml", "--junit", "out.xml", "--lang", lang)

    assert done.exit_code == 1
    assert words in " ".join(done.output.split())
    assert "1200 persons" in done.output
    case = ET.parse("out.xml").getroot()[0][0]
    assert case.get("name") == "numbers are those of their sources"
    assert case.find("failure").get("message").startswith("residents is 1000, but its source A-1 says: residents: 1200 persons.")


def test_a_scenario_of_which_nothing_was_reported_is_named(misquoting, monkeypatch):
    """With its sources checked; those left out for their size are checked so, too."""
    done = call("scenarios", "-n", 12)
    assert "none\nnothing was reported\n• residents is 1000" in done.output
    assert done.exit_code == 1
    monkeypatch.setattr("simgov.checking.carry_out.LARGEST", 1)
    assert [(s.name, wrong.path) for s, wrong in check("scenarios", replications=12).misquoted] == [("none", "residents")]
    (misquoting / "scenarios" / "facts.csv").write_text("id,kind,quantity,value,unit,phrase\nA-1,seed,residents,1000,persons,\n", encoding="utf-8")
    assert call("scenarios/none.yaml").exit_code == 0


# ── the file for those who collect verdicts ─────────────────────────────────────────────────────────


def test_labels_with_markup_make_sound_xml(here):
    changed(here, "kind: check,", 'kind: check, label: "closed <all> & \\uFFFE more",')
    call("scenarios/street.yaml", "-n", 12, "--junit", "out.xml")

    assert ET.parse("out.xml").getroot()[0][0].get("name") == "closed <all> &  more"


@pytest.mark.parametrize("wrong", [["nowhere"], ["scenarios/street.yaml", "-n", "1"], ["scenarios/street.yaml", "--engine", "steam"]])
def test_an_older_verdict_does_not_stay_where_there_is_none(here, wrong):
    """A check that ends with exit code 2 leaves an XML that says that it came to no verdict."""
    assert call("scenarios/street.yaml", "-n", 12, "--junit", "out.xml").exit_code == 0
    assert call(*wrong, "--junit", "out.xml").exit_code == 2

    root = ET.parse("out.xml").getroot()
    assert root[0].get("errors") == "1"
    assert root[0][0].find("error").get("message") == "the check came to no verdict; what it printed says why"


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_simulated(here, monkeypatch):
    """A folder that is not there, and a file that is no XML, such as a scenario named by mistake."""
    monkeypatch.setattr("simgov.checking.carry_out.Trials", None)
    before = (here / "scenarios" / "soft.yaml").read_bytes()
    nowhere, scenario = call("scenarios", "--junit", "no/where.xml"), call("scenarios/street.yaml", "--junit", "scenarios/soft.yaml")

    assert (nowhere.exit_code, scenario.exit_code) == (2, 2)
    assert "no/where.xml: there is no folder no; make it, or name another file" in nowhere.output
    assert "exists and is no XML; name another file, nothing was changed" in scenario.output
    assert (here / "scenarios" / "soft.yaml").read_bytes() == before


def test_mistakes(here):
    with pytest.raises(OutputError, match="nothing: there is no such file or folder"):
        check("nothing")
    (here / "empty").mkdir()
    with pytest.raises(UsageError, match="there is no scenario to check; a folder stands for the scenario files in it and below"):
        check("empty")
    changed(here, "measure: headline_closure", "measure: headline")
    (here / "scenarios" / "none.yaml").write_text("schema: 2\nstages: {}\n")
    with pytest.raises(ScenarioError) as error:
        check("scenarios")
    assert {problem.file.rpartition("/")[2] for problem in error.value.problems} == {"street.yaml", "none.yaml"}
    done = call("scenarios")
    assert done.exit_code == 2
    assert "unknown measure 'headline'" in done.output


def test_chinese(here):
    done = call("scenarios/street.yaml", "-n", 12, "--lang", "zh")
    assert "小街" in done.output
    assert "1项指标中相符1项；1个情景，模拟12次" in done.output
    assert targets.MET not in done.output


# ── told before anything is simulated ───────────────────────────────────────────────────────────────

SEVENTY = "  - {measure: headline_closure, at_most: 0.7, kind: KIND, label: {en: the other paper, zh: 另一家报纸}}\n"


@pytest.mark.parametrize("command", ["check", "explain"])
def test_contradictory_targets_are_told_with_both(here, command):
    """`simgov check` and `simgov explain` end with both figures and the rule, in one line, and simulate nothing."""
    path = here / "scenarios" / "street.yaml"
    path.write_text(path.read_text("utf-8") + SEVENTY.replace("KIND", "check"), encoding="utf-8")

    done = CliRunner().invoke(main, [command, str(path)])
    assert done.exit_code == 2
    assert "street.yaml:" in done.output
    assert "headline_closure is reported as 0.9 ± 0.05 and “the other paper” as at most 0.7, but both are of one and the same row; keep one of the two" in done.output


def test_a_percentage_is_told_as_a_share(here):
    """99.28 instead of 0.9928."""
    changed(here, "value: 0.9, rounding: 0.05", "value: 99.28")
    done = call("scenarios/street.yaml")

    assert done.exit_code == 2
    assert "'headline_closure' is a share between 0 and 1: write 0.9928 for 99.28 %, got 99.28" in done.output


def test_soft_figures_may_contradict_each_other_and_it_is_said(here, caplog):
    """They fail nothing; explain and check say it, in Chinese, too."""
    path = here / "scenarios" / "street.yaml"
    path.write_text(path.read_text("utf-8") + SEVENTY.replace("KIND", "soft"), encoding="utf-8")

    said = []
    assert check(path, replications=12, say=said.append).is_green
    assert "street: targets contradict each other: headline_closure is reported as" in str(said[0])
    assert "目标互相矛盾" in say(said[0], "zh")
    assert "targets contradict each other" in " ".join(CliRunner().invoke(main, ["explain", str(path)]).output.split())


def test_the_windows_of_a_figure_stand_in_the_table_and_in_the_xml(here):
    """Over which windows it is met."""
    changed(here, "value: 0.9, rounding: 0.05", "value: 0.9, rounding: 0.05, window: {days: [5, 14]}")
    done = call("scenarios/street.yaml", "-n", 12, "--junit", "out.xml")

    assert done.exit_code == 0, done.output
    assert "2022-05-02..2022-05-11 – 2022-05-16" in " ".join(done.output.split())
    assert "one window of 2022-05-02..2022-05-11 – 2022-05-16 0." in ET.parse("out.xml").getroot()[0][0].find("system-out").text
