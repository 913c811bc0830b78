"""Laws that every journal keeps, whatever the scenario; each takes a run and raises AssertionError where it is broken.

They are written from the specification and read nothing but Plan, Draws and Journal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from functools import reduce
from itertools import pairwise, product
from math import ceil
from operator import or_
from types import SimpleNamespace

from simgov.chance import MASK, key, mix, quantile, salt
from simgov.clock import Hours
from simgov.journal import BY_DUE, Ended, Result
from simgov.plan import Kind, Mode, Then, When

LED_BY_DUE = {Result.DUE_MOVE: Kind.STAGE, Result.DUE_CLOSE: Kind.CLOSED, Result.DUE_END: Kind.END, Result.DUE_NEVER: Kind.NEVER}


class Told:
    """A run with its journal as rows, and the plan's step of each visit."""

    def __init__(self, run):
        self.run, self.plan, self.horizon = run, run.plan, run.plan.horizon
        self.incidents, self.visits, self.work = (run.rows(name) for name in ("incidents", "visits", "work"))
        steps = run.plan.procedure.steps
        self.steps = [
            SimpleNamespace(**dict(zip(steps._fields, row, strict=True)))
            for row in zip(*(c.tolist() for c in steps), strict=True)
        ]
        self.whole = {(v.incident, v.visit): v for v in self.visits if v.part == 0}
        self.rows = {(v.incident, v.visit, v.part): v for v in self.visits}
        self.known = {i.incident: i for i in self.incidents}
        self.ways = defaultdict(list)
        for v in self.whole.values():
            self.ways[v.incident].append(v)
        crowd = run.plan.crowd
        self.shift = {
            (p, n): crowd.shifts[s]
            for p, n, s in zip(crowd.person_pool.tolist(), crowd.person_number.tolist(), crowd.person_shift.tolist(), strict=True)
        }
        self.free: dict[int, Hours] = {}  # known answers of free_time
        self.busy = defaultdict(list)
        for w in self.work:
            self.busy[w.pool, w.person].append((w.start, self.horizon if w.end < 0 else w.end))

    def shift_of(self, w) -> object:
        crowd = self.plan.crowd
        return self.shift[w.pool, w.person] if w.person >= 0 else crowd.shifts[crowd.pool_shift[w.pool]]

    def needs(self, v) -> list[int]:
        step, needs = self.steps[v.step], self.plan.procedure.needs
        if v.part < 0:
            return [step.first_reader - 1 - v.part]
        if v.part > 0:
            return [self.plan.procedure.parts(v.step, home(self, v))[v.part - 1][0]]
        return list(range(step.first_need, step.first_need + step.needs)) if needs else []

    def pools(self, v) -> list[int]:
        """The pools that a request asks for, need by need."""
        if v.part > 0:
            return [self.plan.procedure.parts(v.step, home(self, v))[v.part - 1][1]]
        procedure = self.plan.procedure
        return [int(procedure.places[procedure.needs.place[n]][home(self, v)]) for n in self.needs(v)]

    def on_call(self, v) -> Hours:
        return self.plan.calendar_hours[self.steps[v.step].on_call_hours] if v.reached else Hours()


def every_incident_is_in_one_place(t: Told) -> None:
    """Visits chain without a gap from the second in which the incident was found, and only the last one can be open."""
    for i in t.incidents:
        way = t.ways[i.incident]
        if i.found < 0:
            assert (way, i.how, i.ended) == ([], Ended.HIDDEN, -1)
            continue
        assert way
        assert way[0].entered == i.found
        assert way[0].stage == i.channel
        assert [v.visit for v in way] == list(range(len(way)))
        assert all(a.left == b.entered for a, b in pairwise(way))
        assert all(
            a.target == t.plan.stages.index(b.stage)
            for a, b in pairwise(way)
            if a.result not in (Result.CLOSED, Result.DUE_CLOSE)
        )
        assert i.ended == way[-1].left
        assert (i.ended >= 0) == (way[-1].result != Result.OPEN)
        assert i.ended < 0 or i.how != Ended.OPEN
        nth = Counter()
        for v in way:
            assert v.nth == nth[v.stage]
            nth[v.stage] += 1


def times_never_go_back(t: Told) -> None:
    """Entered, admitted, released, started, finished and left follow each other; work takes at least a second; all fall before the horizon."""
    for v in t.visits:
        told = [x for x in (v.entered, v.admitted, v.released, v.started, v.finished, v.left) if x >= 0]
        assert told == sorted(told)
        assert told[0] >= 0
        assert told[-1] < t.horizon
        assert v.started < 0 or v.finished < 0 or v.started < v.finished
        assert v.due < 0 or v.due > v.entered


def nobody_serves_two_at_once(t: Told) -> None:
    """The work of a person is one thing after the other."""
    for (_, person), stretches in t.busy.items():
        if person >= 0:
            stretches.sort()
            assert all(end <= start for (_, end), (start, _) in pairwise(stretches))


