"""The same seed gives the same journal, bit for bit: in another process, with another hash seed, at any time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from world import MONDAY, Run, matter, written

HERE = Path(__file__).parent
RICH = written(
    {
        "sort": {
            "by": {"any": ["desk", "centre"], "read": [{"team": "centre", "work": "5 min"}]},
            "work": {"exponential": "20 min"},
            "hours": "until_clear",
            "outcomes": {"closed": {"chance": 0.3, "solved": 0.5}},
        },
        "meet": {
            "by": {"all": ["desk", "judge"]},
            "work": "1h",
            "gate": {"opens": "meeting", "takes": 2},
            "hold": True,
            "outcomes": {"closed": 0.5, "court": 0.1},
        },
        "split": {
            "by": {"each": ["desk", "judge"]},
            "work": {"lognormal": {"median": "1h", "sigma": 1}},
            "due": {"at": "2 days", "then": {"move": "last"}},
            "outcomes": {"closed": 0.4, "sort": 0.2},
        },
        "last": {"wait": {"gamma": {"mean": "5h", "cv": 1}}, "outcomes": {"closed": 1}},
        "call": {"by": "centre", "work": "5 min", "verify": {"share": 0.5, "unsolved": {"sort": 0.5}}},
    },
    classes={
        "noise": {
            "arrivals": {"rate": 3, "day_cv": 0.5},
            "difficulty": 1,
            "returns": {"chance": 0.3, "after": {"exponential": "1 day"}},
        },
        "grudge": {
            "arrivals": {"rate": 1},
            "found": {"hazard_per_day": 0.3, "team": "desk", "reference": 1000, "hidden_at_start": 20},
        },
        "known": matter("Mo 08:30", "Mo 08:30", "Tu 09:00"),
    },
    teams={
        "desk": {"at": "unit", "hours": "office", "people": 2, "duty": "evening", "skill": {"mean": 0, "sd": 0.5}},
        "centre": {"at": "town", "hours": "office", "people": 3},
        "judge": {"at": "town", "hours": "meeting"},
    },
    calendars={"evening": "Mo-Fr 17:30-21:00", "meeting": "Mo-Fr 09:00-11:00"},
    levels={"unit": 4, "town": 2},
    residents=8000,
    ends={"court": {}},
)
IN_ANOTHER_PROCESS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from test_reproducible import fingerprint
from world import Run
print(fingerprint(Run(json.load(sys.stdin), int(sys.argv[2]), int(sys.argv[3]))))
"""


def fingerprint(run: Run) -> str:
    """A digest of every number of the journal, with its type."""
    digest = hashlib.sha256()
    for table in run.journal[1:]:
        for name, column in table._asdict().items():
            digest.update(f"{name} {column.dtype} {len(column)}".encode() + column.tobytes())
    return digest.hexdigest()


def elsewhere(seed: int, hash_seed: str, replication: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(HERE), str(seed), str(replication)],
        input=json.dumps(RICH), env={"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_the_same_seed_in_other_processes():
    """Two processes with different hash seeds and this one give the same journal, of some hundreds of rows."""
    here = Run(RICH, 5)

    assert len(here.journal.visits.incident) > 300
    assert fingerprint(here) == elsewhere(5, "0") == elsewhere(5, "4242")


def test_other_seeds_and_replications_give_other_journals():
    """The control: another seed or replication gives another journal; seed 0 is one like any other."""
    prints = [fingerprint(Run(RICH, seed, replication)) for seed in (0, 1, 2, 5) for replication in (0, 1)]

    assert len(set(prints)) == len(prints)
    assert fingerprint(Run(RICH, 0)) == prints[0] == elsewhere(0, "7")


def test_a_run_leaves_no_trace_in_plan_and_draws():
    """Running the same plan and draws again gives the same journal; other runs in between change nothing."""
    from simgov.engines.simpy_engine import simulate

    first = Run(RICH, 3)
    Run(RICH, 4)

    assert first.journal.same_as(simulate(first.plan, first.draws))


def test_same_as_sees_a_single_number():
    """The comparison of journals sees one changed number in any table."""
    run = Run(RICH, 3)

    for table, column in (("incidents", "difficulty"), ("visits", "left"), ("work", "person")):
        rows = getattr(run.journal, table)
        changed = getattr(rows, column).copy()
        changed[-1] += 1
        assert not run.journal.same_as(run.journal._replace(**{table: rows._replace(**{column: changed})}))
    assert not run.journal.same_as(run.journal._replace(horizon=1))


def test_rows_are_in_canonical_order_and_typed():
    """Tables are sorted by their keys, keys are unique, and columns have their types."""
    journal = Run(RICH, 3).journal

    assert np.array_equal(journal.incidents.incident, np.sort(journal.incidents.incident))
    for table, keys in ((journal.incidents, 1), (journal.visits, 3), (journal.work, 5)):
        rows = list(zip(*(column.tolist() for column in table[:keys]), strict=True))
        assert rows == sorted(rows)
        assert len(set(rows)) == len(rows)
        for name, column in table._asdict().items():
            assert column.dtype == {"key": np.uint64, "difficulty": float, "reached": bool}.get(name, np.int64), name


def test_a_longer_period_begins_with_the_same_births():
    """The k-th birth of a class is the same incident in the same second when the period is longer."""
    short, long = Run(RICH, 3).draws.births, Run({**RICH, "period": ["2022-05-02", "2022-05-30"]}, 3).draws.births

    later = dict(zip(long.key.tolist(), long.born.tolist(), strict=True))
    assert len(short.key) < len(long.key)
    assert all(later[k] == b for k, b in zip(short.key.tolist(), short.born.tolist(), strict=True))


@pytest.mark.parametrize("change", ["rename", "reorder"])
def test_teams_and_classes_are_known_by_name(change):
    """Teams written in another order change no second of any visit: what is drawn goes by names."""

    def times(data):
        run = Run(data, 3)
        key = {r.incident: r.key for r in run.rows("incidents")}
        return sorted(
            (key[r.incident], r.stage, r.nth, r.part, r.entered, r.started, r.left, r.team or "") for r in run.rows("visits")
        )

    other = dict(RICH)
    if change == "reorder":
        other["teams"] = dict(reversed(RICH["teams"].items()))
        assert times(other) == times(RICH)
    else:
        other["classes"] = {("other_name" if k == "noise" else k): v for k, v in RICH["classes"].items()}
        assert times(other) != times(RICH)  # the control: another name is another key


def test_the_worlds_of_these_tests_begin_on_a_monday():
    """The helper's words for moments rest on it."""
    assert MONDAY.weekday() == 0
