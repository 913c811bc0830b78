"""The plain chain, written once for each kind of program that simgov is held against.

A chain is a unit (of 439), a grid (of 33), a community of 4 people and a street of 6; work is exponential with a mean of an
hour, without calendars. 60 % of incidents end at the unit, then 50 %, then 80 %, then all. Every program keeps a row for
each visit done, and says how long simulating took: making its world and running it, not reading its rows.
"""

from __future__ import annotations

import gc
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from inside import watched

DAY, HOUR = 86_400, 3600
CHAIN = (("unit", 439, 1, 0.6), ("grid", 33, 1, 0.5), ("community", 1, 4, 0.8), ("street", 1, 6, 1.0))
SOURCE = Path(__file__).with_name("plain_chain.c")


class Chain(NamedTuple):
    """What one run was: seconds it took, incidents born, and by visit done its level and its entered, started and left second."""

    seconds: float
    born: int
    level: np.ndarray
    entered: np.ndarray
    started: np.ndarray
    left: np.ndarray


class MissingError(Exception):
    """This machine cannot run the program, and why."""


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """A list that gets the seconds spent inside. What others left behind is collected first: it is not this one's cost."""
    gc.collect()
    took: list[float] = []
    begin = time.perf_counter()
    yield took
    took.append(time.perf_counter() - begin)


def _chain(seconds: float, born: int, rows: list[tuple]) -> Chain:
    """From rows (incident, level, entered, started, left)."""
    columns = np.array(rows, float).reshape(-1, 5).T
    return Chain(seconds, born, columns[1].astype(int), *columns[2:])


# ── SimPy, by hand ──────────────────────────────────────────────────────────────────────────────────


