"""`simgov warmup`."""

from __future__ import annotations

import click

from simgov.cli import tell_errors
from simgov.cli.tongue import lang_option
from simgov.language import say


@click.command()
@lang_option()
@tell_errors
def warmup(lang: str) -> None:
    """Compile the fast engine now, so that no run has to wait for it. Once on a machine is enough."""
    from time import perf_counter

    from simgov import engines
    from simgov.words import duration

    choice = engines.choose("compiled", 0)
    start = perf_counter()
    engines.make_ready(choice, "compiled", lambda text: click.echo(say(text, lang), err=True))
    click.echo(say("the compiled engine is ready ({time})", lang).format(time=duration(perf_counter() - start, lang)))
