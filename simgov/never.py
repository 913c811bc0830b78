"""What a procedure asks for and can never get: too few people, people who are never there together, gates that never open.

It is read off heads and hours alone, before anything is simulated, and says `never` only where it is sure: what starts by luck (on call), and who stays
until the board is clear, is taken for possible. A home is a node of the tree at which incidents are at home.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, reduce
from itertools import combinations
from math import ceil
from operator import or_
from typing import NamedTuple

import numpy as np

from simgov.clock import Hours
from simgov.plan import Answer, DueAt, Kind, Mode, Plan, When

UNLIMITED = 2**31  # people


class Why(IntEnum):
    """Why a visit can never start."""

    NOBODY = 1  # nobody of the team is found
    FEW = 2  # there are never so many at a time
    ABSENT = 3  # they are never there in hours in which it may start
    APART = 4  # those who are to come together are never there at the same time
    SHUT = 5  # its gate never opens


class Reason(NamedTuple):
    """`need`: row of the needs of the plan that cannot be met; -1 where it is none alone. `people`: how many are asked for of its team."""

    why: Why
    need: int = -1
    people: int = 0


@dataclass(frozen=True)
class Never:
    """`visits`: by step and home, the number of the reason for which a visit can never start there, from 1; 0 where it may. `copies`: the same of readers, by need."""

    reasons: tuple[Reason, ...]
    visits: np.ndarray
    copies: dict[int, np.ndarray]

    def why(self, numbers: np.ndarray) -> Iterator[tuple[Reason, np.ndarray]]:
        """The reasons among some numbers, each with the mask of its homes."""
        for number in np.unique(numbers[numbers > 0]).tolist():
            yield self.reasons[number - 1], numbers == number


def never(plan: Plan) -> Never:
    """What can never start, anywhere in the procedure."""
    return _Search(plan).found()


def without_due(plan: Plan) -> Iterator[tuple[int, np.ndarray]]:
    """Steps with a due that never comes for somebody, because a team never goes home or a calendar never opens: the homes concerned, as a mask."""
    steps, crowd = plan.procedure.steps, plan.crowd
    ends = [bool([end for end in shift.all_hours.day_ends if 0 <= end < plan.horizon]) for shift in crowd.shifts]
    for step in range(len(steps.stage)):
        if steps.due[step] == DueAt.END_OF_DUTY and steps.due_place[step] >= 0:
            pool = plan.procedure.places[steps.due_place[step]]
            yield step, (pool >= 0) & ~np.array(ends)[crowd.pool_shift[pool]]
        elif steps.due[step] == DueAt.OPENING and not plan.calendar_openings[int(steps.due_value[step])]:
            yield step, np.ones(len(plan.tree.level), bool)


class _Search:
    def __init__(self, plan: Plan):
        self.plan, self.steps, self.needs = plan, plan.procedure.steps, plan.procedure.needs
        self.kinds, self.kind = _kinds(plan)
        self.known: dict[tuple[int, ...], Hours] = {}
        self.reasons: dict[Reason, int] = {}

    def found(self) -> Never:
        homes, steps = len(self.plan.tree.level), self.steps
        visits, copies = np.zeros((len(steps.stage), homes), np.int16), {}
        same: dict[tuple, np.ndarray] = {}
        for version, table in enumerate(self.plan.procedure.index):
            for step in np.unique(table).tolist():
                key = self._key(version, step)
                if key not in same:
                    same[key] = self._visit(step, self._window(version))
                visits[step] = same[key]
                for reader in range(int(steps.first_reader[step]), int(steps.first_reader[step] + steps.readers[step])):
                    lone = self._any([reader], step, self._window(version))
                    if lone.any():
                        copies[reader] = lone
        return Never(tuple(self.reasons), visits, copies)

    def _window(self, version: int) -> Hours:
        """An incident keeps its version of the procedure from the second in which it is found."""
        return Hours.always(int(self.plan.procedure.starts[version]), self.plan.horizon)

    def _key(self, version: int, step: int) -> tuple:
        """What decides whether a step may start."""
        s, needs = self.steps, self.needs
        first, last = int(s.first_need[step]), int(s.first_need[step] + s.needs[step])
        asked = tuple(x[first:last].tobytes() for x in (needs.place, needs.people, needs.same_as, needs.same_team, needs.slot, needs.fan))
        by_name = int(s.stage[step]) if (needs.same_as[first:last] >= 0).any() else -1
        return (version, int(s.mode[step]), int(s.when[step]), self._call(step), float(s.join[step]), int(s.gate[step]), by_name, asked)

    def _call(self, step: int) -> int:
        return int(self.steps.on_call_hours[step]) if self.steps.on_call[step] > 0 else -1

    def _number(self, why: Why, need: int = -1, people: int = 0) -> int:
        return self.reasons.setdefault(Reason(why, need, people), len(self.reasons) + 1)

    # ── a visit ─────────────────────────────────────────────────────────────────────────────────────

    def _visit(self, step: int, window: Hours) -> np.ndarray:
        """By home: number of the reason, or 0."""
        s = self.steps
        found = np.zeros(len(self.plan.tree.level), np.int16)
        if s.gate[step] >= 0 and not self.plan.calendar_openings[int(s.gate[step])]:
            found[:] = self._number(Why.SHUT)
            return found
        needs = [*range(int(s.first_need[step]), int(s.first_need[step] + s.needs[step]))]
        match s.mode[step]:
            case Mode.ANY:
                return self._any(needs, step, window)
            case Mode.ALL:
                return self._all(needs, step, window)
            case Mode.EACH:
                return self._each(needs, step, window)
        return found

    def _any(self, needs: list[int], step: int, window: Hours) -> np.ndarray:
        """The first that is available is enough: of those that are none, the first tells why."""
        each = [self._alone(need, step, window) for need in needs]
        return np.where(np.logical_or.reduce([one == 0 for one in each]), 0, each[0]).astype(np.int16)

    def _alone(self, need: int, step: int, window: Hours) -> np.ndarray:
        """Whether the people of one need are ever there, by home."""
        pools, people = self._pools(need, int(self.steps.stage[step]))
        found = np.zeros(len(pools[0]), np.int16)
        for row, homes in alike([self._kind(pool) for pool in pools]):
            found[homes] = self._lacks(need, row, people, step, window)
        return found

    def _lacks(self, need: int, kinds: list[int], people: int, step: int, window: Hours) -> int:
        """The reason for which a need can never be met by pools of these kinds, any of which will do; 0 if it can."""
        if any(self._hours(kind, people, step) & window for kind in kinds):
            return 0
        most = max(self._most(kind) for kind in kinds)
        return self._number(Why.NOBODY if not most else Why.FEW if most < people else Why.ABSENT, need, people)

    def _all(self, needs: list[int], step: int, window: Hours) -> np.ndarray:
        """Everybody at once; of needs with one slot any will do. Needs that only one pool can meet are added up there."""
        slot = self.needs.slot
        groups = [[need for need in needs if slot[need] == k] for k in dict.fromkeys(slot[needs].tolist())]
        found = np.zeros(len(self.plan.tree.level), np.int16)
        for group in groups:
            lacking = self._any(group, step, window)
            found = np.where(found > 0, found, lacking)
        columns, people, first = [], [], []
        for group in groups:
            first.append(len(columns))
            for need in group:
                pools, count = self._pools(need, int(self.steps.stage[step]))
                columns += pools
                people += [count] * len(pools)
        spans = [*zip(first, [*first[1:], len(columns)], strict=True)]
        only = [np.all([columns[k] == columns[a] for k in range(a, b)], axis=0) for a, b in spans]  # one pool, whoever is meant
        only = [x & (len(group) == 1) for x, group in zip(only, groups, strict=True)]
        pairs = [*combinations(range(len(groups)), 2)]
        together = [only[i] & only[j] & (columns[spans[i][0]] == columns[spans[j][0]]) & (columns[spans[i][0]] >= 0) for i, j in pairs]
        for row, homes in alike([*(self._kind(c) for c in columns), *together, found == 0]):
            if row.pop():
                joined = [pair for pair, is_one in zip(pairs, row[len(columns) :], strict=True) if is_one]
                found[homes] = self._meet(row, spans, joined, people, groups, step, window)
        return found

    def _meet(self, kinds: list[int], spans: list[tuple[int, int]], joined: list[tuple[int, int]], people: list[int], groups: list[list[int]], step: int, window: Hours) -> int:
        """Whether groups of needs, each possible alone, can be met at once; `joined` pairs of groups ask the same pool."""
        leader = [*range(len(spans))]
        for i, j in joined:
            leader[j] = leader[i]
        together = window
        for k in dict.fromkeys(leader):
            mine = [g for g in range(len(spans)) if leader[g] == k]
            a, b = spans[k]
            count = sum(people[spans[g][0]] for g in mine)
            if len(mine) > 1 and self._most(kinds[a]) < count:
                return self._number(Why.FEW, groups[mine[-1]][0], count)
            counts = [count] * (b - a) if len(mine) > 1 else people[a:b]
            together = together & reduce(or_, (self._hours(kind, n, step) for kind, n in zip(kinds[a:b], counts, strict=True)))
        return 0 if together else self._number(Why.APART)

    def _each(self, needs: list[int], step: int, window: Hours) -> np.ndarray:
        """So many parts as it waits for have to be possible; of those that are not, the first tells why."""
        parts = np.zeros(len(self.plan.tree.level), np.int64)
        possible, why = parts.copy(), parts.astype(np.int16)
        for need in needs:
            count, sound, lacking = self._parts(need, step, window)
            parts, possible = parts + count, possible + sound
            why = np.where(why > 0, why, lacking)
        asked = np.array([max(1, ceil(self.steps.join[step] * n - 1e-9)) for n in range(int(parts.max(initial=0)) + 1)])
        return np.where(possible < asked[parts], why, 0).astype(np.int16)

    def _parts(self, need: int, step: int, window: Hours) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By home: the parts of a need, how many of them are possible, and why others are not."""
        fan, fans = int(self.needs.fan[need]), self.plan.procedure.fans
        if fan < 0:
            lacking = self._alone(need, step, window)
            return np.ones(len(lacking), np.int64), (lacking == 0).astype(np.int64), lacking
        kinds, which = np.unique(self._kind(fans.pools), return_inverse=True)
        lacking = np.array([self._lacks(need, [kind], int(self.needs.people[need]), step, window) for kind in kinds.tolist()])[which]
        before = np.append(0, np.cumsum(lacking == 0))
        first, count = fans.first[fan], fans.count[fan]
        possible = before[first + count] - before[first]
        bad = np.append(np.flatnonzero(lacking), 0)
        next_bad = bad[np.searchsorted(bad[:-1], first)]
        return count, possible, np.where(possible < count, lacking[next_bad], 0)

    # ── by name ─────────────────────────────────────────────────────────────────────────────────────

    def _pools(self, need: int, stage: int) -> tuple[list[np.ndarray], int]:
        """By home, the pools any of which may meet a need, and how many people are asked for: by name one of those who may have been at the stage."""
        same = int(self.needs.same_as[need])
        own = int(self.needs.place[need])
        if same < 0:
            return [self.plan.procedure.places[own]], int(self.needs.people[need])
        there = [int(self.needs.place[k]) for k in self._who_was(same, int(self.needs.same_team[need]))]
        places = dict.fromkeys([*there, *[own] * (not there or self._may_come_without(same, stage))])
        return [self.plan.procedure.places[place] for place in places], 1

    def _who_was(self, stage: int, team: int) -> list[int]:
        """The needs of a stage, those of a team only if it is named."""
        s = self.steps
        rows = [k for step in np.flatnonzero(s.stage == stage) for k in range(int(s.first_need[step]), int(s.first_need[step] + s.needs[step]))]
        return [k for k in rows if team < 0 or self.needs.team[k] == team]

    def _may_come_without(self, stage: int, here: int) -> bool:
        """Whether an incident may be here without ever having been at a stage."""
        entries = {int(x) for demand in self.plan.demand for x in (*demand.entries, *demand.fixed_stage) if x >= 0}
        ahead, found = entries - {stage}, set()
        while ahead:
            at = ahead.pop()
            found.add(at)
            ahead |= self._ways.get(at, set()) - found - {stage}
        return here in found or here == stage

    @cached_property
    def _ways(self) -> dict[int, set[int]]:
        """By stage: the stages that may follow it, in any version and for any class."""
        s, procedure, ways = self.steps, self.plan.procedure, {}
        verify = {int(x) for x in s.stage[s.verify.astype(bool)]}
        reopened = {int(x) for x in procedure.answers.stage[procedure.answers.kind == Answer.REOPEN]}
        for step, stage in enumerate(s.stage.tolist()):
            rows = [*range(s.first_outcome[step], s.first_outcome[step] + s.outcomes[step]), *range(s.first_due_outcome[step], s.first_due_outcome[step] + s.due_outcomes[step])]
            for row in rows:
                kind, target = procedure.outcomes.kind[row], int(procedure.outcomes.target[row])
                ways.setdefault(stage, set()).update({target} if kind == Kind.STAGE else verify if kind == Kind.CLOSED else ())
            if s.verify[step]:
                ways.setdefault(stage, set()).update(reopened)
        return ways

    # ── heads and hours ─────────────────────────────────────────────────────────────────────────────

    def _kind(self, pool: np.ndarray) -> np.ndarray:
        return np.where(pool >= 0, self.kind[pool], -1)

    def _most(self, kind: int) -> int:
        """How many people of such a pool are ever with the team at a time."""
        if kind < 0:
            return 0
        shifts = self.plan.crowd.shifts
        return _most([(shifts[k].present, n) for k, n in self.kinds[kind]])

    def _hours(self, kind: int, people: int, step: int) -> Hours:
        """When so many people of such a pool may start a visit of the step."""
        if kind < 0:
            return Hours()
        when, call = int(self.steps.when[step] != When.REGULAR), self._call(step)
        key = (kind, people, when, call)
        if key not in self.known:
            called = self.plan.calendar_hours[call] if call >= 0 else Hours()
            shifts = ((self.plan.crowd.shifts[k], n) for k, n in self.kinds[kind])
            self.known[key] = _at_least(people, [(shift.regular | (shift.duty if when else Hours()) | (shift.present & called), n) for shift, n in shifts])
        return self.known[key]


