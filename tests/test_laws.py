"""Laws over generated scenarios: conservation, hours, gates, metamorphic twins; each field of a stage is in turn forced into them."""

from __future__ import annotations

import copy
import random
from functools import partial
from itertools import count
from unittest import mock

import laws
import numpy as np
import pytest
import reach
import simpy
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strategies import STAGE_FIELDS, scenarios
from world import Run, matter, play, written

from simgov.engines import desks, simpy_engine
from simgov.errors import SimulationError
from simgov.journal import Result
from simgov.plan import Kind


def test_every_field_has_a_sign():
    """For every field that the generator can use there is one way to see that it was reached."""
    signs = [*reach.OF_VISITS, *reach.OF_RUNS]

    assert sorted(signs) == sorted(STAGE_FIELDS)


QUICK = (Phase.generate,)  # what fails is shown as it is; the nightly run makes it smaller

# ── the laws ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("field", STAGE_FIELDS)
def test_laws(field):
    """Whatever the scenario, the journal keeps the laws, and so do its twins; the field is reached in some of them."""
    assert field in tried(field, examples=5)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("field", STAGE_FIELDS)
def test_laws_on_many_more(field):
    """The same on a hundred times as many scenarios, other ones every night."""
    assert field in tried(field, examples=500, derandomize=False)


def tried(field: str, examples: int, derandomize: bool = True) -> set[str]:
    """Try generated scenarios with the field in their first stage; returns the fields that were reached."""
    seen: set[str] = set()

    @settings(max_examples=examples, derandomize=derandomize, database=None, phases=QUICK if derandomize else tuple(Phase))
    @given(scenarios(field), st.integers(0, 3))
    def check(data, seed):
        run = Run(data, seed)
        laws.keep_all(run)
        seen.update(reach.fields(reach.Seen(run)))
        twins(run, seed)
        an_unserved_incident_changes_nothing(data, run, seed)

    check()
    return seen


def twins(run: Run, seed: int) -> None:
    """Run again, walked eagerly, and with shuffled events: the same journal each time."""
    assert run.journal.same_as(again(run))
    with mock.patch.object(simpy_engine, "Desks", EagerDesks):
        assert run.journal.same_as(again(run)), "walking all pools in every instant is not the same as walking the touched ones"
    with mock.patch.object(simpy, "Environment", partial(Shuffled, seed)):
        assert run.journal.same_as(again(run)), "the order of events of one second and phase matters"


def again(run: Run):
    return simpy_engine.simulate(run.plan, run.draws)


class Always(dict):
    """A dict that is true even when it is empty: there is always somebody to look at."""

    def __bool__(self) -> bool:
        return True


class EagerDesks(desks.Desks):
    """Walks all waiting pools in every instant."""

    def __init__(self, *args):
        super().__init__(*args)
        self.touched = Always()

    def walk(self) -> None:
        self.touched.update(self.waiting)
        super().walk()


class Shuffled(simpy.Environment):
    """Events of the same second and phase happen in a random order."""

    def __init__(self, seed: int):
        super().__init__()
        self.chance, self._eid = random.Random(seed), self.tickets()

    def tickets(self):
        for number in count():
            yield (self.chance.random(), number)


GHOSTS = {
    "stages": {"by": {"all": ["ghosts", "ants", "bees"]}, "work": "1h", "priority": -9, "outcomes": {"closed": 1}},
    "classes": {
        "arrivals": {
            "list": [
                {"at": f"2022-05-0{day} {clock}"}
                for day in (1, 2)
                for clock in ("00:00", "08:29", "08:30", "12:00", "15:00", "18:10")
            ]
        },
        "enters": "limbo",
    },
}


def an_unserved_incident_changes_nothing(data: dict, run: Run, seed: int) -> None:
    """Incidents that ask, before all others, for people together with a team of nobody change no other row."""
    haunted = copy.deepcopy(data)
    haunted["teams"]["ghosts"] = {"at": "unit", "people": 0}
    haunted["stages"]["limbo"] = GHOSTS["stages"]
    haunted["classes"]["ghost"] = GHOSTS["classes"]

    other = Run(haunted, seed)

    mine, yours = rows_by_key(run), rows_by_key(other, without="ghost")
    differences = [(table, row) for table in mine for row in set(mine[table]) ^ set(yours[table])]
    assert not differences
    assert mine == yours
    assert len(other.journal.incidents.key) == len(run.journal.incidents.key) + 12


def rows_by_key(run: Run, without: str = "") -> dict[str, list[tuple]]:
    """All rows, incidents told by their key instead of their number."""
    key = {i.incident: i.key for i in run.rows("incidents")}
    mine = {i.incident for i in run.rows("incidents") if run.plan.classes[i.cls_born] != without}
    found = {}
    for table, drop in (
        ("incidents", {"incident", "repeat_of", "key"}),
        ("visits", {"incident", "step"}),
        ("work", {"incident"}),
    ):
        rows = [r for r in run.rows(table) if r.incident in mine]
        found[table] = sorted((key[r.incident], *(v for n, v in sorted(vars(r).items()) if n not in drop)) for r in rows)
    return found


# ── the tests can fail ──────────────────────────────────────────────────────────────────────────────


