"""A scenario file with the levers written in, which runs anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from simgov.language import LANGUAGES, message, say
from simgov.scenario import extends
from simgov.scenario.origins import origin_of
from simgov.scenario.paths import steps_of
from simgov.web.places import Place

NAME = "levers"  # of the change that sets them
ABOUT = message("Written by simgov serve: the scenario with the levers as they stood, in the change “{name}”. Run it with: simgov run {file}")
BESIDE = message("It names tables in other files, so it must lie beside {file}.")


def file_name(place: Place) -> str:
    """Of the file that is downloaded; its head names it."""
    return f"{place.name}_levers.yaml"


def written(place: Place, settings: Mapping[str, Any], changes: Iterable[str], lang: str = "en") -> str:
    """The YAML text. It contains everything, but extends the file of the place where that names tables.

    What the levers set is a change of its own, in force after the others; each number keeps what is known of its range.
    """
    scenario = place.load(settings, changes)
    data = extends.read(place.path, place.access).tagged()
    data.pop("facts", None)  # a table beside the file: without it nobody looks facts up
    if scenario.tables:
        data = {"extends": place.path.name}
    name = next(name for name in (NAME, *(f"{NAME}_{k}" for k in range(2, 1000))) if name not in scenario.changes)
    if settings:
        before = place.load((), changes)
        label = {each: say("the levers of the web app", each) for each in LANGUAGES}
        data["changes"] = {**(data.get("changes") or {}), name: {"label": label, "set": {path: _tagged(before, path, value) for path, value in settings.items()}}}
    data["apply"] = [*scenario.in_force, *([name] if settings else [])]
    head = say(ABOUT, lang).format(name=name, file=file_name(place))
    more = [say(BESIDE, lang).format(file=place.path.name)] if scenario.tables else []
    return "".join(f"# {line}\n" for line in (head, *more)) + _dumped(data)


def _tagged(before: Any, path: str, value: Any) -> Any:
    """The value with what is known of it: an assumption within its range, widened if need be."""
    if value is None:
        return None
    origin = origin_of(tuple(steps_of(path)), before.origins)
    note = {lang: say("set in the web app", lang) for lang in LANGUAGES}
    if isinstance(value, str):
        return {"value": value, "assumption": note}
    says = origin.says if origin and origin.kind == "assumption" and isinstance(origin.says, list) else []
    numbers = [x for x in says if isinstance(x, (int, float))] if len(says) == 2 else []
    return {"value": value, "assumption": [min([value, *numbers]), max([value, *numbers])], "note": note}


def study(place: Place, data: Mapping[str, Any], file: str, lang: str) -> str:
    """A study of two runs as YAML text that `simgov compare` takes, beside the file of the place."""
    head = say("Written by simgov serve: this run and the run before. Run it beside {file} with: simgov compare {study}", lang).format(file=place.path.name, study=file)
    return f"# {head}\n{_dumped({**data, 'scenario': place.path.name})}"


def _dumped(data: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.allow_unicode, yaml.width, yaml.sort_base_mapping_type_on_output = False, True, 130, False
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()
