"""The plain chain: the SimPy engine against a plain hand-written SimPy program of the same thing, side by side.

439 units, 33 grids, a community of 4, a street of 6; exponential work of an hour, no calendars. 60 % of incidents
end at the unit, then 50 %, then 80 %. Run: python benchmarks/plain_chain.py
"""

from __future__ import annotations

import gc
import random
import time

import simpy

from simgov import draws, plan
from simgov.engines.simpy_engine import simulate
from simgov.scenario import build

DAYS, A_DAY = 400, 60.0
SEED_1 = (23_930, 39_265)  # incidents and visits
CHAIN = (("unit", 439, 1, 0.6), ("grid", 33, 1, 0.5), ("community", 1, 4, 0.8), ("street", 1, 6, 1.0))


def scenario():
    """The chain in the scenario language."""
    return build(
        {
            "schema": 1,
            "period": ["2022-01-01", "2023-02-05"],
            "public_holidays": {"country": ""},
            "residents": 10_000,
            "levels": {name: count for name, count, _, _ in CHAIN},
            "teams": {name: {"at": name, "people": people} for name, _, people, _ in CHAIN},
            "classes": {"incident": {"arrivals": {"rate": A_DAY / 10}, "enters": "unit_"}},
            "stages": {
                f"{name}_": {"by": name, "work": {"exponential": "1h"}, "outcomes": {"closed": chance}} for name, _, _, chance in CHAIN
            },
        }
    )


def by_hand(seed: int) -> tuple[int, int]:
    """The same as a plain SimPy program that keeps a row for each visit; returns incidents and visits."""
    rng, env, rows = random.Random(seed), simpy.Environment(), []
    desks = [[simpy.Resource(env, people) for _ in range(count)] for _, count, people, _ in CHAIN]

    def incident(number: int, unit: int):
        for level, (_, count, _, chance) in enumerate(CHAIN):
            entered = env.now
            with desks[level][unit * count // CHAIN[0][1]].request() as request:
                yield request
                started = env.now
                yield env.timeout(rng.expovariate(1 / 3600))
            rows.append((number, level, entered, started, env.now))
            if rng.random() < chance:
                return

    def arrivals():
        number = 0
        while True:
            yield env.timeout(rng.expovariate(A_DAY / 86_400))
            env.process(incident(number, rng.randrange(439)))
            number += 1

    env.process(arrivals())
    env.run(until=DAYS * 86_400)
    return rows[-1][0], len(rows)


def main() -> None:
    made = plan.make(scenario())
    best_hand, best_ours = 0.0, 0.0
    for seed in range(1, 6):
        gc.collect()  # what the other one left behind is not this one's cost
        begin = time.perf_counter()
        incidents, visits = by_hand(seed)
        best_hand = max(best_hand, incidents / (time.perf_counter() - begin))
        gc.collect()
        begin = time.perf_counter()
        journal = simulate(made, draws.make(made, seed, 0))
        best_ours = max(best_ours, len(journal.incidents.incident) / (time.perf_counter() - begin))
        if seed == 1:  # speed and behaviour are pinned together
            assert (len(journal.incidents.incident), len(journal.visits.visit)) == SEED_1, "the chain has changed"
        per_incident = len(journal.visits.visit) / len(journal.incidents.incident), visits / incidents
        assert abs(per_incident[0] - per_incident[1]) < 0.05, per_incident
    print(f"plain SimPy program  {best_hand:10,.0f} incidents a second")
    print(f"simgov, SimPy engine {best_ours:10,.0f} incidents a second (draws and journal included)")
    print(f"ratio                {best_ours / best_hand:10.2f}")


if __name__ == "__main__":
    main()
