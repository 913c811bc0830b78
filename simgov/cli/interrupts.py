"""Interruptions that are not lost: one that Python drops (it came while an object was being taken away, or in a callback) is noticed at the next step."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

import click

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, the end that a system asks for, a terminal that is closed; not every system has them all
ONCE = 1.0  # seconds within which the same is asked for but once: a terminal that is closed says so twice

_asked: float | None = None


def listen() -> None:
    """From now on these interrupt what is going on, workers with it; what `nohup` has told to be deaf to SIGHUP stays so."""
    global _asked
    _asked = None
    for name in ENDS:
        number = getattr(signal, name, None)
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
            signal.signal(number, _interrupt)


def end(words: str) -> NoReturn:
    """Say what that means, if anybody can still hear it, and end with 130."""
    with suppress(OSError):  # a terminal that was closed
        click.echo(words, err=True)
    sys.exit(130)


def check() -> None:
    """Raises KeyboardInterrupt when somebody has asked for it before."""
    if _asked is not None:
        raise KeyboardInterrupt


def _interrupt(number: int, _: Any) -> None:
    global _asked
    before, _asked = _asked, monotonic()
    if before is None or number == signal.SIGINT or _asked - before > ONCE:
        raise KeyboardInterrupt
