"""Green, yellow and red (红黄绿): the light of what is open at the census, and the places that it is counted by."""

from __future__ import annotations

import numpy as np
import pytest
from world import matter, play, written

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.measures import reduce
from simgov.measures.ageing import lowest_level, places
from simgov.plan import crown, grow
from simgov.scenario import build


@pytest.mark.parametrize(
    ("due", "found", "light"),
    [
        ("15 days", "Mo 09:00", 0),  # the census is two weeks after the first Monday at 00:00; the due is 33 hours after it
        ("14 days", "Mo 09:00", 1),
        ("14 days", "Tu 00:00", 1),  # a day before its due
        ("14 days", "Tu 00:01", 0),
        ("13 days", "Mo 00:00", 2),
        ("13 days", "Tu 00:00", 1),  # due in the second of the census, which is no part of the window
        (None, "Mo 00:00", 1),
        (None, "Mo2 00:00", 1),  # seven days
        (None, "Mo2 00:01", 0),
    ],
)
def test_the_light_of_what_is_open(due, found, light):
    """Green, yellow from a day before its due, red when it is past; what has no due goes by its age: 7 and 30 days."""
    run = play({"handle": {"lead": "90 days", **({"due": due} if due else {})}}, found)

    assert reduce(run.plan, run.journal).ageing.tolist() == [[int(light == k) for k in range(3)]]


def test_who_is_closed_or_gone_is_not_open_and_who_lies_for_ever_is():
    """Closed and left by an end: no light. Never closed: by its age, 33 days, though its stage had a due."""
    stages = {"handle": {"wait": "1h", "due": "20 days", "outcomes": {"a": {"closed": 1}, "b": {"gone": 1}, "c": {"never": 1}}}}
    run = play(stages, classes={name: matter("Mo 09:00") for name in "abc"}, ends={"gone": {}}, days=34)

    assert reduce(run.plan, run.journal).ageing.tolist() == [[0, 0, 1]]


def test_places_are_counted_over_the_whole_forest():
    """The lowest level with at most 60 nodes and all above it; every root is a place, and numbers run on from root to root."""
    levels = {"unit": 900, "grid": 70, "street": 7, "district": 3}
    scenario = build(written({"handle": {"by": "desk", "work": "1h"}}, levels=levels, residents=9_000))
    whole = grow(scenario)
    nodes, number, count = places(whole, tuple(levels))

    assert lowest_level(whole.forest, tuple(levels)) == "street"
    assert [whole.names[n] for n in nodes] == ["district-1", "street-1", "street-2", "street-3", "district-2", "street-4", "street-5", "district-3", "street-6", "street-7"]
    assert number.tolist() == list(range(count)) == list(range(10))
    parts = [places(grow(scenario, range(r, r + 1)), tuple(levels)) for r in range(3)]
    assert np.concatenate([part[1] for part in parts]).tolist() == number.tolist()
    assert {part[2] for part in parts} == {count}
    upper = crown(scenario, "street")
    assert upper.names == tuple(whole.names[n] for n in nodes)
    assert [upper.names[p] if p >= 0 else "" for p in upper.parent] == [whole.names[p] if p >= 0 else "" for p in whole.parent[nodes]]


def test_a_root_below_the_others_is_a_place(tmp_path):
    """A table with a street and its 61 units, and a lone unit without a street: two places, one home each; more units than 60 go up to their street."""
    rows = ["node,level,parent", "S,street,", *(f"U{k},unit,S" for k in range(61)), "alone,unit,"]
    (tmp_path / "nodes.csv").write_text("\n".join(rows), encoding="utf-8")
    data = written({"handle": {"lead": "90 days"}}, levels={"unit": {}, "street": {}}, nodes="nodes.csv", classes={"matter": {"arrivals": {"list": [{"at": "2022-05-10", "node": home} for home in ("U0", "U60", "alone")]}}})
    del data["residents"]
    scenario = build(data, folder=tmp_path)
    made = plan.make(scenario)
    tables = reduce(made, simulate(made, draws.make(made, 1, 0)))

    assert tables.ageing.tolist() == [[2, 0, 0], [1, 0, 0]]
