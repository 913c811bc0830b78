"""How many of a bottom list's equal nodes are talked to by lot alone, against how many nodes there are; and those of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from simgov.errors import UsageError
from simgov.language import message, say
from simgov.ledgers import by_lot
from simgov.plots.style import BLUE, FAINT, GREY, INK, ORANGE

if TYPE_CHECKING:
    from simgov.ledgers import PointsLedger

MOST = 300  # nodes


def draw(found: PointsLedger, figure: Figure, lang: str) -> None:
    """Share with a talk against the number of nodes. Raises UsageError for a sheet without strikes."""
    rules, bottom = found.rules, found.rules.bottom
    if bottom is None or bottom.strikes is None:
        raise UsageError(message("the figure shows who is talked to, and this rule sheet has no bottom list with strikes"))
    axes, rule, rounds = figure.subplots(), bottom.strikes, len(found.rounds)
    of = np.unique(np.geomspace(bottom.n + 1, max(MOST, found.nodes), 50).astype(int))

    def share(length: int) -> list[float]:
        return [by_lot.talks(length, bottom.n, int(n), rule.count, rules.window, rule.clears)[0] for n in of]

    axes.plot(of, share(rules.rounds_a_year), color=BLUE, lw=2.4, label=say("by lot, within a year ({rounds} rounds)", lang).format(rounds=rules.rounds_a_year))
    axes.plot(of, share(rounds), color=GREY, lw=1.5, ls="--", label=say("by lot, in the window of the run ({rounds} rounds)", lang).format(rounds=rounds))
    (row,) = found.table[found.table["item"] == "talked_to"].itertuples()
    axes.plot(
        [found.nodes] * 2,
        np.nan_to_num([row.low, row.high], nan=row.value),
        color=ORANGE,
        lw=5,
        alpha=0.4,
        solid_capstyle="round",
    )
    run = say("in the run, {nodes} nodes: {share:.0%}", lang).format(nodes=found.nodes, share=row.value)
    axes.plot([found.nodes], [row.value], "o", color=ORANGE, ms=8, label=run)
    axes.set(xlim=(0, of[-1]), ylim=(0, 1.02), xlabel=say("nodes that are ranked", lang), ylabel=say("share with a talk", lang), title=say("Who is talked to if all are equal", lang))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(color=FAINT)
    axes.legend(frameon=False, labelcolor=INK)
    text = say("The {n} with the fewest points of a round are named; {strikes} namings lead to a talk. Bar: 95 % interval of the mean of {replications} replications.", lang)
    text = text.format(n=bottom.n, strikes=rule.count, replications=found.replications)
    figure.supxlabel(f"{rules.title.say(lang)}\n{text}", fontsize=8, color=GREY, x=0.01, ha="left")
