"""What deserves a second look in a scenario, before anything is run: above all what asks for people whom it can never get."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import and_
from typing import Any

import numpy as np

from simgov import flow, targets
from simgov.calendars import known_through
from simgov.clock import DAY, HOUR, Hours
from simgov.language import Message, message
from simgov.never import Never, Reason, Why, never, without_due
from simgov.plan import DueAt, Plan, Then
from simgov.scenario import Scenario
from simgov.scenario.fields import for_class
from simgov.scenario.stage import By
from simgov.sources import misquoted
from simgov.words import number


def mind(made: Plan, impossible: Never | None = None) -> list[Message]:
    """What is allowed but surely deserves a second look; `impossible`, what can never start, is found here if it is not given."""
    s, found = made.scenario, targets.doubts(made.scenario)
    last = known_through(s.public_holidays.country)
    if s.period.end.year > last:
        found.append(message("public holidays: make-up workdays are known up to {year} only; list later ones under public_holidays", year=last))
    asked = {n.team for stage in s.stages.values() for by in stage.by.values() for n in (*by.needs, *by.read)}
    for name in s.teams:
        if s.teams[name].people.nobody and name in asked:
            found.append(message("teams.{name} has nobody: whoever asks for it waits until a due moves it", name=name))
        if name not in asked:
            found.append(message("teams.{name} does nothing: no stage asks for it", name=name))
    found += _unserved(made) + _narrow_gates(made) + [m.told for m in misquoted(s)]
    stuck = _Stuck(made, impossible or never(made))
    found += stuck.told()
    for name, stage in s.stages.items():
        if name in stuck.apart:
            continue
        for cls in s.classes:
            by = for_class(stage.by, cls)
            if by and by.mode == "all":
                shared = _shared_hours(s, by) / (made.horizon / (7 * DAY))
                if shared < 4:
                    found.append(message("stages.{name}: the calendars of its people share only {hours:.2g} h a week", name=name, hours=shared))
                break
    return found


END = message("it can never start there")
BY_DUE = message("it never starts there, only its due ends it")
ALONE: dict[Why, str] = {
    Why.FEW: message("{stage} asks for {people} of teams.{team} at once, and there are never so many for {whom}: {end}"),
    Why.ABSENT: message("{stage}: teams.{team} is never there for {whom} in hours in which it may start: {end}"),
    Why.APART: message("{stage}: for {whom} those who are to come together are never there at the same time: {end}"),
    Why.SHUT: message("{stage}: its gate does not open in the period: for {whom} {end}"),
}


class _Stuck:
    """What can never start, stage by stage, with the residents concerned. Where nobody of a team is found, the team is told of and not the stage."""

    def __init__(self, made: Plan, impossible: Never):
        self.made, self.impossible = made, impossible
        self.homes = np.any([flow.births_by_home(made, c) > 0 for c in range(len(made.classes))], axis=0)
        self.apart: set[str] = set()  # stages whose people are said to be never there together

    def told(self) -> list[Message]:
        made, found = self.made, list[Message]()
        for i, name in enumerate(made.stages):
            steps = {c: np.unique(made.procedure.index[:, i, c]).tolist() for c in range(len(made.classes))}
            found += self._never(name, steps) + self._copies(name, steps) + self._dues(name, steps)
        return found

    def _gathered(self, steps: dict[int, list[int]], looked: Callable[[int], Iterable[tuple[Any, np.ndarray]]]) -> Iterator[tuple[Any, np.ndarray, str, int]]:
        """What is found of steps, put together over classes and versions: what, the homes concerned, the classes concerned (as they are told), and a step."""
        found: dict[Any, tuple[np.ndarray, set[int], int]] = {}
        for c, own in steps.items():
            for step in own:
                for what, homes in looked(step):
                    if (homes & self.homes).any():
                        before, classes, first = found.get(what, (np.zeros_like(homes), set(), step))
                        found[what] = (before | (homes & self.homes), classes | {c}, first)
        for what, (homes, classes, step) in found.items():
            yield what, homes, "" if len(classes) == len(steps) else f" ({', '.join(self.made.classes[c] for c in sorted(classes))})", step

    def _never(self, name: str, steps: dict[int, list[int]]) -> list[Message]:
        found = []
        for key, homes, classes, step in self._gathered(steps, self._reasons):
            why, team, people = key
            self.apart |= {name} if why == Why.APART else set()
            end = BY_DUE if self.made.procedure.steps.then[step] == Then.LEAVE else END
            found.append(Message(ALONE[why], {"stage": f"stages.{name}{classes}", "team": team, "people": people, "whom": self._whom(homes), "end": Message(end)}))
        return found

    def _reasons(self, step: int) -> Iterator[tuple[tuple[Why, str, int], np.ndarray]]:
        for reason, homes in self.impossible.why(self.impossible.visits[step]):
            if reason.why != Why.NOBODY:
                yield self._key(reason), homes

    def _key(self, reason: Reason) -> tuple[Why, str, int]:
        """The reason in names: what is told once."""
        needs, crowd = self.made.procedure.needs, self.made.crowd
        return reason.why, crowd.teams[needs.team[reason.need]] if reason.need >= 0 else "", reason.people

    def _copies(self, name: str, steps: dict[int, list[int]]) -> list[Message]:
        def looked(step: int) -> Iterator[tuple[str, np.ndarray]]:
            s = self.made.procedure.steps
            for reader in range(int(s.first_reader[step]), int(s.first_reader[step] + s.readers[step])):
                for reason, homes in self.impossible.why(self.impossible.copies.get(reader, np.zeros(0, int))):
                    if reason.why != Why.NOBODY:
                        yield self._key(reason)[1], homes

        return [
            message("{stage}: teams.{team} is never there to read its copy, for {whom}", stage=f"stages.{name}{classes}", team=team, whom=self._whom(homes))
            for team, homes, classes, _ in self._gathered(steps, looked)
        ]

    def _dues(self, name: str, steps: dict[int, list[int]]) -> list[Message]:
        procedure, crowd, found = self.made.procedure, self.made.crowd, []
        dues = dict(without_due(self.made))
        for _, homes, classes, step in self._gathered(steps, lambda step: [("due", dues[step])] if step in dues else []):
            values = {"stage": f"stages.{name}{classes}", "whom": self._whom(homes)}
            if procedure.steps.due[step] == DueAt.END_OF_DUTY:
                pool = procedure.places[procedure.steps.due_place[step]][np.flatnonzero(homes)[0]]
                found.append(message("{stage}: its due at the end of duty never comes for {whom}, because teams.{team} never goes home in the period", team=crowd.teams[crowd.pool_team[pool]], **values))
            else:
                found.append(message("{stage}: its due never comes for {whom}, because its calendar does not open in the period", **values))
        return found

    def _whom(self, homes: np.ndarray) -> Message:
        """How many live there; where nobody lives anywhere, or incidents are at home at nodes above, how many nodes it is."""
        tree = self.made.tree
        here, there = int(tree.residents[tree.is_leaf & homes].sum()), int(tree.residents[tree.is_leaf].sum())
        if here:
            return message("{alone:,} of {total:,} residents ({share})", alone=here, total=there, share=number(here / there, "share"))
        alone, total = int(homes.sum()), int(self.homes.sum())
        return message("{alone:,} of {total:,} places ({share})", alone=alone, total=total, share=number(alone / total, "share"))


def _unserved(made: Plan) -> list[Message]:
    """Residents above whom nobody of a team is found."""
    tree, found = made.tree, {}
    leaves = np.flatnonzero(tree.is_leaf)
    for place, team in zip(made.procedure.needs.place, made.procedure.needs.team, strict=True):
        name = made.crowd.teams[team]
        alone = int(tree.residents[leaves[made.procedure.places[place][leaves] < 0]].sum())
        if alone and not made.scenario.teams[name].people.nobody:
            total = int(tree.residents[leaves].sum())
            words = message("teams.{name}: {alone:,} of {total:,} residents have nobody of it; what asks for it there waits until a due moves it", name=name, alone=alone, total=total)
            found[name] = words
    return list(found.values())


def _narrow_gates(made: Plan) -> list[Message]:
    """Gates through which more wants to go than may."""
    s, found = made.scenario, []
    gates = {i: gate for i, stage in enumerate(s.stages.values()) for gate in stage.gate.values() if gate and gate.takes}
    visits = flow.expected(made).visits.sum(axis=0) if gates else []
    for i, gate in gates.items():
        stage = s.stages[made.stages[i]]
        level = gate.at or next(s.teams[by.needs[0].team].levels[0] for by in stage.by.values() if by.needs)
        a_day = len(s.calendar(gate.opens).openings) * gate.takes * len(made.tree.at(level)) / s.days
        if visits[i] > a_day:
            found.append(message("stages.{name}: {come:.3g} a week come to gates that let {through:.3g} through", name=made.stages[i], come=visits[i] * 7, through=a_day * 7))
    return found


def _shared_hours(s: Scenario, by: By) -> float:
    slots: dict[int, Hours] = {}
    for need, slot in zip(by.needs, by.slots, strict=True):
        team = s.teams[need.team]
        hours = slots.get(slot, Hours()) | s.calendar(team.hours).hours
        slots[slot] = hours | s.calendar(team.duty.hours).hours if team.duty else hours
    together = reduce(and_, slots.values()) if slots else None
    return together.length(0, s.days * DAY) / HOUR if together else 0.0
