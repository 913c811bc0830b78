"""The same function on many inputs: here, in other processes, or on a cluster; the results come in the order of the inputs."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from threading import Thread
from time import sleep
from typing import Any

from simgov import owner
from simgov.errors import UsageError, WorkerError, in_full
from simgov.language import message

ATTEMPTS = 3  # times that a process may end before its work is done without anything being done in between
SAME = ("simgov", "numpy", "scipy")  # packages that make the numbers
IDLE = 30  # seconds after which a process that nobody asks for anything ends
OFTEN = 1.0  # seconds between two looks whether whoever started a process is still there
PATIENCE = 20  # seconds to wait for a cluster
ONE_BY_ONE: dict[str, Any] = {"return_as": "generator", "batch_size": 1, "pre_dispatch": "2*n_jobs"}
Inputs = Iterable[tuple]


def carry_out(function: Callable[..., Any], inputs: Inputs, workers: int | str) -> Iterator[Any]:
    """`function(*input)` for each input: one after the other, on so many processes, or on the dask cluster of an address (`tcp://...`).

    What a process had in hand when it was killed is done again by another one; raises WorkerError when that does not help,
    and UsageError for a cluster that cannot be used. Inputs are taken as workers become free; whoever has enough closes the
    iterator, and what is under way is cancelled.
    """
    if isinstance(workers, str) and "://" not in workers:
        raise UsageError(message("a cluster is the address of a dask scheduler, such as tcp://127.0.0.1:8786, got {workers!r}", workers=workers))
    if workers == 1:
        return (function(*given) for given in inputs)
    return _on_cluster(function, inputs, workers) if isinstance(workers, str) else _on_processes(function, inputs, workers)


def _on_processes(function: Callable[..., Any], inputs: Inputs, workers: int) -> Iterator[Any]:
    from joblib import Parallel, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    # Processes that have grown are replaced between two pieces of work; joblib warns of it, and nothing is lost.
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs", category=UserWarning)
    waiting, attempts = _Waiting(inputs), 0
    while attempts < ATTEMPTS:
        try:
            with parallel_config(backend="loky", idle_worker_timeout=IDLE, initializer=_end_with, initargs=(owner.me(),)), _closing(Parallel(n_jobs=workers, **ONE_BY_ONE)(waiting.calls(function))) as results:
                for result in results:
                    waiting.done()
                    attempts = 0
                    yield result
            return
        except TerminatedWorkerError:
            attempts += 1
    raise WorkerError(message("workers were ended before their work was done, probably for lack of memory; take fewer workers"))


def _end_with(parent: str) -> None:
    """In a worker, from its first moment on: end soon after whoever started it is gone, however that ended."""
    Thread(target=_watch, args=(parent,), name="watches the parent", daemon=True).start()


def _watch(parent: str) -> None:
    while owner.lives(parent):
        sleep(OFTEN)
    os._exit(1)


@contextmanager
def _closing(results: Any) -> Iterator[Any]:
    """Close a generator of joblib, without its warning that somebody has enough."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            results.close()


class _Waiting:
    """Inputs that have been handed out and whose results have not come: they are handed out again, in their order."""

    def __init__(self, inputs: Inputs):
        self._rest, self._out = iter(inputs), []

    def calls(self, function: Callable[..., Any]) -> Iterator[tuple]:
        from joblib import delayed

        again, self._out = self._out, []
        for given in chain(again, self._rest):
            self._out.append(given)
            yield delayed(function)(*given)

    def done(self) -> None:
        self._out.pop(0)


# ── a cluster ───────────────────────────────────────────────────────────────────────────────────────


def _on_cluster(function: Callable[..., Any], inputs: Inputs, address: str) -> Iterator[Any]:
    from concurrent.futures import CancelledError

    from distributed.client import FutureCancelledError
    from joblib import Parallel, delayed, parallel_config

    with _client(address) as client:
        try:
            with (
                parallel_config(backend="dask", client=client, wait_for_workers_timeout=PATIENCE),
                _closing(Parallel(n_jobs=-1, **ONE_BY_ONE)(delayed(function)(*given) for given in inputs)) as results,
            ):
                yield from results
        except (CancelledError, FutureCancelledError, OSError, TimeoutError) as error:
            raise WorkerError(message("the cluster at {address} ended before the work was done ({kind}); what was kept in a folder is sound, so the same command goes on", address=address, kind=type(error).__name__)) from None


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A client of the cluster there, whose workers compute what this process would. Raises UsageError."""
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(message("a cluster needs dask: pip install 'simgov[cluster]'")) from None
    _hush()
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(message("no dask scheduler answers at {address} ({why}); start one with `dask scheduler`, and workers with `dask worker {address}`", address=address, why=in_full(error))) from None
    with client:
        _check(client, address)
        yield client


def _hush() -> None:
    """What dask finds worth a traceback, simgov tells in a sentence; threads of dask may speak long after a client was closed."""
    for name in ("distributed", *logging.root.manager.loggerDict):  # some below it have a level of their own
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _check(client: Any, address: str) -> None:
    if not client.scheduler_info()["workers"]:
        raise UsageError(message("the cluster at {address} has no workers; start some with `dask worker {address}`", address=address))
    mine = {name: _version(name) for name in SAME}
    for worker, theirs in client.run(_asking()).items():
        for name, here in mine.items():
            if theirs[name] != here:
                raise UsageError(message("the worker {worker} has {name} {there}, and here it is {here}: numbers could differ; install the same versions", worker=worker, name=name, there=theirs[name] or message("not installed"), here=here))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _asking() -> Callable[[], dict[str, str]]:
    """A function that workers without simgov can carry out: one inside another travels as a copy, and not by name."""
    names = SAME

    def ask() -> dict[str, str]:
        from importlib.metadata import PackageNotFoundError, version

        found = dict.fromkeys(names, "")
        for name in names:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
        return found

    return ask
