"""Tables as people have them: which encoding, delimiter or sheet it is; what is left out or filled, and said; what is refused."""

from __future__ import annotations

import pytest
from books import SHEET, as_book, as_text, forms, member, of_cells, with_member

from simgov.sheets import TableError, read
from simgov.sheets.excel import shown
from simgov.sheets.safe import as_csv, guarded, unguarded
from simgov.sheets.values import is_nothing, is_sum, moment, number, whole

NODES = [
    ["node", "level", "parent", "residents", "单元长"],
    ["东街", "community", "", "", ""],
    ["东街1", "unit", "东街", "1200", "1"],
    ["东街2；西", "unit", "东街", "30", ""],
    ["1, 2", "unit", "东街", "7", "2"],
]
NAMES = ("node", "level", "parent")


def told(raw, names=NAMES):
    with pytest.raises(TableError) as error:
        read(raw, names)
    return [f"{line}: {said}" for line, said in error.value.wrong]


def notes(raw):
    return [str(note) for note in read(raw, NAMES).notes]


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("form", "raw"), list(forms(NODES)), ids=lambda value: value if isinstance(value, str) else "")
def test_one_table_is_the_same_in_every_form(form, raw):
    """Encoding, delimiter, line ends and Excel make no difference to columns, rows and lines."""
    sheet = read(raw, NAMES)
    assert [list(sheet.columns), *(list(row.values()) for row in sheet.rows)] == NODES
    assert (sheet.header, sheet.lines) == (1, [2, 3, 4, 5])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (as_text(NODES), []),
        (as_text(NODES, "utf-8-sig"), []),
        (as_text(NODES, "utf-16", "\t"), ["read as UTF-16", "cells are separated by tabs"]),
        (as_text(NODES, "gb18030"), ["read as GB18030"]),
        (as_text(NODES, delimiter=";"), ["cells are separated by semicolons"]),
        (as_text(NODES, delimiter="，"), ["cells are separated by full-width commas"]),
        (as_book(NODES), []),
        (as_book(NODES, change=lambda book, sheet: setattr(book.create_sheet("Notes")["B2"], "value", "old")), ["sheet 'Sheet' of the workbook is read, and not Notes"]),
        (as_book(NODES, change=lambda book, sheet: book.create_sheet("Empty")), []),
        (as_book([], change=lambda book, sheet: book.create_sheet("Chart").append(["node", "level"])), []),
    ],
)
def test_what_was_recognised_is_said(raw, said):
    """UTF-8 with commas needs no word; whatever else it was is said."""
    assert notes(raw) == said


def test_hidden_sheets_are_not_read():
    """The first sheet that is shown counts."""
    def hide(book, sheet):
        book.create_sheet("Shown").append(["node", "level"])
        sheet.sheet_state = "hidden"

    assert read(as_book(NODES, change=hide), NAMES).columns == ("node", "level")


def test_numbers_dates_and_truths_of_excel_are_read_as_they_are_seen():
    """A whole number has no point, a float fifteen digits, a date no midnight, a time no seconds that are none."""
    from datetime import date, datetime, time, timedelta

    given = [5.0, 0.1 + 0.2, 1e-7, -3, 2.5e20, True, date(2022, 5, 1), datetime(2022, 5, 1, 8, 30), datetime(2022, 5, 1, 8, 30, 15), time(8, 0), timedelta(hours=30), " a "]
    sheet = read(as_book([list("abcdefghijkl"), given], cell=lambda value: value), ())
    assert list(sheet.rows[0].values()) == ["5", "0.3", "1e-07", "-3", "2.5e+20", "TRUE", "2022-05-01", "2022-05-01 08:30", "2022-05-01 08:30:15", "08:00:00", "30:00:00", "a"]


def test_dates_of_1904_are_the_same_days():
    """Workbooks of old Macs count their days from 1904."""
    from datetime import datetime

    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    raw = as_book([["at"], [datetime(2022, 5, 1, 8, 30)]], cell=lambda value: value, change=lambda book, sheet: setattr(book, "epoch", CALENDAR_MAC_1904))
    assert read(raw, ()).rows == [{"at": "2022-05-01 08:30"}]


