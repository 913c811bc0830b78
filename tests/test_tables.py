"""Tables of nodes and arrivals: what they may say, and one message with file and line for what they may not."""

from __future__ import annotations

from io import StringIO

import pytest
from books import as_book, as_text, forms
from rich.console import Console

import simgov
from simgov import provenance
from simgov.clock import DAY, HOUR, MINUTE
from simgov.errors import ScenarioError
from simgov.explain import understand
from simgov.plan import make
from simgov.provenance import rebuilt
from simgov.scenario import load
from simgov.scenario.tables import arrival_rows
from simgov.sources import facts_of

SCENARIO = """\
schema: 1
period: [2022-05-01, 2022-06-01]
levels: {unit: 4, community: 1}
RESIDENTS
teams:
  leader: {at: unit}
  staff: {at: community, people: 2}
classes:
  event: {arrivals: ARRIVALS, enters: look}
stages:
  look: {by: leader, work: 30 min, outcomes: {closed: 0.8}}
  handle: {by: staff, work: 1h, outcomes: {closed: 1}}
"""
NODES = "node,level,parent,residents,firms,leader\nNorth,community,,,,\nA,unit,North,70,3,2\nB,unit,North,30,,\n"
ARRIVALS = "at,node,enters,difficulty\n2022-05-02 08:30,unit-1,,\n2022-05-03,unit-2,handle,0.5\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to write scenario and table to; messages name files without it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_nodes(place, table: str | bytes):
    (place / "n.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    (place / "s.yaml").write_text(SCENARIO.replace("RESIDENTS", "nodes: n.csv").replace("{unit: 4, community: 1}", "{unit: {}, community: {}}").replace("ARRIVALS", "{rate: 1}"))
    return load("s.yaml")


def with_arrivals(place, table: str | bytes):
    (place / "a.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    (place / "s.yaml").write_text(SCENARIO.replace("RESIDENTS", "residents: 100").replace("ARRIVALS", "{list: a.csv}"))
    return load("s.yaml")


def told(action, *args) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        action(*args)
    return str(error.value).splitlines()


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_table_of_nodes_gives_tree_residents_firms_and_staff(place):
    """A table of nodes replaces counts: parents, residents of the leaves, firms, and head-counts of teams (an empty cell is nobody)."""
    plan = make(with_nodes(place, NODES))
    assert plan.tree.names == ("North", "A", "B")
    assert plan.tree.residents.tolist() == [100, 70, 30]
    assert plan.tree.firms.tolist() == [3, 3, 0]
    leaders = [n for p, n in zip(plan.crowd.pool_team, plan.crowd.headcount[0], strict=True) if p == 0]
    assert leaders == [2]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(place):
    """A table saved by a spreadsheet is read."""
    assert make(with_nodes(place, b"\xef\xbb\xbf" + NODES.replace("\n", "\r\n").encode())).tree.names == ("North", "A", "B")


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ("", ["n.csv:1: nodes: has no rows"]),
        ("node,level,parent\n", ["n.csv:1: nodes: has no rows"]),
        (
            NODES.replace("node,", "nod,"),
            ["n.csv:1: nodes: unknown column 'nod'; did you mean 'node'?", "n.csv:1: nodes: has no column 'node'"],
        ),
        (NODES.replace(",leader", ",leeder"), ["n.csv:1: nodes: unknown column 'leeder'; did you mean 'leader'?"]),
        (NODES + "C,unt,North,1,,\n", ["n.csv:5: nodes: unknown level 'unt'; did you mean 'unit'?"]),
        (NODES + "C,unit,Nort,1,,\n", ["n.csv:5: nodes: unknown parent 'Nort'; did you mean 'North'?"]),
        (NODES + "C,unit,A,1,,\n", ["n.csv:5: nodes: 'A' (unit) cannot be above 'C' (unit)"]),
        (NODES + "A,unit,North,1,,\n", ["n.csv:5: nodes: node 'A' stands in line 3 already"]),
        (NODES + ",unit,North,1,,\n", ["n.csv:5: nodes: the node has no name"]),
        (NODES + "C,unit,North,-1,,\n", ["n.csv:5: nodes: residents must be a whole number up to 1,000,000,000,000, got '-1'"]),
        (NODES + "C,unit,North,1,,1.5\n", ["n.csv:5: nodes: leader must be a whole number up to 1,000,000,000,000, got '1.5'"]),
        (
            NODES + "C,unit,North,1000000000000000000000,,\n",
            ["n.csv:5: nodes: residents must be a whole number up to 1,000,000,000,000, got '1000000000000000000000'"],
        ),
        (NODES + "C,unit,North,1,,1,9\n", ["n.csv:5: nodes: has more cells than the header: '9'"]),
        (NODES + '"C,unit\n', ["n.csv:5: nodes: is no CSV: unexpected end of data"]),
        (NODES + "\n\nC,unt,North\n", ["n.csv:7: nodes: unknown level 'unt'; did you mean 'unit'?"]),
        (NODES.encode() + b"\xff,unit\n", ["n.csv:5: nodes: is neither UTF-8 nor GB18030: byte 0xff; save the file as UTF-8"]),
        (NODES + "C\x00,unt,North\n", ["n.csv:5: nodes: the character U+0000 is not allowed"]),
    ],
)
def test_a_bad_table_of_nodes_is_told_with_file_and_line(place, table, problems):
    """Each bad row of a table of nodes gives one message with file, line and what was given."""
    assert told(with_nodes, place, table) == problems


