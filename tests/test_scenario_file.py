"""Scenario files: every mistake is one clear message with file, line and path, and all come at once."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgov.errors import ScenarioError
from simgov.scenario import build, load, yaml_text
from simgov.scenario.fields import for_class

SCENARIOS = Path(__file__).parent.parent / "scenarios"
DONGXING = SCENARIOS / "dongxing.yaml"
SCENARIO = """\
schema: 1
period: [2022-05-01, 2022-06-01]
residents: 1000
levels: {unit: 4, community: 1}
calendars:
  office: "Mo-Fr 08:30-12:00,14:30-17:30; PH off"
teams:
  leader: {at: unit, people: 1, hours: office}
  staff: {at: community, people: 2, hours: office}
classes:
  event: {arrivals: {rate: 0.5}, enters: look}
stages:
  look: {by: leader, work: 30 min, outcomes: {closed: 0.8}}
  handle: {by: staff, work: 1h, lead: 2 days, outcomes: {closed: 1}}
"""
CHANGES = """\
changes:
  more: {group: staffing, set: {teams.staff.people: 3}}
  less: {group: staffing, set: {teams.staff.people: 1, stages.look.work: 10 min}}
  week: {window: [2022-05-08, 2022-05-15], set: {classes.event.arrivals.rate: 2}}
