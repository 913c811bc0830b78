"""`simgov check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from simgov.cli import tell_errors, worker_options


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--replications", "-n", type=click.IntRange(2), default=30, show_default=True, help="How many times to simulate each scenario.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all randomness.")
@worker_options
@click.option("--junit", type=click.Path(dir_okay=False), help="Write the verdicts as JUnit XML, too.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels.")
@tell_errors
def check(paths: tuple[str, ...], replications: int, seed: int, engine: str, workers: int | str, junit: str | None, lang: str) -> None:
    """Hold scenarios against the figures that were reported.

    PATHS are scenario files, or folders of them; `scenarios` if left out. Exit code 1 when a target that is not soft is not met.
    """
    from rich.console import Console
    from rich.markup import escape

    from simgov.checking import check as carry_out
    from simgov.cli import screen
    from simgov.cli.progress import watch
    from simgov.errors import OutputError
    from simgov.study.folder import write

    console = Console(stderr=True)
    with watch(console, screen.say("simulating", lang)) as update:
        found = carry_out(
            paths or ("scenarios",), replications=replications, seed=seed, engine=engine, workers=workers,
            progress=lambda share, name: update(share, name), say=lambda text: console.print(screen.say(text, lang), highlight=False),
        )  # fmt: skip
    if junit:
        try:
            write(Path(junit), found.junit())
        except OSError as error:
            raise OutputError(f"{junit}: cannot be written: {error.strerror or error}") from None
    out = Console()
    for scenario, table in zip(found.scenarios, found.verdicts, strict=True):
        out.print(f"\n[bold]{escape(scenario.title.say(lang) or scenario.name)}[/bold]  [dim]{scenario.name}[/dim]", highlight=False)
        out.print(screen.targets(scenario, table, lang))
    for name, why in found.left_out.items():
        click.echo(f"{name}: {screen.say('left out', lang)}: {screen.say(why, lang)}")
    words = screen.say("{failed} of {count} targets fail, {soft} soft ones are not met, {scenarios} scenarios, {n} replications each; ranges hold for all targets together", lang)
    soft = sum((table["verdict"] != "met").sum() for table in found.verdicts) - len(found.failures)
    out.print("\n" + words.format(failed=len(found.failures), count=found.count, soft=soft, scenarios=len(found.scenarios), n=replications), highlight=False)
    sys.exit(0 if found.is_green else 1)