def test_a_formula_counts_with_the_value_that_was_calculated():
    """No formula is calculated here; one that never was is named, and so is an error."""
    assert read(of_cells('<row r="1"><c r="A1" t="str"><v>n</v></c></row><row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'), ()).rows == [{"n": "2"}]
    assert read(of_cells('<row r="1"><c r="A1" t="str"><v>n</v></c><c r="B1" t="str"><v>m</v></c></row><row r="2"><c r="A2"><v>2</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'), ()).rows == [{"n": "2", "m": ""}]
    assert told(as_book([["n"], [""]], change=lambda book, sheet: setattr(sheet["A2"], "value", "=1+1"))) == ["2: the cell A2 holds a formula that was never calculated: open the file in Excel and save it"]
    assert told(of_cells('<row r="1"><c r="A1" t="str"><v>n</v></c></row><row r="2"><c r="A2" t="e"><v>#N/A</v></c></row>')) == ["2: the cell A2 holds the error #N/A"]


# ── what is left out or filled ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [as_text, as_book])
def test_blank_rows_titles_and_totals_are_left_out(make):
    """Lines are those of the file; titles and totals are said, blank rows and columns are not worth a word."""
    rows = [["Residents of East Street", "", "", "", ""], ["", "", "", "", ""], [*NODES[0], "", ""], *NODES[1:3], [" "], *NODES[3:], ["合 计：", "", "", "1237", "3"], ["", "Total", "-", "1,237", ""], []]
    sheet = read(make(rows), NAMES)
    assert [list(sheet.columns), *(list(row.values()) for row in sheet.rows)] == NODES
    assert (sheet.header, sheet.lines) == (3, [4, 5, 7, 8])
    assert [str(note) for note in sheet.notes] == ["rows above the header are left out: 1", "rows that add up others are left out: 9, 10"]


def test_a_title_of_one_cell_in_a_text():
    """A text editor writes a title without the commas that a spreadsheet puts behind it; a header of one column is none."""
    sheet = read("组织架构表（2022年）\nnode,level\na,unit\n".encode(), NAMES)

    assert (sheet.columns, sheet.header, [str(note) for note in sheet.notes]) == (("node", "level"), 2, ["rows above the header are left out: 1"])
    assert told(b"node\na,unit\n") == ["2: has more cells than the header: 'unit'"]


@pytest.mark.parametrize("make", [as_text, as_book])
@pytest.mark.parametrize("note", ["制表人：张三", "注：本表截至5月", "Source: the street office", "（截至2022年5月）", "* without migrants", "制表人："])
def test_notes_below_a_table_are_left_out(make, note):
    """What offices write under a table is no row of it, and that is said; totals above it are seen."""
    sheet = read(make([*NODES, ["合计（人）", "", "", "1237", ""], [note, "", "", "", ""], ["", "审核人：李四", "", "", "日期：5月"]]), NAMES)

    assert [list(row.values()) for row in sheet.rows] == NODES[1:]
    assert [str(one) for one in sheet.notes] == ["notes below the table are left out: 7, 8", "rows that add up others are left out: 6"]


def test_what_is_no_note_stays():
    """A time, a name, and a note beside other cells are rows; a table of one column has no notes."""
    assert [row["at"] for row in read(b"at,node\n2022-05-02 08:30,\nx,\nNote: a,b\n08:30,\n", NAMES).rows] == ["2022-05-02 08:30", "x", "Note: a", "08:30"]
    assert read(b"id\nNote: a\n", NAMES).rows == [{"id": "Note: a"}]


@pytest.mark.parametrize("make", [as_text, as_book])
def test_a_total_that_looks_like_a_row_is_asked_about(make):
    """A node that is called total may be one, or be counted twice: neither is guessed."""
    said = "6: '合计' stands for a row that adds up others, and yet it says 'unit'; take the row out, or give it another name"
    assert told(make([*NODES, ["合计", "unit", "", "1237", ""]])) == [said]


