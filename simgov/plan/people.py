"""Who is there, when: pools (a team at a node), persons with their shifts, and how teams are found from a home."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from simgov.clock import DAY, Hours, second_of
from simgov.plan.tree import Tree, apportion, count_within
from simgov.scenario.model import Scenario, Team


@dataclass(frozen=True)
class Shift:
    """When a person may start (`regular`, `duty`), and when work in hand goes on (`work_regular`, `work_duty`).

    The two differ for people with windows: who leaves finishes what is in hand, in the team's hours. `present` is when
    they are with the team at all, at work or at home: only then can they be reached on call.
    """

    regular: Hours
    duty: Hours
    work_regular: Hours
    work_duty: Hours
    present: Hours

    @cached_property
    def all_hours(self) -> Hours:
        return self.work_regular | self.work_duty


@dataclass(frozen=True)
class Crowd:
    """All people of a scenario. `pool_*` arrays have one entry per pool, `person_*` one per person.

    `turns` are the seconds at which head-counts change; `headcount[turn, pool]` holds between them.
    """

    teams: tuple[str, ...]
    shifts: tuple[Shift, ...]
    pool_team: np.ndarray
    pool_node: np.ndarray
    pool_unlimited: np.ndarray  # bool
    pool_shift: np.ndarray  # of an unlimited pool and, for dues, of every pool: the team's hours
    pool_residents: np.ndarray  # residents whose nearest pool of the team this is
    person_pool: np.ndarray
    person_number: np.ndarray
    person_shift: np.ndarray
    turns: np.ndarray
    headcount: np.ndarray

    @property
    def person_team(self) -> np.ndarray:
        return self.pool_team[self.person_pool]

    def spans(self) -> np.ndarray:
        """Residents per leader, by turn and pool; infinite where there is nobody."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.headcount > 0, self.pool_residents / self.headcount, np.inf)


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time in which a team's head-counts and hours do not change."""

    start: int
    end: int
    team: Team
    counts: np.ndarray  # per node of the team
    scenario: Scenario

    @property
    def hours(self) -> Hours:
        return Hours.always(self.start, self.end)


def gather(s: Scenario, tree: Tree) -> Crowd:
    """The people of a valid scenario."""
    shifts: dict[tuple, int] = {}
    pools: list[tuple[np.ndarray, ...]] = []
    persons: list[tuple[np.ndarray, ...]] = []
    steps: list[tuple[int, list[_Stretch], np.ndarray]] = []  # first pool, stretches, where among the team's nodes each pool is
    first = 0
    for t, name in enumerate(s.teams):
        nodes = np.flatnonzero(np.isin(tree.level, [tree.levels.index(level) for level in s.teams[name].levels]))
        stretches = _stretches(s, tree, name, nodes)
        counts = np.array([x.counts for x in stretches])
        unlimited = s.teams[name].people.unlimited
        there = np.flatnonzero(counts.max(axis=0) > 0) if not unlimited else np.arange(len(nodes))
        steps.append((first, stretches, there))
        place, counts = nodes[there], counts[:, there]
        if not len(there):  # a team of nobody: whoever asks for it waits for ever
            place, counts, unlimited = np.array([tree.roots[0]]), np.zeros((len(stretches), 1), np.int64), False
        example, which = _alike(counts)
        known = [_team_shifts(stretches, tuple(counts[:, k].tolist()), unlimited, shifts) for k in example]
        size = np.array([len(own) - 1 for own in known])
        pools.append((np.full(len(place), t), place, np.full(len(place), unlimited), np.array([own[0] for own in known])[which]))
        number = count_within(size[which])
        own_shifts = np.concatenate([own[1:] for own in known]).astype(np.int64)
        from_shift = np.repeat((np.cumsum(size) - size)[which], size[which])
        persons.append((np.repeat(np.arange(first, first + len(place)), size[which]), number, own_shifts[from_shift + number]))
        first += len(place)
    columns = [np.concatenate(column) for part in (pools, persons) for column in zip(*part, strict=True)]
    team, node, unlimited, shift, person_pool, person_number, person_shift = columns
    crowd = Crowd(
        tuple(s.teams), tuple(_unkey(shifts)), team, node, unlimited.astype(bool), shift, np.zeros(first, np.int64),
        person_pool, person_number, person_shift, *_headcounts(steps, first, s.days * DAY),
    )  # fmt: skip
    _count_residents(crowd, tree)
    return crowd


