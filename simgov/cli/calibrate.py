"""`simgov calibrate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import scenario_options, tell_errors, worker_options

if TYPE_CHECKING:
    from rich.console import Console

    from simgov.calibration import Calibration

WORDS = {
    "fitting": "正在拟合",
    "parameter": "参数",
    "in the file": "文件取值",
    "range": "范围",
    "fitted": "拟合值",
    "90 % interval": "90% 区间",
    "range left": "尚余范围",
    "pinned": "已确定",
    "narrowed": "已收窄",
    "open": "无法确定",
    "free parameters": "个自由参数",
    "targets": "个目标",
    "points": "个点",
    "replications of each": "次重复",
    "seed": "种子",
    "written to": "结果已写入",
    "the fitted scenario": "拟合后的情景",
    "interrupted: what was simulated is kept in {place}; the same command goes on from there": "已中断：已完成的模拟保存在{place}，重新执行同一命令即可继续",
}
COLOURS = {"pinned": "green", "narrowed": "blue", "open": "yellow"}


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
    scenario: str, changes: tuple[str, ...], settings: tuple[str, ...], lang: str, depth: str, free: tuple[str, ...], soft: bool, discrepancy: float, points: int | None,
    replications: int, seed: int, engine: str, workers: int | str, out: str | None, anew: bool,
) -> None:  # fmt: skip
    """Fit the free numbers of SCENARIO to its targets, and say what the targets cannot tell: a scenario that can be run, a posterior, a figure."""
    from rich.console import Console

    from simgov.calibration import calibrate as fit
    from simgov.cli import screen
    from simgov.cli.progress import watch

    place = Path(out) if out else Path("results") / f"{Path(scenario).stem}-calibration"
    console = Console(stderr=True)
    try:
        with watch(console, _say("fitting", lang)) as update:
            found = fit(
                scenario, depth=depth, free=free, soft=soft, discrepancy=discrepancy, points=points, replications=replications, seed=seed, engine=engine, workers=workers,
                folder=place, anew=anew, settings=settings, changes=changes,
                progress=lambda done, total: update(done / total, f"{done} / {total}"),
                say=lambda text: console.print(screen.say(text, lang), highlight=False),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(_say("interrupted: what was simulated is kept in {place}; the same command goes on from there", lang).format(place=place), err=True)
        sys.exit(130)
    found.save(place, lang)
    _show(found, lang, Console())
    click.echo(f"\n{_say('written to', lang)} {place}{'；' if lang == 'zh' else '; '}{_say('the fitted scenario', lang)}: {place / f'{found.name}_fitted.yaml'}")


def _say(text: str, lang: str) -> str:
    return WORDS.get(text, text) if lang == "zh" else text


def _show(found: Calibration, lang: str, console: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from simgov.calibration.told import shown

    counts = ((len(found.params), "free parameters"), (len(found.points.goals), "targets"), (len(found.points), "points"), (found.replications, "replications of each"))
    console.print(f"\n{', '.join(f'{n} {_say(word, lang)}' for n, word in counts)}, {_say('seed', lang)} {found.seed}\n", highlight=False)
    table = Table(box=None, padding=(0, 1))
    for name in ("parameter", "in the file", "range", "fitted", "90 % interval", "range left", ""):
        table.add_column(_say(name, lang), justify="left" if name in ("parameter", "") else "right", overflow="fold")
    for k, (param, mark) in enumerate(zip(found.params, found.marks, strict=True)):
        told, colour = param.told(lang), COLOURS[mark.verdict]
        low, high, value = (shown(param, x, lang) for x in (mark.low, mark.high, found.fitted[param]))
        table.add_row(
            f"{escape(found.label(k, lang))}\n[dim]{escape(param.name)}[/dim]", told["base"], f"{told['low']} – {told['high']}", value, f"{low} – {high}", f"{mark.left:.0%}", f"[{colour}]{_say(mark.verdict, lang)}[/{colour}]"
        )  # fmt: skip
    console.print(table)
    console.print(f"\n{escape(found.answer(lang))}", highlight=False)
