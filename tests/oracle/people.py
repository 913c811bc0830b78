"""R6 to R9 and R19a: pools, persons and their hours, and who is found from a home. Nodes and head-counts are data of the Plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from oracle.hours import DAY, FAR, Hours, common, union, within, without
from simgov.plan import Plan


@dataclass(eq=False)
class Person:
    """One person of a pool; the whole team where the pool is unlimited (number -1)."""

    pool: Pool
    number: int
    present: Hours
    team_regular: Hours
    team_duty: Hours  # of an own turn, where duty goes by turns
    idle_since: tuple[int, int]  # the second of the last release; at the beginning a keyed order before all seconds
    stays: bool = False  # R21
    busy: object | None = None  # the request in hand

    @cached_property
    def regular(self) -> Hours:
        return common(self.team_regular, self.present)

    @cached_property
    def duty(self) -> Hours:
        """Duty hours that are not regular hours."""
        return without(common(self.team_duty, self.present), self.regular)


@dataclass(eq=False)
class Pool:
    """A team at a node."""

    index: int
    team: str
    node: int
    unlimited: bool
    empty: bool  # stands for a team without people anywhere
    skill: float
    heads: list[tuple[int, int]]  # (from which second, how many)
    residents: int = 0
    persons: list[Person] = field(default_factory=list)
    hours: Hours = field(default_factory=list)  # of the team, of all its turns

    def head_count(self, second: int) -> int:
        return [n for start, n in self.heads if start <= second][-1]

    def when_present(self, number: int) -> Hours:
        """R6: with n people at a time, the persons 0..n-1 are present. Who is there in the first second was there before it."""
        ends = [start for start, _ in self.heads[1:]] + [FAR]
        starts = [-DAY] + [start for start, _ in self.heads[1:]]
        return union((a, b) for a, b, (_, n) in zip(starts, ends, self.heads, strict=True) if number < n)


class People:
    """All pools of a plan."""

    def __init__(self, plan: Plan, skill, order):
        self.scenario, self.tree, crowd = plan.scenario, plan.tree, plan.crowd
        self.edges = [(-DAY if a == 0 else a, b if b < plan.horizon else FAR, s) for a, b, s in plan.scenario.epochs]
        self.pools: list[Pool] = []
        for i in range(len(crowd.pool_team)):
            heads = [(int(second), int(n)) for second, n in zip(crowd.turns, crowd.headcount[:, i], strict=True)]
            unlimited = bool(crowd.pool_unlimited[i])
            empty = not unlimited and not any(n for _, n in heads)
            team, node = crowd.teams[crowd.pool_team[i]], int(crowd.pool_node[i])
            self.pools.append(Pool(i, team, node, unlimited, empty, float(skill[i]), heads))
        for pool in self.pools:
            regular = self.regular_hours(pool.team)
            pool.hours = union(regular, self.duty_hours(pool))
            if pool.unlimited:  # R9
                pool.persons = [Person(pool, -1, [(-DAY, FAR)], regular, self.duty_hours(pool), (-1, 0))]
        for i, (p, number) in enumerate(zip(crowd.person_pool, crowd.person_number, strict=True)):
            pool, n = self.pools[p], int(number)
            first = (-1, int(order[i]))
            pool.persons.append(Person(pool, n, pool.when_present(n), self.regular_hours(pool.team), self.duty_hours(pool, n), first))
        for leaf in range(len(self.tree.parent)):
            if leaf not in self.tree.parent:
                for team in crowd.teams:
                    served = self.nearest(team, None, leaf)
                    if served is not None:
                        served.residents += int(self.tree.residents[leaf])

    # ── R8: hours ───────────────────────────────────────────────────────────────────────────────────

    def regular_hours(self, team: str) -> Hours:
        return union(*(common(s.calendar(s.teams[team].hours).hours.pairs, [(a, b)]) for a, b, s in self.edges))

    def duty_hours(self, pool: Pool, number: int = -1) -> Hours:
        """The duty windows of the team (-1), or those that a person takes by turns."""
        found, taken = [], 0
        for a, b, s in self.edges:
            duty = s.teams[pool.team].duty
            if duty is None:
                continue
            calendar = s.calendar(duty.hours)
            begun = [opening for opening in calendar.openings if a <= opening[0] < b]  # goes on to its end when a change comes
            if duty.people is None or number < 0:
                found += [common(calendar.hours.pairs, [(a, b)]), begun]
                continue
            for opening in begun:
                n = pool.head_count(opening[0])
                if n and number % n in {(taken + j) % n for j in range(duty.people)}:
                    found.append([opening])
                taken += duty.people
        return union(*found)

    # ── R7, R19a: who is found from a home ──────────────────────────────────────────────────────────

    def upward(self, node: int) -> list[int]:
        path = []
        while node >= 0:
            path.append(node)
            node = int(self.tree.parent[node])
        return path

    def level(self, node: int) -> str:
        return self.tree.levels[self.tree.level[node]]

    def above(self, home: int, level: str) -> int:
        """The node of a level above a home, the home included; -1 if there is none."""
        return next((node for node in self.upward(home) if self.level(node) == level), -1)

    def nearest(self, team: str, at: str | None, home: int) -> Pool | None:
        """R7: the pool at the nearest node upward where the team has people; with `at`, only the node of that level counts."""
        mine = [p for p in self.pools if p.team == team]
        for node in self.upward(home):
            for pool in mine:
                if pool.node == node and not pool.empty and at in (None, self.level(node)):
                    return pool
        return self.in_vain(mine)

    def below(self, team: str, at: str | None, level: str, home: int) -> list[Pool | None]:
        """R19a: every pool of the team at or below the node of a level above the home."""
        mine = [p for p in self.pools if p.team == team]
        top = self.above(home, level)
        there = [
            p for p in sorted(mine, key=lambda p: p.node)
            if top >= 0 and not p.empty and top in self.upward(p.node) and at in (None, self.level(p.node))
        ]  # fmt: skip
        return there or [self.in_vain(mine)]

    @staticmethod
    def in_vain(mine: list[Pool]) -> Pool | None:
        """A team without people anywhere is asked for in vain: so is nobody, where a home has no pool above it."""
        return mine[0] if all(p.empty for p in mine) else None


def state(person: Person, second: int) -> int:
    """R20: people in regular hours go before people in the duty window before people who are off."""
    return 0 if within(second, person.regular) else 1 if within(second, person.duty) else 2
