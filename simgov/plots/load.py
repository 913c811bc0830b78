"""Load: the hours that people of each team are there, and those in which they are engaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from simgov.clock import DAY, HOUR
from simgov.language import message, say
from simgov.plots.lines import wrapped
from simgov.plots.style import BLUE, FAINT, ORANGE, RED, SMALL, footer, legend, nothing, title
from simgov.words import number

if TYPE_CHECKING:
    from simgov.result import Result

ROSTERED = "#c9d6df"
DUTY: dict[str, Any] = {"color": ORANGE, "hatch": "///", "ec": "white", "lw": 0}
OVERTIME: dict[str, Any] = {"color": RED, "hatch": "\\\\\\", "ec": "white", "lw": 0}
EXPLAIN = message(
    "Mean of the replications, per person of the team and week of the window. Engaged: with incidents, return visits and chores, also after hours; "
    "its percentage is of all hours of presence, duty and overtime included. People: the most that there are at a time."
)


class Load(NamedTuple):
    """Hours per person and week of a team, of which the first three add up to its presence; `people` is the most that it has at a time."""

    team: str
    people: float
    regular: float
    duty: float
    overtime: float
    engaged: float

    @property
    def presence(self) -> float:
        return self.regular + self.duty + self.overtime


def draw(result: Result, figure: Figure, lang: str) -> None:
    teams = by_team(result)
    if not teams:
        nothing(figure.subplots(), say("No team of this scenario has people that are counted.", lang))
        footer(figure, result, lang)
        return
    figure.set_figheight(max(5, 1.9 + 0.42 * len(teams)))
    axes, most = figure.subplots(), max(team.presence for team in teams)
    for y, team in enumerate(teams):
        axes.barh(y - 0.18, team.regular, 0.34, color=ROSTERED, label=say("rostered, regular hours", lang) if not y else None)
        if team.duty:
            axes.barh(y - 0.18, team.duty, 0.34, left=team.regular, **DUTY)
        if team.overtime:
            axes.barh(y - 0.18, team.overtime, 0.34, left=team.regular + team.duty, **OVERTIME)
        axes.barh(y + 0.18, team.engaged, 0.34, color=BLUE, label=say("engaged", lang) if not y else None)
        share = number(team.engaged / team.presence, "share", lang) if team.presence else "-"
        text = say("engaged {share}\n{people:,.0f} people", lang).format(share=share, people=team.people)
        axes.text(team.presence + 0.012 * most, y, text, va="center", fontsize=SMALL, linespacing=1.1)
    if any(team.duty for team in teams):
        axes.barh(0, 0, label=say("rostered, duty outside regular hours", lang), **DUTY)
    if any(team.overtime for team in teams):
        axes.barh(0, 0, label=say("overtime", lang), **OVERTIME)
    axes.set(xlim=(0, 1.2 * most), ylim=(len(teams) - 0.5, -0.5), xlabel=say("hours per person and week", lang))
    axes.set_yticks(range(len(teams)), [wrapped(result.scenario.label("teams", team.team, lang), 17) for team in teams], fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=FAINT)
    axes.set_axisbelow(True)
    legend(axes, 2)
    title(figure, say("How many hours people are there, and how many they are engaged", lang))
    footer(figure, result, lang, say(EXPLAIN, lang))


def by_team(result: Result) -> list[Load]:
    """The load of each team that has people, in the order of the file; unlimited teams are not counted."""
    s = result.scenario
    weeks = (s.days * DAY - s.warm_up) / (7 * DAY)

    def mean(measure: str, team: str, what: str = "top") -> float:
        return float(np.mean([getattr(tables.entries[measure, team], what) for tables in result.tables]))

    found = []
    for team in (name for name, team in s.teams.items() if not team.people.unlimited):
        people = mean("evenings_per_person", team, "bottom")
        if people:
            names = ("rostered_hours", "off_hours_presence", "overtime_hours", "engaged_hours")
            rostered, off_hours, overtime, engaged = (mean(name, team) / HOUR / people / weeks for name in names)
            duty = off_hours - overtime
            found.append(Load(team, people, rostered - duty, duty, overtime, engaged))
    return found
