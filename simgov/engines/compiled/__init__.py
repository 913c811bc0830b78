"""The compiled engine: the model of `docs/model.md` in one numba kernel, arrays in, journal out.

It shares Plan, Draws and Journal with the SimPy engine, and no decisions: it was written from the specification alone, and both
give the same journal to the last number. numba is imported when the first run, or `warm_up`, asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from simgov.draws import Draws
from simgov.engines.compiled import store
from simgov.engines.compiled.store import Warm
from simgov.journal import Journal
from simgov.plan import Plan

__all__ = ["Warm", "is_available", "is_warm", "simulate", "warm_up"]


def simulate(plan: Plan, draws: Draws, progress: Callable[[float], None] | None = None) -> Journal:
    """One replication: what happened. Raises SimulationError where an incident goes round for ever."""
    from simgov.engines.compiled.run import run

    return run(plan, draws, progress)


def is_available() -> bool:
    """Whether numba is installed."""
    return find_spec("numba") is not None


def is_warm() -> bool:
    """Whether the next run need not compile: the kernel is loaded, or on disk for this source and this machine."""
    return store.is_loaded() or store.is_kept()


def warm_up() -> Warm:
    """Compile the kernel or read it from disk now; tells whether it had to be compiled, and whether it is on disk."""
    if not store.is_loaded():
        from simgov.engines.compiled.run import try_out

        try_out()
    return store.how()
