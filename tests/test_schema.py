"""The JSON Schema of scenario files agrees with what the loader takes and refuses."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest
from shipped import SCENARIOS

from simgov.scenario import yaml_text
from simgov.schema import DIALECT, json_schema

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SMALL = {
    "schema": 1,
    "period": ["2022-05-01", "2022-06-01"],
    "levels": {"unit": 4},
    "teams": {"leader": {"at": "unit"}},
    "classes": {"event": {"arrivals": {"rate": 0.5}, "enters": "look"}},
    "stages": {"look": {"by": "leader", "work": "30 min", "outcomes": {"closed": 1}}},
}


def changed(path: str, value: object) -> dict:
    data = copy.deepcopy(SMALL)
    *above, last = path.split(".")
    here = data
    for step in above:
        here = here[step]
    here[last] = value
    return data


def test_it_is_a_schema_of_draft_2020_12():
    """The schema is itself valid, says its draft, and can be written as JSON."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA))["$schema"] == DIALECT


def test_it_keeps_the_descriptions():
    """Editors show what each model and field means."""
    stage = SCHEMA["$defs"]["Stage"]
    assert "One step of the procedure" in stage["description"]
    assert "研判" in stage["properties"]["triage"]["description"]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_shipped_scenario_is_valid(path):
    """Every scenario that is shipped validates."""
    data, _ = yaml_text.read(path)
    VALIDATOR.validate(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("levels.unit", {"count": 4, "label": "unit"}),
        ("levels.unit", {"value": 4, "source": "A-1"}),
        ("levels.unit", {"count": {"value": 4, "assumption": [1, 9], "note": "P-1", "free": True}}),
        ("teams.leader.people", "unlimited"),
        ("teams.leader.people", {"per_10000": 3, "share": 0.5}),
        ("classes.event.enters", {"look": 1}),
        ("classes.event.arrivals", {"list": "arrivals.csv"}),
        ("stages.look.by", {"team": "leader", "people": 1}),
        ("stages.look.by", {"all": ["leader", {"team": "party", "people": 2}], "read": "leader"}),
        ("stages.look.work", {"lognormal": {"median": {"value": "1h", "outside": "X-1"}, "sigma": 1}}),
        ("stages.look.work", {"event": "1h", "other": {"quantiles": {"0": "5 min", "1": "1h"}}}),
        ("stages.look.outcomes", {"event": {"closed": {"chance": 0.8, "solved": 0.9}, "other": 0.2}}),
        ("stages.look.due", {"at": "12h", "then": {"move": "look"}}),
        ("stages.look.due", None),
        ("calendars", {"office": "Mo-Fr 08:30-12:00; PH off", "meeting": {"hours": "Mo 09:00-10:00", "makeup_workdays": False}}),
        ("calendars", {"office": {"value": {"hours": {"value": "Mo", "assumption": "a"}, "makeup_workdays": {"value": True, "source": "A-1"}}, "source": "A-1"}}),
        ("changes", {"a": {"set": {"teams.leader.people": 2}, "window": ["2022-05-02", "2022-05-04"]}}),
    ],
)
def test_what_may_be_written_is_valid(path, value):
    """Full and short forms, maps by class, and tags on any value validate."""
    VALIDATOR.validate(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("staages", {}),
        ("schema", 2),
        ("residents", "many"),
        ("residents", -1),
        ("residents", {"value": 5}),
        ("residents", {"value": 5, "source": "A-1", "outside": "x"}),
        ("residents", {"value": 5, "sorce": "A-1"}),
        ("period", ["2022-05-01"]),
        ("levels.unit", 0),
        ("teams.leader", {"people": 1}),
        ("teams.leader.peple", 1),
        ("teams.leader.people", "many"),
        ("classes.event.arrivals.per", "household"),
        ("stages.look.work", 30),
        ("stages.look.work", {"lognorml": {"median": "1h", "sigma": 1}}),
        ("stages.look.outcomes", {"closed": 1.5}),
        ("stages.look.due", {"at": "12h", "then": "shout"}),
        ("stages.look", None),
        ("calendars", {"office": 5}),
        ("calendars", {"office": {"makeup_workdays": False}}),
        ("calendars", {"office": {"hours": "Mo", "makeup_workdays": "Mo"}}),
    ],
)
def test_typical_mistakes_are_not(path, value):
    """Unknown keys, wrong types and impossible numbers do not validate."""
    assert not VALIDATOR.is_valid(changed(path, value))


@pytest.mark.parametrize("name", ["schema", "period", "levels", "teams", "classes", "stages"])
def test_what_is_required_is_required_only_without_extends(name):
    """A scenario must say everything, unless it extends another; then null removes a key."""
    part = {key: value for key, value in SMALL.items() if key != name}
    assert not VALIDATOR.is_valid(part)
    assert VALIDATOR.is_valid({**part, "extends": "base.yaml"})
    assert VALIDATOR.is_valid({"extends": "base.yaml", "teams": {"leader": {"duty": None}, "staff": None}})
    assert not VALIDATOR.is_valid({"extends": "base.yaml", "teems": {}})
