"""Runs that are asked for on the page: each in a folder of its own, carried out by a process of its own, as many at once as there are cores.

A job's folder holds `request.json`, `progress.json` (replaced as a whole), `log.txt`, and what the worker leaves. It belongs to whoever knows its
number, not to a page: a page that is closed or loaded again changes nothing. All processes end with the server, however that ends.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from threading import RLock, Thread
from typing import Any, TypeVar

import psutil
from pydantic import TypeAdapter, ValidationError

from simgov import document
from simgov.engines import compiled
from simgov.errors import OutputError, reason
from simgov.language import message
from simgov.web.places import Place

REQUEST, PROGRESS, LOG, UPLOADS = "request.json", "progress.json", "log.txt", "uploads"
COMPILING = "compiling.json"
QUEUED, RUNNING, DONE, FAILED, CANCELLED, DIED = "queued", "running", "done", "failed", "cancelled", "died"
Kind = TypeVar("Kind")
NUMBER = re.compile(r"[0-9a-f]{16}")
OFTEN = 0.1  # seconds between two looks at a process
PRIVATE = 0o700  # the rights of folders
GRACE = 3.0  # seconds to end when asked to, before a process is killed
OLDEST, MOST = 7 * 86400.0, 200  # seconds and jobs that are kept once they have ended

KILLED = message("The process of this run was ended from outside (code {code}), perhaps for lack of memory. Run it again, with fewer replications if need be.")
UNTOLD = message("The process of this run ended without a word (code {code}): it may be that nothing can be written any more to {folder}, for lack of room.")
GONE = message("The server was ended while this run was under way. Run it again.")
CALLED_OFF = message("Cancelled.")


@dataclass(frozen=True)
class Request:
    """What is asked for: a scenario file with settings and changes; `values` of levers from which these come; `base`: the job to compare with."""

    session: str
    file: str
    title: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    replications: int = 30
    seed: int = 1
    lang: str = "en"
    base: str = ""
    asked: float = 0.0
    server: list[float] = field(default_factory=list)  # its process and when that was born
    is_upload: bool = False
    roots: list[str] = field(default_factory=list)  # as the place has them

    @property
    def place(self) -> Place:
        """The scenario that is meant, with the files that may be read for it."""
        return Place(Path(self.file), tuple(self.title.items()), self.is_upload, tuple(self.roots))


@dataclass(frozen=True)
class Compiling:
    """The process that compiles the fast engine, and when that was born."""

    process: list[float]


@dataclass(frozen=True)
class Progress:
    """How far a job is. `why`, with its `values`, is said of one that failed, died or was called off (a value may have a text for each language); `seconds` since it began."""

    state: str = QUEUED
    done: int = 0
    of: int = 0
    share: float = 0.0
    seconds: float = 0.0
    doing: str = ""
    why: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        return self.state not in (QUEUED, RUNNING)


class Jobs:
    """All jobs of a folder, and the processes of this server."""

    def __init__(self, folder: str | Path, at_once: int | None = None):
        """Raises OutputError when the folder cannot be written."""
        self.folder, self.at_once = Path(folder).absolute(), at_once or os.cpu_count() or 1
        self._lock, self._closed = RLock(), False
        self._waiting: deque[str] = deque()
        self._running: dict[str, subprocess.Popen] = {}
        self._called_off: set[str] = set()
        self._ends: dict[str, Progress] = {}  # of jobs that did not say themselves how they ended: on a full disk nothing can be written
        self._finishing: set[str] = set()  # done, and only the other language is to come: they hold up nobody
        self._spare: subprocess.Popen | None = None
        self._compiler: subprocess.Popen | None = None
        try:
            (self.folder / UPLOADS).mkdir(parents=True, exist_ok=True)
            self._close_to_others()
            (self.folder / UPLOADS / ".writable").touch()
        except OSError as error:
            raise OutputError(message("{folder}: cannot be written: {why}; name another folder with --folder", folder=self.folder, why=reason(error))) from None
        self._settle_what_was_left()
        self.forget_old()
        self._keep_spare()
        self._compile()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────

    def submit(self, request: Request) -> str:
        """Begin a job, or let it wait for a free core; its number. Raises OutputError when it cannot be written down."""
        number = secrets.token_hex(8)
        me = psutil.Process()
        request = replace(request, asked=time.time(), server=[me.pid, me.create_time()])
        self.forget_old()
        try:
            self.place(number).mkdir(PRIVATE)
            _write(self.place(number) / REQUEST, asdict(request))
            write_progress(self.place(number), Progress(of=request.replications))
        except OSError as error:
            raise OutputError(message("{path}: cannot be written: {why}", path=self.place(number), why=reason(error))) from None
        with self._lock:
            self._waiting.append(number)
            self._start_next()
        return number

    def cancel(self, number: str) -> None:
        """End a job that waits or runs, and its process; one that has ended stays as it is."""
        with self._lock:
            process = self._running.get(number)
            if number in self._waiting:
                self._waiting.remove(number)
                self._settle(number, CALLED_OFF)
            elif process is not None:
                self._called_off.add(number)
        if process is not None:
            _end([process])

    def place(self, number: str) -> Path:
        return self.folder / number

    def progress(self, number: str) -> Progress | None:
        """None where there is no such job."""
        if number in self._ends:
            return self._ends[number]
        return read(self.place(number) / PROGRESS, Progress) if NUMBER.fullmatch(number or "") else None

    def request(self, number: str) -> Request | None:
        """None where there is no such job."""
        return read(self.place(number) / REQUEST, Request) if NUMBER.fullmatch(number or "") else None

    def is_busy(self, number: str) -> bool:
        """Whether its process is at work: it goes on after the job is done, with the report and the other language."""
        with self._lock:
            return number in self._running or number in self._waiting

    def before(self, number: str) -> int:
        """How many jobs wait in front of one that waits."""
        with self._lock:
            return list(self._waiting).index(number) if number in self._waiting else 0

    def of(self, session: str) -> list[tuple[str, Request]]:
        """Number and request of each job of a session, the newest first."""
        mine = [(number, request) for number in self._numbers() if (request := self.request(number)) is not None and request.session == session]
        return sorted(mine, key=lambda job: -job[1].asked)

    # ── processes ───────────────────────────────────────────────────────────────────────────────────

    @property
    def processes(self) -> list[int]:
        """Of all that this server has started and that run."""
        with self._lock:
            return [process.pid for process in (*self._running.values(), *self._others) if process.poll() is None]

    @property
    def _others(self) -> list[subprocess.Popen]:
        return [process for process in (self._spare, self._compiler) if process is not None]

    def close(self) -> None:
        """End everything; jobs under way say that the server was ended."""
        with self._lock:
            self._closed = True
            for number in self._waiting:
                self._settle(number, GONE)
            self._waiting.clear()
            running, others = dict(self._running), self._others
        _end([*running.values(), *others])
        for number in running:
            self._settle(number, GONE)

    def _start_next(self) -> None:
        while self._waiting and len(self._running) - len(self._finishing) < self.at_once and not self._closed:
            number = self._waiting.popleft()
            process = self._handed(number)
            self._running[number] = process
            Thread(target=self._watch, args=(number, process), name=f"job {number}", daemon=True).start()

    def _handed(self, number: str) -> subprocess.Popen:
        """The process that has the job now: the spare one, or a new one where that has ended."""
        spare, self._spare = self._spare, None
        for process in (spare, None):
            process = process or _process()
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.write(f"{self.place(number)}\n".encode())
                break
            process.stdin.close()
        return process

    def _watch(self, number: str, process: subprocess.Popen) -> None:
        """In a thread: wait for the end of a process, say what became of its job, and let the next one begin."""
        with process:
            while process.poll() is None and (found := self.progress(number)) is not None and not found.has_ended:
                time.sleep(OFTEN)
            with self._lock:
                self._finishing.add(number)
                self._start_next()
                self._keep_spare()
            code = process.wait()
        with self._lock:
            why = CALLED_OFF if number in self._called_off else GONE if self._closed else KILLED if code < 0 else UNTOLD
            self._settle(number, why, {"code": str(code), "folder": str(self.folder)})
            self._running.pop(number, None)
            for some in (self._called_off, self._finishing):
                some.discard(number)

    def _keep_spare(self) -> None:
        """A process that has imported everything and waits: the first picture comes seconds sooner."""
        with self._lock:
            if not self._closed and self._spare is None:
                self._spare = _process()

    def _compile(self) -> None:
        """Have the fast engine compiled from the start, once on a machine; runs that come before it is ready know of it by a file."""
        if compiled.is_available() and not compiled.is_warm():
            self._compiler = _process("compile")
            with suppress(psutil.Error):
                _write(self.folder / COMPILING, {"process": [self._compiler.pid, psutil.Process(self._compiler.pid).create_time()]})

    def _settle(self, number: str, why: str, values: dict[str, Any] | None = None) -> None:
        """Say of a job whose process is gone how it ended, unless it said so itself."""
        found = self.progress(number)
        if found is not None and not found.has_ended:
            self._ends[number] = replace(found, state=CANCELLED if why == CALLED_OFF else DIED, why=why, values=values or {})
            with suppress(OSError):
                write_progress(self.place(number), self._ends[number])

    def _close_to_others(self) -> None:
        """Nobody else on this machine reads what is asked and found here; a folder that holds other things, too, stays as it is."""
        mine = [self.folder / UPLOADS, *(self.folder / UPLOADS).glob("*/"), *map(self.place, self._numbers())]
        others = [entry for entry in os.listdir(self.folder) if not (entry in (UPLOADS, COMPILING) or entry.startswith(".") or NUMBER.fullmatch(entry))]
        for folder in mine if others else [self.folder, *mine]:
            folder.chmod(PRIVATE)

    # ── what is there from before ───────────────────────────────────────────────────────────────────

    def _numbers(self) -> Iterator[str]:
        with suppress(OSError):
            yield from [entry.name for entry in os.scandir(self.folder) if NUMBER.fullmatch(entry.name)]

    def _settle_what_was_left(self) -> None:
        """Jobs of a server that is gone."""
        for number in self._numbers():
            request = self.request(number)
            if request is None or not _lives(request.server):
                self._settle(number, GONE)

    def forget_old(self) -> None:
        """Remove jobs that have ended and are too old, or too many, and uploads that nobody has used as long."""
        ended = [(self.place(n).stat().st_mtime, n) for n in list(self._numbers()) if not self.is_busy(n) and ((p := self.progress(n)) is None or p.has_ended)]
        now = time.time()
        for k, (changed, number) in enumerate(sorted(ended, reverse=True)):
            if k >= MOST or now - changed > OLDEST:
                shutil.rmtree(self.place(number), ignore_errors=True)
        for upload in (self.folder / UPLOADS).glob("*/"):
            with suppress(OSError):
                if now - upload.stat().st_mtime > OLDEST:
                    shutil.rmtree(upload, ignore_errors=True)


def is_compiling(folder: Path) -> bool:
    """Whether the server of this folder has the fast engine compiled just now."""
    return not compiled.is_warm() and (found := read(folder / COMPILING, Compiling)) is not None and _lives(found.process)


def step_back() -> None:
    """Let other processes go first: nobody waits for this one now."""
    if hasattr(os, "nice"):
        os.nice(10)


def write_progress(place: Path, progress: Progress) -> None:
    """Readers see the old or the new one, never half of it."""
    _write(place / PROGRESS, asdict(progress))


def _write(place: Path, data: dict[str, Any]) -> None:
    part = place.with_name(f".{place.name}.{os.getpid()}.partial")
    part.write_text(json.dumps(data, ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(part, place)


def read(place: Path, kind: type[Kind]) -> Kind | None:
    """What another process has written, as far as this version knows it; None when it is not there, or is not sound."""
    try:
        found = document.parsed(place, message("run"))
        return _checked(kind).validate_python({f.name: found[f.name] for f in fields(kind) if f.name in found} if isinstance(found, dict) else found)
    except (OutputError, ValidationError):
        return None


@cache
def _checked(kind: type) -> TypeAdapter:
    return TypeAdapter(kind)


def _process(*what: str) -> subprocess.Popen:
    """A worker that waits for the folder of a job on its standard input, and ends when that is closed: with the server, whatever becomes of it."""
    command = [sys.executable, "-m", "simgov.web.worker", *what]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, bufsize=0)


def _end(processes: list[subprocess.Popen]) -> None:
    """Ask them to end, then kill those that do not."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + GRACE
    for process in processes:
        with process:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _lives(server: list[float]) -> bool:
    """Whether that process is still the one that was meant, and at work."""
    try:
        found = psutil.Process(int(server[0]))
        return found.create_time() == server[1] and found.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, IndexError, TypeError, ValueError):
        return False
