"""Names of a file are names wherever they are printed on the terminal: what looks like a colour of rich stands there as it was written."""

from __future__ import annotations

import io

import pytest
import yaml
from click.testing import CliRunner
from rich.console import Console
from rich.text import Text

import simgov
from simgov.cli import main
from simgov.explain import understand
from simgov.marked import Rows, marked

HOSTILE = ("[/]", "[bold]x", "[link=a]b[/link]", "[red]x", "[/bold]", "\\[x]", "[@click=a]b", "[]", "[x\\")

KINDS = ["title", "text", "q", "s", "o", "t", "u", "c", "d", "v", "k", "h", "i", "g", "e", "n", "C", "T", "L", "of", "p", "r", "W", "M", "l", "G", "note"]


def kept(text):
    """Without what only the width of the screen puts in."""
    return "".join(text.split())


def hostile(name):
    """A scenario in which everything that can be named is called so; what may not have one name is told apart by a number behind it."""
    def named(kind):
        return f"{kind}{name}"

    stage, other, team, cls, level = (named(kind) for kind in ("s", "o", "t", "c", "v"))
    calendar, change, group, end = (named(kind) for kind in ("k", "h", "g", "e"))
    return {
        "schema": 1, "title": named("title"), "description": named("text"), "period": ["2022-05-02", "2022-05-23"], "public_holidays": {"country": ""},
        "residents": {"value": 1000, "assumption": [900, 1100], "note": named("note")}, "levels": {level: {"count": 2, "label": {"en": named("L"), "zh": named("L")}}},
        "calendars": {calendar: "Mo-Fr 08:00-12:00", named("q"): "Mo-Fr 17:00-20:00"},
        "teams": {team: {"at": level, "hours": calendar, "duty": named("q"), "cost_per_hour": 10, "people": 2}, named("u"): {"at": level, "people": 0, "unpaid": True}},
        "classes": {cls: {"arrivals": {"rate": 3, "per": "node", "of": level}, "enters": stage}, named("d"): {"arrivals": {"rate": 3, "per": "node", "of": level}, "enters": stage}},
        "ends": {end: {}},
        "stages": {
            stage: {"by": {cls: team, named("d"): {"team": team, "people": 3}}, "work": "1h", "triage": True, "hours": "duty", "due": "end_of_day", "gate": {"opens": calendar},
                    "outcomes": {cls: {"closed": {"value": 0.5, "assumption": [0.1, 0.8], "note": named("note")}, end: 0.1}}},
            other: {"by": {"all": [team, named("u")]}, "work": {"value": "2h", "assumption": ["1h", "3h"], "note": named("note")}, "outcomes": {"closed": 1}},
        },
        "changes": {change: {"group": group, "label": named("C"), "set": {"warm_up": "1h"}}, named("i"): {"group": group, "set": {"warm_up": "2h"}}},
        "apply": [change],
        "targets": [{"measure": "headline_closure", "value": 0.5, "label": named("T"), "of": named("of"), "kind": "soft"}, {"measure": "due_met", "where": {"stage": stage}, "at_least": 0.1}],
    }  # fmt: skip


def written(folder, name):
    """The scenario, a study, a question of staffing and a rule sheet about it, in a folder."""
    data = hostile(name)
    stage, team = next(iter(data["stages"])), next(iter(data["teams"]))
    files = {
        "scenario": data,
        "study": {
            "schema": 1, "title": f"title{name}", "question": f"q{name}", "scenario": "scenario.yaml", "replications": 2,
            "policies": {f"p{name}": {}, f"r{name}": {"set": {"residents": 1004}}, f"w{name}": {"label": f"W{name}", "set": {"residents": 1005}}},
            "measures": [{"measure": "due_met", "where": {"stage": stage}}, {"measure": "cost"}, {"measure": "collected", "label": f"M{name}", "at_least": 1}],
        },
        "staff": {
            "schema": 1, "title": f"title{name}", "question": f"q{name}", "scenario": "scenario.yaml",
            "levers": {f"l{name}": {"path": "residents", "values": [1002, 1003]}}, "goals": [{"measure": "due_met", "where": {"stage": stage}, "at_least": 0.1, "label": f"G{name}"}],
        },
        "rules": {"schema": 1, "title": f"title{name}", "team": team, "every": "week", "points": {"closed": 1, "handled": {"each": 1}}, "bottom": {"n": 1}},
    }  # fmt: skip
    for file, content in files.items():
        (folder / f"{file}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def call(*words):
    done = CliRunner().invoke(main, [str(word) for word in words], env={"COLUMNS": "300"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_prints_every_name_as_it_is(name, lang):
    """Everything that is named stands there, with each of its signs."""
    data = hostile(name)
    out = io.StringIO()
    understand(simgov.build(data), Console(file=out, width=400), lang, every_number=True)

    for part in ("title", "description"):
        assert data[part] in out.getvalue()
    for kind in ("teams", "classes", "stages", "ends", "changes"):
        for one in data[kind]:
            assert one in out.getvalue(), (kind, one)
    for one in (f"L{name}", f"g{name}", f"k{name}", f"note{name}"):
        assert one in out.getvalue(), one


def printed(folder, name):
    """What each command prints of the scenario with this name: the kinds of names that stand in it, by command."""
    written(folder, name)
    scenario, plain = folder / "scenario.yaml", ("--engine", "simpy", "--workers", 1)
    said = {
        "run": call("run", scenario, "-n", 2, "--all", "--journal", "--out", folder / "run", *plain),
        "check": call("check", scenario, "-n", 2, *plain),
        "compare": call("compare", folder / "study.yaml", "--out", folder / "study", *plain),
        "staff": call("staff", folder / "staff.yaml", "-n", 4, "--out", folder / "staff", *plain),
        "ledger": call("ledger", folder / "run", "--rules", folder / "rules.yaml"),
    }
    call("sensitivity", scenario, "--measure", "headline_closure", "-n", 2, "--budget", 100, "--out", folder / "sensitivity", *plain)  # names paths, which have no such signs
    return {command: {kind for kind in KINDS if kept(f"{kind}{name}") in kept(done.output)} for command, done in said.items()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The same of a name like any other."""
    found = printed(tmp_path_factory.mktemp("usual"), "zzz")
    assert all(found.values()), found
    assert set().union(*found.values()) >= {"title", "T", "C", "of", "t", "u", "c", "s", "p", "r", "W", "M", "G", "q"}
    return found


@pytest.mark.parametrize("name", ["[/]", "[bold]x", "[x\\"])
def test_every_command_prints_names_as_they_are(name, usual, tmp_path):
    """run, check, compare, staff and ledger print the names that they print of any scenario, with each of their signs."""
    assert printed(tmp_path, name) == usual


@pytest.mark.parametrize("name", HOSTILE)
def test_a_template_is_read_before_it_is_filled(name):
    """Words are put in as they are, and have the colours of their place; a text keeps its own."""
    text = marked("[bold]{one}[/bold] {two} \\[x] [dim]{three}[/dim]", one=name, two=name, three=Text(name, "red"))

    assert text.plain == f"{name} {name} [x] {name}"
    assert {str(span.style): text.plain[span.start : span.end] for span in text.spans} == {"bold": name, "dim": name, "red": name}


def test_cells_are_words():
    """A table prints its cells as they are."""
    table, out = Rows("[/]", ["[bold]", "b"], right=(1,)), io.StringIO()
    table.add_row("[/]", Text("[red]", "red"))
    Console(file=out, width=80).print(table)

    assert [line.split() for line in out.getvalue().splitlines()] == [["[/]"], ["[bold]", "b"], ["[/]", "[red]"]]
