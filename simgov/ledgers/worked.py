"""Hours and yuan by team, from the measures of a result; no journal is needed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simgov.ledgers.journal_facts import Kept
from simgov.measures.pool import ratio

EVERYBODY = "all"
ITEMS = {  # item: measure that it is read from
    "rostered": "rostered_hours",
    "engaged": "engaged_hours",
    "overtime": "overtime_hours",
    "off_hours": "off_hours_presence",
    "unpaid_rostered": "rostered_hours",
    "unpaid_engaged": "engaged_hours",
    "unpaid_overtime": "overtime_hours",
    "evenings": "evenings_per_person",
    "yuan": "cost",
}
UNITS = {"evenings": "evenings per person and month", "yuan": "yuan a year"}


def hours(result: Kept) -> pd.DataFrame:
    """One row per team and item: `team`, `item`, `value`, `low`, `high` (95 % interval of the mean, over replications), `unit`.

    Items: `rostered` (people x hours, duty included), `engaged` (at work on something), `overtime` (of that, beyond rostered hours), `off_hours` (present outside
    regular hours: duty and overtime), all in hours a year; `unpaid_rostered`, `unpaid_engaged` and `unpaid_overtime`: the same of a team that is marked unpaid, 0 of any
    other; `evenings` on duty or at work per person and month; `yuan` a year for rostered hours and overtime, nan for a team that has no price. The rows of team `all`
    add up what adds up: its yuan are those of the teams that have a price.
    """
    teams = [name for name, team in result.plan.scenario.teams.items() if not team.people.unlimited]
    rows = [(team, item, *_pooled(result, item, [team])) for team in teams for item in ITEMS]
    rows += [(EVERYBODY, item, *_pooled(result, item, teams)) for item in ITEMS if item != "evenings"]
    table = pd.DataFrame(rows, columns=["team", "item", "value", "low", "high"])
    return table.assign(unit=table["item"].map(UNITS).fillna("hours a year"))


def _pooled(result: Kept, item: str, teams: list[str]) -> tuple[float, float, float]:
    if item.startswith("unpaid"):
        teams = [team for team in teams if result.plan.scenario.teams[team].unpaid]
        if not teams:
            return 0.0, 0.0, 0.0
    rows = result.summaries[(result.summaries["measure"] == ITEMS[item]) & result.summaries["team"].isin(teams)]
    if not len(rows):
        return np.nan, np.nan, np.nan
    parts = rows.groupby("replication")[["top", "bottom"]]
    top, bottom = (parts.sum() if item == "evenings" else parts.agg({"top": "sum", "bottom": "first"})).to_numpy().T
    return interval(top, bottom)


def interval(top: np.ndarray, bottom: np.ndarray | float, least: float = 0.0, most: float = np.inf) -> tuple[float, float, float]:
    """The pooled ratio of replications and its 95 % interval, cut to what is possible."""
    value, half = ratio(top, np.broadcast_to(np.asarray(bottom, float), np.shape(top)))
    return value, max(value - half, least), min(value + half, most)