def test_all_bad_rows_come_at_once(place):
    """All bad rows are told, in the order of the file."""
    table = NODES + "C,unt,North,x,,\nD,unit,Sud,1,,\n"
    assert told(with_nodes, place, table) == [
        "n.csv:5: nodes: residents must be a whole number up to 1,000,000,000,000, got 'x'",
        "n.csv:5: nodes: unknown level 'unt'; did you mean 'unit'?",
        "n.csv:6: nodes: unknown parent 'Sud'; known: North, A, B, C, D",
    ]


def test_a_missing_table_is_told_where_it_is_named(place):
    """A table that does not exist is told at the line of the scenario that names it."""
    (place / "s.yaml").write_text(SCENARIO.replace("RESIDENTS", "nodes: m.csv").replace("ARRIVALS", "{rate: 1}"))
    assert told(load, "s.yaml") == ["s.yaml:4: nodes: the table m.csv cannot be read: No such file or directory"]


# ── arrivals ────────────────────────────────────────────────────────────────────────────────────────


def test_listed_arrivals_come_when_where_and_how_they_are_listed(place):
    """A table of arrivals gives second, node, stage and difficulty."""
    demand = make(with_arrivals(place, ARRIVALS)).demand[0]
    assert demand.fixed_born.tolist() == [86_400 + 30_600, 2 * 86_400]
    assert demand.fixed_stage.tolist() == [-1, 1]
    assert demand.fixed_difficulty.tolist()[1] == 0.5


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "a.csv:1: classes.event.arrivals.list: has no rows"),
        ("at,node\n2022-05-32,unit-1\n", "a.csv:2: classes.event.arrivals.list: at must be a date or a local date and time, such as 2022-05-01 08:30, got '2022-05-32'"),
        ("at,node\n,unit-1\n", "a.csv:2: classes.event.arrivals.list: at must be a date or a local date and time, such as 2022-05-01 08:30, got ''"),
        ("at\n2022-06-01\n", "a.csv:2: classes.event.arrivals.list: 2022-06-01 00:00:00 lies outside the period 2022-05-01 to 2022-06-01"),
        ("at,enters\n2022-05-02,lok\n", "a.csv:2: classes.event.arrivals.list: unknown stage 'lok'; did you mean 'look'?"),
        ("at,node\n2022-05-02,unit-5\n", "a.csv:2: classes.event.arrivals.list: unknown node 'unit-5'; nodes are called level-number, such as unit-1"),
        ("at,difficulty\n2022-05-02,hard\n", "a.csv:2: classes.event.arrivals.list: difficulty must be a number, got 'hard'"),
        ("at,difficulty\n2022-05-02,nan\n", "a.csv:2: classes.event.arrivals.list: 'nan' in column difficulty says nothing: leave the cell empty"),
        ("at\n2022-05-02,7\n", "a.csv:2: classes.event.arrivals.list: has more cells than the header: '7'"),
        ("at,nod\n2022-05-02,7\n", "a.csv:1: classes.event.arrivals.list: unknown column 'nod'; did you mean 'node'?"),
        ("node\nunit-1\n", "a.csv:1: classes.event.arrivals.list: has no column 'at'"),
    ],
)
def test_a_bad_table_of_arrivals_is_told_with_file_and_line(place, table, problem):
    """Each bad row of a table of arrivals gives one message with file, line and what was given."""
    assert told(with_arrivals, place, table) == [problem]


