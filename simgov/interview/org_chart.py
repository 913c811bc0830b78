"""An organisation chart as a table (.xlsx or CSV): one row per node, with the people of each team in columns of their own.

    id, parent, level, residents, unit leader, grid worker, police
    East 1, East, unit, 23, 1, ,
    East, Street, grid, , , 2,
    Street, , street, , , , 6
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory

from simgov.errors import Problem, ScenarioError
from simgov.files import UnreadableError, content
from simgov.interview.reading import UnclearError
from simgov.interview.terms import DEPARTMENTS, LEVELS, TEAMS, Term, repeated, term
from simgov.language import AND, Message, message, say, together, without
from simgov.scenario import build
from simgov.scenario.tables import LARGEST
from simgov.sheets import ENDINGS, Sheet, TableError
from simgov.sheets import read as sheet_of
from simgov.sheets.safe import as_csv
from simgov.sheets.values import whole

# Names that the first columns may have; the first one is that of simgov's own tables.
COLUMNS = {"node": (message("node"), message("id")), "level": (message("level"),), "parent": (message("parent"),), "residents": (message("residents"),)}


@dataclass(frozen=True)
class Chart:
    """The tree of a table, ready to be written as `text` beside the scenario. Every other column is a team at one level."""

    text: str
    levels: tuple[Term, ...]  # from the lowest up, with the number of nodes
    residents: int
    teams: dict[Term, str]  # the team and the key of its level
    notes: tuple[Message, ...] = ()  # what was taken for what when the table was read


def is_named(text: str) -> bool:
    """Whether an answer names a table, and not levels."""
    return text.strip().lower().endswith(ENDINGS)


def read(file: str) -> Chart:
    """The chart of a file. Raises UnclearError with the first thing that is wrong."""
    known = [word for key in ("node", "level", "parent") for word in _words(key)]
    try:
        sheet = sheet_of(content(Path(file).expanduser(), LARGEST), known)
    except UnreadableError as error:
        raise UnclearError(message("{file}: {problem}", file=file, problem=error.args[0])) from None
    except TableError as error:
        line, said = error.wrong[0]
        raise UnclearError(Problem((), said, file, line).told) from None
    if not sheet.rows:
        raise UnclearError(message("{file}: has no rows; one row per node is needed, with the columns id, parent, level and residents", file=file))
    header = _header(sheet.columns, file)
    levels = {given: term(given, LEVELS) for given in dict.fromkeys(row[header["level"]] for row in sheet.rows)}
    teams = {column: term(column, {**DEPARTMENTS, **TEAMS}) for column in sheet.columns if column not in header.values()}
    if twice := repeated([*levels.values()]) or repeated(teams.values()):
        raise UnclearError(message("{file}: two of its names are one to simgov: {word}", file=file, word=twice))
    table = [
        {
            **{key: levels[row[column]].key if key == "level" else row[column] for key, column in header.items() if key != "residents"},
            **{key: _figures(row[column]) for key, column in (("residents", header["residents"]), *((one.key, column) for column, one in teams.items()))},
        }
        for row in sheet.rows
    ]
    return _checked(table, _ordered(table, list(levels.values()), file), list(teams.values()), sheet, file)


def _figures(text: str) -> str:
    """A count in plain figures; what is none stays, to be told."""
    count = whole(text)
    return text if count is None else str(count)


def _words(key: str) -> tuple[str, ...]:
    """What a column may be called, in either language."""
    return tuple(word for name in COLUMNS[key] for word in (name, say(name, "zh")))


def _header(columns: tuple[str, ...], file: str) -> dict[str, str]:
    """Which column is which: by its name in English or Chinese."""
    found = {}
    for key, names in COLUMNS.items():
        there = [column for column in columns if "".join(column.lower().split()) in _words(key)]
        if not there:
            raise UnclearError(message("{file}: has no column {name}; the columns id, parent, level and residents are needed", file=file, name=names[-1]))
        if len(there) > 1:
            raise UnclearError(message("{file}: the columns {names} are one to simgov; leave one of them", file=file, names=together(there, AND)))
        found[key] = there[0]
    return found


def _ordered(table: list[dict[str, str]], levels: list[Term], file: str) -> list[Term]:
    """Levels from the lowest up, as parents tell it."""
    level_of = {row["node"]: row["level"] for row in table}
    below: dict[str, set[str]] = {one.key: set() for one in levels}
    for row in table:
        above = level_of.get(row["parent"])
        if above is not None:
            below[above].add(row["level"])
    counted = Counter(level_of.values())
    try:
        order = list(TopologicalSorter(below).static_order())
    except CycleError as error:
        raise UnclearError(message("{file}: the levels {levels} stand above each other", file=file, levels=together(dict.fromkeys(error.args[1])))) from None
    named = {one.key: one for one in levels}
    return [replace(named[key], count=counted[key]) for key in order]


def _checked(table: list[dict[str, str]], levels: list[Term], teams: list[Term], sheet: Sheet, file: str) -> Chart:
    """The chart, after a scenario with nothing but this table has been read: it finds unknown parents, doubles and the like."""
    import pandas as pd

    places = {one.key: {row["level"] for row in table if row[one.key] and whole(row[one.key]) != 0} for one in teams}
    for one in teams:
        if len(places[one.key]) > 1:
            raise UnclearError(message("{file}: {word} stands at several levels; give each level's people a column of their own", file=file, word=one.said))
    kept = [one for one in teams if places[one.key]]
    text = as_csv(pd.DataFrame(table, columns=[*COLUMNS, *(one.key for one in kept)]))
    at = {one: next(iter(places[one.key])) for one in kept}
    with TemporaryDirectory() as folder:
        (Path(folder) / "nodes.csv").write_text(_as_it_stood(text, sheet), encoding="utf-8")
        try:
            build(_bare({one.key: at[one] for one in kept}, levels), folder=folder)
        except ScenarioError as error:
            problem = replace(error.problems[0], file=file, path=()) if error.problems[0].file else error.problems[0]
            raise UnclearError(without(problem.told, f"{folder}{os.sep}")) from None
    parents = {row["parent"] for row in table}
    residents = sum(whole(row["residents"]) or 0 for row in table if row["node"] not in parents)
    if not residents:
        raise UnclearError(message("{file}: no residents; give them for the nodes of the lowest level", file=file))
    return Chart(text, tuple(levels), residents, at, sheet.notes)


def _as_it_stood(text: str, sheet: Sheet) -> str:
    """The rows at the lines where they stand in the file, so that what is wrong is told with those."""
    made, at = "", 1
    for line, row in zip([sheet.header, *sheet.lines], text.splitlines(keepends=True), strict=True):
        made += "\n" * (line - at) + row
        at = line + 1
    return made


def _bare(teams: dict[str, str], levels: list[Term]) -> dict[str, object]:
    """The least scenario that reads the table."""
    top = levels[-1].key
    return {
        "schema": 1, "period": ["2025-01-01", "2025-02-01"], "nodes": "nodes.csv", "levels": {one.key: {} for one in levels},
        "teams": {**{name: {"at": level} for name, level in teams.items()}, "anybody": {"at": top, "people": "unlimited"}},
        "classes": {"some": {"arrivals": {"rate": 0}, "enters": "only"}},
        "stages": {"only": {"wait": "1 h", "outcomes": {"closed": 1}}},
    }  # fmt: skip
