"""Commands that are killed, hung up on, or out of room: nothing half written looks finished, leftovers are swept, and the same command goes on to the same bits."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import psutil
import pytest
import street
from fuzzing import AT_A_PUSH, seeds
from test_workers import HERE, cluster

from simgov import document, owner, whole
from simgov.folder import MARK, finished_folder
from simgov.provenance import RESULT

ENDS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
COMMAND = [sys.executable, "-c", "from simgov.cli import main; main()"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}


def command(*args, cwd):
    """A command as in a terminal, which hears that it is closed, however these tests were started (`nohup` makes deaf)."""
    hears = (lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)) if hasattr(signal, "SIGHUP") else None
    return subprocess.Popen([*COMMAND, *map(str, args)], cwd=cwd, preexec_fn=hears, **QUIET)


def done(*args, cwd, **more):
    return subprocess.run([*COMMAND, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=300, **more)


# ── what dead processes leave ───────────────────────────────────────────────────────────────────────


def dead():
    """The name of a process that has ended."""
    code = "from simgov import owner; print(owner.me())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def fill(work, text="new"):
    (work / MARK).write_text(json.dumps({"simgov_result": 2, "text": text}), encoding="utf-8")


def test_a_process_knows_itself_and_others():
    """Itself and one that is at work live; one that has ended, or another of the same number, does not; of another machine nothing is known."""
    pid, start, machine = owner.me().split("-")
    parent = psutil.Process(os.getppid())

    assert owner.lives(owner.me())
    assert owner.lives(f"{parent.pid:x}-{int(parent.create_time()):x}-{machine}")
    assert not owner.lives(dead())
    assert not owner.lives(f"{pid}-{int(start, 16) - 10_000:x}-{machine}")
    assert not owner.lives(f"{parent.pid:x}-{int(parent.create_time()) - 10_000:x}-{machine}")
    assert owner.lives(f"{pid}-{start}-{'0000' if machine != '0000' else '1111'}")


def test_what_a_dead_process_left_is_swept_and_nothing_else(tmp_path):
    """By the next run of any name beside it; a living one's, another machine's and foreign files stay."""
    gone, here = dead(), owner.me()
    elsewhere = here[:-4] + ("0000" if here[-4:] != "0000" else "1111")
    for name in (f".out.{gone}.abcdef.partial", f".out.{here}.abcdef.partial", f".out.{elsewhere}.abcdef.partial", ".mine.partial", "out.partial"):
        (tmp_path / name / "journal").mkdir(parents=True)
    (tmp_path / f".file.{gone}.abcdef.partial").touch()
    with finished_folder(tmp_path / "other") as work:
        fill(work)

    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([f".out.{here}.abcdef.partial", f".out.{elsewhere}.abcdef.partial", ".mine.partial", "out.partial", "other"])


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_was_set_aside_comes_back_where_the_new_one_did_not(tmp_path, is_there):
    """Killed between two renamings: the old result stands in its place again."""
    aside = tmp_path / f".out.{dead()}.abcdef.old"
    aside.mkdir()
    fill(aside, "old")
    if is_there:
        (tmp_path / "out").mkdir()
        fill(tmp_path / "out", "newer")
    whole.sweep(tmp_path)

    assert os.listdir(tmp_path) == ["out"]
    assert json.loads((tmp_path / "out" / MARK).read_text())["text"] == ("newer" if is_there else "old")


def test_a_link_is_not_followed(tmp_path):
    """What a leftover points to is somebody's own."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").touch()
    (tmp_path / f".out.{dead()}.abcdef.partial").symlink_to(tmp_path / "mine")
    whole.sweep(tmp_path)

    assert [str(p.relative_to(tmp_path)) for p in sorted(tmp_path.rglob("*"))] == ["mine", "mine/letter"]


