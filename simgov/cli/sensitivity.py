"""`simgov sensitivity`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import scenario_options, tell_errors, worker_options

if TYPE_CHECKING:
    from rich.console import Console

    from simgov.sensitivity import Sensitivity

WORDS = {
    "moving assumptions": "正在变动各项假设",
    "assumption": "假设",
    "assumed": "取值",
    "range": "范围",
    "share of variance": "方差占比",
    "size of the change": "变化幅度（平均绝对值）",
    "noise": "随机波动",
    "paths that say the same": "处相同",
    "assumptions": "项假设",
    "simulations": "次模拟",
    "seed": "种子",
    "and {n} more that move it by less than chance does": "另有{n}项的影响小于随机波动",
    "written to": "结果已写入",
    "interrupted: what was simulated is kept in {place}; the same command goes on from there": "已中断：已完成的模拟保存在{place}，重新执行同一命令即可继续",
}


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
    scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], lang: str, measure: str | None, where: tuple[str, ...], budget: int, replications: int,
    apart: bool, seed: int, engine: str, workers: int | str, out: str | None, anew: bool,
) -> None:  # fmt: skip
    """Which assumption moves the answer most? SCENARIO is a scenario, or a study, of which the difference of the first two policies is explained."""
    from rich.console import Console

    from simgov.cli import screen
    from simgov.cli.progress import watch
    from simgov.sensitivity import sensitivity as analyse

    place = Path(out) if out else Path("results") / f"{Path(scenario).stem}-sensitivity"
    console = Console(stderr=True)
    try:
        with watch(console, _say("moving assumptions", lang)) as update:
            found = analyse(
                scenario, measure=measure, where=_pairs(where), budget=budget, replications=replications, seed=seed, engine=engine, workers=workers, apart=apart,
                folder=place, anew=anew, settings=settings, changes=changes,
                progress=lambda done, total: update(done / total, f"{done} / {total}"),
                say=lambda text: console.print(screen.say(text, lang), highlight=False),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(_say("interrupted: what was simulated is kept in {place}; the same command goes on from there", lang).format(place=place), err=True)
        sys.exit(130)
    found.save(place, lang)
    _show(found, lang, Console())
    click.echo(f"\n{_say('written to', lang)} {place}")


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    from simgov.errors import UsageError

    for text in texts:
        if "=" not in text:
            raise UsageError(f"--where is KEY=VALUE, such as level=community, got '{text}'")
    return dict(text.split("=", 1) for text in texts)


def _say(text: str, lang: str) -> str:
    return WORDS.get(text, text) if lang == "zh" else text


def _show(found: Sensitivity, lang: str, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from simgov.sensitivity.told import measure
    from simgov.vocabulary import MEASURES
    from simgov.words import change

    console.print(f"\n[bold]{escape(measure(found, lang))}[/bold]", highlight=False)
    console.print(f"{len(found.params)} {_say('assumptions', lang)}, {found.simulations:,} {_say('simulations', lang)}, {_say('seed', lang)} {found.seed}\n", highlight=False)
    unit, shown = MEASURES[found.asked.measure].unit, found.table[found.table["matters"] | found.table["total"].notna()]
    table = Table(box=None, padding=(0, 1))
    for name in ("assumption", "assumed", "range", "share of variance", "size of the change", "noise"):
        table.add_column(_say(name, lang), justify="left" if name == "assumption" else "right", overflow="fold")
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
        console.print(f"[dim]{_say('and {n} more that move it by less than chance does', lang).format(n=less)}[/dim]\n", highlight=False)
    console.print(escape(found.answer(lang)), highlight=False)
