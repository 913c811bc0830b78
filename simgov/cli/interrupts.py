"""Interruptions that are not lost: one that Python drops (it came while an object was being taken away, or in a callback) is noticed at the next step."""

from __future__ import annotations

import signal
from typing import Any

_asked = False


def listen() -> None:
    """From now on Ctrl-C and the end that a system asks for (SIGTERM) interrupt what is going on, workers with it."""
    global _asked
    _asked = False
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def check() -> None:
    """Raises KeyboardInterrupt when somebody has asked for it before."""
    if _asked:
        raise KeyboardInterrupt


def _interrupt(*_: Any) -> None:
    global _asked
    _asked = True
    raise KeyboardInterrupt
