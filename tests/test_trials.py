"""Trials: the same outcome wherever, whenever and in whatever order they are carried out, and kept whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import street
from test_workers import cluster
from world import Run, written

import simgov
from simgov import runner
from simgov.errors import OutputError
from simgov.measures.pool import row_key
from simgov.trials import Arm, Outcome, Sealed, Store, Trials, Variant
from simgov.trials.carry_out import play
from simgov.trials.outcome import summaries
from simgov.trials.past import fingerprint


def arms():
    s = street.street()
    return [Arm(Sealed.of(s)), Arm(Variant(Sealed.of(s), {"teams.leader.people": 2}), moments=(86_400,))]


def texts(rows):
    return [[outcome.text() for outcome in row] for row in rows]


@pytest.fixture(scope="module")
def expected():
    return texts(Trials(seed=7).run(arms(), range(4)))


@pytest.fixture
def store(tmp_path):
    (tmp_path / "trials").mkdir()
    return Store(tmp_path / "trials")


# ── the same everywhere ─────────────────────────────────────────────────────────────────────────────


def test_an_outcome_says_what_a_run_says():
    """The rows of trials are the summaries of the run of the same scenario and seed."""
    result = street.result()
    outcomes = [row[0] for row in Trials(seed=7).run(arms()[:1], range(3))]

    assert summaries(outcomes).equals(result.summaries)
    assert outcomes[0].row(row_key("collected", {"class": "all"}))[0] == result.tables[0].entries["collected", "all"].top
    assert outcomes[0].row(row_key("collected", {"class": "nobody"})) == (0, 0)


def test_processes_change_no_bit(expected):
    assert texts(Trials(seed=7, workers=2).run(arms(), range(4))) == expected


def test_the_compiled_engine_changes_no_bit(expected):
    pytest.importorskip("numba")
    assert texts(Trials(seed=7, engine="compiled").run(arms(), range(4))) == expected


def test_order_and_company_change_no_bit(expected):
    """Arms the other way round, and replications one at a time from the last."""
    for r in reversed(range(4)):
        ((second, first),) = texts(Trials(seed=7).run(arms()[::-1], [r]))
        assert [first, second] == expected[r]


def test_another_seed_is_another_world(expected):
    assert texts(Trials(seed=8).run(arms(), range(1)))[0] != expected[0]


def test_roots_piece_by_piece_change_no_bit():
    """A forest simulated one root at a time, or all at once."""
    s = simgov.build(written({"look": {"by": "desk", "work": "1h"}}, levels={"unit": {"count": 3}}, residents=900, classes={"matter": {"arrivals": {"rate": 5}}}))
    whole, pieces = (play(Arm(Sealed.of(s), roots=3, at_once=n, moments=()), 1, 0, "simpy") for n in (3, 1))

    assert whole.same_as(pieces)
    assert whole.row(row_key("collected", {"class": "all"}))[0] > 0


def test_a_variant_is_the_scenario_with_its_settings():
    s = street.street()
    variant = Variant(Sealed.of(s), {"teams.leader.people": 2})

    assert variant.open().teams["leader"].people.each == 2
    helped = Variant(Sealed.of(simgov.build({**s.data, "apply": ["help"]})), {"classes.event.arrivals.rate": 2}).open()
    assert [e.teams["leader"].people.each for _, _, e in helped.epochs] == [1, 3, 1]
    assert [e.classes["event"].arrivals.rate for _, _, e in helped.epochs] == [2, 2, 2]
    assert variant.digest == Variant(Sealed.of(s), {"teams.leader.people": 2}).digest != Variant(Sealed.of(s), {"teams.leader.people": 3}).digest


# ── kept ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_is_not_done_again(store, expected, monkeypatch):
    """The first two replications are read, the other two simulated, and the bits are the same."""
    trials = Trials(seed=7, store=store)
    list(trials.run(arms(), range(2)))
    played = []
    monkeypatch.setattr("simgov.trials.carry_out.play", lambda arm, seed, r, engine: played.append(r) or play(arm, seed, r, engine))

    assert texts(trials.run(arms(), range(4))) == expected
    assert played == [2, 2, 3, 3]


def test_an_outcome_reads_back_as_it_was(expected):
    """Every float, down to the last bit; nan and infinity, too."""
    outcome = next(Trials(seed=7).run(arms(), range(1)))[1]
    odd = replace(outcome, top=np.r_[outcome.top[:-3], [0.1 + 0.2, np.inf, 5e-324]])

    for each in (outcome, odd):
        again = Outcome.read(each.text())
        assert again.same_as(each)
        assert (again.top == each.top).all()
        assert again.past == each.past
        assert again.keys is each.keys or again.keys == each.keys


@pytest.mark.parametrize("harm", [lambda t: t[:-20], lambda t: t.replace("1", "2", 1), lambda t: "", lambda t: t[70:], lambda t: "\x00" * len(t)])
def test_a_trial_that_was_harmed_is_done_again(store, expected, harm):
    """Cut off, changed, emptied, without its digest, overwritten: the digest tells, and the trial is done anew."""
    trials = Trials(seed=7, store=store)
    list(trials.run(arms(), range(1)))
    place = next(p for p in store.folder.rglob("000000.json"))
    place.write_text(harm(place.read_text()))

    assert texts(trials.run(arms(), range(1)))[0] == expected[0]
    assert Outcome.read(place.read_text().partition("\n")[2]).text() in expected[0]


def test_bytes_that_are_no_text_are_done_again(store, expected):
    trials = Trials(seed=7, store=store)
    list(trials.run(arms(), range(1)))
    next(store.folder.rglob("000000.json")).write_bytes(b"\xff\xfe\x00")
    assert texts(trials.run(arms(), range(1)))[0] == expected[0]


def test_nothing_half_written_stays(store, monkeypatch):
    """A disk that is full: one clear message, and no remains."""
    outcome = next(Trials(seed=7).run(arms(), range(1)))[0]
    store.put("a" * 64, 0, outcome)
    monkeypatch.setattr("os.replace", _full)

    with pytest.raises(OutputError, match="cannot keep a trial: No space left on device; what was kept before is sound, so mend this and give the same command again"):
        store.put("a" * 64, 1, outcome)
    assert [p.name for p in store.folder.rglob("*") if p.is_file()] == ["000000.json"]
    assert store.get("a" * 64, 0).same_as(outcome)


def _full(*_):
    raise OSError(28, "No space left on device")


def test_a_worker_that_sees_another_disk_gives_its_outcome_back(tmp_path, expected):
    """Where the folder is not there in the worker, whoever asked keeps the outcome."""
    elsewhere = Trials(seed=7, store=Store(tmp_path / "not here"))
    from simgov.trials.carry_out import _trial

    outcome, kept = _trial(arms()[0], 0, elsewhere)
    assert (outcome.text(), kept) == (expected[0][0], False)


def test_on_a_cluster_one_worker_of_which_is_killed(tmp_path, store, expected):
    """A real scheduler and two workers; one of them is killed in the middle, and the result equals the serial one, bit for bit."""
    import os
    import signal

    import psutil

    with cluster(tmp_path) as address:
        rows = Trials(seed=7, workers=address, store=store).run(arms(), range(12))
        first = [next(rows)]
        victims = [p for p in psutil.process_iter(["cmdline"]) if address in (p.info["cmdline"] or []) and "worker" in p.info["cmdline"]]
        child = next(c for v in victims for c in v.children(recursive=True) if "spawn_main" in " ".join(c.cmdline()))
        os.kill(child.pid, signal.SIGKILL)
        found = texts([*first, *rows])

    assert found[:4] == expected
    assert found == texts(Trials(seed=7).run(arms(), range(12)))
    assert len(list(store.folder.rglob("*.json"))) == 24


# ── the past ────────────────────────────────────────────────────────────────────────────────────────


def journal(data, r=0):
    return Run(data, seed=3, replication=r).journal


def test_a_change_has_no_past():
    """Before a window opens nothing differs, after that something does."""
    s, day = street.street(), 86_400
    helped = simgov.build({**s.data, "apply": ["help"]}, name="street")
    before, after = (runner.run(x, replications=1, seed=7, engine="simpy").journals[0] for x in (s, helped))

    assert fingerprint(before, 7 * day) == fingerprint(after, 7 * day)
    assert fingerprint(before, 10 * day) != fingerprint(after, 10 * day)


STAGES = {"look": {"by": "desk", "work": {"exponential": "2h"}, "outcomes": {"closed": 0.5}}, "wait": {"lead": "1h", "outcomes": {"closed": 1}}}


@pytest.mark.parametrize("table", ["incidents", "visits", "work"])
def test_no_stamp_of_the_past_escapes_it(table):
    """Whichever stamp before the second is moved, the fingerprint changes; a stamp from the second on does not matter."""
    j, second = journal(written(STAGES, classes={"matter": {"arrivals": {"rate": 20}}})), 5 * 86_400
    rows = getattr(j, table)
    first = {"incidents": "born", "visits": "entered", "work": "start"}[table]
    stamps = {"incidents": ("born", "found", "closed", "solved", "ended"), "visits": ("entered", "released", "started", "finished", "left"), "work": ("start",)}[table]
    for column in stamps:
        values = getattr(rows, column)
        known = getattr(rows, first) < second
        for mine, matters in ((known & (values >= 0) & (values < second - 1), True), (values >= second, False)):
            where = np.flatnonzero(mine)
            if not len(where):
                continue
            moved = values.copy()
            moved[where[0]] += 1
            other = j._replace(**{table: rows._replace(**{column: moved})})
            assert (fingerprint(other, second) != fingerprint(j, second)) is matters, (column, matters)


def test_what_is_told_later_does_not_matter():
    """How a visit was left, and by whom it was done, belong to when it was known."""
    j, second = journal(written(STAGES, classes={"matter": {"arrivals": {"rate": 20}}})), 5 * 86_400
    v = j.visits
    for column, stamp in (("result", v.left), ("target", v.left), ("pool", v.started)):
        for later in (True, False):
            rows = np.flatnonzero((v.entered < second) & (stamp >= 0) & ((stamp >= second) == later))
            if not len(rows):
                continue
            changed = getattr(v, column).copy()
            changed[rows[0]] += 1
            other = j._replace(visits=v._replace(**{column: changed}))
            assert (fingerprint(other, second) == fingerprint(j, second)) is later, (column, later)


def test_simulate_is_what_is_fingerprinted():
    """The fingerprint of an outcome is that of the journal of the same trial."""
    s = street.street()
    outcome = play(Arm(Sealed.of(s), moments=(86_400,)), 7, 0, "simpy")
    made = runner.run(s, replications=1, seed=7, engine="simpy").journals[0]

    assert outcome.past == {86_400: fingerprint(made, 86_400)}
