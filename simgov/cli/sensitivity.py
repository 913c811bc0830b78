"""`simgov sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import scenario_options, tell_errors, worker_options
from simgov.language import message, say

if TYPE_CHECKING:
    from rich.console import Console

    from simgov.sensitivity import Sensitivity



@click.command()
@scenario_options
@click.option("--measure", metavar="NAME", help="The measure that is explained; as the first target or the study says, if left out.")
@click.option("--where", multiple=True, metavar="KEY=VALUE", help="Which row of it, such as level=community.")
@click.option("--budget", type=click.IntRange(1), default=3200, show_default=True, help="Simulations at most.")
@click.option("--replications", "-n", type=click.IntRange(2), default=4, show_default=True, help="How often each point is simulated.")
@click.option("--apart", is_flag=True, help="Move every path by itself, also those that say the same.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all randomness.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder; results/NAME-sensitivity if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@tell_errors
def sensitivity(
    scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], root: tuple[str, ...], lang: str, measure: str | None, where: tuple[str, ...], budget: int, replications: int,
    apart: bool, seed: int, engine: str, workers: int | str, out: str | None, anew: bool,
) -> None:  # fmt: skip
    """Which assumption moves the answer most? SCENARIO is a scenario, or a study, of which the difference of the first two policies is explained."""
    from rich.console import Console

    from simgov.cli.progress import kept
    from simgov.sensitivity import sensitivity as analyse

    place = Path(out) if out else Path("results") / f"{Path(scenario).stem}-sensitivity"
    with kept(say("moving assumptions", lang), place, lang) as told:
        found = analyse(
            scenario, measure=measure, where=_pairs(where), budget=budget, replications=replications, seed=seed, engine=engine, workers=workers, apart=apart,
            folder=place, anew=anew, settings=settings, changes=changes, root=root, **told,
        )  # fmt: skip
    found.save(place, lang)
    _show(found, lang, Console())
    click.echo("\n" + say("written to {places}", lang).format(places=place))


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    from simgov.errors import UsageError

    for text in texts:
        if "=" not in text:
            raise UsageError(message("--where is KEY=VALUE, such as level=community, got '{text}'", text=text))
    return dict(text.split("=", 1) for text in texts)


def _show(found: Sensitivity, lang: str, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from simgov.sensitivity.told import measure
    from simgov.vocabulary import MEASURES
    from simgov.words import change, joined

    console.print(f"\n[bold]{escape(measure(found, lang))}[/bold]", highlight=False)
    counts = ((message("{n} assumptions"), len(found.params)), (message("{n} simulations"), f"{found.simulations:,}"), (message("seed {n}"), found.seed))
    console.print(joined((say(text, lang).format(n=n) for text, n in counts), lang) + "\n", highlight=False)
    unit, shown = MEASURES[found.asked.measure].unit, found.table[found.table["matters"] | found.table["total"].notna()]
    table = Table(box=None, padding=(0, 1))
    for name in (message("assumption"), message("assumed"), message("range"), message("share of variance"), message("size of the change"), message("noise")):
        table.add_column(say(name, lang), justify="left" if name == "assumption" else "right", overflow="fold")
    for row in shown.to_dict("records"):
        told, path = found.params[row["parameter"]].told(lang), f"\n[dim]{escape(row['path'])}[/dim]"
        span = f"{max(row['total_low'], 0):.0%}–{min(row['total_high'], 1):.0%}"
        share = f"{min(row['total'], 1):.0%}\n[dim]{span}[/dim]" if row["total"] == row["total"] else ""
        table.add_row(
            escape(found.label(row["parameter"], lang)) + path, told["base"], f"{told['low']} – {told['high']}", share, change(row["strength"], unit, lang).lstrip("+"), change(row["noise"], unit, lang).lstrip("+")
        )  # fmt: skip
    if len(shown):
        console.print(table)
    if less := len(found.params) - len(shown):
        console.print(f"[dim]{say('and {n} more that move it by less than chance does', lang).format(n=less)}[/dim]\n", highlight=False)
    console.print(escape(found.answer(lang)), highlight=False)
