"""`simgov compare`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from simgov.cli import tell_errors, worker_options


@click.command()
@click.argument("study", type=click.Path(dir_okay=False))
@click.option("--replications", "-n", type=click.IntRange(2), help="How many times to simulate each policy; as the study says, if left out.")
@click.option("--precision", type=click.FloatRange(0, min_open=True), metavar="HALF-WIDTH", help="Go on until the paired differences of the first measure are known so well.")
@click.option("--seed", type=click.IntRange(0), help="Seed of all randomness; as the study says, if left out.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the study; results/NAME if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels and figures.")
@tell_errors
def compare(
    study: str, replications: int | None, precision: float | None, seed: int | None, engine: str, workers: int | str, out: str | None, anew: bool, lang: str
) -> None:
    """Compare the policies of a study under common draws: paired differences with intervals, the best, a figure and a sentence."""
    from rich.console import Console

    from simgov.cli import screen
    from simgov.cli.progress import watch
    from simgov.study import compare as carry_out
    from simgov.study import load

    made = load(study)
    place = Path(out) if out else Path("results") / made.name
    console, counted = Console(stderr=True), [0, 0]
    try:
        with watch(console, screen.say("comparing", lang)) as update:

            def progress(done: int, total: int) -> None:
                counted[:] = done, total
                update(done / total, f"{done} / {total}")

            found = carry_out(
                made, replications=replications, precision=precision, seed=seed, engine=engine, workers=workers, folder=place, anew=anew,
                progress=progress, say=lambda text: console.print(screen.say(text, lang), highlight=False),
            )  # fmt: skip
    except KeyboardInterrupt:
        if not counted[1]:
            click.echo(screen.say("interrupted before anything was simulated; what is kept in {place} stays", lang).format(place=place), err=True)
            sys.exit(130)
        click.echo(screen.say("interrupted: {done} of {total} trials are kept in {place}; the same command goes on from there", lang).format(done=counted[0], total=counted[1], place=place), err=True)
        sys.exit(130)
    from simgov.cli.comparison import show

    found.save(place, lang)
    show(found, lang)
    click.echo(f"\n{screen.say('written to', lang)} {place}")