"""
TOP = "schema, title, description, facts, period, warm_up, public_holidays, residents, firms, levels, nodes, calendars, ..."


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Each test in a folder of its own; messages name files without it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edited(*edits: tuple[str, str]) -> str:
    text = SCENARIO
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def read(text: str | bytes, settings=(), changes=()):
    Path("s.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load("s.yaml", settings, changes)


def told(text: str | bytes, settings=(), changes=()) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        read(text, settings, changes)
    return str(error.value).splitlines()


# ── one mistake ─────────────────────────────────────────────────────────────────────────────────────

MISTAKES = {
    "unknown key at the top": (
        SCENARIO + "staages: {}\n",
        "s.yaml:15: staages: unknown key 'staages'; did you mean 'stages'?",
    ),
    "unknown key far from all": (SCENARIO + "xyzzy: 1\n", f"s.yaml:15: xyzzy: unknown key 'xyzzy'; known: {TOP}"),
    "unknown key of a team": (
        edited(("people: 2", "peple: 2")),
        "s.yaml:9: teams.staff.peple: unknown key 'peple'; did you mean 'people'?",
    ),
    "unknown kind of distribution": (
        edited(("work: 1h", "work: {lognorml: {median: 1h, sigma: 1}}")),
        "s.yaml:14: stages.handle.work.lognorml: unknown key 'lognorml'; did you mean 'lognormal'?",
    ),
    "unknown parameter": (
        edited(("work: 1h", "work: {lognormal: {medain: 1h, sigma: 1}}")),
        "s.yaml:14: stages.handle.work.lognormal.medain: unknown key 'medain'; did you mean 'median'?",
    ),
    "key twice": (SCENARIO + "residents: 5\n", 's.yaml:15: not YAML: found duplicate key "residents", value "5" (original value: "1000")'),
    "missing key": (edited(("at: unit, ", "")), "s.yaml:8: teams.leader.at: is required"),
    "text for a number": (edited(("residents: 1000", "residents: many")), "s.yaml:3: residents: must be a number, got 'many'"),
    "fraction for a whole number": (edited(("people: 2", "people: 2.5")), "s.yaml:9: teams.staff.people: must be a mapping or a whole number or 'unlimited', got 2.5"),
    "list for a mapping": (edited(("levels: {unit: 4, community: 1}", "levels: [unit]")), "s.yaml:4: levels: must be a mapping, got a list of 1"),
    "mapping for a text": (edited(("at: community", "at: {a: 1}")), "s.yaml:9: teams.staff.at: must be a list or a text, got a mapping with a"),
    "yes for a number": (edited(("unit: 4", "unit: true")), "s.yaml:4: levels.unit: must be a number, got True"),
    "key that is no text": (SCENARIO + "ends: {1: {}}\n", "s.yaml:15: ends[1]: keys must be texts; write it in quotes"),
    "list as a key": (SCENARIO + "? [a, b]\n: 1\n", "s.yaml:15: a key must be a plain text"),
    "chance above one": (edited(("{closed: 0.8}", "{closed: 1.8}")), "s.yaml:13: stages.look.outcomes.closed: must be less than or equal to 1, got 1.8"),
    "chance below zero": (edited(("{closed: 0.8}", "{closed: -0.1}")), "s.yaml:13: stages.look.outcomes.closed: must be greater than or equal to 0, got -0.1"),
    "not a number": (edited(("rate: 0.5", "rate: .nan")), "s.yaml:11: classes.event.arrivals.rate: must be a finite number"),
    "chances above one together": (edited(("{closed: 0.8}", "{closed: 0.8, handle: 0.3}")), "s.yaml:13: stages.look.outcomes: chances add up to 1.1, more than 1"),
    "shares of entries": (
        edited(("enters: look", "enters: {look: 0.5, handle: 0.6}")),
        "s.yaml:11: classes.event.enters: shares must add up to 1, got 1.1",
    ),
    "last stage leaves over": (
        edited(("{closed: 1}", "{closed: 0.9}")),
        "s.yaml:14: stages.handle.outcomes: not all can leave this stage: a chance of 0.1 is left over and there is no next stage (class 'event')",
    ),
    "last stage without outcomes": (
        edited((", outcomes: {closed: 1}", "")),
        "s.yaml:14: stages.handle.outcomes: not all can leave this stage: it has no outcomes and there is no next stage (class 'event')",
    ),
    "loop without an exit": (
        edited(("{closed: 0.8}", "{handle: 1}"), ("{closed: 1}", "{look: 1}")),
        "s.yaml:13: stages.look: nobody can ever leave: look -> handle -> look, and no outcome is closed, never or an end (class 'event')",
    ),
    "return visit as an outcome": (
        edited(("{closed: 0.8}", "{closed: 0.8, ask: 0.1}")) + "  ask: {by: staff, work: 5 min, verify: {}}\n",
        "s.yaml:13: stages.look.outcomes.ask: 'ask' is a return visit; only what is closed comes there, by its own share",
    ),
    "unknown team": (edited(("by: staff", "by: staf")), "s.yaml:14: stages.handle.by: unknown team 'staf'; did you mean 'staff'?"),
    "unknown team of several": (
        edited(("by: staff", "by: {all: [staff, {team: leeder, people: 1}]}")),
        "s.yaml:14: stages.handle.by: unknown team 'leeder'; did you mean 'leader'?",
    ),
    "unknown stage": (edited(("enters: look", "enters: lok")), "s.yaml:11: classes.event.enters: unknown stage 'lok'; did you mean 'look'?"),
    "unknown outcome": (edited(("{closed: 1}", "{close: 1}")), "s.yaml:14: stages.handle.outcomes.close: unknown outcome 'close'; did you mean 'closed'?"),
    "unknown level": (edited(("at: community", "at: comunity")), "s.yaml:9: teams.staff.at: unknown level 'comunity'; did you mean 'community'?"),
    "unknown calendar": (
        edited(("people: 2, hours: office", "people: 2, hours: ofice")),
        "s.yaml:9: teams.staff.hours: unknown calendar 'ofice'; did you mean 'office'?",
    ),
    "unknown measure": (
        SCENARIO + "targets:\n  - {measure: headline_closur, value: 0.9}\n",
        "s.yaml:16: targets[0].measure: unknown measure 'headline_closur'; did you mean 'headline_closure'?",
    ),
    "unknown country": (
        SCENARIO + "public_holidays: {country: XX}\n",
        "s.yaml:15: public_holidays.country: unknown country of public holidays 'XX'; write CN, or '' for none",
    ),
    "empty calendar": (
        edited(('"Mo-Fr 08:30-12:00,14:30-17:30; PH off"', '""')),
        "s.yaml:6: calendars.office: not opening hours such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off', got '' (at character 1)",
    ),
    "calendar that never opens": (
        edited(('"Mo-Fr 08:30-12:00,14:30-17:30; PH off"', '"2021 Jan 04-05 08:00-09:00"')),
        "s.yaml:6: calendars.office: is never open between 2022-05-01 and 2022-06-01, got '2021 Jan 04-05 08:00-09:00'",
    ),
    "overlapping calendar": (
        edited(("08:30-12:00,14:30", "08:30-15:00,14:30")),
        "s.yaml:6: calendars.office: two of its intervals overlap on the same day, got 'Mo-Fr 08:30-15:00,14:30-17:30; PH off'",
    ),
    "calendar with words": (
        edited(("08:30-12:00,14:30-17:30", "8.30 to 12")),
        "s.yaml:6: calendars.office: not opening hours such as 'Mo-Fr 08:30-12:00,14:30-17:30; PH off', got 'Mo-Fr 8.30 to 12; PH off' (at character 7)",
    ),
    "calendar by the sun": (
        edited(("08:30-12:00,14:30-17:30", "sunrise-sunset")),
        "s.yaml:6: calendars.office: only clock times and dates are understood here, got 'Mo-Fr sunrise-sunset; PH off'",
    ),
    "date that does not exist": (
        edited(("2022-06-01", "2022-06-31")),
        "s.yaml:2: period: must be a date that exists, such as 2022-05-01, got '2022-06-31'",
    ),
    "end before start": (edited(("2022-06-01", "2022-04-01")), "s.yaml:2: period: must end after it starts, got 2022-05-01 to 2022-04-01"),
    "period beyond all years": (
        edited(("2022-06-01", "9999-12-31")),
        "s.yaml:2: period: a period outside the years 1900 to 2200 is surely a slip, got 2022-05-01 to 9999-12-31",
    ),
    "negative duration": (edited(("work: 1h", "work: -1h")), "s.yaml:14: stages.handle.work: a duration cannot be negative, got '-1h'"),
    "huge duration": (
        edited(("work: 1h", "work: 99999 days")),
        "s.yaml:14: stages.handle.work: a duration of more than 100 years is surely a slip, got '99999 days'",
    ),
    "duration without a unit": (
        edited(("work: 1h", "work: 60")),
        "s.yaml:14: stages.handle.work: must be a duration with a unit, such as 30 min, 8h or 2 days, got 60",
    ),
    "clock time as a duration": (
        edited(("work: 1h", 'work: "08:00"')),
        "s.yaml:14: stages.handle.work: must be a duration with a unit, such as 30 min, 8h or 2 days, got '08:00'",
    ),
    "huge number": (
        edited(("residents: 1000", "residents: 1" + 30 * "0")),
        "s.yaml:3: residents: a number beyond 1,000,000,000,000 is surely a slip, got 1" + 30 * "0",
    ),
    "more people than there are": (
        edited(("people: 2", "people: 100000000")),
        "s.yaml:9: teams.staff.people: 100,000,000 people in all; more than 20,000,000 are surely a slip",
    ),
    "more incidents than a nation has": (
        edited(("rate: 0.5", "rate: 1e9")),
        "s.yaml:11: classes.event.arrivals: about 31,000,000,000 incidents in all; more than 400,000,000 are surely a slip",
    ),
    "day factor of nothing": (
        edited(("rate: 0.5", "rate: 0.5, day_cv: 1e-9")),
        "s.yaml:11: classes.event.arrivals: day_cv must be 0, or from 0.001 to 10, got 1e-09",
    ),
    "no kind of distribution": (
        edited(("work: 1h", "work: {uniform: null}")),
        "s.yaml:14: stages.handle.work: must have exactly one kind of constant, exponential, lognormal, gamma, weibull, uniform, "
        "triangular, quantiles, got a mapping with uniform",
    ),
    "work without people": (
        edited(("by: staff, ", "")),
        "s.yaml:14: stages.handle.work: needs somebody who does it; add by, or write wait or lead for time that holds nobody",
    ),
    "people without work": (
        edited(("work: 1h, ", "")),
        "s.yaml:14: stages.handle.work: is required, because somebody works at this stage (class 'event')",
    ),
    "class named like a stage": (
        edited(("  event:", "  look:")),
        "s.yaml:11: classes.look: 'look' is also a stage or an end; outcomes could not tell them apart",
    ),
    "class named like a word of the language": (
        edited(("  event:", "  wait:")),
        "s.yaml:11: classes.wait: 'wait' is a word of the language; choose another name",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message(name):
    """A mistake gives one message: file, line, path, what was given, and the nearest valid name."""
    text, message = MISTAKES[name]
    assert told(text) == [message]


def test_all_problems_come_at_once():
    """All problems of a file come at once, in the order of the file, and none that only echoes another."""
    text = edited(
        ("2022-06-01", "2022-06-31"),
        ("08:30-12:00", "08:30-15:00"),
        ("people: 2", "peple: 2"),
        ("enters: look", "enters: lok"),
        ("by: leader", "by: leadr"),
        ("work: 1h", "work: -1h"),
    )
    text += "targets:\n  - {measure: colected, value: 1}\n  - {measure: x}\n"
    text += "changes:\n  a: {set: {teams.staf.people: 3}}\n  b: {set: {stages.look.lead: 3 hurs}}\n"
    assert told(text) == [
        "s.yaml:2: period: must be a date that exists, such as 2022-05-01, got '2022-06-31'",
        "s.yaml:6: calendars.office: two of its intervals overlap on the same day, got 'Mo-Fr 08:30-15:00,14:30-17:30; PH off'",
        "s.yaml:9: teams.staff.peple: unknown key 'peple'; did you mean 'people'?",
        "s.yaml:11: classes.event.enters: unknown stage 'lok'; did you mean 'look'?",
        "s.yaml:13: stages.look.by: unknown team 'leadr'; did you mean 'leader'?",
        "s.yaml:14: stages.handle.work: a duration cannot be negative, got '-1h'",
        "s.yaml:16: targets[0].measure: unknown measure 'colected'; did you mean 'collected'?",
        "s.yaml:17: targets[1]: give exactly one of value, at_least and at_most",
        "s.yaml:19: changes.a.set.teams.staf.people: there is no 'staf' in teams; did you mean 'staff'?",
        "s.yaml:20: changes.b.set.stages.look.lead: makes stages.look.lead wrong: "
        "must be a duration with a unit, such as 30 min, 8h or 2 days, got '3 hurs'",
    ]


@pytest.mark.parametrize(
    "edits",
    [
        [("at: community, ", "")],  # a team that cannot be made: who asks for it is not to blame
        [("rate: 0.5", "rate: x")],
        [("unit: 4", "unit: x")],
        [("  look: {by: leader, work: 30 min, outcomes: {closed: 0.8}}", "  look: 5")],
        [('office: "Mo-Fr 08:30-12:00,14:30-17:30; PH off"', "office: 5")],
        [("residents: 1000", "residents: x")],
        [("period: [2022-05-01, 2022-06-01]", "period: soon")],
        [("levels: {unit: 4, community: 1}", "levels: 5")],
    ],
)
def test_one_mistake_has_no_echo(edits):
    """What is wrong with one part is told once, not again at every part that names it."""
    assert len(told(edited(*edits))) == 1


# ── files that are no scenario ──────────────────────────────────────────────────────────────────────


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    return "\n".join([*lines, *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels))])


HOSTILE = {
    "empty": ("", "s.yaml: is empty; `simgov schema` shows what a scenario may say"),
    "a word": ("hello\n", "s.yaml:1: must be a mapping with keys such as schema, period and levels"),
    "a list": ("- 1\n", "s.yaml:1: must be a mapping with keys such as schema, period and levels"),
    "a tab": ("a:\n\t- b\n", "s.yaml:2: not YAML: found character '\\t' that cannot start any token"),
    "wrong indent": ("a: 1\n b: 2\n", "s.yaml:2: not YAML: mapping values are not allowed here"),
    "open bracket": ("a: {b: 1\nc: 2\n", "s.yaml:2: not YAML: expected ',' or '}', but got ':'"),
    "a bomb": (bomb(10), "s.yaml: has more than 50,000 values once its aliases are written out"),
    "many aliases": ("x: &x 1\ny: [" + "*x, " * 300 + "]\n", "s.yaml:2: more than 200 aliases (*name); write the values out"),
    "alias in itself": ("a: &a [*a]\n", "s.yaml: has an alias (*name) that contains itself"),
    "deep": ("a: " + "[" * 3000 + "]" * 3000, "s.yaml:1: is nested too deeply"),
    "not UTF-8": (b"# x\nschema: \xff1\n", "s.yaml:2: is not UTF-8: byte 0xff; save the file as UTF-8"),
    "UTF-16": (SCENARIO.encode("utf-16"), "s.yaml:1: is not UTF-8: byte 0xff; save the file as UTF-8"),
    "NUL": (b"# x\na: \x00\n", "s.yaml:2: not YAML: the character U+0000 is not allowed"),
    "Python": (
        "a: !!python/object/apply:os.system [ls]\n",
        "s.yaml:1: not YAML: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not known here; write the value without it",
    ),
    "two documents": (SCENARIO + "---\na: 1\n", "s.yaml:15: not YAML: but found another document"),
    "too large": ("# " + "x" * 2_100_000, "s.yaml: is larger than 2 MB"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_scenario_is_one_message(name):
    """A broken, hostile or foreign file ends in one clear message, within seconds."""
    text, message = HOSTILE[name]
    assert told(text) == [message]


def test_a_file_that_cannot_be_read_is_one_message(place):
    """A missing file and a folder are told as such."""
    for name, why in (("missing.yaml", "No such file or directory"), (".", "Is a directory")):
        with pytest.raises(ScenarioError, match=f"^{name}: cannot be read: {why}$"):
            load(name)


def test_messages_are_single_lines():
    """Line breaks and control characters of the user's text do not break a message."""
    assert told(edited(("by: staff", 'by: "sta\\nff\\u200b"'))) == ["s.yaml:14: stages.handle.by: unknown team 'sta\\nff\\u200b'; did you mean 'staff'?"]


