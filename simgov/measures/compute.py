"""How each measure is computed: functions of a View that yield (row, numerator, denominator).

Over replications, numerators and denominators are summed before they are divided, so ratios are
pooled. A quantile or another number of its own has denominator 1; one that does not exist has 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from simgov.clock import DAY, HOUR
from simgov.journal import Ended, Result
from simgov.measures.presence import presence
from simgov.measures.view import View
from simgov.vocabulary import DAYS

Row = tuple[dict[str, Any], float, float]
COMPUTE: dict[str, Callable[[View], Iterator[Row]]] = {}


def measures(function: Callable[[View], Iterator[tuple[str, dict[str, Any], float, float]]]) -> Callable:
    """Registers a function that computes one or several measures of the vocabulary."""
    COMPUTE[function.__name__] = function
    return function


def compute(view: View) -> Iterator[tuple[str, dict[str, Any], float, float]]:
    """(measure, row, numerator, denominator) of every measure of one replication."""
    for function in COMPUTE.values():
        yield from function(view)


# ── closure ─────────────────────────────────────────────────────────────────────────────────────────


@measures
def closure(view: View):
    i, s = view.incidents, view.plan.scenario
    ends = list(s.ends.values())
    counts_closed = np.array([e.in_numerator for e in ends] + [False])[i.left_by] & (i.how == Ended.LEFT)
    not_counted = np.array([not e.in_denominator for e in ends] + [False])[i.left_by] & (i.how == Ended.LEFT)
    for name, mask in view.classes():
        mine = mask & view.collected
        yield "collected", {"class": name}, mine.sum(), 1
        base = mine & ~not_counted
        yield "headline_closure", {"class": name}, (base & (view.is_closed | counts_closed)).sum(), base.sum()
        for days in DAYS:
            old = mine & (i.found <= view.census - days * DAY)
            quick = old & view.is_closed & (i.closed - i.found <= days * DAY)
            yield "cohort_closure", {"class": name, "days": days}, quick.sum(), old.sum()
        lasted, sure = closing_times(view, mine)
        for label, share in (("median", 0.5), ("p90", 0.9)):
            value = censored_quantile(lasted, sure, share)
            yield f"time_to_closure_{label}", {"class": name}, *_one(value / HOUR)
        still = mine & view.is_open
        yield "open_stock", {"class": name}, still.sum(), 1
    ages = (view.census - i.found[view.collected & view.is_open]) / DAY
    yield "open_age_median", {}, *_one(np.median(ages) if len(ages) else np.nan)


def closing_times(view: View, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Seconds from found to closed (or, unclosed, to the census), and whether closed.

    Who left by another end stays in the risk set up to the census: leaving competes with closing, it does not hide it
    (the subdistribution of Fine and Gray, 1999, under known administrative censoring).
    """
    i = view.incidents
    closed = view.is_closed[mask]
    return np.where(closed, i.closed[mask], view.census) - i.found[mask], closed


def censored_quantile(lasted: np.ndarray, sure: np.ndarray, share: float) -> float:
    """The Kaplan-Meier quantile of right-censored durations; nan where the curve does not get so far."""
    if not len(lasted):
        return np.nan
    from scipy import stats

    curve = stats.ecdf(stats.CensoredData.right_censored(lasted, ~sure)).cdf
    reached = np.flatnonzero(curve.probabilities >= share - 1e-12)
    return float(curve.quantiles[reached[0]]) if len(reached) else np.nan


# ── levels ──────────────────────────────────────────────────────────────────────────────────────────


