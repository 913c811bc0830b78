"""A comparison on the terminal: the answer, then the measures, policy by policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simgov.cli.screen import made
from simgov.language import message, say
from simgov.study.answer import foremost, label
from simgov.study.verdict import SURE
from simgov.vocabulary import MEASURES
from simgov.words import change, interval, interval_of_change, joined, listed, number

if TYPE_CHECKING:
    from simgov.study import Comparison

COLOURS = {
    message("cannot tell"): "yellow", message("practically equal"): "dim", message("the same"): "dim", message("does not apply"): "dim", message("meets it"): "green", message("fails it"): "red", message("not sure"): "yellow",
}  # fmt: skip


def show(comparison: Comparison, lang: str, console: Console | None = None) -> None:
    """Print it."""
    console = console or Console()
    file = comparison.study.file
    console.print(f"\n[bold]{escape(file.title.say(lang) or comparison.study.name)}[/bold]", highlight=False)
    if question := file.question.say(lang):
        console.print(escape(question), highlight=False)
    policies = say("{n} policies", lang).format(n=len(comparison.study.policies))
    console.print(joined((policies, made(comparison.replications, comparison.seed, comparison.engine, lang)), lang) + "\n", highlight=False)
    for number_, asked in enumerate(comparison.asked):
        console.print(_table(comparison, number_, label(comparison, asked, lang), lang))
    console.print(f"[dim]{say('differences: joint 95 % intervals of a measure, under common draws', lang)}[/dim]\n")
    console.print(escape(comparison.answer(lang)), highlight=False)


def _table(comparison: Comparison, asked: int, title: str, lang: str) -> Table:
    measure = MEASURES[comparison.asked[asked].measure]
    unit = measure.unit
    table = Table(title=f"{escape(title)}\n[dim]{measure.of(lang)}[/dim]", title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in (message("policy"), message("value"), message("95 % interval"), message("difference"), message("joint interval"), ""):
        table.add_column(say(name, lang), justify="left" if name in ("policy", "") else "right", overflow="fold")
    values = comparison.values[comparison.values["asked"] == asked].to_dict("records")
    differences = {row["policy"]: row for row in comparison.differences[comparison.differences["asked"] == asked].to_dict("records")}
    best = comparison.best_of(comparison.asked[asked])
    may_be = {comparison.study.policies[k].name for k, may in zip(comparison.choices, best.may_be, strict=True) if may} if best is not None else set()
    for policy, row in zip(comparison.study.policies, values, strict=True):
        told = [_coloured(row["bound"], lang)] if row["bound"] else []
        if policy.name in may_be:
            told.append(foremost(comparison.asked[asked], len(may_be) == 1, lang))
        by = between = ""
        if gap := differences.get(policy.name):
            by, between = change(gap["difference"], unit, lang), interval_of_change(measure.name, gap["low"], gap["high"], gap["difference"], lang)
            if gap["verdict"] not in SURE:
                told.insert(0, _coloured(gap["verdict"], lang))
        else:
            told.insert(0, say("base", lang))
        table.add_row(escape(policy.say(lang)), number(row["value"], unit, lang), interval(measure.name, row["low"], row["high"], row["value"], lang), by, between, listed(told, lang))
    return table


def _coloured(words: str, lang: str) -> str:
    return f"[{COLOURS[words]}]{say(words, lang)}[/{COLOURS[words]}]"
