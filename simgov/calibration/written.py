"""The fitted scenario as a file that extends the original, with a tag at every fitted value that says what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from simgov.language import LANGUAGES, message, say
from simgov.language.lines import wrap
from simgov.scenario import Scenario, extends, origins
from simgov.scenario.document import Document
from simgov.scenario.paths import with_values

HEAD = message(
    "Fitted by `simgov calibrate`. Numbers with a range are those that were fitted; the range is what the targets leave of them (90 of 100 cases), and is not to be "
    "fitted again: it has the targets in it already."
)

OUTSIDE = message("It extends a file outside its own folder: name a folder above that file when you run it, such as --root scenarios.")


def text(scenario: Scenario, source: Path | None, given: Mapping[str, Any], fitted: Mapping[str, dict[str, Any]], folder: Path) -> str:
    """As it stands in a file of `folder`. `given`: settings that came with the scenario; `fitted`: tagged values by path.

    With the `source` file only what differs is written; a scenario that was made of plain data is written as a whole.
    """
    before = extends.read(source, scenario.access) if source else Document.of(scenario.data)
    after, problems = with_values(before, Document.of({**given, **fitted}), ())
    assert not problems, problems
    raw, now = before.tagged(), after.tagged()
    if scenario.in_force:
        now["apply"] = list(scenario.in_force)
    if source is None:
        return _head() + _yaml(now)
    base = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
    return _head(*([OUTSIDE] if base.startswith("..") else [])) + _yaml({"extends": base, **_over(raw, now)})


def _head(*more: str) -> str:
    return "".join(f"# {line}\n" for lang in LANGUAGES for text in (HEAD, *more) for line in wrap(say(text, lang), 126))


def _over(base: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What must stand in a file that extends `base` to say `now`."""
    found: dict[str, Any] = {key: None for key in base if key not in now}
    for key, value in now.items():
        if key not in base:
            found[key] = value
        elif base[key] != value:
            both = isinstance(base[key], dict) and isinstance(value, dict) and not origins.is_tagged(base[key]) and not origins.is_tagged(value)
            found[key] = _over(base[key], value) if both else value
    return found


def _yaml(data: dict[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml, stream = YAML(), StringIO()
    yaml.width, yaml.allow_unicode = 130, True
    yaml.dump(_flowing(data), stream)
    return stream.getvalue()


def _flowing(value: Any) -> Any:
    """Tagged values and lists in one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, dict):
        made = CommentedMap({key: _flowing(item) for key, item in value.items()})
        if origins.is_tagged(value):
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        row = CommentedSeq([_flowing(item) for item in value])
        row.fa.set_flow_style()
        return row
    return value
