"""The procedure as rows of numbers: one step per (version of the procedure, stage, class).

A stage field that is a map by class is resolved here; so are names, defaults, the quantile tables of
durations and the intercepts of closing. Codes are the enumerations below.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from simgov.calendars import Calendar
from simgov.chance import SIDE, quantile_table
from simgov.plan.people import Crowd, below, lookup
from simgov.plan.tree import Tree
from simgov.scenario.distributions import Constant, Distribution
from simgov.scenario.fields import for_class
from simgov.scenario.model import Scenario
from simgov.scenario.stage import By, Due, Outcome, Stage, StageHours

NONE = -1


class Mode(IntEnum):
    """How the people of a stage are asked for."""

    NONE = 0
    ANY = 1
    ALL = 2
    EACH = 3


class When(IntEnum):
    """In which hours a stage may start."""

    REGULAR = 0
    DUTY = 1
    UNTIL_CLEAR = 2


class DueAt(IntEnum):
    NONE = 0
    AFTER = 1  # value: seconds
    END_OF_DAY = 2
    END_OF_DUTY = 3  # value: cut-off second of the day, or -1
    OPENING = 4  # value: calendar


class Then(IntEnum):
    NOTE = 0
    RAISE = 1
    LEAVE = 2  # by one of the outcomes of the due


class Kind(IntEnum):
    """What an outcome leads to."""

    CLOSED = 0
    STAGE = 1
    END = 2
    NEVER = 3


class Answer(IntEnum):
    """What a return visit hears."""

    SATISFIED = 0
    DISSATISFIED = 1
    NO_ANSWER = 2
    REOPEN = 3


class Steps(NamedTuple):
    """One entry per step; -1 is "none" everywhere."""

    stage: np.ndarray
    triage: np.ndarray
    mode: np.ndarray  # Mode
    first_need: np.ndarray  # rows of Needs
    needs: np.ndarray
    first_reader: np.ndarray
    readers: np.ndarray
    gate: np.ndarray  # calendar
    gate_takes: np.ndarray  # -1: any number
    gate_place: np.ndarray  # address: row of places; the gate stands at that pool's node
    gate_level: np.ndarray  # level whose node has the gate, where gate_place is -1
    wait: np.ndarray  # row of the quantile tables
    work: np.ndarray
    lead: np.ndarray
    when: np.ndarray  # When
    on_call: np.ndarray  # chance
    on_call_hours: np.ndarray  # calendar
    finish: np.ndarray  # bool: finish at the last closing of the day
    due: np.ndarray  # DueAt
    due_value: np.ndarray
    due_from: np.ndarray  # -1 entered, -2 birth, else a stage
    due_place: np.ndarray  # address whose team's duty counts
    then: np.ndarray  # Then
    then_value: np.ndarray  # raise: by how much
    first_due_outcome: np.ndarray  # rows of Outcomes
    due_outcomes: np.ndarray
    join: np.ndarray  # share of the parts of a split with which it ends
    first_outcome: np.ndarray  # rows of Outcomes
    outcomes: np.ndarray
    adjust: np.ndarray  # row of Outcomes that difficulty acts on
    log_odds: np.ndarray  # logit(p) + intercept of that row
    per_doubling: np.ndarray
    log2_reference: np.ndarray
    skilled: np.ndarray  # bool: the pool's skill counts
    priority: np.ndarray
    hold: np.ndarray
    verify: np.ndarray  # bool: a return visit
    first_answer: np.ndarray  # rows of Answers: 4 blocks (solved, unsolved, own solved, own unsolved)
    reopen_at_most: np.ndarray
    max_visits: np.ndarray


class Needs(NamedTuple):
    place: np.ndarray  # address
    people: np.ndarray
    same_as: np.ndarray  # stage
    same_team: np.ndarray  # of whose people there the first is meant; -1: of all
    slot: np.ndarray  # needs of `all` with the same one stand for each other: the first that is available is taken
    fan: np.ndarray  # row of Fans: a part for each of its pools; -1: for the pool of the place only
    work: np.ndarray  # row of the quantile tables, -1: that of the step
    team: np.ndarray


class Fans(NamedTuple):
    """Pools below a node, by (row, home): those from `first`, `count` of them, in the order of their nodes; at least one, which may be none (-1)."""

    first: np.ndarray
    count: np.ndarray
    pools: np.ndarray


class Outcomes(NamedTuple):
    """In the order in which a uniform is cut, `closed` first."""

    kind: np.ndarray  # Kind
    target: np.ndarray  # stage or end
    chance: np.ndarray
    solved: np.ndarray
    becomes: np.ndarray


class Answers(NamedTuple):
    block: np.ndarray  # 4 * step + (0 solved, 1 unsolved, 2 own solved, 3 own unsolved)
    kind: np.ndarray  # Answer
    stage: np.ndarray
    chance: np.ndarray


class Follow(NamedTuple):
    """Which return visits may follow a closing: for each (version, stage closed at) rows of (stage, share) in file order."""

    version: np.ndarray
    closed_at: np.ndarray
    stage: np.ndarray
    share: np.ndarray


class Procedure(NamedTuple):
    starts: np.ndarray  # second from which each version holds for what is found
    index: np.ndarray  # step by (version, stage, class)
    steps: Steps
    needs: Needs
    outcomes: Outcomes
    answers: Answers
    follow: Follow
    places: np.ndarray  # pool by (address, home node)
    fans: Fans
    calendars: tuple[Calendar, ...]
    tables: np.ndarray  # quantile tables (see chance.py)
    returns: np.ndarray  # chance by (version, class)
    returns_after: np.ndarray  # row of tables by (version, class)

    @property
    def fans_out(self) -> np.ndarray:
        """By step: whether it has a part for every pool below a node."""
        before = np.concatenate([[0], np.cumsum(self.needs.fan >= 0)])
        first = self.steps.first_need
        return before[first + self.steps.needs] > before[first]

    def parts(self, step: int, home: int) -> list[tuple[int, int]]:
        """The parts of a split for an incident at a home: need and pool of each, -1 where there is none."""
        found: list[tuple[int, int]] = []
        for need in range(int(self.steps.first_need[step]), int(self.steps.first_need[step] + self.steps.needs[step])):
            pools = self.places[self.needs.place[need], home : home + 1]
            if (fan := self.needs.fan[need]) >= 0:
                first = self.fans.first[fan, home]
                pools = self.fans.pools[first : first + self.fans.count[fan, home]]
            found += [(need, pool) for pool in pools.tolist()]
        return found


def fan_out(crowd: Crowd, tree: Tree, wanted: list[tuple[str, str | None, str]]) -> Fans:
    """For each (team, level or None, below) and home: the pools of the team at or below the node of a level above the home."""
    rows, pools = [], [np.zeros(0, np.int64)]
    for team, level, above in wanted:
        first, count, own = below(crowd, tree, team, level, above)
        rows.append((first + sum(map(len, pools)), count))
        pools.append(own)
    shape = (len(wanted), len(tree.level))
    first, count = (np.array([row[k] for row in rows], np.int64).reshape(shape) for k in range(2))
    return Fans(first, count, np.concatenate(pools))


class Ledger:
    """Numbers things as they are first named, so that equal things share a row."""

    def __init__(self) -> None:
        self.rows: dict[object, int] = {}
        self.values: list[object] = []

    def add(self, key: object, value: object) -> int:
        if key not in self.rows:
            self.rows[key] = len(self.values)
            self.values.append(value)
        return self.rows[key]


def proceed(s: Scenario, tree: Tree, crowd: Crowd) -> Procedure:
    """The procedure of a valid scenario, all versions of it."""
    return _Writer(s, tree, crowd).write()


class _Writer:
    def __init__(self, s: Scenario, tree: Tree, crowd: Crowd):
        self.s, self.tree, self.crowd = s, tree, crowd
        self.stages, self.classes, self.ends = list(s.stages), list(s.classes), list(s.ends)
        self.calendars, self.durations, self.places, self.fans = Ledger(), Ledger(), Ledger(), Ledger()
        self.steps: list[dict[str, float]] = []
        self.needs: list[tuple[float, ...]] = []
        self.outcomes: list[tuple[float, ...]] = []
        self.answers: list[tuple[float, ...]] = []
        self.follow: list[tuple[float, ...]] = []

    def write(self) -> Procedure:
        index = np.full((len(self.s.epochs), len(self.stages), len(self.classes)), NONE)
        returns, after = np.zeros((len(self.s.epochs), len(self.classes))), np.full((len(self.s.epochs), len(self.classes)), NONE)
        for version, (_, _, epoch) in enumerate(self.s.epochs):
            for i, name in enumerate(self.stages):
                for c, cls in enumerate(self.classes):
                    index[version, i, c] = self._step(epoch, i, epoch.stages[name], cls)
            self._follow(version, epoch)
            for c, cls in enumerate(self.classes):
                if epoch.classes[cls].returns:
                    returns[version, c] = epoch.classes[cls].returns.chance
                    after[version, c] = self._duration(epoch.classes[cls].returns.after)
        fans = fan_out(self.crowd, self.tree, self.fans.values)
        places = [self._place(fans, *place) for place in self.places.values]
        return Procedure(
            np.array([start for start, _, _ in self.s.epochs]),
            index,
            Steps(**{name: np.array([step[name] for step in self.steps]) for name in Steps._fields}),
            _columns(Needs, self.needs),
            _columns(Outcomes, self.outcomes),
            _columns(Answers, self.answers),
            _columns(Follow, self.follow),
            np.array(places, np.int64).reshape(len(places), len(self.tree.level)),
            fans,
            tuple(self.calendars.values),
            np.array([quantile_table(d.ppf, d.isf) for d in self.durations.values]).reshape(len(self.durations.values), 2 * SIDE),
            returns,
            after,
        )

    def _step(self, s: Scenario, i: int, stage: Stage, cls: str) -> int:
        by = for_class(stage.by, cls)
        hours = for_class(stage.hours, cls) or StageHours()
        first_need, first_reader = len(self.needs), len(self.needs) + len(by.needs if by else ())
        for need, slot in zip((*by.needs, *by.read), (*by.slots, *(0 for _ in by.read)), strict=True) if by else ():
            self.needs.append(self._need(need, slot))
        place = int(self.needs[first_need][0]) if by and by.needs else NONE
        row = {
            "stage": i,
            "triage": stage.triage,
            "mode": Mode[by.mode.upper()] if by else Mode.NONE,
            "first_need": first_need,
            "needs": len(by.needs) if by else 0,
            "first_reader": first_reader,
            "readers": len(by.read) if by else 0,
            **self._gate(s, stage, cls, place),
            **{name: self._duration(for_class(getattr(stage, name), cls)) for name in ("wait", "work", "lead")},
            "when": When[hours.when.upper()],
            "on_call": hours.on_call,
            "on_call_hours": self._calendar(s, hours.on_call_hours),
            "finish": hours.at_close == "finish",
            **self._due(s, for_class(stage.due, cls), place),
            "join": by.join or 1.0 if by else 1.0,
            **self._chances(s, stage, cls, i, by),
            "priority": for_class(stage.priority, cls) or 0,
            "hold": stage.hold and bool(by and by.all),
            "verify": stage.verify is not None,
            "first_answer": NONE,
            "reopen_at_most": stage.verify.reopen_at_most if stage.verify else 0,
            "max_visits": stage.max_visits,
        }
        self.steps.append(row)
        if stage.verify:
            self._listen(stage, len(self.steps) - 1)
        return len(self.steps) - 1

    def _need(self, need, slot: int) -> tuple[float, ...]:
        place, same = (need.team, need.at, need.below), need.same_as
        return (
            self.places.add(place, place),
            need.people,
            self.stages.index(same.stage) if same else NONE,
            self.crowd.teams.index(same.team) if same and same.team else NONE,
            slot,
            self.fans.add(place, place) if need.below else NONE,
            self._table(need.work) if need.work else NONE,
            self.crowd.teams.index(need.team),
        )

    def _place(self, fans: Fans, team: str, level: str | None, below: str | None) -> np.ndarray:
        """The pool that is asked, by home: the first of them where there is one for every node below."""
        if below is None:
            return lookup(self.crowd, self.tree, team, level)
        return fans.pools[fans.first[self.fans.rows[team, level, below]]]

    def _calendar(self, s: Scenario, name: str) -> int:
        """A calendar of this version of the scenario: a windowed change may give the name other hours."""
        return self.calendars.add((name, s.calendars.get(name)), s.calendar(name))

    def _duration(self, d: Distribution | None) -> int:
        if d is None or (isinstance(d.kind, Constant) and d.kind.of == 0):
            return NONE
        return self._table(d)

    def _table(self, d: Distribution) -> int:
        return self.durations.add(d.model_dump_json(exclude_none=True), d)

    def _gate(self, s: Scenario, stage: Stage, cls: str, place: int) -> dict[str, float]:
        gate = for_class(stage.gate, cls)
        if gate is None:
            return {"gate": NONE, "gate_takes": NONE, "gate_place": NONE, "gate_level": NONE}
        return {
            "gate": self._calendar(s, gate.opens),
            "gate_takes": gate.takes or NONE,
            "gate_place": place if gate.at is None else NONE,
            "gate_level": self.tree.levels.index(gate.at) if gate.at is not None else NONE,
        }

    def _due(self, s: Scenario, due: Due | None, place: int) -> dict[str, float]:
        row = {"due": DueAt.NONE, "due_value": NONE, "due_from": NONE, "due_place": place, "then": Then.NOTE}
        row |= {"then_value": NONE, "first_due_outcome": len(self.outcomes), "due_outcomes": 0}
        if due is None:
            return row
        if due.duration is not None:
            row |= {"due": DueAt.AFTER, "due_value": due.duration}
        elif due.opening is not None:
            row |= {"due": DueAt.OPENING, "due_value": self._calendar(s, due.opening)}
        elif due.at == "end_of_day":
            row |= {"due": DueAt.END_OF_DAY}
        else:
            hour, minute = map(int, due.cut_off.split(":")) if due.cut_off else (0, 0)
            row |= {"due": DueAt.END_OF_DUTY, "due_value": (hour * 60 + minute) * 60 if due.cut_off else NONE}
        if due.start != "entered":
            row["due_from"] = -2 if due.start == "birth" else self.stages.index(due.start)
        if due.then.raise_ is not None:
            row |= {"then": Then.RAISE, "then_value": due.then.raise_}
        elif leads_to := _closed_first(due.then.leads_to):
            row |= {"then": Then.LEAVE, "due_outcomes": len(leads_to)}
            self.outcomes += [self._outcome(name, outcome) for name, outcome in leads_to.items()]
        return row

    def _chances(self, s: Scenario, stage: Stage, cls: str, i: int, by: By | None) -> dict[str, float]:
        given = for_class(stage.outcomes, cls) or {}
        ordered = _closed_first(given)
        first = len(self.outcomes)
        self.outcomes += [self._outcome(name, outcome) for name, outcome in ordered.items()]
        rest = 1 - sum(o.chance for o in given.values())
        if rest > 1e-12 and not stage.verify and i + 1 < len(self.stages):
            self.outcomes.append((Kind.STAGE, i + 1, rest, 0.0, NONE))
        acts_on = "closed" if "closed" in given else stage.success
        row = {"first_outcome": first, "outcomes": len(self.outcomes) - first, "adjust": NONE, "log_odds": 0.0}
        row |= {"per_doubling": 0.0, "log2_reference": 0.0, "skilled": bool(by and by.needs)}
        sd = s.classes[cls].difficulty
        skills = [s.teams[need.team].skill for need in by.needs] if by else []
        born_difficult = any(c.difficulty or c.arrivals.listed is not None for c in s.classes.values())  # any may have become this class
        varies = born_difficult or stage.span or any(x.mean or x.sd for x in skills)
        if acts_on in given and 0 < given[acts_on].chance < 1 and varies:
            skill_sd = skills[0].sd if skills else 0.0
            row["adjust"] = first + list(ordered).index(acts_on)
            row["log_odds"] = log_odds(given[acts_on].chance, math.hypot(sd, skill_sd))
            if stage.span:
                row["per_doubling"] = stage.span.per_doubling
                row["log2_reference"] = math.log2(stage.span.reference)
        return row

    def _outcome(self, name: str, outcome: Outcome) -> tuple[float, ...]:
        solved = 1.0 if outcome.solved is None else outcome.solved
        becomes = self.classes.index(outcome.becomes) if outcome.becomes else NONE
        if name == "closed":
            return (Kind.CLOSED, NONE, outcome.chance, solved, NONE)
        if name == "never":
            return (Kind.NEVER, NONE, outcome.chance, 0.0, NONE)
        if name in self.ends:
            return (Kind.END, self.ends.index(name), outcome.chance, 0.0, NONE)
        return (Kind.STAGE, self.stages.index(name), outcome.chance, 0.0, becomes)

    def _listen(self, stage: Stage, step: int) -> None:
        own = stage.verify.own or stage.verify
        sets = (stage.verify.solved, stage.verify.unsolved, own.solved, own.unsolved)
        self.steps[step]["first_answer"] = len(self.answers)
        for block, chances in enumerate(sets):
            for name, chance in chances.items():
                reopen = name in self.stages
                kind = Answer.REOPEN if reopen else Answer[name.upper()]
                self.answers.append((4 * step + block, kind, self.stages.index(name) if reopen else NONE, chance))

    def _follow(self, version: int, s: Scenario) -> None:
        for name, stage in s.stages.items():
            if stage.verify is None:
                continue
            for closed_at, other in s.stages.items():
                if other.verify is None and (stage.verify.of is None or closed_at in stage.verify.of):
                    row = (version, self.stages.index(closed_at), self.stages.index(name), stage.verify.share)
                    self.follow.append(row)


def _closed_first(outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """In the order in which a uniform is cut."""
    return {name: outcomes[name] for name in sorted(outcomes, key=lambda n: n != "closed")}  # stable


def _columns(kind: type, rows: list[tuple[float, ...]]) -> NamedTuple:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kind._fields)
    floats = {"chance", "solved", "share"}
    return kind(*(np.array(c, float if n in floats else np.int64) for n, c in zip(kind._fields, columns, strict=True)))


def log_odds(p: float, sd: float) -> float:
    """The a with E[expit(a - D)] = p for D ~ Normal(0, sd): so p is the chance over all incidents born in the class."""
    plain = math.log(p / (1 - p))
    if sd == 0:
        return plain
    from scipy.optimize import brentq

    nodes, weights = np.polynomial.hermite_e.hermegauss(80)

    def excess(a: float) -> float:
        return float((weights / (1 + np.exp(-(a - sd * nodes)))).sum() / weights.sum()) - p

    reach = abs(plain) * math.sqrt(1 + sd**2) + 2 * sd + 1
    return float(brentq(excess, plain - reach, plain + reach, xtol=1e-12))
