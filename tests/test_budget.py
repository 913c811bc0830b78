"""What a run will take is said before it starts, and a run that cannot fit is refused with the option that bounds it."""

from __future__ import annotations

import pytest
from street import street
from test_forest import DATA

import simgov
from simgov import budget, draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.errors import UsageError
from simgov.pieces import cut


@pytest.fixture(scope="module")
def forest():
    return simgov.build(DATA)


def with_memory(monkeypatch, free):
    monkeypatch.setattr(budget, "_free", lambda: free)


def test_the_expected_visits_are_about_right(forest):
    """The expectation, from the first root alone, is within a tenth of a simulated replication of all roots."""
    made = plan.make(forest)
    visits = len(simulate(made, draws.make(made, 1, 0)).visits.visit)

    assert budget.expect(forest).visits == pytest.approx(visits, rel=0.1)


def test_journals_that_do_not_fit_are_refused_before_the_run(monkeypatch, forest):
    """The message has the estimate, what is free, and the option that bounds it; nothing is simulated."""
    size = budget.expect(forest)
    with_memory(monkeypatch, size.root * 1.5)
    monkeypatch.setattr("simgov.pieces.play", None)

    with pytest.raises(UsageError, match=r"this run needs about [\d.]+ GB of memory, and [\d.]+ GB are free: [\d.]+ GB of it are journals; leave the journal out \(--no-journal, journal=False\)"):
        simgov.run(forest, replications=30, engine="simpy", journal=True)


def test_too_many_workers_are_refused(monkeypatch, forest):
    """Each worker holds a piece: the message says what one of them needs."""
    with_memory(monkeypatch, budget.expect(forest).root * 1.5)

    with pytest.raises(UsageError, match=r"take fewer workers, one of them needs [\d.e-]+ GB"):
        simgov.run(forest, replications=1, engine="simpy", journal=False, workers=4)


def test_a_root_that_does_not_fit_is_refused(monkeypatch):
    """Where one root alone is too large, the message says what could be smaller."""
    with_memory(monkeypatch, 30_000)

    with pytest.raises(UsageError, match=r"one root alone needs [\d.e-]+ GB; take a shorter period, or a lower rate, or divide it into several roots"):
        simgov.run(street(), replications=1, engine="simpy", journal=False)


def test_a_root_whose_nodes_do_not_fit_is_refused_before_its_plan(monkeypatch):
    """A tree beyond the memory is not even planned."""
    monkeypatch.setattr("simgov.plan.make", None)
    with_memory(monkeypatch, 1e9)
    data = {**DATA, "levels": {"unit": 6_000_000, "city": 2}, "classes": {"event": DATA["classes"]["event"]}}
    data["teams"] = {"leader": {"at": "unit"}, "desk": {"at": "city", "hours": "office"}, "judge": {"at": "city"}, "patrol": {"at": "city"}}

    with pytest.raises(UsageError, match=r"a root of 3,000,301 nodes needs about [\d.]+ GB of memory, and 1 GB are free: divide it into several roots"):
        simgov.run(simgov.build({**data, "stages": DATA["stages"]}), engine="simpy")


def test_small_runs_keep_their_journal_and_large_ones_do_not(monkeypatch):
    """Without a word about it, the journal is kept up to a number of visits."""
    assert len(simgov.run(street(), replications=2, engine="simpy").journals) == 2
    monkeypatch.setattr(budget, "MOST_KEPT", 10)
    assert simgov.run(street(), replications=2, engine="simpy").journals == ()


def test_pieces_cover_every_root_of_every_replication():
    """Replication after replication, roots in order, none left out and none twice."""
    assert [(p.replication, list(p.roots)) for p in cut(5, 2, 2)] == [(r, x) for r in (0, 1) for x in ([0, 1], [2, 3], [4])]


def test_roots_of_little_work_share_a_piece(forest):
    """A plan for each of many small roots would cost more than it saves."""
    size = budget.expect(forest)

    assert budget.roots_at_once(size, 3) == 3
    assert budget.roots_at_once(size._replace(visits=3 * budget.LEAST_PIECE), 3) == 1
    assert budget.roots_at_once(size._replace(visits=30 * budget.LEAST_PIECE), 3) == 1


def test_a_root_without_residents_does_not_spoil_the_estimate(tmp_path):
    """The estimate is made from the largest root, so an empty first one does no harm, and the run goes on."""
    (tmp_path / "nodes.csv").write_text("node,level,parent,residents\nN,town,,0\na,unit,N,0\nS,town,,\nb,unit,S,900\n", encoding="utf-8")
    data = {
        "schema": 1, "period": ["2022-05-02", "2022-05-16"], "public_holidays": {"country": ""}, "nodes": "nodes.csv", "levels": {"unit": {}, "town": {}},
        "teams": {"desk": {"at": "town"}}, "classes": {"event": {"arrivals": {"rate": 20}, "enters": "handle"}},
        "stages": {"handle": {"by": "desk", "work": {"exponential": "3h"}, "outcomes": {"closed": 1}}},
    }  # fmt: skip
    s = simgov.build(data, folder=tmp_path)

    assert budget.expect(s).visits == pytest.approx(20 * 0.9 * 14)
    assert simgov.run(s, replications=1, engine="simpy").value("collected") > 100


def test_a_journal_nobody_asked_for_is_no_reason_to_refuse(monkeypatch, forest):
    """Where the journal would not fit and was not asked for, it is left out."""
    with_memory(monkeypatch, budget.expect(forest).root * 1.5)

    assert simgov.run(forest, replications=1, engine="simpy").journals == ()


@pytest.mark.parametrize("given", ["no", 2.5])
def test_what_journal_may_be(given):
    """Anything but True, False and None is refused."""
    with pytest.raises(UsageError, match="journal must be True, False or None"):
        simgov.run(street(), replications=1, journal=given)
