"""Benchmarks measure what they say: all programs simulate the same chain, and docs/speed.md holds their tables. No time is asserted."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "speed.md"
sys.path.insert(0, str(ROOT / "benchmarks"))

import chain_programs  # noqa: E402
import inside  # noqa: E402
import one_replication  # noqa: E402
import plain_chain  # noqa: E402
import scale  # noqa: E402
import speed_page  # noqa: E402

sys.path.remove(str(ROOT / "benchmarks"))
NUMBA = find_spec("numba") is not None

# ── the plain chain ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def measured():
    """A short round of every program."""
    return plain_chain.measure(40, 1)


def test_every_program_simulates_the_chain(measured):
    """Counts of simgov are the pinned ones, both engines give one journal, and nobody is far from what the chain gives."""
    assert measured.wrong == []
    assert (measured.chains[plain_chain.SIMPY][0].born, 40) == (plain_chain.PINS[40][0], 40)


def test_only_what_is_not_installed_is_skipped(measured):
    """A program runs, or its row says why not."""
    missing = {row for row, module in ((plain_chain.CIW, "ciw"), (plain_chain.SALABIM, "salabim")) if find_spec(module) is None}
    missing |= {plain_chain.C} if shutil.which("cc") is None else set()
    missing |= set() if NUMBA else {plain_chain.COMPILED, plain_chain.KERNEL}

    assert set(measured.skipped) == missing
    assert {row for row, chains in measured.chains.items() if not chains} == missing
    table = {cells[0]: cells for cells in plain_chain.rows(measured)}
    assert list(table) == list(plain_chain.ROWS)
    assert all(("skipped" in table[row][-1]) == (row in missing) for row in table)


@pytest.mark.nightly
def test_with_queues_every_program_waits_as_theory_says():
    """At five times the arrivals, waits at grids and at the community are those of M/M/c in every program."""
    assert plain_chain.measure(60, 1, plain_chain.BUSY).wrong == []


@pytest.mark.parametrize(
    ("number", "column", "value", "what"),
    [
        (0, 3, 0.63, "visits of a grid"),  # more end at the unit
        pytest.param(1, 3, 0.45, "visits of a community", marks=pytest.mark.nightly),
        pytest.param(2, 2, 3, "mean wait at a community", marks=pytest.mark.nightly),  # one of four is missing
        (1, 1, 25, "mean wait at a grid"),  # a quarter of the grids is missing
    ],
)
def test_another_chain_is_noticed(number, column, value, what, monkeypatch):
    """The control: a program that simulates something a little different is told from the chain."""
    other = [list(level) for level in chain_programs.CHAIN]
    other[number][column] = value
    with monkeypatch.context() as context:
        context.setattr(chain_programs, "CHAIN", tuple(map(tuple, other)))
        chains = [chain_programs.simpy_by_hand(seed, 120, plain_chain.BUSY) for seed in (1, 2)]

    assert any(what in wrong for wrong in plain_chain.odd("by hand", chains, 120, plain_chain.BUSY))


def test_erlang_c_of_the_chain():
    """The wait that programs are held against: M/M/1 is rho / (1 - rho) of an hour, and M/M/4 is that of a table."""
    rho = plain_chain.BUSY / 24 * 0.4 / 33

    assert chain_programs.erlang_wait(plain_chain.BUSY, 1) == pytest.approx(rho / (1 - rho))
    assert chain_programs.erlang_wait(24 * 3.0 / 0.2, 2) == pytest.approx(0.5094, abs=5e-5)  # Erlang C(4, 3)


def test_changed_counts_end_with_an_error(monkeypatch, capsys):
    """Speed is told only of the behaviour that is pinned: the table is printed, but the benchmark fails."""
    monkeypatch.setattr(plain_chain, "PINS", {40: (1, 2)})
    monkeypatch.setattr(plain_chain, "FOREIGN", {plain_chain.BY_HAND: plain_chain.FOREIGN[plain_chain.BY_HAND]})
    monkeypatch.setattr(sys, "argv", ["plain_chain.py", "--days", "40", "--rounds", "1"])

    with pytest.raises(SystemExit, match=r"incidents and visits instead of \(1, 2\)"):
        plain_chain.main()


def test_the_c_row_is_skipped_aloud_without_a_compiler(monkeypatch):
    """Where there is no compiler the row says so."""
    monkeypatch.setattr(chain_programs.shutil, "which", lambda name: None)
    chain_programs.compiled.cache_clear()

    with pytest.raises(chain_programs.MissingError, match="no C compiler"):
        chain_programs.c_loop(1, 1, 60.0)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_c_program_is_the_chain():
    """It builds, gives the same for the same seed, and its rows are whole: entered, started, left in order, level after level."""
    chain_programs.compiled.cache_clear()
    one, again, other = (chain_programs.c_loop(seed, 100, 300.0) for seed in (1, 1, 2))

    assert all((a == b).all() for a, b in zip(one[2:], again[2:], strict=True))
    assert one.born != other.born
    assert (one.entered <= one.started).all()
    assert (one.started < one.left).all()
    assert (one.left[1:] >= one.left[:-1]).all()
    assert set(one.level) == {0, 1, 2, 3}
    assert one.left.max() < 100 * 86_400
    assert list(plain_chain.odd(plain_chain.C, [one, other], 100, 300.0)) == []


@pytest.mark.skipif(not NUMBA, reason="numba is not installed")
def test_the_kernel_is_timed_inside_the_engine():
    """The functions that the stopwatches stand around are those of the engine, and each is called."""
    with inside.watched() as seconds:
        run = chain_programs.simgov("compiled", 1, 10, 60.0)

    assert all(took > 0 for took in seconds.values())
    assert 0 < run.kernel < run.engine


# ── scale ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name, size in scale.SIZES.items() if size.share < 1])
def test_a_part_of_the_nation_is_that_part(name):
    """Residents, nodes and people of a community, a street and a district are their share of all."""
    size = scale.SIZES[name]
    part, nation = scale.scenario_of(size), scale.scenario_of(size._replace(share=1))

    assert part.residents == round(nation.residents * size.share)
    for level, counted in nation.levels.items():
        assert part.levels[level].count == max(1, round(counted.count * size.share))
    for name, team in part.teams.items():
        if team.people.each:
            here, everywhere = (s.teams[name].people.each * s.levels[team.at].count for s in (part, nation))
            assert abs(here - everywhere * size.share) <= max(1, 0.02 * here), name


def test_pieces_of_a_forest_are_counted_and_timed():
    """Each root gives its own counts and seconds, on whichever engine."""
    import simgov

    settings = {f"levels.{level}.count": 2 for level in ("city", "district", "street", "community")}
    forest = simgov.load(ROOT / "scenarios" / "dongxing.yaml", settings | {"period.end": "2022-05-20"})
    both = list(scale.pieces(forest, None, "simpy"))

    assert len(both) == 2
    assert len(list(scale.pieces(forest, 1, "simpy"))) == 1
    for piece in both:
        assert piece["visits"] > piece["incidents"] > 0
        assert all(piece[stage] > 0 for stage in scale.STAGES)
    assert len(scale.row("two", both[0] | {"peak": scale.peak()})) == len(scale.HEAD)
    assert scale.peak() >= scale.now_held() * 0.9


# ── the page ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("module", "first"), [(plain_chain, plain_chain.ROWS), (scale, scale.SIZES), (one_replication, one_replication.ROWS)], ids=lambda x: getattr(x, "__name__", "")
)
def test_tables_of_the_page_are_those_of_the_benchmarks(module, first):
    """Each benchmark's command stands on the page, and its table has the columns and rows that it would write today."""
    head, *rows = speed_page.cells(module.__name__)
    text = PAGE.read_text(encoding="utf-8")

    assert f"python benchmarks/{module.__name__}.py" in text
    assert tuple(head) == module.HEAD
    optional = {scale.ONLY_ON_REQUEST}
    assert [row[0] for row in rows if row[0] not in optional] == [row for row in first if row not in optional]
    assert "Measured on" in speed_page.block(module.__name__)