# ── by class ────────────────────────────────────────────────────────────────────────────────────────

TWO = (("  event:", "  dispute: {arrivals: {rate: 0.1}, enters: look}\n  event:"),)


def test_a_field_by_class_takes_one_value_or_one_for_each():
    """A stage field takes one value for all classes, or a map of class names and `other`."""
    stage = read(edited(*TWO, ("work: 30 min", "work: {dispute: 2h, other: 30 min}"))).stages["look"]
    assert for_class(stage.work, "dispute").mean() == 7200
    assert for_class(stage.work, "event").mean() == 1800
    assert for_class(stage.outcomes, "dispute") == for_class(stage.outcomes, "event")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("work: 30 min", "work: {dispute: 2h}", "stages.look.work: is required, because somebody works at this stage (class 'event')"),
        ("work: 30 min", "work: {disputes: 2h}", "stages.look.work.disputes: unknown key 'disputes'; did you mean 'dispute'?"),
        ("work: 30 min", "work: {dispute: 2h, evnt: 1h}", "stages.look.work: unknown class 'evnt'; did you mean 'event'?"),
        ("{closed: 0.8}", "{disputes: {closed: 0.8}}", "stages.look.outcomes.disputes: unknown outcome or class 'disputes'; did you mean 'dispute'?"),
        ("{closed: 0.8}", "{dispute: {closed: 0.8, handle: 0.4}}", "stages.look.outcomes.dispute: chances add up to 1.2, more than 1"),
        ("by: leader", "by: {dispute: leadr, other: leader}", "stages.look.by.dispute: unknown team 'leadr'; did you mean 'leader'?"),
    ],
)
def test_a_map_by_class_is_checked_class_by_class(old, new, problem):
    """What is wrong with one class of a map by class is told with that class."""
    assert told(edited(*TWO, (old, new))) == [f"s.yaml:14: {problem}"]


