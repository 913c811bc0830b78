"""Where the compiled kernel is kept, so that a machine compiles it once.

numba looks only at the file of the function it keeps, not at what that function calls. So the kernel is kept in a folder named by a hash
of all sources of the engine, and of everything else it depends on (Python, numba, the processor, numba's settings). A folder is written under
another name and renamed when it is complete, so it never changes after that; it says what its files must be, and one that is
not as it says is thrown away. If nothing can be kept, the kernel is compiled in each process.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

HERE = Path(__file__).parent
MANIFEST = "complete.json"
KEPT = 8  # folders of other versions that are left
UNLIKE = ("NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT", "NUMBA_NUM_THREADS")  # settings that do not change what is compiled


class Kernel(NamedTuple):
    """The two functions that Python calls."""

    advance: Callable
    tell: Callable


class Warm(NamedTuple):
    """Whether the kernel had to be compiled, and whether it is on disk now."""

    compiled: bool
    cached: bool


_lock = threading.Lock()
_loaded: dict[str, tuple[Kernel, Warm]] = {}  # the kernels of this process by kind, and how they were got
USUAL = "narrow"


def is_loaded() -> bool:
    """Whether this process has the usual kernel."""
    return USUAL in _loaded


def is_kept() -> bool:
    """Whether the kernel for this source and this machine is on disk; without looking into its files."""
    with suppress(OSError):
        return (_folder(USUAL) / MANIFEST).is_file()
    return False


def kernel(kind: str, *arguments: tuple[Any, ...]) -> Kernel:
    """The kernel of a kind (of rows) for arguments of `advance` and of `tell`; from memory, from disk, or compiled now."""
    if kind not in _loaded:
        with _lock:
            if kind not in _loaded:
                _loaded[kind] = _load(kind, arguments)
    return _loaded[kind][0]


def how() -> Warm:
    """How the kernel of this process was got."""
    return _loaded[USUAL][1]


def _load(kind: str, arguments: tuple[tuple[Any, ...], ...]) -> tuple[Kernel, Warm]:
    from numba import config

    from simgov.engines.compiled.kernel import advance
    from simgov.engines.compiled.telling import tell

    made = Kernel(advance, tell)
    if config.DISABLE_JIT:
        return made, Warm(False, False)
    folder = _folder(kind)
    if _is_whole(folder):
        with suppress(Exception):  # whatever is wrong with what was kept: compile
            with _kept_in(made, folder):
                _compile(made, arguments)
            if all(sum(f.stats.cache_hits.values()) for f in made):
                return made, Warm(False, True)
    _discard(folder)
    new = folder.with_name(f"new-{uuid4().hex}")
    cached = False
    try:
        new.mkdir(parents=True)
        with _kept_in(made, new):
            _compile(made, arguments)
        _complete(new)
        cached = _publish(new, folder)
    except OSError:  # no room, or not allowed to write there
        _compile(made, arguments)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return made, Warm(True, cached)


def _compile(made: Kernel, arguments: tuple[tuple[Any, ...], ...]) -> None:
    """Compile both functions for the types of these arguments, or read them from where they are kept."""
    from numba import typeof

    for function, values in zip(made, arguments, strict=True):
        function.compile(tuple(map(typeof, values)))


@contextmanager
def _kept_in(made: Kernel, folder: Path) -> Iterator[None]:
    """Let numba keep these functions in a folder; its setting is changed for this moment only, and it writes nothing there later."""
    from numba import config
    from numba.core.caching import NullCache

    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(folder)
        for function in made:
            function.enable_caching()
        config.CACHE_DIR = before
        yield
    finally:
        config.CACHE_DIR = before
        for function in made:
            function._cache = NullCache()


# ── folders ─────────────────────────────────────────────────────────────────────────────────────────


def _base() -> Path:
    """The user's folder for such things."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return Path(os.environ["NUMBA_CACHE_DIR"]) / "simgov"
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "simgov"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "simgov" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "simgov"
    return Path.home() / ".cache" / "simgov"


def _folder(kind: str) -> Path:
    try:
        return _base() / f"kernel-{_fingerprint()}-{kind}"
    except RuntimeError:  # no home
        return Path(os.devnull) / "nowhere"


@cache
def _fingerprint() -> str:
    """A hash of everything that the compiled kernel depends on."""
    from simgov import chance, draws

    told = sha256()
    for path in (*sorted(HERE.glob("*.py")), Path(chance.__file__), Path(draws.__file__)):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
        told.update(f"{path}{path.stat().st_mtime_ns}".encode())  # numba's own mark of a source
    settings = sorted((k, v) for k, v in os.environ.items() if k.startswith("NUMBA_") and k not in UNLIKE)
    told.update(json.dumps([sys.version, platform.machine(), _processor(), *map(_version, ("numba", "llvmlite", "numpy")), settings]).encode())
    return told.hexdigest()[:24]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """The processor and what it can do."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(line for line in first if line.partition("\t")[0] in ("model name", "flags", "Features", "CPU part"))


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def _complete(folder: Path) -> None:
    """Write down what is in a folder."""
    (folder / MANIFEST).write_text(json.dumps(_files(folder)), encoding="utf-8")


def _is_whole(folder: Path) -> bool:
    """Whether a folder is what it says it is."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(told) and told == _files(folder)
    except (OSError, ValueError):
        return False


def _discard(folder: Path) -> None:
    """Take away a folder that cannot be used; renamed first, so that nobody sees half of it."""
    with suppress(OSError):
        gone = folder.with_name(f"old-{uuid4().hex}")
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _publish(new: Path, folder: Path) -> bool:
    """Give a complete folder its name, unless another process was first; and clear away old versions."""
    with suppress(OSError):
        new.rename(folder)
    others = [path for path in folder.parent.glob("kernel-*") if path != folder]
    with suppress(OSError):
        others.sort(key=lambda path: path.stat().st_mtime)
    for path in others[: max(0, len(others) - KEPT)]:
        _discard(path)
    return (folder / MANIFEST).is_file()
