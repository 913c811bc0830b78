"""CSV tables that a scenario names: the nodes of a real organisation, and lists of real arrivals."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simgov.clock import DAY, second_of
from simgov.errors import Problem, ScenarioError, in_full, unknown
from simgov.language import AND, Message, message, together
from simgov.scenario.fields import MOST, shown
from simgov.scenario.model import Arrival, Arrivals, Moment, Scenario
from simgov.scenario.yaml_text import decoded, unreadable

LARGEST = 500_000_000  # bytes
ARRIVAL_COLUMNS = ("at", "node", "enters", "difficulty")
MOMENT: TypeAdapter[Any] = TypeAdapter(Moment)
Path = tuple[str | int, ...]
Row = dict[str, str]


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
    """The rows of all CSV files that the scenario names, by file name, and what is wrong with the files."""
    wanted = {s.nodes: ("nodes",)} if s.nodes else {}
    for name, cls in s.classes.items():
        if isinstance(cls.arrivals.listed, str):
            wanted[cls.arrivals.listed] = ("classes", name, "arrivals", "list")
    tables: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for file, path in wanted.items():
        place = FilePath(s.folder) / file
        if refusal := s.access.refusal(FilePath(s.folder), file):
            problems.append(Problem(path, refusal))
            continue
        try:
            tables[file], s._lines[file] = _rows(decoded(place, LARGEST), str(place))
            problems += [Problem(path, why, str(place), line) for line, why in _unreadable(tables[file], s._lines[file])]
        except ScenarioError as error:
            wrong = error.problems[0]
            where = Problem(path, wrong.message, wrong.file, wrong.line)
            problems.append(where if wrong.line else Problem(path, message("the table {file} {why}", file=place, why=wrong.message)))
    return tables, problems


def _unreadable(rows: list[Row], lines: list[int]) -> Iterator[tuple[int, str]]:
    """The first row with a text that is not taken, as (line, message)."""
    for line, row in zip(lines, rows, strict=True):
        if why := next(filter(None, map(unreadable, (*row, *row.values()))), None):
            yield line, why
            return


def _rows(text: str, file: str) -> tuple[list[Row], list[int]]:
    reader = csv.DictReader(StringIO(text, newline=""), restkey="", restval="", strict=True)
    rows: list[Row] = []
    lines: list[int] = []
    try:
        for row in reader:
            rows.append({str(column).strip(): ",".join(cell) if isinstance(cell, list) else cell for column, cell in row.items()})
            lines.append(reader.line_num)
    except csv.Error as error:
        raise ScenarioError([Problem((), message("is no CSV: {why}", why=in_full(error)), file, (lines[-1] if lines else 1) + 1)]) from None
    return rows, lines


def _numbered(s: Scenario, file: str) -> list[tuple[int, Row]]:
    rows = s.tables.get(file, [])
    return list(zip(s._lines.get(file) or range(2, len(rows) + 2), rows, strict=True))


def _columns(rows: list[tuple[int, Row]], needed: tuple[str, ...], known: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """What is wrong with the header of a table, as (line, message)."""
    columns = list(rows[0][1]) if rows else []
    if not rows:
        yield 1, message("has no rows")
    for column in columns:
        if column and column not in known:
            yield 1, unknown("column", column, known)
    missing = [column for column in needed if column not in columns]
    if rows and missing:
        yield 1, message("has no column '{name}'", name=missing[0])


def _too_many(row: Row) -> list[str]:
    return [message("has more cells than the header: '{given}'", given=row[""])] if row.get("") else []


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────


def node_rows(s: Scenario) -> tuple[list[NodeRow], list[Problem]]:
    """Rows of the table of nodes (columns node, level, parent, residents, firms, and one per team)."""
    if s.nodes not in s.tables:
        return [], []
    raw, problems = _numbered(s, s.nodes), []
    file = str(FilePath(s.folder) / s.nodes)
    known = ("node", "level", "parent", "residents", "firms", *s.teams)
    wrong = list(_columns(raw, ("node", "level", "parent"), known))
    if not wrong:
        rows, lines = _nodes(s, raw, wrong)
        _parents(s, rows, lines, wrong)
        if not wrong:
            _totals(rows, lines, wrong)
    problems = [Problem(("nodes",), message, file, line) for line, message in wrong]
    return ([] if problems else list(rows.values())), problems


def _nodes(s: Scenario, raw: list[tuple[int, Row]], wrong: list[tuple[int, str]]) -> tuple[dict[str, NodeRow], dict[str, int]]:
    rows: dict[str, NodeRow] = {}
    lines: dict[str, int] = {}
    for line, row in raw:
        wrong += [(line, message) for message in _too_many(row)]
        number = {}
        for column in ("residents", "firms", *s.teams):
            text = row.get(column, "").strip()
            if text and not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST))):
                wrong.append((line, message("{column} must be a whole number up to {most:,}, got '{given}'", column=column, most=MOST, given=shown(text)[1:-1])))
            elif text:
                number[column] = int(text)
        name, level, parent = (row[column].strip() for column in ("node", "level", "parent"))
        if level not in s.levels:
            wrong.append((line, unknown("level", level, s.levels)))
        if not name or name in rows:
            wrong.append((line, message("node '{name}' stands in line {line} already", name=name, line=lines[name]) if name else message("the node has no name")))
            continue
        staff = {team: number[team] for team in s.teams if team in number}
        for team in staff:
            if staff[team] and level in s.levels and level not in s.teams[team].levels:
                wrong.append((line, message("{team} is not at level '{level}' but at {levels}", team=team, level=level, levels=together(s.teams[team].levels, AND))))
        rows[name] = NodeRow(name, level, parent, number.get("residents"), number.get("firms", 0), staff)
        lines[name] = line
    return rows, lines


def _totals(rows: dict[str, NodeRow], lines: dict[str, int], wrong: list[tuple[int, str]]) -> None:
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
            wrong.append((lines[row.name], message("{n} residents, but its lowest nodes have {counted}; leave one of the two empty", n=row.residents, counted=sum(counted))))


def _parents(s: Scenario, rows: dict[str, NodeRow], lines: dict[str, int], wrong: list[tuple[int, str]]) -> None:
    order = {level: height for height, level in enumerate(s.levels)}
    for row in rows.values():
        above = rows.get(row.parent)
        if row.parent and above is None:
            wrong.append((lines[row.name], unknown("parent", row.parent, rows)))
        elif above is not None and row.level in order and above.level in order and order[above.level] <= order[row.level]:
            wrong.append((lines[row.name], message("'{high}' ({above}) cannot be above '{low}' ({level})", high=above.name, above=above.level, low=row.name, level=row.level)))


# ── arrivals ────────────────────────────────────────────────────────────────────────────────────────


def arrival_rows(s: Scenario, a: Arrivals, here: Path) -> tuple[list[tuple[int, Arrival]], list[Problem]]:
    """Listed arrivals as (second, arrival), in the order of the list."""
    found: list[tuple[int, Arrival]] = []
    problems: list[Problem] = []
    in_file = isinstance(a.listed, str)
    file = str(FilePath(s.folder) / a.listed) if in_file else ""
    if in_file:
        rows: Any = _numbered(s, a.listed)
        header = _columns(rows, ("at",), ARRIVAL_COLUMNS) if a.listed in s.tables else ()
        problems += [Problem((*here, "list"), message, file, line) for line, message in header]
        if problems:
            return [], problems
    else:
        rows = list(enumerate(a.listed or []))
    nodes = {row.name: row for row in node_rows(s)[0]} if s.nodes else None
    for line, row in rows:
        path, line = ((*here, "list"), line) if in_file else ((*here, "list", line), 0)
        problems += [Problem(path, message, file, line) for message in (_too_many(row) if in_file else ())]
        try:
            arrival = _arrival(row) if in_file else row
        except ValueError as error:
            problems.append(Problem(path, error.args[0], file, line))
            continue
        problems += [Problem(path, message, file, line) for message in _misplaced(s, arrival, nodes)]
        found.append((second_of(arrival.at, s.period.start), arrival))
    return found, problems


def _arrival(row: Row) -> Arrival:
    """A row of the table. Raises ValueError with what is wrong."""
    given = {column: cell.strip() for column, cell in row.items() if column and cell.strip()}
    values: dict[str, Any] = dict(given)
    try:
        values["at"] = MOMENT.validate_python(given.get("at", ""))
        if "difficulty" in given:
            values["difficulty"] = float(given["difficulty"])
        return Arrival(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(message("{name} {why}", name=".".join(map(str, first["loc"])) or "at", why=first.get("ctx", {}).get("message") or Message(first["msg"]))) from None
    except ValueError:
        raise ValueError(message("difficulty must be a number, got '{given}'", given=given["difficulty"])) from None


def _misplaced(s: Scenario, arrival: Arrival, nodes: dict[str, NodeRow] | None) -> Iterator[str]:
    if not 0 <= second_of(arrival.at, s.period.start) < s.days * DAY:
        yield message("{moment} lies outside the period {start} to {end}", moment=arrival.at, start=s.period.start, end=s.period.end)
    if arrival.enters is not None and arrival.enters not in s.stages:
        yield unknown("stage", arrival.enters, s.stages)
    if arrival.node is None:
        return
    if nodes is not None and arrival.node not in nodes:
        yield unknown("node", arrival.node, nodes)
    if nodes is None:
        level, _, number = arrival.node.rpartition("-")
        if level not in s.levels or not number.isdecimal() or len(number) > 12 or not 1 <= int(number) <= s.levels[level].count:
            yield message("unknown node '{name}'; nodes are called level-number, such as {example}-1", name=arrival.node, example=next(iter(s.levels), "unit"))
