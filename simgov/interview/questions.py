"""The questions, in their order: each has a default, an example and a reader that says what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from simgov.interview import org_chart, reading
from simgov.interview.org_chart import Chart
from simgov.interview.reading import UnclearError
from simgov.interview.terms import CLASSES, DEPARTMENTS, LEVELS, Term, repeated, term
from simgov.language import message, say

RULES = {
    "cut_off": message("what comes by 17:30 is triaged before the duty ends at 19:00"),
    "midnight": message("triaged before midnight"),
    "clock_24h": message("triaged within 24 hours"),
    "off": message("office hours only"),
}
TIERS = ("unit_leader", "grid_worker", "community_staff", "departments")  # from the lowest tier up


@dataclass(frozen=True)
class Answers:
    """What was answered, read; `told` names the questions that were answered and not left at their default."""

    lang: str
    today: date
    values: Mapping[str, Any] = field(default_factory=dict)
    told: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    @property
    def chart(self) -> Chart | None:
        """The table of the tree, if there is one."""
        return self["levels"] if isinstance(self["levels"], Chart) else None

    @property
    def levels(self) -> tuple[Term, ...]:
        """From the lowest up, with the number of nodes."""
        return self.chart.levels if self.chart else self["levels"]

    @property
    def residents(self) -> int:
        return self.chart.residents if self.chart else self["residents"]

    def level_of(self, tier: str) -> Term | None:
        """The level at which a tier works: where the table counts its people, or else as its name says. None: the tree has no such level.

        The community's level is found by its name, or else is the third; the other tiers are those around it.
        """
        if self.counted(tier):
            return next(level for level in self.levels if level.key == self.chart_teams[tier])
        means = [level.means for level in self.levels]
        top = len(means) - 1
        if "community" in means:
            community = means.index("community")
        else:
            community = min(means.index("grid") + 1 if "grid" in means else 2, top)
        place = min(community + TIERS.index(tier) - TIERS.index("community_staff"), top)
        return self.levels[place] if place >= 0 else None

    @property
    def chart_teams(self) -> dict[str, str]:
        """Teams whose people the table of the tree counts, with their levels."""
        return {team.key: level for team, level in self.chart.teams.items()} if self.chart else {}

    def counted(self, team: str) -> bool:
        """Whether the table of the tree says how many people the team has."""
        return team in self.chart_teams

    @property
    def counted_departments(self) -> tuple[Term, ...]:
        """The teams of the table that are none of the lower tiers."""
        return tuple(team for team in self.chart.teams if team.key not in TIERS[:-1]) if self.chart else ()


@dataclass(frozen=True)
class Question:
    """One question. `default`, `example` and `about` are texts of the catalogue; `read` turns an answer into a value or raises UnclearError."""

    key: str
    text: str
    read: Callable[[str, Answers], Any]
    default: str
    example: str
    about: str = ""
    when: Callable[[Answers], bool] = lambda _: True

    def suggested(self, answers: Answers) -> str:
        """The default in the language of the reader."""
        year = answers.today.year
        return say(self.default, answers.lang).format(last=f"{year - 1}-01-01", this=f"{year}-01-01")


def conduct(ask: Callable[[Question, Answers, int], tuple[str, Any]], lang: str, today: date) -> Answers:
    """Put every question that applies. `ask(question, answers so far, its number)` gives the text ("" for the default) and what it means."""
    answers = Answers(lang, today)
    for question in QUESTIONS:
        if question.when(answers):
            text, value = ask(question, answers, len(answers.values) + 1)
            answers = Answers(lang, today, {**answers.values, question.key: value}, answers.told | ({question.key} if text else frozenset()))
    return answers


# ── readers that need more than the text ────────────────────────────────────────────────────────────


def _levels(text: str, _: Answers) -> tuple[Term, ...] | Chart:
    if org_chart.is_named(text):
        return org_chart.read(text.strip())
    levels = tuple(term(word, LEVELS, count) for word, count in reading.counts(text, "unit 440, grid 33, community 1, street 1"))
    _once(levels)
    for low, high in pairwise((levels[0], *levels)):
        if not 0 < high.count <= low.count:
            raise UnclearError(message("levels go from the lowest up, each with at least one node and no more than the one below: {low} {n}, {high} {m}", low=low.said, n=low.count, high=high.said, m=high.count))
    return levels


def _matters(text: str, _: Answers) -> tuple[Term, ...]:
    classes = tuple(term(word, CLASSES, count) for word, count in reading.counts(text, "incident 1,800, dispute 40"))
    _once(classes)
    if not sum(one.count for one in classes):
        raise UnclearError(message("at least one kind of matter must come at all"))
    return classes


def _departments(text: str, _: Answers) -> tuple[Term, ...]:
    found = tuple(term(word, DEPARTMENTS, count) for word, count in reading.counts(text, "police 4, housing 3"))
    _once(found)
    return found


def _once(terms: tuple[Term, ...]) -> None:
    if twice := repeated(terms):
        raise UnclearError(message("{word} stands there twice", word=twice))


def _reported(text: str, answers: Answers) -> reading.Report | None:
    return None if text.strip().lower() in (NONE, say(NONE, "zh")) else reading.share(text)


def _staff(team: str) -> Callable[[str, Answers], reading.Staff]:
    return lambda text, answers: reading.staff(text, answers["period"], answers.counted(team))


NONE = message("none")
HOURS_TOO = message("The number at each, then the hours; with an org chart that counts them, the hours alone.")
QUESTIONS = (
    Question("place", message("What is the place called?"), lambda text, _: reading.name(text), message("My community"), message("West Street community")),
    Question(
        "teller", message("Who says so?"), lambda text, _: reading.name(text), message("the author"), message("Office of grid governance, West Street"),
        message("It is written beside every number that you give."),
    ),
    Question("period", message("From which day to which?"), lambda text, _: reading.period(text), "{last} – {this}", "2022-05-01 – 2023-03-29", message("What is still open on the second day counts as not closed.")),
    Question(
        "levels", message("Which levels has it, from the lowest up, and how many of each?"), _levels,
        message("unit 440, grid 33, community 1, street 1"), message("grid 12, village 3, town 1, or my_org_chart.xlsx"),
        message("Or a table (.xlsx or .csv) with the columns id, parent, level, residents, and one column per team with its people."),
    ),
    Question("residents", message("How many residents has it?"), lambda text, _: reading.whole(text), "10,000", "3,200", when=lambda answers: not answers.chart),
    Question(
        "unit_leader", message("Unit leaders: how many, and when can they be found?"), _staff("unit_leader"),
        message("1, every day 07:30-08:30,18:30-19:30"), message("1, every day 18:00-20:00"), HOURS_TOO, when=lambda answers: answers.level_of("unit_leader") is not None,
    ),
    Question(
        "grid_worker", message("Grid workers: how many in each grid, and when do they work?"), _staff("grid_worker"),
        message("1, office"), message("2, Mo-Sa 08:00-12:00,14:00-18:00"), HOURS_TOO, when=lambda answers: answers.level_of("grid_worker") is not None,
    ),
    Question(
        "community_staff", message("Community staff: how many in each community, and when do they work?"), _staff("community_staff"),
        message("4, office"), message("6, Mo-Fr 08:30-17:30"), HOURS_TOO,
    ),
    Question(
        "matters", message("How many incidents and disputes come in a year?"), _matters,
        message("incident 1,800, dispute 40"), message("incident 1,500, dispute 60, noise 300"), message("Kinds and numbers of your own. Disputes take longer than the rest."),
    ),
    Question(
        "rule", message("Until when must a matter be triaged?"), lambda text, _: reading.choice(text, RULES), "cut_off", "off",
        message("cut_off: by 19:00 if it came by 17:30; midnight; clock_24h: within 24 hours; off: office hours only."),
    ),
    Question(
        "departments", message("Which departments take what the community passes on, and how many people has each?"), _departments,
        message("departments 12"), message("police 4, housing 3"), when=lambda answers: not answers.counted_departments,
    ),
    Question("reported", message("Which closure rate is reported?"), _reported, NONE, message("99.28 %, or at least 90 %"), message("The run is held against it: closed of all that were collected, on the last day.")),
)  # fmt: skip

