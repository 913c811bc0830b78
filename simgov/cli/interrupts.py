"""Interruptions that are not lost.

Python drops one that comes while an object is being taken away, or in a callback: it is asked for anew at once (and, where there is
no such clock, noticed at the next step). A library that waits for its processes may not come to an end: who asked for one gets it all the same.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

import click

from simgov.language import of_locale, say

ENDS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, the end that a system asks for, a terminal that is closed; not every system has them all
ONCE = 1.0  # seconds within which the same is asked for but once: a terminal that is closed says so twice
SOON = 0.01  # seconds after which one that was dropped is asked for anew
PATIENCE = 60.0  # seconds for leaving in good order; what is written is whole or swept by the next run, so nothing is lost without it
CLOCK = hasattr(signal, "setitimer")  # not every system has it

_asked: float | None = None


def listen() -> None:
    """From now on these interrupt what is going on, workers with it; what `nohup` has told to be deaf to SIGHUP stays so."""
    global _asked
    if _asked is not None:
        _ring(0, _insist)
    _asked = None
    if not isinstance(sys.unraisablehook, _Dropped):
        sys.unraisablehook = _Dropped(sys.unraisablehook)
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
    if before is None:
        _ring(PATIENCE, _insist)
    if before is None or number == signal.SIGINT or _asked - before > ONCE:
        raise KeyboardInterrupt


class _Dropped:
    """What Python calls when it drops an exception; all but interruptions go to whom it called before."""

    def __init__(self, before: Any):
        self._before = before

    def __call__(self, dropped: Any) -> None:
        if _asked is not None and issubclass(dropped.exc_type, KeyboardInterrupt) and CLOCK:
            _ring(SOON, _again)
        else:
            self._before(dropped)


# ── a clock, which needs no thread: one cannot be begun safely in the middle of anything ────────────


def _ring(seconds: float, then: Any) -> None:
    if CLOCK:
        signal.signal(signal.SIGALRM, then)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _again(*_: Any) -> None:
    _ring(PATIENCE, _insist)
    raise KeyboardInterrupt


def _insist(*_: Any) -> None:
    with suppress(OSError, RuntimeError):  # a terminal that was closed, or is being written to
        click.echo(say("interrupted, and ended without waiting any longer; what was finished stays, and the next run clears away what was not", of_locale()), err=True)
    os._exit(130)