STOPPED = """
    import os, sys
    sys.path.insert(0, {tests!r})
    import street, matplotlib.figure, pandas
    from simgov import study
    what = {what!r}
    if what == "study":
        found = study.compare("late.yaml", replications=2, folder="out")
    else:
        found = street.result()
    matplotlib.figure.Figure.savefig = lambda *args, **more: os.kill(os.getpid(), 9)
    found.save("out")
"""
STUDY = "{schema: 1, scenario: street.yaml, replications: 2, policies: {one: {}, two: {set: {teams.leader.people: 2}}}, measures: [{measure: headline_closure}]}"


@pytest.mark.parametrize("what", ["run", "study"])
def test_the_next_run_sweeps_what_a_killed_one_left(tmp_path, what):
    """Beside a result, and inside the folder of a study, where a killed one has also left nothing that looks finished."""
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY, encoding="utf-8")
    code = textwrap.dedent(STOPPED).format(tests=str(HERE), what=what)
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=480).returncode == -signal.SIGKILL
    assert len(list(tmp_path.rglob("*.partial"))) == 1
    assert not (tmp_path / "out" / {"run": "result.json", "study": "comparison.json"}[what]).exists()
    assert not list((tmp_path / "out").glob("*.parquet"))
    args = ("compare", "late.yaml", "--out", "out") if what == "study" else ("run", "street.yaml", "-n", 1, "--out", "out")

    assert done(*args, cwd=tmp_path).returncode == 0
    assert not list(tmp_path.rglob("*.partial"))
    assert (tmp_path / "out" / "report.html").is_file()


# ── room ────────────────────────────────────────────────────────────────────────────────────────────

FULL = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)\nfrom simgov.cli import main; main()"


@pytest.mark.parametrize("room", [100_000, 400_000])
def test_a_disk_that_is_full_leaves_no_folder_without_its_report(tmp_path, room):
    """The report is the largest file by far: where it has no room nothing appears, and the message names the folder."""
    street.write(tmp_path)
    found = subprocess.run([sys.executable, "-c", FULL, str(room), "run", "street.yaml", "-n", "2", "--out", "out"], cwd=tmp_path, capture_output=True, text=True, timeout=480)
    if found.returncode == 0:
        pytest.fail("the report is smaller than was thought: take less room")

    assert (found.returncode, " ".join(found.stderr.split())) == (2, "error: out: cannot be written: File too large") or f"error: {tmp_path / 'out'}: cannot be written: File too large" in " ".join(found.stderr.split())
    assert os.listdir(tmp_path) == ["street.yaml"]


def test_a_study_on_a_full_disk_keeps_its_trials_and_looks_unfinished(tmp_path):
    """What was found before goes on to stand there whole; of the new nothing is seen."""
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY, encoding="utf-8")
    found = subprocess.run([sys.executable, "-c", FULL, "40000", "compare", "late.yaml", "--out", "out"], cwd=tmp_path, capture_output=True, text=True, timeout=480)

    assert found.returncode == 2, found.stderr
    assert "cannot be written: File too large" in " ".join(found.stderr.split())
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["study.json", "trials"]
    assert len(list((tmp_path / "out" / "trials").rglob("*.json"))) == 4
    assert done("compare", "late.yaml", "--out", "out", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "comparison.json").is_file()


def test_a_memory_that_is_too_small_is_one_sentence(monkeypatch):
    """What a user can do about it, and no empty brackets."""
    from click.testing import CliRunner

    from simgov.cli import main

    def full(*args, **more):
        raise MemoryError

    monkeypatch.setattr("simgov.scenario.load", full)
    found = CliRunner().invoke(main, ["run", "street.yaml", "--out", "nowhere/out"])
    assert (found.exit_code, found.output.startswith("error: out of memory; take fewer workers (-w), a shorter period or fewer replications")) == (2, True)


# ── signals ─────────────────────────────────────────────────────────────────────────────────────────


