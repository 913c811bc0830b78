"""Who was there: rostered hours, duty windows included, computed after the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgov.clock import DAY, Hours
from simgov.measures.view import View
from simgov.plan import Mode, When


@dataclass
class Presence:
    """Seconds in the window, by pool: `regular`, outside regular hours (`duty`); `evenings` are days with duty, by person."""

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
    known: dict[tuple[int, int, int], Hours] = {}
    window = Hours.always(view.start, view.census)
    for pool, shift in zip(crowd.person_pool.tolist(), crowd.person_shift.tolist(), strict=True):
        team = int(crowd.pool_team[pool])
        if not full[team] and not clearing[team]:
            continue
        key = (pool if clearing[team] else -1, team, shift)
        if key not in known:
            duty = crowd.shifts[shift].duty - crowd.shifts[shift].regular
            there = duty & full[team]
            if clearing[team]:
                if pool not in outstanding:
                    outstanding[pool] = _outstanding(view, pool)
                stays = Hours((a, _clear(outstanding[pool], a, b)) for a, b in duty.pairs)
                there = there | (stays & clearing[team])
            known[key] = there & window
        there = known[key]
        found.duty[pool] += there.length(view.start, view.census)
        found.evenings[pool] += len({start // DAY for start in there.starts})
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
    """When something of an until_clear stage waited for the pool (be it one of several) or was in the hands of its people."""
    v, w, census = view.visits, view.work, view.census + 1
    waits = _asked(view, pool) & (v.released >= 0)
    until = np.where(v.started >= 0, v.started, np.where(v.left >= 0, v.left, census))
    hands = (w.pool == pool) & view.until_clear[view.work_visit]
    done = np.where(w.end >= 0, w.end, census)
    return Hours([*zip(v.released[waits].tolist(), until[waits].tolist(), strict=True), *zip(w.start[hands].tolist(), done[hands].tolist(), strict=True)])


def _asked(view: View, pool: int) -> np.ndarray:
    """The visits, parts and copies of until_clear stages that ask for the pool."""
    v, procedure = view.visits, view.plan.procedure
    steps, needs, home = procedure.steps, procedure.needs, view.incidents.home[view.row]
    found = np.zeros(len(v.step), bool)
    for step in np.unique(v.step[view.until_clear]).tolist():
        own, readers = int(steps.needs[step]), int(steps.readers[step])
        for k in range(own + readers):
            need = int(steps.first_need[step]) + k if k < own else int(steps.first_reader[step]) + k - own
            part = own - 1 - k if k >= own else k + 1 if steps.mode[step] == Mode.EACH else 0
            found |= (v.step == step) & (v.part == part) & (procedure.places[needs.place[need]][home] == pool)
    return found


def _clear(board: Hours, start: int, end: int) -> int:
    """When people who stay from `start` on may go: the first second in which the board is clear, at most `end`."""
    for a, b in board.pairs:
        if a <= start < b:
            return min(b, end)
    return start
