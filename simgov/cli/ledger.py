"""`simgov ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simgov.cli import root_option, tell_errors
from simgov.cli.tongue import lang_option
from simgov.language import message, say

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from simgov.ledgers import PointsLedger, Saved

EVERYBODY = message("all teams")
UNPAID = message("  of these unpaid *")
HOURS = {
    "rostered": message("rostered h"),
    "engaged": message("engaged h"),
    "overtime": message("overtime h"),
    "off_hours": message("outside regular hours h"),
    "evenings": message("evenings"),
    "yuan": message("yuan"),
}
ITEMS = {
    ("points", "mean"): message("mean points of a node in a round"),
    ("points", "no_points"): message("nodes without any points in a round"),
    ("points", "luck"): message("of the differences within a round: luck"),
    ("points", "luck_in_load"): message("    of it, by chance which cases came in the round"),
    ("points", "load"): message("... load that stays (how many cases, of which class)"),
    ("points", "rest"): message("... anything else that stays (skill, hours, place)"),
    ("points", "luck_of_a_year"): message("of the differences over a year: luck"),
    ("bottom", "drawn_by_lot"): message("places that only the lot decides (equal points)"),
    ("bottom", "held_again"): message("places that the same node holds in another round"),
    ("bottom", "luck"): message("luck in the list (1: as if drawn by lot)"),
    ("bottom", "no_worse"): message("places of nodes that reach the median in the other rounds"),
    ("bottom", "talked_to"): message("nodes with a talk in the window"),
    ("bottom", "talks_per_node"): message("talks per node in the window"),
    ("bottom", "talked_to_in_a_year"): message("nodes with a talk in a year, if all were equal"),
    ("top", "drawn_by_lot"): message("places that only the lot decides (equal points)"),
    ("top", "held_again"): message("places that the same node holds in another round"),
    ("top", "luck"): message("luck in the list (1: as if drawn by lot)"),
    ("top", "no_better"): message("places of nodes that stay below the median in the other rounds"),
    ("top", "most_often"): message("rounds in which the most frequent node is listed"),
    ("top", "always"): message("nodes listed in every round"),
    ("deduct", "nodes"): message("nodes below the threshold"),
    ("deduct", "money"): message("money withheld, of all"),
    ("deduct", "by_load"): message("of those, below it by their load alone"),
    ("deduct", "held_again"): message("of those, below it in another round too"),
    ("deduct", "least_load"): message("below it: the third with the least load"),
    ("deduct", "most_load"): message("below it: the third with the most load"),
}
NUMBERS = {("points", "mean"), ("bottom", "talks_per_node"), ("top", "always")}  # no shares
TITLES = {
    "hours": message("Hours and yuan in a year; evenings on duty or at work, per person and month"),
    "points": message("Points"),
    "bottom": message("The {n} with the fewest points"),
    "top": message("Honour roll: the {n} with the most points"),
    "deduct": message("{share:.0%} withheld"),
    "rounds": message("Points by round, over nodes and replications"),
    "listings": message("How often nodes are listed in the window"),
}
HEADS = {
    "team": message("team"),
    "value": message("value"),
    "interval": message("95 % interval"),
    "lot": message("if all were equal"),
    "round": message("from"),
    "times": message("times"),
    "bottom": message("bottom list"),
    "top": message("honour roll"),
}
ROUNDS = {
    "mean": message("mean"),
    "sd": message("sd"),
    "least": message("least"),
    "q25": message("25 %"),
    "median": message("median"),
    "q75": message("75 %"),
    "most": message("most"),
}
NO_JOURNAL = message("the journal of this result was not kept, so there are hours only and no points; `simgov run --journal` keeps it")
UNPRICED = message("no price: {teams}; their hours are in no yuan")
MARK = message("* unpaid: all hours of a team that the scenario marks unpaid")
SCOPE = message("Arithmetic after the run: nobody in it worked differently because of points, which is an assumption and not a finding. No persons are scored.")
NODES = message("{nodes} nodes of {team}, {rounds} rounds ({every}), {n} replications")
EVERY = {"week": message("every week"), "two weeks": message("every two weeks"), "month": message("every month"), "quarter": message("every quarter")}


@click.command()
@click.argument("folder", type=click.Path())
@click.option(
    "--rules", type=click.Path(dir_okay=False), help="A rule sheet: points, lists and deductions (scenarios/ledgers/...)."
)
@click.option("--team", help="Score this team instead of the one that the rule sheet names.")
@click.option(
    "--figure", type=click.Path(dir_okay=False), help="Draw who is talked to if all are equal, to this file (.png, .svg, .pdf)."
)
@root_option
@lang_option()
@tell_errors
def ledger(folder: str, rules: str | None, team: str | None, figure: str | None, root: tuple[str, ...], lang: str) -> None:
    """Count hours and yuan of a saved result, and points, lists and deductions by a rule sheet.

    Nothing is run again, and nobody in the run worked differently because of it. No nodes are named.
    """
    from rich.console import Console

    from simgov import ledgers
    from simgov.cli.progress import notes
    from simgov.errors import UsageError
    from simgov.words import listed

    if not rules and (team or figure):
        raise UsageError(message("--team and --figure go with --rules FILE"))
    sheet = ledgers.load_rules(rules, root=root) if rules else None
    if sheet and team:
        sheet = sheet.model_copy(update={"team": team})
    saved = ledgers.read(folder, notes(lang))
    table = ledgers.hours(saved)
    found = ledgers.points(saved, sheet) if sheet and saved.has_journal else None
    console = Console()
    console.print(_hours(saved, table, lang))
    marked = [name for name, team in saved.scenario.teams.items() if team.unpaid]
    priced = set(table.loc[(table["item"] == "yuan") & table["value"].notna(), "team"])
    bare = [saved.scenario.label("teams", t, lang) for t in table["team"].unique() if t not in (*priced, *marked, "all")]
    lines = [say(MARK, lang)] * bool(marked) + [say(UNPRICED, lang).format(teams=listed(bare, lang))] * bool(bare)
    for line in lines:
        console.print(line, style="dim", highlight=False, markup=False)
    if found:
        _show(console, saved, found, lang)
        if figure:
            _draw(found, figure, lang)
    elif not saved.has_journal:
        click.echo(say(NO_JOURNAL, lang))


def _draw(found: PointsLedger, path: str, lang: str) -> None:
    from simgov import plots
    from simgov.errors import OutputError, in_full
    from simgov.plots import talks

    picture = plots._drawn(talks.draw, found, lang)
    try:
        picture.savefig(path, dpi=150)
    except (OSError, ValueError) as error:  # a place or a kind of file that cannot be
        raise OutputError(message("{path}: cannot be written: {why}", path=path, why=in_full(error))) from None


def _table(title: str, heads: list[str]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1))
    for k, head in enumerate(heads):
        table.add_column(head, justify="right" if k else "left", overflow="fold")
    return table


def _hours(saved: Saved, rows: pd.DataFrame, lang: str) -> Table:
    """One line per team, and of all teams also what is unpaid."""
    from rich.markup import escape

    teams = saved.scenario.teams
    table = _table(say(TITLES["hours"], lang), [say(HEADS["team"], lang), *(say(label, lang) for label in HOURS.values())])
    for team, group in rows.groupby("team", sort=False):
        own = group.set_index("item")
        if team in teams:
            label = escape(saved.scenario.label("teams", team, lang)) + " *" * teams[team].unpaid
            table.add_row(label, *(_cell(own, item, lang) for item in HOURS))
        else:
            table.add_row(say(EVERYBODY, lang), *(_cell(own, item, lang) for item in HOURS))
            table.add_row(say(UNPAID, lang), *(_cell(own, f"unpaid_{item}", lang) for item in HOURS))
    return table


def _cell(own: pd.DataFrame, item: str, lang: str) -> str:
    """A number, and its interval below it where it has one."""
    from simgov.words import number

    if item not in own.index or own.loc[item, "value"] != own.loc[item, "value"]:
        return "-"
    value, low, high = own.loc[item, ["value", "low", "high"]]
    text = number(value, "ratio", lang)
    if high - low > 1e-6 * abs(value):
        text += f"\n[dim]{number(low, 'ratio', lang, value)}–{number(high, 'ratio', lang, value)}[/dim]"
    return text


def _show(console: Console, saved: Saved, found: PointsLedger, lang: str) -> None:
    from rich.markup import escape

    from simgov.words import about

    rules = found.rules
    console.print(f"\n[bold]{escape(rules.title.say(lang) or rules.team)}[/bold]", highlight=False)
    team = escape(saved.scenario.label("teams", rules.team, lang))
    console.print(
        say(NODES, lang).format(nodes=found.nodes, team=team, rounds=len(found.rounds), every=say(EVERY[rules.every], lang), n=found.replications),
        highlight=False,
    )
    console.print(say(SCOPE, lang), style="dim", highlight=False)
    for name, rows in found.table.groupby("ledger", sort=False):
        rule = getattr(rules, name)
        title = say(TITLES[name], lang).format(n=getattr(rule, "n", 0), share=getattr(rule, "share", 0))
        console.print(_items(rows, title, lang))
    console.print(_rounds(found.rounds, lang))
    for name, rows in found.listings.groupby("ledger", sort=False):
        console.print(_listings(rows, about(say(TITLES["listings"], lang), say(HEADS[name], lang), lang), lang))


def _items(rows: pd.DataFrame, title: str, lang: str) -> Table:
    from simgov.words import number

    table = _table(title, ["", say(HEADS["value"], lang), say(HEADS["interval"], lang), say(HEADS["lot"], lang)])
    for row in rows.itertuples(index=False):
        key = (row.ledger, row.item)
        unit = "ratio" if key in NUMBERS else "share"

        def shown(value: float, unit: str = unit) -> str:
            return number(0.0 if abs(value) < 5e-5 else value, unit, lang) if value == value else ""

        spread = f"{shown(row.low)} – {shown(row.high)}" if row.low == row.low else ""
        table.add_row(say(ITEMS[key], lang), shown(row.value), spread, shown(row.by_lot))
    return table


def _rounds(rows: pd.DataFrame, lang: str) -> Table:
    table = _table(say(TITLES["rounds"], lang), [say(HEADS["round"], lang), *(say(ROUNDS[name], lang) for name in ROUNDS)])
    for _, row in rows.iterrows():
        table.add_row(f"{row['from']:%Y-%m-%d}", *(f"{row[name]:.4g}" for name in ROUNDS))
    return table


def _listings(rows: pd.DataFrame, title: str, lang: str) -> Table:
    table = _table(title, [say(HEADS["times"], lang), say(HEADS["value"], lang), say(HEADS["lot"], lang)])
    for row in rows.itertuples(index=False):
        table.add_row(str(row.times), f"{row.share:.1%}", f"{row.by_lot:.1%}")
    return table
