"""`--posterior` of `simgov run` and `simgov compare`: intervals that include what is unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from simgov.cli import tell_errors
from simgov.errors import UsageError
from simgov.language import message, say, together

if TYPE_CHECKING:
    from rich.table import Table

    from simgov.calibration import Prediction

ALONE = ("precision", "everything", "journal")  # options that a prediction does not know


def posterior_options(anew: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The command gets `posterior`: None, or a function of what is predicted and of its plain scenario, that does all the rest. `anew`: the command has no such option itself."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_posterior(*args: Any, posterior: str | None, draws: int, **kwargs: Any) -> None:
            _refuse(ALONE if posterior else ("draws", *(["anew"] if anew else [])), bool(posterior))
            options = dict(kwargs)
            if anew:
                del kwargs["anew"]

            def predicted(what: Any, base: Any, name: str) -> None:
                chosen = click.get_current_context().get_parameter_source("replications") != ParameterSource.DEFAULT
                replications = {"replications": options["replications"]} if chosen and options["replications"] else {}
                seed = {"seed": options["seed"]} if options["seed"] is not None else {}
                _carry_out(what, base, posterior, name, options, {"known": [text.partition("=")[0].strip() for text in options.get("settings", ())], "draws": draws, **replications, **seed})

            command(*args, posterior=predicted if posterior else None, **kwargs)

        for option in (
            *([click.option("--anew", is_flag=True, help="With --posterior: throw away what is in the folder.")] if anew else []),
            click.option("--draws", type=click.IntRange(2), default=40, show_default=True, help="With --posterior: settings that are drawn from it, each simulated 8 times (or -n)."),
            click.option(
                "--posterior", type=click.Path(dir_okay=False), metavar="FILE",
                help="Include in every interval what simgov calibrate left unknown: its posterior.json. Shows chance and ignorance apart.",
            ),
        ):  # fmt: skip
            with_posterior = option(with_posterior)
        return with_posterior

    return decorated


@tell_errors
def _refuse(names: Sequence[str], is_posterior: bool) -> None:
    """Options that would silently do nothing. Raises UsageError."""
    context = click.get_current_context()
    idle = [p.opts[0] for p in context.command.params if p.name in names and context.get_parameter_source(p.name) != ParameterSource.DEFAULT]
    if idle and is_posterior:
        raise UsageError(message("{options}: does nothing with --posterior; leave it out", options=together(idle)))
    if idle:
        raise UsageError(message("{options}: is for a prediction; give --posterior FILE, too, or leave it out", options=together(idle)))


def _carry_out(what: Any, base: Any, posterior: str, name: str, options: dict[str, Any], given: dict[str, Any]) -> None:
    from simgov import report
    from simgov.calibration import Posterior, predict
    from simgov.cli.progress import kept, notes

    lang, read = options["lang"], Posterior.load(posterior, notes(options["lang"]))
    place = Path(options["out"]) if options["out"] else Path("results") / f"{name}-posterior-{read.digest[:6]}"
    with kept(say("predicting", lang), place, lang) as told:
        found = predict(read, what, base=base, engine=options["engine"], workers=options["workers"], folder=place, anew=options["anew"], **given, **told)
    written = report.save(found, place, lang)
    show(found, lang)
    click.echo("\n" + say("written to {place}; the report: {file}", lang).format(place=place, file=written))


def show(found: Prediction, lang: str) -> None:
    """Print it: a table of both parts, then the sentences."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    scenario = found.policies[0].scenario
    console.print(f"\n[bold]{escape(scenario.title.say(lang) or found.name)}[/bold]  {scenario.period.start} – {scenario.period.end}\n", highlight=False)
    console.print(_table(found, lang))
    explain = say("value: mean over the posterior, with its Monte-Carlo error (at most); one window: 95 % of single windows, unknown numbers included; chance and ignorance: standard deviations, whose squares add up", lang)
    console.print(f"[dim]{explain}[/dim]\n", highlight=False)
    console.print(escape(found.answer(lang)), highlight=False)


def _table(found: Prediction, lang: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from simgov.calibration.foretold import HEADS, MOSTLY, cells, labelled, reported

    table = Table(title=say("With what is unknown", lang), title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for head in HEADS:
        table.add_column(say(head, lang), justify="left" if head == "measure" else "right", overflow="fold")
    many = len(found.policies) > 1
    for question, rows in groupby(found.rows, key=lambda row: row.question):
        measure = escape(question.say(found.policies[0].scenario, lang))
        if many:
            table.add_row(f"[bold]{measure}[/bold]")
        for row in rows:
            told = "" if many else reported(question, lang)
            label = f"  {escape(labelled(row, lang))}" if many else measure + (f"\n[dim]{told}[/dim]" if told else "")
            *others, ignorance = (_unbroken(cell) for cell in cells(row, lang))
            table.add_row(label, *others, f"[yellow]{ignorance}[/yellow]" if row.parts.share > MOSTLY else ignorance)
    return table


def _unbroken(cell: str) -> str:
    """Where the screen is narrow a line ends before a bracket or an error, and nowhere else."""
    return cell.replace(" ", "\u00a0").replace("\u00a0(", " (").replace("\u00a0±", " ±")
