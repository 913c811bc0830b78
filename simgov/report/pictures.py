"""The pictures of a run: in which order, what one sees on each, and what its numbers are of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from simgov.language import message, say
from simgov.plots import FIGURES
from simgov.report.made import Made
from simgov.report.page import Drawn
from simgov.report.vector import inline, width
from simgov.vocabulary import MEASURES
from simgov.words import PARTS, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simgov.result import Result

# In the order of the report: name, heading, denominator.
PICTURES = (
    ("closure", message("How fast incidents are closed"), message("incidents collected in the window, {n} on average; the headline counts those closed by the census")),
    ("chain", message("What each level settles"), message("incidents that reach the level; shares in brackets are of the {n} incidents found in the window, on average")),
    ("time", message("What takes so long"), message("incidents found in the window, {n} on average; elapsed hours up to the closing or the census")),
    ("waiting", message("When triage waits"), message("the weeks of the window; incidents that wait to be assessed in the middle of each hour, on average")),
    ("load", message("How busy each team is"), message("all people of each team; hours per person and week of the window, rostered and engaged")),
    ("places", message("Where what is open lies"), message("incidents open at the census")),
    ("life", message("One incident from end to end"), message("one incident of one replication")),
)


def drawn(figure: Figure, name: str, title: str, see: str, of: str) -> Drawn:
    """A figure as a picture of the report."""
    return Drawn(f"figure-{name}", title, inline(figure, name, title), width(figure), see, of)


def pictures(result: Result, made: Made, lang: str) -> Iterator[Drawn]:
    """Every figure that there is of a run."""
    found = f"{_value(result, 'collected'):,.0f}"
    for name, title, of in PICTURES:
        if name in FIGURES:
            about = made.of(say(of, lang).format(n=found), lang)
            yield drawn(result.figure(name, lang), name, say(title, lang), SEEN[name](result, lang), about)


# ── what one sees ───────────────────────────────────────────────────────────────────────────────────


def _closure(result: Result, lang: str) -> str:
    return say("The curve follows each incident from the day it was found: {week} are closed within 7 days and {month} within 30; the headline beside it, {headline}, also counts those that had hardly any time.", lang).format(
        week=_told(result, "cohort_closure", lang, days=7), month=_told(result, "cohort_closure", lang, days=30), headline=_told(result, "headline_closure", lang)
    )  # fmt: skip


def _chain(result: Result, lang: str) -> str:
    level = result.scenario.levels and next(iter(result.scenario.levels))
    return say("Each bar is a level, and green is what it settles itself: {share} of all incidents are settled at the lowest level, {level}.", lang).format(
        share=_told(result, "settled_at_or_below", lang, level=level), level=result.scenario.label("levels", level, lang)
    )


def _time(result: Result, lang: str) -> str:
    parts = {name: _value(result, "elapsed", part=name) for name in PARTS}
    total = sum(parts.values())
    if not total > 0:
        return say("No time passes: nothing was found.", lang)
    longest = max(parts, key=lambda name: parts[name])
    return say("Of the {total} that an incident takes on average the largest part, {share}, is “{longest}”; work in hand is {work}.", lang).format(
        total=number(total, "hours", lang), longest=say(PARTS[longest], lang), share=f"{parts[longest] / total:.0%}", work=f"{parts['work'] / total:.0%}"
    )


def _waiting(result: Result, lang: str) -> str:
    if not any(stage.triage for stage in result.scenario.stages.values()):
        return say("No stage of this scenario is marked as triage, so nothing waits for it.", lang)
    return say("The darker an hour, the more incidents wait to be assessed; evenings, nights and weekends show what office hours leave lying.", lang)


def _load(result: Result, lang: str) -> str:
    rostered, overtime, engaged = (_by_team(result, name) for name in ("rostered_hours", "overtime_hours", "engaged_hours"))
    busy = (engaged / (rostered + overtime)).replace([np.inf, -np.inf], np.nan).dropna()
    if not len(busy):
        return say("No team has hours of its own.", lang)
    team = str(busy.idxmax())
    return say("Busiest is “{team}”, engaged in {share} of the hours that it is there, overtime included; the rest is presence, and not all of it could be spared.", lang).format(
        team=result.scenario.label("teams", team, lang), share=f"{busy.max():.0%}"
    )


def _places(result: Result, lang: str) -> str:
    return say("{n} incidents are open at the census on average: the larger a box, the more of them are at home there, and its colour tells how they stand against their due.", lang).format(n=_told(result, "open_stock", lang))


def _life(result: Result, lang: str) -> str:
    if not result.journals:
        return say("The journal of this run was not kept, so no single incident can be shown.", lang)
    return say("The incident that went through the most stages: what it waited for at each of them, and how little of that was work.", lang)


SEEN = {"closure": _closure, "chain": _chain, "time": _time, "waiting": _waiting, "load": _load, "places": _places, "life": _life}


def row(result: Result, measure: str, **where: object) -> pd.Series | None:
    """One row of the measures (all classes together, unless `where` says otherwise); None where it does not exist."""
    rows = result.measures[result.measures["measure"] == measure]
    for key, wanted in {"class": ("", "all"), **{k: (str(v),) for k, v in where.items()}}.items():
        rows = rows[rows[key].isin(wanted)]
    return rows.iloc[0] if len(rows) else None


def _value(result: Result, measure: str, **where: object) -> float:
    found = row(result, measure, **where)
    return float("nan") if found is None else float(found["value"])


def _told(result: Result, measure: str, lang: str, **where: object) -> str:
    return number(_value(result, measure, **where), MEASURES[measure].unit, lang)


def _by_team(result: Result, measure: str) -> pd.Series:
    rows = result.measures[result.measures["measure"] == measure]
    return rows.set_index("team")["value"]
