"""`simgov staff`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgov.cli import tell_errors, worker_options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from simgov.staffing import Staffed

WORDS = {
    "trying": "正在试算",
    "candidate": "方案",
    "cost a year": "年成本",
    "limits": "置信限",
    "meets": "达标",
    "yes": "是",
    "no": "否",
    "cannot tell": "尚不能判定",
    "unpaid hours": "无报酬工时",
    "evenings": "人均月值守晚数",
    "replications": "重复次数",
    "chosen": "选定",
    "seems cheapest": "看来最省",
    "could be": "可能最省",
    "frontier": "前沿",
    "candidates": "个方案",
    "combinations": "种组合",
    "seed": "种子",
    "engine": "引擎",
    "confidence": "置信度",
    "and {n} more that are dearer, or miss a goal by more; all are in {file}": "另有{n}个更贵或差得更多，全部列在{file}",
    "joint one-sided limits; evenings on duty per person and month in the team that has most": "置信限为联合单侧限；值守晚数取最多的队伍",
    "written to": "结果已写入",
    "interrupted: {done} trials are kept in {place}; the same command goes on from there": "已中断：{done}次模拟已保存在{place}，重新执行同一命令即可继续",
}
MOST_SHOWN = 20
COLOURS = {"yes": "green", "no": "dim", "cannot tell": "yellow"}


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--replications", "-n", type=click.IntRange(3), help="Replications of a candidate at most; as the file says, if left out.")
@click.option("--seed", type=click.IntRange(0), help="Seed of all randomness; as the file says, if left out.")
@worker_options
@click.option("--out", type=click.Path(file_okay=False), help="Folder; results/NAME-staff if left out. What was done there is not done again.")
@click.option("--anew", is_flag=True, help="Throw away what is in the folder.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels and figures.")
@tell_errors
def staff(file: str, replications: int | None, seed: int | None, engine: str, workers: int | str, out: str | None, anew: bool, lang: str) -> None:
    """Find the cheapest staffing that meets stated goals: who is chosen, how sure that is, and the frontier of cost against effect."""
    from rich.console import Console

    from simgov.cli import screen
    from simgov.cli.progress import watch
    from simgov.staffing import load
    from simgov.staffing import staff as find

    made = load(file)
    place = Path(out) if out else Path("results") / f"{made.name}-staff"
    console, counted = Console(stderr=True), [0]
    try:
        with watch(console, _say("trying", lang)) as update:

            def progress(done: int, total: int) -> None:
                counted[0] = done
                update(done / total, f"{done} / {total}")

            found = find(
                made, at_most=replications, seed=seed, engine=engine, workers=workers, folder=place, anew=anew, progress=progress,
                say=lambda text: console.print(screen.say(text, lang), highlight=False),
            )  # fmt: skip
    except KeyboardInterrupt:
        click.echo(_say("interrupted: {done} trials are kept in {place}; the same command goes on from there", lang).format(done=counted[0], place=place), err=True)
        sys.exit(130)
    found.save(place, lang)
    _show(found, lang, place, Console())
    click.echo(f"\n{_say('written to', lang)} {place}")


def _say(text: str, lang: str) -> str:
    return WORDS.get(text, text) if lang == "zh" else text


def _show(found: Staffed, lang: str, place: Path, console: Console) -> None:
    from rich.markup import escape

    from simgov.cli import screen

    file = found.file
    console.print(f"\n[bold]{escape(file.title.say(lang) or found.name)}[/bold]", highlight=False)
    if question := file.question.say(lang):
        console.print(escape(question), highlight=False)
    console.print(
        f"{len(found.candidates)} {_say('candidates', lang)} / {found.combinations:,} {_say('combinations', lang)}, {_say('confidence', lang)} {file.confidence * 100:g} %, "
        f"{_say('seed', lang)} {found.seed}, {_say('engine', lang)} {found.engine.name} ({screen.say(found.engine.why, lang)})\n",
        highlight=False,
    )
    shown = _worth_showing(found)
    console.print(_table(found, shown, lang))
    if more := len(found.candidates) - len(shown):
        words = _say("and {n} more that are dearer, or miss a goal by more; all are in {file}", lang)
        console.print(f"[dim]{words.format(n=more, file=place / 'table.parquet')}[/dim]", highlight=False)
    console.print(f"[dim]{_say('joint one-sided limits; evenings on duty per person and month in the team that has most', lang)}[/dim]\n")
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
    from simgov.words import number, span

    table = Table(box=None, padding=(0, 1))
    table.add_column(_say("candidate", lang), overflow="fold", min_width=14)
    table.add_column(_say("cost a year", lang), justify="right", overflow="fold", min_width=9)
    for goal in found.goals:
        table.add_column(f"{escape(goal_label(found, goal, lang))}\n[dim]{bound(goal, lang)}; {_say('limits', lang)}[/dim]", justify="right", overflow="fold")
    for name in ("unpaid hours", "evenings", "replications", "meets"):
        table.add_column(_say(name, lang), justify="right" if name != "meets" else "left")
    for row in rows:
        goals = []
        for g, goal in enumerate(found.goals):
            value = row[f"value_{g}"]
            goals.append(f"{number(value, unit(goal), lang)}\n[dim]{span(row[f'low_{g}'], row[f'high_{g}'], value, unit(goal), lang)}[/dim]")
        told = [f"[{COLOURS[row['meets']]}]{_say(row['meets'], lang)}[/]"]
        told += [f"[bold]{_say('chosen' if found.is_sure else 'seems cheapest', lang)}[/bold]"] if row["chosen"] else [_say("could be", lang)] if row["open"] else []
        told += [f"[cyan]{_say('frontier', lang)}[/cyan]"] if row["frontier"] else []
        name = escape(found.candidates[row["number"]].say(lang))
        table.add_row(
            f"[bold]{name}[/bold]" if row["chosen"] else name, number(row["cost"], unit_of_cost(found), lang), *goals, number(row["unpaid_hours"], "hours", lang),
            number(row["evenings"], "count", lang), str(row["replications"]), "\n".join(told),
        )  # fmt: skip
    return table