def test_the_figure_of_the_page_is_there():
    """The page shows the curve that `scale.py` draws."""
    assert f"figures/{scale.FIGURE.name}" in PAGE.read_text(encoding="utf-8")
    assert scale.FIGURE.read_bytes().startswith(b"\x89PNG")


def test_the_figure_is_drawn_from_the_rows(tmp_path, monkeypatch):
    """The curve is drawn from what was measured, with one size or with many."""
    monkeypatch.setattr(scale, "FIGURE", tmp_path / "scale.png")
    told = {"incidents": 1000, "visits": 5000, "plan": 0.1, "draws": 0.01, "run": 0.02, "measures": 0.01, "peak": 200.0, "roots": 1}

    scale.draw({"a community": told, "a street": told | {"incidents": 10_000}})

    assert (tmp_path / "scale.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_is_written_between_its_marks(tmp_path):
    """The text around a block stays, what was in it goes, and it reads back as it was."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x -->\nold\n<!-- /x -->\nafter\n", encoding="utf-8")

    speed_page.write("x", speed_page.table(("a", "b"), [("one", "1"), ("three", "33,000")]), page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- x -->\n| a     |      b |\n| ----- | -----: |\n| one   |      1 |\n")
    assert text.endswith(".\n<!-- /x -->\nafter\n")
    assert "old" not in text
    assert speed_page.cells("x", page) == [["a", "b"], ["one", "1"], ["three", "33,000"]]
    with pytest.raises(SystemExit, match="has no block"):
        speed_page.write("y", "", page)