def test_listed_nodes_must_be_in_the_table_of_nodes(place):
    """With a table of nodes, listed arrivals name its nodes."""
    (place / "n.csv").write_text(NODES)
    (place / "a.csv").write_text("at,node\n2022-05-02,A\n2022-05-02,unit-1\n")
    (place / "s.yaml").write_text(SCENARIO.replace("RESIDENTS", "nodes: n.csv").replace("{unit: 4, community: 1}", "{unit: {}, community: {}}").replace("ARRIVALS", "{list: a.csv}"))
    assert told(load, "s.yaml") == ["a.csv:3: classes.event.arrivals.list: unknown node 'unit-1'; known: North, A, B"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("RESIDENTS", "nodes: n.csv\nresidents: 500"), "the table of nodes says it already: take residents away"),
        (("{unit: 4, community: 1}", "{unit: 7, community: {}}"), "the table of nodes has 2 of level 'unit', not 7"),
    ],
)
def test_what_the_table_says_is_not_said_twice(place, changed, message):
    """Counts and residents beside a table of nodes would be ignored, so they are refused."""
    (place / "n.csv").write_text(NODES)
    text = SCENARIO.replace(*changed).replace("RESIDENTS", "nodes: n.csv").replace("ARRIVALS", "{rate: 1}")
    (place / "s.yaml").write_text(text.replace("{unit: 4, community: 1}", "{unit: {}, community: {}}"))

    assert any(message in line for line in told(load, "s.yaml"))


def test_written_people_win_over_the_table(place):
    """A team's `people`, in the file, a setting or a change, replaces its column, so that a policy can change staff."""
    (place / "n.csv").write_text(NODES)
    text = SCENARIO.replace("RESIDENTS", "nodes: n.csv").replace("{unit: 4, community: 1}", "{unit: {}, community: {}}")
    (place / "s.yaml").write_text(text.replace("ARRIVALS", "{rate: 1}"))

    plan = make(load("s.yaml", {"teams.leader.people": 9}))

    assert plan.crowd.headcount[0][plan.crowd.pool_team == 0].tolist() == [9, 9]


# ── as people have them ─────────────────────────────────────────────────────────────────────────────

CHART = [["node", "level", "parent", "residents", "firms", "leader"], ["North", "community", "", "", "", ""], ["A", "unit", "North", "70", "3", "2"], ["B", "unit", "North", "30", "", ""]]
LISTED = [["at", "node", "enters", "difficulty"], ["2022-05-02 08:30", "unit-1", "", ""], ["2022-05-03", "unit-2", "handle", "0.5"]]


@pytest.mark.parametrize(("action", "rows"), [(with_nodes, CHART), (with_arrivals, LISTED)])
def test_every_form_of_a_table_gives_the_same_scenario(place, action, rows):
    """Encoding, delimiter and Excel make no difference to what is simulated: one digest, whatever the file is called."""
    assert {action(place, raw).digest for _, raw in forms(rows)} == {action(place, as_text(rows)).digest}


def test_the_noise_of_a_spreadsheet_is_rounded(place):
    """What is less than a millisecond off a whole second is that second, in CSV as in Excel."""
    first, *rest = LISTED[1:]
    noisy = [with_arrivals(place, as_text([LISTED[0], [at, *first[1:]], *rest])) for at in ("2022-05-02 08:29:59.999999", "2022-05-02 08:30:00.0009", "2022-05-02 08:30")]

    assert [arrival_rows(scenario, scenario.classes["event"].arrivals, ())[0][0][0] for scenario in noisy] == [DAY + 8 * HOUR + 30 * MINUTE] * 3


