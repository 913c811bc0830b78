"""Damaged tables: a scenario or an error of ours, nothing else; and what is taken is what another reader reads."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from books import DELIMITERS, ENCODINGS, as_book, as_text, member, of_cells, typed, with_member
from fuzzing import AT_A_PUSH, AT_NIGHT, seeds

from simgov import interview
from simgov.errors import SimgovError
from simgov.scenario import build
from simgov.scenario.origins import read_facts
from simgov.sheets import TableError, read
from simgov.sheets.values import CONTROL

NODES = [["node", "level", "parent", "residents", "firms", "leader"], ["North", "community", "", "", "", ""], *([f"N{i}, 东", "unit", "North", str(10 + i), "", "1"] for i in range(6))]
ARRIVALS = [["at", "node", "enters", "difficulty"], *([f"2022-05-0{i} 08:3{i}", "", "look", "0.5"] for i in range(1, 7))]
CHART = [["id", "parent", "level", "residents", "unit leader", "police"], ["镇", "", "town", "", "", "6"], ["E1", "镇", "unit", "40", "1", ""], ["E2", "镇", "unit", "1,035", "2", ""]]
FACTS = [["id", "phrase", "value"], ["F-1", "a thousand", "1000"], ["F-2", "two; or three", "2"]]
TABLES = {"nodes": NODES, "arrivals": ARRIVALS, "chart": CHART, "facts": FACTS}
SCENARIO = {
    "schema": 1, "period": ["2022-05-01", "2022-06-01"], "levels": {"unit": {}, "community": {}}, "nodes": "t",
    "teams": {"leader": {"at": "unit"}, "staff": {"at": "community", "people": 2}}, "classes": {"event": {"arrivals": {"rate": 1}, "enters": "look"}},
    "stages": {"look": {"by": "staff", "work": "30 min", "outcomes": {"closed": 1}}},
}  # fmt: skip
LISTED = {**SCENARIO, "nodes": None, "residents": 100, "classes": {"event": {"arrivals": {"list": "t"}, "enters": "look"}}}
CELLS = ["", "-", "无", "合计", "total", "nan", "=1+1", "'=x", "@x", "1,200", "１２", "5.0", "-1", "1e9", "9" * 30, "2022-05-01T00:00Z", "2022/5/1", "true", "#N/A", '"', "a\nb", ";", "，", "\t", "\ufeff", "x" * 300, "\x07", "\u202e", "东" * 50, "None", "N1, 东", "North"]  # fmt: skip


def used(kind, folder):
    """What reads a table of that kind."""
    if kind == "chart":
        return interview.org_chart.read(str(folder / "t"))
    if kind == "facts":
        return read_facts(folder / "t")
    return build(SCENARIO if kind == "nodes" else LISTED, folder=folder)


def sound(raw, kind, folder):
    """Put it where it is read: True, or False with an error of ours that says something."""
    (folder / "t").write_bytes(raw)
    said = {}
    try:
        used(kind, folder)
    except SimgovError as error:
        said = {lang: error.say(lang) for lang in ("en", "zh")}
    assert all(text.strip() and len(text.splitlines()) < 60 for text in said.values())
    return not said


def sheet_of(raw):
    """The table, or None; no two columns of one name, no blank row, no sign that writes on a terminal, and a line for each row."""
    try:
        sheet = read(raw, ())
    except TableError:
        return None
    assert len(set(sheet.columns)) == len(sheet.columns)
    assert len(sheet.lines) == len(sheet.rows) == len(set(sheet.lines))
    assert not any(CONTROL.search(text) for row in sheet.rows for cell in row.items() for text in cell)
    assert all(any(row.values()) for row in sheet.rows)
    return sheet


def damaged(raw, chance):
    """Some bytes changed, cut out, doubled or put in."""
    found = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, size = chance.randrange(len(found) + 1), chance.choice((1, 1, 1, 3, 40))
        piece = bytes(chance.choice((chance.randrange(256), 0, 10, 34, 44, 59, 255)) for _ in range(size))
        match chance.randrange(4):
            case 0:
                found[at : at + size] = piece
            case 1:
                del found[at : at + size]
            case 2:
                found[at:at] = piece
            case 3:
                found[at:at] = found[at : at + size]
    return bytes(found)


def changed(rows, chance):
    """Cells changed, rows and columns doubled, moved or cut."""
    rows = [list(row) for row in rows]
    for _ in range(chance.choice((1, 1, 2, 4))):
        row, other = chance.choice(rows), chance.choice(rows)
        at = chance.randrange(len(row)) if row else 0
        match chance.randrange(8):
            case 0 | 1 | 2 if row:
                row[at] = chance.choice(CELLS)
            case 3:
                rows.insert(chance.randrange(len(rows) + 1), list(other))
            case 4:
                rows = [[*one[:at], *one[at : at + 1], *one[at:]] for one in rows]
            case 5:
                row.append(chance.choice(CELLS))
            case 6:
                row[at:] = []
            case 7:
                rows.insert(chance.randrange(len(rows) + 1), [chance.choice(("合计", "", "Title", "-"))] + [""] * chance.randrange(6))
    return rows


def of_bytes(times, folder):
    for chance in seeds("csv bytes", 300, times):
        kind = chance.choice(list(TABLES))
        raw = damaged(as_text(TABLES[kind], chance.choice(ENCODINGS), chance.choice(DELIMITERS)), chance)
        sheet_of(raw)
        sound(raw, kind, folder)


def of_mixed_encodings(times, folder):
    for chance in seeds("csv encodings", 200, times):
        kind = chance.choice(list(TABLES))
        rows = changed(TABLES[kind], chance)
        raw = b"".join(as_text([row], chance.choice(ENCODINGS[:2] + ENCODINGS[-1:] * 2 + ENCODINGS[2:3])) for row in rows)
        sheet_of(raw)
        sound(raw, kind, folder)


def of_cells_changed(times, folder):
    """Every form of one changed table is taken or refused alike, and holds the same; an independent reading of the plain one agrees."""
    for chance in seeds("cells", 120, times):
        kind = chance.choice(list(TABLES))
        rows = changed(TABLES[kind], chance)
        plain = sheet_of(as_text(rows))
        found = sound(as_text(rows), kind, folder)
        marked = any("\ufeff" in cell for row in rows for cell in row)
        if marked or len([cell for cell in rows[0] if cell]) < 2 or any(sign in cell for cell in rows[0] for sign in DELIMITERS):
            continue  # the first row tells which sign stands between cells, and the mark of Unicode is none in GB18030
        for _ in range(2):
            encoding, delimiter = chance.choice(ENCODINGS), chance.choice(DELIMITERS)
            other = sheet_of(as_text(rows, encoding, delimiter))
            assert (plain is None) == (other is None), (encoding, delimiter, rows)
            assert plain is None or (plain.rows, plain.lines) == (other.rows, other.lines), (encoding, delimiter)
            assert sound(as_text(rows, encoding, delimiter), kind, folder) == found
        if plain is not None:
            _as_another_reads(plain, rows)


def _as_another_reads(sheet, rows):
    """Every row that is taken stands in the file, in order, with its cells under their columns; no row with two texts is lost."""
    own = list(csv.reader(StringIO(as_text(rows).decode(), newline="")))
    kept = dict(zip(sheet.lines, sheet.rows, strict=True))
    header = [cell.strip() for cell in next(row for row in own if set(sheet.columns) <= {_bare(cell) for cell in row})] if sheet.columns else []
    names = [_bare(cell) for cell in header]
    line, taken = 0, []
    for row in own:
        line += 1 + sum(cell.count("\n") for cell in row)
        if line in kept:
            taken.append(line)
            assert {name: _bare(row[at]) if at < len(row) else "" for at, name in enumerate(names) if name} == kept[line]
    assert taken == sheet.lines


def _bare(cell):
    cell = cell[1:] if cell.startswith(("'=", "'@")) else cell
    return " ".join(cell.split("\n")).strip()


def of_workbooks(times, folder):
    for chance in seeds("books", 20, times):
        kind = chance.choice(list(TABLES))
        rows = [[cell.replace("\x07", "") for cell in row] for row in changed(TABLES[kind], chance)]

        def change(book, sheet, chance=chance):
            for _ in range(chance.randrange(3)):
                top, left = chance.randrange(1, 9), chance.randrange(1, 7)
                sheet.merge_cells(start_row=top, start_column=left, end_row=top + chance.randrange(3), end_column=left + chance.randrange(2))
            sheet.row_dimensions[chance.randrange(1, 9)].hidden = True
            book.create_sheet("more", chance.randrange(2)).append([chance.choice(("", "x"))])

        raw = as_book(rows, chance.choice((typed, lambda text: text or None)), change if chance.random() < 0.5 else lambda book, sheet: None)
        sheet_of(raw)
        sound(raw, kind, folder)
        for _ in range(3):
            bad = _with_bad_member(raw, chance) if chance.random() < 0.8 else damaged(raw, chance)
            sheet_of(bad)
            sound(bad, kind, folder)


def _with_bad_member(raw, chance):
    with ZipFile(BytesIO(raw)) as archive:
        name = chance.choice([*archive.namelist(), "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    try:
        return with_member(raw, name, damaged(member(raw, name), chance))
    except KeyError:
        return raw


PIECES = ['t="s"', 't="n"', 't="b"', 't="e"', 't="d"', 't="str"', 't="inlineStr"', 't="x"', 's="1"', 's="99"', 's="-1"']
VALUES = ["<v>1</v>", "<v>-1</v>", "<v>9e99</v>", "<v>nan</v>", "<v>2022-05-01T08:00:00Z</v>", "<v>TRUE</v>", "<v/>", "<f>1+1</f>", "<f>A1</f><v>3</v>", "<is><t>x</t></is>", "<is><r><t>y</t></r></is>", "<v>" + "9" * 5000 + "</v>", "<v>x</v><v>y</v>"]  # fmt: skip
REFS = ["A1", "B1", "A2", "B2", "A0", "a3", "XFD1", "ZZZ9", "A1048577", "A99999999999", "1A", "", "$A$4", "A-1"]


def of_odd_sheets(times, folder):
    """Sheets that no Excel writes: types, places and values that do not go together."""
    for chance in seeds("odd sheets", 60, times):
        rows = []
        for _ in range(chance.randrange(1, 5)):
            cells = "".join(
                f'<c r="{chance.choice(REFS)}" {chance.choice(PIECES)}>{chance.choice(VALUES)}</c>' if chance.random() < 0.8 else f"<c>{chance.choice(VALUES)}</c>" for _ in range(chance.randrange(4))
            )
            rows.append(f'<row{chance.choice(("", chr(32) + "r=" + chr(34) + str(chance.choice((1, 2, 0, -3, 10**12))) + chr(34)))}>{cells}</row>')
        merges = "".join(f'<mergeCell ref="{chance.choice(REFS)}:{chance.choice(REFS)}"/>' for _ in range(chance.randrange(3)))
        raw = of_cells("".join(rows), f"<mergeCells>{merges}</mergeCells>" if merges else "")
        sheet_of(raw)
        sound(raw, chance.choice(list(TABLES)), folder)


FUZZERS = [of_bytes, of_mixed_encodings, of_cells_changed, of_workbooks, of_odd_sheets]


@pytest.mark.parametrize("kind", TABLES)
def test_the_undamaged_tables_are_read(kind, tmp_path):
    """What the fuzzers damage is sound before."""
    assert sound(as_text(TABLES[kind]), kind, tmp_path)
    assert sound(as_book(TABLES[kind]), kind, tmp_path)


@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_damaged_tables_end_in_a_table_or_in_our_error(fuzzer, tmp_path):
    """A few hundred of each kind at every push."""
    fuzzer(AT_A_PUSH, Path(tmp_path))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("fuzzer", FUZZERS)
def test_so_do_many_more(fuzzer, tmp_path):
    """The same at night, many times over."""
    fuzzer(AT_NIGHT, Path(tmp_path))
