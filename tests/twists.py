"""Scenarios beyond those of strategies.py: a made one, changed in ways that its Maker does not know.

Forests, an unlimited team with a duty window, duty by turns over midnight, changes with a window in anything that they may change, readers that are
asked for by name, gates and dues of every calendar, public holidays. What comes out may be no valid scenario.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from strategies import DATES, TEAMS, made

Data = dict[str, Any]
LATER = (
    {"at": "2h", "then": {"raise": 1}},
    {"at": "end_of_day", "then": "close"},
    {"at": "end_of_duty", "then": {"move": "gone"}},
    {"at": "end_of_duty", "cut_off": "22:00"},
    {"at": "end_of_duty", "cut_off": "05:00", "then": "close"},
    {"opening": "meeting", "then": "close"},
    {"opening": "night"},
    {"opening": "daily", "then": {"raise": 1}},
    {"opening": "always", "then": {"raise": 1}},
)
DUTIES = ("evening", "night", "dusk", "day", {"hours": "evening", "people": 1}, {"hours": "dusk", "people": 2})
LENGTHS = ("3h", {"lognormal": {"median": "1h", "sigma": 1}}, {"uniform": {"low": "10 min", "high": "2h"}})


def forest(data: Data, luck: random.Random) -> None:
    data["levels"] = {"unit": luck.choice((3, 4, 5)), "town": luck.choice((2, 3)), "county": 2}


def unlimited_on_duty(data: Data, luck: random.Random) -> None:
    data["teams"]["party"] |= {"duty": luck.choice(("evening", "dusk", "night", "day")), "hours": luck.choice(("office", "early", "morning"))}


def duty_at_night(data: Data, luck: random.Random) -> None:
    for team in luck.sample(TEAMS[:3], 2):
        data["teams"][team]["duty"] = luck.choice(({"hours": "night", "people": 1}, {"hours": "night", "people": 2}, "night"))


def change_with_a_window(data: Data, luck: random.Random) -> None:
    team, stage = luck.choice(TEAMS[:3]), luck.choice(list(data["stages"]))
    ways = {
        f"teams.{team}.duty": luck.choice(DUTIES),
        f"teams.{team}.hours": luck.choice(("office", "night", "always", "split")),
        f"teams.{team}.people": luck.choice((0, 1, 3)),
        f"calendars.{luck.choice(('office', 'meeting', 'evening', 'night'))}": luck.choice(("Mo-Su 07:00-22:00", "Mo-Su 21:00-06:00", "Mo 10:00-11:00")),
        f"stages.{stage}.due": luck.choice(LATER),
        f"stages.{stage}.priority": luck.choice((-3, 5)),
        f"stages.{stage}.gate": {"opens": luck.choice(("meeting", "night", "daily")), "takes": luck.choice((1, 2)), "at": "unit"},
        f"stages.{stage}.wait": luck.choice(LENGTHS),
    }
    window = luck.choice((DATES[1:3], DATES[:2]))
    data["changes"] = {**data.get("changes", {}), "twist": {"set": dict(luck.sample(sorted(ways.items(), key=str), 3)), "window": list(window)}}
    data["apply"] = [*data.get("apply", []), "twist"]


def readers_by_name(data: Data, luck: random.Random) -> None:
    for stage in data["stages"].values():
        if isinstance(stage.get("by"), dict) and "other" not in stage["by"]:
            stage["by"]["read"] = [{"team": luck.choice(TEAMS), "same_as": luck.choice(list(data["stages"])), "work": "20 min"}]


def other_gates(data: Data, luck: random.Random) -> None:
    for stage in data["stages"].values():
        if "gate" in stage:
            stage["gate"]["opens"] = luck.choice(("night", "daily", "split", "once", "office", "always"))


def other_hours(data: Data, luck: random.Random) -> None:
    for stage in data["stages"].values():
        if "by" in stage:
            stage["hours"] = {"when": luck.choice(("until_clear", "duty", "regular")), "at_close": luck.choice(("finish", "pause"))}
            stage["hours"] |= {"on_call": luck.choice((0, 0.5)), "on_call_hours": luck.choice(("night", "dusk", "always"))}


def other_dues(data: Data, luck: random.Random) -> None:
    for name, stage in data["stages"].items():
        stage["due"] = luck.choice((*LATER, {"at": "1h", "from": name, "then": {"raise": 2}}))


def other_lengths(data: Data, luck: random.Random) -> None:
    for stage in data["stages"].values():
        stage |= {name: luck.choice(LENGTHS) for name in ("wait", "work", "lead") if name in stage}


def holidays(data: Data, luck: random.Random) -> None:
    data["public_holidays"] = {"country": "CN"}
    data["calendars"] = {**data["calendars"], "office": "Mo-Su 08:30-12:00,14:30-17:30; PH 09:00-10:00", "evening": "Mo-Su 17:30-21:00; PH 10:00-20:00"}


def other_classes(data: Data, luck: random.Random) -> None:
    first, *_, last = [name for name, stage in data["stages"].items() if "verify" not in stage]
    for cls in data["classes"].values():
        cls["returns"] = {"chance": luck.choice((0.5, 1)), "after": luck.choice(("0 s", "1h", {"exponential": "3h"}))}
        cls["enters"] = {first: 0.4, last: 0.6}
        if "found" not in cls:
            cls["arrivals"] = {"rate": 2, "per": "node", "of": luck.choice(("unit", "town", "county"))}


def joins(data: Data, luck: random.Random) -> None:
    for stage in data["stages"].values():
        if isinstance(stage.get("by"), dict) and "each" in stage["by"]:
            stage["by"]["join"] = luck.choice((1 / 3, 0.34, 0.9, 1e-6, 1))


WAYS = (
    forest, unlimited_on_duty, duty_at_night, change_with_a_window, readers_by_name, other_gates,
    other_hours, other_dues, other_lengths, holidays, other_classes, joins,
)  # fmt: skip


def twisted(profile: str, must: str, seed: object) -> Data:
    """The scenario of strategies.made, changed in three ways."""
    luck, data = random.Random(f"twisted {profile} {must} {seed}"), copy.deepcopy(made(profile, must, seed))
    for way in luck.sample(WAYS, 3):
        way(data, luck)
    return data
