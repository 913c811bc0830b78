"""How large a scenario is, before anything is built: slips of the keyboard must not fill the memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from simgov.errors import Problem
from simgov.language import Message, message
from simgov.scenario.model import Class, Scenario, Team
from simgov.scenario.tables import node_rows

MOST_NODES = MOST_PEOPLE = 20_000_000  # of one root: a province has fewer
MOST_INCIDENTS = 400_000_000  # of one root
SLIPS = {  # by what there is too much of, and whether there are several roots
    ("nodes", False): message("{number:,.0f} nodes in all; more than {most:,} are surely a slip"),
    ("nodes", True): message("{number:,.0f} nodes in all; more than {most:,} for {roots:,} roots are surely a slip"),
    ("people", False): message("{number:,.0f} people in all; more than {most:,} are surely a slip"),
    ("people", True): message("{number:,.0f} people in all; more than {most:,} for {roots:,} roots are surely a slip"),
    ("incidents", False): message("about {number:,.0f} incidents in all; more than {most:,} are surely a slip"),
    ("incidents", True): message("about {number:,.0f} incidents in all; more than {most:,} for {roots:,} roots are surely a slip"),
}
MOST_ROOTS = 100  # so many of the largest roots may stand side by side: each is simulated alone, so only time grows


def oversized(s: Scenario) -> Iterator[Problem]:
    """A problem for whatever is larger than any real organisation."""
    nodes, roots = _nodes(s)
    residents = sum(row.residents or 0 for row in node_rows(s)[0]) if s.nodes else s.residents
    firms = sum(row.firms for row in node_rows(s)[0]) if s.nodes else s.firms
    people = {name: _people(team, nodes, residents) for name, team in s.teams.items()}
    yield from _slip(("levels",), sum(nodes.values()), roots, MOST_NODES, "nodes")
    for name, number in people.items():
        yield from _slip(("teams", name, "people"), number, roots, MOST_PEOPLE, "people")
    for name, cls in s.classes.items():
        units = {
            "1000 residents": residents / 1000,
            "firm": firms,
            "node": nodes.get(cls.arrivals.of or next(iter(s.levels), ""), 0),
            "person": people.get(cls.arrivals.of or "", 0),
        }
        number = _births(s, cls, units[cls.arrivals.per])
        yield from _slip(("classes", name, "arrivals"), number, roots, MOST_INCIDENTS, "incidents")


def _slip(path: tuple[str, ...], number: float, roots: int, most: int, what: str) -> Iterator[Problem]:
    if number > most * min(roots, MOST_ROOTS):
        text = SLIPS[what, roots > 1]
        yield Problem(path, Message(text, {"number": number, "most": most * min(roots, MOST_ROOTS), **({"roots": roots} if roots > 1 else {})}))


def _nodes(s: Scenario) -> tuple[dict[str, int], int]:
    """Nodes by level, and how many of all are roots."""
    if s.nodes is None:
        nodes = {name: level.count for name, level in s.levels.items()}
        return nodes, list(nodes.values())[-1]
    rows = node_rows(s)[0]
    levels = Counter(row.level for row in rows)
    return {name: levels[name] for name in s.levels}, max(1, sum(not row.parent for row in rows))


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
