"""The shipped scenario of Dongxing says where each of its numbers comes from, and invents no facts."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import pytest

from simgov.clock import seconds
from simgov.scenario import load
from simgov.scenario.origins import origin_of
from simgov.vocabulary import MEASURES

SCENARIOS = Path(__file__).parent.parent / "scenarios"
DONGXING = load(SCENARIOS / "dongxing.yaml")
ROWS = list(csv.DictReader(StringIO((SCENARIOS / "facts.csv").read_text(encoding="utf-8"))))
FACTS = {row["id"]: row for row in ROWS}
WORDS = {"label", "title", "description", "note", "phrase", "of", "per", "measure", "facts", "schema", "in_numerator", "in_denominator"}
UNITS = {"hours": 3600, "minutes": 60, "days": 86_400}
VARIANTS = ["midnight", "cut_off", "clock_24h", "off"]


def numbers(value, path=()):
    """Paths and values of all numbers: also dates, durations, opening hours and times of day."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in WORDS:
                yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from numbers(item, (*path, i))
    elif (isinstance(value, (int, float)) and not isinstance(value, bool)) or (isinstance(value, str) and re.match(r"\d|(Mo|Tu|We|Th|Fr|Sa|Su)[-, ]", value)):
        yield path, value


@pytest.mark.parametrize("change", VARIANTS)
def test_every_number_has_an_origin(change):
    """No number of the scenario is without an origin, whatever reading of the rule is in force."""
    s = load(SCENARIOS / "dongxing.yaml", changes=[change])
    found = list(numbers(s.data))
    assert len(found) > 200
    assert [path for path, _ in found if origin_of(path, s.origins) is None] == []


def test_outside_figures_and_priors_are_not_passed_off_as_facts():
    """A source is a fact of the documents or derived from them; ids in notes exist."""
    for origin in DONGXING.origins.values():
        if origin.kind == "source":
            ids = [origin.says] if isinstance(origin.says, str) else origin.says
            assert {FACTS[i]["kind"] for i in ids} <= {"seed", "derived"}
        said = f"{origin.says} {origin.note}"
        assert set(re.findall(r"\b(?:PT|DX|XL|BT|D|P|X)-[A-Z0-9-]*[A-Z0-9]\b", said)) <= set(FACTS), said


def test_an_assumption_that_names_a_prior_has_its_range():
    """Where a note is the id of a prior and nothing else, the range is that of the prior."""
    checked = 0
    for path, origin in DONGXING.origins.items():
        row = FACTS.get(origin.note)
        if origin.kind != "assumption" or row is None or row["kind"] != "prior" or not isinstance(origin.says, list):
            continue
        low, _, high = json.loads(row["value"])
        unit = UNITS.get(row["unit"])
        says = [seconds(x) / unit for x in origin.says] if unit else origin.says
        assert says == [low, high] or path[-1] == "solved", (path, origin)
        checked += 1
    assert checked >= 15


def test_the_real_figures_are_in_it():
    """10,000 residents, 400 firms, 439 units in 33 grids, 0.50 events per 1,000 residents and day of which 2 % are disputes."""
    assert (DONGXING.residents, DONGXING.firms, DONGXING.levels["unit"].count, DONGXING.levels["grid"].count) == (10_000, 400, 439, 33)
    rates = {name: cls.arrivals.rate for name, cls in DONGXING.classes.items() if not cls.background}
    assert sum(rates.values()) == pytest.approx(0.5)
    assert rates["dispute"] / sum(rates.values()) == pytest.approx(0.02)


def test_all_names_are_in_both_languages():
    """Levels, teams, classes, ends, stages, changes and targets have English and Chinese labels."""
    s = DONGXING
    named = [x for part in (s.levels, s.teams, s.classes, s.ends, s.stages, s.changes) for x in part.values()]
    assert all(x.label and x.label.en and x.label.zh for x in [*named, *s.targets])
    assert all(target.measure in MEASURES for target in s.targets)


def test_the_readings_of_not_overnight_change_triage_only():
    """Four readings in one group; each changes only hours and dues of triage, and the duty of the teams that do it."""
    assert list(DONGXING.changes) == VARIANTS
    assert DONGXING.in_force == ("cut_off",)
    triage = {name for name, stage in DONGXING.stages.items() if stage.triage}
    teams = {need.team for name in triage for by in DONGXING.stages[name].by.values() for need in by.needs}
    allowed = {f"teams.{team}.duty" for team in teams} | {f"stages.{name}.{field}" for name in triage for field in ("hours.when", "due")}
    for change in DONGXING.changes.values():
        assert change.group == "no_overnight"
        assert set(change.set) == allowed


def test_facts_are_one_row_each():
    """The table of facts has one row per fact, of four kinds, and lists and maps are JSON."""
    assert len(ROWS) == len(FACTS) == 403
    assert {row["kind"] for row in ROWS} == {"seed", "derived", "outside", "prior"}
    assert all(row["quantity"] and row["phrase"] and row["where"] for row in ROWS)
    assert all(json.loads(row["value"]) for row in ROWS if row["value"][:1] in "[{" and row["value"])