def busy_world() -> Run:
    stages = {
        "joint": {"by": {"all": ["first", "second"]}, "work": "1h", "gate": {"opens": "meeting", "takes": 1}},
        "handle": {"by": "first", "work": "2h", "due": {"at": "3h", "then": {"move": "last"}}, "outcomes": {"closed": 1}},
        "last": {},
    }
    teams = {"first": {"at": "unit", "hours": "office"}, "second": {"at": "unit", "hours": "office"}}
    return Run(written(stages, ["Mo 08:30"] * 6, teams=teams, calendars={"meeting": "Mo-Su 08:30-09:30,15:00-16:00"}))


def broken(run: Run, table: str, column: str, row: int, value: int) -> Run:
    """The run with one number of its journal changed."""
    rows = getattr(run.journal, table)
    changed = getattr(rows, column).copy()
    changed[row] = value
    twin = copy.copy(run)
    twin.journal = run.journal._replace(**{table: rows._replace(**{column: changed})})
    return twin


@pytest.mark.parametrize(
    ("law", "change"),
    [
        (laws.every_incident_is_in_one_place, ("visits", "left", 0, 99_999)),
        (laws.times_never_go_back, ("visits", "finished", 0, 1)),
        (laws.nobody_serves_two_at_once, ("work", "end", 0, 13 * 3600 * 10)),
        (laws.nobody_starts_outside_the_hours, ("work", "start", 0, 3 * 3600)),
        (laws.people_are_those_asked_for, ("work", "pool", 0, 1)),
        (laws.gates_let_through_what_they_take, ("visits", "admitted", 2, 30_600)),
        (laws.works_sums, ("work", "regular", 0, 3599)),
        (laws.dues_lead_to_their_outcomes, ("visits", "due", 1, 31_000)),
        (laws.facts_follow_from_visits, ("incidents", "closed", 0, 5)),
        (laws.nobody_waits_while_who_may_serve_stands_free, ("visits", "released", 2, 30_600)),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_each_law_catches_a_broken_journal(law, change):
    """Control: each law holds for a journal, and fails when one number of it is changed."""
    run = busy_world()

    law(laws.Told(run))
    with pytest.raises(AssertionError):
        law(laws.Told(broken(run, *change)))


class LazyDesks(desks.Desks):
    """A wrong walk: team by team in their order, instead of merged by the queue order."""

    def walk(self) -> None:
        touched = dict(self.touched)
        for number in sorted(touched):
            self.touched.clear()
            self.touched[number] = touched[number]
            super().walk()
        self.touched.clear()


def test_a_walk_team_by_team_is_caught():
    """Control: the law of the unserved incident fails for a walk that goes team by team."""
    stages = {
        "joint": {"by": {"all": ["ants", "bees"]}, "work": "1h", "priority": 1, "outcomes": {"closed": 1}},
        "single": {"by": "bees", "work": "1h", "outcomes": {"closed": 1}},
        "limbo": {"by": {"all": ["ants", "nobody"]}, "work": "1h"},
    }
    teams = {**{t: {"at": "unit"} for t in ("ants", "bees")}, "nobody": {"at": "unit", "people": 0}}
    busy = {
        "k": matter("Mo 09:00", enters="single"),
        "j": matter("Mo 09:01", enters="joint"),
        "x": matter("Mo 09:02", enters="single"),
    }
    haunted = {**busy, "z": matter("Mo 10:00", enters="limbo")}

    def starts(classes, walk):
        with mock.patch.object(simpy_engine, "Desks", walk):
            return play(stages, classes=classes, teams=teams).told("cls started")[:3]

    assert starts(busy, desks.Desks) == starts(haunted, desks.Desks)
    assert starts(busy, LazyDesks) != starts(haunted, LazyDesks)


def test_shuffling_really_shuffles():
    """Control: the shuffled environment does change the order of events of a second."""

    def order(env):
        done = []
        for i in range(20):
            env.timeout(5).callbacks.append(lambda _, i=i: done.append(i))
        env.run()
        return done

    assert order(simpy.Environment()) == list(range(20))
    assert order(Shuffled(1)) != list(range(20))
    assert sorted(order(Shuffled(1))) == list(range(20))


def test_people_added_where_nobody_waits_change_no_time():
    """A second person at a desk where nobody ever waits changes no second of any visit."""
    stages = {"handle": {"by": "desk", "work": {"exponential": "1h"}}}
    arrive = [f"{d} {h:02d}:00" for d in ("Mo", "Tu", "We") for h in (1, 9, 17)]

    def times(people):
        return play(stages, arrive, teams={"desk": {"at": "unit", "people": people}}).told("entered started finished left result")

    assert all(entered == started for entered, started, *_ in times(1))
    assert times(1) == times(2)


def test_a_loop_of_generated_scenarios_does_not_hide_an_error():
    """Control: an error of the simulation is not swallowed by the laws."""
    with pytest.raises(SimulationError):
        laws.keep_all(play({"a": {}, "b": {"outcomes": {"closed": 1e-9, "a": 1 - 1e-9}}, "end": {}}))


def test_kinds_and_results_have_the_same_numbers():
    """A visit's result is the kind of its outcome; the codes of the two agree."""
    assert [(k.name, int(k)) for k in Kind] == [(r.name, int(r)) for r in list(Result)[1:5]]
    assert np.array_equal([int(k) for k in Kind], [0, 1, 2, 3])
