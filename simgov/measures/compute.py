"""How each measure is computed: functions of a View that yield what is kept of a journal, entry by entry.

An entry is a Ratio, a Total, or a sample from which measures are read (see tables.py). Only sums over incidents, visits
and pools are kept, so the entries of parts that do not meet add up to those of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgov.clock import DAY, HOUR
from simgov.journal import Ended, Journal, Result
from simgov.measures.ageing import ageing
from simgov.measures.at_work import at_work
from simgov.measures.earlier import as_of
from simgov.measures.presence import presence
from simgov.measures.sample import Lifetimes, Sample, sample, samples
from simgov.measures.tables import SAMPLE_OF, Entry, Key, Ratio, Tables, Total
from simgov.measures.view import View
from simgov.plan import Mode, Plan
from simgov.scenario.target import Frame
from simgov.vocabulary import ALL, DAYS, PARTS

Entries = Iterator[tuple[Key, Entry]]
BLOCK = 2**16  # visits; what is computed of so many stays in the cache of the processor: 65 ms instead of 105 for a city


def reduce(plan: Plan, journal: Journal) -> Tables:
    """All that measures and figures need of a journal."""
    view = View(plan, journal)
    time = spent(view)
    parts = (closure(view), levels(view), triage(view), dues(view), people(view), elapsed(view, time), truth(view))
    entries = {key: entry for part in (*parts, windows(plan, journal)) for key, entry in part}
    return Tables(entries, flows(view), waiting(view), stock(view), time, ageing(view))


def windows(plan: Plan, journal: Journal) -> Entries:
    """What the scenario's targets ask of other windows than the whole period; their keys end with the frame."""
    asked: dict[Frame, set[str]] = {}
    for target in plan.scenario.targets:
        for frame in filter(None, target.frames(plan.scenario.period)):
            asked.setdefault(frame, set()).add(SAMPLE_OF.get(target.measure, target.measure))
    for frame, names in asked.items():
        start, end = ((day - plan.scenario.period.start).days * DAY for day in frame[:2])
        view = View(plan, as_of(journal, end), start)
        for part in (flow(view),) if frame.flow else (closure(view), levels(view), triage(view), dues(view), truth(view)):
            yield from (((*key, frame), entry) for key, entry in part if key[0] in names)


# ── closure ─────────────────────────────────────────────────────────────────────────────────────────


def closure(view: View) -> Entries:
    i, mine = view.incidents, view.collected
    lasted = np.where(view.is_closed, i.closed, view.census) - i.found
    tops, bottoms = _headline(view)
    still = view.by_class(mine & view.is_open)
    found, closed = view.by_class(mine), view.by_class(mine & view.is_closed)
    cohorts = {}
    for days in DAYS:
        old = mine & (i.found <= view.census - days * DAY)
        cohorts[days] = view.by_class(old & view.is_closed & (lasted <= days * DAY)), view.by_class(old)
    ended, running = (samples(lasted[mask], i.cls[mask], len(found)) for mask in (mine & view.is_closed, mine & ~view.is_closed))
    for name, classes in view.groups:
        yield ("collected", name), Total(found[classes].sum())
        yield ("closed", name), Total(closed[classes].sum())
        yield ("headline_closure", name), Ratio(tops[classes].sum(), bottoms[classes].sum())
        for days, (quick, old) in cohorts.items():
            yield ("cohort_closure", name, days), Ratio(quick[classes].sum(), old[classes].sum())
        # Who leaves by another end stays in the risk set up to the census: leaving competes with closing, it does not
        # hide it (the subdistribution of Fine and Gray, 1999, under known administrative censoring).
        yield ("time_to_closure", name), Lifetimes(*(Sample.sum([each[c] for c in classes]) for each in (ended, running)))
        yield ("open_stock", name), Total(still[classes].sum())
    yield ("open_age",), sample(view.census - i.found[mine & view.is_open])


def _headline(view: View) -> tuple[np.ndarray, np.ndarray]:
    """By class: incidents that count as closed, of those that count."""
    base = view.collected & view.counts
    return view.by_class(base & (view.is_closed | view.left_as_closed)), view.by_class(base)


