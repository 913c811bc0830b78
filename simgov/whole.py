"""Files and folders that are there whole or not at all. What a process that is gone left of them, the next one sweeps away."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simgov import owner

PARTIAL, OLD = ".partial", ".old"
LEFT = re.compile(rf"\.(?P<name>.+)\.(?P<owner>{owner.TEXT})\.[0-9a-f]{{6}}(?P<kind>{re.escape(PARTIAL)}|{re.escape(OLD)})", re.DOTALL)


def partial(place: Path) -> Path:
    """A name beside `place` for what is not whole yet: hidden, nobody else's, and it says which process is at work there."""
    return place.with_name(f".{place.name}.{owner.me()}.{secrets.token_hex(3)}{PARTIAL}")


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """A file beside `place` that takes its place when the block ends well, and vanishes otherwise."""
    part = partial(place)
    try:
        yield part
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)


def write(place: Path, text: str) -> None:
    """A file that is there whole or not at all. Raises OSError."""
    with replacing(place) as part:
        part.write_text(text, encoding="utf-8")


def sweep(folder: Path) -> None:
    """Remove from a folder what dead processes left there half written.

    A folder that was set aside for a new one (`.old`) comes back where the new one has not come. What belongs to a process
    that lives, or to one of another machine, is left alone; so is what cannot be removed.
    """
    for path, found in sorted(_left(folder), key=lambda each: each[1]["kind"] != OLD):
        if owner.lives(found["owner"]):
            continue
        with suppress(OSError):
            if found["kind"] == OLD and not os.path.lexists(folder / found["name"]):
                os.replace(path, folder / found["name"])
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _left(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    with suppress(OSError):
        for name in os.listdir(folder):
            if found := LEFT.fullmatch(name):
                yield folder / name, found
