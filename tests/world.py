"""Small worlds for tests: a week from Monday 2 May 2022, one unit, one desk; times are written as `Mo 08:30`."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from simgov import draws
from simgov import plan as plans
from simgov.clock import DAY, HOUR, MINUTE
from simgov.engines.simpy_engine import simulate
from simgov.scenario import build

MONDAY = datetime(2022, 5, 2)
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OFFICE = "Mo-Fr 08:30-12:00,14:30-17:30"
TIMES = {
    "born",
    "found",
    "entered",
    "admitted",
    "released",
    "started",
    "finished",
    "left",
    "due",
    "closed",
    "solved",
    "ended",
    "start",
    "end",
    "verified_at",
}


def second(text: str) -> int:
    """`Tu 08:30` or `Tu 08:30:15`; a number behind the day is the week: `Mo2` is the second Monday."""
    day, clock = text.split()
    hour, minute, rest = (*map(int, clock.split(":")), 0)[:3]
    week = int(day[2:] or 1) - 1
    return (7 * week + WEEK.index(day[:2])) * DAY + hour * HOUR + minute * MINUTE + rest


def say(value: int) -> str | None:
    """The other way round; None for -1."""
    if value < 0:
        return None
    week, day = divmod(value // DAY, 7)
    hour, minute, rest = value % DAY // HOUR, value % HOUR // MINUTE, value % MINUTE
    return f"{WEEK[day]}{week + 1 if week else ''} {hour:02d}:{minute:02d}" + (f":{rest:02d}" if rest else "")


def listed(*moments: str, **more: Any) -> dict[str, Any]:
    """Arrivals at these moments."""
    return {"list": [{"at": str(MONDAY + timedelta(seconds=second(m))), **more} for m in moments]}


def matter(*moments: str, enters: Any = None, **more: Any) -> dict[str, Any]:
    """A class whose incidents arrive at these moments."""
    return {"arrivals": listed(*moments), **({"enters": enters} if enters else {}), **more}


def written(
    stages: dict, arrive: Any = ("Mo 08:30",), *, teams=None, classes=None, calendars=None, days: int = 14, **more: Any
) -> dict:
    """A scenario as data: incidents of one class that arrive at `arrive`, and a desk of one person in office hours."""
    stages = {name: dict(stage) for name, stage in stages.items()}
    first, *_, last = (*stages, *stages)
    if "outcomes" not in stages[last] and "verify" not in stages[last]:
        stages[last]["outcomes"] = {"closed": 1}
    moments = (arrive,) if isinstance(arrive, str) else arrive
    classes = classes or {"matter": matter(*moments)}
    return {
        "schema": 1,
        "period": ["2022-05-02", str((MONDAY + timedelta(days=days)).date())],
        "public_holidays": {"country": ""},
        "residents": 1000,
        "levels": {"unit": 1},
        "calendars": {"office": OFFICE, **(calendars or {})},
        "teams": teams or {"desk": {"at": "unit", "hours": "office"}},
        "classes": {name: {"enters": first, **cls} for name, cls in classes.items()},
        "stages": stages,
        **more,
    }


class Run:
    """One replication of a scenario, with its journal as readable rows."""

    def __init__(self, data: dict, seed: int = 1, replication: int = 0):
        self.scenario = build(data)
        self.plan = plans.make(self.scenario)
        self.draws = draws.make(self.plan, seed, replication)
        self.journal = simulate(self.plan, self.draws)

    def rows(self, table: str) -> list[SimpleNamespace]:
        """Rows of a table, with names for stages, classes and teams."""
        columns = getattr(self.journal, table)._asdict()
        rows = [
            SimpleNamespace(**dict(zip(columns, row, strict=True)))
            for row in zip(*(c.tolist() for c in columns.values()), strict=True)
        ]
        crowd = self.plan.crowd
        for row in rows:
            for name, names in (("stage", self.plan.stages), ("cls", self.plan.classes), ("channel", self.plan.stages)):
                if hasattr(row, name):
                    setattr(row, name, names[getattr(row, name)])
            if hasattr(row, "pool"):
                row.team = crowd.teams[crowd.pool_team[row.pool]] if row.pool >= 0 else None
        return rows

    def told(self, what: str, stage: str | None = None, part: int | None = 0) -> list:
        """Columns of the visits of a stage, moments in words; single values where one column is asked for."""
        rows = [r for r in self.rows("visits") if (stage is None or r.stage == stage) and (part is None or r.part == part)]
        return columns(rows, what)

    def works(self, what: str = "team person start end") -> list:
        return columns(self.rows("work"), what)

    def facts(self, what: str) -> list:
        return columns(self.rows("incidents"), what)

    def path(self, incident: int = 0) -> list[str]:
        """The stages that an incident went through."""
        return [r.stage for r in self.rows("visits") if r.incident == incident and r.part == 0]


def columns(rows: list[SimpleNamespace], what: str) -> list:
    names = what.split()
    told = [tuple(say(getattr(r, n)) if n in TIMES else getattr(r, n) for n in names) for r in rows]
    return [row[0] for row in told] if len(names) == 1 else told


def play(stages: dict, arrive: Any = ("Mo 08:30",), *, seed: int = 1, replication: int = 0, **parts: Any) -> Run:
    """Run a small world."""
    return Run(written(stages, arrive, **parts), seed, replication)
