"""`simgov warmup`."""

from __future__ import annotations

import click

from simgov.cli import tell_errors


@click.command()
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the lines on the screen.")
@tell_errors
def warmup(lang: str) -> None:
    """Compile the fast engine now, so that no run has to wait for it. Once on a machine is enough."""
    from time import perf_counter

    from simgov import engines
    from simgov.cli.screen import say

    choice = engines.choose("compiled", 0)
    start = perf_counter()
    engines.make_ready(choice, "compiled", lambda text: click.echo(say(text, lang), err=True))
    click.echo(f"{say('the compiled engine is ready', lang)} ({perf_counter() - start:.1f} s)")
