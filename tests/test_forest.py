"""Several roots: they do not meet, so any of them can be simulated alone and gives what it gives beside the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import simgov
from simgov import budget, draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.measures import Tables, reduce, summary
from simgov.scenario import build

DATA = {
    "schema": 1,
    "period": ["2022-05-02", "2022-05-16"],
    "public_holidays": {"country": ""},
    "residents": 10_007,
    "firms": 41,
    "levels": {"unit": 23, "town": 7, "city": 3},
    "calendars": {"office": "Mo-Fr 08:30-12:00,14:30-17:30", "late": "Mo-Fr 17:30-21:00"},
    "teams": {
        "leader": {"at": "unit", "people": {"total": 31}, "skill": {"sd": 0.8}},
        "desk": {"at": "town", "hours": "office", "duty": {"hours": "late", "people": 1}, "people": {"per_10000": 11}},
        "judge": {"at": "city", "hours": "office", "people": {"each": 1, "share": 0.7}},
        "patrol": {"at": ["unit", "city"], "people": {"each": 2, "share": 0.4}},
    },
    "profiles": {"day": {"hours": [*[1] * 8, *[3] * 12, *[1] * 4]}},
    "classes": {
        "event": {"arrivals": {"rate": 5, "profile": "day", "day_cv": 0.3}, "enters": "handle", "difficulty": 1},
        "shop": {"arrivals": {"rate": 0.1, "per": "firm"}, "enters": {"handle": 0.5, "look": 0.5}},
        "round": {"arrivals": {"each_opening": {"calendar": "office", "count": 1}, "per": "person", "of": "desk"}, "enters": "look"},
        "noted": {"arrivals": {"list": [{"at": "2022-05-03 10:00"}, {"at": "2022-05-03 09:00", "node": "unit-20"}]}, "enters": "look"},
        "grudge": {
            "arrivals": {"rate": 0.2},
            "enters": "handle",
            "found": {"hazard_per_day": 0.3, "team": "leader", "reference": 400, "hidden_at_start": 40},
        },
    },
    "ends": {"gone": {}},
    "stages": {
        "handle": {"by": {"any": ["leader", "patrol"]}, "work": {"exponential": "2h"}, "outcomes": {"closed": {"chance": 0.5, "solved": 0.5}, "gone": 0.1}},
        "look": {"by": "desk", "work": "30 min", "hours": "duty", "gate": {"opens": "office", "takes": 3}, "due": {"at": "end_of_day", "then": {"move": "sit"}}},
        "sit": {"by": {"all": ["desk", "judge"]}, "work": "1h", "lead": "1 d", "outcomes": {"closed": 1}},
    },
}  # fmt: skip


def told_by_name(made, journal):
    """Incidents, visits and work with names for numbers, so that plans of different roots can be compared."""
    names, crowd, i = np.array([*made.tree.names, ""]), made.crowd, journal.incidents
    own = dict(zip(i.incident.tolist(), i.key.tolist(), strict=True))
    of_pool = [(crowd.teams[t], names[n]) for t, n in zip(crowd.pool_team, crowd.pool_node, strict=True)] + [None]

    def rows(table, skip):
        columns = [c.tolist() for n, c in zip(table._fields, table, strict=True) if n not in skip]
        return list(zip(*columns, strict=True))

    incidents = [
        (own.get(again), str(names[home]), *rest)
        for again, home, rest in zip(i.repeat_of.tolist(), i.home.tolist(), rows(i, ("incident", "root", "home", "repeat_of")), strict=True)
    ]
    found = [incidents]
    for table in (journal.visits, journal.work):
        found.append([
            (own[n], of_pool[pool], *rest)
            for n, pool, rest in zip(table.incident.tolist(), table.pool.tolist(), rows(table, ("incident", "pool")), strict=True)
        ])  # fmt: skip
    return [sorted(rows, key=repr) for rows in found]


def played(scenario, roots=None):
    made = plan.make(scenario, roots)
    return made, simulate(made, draws.make(made, 5, 0))


@pytest.fixture(scope="module")
def scenario():
    return build(DATA)


def test_roots_alone_give_what_they_give_together(scenario):
    """Every row of the whole journal is in the journal of one root, and none is added."""
    whole = told_by_name(*played(scenario))
    parts = [told_by_name(*played(scenario, range(r, r + 1))) for r in range(3)]

    for number, rows in enumerate(whole):
        assert len(rows) > 100
        assert sorted((row for part in parts for row in part[number]), key=repr) == rows


def test_any_run_of_roots_is_a_part(scenario):
    """Two of three roots together give what each gives alone."""
    pair = told_by_name(*played(scenario, range(1, 3)))
    parts = [told_by_name(*played(scenario, range(r, r + 1))) for r in (1, 2)]

    for number, rows in enumerate(pair):
        assert sorted((row for part in parts for row in part[number]), key=repr) == rows


def test_what_is_given_for_the_whole_is_shared_out(scenario):
    """Nodes, residents, firms and totals of teams add up over roots to what the file says; names run through."""
    parts = [plan.make(scenario, range(r, r + 1)) for r in range(3)]

    assert sum(p.tree.residents[0] for p in parts) == 10_007
    assert sum(p.tree.firms[0] for p in parts) == 41
    for level, count in DATA["levels"].items():
        assert [n for p in parts for n in p.tree.names if n.startswith(level)] == [f"{level}-{k + 1}" for k in range(count)]
    people = {team: sum(int((p.crowd.person_team == t).sum()) for p in parts) for t, team in enumerate(scenario.teams)}
    assert people == {"leader": 31, "desk": 11, "judge": 2, "patrol": 20}
    assert sum((d.births.born < 0).sum() for d in (draws.make(p, 5, 0) for p in parts)) == 40


def test_tables_of_roots_add_up_to_those_of_the_whole(scenario):
    """Every measure of a replication is the same, whether it is read off the whole journal or put together root by root."""
    whole = summary(reduce(*played(scenario)), 0)
    parts = Tables.sum(reduce(*played(scenario, range(r, r + 1))) for r in range(3))

    assert set(whole["measure"]) >= {"headline_closure", "time_to_closure_median", "inequality", "rostered_hours", "elapsed"}
    pd.testing.assert_frame_equal(summary(parts, 0), whole, check_exact=True)


def test_a_run_without_its_journal_is_the_same(scenario):
    """Roots one by one, on one process or on two, give the measures and figures' tables of the run in one piece."""
    whole = simgov.run(scenario, replications=2, engine="simpy")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(budget, "LEAST_PIECE", 1)
        apart = simgov.run(scenario, replications=2, engine="simpy", journal=False)
        spread = simgov.run(scenario, replications=2, engine="simpy", journal=False, workers=2)

    assert len(whole.journals) == 2
    assert not apart.journals
    for other in (apart, spread):
        pd.testing.assert_frame_equal(other.summaries, whole.summaries, check_exact=True)
        assert all((getattr(a, name) == getattr(b, name)).all() for name in ("flows", "waiting", "stock", "time", "ageing") for a, b in zip(other.tables, whole.tables, strict=True))


def test_a_table_of_nodes_is_a_forest_too(tmp_path):
    """Roots of a table of nodes can be taken alone as well."""
    (tmp_path / "nodes.csv").write_text(
        "node,level,parent,residents,desk\nN,town,,,1\na,unit,N,300,\nb,unit,N,500,\nS,town,,,2\nc,unit,S,700,\n", encoding="utf-8"
    )
    data = {
        "schema": 1,
        "period": ["2022-05-02", "2022-05-16"],
        "public_holidays": {"country": ""},
        "nodes": "nodes.csv",
        "levels": {"unit": {}, "town": {}},
        "teams": {"desk": {"at": "town"}},
        "classes": {"event": {"arrivals": {"rate": 20}, "enters": "handle"}},
        "stages": {"handle": {"by": "desk", "work": {"exponential": "3h"}, "outcomes": {"closed": 1}}},
    }
    s = build(data, folder=tmp_path)
    whole = told_by_name(*played(s))
    parts = [told_by_name(*played(s, range(r, r + 1))) for r in range(2)]

    assert plan.plant(s).residents.tolist() == [800, 700]
    for number, rows in enumerate(whole):
        assert len(rows) > 100
        assert sorted((row for part in parts for row in part[number]), key=repr) == rows
