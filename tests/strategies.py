"""Small random scenarios that reach every field of a stage, with ties on purpose.

A few days, a few nodes, durations that are mostly whole half hours, and calendars that open in the same seconds, because that
is where the rule of instants decides. `scenarios(must)` is a strategy of hypothesis that puts the field `must` into the first stage,
which most incidents enter; `made(profile, must, seed)` makes the same kind of scenario from a seed, in one of three profiles.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

DATES = (
    "2022-05-01",
    "2022-05-02",
    "2022-05-03",
    "2022-05-04",
    "2022-05-05",
    "2022-05-06",
)  # the first is a Sunday; there are no public holidays
CALENDARS = {
    "office": "Mo-Su 08:30-12:00,14:30-17:30",
    "early": "Mo-Su 08:00-12:00",
    "late": "Mo-Su 12:00-16:00",
    "evening": "Mo-Su 17:30-21:00",
    "night": "Mo-Su 20:00-08:00",
    "meeting": "Mo-Su 08:30-09:30,15:00-15:30",
    "daily": "Mo-Su 00:00-24:00",
    "dusk": "Mo-Su 18:00-20:00",
    "morning": "Mo-Su 08:30-10:30",
    "day": "Mo-Su 08:30-17:30",
    "rest": "Mo-Su 10:30-13:00,17:30-18:30",
    "once": "2022 May 02 08:30-12:00",
    "split": "Mo-Su 08:30-12:00,12:00-15:00",
}
TEAMS = ("ants", "bees", "cats", "party")
CLASSES = ("x", "y", "z")
STAGE_FIELDS = (
    "any of two", "all", "one of, in all", "each", "below", "join", "read", "two people", "same_as", "same_as a team", "another level", "unlimited", "nobody", "gate", "gate with places", "gate at a level",
    "wait", "lead", "zero", "duty", "duty by turns", "until_clear", "on_call", "on_call hours", "finish", "pause", "due", "due from birth", "due from a stage",
    "end_of_day", "end_of_duty", "cut_off", "opening", "note", "raise", "move", "close", "move to an end", "due outcomes", "closed unsolved", "back", "becomes", "end", "never", "left over",
    "priority", "hold", "verify", "reopen", "own", "returns", "windows", "roster", "change of people", "change of stages", "found", "hidden becomes",
    "success", "span", "skill", "by class", "each_opening", "rate",
)  # fmt: skip
MOMENTS = ("due", "due from birth", "due from a stage", "end_of_day", "end_of_duty", "cut_off", "opening")
ACTS = ("note", "raise", "move", "close", "move to an end", "due outcomes")
OFF_HOURS = ("duty", "duty by turns", "until_clear", "on_call", "on_call hours", "finish", "pause")


@dataclass(frozen=True)
class Profile:
    """What a kind of scenario is made of: the values that its Maker chooses from."""

    clocks: tuple[str, ...]  # when incidents are born
    births: tuple[int, int]  # of the first class, at least and at most
    lengths: tuple[str, ...]
    dues: tuple[str, ...]
    hours: tuple[str, ...]
    duties: tuple[Any, ...]
    gates: tuple[str, ...]
    units: tuple[int, ...]
    towns: int
    days: tuple[int, ...]
    stages: tuple[int, ...]
    classes: tuple[int, ...]
    teams: tuple[int, ...]  # how many people
    exact: bool  # no duration is drawn


USUAL = Profile(
    clocks=(
        "08:30",
        "00:00",
        "08:00",
        "08:30",
        "09:00",
        "09:30",
        "12:00",
        "14:30",
        "15:00",
        "17:29:59",
        "17:30",
        "18:00",
        "20:30",
        "21:00",
    ),
    births=(5, 9),
    lengths=("30 min", "30 min", "1h", "1h", "2h", "5h"),
    dues=("30 min", "1h", "2h", "6h", "24h"),
    hours=("office", "office", "office", "early", "late", "night", "daily", "always", "once"),
    duties=(
        "evening",
        "night",
        {"hours": "evening", "people": 1},
        {"hours": "dusk", "people": 1},
        {"hours": "dusk", "people": 2},
    ),
    gates=("meeting", "meeting", "office", "daily"),
    units=(1, 1, 2, 3),
    towns=2,
    days=(2, 3),
    stages=(2, 3),
    classes=(2,),
    teams=(1, 1, 2, 3),
    exact=False,
)
TIES = Profile(  # few moments and few lengths: almost everything happens in the same seconds as something else
    clocks=("08:30", "00:00", "08:00", "08:00", "07:30", "08:30", "09:00", "09:30", "10:30", "15:00", "17:30"),
    births=(6, 14),
    lengths=("30 min", "30 min", "1h", "1h", "2h"),
    dues=("30 min", "30 min", "1h", "1h", "90 min", "2h"),
    hours=("office", "office", "morning", "day", "split", "always", "once"),
    duties=("evening", "rest", {"hours": "rest", "people": 1}, {"hours": "evening", "people": 1}, "day"),
    gates=("meeting", "meeting", "morning", "split"),
    units=(1, 1, 1, 2),
    towns=1,
    days=(2, 3),
    stages=(2, 3),
    classes=(2, 3),
    teams=(1, 1, 2, 3, 8),
    exact=True,
)
LARGER = Profile(  # long queues, more levels
    clocks=USUAL.clocks,
    births=(25, 45),
    lengths=("30 min", "1h", "1h", "2h", "10 min"),
    dues=("30 min", "1h", "2h", "6h", "24h", "30h"),
    hours=USUAL.hours,
    duties=USUAL.duties,
    gates=USUAL.gates,
    units=(4, 5, 7),
    towns=2,
    days=(3, 4, 5),
    stages=(3, 4),
    classes=(2, 3),
    teams=(1, 2, 3, 7, 12),
    exact=False,
)
PROFILES = {"usual": USUAL, "ties": TIES, "larger": LARGER}


class Maker:
    """Makes a scenario. `pick` chooses one of some values, the first of which are the simplest; `must` is the field that the first stage has to have."""

    def __init__(self, pick: Callable[[Sequence[Any]], Any], must: str | None, profile: Profile = USUAL):
        self.pick, self.must, self.profile = pick, must, profile

    def one(self, *values: Any) -> Any:
        return self.pick(values)

    def rarely(self, n: int = 5) -> bool:
        """True once in n times."""
        return self.pick(range(n)) == n - 1

    def some(self, values: Sequence[Any], least: int, most: int) -> list[Any]:
        """So many different ones of some values."""
        left, found = list(values), []
        for _ in range(self.pick(range(least, most + 1))):
            found.append(self.pick(left))
            left.remove(found[-1])
        return found

    def has(self, field: str, here: bool = True) -> bool:
        """Whether a field is used: always where it must be, else now and then."""
        return (here and field == self.must) or self.rarely()

    def needed(self, here: bool, *fields: str) -> bool:
        """Whether one of these fields must be used here."""
        return here and self.must in fields

    # ── organisation ────────────────────────────────────────────────────────────────────────────────

    def team(self, name: str) -> dict[str, Any]:
        leads = name == "ants"  # the first stage asks for ants
        team: dict[str, Any] = {
            "at": self.one("unit", "unit", "town", ["unit", "town"], ["town", "county"]),
            "hours": self.one(*self.profile.hours),
        }
        if self.needed(leads, "another level"):
            team["at"] = ["unit", "town"]
        team["people"] = self.people(leads)
        if self.needed(leads, *OFF_HOURS, "end_of_duty", "cut_off") or (self.profile.exact and self.needed(leads, "move")):
            team["hours"] = "office"
        if self.needed(leads, "all") and self.one(False, True):  # a joint visit may outlast the hours of one of its teams
            team["hours"] = "once"
        if self.must == "hold" and name == "bees" and self.one(False, True):  # so joint visits wait, and hold
            team |= {"people": self.one(0, 1), "hours": "once"}
        if name == "party":
            return {**team, "people": "unlimited"}
        if self.needed(leads, "duty", "until_clear", "end_of_duty", "duty by turns", "cut_off"):
            team["duty"] = {"hours": "evening", "people": 1} if self.must == "duty by turns" else "evening"
        elif self.must == "until_clear" and self.one(False, True):  # who goes home, and others whose window begins later
            team["duty"] = "dusk"
        elif self.one(False, True):
            team["duty"] = self.one(*self.profile.duties)
        if self.has("windows", leads):
            team["windows"] = [{"from": DATES[1], "to": DATES[2]}]
        if self.has("skill", leads):
            team["skill"] = {"mean": 0.5, "sd": self.one(0.0, 1.0)}
        return team

    def people(self, leads: bool) -> Any:
        if self.needed(leads, "nobody"):
            return 0
        if self.has("roster", leads):
            return {"roster": {DATES[0]: self.one(1, 2), DATES[1]: self.one(0, 2, 3), DATES[2]: self.one(0, 1)}}
        if leads:
            return self.one(2, 3) if self.must in ("two people", "duty by turns") else self.one(*self.profile.teams)
        return self.one(*self.profile.teams, 0, {"total": 2}, {"each": 2, "share": 0.5}, {"per_10000": 10})

    # ── demand ──────────────────────────────────────────────────────────────────────────────────────

    def arrivals(self, first: bool, stages: list[str]) -> dict[str, Any]:
        if self.has("each_opening", first):
            opening = {"calendar": self.one("meeting", *self.profile.gates), "count": self.one(1, 2)}
            return {"each_opening": opening, "per": "node", "of": "unit"}
        if self.has("rate", first) or self.needed(first, "found", "hidden becomes"):
            return {"rate": self.one(2, 5), "per": "node", "day_cv": self.one(0, 0.5)}
        least, most = self.profile.births if first else (0, self.profile.births[1])
        return {"list": [self.birth(stages) for _ in range(self.pick(range(least, most + 1)))]}

    def birth(self, stages: list[str]) -> dict[str, Any]:
        birth = {"at": f"{self.one(*DATES[:2])} {self.one(*self.profile.clocks)}"}
        if self.rarely(10):
            birth |= self.one({"node": "unit-1"}, {"difficulty": 1.5}, {"enters": stages[-1]})
        return birth

    def cls(self, stages: list[str], name: str) -> dict[str, Any]:
        first = name == "x"
        cls: dict[str, Any] = {"arrivals": self.arrivals(first, stages), "enters": stages[0]}
        if not first and self.one(False, True):
            cls["enters"] = {stages[0]: 0.5, stages[1]: 0.5}
        if self.must in ("success", "span", "skill") or self.one(False, True):
            cls["difficulty"] = 1.0
        if self.has("found", first) or self.needed(first, "hidden becomes"):
            cls["found"] = {
                "hazard_per_day": 2.0,
                "team": "ants",
                "reference": 1000,
                "hidden_at_start": 8,
                "exponent": self.one(0, 1),
            }
            if self.one(False, True):
                cls["found"]["campaigns"] = [{"window": [DATES[1], DATES[2]], "factor": 3}]
            if self.has("hidden becomes", first):
                cls["found"]["becomes"] = {"class": "y" if first else "x", "rate_per_day": 0.7}
        if self.has("returns", first):
            cls["returns"] = {"chance": 0.7, "after": self.one("0 s", "5h", "1h", {"exponential": "10h"})}
            if self.rarely():
                cls["returns"] = {"chance": 1, "after": "5h"}
        return cls

    # ── procedure ───────────────────────────────────────────────────────────────────────────────────

    def length(self) -> Any:
        if not self.profile.exact and self.rarely():
            return {"exponential": "1h"}
        if self.rarely():
            return {"x": self.one(*self.profile.lengths), "other": "90 min"}
        return self.one(*self.profile.lengths)

    def need(self, team: str, teams: dict, stages: list[str], i: int, each: bool, first: bool) -> Any:
        need: dict[str, Any] = {"team": team}
        if i and self.has("same_as", i == 1):
            need["same_as"] = self.one(*(stages if self.rarely() else stages[:i]))
            if self.has("same_as a team", i == 1):
                need["same_as"] = {"stage": need["same_as"], "team": self.one(*TEAMS)}
        elif each and (self.has("below", first) or self.rarely(3)):
            need["below"] = self.one("county", "town", "unit")
        elif self.has("two people", first):
            need["people"] = 2
        levels = teams[team]["at"] if isinstance(teams[team]["at"], list) else [teams[team]["at"]]
        if self.has("another level", first):
            need["at"] = levels[-1]
        if each and self.one(False, True):
            need["work"] = self.one(*self.profile.lengths)
        return need

    def by(self, teams: dict, stages: list[str], i: int) -> dict[str, Any] | None:
        first = i == 0
        splits = dict.fromkeys(("each", "below", "join", "same_as a team"), "each")
        wanted = {"any of two": "any", "all": "all", "one of, in all": "all", "hold": "all", **splits}.get(self.must or "") if first else None
        needed = first and self.must not in ("zero", None)
        mode = wanted or self.one("any", "any", "any", "all", "each", *(() if needed else ("none", "none")))
        if mode == "none":
            return {"read": self.readers()} if self.rarely() else None
        several = mode in ("all", "each") or self.needed(first, "any of two")
        names = ["ants"] if first or not several else []
        if self.needed(first, "unlimited") or (self.needed(first, "same_as") and self.rarely(3)):
            names = ["party"]
        if self.needed(i == 1, "hold", "any of two"):  # somebody else has to want the same people
            names, mode, several = [self.one("ants", "bees")], "any", False
        names += [n for n in self.some(TEAMS, 2 if several else 1, 3) if n not in names]
        either = mode == "all" and (self.has("one of, in all", first) or self.rarely(3))
        names += [n for n in TEAMS if either and n not in names]
        names = names[: 3 if either else self.one(2, 2, 3) if several else self.one(1, 1, 2)]
        by: dict[str, Any] = {
            mode: [self.need(n, teams, stages, i, mode == "each", first and k == 0) for k, n in enumerate(names)]
        }
        for k, need in enumerate(by.get("all", [])):  # one person cannot be there twice
            if "same_as" in need and any("same_as" in other for other in by["all"][:k]):
                need.pop("same_as")
        if self.needed(i == 1, "same_as"):
            by = {"any": [{"team": "ants", "same_as": stages[0]}]}
        if self.needed(i == 1, "same_as a team"):
            by = {self.one("any", "each"): [{"team": "bees", "same_as": {"stage": stages[0], "team": self.one(*TEAMS)}}]}
        if either and len(by.get("all", ())) == 3:
            one, two, three = by["all"]
            by["all"] = self.one([one, {"any": [two, three]}], [{"any": [one, two]}, three])
        if mode == "each" and "each" in by and self.has("join", first):
            by["join"] = self.one(0.5, 0.3, 0.7)
        if self.has("read", first):
            by["read"] = self.readers()
        return by

    def readers(self) -> list[dict[str, Any]]:
        return [{"team": team, "work": self.one("10 min", "30 min")} for team in self.some(TEAMS, 1, 2)]

    def gate(self, first: bool, needs: bool) -> dict[str, Any]:
        gate: dict[str, Any] = {"opens": self.one(*self.profile.gates)}
        if self.has("gate with places", first) or self.one(False, True):
            gate["takes"] = self.one(1, 2, 3)
        if self.has("gate at a level", first) or not needs:
            gate["at"] = self.one("unit", "town")
        return gate

    def hours(self, first: bool) -> dict[str, Any]:
        hours: dict[str, Any] = {"when": self.one("regular", "duty", "until_clear"), "at_close": self.one("pause", "finish")}
        if self.needed(first, "duty", "until_clear", "duty by turns"):
            hours["when"] = "duty" if self.must == "duty by turns" else self.must
        if self.needed(first, "finish", "pause"):
            hours["at_close"] = self.must
        if self.has("on_call", first) or self.has("on_call hours", first):
            hours["on_call"] = self.one(0.5, 1)
            needed = self.needed(first, "on_call hours")
            hours["on_call_hours"] = "dusk" if needed else self.one("always", "dusk", "night", "daily", "rest")
        return hours

    def due(self, stages: list[str], i: int, needs: bool) -> dict[str, Any]:
        first = i == 0
        moment = self.must if self.needed(first, *MOMENTS) else self.one("due", "due", *MOMENTS)
        if self.needed(first, "move"):  # into a gate that opens in the second of the due
            moment = self.one("due", "opening")
        if moment in ("end_of_duty", "cut_off") and not needs:
            moment = "end_of_day"
        due: dict[str, Any] = {"at": self.one(*self.profile.dues[: 2 if self.needed(first, "move") else None])}
        if moment == "due from birth":
            due["from"] = "birth"
        elif moment == "due from a stage":
            due["from"] = self.one(*stages)
        elif moment == "opening":
            due = {"opening": self.one(*self.profile.gates, "once")}
        elif moment != "due":
            due = {"at": "end_of_duty" if moment == "cut_off" else moment}
        if moment == "cut_off":
            due["cut_off"] = self.one("09:00", "15:00", "08:30", "00:00")
        act = self.must if self.needed(first, *ACTS) else self.one(*ACTS)
        stuck = i == len(stages) - 1 or (i < 0 and self.profile is USUAL)  # from a call it may go round for ever
        if act == "move" and stuck:
            act = "close"
        later = self.one(*stages[i + 1 :]) if not stuck else None
        acts = {"note": "note", "raise": {"raise": self.one(1, 2)}, "close": {"close": {"solved": self.one(0, 0.5, 1)}}}
        becomes = {"becomes": self.one(*CLASSES[:2])} if self.one(False, True) else {}
        acts |= {"move": {"move": {"stage": later, **becomes}}, "move to an end": {"move": self.one("gone", "never")}}
        ways = {"gone": 0.3, "never": 0.2, "closed": {"chance": 0.5 if stuck else 0.2, "solved": 0.5}}
        acts["due outcomes"] = {"outcomes": ways if stuck else {**ways, later: {"chance": 0.3, **becomes}}}
        return {**due, "then": acts[act]}

    def outcomes(self, stages: list[str], i: int) -> dict[str, Any]:
        first, last = i == 0, i == len(stages) - 1
        given: dict[str, Any] = {}
        if self.has("back", i == 1):
            given[stages[0]] = {"chance": 0.2}
            if self.has("becomes"):
                given[stages[0]]["becomes"] = self.one(*CLASSES[:2])
        if not last and (self.has("becomes", first)):
            given[stages[i + 1]] = {"chance": 0.3, "becomes": "y"}
        for name, chance in (("gone", 0.2), ("never", 0.2)):
            if self.has({"gone": "end"}.get(name, name), first):
                given[name] = chance
            if self.needed(i == 1, "reopen"):  # what was closed leaves, or lies for ever
                given[name] = 0.25
        used = sum(o["chance"] if isinstance(o, dict) else o for o in given.values())
        room = round(1 - used, 6)
        forward = self.needed(first, "left over", "same_as", "back", "due from a stage", "success", "hold")
        chances = (0, 0.3) if forward else (0.3, 0.6) if self.needed(first, "span", "skill") else (0, 0.3, 0.6)
        closed = room if last else min(room, self.one(*chances))
        unsolved = self.needed(first, "closed unsolved", "reopen", "returns")
        given["closed"] = {"chance": closed, "solved": 0.3 if unsolved else self.one(0, 0.5, 1)}
        if self.needed(first, "verify", "reopen", "own", "returns", "closed unsolved"):
            given["closed"]["chance"] = room
        return given

    def stage(self, teams: dict, stages: list[str], i: int) -> dict[str, Any]:
        first = i == 0
        stage: dict[str, Any] = {"outcomes": self.outcomes(stages, i)}
        by = self.by(teams, stages, i)
        peopled = bool(by) and list(by) != ["read"]
        if by:
            stage |= {"by": by, "work": self.length()}
            if peopled and self.has("by class", first):
                stage["by"] = {"y": "bees", "other": by}
        if self.rarely(4) or self.needed(first, "gate", "gate with places", "gate at a level") or self.needed(i > 0, "move"):
            stage["gate"] = self.gate(first, peopled)
        if self.has("wait", first):
            stage["wait"] = self.length()
        if self.has("zero", first):
            stage |= {"wait": "0 s", "lead": "0 s"}
        if self.rarely(3) or self.needed(first, "lead"):
            stage["lead"] = self.length()
        if peopled and (self.one(False, True) or self.needed(first, *OFF_HOURS)):
            stage["hours"] = self.hours(first)
        if self.one(False, True) or self.needed(first, *MOMENTS, *ACTS):
            stage["due"] = self.due(stages, i, peopled)
            if self.rarely():
                stage["due"] = {"y": self.due(stages, max(1, i), peopled), "other": stage["due"]}
        if self.needed(first, "join") and self.one(False, True):  # a due in the lead, while parts go on that nobody waits for
            stage |= {"lead": "5h", "due": {"at": self.one(*self.profile.dues[-2:]), "then": {"move": self.one("gone", "never")}}}
        if self.needed(i == 1, "hold") and self.one(False, True):  # whoever was held back is raised before who held
            stage["due"] = {"at": self.one(*self.profile.dues[:4]), "then": {"raise": 2}}
        if self.has("priority", first):
            stage["priority"] = {"y": -1, "other": self.one(0, 1)}
        if peopled and "all" in by and (self.has("hold", first) or self.one(False, True)):
            stage["hold"] = True
        if peopled and self.has("span", first):
            stage["span"] = {"per_doubling": -0.4, "reference": 700}
        if self.needed(first, "success") or (i + 1 < len(stages) and self.rarely(12)):
            stage |= {"outcomes": {stages[i + 1]: 0.5, "never": 0.3, "gone": 0.2}, "success": stages[i + 1]}
        return stage

    def call(self, stages: list[str], only: list[str] | None = None) -> dict[str, Any]:
        """A return visit."""
        reopen = {self.one(*stages[:2]): 0.7} if self.one(False, True) else {"dissatisfied": 0.7}
        if self.must == "reopen":
            reopen = {stages[1]: 0.8}
        verify: dict[str, Any] = {
            "share": 0.5 if only else 1 if self.must == "reopen" else self.one(1, 0.5),
            "solved": {"satisfied": 0.7, "dissatisfied": 0.2},
            "unsolved": reopen,
            "reopen_at_most": self.one(1, 2, 2, 0),
        }
        if only:
            verify["of"] = only
        if self.has("own"):
            verify["own"] = {"solved": {"satisfied": 0.9}, "unsolved": {"satisfied": 0.5}}
        by = {"own": "ants", "reopen": "party"}.get(self.must or "") or self.one(*TEAMS)
        call = {"by": by, "work": "10 min", "wait": self.one("0 s", "1h"), "verify": verify}
        if self.rarely(3):
            call["by"] = self.one(
                {"each": list(TEAMS[:2])}, {"all": ["bees", "party"]}, {"any": ["bees", "ants"], "read": ["cats"]}
            )
        if self.rarely(3):
            call["due"] = self.due(stages, -1, True)
        if self.rarely():
            call["gate"] = self.gate(False, True)
        if self.rarely():
            call["lead"] = self.length()
        if self.rarely():
            call["hours"] = self.hours(False)
        return call

    def changes(self, stages: list[str]) -> dict[str, Any]:
        window = [DATES[1], DATES[2]]
        changes = {}
        if self.has("change of people"):
            changes["people"] = {"set": {"teams.ants.people": self.one(4, 1), "teams.bees.hours": "always"}, "window": window}
        if self.has("change of stages"):
            changes["stages"] = {
                "set": {f"stages.{stages[0]}.wait": "90 min", f"stages.{stages[1]}.priority": -2},
                "window": window,
            }
        return {"changes": changes, "apply": list(changes)} if changes else {}

    def scenario(self) -> dict[str, Any]:
        stages = ["s0", "s1", "s2", "s3"][: self.one(*self.profile.stages)]
        teams = {name: self.team(name) for name in TEAMS}
        units = self.one(*self.profile.units)
        made = {name: self.stage(teams, stages, i) for i, name in enumerate(stages)}
        if self.must == "max_visits":
            self.loop(made, stages)
        if self.must in ("verify", "reopen", "own") or self.rarely(3):
            if self.rarely(3):
                made["letter"] = self.call(stages, only=[self.one(*stages)])
            made["call"] = self.call(stages)
        return {
            "schema": 1,
            "period": [DATES[0], DATES[self.one(*self.profile.days)]],
            "public_holidays": {"country": ""},
            "residents": 3000,
            "levels": {"unit": units, "town": self.one(1, min(self.profile.towns, units)), "county": 1},
            "calendars": CALENDARS,
            "teams": teams,
            "classes": {name: self.cls(stages, name) for name in CLASSES[: self.one(*self.profile.classes)]},
            "ends": {"gone": {}},
            "stages": made,
            **self.changes(stages),
        }

    def loop(self, made: dict[str, Any], stages: list[str]) -> None:
        """Incidents that go round until the run ends with an error."""
        made[stages[0]] |= {"outcomes": {"closed": 0.01, stages[1]: 0.99}, "max_visits": self.one(1, 2, 3)}
        made[stages[1]] |= {"outcomes": {stages[0]: 0.99, "closed": 0.01}, "wait": "0 s"}
        for name in stages[:2]:
            made[name].pop("due", None)
            made[name].pop("success", None)


@st.composite
def scenarios(draw: Any, must: str | None = None) -> dict[str, Any]:
    """A small scenario as data; its first stage has the field `must`."""
    return Maker(lambda values: draw(st.sampled_from(values)), must).scenario()


def made(profile: str, must: str | None, seed: object) -> dict[str, Any]:
    """The scenario of a profile and a seed, which can be any text or number."""
    return Maker(random.Random(f"{profile} {must} {seed}").choice, must, PROFILES[profile]).scenario()
