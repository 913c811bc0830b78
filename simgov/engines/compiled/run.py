"""A run of the compiled engine: give the kernel its arrays, give it room when it asks, and tell the journal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgov import draws as draws_of
from simgov import plan as plans
from simgov.clock import NEVER
from simgov.draws import Draws
from simgov.engines.compiled import columns as c
from simgov.engines.compiled import store
from simgov.engines.compiled.pack import World, world
from simgov.engines.compiled.state import State, begin, grown
from simgov.engines.endless import endless
from simgov.journal import Incidents, Journal, Visits, Work
from simgov.plan import Plan
from simgov.scenario import build

SLICES = 50  # of a run, between which progress is told and Ctrl-C is heard
MANY = 20_000  # incidents; below, one slice is enough


def run(plan: Plan, draws: Draws, progress: Callable[[float], None] | None = None) -> Journal:
    """One replication."""
    here = world(plan, draws)
    state = begin(plan, draws, here)
    kernel = _kernel(here, state)
    slices = SLICES if len(here.births) > MANY else 1
    with np.errstate(over="ignore"):  # hashing runs over; without the compiler NumPy says so
        for k in range(1, slices + 1):
            until = plan.horizon * k // slices
            while (why := kernel.advance(here, state, until)) == c.GROW:
                state = grown(state)
            if why == c.ENDLESS:
                raise _endless(plan, state)
            if progress and k < slices:
                progress(k / slices)
        journal = _journal(kernel, plan, draws, state)
    if progress:
        progress(1.0)
    return journal


def try_out() -> None:
    """Run a scenario of one incident, so that the kernel is there."""
    scenario = build({
        "schema": 1, "period": ["2022-01-01", "2022-01-02"], "public_holidays": {"country": ""}, "levels": {"unit": 1}, "teams": {"desk": {"at": "unit"}},
        "classes": {"matter": {"arrivals": {"list": [{"at": "2022-01-01"}]}, "enters": "desk_"}}, "stages": {"desk_": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}}},
    })  # fmt: skip
    made = plans.make(scenario)
    run(made, draws_of.make(made, 1, 0))


def _kernel(here: World, state: State) -> store.Kernel:
    none = np.zeros(0, np.int64)
    return store.kernel((here, state, 0), (state, none, np.zeros((1, 1), np.int64), np.zeros(0, bool), np.zeros((1, 1), np.int64)))


def _endless(plan: Plan, state: State) -> Exception:
    who, way = int(state.g[c.G_ERROR_ROW]), []
    row = state.trail[who, c.K_LAST]
    while row >= 0 and len(way) < 6:
        way.append(int(state.rows[row, c.V_STAGE]))
        row = state.rows[row, c.L_PREV]
    return endless(plan, int(state.g[c.G_ERROR]), int(state.facts[c.E_CLS, who]), way[::-1])


def _journal(kernel: store.Kernel, plan: Plan, draws: Draws, state: State) -> Journal:
    births, told = int(state.g[c.G_BIRTHS]), int(state.g[c.G_INCIDENTS])
    late = births + np.argsort(state.trail[births:told, c.K_NUMBER], kind="stable")
    rows, work = int(state.g[c.G_ROWS]), int(state.g[c.G_WORK])
    visits, reached = np.empty((c.V_REACHED, rows), np.int64), np.empty(rows, bool)
    works = np.empty((len(Work._fields), work), np.int64)
    kernel.tell(state, np.concatenate([np.flatnonzero(draws.births.found != NEVER), late]), visits, reached, works)
    return Journal(plan.horizon, _incidents(draws, state, births, late), Visits(*visits, reached), Work(*works))


def _incidents(draws: Draws, state: State, births: int, late: np.ndarray) -> Incidents:
    b = draws.births
    trail, facts = state.trail, state.facts
    origin = trail[late, c.K_ORIGIN]

    def both(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.concatenate([mine, theirs])

    fact = [both(facts[k, :births], facts[k, late]) for k in range(len(facts))]
    return Incidents(
        incident=both(np.arange(births), trail[late, c.K_NUMBER]),
        key=both(b.key, state.key[late]),
        root=both(b.root, b.root[origin]),
        cls_born=both(b.cls, trail[late, c.K_CLS]),
        cls=fact[c.E_CLS],
        nth=both(b.nth, np.full(len(late), c.NONE)),
        home=both(b.home, b.home[origin]),
        channel=both(b.entry, trail[late, c.K_ENTRY]),
        repeat_of=both(np.full(births, c.NONE), trail[late, c.K_BEFORE]),
        born=both(b.born, trail[late, c.K_FOUND]),
        found=both(np.where(b.found == NEVER, c.NONE, b.found), trail[late, c.K_FOUND]),
        difficulty=both(b.difficulty, b.difficulty[origin]),
        closed=fact[c.E_CLOSED],
        solved=fact[c.E_SOLVED],
        verified=fact[c.E_VERIFIED],
        verified_at=fact[c.E_VERIFIED_AT],
        reopened=fact[c.E_REOPENED],
        ended=fact[c.E_ENDED],
        how=fact[c.E_HOW],
        left_by=fact[c.E_LEFT_BY],
    )
