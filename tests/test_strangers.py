"""Files of strangers: tags anywhere mean what they say, only files below one root are read, and odd YAML ends in one clear message."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import simgov
from simgov import ledgers, provenance, staffing, study
from simgov.cli import main
from simgov.errors import ScenarioError, SimgovError
from simgov.interview import answers_of
from simgov.scenario import build, build_with, load, yaml_text
from simgov.scenario.document import Document
from simgov.staffing.candidates import make as make_staffing
from simgov.study.policies import make as make_study
from simgov.web.places import Place, uploaded

TEXT = """\
schema: 1
period: [2022-05-02, 2022-05-09]
public_holidays: {country: ""}
residents: 1000
levels: {unit: 2, street: 1}
calendars: {office: "Mo-Fr 08:30-12:00"}
teams:
  leader: {at: unit}
  desk: {at: street, hours: office, people: 2, cost_per_hour: 30}
classes:
  event: {arrivals: {rate: 2}, enters: handle}
stages:
  handle: {by: leader, work: 30 min, outcomes: {closed: 0.5}}
  look: {by: [desk, leader], work: {exponential: 1h}, outcomes: {closed: 1}}
changes:
  c: {set: {residents: 50}}
  d: {group: g, set: {residents: 60}}
  e: {group: g, set: {residents: 70}}
  w: {window: [2022-05-03, 2022-05-05], set: {teams.desk.people: 3}}
