"""All places together: what was reported of them is met, a key number that changes is noticed, and the page of places is what comes out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from shipped import SCENARIOS

import simgov
from simgov.checking import check
from simgov.scenario import build
from simgov.scenario.origins import origin_of
from simgov.sources import misquoted
from simgov.targets import MISSED, is_reported

ROOT = Path(__file__).parents[1]
PLACES = [path for path in SCENARIOS if path.parent.name == "scenarios" and path.stem != "nation"]
SIZE = 5_000  # units of the largest scenario that is checked every time; the city is in its own nightly test
_spec = importlib.util.spec_from_file_location("make_places", ROOT / "docs" / "make_places.py")
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)
SECTIONS = pages.read()

# A number that the source gives, and another one: without a run, as the source does not say it.
QUOTED = [
    ("bantou", "stages.prehandle.span.reference", 30),
    ("dingpu", "stages.prehandle.span.reference", 30),  # the community's own sources give no number of it
    ("dongxing", "levels.grid.count", 5),
    ("dongxing", "levels.unit.count", 100),
    ("fugu", "teams.expert.people.total", 1),
    ("haitan", "teams.sunk.people.total", 10),
    ("jiaowei", "levels.unit.count", 300),
    ("jiaowei", "stages.mediate.outcomes.closed.chance", 0.85),
    ("junan", "teams.member.people.total", 40),
    ("putian", "levels.unit.count", 13_475),
    ("quanzhou", "teams.community.people.per_10000", 3),
    ("shishi", "levels.grid.count", 200),
    ("xialin_after", "residents", 3_000),
    ("xialin_before", "levels.grid.count", 50),
    ("xiashan", "teams.cadre.people.total", 180),
    ("xiashan", "levels.grid.count", 90),
    ("zhongmen", "levels.grid.count", 30),
]
# A number of its mechanism that no source gives, or the mechanism switched off: the figure that was reported is missed.
MECHANISMS = [
    ("bantou", {"stages.home_visit.wait.lognormal.median": "60 days"}),
    ("dongxing", {"stages.prehandle.outcomes.ordinary.closed.chance": 0.2}),
    ("fugu", {"stages.claim.wait.exponential": "120 days"}),
    ("handong", {"calendars.daily_look": "We 17:00-19:00"}),
    ("haitan", {"stages.claim.wait.lognormal.median": "3000 days"}),
    ("jiaowei", {"residents": 10_000}),
    ("junan", {"stages.place.outcomes.not_placed": 1}),
    ("junan", {"stages.post.gate.takes": 1, "stages.sign_up.outcomes": {"activity": 0.5, "post": 0.5}}),
    ("shishi", {f"classes.{name}.enters": {"city_send": 1} for name in ("urgent", "basic", "periodic")}),
    ("xialin_after", {"stages.fund.lead.lognormal.median": "180 days"}),
    ("xiashan", {"classes.clue.arrivals.rate": 0.02}),
]


def changed(name: str, path: str, value: object):
    """The scenario with another number, which is said to be from the same source."""
    file = ROOT / "scenarios" / f"{name}.yaml"
    origin = origin_of(tuple(path.split(".")), simgov.load(file).origins)
    change: dict = {"value": value, origin.kind: origin.says}
    for key in reversed(path.split(".")):
        change = {key: change}
    return build({"extends": str(file), **change}, root=file.parent)


def test_what_was_reported_is_met():
    """`simgov check` is green for every place but the city, all targets together."""
    small = [path for path in PLACES if next(iter(simgov.load(path).levels.values())).count <= SIZE]
    found = check(small, replications=15, workers=2)

    assert found.count >= 25
    assert [(scenario.name, scenario.targets[k].measure) for scenario, k in found.failures] == []


def test_every_place_has_a_key_number():
    """Each of the fifteen is among those whose key number is changed below."""
    assert {name for name, *_ in (*QUOTED, *MECHANISMS)} == {path.stem for path in PLACES}
    assert len(PLACES) == 15
    silent = {path.stem for path in PLACES if not simgov.load(path).targets}
    assert silent == {"dingpu", "xialin_before", "zhongmen"}  # nothing was reported of them that a run could be held against


@pytest.mark.parametrize(("name", "path", "value"), QUOTED)
def test_a_number_that_differs_from_its_source_is_noticed(name, path, value):
    """A number that the source gives cannot be another one; as it stands nothing is misquoted."""
    assert not list(misquoted(simgov.load(ROOT / "scenarios" / f"{name}.yaml")))
    assert [m.path for m in misquoted(changed(name, path, value))] == [path]


@pytest.mark.parametrize(("name", "settings"), MECHANISMS)
def test_a_mechanism_that_changes_is_noticed(name, settings):
    """Another number of the mechanism, or none of it, misses what was reported."""
    result = simgov.run(simgov.load(ROOT / "scenarios" / f"{name}.yaml", settings), replications=15, journal=False)
    assert MISSED in set(result.targets["verdict"]), result.targets


def test_what_nobody_reported_does_not_stand_as_reported():
    """A bound that is an assumption is only expected, and the page says so."""
    scenarios = [simgov.load(path) for path in PLACES]
    expected = {s.name for s in scenarios for k in range(len(s.targets)) if not is_reported(s, k)}
    assert expected == {"bantou", "xialin_after"}
    assert {name for name, text in SECTIONS.items() if "not reported; expected" in text} == expected


# ── the page ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PLACES, ids=lambda p: p.stem)
def test_the_page_of_places_is_up_to_date(path):
    """Each place has its section, made from the file as it is and not changed by hand; `python docs/make_places.py` makes it anew."""
    assert path.stem in SECTIONS, f"docs/places.md has no section of {path.stem}"
    heading, digests, text = SECTIONS[path.stem].split("\n", 2)
    scenario, of_text = re.fullmatch(rf"<!-- {path.stem} (\w+) (\w+) -->", digests).groups()

    assert heading.startswith("## ")
    assert scenario == simgov.load(path).digest[:12]
    assert of_text == pages.text_digest(text)
    assert pages.text_digest(text.replace("a", "b", 1)) != of_text  # the control
    assert (ROOT / "docs" / "figures" / "places" / f"{path.stem}.png").is_file()


def test_the_table_at_the_top_is_that_of_the_sections():
    """A row for each place and for the nation; the page is its sections and the table made of them, and nothing else."""
    text = pages.PAGE.read_text(encoding="utf-8")
    assert text == pages.page(SECTIONS)
    rows = [line for line in pages.overview(SECTIONS).splitlines() if re.match(r"\| [^|\s]", line)][2:]
    assert len(rows) == len(PLACES) + 1


@pytest.mark.parametrize("name", ["fugu", "junan"])
def test_the_numbers_of_the_page_are_those_that_come_out(name):
    """The sections of places whose runs are short, word for word."""
    assert pages.section(simgov.run(ROOT / "scenarios" / f"{name}.yaml", replications=pages.REPLICATIONS, journal=False)) == SECTIONS[name]
