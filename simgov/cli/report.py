"""`simgov report`."""

from __future__ import annotations

from pathlib import Path

import click

from simgov.cli import tell_errors
from simgov.cli.tongue import lang_option


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
@lang_option()
@click.option("--out", type=click.Path(dir_okay=False), help="File of the report; report.html in the folder if left out.")
@click.option("--sensitivity", type=click.Path(file_okay=False), metavar="FOLDER", help="Rank the assumptions by this sensitivity analysis of the same scenario.")
@tell_errors
def report(folder: str, lang: str, out: str | None, sensitivity: str | None) -> None:
    """Write the report of a saved run or comparison anew, in either language: one HTML file.

    FOLDER is what `simgov run` or `simgov compare` has written.
    """
    from rich.console import Console

    from simgov.cli.progress import notes, watch
    from simgov.language import say
    from simgov.report import reopened, write

    place = Path(out) if out else Path(folder) / "report.html"
    with watch(Console(stderr=True), say("simulating", lang)) as update:
        found = reopened(folder, update, notes(lang))
    click.echo(say("written to {places}", lang).format(places=write(found, place, lang, sensitivity)))
