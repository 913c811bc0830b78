"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Any, NoReturn

import click

from simgov.cli.tongue import lang_option, speaking, told
from simgov.language import Message, message, of_locale, say

COMMANDS = {name: f"simgov.cli.{name}" for name in ("new", "explain", "run", "check", "compare", "calibrate", "staff", "sensitivity", "ledger", "report", "serve", "schema", "warmup")}


class Lazy(click.Group):
    """Commands that are imported when they are asked for, and speak the language of who asks."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        args = sys.argv[1:] if args is None else list(args)
        for stream in (sys.stdout, sys.stderr):  # a terminal that lacks Chinese shows ? instead of ending the run
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        with speaking(args) as lang:
            return super(Lazy, told(self, lang)).main(args, *more, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return told(getattr(import_module(COMMANDS[name]), name), of_locale()) if name in COMMANDS else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            from simgov.errors import nearest

            ctx.fail(say(message("no command '{name}'; {hint}", name=args[0], hint=nearest(args[0], COMMANDS)), of_locale()))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("Commands", of_locale())):
            formatter.write_dl([(name, say(text, of_locale())) for name, text in HELP.items()])


HELP = {
    "new": message("Begin a scenario of your own place: about ten questions."),
    "explain": message("Print what simgov understood of a scenario."),
    "run": message("Simulate a scenario and write its results."),
    "check": message("Hold scenarios against the figures that were reported."),
    "compare": message("Compare the policies of a study under common draws."),
    "calibrate": message("Fit what is free to what was reported; say what stays open."),
    "staff": message("Find the cheapest staffing that meets stated goals."),
    "sensitivity": message("Say which assumption to measure first."),
    "ledger": message("Hours, points and lists of a saved result, and what is luck."),
    "report": message("Write the report of a saved run or comparison anew."),
    "serve": message("Serve the web app on this machine: levers, runs, comparisons."),
    "schema": message("Write the JSON Schema of scenario files, for editors."),
    "warmup": message("Compile the fast engine now, so that no run has to wait for it."),
}


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@lang_option(expose_value=False)
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
        from simgov import missing
        from simgov.cli import interrupts
        from simgov.errors import ScenarioError, SimgovError

        interrupts.listen()
        try:
            with missing.gathered(lambda characters: click.echo(missing.said(characters, of_locale()), err=True)):
                command(*args, **kwargs)
        except MemoryError:
            _fail(message("error: out of memory; take fewer workers (-w), a shorter period or fewer replications, and for `simgov run` leave the journal out (--no-journal)"))
        except ScenarioError as error:
            count = len(error.problems)
            _fail(error.say(of_locale()), message("{n} problems; nothing was run.", n=count) if count > 1 else message("1 problem; nothing was run."))
        except SimgovError as error:
            _fail(message("error: {why}", why=error.say(of_locale())))
        except KeyboardInterrupt:
            interrupts.end(say("interrupted; nothing was written.", of_locale()))

    return guarded


def _fail(*lines: str) -> NoReturn:
    """End with these lines, in the language of the command."""
    for line in lines:
        click.echo(say(line, of_locale()) if isinstance(line, Message) else line, err=True)
    sys.exit(2)


def root_option(command: Callable[..., None]) -> Callable[..., None]:
    """`--root`; the command gets `root`, folders as texts."""
    return click.option(
        "--root", multiple=True, type=click.Path(file_okay=False, exists=True), metavar="DIR",
        help="Let the file name others below this folder, too, and not only in its own folder and below.",
    )(command)  # fmt: skip


def scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that every command about a scenario has."""
    for option in (
        lang_option(),
        root_option,
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
