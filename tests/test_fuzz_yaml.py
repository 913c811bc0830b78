"""Mutants of scenarios, studies, goals and rule sheets, in structure and in bytes: each is taken or refused in our words, and what is taken can be used.

Tags sprinkled over a sound file change nothing: neither what is simulated nor what is asked.
"""

from __future__ import annotations

import copy
import io
import random
from pathlib import Path
from typing import Any

import fuzzing
import pytest
import street
from rich.console import Console
from strategies import made

from simgov import ledgers, plan
from simgov.errors import SimgovError
from simgov.explain import understand
from simgov.ledgers import build_rules
from simgov.scenario import Scenario, build, load, yaml_text
from simgov.scenario.origins import KINDS, is_tagged
from simgov.staffing import load as load_goals
from simgov.staffing.candidates import make as make_staffing
from simgov.study import load as load_study
from simgov.study.policies import make as make_study

STREET = yaml_text.value(street.TEXT)
STUDY = {
    "schema": 1, "title": "Late or not", "scenario": "street.yaml", "change": ["late"], "set": {"residents": 900},
    "policies": {"late": {"label": {"en": "late", "zh": "延时"}}, "off": {"change": ["off"]}, "more": {"set": {"teams.desk.people": {"value": 3, "assumption": [1, 5]}}}},
    "grid": {"leaders": {"path": "teams.leader.people", "values": [2, 3]}, "how": {"values": {"slow": {"set": {"stages.look.work": "20 min"}}}}},
    "base": "late", "measures": [{"measure": "headline_closure", "at_least": 0.5}, {"measure": "settled_at_or_below", "where": {"level": "unit"}}],
    "replications": 4, "precision": {"half_width": 0.1, "at_most": 8}, "figure": {"kind": "differences"},
}  # fmt: skip
GOALS = {
    "schema": 1, "scenario": "street.yaml", "set": {"teams.desk.cost_per_hour": 30},
    "levers": {"desk": {"path": "teams.desk.people", "values": [1, 2]}, "how": {"values": {"late": {"change": ["late"]}, "off": {"change": ["off"]}}}},
    "goals": [{"measure": "headline_closure", "at_least": 0.4}], "replications": {"first": 3, "at_most": 6}, "search": {"every": 10},
}  # fmt: skip
RULES = {
    "schema": 1, "title": {"en": "points", "zh": "积分"}, "team": "desk", "every": "month",
    "points": {"closed": 1, "overdue": {"each": -1, "classes": {"event": -2}}, "reopened": -3},
    "bottom": {"n": 1, "strikes": {"count": 2, "within": "90 days"}}, "top": 1, "deduct": {"share": 0.1, "of_mean": 0.5},
}  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 1e-9, 10**13, 10**400, float("nan"), float("inf"), "", " ", "x", "unit", "2022-02-30", "1e400", "closed", "null", "\u202e", "\ud800", "\x1b[2J", "：", "\u3000", "a.b", "[0]",
    "residents", "../x", "/dev/zero", "[/]", "[bold]", "{x}", "%s", "x" * 5000, [], [[]], [None], {}, {"": 1}, {"value": 1}, {"value": 1, "note": "x"}, {"value": 3, "assumption": [1, 5]}, {"valeu": 1, "note": 2},
    {"value": {"value": 2, "outside": "y"}, "source": "F-1"}, {"closed": 1}, {1: 2}, {None: 1}, {True: 1}, b"x", object, ("a",), {"en": "x", "fr": "y"}, ["2022-05-02", "2022-05-09"],
)  # fmt: skip
BYTES = (
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x1b", b"\r", b"\t", b"\n", b" ", b"- ", b"? ", b": ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"<<: *a", b"!!int ", b"!!bool ", b"!!str ", b"!!null ", b"!!binary ", b"!!set ",
    b"!!timestamp ", b"!x ", b"!!float ", b"!!seq ", b"!!map ", b"|\n", b">\n", b"'", b'"', b"\\e", b"#", b"%YAML 1.1\n---\n", b"...\n", b"---\n", b"0x", b"0o", b"1_0", b"-_", b".inf", b".nan", b"~", b"true", b"\xef\xbc\x9a",
    b"\xe3\x80\x80", b"\xc2\x85", b"\xe2\x80\xae", b'"\\ud800"', b"9" * 5000,
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with the street, to which studies and goals go."""
    monkeypatch.chdir(tmp_path)
    street.write(tmp_path)


# ── mutants ─────────────────────────────────────────────────────────────────────────────────────────


def places(value: Any, path: tuple[Any, ...] = (), above: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
    """All paths of data, the empty one first; shared parts may lie in a circle, which is gone round once."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inside = () if id(value) in above else items
    return [path, *(place for key, item in inside for place in places(item, (*path, key), (*above, id(value))))]


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def mutant(data: Any, chance: random.Random) -> Any:
    """The data with one to four faults: other values, missing, doubled, renamed and new entries, tags, shared parts."""
    data = copy.deepcopy(data)
    for _ in range(chance.randint(1, 4)):
        path = chance.choice(places(data))
        if not path:
            continue
        above, key = at(data, path[:-1]), path[-1]
        kind = chance.choice(("odd", "odd", "odd", "gone", "moved", "renamed", "new", "tag", "alias"))
        if kind == "odd":
            above[key] = copy.deepcopy(chance.choice(ODD))
        elif kind == "gone":
            del above[key]
        elif kind == "moved":
            above[key] = copy.deepcopy(at(data, chance.choice(places(data))))
        elif kind == "tag":
            above[key] = {"value": above[key], **chance.choice(({"assumption": "why"}, {"assumption": [0, 9]}, {"source": "F-1"}, {"outside": 3}, {"note": "x"}, {"free": True, "assumption": [1, 2]}))}
        elif kind == "alias":
            above[key] = at(data, chance.choice([place for place in places(data) if path[: len(place)] != place]))
        elif isinstance(above, dict):
            name = chance.choice((*(str(key) for key in above if key != key or key), "extra", "listed", "start", "class_", "schema_", 3, None, "\x07", "value", "note"))
            above[name] = copy.deepcopy(chance.choice(ODD)) if kind == "new" else above.pop(key)
        else:
            above.insert(0, copy.deepcopy(chance.choice(ODD)))
    return data


def use(scenario: Scenario, chance: random.Random) -> None:
    """What was taken can be planned, and (now and then, for it takes long) explained."""
    plan.make(scenario)
    if chance.random() < 0.1:
        for lang in ("en", "zh"):
            understand(scenario, Console(file=io.StringIO(), width=100), lang, True)


def try_out(make: Any, given: Any, chance: random.Random) -> bool:
    """Whether it is taken; if not, in our words, which can be printed."""
    try:
        found = make(given)
        if isinstance(found, Scenario):
            use(found, chance)
    except SimgovError as error:
        for lang in ("en", "zh"):
            said = error.say(lang)
            said.encode()
            assert said
            assert [line[:300] for line in said.splitlines() if not line.isprintable() or len(line) > 2000] == []
        return False
    return True


KINDS_OF_FILES = {"scenario": (STREET, build), "study": (STUDY, make_study), "goals": (GOALS, make_staffing), "rules": (RULES, build_rules)}


def check_structure(kind: str, count: int, times: int) -> None:
    data, make = KINDS_OF_FILES[kind]
    taken = 0
    for number, chance in enumerate(fuzzing.seeds(f"structure of {kind}", count, times)):
        given = mutant(made(chance.choice(("usual", "ties")), None, number) if kind == "scenario" and number % 4 == 0 else data, chance)
        taken += try_out(make, given, chance)
    assert taken < count * times  # or nothing was damaged
    assert taken or count * times < 50


@pytest.mark.parametrize(("kind", "count"), [("scenario", 60), ("study", 20), ("goals", 15), ("rules", 200)])
def test_mutants_in_structure_end_in_messages(kind, count):
    """Wrong types, odd texts, missing and extra keys, tags and shared parts anywhere: taken and usable, or refused in our words."""
    check_structure(kind, count, fuzzing.AT_A_PUSH)


@pytest.mark.nightly
@pytest.mark.timeout(20_000)
@pytest.mark.parametrize(("kind", "count"), [("scenario", 400), ("study", 60), ("goals", 40), ("rules", 500)])
def test_many_mutants_in_structure_end_in_messages(kind, count):
    """The same, many more."""
    check_structure(kind, count, fuzzing.AT_NIGHT)


# ── bytes ───────────────────────────────────────────────────────────────────────────────────────────


def text_of(data: Any) -> bytes:
    from ruamel.yaml import YAML

    stream, yaml = io.BytesIO(), YAML(typ="safe", pure=True)
    yaml.allow_unicode, yaml.default_flow_style = True, None
    yaml.dump(data, stream)
    return stream.getvalue()


def damaged(text: bytes, chance: random.Random) -> bytes:
    """The text with one to three faults in its bytes: cut, doubled, flipped, and pieces of YAML where they do not belong."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randint(0, 12))
        piece = chance.choice((b"", text[start:end] * 2, chance.choice(BYTES), chance.choice(BYTES), chance.choice(BYTES), bytes([chance.randrange(256)])))
        text = text[:start] + piece + text[chance.choice((start, end)) :]
    return text


READERS = {"scenario": (street.TEXT.encode(), load), "study": (text_of(STUDY), load_study), "goals": (text_of(GOALS), load_goals), "rules": (text_of(RULES), ledgers.load_rules)}


def check_bytes(kind: str, count: int, times: int) -> None:
    text, reader = READERS[kind]
    file = Path("mutant.yaml")
    assert try_out(reader, _written(file, text), random.Random(1))  # the control
    for chance in fuzzing.seeds(f"bytes of {kind}", count, times):
        try_out(reader, _written(file, damaged(text, chance)), chance)


def _written(file: Path, text: bytes) -> Path:
    file.write_bytes(text)
    return file


@pytest.mark.parametrize(("kind", "count"), [("scenario", 60), ("study", 20), ("goals", 20), ("rules", 60)])
def test_damaged_bytes_end_in_messages(kind, count):
    """A file that was damaged, or has pieces of YAML where they do not belong, is taken or refused in our words."""
    check_bytes(kind, count, fuzzing.AT_A_PUSH)


@pytest.mark.nightly
@pytest.mark.timeout(20_000)
@pytest.mark.parametrize(("kind", "count"), [("scenario", 300), ("study", 100), ("goals", 60), ("rules", 300)])
def test_many_damaged_bytes_end_in_messages(kind, count):
    """The same, many more."""
    check_bytes(kind, count, fuzzing.AT_NIGHT)


# ── tags ────────────────────────────────────────────────────────────────────────────────────────────


def sprinkled(value: Any, chance: random.Random, share: float) -> Any:
    """The same with tags on some of its values, one within another now and then."""
    if isinstance(value, dict) and not is_tagged(value):
        value = {key: sprinkled(item, chance, share) for key, item in value.items()}
    elif isinstance(value, list):
        value = [sprinkled(item, chance, share) for item in value]
    if chance.random() >= share:
        return value
    kind = chance.choice(KINDS)
    says = [value, value] if kind == "assumption" and isinstance(value, (int, float)) and not isinstance(value, bool) else "why"
    if kind == "assumption" and isinstance(value, str):
        kind = "outside"  # of what may be a duration, an assumption would have to be a range
    return {"value": value, kind: says, **({"note": "n"} if chance.random() < 0.3 else {})}


def same(one: Scenario, other: Scenario) -> None:
    """What is simulated is the same, and so is what was understood."""
    assert one.digest == other.digest
    assert one.data == other.data
    assert one.in_force == other.in_force
    assert [(a, b, epoch.data) for a, b, epoch in one.epochs] == [(a, b, epoch.data) for a, b, epoch in other.epochs]


def check_tags(count: int, times: int) -> None:
    tags = 0
    for number, chance in enumerate(fuzzing.seeds("tags", count, times)):
        data = STREET if number % 3 == 0 else made(chance.choice(("usual", "ties")), None, number)
        names = list(data.get("changes", {}))
        changes = [name for name in names if chance.random() < 0.3]
        share = chance.choice((0.02, 0.1, 0.5))
        mixed = sprinkled(data, chance, share)
        settings = {"residents": 900, "title": "x"} if "residents" in data else {"title": "x"}
        tags += str(mixed).count("'value'") - str(data).count("'value'")
        try:
            expected = build(data, settings, changes)
        except SimgovError:  # rivals, or a window that sets a path of another
            with pytest.raises(SimgovError):
                build(mixed, sprinkled(settings, chance, share), changes)
            continue
        same(build(mixed, sprinkled(settings, chance, share), changes), expected)
    assert tags > count


def test_tags_anywhere_change_nothing():
    """Whatever has a tag, from a number to the whole file: the scenario is that without tags."""
    check_tags(60, fuzzing.AT_A_PUSH)


@pytest.mark.nightly
@pytest.mark.timeout(20_000)
def test_many_tags_anywhere_change_nothing():
    """The same, many more."""
    check_tags(200, fuzzing.AT_NIGHT)


def test_tags_in_other_files_change_nothing():
    """The same of studies, goals and rule sheets."""
    study, goals, rules = make_study(STUDY), make_staffing(GOALS), build_rules(RULES)
    for chance in fuzzing.seeds("tags of other files", 12):
        mixed = make_study(sprinkled(STUDY, chance, 0.1))
        for one, other in zip(mixed.policies, study.policies, strict=True):
            same(one.scenario, other.scenario)
            assert (one.name, one.label) == (other.name, other.label)
        assert mixed.file.measures == study.file.measures
        mixed = make_staffing(sprinkled(GOALS, chance, 0.1))
        assert (mixed.file.goals, mixed.file.replications, mixed.combinations) == (goals.file.goals, goals.file.replications, goals.combinations)
        same(mixed.candidate([1, 1]).scenario, goals.candidate([1, 1]).scenario)
        assert build_rules(sprinkled(RULES, chance, 0.2)).model_dump() == rules.model_dump()
