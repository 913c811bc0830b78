"""The same work here, in processes and on a real dask cluster; workers that are killed in the middle of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from simgov import workers
from simgov.errors import UsageError, WorkerError
from simgov.workers import carry_out

HERE = Path(__file__).parent


def square(x):
    return x * x


def die_once(x, folder):
    """Ends its own process the first time that it is asked for 3."""
    mark = Path(folder) / "died"
    if x == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


def die(x):
    os.kill(os.getpid(), signal.SIGKILL)


def pid_of(x):
    time.sleep(0.05)
    return os.getpid()


# ── a cluster for tests: a scheduler and two workers on loopback ────────────────────────────────────


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def cluster(folder, count=2):
    """A scheduler and `count` workers in processes of their own, all on 127.0.0.1; gives its address. Ends them all."""
    env = {**os.environ, "PYTHONPATH": str(HERE), "DASK_TEMPORARY_DIRECTORY": str(folder)}
    port, quiet = _free_port(), {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env, "start_new_session": True, "cwd": folder}
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    started = [subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", f"127.0.0.1:{_free_port()}"], **quiet)]
    try:
        for _ in range(count):
            where = ["--host", "127.0.0.1", "--dashboard-address", f"127.0.0.1:{_free_port()}"]
            started.append(subprocess.Popen([*dask, "worker", address, "--nthreads", "1", *where], **quiet))
        _wait_for(address, count)
        yield address
    finally:
        for process in reversed(started):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(address, count):
    from distributed import Client

    until = time.monotonic() + 240
    while time.monotonic() < until:
        with suppress(OSError), Client(address, timeout=5, set_as_default=False) as client:
            if count:
                client.wait_for_workers(count, timeout=240)
            return
    raise AssertionError("the cluster did not start")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("dask")) as where:
        yield where


# ── everywhere the same ─────────────────────────────────────────────────────────────────────────────


def test_results_come_in_the_order_of_the_inputs(address):
    """One process, two, or a cluster: the same list."""
    inputs = [(x,) for x in range(23)]
    for where in (1, 2, address):
        assert list(carry_out(square, inputs, where)) == [x * x for x in range(23)]


def test_a_cluster_is_really_used(address):
    """Both workers of it take part, and none of them is this process."""
    pids = set(carry_out(pid_of, [(x,) for x in range(12)], address))

    assert len(pids) == 2
    assert os.getpid() not in pids


def test_inputs_are_taken_as_they_are_needed():
    """Whoever stops early has not gone through all inputs, which may never end."""
    taken = []

    def inputs():
        for x in range(10_000):
            taken.append(x)
            yield (x,)

    results = carry_out(square, inputs(), 2)
    assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
    results.close()
    assert len(taken) < 100


# ── killed ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_killed_process_had_in_hand_is_done_again(tmp_path):
    """joblib itself gives up; the results are those of one process all the same, in order and each once."""
    assert list(carry_out(die_once, [(x, tmp_path) for x in range(20)], 2)) == [x * x for x in range(20)]
    assert (tmp_path / "died").exists()


def test_a_process_that_is_killed_again_and_again_is_told():
    """It is tried three times, and then the user is told what to do."""
    with pytest.raises(WorkerError, match="workers were ended before their work was done, probably for lack of memory; take fewer workers"):
        list(carry_out(die, [(x,) for x in range(4)], 2))


# ── clusters that cannot be used ────────────────────────────────────────────────────────────────────


def test_a_cluster_that_is_not_there(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    where = f"tcp://127.0.0.1:{_free_port()}"

    with pytest.raises(UsageError, match=f"no dask scheduler answers at {where} .*start one with `dask scheduler`"):
        list(carry_out(square, [(1,)], where))


@pytest.mark.parametrize("where", ["tcp://", "http://127.0.0.1:1"])
def test_an_address_that_is_none(where, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1)
    with pytest.raises(UsageError, match=f"no dask scheduler answers at {re.escape(where)}"):
        list(carry_out(square, [(1,)], where))


def test_what_is_no_address_at_all():
    with pytest.raises(UsageError, match=r"a cluster is the address of a dask scheduler, such as tcp://127\.0\.0\.1:8786, got 'nonsense'"):
        carry_out(square, [(1,)], "nonsense")


def test_a_cluster_that_ends_in_the_middle(tmp_path):
    """The scheduler is killed: one clear error, and what to do."""
    with cluster(tmp_path) as where:
        results = carry_out(pid_of, [(x,) for x in range(400)], where)
        next(results)
        victim = next(p for p in psutil.process_iter(["cmdline"]) if "scheduler" in (p.info["cmdline"] or []) and where.rpartition(":")[2] in p.info["cmdline"])
        victim.kill()
        with pytest.raises(WorkerError, match=f"the cluster at {where} ended before the work was done .*the same command goes on"):
            list(results)


@pytest.mark.nightly  # joblib gives them half a minute to end cleanly
def test_processes_end_when_nobody_is_left(tmp_path):
    """Whoever started them was killed: they end by themselves, and hold nothing open for long."""
    code = "import sys; sys.path.insert(0, sys.argv[1])\nfrom simgov import workers; workers.IDLE = 2\nfrom test_workers import pid_of\nfor pid in workers.carry_out(pid_of, [(x,) for x in range(10_000)], 2): print(pid, flush=True)"
    process = subprocess.Popen([sys.executable, "-c", code, str(HERE)], stdout=subprocess.PIPE, text=True)
    pids = {int(process.stdout.readline()) for _ in range(8)}
    process.kill()
    process.stdout.close()
    process.wait()
    until = time.monotonic() + 160
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < until:
        time.sleep(0.2)
    assert not any(map(psutil.pid_exists, pids))


def test_a_cluster_without_workers(tmp_path):
    with cluster(tmp_path, count=0) as where, pytest.raises(UsageError, match=f"the cluster at {where} has no workers; start some with `dask worker {where}`"):
        list(carry_out(square, [(1,)], where))


def test_a_cluster_of_another_version(address, monkeypatch):
    """Other versions could give other numbers, so they are refused with both versions."""
    monkeypatch.setattr(workers, "_version", lambda name: "9.9")
    with pytest.raises(UsageError, match=r"the worker tcp://127.0.0.1:\d+ has simgov \d.*, and here it is 9.9: numbers could differ; install the same versions"):
        list(carry_out(square, [(1,)], address))


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"a cluster needs dask: pip install 'simgov\[cluster\]'"):
        list(carry_out(square, [(1,)], "tcp://127.0.0.1:1"))
