"""Engines: a plan and its draws in, a journal out. Both give the same journal; they differ in how soon.

`simpy` is the readable one and starts at once. `compiled` is many times faster, and is compiled once on each machine.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from simgov.clock import span
from simgov.errors import UsageError, in_full, nearest
from simgov.language import Message, message

MODULES = {"simpy": "simgov.engines.simpy_engine", "compiled": "simgov.engines.compiled"}
ENGINES = ("auto", *MODULES)
FAILS = (ImportError, OSError, MemoryError, SystemError)  # how numba fails to load: half an installation, too little memory for its libraries
SIMPY_VISIT = 70e-6  # seconds for a visit, from draws to measures, on an ordinary machine
COMPILE, LOAD = 25.0, 1.5  # seconds: the first time on a machine, and the first time in a process


class Choice(NamedTuple):
    """The engine of a run, and why it was taken."""

    name: str
    why: Message


def simulator(name: str) -> Callable:
    """`simulate(plan, draws, progress)` of an engine."""
    return import_module(MODULES[name]).simulate


def choose(wanted: str, visits: float) -> Choice:
    """The engine for about this many visits. `auto` takes simpy when it would be done before the other one has started.

    Raises UsageError for an unknown engine, and for `compiled` where numba is missing.
    """
    from simgov.engines import compiled

    if wanted not in ENGINES:
        raise UsageError(message("unknown engine {wanted!r}; {hint}", wanted=wanted, hint=nearest(wanted, ENGINES)))
    if wanted == "compiled" and not compiled.is_available():
        raise UsageError(message("engine 'compiled' needs numba, which is not installed; install numba, or take engine 'simpy', which gives the same numbers"))
    if wanted != "auto":
        return Choice(wanted, message("as asked"))
    takes, ready = visits * SIMPY_VISIT, LOAD if compiled.is_available() and compiled.is_warm() else COMPILE
    if not compiled.is_available():
        return Choice("simpy", message("numba is not installed"))
    if takes <= ready:
        return Choice("simpy", message("about {time} of work, done before the compiled engine has started", time=span(takes)))
    return Choice("compiled", message("simpy would take about {time}", time=span(takes)))


def make_ready(choice: Choice, wanted: str, say: Callable[[Message], None]) -> Choice:
    """Compile what has to be compiled, once on a machine and before any worker starts; gives back the engine that is ready.

    Raises UsageError when `compiled` was wanted and numba, though installed, cannot be loaded.
    """
    if choice.name != "compiled":
        return choice
    from simgov.engines import compiled

    if not compiled.is_warm():
        say(message("compiling the engine, once on this machine (about {time})", time=span(COMPILE)))
    try:
        warm = compiled.warm_up()
    except FAILS as error:
        if wanted == "compiled":
            raise UsageError(message("engine 'compiled' needs numba, which cannot be loaded ({why}); mend it, or take engine 'simpy', which gives the same numbers", why=_brief(error))) from None
        why = message("numba cannot be loaded: {error}", error=_brief(error))
        say(message("{why}; engine simpy is taken, which gives the same numbers", why=why))
        return Choice("simpy", why)
    if not warm.cached:
        say(message("the compiled engine could not be kept in the cache folder: every process compiles it anew"))
    return choice


def _brief(error: BaseException) -> Message:
    """The first line of what a foreign library says, as far as it says anything."""
    text = str(in_full(error) if isinstance(error, Exception) else error).strip()
    first = text.splitlines()[0] if text else ""
    return Message(first.split(". ")[0]) if first else message("out of memory") if isinstance(error, MemoryError) else Message(type(error).__name__)
