"""The folder of a result is complete or not there, whatever happens while it is written, and it replaces nothing but results."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import street

from simgov.errors import OutputError
from simgov.folder import MARK, check, finished_folder


def finished(folder):
    """Whether it looks like a result."""
    return (folder / MARK).exists()


def fill(work, text="new"):
    (work / MARK).write_text(json.dumps({"simgov_result": 1, "text": text}), encoding="utf-8")
    (work / "table.parquet").write_text(text)


def files(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return street.result().save(tmp_path_factory.mktemp("saved") / "out")


# ── what goes well ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["out", "a/b/out", "结果", "with space", "out.v1"])
def test_a_folder_appears_when_it_is_complete(tmp_path, name):
    """Until the block ends there is no folder; then there is all of it, and nothing beside it."""
    place = tmp_path / name
    with finished_folder(place) as work:
        fill(work)
        assert not place.exists()

    assert set(files(place)) == {MARK, "table.parquet"}
    assert list(place.parent.iterdir()) == [place]
    assert place.stat().st_mode & 0o777 == 0o755


def test_an_older_result_is_replaced(tmp_path):
    """Of an older result nothing is left, and an empty folder is taken."""
    (tmp_path / "out").mkdir()
    for text in ("old", "new"):
        with finished_folder(tmp_path / "out") as work:
            fill(work, text)
            if text == "old":
                (work / "only in the old one").touch()

    assert files(tmp_path / "out").keys() == {MARK, "table.parquet"}
    assert files(tmp_path / "out")["table.parquet"] == "new"
    assert os.listdir(tmp_path) == ["out"]


def test_a_link_to_a_folder_is_followed(tmp_path):
    """Where a link stands the folder behind it is replaced, and the link stays."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    for text in ("old", "new"):
        with finished_folder(tmp_path / "link") as work:
            fill(work, text)

    assert (tmp_path / "link").is_symlink()
    assert files(tmp_path / "disk")["table.parquet"] == "new"
    assert sorted(os.listdir(tmp_path)) == ["disk", "link"]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("theirs", [{"thesis.docx": "years of work"}, {MARK: '{"exam": 1}'}, {MARK: "[1]"}, {MARK: "no JSON"}])
def test_a_folder_of_others_is_refused_untouched(tmp_path, theirs):
    """A folder that is not empty and holds no result of simgov is left as it is, and the message says so."""
    place = tmp_path / "papers"
    place.mkdir()
    for name, text in theirs.items():
        (place / name).write_text(text)

    with pytest.raises(OutputError) as error, finished_folder(place):
        pytest.fail("must not begin")

    assert str(error.value) == f"{place}: is not empty and holds no result of simgov; name another folder, nothing was changed"
    assert files(place) == theirs
    assert os.listdir(tmp_path) == ["papers"]


def test_a_file_in_the_way_is_refused(tmp_path):
    """A file at the place, or above it, is named and left alone."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(OutputError, match="file: is a file; name a folder for the results"):
        check(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        check(tmp_path / "file" / "out")
    assert files(tmp_path) == {"file": "mine"}


def test_a_name_that_is_too_long_is_an_output_error(tmp_path):
    """What the file system refuses ends in a sentence, not in a traceback."""
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        check(tmp_path / ("x" * 300))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where not even root may write")
def test_a_place_where_nobody_may_write():
    """An unwritable place is an OutputError with the reason."""
    with pytest.raises(OutputError, match=r"^/proc/simgov/out: cannot be written"), finished_folder(Path("/proc/simgov/out")) as work:
        fill(work)


def test_checking_leaves_nothing_behind(tmp_path):
    """A check creates no folder, not even those above."""
    check(tmp_path / "a" / "b")

    assert list(tmp_path.iterdir()) == []


# ── what goes wrong in the middle ───────────────────────────────────────────────────────────────────


def test_folders_above_vanish_too(tmp_path):
    """Folders that were made on the way to the place are not left behind empty; those that were there stay."""
    (tmp_path / "mine").mkdir()
    with pytest.raises(KeyError), finished_folder(tmp_path / "mine/a/b/out"):
        raise KeyError

    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, MemoryError, SystemExit])
@pytest.mark.parametrize("older", [False, True])
def test_a_failure_leaves_what_was_there(tmp_path, failure, older):
    """Whatever stops the writing, the older result is whole or there is none, and no working folder is left."""
    place = tmp_path / "out"
    if older:
        with finished_folder(place) as work:
            fill(work, "old")

    def interrupted():
        with finished_folder(place) as work:
            fill(work)
            raise failure

    with pytest.raises(failure):
        interrupted()
    assert os.listdir(tmp_path) == (["out"] if older else [])
    assert not older or files(place)["table.parquet"] == "old"


def test_a_full_disk_is_an_output_error(tmp_path):
    """An error of the file system inside the block is told with its reason."""
    with pytest.raises(OutputError, match=f"^{tmp_path / 'out'}: cannot be written: No space left on device$"), finished_folder(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("failure", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_a_failure_between_old_and_new_brings_the_old_one_back(tmp_path, monkeypatch, failure):
    """When the new folder cannot take its place, the old one stands there again."""
    place, replace = tmp_path / "out", os.replace
    with finished_folder(place) as work:
        fill(work, "old")

    def stumble(source, target):
        if str(source).endswith(".partial"):
            raise failure
        replace(source, target)

    monkeypatch.setattr(os, "replace", stumble)
    with pytest.raises((OutputError, KeyboardInterrupt)), finished_folder(place) as work:
        fill(work)

    assert files(place)["table.parquet"] == "old"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("at", ["to_parquet", "savefig", "dumps"])
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_a_result_that_is_interrupted_in_the_middle(tmp_path, saved, monkeypatch, at, failure):
    """A result saved over an older one and stopped among tables, figures or provenance leaves the older one as it was."""
    import matplotlib.figure
    import pandas as pd

    result, place = street.result(), tmp_path / "out"
    shutil.copytree(saved, place)
    before = {p: p.stat().st_mtime_ns for p in place.rglob("*")}
    owner = {"to_parquet": pd.DataFrame, "savefig": matplotlib.figure.Figure, "dumps": json}[at]
    real, calls = getattr(owner, at), []

    def stop(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise failure
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, at, stop)
    with pytest.raises(type(failure)):
        result.save(place)
    monkeypatch.undo()

    assert os.listdir(tmp_path) == ["out"]
    assert {p: p.stat().st_mtime_ns for p in place.rglob("*")} == before
    assert finished(place)


KILLED = """
    import sys, time
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    import street, matplotlib.figure
    place = Path({place!r})
    def hang(*args, **kwargs):
        print("in the middle", flush=True)
        time.sleep(60)
    result = street.result()
    {older}
    matplotlib.figure.Figure.savefig = hang
    result.save(place)
"""


@pytest.mark.parametrize("older", [False, True])
def test_a_killed_process_leaves_no_folder_that_looks_finished(tmp_path, older):
    """Killed in the middle of writing, a run leaves the older result or none at its place; what else lies there is hidden and called partial."""
    place = tmp_path / "out"
    code = textwrap.dedent(KILLED).format(tests=str(Path(__file__).parent), place=str(place), older="result.save(place)" if older else "")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "in the middle\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

    assert process.returncode == -signal.SIGKILL
    assert finished(place) == place.exists() == older
    left = [p for p in tmp_path.iterdir() if p != place]
    assert [p.name.startswith(".out.") and p.name.endswith(".partial") for p in left] == [True]
    assert not finished(left[0])
    street.result().save(place)  # and the next run goes through
    assert finished(place)
