"""Small random scenarios that reach every field of a stage, with ties on purpose.

A few days, a few nodes, durations that are mostly whole half hours, and calendars that open in the same seconds, because that
is where the rule of instants decides. `scenarios(must)` puts the field `must` into the first stage, which most incidents enter.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DATES = (
    "2022-05-01",
    "2022-05-02",
    "2022-05-03",
    "2022-05-04",
    "2022-05-05",
)  # the first is a Sunday; there are no public holidays
CLOCKS = (
    "00:00",
    "08:00",
    "08:30",
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
)
CALENDARS = {
    "office": "Mo-Su 08:30-12:00,14:30-17:30",
    "early": "Mo-Su 08:00-12:00",
    "late": "Mo-Su 12:00-16:00",
    "evening": "Mo-Su 17:30-21:00",
    "night": "Mo-Su 20:00-08:00",
    "meeting": "Mo-Su 08:30-09:30,15:00-15:30",
    "daily": "Mo-Su 00:00-24:00",
    "dusk": "Mo-Su 18:00-20:00",
}
CONSTANT = ("30 min", "30 min", "1h", "1h", "2h", "5h")
TEAMS = ("ants", "bees", "cats", "party")
CLASSES = ("x", "y")
STAGE_FIELDS = (
    "any of two", "all", "each", "read", "two people", "same_as", "another level", "unlimited", "nobody", "gate", "gate with places", "gate at a level",
    "wait", "lead", "zero", "duty", "duty by turns", "until_clear", "on_call", "on_call hours", "finish", "pause", "due", "due from birth", "due from a stage",
    "end_of_day", "end_of_duty", "cut_off", "opening", "note", "raise", "move", "close", "closed unsolved", "back", "becomes", "end", "never", "left over",
    "priority", "hold", "verify", "reopen", "own", "returns", "windows", "roster", "change of people", "change of stages", "found", "hidden becomes",
    "success", "span", "skill", "by class", "each_opening", "rate",
)  # fmt: skip


class Maker:
    """Draws a scenario; `must` is the field that it has to have in its first stage."""

    def __init__(self, draw: Any, must: str | None):
        self.draw, self.must = draw, must

    def has(self, field: str, here: bool = True) -> bool:
        """Whether a field is used: always where it must be, else now and then."""
        if here and field == self.must:
            return True
        return self.draw(st.integers(0, 4)) == 0

    def musts(self, fields: tuple[str, ...], here: bool) -> str | None:
        """The one of some exclusive fields that must be used, if any."""
        return self.must if here and self.must in fields else None

    def one(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    # ── organisation ────────────────────────────────────────────────────────────────────────────────

    def team(self, name: str) -> dict[str, Any]:
        leads = name == "ants"  # the first stage asks for ants
        team: dict[str, Any] = {
            "at": self.one("unit", "unit", "town", ["unit", "town"]),
            "hours": self.one("office", "office", "office", "early", "late", "night", "daily", "always"),
        }
        if leads and self.must == "another level":
            team["at"] = ["unit", "town"]
        team["people"] = self.people(leads)
        if leads and self.must in (
            "finish",
            "pause",
            "duty",
            "duty by turns",
            "until_clear",
            "on_call",
            "on_call hours",
            "end_of_duty",
            "cut_off",
        ):
            team["hours"] = "office"
        if name == "party":
            return {**team, "people": "unlimited"}
        if leads and self.must in ("duty", "until_clear", "end_of_duty", "duty by turns", "cut_off"):
            team["duty"] = {"hours": "evening", "people": 1} if self.must == "duty by turns" else "evening"
        elif self.draw(st.booleans()):
            team["duty"] = self.one("evening", "night", {"hours": "evening", "people": 1}, {"hours": "dusk", "people": 1})
        if self.has("windows", leads):
            team["windows"] = [{"from": DATES[1], "to": DATES[2]}]
        if self.has("skill", leads):
            team["skill"] = {"mean": 0.5, "sd": self.one(0.0, 1.0)}
        return team

    def people(self, leads: bool) -> Any:
        if leads and self.must == "nobody":
            return 0
        if self.has("roster", leads):
            return {"roster": {DATES[0]: 1, DATES[1]: self.one(0, 2, 3), DATES[2]: self.one(0, 1)}}
        if leads:
            return self.one(2, 3) if self.must in ("two people", "duty by turns") else self.one(1, 1, 2, 3)
        return self.one(0, 1, 1, 2, {"total": 2}, {"each": 2, "share": 0.5}, {"per_10000": 10})

    # ── demand ──────────────────────────────────────────────────────────────────────────────────────

    def arrivals(self, first: bool) -> dict[str, Any]:
        if self.has("each_opening", first):
            return {"each_opening": {"calendar": "meeting", "count": self.one(1, 2)}, "per": "node", "of": "unit"}
        if self.has("rate", first) or (first and self.must in ("found", "hidden becomes")):
            return {"rate": self.one(2, 5), "per": "node", "day_cv": self.one(0, 0.5)}
        moments = self.draw(
            st.lists(st.tuples(st.sampled_from(DATES[:2]), st.sampled_from(CLOCKS)), min_size=5 if first else 0, max_size=9)
        )
        return {"list": [{"at": f"{day} {clock}"} for day, clock in moments]}

    def cls(self, stages: list[str], first: bool) -> dict[str, Any]:
        cls: dict[str, Any] = {"arrivals": self.arrivals(first), "enters": stages[0]}
        if not first and self.draw(st.booleans()):
            cls["enters"] = {stages[0]: 0.5, stages[1]: 0.5}
        if self.must in ("success", "span", "skill") or self.draw(st.booleans()):
            cls["difficulty"] = 1.0
        if self.has("found", first) or (first and self.must == "hidden becomes"):
            cls["found"] = {
                "hazard_per_day": 2.0,
                "team": "ants",
                "reference": 1000,
                "hidden_at_start": 8,
                "exponent": self.one(0, 1),
            }
            if self.draw(st.booleans()):
                cls["found"]["campaigns"] = [{"window": [DATES[1], DATES[2]], "factor": 3}]
            if self.has("hidden becomes", first):
                cls["found"]["becomes"] = {"class": "y" if first else "x", "rate_per_day": 0.7}
        if self.has("returns", first):
            cls["returns"] = {"chance": 0.7, "after": self.one("5h", "0 s", {"exponential": "10h"})}
        return cls

    # ── procedure ───────────────────────────────────────────────────────────────────────────────────

    def length(self) -> Any:
        if self.draw(st.integers(0, 4)) == 0:
            return {"exponential": "1h"}
        if self.draw(st.integers(0, 4)) == 0:
            return {"x": self.one(*CONSTANT), "other": "90 min"}
        return self.one(*CONSTANT)

    def need(self, team: str, teams: dict, stages: list[str], i: int, each: bool, first: bool) -> Any:
        need: dict[str, Any] = {"team": team}
        if i and self.has("same_as"):
            need["same_as"] = stages[self.draw(st.integers(0, i - 1))]
        elif self.has("two people", first):
            need["people"] = 2
        levels = teams[team]["at"] if isinstance(teams[team]["at"], list) else [teams[team]["at"]]
        if self.has("another level", first):
            need["at"] = levels[-1]
        if each and self.draw(st.booleans()):
            need["work"] = self.one(*CONSTANT)
        return need

    def by(self, teams: dict, stages: list[str], i: int) -> dict[str, Any] | None:
        first = i == 0
        wanted = {"any of two": "any", "all": "all", "each": "each", "hold": "all"}.get(self.must or "") if first else None
        needed = first and self.must not in ("zero", None)
        mode = wanted or self.one("any", "any", "any", "all", "each", *(() if needed else ("none",)))
        if mode == "none":
            return None
        several = mode in ("all", "each") or (first and self.must == "any of two")
        names = ["ants"] if first or not several else []
        if first and self.must == "unlimited":
            names = ["party"]
        more = self.draw(st.lists(st.sampled_from(TEAMS), min_size=2 if several else 1, max_size=3, unique=True))
        names += [n for n in more if n not in names]
        names = names[: 2 if several else self.one(1, 1, 2)]
        by: dict[str, Any] = {
            mode: [self.need(n, teams, stages, i, mode == "each", first and k == 0) for k, n in enumerate(names)]
        }
        for k, need in enumerate(by.get("all", [])):  # one person cannot be there twice
            if need.get("same_as") in [other.get("same_as") for other in by["all"][:k]]:
                need.pop("same_as", None)
        if i == 1 and self.must == "same_as":
            by = {"any": [{"team": "ants", "same_as": stages[0]}]}
        if self.has("read", first):
            by["read"] = [{"team": self.one(*TEAMS), "work": "10 min"}]
        return by

    def gate(self, first: bool, needs: bool) -> dict[str, Any]:
        gate: dict[str, Any] = {"opens": self.one("meeting", "meeting", "office", "daily")}
        if self.has("gate with places", first):
            gate["takes"] = self.one(1, 2)
        if self.has("gate at a level", first) or not needs:
            gate["at"] = self.one("unit", "town")
        return gate

    def hours(self, first: bool) -> dict[str, Any]:
        hours: dict[str, Any] = {"when": self.one("regular", "duty", "until_clear"), "at_close": self.one("pause", "finish")}
        if first and self.must in ("duty", "until_clear", "duty by turns"):
            hours["when"] = "duty" if self.must == "duty by turns" else self.must
        if first and self.must in ("finish", "pause"):
            hours["at_close"] = self.must
        if self.has("on_call", first) or self.has("on_call hours", first):
            hours["on_call"] = self.one(0.5, 1)
            hours["on_call_hours"] = (
                "dusk" if first and self.must == "on_call hours" else self.one("always", "dusk", "night", "daily")
            )
        return hours

    def due(self, stages: list[str], i: int, needs: bool) -> dict[str, Any]:
        first = i == 0
        moment = self.musts(
            ("due", "due from birth", "due from a stage", "end_of_day", "end_of_duty", "cut_off", "opening"), first
        )
        moment = moment or self.one(
            "due", "due", "due from birth", "due from a stage", "end_of_day", "end_of_duty", "cut_off", "opening"
        )
        if moment in ("end_of_duty", "cut_off") and not needs:
            moment = "end_of_day"
        due: dict[str, Any] = {"at": self.one("30 min", "1h", "2h", "6h", "24h")}
        if moment == "due from birth":
            due["from"] = "birth"
        elif moment == "due from a stage":
            due["from"] = self.one(*stages)
        elif moment == "opening":
            due = {"opening": self.one("meeting", "daily", "office")}
        elif moment != "due":
            due = {"at": "end_of_duty" if moment == "cut_off" else moment}
        if moment == "cut_off":
            due["cut_off"] = self.one("09:00", "15:00")
        act = self.musts(("note", "raise", "move", "close"), first) or self.one("note", "raise", "move", "close")
        if act == "move" and i == len(stages) - 1:
            act = "close"
        later = self.one(*stages[i + 1 :]) if act == "move" else None
        acts = {"note": "note", "raise": {"raise": self.one(1, 2)}, "close": {"close": {"solved": self.one(0, 0.5, 1)}}}
        acts["move"] = {"move": {"stage": later, **({"becomes": self.one(*CLASSES)} if self.draw(st.booleans()) else {})}}
        return {**due, "then": acts[act]}

    def outcomes(self, stages: list[str], i: int) -> dict[str, Any]:
        first, last = i == 0, i == len(stages) - 1
        given: dict[str, Any] = {}
        if self.has("back", i == 1):
            given[stages[0]] = {"chance": 0.2}
            if self.has("becomes"):
                given[stages[0]]["becomes"] = self.one(*CLASSES)
        if not last and (self.has("becomes", first)):
            given[stages[i + 1]] = {"chance": 0.3, "becomes": "y"}
        for name, chance in (("gone", 0.2), ("never", 0.2)):
            if self.has({"gone": "end"}.get(name, name), first):
                given[name] = chance
        used = sum(o["chance"] if isinstance(o, dict) else o for o in given.values())
        room = round(1 - used, 6)
        forward = first and self.must in ("left over", "same_as", "back", "due from a stage", "success")
        closed = room if last else min(room, self.one(0, 0.3) if forward else self.one(0, 0.3, 0.6))
        given["closed"] = {
            "chance": closed,
            "solved": 0.3 if first and self.must in ("closed unsolved", "reopen", "returns") else self.one(0, 0.5, 1),
        }
        if first and self.must in ("verify", "reopen", "own", "returns", "closed unsolved"):
            given["closed"]["chance"] = room
        return given

    def stage(self, teams: dict, stages: list[str], i: int) -> dict[str, Any]:
        first = i == 0
        stage: dict[str, Any] = {"outcomes": self.outcomes(stages, i)}
        by = self.by(teams, stages, i)
        if by:
            stage |= {"by": by, "work": self.length()}
            if self.has("by class", first):
                stage["by"] = {"y": "bees", "other": by}
        if self.has("gate", first) or (first and self.must in ("gate with places", "gate at a level")):
            stage["gate"] = self.gate(first, bool(by))
        if self.has("wait", first):
            stage["wait"] = self.length()
        if self.has("zero", first):
            stage |= {"wait": "0 s", "lead": "0 s"}
        if self.has("lead", first):
            stage["lead"] = self.length()
        if by and (
            self.draw(st.booleans())
            or (first and self.must in ("duty", "duty by turns", "until_clear", "on_call", "on_call hours", "finish", "pause"))
        ):
            stage["hours"] = self.hours(first)
        dues = (
            "due",
            "due from birth",
            "due from a stage",
            "end_of_day",
            "end_of_duty",
            "cut_off",
            "opening",
            "note",
            "raise",
            "move",
            "close",
        )
        if self.draw(st.booleans()) or (first and self.must in dues):
            stage["due"] = self.due(stages, i, bool(by))
        if self.has("priority", first):
            stage["priority"] = {"y": -1, "other": self.one(0, 1)}
        if by and "all" in by and self.has("hold", first):
            stage["hold"] = True
        if by and self.has("span", first):
            stage["span"] = {"per_doubling": -0.4, "reference": 700}
        if first and self.must == "success":
            stage |= {"outcomes": {stages[1]: 0.5, "never": 0.3, "gone": 0.2}, "success": stages[1]}
        return stage

    def call(self, stages: list[str]) -> dict[str, Any]:
        reopen = {stages[0]: 0.7} if self.has("reopen") else {"dissatisfied": 0.7}
        verify: dict[str, Any] = {
            "share": self.one(0.5, 1),
            "solved": {"satisfied": 0.7, "dissatisfied": 0.2},
            "unsolved": reopen,
            "reopen_at_most": self.one(1, 2),
        }
        if self.has("own"):
            verify["own"] = {"solved": {"satisfied": 0.9}, "unsolved": {"satisfied": 0.5}}
        by = "ants" if self.must == "own" else self.one(*TEAMS)
        return {"by": by, "work": "10 min", "wait": self.one("0 s", "1h"), "verify": verify}

    def changes(self, stages: list[str]) -> dict[str, Any]:
        window = [DATES[1], DATES[2]]
        changes = {}
        if self.has("change of people"):
            changes["people"] = {"set": {"teams.ants.people": 4, "teams.bees.hours": "always"}, "window": window}
        if self.has("change of stages"):
            changes["stages"] = {
                "set": {f"stages.{stages[0]}.wait": "90 min", f"stages.{stages[1]}.priority": -2},
                "window": window,
            }
        return {"changes": changes, "apply": list(changes)} if changes else {}

    def scenario(self) -> dict[str, Any]:
        stages = ["s0", "s1", "s2"][: self.one(2, 3)]
        teams = {name: self.team(name) for name in TEAMS}
        units = self.one(1, 1, 2, 3)
        made = {name: self.stage(teams, stages, i) for i, name in enumerate(stages)}
        if self.has("verify") or self.must in ("reopen", "own"):
            made["call"] = self.call(stages)
        return {
            "schema": 1,
            "period": [DATES[0], DATES[self.one(2, 3)]],
            "public_holidays": {"country": ""},
            "residents": 3000,
            "levels": {"unit": units, "town": self.one(1, min(2, units))},
            "calendars": CALENDARS,
            "teams": teams,
            "classes": {"x": self.cls(stages, True), "y": self.cls(stages, False)},
            "ends": {"gone": {}},
            "stages": made,
            **self.changes(stages),
        }


@st.composite
def scenarios(draw: Any, must: str | None = None) -> dict[str, Any]:
    """A small scenario as data; its first stage has the field `must`."""
    return Maker(draw, must).scenario()
