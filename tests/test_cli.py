"""The command line: what a user types, what the screen says, what is written, and how each mistake ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import street
from click.testing import CliRunner

import simgov
from simgov.cli import COMMANDS, HELP, main
from simgov.schema import json_schema

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "simpy", "pyarrow")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder with the small street in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    street.write(tmp_path)
    return tmp_path


def call(*args):
    return CliRunner().invoke(main, [str(a) for a in args])


def python(*args, **options):
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, encoding="utf-8", timeout=480, **options)


def command(*args):
    """simgov in a process of its own."""
    return python("-c", "from simgov.cli import main; main()", *args)


# ── help ────────────────────────────────────────────────────────────────────────────────────────────


def imported(*args):
    """The packages that a command imports, and what it printed."""
    done = python("-X", "importtime", "-c", "from simgov.cli import main; main()", *args)
    assert done.returncode == 0
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time")}, done.stdout


@pytest.mark.parametrize("args", [("--help",), ("run", "--help"), ("explain", "--help"), ("schema", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(args):
    """Help and version answer at once: no numerical package is imported for them."""
    packages, text = imported(*args)

    assert packages.isdisjoint(HEAVY)
    assert "click" in packages
    assert text


def test_the_measurement_of_imports_would_see_them(here):
    """The control: explaining a scenario does import numpy."""
    assert "numpy" in imported("explain", "street.yaml")[0]


def test_help_names_every_command():
    """The list of commands is the one that is there, and each says the same in its own help."""
    text = call("--help").output

    assert list(HELP) == list(COMMANDS)
    for name, about in HELP.items():
        assert re.search(rf"^  {name} +{re.escape(about)}$", text, re.MULTILINE)
        assert call(name, "--help").exit_code == 0
        assert call(name, "-h").output.startswith(f"Usage: main {name}")


def test_version():
    """The version is that of the package."""
    assert call("--version").output.strip().endswith(simgov.__version__)


# ── run ─────────────────────────────────────────────────────────────────────────────────────────────


def test_run_prints_and_writes(here):
    """The answer first, then targets, the price of the rule, then measures with intervals; last the folder, which is complete."""
    done = call("run", "street.yaml", "-n", 3, "--seed", 7, "--out", "out/one")

    assert done.exit_code == 0, done.output
    text = done.output
    order = ["incidents collected from", "A small street", "rule in force: open late", "Reported figures and what comes out", "No overnight: compliance and price", "Measures", "written to out/one"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert re.search(r"Headline closure rate at the census +\n.*\n +all classes +\d+\.\d+% +\d+\.\d+% – \d+\.\d+% +\d+", text)
    assert re.search(r"3 replications.*seed 7", text)
    assert re.search(r"90\.0% .*cannot be judged yet", text)
    provenance = json.loads((here / "out/one/result.json").read_text(encoding="utf-8"))
    assert (provenance["seed"], provenance["replications"], provenance["changes"]) == (7, 3, ["late"])
    assert provenance["digest"] == street.street().digest
    journal = pd.read_parquet(here / "out/one/journal/incidents.parquet")
    pd.testing.assert_frame_equal(journal, street.result().incidents)
    assert "Traceback" not in text


def test_set_and_change_reach_the_run(here):
    """--set and --change (both several times) are in what was run, in the name of the folder, and on the screen."""
    done = call("run", "street.yaml", "-n", 1, "--change", "off", "--change", "help", "--set", "teams.leader.hours=always", "--set", "stages.look.work=1h")

    assert done.exit_code == 0, done.output
    (folder,) = (here / "results").iterdir()
    assert re.fullmatch(r"street-off-help-[0-9a-f]{6}-n1-s1", folder.name)
    assert f"written to results/{folder.name}" in done.output.replace("\n", "")
    assert "rule in force: office hours, helpers come" in done.output
    provenance = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert provenance["scenario"]["teams"]["leader"]["hours"] == "always"
    assert provenance["scenario"]["stages"]["look"]["work"] == "1h"
    assert provenance["changes"] == ["off", "help"]


def test_other_settings_go_to_other_folders(here):
    """Without --out, what differs in scenario, seed or replications does not overwrite each other; the same does."""
    for extra in ((), (), ("--seed", "2"), ("--set", "residents=900")):
        assert call("run", "street.yaml", "-n", "1", *extra).exit_code == 0

    assert len(list((here / "results").iterdir())) == 3


def test_chinese(here):
    """--lang zh: titles, measures and labels are Chinese, and so are the figures, which differ from the English ones."""
    done = call("run", "street.yaml", "-n", 2, "--lang", "zh", "--out", "zh")
    call("run", "street.yaml", "-n", 2, "--out", "en")

    assert done.exit_code == 0, done.output
    for words in ("小街", "所用规则：延时", "报道的数字与模拟结果", "研判不隔夜：达标与代价", "指标", "办结率（统计截止日）", "结果已写入 zh", "研判席"):
        assert words in done.output
    assert "Headline" not in done.output
    for name in ("closure", "chain", "waiting"):
        assert (here / "zh/figures" / f"{name}.png").read_bytes() != (here / "en/figures" / f"{name}.png").read_bytes()
    for table in ("measures", "summaries"):
        assert (here / f"zh/{table}.parquet").read_bytes() == (here / f"en/{table}.parquet").read_bytes()


def test_all_prints_every_class(here):
    """--all adds the rows by class."""
    short, everything = (call("run", "street.yaml", "-n", 2, "--out", "out", *extra).output for extra in ((), ("--all",)))

    assert "dispute, unit" not in short
    assert "dispute, unit" in everything


def test_an_older_result_is_replaced(here):
    """Running into the same folder again replaces what is there."""
    for seed in (1, 2):
        assert call("run", "street.yaml", "-n", 1, "--seed", seed, "--out", "out").exit_code == 0

    assert json.loads((here / "out/result.json").read_text(encoding="utf-8"))["seed"] == 2
    assert sorted(os.listdir(here)) == ["out", "street.yaml"]


def test_the_installed_command(here):
    """The console script runs, prints to stdout only what is meant for reading, and nothing to stderr."""
    done = command("run", "street.yaml", "-n", "1", "--out", "out")

    assert done.returncode == 0
    assert done.stderr == ""
    assert "\nwritten to out" in done.stdout


# ── mistakes ────────────────────────────────────────────────────────────────────────────────────────

ONE = "1 problem; nothing was run."
BROKEN = "schema: 1\nperiod: [2022-05-02, 2022-05-16]\nlevels: {unit: 1}\nteems: {}\nclasses: {}\n"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["rum", "street.yaml"], "Usage: main [OPTIONS] COMMAND [ARGS]...\nTry 'main --help' for help.\n\nError: no command 'rum'; did you mean 'run'?"),
        (["quux"], "Error: no command 'quux'; known: new, explain, run"),
        (["run"], "Error: Missing argument 'SCENARIO'."),
        (["run", "nope.yaml"], f"nope.yaml: cannot be read: No such file or directory\n{ONE}"),
        (["run", "."], "Error: Invalid value for 'SCENARIO': File '.' is a directory."),
        (["run", "street.yaml", "--change", "lat"], f"unknown change 'lat'; did you mean 'late'?\n{ONE}"),
        (["run", "street.yaml", "--change", "off", "--change", "late"], f"off and late are of one group 'hours'; choose one\n{ONE}"),
        (["run", "street.yaml", "--set", "teams.desc.people=3"], f"--set teams.desc.people: there is no 'desc' in teams; did you mean 'desk'?\n{ONE}"),
        (["run", "street.yaml", "--set", "teams"], f"a setting is path=value, such as teams.grid_worker.people=2, got 'teams'\n{ONE}"),
        (["run", "street.yaml", "-n", "0"], "Error: Invalid value for '--replications' / '-n': 0 is not in the range x>=1."),
        (["run", "street.yaml", "--seed", "-1"], "Error: Invalid value for '--seed': -1 is not in the range x>=0."),
        (["run", "street.yaml", "--lang", "fr"], "Error: Invalid value for '--lang': 'fr' is not one of 'en', 'zh'."),
        (["run", "street.yaml", "--out", "street.yaml"], "Error: Invalid value for '--out': Directory 'street.yaml' is a file."),
        (["run", "street.yaml", "--out", "street.yaml/out"], "error: street.yaml/out: cannot be written"),
        (["run", "street.yaml", "--out", "papers"], "error: papers: is not empty and holds no result of simgov; name another folder, nothing was changed"),
        (["run", "street.yaml", "--out", "/proc/out"], "error: /proc/out: cannot be written (/proc is not writable); name another folder with --out"),
        (["explain", "nope.yaml"], f"nope.yaml: cannot be read: No such file or directory\n{ONE}"),
        (["schema", "--out", "papers/none/schema.json"], "error: papers/none/schema.json: cannot be written: No such file or directory"),
    ],
)
def test_mistakes_end_in_a_sentence(here, args, expected):
    """Each mistake is told in its exact words, with exit code 2, no traceback, and nothing written."""
    (here / "papers").mkdir()
    (here / "papers/thesis.txt").write_text("years of work")
    before = sorted(here.rglob("*"))

    done = call(*args)

    assert done.exit_code == 2
    assert expected in done.stderr
    assert done.stdout == ""
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert sorted(here.rglob("*")) == before


def test_all_problems_of_a_scenario_at_once(here):
    """A broken scenario: every problem with file and line, their number, nothing run."""
    (here / "broken.yaml").write_text(BROKEN)

    done = call("run", "broken.yaml")

    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert "broken.yaml:4: teems: unknown key 'teems'; did you mean 'teams'?" in lines
    assert lines[-1] == f"{len(lines) - 1} problems; nothing was run."
    assert len(lines) > 2
    assert all(re.match(r"broken\.yaml:\d+: ", line) for line in lines[:-1])


def test_a_loop_is_told(here):
    """A run that cannot go on says which loop it is in, and leaves nothing."""
    text = street.TEXT.replace("outcomes: {closed: 1}", "outcomes: {handle: 1}").replace("closed: 0.6, withdrawn: 0.05", "look: 0.99999, closed: 0.00001")
    (here / "loop.yaml").write_text(text, encoding="utf-8")

    done = call("run", "loop.yaml", "-n", 1, "--set", "stages.handle.work=1 min", "--set", "stages.look.work=1 min", "--set", "teams.desk.hours=always")

    assert done.exit_code == 2
    assert re.search(r"^error: stages\.\w+: an incident of class '\w+' entered it more than 99 times \(.*handle -> look.*\)", done.stderr, re.MULTILINE)
    assert sorted(os.listdir(here)) == ["loop.yaml", "street.yaml"]


def test_mistakes_in_a_process_of_its_own(here):
    """The same outside the test runner: exit code 2, the sentence on stderr, nothing on stdout."""
    done = command("run", "street.yaml", "--change", "lat")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"unknown change 'lat'; did you mean 'late'?\n{ONE}\n"


# ── Ctrl-C ──────────────────────────────────────────────────────────────────────────────────────────

STOPPED = """
import sys, {module}
real = {module}.{name}
def told(*args, **kwargs):
    print("in the middle", flush=True)
    return real(*args, **kwargs)
{module}.{name} = told
from simgov.cli import main
main()
"""


@pytest.mark.parametrize(("module", "name"), [("simgov.pieces", "play"), ("simgov.plots", "draw")])
@pytest.mark.parametrize("out", [(), ("--out", "deep/out")])
def test_ctrl_c(here, module, name, out):
    """Interrupted while simulating or while writing, it says so, ends with 130, and nothing is left."""
    code = STOPPED.format(module=module, name=name)
    replications = "1000" if name == "play" else "1"
    args = [sys.executable, "-c", code, "run", "street.yaml", "-n", replications, *out]
    process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "in the middle\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=240)

    assert process.returncode == 130
    assert said == "interrupted; nothing was written.\n"
    assert os.listdir(here) == ["street.yaml"]


# ── explain and schema ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain(here, lang):
    """Explain prints what was understood, with changes and settings in force, and writes nothing."""
    done = call("explain", "street.yaml", "--lang", lang, "--change", "off", "--set", "teams.leader.people=7")

    assert done.exit_code == 0, done.output
    assert ("A small street" if lang == "en" else "小街") in done.output
    assert re.search(r"^ (unit leader|单元长) +(unit|单元) +14 ", done.output, re.MULTILINE)  # 7 at each of two units
    assert os.listdir(here) == ["street.yaml"]


def test_schema_to_the_screen_and_to_a_file(here):
    """The schema is JSON that says the same on screen and in a file."""
    screen, file = call("schema"), call("schema", "--out", "s.json")

    assert (screen.exit_code, file.exit_code, file.output) == (0, 0, "")
    assert json.loads(screen.output) == json_schema()
    assert (here / "s.json").read_text(encoding="utf-8") == screen.output


# ── the main job ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def dongxing(tmp_path_factory):
    """Dongxing community with the rule and without it, by command, one replication each."""
    folder = tmp_path_factory.mktemp("dongxing")
    for name, extra in (("rule", ()), ("off", ("--change", "off"))):
        done = call("run", ROOT / "scenarios/dongxing.yaml", "-n", 1, "--out", folder / name, *extra)
        assert done.exit_code == 0, done.output
    return folder


def measured(folder):
    table = pd.read_parquet(folder / "measures.parquet")
    return {(row.measure, row["class"] + row.level + row.team + row.stage): row.value for _, row in table.iterrows()}


def test_switching_the_rule_moves_no_birth(dongxing):
    """Without the no-overnight rule the same incidents are born and found at the same places and times, with the same difficulty."""
    same = ["key", "born", "found", "home", "difficulty", "class_born"]
    rule, off = (pd.read_parquet(dongxing / name / "journal/incidents.parquet") for name in ("rule", "off"))
    rule, off = (table[table["repeat_of"] < 0][same].reset_index(drop=True) for table in (rule, off))

    assert len(rule) > 1500
    pd.testing.assert_frame_equal(rule, off)


def test_switching_the_rule_changes_presence_and_triage(dongxing):
    """The rule costs presence outside regular hours and makes triage quicker; without it there is overtime at most, and triage waits longer."""
    rule, off = measured(dongxing / "rule"), measured(dongxing / "off")

    for team in ("community", "street_seat", "district_seat"):
        assert rule["off_hours_presence", team] > off["off_hours_presence", team]
        assert rule["off_hours_presence", team] - rule["overtime_hours", team] > 0
        assert off["off_hours_presence", team] == off["overtime_hours", team]
    assert rule["time_to_triage_median", "all"] < off["time_to_triage_median", "all"]
    assert rule["time_to_triage_p90", "all"] < off["time_to_triage_p90", "all"]
    assert rule["same_day_triage", "community"] > off["same_day_triage", "community"]
    assert ("due_met", "community_triage") in rule
    assert ("due_met", "community_triage") not in off


@pytest.mark.parametrize(("module", "name"), [("simgov.pieces", "play"), ("simgov.plots", "draw")])
def test_an_interruption_that_python_drops_is_noticed(here, module, name):
    """Raised in a finalizer, a KeyboardInterrupt would only be printed; it is asked for anew, also where no step of a progress follows."""
    code = (
        f"import os, signal, {module} as m\nreal = m.{name}\n"
        "class Dropped:\n    def __del__(self): os.kill(os.getpid(), signal.SIGINT)\n"
        f"def told(*args, **more):\n    Dropped()\n    return real(*args, **more)\n"
        f"m.{name} = told\nfrom simgov.cli import main\nmain()"
    )
    done = python("-c", code, "run", "street.yaml", "-n", "20" if name == "play" else "1", cwd=here)

    assert (done.returncode, done.stderr) == (130, "interrupted; nothing was written.\n")
    assert os.listdir(here) == ["street.yaml"]


def test_who_asks_for_an_end_gets_it(here):
    """Where something waits for ever on the way out, the process ends all the same, with 130, and leaves nothing that looks finished."""
    code = (
        "import os, signal, time, simgov.pieces as p\nfrom simgov.cli import interrupts, main\ninterrupts.PATIENCE = 0.5\n"
        "def play(*args):\n"
        "    try:\n        os.kill(os.getpid(), signal.SIGINT)\n    finally:\n        time.sleep(600)\n"
        "p.play = play\nmain()"
    )

    done = python("-c", code, "run", "street.yaml", "-n", "20", cwd=here)

    assert (done.returncode, done.stderr) == (130, "interrupted, and ended without waiting any longer; what was finished stays, and the next run clears away what was not\n")
    assert not [name for name in os.listdir(here) if not (name == "street.yaml" or name.endswith(".partial"))]
