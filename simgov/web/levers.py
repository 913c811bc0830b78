"""What can be moved in a scenario: staffing, hours, its own changes, meetings, demand. Each lever becomes settings and changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from simgov.errors import dotted
from simgov.language import LANGUAGES, message, say
from simgov.scenario import Scenario
from simgov.scenario.model import Team
from simgov.scenario.origins import Origin, origin_of
from simgov.scenario.paths import Path, at
from simgov.scenario.stage import BUILT_IN_CALENDAR, Gate
from simgov.web.distinct import distinct
from simgov.web.hours import in_words

Words = Mapping[str, str]  # by language
KINDS = {
    "variant": message("Variants of the procedure"),
    "people": message("Staffing"),
    "hours": message("Working hours"),
    "meeting": message("Meetings"),
    "demand": message("Demand"),
}
GROUPS = {"no_overnight": message("No assessment overnight"), "chores": message("Chores")}
CLOCK = re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:,\d{1,2}:\d{2}-\d{1,2}:\d{2})*")
MEETINGS = {  # how often, by name: days of a calendar before the clock times
    "daily": (message("every working day"), "Mo-Fr {time}; PH off"),
    "twice": (message("twice a week"), "Mo {time}; Th {time}"),
    "weekly": (message("once a week"), "Mo {time}"),
    "fortnightly": (message("every two weeks"), "Mo[1] {time}; Mo[3] {time}"),
    "monthly": (message("once a month"), "Mo[1] {time}"),
}
FILE, NONE = "", "none"  # choices: as the file has it; no meeting at all
MOST_SURGE = 5.0


class Choice(NamedTuple):
    """One of the things that a lever can be set to."""

    label: Words
    settings: Mapping[str, Any] = {}
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lever:
    """A number from `low` to `high` in steps, whose `paths` are set to so many times their factor; or one of some `choices`, by name.

    `about` says what stands in the file, where that comes from, and its range where one is known.
    """

    key: str
    kind: str
    label: Words
    about: Words
    default: Any
    low: float = 0
    high: float = 0
    step: float = 1
    paths: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)

    def chosen(self, value: Any) -> Choice:
        """What a value sets. Raises KeyError for one that is no choice, ValueError for one that is no number in the range."""
        if self.choices:
            return self.choices[value]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not self.low <= value <= self.high:
            raise ValueError(message("{key}: must be a number from {low:g} to {high:g}, got {value!r}", key=self.key, low=self.low, high=self.high, value=value))
        return Choice({}, {path: _rounded(value * factor) for path, factor in self.paths.items()})

    def told(self, lang: str) -> dict[Any, str]:
        """All choices in words, of which no two read the same: those that do are followed by their names."""
        return distinct({name: choice.label[lang] for name, choice in self.choices.items()})

    def shown(self, value: Any, lang: str) -> str:
        """A value in words."""
        return self.told(lang)[value] if self.choices else f"{value:,g}" if self.paths and set(self.paths.values()) == {1} else f"× {value:g}"


class Moved(NamedTuple):
    """What the levers say: settings by path, changes by name, and each lever that is moved, in words."""

    settings: dict[str, Any]
    changes: list[str]
    told: dict[str, list[str]]  # by language


def moved(levers: list[Lever], values: Mapping[str, Any]) -> Moved:
    """Only levers that do not stand where the file has them set anything. Raises as `Lever.chosen` does."""
    found = Moved({}, [], {lang: [] for lang in LANGUAGES})
    for lever in levers:
        value = values.get(lever.key, lever.default)
        if value == lever.default:
            continue
        choice = lever.chosen(value)
        found.settings.update(choice.settings)
        found.changes.extend(choice.changes)
        for lang in LANGUAGES:
            text = say("{lever}: {old} → {new}", lang)
            found.told[lang].append(text.format(lever=lever.label[lang], old=lever.shown(lever.default, lang), new=lever.shown(value, lang)))
    return found


def levers(s: Scenario) -> list[Lever]:
    """All levers of a scenario, kind after kind; what it lacks is not there."""
    found = [*_variants(s), *_people(s), *_hours(s), *_meetings(s), *_demand(s)]
    labels = {lang: {kind: distinct({lever.key: lever.label[lang] for lever in found if lever.kind == kind}) for kind in KINDS} for lang in LANGUAGES}
    told = [replace(lever, label={lang: labels[lang][lever.kind][lever.key] for lang in LANGUAGES}) for lever in found]
    return sorted(told, key=lambda lever: list(KINDS).index(lever.kind))


# ── variants ────────────────────────────────────────────────────────────────────────────────────────


def _variants(s: Scenario) -> Iterator[Lever]:
    groups: dict[str, list[str]] = {}
    for name, change in s.changes.items():
        groups.setdefault(f"group:{change.group}" if change.group else f"change:{name}", []).append(name)
    for key, names in groups.items():
        default = next((name for name in s.in_force if name in names), FILE)
        if default and len(names) == 1:
            continue  # in force, and nothing else can be put in its place
        alone = key.startswith("change:")
        label = _each(lambda lang, names=names: s.label("changes", names[0], lang)) if alone else _each(lambda lang, key=key: group_label(key.partition(":")[2], lang))
        nothing = _words(message("no") if alone else message("none of them"))
        own = {name: Choice(_words(message("yes")) if alone else _each(lambda lang, name=name: s.label("changes", name, lang)), {}, (name,)) for name in names}
        choices = own if default else {FILE: Choice(nothing), **own}
        told = _each(lambda lang, default=default, choices=choices: say("in the file: {value}", lang).format(value=choices[default].label[lang]))
        yield Lever(key, "variant", label, told, default, choices=choices)


def group_label(name: str, lang: str) -> str:
    """Of a group of changes, in words."""
    return say(GROUPS[name], lang) if name in GROUPS else name.replace("_", " ") if name.isidentifier() else name


# ── people and hours ────────────────────────────────────────────────────────────────────────────────

COUNTED = {
    "each": message("{team}: people at each {level}"),
    "total": message("{team}: people in all"),
    "per_10000": message("{team}: people per 10,000 residents"),
}


def _people(s: Scenario) -> Iterator[Lever]:
    for name, team in s.teams.items():
        how = next((how for how in COUNTED if getattr(team.people, how) is not None), None)
        if how is None:  # a roster, or no limit
            continue
        written = at(s.data, ("teams", name, "people"))
        path: Path = ("teams", name, "people", how) if isinstance(written, dict) else ("teams", name, "people")
        value = getattr(team.people, how)
        label = _each(lambda lang, how=how, name=name, team=team: say(COUNTED[how], lang).format(team=s.label("teams", name, lang), level=_levels(s, team, lang)))
        _, top = _range(origin_of(path, s.origins), value)
        high, step = (max(2 * value, top, 1.0), 0.1) if how == "per_10000" else (int(max(2 * value, top, 4)), 1)
        yield Lever(dotted(path), "people", label, _about(s, path, f"{value:,g}"), value, type(step)(0), high, step, paths={dotted(path): 1})


def _levels(s: Scenario, team: Team, lang: str) -> str:
    return " / ".join(s.label("levels", level, lang) for level in team.levels)


def _hours(s: Scenario) -> Iterator[Lever]:
    known = {name: _each(lambda lang, text=table.hours: in_words(text, lang)) for name, table in s.calendars.items()}
    known |= {BUILT_IN_CALENDAR: _words(message("day and night"))}
    for name, team in s.teams.items():
        if team.people.unlimited or len(known) < 2:
            continue
        path: Path = ("teams", name, "hours")
        choices = {cal: Choice(label, {dotted(path): cal}) for cal, label in known.items()}
        origin = _hours_path(s, team.hours)
        about = _about(s, origin, known[team.hours])
        yield Lever(dotted(path), "hours", _each(lambda lang, name=name: s.label("teams", name, lang)), about, team.hours, choices=choices)


def _hours_path(s: Scenario, calendar: str) -> Path:
    """Where the text of a calendar stands: beside it may be said whether make-up workdays count."""
    path: Path = ("calendars", calendar)
    return (*path, "hours") if isinstance(at(s.data, path), dict) else path


# ── meetings ────────────────────────────────────────────────────────────────────────────────────────


def _meetings(s: Scenario) -> Iterator[Lever]:
    """One lever for the calendar of a gate, and one for how many a gate takes."""
    gates: dict[str, list[str]] = {}
    for name, stage in s.stages.items():
        for opens in dict.fromkeys(gate.opens for gate in stage.gate.values()):
            gates.setdefault(opens, []).append(name)
    for opens, stages in gates.items():
        label = _each(lambda lang, stages=stages: say("{stages}: how often", lang).format(stages=", ".join(s.label("stages", name, lang) for name in stages)))
        text = s.calendars[opens].hours if opens in s.calendars else ""
        if (clock := CLOCK.search(text)) is None:
            continue
        path = _hours_path(s, opens)
        choices = {FILE: Choice(_each(lambda lang, text=text: say("as in the file: {text}", lang).format(text=in_words(text, lang))))}
        for name, (words, days) in MEETINGS.items():
            new = days.format(time=clock.group())
            if new != text:
                choices[name] = Choice(_words(words), {dotted(path): new})
        if all(len(s.stages[name].gate) == 1 for name in stages):
            choices[NONE] = Choice(_words(message("no meeting: as it comes")), {f"stages.{name}.gate": None for name in stages})
        yield Lever(f"meeting:{opens}", "meeting", label, _about(s, path, _each(lambda lang, text=text: in_words(text, lang))), FILE, choices=choices)
    for name, stage in s.stages.items():
        if len(stage.gate) == 1 and (gate := next(iter(stage.gate.values()))) and gate.takes:
            yield _takes(s, name, gate)


def _takes(s: Scenario, stage: str, gate: Gate) -> Lever:
    path: Path = ("stages", stage, "gate", "takes")
    assert gate.takes is not None
    _, top = _range(origin_of(path, s.origins), gate.takes)
    label = _each(lambda lang: say("{stage}: cases at each meeting, at most", lang).format(stage=s.label("stages", stage, lang)))
    return Lever(dotted(path), "meeting", label, _about(s, path, f"{gate.takes:,}"), gate.takes, 1, int(max(2 * gate.takes, top)), 1, paths={dotted(path): 1})


# ── demand ──────────────────────────────────────────────────────────────────────────────────────────


def _demand(s: Scenario) -> Iterator[Lever]:
    rates = {f"classes.{name}.arrivals.rate": cls.arrivals.rate for name, cls in s.classes.items() if not cls.background and cls.arrivals.rate}
    if rates:
        about = _words(message("in the file: × 1; all incidents that come at a rate, over the whole period"))
        yield Lever("surge", "demand", _words(message("Surge: times as many incidents")), about, 1.0, 0.25, MOST_SURGE, 0.25, paths=rates)


# ── in words ────────────────────────────────────────────────────────────────────────────────────────


def _each(make: Callable[[str], str]) -> dict[str, str]:
    return {lang: make(lang) for lang in LANGUAGES}


def _words(text: str) -> dict[str, str]:
    return _each(lambda lang: say(text, lang))


def _about(s: Scenario, path: Path, value: str | Words) -> dict[str, str]:
    """What stands in the file, and where it comes from."""
    origin = origin_of(path, s.origins)
    text = _each(lambda lang: value) if isinstance(value, str) else value
    return _each(lambda lang: f"{say('in the file: {value}', lang).format(value=text[lang])} · {_origin(origin, lang)}")


def _origin(origin: Origin | None, lang: str) -> str:
    if origin is None:
        return say("no origin given", lang)
    if origin.kind == "assumption" and isinstance(origin.says, list):
        return say("assumption, {low} to {high}", lang).format(low=origin.says[0], high=origin.says[1])
    kind = {"source": message("reported ({says})"), "outside": message("from outside ({says})"), "assumption": message("assumption")}[origin.kind]
    ids = origin.says if isinstance(origin.says, str) else ", ".join(map(str, origin.says))
    return say(kind, lang).format(says=ids)


def _range(origin: Origin | None, value: float) -> tuple[float, float]:
    """The range of an assumption; the value itself where there is none."""
    says = origin.says if origin else None
    if origin and origin.kind == "assumption" and isinstance(says, list) and all(isinstance(x, (int, float)) for x in says):
        return float(says[0]), float(says[1])
    return value, value


def _rounded(value: float) -> float:
    """Without the last digits of a product; whole numbers stay whole."""
    return value if isinstance(value, int) else float(f"{value:.12g}")