def begun(process, place, what):
    """Wait until there is something of that name, or the process has ended."""
    until = time.monotonic() + 240
    while process.poll() is None and not any(place.rglob(what)) and time.monotonic() < until:
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_end_that_is_asked_for_is_told_and_leaves_nothing(tmp_path, number):
    """Exit code 130, one sentence, no traceback, and no folder that is not finished; a terminal that is closed asks twice."""
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY.replace("replications: 2", "replications: 5000"), encoding="utf-8")
    process = command("compare", "late.yaml", "--out", "out", cwd=tmp_path)
    begun(process, tmp_path, "trials/*/*.json")
    for _ in range(2 if number == signal.SIGHUP else 1):
        process.send_signal(number)
    _, said = process.communicate(timeout=240)

    assert process.returncode == 130, said
    assert "what was simulated is kept in out; the same command goes on from there" in " ".join(said.split())
    assert "Traceback" not in said
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_nohup_is_respected(tmp_path):
    """Whoever was told to be deaf to a closed terminal stays so."""
    street.write(tmp_path)
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\nfrom simgov.cli import interrupts; interrupts.listen(); print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


# ── workers and clusters ────────────────────────────────────────────────────────────────────────────


def test_workers_end_soon_after_their_parent_was_killed(tmp_path):
    """Within seconds, in the middle of work that would go on, and the processes that watch over them, too."""
    code = "import sys; sys.path.insert(0, sys.argv[1])\nfrom simgov import workers\nfrom test_workers import pid_of\nfor pid in workers.carry_out(pid_of, [(x,) for x in range(100_000)], 2): print(pid, flush=True)"
    process = subprocess.Popen([sys.executable, "-c", code, str(HERE)], stdout=subprocess.PIPE, text=True)
    for _ in range(8):
        process.stdout.readline()
    others = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.stdout.close()
    process.wait()
    _, alive = psutil.wait_procs(others, timeout=60)

    assert len(others) >= 2
    assert [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


SCHEDULER_DIES = """
import os, sys, time
sys.path.insert(0, {tests!r})
from simgov.errors import SimgovError
from simgov.workers import carry_out
from test_workers import pid_of
results = carry_out(pid_of, [(x,) for x in range({count})], sys.argv[1])
try:
    for k, _ in enumerate(results):
        if k == {kill}:
            os.kill(int(sys.argv[2]), 9)
            time.sleep(1)
    print("all done")
except SimgovError as error:
    print(error)
    sys.exit(2)
"""


@pytest.mark.parametrize(("count", "kill", "code"), [(400, 5, 2), (4, 3, 0)])
def test_a_scheduler_that_dies_is_told_in_one_sentence(tmp_path, count, kill, code):
    """In the middle of the work: our message, and no traceback of the library's. After the last result has come everything is there, so nothing is wrong."""
    with cluster(tmp_path) as where:
        victim = next(p.pid for p in psutil.process_iter(["cmdline"]) if "scheduler" in (p.info["cmdline"] or []) and where.rpartition(":")[2] in p.info["cmdline"])
        script = SCHEDULER_DIES.format(tests=str(HERE), count=count, kill=kill)
        found = subprocess.run([sys.executable, "-c", script, where, str(victim)], capture_output=True, text=True, timeout=480)

    assert (found.returncode, found.stderr) == (code, "")
    assert found.stdout.strip() == "all done" if not code else re.fullmatch(rf"the cluster at {where} ended before the work was done \(\w+\); what was kept in a folder is sound, so the same command goes on", found.stdout.strip())


# ── fifty kills ─────────────────────────────────────────────────────────────────────────────────────

ASSUMED = (
    street.TEXT.replace("outcomes: {closed: 0.6,", "outcomes: {closed: {value: 0.6, assumption: [0.4, 0.9], free: true},")
    .replace("work: 10 min", "work: {value: 10 min, assumption: [5 min, 20 min], free: true}")
    .replace("kind: soft", "kind: fit")
)
GOAL = """\
schema: 1
scenario: street.yaml
set: {teams.desk.cost_per_hour: 50}
levers: {people: {path: teams.leader.people, values: [1, 2]}}
goals: [{measure: headline_closure, at_least: 0.5}]
cost: [{measure: cost, where: {team: desk}}]
replications: {first: 3, at_most: 6}
assumptions: {replications: 0}
"""
JOBS = {
    "run": ("run", "street.yaml", "-n", 30, "--out", "out"),
    "run --workers": ("run", "street.yaml", "-n", 30, "--workers", 2, "--out", "out"),
    "compare": ("compare", "late.yaml", "-n", 12, "--out", "out"),
    "compare --workers": ("compare", "late.yaml", "-n", 12, "--workers", 2, "--out", "out"),
    "staff": ("staff", "goal.yaml", "--out", "out"),
    "calibrate": ("calibrate", "assumed.yaml", "--depth", "point", "-n", 2, "--out", "out"),
    "sensitivity": ("sensitivity", "assumed.yaml", "--budget", 400, "-n", 2, "--out", "out"),
    "check": ("check", "street.yaml", "-n", 20, "--junit", "out.xml"),
    "ledger": ("ledger", "before"),
    "report": ("report", "before", "--out", "out.html"),
}
OFTEN = ["compare", "run"]  # of which a push tries one way to end each


def files(place):
    """What is there, without what is about the day or the machine."""
    left = ("street.yaml", "late.yaml", "goal.yaml", "assumed.yaml")
    return {p.relative_to(place).as_posix(): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file() and p.name not in left and "before" not in p.relative_to(place).parts}


@pytest.fixture(scope="module")
def begin(tmp_path_factory):
    """A folder with every file that a command needs."""
    place = tmp_path_factory.mktemp("begin")
    street.write(place)
    for name, text in {"late.yaml": STUDY, "goal.yaml": GOAL, "assumed.yaml": ASSUMED}.items():
        (place / name).write_text(text, encoding="utf-8")
    street.result().save(place / "before")
    return place


@pytest.fixture(scope="module")
def expected(begin, tmp_path_factory):
    """By command: what it leaves when nobody disturbs it, its exit code, its answer, and how long it takes."""
    found = {}

    def of(name):
        if name not in found:
            place = tmp_path_factory.mktemp("expected") / "here"
            shutil.copytree(begin, place)
            started = time.monotonic()
            whole_ = done(*JOBS[name], cwd=place)
            assert whole_.returncode in (0, 1), whole_.stderr
            found[name] = files(place), whole_.returncode, whole_.stdout, time.monotonic() - started, date.today()
        return found[name]

    return of


def killed(name, number, share, begin, expected, place):
    """Kill a command at a share of its time, then give it again: nothing that looks finished was left, and the end is the same to the bit."""
    sound, code, said, takes, day = expected(name)
    shutil.copytree(begin, place)
    process = command(*JOBS[name], cwd=place)
    time.sleep(share * takes)
    process.send_signal(number)
    _, told = process.communicate(timeout=480)
    others = (130, -number, 0, 1) if number != signal.SIGKILL else (-number, 0, 1)
    assert process.returncode in others, told
    assert process.returncode != 130 or "Traceback" not in told
    if (place / "out" / MARK).exists():
        assert document.read(place / "out", RESULT).changed == []
    assert not (place / "out" / "comparison.json").exists() or (place / "out" / "report.html").exists()
    again = done(*JOBS[name], cwd=place)

    assert (again.returncode, again.stdout) == (code, said)
    assert files(place) == sound or date.today() > day  # a fitted scenario says when it was fitted


def test_what_is_killed_goes_on_to_the_same_end(begin, expected, tmp_path):
    """Two commands, killed and asked to end at a moment of chance; at night each command in each way."""
    for k, random in enumerate(seeds("kill", len(OFTEN), AT_A_PUSH)):
        killed(OFTEN[k], ENDS[k], random.random(), begin, expected, tmp_path / f"{k}")


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_what_is_killed_goes_on_to_the_same_end_fifty_times(begin, expected, tmp_path):
    """Every command, every way to end."""
    for k, random in enumerate(seeds("kill at night", 50)):
        killed(list(JOBS)[k % len(JOBS)], random.choice(ENDS), random.random(), begin, expected, tmp_path / f"{k}")




def test_names_of_what_is_not_whole_stay_short():
    """A name in Chinese of seventy signs still has room for it."""
    assert len(whole.partial(Path("x") / ("结" * 70)).name.encode()) <= 255
