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
    with np.errstate(over="ignore"):  # hashing runs over; without the compiler NumPy says so
        try:
            state = _advance(plan, here, state, progress)
        except _TooManyError:
            state = _advance(plan, here, begin(plan, draws, here, wide=True), progress)
        journal = _journal(plan, draws, here, state)
    if progress:
        progress(1.0)
    return journal


class _TooManyError(Exception):
    """Matters have come back so often that their numbers need wide rows."""


def _advance(plan: Plan, here: World, state: State, progress: Callable[[float], None] | None) -> State:
    """The state at the horizon."""
    kernel = _kernel(here, state)
    slices = SLICES if len(here.births) > MANY else 1
    for k in range(1, slices + 1):
        until = plan.horizon * k // slices
        while (why := kernel.advance(here, state, until)) == c.GROW:
            state = grown(state)
        if why == c.ENDLESS:
            raise _endless(plan, state)
        if why == c.WIDER:
            raise _TooManyError
        if progress and k < slices:
            progress(k / slices)
    return state


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
    kind = "narrow" if state.rows.dtype == np.int32 else "wide"
    return store.kernel(kind, (here, state, 0), (here, state, none, np.zeros((1, 1), np.int64), np.zeros(0, bool), np.zeros((1, 1), np.int64)))


def _endless(plan: Plan, state: State) -> Exception:
    who, way = int(state.g[c.G_ERROR_ROW]), []
    row = state.trail[who, c.K_LAST]
    while row >= 0 and len(way) < 6:
        way.append(int(state.rows[row, c.V_STAGE]))
        row = state.rows[row, c.L_PREV]
    return endless(plan, int(state.g[c.G_ERROR]), int(state.facts[c.E_CLS, who]), way[::-1])


def _journal(plan: Plan, draws: Draws, here: World, state: State) -> Journal:
    births, late = int(state.g[c.G_BIRTHS]), int(state.g[c.G_INCIDENTS] - state.g[c.G_BIRTHS])
    order = np.argsort(state.again[:late, c.N_NUMBER], kind="stable")  # of those that came back
    rows, work = int(state.g[c.G_ROWS]), int(state.g[c.G_WORK])
    visits, reached = np.empty((len(Visits._fields) - 1, rows), np.int64), np.empty(rows, bool)
    works = np.empty((len(Work._fields), work), np.int64)
    told = np.concatenate([np.flatnonzero(draws.births.found != NEVER), births + order])
    _kernel(here, state).tell(here, state, told, visits, reached, works)
    return Journal(plan.horizon, _incidents(draws, state, births, order), Visits(*visits, reached), Work(*works))


def _incidents(draws: Draws, state: State, births: int, order: np.ndarray) -> Incidents:
    b, again = draws.births, state.again[order]
    origin, late = again[:, c.N_ORIGIN], births + order
    facts = state.facts[:, : births + len(order)]
    facts[:, births:] = facts[:, late]

    def both(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.concatenate([mine, theirs])

    return Incidents(
        incident=both(np.arange(births), again[:, c.N_NUMBER]),
        key=both(b.key, state.key[late]),
        root=both(b.root, b.root[origin]),
        cls_born=both(b.cls, again[:, c.N_CLS]),
        cls=facts[c.E_CLS],
        nth=both(b.nth, np.full(len(order), c.NONE)),
        home=both(b.home, b.home[origin]),
        channel=both(b.entry, again[:, c.N_ENTRY]),
        repeat_of=both(np.full(births, c.NONE), again[:, c.N_BEFORE]),
        born=both(b.born, again[:, c.N_FOUND]),
        found=both(np.where(b.found == NEVER, c.NONE, b.found), again[:, c.N_FOUND]),
        difficulty=both(b.difficulty, b.difficulty[origin]),
        closed=facts[c.E_CLOSED],
        solved=facts[c.E_SOLVED],
        verified=facts[c.E_VERIFIED],
        verified_at=facts[c.E_VERIFIED_AT],
        reopened=facts[c.E_REOPENED],
        ended=facts[c.E_ENDED],
        how=facts[c.E_HOW],
        left_by=facts[c.E_LEFT_BY],
    )
