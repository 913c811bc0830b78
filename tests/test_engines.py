"""Which engine is taken, and what is said about it."""

from __future__ import annotations

import pytest

from simgov import engines
from simgov.engines import compiled
from simgov.errors import UsageError


def with_state(monkeypatch, available=True, warm=False):
    monkeypatch.setattr(compiled, "is_available", lambda: available)
    monkeypatch.setattr(compiled, "is_warm", lambda: warm)


@pytest.mark.parametrize(
    ("visits", "warm", "name"), [(1_000, False, "simpy"), (500_000, False, "simpy"), (500_000, True, "compiled"), (5_000_000, False, "compiled")]
)
def test_auto_takes_the_engine_that_is_sooner_done(monkeypatch, visits, warm, name):
    """simpy when it would be over before the other one is compiled (or loaded, where it was compiled before)."""
    with_state(monkeypatch, warm=warm)

    assert engines.choose("auto", visits).name == name


def test_auto_says_why(monkeypatch):
    """The choice comes with a sentence that has the expected time."""
    with_state(monkeypatch)

    assert str(engines.choose("auto", 1_000).why) == "about 0.04 s of work, done before the compiled engine has started"
    assert str(engines.choose("auto", 5_000_000).why) == "simpy would take about 3.33 min"


def test_what_is_asked_for_is_taken(monkeypatch):
    """A named engine is taken whatever the size."""
    with_state(monkeypatch)

    assert engines.choose("simpy", 1e9) == ("simpy", ("as asked", {}))
    assert engines.choose("compiled", 1) == ("compiled", ("as asked", {}))


def test_without_numba(monkeypatch):
    """`auto` goes on with simpy and says so; asking for the compiled engine is one clear error."""
    with_state(monkeypatch, available=False)

    assert str(engines.choose("auto", 1e9).why) == "numba is not installed"
    with pytest.raises(UsageError, match="engine 'compiled' needs numba, which is not installed; install numba, or take engine 'simpy'"):
        engines.choose("compiled", 1)


def test_an_unknown_engine():
    """A misspelt engine gets the nearest name."""
    with pytest.raises(UsageError, match="unknown engine 'compield'; did you mean 'compiled'"):
        engines.choose("compield", 1)


def test_the_compile_is_announced_once(monkeypatch):
    """Who waits for the compiler is told so; when it is compiled already nothing is said."""
    said, done = [], []
    monkeypatch.setattr(compiled, "warm_up", lambda: done.append(True))
    with_state(monkeypatch, warm=False)
    engines.make_ready(engines.choose("compiled", 1), said.append)
    with_state(monkeypatch, warm=True)
    engines.make_ready(engines.choose("compiled", 1), said.append)

    assert [str(note) for note in said] == ["compiling the engine, once on this machine (about 30 s)"]
    assert done == [True]
