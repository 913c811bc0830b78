"""A result on the terminal: the reported figures first, then what the rule costs, then the measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simgov.engines import Choice
from simgov.language import message, say
from simgov.mind import mind
from simgov.report.measured import TOGETHER, priced, target_label, verdict_word
from simgov.targets import TOO_FEW, is_reported
from simgov.vocabulary import MEASURES
from simgov.words import about, asked, denominator, interval, joined, key_label, listed, number, runs, span

if TYPE_CHECKING:
    import pandas as pd

    from simgov.result import Result
    from simgov.scenario import Scenario

COLOURS = {message("met"): "green", message("missed"): "red", message("too few replications"): "yellow", message("no value"): "yellow"}  # of verdicts
KINDS = (message("fit"), message("check"), message("soft"))  # of targets


def show(result: Result, lang: str, everything: bool, console: Console | None = None) -> None:
    """Print the result."""
    console = console or Console()
    s = result.scenario
    console.print(f"\n[bold]{escape(s.title.say(lang) or s.name)}[/bold]  {s.period.start} – {s.period.end} ({say('{n} d', lang).format(n=s.days)})", highlight=False)
    rules = say("rule in force: {rules}", lang).format(rules=listed((escape(s.label("changes", name, lang)) for name in s.in_force), lang)) if s.in_force else ""
    console.print("    ".join(filter(None, (rules, made(result.replications, result.seed, result.engine, lang)))), highlight=False)
    for warning in mind(result.plan):
        console.print(f"[yellow]•[/yellow] {escape(say(warning, lang))}", highlight=False)
    console.print()
    if len(result.targets):
        console.print(targets(s, result.targets, lang))
    told = result.measures["value"].notna() | result.measures["measure"].str.startswith("time_to_closure")
    price, rest = priced(result, result.measures[told])
    if not everything:
        several = rest["class"].nunique() > 3  # beside "" and "all": one class is all of them
        rest = rest[rest["class"].isin(["", "all"]) | ((rest["measure"] == "headline_closure") & several)]
    if len(price):
        console.print(_table(result, price, say("No overnight: compliance and price", lang), lang))
    console.print(_table(result, rest, say("Measures", lang), lang))


def made(replications: int, seed: int, engine: Choice, lang: str) -> str:
    """From what numbers came: replications, seed, and the engine with why it was taken."""
    engine_ = about(say("engine {engine}", lang).format(engine=engine.name), f"[dim]{escape(say(engine.why, lang))}[/dim]", lang)
    return joined((runs(replications, seed, lang), engine_), lang)


def targets(scenario: Scenario, judged: pd.DataFrame, lang: str) -> Table:
    """Reported figures and what came out."""
    table = Table(title=say("Reported figures and what comes out", lang), title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in (message("measure"), message("reported"), message("simulated"), message("one window, 95 %"), message("verdict")):
        table.add_column(say(name, lang), justify="left" if name in ("measure", "verdict") else "right", overflow="fold")
    for k, (target, (_, row)) in enumerate(zip(scenario.targets, judged.iterrows(), strict=True)):
        measure = MEASURES[target.measure]
        label = escape(target_label(scenario, target, lang))
        of = escape(denominator(scenario, target.measure, lang, target.of.say(lang) if target.of else ""))
        counted = " · " + say("simulated {n} a window", lang).format(n=f"{row['denominator']:,.0f}") if measure.unit == "share" and row["denominator"] > 0 else ""
        over = f" · {row['window']}" if row["window"] else ""
        label += f"\n[dim]{of}{counted}{over}[/dim]"
        verdict = f"[{COLOURS[row['verdict']]}]{say(verdict_word(row['verdict']), lang)}[/] [dim]{say(target.kind, lang)}[/dim]"
        if row["verdict"] == TOO_FEW:
            verdict += "\n" + (say("too few replications; -n {n} would do", lang).format(n=row["enough"]) if row["enough"] else say("too few replications", lang))
        bound = asked(target, lang)
        if not is_reported(scenario, k):
            bound = say("{bound}, expected, not reported", lang).format(bound=bound)
        table.add_row(label, bound, number(row["value"], measure.unit, lang), span(row["from"], row["to"], row["value"], measure.unit, lang), verdict)
    return table


def _table(result: Result, rows: pd.DataFrame, title: str, lang: str) -> Table:
    """One line per row; the rows of a measure stand below its name, and below that its denominator."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for name in (message("measure"), message("value"), message("95 % interval"), message("of")):
        table.add_column(say(name, lang), justify="left" if name == "measure" else "right", overflow="fold", no_wrap=name != "measure")
    for name, group in rows.groupby("measure", sort=False):
        measure = MEASURES[name]
        of = f"\n[dim]{escape(denominator(result.scenario, name, lang))}[/dim]"
        keys = [joined((escape(key_label(result.scenario, k, row[k], lang)) for k in measure.by if row[k] not in ("", "all")), lang) for _, row in group.iterrows()]
        single = len(group) == 1
        if not single:
            table.add_row(measure.label(lang) + of)
        for (_, row), key in zip(group.iterrows(), keys, strict=True):
            label = about(measure.label(lang), key, lang) + of if single else "  " + (key or say(TOGETHER[measure.total], lang))
            counted = f"{row['denominator']:,.0f}" if measure.unit == "share" else ""
            table.add_row(label, number(row["value"], measure.unit, lang), interval(measure.name, row["low"], row["high"], row["value"], lang), counted)
    return table
