"""The readable engine: the life of an incident as a SimPy process. The rules in words: docs/model.md.

An instant is settled first, then dispatched. SimPy's event priorities keep the order in which a second is
settled: what ends or arrives (NORMAL), then dues, then gates, then the edges of working hours. When nothing is left
to happen in the second, one walk gives people to those who wait.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import numpy as np
import simpy

from simgov.chance import expit, key, mix, quantile, salt, unit
from simgov.clock import DAY, NEVER, Hours
from simgov.draws import AFTER, ANSWER, DUE, LEAD, ON_CALL, OUTCOME, RETURNS, SOLVED, VERIFY, WAIT, WORK, Draws, visit_key
from simgov.engines import objects
from simgov.engines.desks import Clock, Desks, Line, Person, Pool, Request
from simgov.engines.endless import endless
from simgov.engines.gates import Gate
from simgov.engines.record import Engagement, Incident, Row, Terms, write
from simgov.journal import Ended, Journal, Result
from simgov.plan import Answer, DueAt, Kind, Mode, Plan, Shift, Then, When

DUES, GATES, HOURS = 2, 3, 4  # later than simpy's NORMAL (1) within a second
ENTRY = salt("birth", "entry")
ANSWERS = {Answer.SATISFIED: Result.SATISFIED, Answer.DISSATISFIED: Result.DISSATISFIED, Answer.NO_ANSWER: Result.NO_ANSWER}
OVERTAKEN = {Kind.STAGE: Result.DUE_MOVE, Kind.CLOSED: Result.DUE_CLOSE, Kind.END: Result.DUE_END, Kind.NEVER: Result.DUE_NEVER}
NOBODY = Shift(Hours(), Hours(), Hours(), Hours(), Hours())
Process = Generator[simpy.Event, Any, Any]


def simulate(plan: Plan, draws: Draws, progress: Callable[[float], None] | None = None) -> Journal:
    """Run one replication. `progress` is called now and then with the share of time that has passed.

    Raises SimulationError when an incident visits a stage more often than the stage allows.
    """
    with _no_cycle_search():
        return Simulation(plan, draws).run(progress)


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Everything a run makes lives until its end: searching it for garbage cycles took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Phase(simpy.Event):
    """An event that happens at a chosen place within its second."""

    def __init__(self, env: simpy.Environment, delay: int, phase: int, callback: Callable[[simpy.Event], None] | None = None):
        self.env, self._ok, self._value = env, True, None  # as simpy.Timeout does, for speed
        self.callbacks = [callback] if callback else []
        env.schedule(self, phase, delay)


class Simulation:
    """One replication of a plan."""

    def __init__(self, plan: Plan, draws: Draws):
        self.plan, self.draws, self.env = plan, draws, simpy.Environment()
        self.steps = objects.steps(plan)
        self.index = plan.procedure.index.tolist()
        self.places = plan.procedure.places.tolist()
        self.tables = plan.procedure.tables.tolist()
        self.starts = plan.procedure.starts.tolist()
        self.follow = objects.following(plan)
        self.turns, self.log2_span = plan.crowd.turns.tolist(), plan.log2_span
        self.clocks = [Clock(i, shift) for i, shift in enumerate(plan.crowd.shifts)]
        self.pools = objects.pools(plan, draws, self.clocks)
        self.desks = Desks(self.env, self.pools, self._begin)
        self.lines: dict[tuple, Line] = {}
        self.usual_lines: dict[tuple[int, int] | None, Line] = {}
        self.gates: dict[tuple[int, int, int, int], Gate] = {}
        self.gates_touched: dict[int, Gate] = {}
        self.nobody = Pool(-1, Clock(-1, NOBODY), False)
        self.incidents: list[Incident] = []
        self.rows: list[Row] = []
        self.work: list[Engagement] = []

    def run(self, progress: Callable[[float], None] | None = None) -> Journal:
        env, horizon = self.env, self.plan.horizon
        env.process(self.arrivals())
        for clock in self.clocks:
            if edges := clock.edges():
                env.process(self.working_hours(clock, edges))
        for number in {c for c in self.plan.procedure.steps.gate.tolist() if c >= 0}:
            env.process(self.gate_openings(number))
        for number in {s.on_call_hours for s in self.steps if s.on_call > 0}:
            env.process(self.reachable_hours(number))
        shown = 0
        while (now := env.peek()) < horizon:
            while env.peek() == now:  # the instant is settled first,
                env.step()
            if self.desks.touched:  # then dispatched
                self.desks.walk()
            if progress and now - shown > horizon // 100:
                shown = now
                progress(now / horizon)
        if progress:
            progress(1.0)
        journal = self.journal()
        for rows in (self.rows, self.work, self.incidents, self.usual_lines):
            rows.clear()  # so that they vanish at once, not in the next search for cycles
        return journal

    # ── an incident's life ──────────────────────────────────────────────────────────────────────────

    def arrivals(self) -> Process:
        """Every incident that is found begins its way in the second in which it is found."""
        births = self.draws.births
        number = np.flatnonzero(births.found < self.plan.horizon)
        number = number[np.argsort(births.found[number], kind="stable")]
        columns = (births.key, births.home, births.found_cls, births.found, births.difficulty, births.entry)
        for i, own, home, cls, found, difficulty, entry in zip(
            number.tolist(), *(c[number].tolist() for c in columns), strict=True
        ):
            if found > self.env.now:
                yield self.env.timeout(found - self.env.now)
            self.begin_life(Incident(i, own, home, cls, found, difficulty, entry, self._version(found)))

    def begin_life(self, incident: Incident) -> None:
        self.incidents.append(incident)
        incident.process = self.env.process(self.life(incident))

    def life(self, incident: Incident) -> Process:
        """From stage to stage, until nothing is left to do."""
        stage: int | None = incident.entry
        while stage is not None:
            visit = self.enter(incident, stage)
            try:
                yield from self.go_through(visit)
                stage = self.conclude(visit)
            except simpy.Interrupt:
                stage = self.overtaken(visit)
            incident.handlers[visit.stage] = [who for request in self._own_requests(visit) for who in request.people]
            visit.requests = []  # whoever was asked need not be remembered
        incident.ended = self.env.now
        if incident.how == Ended.CLOSED and incident.solved < 0:
            yield from self.come_back(incident)

    def enter(self, incident: Incident, stage: int) -> Row:
        """The incident enters a stage: its clock starts, and readers get their copies."""
        env, step = self.env, self.steps[self.index[incident.version][stage][incident.cls]]
        nth = incident.times.get(stage, 0)
        if nth >= step.max_visits:
            self._fail(incident, step)
        incident.times[stage], incident.entered[stage] = nth + 1, env.now
        visit = Row(incident, step, incident.visits, nth, env.now)
        incident.visits += 1
        visit.key = visit_key(incident.key, self.draws.stage_parts[stage], nth)
        self.rows.append(visit)
        if step.on_call > 0:
            visit.reached = unit(mix(visit.key ^ ON_CALL)) < step.on_call
        if step.needs:
            visit.pool = self.places[step.needs[0].place][incident.home]
        if step.due:
            visit.due = self._due(visit)
            if step.then != Then.NOTE and visit.due < self.plan.horizon:
                Phase(env, visit.due - env.now, DUES, lambda _: self.expire(visit))
        for k, need in enumerate(step.readers):
            env.process(self.read(self._part(visit, -1 - k), visit, need))
        return visit

    def go_through(self, visit: Row) -> Process:
        """Gate, wait, people and their work, lead: in this order; each may be missing."""
        env, step = self.env, visit.step
        if step.gate >= 0:
            yield self._ticket(visit)
        visit.admitted = env.now
        if step.wait >= 0 and (wait := self._seconds(step.wait, visit.key, WAIT)):
            yield env.timeout(wait)
        visit.released = env.now
        if step.mode == Mode.EACH:
            parts = self.split(visit)
            enough = max(1, ceil(step.join * len(parts) - 1e-9))
            yield simpy.events.Condition(env, lambda _, done: done >= enough, parts)
            visit.finished = env.now
        elif step.mode:
            yield self._ask(visit, visit, step.needs, step.mode)
            visit.finished = env.now
        if step.lead >= 0 and (lead := self._seconds(step.lead, visit.key, LEAD)):
            yield env.timeout(lead)

    def split(self, visit: Row) -> list[Request]:
        """Parts that each team does in its own time."""
        requests = []
        for need, pool in self._parts(visit):
            part = self._part(visit, len(requests) + 1)
            part.of, node = visit, self._node_salt(pool)
            if node and visit.step.on_call > 0:
                part.reached = unit(mix(key(visit.key ^ ON_CALL, node))) < visit.step.on_call
            request = self._ask(part, visit, (need,), Mode.ALL, pool)
            request.callbacks.append(lambda _, part=part: self._done(part))
            requests.append(request)
        return requests

    def read(self, copy: Row, visit: Row, need: Any) -> Process:
        """A reader's copy, for which the incident does not wait."""
        yield self._ask(copy, visit, (need,), Mode.ALL)
        self._done(copy)

    def conclude(self, visit: Row) -> int | None:
        """The visit is left with an outcome; returns the next stage."""
        step = visit.step
        visit.left = self.env.now
        if step.verify:
            return self.answered(visit)
        outcome = self._cut(step.outcomes, self._chances(visit), mix(visit.key ^ OUTCOME))
        visit.result = outcome.kind  # a Kind is the Result of the same number
        return self.lead_on(visit, outcome)

    def lead_on(self, visit: Row, outcome: Any) -> int | None:
        """What an outcome, of a visit or of its due, leads to; returns the next stage."""
        incident, visit.target = visit.incident, outcome.target
        if outcome.kind == Kind.CLOSED:
            return self.close(visit, outcome.solved)
        if outcome.kind == Kind.STAGE:
            return self.move(incident, outcome.target, outcome.becomes)
        incident.how, incident.left_by = (Ended.NEVER, -1) if outcome.kind == Kind.NEVER else (Ended.LEFT, outcome.target)
        return None

    def close(self, visit: Row, solved: float) -> int | None:
        """Closed, and solved or not; a return visit may follow."""
        incident, now = visit.incident, self.env.now
        incident.how = Ended.CLOSED
        if incident.closed < 0:
            incident.closed = now
        if incident.solved < 0 and (solved == 1 or unit(mix(visit.key ^ SOLVED)) < solved):
            incident.solved = now
        may_follow = self.follow.get((incident.version, visit.stage))
        if not may_follow:
            return None
        incident.closing_teams = self._teams_at(visit)
        for stage, share in may_follow:
            if unit(mix(key(visit.key, VERIFY) ^ self.draws.stage_salts[stage])) < share:
                return stage
        return None

    def answered(self, visit: Row) -> int | None:
        """What a return visit hears; it may reopen the matter."""
        incident, now = visit.incident, self.env.now
        own = not incident.closing_teams.isdisjoint(self._teams_at(visit))
        block = (incident.solved < 0) + 2 * own
        u, total = unit(mix(visit.key ^ ANSWER)), 0.0
        answer, stage = Answer.NO_ANSWER, -1
        for kind, target, chance in visit.step.answers[block]:
            total += chance
            if u < total:
                answer, stage = kind, target
                break
        if answer == Answer.REOPEN and incident.reopened < visit.step.reopen_at_most:
            incident.reopened += 1
            visit.result, visit.target, incident.how = Result.REOPEN, stage, Ended.OPEN
            return stage
        answer = Answer.DISSATISFIED if answer == Answer.REOPEN else answer
        visit.result = ANSWERS[answer]
        incident.verified, incident.verified_at = visit.result, now
        return None

    def move(self, incident: Incident, stage: int, becomes: int) -> int:
        incident.how = Ended.OPEN
        if becomes >= 0:
            incident.cls = becomes
        return stage

    def come_back(self, incident: Incident) -> Process:
        """Closed but not solved: with some chance the matter comes back as a new incident."""
        procedure, version = self.plan.procedure, incident.version
        own = key(incident.key, RETURNS)
        if unit(mix(own)) >= procedure.returns[version, incident.cls]:
            return
        after = int(procedure.returns_after[version, incident.cls])
        yield self.env.timeout(max(1, self._seconds(after, own, AFTER)) if after >= 0 else 1)
        demand, now = self.plan.demand[incident.cls], self.env.now
        place = np.searchsorted(demand.entry_shares, unit(key(own, ENTRY)), side="right")
        entry = int(demand.entries[min(place, len(demand.entries) - 1)])
        again = Incident(
            incident.number + len(self.draws.births.born), own, incident.home, incident.cls, now, incident.difficulty,
            entry, self._version(now),
        )  # fmt: skip
        again.repeat_of = incident.number
        self.begin_life(again)

    # ── dues ────────────────────────────────────────────────────────────────────────────────────────

    def expire(self, visit: Row) -> None:
        """A due has expired. Raising always works; its outcomes end waiting or lead, never work in hand."""
        if visit.left >= 0:
            return
        if visit.step.then == Then.RAISE:
            self._raise(visit, visit.step.then_value)
        elif visit.finished >= 0 or visit.started < 0:
            visit.incident.process.interrupt()

    def overtaken(self, visit: Row) -> int | None:
        """The visit was ended by its due; returns the next stage."""
        outcomes = visit.step.due_outcomes
        outcome = self._cut(outcomes, [o.chance for o in outcomes], mix(visit.key ^ DUE))
        waiting = [] if visit.finished >= 0 else [request for request in self._own_requests(visit) if request.waiting]
        for row in [request.row for request in waiting] + [visit]:
            row.left, row.result = self.env.now, OVERTAKEN[outcome.kind]
        for request in waiting:
            self.desks.withdraw(request)
        return self.lead_on(visit, outcome)

    def _raise(self, visit: Row, by: int) -> None:
        visit.priority -= by
        if visit.admitted < 0:
            gate, ticket = visit.ticket
            gate.join(visit, ticket)
        for request in self._own_requests(visit):
            if request.row is not visit:
                request.row.priority -= by
            if request.waiting:
                self.desks.reorder(request)

    def _own_requests(self, visit: Row) -> list[Request]:
        """The requests of a visit and its parts, but not those of readers."""
        return [request for request in visit.requests if request.row.whole is visit]

    def _due(self, visit: Row) -> int:
        """The second of the due, at least one second after the entry; NEVER where the calendar has no such point."""
        step, entered, incident = visit.step, visit.entered, visit.incident
        if step.due == DueAt.AFTER:
            start = entered
            if step.due_from == -2:
                start = incident.found
            elif step.due_from >= 0:
                start = incident.entered.get(step.due_from, entered)
            return max(start + step.due_value, entered + 1)
        if step.due == DueAt.END_OF_DAY:
            return (entered // DAY + 1) * DAY
        if step.due == DueAt.OPENING:
            starts = self.plan.calendar_openings[step.due_value]
            i = bisect_right(starts, (entered, NEVER))
            return starts[i][0] if i < len(starts) else NEVER
        pool = self.places[step.due_place][incident.home]
        shift = self.pools[pool].clock.shift if pool >= 0 else NOBODY
        return _end_of_duty(shift.all_hours, entered, step.due_value)

    # ── people ──────────────────────────────────────────────────────────────────────────────────────

    def _parts(self, visit: Row) -> Iterator[tuple[Any, int | None]]:
        """The needs of a split, each with the pool that it asks: one, or every one below a node."""
        fans, home = self.plan.procedure.fans, visit.incident.home
        for need in visit.step.needs:
            if need.fan < 0:
                yield need, None
            else:
                first = fans.first[need.fan, home]
                yield from ((need, pool) for pool in fans.pools[first : first + fans.count[need.fan, home]].tolist())

    def _ask(self, row: Row, visit: Row, needs: tuple, mode: int, at: int | None = None) -> Request:
        """Ask for the people of a visit, a part or a copy, if need be `at` a pool; the request happens when they have done the work."""
        step, purpose = visit.step, mix(visit.key ^ WORK)
        work = step.work
        if row is not visit:  # a part or a copy has its own draw, and may have its own work time
            purpose = key(purpose, self.draws.team_salts[needs[0].team])
            work = needs[0].work if needs[0].work >= 0 else step.work
            if node := self._node_salt(at):
                purpose = key(purpose, node)
        seconds = max(1, int(quantile(self.tables[work], purpose) + 0.5)) if work >= 0 else 1
        request = Request(self.env, row, self._line(row, needs, mode, at), seconds, step.finish)
        visit.requests.append(request)
        return self.desks.ask(request)

    def _node_salt(self, pool: int | None) -> int:
        """What stands for the node of a pool in the keys of a part that is one of several nodes; 0 for other parts."""
        return int(self.plan.tree.salts[self.plan.crowd.pool_node[pool]]) if pool is not None and pool >= 0 else 0

    def _line(self, row: Row, needs: tuple, mode: int, at: int | None = None) -> Line:
        """The line of those who ask for the same: same pools, same hours, the same person if one is asked for by name."""
        step, incident = row.step, row.incident
        usual = (step.number, incident.home) if needs is step.needs and not row.reached and not step.by_name else None
        if usual in self.usual_lines:
            return self.usual_lines[usual]
        people = []
        for need in needs:
            number = self.places[need.place][incident.home] if at is None else at
            pool, same = self._same(incident, need) or (self.pools[number] if number >= 0 else self.nobody, None)
            people.append((pool, need.people, same))
        on_call = step.on_call_hours if row.reached else None
        hold = step.hold and needs is step.needs  # a reader holds nobody back
        slots = tuple(need.slot for need in needs) if mode == Mode.ALL else ()
        wish = (int(mode), tuple(people), slots, step.when, on_call, hold)
        if wish not in self.lines:
            hours = None if on_call is None else self.plan.calendar_hours[on_call]
            self.lines[wish] = Line(wish[0], wish[1], slots, step.when, hours, hold)
        if usual:
            self.usual_lines[usual] = self.lines[wish]
        return self.lines[wish]

    def _same(self, incident: Incident, need: Any) -> tuple[Pool, Person | None] | None:
        """The first person, or the first of a team, at the latest earlier visit of a stage."""
        teams = self.plan.crowd.pool_team
        for pool, person in incident.handlers.get(need.same_as, ()):
            if need.same_team < 0 or teams[pool.number] == need.same_team:
                return pool, person
        return None

    def _begin(self, request: Request) -> int:
        """The people of a request start; returns the second at which they will have finished."""
        row, now = request.row, self.env.now
        pool, person = request.people[0]
        row.started, row.pool = now, pool.number
        if row.whole.started < 0:
            row.whole.started = now
        terms = self._terms(request)
        end = (terms.allowed.finish if terms.finish else terms.allowed.pause)(now, request.work)
        for pool, person in request.people:
            self.work.append((row, pool, person, now, end, terms))
        return end

    def _terms(self, request: Request) -> Terms:
        """The seconds in which all people of a request are on shift for it, and what happens when they close."""
        line, people = request.line, request.people
        pool, person = people[0]
        key = (person.crew.clock if person else pool.clock, request.finish)
        if len(people) > 1:
            key = (frozenset(person.crew.clock if person else pool.clock for pool, person in people), request.finish)
        if key not in line.terms:
            together = None
            for clock in key[0] if len(people) > 1 else key[:1]:
                hours = clock.shift.work_regular
                if line.when != When.REGULAR:
                    hours = hours | clock.shift.work_duty
                if line.on_call is not None:
                    hours = hours | line.on_call
                together = hours if together is None else together & hours
            line.terms[key] = Terms(together, request.finish)
        return line.terms[key]

    def _part(self, visit: Row, number: int) -> Row:
        """A part or a copy: a row of its own, with the visit's clock."""
        part = Row(visit.incident, visit.step, visit.number, visit.nth, self.env.now)
        part.part, part.key, part.reached, part.due = number, visit.key, visit.reached, visit.due
        part.priority, part.entered = visit.priority, visit.entered if number > 0 else self.env.now
        part.admitted = part.released = self.env.now
        self.rows.append(part)
        return part

    def _done(self, row: Row) -> None:
        row.finished = row.left = self.env.now
        row.result = Result.DONE

    def _teams_at(self, visit: Row) -> frozenset[int]:
        pools = [pool.number for request in self._own_requests(visit) for pool, _ in request.people]
        return frozenset(self.plan.crowd.pool_team[pools].tolist())

    # ── chance ──────────────────────────────────────────────────────────────────────────────────────

    def _cut(self, outcomes: list[Any], chances: list[float], bits: int) -> Any:
        """The outcome that a uniform falls on."""
        u, total = unit(bits), 0.0
        for outcome, chance in zip(outcomes, chances):  # noqa: B007, B905 (the last one takes what rounding leaves over)
            total += chance
            if u < total:
                break
        return outcome

    def _seconds(self, row: int, own: int, purpose: int) -> int:
        return int(quantile(self.tables[row], mix(own ^ purpose)) + 0.5)

    def _chances(self, visit: Row) -> list[float]:
        """The chances of the outcomes; difficulty, skill and span act on one of them, the others keep their proportions."""
        step = visit.step
        if step.adjust < 0:
            return step.chances
        odds = step.log_odds - visit.incident.difficulty
        if visit.pool >= 0 and step.skilled:
            odds += float(self.draws.skill[visit.pool])
            if step.per_doubling:
                turn = bisect_right(self.turns, visit.started) - 1
                odds += step.per_doubling * (float(self.log2_span[turn, visit.pool]) - step.log2_reference)
        success, plain = expit(odds), step.chances[step.adjust]
        others = (1 - success) / (1 - plain)
        return [success if i == step.adjust else chance * others for i, chance in enumerate(step.chances)]

    def _version(self, found: int) -> int:
        return bisect_right(self.starts, found) - 1

    def _fail(self, incident: Incident, step: Any) -> None:
        way = [row.stage for row in self.rows if row.incident is incident and row.part == 0][-6:]
        raise endless(self.plan, step.number, incident.cls, way)

    # ── gates and hours ─────────────────────────────────────────────────────────────────────────────

    def _ticket(self, visit: Row) -> simpy.Event:
        """Join the queue at the gate of the visit; the ticket is given at the gate's place in the second."""
        gate, ticket = self._gate(visit), simpy.Event(self.env)
        gate.join(visit, ticket)
        self._look_at(gate)
        return ticket

    def _gate(self, visit: Row) -> Gate:
        step, home = visit.step, visit.incident.home
        if step.gate_place >= 0:
            pool = self.places[step.gate_place][home]
            node = int(self.plan.crowd.pool_node[pool]) if pool >= 0 else -1
        else:
            tree = self.plan.tree
            node = next((n for n in tree.upward(home) if tree.level[n] == step.gate_level), -1)
        key = (visit.stage, node, step.gate, step.gate_takes)
        if key not in self.gates:
            self.gates[key] = Gate(self.plan.calendar_openings[step.gate], step.gate_takes)
        return self.gates[key]

    def _look_at(self, gate: Gate) -> None:
        if not self.gates_touched:
            Phase(self.env, 0, GATES, self._open_gates)
        self.gates_touched[id(gate)] = gate

    def _open_gates(self, _: simpy.Event) -> None:
        """All gates of this instant together: what one lets through cannot reach another before its turn."""
        tickets = [ticket for gate in self.gates_touched.values() for ticket in gate.let_through(self.env.now)]
        self.gates_touched.clear()
        for ticket in tickets:
            ticket.succeed()

    def gate_openings(self, calendar: int) -> Process:
        for start, _ in self.plan.calendar_openings[calendar]:
            yield self.env.timeout(start - self.env.now)
            for (_, _, number, _), gate in self.gates.items():
                if number == calendar and gate.heap:
                    self._look_at(gate)

    def working_hours(self, clock: Clock, edges: list[int]) -> Process:
        for second in edges:
            yield Phase(self.env, second - self.env.now, HOURS)
            self.desks.turn(clock)

    def reachable_hours(self, calendar: int) -> Process:
        """Lines with a visit that reached somebody are looked at when these hours begin, and when they end and it holds nobody back."""
        for second in sorted(x for pair in self.plan.calendar_hours[calendar].pairs for x in pair):
            if second > 0:
                yield Phase(self.env, second - self.env.now, HOURS)
                self.desks.look(lambda pool: any(line.on_call is not None for line in pool.lines.values()))

    # ── the journal ─────────────────────────────────────────────────────────────────────────────────

    def journal(self) -> Journal:
        return write(self.plan, self.draws, self.incidents, self.rows, self.work)


def _end_of_duty(hours: Hours, entered: int, cut_off: int) -> int:
    """The end of the team's last hours of the day; from the cut-off on, that of the next open day."""
    for end, day in zip(hours.day_ends, hours.opening_days, strict=True):
        last_entry = end if cut_off < 0 else min(end, day * DAY + cut_off)
        if entered < last_entry:
            return end
    return NEVER
