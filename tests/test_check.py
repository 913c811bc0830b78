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

    assert [s.name for s in found.scenarios] == ["soft", "street"]
    assert [list(table["verdict"]) for table in found.verdicts] == [["missed"], ["met"]]
    assert found.is_green  # a soft target fails nothing
    assert found.count == 2


def test_green_ends_with_0_and_red_with_1(here):
    """The same command, before and after a key number of the scenario has changed."""
    green = call("-n", 12)
    changed(here, "closed: 0.6, withdrawn: 0.05", "closed: 0.02, never: 0.9")
    red = call("-n", 12)

    assert (green.exit_code, red.exit_code) == (0, 1)
    assert "0 of 2 targets fail, 1 soft ones are not met, 2 scenarios, 12 replications each" in green.output
    assert "1 of 2 targets fail" in red.output


def test_a_reported_figure_out_of_reach_is_red(here):
    changed(here, "value: 0.9, rounding: 0.05", "value: 0.2")
    assert call("scenarios/street.yaml", "-n", 12).exit_code == 1


def test_too_few_replications_are_not_green(here):
    """Noise passes nothing: with three replications nothing is judged, and that is no pass."""
    done = call("scenarios/street.yaml", "-n", 3)
    assert done.exit_code == 1
    assert "too few replications" in done.output


def test_junit(here):
    """A suite for each scenario, a case for each target; soft misses are skipped, misses and too few are failures."""
    call("-n", 12, "--junit", "out.xml")
    root = ET.parse("out.xml").getroot()

    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("skipped")) for s in root] == [("soft", "1", "0", "1"), ("street", "1", "0", "0")]
    assert root[0][0].find("skipped").get("message").startswith("missed: reported 0.2, simulated 0.")
    call("-n", 3, "--junit", "out.xml")
    assert ET.parse("out.xml").getroot()[1][0].find("failure").get("message").startswith("too few replications: reported 0.9, simulated 0.")


def test_workers_change_nothing(here):
    one, two = (check("scenarios", replications=12, workers=n) for n in (1, 2))
    assert [t.to_dict() for t in one.verdicts] == [t.to_dict() for t in two.verdicts]


def test_a_check_says_what_a_run_says(here):
    """One target alone is judged as `simgov run` judges it; of several the range is wider, by Bonferroni."""
    import simgov

    alone = check("scenarios/street.yaml", replications=12).verdicts[0].iloc[0]
    theirs = simgov.run("scenarios/street.yaml", replications=12, engine="simpy").targets.iloc[0]
    both = check("scenarios", replications=12).verdicts[1].iloc[0]

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
    """100 scenarios that are right, ten targets each: all ten are met in about 95 of them; one by one judged, in far fewer."""
    rng = np.random.default_rng(2)
    for comparisons, least, most in ((10, 0.89, 1.0), (1, 0.3, 0.8)):
        right = []
        for _ in range(200):
            hits = []
            for _ in range(10):
                windows = rng.normal(size=300)
                start, end, _ = predictive(windows, comparisons)
                hits.append(start <= rng.normal() <= end)
            right.append(all(hits))
        assert least <= np.mean(right) <= most


def test_scenarios_that_would_take_very_long_are_left_out_of_a_folder(here, monkeypatch):
    """And told; whoever names the file gets it."""
    monkeypatch.setattr("simgov.checking.LARGEST", 1)
    with pytest.raises(UsageError, match="there is no scenario with targets to check"):
        check("scenarios", replications=12)
    assert check("scenarios/street.yaml", replications=12).is_green
    found = check(["scenarios", "scenarios/street.yaml"], replications=12)
    assert ([s.name for s in found.scenarios], list(found.left_out)) == (["street"], ["soft"])


def test_mistakes(here):
    with pytest.raises(OutputError, match="nothing: there is no such file or folder"):
        check("nothing")
    with pytest.raises(UsageError, match="there is no scenario with targets to check; a target is a figure that was reported"):
        check("scenarios/none.yaml")
    changed(here, "measure: headline_closure", "measure: headline")
    (here / "scenarios" / "none.yaml").write_text("schema: 2\nstages: {}\n")
    with pytest.raises(ScenarioError) as error:
        check("scenarios")
    assert {problem.file.rpartition("/")[2] for problem in error.value.problems} == {"street.yaml", "none.yaml"}
    done = call("scenarios")
    assert done.exit_code == 2
    assert "unknown measure 'headline'" in done.output
    assert call("scenarios/soft.yaml", "-n", 12, "--junit", "no/where.xml").exit_code == 2


def test_chinese(here):
    done = call("scenarios/street.yaml", "-n", 12, "--lang", "zh")
    assert "小街" in done.output
    assert "1 个目标中 0 个不符" in done.output
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
    assert "headline_closure is reported as 0.9 ± 0.1 and “the other paper” as at most 0.7, but both are of one and the same row; keep one of the two" in done.output


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
    changed(here, "value: 0.9, rounding: 0.05", "value: 0.9, rounding: 0.1, window: {days: [5, 14]}")
    done = call("scenarios/street.yaml", "-n", 12, "--junit", "out.xml")

    assert done.exit_code == 0, done.output
    assert "2022-05-02..2022-05-11 – 2022-05-16" in " ".join(done.output.split())
    assert "one window of 2022-05-02..2022-05-11 – 2022-05-16 0." in ET.parse("out.xml").getroot()[0][0].find("system-out").text
