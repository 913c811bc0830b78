"""Numbers that are said to come from a source are what the source says."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from shipped import SCENARIOS

import simgov
from simgov import plan
from simgov.explain import mind
from simgov.sources import facts_of, kind_of, misquoted, numbers
from simgov.words import closed_word, denominator

FACTS = """\
id,kind,quantity,value,unit,phrase
A-1,seed,grids,33,grids,原先的2个网格被细分为33个
A-2,seed,residents,"10,500",persons,常住人口过万
A-3,seed,rota rule,in turns,,3名干部轮流值守
"""
FILE = """\
schema: 1
facts: facts.csv
period: [2022-05-01, 2022-06-01]
residents: {{value: {residents}, source: A-2}}
levels: {{grid: {{count: {grids}}}}}
teams: {{worker: {{at: grid}}}}
classes: {{event: {{arrivals: {{rate: 0.1}}, enters: handle}}}}
stages: {{handle: {{by: worker, work: 1 h, outcomes: {{closed: 1}}}}}}
"""


@pytest.fixture
def written(tmp_path):
    """A scenario with 10,500 residents and 33 grids by its sources, or with other numbers."""
    (tmp_path / "facts.csv").write_text(FACTS, encoding="utf-8")

    def write(grids="{value: 33, source: A-1}", residents=10500):
        (tmp_path / "place.yaml").write_text(dedent(FILE).format(grids=grids, residents=residents))
        return simgov.load(tmp_path / "place.yaml")

    return write


def test_what_the_source_says_is_no_misquotation(written):
    """The value of a fact, also with a thousands comma; of a fact that is no number, one of its phrase."""
    assert list(misquoted(written())) == []
    assert list(misquoted(written("{value: 3, source: A-3}"))) == []


def test_another_number_is_named_with_its_source(written):
    """Whoever changes a number and leaves its source is told, by `explain` too."""
    scenario = written("{value: 5, source: A-1}")

    (found,) = misquoted(scenario)

    assert (found.path, found.value, found.ids) == ("levels.grid.count", 5, ("A-1",))
    told = "levels.grid.count is 5, but its source A-1 says: grids: 33 grids. Write what the source says, or a note how the number follows from it"
    assert str(found.told) == told
    assert told in mind(plan.make(scenario))


def test_another_number_of_the_phrase_is_misquoted(written):
    """Two grids before the reform are not the grids after it, though both stand in the sentence."""
    assert [found.value for found in misquoted(written("{value: 2, source: A-1}"))] == [2]


@pytest.mark.parametrize("grids", ["{value: 3, source: A-1, note: an eleventh of them}", "{value: 5, assumption: [1, 9]}", "{value: 5, outside: a norm}", "5"])
def test_what_follows_or_comes_from_elsewhere_is_not_judged(written, grids):
    """A note says how a number follows; assumptions and outside figures are no quotations."""
    assert list(misquoted(written(grids))) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.name)
def test_no_shipped_scenario_misquotes(path):
    """Every shipped scenario says what its sources say."""
    assert list(misquoted(simgov.load(path))) == []


def test_what_follows_from_a_source_is_told_apart():
    """A number that its fact states is the source's; one that a note or a derived fact leads to only follows from it."""
    scenario = simgov.load(Path(__file__).parents[1] / "scenarios" / "dongxing.yaml")
    facts = facts_of(scenario)
    kinds = {path: kind_of(path, value, scenario, facts) for path, value in numbers(scenario).items()}

    assert kinds["residents",] == kinds["firms",] == "source"
    assert kinds["levels", "city", "count"] == kinds["calendars", "to_19"] == kinds["stages", "prehandle", "span", "reference"] == "follows"
    assert {"source", "follows", "assumption"} == set(kinds.values())


def test_the_headline_says_which_ends_it_counts_as_closed():
    """Where an end counts as closed, the words for it and the denominator name it; other measures do not."""
    scenario = simgov.load(Path(__file__).parents[1] / "scenarios" / "dongxing.yaml")

    assert (closed_word(scenario), closed_word(scenario, "zh")) == ("closed or withdrawn", "办结（含撤回）")
    assert denominator(scenario, "headline_closure").endswith("counted as closed, too: withdrawn")
    assert "withdrawn" not in denominator(scenario, "cohort_closure")
