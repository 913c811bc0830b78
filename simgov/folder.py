"""A folder that is either complete or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simgov.document import holds
from simgov.errors import OutputError, reason
from simgov.language import message
from simgov.whole import OLD, partial, sweep

MARK, KEY = "result.json", "simgov_result"


def check(folder: Path) -> None:
    """Raises OutputError when a result could not be written to `folder`. Leaves nothing behind."""
    try:
        _check(folder)
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=folder, why=reason(error))) from None


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(message("{folder}: is a file; name a folder for the results", folder=folder))
    if folder.is_dir() and any(folder.iterdir()) and not _is_result(folder):
        raise OutputError(message("{folder}: is not empty and holds no result of simgov; name another folder, nothing was changed", folder=folder))
    above = _first_that_exists(folder.absolute().parent)
    try:
        sweep(above)
        trial = partial(above / "simgov")
        trial.mkdir()
        trial.rmdir()
    except OSError:
        raise OutputError(message("{folder}: cannot be written ({above} is not writable); name another folder with --out", folder=folder, above=above)) from None


def _first_that_exists(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _is_result(folder: Path) -> bool:
    """Whether a result of simgov lies there; another program's result.json does not make it one."""
    return holds(folder / MARK, KEY)


@contextmanager
def finished_folder(folder: Path) -> Iterator[Path]:
    """A working folder beside `folder` that takes its place when the block ends well, and vanishes otherwise."""
    check(folder)
    folder = folder.resolve()
    above, work = _first_that_exists(folder.parent), None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep(folder.parent)
        work = partial(folder)
        work.mkdir()
        work.chmod(0o755)
        yield work
        _replace(work, folder)
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=folder, why=reason(error))) from error
    finally:
        if work is not None and work.exists():
            shutil.rmtree(work, ignore_errors=True)
        for made in [p for p in (folder, *folder.parents) if p.is_relative_to(above) and p != above][1:]:
            with suppress(OSError):  # not empty: it worked, or somebody else uses it
                made.rmdir()


def _replace(work: Path, folder: Path) -> None:
    if not folder.exists():
        os.replace(work, folder)
        return
    old = work.with_suffix(OLD)
    os.replace(folder, old)
    try:
        os.replace(work, folder)
    except BaseException:
        os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