def merged(*ranges, hidden=()):
    def change(book, sheet):
        for one in ranges:
            sheet.merge_cells(one)
        for row in hidden:
            sheet.row_dimensions[row].hidden = True

    return change


def test_merged_cells_are_filled_and_said():
    """Names of merged cells stand in each of their rows, also where the number is a name; hidden rows are read, and that is said."""
    rows = [["node", "parent", "residents"], ["a", "7", "1"], ["b", "", "2"], ["c", "", "3"]]
    sheet = read(as_book(rows, change=merged("B2:B4", hidden=[3])), ("node", "parent"))
    assert [row["parent"] for row in sheet.rows] == ["7"] * 3
    assert [str(note) for note in sheet.notes] == ["merged cells are filled with what stands in them: B2:B4", "hidden rows are read like the others: 3"]


def test_a_merged_number_is_not_counted_for_each_row():
    """Residents of merged cells are those of all rows together: nobody knows the share of each."""
    rows = [["node", "parent", "residents"], ["a", "x", "70"], ["b", "x", ""], ["c", "x", "3"]]
    said = "2: column 'residents' has merged cells with a number, 70: it would count once for each; write a number into every row (the same in lines 3)"
    assert told(as_book(rows, change=merged("C2:C3")), ("node", "parent")) == [said]


def test_a_name_in_two_lines_is_one_name():
    """A line break within a cell is a blank; between Chinese characters it is nothing."""
    sheet = read(as_book([["居民\n人数", "unit\nleader"], ["东\n街", "East\r\nStreet"]], cell=str), ())
    assert (sheet.columns, list(sheet.rows[0].values())) == (("居民人数", "unit leader"), ["东街", "East Street"])


def test_signs_without_width_are_no_part_of_a_cell():
    """A mark in the middle of a file and a zero-width blank cannot be seen: names that differ by them alone are one."""
    assert read("\ufeff\ufeffa,b\n\u200bx, y\u2060\n".encode(), ()).rows == [{"a": "x", "b": "y"}]
    assert told("node,residents,residents\u200b\na,1,2\n".encode()) == ["1: columns 2 and 3 are both called 'residents'; leave one of them, or rename it"]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [as_text, as_book])
