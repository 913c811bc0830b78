"""Which process something belongs to, as a short text, and whether that process is still there."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from hashlib import sha256

import psutil

TEXT = r"[0-9a-f]+-[0-9a-f]+-[0-9a-f]{4}"
SAME = 600  # seconds by which the start of a process may seem to move when the clock of the machine is set


def me() -> str:
    """This process, as nobody else is called: its number, its start, and the machine."""
    return _named(os.getpid())


@lru_cache(maxsize=1)  # of one number: whoever is forked off has another
def _named(pid: int) -> str:
    return f"{pid:x}-{int(psutil.Process(pid).create_time()):x}-{_machine()}"


def _machine() -> str:
    return sha256(platform.node().encode("utf-8", "replace")).hexdigest()[:4]


def lives(owner: str) -> bool:
    """Whether that process may still be at work; of another machine nothing is known here, so yes."""
    pid, start, machine = owner.split("-")
    if machine != _machine():
        return True
    if int(pid, 16) == os.getpid():
        return owner == me()
    try:
        found = psutil.Process(int(pid, 16))
        return abs(found.create_time() - int(start, 16)) <= SAME and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except (psutil.Error, OverflowError, OSError):
        return True
