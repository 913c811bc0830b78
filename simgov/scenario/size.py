"""How large a scenario is, before anything is built: slips of the keyboard must not fill the memory."""

from __future__ import annotations

from collections.abc import Iterator

from simgov.errors import Problem
from simgov.scenario.model import Class, Scenario, Team
from simgov.scenario.tables import node_rows

MOST_NODES = MOST_PEOPLE = 20_000_000
MOST_INCIDENTS = 400_000_000  # a nation of 1.4 billion has about 255 million a year


def oversized(s: Scenario) -> Iterator[Problem]:
    """A problem for whatever is larger than any real organisation."""
    nodes = _nodes(s)
    if sum(nodes.values()) > MOST_NODES:
        yield Problem(("levels",), f"{sum(nodes.values()):,} nodes in all; more than {MOST_NODES:,} are surely a slip")
    residents = sum(row.residents or 0 for row in node_rows(s)[0]) if s.nodes else s.residents
    firms = sum(row.firms for row in node_rows(s)[0]) if s.nodes else s.firms
    people = {name: _people(team, nodes, residents) for name, team in s.teams.items()}
    for name, number in people.items():
        if number > MOST_PEOPLE:
            yield Problem(("teams", name, "people"), f"{number:,.0f} people in all; more than {MOST_PEOPLE:,} are surely a slip")
    for name, cls in s.classes.items():
        units = {
            "1000 residents": residents / 1000,
            "firm": firms,
            "node": nodes.get(cls.arrivals.of or next(iter(s.levels), ""), 0),
            "person": people.get(cls.arrivals.of or "", 0),
        }
        number = _births(s, cls, units[cls.arrivals.per])
        if number > MOST_INCIDENTS:
            yield Problem(("classes", name, "arrivals"), f"about {number:,.0f} incidents in all; more than {MOST_INCIDENTS:,} are surely a slip")


def _nodes(s: Scenario) -> dict[str, int]:
    if s.nodes is None:
        return {name: level.count for name, level in s.levels.items()}
    levels = [row.level for row in node_rows(s)[0]]
    return {name: levels.count(name) for name in s.levels}


def _people(team: Team, nodes: dict[str, int], residents: int) -> float:
    people, places = team.people, sum(nodes.get(level, 0) for level in team.levels)
    if people.total is not None:
        return people.total
    if people.per_10000 is not None:
        return people.per_10000 * residents / 10_000
    return max([people.each or 0, *(people.roster or {}).values()]) * places


def _births(s: Scenario, cls: Class, units: float) -> float:
    arrivals, hidden = cls.arrivals, cls.found.hidden_at_start if cls.found else 0
    if arrivals.rate is not None:
        return arrivals.rate * units * s.days + hidden
    if arrivals.each_opening is None:
        return hidden
    calendar = arrivals.each_opening.calendar
    openings = len(s.calendar(calendar).openings) if calendar in s.calendars else s.days
    return openings * units * arrivals.each_opening.count + hidden
