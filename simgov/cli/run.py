"""`simgov run`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from simgov.cli import scenario_options, tell_errors, worker_options
from simgov.cli.posterior import posterior_options
from simgov.language import say


@click.command()
@scenario_options
@click.option("--replications", "-n", type=click.IntRange(1), default=30, show_default=True, help="How many times to simulate.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all randomness.")
@worker_options
@click.option("--journal/--no-journal", default=None, help="Keep every incident, visit and piece of work; small runs do so by themselves.")
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the results; results/... if left out.")
@click.option("--all", "everything", is_flag=True, help="Print every measure, by class.")
@posterior_options(anew=True)
@tell_errors
def run(
    scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], root: tuple[str, ...], lang: str, replications: int, seed: int,
    engine: str, workers: int | str, journal: bool | None, out: str | None, everything: bool, posterior: Callable[..., None] | None,
) -> None:  # fmt: skip
    """Simulate a scenario: a table of measures, targets met or not, and a folder with journal, tables and figures."""
    from simgov import folder
    from simgov.scenario import load

    s = load(scenario, settings, changes, root=root)
    if posterior:
        posterior(s, load(scenario, root=root), "-".join((s.name, *s.in_force, s.digest[:6])))
        return
    place = Path(out) if out else Path("results") / "-".join((s.name, *s.in_force, s.digest[:6], f"n{replications}", f"s{seed}"))
    folder.check(place)

    from rich.console import Console

    from simgov.cli import screen
    from simgov.cli.progress import watch

    console = Console(stderr=True)
    with watch(console, say("simulating", lang)) as update:
        from simgov import report
        from simgov.report import of_run
        from simgov.runner import run as simulate
        from simgov.words import prose

        result = simulate(
            s, replications=replications, seed=seed, engine=engine, workers=workers, journal=journal,
            progress=update,
            say=lambda text: console.print(say(text, lang), highlight=False),
        )  # fmt: skip
        update(words=say("writing", lang))
        written = report.save(result, place, lang)
        answer = prose(of_run.answer(result, lang), lang)
    click.echo(f"\n{answer}")
    screen.show(result, lang, everything)
    if not result.journals:
        click.echo(say("journal not kept (--journal keeps it)", lang))
    click.echo(say("written to {place}; the report: {file}", lang).format(place=place, file=written))
