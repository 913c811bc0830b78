"""Pages that are made from the code for every build of the documentation: the reference, and the notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click import Context

from simgov.cli import COMMANDS, main
from simgov.scenario.model import Scenario
from simgov.vocabulary import DAYS, MEASURES, PARTS

ROOT = Path(__file__).parents[1]
VALUES = {"days": DAYS, "part": PARTS}  # what a column may hold, where the code and not the scenario says it
DIRECTION = {"up": ", more is better", "down": ", less is better", "neither": ""}


def write(folder: Path) -> None:
    """Write `reference/*.md` and `notebooks/*.ipynb` below the folder, where they differ from what is there."""
    pages = {"commands": commands(), "measures": measures(), "language": language()}
    for name, lines in pages.items():
        _write(folder / "reference" / f"{name}.md", "\n".join(lines) + "\n")
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        _write(folder / "notebooks" / f"{path.stem}.ipynb", _notebook(path))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _notebook(path: Path) -> str:
    import jupytext

    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{path.stem}-{number}"  # the same text for the same notebook
    return jupytext.writes(notebook, fmt="ipynb")


def commands() -> Iterator[str]:
    """What `--help` says, command by command."""
    yield "# Commands\n"
    for name in COMMANDS:
        command = main.get_command(Context(main), name)
        assert command is not None
        with Context(command, info_name=f"simgov {name}", terminal_width=100) as context:
            yield f"## simgov {name}\n\n```text\n{command.get_help(context)}\n```\n"


def measures() -> Iterator[str]:
    """Every measure: its name in files and tables, its labels, its unit and its denominator."""
    yield "# Measures\n"
    yield "Each number of a result is one of these. The *denominator* is what a share is a share of, or what a count, mean or quantile is over.\n"
    yield "| name | what it is | unit | denominator | told apart by |"
    yield "| --- | --- | --- | --- | --- |"
    for m in MEASURES.values():
        what, of = (f"{text('en')}<br>{text('zh')}" for text in (m.label, m.of))
        yield f"| `{m.name}` | {what} | {m.unit}{DIRECTION[m.better]} | {of} | {', '.join(map(_column, m.by))} |"


def _column(name: str) -> str:
    """A column that tells rows apart, with the values that it may have."""
    return f"`{name}`" + (f" ({', '.join(map(str, VALUES[name]))})" if name in VALUES else "")


def language() -> Iterator[str]:
    """Every field of a scenario file."""
    whole = Scenario.model_json_schema(by_alias=True)
    yield "# The scenario language\n"
    yield "Every field of a scenario file, from the models that read it. [Writing a scenario](../scenarios.md) explains them one after the other; `simgov schema` writes the JSON Schema for an editor. What may be written for a duration, and what a short form stands for: [durations](../scenarios.md#durations), [short forms](../scenarios.md#short-forms).\n"
    yield from _model("Scenario", whole)
    for name, model in sorted(whole["$defs"].items()):
        yield from _model(name, model)


def _model(name: str, schema: dict[str, Any]) -> Iterator[str]:
    forms = [form for form in schema.get("anyOf", ()) if "properties" not in form]
    whole = next((form for form in schema.get("anyOf", ()) if "properties" in form), schema)
    yield f"({name.lower()}-fields)=\n## {name}\n\n{_plain(whole.get('description', ''))}\n"
    if forms:
        yield f"In short: {' or '.join(map(_kind, forms))} ([what it stands for](../scenarios.md#short-forms)).\n"
    if whole.get("properties"):
        yield "| field | what it holds | left out | |\n| --- | --- | --- | --- |"
        for field, about in whole["properties"].items():
            yield f"| `{field}` | {_kind(about)} | {_default(field, about, whole)} | {_plain(about.get('description', ''))} |"
        yield ""


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _default(field: str, about: dict[str, Any], model: dict[str, Any]) -> str:
    if field in model.get("required", ()):
        return "**must be given**"
    default = about.get("default")
    return "" if default in (None, {}, [], "") or isinstance(default, dict) else f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _kind(schema: dict[str, Any]) -> str:
    """A schema in words: `a number`, `a list of Need`, `text`, `a map of names to Stage`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()}-fields)"
    if forms := schema.get("anyOf", schema.get("oneOf")):
        kinds = dict.fromkeys(_kind(form) for form in forms if form.get("type") != "null")
        return " or ".join(kinds)
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"a list of {_kind(schema['items'])}" if "items" in schema else "a list"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"a map to {_kind(inner)}" if isinstance(inner, dict) else "a map"
    if kind == ["string", "integer"]:
        return "[a duration](../scenarios.md#durations)"
    if schema.get("format") == "date":
        return "a date"
    words = {"string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false", "null": "nothing"}
    return words.get(kind, kind) + _bounds(schema)


def _bounds(schema: dict[str, Any]) -> str:
    low = next((f" ≥ {schema[k]:g}" if k == "minimum" else f" > {schema[k]:g}" for k in ("minimum", "exclusiveMinimum") if k in schema), "")
    high = next((f" ≤ {schema[k]:g}" if k == "maximum" else f" < {schema[k]:g}" for k in ("maximum", "exclusiveMaximum") if k in schema), "")
    return low + high


if __name__ == "__main__":
    write(Path(__file__).parent)