def test_only_classes_that_reach_a_stage_need_its_fields():
    """A class that never comes to a stage needs no work time there."""
    text = edited(
        ("  event:", "  chore: {arrivals: {rate: 0.1}, enters: chores}\n  event:"),
        ("stages:", "stages:\n  chores: {by: staff, work: 1h, outcomes: {closed: 1}}"),
        ("work: 30 min", "work: {event: 30 min}"),
    )
    assert read(text).stages


def test_limits_are_those_of_one_root():
    """Several roots may be as large as that each, up to a hundred of them."""
    many = "{unit: 30000000, community: %d}"
    assert told(edited(("{unit: 4, community: 1}", many % 1))) == [
        "s.yaml:4: levels: 30,000,001 nodes in all; more than 20,000,000 are surely a slip",
        "s.yaml:8: teams.leader.people: 30,000,000 people in all; more than 20,000,000 are surely a slip",
    ]
    assert read(edited(("{unit: 4, community: 1}", many % 2)))
    assert told(edited(("{unit: 4, community: 1}", "{unit: 3000000000, community: 200}"))) == [
        "s.yaml:4: levels: 3,000,000,200 nodes in all; more than 2,000,000,000 for 200 roots are surely a slip",
        "s.yaml:8: teams.leader.people: 3,000,000,000 people in all; more than 2,000,000,000 for 200 roots are surely a slip",
    ]


# ── extends ─────────────────────────────────────────────────────────────────────────────────────────


def test_extends_merges_key_by_key_and_null_removes():
    """A file that extends another says what is different; null removes a key; lists and values are replaced."""
    Path("base.yaml").write_text(edited(("people: 2", "people: 2, unpaid: true")))
    s = read("extends: base.yaml\nresidents: 2000\nteams: {staff: {unpaid: null}, extra: {at: unit}}\nperiod: [2022-05-01, 2022-05-11]\n")
    assert (s.residents, s.days, list(s.teams)) == (2000, 10, ["leader", "staff", "extra"])
    assert (s.teams["staff"].unpaid, s.teams["staff"].people.each) == (False, 2)
    assert "extends" not in s.data


def test_what_extends_is_the_scenario_that_says_it_all():
    """A file that extends another has the digest of the merged scenario, keys in the order of the base and new ones after them."""
    Path("base.yaml").write_text(SCENARIO)
    short = read("extends: base.yaml\nstages: {last: {wait: 1 day, outcomes: {closed: 1}}, look: {work: 10 min}}\n")
    whole = read(edited(("work: 30 min", "work: 10 min")) + "  last: {wait: 1 day, outcomes: {closed: 1}}\n")
    assert list(short.stages) == ["look", "handle", "last"]
    assert (short.digest, short.name) == (whole.digest, "s")