"""
NODES = "node,level,parent,residents\ns,street,,\na,unit,s,400\nb,unit,s,600\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Each test in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def data(**more):
    return {**yaml_text.value(TEXT), **more}


def tagged(value):
    return {"value": value, "assumption": "why"}


def read(text, **how):
    Path("s.yaml").write_text(text, encoding="utf-8")
    return load("s.yaml", **how)


def told(text, **how):
    with pytest.raises(ScenarioError) as error:
        read(text, **how)
    return [str(problem) for problem in error.value.problems]


def edited(*pairs):
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("apply", [tagged(["c"]), [tagged("c")], tagged([tagged("c")])])
def test_a_tagged_apply_applies(apply):
    """`apply` with a tag, or with tags inside, puts the change in force: 50 residents."""
    made = build(data(apply=apply))

    assert (made.residents, made.in_force) == (50, ("c",))
    assert made.digest == build(data(apply=["c"])).digest


@pytest.mark.parametrize(
    "changes", [{"c": tagged({"set": {"residents": 50}})}, {"c": {"set": tagged({"residents": 50})}}, {"c": {"set": {"residents": tagged(50)}}}, tagged({"c": {"set": {"residents": 50}}})]
)
def test_a_tagged_change_changes(changes):
    """A change with a tag on any part of it does what it does without, and its number has the origin."""
    changes = changes if "c" not in changes else {**changes}
    if isinstance(changes.get("c"), dict) and changes["c"].get("set") == {"residents": tagged(50)}:
        changes = {"c": {"set": {"residents": {"value": 50, "assumption": [40, 60]}}}}
    made = build(data(changes=changes), changes=["c"])

    assert (made.residents, made.in_force) == (50, ("c",))
    assert made.origins["residents",].kind == "assumption"


def test_rivals_with_a_tagged_group_are_refused():
    """Two changes of one group cannot both be in force, whether or not a tag says where the group comes from."""
    changes = {"d": {"group": tagged("g"), "set": {"residents": 60}}, "e": {"group": "g", "set": {"residents": 70}}}

    with pytest.raises(ScenarioError, match="d and e are of one group 'g'; choose one"):
        build(data(changes=changes, apply=["d", "e"]))
    assert build(data(changes=changes, apply=["d"]), changes=["e"]).residents == 70


@pytest.mark.parametrize("window", [tagged(["2022-05-03", "2022-05-05"]), ["2022-05-03", tagged("2022-05-05")], {"from": tagged("2022-05-03"), "to": "2022-05-05"}])
def test_a_tagged_window_is_one(window):
    """A change with a tagged window holds in its window only."""
    made = build(data(changes={"w": {"window": window, "set": {"teams.desk.people": 3}}}), changes=["w"])

    assert [(a, b) for a, b, _ in made.epochs] == [(0, 86400), (86400, 3 * 86400), (3 * 86400, 7 * 86400)]
    bare = {"from": "2022-05-03", "to": "2022-05-05"} if "from" in window else ["2022-05-03", "2022-05-05"]
    assert made.digest == build(data(changes={"w": {"window": bare, "set": {"teams.desk.people": 3}}}), changes=["w"]).digest


def test_a_tagged_extends_is_followed():
    """The name of a base may have a tag, and so may everything in both files."""
    Path("base.yaml").write_text(TEXT, encoding="utf-8")
    made = read("extends: {value: base.yaml, outside: letter}\nresidents: {value: 7, assumption: [1, 10]}\n")

    assert (made.residents, made.origins["residents",].says) == (7, [1, 10])


def test_a_wrong_tag_in_a_base_that_is_replaced_is_no_matter():
    """What is wrong with a tag counts where its value counts: not where it is set anew."""
    Path("base.yaml").write_text(edited(("residents: 1000", "residents: {value: 5, assumption: [10, 20]}")), encoding="utf-8")

    assert read("extends: base.yaml\nresidents: 15\n").residents == 15
    assert told("extends: base.yaml\n") == ["base.yaml:4: residents: 5 lies outside its own range 10 to 20"]
    assert load("base.yaml", {"residents": 15}).residents == 15


def test_a_whole_file_may_have_a_tag():
    """A tag on everything speaks for everything, and problems keep their lines."""
    lines = "".join(f"  {line}\n" for line in TEXT.splitlines())
    made = read(f"assumption: all of it\nvalue:\n{lines}")

    assert made.digest == build(data()).digest
    assert told(f"assumption: all of it\nvalue:\n{lines.replace('residents: 1000', 'residents: -1')}")[0].startswith("s.yaml:6: residents: ")


def test_a_short_form_that_is_written_out_keeps_the_tags_inside():
    """Stepping into a list or into one value for all classes moves their tags to where the parts stand then."""
    by = build({**data(), "stages": {**data()["stages"], "look": {**data()["stages"]["look"], "by": [tagged("desk"), "leader"]}}}, {"stages.look.by.any[1]": "leader"})
    work = build({**data(), "stages": {**data()["stages"], "look": {**data()["stages"]["look"], "work": {"exponential": {"value": "1h", "assumption": ["30 min", "2h"]}}}}}, {"stages.look.work.event": "2h"})

    assert [path for path in by.origins if path[0] == "stages"] == [("stages", "look", "by", "any", 0)]
    assert [path for path in work.origins if path[0] == "stages"] == [("stages", "look", "work", "other", "exponential")]


STUDY = {
    "schema": 1,
    "scenario": "s.yaml",
    "change": ["d"],
    "policies": {"now": {}, "more": {"set": {"teams.desk.people": {"value": 3, "assumption": [1, 5]}}}, "other": {"change": ["e"]}},
    "measures": [{"measure": "headline_closure"}],
}


@pytest.mark.parametrize("key", list(STUDY))
def test_a_study_with_tags_is_the_study(key):
    """A tag on any part of a study file changes nothing; those of values that are set go along to the scenario."""
    Path("s.yaml").write_text(TEXT, encoding="utf-8")
    plain, made = make_study(STUDY), make_study({**STUDY, key: tagged(STUDY[key])} if key != "schema" else {**STUDY, key: {"value": 1, "outside": "x"}})

    assert [policy.scenario.digest for policy in made.policies] == [policy.scenario.digest for policy in plain.policies]
    assert made.policies[1].scenario.origins["teams", "desk", "people"].says == [1, 5]


def test_a_study_sees_the_group_of_a_tagged_change():
    """A policy that puts a rival in force takes the place of the change that all have, tags or not."""
    Path("s.yaml").write_text(edited(("d: {group: g,", "d: {group: {value: g, outside: x},"), ("  e: {group: g, set: {residents: 70}}", "  e: {value: {group: g, set: {residents: 70}}, outside: y}")), encoding="utf-8")

    assert [policy.scenario.residents for policy in make_study(STUDY).policies] == [60, 60, 70]


GOALS = {
    "schema": 1,
    "scenario": "s.yaml",
    "levers": {"desk": {"path": "teams.desk.people", "values": [1, {"value": 2, "assumption": [1, 3]}]}},
    "goals": [{"measure": "headline_closure", "at_least": 0.5}],
    "replications": {"first": 3, "at_most": 6},
}


@pytest.mark.parametrize("key", list(GOALS))
def test_goals_with_tags_are_the_goals(key):
    """The same of a staffing file."""
    Path("s.yaml").write_text(TEXT, encoding="utf-8")
    made = make_staffing({**GOALS, key: tagged(GOALS[key])} if key != "schema" else {**GOALS, key: {"value": 1, "outside": "x"}})

    assert (made.combinations, len(made.file.goals), made.file.replications.at_most) == (2, 1, 6)
    assert made.candidate([1]).scenario.origins["teams", "desk", "people"].says == [1, 3]


def test_rules_and_answers_with_tags():
    """Rule sheets and answers of `simgov new` take tags, too."""
    rules = {"schema": 1, "team": "desk", "every": "week", "points": {"closed": 1}, "bottom": 1}
    made = ledgers.build_rules({key: tagged(value) if not isinstance(value, int) else {"value": value, "outside": "x"} for key, value in rules.items()})
    Path("a.yaml").write_text("residents: {value: 12000, assumption: [1, 20000]}\n", encoding="utf-8")

    assert (made.team, made.every, made.bottom.n, made.points.closed.each) == ("desk", "week", 1, 1)
    assert answers_of(Path("a.yaml"), "en", date(2026, 1, 1))["residents"] == 12000


# ── files ───────────────────────────────────────────────────────────────────────────────────────────

SECRET = "canary"
NAMES = {  # every place at which a scenario names a file, as changes of the text
    "facts": ("residents: 1000", '"facts": {}\nresidents: 1000'),
    "nodes": ("residents: 1000", "nodes: {}"),
    "list": ("{rate: 2}", "{{list: {}}}"),
    "extends": ("schema: 1", "schema: 1\nextends: {}"),
    "set": ("c: {set: {residents: 50}}", "c: {{set: {{classes.event.arrivals: {{list: {}}}}}}}"),
    "set facts": ("c: {set: {residents: 50}}", "c: {{set: {{facts: {}}}}}"),
    "set nodes": ("c: {set: {residents: 50}}", "c: {{set: {{nodes: {}}}}}"),
}
SPELLINGS = ("{}", "{{value: {}, outside: x}}", '"{}"', "!!str {}")


def naming(where, file):
    old, new = NAMES[where]
    return edited((old, new.format(file)))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("where", [where for where in NAMES if where != "facts"])
def test_an_upload_reads_no_file(here, where, spelling):
    """Wherever and however an uploaded scenario names a file, it is refused and nothing of the file is shown; the file is not even looked at."""
    Path("secret.csv").write_text(SECRET, encoding="utf-8")
    for file in ("secret.csv", here / "secret.csv", "/dev/zero", "gone.csv"):
        with pytest.raises(ScenarioError) as error:
            uploaded(here / "uploads", "town.yaml", naming(where, spelling.format(file)).encode())

        assert SECRET not in str(error.value)
        assert f"an uploaded scenario must stand on its own, and this one names the file '{file}'" in str(error.value)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_facts_of_an_upload_are_not_looked_at(here, spelling):
    """The table of facts is the one file that it may name, since it is left out: what could not be read, or never ends, is no matter."""
    Path("secret.csv").write_text(SECRET, encoding="utf-8")
    for file in ("secret.csv", here / "secret.csv", "/dev/zero", "gone.csv"):
        assert "facts" not in uploaded(here / "uploads", "town.yaml", naming("facts", spelling.format(file)).encode()).load().data


@pytest.mark.parametrize("text", [
    "arrivals: {value: {list: FILE}, assumption: why}", "arrivals: {listed: FILE}", "arrivals: {value: {listed: FILE}, assumption: why}", "arrivals: {list: {value: FILE, assumption: why}}",
])  # fmt: skip
def test_spellings_of_the_list_that_passed(here, text):
    """The spellings that were not known for a file once; and a tag on classes above them."""
    Path("secret.csv").write_text(SECRET, encoding="utf-8")
    text = text.replace("FILE", str(here / "secret.csv"))
    for file in (edited(("arrivals: {rate: 2}", text)), edited(("  event: {arrivals: {rate: 2}, enters: handle}", f"  value: {{event: {{{text}, enters: handle}}}}\n  outside: x"))):
        with pytest.raises(ScenarioError) as error:
            uploaded(here / "uploads", "town.yaml", file.encode())
        assert SECRET not in str(error.value)


def test_an_upload_reads_no_file_when_it_is_run_either(here):
    """What comes later from levers, changes and settings reads no file either."""
    place = uploaded(here, "town.yaml", TEXT.encode())
    (place.path.parent / "births.csv").write_text("at\n2022-05-03 08:00\n", encoding="utf-8")
    setting = {"classes.event.arrivals": {"list": "births.csv"}}

    assert place.access.roots == ()
    assert "births.csv" in Place(place.path).load(setting).tables  # the control: as a file of the folder it may
    with pytest.raises(ScenarioError, match="must stand on its own"):
        place.load(setting)


@pytest.mark.parametrize("where", NAMES)
def test_files_lie_below_one_root(here, where):
    """A scenario names files in its own folder and below; those outside are refused, with the file, the root and the option named, and `root` allows them."""
    Path("town").mkdir()
    Path("outside.csv").write_text(SECRET, encoding="utf-8")
    os.symlink(here / "outside.csv", here / "town" / "inside.csv")
    for name in ("../outside.csv", str(here / "outside.csv"), "inside.csv"):
        Path("town/s.yaml").write_text(naming(where, name), encoding="utf-8")
        with pytest.raises(ScenarioError) as error:
            load("town/s.yaml", changes=["c"])
        try:
            allowed = str(load("town/s.yaml", changes=["c"], root=here))
        except ScenarioError as refused:  # it is no table
            allowed = str(refused)

        file = Path("town") / name
        assert f"the file {file} lies outside {here / 'town'}, and a scenario names only files below the folder it lies in; allow more with --root DIR" in str(error.value)
        assert SECRET not in str(error.value)
        assert "lies outside" not in allowed


def test_a_table_below_is_read_and_one_beside_with_root(here):
    """Folders below are part of the root; `build` takes a root, too, and everything made of the scenario keeps it."""
    Path("town/tables").mkdir(parents=True)
    Path("town/tables/nodes.csv").write_text(NODES, encoding="utf-8")
    Path("nodes.csv").write_text(NODES, encoding="utf-8")
    for file, table in (("s.yaml", "tables/nodes.csv"), ("o.yaml", "../nodes.csv")):
        (Path("town") / file).write_text(naming("nodes", table).partition("changes:")[0], encoding="utf-8")
    outer = load("town/o.yaml", root=here)

    assert len(load("town/s.yaml").tables["tables/nodes.csv"]) == 3
    assert build(outer.data, folder="town", root=".").digest == outer.digest == build_with(outer.data, outer.access, folder="town").digest
    result = simgov.run(outer, replications=1)
    result.save("out")
    assert provenance.rebuilt(provenance.read(Path("out")).data, "out").digest == outer.digest


def test_a_study_beside_its_scenario_needs_a_root(here):
    """A study in a folder of its own names a scenario above it only with --root; in a clone, files of the folder scenarios reach each other."""
    Path("s.yaml").write_text(TEXT, encoding="utf-8")
    for folder in ("studies", "clone/scenarios/studies"):
        Path(folder).mkdir(parents=True)
    Path("studies/q.yaml").write_text("schema: 1\nscenario: ../s.yaml\npolicies: {now: {}, c: {change: [c]}}\nmeasures: [{measure: headline_closure}]\n", encoding="utf-8")
    Path("clone/simgov/scenario").mkdir(parents=True)
    for name in ("s.yaml", "studies/q.yaml"):
        (Path("clone/scenarios") / name).write_text(Path(name).read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(ScenarioError, match=r"q\.yaml:2: scenario: the file studies/\.\./s\.yaml lies outside .*studies"):
        study.load("studies/q.yaml")
    assert len(study.load("studies/q.yaml", root=".").policies) == 2
    assert len(study.load("clone/scenarios/studies/q.yaml").policies) == 2


@pytest.mark.parametrize("command", ["explain", "run", "calibrate", "sensitivity"])
def test_commands_have_a_root(command):
    """Every command that reads a scenario has --root, several times if need be; it is refused where there is no such folder."""
    Path("town").mkdir()
    Path("nodes.csv").write_text(NODES, encoding="utf-8")
    Path("town/s.yaml").write_text(naming("nodes", "../nodes.csv"), encoding="utf-8")
    how = ["-n", "2"] if command != "explain" else []
    bare, rooted, gone = (CliRunner().invoke(main, [command, "town/s.yaml", *how, *more]) for more in ([], ["--root", "town", "--root", "."], ["--root", "none"]))

    assert (bare.exit_code, gone.exit_code) == (2, 2)
    assert "allow more with --root DIR" in bare.output
    assert "lies outside" not in rooted.output
    assert "does not exist" in gone.output


def special(name):
    if name == "fifo":
        os.mkfifo("fifo")
    elif name == "folder":
        Path("folder").mkdir()
    elif name == "large":
        with Path("large").open("wb") as file:
            file.truncate(600_000_000)
    return {"zero": "/dev/zero"}.get(name, name)


@pytest.mark.parametrize("where", NAMES)
@pytest.mark.parametrize("name", ["fifo", "folder", "large", "zero"])
@pytest.mark.timeout(60)
def test_special_files_are_not_read(where, name):
    """A device, a pipe, a folder or a file beyond every size is told in a line, wherever a scenario names it."""
    file = special(name)
    (problem,) = {p.split("makes ")[0] for p in told(naming(where, file), root="/", changes=["c"] if "set" in where else [])}

    assert problem


@pytest.mark.parametrize("name", ["fifo", "folder", "large", "zero"])
@pytest.mark.timeout(60)
def test_special_files_are_no_scenario(name):
    """The same of the file itself, for scenarios, studies, goals, rule sheets and answers."""
    file = special(name)
    for reader in (load, study.load, staffing.load, ledgers.load_rules, lambda path: answers_of(Path(path), "en", None)):
        with pytest.raises(ScenarioError, match=r"is no regular file|Is a directory|is larger than 2 MB"):
            reader(file)


@pytest.mark.parametrize("name", ["nodes", "facts", "extends", "list"])
@pytest.mark.parametrize("empty", ["''", "' '"])
def test_an_empty_name_is_none(name, empty):
    """`nodes: ''` is told where it stands, and reads nothing."""
    (problem,) = told(naming(name, empty))

    assert "must be the name of a " in problem


def test_a_foreign_file_is_quoted_in_a_short_piece():
    """Of a file that is no scenario, or no table, a message quotes one short piece, escaped."""
    Path("secret.yaml").write_text("".join(f"key_{k}_{'x' * 200}: secret\n" for k in range(50)), encoding="utf-8")
    Path("secret.csv").write_text(f"{'y' * 500}\x07,b\n1,2\n", encoding="utf-8")
    (yaml,) = told("extends: secret.yaml\n")
    tables = "".join(told(naming("nodes", "secret.csv")))

    assert yaml.startswith("s.yaml:1: extends: secret.yaml is no scenario: unknown key 'key_0_xx")
    assert "x" * 61 not in yaml
    assert "y" * 61 not in tables
    assert "\x07" not in tables


@pytest.mark.parametrize(("old", "new"), [("rate: 2", "listed: a.csv"), ("window: [2022-05-03, 2022-05-05]", "window: {start: 2022-05-03, end: 2022-05-05}"), ("schema: 1", "schema_: 1")])
def test_fields_have_one_spelling(old, new):
    """The names that fields have in Python are no keys."""
    assert any("unknown key" in problem for problem in told(edited((old, new))))


# ── YAML ────────────────────────────────────────────────────────────────────────────────────────────

UNFIT = {
    '!!int ""': "must be a whole number (!!int), got ''",
    '!!int "_"': "must be a whole number (!!int), got '_'",
    '!!float ""': "must be a number (!!float), got ''",
    "!!bool x": "must be true or false (!!bool), got 'x'",
    "!!str [1]": "must be a text (!!str), got a list",
    "!!null [1]": "must be nothing (!!null), got a list",
    "!!null 5": "must be nothing (!!null), got '5'",
    "!!map x": "must be a mapping (!!map), got 'x'",
    "!!seq {a: 1}": "must be a list (!!seq), got a mapping",
    "!!timestamp [1]": "must be a date (!!timestamp), got a list",
    "!!binary [1]": "the tag 'tag:yaml.org,2002:binary' is not known here; write the value without it",
    "!!set {a}": "the tag 'tag:yaml.org,2002:set' is not known here; write the value without it",
    "!!omap [a: 1]": "the tag 'tag:yaml.org,2002:omap' is not known here; write the value without it",
    "!mine 5": "the tag '!mine' is not known here; write the value without it",
    "-_": "must be a whole number (!!int), got '-_'",
    '"\\e[2J"': "the character U+001B is not allowed",
    '"\\x85"': "the character U+0085 is not allowed",
    '"\\a"': "the character U+0007 is not allowed",
    '"\\x7f"': "the character U+007F is not allowed",
    '"\\r"': "the character U+000D is not allowed",
}


@pytest.mark.parametrize("given", UNFIT)
def test_a_yaml_tag_that_does_not_fit(given):
    """One message with the line, in scenarios, studies, goals and rule sheets, and behind --set."""
    assert told(edited(("residents: 1000", f"residents: {given}"))) == [f"s.yaml:4: not YAML: {UNFIT[given]}"]
    with pytest.raises(ScenarioError) as error:
        build(data(), [f"residents={given}"])
    assert str(error.value).endswith(f": not YAML: {UNFIT[given]}")
    for reader in (study.load, staffing.load, ledgers.load_rules):
        Path("q.yaml").write_text(f"schema: 1\ntitle: {given}\n", encoding="utf-8")
        with pytest.raises(ScenarioError) as error:
            reader("q.yaml")
        assert str(error.value) == f"q.yaml:2: not YAML: {UNFIT[given]}"


def test_tags_that_fit_and_dates_stay():
    """What a tag says rightly is taken; tabs and line breaks are no control characters."""
    made = read(edited(("residents: 1000", 'residents: !!int "1000"\ntitle: "a\\tb"\ndescription: |\n  one\n\n  two'), ("2022-05-02,", "!!timestamp 2022-05-02,")))

    assert (made.residents, made.title.en, str(made.period.start)) == (1000, "a\tb", "2022-05-02")
    assert read(TEXT.replace("\n", "\r\n")).digest == read(TEXT).digest


@pytest.mark.parametrize("key", ["true", "null", ".nan", "~"])
def test_a_key_that_is_no_text_is_named(key):
    """A mark, nothing, or no number as a key: with file and line."""
    assert told(f"{TEXT}{key}: 1\n") == [f"s.yaml:20: a key must be a plain text; write '{key}' in quotes"]


@pytest.mark.parametrize(("text", "line"), [("a: [" + "x," * 300_000 + "]", 1), ("- a\n" * 300_000, 500), ("a: {" + "b: 1, " * 80_000 + "}", 1)])
def test_a_large_file_is_refused_while_it_is_read(text, line, monkeypatch):
    """It stops at the first value too many, and does not read the rest."""
    monkeypatch.setattr(yaml_text, "MOST_VALUES", 500)
    Path("s.yaml").write_text(text, encoding="utf-8")
    from ruamel.yaml.scanner import Scanner

    tokens = []
    monkeypatch.setattr(Scanner, "fetch_more_tokens", lambda self, real=Scanner.fetch_more_tokens: (tokens.append(1), real(self))[1])

    assert told(text) == [f"s.yaml:{line}: has more than 500 values; large tables belong into CSV files"]
    assert len(tokens) < 3000


@pytest.mark.parametrize("text", ["a: " + "[" * 50_000, "a: " + "{a: " * 50_000, "- " * 5000, "? " * 5000])
def test_deep_nesting_is_refused_at_once(text):
    """However it is written."""
    assert told(text) == ["s.yaml:1: is nested too deeply"]


def test_another_version_of_yaml():
    """YAML 1.1 reads `no` as false and 8:30 as a number, so a file may not ask for it."""
    assert told(f"%YAML 1.1\n---\n{TEXT}") == ["s.yaml:2: not YAML: %YAML must be 1.2; leave the line out"]
    assert read(f"%YAML 1.2\n---\n{TEXT}").residents == 1000


WIDE = "; in this line stands a full-width '：' (U+FF1A) where YAML wants ':' and a blank"
BLANK = "; in this line stands a full-width '\\u3000' (U+3000) where YAML wants an ordinary blank"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("residents: 1000", "residents：1000", f"s.yaml:4: not YAML: could not find expected ':'{WIDE}"),
        ("schema: 1", "schema：1", f"s.yaml:1: not YAML: mapping values are not allowed here{WIDE}"),
        ("levels: {unit: 2, street: 1}", "levels:\n  unit：2\n  street：1", f"s.yaml:6: levels: must be a mapping, got 'unit：2 street：1'{WIDE}"),
        ("levels: {unit: 2, street: 1}", "levels:\n  unit: 2\n  street：1", f"s.yaml:7: not YAML: could not find expected ':'{WIDE}"),
        ("street: 1}", "street：1}", f"s.yaml:5: levels.street：1: must be a mapping or a whole number, got None{WIDE}"),
        ("residents: 1000", "residents:　1000", f"s.yaml:4: not YAML: could not find expected ':'{BLANK}"),
        ("residents: 1000", "residents: 1000　", f"s.yaml:4: residents: must be a number, got '1000\\u3000'{BLANK}"),
        ("residents: 1000", "　residents: 1000", f"s.yaml:4: \\u3000residents: unknown key '\\u3000residents'; did you mean 'residents'?{BLANK}"),
    ],
)
def test_a_full_width_sign_is_named_at_its_own_line(old, new, said):
    """A colon or blank of the Chinese keyboard is named where it stands, not where YAML stumbles over it."""
    assert said in told(edited((old, new)))


def test_full_width_signs_in_texts_are_texts():
    """In a title they are what they are; and where something else is wrong, they are not blamed."""
    text = edited(("residents: 1000", "residents: 1000\ntitle: 东兴：一个　社区"))

    assert read(text).title.zh == "东兴：一个　社区"
    assert told(text.replace("rate: 2", "rate: -2")) == ["s.yaml:12: classes.event.arrivals.rate: must be greater than or equal to 0, got -2"]
    assert told(text.replace("by: leader", "by: {leader")) == ["s.yaml:15: not YAML: expected ',' or '}', but got '<scalar>'"]


@pytest.mark.parametrize("bad", ["\ud800", "\x1b]0;x\x07", "\x00", "\x9b", "a\x7f", "\u202e"])
def test_texts_from_python_are_looked_at_as_those_of_files(bad):
    """Half a surrogate, control characters and turning signs in any key or value: our error, whose text can be printed."""
    for wrong in (data(title=bad), data(**{bad: 1}), data(levels={"unit": 2, "street": 1, bad: 1}), data(targets=[{"measure": bad, "value": 1}]), data(apply=[bad])):
        with pytest.raises(ScenarioError, match="is not allowed") as error:
            build(wrong)
        assert str(error.value).isprintable()
        str(error.value).encode()
    for wrong in ({"title": bad}, {bad: 1}, [f"title={bad}"]):
        with pytest.raises(ScenarioError, match="is not allowed"):
            build(data(), wrong)
    for make, some in ((make_study, STUDY), (make_staffing, GOALS), (ledgers.build_rules, {"schema": 1})):
        with pytest.raises(SimgovError, match="is not allowed"):
            make({**some, "title": bad})


@pytest.mark.parametrize("bad", ["\x1b]0;x\x07", "\x9b", "\u202e"])
def test_tables_are_looked_at_too(bad):
    """A name in a table reaches the same screens."""
    Path("nodes.csv").write_text(NODES.replace("a,unit", f"a{bad},unit"), encoding="utf-8")
    Path("facts.csv").write_text(f"id,phrase\nF-1,{bad}\n", encoding="utf-8")

    assert any(problem.startswith("nodes.csv:3: ") and "is not allowed" in problem for problem in told(naming("nodes", "nodes.csv")))
    assert any(problem.startswith("facts.csv:2: ") and "is not allowed" in problem for problem in told(naming("facts", "facts.csv")))


def test_a_file_name_is_looked_at_too():
    """The name of a scenario is printed as well."""
    name = "a\x1b]0;x.yaml"
    Path(name).write_text(TEXT, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"in its name the character U\+001B is not allowed; rename the file"):
        load(name)


@pytest.mark.parametrize("key", [None, True, (1, 2), float("nan")])
def test_keys_from_python_are_texts(key):
    """So they are from YAML."""
    with pytest.raises(ScenarioError, match="keys must be texts"):
        build(data() | {key: 1})


def test_what_contains_itself_is_refused():
    """From Python, too: scenarios, studies, goals, rules, settings."""
    endless = data()
    endless["title"] = endless
    for make in (build, make_study, make_staffing, ledgers.build_rules, lambda wrong: build(data(), wrong)):
        with pytest.raises(ScenarioError, match="nested too deeply"):
            make(endless)


def test_a_document_knows_its_lines_without_tags():
    """Marks lead to what stands inside a tagged value."""
    Path("s.yaml").write_text("a:\n  value:\n    b:\n      value: [1, 2]\n      outside: x\n  outside: y\n", encoding="utf-8")
    found = Document.read(Path("s.yaml"))

    assert found.data == {"a": {"b": [1, 2]}}
    assert {path: found.marks[path].line for path in (("a",), ("a", "b"), ("a", "b", 1))} == {("a",): 1, ("a", "b"): 3, ("a", "b", 1): 4}
    assert found.tagged() == {"a": {"value": {"b": {"value": [1, 2], "outside": "x"}}, "outside": "y"}}


def test_answers_name_a_chart_below_only(here):
    """The answers of `simgov new` reach no other file either."""
    Path("in").mkdir()
    for place in (".", "in"):
        (Path(place) / "chart.csv").write_text("level,name\nunit,a\n", encoding="utf-8")
    Path("in/a.yaml").write_text("levels: ../chart.csv\n", encoding="utf-8")

    with pytest.raises(ScenarioError, match=r"in/a\.yaml:1: levels: the file in/\.\./chart\.csv lies outside"):
        answers_of(Path("in/a.yaml"), "en", date(2026, 1, 1))
    with pytest.raises(ScenarioError) as allowed:  # the chart itself is none
        answers_of(Path("in/a.yaml"), "en", date(2026, 1, 1), here)
    assert "lies outside" not in str(allowed.value)
