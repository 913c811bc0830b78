"""The scenario file of somebody's answers: a template filled with them; what was not answered is an assumption with a range."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from simgov.calendars import calendar, day_types
from simgov.clock import DAY, MINUTE
from simgov.interview.questions import RULES, Answers
from simgov.interview.reading import OFFICE
from simgov.interview.terms import TEAMS, Term
from simgov.language import LANGUAGES, message, say

BUSY = 0.65  # of the working time goes to other duties (P-24 of the shipped facts: 0.4 to 0.9)


@dataclass(frozen=True)
class Team:
    """A team as the template needs it: texts of YAML, but for the term."""

    term: Term
    level: str
    people: str
    hours_name: str
    hours: str
    chores: str = ""
    stage: str = ""

    @property
    def key(self) -> str:
        return self.term.key


def yaml(answers: Answers, nodes: str = "") -> str:
    """The text of the scenario, with comments in the language of the answers; `nodes`: the name of the table beside it."""
    from jinja2 import Environment, StrictUndefined

    place = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    template = place.from_string(files("simgov.interview").joinpath("scenario.yaml.jinja2").read_text(encoding="utf-8"))
    return template.render(**_Writer(answers).words(), nodes=nodes)


class _Writer:
    """What the template says, made of answers."""

    def __init__(self, answers: Answers):
        self.answers = answers
        self.source = self.say(message("{teller}, told at the start, {date}")).format(teller=answers["teller"], date=answers.today)

    def say(self, words: str) -> str:
        return say(words, self.answers.lang)

    def words(self) -> dict[str, Any]:
        answers, teams, departments = self.answers, self._tiers(), self._departments()
        there = {team.key for team in teams}
        leaf = answers.levels[0]
        start, end = answers["period"]
        stages = [stage for team, stage in (("unit_leader", "unit_handle"), ("grid_worker", "grid_handle"), ("community_staff", "community_triage")) if team in there]
        return {
            "place": answers["place"], "today": answers.today, "start": start.isoformat(), "end": end.isoformat(), "residents": answers.residents,
            "levels": answers.levels, "span": round(answers.residents / leaf.count, 1), "classes": answers["matters"], "rate": self.rate,
            "calendars": {team.hours_name: team.hours for team in teams + departments}, "teams": teams + departments, "departments": departments, "busy": [team for team in teams + departments if team.chores],
            "leader": "unit_leader" in there, "worker": "grid_worker" in there, "stages": stages, "rules": RULES, "rule": answers["rule"],
            "reported": answers["reported"], "reported_value": self.answer("reported", answers["reported"] and answers["reported"].value, ""),
            "say": self.say, "message": message, "text": text, "label": label, "both": both, "number": self.number, "answer": self.answer,
            "assumed": assumed, "lognormal": lognormal, "closed": closed, "by_class": self.by_class,
        }  # fmt: skip

    def answer(self, key: str, value: Any, reason: str) -> str:
        """A value with its origin: who told it, or else the reason for which it is assumed."""
        origin = f"source: {text(self.source)}" if key in self.answers.told else f"assumption: {text(reason)}"
        return f"{{value: {value}, {origin}}}"

    def number(self, key: str, value: float, note: str = "") -> str:
        """A number with its origin: who told it, or else a range from half to twice of it."""
        if key in self.answers.told or (key == "residents" and self.answers.chart):
            origin = f"source: {text(self.source)}"
        else:
            low, high = ((value + 1) // 2, value * 2) if isinstance(value, int) else (value / 2, value * 2)
            high = 1 if key == "levels" and value == 1 else high  # two of them would be another tree
            origin = f"assumption: [{_plain(low)}, {_plain(high)}]"
        return f"{{value: {_plain(value)}, {origin}{f', note: {text(note)}' if note else ''}}}"

    def rate(self, one: Term) -> float:
        """Incidents of a kind per 1,000 residents a day."""
        return one.count / 365.25 / self.answers.residents * 1000

    def by_class(self, dispute: str, others: str) -> str:
        """What stands behind the colon of a field: a map by class if there are disputes, each in a line of its own."""
        disputes = [one.key for one in self.answers["matters"] if one.means == "dispute"]
        return "".join(f"\n      {name}: {value}" for name, value in [*((text(name), dispute) for name in disputes), ("other", others)]) if disputes else f" {others}"

    def _tiers(self) -> list[Team]:
        """Unit leaders, grid workers and community staff, as far as the tree has levels for them."""
        return [self._team(Term(key, english, say(english, "zh"), ""), key, *self.answers[key]) for english, key in TEAMS.items() if key in self.answers]

    def _departments(self) -> list[Team]:
        asked = self.answers.values.get("departments", self.answers.counted_departments)
        return [self._team(one, "departments", None if self.answers.counted(one.key) else one.count, OFFICE, f"{one.key}_handle") for one in asked]

    def _team(self, one: Term, tier: str, people: int | None, hours: str, stage: str = "") -> Team:
        level = self.answers.level_of(one.key if self.answers.counted(one.key) else tier)
        written = self.answer(tier if tier in TEAMS.values() else "", text(hours), self.say(message("usual hours")))
        counted = "" if people is None else self.number(tier, people)
        chores = "" if tier == "unit_leader" else self._chores(hours)
        return Team(one, level.key, counted, f"{tier}_hours", written, chores, stage)

    def _chores(self, hours: str) -> str:
        """The length of a block of other duties: one at each opening, so long that the share of them comes out."""
        start, end = self.answers["period"]
        about = text(self.say(message("0.4 to 0.9 of it")))
        opened = calendar(hours, start, (end - start).days, day_types("CN", start, end))
        block = BUSY * opened.hours.length(0, (end - start).days * DAY) / max(1, len(opened.openings)) / MINUTE
        return f"{{value: {{uniform: {{low: {max(1, round(0.6 * block))} min, high: {max(2, round(1.4 * block))} min}}}}, assumption: {about}}}"


# ── YAML ────────────────────────────────────────────────────────────────────────────────────────────


def text(value: str) -> str:
    """A text that YAML reads back as it is, quoted only where it must be."""
    return value if value.isidentifier() and value.lower() not in ("null", "true", "false", "off", "on", "yes", "no", "y", "n") else json.dumps(value, ensure_ascii=False)


def label(one: Term) -> str:
    """The label of a term in both languages, or the one word that is known."""
    return text(one.en) if one.en == one.zh else f"{{en: {text(one.en)}, zh: {text(one.zh)}}}"


def both(words: str, team: Term | None = None) -> str:
    """A text of the catalogue in both languages."""
    said = {lang: say(words, lang).format(team=team and getattr(team, lang)) for lang in LANGUAGES}
    return "{" + ", ".join(f"{lang}: {text(word)}" for lang, word in said.items()) + "}"


def assumed(value: float, low: float, high: float) -> str:
    """A number and its range."""
    return f"{{value: {_plain(value)}, assumption: [{_plain(low)}, {_plain(high)}]}}"


def lognormal(median: str, low: str, high: str, sigma: str = "0.8") -> str:
    """A duration by its median and the range of that, with a spread."""
    spread = f"{{value: {sigma}, assumption: [{float(sigma) - 0.4:.1f}, {float(sigma) + 0.6:.1f}]}}"
    return f"{{lognormal: {{median: {{value: {median}, assumption: [{low}, {high}]}}, sigma: {spread}}}}}"


def closed(chance: str, low: str, high: str) -> str:
    """The outcome `closed`, and that some of what is closed is not solved."""
    return f"{{closed: {{chance: {{value: {chance}, assumption: [{low}, {high}]}}, solved: {{value: 0.85, assumption: [0.7, 0.95]}}}}}}"


def _plain(value: float) -> str:
    """Four digits, without an exponent."""
    return f"{float(f'{value:.4g}'):.10f}".rstrip("0").rstrip(".") or "0"