def test_a_value_with_a_tag_is_replaced_as_a_whole():
    """A tagged number replaces a bare or a tagged one, and a bare one takes the tag away."""
    tagged = edited(("residents: 1000", "residents: {value: 1000, assumption: [1, 2000]}"), ("people: 2", "people: {value: 2, outside: a list}"))
    Path("base.yaml").write_text(tagged)
    s = read("extends: base.yaml\nresidents: 3000\nteams: {leader: {people: {value: 3, outside: here}}, staff: {people: {value: {each: 4}, outside: there}}}\n")
    assert (s.residents, s.teams["leader"].people.each, s.teams["staff"].people.each) == (3000, 3, 4)
    assert {path[-2:]: o.says for path, o in s.origins.items()} == {("leader", "people"): "here", ("staff", "people"): "there"}


def test_a_base_may_extend_another():
    """In a chain of files the nearest one that says something counts, and each problem names its own file."""
    Path("there").mkdir()
    Path("base.yaml").write_text(SCENARIO)
    Path("there/middle.yaml").write_text("extends: ../base.yaml\nresidents: 2000\nfirms: 7\n")
    s = read("extends: there/middle.yaml\nfirms: 8\n")
    assert (s.residents, s.firms, len(s.stages)) == (2000, 8, 2)
    Path("there/middle.yaml").write_text("extends: ../base.yaml\n\nteams: {staff: {hours: offic}}\n")
    assert told("extends: there/middle.yaml\nteams: {leader: {at: units}}\n") == [
        "s.yaml:2: teams.leader.at: unknown level 'units'; did you mean 'unit'?",
        "there/middle.yaml:3: teams.staff.hours: unknown calendar 'offic'; did you mean 'office'?",
    ]


def test_in_a_change_null_stays_what_it_is():
    """In `set`, null is the value that a change takes away; an entry of the base is replaced as a whole."""
    base = SCENARIO + "changes:\n  less: {set: {stages.look.due: {at: 2 days}, stages.handle.lead: 1 day}}\n"
    Path("base.yaml").write_text(base)
    changed = "changes: {less: {set: {stages.look.due: {opening: office}, stages.handle.lead: null}}}\n"
    assert read("extends: base.yaml\n" + changed).changes["less"].set == {"stages.look.due": {"opening": "office"}, "stages.handle.lead": None}
    s = read("extends: base.yaml\n" + changed, changes=["less"])
    assert (s.stages["look"].due["other"].opening, s.stages["handle"].lead) == ("office", {})
    assert read("extends: base.yaml\nchanges: {less: null}\n").changes == {}


def test_null_means_nothing_of_the_kind_where_the_base_has_none():
    """Where there is nothing to remove, null is what it is in any file: no due for one class, or no value at all."""
    Path("base.yaml").write_text(edited(("work: 30 min", "work: 30 min, due: {other: 2 days}")))
    assert read("extends: base.yaml\nstages: {look: {due: {event: null}}}\n").stages["look"].due["event"] is None
    assert told("extends: base.yaml\nteams: {stuff: null}\n") == ["s.yaml:2: teams.stuff: must be a mapping, got None"]


def test_tables_of_a_base_are_found_from_its_own_folder():
    """A scenario that extends one in another folder finds the tables that are named there, in its changes, too."""
    Path("there").mkdir()
    Path("there/facts.csv").write_text("id,phrase\nA-1,a thousand\n")
    Path("there/a.csv").write_text("at\n2022-05-02\n")
    base = edited(("residents: 1000", "residents: {value: 1000, source: A-1}"), ("{rate: 0.5}", "&list {list: {value: a.csv, outside: log}}"))
    base = base.replace("enters: look}", "enters: look}\n  again: {arrivals: *list, enters: look}", 1) + "facts: facts.csv\n"
    base += "changes:\n  other: {set: {classes.event.arrivals.list: b.csv}}\n  more: {set: {classes.event.arrivals: {list: b.csv}}}\n"
    Path("there/b.csv").write_text("at\n2022-05-02\n2022-05-03\n")
    Path("there/base.yaml").write_text(base)
    s = read("extends: there/base.yaml\nfirms: 3\n")
    assert (s.firms, s.facts) == (3, "there/facts.csv")
    assert [cls.arrivals.listed for cls in s.classes.values()] == ["there/a.csv"] * 2
    for change in ("other", "more"):
        assert read("extends: there/base.yaml\n", changes=[change]).classes["event"].arrivals.listed == "there/b.csv"
    own = read("extends: there/base.yaml\nclasses: {event: {arrivals: {list: there/b.csv}}}\n")
    assert len(own.tables["there/b.csv"]) == 2


def test_the_tables_of_changes_are_kept_with_the_scenario():
    """A scenario's tables are also those of changes that are not in force: it can be built again from what it keeps."""
    Path("a.csv").write_text("at\n2022-05-02\n")
    text = SCENARIO + "changes:\n  real: {set: {classes.event.arrivals: {list: a.csv}}}\n"
    s, without = read(text), read(SCENARIO + "changes:\n  real: {set: {}}\n")
    assert s.tables == {"a.csv": [{"at": "2022-05-02"}]}
    assert without.tables == {}
    Path("a.csv").write_text("at\n2022-05-03\n")
    assert read(text).digest == s.digest  # a run does not depend on them
    assert read(text, changes=["real"]).digest != s.digest


def test_plain_data_may_extend_a_file():
    """Data from Python extends a file of the folder that is given."""
    Path("base.yaml").write_text(SCENARIO)
    assert build({"extends": "base.yaml", "residents": 5}, folder=".").residents == 5
    with pytest.raises(ScenarioError, match=r"^extends: there is no file bas\.yaml; did you mean 'base\.yaml'\?$"):
        build({"extends": "bas.yaml"})


