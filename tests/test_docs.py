"""What is written for readers is true: the README runs, names every command, and the scenarios that come with simgov load."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from shipped import SCENARIOS
from street import result

import simgov
from simgov.cli import COMMANDS, main
from simgov.journal import Ended
from simgov.vocabulary import MEASURES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = re.compile("[\u4e00-\u9fff]")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


# ── README ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name):
    """Whoever reads the README learns of each command."""
    assert re.search(rf"^(.*/)?simgov {name}\b", "\n".join(blocks("bash")), re.MULTILINE)


COMMAND_LINES = [line.partition("#")[0].strip() for block in blocks("bash") for line in block.splitlines() if line.startswith("simgov ")]


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_commands_of_the_readme_are_understood(line, tmp_path, monkeypatch):
    """Every command shown is accepted; runs are stopped where simulating would begin."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    words = shlex.split(line)[1:]
    if words[0] in ("ledger", "report"):
        result().save(tmp_path / words[1])

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("simgov.pieces.play", stop)
    monkeypatch.setattr("simgov.trials.carry_out.play", stop)
    monkeypatch.setattr("simgov.calibration.Posterior.load", stop)
    monkeypatch.setattr("simgov.web.server.serve", stop)
    done = CliRunner().invoke(main, words, input="\n" * 20)  # what `new` asks takes its defaults

    assert done.exit_code == (130 if words[0] in ("run", "check", "compare", "calibrate", "staff", "sensitivity", "report", "serve") else 0), done.output


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    """The Python block runs as it stands, with fewer replications, and writes the figure it names."""
    (code,) = blocks("python")
    fewer = code.replace("replications=10", "replications=2")
    assert fewer != code
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")

    space: dict = {}
    exec(compile(fewer, "README.md", "exec"), space)

    assert (tmp_path / "waiting.png").read_bytes().startswith(b"\x89PNG")
    assert space["result"].replications == 2
    assert 0 < space["result"].value("cohort_closure", days=7) <= 1


def test_the_readme_names_places_that_exist():
    """Every folder and file that the table of places, the text and its links name is there."""
    table = README.partition("## Where things are")[2].partition("\n## ")[0]
    places = re.findall(r"`([^`]+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `")))
    links = re.findall(r"\]\(([^)#]+)\)", README)

    assert len(places) > 8
    folders = [ROOT, ROOT / "simgov"]
    assert [place for place in places if not any((folder / place).exists() for folder in folders)] == []
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_the_readme_says_what_simgov_is_not_for():
    """Scope: it compares procedures and staffing and scores no persons, here and in the help of the package."""
    for text in (README, simgov.__doc__, (ROOT / "docs/model.md").read_text(encoding="utf-8")):
        flat = " ".join(text.split())
        assert re.search(r"does not predict or score persons", flat)
        assert "an assumption, not a finding" in flat


def test_the_chinese_readme_shows_the_same_commands():
    """Whoever reads Chinese is told the same commands, and is pointed to files that exist."""
    chinese = (ROOT / "README.zh.md").read_text(encoding="utf-8")

    def commands(text):
        return [line.partition("#")[0].strip() for block in re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for line in block.splitlines()]

    assert commands(README) == commands(chinese)
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", chinese) if not (ROOT / link).exists()] == []
    assert [place for place in re.findall(r"`((?:docs|scenarios|simgov|notebooks)/[^`*]*)`", chinese) if not (ROOT / place).exists()] == []


# ── the test command ────────────────────────────────────────────────────────────────────────────────


def marked(name):
    """The one command behind a mark of the README."""
    (block,) = re.findall(rf"<!-- {name} -->\n```bash\n(.*?)\n```", README, re.DOTALL)
    assert "\n" not in block
    return block


def test_ci_runs_exactly_the_test_command_of_the_readme(tmp_path):
    """What `.ci/run` extracts is the line that stands in the README, shown by running it with a shell that only writes down what it is given."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    shutil.copy(ROOT / "README.md", tmp_path)
    (tmp_path / "bin/bash").write_text('#!/bin/sh\nfor last; do :; done\nprintf %s "$last" > given\n')
    (tmp_path / "bin/chromium").write_text("")  # so that none is installed
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    real = shutil.which("bash")

    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([real, str(tmp_path / ".ci/run")], env={**os.environ, "PATH": path}, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "given").read_text() == marked("test command")


def test_ci_fails_without_a_test_command(tmp_path):
    """A README that lost its command is not a pass."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    (tmp_path / "README.md").write_text("# simgov\n")

    done = subprocess.run([str(tmp_path / ".ci/run")], capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == "the README has no test command\n"


def test_the_main_job_is_one_command():
    """The main job installs and runs the shipped scenario, the test command installs what tests need and runs them."""
    assert marked("main job").endswith(".venv/bin/simgov run scenarios/dongxing.yaml")
    assert marked("test command").endswith(".venv/bin/python -m pytest -n 2 --dist loadfile")


# ── scenarios, measures, model ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.name)
def test_every_scenario_loads(path):
    """Every shipped scenario is understood, has a title and a description in both languages, and so has every label in it."""
    scenario = simgov.load(path)

    for text in (scenario.title, scenario.description):
        assert text.en
        assert CHINESE.search(text.zh)
    for part in ("levels", "teams", "classes", "stages", "ends", "changes"):
        for name, thing in getattr(scenario, part).items():
            assert thing.label is not None, f"{part}.{name}"
            assert CHINESE.search(thing.label.zh), f"{part}.{name}"
            assert not CHINESE.search(thing.label.en), f"{part}.{name}"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.name)
def test_every_change_of_a_scenario_can_be_put_in_force(path):
    """Each change of a shipped scenario loads, too."""
    scenario = simgov.load(path)

    for name in scenario.changes:
        assert name in simgov.load(path, changes=[name]).in_force


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_labels_in_both_languages(name):
    """Label and denominator in English and Chinese; a direction; a unit that the screen can print."""
    from simgov.words import UNITS

    measure = MEASURES[name]

    for english, chinese in ((measure.label("en"), measure.label("zh")), (measure.of("en"), measure.of("zh"))):
        assert english
        assert not CHINESE.search(english)
        assert CHINESE.search(chinese)
    assert measure.better in ("up", "down", "neither")
    assert measure.unit in UNITS


def test_labels_tell_measures_apart():
    """No two measures have the same label in a language."""
    for lang in ("en", "zh"):
        assert len({m.label(lang) for m in MEASURES.values()}) == len(MEASURES)


def test_rules_of_the_model_have_numbers_without_gaps():
    """R1, R2, ... each once, so that tests and issues can name them."""
    text = (ROOT / "docs/model.md").read_text(encoding="utf-8")
    numbers = [int(n) for n in re.findall(r"^\* \*\*R(\d+)\*\*", text, re.MULTILINE)]

    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert len(Ended) == 5
