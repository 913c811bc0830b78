"""CSV tables that a scenario names: the nodes of a real organisation, and lists of real arrivals."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from simgov.clock import DAY, second_of
from simgov.errors import Problem, nearest
from simgov.scenario.model import Arrival, Arrivals, Moment, Scenario

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class NodeRow:
    """One node of the table: `staff` holds the head-counts of the team columns that are filled in."""

    name: str
    level: str
    parent: str
    residents: int | None
    firms: int
    staff: dict[str, int] = field(default_factory=dict)


def node_rows(s: Scenario) -> tuple[list[NodeRow], list[Problem]]:
    """Rows of the table of nodes (columns node, level, parent, residents, firms, and one per team)."""
    raw = s.tables.get(s.nodes or "")
    if raw is None:
        return [], []
    problems: list[Problem] = []

    def complain(line: int, message: str) -> None:
        problems.append(Problem(("nodes",), message, s.nodes, line))

    columns = {"node", "level", "parent", "residents", "firms", *s.teams}
    for column in set(raw[0] if raw else {"": 0}) - columns:
        complain(1, f"unknown column '{column}'; {nearest(column, columns)}")
    if problems or not raw or not {"node", "level", "parent"} <= set(raw[0]):
        return [], problems or [Problem(("nodes",), "needs rows, and the columns node, level and parent", s.nodes, 1)]

    rows: dict[str, NodeRow] = {}
    order = list(s.levels)
    for line, row in enumerate(raw, start=2):
        number = {}
        for column in ("residents", "firms", *s.teams):
            text = (row.get(column) or "").strip()
            if text and not text.isdecimal():
                complain(line, f"{column} must be a whole number, got '{text}'")
            elif text:
                number[column] = int(text)
        name, level, parent = (row[c].strip() if row[c] else "" for c in ("node", "level", "parent"))
        if not name or name in rows:
            complain(line, f"node must be a name of its own, got '{name}'")
        if level not in s.levels:
            complain(line, f"unknown level '{level}'; {nearest(level, s.levels)}")
        staff = {team: number[team] for team in s.teams if team in number}
        rows[name] = NodeRow(name, level, parent, number.get("residents"), number.get("firms", 0), staff)
    for line, row in enumerate(rows.values(), start=2):
        if row.parent and row.parent not in rows:
            complain(line, f"unknown parent '{row.parent}'; {nearest(row.parent, rows)}")
        elif row.parent and row.level in order and rows[row.parent].level in order:
            if order.index(rows[row.parent].level) <= order.index(row.level):
                complain(line, f"'{row.parent}' ({rows[row.parent].level}) cannot be above '{row.name}' ({row.level})")
    return list(rows.values()), problems


def arrival_rows(s: Scenario, a: Arrivals, here: Path) -> tuple[list[tuple[int, Arrival]], list[Problem]]:
    """Listed arrivals as (second, arrival), in the order of the list."""
    problems: list[Problem] = []
    if isinstance(a.listed, str):
        rows = [{k: v for k, v in row.items() if v not in (None, "")} for row in s.tables.get(a.listed, [])]
        file, first = a.listed, 2
    else:
        rows, file, first = [arrival.model_dump(exclude_none=True) for arrival in a.listed or []], "", 0
    known_nodes = {row.name for row in node_rows(s)[0]} if s.nodes else None
    found = []
    for i, row in enumerate(rows):
        path = (*here, "list") if file else (*here, "list", i)
        line = i + first if file else 0
        try:
            if file and "difficulty" in row:
                row["difficulty"] = float(row["difficulty"])
            arrival = Arrival(**{**row, "at": TypeAdapter(Moment).validate_python(row.get("at"))})
        except (ValidationError, ValueError) as error:
            text = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            problems.append(Problem(path, f"{text} (columns: at, node, enters, difficulty)", file, line))
            continue
        second = second_of(arrival.at, s.period.start)
        if not 0 <= second < s.days * DAY:
            problems.append(Problem(path, f"{arrival.at} lies outside the period {s.period.start} to {s.period.end}", file, line))
        if arrival.enters is not None and arrival.enters not in s.stages:
            problems.append(Problem(path, f"unknown stage '{arrival.enters}'; {nearest(arrival.enters, s.stages)}", file, line))
        if arrival.node is not None and known_nodes is not None and arrival.node not in known_nodes:
            problems.append(Problem(path, f"unknown node '{arrival.node}'; {nearest(arrival.node, known_nodes)}", file, line))
        if arrival.node is not None and known_nodes is None:
            level, _, number = arrival.node.rpartition("-")
            if level not in s.levels or not number.isdecimal() or not 1 <= int(number) <= s.levels[level].count:
                problems.append(Problem(path, f"unknown node '{arrival.node}'; nodes are called level-number, such as {next(iter(s.levels))}-1", file, line))
        found.append((second, arrival))
    return found, problems
