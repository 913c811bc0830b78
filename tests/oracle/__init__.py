"""The oracle: a slow simulator of docs/model.md, written from that page alone, to be read beside it.

It shares no decision with the engines: no queue of events, no lines, no arrays; the state are plain objects, and each rule
is one function that names its number. Data are taken from the Plan (nodes, head-counts, which pool is which row) and from the
Draws (births with home, entry, difficulty and when they are found; skill; the first order of idle people): what R5 to R14 say.
All other randomness is drawn here, from the table of R36.
"""

from __future__ import annotations

from oracle.rules import Oracle
from oracle.tables import journal
from simgov.draws import Draws
from simgov.journal import Journal
from simgov.plan import Plan

__all__ = ["Oracle", "simulate"]


def simulate(plan: Plan, draws: Draws, kind: type[Oracle] = Oracle) -> Journal:
    """One replication, as an engine gives it. `kind` may be an oracle with a rule that is broken on purpose."""
    oracle = kind(plan, draws)
    oracle.play()
    return journal(oracle)
