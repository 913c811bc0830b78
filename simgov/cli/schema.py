"""`simgov schema`."""

from __future__ import annotations

import click

from simgov.cli import tell_errors
from simgov.errors import reason
from simgov.language import message


@click.command()
@click.option("--out", type=click.Path(dir_okay=False), help="Write to this file instead of the screen.")
@tell_errors
def schema(out: str | None) -> None:
    """Write the JSON Schema of scenario files.

    Editors complete and check scenarios whose first line is

    \b
    # yaml-language-server: $schema=scenario.schema.json
    """
    import json
    from pathlib import Path

    from simgov.errors import OutputError
    from simgov.schema import json_schema

    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=out, why=reason(error))) from None
