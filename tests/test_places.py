"""All places together: what was reported of them is met, and the page of places is that of the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shipped import SCENARIOS

import simgov
from simgov.checking import check

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "places.md").read_text(encoding="utf-8")
PLACES = [path for path in SCENARIOS if path.parent.name == "scenarios" and path.stem != "nation"]
SIZE = 5_000  # units of the largest scenario that is checked every time; the city is in its own nightly test


def test_what_was_reported_is_met():
    """`simgov check` is green for every place but the city, all targets together."""
    small = [path for path in PLACES if next(iter(simgov.load(path).levels.values())).count <= SIZE]
    found = check(small, replications=15, workers=2)

    assert found.count >= 20
    assert [(scenario.name, scenario.targets[k].measure) for scenario, k in found.failures] == []


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("dongxing", "stages.prehandle.outcomes.ordinary.closed.chance", 0.2),
        ("jiaowei", "residents", 20_000),
        ("xiashan", "classes.clue.arrivals.rate", 0.02),
    ],
)
def test_a_key_number_that_changes_is_noticed(name, path, value, tmp_path):
    """Control: another number in a scenario turns its check red."""
    from simgov import targets

    scenario = simgov.load(ROOT / "scenarios" / f"{name}.yaml", {path: value})
    result = simgov.run(scenario, replications=12)
    assert targets.MISSED in set(result.targets["verdict"])


@pytest.mark.parametrize("path", PLACES, ids=lambda p: p.stem)
def test_the_page_of_places_is_up_to_date(path):
    """Each place has its section, made from the file as it is; `python docs/make_places.py` makes it anew."""
    found = re.search(rf"^<!-- {path.stem} (\w+) -->$", PAGE, re.MULTILINE)
    assert found, f"docs/places.md has no section of {path.stem}"
    assert found.group(1) == simgov.load(path).digest[:12]
    assert (ROOT / "docs" / "figures" / "places" / f"{path.stem}.png").is_file()