def simpy_by_hand(seed: int, days: int, a_day: float) -> Chain:
    """A plain SimPy program, as one would write it by hand."""
    import simpy

    with stopwatch() as took:
        rng, env, rows, born = random.Random(seed), simpy.Environment(), [], 0
        desks = [[simpy.Resource(env, people) for _ in range(count)] for _, count, people, _ in CHAIN]

        def incident(number: int, unit: int):
            for level, (_, count, _, chance) in enumerate(CHAIN):
                entered = env.now
                with desks[level][unit * count // CHAIN[0][1]].request() as request:
                    yield request
                    started = env.now
                    yield env.timeout(rng.expovariate(1 / HOUR))
                rows.append((number, level, entered, started, env.now))
                if rng.random() < chance:
                    return

        def arrivals():
            nonlocal born
            while True:
                yield env.timeout(rng.expovariate(a_day / DAY))
                env.process(incident(born, rng.randrange(CHAIN[0][1])))
                born += 1

        env.process(arrivals())
        env.run(until=days * DAY)
    return _chain(took[0], born, rows)


# ── Ciw ─────────────────────────────────────────────────────────────────────────────────────────────


def ciw(seed: int, days: int, a_day: float) -> Chain:
    """A network of Ciw: a node for each desk, an arrival stream for each unit."""
    try:
        import ciw
    except ModuleNotFoundError as error:
        raise MissingError("Ciw is not installed") from error

    with stopwatch() as took:
        ciw.seed(seed)
        units, nowhere = CHAIN[0][1], ciw.routing.Leave()
        nodes, arrivals, servers, routers = np.cumsum([1] + [count for _, count, _, _ in CHAIN]).tolist(), [], [], []
        for level, (_, count, people, chance) in enumerate(CHAIN):
            arrivals += [ciw.dists.Exponential(a_day / units) if level == 0 else None] * count
            servers += [people] * count
            for desk in range(count):
                if chance == 1:
                    routers.append(nowhere)
                else:
                    above = nodes[level + 1] + desk * CHAIN[level + 1][1] // count
                    routers.append(ciw.routing.Probabilistic([above], [1 - chance]))
        network = ciw.create_network(
            arrival_distributions=arrivals,
            service_distributions=[ciw.dists.Exponential(DAY / HOUR)] * len(servers),
            number_of_servers=servers,
            routing=ciw.routing.NetworkRouting(routers),
        )
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(days)
    level = np.searchsorted(nodes, np.arange(nodes[-1]), side="right") - 1
    rows = [
        (r.id_number, level[r.node], r.arrival_date * DAY, r.service_start_date * DAY, r.exit_date * DAY)
        for r in simulation.get_all_records(only=["service"])
    ]
    return _chain(took[0], simulation.nodes[0].number_of_individuals, rows)


# ── salabim ─────────────────────────────────────────────────────────────────────────────────────────


def salabim(seed: int, days: int, a_day: float) -> Chain:
    """A program for salabim, without its trace and without monitors at the desks."""
    try:
        import salabim
    except ModuleNotFoundError as error:
        raise MissingError("salabim is not installed") from error

    rng, rows, born = random.Random(seed), [], 0

    class Incident(salabim.Component):
        def setup(self, number: int, unit: int):
            self.number, self.unit = number, unit

        def process(self):
            for level, (_, count, _, chance) in enumerate(CHAIN):
                entered, desk = env.now(), desks[level][self.unit * count // CHAIN[0][1]]
                yield self.request(desk)
                started = env.now()
                yield self.hold(rng.expovariate(1 / HOUR))
                self.release(desk)
                rows.append((self.number, level, entered, started, env.now()))
                if rng.random() < chance:
                    return

    class Arrivals(salabim.Component):
        def process(self):
            nonlocal born
            while True:
                yield self.hold(rng.expovariate(a_day / DAY))
                Incident(number=born, unit=rng.randrange(CHAIN[0][1]))
                born += 1

    with stopwatch() as took:
        env = salabim.Environment(trace=False, random_seed=seed, set_numpy_random_seed=False, yieldless=False)
        desks = [[salabim.Resource(capacity=people, monitor=False) for _ in range(count)] for _, count, people, _ in CHAIN]
        Arrivals()
        env.run(till=days * DAY)
    return _chain(took[0], born, rows)


# ── C ───────────────────────────────────────────────────────────────────────────────────────────────


def c_loop(seed: int, days: int, a_day: float) -> Chain:
    """`plain_chain.c`, compiled here; it measures its own seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows")
        told = subprocess.run([compiled(), str(seed), str(days), str(a_day), str(path)], check=True, capture_output=True, text=True)
        rows = np.fromfile(path, [("incident", "<i8"), ("level", "<i8"), ("entered", "<f8"), ("started", "<f8"), ("left", "<f8")])
    seconds, born, done = told.stdout.split()
    assert len(rows) == int(done)
    return Chain(float(seconds), int(born), *(rows[name] for name in ("level", "entered", "started", "left")))


_built: list[tempfile.TemporaryDirectory] = []  # removed when Python ends


@cache
def compiled() -> str:
    compiler = shutil.which("cc")
    if compiler is None:
        raise MissingError("this machine has no C compiler (cc)")
    _built.append(tempfile.TemporaryDirectory())
    program = str(Path(_built[-1].name, "plain_chain"))
    subprocess.run([compiler, "-O2", "-std=c11", "-o", program, str(SOURCE), "-lm"], check=True)
    return program


# ── simgov ──────────────────────────────────────────────────────────────────────────────────────────


@cache
def plan_of(days: int, a_day: float):
    """The plan of the chain in the scenario language."""
    from simgov import plan
    from simgov.scenario import build

    end = np.datetime64("2022-01-01") + days
    return plan.make(
        build(
            {
                "schema": 1,
                "period": ["2022-01-01", str(end)],
                "public_holidays": {"country": ""},
                "residents": 10_000,
                "levels": {name: count for name, count, _, _ in CHAIN},
                "teams": {name: {"at": name, "people": people} for name, _, people, _ in CHAIN},
                "classes": {"incident": {"arrivals": {"rate": a_day / 10}, "enters": "unit_"}},
                "stages": {
                    f"{name}_": {"by": name, "work": {"exponential": "1h"}, "outcomes": {"closed": chance}} for name, _, _, chance in CHAIN
                },
            }
        )
    )


class Run(NamedTuple):
    """One run of an engine: seconds of draws, of the engine, and of its kernel alone (where it has one), and the journal."""

    drawing: float
    engine: float
    kernel: float
    journal: Any

    def chain(self, seconds: float) -> Chain:
        """The run as one of a program."""
        visits, done = self.journal.visits, self.journal.visits.left >= 0
        columns = visits.stage, visits.entered, visits.started, visits.left
        return Chain(seconds, len(self.journal.incidents.incident), *(column[done] for column in columns))


def simgov(engine: str, seed: int, days: int, a_day: float) -> Run:
    """An engine of simgov on the draws of a seed."""
    from simgov import draws
    from simgov.engines import simulator

    if engine == "compiled" and find_spec("numba") is None:
        raise MissingError("numba is not installed")
    plan = plan_of(days, a_day)
    simulate = simulator(engine)
    with watched() if engine == "compiled" else nullcontext({"kernel": np.nan}) as parts:
        with stopwatch() as drawing:
            drawn = draws.make(plan, seed, 0)
        with stopwatch() as running:
            journal = simulate(plan, drawn)
    return Run(drawing[0], running[0], parts["kernel"], journal)


# ── do they simulate the same? ──────────────────────────────────────────────────────────────────────

REACHED = np.cumprod([1.0] + [1 - chance for *_, chance in CHAIN[:-1]])  # the share of incidents that comes to each level


def scores(chains: list[Chain], days: int, a_day: float) -> dict[str, float]:
    """How many standard errors the runs of one program lie from what the chain must give: incidents, visits by level, work."""
    born, level = sum(c.born for c in chains), np.concatenate([c.level for c in chains])
    work = np.concatenate([c.left - c.started for c in chains]) / HOUR
    wanted = len(chains) * days * a_day
    found = {"incidents": (born - wanted) / wanted**0.5, "hours of work": (work.mean() - 1) * len(work) ** 0.5}
    for number, (name, *_), share in zip(range(len(CHAIN)), CHAIN, REACHED, strict=True):
        # Visits under way when the period ends are not done: about an hour's worth of each level.
        mean, error = born * share * (1 - 1 / (24 * days)), max((born * share * (1 - share)) ** 0.5, 3.0 * len(chains) ** 0.5)
        found[f"visits of a {name}"] = ((level == number).sum() - mean) / error
    return found


def wait_score(chains: list[Chain], days: int, a_day: float, number: int, batches: int = 20) -> float:
    """The same for the mean hours that the visits of a level wait; each run is cut into batches of time, which hardly know each other."""
    means = []
    for chain in chains:
        mine = chain.level == number
        waited, batch = (chain.started - chain.entered)[mine] / HOUR, (chain.entered[mine] * batches // (days * DAY)).astype(int)
        total, visits = np.bincount(batch, waited, batches), np.bincount(batch, minlength=batches)
        means.append((total / np.maximum(visits, 1))[visits > 0])
    means = np.concatenate(means)
    return float((means.mean() - erlang_wait(a_day, number)) / (means.std(ddof=1) / len(means) ** 0.5))


def erlang_wait(a_day: float, number: int) -> float:
    """The same by theory: every desk of the chain is M/M/c (Jackson, 1957; Erlang C)."""
    _, count, servers, _ = CHAIN[number]
    load = a_day / 24 * REACHED[number] / count
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return float(blocked / (1 - load / servers * (1 - blocked)) / (servers - load))