def test_problems_are_told_in_the_file_that_has_them():
    """With `extends` each problem names the file and line that it comes from."""
    Path("base.yaml").write_text(edited(("by: leader", "by: leadr")))
    assert told("extends: base.yaml\nteams:\n  staff: {people: -2}\nperiod: null\n") == [
        "base.yaml:13: stages.look.by: unknown team 'leadr'; did you mean 'leader'?",
        "s.yaml:3: teams.staff.people: must be greater than or equal to 0, got -2",
        "s.yaml:4: period: is required",
    ]


def test_a_problem_is_told_where_the_value_stands_that_counts():
    """What a file has replaced is never named as the place of a problem, whatever stood there."""
    base = edited(("enters: look", "enters: {look: 0.5, handle: 0.5}"), ("{closed: 0.8}", "{closed: {chance: 0.8, solved: 0.9}}"))
    Path("base.yaml").write_text(base)
    child = "extends: base.yaml\nclasses: {event: {enters: {look: 0.4}}}\nstages:\n  look: {outcomes:\n    {closed: 1.8}}\n"
    assert told(child) == [
        "s.yaml:2: classes.event.enters: shares must add up to 1, got 0.9",
        "s.yaml:5: stages.look.outcomes.closed: must be less than or equal to 1, got 1.8",
    ]


def test_extends_of_a_file_that_is_not_there_or_comes_round():
    """A missing base, a circle, and a base that is no name are told at the line of `extends`."""
    Path("a.yaml").write_text("extends: s.yaml\n")
    assert told("# a\nextends: base.yaml\n") == ["s.yaml:2: extends: there is no file base.yaml; did you mean 'a.yaml'?"]
    assert told("extends: b/a.yaml\n") == ["s.yaml:1: extends: there is no file b/a.yaml; none is defined"]
    stand = "one of them must stand on its own"
    assert told("extends: s.yaml\n") == [f"s.yaml:1: extends: goes round in a circle: s.yaml -> s.yaml; {stand}"]
    assert told("# a\nextends: a.yaml\n") == [f"a.yaml:1: extends: goes round in a circle: s.yaml -> a.yaml -> s.yaml; {stand}"]


@pytest.mark.parametrize(("given", "shown"), [("[a]", "a list of 1"), ("{value: 2, outside: b}", "2"), ("2", "2"), ("", "None"), ("''", "''")])
def test_extends_is_the_name_of_a_file(given, shown):
    """Anything but a text is refused."""
    assert told(f"extends: {given}\n") == [f"s.yaml:1: extends: must be the name of a scenario file, such as dongxing.yaml, got {shown}"]


@pytest.mark.parametrize("name", ["x" * 5000, "a/b/c.yaml/d"])
def test_extends_of_an_impossible_name(name):
    """A name that no file can have is a file that is not there."""
    assert all(line.startswith("s.yaml:1: extends: there is no file ") for line in told(f'extends: "{name}"\n'))


def test_a_base_that_is_broken_is_named():
    """What is wrong with the text of a base is told there."""
    Path("base.yaml").write_text("a: [\n")
    assert told("extends: base.yaml\n")[0].startswith("base.yaml:2: not YAML: ")
    Path("base.yaml").write_text("- a\n")
    assert told("extends: base.yaml\n") == ["base.yaml:1: must be a mapping with keys such as schema, period and levels"]


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────


def test_changes_are_applied_by_the_file_or_by_choice():
    """`apply` puts changes in force; a chosen one takes the place of one of its group."""
    assert read(SCENARIO + CHANGES).teams["staff"].people.each == 2
    assert read(SCENARIO + CHANGES + "apply: [more]\n").teams["staff"].people.each == 3
    chosen = read(SCENARIO + CHANGES + "apply: [more]\n", changes=["less"])
    assert (chosen.teams["staff"].people.each, chosen.in_force) == (1, ("less",))
    assert for_class(chosen.stages["look"].work, "event").mean() == 600


