"""How many of a bottom list's equal nodes are talked to by lot alone, against how many nodes there are; and those of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from simgov.errors import UsageError
from simgov.ledgers import by_lot
from simgov.plots.style import BLUE, FAINT, GREY, INK, ORANGE

if TYPE_CHECKING:
    from simgov.ledgers import PointsLedger

MOST = 300  # nodes
WORDS = {
    "en": (
        "Who is talked to if all are equal",
        "nodes that are ranked",
        "share with a talk",
        "by lot, within a year ({rounds} rounds)",
        "by lot, in the window of the run ({rounds} rounds)",
        "in the run, {nodes} nodes: {share:.0%}",
        "The {n} with the fewest points of a round are named; {strikes} namings lead to a talk. Bar: 95 % interval of the mean of {replications} replications.",
    ),
    "zh": (
        "人人相同时，谁会被谈话",
        "参加排名的节点数",
        "被谈话的比例",
        "抽签，一年（{rounds} 轮）",
        "抽签，模拟窗口（{rounds} 轮）",
        "模拟结果，{nodes} 个节点：{share:.0%}",
        "每轮通报倒数 {n} 名，累计 {strikes} 次即谈话。竖条：{replications} 次重复均值的 95% 区间。",
    ),
}


def draw(found: PointsLedger, figure: Figure, lang: str) -> None:
    """Share with a talk against the number of nodes. Raises UsageError for a sheet without strikes."""
    rules, bottom = found.rules, found.rules.bottom
    if bottom is None or bottom.strikes is None:
        raise UsageError("the figure shows who is talked to, and this rule sheet has no bottom list with strikes")
    title, x, y, year, window, run, more = WORDS[lang]
    axes, rule, rounds = figure.subplots(), bottom.strikes, len(found.rounds)
    of = np.unique(np.geomspace(bottom.n + 1, max(MOST, found.nodes), 50).astype(int))

    def share(length: int) -> list[float]:
        return [by_lot.talks(length, bottom.n, int(n), rule.count, rules.window, rule.clears)[0] for n in of]

    axes.plot(of, share(rules.rounds_a_year), color=BLUE, lw=2.4, label=year.format(rounds=rules.rounds_a_year))
    axes.plot(of, share(rounds), color=GREY, lw=1.5, ls="--", label=window.format(rounds=rounds))
    (row,) = found.table[found.table["item"] == "talked_to"].itertuples()
    axes.plot(
        [found.nodes] * 2,
        np.nan_to_num([row.low, row.high], nan=row.value),
        color=ORANGE,
        lw=5,
        alpha=0.4,
        solid_capstyle="round",
    )
    axes.plot([found.nodes], [row.value], "o", color=ORANGE, ms=8, label=run.format(nodes=found.nodes, share=row.value))
    axes.set(xlim=(0, of[-1]), ylim=(0, 1.02), xlabel=x, ylabel=y, title=title)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(color=FAINT)
    axes.legend(frameon=False, labelcolor=INK)
    text = more.format(n=bottom.n, strikes=rule.count, replications=found.replications)
    figure.supxlabel(f"{rules.title.say(lang)}\n{text}", fontsize=8, color=GREY, x=0.01, ha="left")