@pytest.mark.parametrize(
    ("action", "rows", "said"),
    [
        (with_nodes, [[*CHART[0], "residents"], *([*row, "99"] for row in CHART[1:])], "n.csv:1: nodes: columns 4 and 7 are both called 'residents'; leave one of them, or rename it"),
        (with_arrivals, [[*LISTED[0], " at"], *([*row, "2022-05-09"] for row in LISTED[1:])], "a.csv:1: classes.event.arrivals.list: columns 1 and 5 are both called 'at'; leave one of them, or rename it"),
        (with_nodes, [*CHART, ["C", "unit", "North", "-", "", ""]], "n.csv:5: nodes: '-' in column residents is no number: leave the cell empty, or write 0"),
        (with_nodes, [*CHART, ["C", "unit", "North", "5", "", "无"]], "n.csv:5: nodes: '无' in column leader is no number: leave the cell empty, or write 0"),
        (with_nodes, [CHART[0], ["North", "community", "无", "", "", ""], *CHART[2:]], "n.csv:2: nodes: '无' in column parent is no node: leave the cell empty"),
        (with_nodes, [*CHART, ["—", "unit", "North", "5", "", ""]], "n.csv:5: nodes: the node has no name"),
        (with_arrivals, [*LISTED, ["2022-05-03", "-", "", ""]], "a.csv:4: classes.event.arrivals.list: '-' in column node says nothing: leave the cell empty"),
        (with_arrivals, [*LISTED, ["2022-05-03", "", "", "1_0"]], "a.csv:4: classes.event.arrivals.list: difficulty must be a number, got '1_0'"),
        (with_arrivals, [*LISTED, ["2023-07-01T02:00:00Z", "", "", ""]], "a.csv:4: classes.event.arrivals.list: at must be a local time such as 2022-05-01 08:30, as a scenario has no time zone, got '2023-07-01T02:00:00Z'"),
        (with_arrivals, [*LISTED, ["2022-05-02 08:30:15.5", "", "", ""]], "a.csv:4: classes.event.arrivals.list: at must be a whole second, such as 2022-05-01 08:30:15, got '2022-05-02 08:30:15.5'"),
        (with_arrivals, [*LISTED, ["2022-05-02 08:30:15.001", "", "", ""]], "a.csv:4: classes.event.arrivals.list: at must be a whole second, such as 2022-05-01 08:30:15, got '2022-05-02 08:30:15.001'"),
    ],
)
@pytest.mark.parametrize("make", [as_text, as_book])
def test_what_tables_hold_beside_data_is_named(place, action, rows, said, make):
    """Two columns of one name, signs for nothing and times with an offset are refused in CSV and in workbooks alike."""
    assert told(action, place, make(rows)) == [said]


def test_numbers_and_times_as_people_write_them(place):
    """Thousands set apart, full-width figures, 5.0 for 5, and Chinese dates are what they are."""
    assert make(with_nodes(place, as_text([*CHART[:2], ["A", "unit", "North", "1,070", "３", "2.0"], CHART[3]]))).tree.residents.tolist() == [1100, 1070, 30]
    assert make(with_arrivals(place, "at\n2022/5/2 8:30\n2022年5月3日\n")).demand[0].fixed_born.tolist() == [86_400 + 30_600, 2 * 86_400]


def test_thousands_of_wrong_rows_are_told_in_a_few_lines(place):
    """What is the same comes once; of what differs come the first five; the hints are not looked for again and again."""
    rows = [*CHART, *([f"C{i}", "unt", f"Nort{i}", "x", "", ""] for i in range(20_000))]
    assert told(with_nodes, place, as_text(rows)) == [
        "n.csv:5: nodes: residents must be a whole number up to 1,000,000,000,000, got 'x' (the same in lines 6, 7, 8, 9, 10 and 19,994 more)",
        "n.csv:5: nodes: unknown level 'unt'; did you mean 'unit'? (the same in lines 6, 7, 8, 9, 10 and 19,994 more)",
        *(f"n.csv:{i + 5}: nodes: unknown parent 'Nort{i}'; did you mean 'North'?" for i in range(5)),
        "n.csv:10: nodes: 19,995 more rows are wrong in the way of line 5: lines 10, 11, 12, 13, 14 and 19,990 more",
    ]
    rows = [*LISTED, *([f"2023-05-03 08:{i % 60:02}", f"unit-{i}", "", ""] for i in range(5, 5000))]
    said = told(with_arrivals, place, as_text(rows))
    assert len(said) == 12
    assert said[-1].endswith("4,990 more rows are wrong in the way of line 4: lines 9, 10, 11, 12, 13 and 4,985 more")