def test_two_columns_of_one_name_are_refused(make):
    """The last one would win in silence."""
    assert told(make([["node", "residents", " residents "], ["a", "10", "99"]])) == ["1: columns 2 and 3 are both called 'residents'; leave one of them, or rename it"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (as_text([["a", "", "b"], ["1", "x", "2"]]), "2: column 2 has no name, and holds 'x'"),
        (as_text([["a", "", "b"], ["1", "x"]]), "2: column 2 has no name, and holds 'x'"),
        (as_text([["a", "b"], ["1", "2", "3", "4"]]), "2: has more cells than the header: '3,4'"),
        (as_text([["a"], ["x\x1b[2J"]]), "2: the character U+001B is not allowed"),
        (as_text([["a"], ["x\u202e"]]), "2: the character U+202E is not allowed"),
        (b'a\n"b', "2: is no CSV: unexpected end of data"),
        ("node,level\nZürich,unit\n".encode("cp1252"), "2: is neither UTF-8 nor GB18030: byte 0xfc; save the file as UTF-8"),
        (as_text(NODES).replace("东街1".encode(), b"\xe4\xb8\x00\xe8"), "3: is neither UTF-8 nor GB18030: byte 0xe4; save the file as UTF-8"),
        (as_text(NODES).replace("东街1".encode(), b"\xe4\xb8\xe8"), "3: is neither UTF-8 nor GB18030: byte 0xe4; save the file as UTF-8"),
        (as_text(NODES, "utf-16")[:-1], "5: is not UTF-16, as it says that it is: byte 0x0a; save the file as UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "0: is an old or a locked Excel file; save it as .xlsx without a password, or as CSV"),
        (b"PK\x03\x04 and nothing more", "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (with_member(as_book(NODES), SHEET, "<worksheet"), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (with_member(as_book(NODES), SHEET, '<!DOCTYPE x [<!ENTITY a "b">]>' + member(as_book(NODES), SHEET).decode()), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (of_cells('<row r="1"><c r="A1" t="str"><v>a</v></c><c r="A1" t="str"><v>b</v></c></row>'), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (of_cells('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>'), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (of_cells('<row r="9"><c r="XFD9" t="str"><v>a</v></c></row>'), "9: has more than 256 columns: the cell XFD9 is filled"),
        (of_cells('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (of_cells('<row r="1"><c r="A1"><v>1e999</v></c></row>'), "0: is no Excel workbook that can be read; save it again as .xlsx, or as CSV"),
        (of_cells('<row r="1"><c r="A1" t="str"><v>a</v></c></row>', '<mergeCells><mergeCell ref="A1:A1"/><mergeCell ref="A1:B1"/></mergeCells>'), "1: merged cells overlap: A1:A1"),
    ],
)
def test_what_is_no_table_is_told(raw, said):
    """One sentence, with the line, for a file that cannot be read as a table."""
    assert told(raw) == [said]


def test_bombs_are_refused_before_they_go_off():
    """A workbook that unpacks to more than a table ever is, has too many tags or merges a whole sheet is not read."""
    assert told(of_cells(" " * 70_000_000)) == ["0: is larger than 64 MB when it is unpacked; save the sheet as CSV"]
    assert told(of_cells("<c/>" * 1_500_000)) == ["0: has too many cells for a workbook; save the sheet as CSV, which may be longer"]
    far = '<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="1048576"><c r="IV1048576" t="str"><v>a</v></c></row>'
    assert told(of_cells(far, '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')) == ["1: merged cells span too much: A1:IV1048576"]


def test_what_is_wrong_in_many_rows_is_told_once():
    """The same sentence once with the first lines and a count; of many values of one kind the first five and a count."""
    assert told(as_text([["a"], *([["1", "2"]] * 3000)])) == ["2: has more cells than the header: '2' (the same in lines 3, 4, 5, 6, 7 and 2,994 more)"]
    said = told(as_text([["a"], *([["1", str(i)] for i in range(3000)])]))
    assert len(said) == 6
    assert said[-1] == "7: 2,995 more rows are wrong in the way of line 2: lines 7, 8, 9, 10, 11 and 2,990 more"


# ── cells ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("1,200", 1200), ("１，２００", 1200), ("5.0", 5), ("5.", 5), ("0", 0), ("1,20", None), ("1.5", None), ("-1", None), ("+1", None), ("1_0", None), ("1e3", None), ("", None), ("٣", None), ("9" * 21, None)])  # fmt: skip
def test_whole_numbers_of_cells(text, value):
    """Thousands may be set apart; nothing is rounded."""
    assert whole(text) == value


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("-.5", -0.5), ("１．５", 1.5), ("1e-3", 0.001), ("1,5", None), ("1_0", None), ("nan", None), ("inf", None), ("0x1", None), ("1e9999", None)])
def test_numbers_of_cells(text, value):
    """A point is a point; nothing that only Python takes for a number."""
    assert number(text) == value


def test_fractions_of_seconds_in_a_workbook():
    """The noise of Excel's arithmetic is rounded; a fraction that somebody meant is shown, for whoever reads it to refuse."""
    from datetime import datetime

    assert shown(datetime(2022, 5, 1, 8, 30, 0, 999999)) == "2022-05-01 08:30:01"
    assert shown(datetime(2022, 5, 1, 8, 30, 0, 300)) == "2022-05-01 08:30"
    assert shown(datetime(2022, 5, 1, 8, 30, 15, 500000)) == "2022-05-01 08:30:15.500000"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2022/5/1 8:30", "2022-05-01 08:30"), ("2022年5月1日", "2022-05-01"), ("2022.5.1", "2022-05-01"), ("2022-05-01T08:30:15", "2022-05-01 08:30:15"), ("２０２２-5-1", "2022-05-01"),
        ("5/1/2022", "5/1/2022"), ("2022-05/01", "2022-05/01"), ("2022-05-01 08:30Z", "2022-05-01 08:30Z"), ("22-5-1", "22-5-1"), ("", ""),
    ],
)  # fmt: skip
def test_moments_of_cells(text, value):
    """The year first, as Chinese spreadsheets write it; what could be read in two ways, or has a time zone, is left to be refused."""
    assert moment(text) == value