def _alike(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pools with the same head-counts in every stretch: one of each kind, and the kind of each."""
    kind = np.zeros(counts.shape[1], np.int64)
    for row in counts:
        example, kind = np.unique(kind * (row.max() + 1) + row, return_index=True, return_inverse=True)[1:]
    return example, kind


def _team_shifts(stretches: list[_Stretch], counts: tuple[int, ...], unlimited: bool, shifts: dict[tuple, int]) -> list[int]:
    """The shift of the whole team and of each person of a pool with these head-counts."""
    size = 0 if unlimited else max(counts)
    return [_shift(_person_shift(stretches, counts, number), shifts) for number in range(-1, size)]


def lookup(crowd: Crowd, tree: Tree, team: str, level: str | None) -> np.ndarray:
    """The pool that serves each home node: the nearest upward with people, or the one at `level`."""
    mine = np.flatnonzero(crowd.pool_team == crowd.teams.index(team))
    has_people = crowd.pool_unlimited[mine] | (crowd.headcount[:, mine].max(axis=0) > 0)
    here = np.full(len(tree.level), -1)
    here[crowd.pool_node[mine[has_people]]] = mine[has_people]
    if level is not None:
        here[tree.level != tree.levels.index(level)] = -1
    for nodes in tree.generations[1:]:
        here[nodes] = np.where(here[nodes] >= 0, here[nodes], here[tree.parent[nodes]])
    # No pool on the way up: the first of the team takes it if it is a team of nobody, else nobody ever does.
    return np.where(here >= 0, here, mine[0] if not has_people.any() else -1)


def below(crowd: Crowd, tree: Tree, team: str, level: str | None, above: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pools with people of a team at or below the node of the level `above` over each home, and only at `level` if given.

    By home: the first, and how many; and the pools, in the order of their nodes. Where there are none it is one, -1 (or, as for `lookup`,
    the empty pool of a team of nobody).
    """
    mine = np.flatnonzero(crowd.pool_team == crowd.teams.index(team))
    there = crowd.pool_unlimited[mine] | (crowd.headcount[:, mine].max(axis=0) > 0)
    nobody = mine[0] if not there.any() else -1
    if level is not None:
        there = there & (tree.level[crowd.pool_node[mine]] == tree.levels.index(level))
    pools = mine[there]
    nodes = crowd.pool_node[pools]  # in their order, which is depth first: those below a node stand together
    top = np.where(tree.level == tree.levels.index(above), np.arange(len(tree.level)), -1)
    for generation in tree.generations[1:]:
        top[generation] = np.where(top[generation] >= 0, top[generation], top[tree.parent[generation]])
    size = np.ones(len(tree.level), np.int64)
    for generation in tree.generations[:0:-1]:
        np.add.at(size, tree.parent[generation], size[generation])
    first = np.searchsorted(nodes, top)
    count = np.where(top >= 0, np.searchsorted(nodes, top + size[top]) - first, 0)
    return np.where(count > 0, first, len(pools)), np.maximum(count, 1), np.append(pools, nobody)


def _stretches(s: Scenario, tree: Tree, name: str, nodes: np.ndarray) -> list[_Stretch]:
    found = []
    for start, end, epoch in s.epochs:
        team = epoch.teams[name]
        edges = {start, end, *(second_of(day, s.period.start) for day in team.people.roster or {})}
        windows = [
            (second_of(w.start, s.period.start) if w.start else 0, second_of(w.end, s.period.start) if w.end else end)
            for w in team.windows
        ]
        edges |= {x for window in windows for x in window}
        inside = sorted(x for x in edges if start <= x <= end)
        for a, b in pairwise(inside):
            here = not windows or any(opens <= a < closes for opens, closes in windows)
            counts = _counts(team, name, tree, nodes, a, s) if here else np.zeros(len(nodes), np.int64)
            found.append(_Stretch(a, b, team, counts, epoch))
    return found


def _counts(team: Team, name: str, tree: Tree, nodes: np.ndarray, second: int, s: Scenario) -> np.ndarray:
    """Head-counts at a second: `people` where it is written (so that a change can change it), else the table of nodes."""
    people = team.people
    if "people" not in team.model_fields_set and name in tree.staff:
        return tree.staff[name][nodes]
    before = tree.forest.before(team.levels, tree.first_root)
    chosen = _chosen(np.arange(before, before + len(nodes)), people.share)
    counts = np.zeros(len(nodes), np.int64)
    if people.each is not None:
        counts[chosen] = people.each
    elif people.roster is not None:
        dates = [day for day in people.roster if second_of(day, s.period.start) <= second]
        counts[chosen] = people.roster[max(dates)] if dates else 0
    elif not people.unlimited:
        forest = tree.forest
        total = people.total if people.total is not None else round(people.per_10000 * forest.residents.sum() / 10_000)
        shares = apportion(total, _residents_of_chosen(team, tree))[tree.first_root :]
        root = np.searchsorted(tree.roots, nodes[chosen], side="right") - 1
        for r in np.unique(root).tolist():
            own = chosen[root == r]
            counts[own] = apportion(int(shares[r]), tree.residents[nodes[own]])
    return counts


def _chosen(k: np.ndarray, share: float) -> np.ndarray:
    """Which of the nodes k, counted over the whole forest, are among the share that has people; as indices into `k`."""
    return np.flatnonzero(np.floor((k + 1) * share + 1e-9) > np.floor(k * share + 1e-9))


def _residents_of_chosen(team: Team, tree: Tree) -> np.ndarray:
    """By root of the forest: residents of those nodes that have people of the team."""
    nodes = sum(tree.forest.counts[level] for level in team.levels)
    last = np.cumsum(nodes)
    chosen = np.floor(last * team.people.share + 1e-9) - np.floor((last - nodes) * team.people.share + 1e-9)
    residents = tree.forest.residents if tree.forest.residents.any() else nodes
    return residents * chosen / np.maximum(nodes, 1)


def _person_shift(stretches: list[_Stretch], counts: tuple[int, ...], number: int) -> Shift:
    """The shift of person `number` of a pool with these head-counts; of the whole team for -1."""
    regular: list[tuple[int, int]] = []
    duty: list[tuple[int, int]] = []
    present: list[tuple[int, int]] = []
    turn = 0
    for stretch, count in zip(stretches, counts, strict=True):
        team, hours = stretch.team, stretch.hours
        around = _stretched(hours, stretches)
        regular += (stretch.scenario.calendar(team.hours).hours & around).pairs
        if number < 0 or number < count:
            present += around.pairs
        if team.duty is None:
            continue
        taking_turns = team.duty.people is not None and number >= 0
        for a, b in stretch.scenario.calendar(team.duty.hours).openings:
            if not stretch.start <= a < stretch.end:
                continue
            if not taking_turns or (count and (number - turn) % count < team.duty.people):
                duty.append((a, b))
            turn += team.duty.people or 0
        if not taking_turns:  # what was open before the first second
            duty += (stretch.scenario.calendar(team.duty.hours).hours & around).pairs
    work_regular, work_duty, here = Hours(regular), Hours(duty), Hours(present)
    return Shift(work_regular & here, work_duty & here, work_regular, work_duty, here)


def _stretched(hours: Hours, stretches: list[_Stretch]) -> Hours:
    """The first stretch also reaches a day before the period, and the last one beyond it, as calendars do."""
    start, end = hours.starts[0], hours.ends[0]
    return Hours.always(
        start - DAY if start == stretches[0].start else start, end + 2 * DAY if end == stretches[-1].end else end
    )


def _shift(shift: Shift, known: dict[tuple, int]) -> int:
    key = (shift.regular, shift.duty, shift.work_regular, shift.work_duty, shift.present)
    return known.setdefault(key, len(known))


def _unkey(known: dict[tuple, int]) -> list[Shift]:
    return [Shift(*key) for key in known]


def _headcounts(steps: list[tuple[int, list[_Stretch], np.ndarray]], pools: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    turns = np.array(sorted({0, *(x.start for _, stretches, _ in steps for x in stretches)}))
    counts = np.zeros((len(turns), pools), np.int64)
    for first, stretches, present in steps:
        for x in stretches:
            rows = (turns >= x.start) & (turns < min(x.end, horizon))
            counts[np.ix_(rows, np.arange(first, first + len(present)))] = x.counts[present]
    return turns, counts


def _count_residents(crowd: Crowd, tree: Tree) -> None:
    leaves = np.flatnonzero(tree.is_leaf)
    for team in crowd.teams:
        served = lookup(crowd, tree, team, None)[leaves]
        known = served >= 0
        crowd.pool_residents[:] += np.bincount(served[known], tree.residents[leaves][known], len(crowd.pool_team)).astype(np.int64)