@measures
def levels(view: View):
    v, count = view.visits, len(view.incidents.incident)
    for level, number in view.levels():
        reached = np.zeros(count, bool)
        reached[view.row[view.whole & (view.level == number) & ~view.is_verify]] = True
        settled = view.is_closed & (view.closing_level == number)
        below = view.is_closed & (view.closing_level <= number)
        for name, mask in view.classes():
            mine = mask & view.collected
            where = {"class": name, "level": level}
            yield "settled_at_or_below", where, (mine & below).sum(), mine.sum()
            yield "settled_of_reached", where, (mine & settled).sum(), (mine & reached).sum()
    found = view.collected.sum()
    yield "hops", {}, (view.counted & view.whole).sum(), found
    way = np.flatnonzero(view.whole & ~view.is_verify)  # a return visit is no place where the matter was
    down = view.level[way][1:] < view.level[way][:-1]
    same = v.incident[way][1:] == v.incident[way][:-1]
    yield "send_backs", {}, (down & same & view.counted[way][1:]).sum(), found


# ── triage and dues ─────────────────────────────────────────────────────────────────────────────────


@measures
def triage(view: View):
    v, i = view.visits, view.incidents
    mine = view.counted & view.is_triage & (v.part <= 0)
    assessed = (v.left >= 0) & ~(view.overtaken & (v.finished < 0))  # who is moved on by a due before anybody looked is not
    midnight = (v.entered // DAY + 1) * DAY
    inside = mine & (v.entered >= view.start)
    for level, number in view.levels():
        here = inside & (view.level == number)
        ripe = here & (midnight < view.census)
        yield "same_day_triage", {"level": level}, (ripe & assessed & (v.left <= midnight)).sum(), ripe.sum()
        done = here & assessed
        for label, share in (("median", 0.5), ("p90", 0.9)):
            yield f"triage_delay_{label}", {"level": level}, *_one(_quantile((v.left - v.entered)[done], share) / HOUR)
    first = np.full(len(i.incident), -1)
    done = np.flatnonzero(mine & view.whole & assessed)
    first[view.row[done][::-1]] = v.left[done][::-1]
    for name, mask in view.classes():
        known = mask & view.collected & (first >= 0)
        for label, share in (("median", 0.5), ("p90", 0.9)):
            yield f"time_to_triage_{label}", {"class": name}, *_one(_quantile((first - i.found)[known], share) / HOUR)


@measures
def dues(view: View):
    v = view.visits
    ripe = view.counted & (v.part <= 0) & (v.due >= 0) & (v.due < view.census) & (v.entered >= view.start)
    met = ripe & (v.left >= 0) & (v.left <= v.due) & ~view.overtaken
    steps = view.plan.procedure.steps
    for number, (name, mask) in enumerate(view.stages()):
        if steps.due[steps.stage == number].any():
            yield "due_met", {"stage": name}, (met & mask).sum(), (ripe & mask).sum()
            yield "overdue", {"stage": name}, (ripe & mask & ~met).sum(), 1


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


@measures
def people(view: View):
    w, s = view.work, view.plan.scenario
    there = presence(view)
    inside = w.start >= view.start
    is_triage = view.is_triage[view.work_visit] if len(w.pool) else np.zeros(0, bool)
    pools = len(view.plan.crowd.pool_team)

    def by_pool(seconds: np.ndarray, mask: np.ndarray) -> np.ndarray:
        known = mask & (w.pool >= 0)
        return np.bincount(w.pool[known], seconds[known], minlength=pools)

    engaged, night = by_pool(w.regular + w.off_hours, inside), by_pool(w.off_hours, inside & is_triage)
    for name, mine in view.teams():
        where, scale = {"team": name}, HOUR * view.years
        yield "rostered_hours", where, (there.regular[mine] + there.duty[mine]).sum() / scale, 1
        yield "engaged_hours", where, engaged[mine].sum() / scale, 1
        yield "off_hours_presence", where, there.duty[mine].sum() / scale, 1
        yield "off_hours_triage_work", where, night[mine].sum() / scale, 1
        yield "evenings_per_person", where, there.evenings[mine].sum() / (12 * view.years), there.persons[mine].sum()
        if len(mine) > 1:
            yield "inequality", where, *_one(gini(engaged[mine]))
        if (price := s.teams[name].cost_per_hour) is not None and not s.teams[name].unpaid:
            yield "cost", where, price * (there.regular[mine] + there.duty[mine]).sum() / scale, 1


def gini(values: np.ndarray) -> float:
    """The Gini coefficient: 0 when all are equal, towards 1 when one has everything; nan when nobody has anything."""
    values = np.sort(values)
    n, total = len(values), values.sum()
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * total)) if total else np.nan


