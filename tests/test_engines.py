"""Which engine is taken, and what is said about it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner
from street import street

import simgov
from simgov import draws, engines
from simgov import plan as plans
from simgov.cli import main
from simgov.engines import compiled
from simgov.errors import UsageError


def with_state(monkeypatch, available=True, warm=False):
    monkeypatch.setattr(compiled, "is_available", lambda: available)
    monkeypatch.setattr(compiled, "is_warm", lambda: warm)


@pytest.mark.parametrize(
    ("visits", "warm", "name"), [(1_000, False, "simpy"), (300_000, False, "simpy"), (300_000, True, "compiled"), (5_000_000, False, "compiled")]
)
def test_auto_takes_the_engine_that_is_sooner_done(monkeypatch, visits, warm, name):
    """simpy when it would be over before the other one is compiled (or loaded, where it was compiled before)."""
    with_state(monkeypatch, warm=warm)

    assert engines.choose("auto", visits).name == name


def test_auto_says_why(monkeypatch):
    """The choice comes with a sentence that has the expected time."""
    with_state(monkeypatch)

    assert str(engines.choose("auto", 1_000).why) == "about 0.07 s of work, done before the compiled engine has started"
    assert str(engines.choose("auto", 5_000_000).why) == "simpy would take about 5.83 min"


def test_what_is_asked_for_is_taken(monkeypatch):
    """A named engine is taken whatever the size."""
    with_state(monkeypatch)

    assert engines.choose("simpy", 1e9) == ("simpy", "as asked")
    assert engines.choose("compiled", 1) == ("compiled", "as asked")


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
    monkeypatch.setattr(compiled, "warm_up", lambda: done.append(True) or SimpleNamespace(cached=True))
    for warm in (False, True):
        with_state(monkeypatch, warm=warm)
        choice = engines.choose("compiled", 1)
        assert engines.make_ready(choice, "compiled", said.append) is choice

    assert [str(note) for note in said] == ["compiling the engine, once on this machine (about 25 s)"]
    assert done == [True, True]


def test_a_cache_that_cannot_be_written_is_told(monkeypatch):
    """Where the kernel cannot be kept, whoever runs again is told why it takes so long."""
    said = []
    with_state(monkeypatch, warm=False)
    monkeypatch.setattr(compiled, "warm_up", lambda: SimpleNamespace(cached=False))
    engines.make_ready(engines.choose("compiled", 1), "compiled", said.append)

    assert "could not be kept in the cache folder" in str(said[1])


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ImportError("Numba needs NumPy 2.2 or less"), "Numba needs NumPy 2.2 or less"),
        (OSError("Could not find/load shared object file 'libllvmlite.so'. This could mean that\nmany things"), "Could not find/load shared object file 'libllvmlite.so'"),
        (MemoryError(), "out of memory"),
        (SystemError("initialization failed"), "initialization failed"),
    ],
)
def test_a_numba_that_cannot_be_loaded(monkeypatch, error, why):
    """Installed but broken, or too large for the memory that is free: `auto` goes on with simpy and says why; asking for `compiled` is one clear error."""

    def broken():
        raise error

    with_state(monkeypatch, warm=True)
    monkeypatch.setattr(compiled, "warm_up", broken)
    choice = engines.choose("auto", 1e9)

    said = []
    ready = engines.make_ready(choice, "auto", said.append)
    assert (ready.name, str(ready.why)) == ("simpy", f"numba cannot be loaded: {why}")
    assert said == [f"numba cannot be loaded: {why}; engine simpy is taken, which gives the same numbers"]
    with pytest.raises(UsageError, match=re.escape(f"needs numba, which cannot be loaded ({why})")):
        engines.make_ready(choice, "compiled", print)


@pytest.mark.parametrize(("lang", "told", "ready"), [("en", "compiling the engine, once on this machine", "the compiled engine is ready"), ("zh", "正在编译引擎", "编译引擎已就绪")])
def test_warmup_compiles_ahead(monkeypatch, lang, told, ready):
    """`simgov warmup` says what it does, in either language, and when it is done."""
    done = []
    with_state(monkeypatch, warm=False)
    monkeypatch.setattr(compiled, "warm_up", lambda: done.append(True) or SimpleNamespace(cached=True))
    said = CliRunner().invoke(main, ["warmup", "--lang", lang])

    assert said.exit_code == 0
    assert told in said.stderr
    assert ready in said.stdout
    assert done == [True]


def test_warmup_without_numba(monkeypatch):
    """There is nothing to compile: one clear error, exit code 2."""
    with_state(monkeypatch, available=False)
    said = CliRunner().invoke(main, ["warmup"])

    assert said.exit_code == 2
    assert "needs numba, which is not installed" in said.stderr


def test_a_result_says_which_engine_it_is_from():
    """The engine is in the result, with its reason, and in the provenance."""
    result = simgov.run(street(), replications=1, engine="simpy")

    assert result.engine.name == result.provenance["engine"] == "simpy"
    assert str(result.engine.why) == "as asked"


def test_both_engines_give_the_same_result():
    """Measures, journals and figures' tables of a run are equal to the last bit."""
    one, other = (simgov.run(street(), replications=2, engine=name) for name in ("simpy", "compiled"))

    pd.testing.assert_frame_equal(one.summaries, other.summaries, check_exact=True)
    assert all(a.same_as(b) for a, b in zip(one.journals, other.journals, strict=True))


SPANS = {"teams.leader.skill": {"sd": 0.5}, "stages.handle.span": {"per_doubling": -0.2, "reference": 300}}


@pytest.mark.parametrize("names", [["help"], ["slow", "help"], []])
def test_no_scenario_compiles_a_second_version(names):
    """Rosters, windows and skills give arrays of the layout that the kernel was kept for; for another one, every process would compile it anew."""
    pytest.importorskip("numba")
    from simgov.engines.compiled.pack import world

    plan = plans.make(simgov.build({**street().data, "apply": ["late", *names]}, SPANS))
    arrays = world(plan, draws.make(plan, 1, 0))._asdict()

    assert [name for name, array in arrays.items() if not array.flags.c_contiguous] == []
