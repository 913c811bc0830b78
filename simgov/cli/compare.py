"""`simgov compare`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from simgov.cli import root_option, tell_errors, worker_options
from simgov.cli.posterior import posterior_options
from simgov.cli.tongue import lang_option
from simgov.language import say


@click.command()
@click.argument("study", type=click.Path(dir_okay=False))
@click.option("--replications", "-n", type=click.IntRange(2), help="How many times to simulate each policy; as the study says, if left out.")
@click.option("--precision", type=click.FloatRange(0, min_open=True), metavar="HALF-WIDTH", help="Go on until the paired differences of the first measure are known so well.")
@click.option("--seed", type=click.IntRange(0), help="Seed of all randomness; as the study says, if left out.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the study; results/NAME if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@root_option
@lang_option()
@posterior_options()
@tell_errors
def compare(
    study: str, replications: int | None, precision: float | None, seed: int | None, engine: str, workers: int | str, out: str | None, anew: bool, root: tuple[str, ...], lang: str,
    posterior: Callable[..., None] | None,
) -> None:
    """Compare the policies of a study under common draws: paired differences with intervals, the best, a figure and a sentence."""
    from simgov.cli.progress import kept
    from simgov.study import compare as carry_out
    from simgov.study import load
    from simgov.study.policies import scenario_of

    made = load(study, root=root)
    if posterior:
        posterior(made, scenario_of(Path(study), made, root), made.name)
        return
    place = Path(out) if out else Path("results") / made.name
    with kept(say("comparing", lang), place, lang) as told:
        found = carry_out(made, replications=replications, precision=precision, seed=seed, engine=engine, workers=workers, folder=place, anew=anew, **told)
    from simgov import report
    from simgov.cli.comparison import show

    written = report.save(found, place, lang)
    show(found, lang)
    click.echo("\n" + say("written to {place}; the report: {file}", lang).format(place=place, file=written))