# ── elapsed time ────────────────────────────────────────────────────────────────────────────────────


@measures
def elapsed(view: View):
    mine = view.counted & view.whole & ~view.is_verify  # a return visit comes after the closing
    found = view.collected.sum()
    for part, seconds in time_parts(view).items():
        yield "elapsed", {"part": part}, seconds[mine].sum() / HOUR, found


def time_parts(view: View) -> dict[str, np.ndarray]:
    """By visit: seconds at the gate, in the wait, in the queue while somebody was on shift, off shift, at work, in the lead."""
    v, census = view.visits, view.census
    ever = np.where(v.left >= 0, v.left, census)
    admitted, released, started = (np.where(x >= 0, x, ever) for x in (v.admitted, v.released, v.started))
    has_people = view.mode > 0
    finished = np.where(v.finished >= 0, v.finished, ever)
    started, finished = np.where(has_people, started, released), np.where(has_people, finished, released)
    finished = np.maximum(finished, started)
    waiting, working = started - released, finished - started
    off = waiting - _on_shift(view, released, started)
    worked = np.where(view.split, working, np.minimum(_engaged(view), working))
    return {
        "gate": admitted - v.entered,
        "wait": released - admitted,
        "queue": waiting - off,
        "off_shift": off + working - worked,
        "work": worked,
        "lead": ever - finished,
    }


def _on_shift(view: View, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Seconds of [start, end) in which somebody of the visit's team is on shift for the stage."""
    crowd, v = view.plan.crowd, view.visits
    seconds = np.zeros(len(start), np.int64)
    shift = np.where(v.pool >= 0, crowd.pool_shift[v.pool], -1)
    also_duty = view.when > 0
    for number in np.unique(shift[shift >= 0]):
        for duty in (False, True):
            mine = (shift == number) & (also_duty == duty)
            hours = crowd.shifts[number].all_hours if duty else crowd.shifts[number].work_regular
            if mine.any():
                seconds[mine] = hours.lengths(start[mine], end[mine])
    return seconds


def _engaged(view: View) -> np.ndarray:
    """By visit: seconds of work of one of its people."""
    w = view.work
    seconds = np.zeros(len(view.visits.visit), np.int64)
    if len(w.pool):
        np.maximum.at(seconds, view.work_visit, w.regular + w.off_hours)
    return seconds


# ── truth ───────────────────────────────────────────────────────────────────────────────────────────


@measures
def truth(view: View):
    i, v = view.incidents, view.visits
    closed = view.collected & view.is_closed
    yield "solved", {}, (closed & (i.solved >= 0)).sum(), closed.sum()
    asked = view.counted & np.isin(v.result, (Result.SATISFIED, Result.DISSATISFIED, Result.REOPEN))
    yield "satisfied", {}, (asked & (v.result == Result.SATISFIED)).sum(), asked.sum()
    yield "reopened", {}, (closed & (i.reopened > 0)).sum(), closed.sum()
    came_back = np.isin(i.incident, i.repeat_of[i.repeat_of >= 0])
    yield "returned", {}, (closed & came_back).sum(), closed.sum()
    yield "hidden", {}, ((i.how == Ended.HIDDEN) & ~view.is_background[i.cls]).sum(), 1


def _one(value: float) -> tuple[float, float]:
    return (float(value), 1.0) if np.isfinite(value) else (0.0, 0.0)


def _quantile(values: np.ndarray, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else np.nan
