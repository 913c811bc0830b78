"""`simgov check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import root_option, tell_errors, worker_options
from simgov.cli.tongue import lang_option
from simgov.errors import OutputError, reason
from simgov.language import message, of_locale, say
from simgov.words import clauses, joined

if TYPE_CHECKING:
    from rich.console import Console

    from simgov.checking import Checked, Judged


def _begin(context: click.Context, parameter: click.Parameter, junit: str | None) -> str | None:
    """Before anything else is read or simulated: the file can be written, and says that there is no verdict yet."""
    if junit and not context.resilient_parsing:
        from simgov.checking.junit import unfinished

        place = Path(junit)
        try:
            if not place.parent.is_dir():
                raise OutputError(message("{junit}: there is no folder {folder}; make it, or name another file", junit=junit, folder=place.parent))
            if place.is_file() and place.read_bytes().lstrip()[:1] not in (b"", b"<"):
                raise OutputError(message("{junit}: exists and is no XML; name another file, nothing was changed", junit=junit))
            _write(junit, unfinished())
        except (OSError, OutputError) as error:
            told = error.say(of_locale()) if isinstance(error, OutputError) else f"{junit}: {error.strerror or error}"
            raise click.BadParameter(told, context, parameter) from None
    return junit


def _write(junit: str, text: str) -> None:
    from simgov.study.folder import write

    try:
        write(Path(junit), text)
    except OSError as error:
        raise OutputError(message("{junit}: cannot be written: {why}", junit=junit, why=reason(error))) from None


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--replications", "-n", type=click.IntRange(2), default=30, show_default=True, help="How many times to simulate each scenario.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all randomness.")
@worker_options
@click.option("--junit", type=click.Path(dir_okay=False), is_eager=True, callback=_begin, help="Write the verdicts as JUnit XML, too.")
@root_option
@lang_option()
@tell_errors
def check(paths: tuple[str, ...], replications: int, seed: int, engine: str, workers: int | str, junit: str | None, root: tuple[str, ...], lang: str) -> None:
    """Hold scenarios against the figures that were reported, and their numbers against their sources.

    PATHS are scenario files, or folders of them; `scenarios` if left out. Exit code 1 when a target that is not soft is not met or cannot be judged
    yet (too few replications), or a number is not that of the source it names.
    """
    from rich.console import Console

    from simgov.checking import check as carry_out
    from simgov.checking.junit import written
    from simgov.cli.progress import watch

    console = Console(stderr=True)
    with watch(console, say("simulating", lang)) as update:
        found = carry_out(
            paths or ("scenarios",), replications=replications, seed=seed, engine=engine, workers=workers, root=root,
            progress=lambda share, name: update(share, name), say=lambda text: console.print(say(text, lang), highlight=False, markup=False, soft_wrap=True),
        )  # fmt: skip
    if junit:
        _write(junit, written(found))
    out = Console()
    for each in found.judged:
        _show(out, each, lang)
    out.print("\n" + _sum(found, lang), highlight=False, markup=False)
    sys.exit(0 if found.is_green else 1)


def _show(out: Console, each: Judged, lang: str) -> None:
    """One scenario: its targets, or why they were not judged, and the numbers that are not those of their sources."""
    from rich.markup import escape

    from simgov.cli import screen

    s = each.scenario
    out.print(f"\n[bold]{escape(s.title.say(lang) or s.name)}[/bold]  [dim]{escape(s.name)}[/dim]", highlight=False)
    if each.left_out is not None:
        out.print(escape(say("left out: {why}", lang).format(why=say(each.left_out, lang))), style="yellow", highlight=False, soft_wrap=True)
    elif not s.targets:
        out.print(say("nothing was reported", lang), style="dim", highlight=False)
    else:
        out.print(screen.targets(s, each.verdicts, lang))
    for wrong in each.misquoted:
        out.print(f"[red]•[/red] {escape(say(wrong.told, lang))}", highlight=False)


def _sum(found: Checked, lang: str) -> str:
    """How many targets are met, missed, and not to be judged yet, in one line; another about numbers and sources."""
    few, enough = found.undecided
    why = say("too few replications; -n {n} would do", lang).format(n=enough) if enough else say("too few replications", lang)
    counts = [
        (message("{met} of {n} targets met"), True), (message("{missed} not met"), found.failures), (message("{soft} soft one not met") if found.soft == 1 else message("{soft} soft ones not met"), found.soft),
        (message("{few} cannot be judged yet ({why})"), few),
    ]  # fmt: skip
    told = joined((say(text, lang) for text, some in counts if some), lang).format(met=found.met, n=found.count, missed=len(found.failures), soft=found.soft, few=few, why=why)
    of = message("one scenario, {n} replications; ranges hold for all targets together") if len(found.judged) == 1 else message("{scenarios} scenarios, {n} replications each; ranges hold for all targets together")
    about = say(of, lang).format(scenarios=len(found.judged), n=found.replications)
    lines = [clauses((told, about), lang)]
    if found.misquoted:
        lines.append(say("numbers that are not those of the sources they name: {n}", lang).format(n=len(found.misquoted)))
    return "\n".join(lines)
