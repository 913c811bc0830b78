"""What the journal says that can bring points: one row per countable fact of a team's node."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from simgov.journal import BY_DUE
from simgov.plan import Plan

OVERTAKEN = tuple(result.name.lower() for result in BY_DUE)  # a visit that its own due ended
ANSWERS = ("satisfied", "dissatisfied")
COLUMNS = ["replication", "node", "class", "at"]


class Kept(Protocol):
    """A Result, or one that was read from its folder."""

    plan: Plan
    seed: int
    replications: int
    summaries: pd.DataFrame
    incidents: pd.DataFrame
    visits: pd.DataFrame


def facts(result: Kept, team: str) -> dict[str, pd.DataFrame]:
    """By name of a fact (the fields of `rules.Tariff`): replication, node, class, and when. Raises UsageError without a journal.

    Return visits are no cases: they count only by what they hear, for the node that had closed the incident.
    """
    plan = result.plan
    background = [name for name, cls in plan.scenario.classes.items() if cls.background]
    visits = result.visits
    visits = visits[(visits["part"] == 0) & ~visits["class"].isin(background)]
    asking = [name for name, stage in plan.scenario.stages.items() if stage.verify]
    mine = visits[(visits["team"] == team) & ~visits["stage"].isin(asking)]
    closed, has_due = mine[mine["result"] == "closed"], mine[mine["due"].notna()]
    met = (has_due["left"] <= has_due["due"]) & ~has_due["result"].isin(OVERTAKEN)
    census = pd.Timestamp(plan.scenario.period.end)
    of_mine = _closed_last_by(visits, team)
    return {
        "collected": _at(mine[mine["visit"] == 0], "entered"),
        "received": _at(mine, "entered"),
        "handled": _at(mine[mine["finished"].notna()], "finished"),
        "closed": _at(closed, "left"),
        "closed_in_time": _at(closed[closed["left"] <= closed["due"]], "left"),
        "in_time": _at(has_due[met], "left"),
        "overdue": _at(has_due[~met & (has_due["due"] < census)], "due"),
        "passed_on": _at(mine[mine["result"] == "stage"], "left"),
        **{name: _at(of_mine[of_mine["result"] == name], "left") for name in ANSWERS},
        "reopened": _at(of_mine[of_mine["result"] == "reopen"], "left"),
        "returned": _returned(result.incidents, visits, team),
    }


def _at(rows: pd.DataFrame, when: str) -> pd.DataFrame:
    return rows[["replication", "node", "class", when]].set_axis(COLUMNS, axis=1)


def _closings(visits: pd.DataFrame) -> pd.Series:
    return visits["result"].isin(["closed", "due_close"])


def _closed_last_by(visits: pd.DataFrame, team: str) -> pd.DataFrame:
    """Return visits of incidents whose latest closing before was by the team, with the node of that closing."""
    visits = visits.sort_values(["replication", "incident", "visit"], kind="stable")
    row = pd.Series(range(len(visits)), index=visits.index, dtype=float)
    latest = row.where(_closings(visits)).groupby([visits["replication"], visits["incident"]]).ffill()
    asked = visits["result"].isin([*ANSWERS, "reopen"]) & latest.notna()
    closing = visits.iloc[latest[asked].astype(int)]
    found = visits[asked].assign(node=closing["node"].to_numpy(), team=closing["team"].to_numpy())
    return found[found["team"] == team]


def _returned(incidents: pd.DataFrame, visits: pd.DataFrame, team: str) -> pd.DataFrame:
    """Incidents that came back, with the node of the last closing of the one they repeat."""
    closing = (
        visits[_closings(visits)].sort_values("visit", kind="stable").drop_duplicates(["replication", "incident"], keep="last")
    )
    closing = closing.loc[closing["team"] == team, ["replication", "incident", "node"]]
    again = incidents.loc[
        (incidents["repeat_of"] >= 0) & incidents["found"].notna(), ["replication", "repeat_of", "class", "found"]
    ]
    found = again.merge(closing, left_on=["replication", "repeat_of"], right_on=["replication", "incident"])
    return found[["replication", "node", "class", "found"]].set_axis(COLUMNS, axis=1)