def alike(columns: Sequence[np.ndarray]) -> Iterator[tuple[list[int], np.ndarray]]:
    """The different rows of columns of numbers (from -1), and where each of them is."""
    which = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        which = np.unique(which * (int(column.max(initial=0)) + 2) + column + 1, return_inverse=True)[1]
    order = np.argsort(which, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(which[order])) + 1):
        if len(places):
            yield [int(column[places[0]]) for column in columns], places


def _kinds(plan: Plan) -> tuple[list[tuple[tuple[int, int], ...]], np.ndarray]:
    """Pools whose people have the same shifts are of one kind: the (shift, people) of each kind, and the kind of each pool. A city has hundreds of thousands of pools."""
    crowd = plan.crowd
    shifts, pools, unlimited = len(crowd.shifts), len(crowd.pool_team), np.flatnonzero(crowd.pool_unlimited)
    each, people = np.unique(crowd.person_pool * shifts + crowd.person_shift, return_counts=True)
    bound = ~crowd.pool_unlimited[each // shifts].astype(bool)
    each = np.append(each[bound], unlimited * shifts + crowd.pool_shift[unlimited])
    people = np.append(people[bound], np.full(len(unlimited), UNLIMITED))
    order = np.argsort(each, kind="stable")
    (pool, shift), people = np.divmod(each[order], shifts), people[order]

    words, word = np.unique(np.column_stack([shift, people]), axis=0, return_inverse=True)
    first, last = (np.searchsorted(pool, np.arange(pools), side=side) for side in ("left", "right"))
    kind = np.zeros(pools, np.int64)
    for k in range(int((last - first).max(initial=0))):  # pools are told apart by their k-th shift, too
        has = first + k < last
        following = np.zeros(pools, np.int64)
        following[has] = word.ravel()[first[has] + k] + 1
        kind = np.unique(kind * (len(words) + 1) + following, return_inverse=True)[1].ravel()
    _, example, kind = np.unique(kind, return_index=True, return_inverse=True)
    order = np.argsort(example)  # numbered as they come
    kinds = [tuple(zip(shift[a:b].tolist(), people[a:b].tolist(), strict=True)) for a, b in zip(first[example[order]], last[example[order]], strict=True)]
    return kinds, np.argsort(order)[kind.ravel()]


def _at_least(people: int, hours: list[tuple[Hours, int]]) -> Hours:
    """When at least so many are there, of numbers of people with these hours."""
    there, found, begun = 0, [], 0
    for second, change in _comings_and_goings(hours):
        if there < people <= there + change:
            begun = second
        elif there + change < people <= there:
            found.append((begun, second))
        there += change
    return Hours(found)


def _most(hours: list[tuple[Hours, int]]) -> int:
    """How many are there at a time, at most."""
    there = most = 0
    for _, change in _comings_and_goings(hours):
        there += change
        most = max(most, there)
    return most


def _comings_and_goings(hours: list[tuple[Hours, int]]) -> list[tuple[int, int]]:
    """(second, how many come) in order; of one second, those who go are counted first."""
    return sorted([(a, n) for each, n in hours for a in each.starts] + [(b, -n) for each, n in hours for b in each.ends])
