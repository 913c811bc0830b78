"""Who was there: rostered hours, duty windows included, computed after the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgov.clock import Hours
from simgov.measures.view import View
from simgov.plan import When


@dataclass
class Presence:
    """Seconds in the window, by pool: `regular`, outside regular hours (`duty`), and duty windows attended (`evenings`)."""

    regular: np.ndarray
    duty: np.ndarray
    evenings: np.ndarray
    persons: np.ndarray


def presence(view: View) -> Presence:
    """A duty window is staffed when a stage in force uses it: to its end, or until the board is clear."""
    crowd = view.plan.crowd
    pools = len(crowd.pool_team)
    found = Presence(*(np.zeros(pools) for _ in range(4)))
    np.add.at(found.persons, crowd.person_pool, 1)
    regular = np.array([s.regular.length(view.start, view.census) for s in crowd.shifts])
    np.add.at(found.regular, crowd.person_pool, regular[crowd.person_shift])

    full, clearing = (_staffed(view, when) for when in (When.DUTY, When.UNTIL_CLEAR))
    outstanding: dict[int, Hours] = {}
    known: dict[tuple[int, int, int], tuple[float, int]] = {}
    for pool, shift in zip(crowd.person_pool.tolist(), crowd.person_shift.tolist(), strict=True):
        team = int(crowd.pool_team[pool])
        if not full[team] and not clearing[team]:
            continue
        key = (pool if clearing[team] else -1, team, shift)
        if key not in known:
            windows = (crowd.shifts[shift].duty - crowd.shifts[shift].regular) & Hours.always(view.start, view.census)
            if clearing[team] and pool not in outstanding:
                outstanding[pool] = _outstanding(view, pool)
            board = outstanding.get(pool, Hours())
            stays = [(a, b) for a, b in (windows & full[team]).pairs]
            stays += [(a, _clear(board, a, b)) for a, b in ((windows & clearing[team]) - full[team]).pairs]
            known[key] = (sum(b - a for a, b in stays), sum(b > a for a, b in stays))
        seconds, evenings = known[key]
        found.duty[pool] += seconds
        found.evenings[pool] += evenings
    return found


def _staffed(view: View, when: When) -> list[Hours]:
    """By team: the stretches of time in which some stage in force uses its duty window in this way."""
    plan = view.plan
    steps, needs = plan.procedure.steps, plan.procedure.needs
    starts = [*plan.procedure.starts.tolist(), view.census]
    found: list[list[tuple[int, int]]] = [[] for _ in plan.crowd.teams]
    for version, table in enumerate(plan.procedure.index):
        for step in np.unique(table):
            if steps.when[step] == when:
                first, count = int(steps.first_need[step]), int(steps.needs[step] + steps.readers[step])
                for team in needs.team[first : first + count]:
                    found[team].append((starts[version], starts[version + 1]))
    return [Hours(pairs) for pairs in found]


def _outstanding(view: View, pool: int) -> Hours:
    """When something of an until_clear stage waited for the pool or was in its hands."""
    v = view.visits
    mine = (v.pool == pool) & view.until_clear & (v.released >= 0) & ~(view.split & view.whole)
    done = np.where(v.finished >= 0, v.finished, np.where(v.left >= 0, v.left, view.census + 1))
    return Hours(zip(v.released[mine].tolist(), done[mine].tolist(), strict=True))


def _clear(board: Hours, start: int, end: int) -> int:
    """When people who stay from `start` on may go: the first second in which the board is clear, at most `end`."""
    for a, b in board.pairs:
        if a <= start < b:
            return min(b, end)
    return start