def nobody_starts_outside_the_hours(t: Told) -> None:
    """A person starts in regular hours, in the duty window where the stage allows it, or when reached on call; always while present."""
    for w in t.work:
        v, shift = t.rows[w.incident, w.visit, w.part], t.shift_of(w)
        allowed = shift.regular
        if t.steps[v.step].when != When.REGULAR:
            allowed = allowed | shift.duty
        assert w.start in allowed | (t.on_call(v) & shift.present)


def people_are_those_asked_for(t: Told) -> None:
    """A started visit has the people it asks for: all of them, or those of one need; in one second, and each once."""
    crews = defaultdict(list)
    for w in t.work:
        crews[w.incident, w.visit, w.part].append(w)
    needs = t.plan.procedure.needs
    for row, crew in crews.items():
        v = t.rows[row]
        assert len({(w.start, w.end, w.regular + w.off_hours) for w in crew}) == 1
        people = [(w.pool, w.person) for w in crew]
        assert len({x for x in people if x[1] >= 0}) == sum(x[1] >= 0 for x in people)
        if any(needs.same_as[n] >= 0 for n in t.needs(v)):
            continue
        got = Counter(pool for pool, _ in people)
        ways = [[(pool, int(needs.people[n])) for n, pool in slot] for slot in slots(t, v)]
        assert any(got == added_up(way) for way in product(*ways))
    for v in t.visits:
        split = t.steps[v.step].mode == Mode.EACH and v.part == 0
        assert split or (v.started >= 0) == ((v.incident, v.visit, v.part) in crews)


def slots(t: Told, v) -> list[list[tuple[int, int]]]:
    """(need, pool) of those who stand for each other, for each entry of a request: `any` is one entry."""
    wanted = list(zip(t.needs(v), t.pools(v), strict=True))
    if t.steps[v.step].mode == Mode.ANY and v.part == 0:
        return [wanted]
    number = t.plan.procedure.needs.slot
    return [[x for x in wanted if number[x[0]] == k] for k in dict.fromkeys(int(number[n]) for n, _ in wanted)]


def added_up(way) -> Counter:
    people = Counter()
    for pool, n in way:
        people[pool] += n
    return people


def home(t: Told, v) -> int:
    return t.known[v.incident].home


def gates_let_through_what_they_take(t: Told) -> None:
    """An opening lets through no more than it takes, in queue order, and nobody stays behind while places are left."""
    gated = defaultdict(list)
    for v in t.whole.values():
        step = t.steps[v.step]
        if step.gate >= 0:
            gated[v.stage, step.gate, step.gate_takes, gate_node(t, v, step)].append(v)
        else:
            assert v.admitted == v.entered
    for (_, calendar, takes, _), visits in gated.items():
        openings = t.plan.calendar_openings[calendar]
        starts = [a for a, _ in openings]
        passed = Counter()
        for v in visits:
            if v.admitted >= 0:
                k = bisect_right(starts, v.admitted) - 1
                assert k >= 0
                assert v.admitted < openings[k][1]
                passed[k] += 1
        assert takes < 0 or all(n <= takes for n in passed.values())
        for v in visits:
            gone = v.admitted if v.admitted >= 0 else v.left if v.left >= 0 else t.horizon
            missed = [k for k, (a, b) in enumerate(openings) if max(a, v.entered) < min(b, gone, t.horizon)]
            # Whoever missed an opening missed it because it was full.
            assert all(takes > 0 and passed[k] == takes for k in missed)


def gate_node(t: Told, v, step) -> int:
    tree, at = t.plan.tree, home(t, v)
    if step.gate_place >= 0:
        pool = t.plan.procedure.places[step.gate_place][at]
        return int(t.plan.crowd.pool_node[pool]) if pool >= 0 else -1
    return next((n for n in tree.upward(at) if tree.level[n] == step.gate_level), -1)


def works_sums(t: Told) -> None:
    """Finished work took exactly the seconds that were drawn for it, and regular seconds lie in regular hours."""
    own = {i.incident: i.key for i in t.incidents}
    needs = t.plan.procedure.needs
    for w in t.work:
        v = t.rows[w.incident, w.visit, w.part]
        step, purpose = t.steps[v.step], mix(visit_key(own[w.incident], v.stage, v.nth) ^ salt("purpose", "work"))
        table = step.work
        if w.part:
            need = t.needs(v)[0]
            purpose = key(purpose, salt("team", t.plan.crowd.teams[needs.team[need]]))
            table = int(needs.work[need]) if needs.work[need] >= 0 else table
            if w.part > 0 and needs.fan[need] >= 0:
                purpose = key(purpose, salt("node", t.plan.tree.names[t.plan.crowd.pool_node[w.pool]]))
        drawn = max(1, int(quantile(t.plan.procedure.tables[table], purpose) + 0.5)) if table >= 0 else 1
        worked, end = w.regular + w.off_hours, t.horizon if w.end < 0 else w.end
        assert worked == drawn if w.end >= 0 else worked <= drawn
        assert min(w.regular, w.off_hours) >= 0
        assert w.regular <= t.shift_of(w).work_regular.length(w.start, end)
        assert worked <= end - w.start
        if not step.finish:
            hours = t.shift_of(w).work_regular | (t.shift_of(w).work_duty if step.when != When.REGULAR else Hours())
            assert worked <= (hours | t.on_call(v)).length(w.start, end)


