"""`simgov ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simgov.cli import tell_errors

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from simgov.ledgers import PointsLedger, Saved

EVERYBODY = ("all teams", "全部队伍")
UNPAID = ("  of these unpaid *", "  其中无偿 *")
HOURS = {
    "rostered": ("rostered h", "在岗小时"),
    "engaged": ("engaged h", "处置小时"),
    "duty": ("on duty h", "值守小时"),
    "evenings": ("evenings", "值守晚数"),
    "yuan": ("yuan", "元"),
}
ITEMS = {
    ("points", "mean"): ("mean points of a node in a round", "每轮每节点平均积分"),
    ("points", "no_points"): ("nodes without any points in a round", "一轮中积分为零的节点"),
    ("points", "luck"): ("of the differences within a round: luck", "一轮积分差异中：运气"),
    ("points", "luck_in_load"): ("    of it, by chance which cases came in the round", "    其中：该轮恰好来了哪些案件"),
    ("points", "load"): ("... load that stays (how many cases, of which class)", "……长期负荷（案件多少与类别）"),
    ("points", "rest"): ("... anything else that stays (skill, hours, place)", "……其他长期差异（能力、时间、位置）"),
    ("points", "luck_of_a_year"): ("of the differences over a year: luck", "全年积分差异中：运气"),
    ("bottom", "drawn_by_lot"): ("places that only the lot decides (equal points)", "因积分相同而靠抽签的名次"),
    ("bottom", "held_again"): ("places that the same node holds in another round", "在另一轮仍由同一节点占据的名次"),
    ("bottom", "luck"): ("luck in the list (1: as if drawn by lot)", "名单中的运气（1：等于抽签）"),
    ("bottom", "no_worse"): ("places of nodes that reach the median in the other rounds", "其余各轮不低于中位数的节点所占名次"),
    ("bottom", "talked_to"): ("nodes with a talk in the window", "窗口内被谈话的节点"),
    ("bottom", "talks_per_node"): ("talks per node in the window", "窗口内每节点谈话次数"),
    ("bottom", "talked_to_in_a_year"): ("nodes with a talk in a year, if all were equal", "若人人相同，一年内被谈话的节点"),
    ("top", "drawn_by_lot"): ("places that only the lot decides (equal points)", "因积分相同而靠抽签的名次"),
    ("top", "held_again"): ("places that the same node holds in another round", "在另一轮仍由同一节点占据的名次"),
    ("top", "luck"): ("luck in the list (1: as if drawn by lot)", "名单中的运气（1：等于抽签）"),
    ("top", "no_better"): ("places of nodes that stay below the median in the other rounds", "其余各轮低于中位数的节点所占名次"),
    ("top", "most_often"): ("rounds in which the most frequent node is listed", "上榜最多的节点上榜的轮次占比"),
    ("top", "always"): ("nodes listed in every round", "轮轮上榜的节点数"),
    ("deduct", "nodes"): ("nodes below the threshold", "低于门槛的节点"),
    ("deduct", "money"): ("money withheld, of all", "扣发经费占比"),
    ("deduct", "by_load"): ("of those, below it by their load alone", "其中仅因负荷即低于门槛"),
    ("deduct", "held_again"): ("of those, below it in another round too", "其中在另一轮仍低于门槛"),
    ("deduct", "least_load"): ("below it: the third with the least load", "负荷最轻的三分之一中低于门槛"),
    ("deduct", "most_load"): ("below it: the third with the most load", "负荷最重的三分之一中低于门槛"),
}
NUMBERS = {("points", "mean"), ("bottom", "talks_per_node"), ("top", "always")}  # no shares
TITLES = {
    "hours": ("Hours and yuan in a year; evenings on duty per person and month", "全年工时与费用；人均每月值守晚数"),
    "points": ("Points", "积分"),
    "bottom": ("The {n} with the fewest points", "倒数 {n} 名"),
    "top": ("Honour roll: the {n} with the most points", "光荣榜：前 {n} 名"),
    "deduct": ("{share:.0%} withheld", "扣发 {share:.0%}"),
    "rounds": ("Points by round, over nodes and replications", "各轮积分分布（各节点、各次重复）"),
    "listings": ("How often nodes are listed in the window", "窗口内上榜次数"),
}
HEADS = {
    "team": ("team", "队伍"),
    "value": ("value", "数值"),
    "interval": ("95 % interval", "95% 区间"),
    "lot": ("if all were equal", "若人人相同"),
    "round": ("from", "起"),
    "times": ("times", "次数"),
    "bottom": ("bottom list", "倒数名单"),
    "top": ("honour roll", "光荣榜"),
}
ROUNDS = {
    "mean": ("mean", "均值"),
    "sd": ("sd", "标准差"),
    "least": ("least", "最低"),
    "q25": ("25 %", "25%"),
    "median": ("median", "中位"),
    "q75": ("75 %", "75%"),
    "most": ("most", "最高"),
}
NO_JOURNAL = (
    "the journal of this result was not kept, so there are hours only and no points; `simgov run --journal` keeps it",
    "该结果未保留逐件记录，只有工时，没有积分；simgov run --journal 可保留",
)
UNPRICED = ("no price: {teams}; their hours are in no yuan", "未定价：{teams}；其工时不计入费用")
MARK = ("* unpaid: all hours of a team that the scenario marks unpaid", "* 无偿：场景中标明无偿的队伍的全部工时")
SCOPE = (
    "Arithmetic after the run: nobody in it worked differently because of points, which is an assumption and not a finding. No persons are scored.",
    "仅为模拟之后的核算：模拟中无人因积分而改变行为，这是假设而非结论。不评价任何个人。",
)
NODES = (
    "{nodes} nodes of {team}, {rounds} rounds ({every}), {n} replications",
    "{team} {nodes} 个节点，{rounds} 轮（{every}），重复 {n} 次",
)
EVERY = {"week": "每周", "two weeks": "每两周", "month": "每月", "quarter": "每季"}


@click.command()
@click.argument("folder", type=click.Path())
@click.option(
    "--rules", type=click.Path(dir_okay=False), help="A rule sheet: points, lists and deductions (scenarios/ledgers/...)."
)
@click.option("--team", help="Score this team instead of the one that the rule sheet names.")
@click.option(
    "--figure", type=click.Path(dir_okay=False), help="Draw who is talked to if all are equal, to this file (.png, .svg, .pdf)."
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels.")
@tell_errors
def ledger(folder: str, rules: str | None, team: str | None, figure: str | None, lang: str) -> None:
    """Count hours and yuan of a saved result, and points, lists and deductions by a rule sheet.

    Nothing is run again, and nobody in the run worked differently because of it. No nodes are named.
    """
    from rich.console import Console

    from simgov import ledgers
    from simgov.errors import UsageError

    if not rules and (team or figure):
        raise UsageError("--team and --figure go with --rules FILE")
    sheet = ledgers.load_rules(rules) if rules else None
    if sheet and team:
        sheet = sheet.model_copy(update={"team": team})
    saved = ledgers.read(folder)
    table = ledgers.hours(saved)
    found = ledgers.points(saved, sheet) if sheet and saved.has_journal else None
    console, zh = Console(), lang == "zh"
    console.print(_hours(saved, table, lang))
    marked = [name for name, team in saved.scenario.teams.items() if team.unpaid]
    priced = set(table.loc[(table["item"] == "yuan") & table["value"].notna(), "team"])
    bare = [saved.scenario.label("teams", t, lang) for t in table["team"].unique() if t not in (*priced, *marked, "all")]
    lines = [MARK[zh]] * bool(marked) + [UNPRICED[zh].format(teams=", ".join(bare))] * bool(bare)
    for line in lines:
        console.print(line, style="dim", highlight=False, markup=False)
    if found:
        _show(console, saved, found, lang)
        if figure:
            _draw(found, figure, lang)
    elif not saved.has_journal:
        click.echo(NO_JOURNAL[zh])


def _draw(found: PointsLedger, path: str, lang: str) -> None:
    from simgov import plots
    from simgov.errors import OutputError
    from simgov.plots import talks

    picture = plots._drawn(talks.draw, found, lang)
    try:
        picture.savefig(path, dpi=150)
    except (OSError, ValueError) as error:  # a place or a kind of file that cannot be
        raise OutputError(f"{path}: cannot be written: {error}") from None


def _table(title: str, heads: list[str]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for k, head in enumerate(heads):
        table.add_column(head, justify="right" if k else "left", overflow="fold")
    return table


def _hours(saved: Saved, rows: pd.DataFrame, lang: str) -> Table:
    """One line per team, and of all teams also what is unpaid."""
    from rich.markup import escape

    zh, teams = lang == "zh", saved.scenario.teams
    table = _table(TITLES["hours"][zh], [HEADS["team"][zh], *(label[zh] for label in HOURS.values())])
    for team, group in rows.groupby("team", sort=False):
        own = group.set_index("item")
        if team in teams:
            label = escape(saved.scenario.label("teams", team, lang)) + " *" * teams[team].unpaid
            table.add_row(label, *(_cell(own, item, lang) for item in HOURS))
        else:
            table.add_row(EVERYBODY[zh], *(_cell(own, item, lang) for item in HOURS))
            table.add_row(UNPAID[zh], *(_cell(own, f"unpaid_{item}", lang) for item in HOURS))
    return table


def _cell(own: pd.DataFrame, item: str, lang: str) -> str:
    """A number, and its interval below it where it has one."""
    from simgov.cli.screen import number

    if item not in own.index or own.loc[item, "value"] != own.loc[item, "value"]:
        return "-"
    value, low, high = own.loc[item, ["value", "low", "high"]]
    text = number(value, "ratio", lang)
    if high - low > 1e-6 * abs(value):
        text += f"\n[dim]{number(low, 'ratio', lang, value)}–{number(high, 'ratio', lang, value)}[/dim]"
    return text


def _show(console: Console, saved: Saved, found: PointsLedger, lang: str) -> None:
    from rich.markup import escape

    zh, rules = lang == "zh", found.rules
    every = EVERY[rules.every] if zh else rules.every
    console.print(f"\n[bold]{escape(rules.title.say(lang) or rules.team)}[/bold]", highlight=False)
    team = escape(saved.scenario.label("teams", rules.team, lang))
    console.print(
        NODES[zh].format(nodes=found.nodes, team=team, rounds=len(found.rounds), every=every, n=found.replications),
        highlight=False,
    )
    console.print(SCOPE[zh], style="dim", highlight=False)
    for name, rows in found.table.groupby("ledger", sort=False):
        rule = getattr(rules, name)
        title = TITLES[name][zh].format(n=getattr(rule, "n", 0), share=getattr(rule, "share", 0))
        console.print(_items(rows, title, lang))
    console.print(_rounds(found.rounds, lang))
    for name, rows in found.listings.groupby("ledger", sort=False):
        console.print(_listings(rows, f"{TITLES['listings'][zh]} ({HEADS[name][zh]})", lang))


def _items(rows: pd.DataFrame, title: str, lang: str) -> Table:
    from simgov.cli.screen import number

    zh = lang == "zh"
    table = _table(title, ["", HEADS["value"][zh], HEADS["interval"][zh], HEADS["lot"][zh]])
    for row in rows.itertuples(index=False):
        key = (row.ledger, row.item)
        unit = "ratio" if key in NUMBERS else "share"

        def say(value: float, unit: str = unit) -> str:
            return number(0.0 if abs(value) < 5e-5 else value, unit, lang) if value == value else ""

        spread = f"{say(row.low)} – {say(row.high)}" if row.low == row.low else ""
        table.add_row(ITEMS[key][zh], say(row.value), spread, say(row.by_lot))
    return table


def _rounds(rows: pd.DataFrame, lang: str) -> Table:
    zh = lang == "zh"
    table = _table(TITLES["rounds"][zh], [HEADS["round"][zh], *(ROUNDS[name][zh] for name in ROUNDS)])
    for _, row in rows.iterrows():
        table.add_row(f"{row['from']:%Y-%m-%d}", *(f"{row[name]:.4g}" for name in ROUNDS))
    return table


def _listings(rows: pd.DataFrame, title: str, lang: str) -> Table:
    zh = lang == "zh"
    table = _table(title, [HEADS["times"][zh], HEADS["value"][zh], HEADS["lot"][zh]])
    for row in rows.itertuples(index=False):
        table.add_row(str(row.times), f"{row.share:.1%}", f"{row.by_lot:.1%}")
    return table
