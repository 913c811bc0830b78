"""People who can be asked for work: pools, lines of waiting requests, and the walk that brings them together.

SimPy's own resources are anonymous, know no opening hours, cannot give people of several teams at
once or none, and serve at the moment of the request. Here a request is a SimPy event that happens when
the work is done; who does it is decided once at the end of each instant, in one walk over all that wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any

import simpy

from simgov.clock import Hours
from simgov.plan import Mode, Shift, When

ANY, DUTY, UNTIL_CLEAR = int(Mode.ANY), int(When.DUTY), int(When.UNTIL_CLEAR)
REGULAR, ON_DUTY, OFF, AWAY = range(4)  # what a shift is in, in the order in which people are taken (AWAY: never)


class Clock:
    """A shift as time goes by: `state` says whether its people are in regular hours, on duty, off, or not with the team."""

    __slots__ = ("number", "shift", "state")

    def __init__(self, number: int, shift: Shift):
        self.number, self.shift = number, shift
        self.state = self.at(-1)  # what begins in the first second is a turn like any other

    def at(self, second: int) -> int:
        if second in self.shift.regular:
            return REGULAR
        if second in self.shift.duty:
            return ON_DUTY
        return OFF if second in self.shift.present else AWAY

    def edges(self) -> list[int]:
        """The seconds at which the state may change."""
        hours = (self.shift.regular, self.shift.duty, self.shift.present)
        return sorted({x for h in hours for pair in h.pairs for x in pair if x >= 0})


class Person:
    """`idle_since` orders those who are free; at the start it is a keyed rank below zero."""

    __slots__ = ("busy", "crew", "idle_since", "number")

    def __init__(self, crew: Crew, number: int, rank: int):
        self.crew, self.number, self.idle_since, self.busy = crew, number, rank, False


class Crew:
    """The people of one pool with the same shift. `staying`: in the duty window until the board is clear."""

    __slots__ = ("clock", "free", "staying")

    def __init__(self, clock: Clock):
        self.clock, self.staying = clock, False
        self.free: list[tuple[int, int, Person]] = []  # heap; entries of busy people are stale

    def longest_idle(self) -> tuple[int, int, Person] | None:
        while self.free:
            entry = self.free[0]
            if not entry[2].busy and entry[2].idle_since == entry[0]:
                return entry
            heappop(self.free)
        return None


class Pool:
    """The people of a team at a node. `uncleared` counts what people stay for in the duty window."""

    __slots__ = ("clock", "crews", "lines", "number", "uncleared", "unlimited")

    def __init__(self, number: int, clock: Clock, unlimited: bool):
        self.number, self.clock, self.unlimited = number, clock, unlimited
        self.crews: list[Crew] = [Crew(clock)] if unlimited else []
        self.lines: dict[Line, Line] = {}  # those with somebody in them, in the order in which they began
        self.uncleared = 0


Need = tuple[Pool, int, "Person | None"]


class Line:
    """Waiting requests with one and the same wish, in order: if the first cannot start, none of them can.

    `needs` are (pool, number of people, the same person or None), and of those with the same slot one is enough; `on_call` is None, or the hours in which somebody
    who is off can be reached.
    """

    __slots__ = ("groups", "heap", "hold", "mode", "needs", "on_call", "spares", "terms", "when")

    def __init__(self, mode: int, needs: tuple[Need, ...], slots: tuple[int, ...], when: int, on_call: Hours | None, hold: bool):
        self.mode, self.needs, self.when, self.on_call, self.hold = mode, needs, when, on_call, hold
        self.groups = [[i for i, slot in enumerate(slots) if slot == k] for k in dict.fromkeys(slots)]
        # Who is asked for by name goes first, so that nobody else of the pool is taken in their place.
        self.groups.sort(key=lambda group: len(group) > 1 or needs[group[0]][2] is None)
        self.spares = hold and len(self.groups) < len(slots)
        self.heap: list[tuple[tuple, Request]] = []
        self.terms: dict[Any, Any] = {}  # known terms of work, by who does it

    def add(self, request: Request) -> None:
        heappush(self.heap, (request.key, request))

    def first(self) -> Request | None:
        heap = self.heap
        while heap:
            key, request = heap[0]
            if request.waiting and request.key is key:
                return request
            heappop(heap)  # withdrawn, started, or in line under another priority
        return None


class Request(simpy.Event):
    """Asks for people; happens when they have done the work. `row` is the visit or part it stands for."""

    def __init__(self, env: simpy.Environment, row: Any, line: Line, work: int, finish: bool):
        self.env, self.callbacks, self._value = env, [], simpy.events.PENDING  # as simpy.Timeout does, for speed
        self.row, self.line, self.work, self.finish = row, line, work, finish
        self.key = row.order()
        self.waiting = True
        self.people: list[tuple[Pool, Person | None]] = []

    def __lt__(self, other: Request) -> bool:  # only asked when one request stands twice in a line
        return False


class Desks:
    """All pools of a run. `ask`, `withdraw` and `reorder` change who waits; `walk` starts whoever can start."""

    def __init__(self, env: simpy.Environment, pools: list[Pool], begin: Callable[[Request], int]):
        self.env, self.pools, self.begin = env, pools, begin
        self.touched: dict[int, Pool] = {}  # pools where something changed in this instant
        self.waiting: dict[int, Pool] = {}  # pools with lines
        self.uncleared: dict[int, Pool] = {}  # pools with something that people stay for
        self.holding = False  # whether a line that holds people back has ever been seen

    # ── who waits ───────────────────────────────────────────────────────────────────────────────────

    def touch(self, pool: Pool) -> None:
        self.touched[pool.number] = pool

    def ask(self, request: Request) -> Request:
        line = request.line
        for pool, _, _ in line.needs:
            pool.lines[line] = line
            self.waiting[pool.number] = pool
            self.touch(pool)
        if line.when == UNTIL_CLEAR:
            self._count(line, +1)
        self.holding = self.holding or line.hold
        line.add(request)
        return request

    def withdraw(self, request: Request) -> None:
        """The request no longer waits. What it held back is free for others."""
        request.waiting = False
        if request.line.when == UNTIL_CLEAR:
            self._count(request.line, -1)
        for pool, _, _ in request.line.needs:
            self.touch(pool)

    def reorder(self, request: Request) -> None:
        """The priority of a waiting request has changed."""
        request.key = request.row.order()
        request.line.add(request)
        for pool, _, _ in request.line.needs:
            self.touch(pool)

    def _count(self, line: Line, by: int, but: list[Pool] | tuple[()] = ()) -> None:
        """Keep count of what people stay for, at all pools of a line (but some)."""
        for pool in {pool.number: pool for pool, _, _ in line.needs}.values():
            if pool not in but:
                pool.uncleared += by
                self.uncleared[pool.number] = pool
                self.touch(pool)

    # ── the walk ────────────────────────────────────────────────────────────────────────────────────

    def walk(self) -> None:
        """One walk over the lines of all touched pools, in order of the requests' keys.

        Nothing is freed on the way, so one pass is enough; lines of other pools could not move either. But what holds people
        back at another pool keeps them from these lines, too.
        """
        heads = self._heads()
        held: list[tuple[Pool, Person | None]] = []
        held_at: set[int] = set()
        while heads:
            _, request, line = heappop(heads)
            people = self._find(line)
            if people is not None:
                self._start(request, people)
                if following := line.first():
                    heappush(heads, (following.key, following, line))
                else:
                    self._forget(line)
            elif line.hold:
                held += self._hold(line, held_at)
        for _, person in held:
            self._put_back(person)
        if self.uncleared:
            self._go_home()
        self.touched.clear()

    def _heads(self) -> list[tuple[tuple, Request, Line]]:
        """The first of each line at a touched pool, as a heap."""
        lines = [line for pool in self.touched.values() for line in pool.lines.values()]
        if len(self.touched) > 1:  # a line may stand at several pools
            lines = list(dict.fromkeys(lines))
        if self.holding:
            lines = self._with_holders(lines)
        heads = []
        for line in lines:
            if first := line.first():
                heads.append((first.key, first, line))
            else:
                self._forget(line)
        heapify(heads)
        return heads

    def _with_holders(self, lines: list[Line]) -> list[Line]:
        """These lines, those that may hold people of their pools back, those that may do so to them, and so on.

        Who holds people of whom only some are needed sets the others free when it starts: then all lines at its pools take part.
        """
        found, ahead = dict.fromkeys(lines), list(lines)
        while ahead:
            line = ahead.pop()
            for pool, _, _ in line.needs:
                more = [other for other in pool.lines if (other.hold or line.spares) and other not in found]
                found.update(dict.fromkeys(more))
                ahead += more
        return list(found)

    def _forget(self, line: Line) -> None:
        """An empty line stands nowhere."""
        for pool, _, _ in line.needs:
            pool.lines.pop(line, None)
            if not pool.lines:
                self.waiting.pop(pool.number, None)

    def _start(self, request: Request, people: list[tuple[Pool, Person | None]]) -> None:
        request.waiting, request.people = False, people
        if request.line.when == UNTIL_CLEAR:
            self._count(request.line, -1, but=[pool for pool, _ in people])
        end = self.begin(request)
        request._ok, request._value = True, None
        request.callbacks.insert(0, self._release)
        self.env.schedule(request, delay=end - self.env.now)

    def _release(self, request: Request) -> None:
        now, until_clear = self.env.now, request.line.when == UNTIL_CLEAR
        for pool, person in request.people:
            if pool.lines or until_clear:  # else nobody waits for whom is free again
                self.touch(pool)
            if person is not None:
                person.busy, person.idle_since = False, now
                heappush(person.crew.free, (now, person.number, person))
        if until_clear:
            for pool in {pool.number: pool for pool, _ in request.people}.values():
                pool.uncleared -= 1

    # ── who may start ───────────────────────────────────────────────────────────────────────────────

    def _find(self, line: Line) -> list[tuple[Pool, Person | None]] | None:
        """The people for a line, taken; or None, and nobody taken."""
        if line.mode == ANY:
            for need in line.needs:
                people = self._take(line, need)
                if people is not None:
                    return people
            return None
        taken: dict[int, list[tuple[Pool, Person | None]]] = {}
        for group in line.groups:
            for i in group:
                people = self._take(line, line.needs[i])
                if people is not None:
                    taken[i] = people
                    break
            else:
                for _, person in (entry for part in taken.values() for entry in part):
                    self._put_back(person)
                return None
        return [entry for i in sorted(taken) for entry in taken[i]]

    def _take(self, line: Line, need: Need) -> list[tuple[Pool, Person | None]] | None:
        pool, count, same = need
        if same is not None:
            if same.busy or not self._may_start(line, same.crew):
                return None
            same.busy = True
            return [(pool, same)]
        if pool.unlimited:
            return [(pool, None)] * count if self._may_start(line, pool.crews[0]) else None
        people: list[tuple[Pool, Person | None]] = []
        while len(people) < count:
            person = self._longest_idle(line, pool)
            if person is None:
                for _, other in people:
                    self._put_back(other)
                return None
            person.busy = True
            people.append((pool, person))
        return people

    def _longest_idle(self, line: Line, pool: Pool) -> Person | None:
        """Regular hours before duty before off, then idle longest, then number."""
        best = None
        for crew in pool.crews:
            entry = crew.longest_idle()
            if entry is not None and self._may_start(line, crew):
                rank = (crew.clock.state, entry[0], entry[1])
                if best is None or rank < best[0]:
                    best = (rank, entry[2])
        return best[1] if best else None

    def _may_start(self, line: Line, crew: Crew) -> bool:
        state = crew.clock.state
        if state == REGULAR:
            return True
        if state == ON_DUTY and (line.when == DUTY or (line.when == UNTIL_CLEAR and crew.staying)):
            return True
        return state != AWAY and line.on_call is not None and self.env.now in line.on_call

    def _put_back(self, person: Person | None) -> None:
        if person is not None:
            person.busy = False
            heappush(person.crew.free, (person.idle_since, person.number, person))

    def _hold(self, line: Line, held_at: set[int]) -> Iterator[tuple[Pool, Person | None]]:
        """Keep free people for a joint visit from later requests of this walk; the first in line at each pool only."""
        mine = [need for need in line.needs if need[0].number not in held_at]
        held_at.update(need[0].number for need in mine)
        for pool, wanted, same in mine:
            for count in range(wanted, 0, -1):
                people = self._take(line, (pool, count, same))
                if people is not None:
                    yield from people
                    break

    # ── hours ───────────────────────────────────────────────────────────────────────────────────────

    def turn(self, clock: Clock) -> None:
        """A shift has come to an edge: its state changes, and whoever waits for its people is looked at."""
        before, clock.state = clock.state, clock.at(self.env.now)
        if clock.state == before:
            return
        for pool in self.uncleared.values():
            for crew in pool.crews:
                if crew.clock is clock:
                    crew.staying = clock.state == ON_DUTY and pool.uncleared > 0
        self.look(lambda pool: any(crew.clock is clock for crew in pool.crews))

    def look(self, which: Callable[[Pool], bool]) -> None:
        for pool in list(self.waiting.values()):
            if which(pool):
                self.touch(pool)

    def _go_home(self) -> None:
        """Those who stayed for what was left leave when nothing of it waits or is in hand."""
        for pool in self.touched.values():
            if not pool.uncleared and pool.number in self.uncleared:
                del self.uncleared[pool.number]
                for crew in pool.crews:
                    crew.staying = False
