"""`simgov calibrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import scenario_options, tell_errors, worker_options
from simgov.language import message, say

if TYPE_CHECKING:
    from rich.console import Console

    from simgov.calibration import Calibration

COLOURS = {message("pinned"): "green", message("narrowed"): "blue", message("open"): "yellow"}


@click.command()
@scenario_options
@click.option("--depth", type=click.Choice(["point", "posterior"]), default="posterior", show_default=True, help="A quick point fit, or what is left of the whole ranges.")
@click.option("--free", multiple=True, metavar="PATH[=LOW,HIGH]", help="Free a number, beside those that the file marks with free: true.")
@click.option("--soft", is_flag=True, help="Fit soft targets, too, with three times the discrepancy.")
@click.option("--discrepancy", type=click.FloatRange(0, min_open=True), default=0.2, show_default=True, help="How far off the model may be, in log-odds of shares and logarithms of other figures.")
@click.option("--points", type=click.IntRange(1), help="Points that are simulated at most for a posterior.")
@click.option("--replications", "-n", type=click.IntRange(2), default=8, show_default=True, help="How often each point is simulated.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all randomness.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder; results/NAME-calibration if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@tell_errors
def calibrate(
    scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], root: tuple[str, ...], lang: str, depth: str, free: tuple[str, ...], soft: bool, discrepancy: float, points: int | None,
    replications: int, seed: int, engine: str, workers: int | str, out: str | None, anew: bool,
) -> None:  # fmt: skip
    """Fit the free numbers of SCENARIO to its targets, and say what the targets cannot tell: a scenario that can be run, a posterior, a figure."""
    from rich.console import Console

    from simgov import report
    from simgov.calibration import calibrate as fit
    from simgov.cli.progress import kept

    place = Path(out) if out else Path("results") / f"{Path(scenario).stem}-calibration"
    with kept(say("fitting", lang), place, lang) as told:
        found = fit(
            scenario, depth=depth, free=free, soft=soft, discrepancy=discrepancy, points=points, replications=replications, seed=seed, engine=engine, workers=workers,
            folder=place, anew=anew, settings=settings, changes=changes, root=root, **told,
        )  # fmt: skip
    written = report.save(found, place, lang)
    _show(found, lang, Console())
    click.echo("\n" + say("written to {place}; the fitted scenario: {file}; the report: {report}", lang).format(place=place, file=place / f"{found.name}_fitted.yaml", report=written))


def _show(found: Calibration, lang: str, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from simgov.calibration.told import shown
    from simgov.words import joined

    counts = (
        (message("{n} free parameters"), len(found.params)), (message("{n} targets"), len(found.points.goals)), (message("{n} points"), len(found.points)),
        (message("{n} replications of each"), found.replications), (message("seed {n}"), found.seed),
    )  # fmt: skip
    console.print("\n" + joined((say(text, lang).format(n=n) for text, n in counts), lang) + "\n", highlight=False)
    table = Table(box=None, padding=(0, 1))
    for name in (message("parameter"), message("in the file"), message("range"), message("best fit"), message("median\n(90 % interval)"), message("range left"), ""):
        table.add_column(say(name, lang), justify="left" if name in ("parameter", "") else "right", overflow="fold")
    for k, (param, mark) in enumerate(zip(found.params, found.marks, strict=True)):
        told, colour = param.told(lang), COLOURS[mark.verdict]
        low, median, high, value = (shown(param, x, lang) for x in (mark.low, mark.median, mark.high, found.fitted[param]))
        table.add_row(
            f"{escape(found.label(k, lang))}\n[dim]{escape(param.name)}[/dim]", told["base"], f"{told['low']} – {told['high']}", value, f"{median}\n[dim]({low} – {high})[/dim]".replace(" ", "\u00a0"), f"{mark.left:.0%}", f"[{colour}]{say(mark.verdict, lang)}[/{colour}]"
        )  # fmt: skip
    console.print(table)
    console.print(f"\n{escape(found.answer(lang))}", highlight=False)