def test_signs_for_nothing_and_for_sums():
    """Either language, half or full width."""
    assert all(map(is_nothing, ("-", "－", "—", "——", "/", "无", "N/A", "none", " - ")))
    assert not any(map(is_nothing, ("", "0", "无锡", "-1", "none of them")))
    assert all(map(is_sum, ("合计", "合 计", "总计：", "小计", "共计", "总数", "Total", "Grand total", "subtotals", "Sub total".replace(" ", ""), "合计（人）", "Total (people)")))
    assert not any(map(is_sum, ("", "合计社区", "totally", "0", "（人）")))


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\rx", "\nx", " =1", "＝1", "'=1", "''=1", "=", "-", "+a", "-2+3+cmd|' /C calc'!A0"])
def test_a_text_like_a_formula_is_marked_and_unmarked(text):
    """An apostrophe keeps a spreadsheet from calculating it, and goes when the table is read again."""
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("cell", ["-1", "+2.5", "-1e-3", -1, 2.5, None, "a=b", "a-b", "'a", "", True])
def test_numbers_and_other_texts_are_not_marked(cell):
    """Numbers stay numbers, also where they are written as text."""
    assert guarded(cell) == cell
    if isinstance(cell, str):
        assert unguarded(cell) == cell


def test_a_frame_as_csv():
    """Names of columns and texts are marked; numbers are not."""
    import pandas as pd

    table = pd.DataFrame({"=a": ["@x", "y"], "n": [-1.5, None], "k": [-1, 2]})
    assert as_csv(table) == "'=a,n,k\n'@x,-1.5,-1\ny,,2\n"
    assert as_csv(pd.DataFrame()) == "\n"


def test_every_table_for_people_is_written_by_one_function():
    """What is exported goes through `as_csv`: no other module writes CSV."""
    from pathlib import Path

    import simgov

    package = Path(simgov.__file__).parent
    writers = {path.relative_to(package).as_posix() for path in package.rglob("*.py") for text in ("to_csv(", "csv.writer", "DictWriter", "to_excel(") if text in path.read_text(encoding="utf-8")}
    assert writers == {"sheets/safe.py"}


def test_the_measures_of_a_run_are_safe_in_a_spreadsheet():
    """Labels that begin like a formula are marked in the table that the page offers; its numbers stay numbers."""
    import csv
    from io import StringIO

    import simgov
    from simgov.scenario import build
    from simgov.web.shown import measures

    scenario = build({
        "schema": 1, "period": ["2022-05-01", "2022-05-08"], "residents": 100, "levels": {"unit": {"count": 1, "label": "=HYPERLINK(1)"}},
        "teams": {"@staff": {"at": "unit", "people": 2, "label": "+1+1"}}, "classes": {"event": {"arrivals": {"rate": 5}, "enters": "look"}},
        "stages": {"look": {"by": "@staff", "work": "30 min", "outcomes": {"closed": 1}}},
    })  # fmt: skip
    text = measures(simgov.run(scenario, replications=2, engine="simpy"), "en")

    rows = list(csv.DictReader(StringIO(text.lstrip("\ufeff"))))
    assert {row["team"] for row in rows} >= {"'@staff"}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    assert {float(row["value"]) for row in rows if row["measure"] == "headline_closure"}
