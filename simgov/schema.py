"""The JSON Schema of scenario files, for editors and other programs.

It is the schema of the models, plus what happens before they see a file: short forms, a tag on any value
({value: ..., source | outside | assumption: ...}), and `extends`, with which nothing is required and
null removes a key. Names that must exist elsewhere in the file are beyond a JSON Schema.
"""

from __future__ import annotations

from typing import Any

from simgov.language import LANGUAGES
from simgov.scenario.check import BY_CLASS_WORDS, RESERVED
from simgov.scenario.fields import OTHER
from simgov.scenario.model import Scenario
from simgov.scenario.origins import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PART = "Part"  # suffix of definitions in a file that extends another
Schema = dict[str, Any]

CHANCE = {"type": "number", "minimum": 0, "maximum": 1}
COUNT = {"type": "integer", "minimum": 0}
DATE = {"type": "string", "format": "date"}
DATES = {"type": "array", "items": DATE, "minItems": 2, "maxItems": 2}
DURATION = {"anyOf": [{"type": "string"}, {"const": 0}], "description": "A duration with a unit: 30 min, 8h, 2 days, 1d 4h, PT90M, 8小时."}
REFERENCE = {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1}
BOTH = {"type": "object", "properties": {lang: {"type": "string"} for lang in LANGUAGES}, "additionalProperties": False, "minProperties": 1}
TAG = {
    "description": "A value that says where it comes from.",
    "type": "object",
    "properties": {
        "source": {**REFERENCE, "description": "Ids of known facts."},
        "outside": {**REFERENCE, "description": "A figure from elsewhere."},
        "assumption": {"description": "A range [low, high] in the unit of the value, or a reason: a text, or one in English and Chinese."},
        "note": {"description": "How the value follows, or what else is to be known: a text, or one in English and Chinese.", "anyOf": [{"type": "string"}, BOTH]},
        "free": {"type": "boolean", "description": "Calibration may change it."},
    },
    "oneOf": [{"required": [kind]} for kind in KINDS],
}
SHORT_FORMS: dict[str, list[Schema]] = {
    "Action": [{"enum": ["note", "raise", "close"]}],
    "By": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Need"}}, {"$ref": "#/$defs/Need"}],
    "Distribution": [DURATION],
    "Level": [{"type": "integer", "minimum": 1}],
    "Outcome": [CHANCE],
    "People": [COUNT, {"const": "unlimited"}],
    "Period": [DATES],
    "Window": [DATES],
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scenario file."""
    whole = Scenario.model_json_schema(by_alias=True)
    models: dict[str, Schema] = whole.pop("$defs")
    _mend(models)
    definitions: dict[str, Schema] = {"Tag": TAG}
    for part in (False, True):
        for name, model in {**models, "Scenario": whole}.items():
            definitions[name + PART * part] = _opened(model, part)
    extends = {"type": "string", "description": "Another scenario file; this one says what is different, and null removes a key."}
    definitions["Scenario" + PART]["properties"]["extends"] = extends
    return {
        "$schema": DIALECT,
        "title": "A scenario of simgov",
        "description": whole["description"],
        "type": "object",
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/Scenario{PART}"},
        "else": {"$ref": "#/$defs/Scenario"},
        "$defs": definitions,
    }


def _mend(models: dict[str, Schema]) -> None:
    """What validators of the models accept beyond their fields."""
    for name, forms in SHORT_FORMS.items():
        long = models[name]["anyOf"][-1]
        models[name] = {"title": name, "anyOf": [*forms, long]}
    for field in ("any", "all", "each", "read"):
        people = models["By"]["anyOf"][-1]["properties"]
        people[field] = {"anyOf": [people[field], {"$ref": "#/$defs/Need"}]}
    enters = models["Class"]["properties"]["enters"]
    models["Class"]["properties"]["enters"] = {"description": enters.pop("description"), "anyOf": [{"type": "string"}, enters]}
    for field in models["Stage"]["properties"].values():  # a map by class: no class has the name of a field
        if len(field.get("anyOf", ())) == 2 and "additionalProperties" in field["anyOf"][1]:
            field["anyOf"][1]["propertyNames"] = {"not": {"enum": sorted(BY_CLASS_WORDS | set(RESERVED) - {OTHER})}}
    models["Distribution"]["anyOf"][-1] |= {"minProperties": 1, "maxProperties": 1}
    models["Quantiles"] |= {"properties": {}, "required": [], "minProperties": 2, "additionalProperties": DURATION}


def _opened(schema: Schema, part: bool) -> Schema:
    """The schema with tags on every value. `part`: of a file that extends another."""
    if schema.get("type") == ["string", "integer"]:
        return {**DURATION}
    result = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _value(field, part) for name, field in value.items()}
        elif key in ("additionalProperties", "items") and isinstance(value, dict):
            result[key] = _value(value, part)
        elif key == "anyOf":
            result[key] = [_opened(option, part) for option in value]
        elif key == "$ref":
            result[key] = value + PART * part
        elif key != "required" or not part:
            result[key] = value
    return result


def _value(schema: Schema, part: bool) -> Schema:
    """A value, bare or with a tag; in a file that extends another also null, which removes it."""
    plain = _opened(schema, part)
    told = {key: plain.pop(key) for key in ("title", "description", "default") if key in plain and "$ref" not in plain}
    tagged = {"$ref": "#/$defs/Tag", "properties": {"value": plain}, "required": ["value"], "unevaluatedProperties": False}
    return {**told, "anyOf": [plain, tagged, *([{"type": "null"}] if part else [])]}
