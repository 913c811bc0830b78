"""Tables that a scenario names: the nodes of a real organisation, and lists of real arrivals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from simgov.clock import DAY, second_of
from simgov.errors import Problem, unknown
from simgov.files import UnreadableError, content
from simgov.language import AND, Message, message, together
from simgov.scenario.fields import MOST, shown
from simgov.scenario.model import Arrival, Arrivals, Scenario
from simgov.sheets import TableError, Wrong, read
from simgov.sheets.values import is_nothing, moment, number, whole
from simgov.sheets.wrong import problem

LARGEST = 500_000_000  # bytes
NODE_COLUMNS = ("node", "level", "parent")
ARRIVAL_COLUMNS = ("at", "node", "enters", "difficulty")
Path = tuple[str | int, ...]
Row = dict[str, str]
Fault = tuple[Message | Callable[[], Message], tuple[object, object] | None]  # as `Wrong.add` takes it


@dataclass(frozen=True)
class NodeRow:
    """One node of the table: `staff` holds the head-counts of the team columns that are filled in."""

    name: str
    level: str
    parent: str
    residents: int | None
    firms: int
    staff: dict[str, int] = field(default_factory=dict)


# ── files ───────────────────────────────────────────────────────────────────────────────────────────


def read_tables(s: Scenario) -> tuple[dict[str, list[Row]], list[Problem]]:
    """The rows of all tables that the scenario names, by file name, and what is wrong with the files."""
    wanted: dict[str, tuple[Path, tuple[str, ...]]] = {s.nodes: (("nodes",), NODE_COLUMNS)} if s.nodes else {}
    for name, cls in s.classes.items():
        if isinstance(cls.arrivals.listed, str):
            wanted[cls.arrivals.listed] = ("classes", name, "arrivals", "list"), ARRIVAL_COLUMNS
    tables: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for file, (path, names) in wanted.items():
        place = FilePath(s.folder) / file
        if refusal := s.access.refusal(FilePath(s.folder), file):
            problems.append(Problem(path, refusal))
            continue
        try:
            sheet = read(content(place, LARGEST), names)
        except UnreadableError as error:
            problems.append(problem(path, place, 0, error.args[0]))
        except TableError as error:
            problems += [problem(path, place, line, said) for line, said in error.wrong]
        else:
            tables[file], s._lines[file], s._notes[str(place)] = sheet.rows, [sheet.header, *sheet.lines], sheet.notes
    return tables, problems


def _numbered(s: Scenario, file: str) -> list[tuple[int, Row]]:
    rows = s.tables.get(file, [])
    return list(zip((s._lines.get(file) or range(1, len(rows) + 2))[1:], rows, strict=True))


def _columns(s: Scenario, file: str, needed: tuple[str, ...], known: tuple[str, ...], wrong: Wrong) -> None:
    """What is wrong with the header of a table."""
    line, rows = (s._lines.get(file) or [1])[0], s.tables.get(file, [])
    if not rows:
        wrong.add(1, message("has no rows"))
        return
    for column in rows[0]:
        if column not in known:
            wrong.add(line, unknown("column", column, known))
    if missing := [column for column in needed if column not in rows[0]]:
        wrong.add(line, message("has no column '{name}'", name=missing[0]))


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────


def node_rows(s: Scenario) -> tuple[list[NodeRow], list[Problem]]:
    """Rows of the table of nodes (columns node, level, parent, residents, firms, and one per team)."""
    if s.nodes not in s.tables:
        return [], []
    raw, wrong = _numbered(s, s.nodes), Wrong()
    _columns(s, s.nodes, NODE_COLUMNS, (*NODE_COLUMNS, "residents", "firms", *s.teams), wrong)
    if not wrong:
        rows, lines = _nodes(s, raw, wrong)
        _parents(s, rows, lines, wrong)
        if not wrong:
            _totals(rows, lines, wrong)
    file = str(FilePath(s.folder) / s.nodes)
    problems = [Problem(("nodes",), said, file, line) for line, said in wrong.told()]
    return ([] if problems else list(rows.values())), problems


def _nodes(s: Scenario, raw: list[tuple[int, Row]], wrong: Wrong) -> tuple[dict[str, NodeRow], dict[str, int]]:
    rows: dict[str, NodeRow] = {}
    lines: dict[str, int] = {}
    for line, row in raw:
        counts = _counts(row, ("residents", "firms", *s.teams), line, wrong)
        name, level, parent = (row[column] for column in NODE_COLUMNS)
        if level not in s.levels:
            wrong.add(line, lambda level=level: unknown("level", level, s.levels), ("level", level))
        if not name or is_nothing(name):
            wrong.add(line, message("the node has no name"))
            continue
        if name in rows:
            wrong.add(line, message("node '{name}' stands in line {line} already", name=name, line=lines[name]))
            continue
        staff = {team: counts[team] for team in s.teams if team in counts}
        for team in staff:
            if staff[team] and level in s.levels and level not in s.teams[team].levels:
                where = together(s.teams[team].levels, AND)
                wrong.add(line, message("{team} is not at level '{level}' but at {levels}", team=team, level=level, levels=where))
        rows[name] = NodeRow(name, level, parent, counts.get("residents"), counts.get("firms", 0), staff)
        lines[name] = line
    return rows, lines


def _counts(row: Row, columns: tuple[str, ...], line: int, wrong: Wrong) -> dict[str, int]:
    """The whole numbers of a row, where there are any."""
    found = {}
    for column in columns:
        text = row.get(column, "")
        count = whole(text)
        if text and is_nothing(text):
            wrong.add(line, message("'{sign}' in column {column} is no number: leave the cell empty, or write 0", sign=text, column=column))
        elif text and (count is None or count > MOST):
            given = shown(text)[1:-1]
            wrong.add(line, message("{column} must be a whole number up to {most:,}, got '{given}'", column=column, most=MOST, given=given))
        elif text:
            found[column] = count
    return found


def _totals(rows: dict[str, NodeRow], lines: dict[str, int], wrong: Wrong) -> None:
    """Residents of a higher node are those of its leaves: a number of its own must agree with theirs."""
    children: dict[str, list[NodeRow]] = {}
    for row in rows.values():
        children.setdefault(row.parent, []).append(row)

    def below(row: NodeRow) -> list[int]:
        own = children.get(row.name, [])
        return [n for child in own for n in below(child)] if own else ([] if row.residents is None else [row.residents])

    for row in rows.values():
        counted = below(row) if row.name in children else []
        if row.residents is not None and counted and sum(counted) != row.residents:
            said = message("{n} residents, but its lowest nodes have {counted}; leave one of the two empty", n=row.residents, counted=sum(counted))
            wrong.add(lines[row.name], said)


def _parents(s: Scenario, rows: dict[str, NodeRow], lines: dict[str, int], wrong: Wrong) -> None:
    order = {level: height for height, level in enumerate(s.levels)}
    for row in rows.values():
        above, line = rows.get(row.parent), lines[row.name]
        if row.parent and above is None and is_nothing(row.parent):
            wrong.add(line, message("'{sign}' in column {column} is no node: leave the cell empty", sign=row.parent, column="parent"))
        elif row.parent and above is None:
            wrong.add(line, lambda parent=row.parent: unknown("parent", parent, rows), ("parent", row.parent))
        elif above is not None and row.level in order and above.level in order and order[above.level] <= order[row.level]:
            names = {"high": above.name, "above": above.level, "low": row.name, "level": row.level}
            wrong.add(line, message("'{high}' ({above}) cannot be above '{low}' ({level})", **names))


# ── arrivals ────────────────────────────────────────────────────────────────────────────────────────


def arrival_rows(s: Scenario, a: Arrivals, here: Path) -> tuple[list[tuple[int, Arrival]], list[Problem]]:
    """Listed arrivals as (second, arrival), in the order of the list."""
    nodes = {row.name: row for row in node_rows(s)[0]} if s.nodes else None
    if isinstance(a.listed, str):
        return _in_file(s, a.listed, (*here, "list"), nodes)
    found, problems = [], []
    for i, arrival in enumerate(a.listed or []):
        problems += [Problem((*here, "list", i), said if isinstance(said, str) else said()) for said, _ in _misplaced(s, arrival, nodes)]
        found.append((second_of(arrival.at, s.period.start), arrival))
    return found, problems


def _in_file(s: Scenario, name: str, path: Path, nodes: dict[str, NodeRow] | None) -> tuple[list[tuple[int, Arrival]], list[Problem]]:
    """The arrivals of a table."""
    raw, wrong = _numbered(s, name), Wrong()
    found: list[tuple[int, Arrival]] = []
    if name in s.tables:
        _columns(s, name, ("at",), ARRIVAL_COLUMNS, wrong)
    for line, row in () if wrong else raw:
        try:
            arrival = _arrival(row)
        except ValueError as error:
            wrong.add(line, error.args[0])
            continue
        for said, key in _misplaced(s, arrival, nodes):
            wrong.add(line, said, key)
        found.append((second_of(arrival.at, s.period.start), arrival))
    file = str(FilePath(s.folder) / name)
    return found, [Problem(path, said, file, line) for line, said in wrong.told()]


def _arrival(row: Row) -> Arrival:
    """A row of the table. Raises ValueError with what is wrong."""
    given = {column: cell for column, cell in row.items() if cell}
    for column, cell in given.items():
        if column != "at" and is_nothing(cell):
            raise ValueError(message("'{sign}' in column {column} says nothing: leave the cell empty", sign=cell, column=column))
    values: dict[str, Any] = {**given, "at": moment(given.get("at", ""))}
    if "difficulty" in given and (number(given["difficulty"])) is None:
        raise ValueError(message("difficulty must be a number, got '{given}'", given=shown(given["difficulty"])[1:-1]))
    if "difficulty" in given:
        values["difficulty"] = number(given["difficulty"])
    try:
        return Arrival(**values)
    except ValidationError as error:
        first = error.errors()[0]
        why = first.get("ctx", {}).get("message") or Message(first["msg"])
        raise ValueError(message("{name} {why}", name=".".join(map(str, first["loc"])), why=why)) from None


def _misplaced(s: Scenario, arrival: Arrival, nodes: dict[str, NodeRow] | None) -> Iterator[Fault]:
    if not 0 <= second_of(arrival.at, s.period.start) < s.days * DAY:
        yield message("{moment} lies outside the period {start} to {end}", moment=arrival.at, start=s.period.start, end=s.period.end), None
    if arrival.enters is not None and arrival.enters not in s.stages:
        yield lambda: unknown("stage", arrival.enters, s.stages), ("stage", arrival.enters)
    if arrival.node is None:
        return
    if nodes is not None and arrival.node not in nodes:
        yield lambda: unknown("node", arrival.node, nodes), ("node", arrival.node)
    if nodes is None:
        level, _, number = arrival.node.rpartition("-")
        if level not in s.levels or not number.isdecimal() or len(number) > 12 or not 1 <= int(number) <= s.levels[level].count:
            example = next(iter(s.levels), "unit")
            yield message("unknown node '{name}'; nodes are called level-number, such as {example}-1", name=arrival.node, example=example), None
