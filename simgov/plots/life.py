"""The life of one incident as a time line (一案一档): its stages, what each hour of them was, its dues and its end."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from simgov.clock import DAY, HOUR, Hours
from simgov.language import message, say
from simgov.measures.view import View
from simgov.plan import Mode
from simgov.plots.lines import wrapped
from simgov.plots.style import GREEN, INK, PARTS, RED, SMALL, footer, legend, node_label, nothing, title
from simgov.words import duration, key_label

if TYPE_CHECKING:
    from simgov.result import Result

SHIFT = "#e9edf1"
PAPER = {"boxstyle": "square,pad=0.05", "fc": "white", "ec": "none", "alpha": 0.85}  # behind words
SEEN = 300  # parts of the time line; gaps shorter than one of them are not seen
STEPS = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY)  # between two dates
EXPLAIN = message(
    "Of the {n:,} incidents of the first replication that were found in the window and closed, the one with the most stages visited (of several, the first). "
    "Light grey: hours of the team. On the right: time at the stage in all, and work in it."
)


class Lane(NamedTuple):
    """A stage, or the parts of a split one that a team has, with the rows of the visits."""

    label: str
    rows: list[int]


def draw(result: Result, figure: Figure, lang: str) -> None:
    if not result.journals:
        nothing(figure.subplots(), say("The journal of this run was not kept, so there is no single incident to show\n(run with journal=True, on the command line --journal).", lang))
        footer(figure, result, lang)
        return
    view = View(result.plan, result.journals[0])
    if (incident := busiest(view)) is None:
        nothing(figure.subplots(), say("No incident was closed.", lang))
        footer(figure, result, lang)
        return
    shown = lanes(result, view, incident, lang)
    figure.set_figheight(max(4.6, 2.3 + 0.44 * len(shown)))
    axes, start = figure.subplots(), int(view.incidents.found[incident])
    rows = [row for lane in shown for row in lane.rows]
    end = max(max(_left(view, row) for row in rows), int(view.incidents.closed[incident]))
    seen = {part for y, lane in enumerate(shown) for part in _lane(axes, y, lane, view, start, end, lang)}
    axes.axvline(view.incidents.closed[incident], color=INK, lw=1.4)
    margin = 0.012 * (end - start + 1)
    axes.set(xlim=(start - margin, end + 18 * margin), ylim=(len(shown) - 0.45, -0.55))
    axes.set_yticks(range(len(shown)), [wrapped(lane.label, 16) for lane in shown], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _dates(axes, result, end - start)
    _legend(axes, result, seen, lang)
    title(figure, _title(result, view, incident, lang))
    footer(figure, result, lang, say(EXPLAIN, lang).format(n=np.count_nonzero(view.collected & view.is_closed)))


def busiest(view: View) -> int | None:
    """The row of the incident, found in the window and closed, with the most visits; of several the first. None where nothing was closed."""
    visits = np.bincount(view.row[view.counted & view.whole], minlength=len(view.incidents.incident))
    visits[~(view.collected & view.is_closed)] = 0
    return int(visits.argmax()) if visits.any() else None


def lanes(result: Result, view: View, incident: int, lang: str) -> list[Lane]:
    """The stages in the order in which it came to them, each followed by its parts, those of a team together."""
    v, s, crowd = view.visits, result.scenario, view.plan.crowd
    found: dict[int, dict[str, list[int]]] = {}
    for row in np.flatnonzero((view.row == incident) & (v.part >= 0)).tolist():
        pool = v.pool[row]
        team = s.label("teams", crowd.teams[crowd.pool_team[pool]], lang) if v.part[row] and pool >= 0 else ""
        found.setdefault(int(v.stage[row]), {}).setdefault(say("… part of {team}", lang).format(team=team) if v.part[row] else "", []).append(row)
    stages = ((s.label("stages", view.plan.stages[stage], lang), rows) for stage, rows in found.items())
    return [Lane(part or stage, rows) for stage, lanes in stages for part, rows in lanes.items()]


def pieces(view: View, row: int) -> list[tuple[str, int, int]]:
    """What each second of a visit, or of a part, was: (part of elapsed time, start, end), without the empty ones."""
    v, step = view.visits, view.steps
    mode, left = step.mode[v.step[row]], _left(view, row)
    entered, admitted, released, started, finished = (int(x[row]) if x[row] >= 0 else left for x in (v.entered, v.admitted, v.released, v.started, v.finished))
    if not mode:
        started = finished = released
    finished = max(started, finished)
    worked = Hours.always(started, finished) if mode == Mode.EACH and v.part[row] == 0 else _worked(view, row, started, finished)
    waited, line = Hours.always(released, started), _hours(view, row)
    whole = Hours.always(started, finished)
    parts = {
        "gate": Hours.always(entered, admitted),
        "wait": Hours.always(admitted, released),
        "queue": waited & line,
        "off_shift": (waited - line) | (whole - worked),
        "work": worked & whole,
        "lead": Hours.always(finished, left),
    }
    return [(part, start, end) for part, hours in parts.items() for start, end in hours.pairs]


def _left(view: View, row: int) -> int:
    left = int(view.visits.left[row])
    return left if left >= 0 else view.census


def _hours(view: View, row: int) -> Hours:
    """When somebody of the team that a visit asks for may start."""
    pool = view.visits.pool[row]
    return _shift_hours(view, row, view.plan.crowd.pool_shift[pool]) if pool >= 0 else Hours()


def _shift_hours(view: View, row: int, number: int) -> Hours:
    shift = view.plan.crowd.shifts[number]
    return shift.all_hours if view.steps.when[view.visits.step[row]] > 0 else shift.work_regular


def _worked(view: View, row: int, start: int, end: int) -> Hours:
    """When work went on between its start and its end: in hours that all its people share, and on past the last closing of the day if the stage finishes."""
    step, crowd, w = view.visits.step[row], view.plan.crowd, view.work
    people = []
    for n in np.flatnonzero(view.work_visit == row):
        person = np.flatnonzero((crowd.person_pool == w.pool[n]) & (crowd.person_number == w.person[n]))
        people.append(_shift_hours(view, row, crowd.person_shift[person[0]] if len(person) else crowd.pool_shift[w.pool[n]]))
    if not people:
        return Hours()
    on_call = view.plan.calendar_hours[view.steps.on_call_hours[step]] if view.visits.reached[row] else Hours()
    hours = reduce(and_, (own | on_call for own in people))
    if view.steps.finish[step]:
        last = bisect_right(hours.day_ends, start)
        hours = hours | Hours.always(hours.day_ends[last] if last < len(hours.day_ends) else start, end)
    return hours & Hours.always(start, end)


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────────


def _lane(axes: Axes, y: int, lane: Lane, view: View, start: int, end: int, lang: str) -> set[str]:
    """Draw a lane; the parts of elapsed time that are seen in it."""
    v = view.visits
    bars = [piece for row in lane.rows for piece in pieces(view, row)]
    for shift in {hours.key: hours for hours in (_hours(view, row) for row in lane.rows)}.values():
        open_ = _joined(shift & Hours.always(start, end), (end - start) // SEEN)
        axes.broken_barh([(a, b - a) for a, b in open_.pairs], (y - 0.43, 0.86), color=SHIFT, lw=0, zorder=0)
    for part, colour in PARTS.items():
        axes.broken_barh([(a, b - a) for kind, a, b in bars if kind == part], (y - 0.26, 0.52), fc=colour, ec=colour, lw=1.2 if part == "work" else 0.2)
    for row in lane.rows:
        if 0 <= v.due[row] <= end and v.part[row] == 0:
            met = v.left[row] >= 0 and v.left[row] <= v.due[row] and not view.overtaken[row]
            axes.plot([v.due[row]], [y - 0.36], marker=7, ms=7, color=GREEN if met else RED, mfc="white" if met else RED, clip_on=False)
    work = sum(b - a for kind, a, b in bars if kind == "work")
    text = duration(sum(b - a for _, a, b in bars), lang)
    if work:
        text += "\n" + say("work {time}", lang).format(time=duration(work, lang))
    at = max([*(_left(view, row) for row in lane.rows), *(min(v.due[row], end) for row in lane.rows)])
    axes.text(at + 0.012 * (end - start + 1), y, text, va="center", fontsize=SMALL, linespacing=1.05, bbox=PAPER)
    return {kind for kind, _, _ in bars}


def _joined(hours: Hours, gap: int) -> Hours:
    """Hours without the gaps that are too short to be seen."""
    return Hours((a, b + gap) for a, b in hours.pairs) & Hours.always(hours.starts[0], hours.ends[-1]) if hours else hours


def _dates(axes: Axes, result: Result, length: int) -> None:
    begin = datetime.combine(result.scenario.period.start, datetime.min.time())
    form = "%m-%d" if length > 4 * DAY else "%m-%d\n%H:%M"
    step = next((step for step in STEPS if length <= 9 * step), STEPS[-1])
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(lambda x, _: (begin + timedelta(seconds=float(x))).strftime(form))


def _legend(axes: Axes, result: Result, seen: set[str], lang: str) -> None:
    handles: list[Patch | Line2D] = [Patch(color=colour, label=key_label(result.scenario, "part", part, lang)) for part, colour in PARTS.items() if part in seen]
    handles += [
        Line2D([], [], marker=7, ls="", ms=7, color=GREEN, mfc="white", label=say("due, met", lang)),
        Line2D([], [], marker=7, ls="", ms=7, color=RED, label=say("due, not met", lang)),
        Line2D([], [], color=INK, lw=1.4, label=say("closed", lang)),
    ]
    legend(axes, 6, handles=handles)


def _title(result: Result, view: View, incident: int, lang: str) -> str:
    i, s = view.incidents, result.scenario
    begin = datetime.combine(s.period.start, datetime.min.time())
    return say("The life of one incident: {cls} no. {number} of {home}, found {found:%Y-%m-%d %H:%M}, closed after {time}", lang).format(
        cls=s.label("classes", view.plan.classes[i.cls[incident]], lang),
        number=i.incident[incident],
        home=node_label(s, view.plan.tree, i.home[incident], lang),
        found=begin + timedelta(seconds=int(i.found[incident])),
        time=duration(i.closed[incident] - i.found[incident], lang),
    )
