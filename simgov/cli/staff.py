"""`simgov staff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import root_option, tell_errors, worker_options
from simgov.cli.tongue import lang_option
from simgov.language import message, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from simgov.staffing import Staffed

MOST_SHOWN = 20
MEETS = {"yes": ("green", message("yes")), "no": ("dim", message("no")), "cannot tell": ("yellow", message("cannot be told"))}  # all goals


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--replications", "-n", type=click.IntRange(3), help="Replications of a candidate at most; as the file says, if left out.")
@click.option("--seed", type=click.IntRange(0), help="Seed of all randomness; as the file says, if left out.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder; results/NAME-staff if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@root_option
@lang_option()
@tell_errors
def staff(file: str, replications: int | None, seed: int | None, engine: str, workers: int | str, out: str | None, anew: bool, root: tuple[str, ...], lang: str) -> None:
    """Find the cheapest staffing that meets stated goals: who is chosen, how sure that is, and the frontier of cost against effect."""
    from rich.console import Console

    from simgov.cli.progress import kept
    from simgov.staffing import load
    from simgov.staffing import staff as find

    made = load(file, root=root)
    place = Path(out) if out else Path("results") / f"{made.name}-staff"
    with kept(say("trying", lang), place, lang) as told:
        found = find(made, at_most=replications, seed=seed, engine=engine, workers=workers, folder=place, anew=anew, **told)
    found.save(place, lang)
    _show(found, lang, place, Console())
    click.echo("\n" + say("written to {places}", lang).format(places=place))


def _show(found: Staffed, lang: str, place: Path, console: Console) -> None:
    from rich.markup import escape

    from simgov.words import about, joined

    file = found.file
    console.print(f"\n[bold]{escape(file.title.say(lang) or found.name)}[/bold]", highlight=False)
    if question := file.question.say(lang):
        console.print(escape(question), highlight=False)
    counts = (
        say("{n} candidates of {all} combinations", lang).format(n=len(found.candidates), all=f"{found.combinations:,}"),
        say("confidence {confidence}", lang).format(confidence=f"{file.confidence * 100:g} %"), say("seed {seed}", lang).format(seed=found.seed),
        about(say("engine {engine}", lang).format(engine=found.engine.name), say(found.engine.why, lang), lang),
    )  # fmt: skip
    console.print(joined(counts, lang) + "\n", highlight=False)
    shown = _worth_showing(found)
    console.print(_table(found, shown, lang))
    if more := len(found.candidates) - len(shown):
        words = say("and {n} more that are dearer, or miss a goal by more; all are in {file}", lang)
        console.print(f"[dim]{words.format(n=more, file=place / 'table.parquet')}[/dim]", highlight=False)
    console.print(f"[dim]{say('joint one-sided limits; unpaid hours with their overtime; evenings on duty or at work, per person and month in the team that has most', lang)}[/dim]\n")
    console.print(escape(found.answer(lang)), highlight=False)


def _worth_showing(found: Staffed) -> list[dict]:
    """The cheapest first: who is chosen, open, or on the frontier, then whoever has room."""
    table = found.table
    rank = (~(table["chosen"] | table["open"])).astype(int) + (~table["frontier"]).astype(int)
    return table.loc[sorted(rank.sort_values(kind="stable").index[:MOST_SHOWN])].to_dict("records")


def _table(found: Staffed, rows: list[dict], lang: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from simgov.staffing.told import bound, goal_label, unit, unit_of_cost
    from simgov.words import clauses, number, span

    table = Table(box=None, padding=(0, 1))
    table.add_column(say("candidate", lang), overflow="fold", min_width=14)
    table.add_column(say("cost a year", lang), justify="right", overflow="fold", min_width=10)
    for goal in found.goals:
        table.add_column(f"{escape(goal_label(found, goal, lang))}\n[dim]{clauses((bound(goal, lang), say('limits', lang)), lang)}[/dim]", justify="right", overflow="fold")
    for name in (message("unpaid hours"), message("evenings a month"), message("replications"), message("meets")):
        table.add_column(say(name, lang), justify="right" if name != "meets" else "left", overflow="fold")
    for row in rows:
        goals = []
        for g, goal in enumerate(found.goals):
            value = row[f"value_{g}"]
            goals.append(f"{number(value, unit(goal), lang)}\n[dim]{span(row[f'low_{g}'], row[f'high_{g}'], value, unit(goal), lang)}[/dim]")
        colour, meets = MEETS[row["meets"]]
        told = [f"[{colour}]{say(meets, lang)}[/]"]
        told += [f"[bold]{say('chosen', lang) if found.is_sure else say('seems cheapest', lang)}[/bold]"] if row["chosen"] else [say("could be", lang)] if row["open"] else []
        told += [f"[cyan]{say('frontier', lang)}[/cyan]"] if row["frontier"] else []
        name = escape(found.candidates[row["number"]].say(lang))
        table.add_row(
            f"[bold]{name}[/bold]" if row["chosen"] else name, number(row["cost"], unit_of_cost(found), lang), *goals, number(row["unpaid_hours"], "hours", lang),
            number(row["evenings"], "count", lang), str(row["replications"]), "\n".join(told),
        )  # fmt: skip
    return table