def flow(view: View) -> Entries:
    """Of what was closed in the window, whenever it was found, instead of what was found in it."""
    i = view.incidents
    inside = ~view.is_background[i.cls]
    closed = inside & (i.closed >= view.start)
    left = inside & ~view.is_closed & (i.how == Ended.LEFT) & (i.ended >= view.start)
    found, counted = view.by_class(view.collected), view.by_class(view.collected & view.counts)
    done, ended = view.by_class(closed | (left & view.left_as_closed)), view.by_class(closed | (left & view.counts))
    number, below = view.by_class(closed), np.zeros(len(found), np.int64)
    for name, classes in view.groups:
        yield ("collected", name), Total(found[classes].sum())
        yield ("closed", name), Total(number[classes].sum())
        yield ("headline_closure", name), Ratio(done[classes].sum(), counted[classes].sum())
    for level, label in enumerate(view.plan.tree.levels):
        below += view.by_class(closed & (view.closing_level == level))
        for name, classes in view.groups:
            yield ("settled_at_or_below", name, label), Ratio(below[classes].sum(), found[classes].sum())
            yield ("settled_of_ended", name, label), Ratio(below[classes].sum(), ended[classes].sum())


def stock(view: View) -> np.ndarray:
    """By midnight, from that of the first day to that of the census: collected incidents that are open."""
    i, mine, days = view.incidents, view.collected, view.census // DAY
    over = np.where(view.is_closed, i.closed, np.where(i.how == Ended.LEFT, i.ended, view.census + DAY))[mine]
    change = np.bincount(-(-i.found[mine] // DAY), minlength=days + 2) - np.bincount(-(-over // DAY), minlength=days + 2)
    return change.cumsum()[: days + 1]


# ── levels ──────────────────────────────────────────────────────────────────────────────────────────


def levels(view: View) -> Entries:
    v, closed, all_found = view.visits, view.collected & view.is_closed, view.by_class(view.collected)
    ended = view.by_class(closed | (view.collected & view.counts & (view.incidents.how == Ended.LEFT)))
    below = np.zeros(len(all_found), np.int64)
    for number, level in enumerate(view.plan.tree.levels):
        settled, reached = view.by_class(closed & (view.closing_level == number)), view.by_class(view.reached[number])
        below += settled
        for name, classes in view.groups:
            yield ("settled_at_or_below", name, level), Ratio(below[classes].sum(), all_found[classes].sum())
            yield ("settled_of_ended", name, level), Ratio(below[classes].sum(), ended[classes].sum())
            yield ("settled_of_reached", name, level), Ratio(settled[classes].sum(), reached[classes].sum())
    found = all_found.sum()
    yield ("hops",), Ratio(np.count_nonzero(view.counted & view.whole), found)
    level, incident = view.level[view.way], v.incident[view.way]
    yield ("send_backs",), Ratio(np.count_nonzero((level[1:] < level[:-1]) & (incident[1:] == incident[:-1])), found)


def flows(view: View) -> np.ndarray:
    """By level: incidents that reached it and were settled there, passed on, left by an end, or are open (levels x 4)."""
    i, way = view.incidents, view.way
    last = np.full(len(i.incident), -1, np.int8)
    last[view.row[way]] = view.level[way]  # the latest visit stands last
    found = []
    for level, here in enumerate(view.reached):
        settled = np.count_nonzero(here & view.is_closed & (view.closing_level == level))
        stays = here & ~view.is_closed & (last == level)
        left = np.count_nonzero(stays & (i.how == Ended.LEFT))
        remains = np.count_nonzero(stays)
        found.append((settled, np.count_nonzero(here) - settled - remains, left, remains - left))
    return np.array(found)


# ── triage and dues ─────────────────────────────────────────────────────────────────────────────────


def triage(view: View) -> Entries:
    v, i = view.visits, view.incidents
    mine = np.flatnonzero(view.counted & view.is_triage & (v.part <= 0))
    entered, left, level = v.entered[mine], v.left[mine], view.level[mine]
    assessed = (left >= 0) & ~(view.overtaken[mine] & (v.finished[mine] < 0))  # who is moved on by a due before anybody looked is not
    inside = entered >= view.start
    midnight = (entered // DAY + 1) * DAY
    ripe, count = inside & (midnight < view.census), len(view.plan.tree.levels)
    met, of = (np.bincount(level[mask], minlength=count) for mask in (ripe & assessed & (left <= midnight), ripe))
    done = inside & assessed
    delays = samples((left - entered)[done], level[done], count)
    for number, name in enumerate(view.plan.tree.levels):
        yield ("same_day_triage", name), Ratio(met[number], of[number])
        yield ("triage_delay", name), delays[number]
    first = np.full(len(i.incident), -1)
    whole = assessed & view.whole[mine]
    first[view.row[mine[whole]][::-1]] = left[whole][::-1]  # the first triage of each stands last
    known = view.collected & (first >= 0)
    times = samples((first - i.found)[known], i.cls[known], len(view.is_background))
    for name, classes in view.groups:
        yield ("time_to_triage", name), Sample.sum([times[c] for c in classes])


def waiting(view: View) -> np.ndarray:
    """By weekday and hour: the number waiting for triage in the middle of the hour, added up over the weeks (7 x 24)."""
    v = view.visits
    mine = np.flatnonzero(view.counted & view.is_triage & (v.part <= 0) & (v.released >= 0))
    started, left = v.started[mine], v.left[mine]
    begun = np.where(started >= 0, started, np.where(left >= 0, left, view.census))
    hours = view.census // HOUR + 2
    change = np.bincount(_next_middle(v.released[mine]), minlength=hours) - np.bincount(_next_middle(begun), minlength=hours)
    hour = np.arange(view.start // HOUR, view.census // HOUR)
    cell = (hour + 24 * view.plan.scenario.period.start.weekday()) % (7 * 24)
    return np.bincount(cell, change.cumsum()[hour], minlength=7 * 24).astype(np.int64).reshape(7, 24)


def _next_middle(second: np.ndarray) -> np.ndarray:
    """The first hour whose middle is not before the second."""
    return (second + HOUR // 2 - 1) // HOUR


def dues(view: View) -> Entries:
    v, steps, count = view.visits, view.steps, len(view.plan.stages)
    ripe = np.flatnonzero(view.counted & (v.part <= 0) & (v.due >= 0) & (v.due < view.census) & (v.entered >= view.start))
    stage, left = v.stage[ripe], v.left[ripe]
    met = np.bincount(stage[(left >= 0) & (left <= v.due[ripe]) & ~view.overtaken[ripe]], minlength=count)
    of = np.bincount(stage, minlength=count)
    for number, name in enumerate(view.plan.stages):
        if steps.due[steps.stage == number].any():
            yield ("due_met", name), Ratio(met[number], of[number])
            yield ("overdue", name), Total(of[number] - met[number])


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def people(view: View) -> Entries:
    w, teams = view.work, view.plan.scenario.teams
    there, persons = presence(view), view.plan.crowd.headcount.max(axis=0)
    work, off_hours = at_work(view)
    engaged = np.bincount(w.pool, work, minlength=len(persons)).astype(np.int64)
    late = np.flatnonzero(off_hours)
    late = late[view.is_triage[view.work_visit[late]]]
    night = np.bincount(w.pool[late], off_hours[late], minlength=len(persons))
    seconds_a_year = HOUR * view.years
    hours = there.regular + there.duty + there.overtime
    cost = {name: price * hours[mine].sum() for name, mine in view.teams() if (price := teams[name].price) is not None}
    for name, yuan in {ALL: sum(cost.values()), **cost}.items() if cost else ():
        yield ("cost", name), Total(yuan, seconds_a_year)
    for name, mine in view.teams():
        yield ("rostered_hours", name), Total((there.regular + there.duty)[mine].sum(), seconds_a_year)
        yield ("engaged_hours", name), Total(engaged[mine].sum(), seconds_a_year)
        yield ("overtime_hours", name), Total(there.overtime[mine].sum(), seconds_a_year)
        yield ("off_hours_presence", name), Total((there.duty + there.overtime)[mine].sum(), seconds_a_year)
        yield ("off_hours_triage_work", name), Total(night[mine].sum(), seconds_a_year)
        yield ("evenings_per_person", name), Ratio(there.evenings[mine].sum(), there.persons[mine].sum(), 12 * view.years)
        yield ("engaged", name), sample(engaged[mine[persons[mine] > 0]])


# ── elapsed time ────────────────────────────────────────────────────────────────────────────────────


def elapsed(view: View, time: np.ndarray) -> Entries:
    found = np.count_nonzero(view.collected)
    for part, seconds in zip(PARTS, time.sum(axis=0), strict=True):
        yield ("elapsed", part), Ratio(seconds, found, HOUR)


def spent(view: View) -> np.ndarray:
    """By stage and part of elapsed time: seconds of collected incidents on their way to the closing, added up (stages x 6)."""
    stages = len(view.plan.stages)
    seconds = np.zeros((len(PARTS), stages), np.int64)
    for first in range(0, len(view.way), BLOCK):
        rows = view.way[first : first + BLOCK]
        stage = view.visits.stage[rows]
        for part, each in enumerate(time_parts(view, rows).values()):
            seconds[part] += np.bincount(stage, each, minlength=stages).astype(np.int64)
    return seconds.T


def time_parts(view: View, rows: np.ndarray) -> dict[str, np.ndarray]:
    """By visit of `rows`: seconds at the gate, in the wait, in the queue while somebody was on shift, off shift, at work, in the lead."""
    v = view.visits
    left, mode = v.left[rows], view.steps.mode[v.step[rows]]
    ever = np.where(left >= 0, left, view.census)

    def by(column: np.ndarray) -> np.ndarray:
        at = column[rows]
        return np.where(at >= 0, at, ever)

    entered, admitted, released = v.entered[rows], by(v.admitted), by(v.released)
    has_people = mode > 0
    started = np.where(has_people, by(v.started), released)
    finished = np.maximum(np.where(has_people, by(v.finished), released), started)
    waiting, working = started - released, finished - started
    off = waiting - _on_shift(view, rows, released, started)
    worked = np.where(mode == Mode.EACH, working, np.minimum(view.engaged[rows], working))
    return {
        "gate": admitted - entered,
        "wait": released - admitted,
        "queue": waiting - off,
        "off_shift": off + working - worked,
        "work": worked,
        "lead": ever - finished,
    }


def _on_shift(view: View, rows: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Seconds of [start, end) in which somebody of the visit's team is on shift for the stage."""
    crowd, v = view.plan.crowd, view.visits
    seconds = np.zeros(len(rows), np.int64)
    some = np.flatnonzero((end > start) & (v.pool[rows] >= 0))
    also_duty = (view.steps.when > 0)[v.step[rows[some]]]
    kind = (2 * crowd.pool_shift[v.pool[rows[some]]] + also_duty).astype(np.int16)
    order = np.argsort(kind, kind="stable")
    kinds, first = np.unique(kind[order], return_index=True)
    for number, mine in zip(kinds.tolist(), np.split(some[order], first[1:]), strict=False):
        shift = crowd.shifts[number // 2]
        hours = shift.all_hours if number % 2 else shift.work_regular
        seconds[mine] = hours.lengths(start[mine], end[mine])
    return seconds


# ── truth ───────────────────────────────────────────────────────────────────────────────────────────


def truth(view: View) -> Entries:
    i, v = view.incidents, view.visits
    closed = view.collected & view.is_closed
    of = np.count_nonzero(closed)
    yield ("solved",), Ratio(np.count_nonzero(closed & (i.solved >= 0)), of)
    answers = np.bincount(v.result[view.counted] - min(Result), minlength=len(Result))
    satisfied, other, reopened = (answers[r - min(Result)] for r in (Result.SATISFIED, Result.DISSATISFIED, Result.REOPEN))
    yield ("satisfied",), Ratio(satisfied, satisfied + other + reopened)
    yield ("reopened",), Ratio(np.count_nonzero(closed & (i.reopened > 0)), of)
    came_back = np.zeros(len(closed), bool)
    came_back[np.searchsorted(i.incident, i.repeat_of[i.repeat_of >= 0])] = True
    yield ("returned",), Ratio(np.count_nonzero(closed & came_back), of)
    yield ("hidden",), Total(np.count_nonzero((i.how == Ended.HIDDEN) & ~view.is_background[i.cls]))
