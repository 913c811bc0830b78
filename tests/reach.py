"""What a run has reached: which fields of a stage, and which rules of docs/model.md, have done something that its journal shows.

A field that stands in a file shows nothing, if no incident ever comes to it. `FIELDS` are the signs of the fields of
a stage, `RULES` those of the rules; each is a function of a run that is true when the journal shows it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import laws
import numpy as np

from simgov.chance import mix, salt, unit
from simgov.clock import DAY, Hours
from simgov.journal import Ended, Result
from simgov.plan import Answer, DueAt, Mode, Then, When
from simgov.plan.people import lookup
from simgov.scenario.fields import for_class

ACTING = {Then.RAISE: "raise", Then.LEAVE: "leave"}
HEARD = (Result.SATISFIED, Result.DISSATISFIED, Result.NO_ANSWER)


class Seen(laws.Told):
    """A run that is looked at from many sides."""

    def __init__(self, run):
        super().__init__(run)
        self.pools_team, self.at = run.plan.crowd.pool_team, defaultdict(list)
        self.crews, self.line, self.persons = defaultdict(list), defaultdict(list), defaultdict(list)
        self.ended, self.acted = set(), set()  # (second, pool)
        for w in self.work:
            self.crews[w.incident, w.visit, w.part].append(w)
            self.at[w.start, w.pool].append(w)
            self.ended.add((w.end, w.pool))
        for pool, person in self.shift:
            self.persons[pool].append(person)
        for v in self.visits:
            for pool in self.wanted(v):
                self.line[pool].append(v)
                if v.result in laws.BY_DUE and v.started < 0 <= v.released:
                    self.acted.add((v.left, pool))

    def crew(self, v) -> list:
        return self.crews.get((v.incident, v.visit, v.part), [])

    def step(self, v) -> Any:
        return self.steps[v.step]

    def wanted(self, v) -> list[int]:
        """The pools that a request asks for; none for the whole of a split."""
        if v.part == 0 and self.step(v).mode in (Mode.NONE, Mode.EACH):
            return []
        return self.pools(v)

    def before(self, v, second: int) -> str:
        """The part of a visit just before a second."""
        for part, end in (("gate", v.admitted), ("wait", v.released), ("queue", v.started), ("work", v.finished)):
            if (part == "queue" and not self.step(v).mode) or (part == "work" and v.started < 0):
                continue
            if end < 0 or end >= second:
                return part
        return "lead"

    def expired(self, v) -> str | None:
        """The part in which the due of a visit expired, if it did so before the visit was left by itself."""
        by_due = v.result in laws.BY_DUE
        if v.part != 0 or not 0 <= v.due < self.horizon or (0 <= v.left <= v.due and not by_due):
            return None
        return self.before(v, v.due)

    def until(self, v) -> int:
        """The second up to which a request waited."""
        return next(x for x in (v.started, v.left, self.horizon) if x >= 0)

    def idle(self, pool: int, second: int) -> list[int]:
        """Persons of a pool who do nothing in a second in which nobody of them starts."""
        return [n for n in self.persons[pool] if not any(a <= second < b for a, b in self.busy.get((pool, n), ()))]

    def state(self, pool: int, person: int, second: int) -> int:
        shift = self.shift[pool, person]
        return 0 if second in shift.regular else 1 if second in shift.duty else 2 if second in shift.present else 3

    def order(self, v, priority: int | None = None) -> tuple:
        return (v.priority if priority is None else priority, v.entered, v.incident, v.visit, v.part)

    def openings(self, v) -> tuple:
        return self.plan.calendar_openings[self.step(v).gate]


# ── signs of fields: what one visit shows ───────────────────────────────────────────────────────────


def off_regular(t, v):
    return any(w.start not in t.shift_of(w).regular for w in t.crew(v))


def given_by(t, v, field):
    return bool(getattr(t.run.scenario.stages[v.stage], field))


def need_of(t, v, column, least):
    return v.started >= 0 and any(getattr(t.plan.procedure.needs, column)[n] >= least for n in t.needs(v))


OF_VISITS = {
    "any of two": lambda t, v, s: s.mode == Mode.ANY and s.needs > 1 and v.started >= 0,
    "all": lambda t, v, s: s.mode == Mode.ALL and s.needs > 1 and v.started >= 0,
    "one of, in all": lambda t, v, s: v.part == 0 and s.mode == Mode.ALL and v.started >= 0 and len(laws.slots(t, v)) < s.needs,
    "each": lambda t, v, s: v.part == 2 and v.finished >= 0,
    "read": lambda t, v, s: v.part < 0 and v.finished >= 0,
    "two people": lambda t, v, s: need_of(t, v, "people", 2),
    "same_as": lambda t, v, s: need_of(t, v, "same_as", 0),
    "another level": lambda t, v, s: elsewhere(t, v),
    "unlimited": lambda t, v, s: any(w.person < 0 for w in t.crew(v)),
    "nobody": lambda t, v, s: s.needs > 0 and v.released >= 0 and v.started < 0 and t.run.scenario.teams["ants"].people.nobody,
    "gate": lambda t, v, s: v.part == 0 and s.gate >= 0 and v.admitted > v.entered,
    "gate with places": lambda t, v, s: v.part == 0 and s.gate_takes > 0 and v.admitted > v.entered,
    "gate at a level": lambda t, v, s: v.part == 0 and s.gate_level >= 0 and v.admitted > v.entered,
    "wait": lambda t, v, s: v.part == 0 and v.released > v.admitted,
    "lead": lambda t, v, s: v.part == 0 and v.left > max(v.finished, v.released) and v.result not in laws.BY_DUE,
    "zero": lambda t, v, s: v.part == 0 and s.wait < 0 and v.left == v.finished >= 0,
    "duty": lambda t, v, s: s.when == When.DUTY and not v.reached and off_regular(t, v),
    "duty by turns": lambda t, v, s: any(
        w.person >= 0 and t.run.scenario.teams[w.team].duty and t.run.scenario.teams[w.team].duty.people
        for w in t.crew(v)
        if w.start not in t.shift_of(w).regular
    ),
    "until_clear": lambda t, v, s: s.when == When.UNTIL_CLEAR and not v.reached and off_regular(t, v),
    "on_call": lambda t, v, s: v.reached and off_regular(t, v),
    "on_call hours": lambda t, v, s: (
        v.reached and off_regular(t, v) and t.plan.calendar_hours[s.on_call_hours] == t.run.scenario.calendar("dusk").hours
    ),
    "finish": lambda t, v, s: s.finish and any(w.off_hours for w in t.crew(v)),
    "pause": lambda t, v, s: not s.finish and any(w.end - w.start > w.regular + w.off_hours for w in t.crew(v)),
    "due": lambda t, v, s: s.due == DueAt.AFTER and s.due_from == -1,
    "due from birth": lambda t, v, s: s.due_from == -2,
    "due from a stage": lambda t, v, s: s.due_from >= 0,
    "end_of_day": lambda t, v, s: s.due == DueAt.END_OF_DAY,
    "end_of_duty": lambda t, v, s: s.due == DueAt.END_OF_DUTY and s.due_value < 0 and v.due >= 0,
    "cut_off": lambda t, v, s: s.due == DueAt.END_OF_DUTY and s.due_value >= 0 and v.due >= 0,
    "opening": lambda t, v, s: s.due == DueAt.OPENING and v.due >= 0,
    "note": lambda t, v, s: s.due and s.then == Then.NOTE and 0 <= v.due < max(v.left, v.started),
    "raise": lambda t, v, s: v.priority < s.priority,
    "move": lambda t, v, s: v.result == Result.DUE_MOVE,
    "close": lambda t, v, s: v.result == Result.DUE_CLOSE,
    "move to an end": lambda t, v, s: v.result == Result.DUE_END,
    "due outcomes": lambda t, v, s: v.result in laws.BY_DUE and s.due_outcomes > 1,
    "same_as a team": lambda t, v, s: need_of(t, v, "same_team", 0),
    "below": lambda t, v, s: v.part > 1 and v.started >= 0 and need_of(t, v, "fan", 0),
    "join": lambda t, v, s: v.part == 0 and s.join < 1 and v.finished >= 0,
    "closed unsolved": lambda t, v, s: v.result == Result.CLOSED and t.known[v.incident].solved < 0,
    "back": lambda t, v, s: v.result == Result.STAGE and v.target <= s.stage,
    "end": lambda t, v, s: v.result == Result.END,
    "never": lambda t, v, s: v.result == Result.NEVER,
    "left over": lambda t, v, s: (
        v.result == Result.STAGE
        and t.plan.stages[v.target] not in (for_class(t.run.scenario.stages[v.stage].outcomes, v.cls) or {})
    ),
    "priority": lambda t, v, s: s.priority < 0,
    "hold": lambda t, v, s: s.hold and v.started > v.released,
    "verify": lambda t, v, s: v.result in HEARD,
    "reopen": lambda t, v, s: v.result == Result.REOPEN,
    "own": lambda t, v, s: s.verify and v.finished >= 0 and t.run.scenario.stages[v.stage].verify.own is not None,
    "success": lambda t, v, s: given_by(t, v, "success") and v.result == Result.STAGE,
    "span": lambda t, v, s: given_by(t, v, "span") and s.adjust >= 0 and v.left >= 0,
    "by class": lambda t, v, s: len(t.run.scenario.stages[v.stage].by) > 1 and v.started >= 0,
}  # fmt: skip


def elsewhere(t, v):
    """Somebody of another level works at it than whoever is nearest."""
    needs = t.plan.procedure.needs
    return v.started >= 0 and any(
        needs.fan[n] < 0 and pool != nearest(t, t.plan.crowd.teams[needs.team[n]])[laws.home(t, v)]
        for n, pool in zip(t.needs(v), t.pools(v), strict=True)
    )


def nearest(t, team):
    known = t.__dict__.setdefault("nearest_pools", {})
    if team not in known:
        known[team] = lookup(t.plan.crowd, t.plan.tree, team, None)
    return known[team]


# ── signs of fields: what a whole run shows ─────────────────────────────────────────────────────────


def drawn_births(t):
    return any(0 <= i.nth < 1 << 40 and arrivals(t, i).rate for i in t.incidents)


def arrivals(t, i):
    return t.run.scenario.classes[t.plan.classes[i.cls_born]].arrivals


def became_hidden(t):
    births = t.run.draws.births
    return bool((births.found_cls != births.cls).any())


OF_RUNS = {
    "becomes": lambda t: any(a.cls != b.cls for way in t.ways.values() for a, b in pairwise(sorted(way, key=lambda v: v.visit))),
    "windows": lambda t: any(t.run.scenario.teams[w.team].windows for w in t.work),
    "roster": lambda t: any(t.run.scenario.teams[w.team].people.roster for w in t.work),
    "skill": lambda t: any(t.run.scenario.teams[w.team].skill.sd or t.run.scenario.teams[w.team].skill.mean for w in t.work),
    "returns": lambda t: any(i.repeat_of >= 0 for i in t.incidents),
    "found": lambda t: any(i.found > max(i.born, 0) for i in t.incidents),
    "hidden becomes": became_hidden,
    "change of people": lambda t: "people" in t.run.scenario.apply and bool(t.work),
    "change of stages": lambda t: (
        "stages" in t.run.scenario.apply and len({v.step for v in t.visits}) > len({(v.stage, v.cls) for v in t.visits})
    ),
    "rate": drawn_births,
    "each_opening": lambda t: any(arrivals(t, i).each_opening for i in t.incidents),
}


def fields(t: Seen) -> set[str]:
    """The fields of a stage that did something that can be seen in this journal."""
    found = {name for name, shows in OF_RUNS.items() if shows(t)}
    for v in t.visits:
        step = t.step(v)
        found |= {name for name, shows in OF_VISITS.items() if name not in found and shows(t, v, step)}
    return found


# ── signs of rules ──────────────────────────────────────────────────────────────────────────────────


def any_visit(shows):
    """The sign of a run of which one visit shows it."""
    return lambda t: any(shows(t, v, t.step(v)) for v in t.visits)


def gated(shows):
    """The sign of one visit to a stage with a gate."""
    return any_visit(lambda t, v, s: v.part == 0 and s.gate >= 0 and shows(t, v, s))


def missed_places(t, v, s):
    """An opening went by, or was open on arrival, and had no place left."""
    if s.gate_takes < 0:
        return False
    gone = next(x for x in (v.admitted, v.left, t.horizon) if x >= 0)
    return any(max(a, v.entered) < min(b, gone, t.horizon) for a, b in t.openings(v))


def passed_at_gate(t, v, s):
    """A visit went through a gate before a less urgent one that had come earlier."""
    if s.gate_takes < 0 or v.admitted < 0:
        return False
    gate = (v.stage, s.gate, s.gate_takes, laws.gate_node(t, v, s))
    for w in t.whole.values():
        other = t.step(w)
        if w.entered < v.entered and w.priority > v.priority and gate[:3] == (w.stage, other.gate, other.gate_takes):
            gone = next(x for x in (w.admitted, w.left, t.horizon) if x >= 0)
            if gone > v.admitted and laws.gate_node(t, w, other) == gate[3]:
                return True
    return False


def expired_in(part: str, then: Then):
    def shows(t, v, s):
        return s.due and s.then == then and t.expired(v) == part and not (part == "work" and v.finished == v.due)

    return any_visit(shows)


def open_in(part: str):
    return any_visit(lambda t, v, s: v.part == 0 and v.left < 0 and t.before(v, t.horizon) == part)


def withdrawn_in_turn(t):
    """A part of a split is withdrawn although another split of that kind has started."""
    return any(v.part > 0 and v.result in laws.BY_DUE for v in t.visits)


def due_while_one_part_works(t, v, s):
    """A due that would move or close met a split of which only some parts had started."""
    if s.mode != Mode.EACH or t.expired(v) != "work" or s.then != Then.LEAVE:
        return False
    parts = [p for p in t.visits if (p.incident, p.visit) == (v.incident, v.visit) and p.part > 0]
    return any(p.started < 0 or p.started >= v.due for p in parts)


def freed_when_late(t, v, s):
    """Somebody was freed in the second in which the due of a waiting visit moved it away."""
    return v.result in laws.BY_DUE and v.started < 0 <= v.released < v.left and any((v.left, p) in t.ended for p in t.wanted(v))


def started_when_late(t, v, s):
    """In the second in which a waiting visit was moved away, another was started by the people it had waited for."""
    return v.result in laws.BY_DUE and v.started < 0 <= v.released < v.left and any((v.left, p) in t.at for p in t.wanted(v))


def gate_opens_on_due(t, v, s):
    return s.gate >= 0 and v.result in laws.BY_DUE and v.admitted < 0 and any(a == v.left for a, _ in t.openings(v))


def due_moves_through_gate(t):
    """What a due moved into a gated stage in the second of an opening went through at once."""
    return any(
        a.result == Result.DUE_MOVE and t.step(b).gate >= 0 and b.admitted == b.entered and any(x == b.entered for x, _ in t.openings(b))
        for way in t.ways.values() for a, b in pairwise(way)
    )  # fmt: skip


def work_beside_hours(t, v):
    """How long work went on outside the hours that are allowed for it."""
    step = t.step(v)
    for w in t.crew(v):
        shift, end = t.shift_of(w), t.horizon if w.end < 0 else w.end
        hours = shift.work_regular | (shift.work_duty if step.when != When.REGULAR else Hours()) | t.on_call(v)
        yield w.regular + w.off_hours - hours.length(w.start, end)


def common_hours(t, v) -> Hours:
    """The hours in which all people of a request may work."""
    step, together = t.step(v), None
    for w in t.crew(v):
        shift = t.shift_of(w)
        hours = shift.work_regular | (shift.work_duty if step.when != When.REGULAR else Hours()) | t.on_call(v)
        together = hours if together is None else together & hours
    return together or Hours()


def joint(t, v, s):
    return v.part == 0 and s.mode == Mode.ALL and s.needs > 1 and v.started >= 0


def held_for_ever(t, v, s):
    """A joint visit whose people share no more hours, in a world where each of them still has some."""
    if not joint(t, v, s) or any(w.end >= 0 for w in t.crew(v)):
        return False
    hours = common_hours(t, v)
    return not hours or hours.ends[-1] <= t.horizon


def held_back(t):
    """Somebody waited through a second in which all they needed were free: a joint visit held them."""
    return any(s.hold for s in t.steps) and any(laws.idle_while_waiting(t, v) for v in t.visits)


def parts_end_apart(t):
    ends = defaultdict(set)
    for v in t.visits:
        if v.part > 0 and v.finished >= 0:
            ends[v.incident, v.visit].add(v.finished)
    return any(len(e) > 1 for e in ends.values())


def same_again(want: str):
    """How a wish for the same person went: `found`, `waited` for, asked for `first` in vain, of an `unlimited` team, or of a `team` that was not the first."""

    def shows(t):
        needs = t.plan.procedure.needs
        for way in t.ways.values():
            handler: dict[tuple[int, int], tuple[int, int]] = {}  # the first by stage and team; -1 for all teams
            for v in way:
                rows = (
                    [r for r in t.visits if (r.incident, r.visit) == (v.incident, v.visit) and r.part >= 0]
                    if t.step(v).mode == Mode.EACH
                    else [v]
                )
                for r in rows:
                    for n in t.needs(r) if r.part or t.step(r).mode != Mode.EACH else ():
                        known = handler.get((int(needs.same_as[n]), int(needs.same_team[n])))
                        if needs.same_as[n] < 0 or r.started < 0 or (want == "team" and needs.same_team[n] < 0):
                            continue
                        people = {(w.pool, w.person) for w in t.crew(r)}
                        took = known in people
                        if (
                            (want == "first" and known is None)
                            or (want == "found" and took and known[1] >= 0)
                            or (want == "team" and took and known != handler.get((int(needs.same_as[n]), -1)))
                            or (want == "waited" and took and known[1] >= 0 and r.started > r.released)
                            or (want == "unlimited" and took and known[1] < 0)
                        ):
                            return True
                stage = t.step(v).stage
                handler = {at: who for at, who in handler.items() if at[0] != stage}
                for r in rows:
                    for who in in_order(t, r) if v.left < 0 or 0 <= r.started < v.left else ():
                        for team in (-1, int(t.pools_team[who[0]])):
                            handler.setdefault((stage, team), who)
        return False

    return shows


def in_order(t, v):
    """Who worked at a request, in the order of its needs."""
    pools = t.wanted(v) if t.step(v).mode != Mode.ANY or v.part else [v.pool]
    crew = sorted(t.crew(v), key=lambda w: pools.index(w.pool) if w.pool in pools else -1 if w.pool == v.pool else len(pools))
    return [(w.pool, w.person) for w in crew]


def need_fan(t, v):
    return any(t.plan.procedure.needs.fan[n] >= 0 for n in t.needs(v))


def part_after(shows):
    """The sign of a part of a split that was left with other parts still to do."""

    def one(t, v, s):
        whole = t.whole[v.incident, v.visit]
        return v.part > 0 and s.join < 1 and whole.left >= 0 and shows(v, whole)

    return one


def due_outcomes(t, s, column):
    return getattr(t.plan.procedure.outcomes, column)[s.first_due_outcome : s.first_due_outcome + s.due_outcomes].tolist()


def took_second(t, v, s):
    """`any` was served by a later need of its list."""
    return s.mode == Mode.ANY and s.needs > 1 and v.part == 0 and v.started >= 0 and t.wanted(v)[0] != v.pool


def took_alternative(t, v, s):
    """A joint visit took somebody who was not the first of those who stand for each other."""
    if v.part or s.mode != Mode.ALL or v.started < 0:
        return False
    there = {w.pool for w in t.crew(v)}
    return any(len(slot) > 1 and slot[0][1] not in there for slot in laws.slots(t, v))


def one_of_several(t):
    """Of several idle people in the same hours somebody was taken who has not the lowest number."""
    for (second, pool), starts in t.at.items():
        for w in starts:
            idle = t.idle(pool, second)
            if w.person > 0 and any(n < w.person and t.state(pool, n, second) == t.state(pool, w.person, second) for n in idle):
                return True
    return False


def duty_before_off(t):
    """Somebody on duty was taken while somebody who was off could have been reached as well. (In regular hours all of a pool are in them.)"""
    for (second, pool), starts in t.at.items():
        for w in starts:
            called = second in t.on_call(t.rows[w.incident, w.visit, w.part])
            on_duty = w.person >= 0 and t.state(pool, w.person, second) == 1
            if called and on_duty and any(t.state(pool, n, second) == 2 for n in t.idle(pool, second)):
                return True
    return False


def left_when_clear(t):
    """People in their duty window had gone home, so that what came later found nobody."""
    for v in t.visits:
        s = t.step(v)
        if s.when != When.UNTIL_CLEAR or v.reached or v.released < 0 or t.until(v) <= v.released:
            continue
        waiting = Hours.always(v.released, t.until(v))
        for pool in t.wanted(v):
            for n in t.persons[pool]:
                if waiting & (t.shift[pool, n].duty - t.shift[pool, n].regular - Hours(t.busy.get((pool, n), []))):
                    return True
    return False


def stayed_and_left(t):
    """In one window somebody began work who had stayed, and later somebody else found them gone."""
    return any(t.step(v).when == When.UNTIL_CLEAR and not v.reached and off_regular(t, v) for v in t.visits) and left_when_clear(
        t
    )


def not_to_be_reached(t):
    """A visit that reached somebody on call waited because those who were idle were not with the team."""
    for v in t.visits:
        if v.reached and 0 <= v.released < t.until(v):
            waiting = t.on_call(v) & Hours.always(v.released, t.until(v))
            for pool in t.wanted(v):
                if any(waiting & (Hours.always(0, t.horizon) - t.shift[pool, n].present) for n in t.persons[pool]):
                    return True
    return False


def raised_before(t, v, s):
    """A visit was served before another only because its due had raised it."""
    if v.priority == s.priority or v.started < 0 or v.due >= v.started:
        return False
    return any(
        w is not v and 0 <= w.released <= v.started < t.until(w) and t.order(v) < t.order(w) < t.order(v, s.priority)
        for pool in t.wanted(v) for w in t.line[pool]
    )  # fmt: skip


def urgent_before(t, v, s):
    """A visit was served before one that had waited longer, because it was more urgent from the start."""
    return v.started >= 0 and v.priority == s.priority and any(
        0 <= w.released <= v.started < t.until(w) and w.entered < v.entered and v.priority < w.priority
        for pool in t.wanted(v) for w in t.line[pool]
    )  # fmt: skip


def long_queue(t):
    """Five requests wait at one pool."""
    for rows in t.line.values():
        edges = Counter()
        for v in rows:
            if 0 <= v.released < t.until(v):
                edges[v.released] += 1
                edges[t.until(v)] -= 1
        if edges and max(np.cumsum([edges[x] for x in sorted(edges)])) >= 5:
            return True
    return False


def new_version(t, keep: bool):
    """An incident was found under a later version, or (keep) still goes by an older one after the change."""
    starts = t.plan.procedure.starts.tolist()
    version = {int(step): v for v, steps in enumerate(t.plan.procedure.index) for step in np.ravel(steps)}
    if keep:
        return any(version[v.step] + 1 < len(starts) and v.entered >= starts[version[v.step] + 1] for v in t.visits)
    return any(version[v.step] > 0 for v in t.visits)


def left_with_work(t):
    """Somebody was no longer with the team while work was in hand."""
    for w in t.work:
        if w.person >= 0:
            end = t.horizon if w.end < 0 else w.end
            if t.shift_of(w).present.length(w.start, end) < end - w.start:
                return True
    return False


def people_come_and_go(t):
    counts = t.plan.crowd.headcount
    return any(len(set(counts[:, w.pool].tolist())) > 1 and w.person >= 0 for w in t.work)


def cap_reached(t):
    """An answer would have reopened the matter once too often."""
    answers = t.plan.procedure.answers
    blocks = defaultdict(list)
    for block, kind, chance in zip(answers.block.tolist(), answers.kind.tolist(), answers.chance.tolist(), strict=True):
        blocks[block].append((kind, chance))
    for v in t.visits:
        if v.result != Result.DISSATISFIED:
            continue
        u = unit(mix(laws.visit_key(t.known[v.incident].key, v.stage, v.nth) ^ salt("purpose", "answer")))
        for block in range(4):
            total = 0.0
            for kind, chance in blocks[4 * v.step + block]:
                if (
                    total <= u < total + chance
                    and kind == Answer.REOPEN
                    and t.known[v.incident].reopened >= t.step(v).reopen_at_most
                ):
                    return True
                total += chance
    return False


def own_asks(t):
    """Who asks had worked on the closing, and the answers to them are others."""
    for way in t.ways.values():
        for a, b in pairwise(way):
            if t.step(b).verify and b.result in (*HEARD, Result.REOPEN) and t.run.scenario.stages[b.stage].verify.own:
                worked = [
                    {w.team for w in t.work if (w.incident, w.visit) == (v.incident, v.visit) and w.part >= 0} for v in (a, b)
                ]
                if worked[0] & worked[1]:
                    return True
    return False


def closed_again(t):
    return any(sum(v.result in (Result.CLOSED, Result.DUE_CLOSE) for v in way) > 1 for way in t.ways.values())


def closed_and_then(how: Ended):
    return lambda t: any(i.closed >= 0 and i.how == how for i in t.incidents)


def at_once(column: str):
    """Several incidents share a second."""
    return lambda t: any(n > 1 for second, n in Counter(getattr(i, column) for i in t.incidents).items() if second > 0)


def freed_and_asked(t, v, s):
    """Somebody was freed in the second in which a visit came and was served."""
    return 0 <= v.released == v.started and v.released > 0 and any((v.started, p) in t.ended for p in t.wanted(v))


def chain_in_a_second(t):
    return any(a.entered == a.left == b.left >= 0 for way in t.ways.values() for a, b in pairwise(way))


def asked_in_vain(t, v, s):
    return v.released >= 0 and v.started < 0 and -1 in t.wanted(v)


def due_clamped(t, v, s):
    return s.due == DueAt.AFTER and s.due_from != -1 and v.part == 0 and v.due == v.entered + 1


def never_entered(t):
    """The clock of a due starts with the latest entry of a stage that was never entered."""
    for way in t.ways.values():
        seen = set()
        for v in way:
            seen.add(t.step(v).stage)
            if t.step(v).due_from >= 0 and t.step(v).due_from not in seen:
                return True
    return False


def served_copy_later(t, v, s):
    return v.part < 0 and v.started > v.released


def adjusted_by_people(t, v, s):
    return (
        s.adjust >= 0 and s.skilled and v.part == 0 and v.left >= 0 and bool(t.run.draws.skill[v.pool]) if v.pool >= 0 else False
    )


def span_of_nobody(t, v, s):
    return s.per_doubling and v.part == 0 and v.left >= 0 and v.pool >= 0 and bool(t.plan.crowd.pool_unlimited[v.pool])


def second_call(t):
    """A return visit to a stage that was tried only after another one."""
    follow = t.plan.procedure.follow
    version = {int(step): v for v, steps in enumerate(t.plan.procedure.index) for step in np.ravel(steps)}
    first = {}
    for v, closed_at, stage in zip(follow.version.tolist(), follow.closed_at.tolist(), follow.stage.tolist(), strict=True):
        first.setdefault((v, closed_at), stage)
    return any(
        t.step(b).verify and not t.step(a).verify and first[version[a.step], t.step(a).stage] != t.step(b).stage
        for way in t.ways.values()
        for a, b in pairwise(way)
        if a.result in (Result.CLOSED, Result.DUE_CLOSE)
    )


def never_done(t, v, s):
    """Work in hand whose people have no more hours."""
    hours = common_hours(t, v) if t.crew(v) and all(w.end < 0 for w in t.crew(v)) else None
    return hours is not None and (not hours or hours.ends[-1] <= t.horizon) and not (s.finish and work_goes_on(t, v))


def work_goes_on(t, v):
    return any(x > 0 for x in work_beside_hours(t, v))


def past_midnight(t):
    """Somebody starts in hours that opened on the day before."""
    for w in t.work:
        hours = t.shift_of(w).work_regular
        opened = [a for a, b in hours.pairs if a <= w.start < b]
        if opened and opened[0] // DAY < w.start // DAY and opened[0] >= 0:
            return True
    return False


def open_before_the_start(t):
    """Somebody starts in hours that opened before the period, and are not all hours."""
    for w in t.work:
        hours = t.shift_of(w).work_regular
        if any(a < 0 and a <= w.start < b < t.horizon for a, b in hours.pairs):
            return True
    return False


RULES = {  # what a field of a stage shows by itself is not repeated here
    # gates
    "gate held somebody": gated(lambda t, v, s: v.admitted > v.entered),
    "gate let in at once in its first second": gated(lambda t, v, s: v.admitted == v.entered and any(a == v.entered for a, _ in t.openings(v))),
    "gate let in later while open": gated(lambda t, v, s: v.admitted == v.entered and all(a != v.entered for a, _ in t.openings(v))),
    "gate had no place left": gated(missed_places),
    "gate shut in the second of entry": gated(lambda t, v, s: v.admitted != v.entered and any(b == v.entered for _, b in t.openings(v))),
    "gate: somebody passed by": gated(passed_at_gate),
    "gate: a return visit": gated(lambda t, v, s: s.verify and v.admitted >= 0),
    # parts of a visit
    "lead without people": any_visit(lambda t, v, s: v.part == 0 and not s.mode and v.left > v.released >= 0 and v.result not in laws.BY_DUE),
    "a stage in no time": any_visit(lambda t, v, s: v.part == 0 and v.entered == v.left),
    "several stages in a second": chain_in_a_second,
    "open at the gate": open_in("gate"), "open in a wait": open_in("wait"), "open in the queue": open_in("queue"), "open at work": open_in("work"),
    "open in a lead": open_in("lead"), "open copy": any_visit(lambda t, v, s: v.part < 0 and v.left < 0),
    "open part": any_visit(lambda t, v, s: v.part > 0 and v.left < 0),
    # hours
    "until_clear: left": left_when_clear,
    "until_clear: both": stayed_and_left,
    "on call: somebody on duty": any_visit(
        lambda t, v, s: v.reached and s.when == When.REGULAR and any(w.person >= 0 and t.state(w.pool, w.person, w.start) == 1 for w in t.crew(v))
    ),
    "on call: nobody present": not_to_be_reached,
    "finish past closing": any_visit(lambda t, v, s: s.finish and any(x > 0 for x in work_beside_hours(t, v))),
    "finish rests at a break": any_visit(
        lambda t, v, s: s.finish and any(w.end >= 0 and w.end - w.start > w.regular + w.off_hours for w in t.crew(v))
    ),
    "joint visit started together": any_visit(lambda t, v, s: joint(t, v, s) and len({w.pool for w in t.crew(v)}) > 1),
    "joint visit paused": any_visit(lambda t, v, s: joint(t, v, s) and any(w.end - w.start > w.regular + w.off_hours for w in t.crew(v))),
    "joint visit held for ever": any_visit(held_for_ever),
    "work never done": any_visit(never_done),
    "shift past midnight": past_midnight, "shift from before the period": open_before_the_start,
    "people of different hours at one visit": any_visit(lambda t, v, s: len({id(t.shift_of(w)) for w in t.crew(v)}) > 1),
    "people left with work in hand": left_with_work,
    "people come and go": people_come_and_go,
    # who
    "hold kept somebody back": held_back,
    "any: the second of the list": any_visit(took_second),
    "all: the second of those who stand for each other": any_visit(took_alternative),
    "idle longest, not lowest number": one_of_several,
    "duty before off": duty_before_off,
    "several people": any_visit(lambda t, v, s: any(n > 1 for n in Counter(w.pool for w in t.crew(v)).values())),
    "no pool above the home": any_visit(asked_in_vain),
    "same_as: found": same_again("found"), "same_as: waited": same_again("waited"), "same_as: nobody before": same_again("first"),
    "same_as: unlimited": same_again("unlimited"), "same_as: not the first of all": same_again("team"),
    "below: one reached, another not": lambda t: len({(v.incident, v.visit, v.reached) for v in t.visits if v.part > 0})
    > len({(v.incident, v.visit) for v in t.visits if v.part > 0}),
    "below: nobody there": any_visit(lambda t, v, s: v.part > 0 and v.released >= 0 and t.wanted(v) == [-1] and need_fan(t, v)),
    "join: a part starts afterwards": any_visit(part_after(lambda p, v: p.started >= v.left)),
    "join: a part ends in the lead": any_visit(part_after(lambda p, v: v.finished < p.finished < v.left)),
    "join: a part ends afterwards": any_visit(part_after(lambda p, v: p.finished > v.left)),
    "join: a due in the lead": any_visit(lambda t, v, s: s.join < 1 and v.part == 0 and v.finished >= 0 and v.result in laws.BY_DUE),
    "split parts end apart": parts_end_apart,
    "copy waited": any_visit(served_copy_later),
    # queues
    "urgent before": any_visit(urgent_before), "raise changed who is served": any_visit(raised_before), "long queue": long_queue,
    "raised and served at once": any_visit(
        lambda t, v, s: v.priority < s.priority and v.released < v.started == v.due and not any((v.due, p) in t.ended for p in t.wanted(v))
    ),
    # dues
    **{f"{name} at the {part}": expired_in(part, then) for then, name in ACTING.items() for part in ("gate", "wait", "queue", "work", "lead")},
    "part withdrawn by a due": withdrawn_in_turn,
    "due while one part works": any_visit(due_while_one_part_works),
    "due on a return visit": any_visit(lambda t, v, s: s.verify and v.result in laws.BY_DUE),
    "due at once": any_visit(due_clamped),
    "due from a stage never entered": never_entered,
    "due without a point": any_visit(lambda t, v, s: s.due and v.part == 0 and v.due < 0),
    "due beyond the horizon": any_visit(lambda t, v, s: v.due >= t.horizon),
    "end_of_day from midnight": any_visit(lambda t, v, s: s.due == DueAt.END_OF_DAY and v.entered % DAY == 0),
    "end_of_duty of another day": any_visit(lambda t, v, s: s.due == DueAt.END_OF_DUTY and v.due // DAY > v.entered // DAY),
    "moved: becomes": any_visit(lambda t, v, s: v.result == Result.DUE_MOVE and any(o >= 0 for o in due_outcomes(t, s, "becomes"))),
    "a due that leads nowhere": any_visit(lambda t, v, s: v.result == Result.DUE_NEVER),
    # instants
    "due and finish in one second": any_visit(lambda t, v, s: v.part == 0 and v.left == v.due == v.finished and v.result not in laws.BY_DUE),
    "due and end of lead in one second": any_visit(lambda t, v, s: v.part == 0 and 0 <= v.finished < v.left == v.due and v.result not in laws.BY_DUE),
    "freed in the second of a due": any_visit(freed_when_late),
    "start in the second of a due": any_visit(started_when_late),
    "gate opens in the second of a due": any_visit(gate_opens_on_due),
    "moved through a gate at once": due_moves_through_gate,
    "freed and asked in one second": any_visit(freed_and_asked),
    "several found in one second": at_once("found"), "several ended in one second": at_once("ended"),
    "two started by a pool in one second": lambda t: any(len({(w.incident, w.visit, w.part) for w in ws}) > 1 for ws in t.at.values()),
    # outcomes
    "closed again": closed_again, "solved at a later closing": lambda t: any(i.solved > i.closed >= 0 for i in t.incidents),
    "closed on paper, not solved": any_visit(lambda t, v, s: v.result == Result.DUE_CLOSE and t.known[v.incident].solved < 0),
    "closed, then left": closed_and_then(Ended.LEFT), "closed, then never": closed_and_then(Ended.NEVER), "closed, then open": closed_and_then(Ended.OPEN),
    "difficulty": any_visit(lambda t, v, s: s.adjust >= 0 and v.part == 0 and v.left >= 0 and t.known[v.incident].difficulty != 0),
    "skill": any_visit(adjusted_by_people), "span of an unlimited team": any_visit(span_of_nobody),
    "adjusted without people": any_visit(lambda t, v, s: s.adjust >= 0 and not s.needs and v.left >= 0),
    "satisfied": any_visit(lambda t, v, s: v.result == Result.SATISFIED), "dissatisfied": any_visit(lambda t, v, s: v.result == Result.DISSATISFIED),
    "no answer": any_visit(lambda t, v, s: v.result == Result.NO_ANSWER),
    "reopened twice": lambda t: any(i.reopened > 1 for i in t.incidents), "reopen cap reached": cap_reached,
    "own verify": own_asks, "second return visit tried": second_call,
    "returned twice": lambda t: any(i.repeat_of >= 0 and t.known[i.repeat_of].repeat_of >= 0 for i in t.incidents),
    # demand and versions
    "hidden never found": lambda t: any(i.how == Ended.HIDDEN for i in t.incidents),
    "hidden at the start": lambda t: any(i.born < 0 <= i.found for i in t.incidents),
    "day_cv": lambda t: any(0 <= i.nth < 1 << 40 and arrivals(t, i).day_cv for i in t.incidents),
    "several born in one second": at_once("born"),
    "new version": lambda t: new_version(t, keep=False), "old version kept": lambda t: new_version(t, keep=True),
}  # fmt: skip


def rules(t: Seen) -> set[str]:
    """The rules of which this journal shows that they did something."""
    return {name for name, shows in RULES.items() if shows(t)}


class Tally:
    """In how many scenarios each field and rule was reached."""

    def __init__(self, least: int):
        self.least, self.scenarios, self.visits, self.counts = least, Counter(), 0, Counter()

    def note(self, kind: str, run) -> None:
        """Count what a run has reached; one without a journal ended in an error."""
        self.scenarios[kind] += 1
        if run.journal is None:
            self.counts["rule", "max_visits"] += 1
            return
        t = Seen(run)
        self.visits += len(t.visits)
        self.counts.update(("field", name) for name in fields(t))
        self.counts.update(("rule", name) for name in rules(t))

    def all(self) -> dict[tuple[str, str], int]:
        """Every field and rule, and how often it was reached."""
        names = [("field", name) for name in (*OF_VISITS, *OF_RUNS)] + [("rule", name) for name in (*RULES, "max_visits")]
        return {name: self.counts[name] for name in names}

    def missed(self) -> list[str]:
        return [f"{kind} {name}: {n}" for (kind, name), n in self.all().items() if n < self.least]

    def lines(self, width: int = 150) -> list[str]:
        """The table, rarest first, in columns."""
        told = [f"{n:6} {name}" for (_, name), n in sorted(self.all().items(), key=lambda entry: entry[1])]
        wide = max(map(len, told)) + 2
        across = max(1, width // wide)
        down = -(-len(told) // across)
        return ["".join(cell.ljust(wide) for cell in told[i::down]).rstrip() for i in range(down)]


TALLIES = {"every time": Tally(least=1), "nightly": Tally(least=20), "oracle": Tally(least=1), "oracle, nightly": Tally(least=10)}
