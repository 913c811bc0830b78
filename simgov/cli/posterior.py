"""`--posterior` of `simgov run` and `simgov compare`: intervals that include what is unknown."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from simgov.language import message, say

if TYPE_CHECKING:
    from rich.table import Table

    from simgov.calibration import Prediction
    from simgov.calibration.prediction import Row


def posterior_options(anew: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The command gets `posterior`: None, or a function of what is predicted and of its plain scenario, that does all the rest. `anew`: the command has no such option itself."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_posterior(*args: Any, posterior: str | None, draws: int, **kwargs: Any) -> None:
            options = dict(kwargs)
            if anew:
                del kwargs["anew"]

            def predicted(what: Any, base: Any, name: str) -> None:
                chosen = click.get_current_context().get_parameter_source("replications") != ParameterSource.DEFAULT
                replications = {"replications": options["replications"]} if chosen and options["replications"] else {}
                seed = {"seed": options["seed"]} if options["seed"] is not None else {}
                _carry_out(what, base, posterior, name, options, {"draws": draws, **replications, **seed})

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


def _carry_out(what: Any, base: Any, posterior: str, name: str, options: dict[str, Any], given: dict[str, int]) -> None:
    from simgov.calibration import Posterior, predict
    from simgov.cli.progress import kept

    lang, read = options["lang"], Posterior.load(posterior)
    place = Path(options["out"]) if options["out"] else Path("results") / f"{name}-posterior-{read.digest[:6]}"
    with kept(say("predicting", lang), place, lang) as told:
        found = predict(read, what, base=base, engine=options["engine"], workers=options["workers"], folder=place, anew=options["anew"], **given, **told)
    found.save(place, lang)
    show(found, lang)
    click.echo("\n" + say("written to {place}", lang).format(place=place))


def show(found: Prediction, lang: str) -> None:
    """Print it: a table of both parts, then the sentences."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    scenario = found.policies[0].scenario
    console.print(f"\n[bold]{escape(scenario.title.say(lang) or found.name)}[/bold]  {scenario.period.start} – {scenario.period.end}\n", highlight=False)
    console.print(_table(found, lang))
    explain = say("value: mean over the posterior; one window: 95 % of single windows, unknown numbers included; ±: standard deviations, whose squares add up", lang)
    console.print(f"[dim]{explain}[/dim]\n", highlight=False)
    console.print(escape(found.answer(lang)), highlight=False)


HEADS = (message("measure"), message("value"), message("one window, 95 %"), message("chance ±"), message("ignorance ± (of the variance)"))


def _table(found: Prediction, lang: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=say("With what is unknown", lang), title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for head in HEADS:
        table.add_column(say(head, lang), justify="left" if head == "measure" else "right", overflow="fold", min_width=24 if head == "measure" else None)
    many = len(found.policies) > 1
    for question, rows in groupby(found.rows, key=lambda row: row.question):
        measure = escape(question.say(found.policies[0].scenario, lang))
        if many:
            table.add_row(f"[bold]{measure}[/bold]")
        for row in rows:
            told = say("reported {figure}", lang).format(figure=_reported(question.target.reported, question.unit, lang)) if question.target and not many else ""
            label = f"  {escape(_who(row, lang))}" if many else measure + (f"\n[dim]{told}[/dim]" if told else "")
            table.add_row(label, *(cell.replace(" ", "\u00a0") for cell in _cells(row, lang)))
    return table


def _who(row: Row, lang: str) -> str:
    return say("{who} less {base}", lang).format(who=row.policy.say(lang), base=row.less.say(lang)) if row.less else row.policy.say(lang)


def _cells(row: Row, lang: str) -> tuple[str, ...]:
    from simgov.words import change, changes, number, signed, span

    p, unit = row.parts, row.question.unit
    window = (changes if row.less else span)(p.low, p.high, p.value, unit, lang)
    if not math.isfinite(p.value):
        return (number(p.value, unit, lang), window, "-", "-")
    chance, ignorance = (signed(x, unit).lstrip("+") for x in (p.chance, p.ignorance))
    share = f"({p.share:.0%})"
    return (change if row.less else number)(p.value, unit, lang), window, chance, f"{ignorance} [yellow]{share}[/yellow]" if p.share > 0.5 else f"{ignorance} {share}"


def _reported(ends: tuple[float, float], unit: str, lang: str) -> str:
    from simgov.words import number

    low, high = ends
    if math.isinf(high):
        return say("at least {value}", lang).format(value=number(low, unit, lang))
    return say("at most {value}", lang).format(value=number(high, unit, lang)) if math.isinf(low) else number((low + high) / 2, unit, lang)