def visit_key(incident: int, stage: str, nth: int) -> int:
    """The key of an incident's n-th visit of a stage, as the specification writes it (R36)."""
    return mix((key(incident, salt("stage", stage)) + nth) & MASK)


def splits_end_with_enough_of_their_parts(t: Told) -> None:
    """A split has a part for every pool it asks, and its work ends in the second in which the share that it waits for is done."""
    parts = defaultdict(list)
    for v in t.visits:
        if v.part > 0:
            parts[v.incident, v.visit].append(v)
    for v in t.whole.values():
        step = t.steps[v.step]
        if step.mode != Mode.EACH or v.released < 0:
            continue
        mine = parts[v.incident, v.visit]
        assert [p.part for p in mine] == list(range(1, len(t.plan.procedure.parts(v.step, home(t, v))) + 1))
        done = sorted(p.finished for p in mine if p.finished >= 0)
        enough = max(1, ceil(step.join * len(mine) - 1e-9))
        assert v.finished == (done[enough - 1] if len(done) >= enough else -1)
        assert v.started == min((p.started for p in mine if p.started >= 0), default=-1)


def dues_lead_to_their_outcomes(t: Told) -> None:
    """A due with outcomes ends the visit in its second, unless work is in hand then or the visit was left before."""
    outcomes = t.plan.procedure.outcomes
    for v in t.whole.values():
        step = t.steps[v.step]
        if v.result in BY_DUE:
            assert v.left == v.due
            assert v.started < 0 or 0 <= v.finished <= v.due
            rows = range(step.first_due_outcome, step.first_due_outcome + step.due_outcomes)
            assert (LED_BY_DUE[v.result], v.target) in [(outcomes.kind[k], outcomes.target[k]) for k in rows]
        elif step.then == Then.LEAVE and 0 <= v.due < t.horizon:
            met = 0 <= v.left <= v.due
            in_hand = 0 <= v.started < v.due and (v.finished < 0 or v.finished > v.due)
            assert met or in_hand


def facts_follow_from_visits(t: Told) -> None:
    """Closed, solved and reopened are what the visits say; who comes back was closed and not solved."""
    for i in t.incidents:
        closings = [v.left for v in t.ways[i.incident] if v.result in (Result.CLOSED, Result.DUE_CLOSE)]
        assert i.closed == (closings[0] if closings else -1)
        assert i.solved < 0 or i.solved in closings
        assert i.reopened == sum(v.result == Result.REOPEN for v in t.ways[i.incident])
        if i.repeat_of >= 0:
            before = t.known[i.repeat_of]
            assert before.closed >= 0
            assert before.solved < 0
            assert before.ended < i.born
            assert (before.home, before.difficulty) == (i.home, i.difficulty)


def nobody_waits_while_who_may_serve_stands_free(t: Told) -> None:
    """No request for single people waits through a second in which all it needs are free and in regular hours (holding left aside)."""
    if any(step.hold for step in t.steps):
        return
    for v in t.visits:
        idle = idle_while_waiting(t, v)
        assert not idle, f"{v} waits through {idle.pairs[:2]}"


def idle_while_waiting(t: Told, v) -> Hours:
    """The seconds in which a request for single people waits although all it needs are free and in regular hours."""
    needs, step = t.plan.procedure.needs, t.steps[v.step]
    wanted = t.needs(v)
    until = next(x for x in (v.started, v.left, t.horizon) if x >= 0)
    if (
        not wanted
        or not 0 <= v.released < until
        or (v.part == 0 and step.mode == Mode.EACH)
        or any(needs.people[n] > 1 or needs.same_as[n] >= 0 for n in wanted)
    ):
        return Hours()
    waiting = Hours.always(v.released, until)
    idle = waiting
    for slot in slots(t, v):
        idle = idle & reduce(or_, (free_time(t, pool) for _, pool in slot))
    return idle


def free_time(t: Told, pool: int) -> Hours:
    """When somebody of a pool is in regular hours and does nothing."""
    if pool not in t.free:
        t.free[pool] = _free_time(t, pool)
    return t.free[pool]


def _free_time(t: Told, pool: int) -> Hours:
    crowd = t.plan.crowd
    if pool < 0:
        return Hours()
    if crowd.pool_unlimited[pool]:
        return crowd.shifts[crowd.pool_shift[pool]].regular
    free = Hours()
    for (where, person), shift in t.shift.items():
        if where == pool:
            free = free | (shift.regular - Hours(t.busy.get((pool, person), [])))
    return free


LAWS = (
    every_incident_is_in_one_place, times_never_go_back, nobody_serves_two_at_once, nobody_starts_outside_the_hours, people_are_those_asked_for,
    gates_let_through_what_they_take, works_sums, splits_end_with_enough_of_their_parts,
    dues_lead_to_their_outcomes, facts_follow_from_visits, nobody_waits_while_who_may_serve_stands_free,
)  # fmt: skip


def keep_all(run) -> None:
    told = Told(run)
    for law in LAWS:
        law(told)