def test_explain_says_what_was_taken_for_what(place):
    """A workbook with a title, merged cells and a total: all of it is said, in both languages; a plain table needs no word."""
    rows = [["Our chart", *[""] * 5], *CHART, ["Total", "", "", "100", "3", "2"]]
    scenario = with_nodes(place, as_book(rows, change=lambda book, sheet: sheet.merge_cells("C4:C5")))
    assert [*scenario.notes] == ["n.csv"]
    assert "n.csv: merged cells are filled with what stands in them: C4:C5; rows above the header are left out: 1; rows that add up others are left out: 6" in explained(scenario, "en")
    assert "表头以上的行已略去，行号：1" in explained(scenario, "zh")
    assert with_nodes(place, NODES).notes == {}
    assert "Tables" not in explained(with_nodes(place, NODES), "en")


def explained(scenario, lang):
    stream = StringIO()
    understand(scenario, Console(file=stream, width=400), lang)
    return stream.getvalue()


def test_facts_are_read_by_the_same_rules(place):
    """A table of facts may be a workbook; two columns or two facts of one name are refused."""
    facts = [["id", "phrase", "value"], ["F-1", "a thousand", "1000"], ["", "", ""], ["F-2", "=2", "2"]]
    for _, raw in forms(facts):
        assert with_facts(place, raw) == {"F-1": {"id": "F-1", "phrase": "a thousand", "value": "1000"}, "F-2": {"id": "F-2", "phrase": "=2", "value": "2"}}
    assert told(with_facts, place, as_text([[*facts[0], "id"], ["F-1", "", "", "F-9"]])) == ["f.csv:1: facts: columns 1 and 4 are both called 'id'; leave one of them, or rename it"]
    assert told(with_facts, place, as_book([*facts, ["F-1", "another", "2"], ["", "lost", "3"]])) == ["f.csv:5: facts: fact 'F-1' stands in line 2 already", "f.csv:6: facts: the fact has no id"]
    assert told(with_facts, place, b"PK\x03\x04") == ["s.yaml:5: facts: the table f.csv is no Excel workbook that can be read; save it again as .xlsx, or as CSV"]


def with_facts(place, raw):
    (place / "f.csv").write_bytes(raw)
    (place / "s.yaml").write_text(SCENARIO.replace("RESIDENTS", "residents: {value: 1000, source: F-1}\nfacts: f.csv").replace("ARRIVALS", "{rate: 1}"))
    return facts_of(load("s.yaml"))


def test_a_result_of_a_workbook_can_be_made_again(place):
    """A result keeps rows; laid out again under the name of the workbook they are the same scenario, names like formulas included."""
    rows = [[*CHART[0]], *CHART[1:3], ["=B", "unit", "North", "30", "", ""], ["'=C", "unit", "North", "5", "", ""]]
    (place / "n.xlsx").write_bytes(as_book(rows, cell=lambda text: text or None))
    text = SCENARIO.replace("RESIDENTS", "nodes: n.xlsx").replace("{unit: 4, community: 1}", "{unit: {}, community: {}}").replace("ARRIVALS", "{rate: 1}")
    (place / "s.yaml").write_text(text)
    scenario = load("s.yaml")
    assert [row["node"] for row in scenario.tables["n.xlsx"]] == ["North", "A", "=B", "=C"]

    saved = simgov.run(scenario, replications=1, engine="simpy").save(place / "out")
    again = rebuilt(provenance.read(saved).data, saved)

    assert (again.tables, again.digest) == (scenario.tables, scenario.digest)
