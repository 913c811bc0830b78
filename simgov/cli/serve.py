"""`simgov serve`."""

from __future__ import annotations

import click

from simgov.cli import root_option, tell_errors
from simgov.cli.tongue import lang_option


@click.command()
@click.argument("scenarios", nargs=-1, type=click.Path())
@click.option("--port", type=click.IntRange(1, 65535), help="Port on this machine; the first free one from 8501 on, if left out.")
@click.option("--folder", type=click.Path(file_okay=False), help="Where runs are kept; in the user's cache, if left out.")
@root_option
@lang_option()
@tell_errors
def serve(scenarios: tuple[str, ...], port: int | None, folder: str | None, root: tuple[str, ...], lang: str) -> None:
    """Serve the web app on this machine: choose a place, move levers, run, compare with the run before.

    SCENARIOS are scenario files or folders of them; the shipped ones, if left out.
    """
    from simgov.language import say
    from simgov.web.server import serve as until_ended

    def told(address: str) -> None:
        click.echo(say("simgov is served at {address} (this machine only); Ctrl-C ends it and all its runs", lang).format(address=address))

    until_ended(scenarios, folder, port, lang, told, root)
