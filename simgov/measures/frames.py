"""The journal as pandas tables with names and dates, for people and for Parquet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simgov.journal import Ended, Journal, Result
from simgov.plan import Plan


def frames(plan: Plan, journal: Journal, replication: int) -> dict[str, pd.DataFrame]:
    """`incidents`, `visits` and `work`: names as categories, seconds as dates and times (NaT: not yet)."""
    return {
        "incidents": _incidents(plan, journal, replication),
        "visits": _visits(plan, journal, replication),
        "work": _work(plan, journal, replication),
    }


def _incidents(plan: Plan, journal: Journal, replication: int) -> pd.DataFrame:
    i, tree = journal.incidents, plan.tree
    return pd.DataFrame(
        {
            "replication": np.full(len(i.incident), replication, np.int32),
            "incident": i.incident,
            "key": i.key,
            "class_born": _names(i.cls_born, plan.classes),
            "class": _names(i.cls, plan.classes),
            "home": _names(i.home, tree.names),
            "channel": _names(i.channel, plan.stages),
            "repeat_of": i.repeat_of,
            **{name: _dates(plan, getattr(i, name)) for name in ("born", "found")},
            "difficulty": i.difficulty,
            **{name: _dates(plan, getattr(i, name)) for name in ("closed", "solved")},
            "verified": _names(i.verified, [r.name.lower() for r in Result if r >= 0]),
            "verified_at": _dates(plan, i.verified_at),
            "reopened": i.reopened,
            "ended": _dates(plan, i.ended),
            "how": pd.Categorical.from_codes(i.how - min(Ended), [e.name.lower() for e in sorted(Ended)]),
            "left_by": _names(i.left_by, plan.ends),
        }
    )


def _visits(plan: Plan, journal: Journal, replication: int) -> pd.DataFrame:
    v = journal.visits
    times = ("entered", "admitted", "released", "started", "finished", "left", "due")
    targets = np.where(np.isin(v.result, (Result.END, Result.DUE_END)), v.target + len(plan.stages), v.target)
    return pd.DataFrame(
        {
            "replication": np.full(len(v.incident), replication, np.int32),
            "incident": v.incident,
            "visit": v.visit,
            "part": v.part,
            "stage": _names(v.stage, plan.stages),
            "nth": v.nth,
            "class": _names(v.cls, plan.classes),
            **_places(plan, v.pool),
            **{name: _dates(plan, getattr(v, name)) for name in times},
            "waits_for": _names(_waits_for(v), ["gate", "wait", "people", "work", "lead"]),
            "result": _names(v.result, [r.name.lower() for r in Result if r >= 0]),
            "target": _names(targets, [*plan.stages, *plan.ends]),
            "priority": v.priority,
            "reached": v.reached,
        }
    )


def _waits_for(v) -> np.ndarray:
    """What a visit that is still open waits for at the census; -1 for those that were left."""
    passed = [v.admitted >= 0, v.released >= 0, v.started >= 0, v.finished >= 0]
    return np.where(v.left >= 0, -1, np.select(passed[::-1], [4, 3, 2, 1], 0))


def _work(plan: Plan, journal: Journal, replication: int) -> pd.DataFrame:
    w = journal.work
    return pd.DataFrame(
        {
            "replication": np.full(len(w.incident), replication, np.int32),
            "incident": w.incident,
            "visit": w.visit,
            "part": w.part,
            **_places(plan, w.pool),
            "person": w.person,
            "start": _dates(plan, w.start),
            "end": _dates(plan, w.end),
            "regular_seconds": w.regular,
            "off_hours_seconds": w.off_hours,
        }
    )


def _places(plan: Plan, pool: np.ndarray) -> dict[str, pd.Categorical]:
    crowd = plan.crowd
    team = np.where(pool >= 0, crowd.pool_team[pool], -1)
    node = np.where(pool >= 0, crowd.pool_node[pool], -1)
    return {"team": _names(team, crowd.teams), "node": _names(node, plan.tree.names)}


def _names(codes: np.ndarray, names) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, list(names))


def _dates(plan: Plan, seconds: np.ndarray) -> np.ndarray:
    start = np.datetime64(plan.scenario.period.start, "s")
    moments = np.where(seconds >= 0, start + np.maximum(seconds, 0).astype("timedelta64[s]"), np.datetime64("NaT", "s"))
    return moments.astype("datetime64[ms]")  # Parquet knows no coarser unit
