"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import click

COMMANDS = {name: f"simgov.cli.{name}" for name in ("explain", "run", "check", "compare", "calibrate", "staff", "sensitivity", "ledger", "schema", "warmup")}


class Lazy(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return getattr(import_module(COMMANDS[name]), name) if name in COMMANDS else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from simgov.errors import nearest

            ctx.fail(f"no command '{args[0]}'; {nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(HELP.items()))


HELP = {
    "explain": "Print what simgov understood of a scenario.",
    "run": "Simulate a scenario and write its results.",
    "check": "Hold scenarios against the figures that were reported.",
    "compare": "Compare the policies of a study under common draws.",
    "calibrate": "Fit what is free to what was reported; say what stays open.",
    "staff": "Find the cheapest staffing that meets stated goals.",
    "sensitivity": "Say which assumption to measure first.",
    "ledger": "Hours, points and lists of a saved result, and what is luck.",
    "schema": "Write the JSON Schema of scenario files, for editors.",
    "warmup": "Compile the fast engine now, so that no run has to wait for it.",
}


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="simgov")
def main() -> None:
    """Simulate how incidents are found, assessed, handled and closed in grid governance (网格化治理).

    \b
    simgov explain scenarios/dongxing.yaml
    simgov run scenarios/dongxing.yaml
    simgov run scenarios/dongxing.yaml --change off --lang zh
    """


def tell_errors(command: Callable[..., None]) -> Callable[..., None]:
    """What a user can cause ends as a message and exit code 2; an interrupted run ends with 130."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        from simgov.cli import interrupts
        from simgov.errors import ScenarioError, SimgovError

        for stream in (sys.stdout, sys.stderr):  # a terminal that lacks Chinese shows ? instead of ending the run
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        interrupts.listen()
        try:
            command(*args, **kwargs)
        except MemoryError as error:
            click.echo(f"error: out of memory ({error}); leave the journal out (--no-journal), or take fewer workers", err=True)
            sys.exit(2)
        except ScenarioError as error:
            count = len(error.problems)
            click.echo(str(error), err=True)
            click.echo(f"{count} problem{'s' if count > 1 else ''}; nothing was run.", err=True)
            sys.exit(2)
        except SimgovError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except KeyboardInterrupt:
            click.echo("interrupted; nothing was written.", err=True)
            sys.exit(130)

    return guarded


def scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that every command about a scenario has."""
    for option in (
        click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels and figures."),
        click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Set a value, such as teams.grid_worker.people=2."),
        click.option("--change", "changes", multiple=True, metavar="NAME", help="Put a change of the file in force."),
        click.argument("scenario", type=click.Path(dir_okay=False)),
    ):
        command = option(command)
    return command


def worker_options(command: Callable[..., None]) -> Callable[..., None]:
    """How to carry something out: the engine, and processes here or the address of a cluster; the command gets `engine` and `workers`."""

    @wraps(command)
    def with_workers(*args: Any, workers: int, cluster: str | None, **kwargs: Any) -> None:
        command(*args, workers=cluster or workers, **kwargs)

    for option in (
        click.option("--cluster", metavar="ADDRESS", help="Simulate on the dask cluster there, such as tcp://127.0.0.1:8786."),
        click.option("--workers", "-w", type=click.IntRange(1), default=1, show_default=True, help="Processes to simulate on."),
        click.option(
            "--engine", type=click.Choice(["auto", "simpy", "compiled"]), default="auto", show_default=True,
            help="Both give the same numbers; auto takes the one that is sooner done.",
        ),
    ):  # fmt: skip
        with_workers = option(with_workers)
    return with_workers