def test_a_window_makes_stretches():
    """A change with a window holds within it: three stretches of time, each with its own scenario."""
    s = read(SCENARIO + CHANGES, changes=["week"])
    assert [(a // 86_400, b // 86_400, e.classes["event"].arrivals.rate) for a, b, e in s.epochs] == [(0, 7, 0.5), (7, 14, 2), (14, 31, 0.5)]


def test_aliases_do_not_change_together():
    """A change of one place does not change another that was written with the same alias."""
    text = edited(("people: 2, hours: office}", "people: *one, hours: office}"), ("people: 1, hours", "people: &one {each: 1}, hours"))
    s = read(text, ["teams.staff.people.each=4"])
    assert (s.teams["leader"].people.each, s.teams["staff"].people.each) == (1, 4)


@pytest.mark.parametrize(
    ("text", "chosen", "problems"),
    [
        (CHANGES + "apply: [more, less]\n", [], ["s.yaml:19: apply: more and less are of one group 'staffing'; choose one"]),
        (CHANGES, ["more", "less"], ["more and less are of one group 'staffing'; choose one"]),
        (CHANGES + "apply: [mor]\n", [], ["s.yaml:19: apply: unknown change 'mor'; did you mean 'more'?"]),
        (CHANGES, ["lss"], ["unknown change 'lss'; did you mean 'less'?"]),
        ("apply: more\n", [], ["s.yaml:15: apply: must be a list, got 'more'"]),
        ("changes: [a]\n", [], ["s.yaml:15: changes: must be a mapping, got a list of 1"]),
        ("changes: {a: {set: [1]}}\n", [], ["s.yaml:15: changes.a.set: must be a mapping, got a list of 1"]),
        (
            "changes:\n  a:\n    set:\n      stges.look.work: 3h\n      stages.lok.work: 3h\n      stages.look.wrk: 3h\n"
            "      targets[0].value: 1\n      stages..look: 1\n",
            [],
            [
                "s.yaml:18: changes.a.set.stges.look.work: there is no 'stges'; did you mean 'stages'?",
                "s.yaml:19: changes.a.set.stages.lok.work: there is no 'lok' in stages; did you mean 'look'?",
                "s.yaml:20: changes.a.set.stages.look.wrk: makes stages.look.wrk wrong: unknown key 'wrk'; did you mean 'work'?",
                "s.yaml:21: changes.a.set.targets[0].value: there is no targets[0]; the list has 0 entries",
                "s.yaml:22: changes.a.set.stages..look: not a path such as teams.grid_worker.people or targets[0].value, got 'stages..look'",
            ],
        ),
        (
            "changes:\n  a: {set: {stages.handle.by: staf}}\napply: [a]\n",
            [],
            ["s.yaml:16: changes.a.set.stages.handle.by: makes stages.handle.by wrong: unknown team 'staf'; did you mean 'staff'?"],
        ),
        (
            "changes:\n  a: {set: {stages.handle.outcomes.look: 0.5}}\n",
            [],
            ["s.yaml:16: changes.a.set.stages.handle.outcomes.look: makes stages.handle.outcomes wrong: chances add up to 1.5, more than 1"],
        ),
        (
            "changes:\n  a: {window: [2022-05-08, 2022-05-07], set: {residents: 3}}\n",
            [],
            ["s.yaml:16: changes.a.window: must end after it starts, got 2022-05-08 to 2022-05-07"],
        ),
        (
            "changes:\n  a: {window: [2022-05-08, 2022-05-15], set: {residents: 3}}\napply: [a]\n",
            [],
            ["s.yaml:16: changes.a: a change with a window cannot change residents"],
        ),
        (
            "changes:\n  a: {window: [2022-05-08, 2022-05-15], set: {stages.third: {by: staff, work: 1h, outcomes: {closed: 1}}}}\napply: [a]\n",
            [],
            ["s.yaml:16: changes.a: a change with a window cannot add or remove stages, classes or teams"],
        ),
    ],
)
def test_what_is_wrong_with_changes_is_told_at_the_change(text, chosen, problems):
    """Unknown changes, rivals of one group, wrong paths and wrong values are told where the change is written."""
    assert told(SCENARIO + text, changes=chosen) == problems


# ── settings ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("teams.staff.people=5", lambda s: s.teams["staff"].people.each == 5),
        ("teams.staff.people.each=5", lambda s: s.teams["staff"].people.each == 5),
        ("period.end=2022-05-11", lambda s: s.days == 10),
        ("stages.look.work.event=5 min", lambda s: for_class(s.stages["look"].work, "event").mean() == 300),
        ("stages.look.outcomes.closed.solved=0.5", lambda s: for_class(s.stages["look"].outcomes, "event")["closed"].solved == 0.5),
        ("stages.look.outcomes.closed.solved=0.5", lambda s: for_class(s.stages["look"].outcomes, "event")["closed"].chance == 0.8),
        ("stages.look.hours.when=duty", lambda s: for_class(s.stages["look"].hours, "event").when == "duty"),
        ("calendars.extra=Mo 08:00-09:00", lambda s: "extra" in s.calendars),
        ("stages.handle.lead=null", lambda s: not s.stages["handle"].lead),
    ],
)
def test_a_setting_sets_a_value_by_path(setting, found):
    """`path=value` sets a value, through short forms and maps by class; null removes it."""
    assert found(read(SCENARIO, [setting]))


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("team.staff.people=5", "--set team.staff.people: there is no 'team'; did you mean 'teams'?"),
        ("teams.stff.people=5", "--set teams.stff.people: there is no 'stff' in teams; did you mean 'staff'?"),
        ("teams.staff.peple=5", "--set teams.staff.peple=5: makes teams.staff.peple wrong: unknown key 'peple'; did you mean 'people'?"),
        ("teams.staff.people=-2", "--set teams.staff.people=-2: makes teams.staff.people wrong: must be greater than or equal to 0, got -2"),
        ("teams.staff.duty.people=1", "--set teams.staff.duty.people=1: makes teams.staff.duty.hours wrong: is required"),
        ("stages.look=null", "--set stages.look=None: makes classes.event.enters wrong: unknown stage 'look'; known: handle"),
        ("stages[0].work=1h", "--set stages[0].work: stages is not a list"),
        ("teams.staff.people", "a setting is path=value, such as teams.grid_worker.people=2, got 'teams.staff.people'"),
        ("teams.staff.people=[", "--set teams.staff.people=[: not YAML: expected the node content, but found '<stream end>'"),
        ("period.end=2022-13-45", "--set period.end='2022-13-45': makes period.end wrong: must be a date that exists, such as 2022-05-01, got '2022-13-45'"),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_with_the_setting(setting, problem):
    """A wrong path or value of a setting is told as such, with the nearest name."""
    assert told(SCENARIO, [setting]) == [problem]


# ── origins ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tagged", "problem"),
    [
        ("{value: 1000, sorce: A-1}", "residents.sorce: unknown key 'sorce' of a tagged value; did you mean 'source'?"),
        ("{value: 1000, source: A-2}", "residents: unknown fact 'A-2'; did you mean 'A-1'?"),
        ("{value: 1000, source: A-1, outside: x}", "residents: a tagged value needs exactly one of source, outside, assumption"),
        ("{value: 1000, note: x}", "residents: a tagged value needs exactly one of source, outside, assumption"),
        ("{value: 1000, assumption: [1, 5]}", "residents: 1000 lies outside its own range 1 to 5"),
        ("{value: 1000, assumption: about}", "residents: assumption must be a range [low, high] in the unit of the value, got 'about'"),
        ("{value: x, source: A-1}", "residents: must be a number, got 'x'"),
        ("{value: 1000, source: A-1, free: 3}", "residents: of a tagged value, note must be a text (or {en: ..., zh: ...}) and free must be true or false"),
    ],
)
def test_a_tag_says_where_a_number_comes_from(tagged, problem):
    """A tagged value has one origin; a source is a known fact; an assumption is a range around the value."""
    Path("facts.csv").write_text("id,phrase\nA-1,a thousand\n")
    assert told(edited(("residents: 1000", f"residents: {tagged}")) + "facts: facts.csv\n") == [f"s.yaml:3: {problem}"]


