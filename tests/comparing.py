"""Comparing two engines: the first difference of two journals in words, and the smallest scenario that still shows one."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from world import Run

from simgov import draws as all_draws
from simgov import plan as plans
from simgov.draws import Draws
from simgov.engines import simpy_engine
from simgov.errors import SimulationError
from simgov.journal import Journal
from simgov.plan import Plan
from simgov.scenario import build

KEYS = {"incidents": 1, "visits": 3, "work": 5}  # columns that tell the rows of a table apart
Engine = Callable[[Plan, Draws], Journal]
Outcome = Journal | str  # a journal, or the text of an error


def outcome(simulate: Engine, plan: Plan, draws: Draws) -> Outcome:
    """What comes of a run."""
    try:
        return simulate(plan, draws)
    except SimulationError as error:
        return f"{type(error).__name__}: {error}"


def difference(a: Outcome, b: Outcome, names: tuple[str, str] = ("simpy", "compiled")) -> str | None:
    """The first difference of each table, with both rows; None when every number and every type is the same."""
    if isinstance(a, str) or isinstance(b, str):
        if isinstance(a, str) and isinstance(b, str) and _unnamed(a) == _unnamed(b):
            return None
        return "\n".join(_ended(name, x) for name, x in zip(names, (a, b), strict=True))
    told = [] if a.horizon == b.horizon else [f"horizon: {a.horizon} and {b.horizon}"]
    for table in KEYS:
        mine, yours = getattr(a, table), getattr(b, table)
        told += [
            f"{table}.{column}: {x.dtype} and {y.dtype}"
            for column, x, y in zip(mine._fields, mine, yours, strict=True)
            if x.dtype != y.dtype
        ]
        told += _first_row(table, mine, yours, names)
    return "\n".join(told) or None


def _unnamed(error: str) -> str:
    """The error of a loop without the incident: which of several that reach the cap in one second is named is left open (R16)."""
    return re.sub(r"stages\.\S+: an incident of class '\S+' entered it more than \d+ times \(.*\)", "an incident", error)


def _ended(name: str, x: Outcome) -> str:
    return (
        f"{name}: {x}"
        if isinstance(x, str)
        else f"{name}: a journal of {len(x.incidents.incident)} incidents, {len(x.visits.stage)} visits"
    )


def _first_row(table: str, mine: Any, yours: Any, names: tuple[str, str]) -> Iterator[str]:
    common = min(len(mine[0]), len(yours[0]))
    unequal = np.zeros(common, bool)
    for x, y in zip(mine, yours, strict=True):
        unequal |= x[:common] != y[:common]
    if not unequal.any() and len(mine[0]) == len(yours[0]):
        return
    row = int(unequal.argmax()) if unequal.any() else common
    rows = [{c: x[row].item() for c, x in zip(t._fields, t, strict=True)} if row < len(t[0]) else None for t in (mine, yours)]
    columns = [c for c in mine._fields if None not in rows and rows[0][c] != rows[1][c]]
    what = f"differs in {', '.join(columns)}" if columns else "is missing on one side"
    yield f"{table}: row {row} {what} ({len(mine[0])} and {len(yours[0])} rows, {int(unequal.sum())} of {common} unequal)"
    for name, told in zip(names, rows, strict=True):
        yield f"  {name:>9}: " + (" ".join(f"{c}={v}" for c, v in told.items()) if told else "no such row")


# ── the smallest scenario ───────────────────────────────────────────────────────────────────────────


def smaller(data: dict[str, Any], shows: Callable[[dict[str, Any]], bool], most: int = 3000) -> dict[str, Any]:
    """The data without everything that can be left out while it still `shows` what it did; in at most so many tries."""
    data, tries, changed = copy.deepcopy(data), 0, True
    while changed:
        changed = False
        for path in sorted(_paths(data), key=len):
            less = _without(data, path)
            if less is None or tries >= most:
                continue
            tries += 1
            if shows(less):
                data, changed = less, True
    return data


def _paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Of all entries of maps and lists; those of lists from the last to the first."""
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))[::-1] if isinstance(value, list) else []
    for key, item in entries:
        yield (*path, key)
        yield from _paths(item, (*path, key))


def _without(data: dict[str, Any], path: tuple) -> dict[str, Any] | None:
    less = copy.deepcopy(data)
    place: Any = less
    try:
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
    except (KeyError, IndexError, TypeError):  # it went with something that was taken out before
        return None
    return less


# ── one scenario on two engines ─────────────────────────────────────────────────────────────────────


class Played(Run):
    """One replication of a scenario. `outcome` is its journal, or the text of the error in which it ended; then there is no `journal`."""

    def __init__(self, data: dict[str, Any], seed: int = 1, simulate: Engine = simpy_engine.simulate):
        self.scenario = build(data)
        self.plan = plans.make(self.scenario)
        self.draws = all_draws.make(self.plan, seed, 0)
        self.outcome = outcome(simulate, self.plan, self.draws)
        self.journal = None if isinstance(self.outcome, str) else self.outcome

    def differs(self, other: Engine) -> str | None:
        """How another engine differs on the same plan and draws."""
        return difference(self.outcome, outcome(other, self.plan, self.draws))


def still_differs(data: dict[str, Any], seed: int, other: Engine) -> str | None:
    """The same for a scenario that may be none: while it is made smaller, things are left out that it needs."""
    try:
        return Played(data, seed).differs(other)
    except Exception:
        return None