# ── anything at all ─────────────────────────────────────────────────────────────────────────────────

DATA, MARKS = yaml_text.read(DONGXING)
TEXT = DONGXING.read_text(encoding="utf-8")
STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}), st.just([[1]]), st.just({"value": 1}),
    st.just({"a": {"b": 1}}), st.just(10**400), st.just(float("nan")), st.dates(), st.binary(max_size=3), st.just({None: 1}), st.just({1: 2}),
    st.sampled_from(["unit", "ordinary", "grid", "closed", "1 day", "office", "end_of_duty", "unlimited", {"grid": 1}, {"team": "community"}, ["grid"]]),
)  # fmt: skip


def places(data, path=()):
    """All paths of the data."""
    yield path
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*path, key))


PLACES = [path for path in places(DATA) if path]


def survives(action, *args, **kwargs) -> None:
    """The action ends well or in a ScenarioError of single lines (what hangs is ended by the time limit of every test)."""
    problems: list[str] = []
    try:
        action(*args, **kwargs)
    except ScenarioError as error:
        problems = [str(problem) for problem in error.problems] or [""]
    assert all(problem and "\n" not in problem for problem in problems)


@given(st.lists(st.tuples(st.sampled_from(PLACES), STRANGE, st.sampled_from(["replace", "drop", "rename"])), min_size=1, max_size=4))
@settings(max_examples=25)
def test_whatever_is_written_somewhere_ends_in_messages(mutations):
    """Any value anywhere in a scenario is accepted or refused with a message, never with a traceback."""
    data = copy.deepcopy(DATA)
    for path, value, how in mutations:
        above = data
        for step in path[:-1]:
            try:
                above = above[step]
            except (KeyError, IndexError, TypeError):
                above = None
        if isinstance(above, dict) and path[-1] in above:
            if how == "replace":
                above[path[-1]] = value
            else:
                old = above.pop(path[-1])
                if how == "rename":
                    above[f"{path[-1]}x"] = old
        elif isinstance(above, list) and how == "replace" and path[-1] < len(above):
            above[path[-1]] = value
    survives(build, data, folder=SCENARIOS, marks=MARKS)


@given(st.integers(0, 2**32), st.integers(1, 4))
@settings(max_examples=20)
def test_whatever_happens_to_the_text_ends_in_messages(tmp_path_factory, seed, times):
    """Any damage to a scenario file is accepted or refused with a message, never with a traceback."""
    chance, text = random.Random(seed), TEXT
    for _ in range(times):
        a = chance.randrange(len(text))
        b = min(len(text), a + chance.choice([1, 3, 30, 300]))
        text = text[:a] + chance.choice(["", text[a:b] * 2, chance.choice("{}[]:,&*!|>'\"%@`\t\n -#\x00\x85\ud7ff0")]) + text[b:]
    path = tmp_path_factory.mktemp("fuzz") / "s.yaml"
    path.write_text(text, encoding="utf-8")
    survives(load, path)


@given(st.text(alphabet="ab:{}[],&*!|>'\"\n -#?%@0.~\t", max_size=60))
@settings(max_examples=80)
def test_any_text_ends_in_messages(tmp_path_factory, text):
    """Any text as a file is refused with a message, never with a traceback."""
    path = tmp_path_factory.mktemp("fuzz") / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError):
        load(path)


@given(st.sampled_from(PLACES), STRANGE)
@settings(max_examples=30)
def test_any_setting_ends_in_messages(path, value):
    """Any value at any path of a setting is accepted or refused with a message, never with a traceback."""
    from simgov.errors import dotted

    survives(build, DATA, {dotted(path): value}, folder=SCENARIOS, marks=MARKS)


# ── costs ───────────────────────────────────────────────────────────────────────────────────────────


def test_loading_needs_no_heavy_package():
    """Loading a scenario imports neither pandas nor scipy nor matplotlib."""
    code = (
        "import sys; from simgov.scenario import load; "
        f"load({str(DONGXING)!r}); "
        "sys.exit(' '.join({'pandas', 'scipy', 'matplotlib', 'simpy', 'pyarrow'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# ── characters that were written as escapes ─────────────────────────────────────────────────────────


def test_surrogate_pairs_are_one_character(tmp_path):
    """JSON writers leave rare characters as pairs; they are joined."""
    assert yaml_text.value('"\\ud842\\udfb7办"') == "𠮷办"


@pytest.mark.parametrize(("written", "code"), [("\\ud842", "D842"), ("\\udfb7", "DFB7"), ("\\ud842\\udfb7\\ud842x", "D842"), ("a \\u202e b", "202E"), ("a \u202e b", "202E")])
def test_what_nobody_can_read_is_refused(written, code, tmp_path):
    """Half of a pair, and characters that turn the direction of reading round, are named with their line."""
    file = tmp_path / "s.yaml"
    file.write_text(f'schema: 1\ntitle: {{en: "{written}"}}\n', encoding="utf-8")

    with pytest.raises(ScenarioError, match=rf"s\.yaml:2: not YAML: the character U\+{code} is not allowed"):
        load(file)
