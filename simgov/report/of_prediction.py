"""The report of a prediction with what is unknown."""

from __future__ import annotations

from itertools import groupby

from simgov.calibration import Prediction
from simgov.calibration.foretold import HEADS, MOSTLY, cells, labelled, reported, told, unknown
from simgov.language import say
from simgov.report import checklist
from simgov.report.assumptions import section as assumptions
from simgov.report.made import Made, command, provenance
from simgov.report.page import Cell, Drawn, Page, Section, Table, Words
from simgov.report.pictures import drawn
from simgov.report.ranked import Ranking
from simgov.result import versions
from simgov.vocabulary import MEASURES
from simgov.words import clauses


def page(found: Prediction, lang: str, ranking: Ranking | None) -> Page:
    scenario, origin = found.policies[0].scenario, made(found)
    title = say("What is to be expected, with what is unknown: {scenario}", lang).format(scenario=scenario.title.say(lang) or scenario.name)
    outputs = clauses(dict.fromkeys(question.say(scenario, lang) for question in found.questions), lang)
    draws = say("{n} draws of the posterior", lang).format(n=len(found.numbers))
    estimation = say("draws of the posterior share their replications four by four, under common draws, so chance and ignorance are told apart by an analysis of variance within these blocks", lang)
    sections = [
        Section("picture", say("How much of each interval is ignorance", lang), [_picture(found, origin, lang)]),
        Section("rows", say("Chance and ignorance", lang), [_table(found, lang), Words(found.answer(lang).splitlines())]),
        assumptions(scenario, ranking, command("sensitivity", f"{scenario.name}.yaml"), lang),
        provenance(origin, lang),
        checklist.section(scenario, origin, lang, say("say what is to be expected, and how much of each interval is unknown", lang), outputs, estimation),
    ]
    first = next((row for row in found.rows if row.less), found.rows[0])  # of policies the difference counts
    return Page(lang, title, [*origin.about(lang), draws], [told(found, first, lang), unknown(found, lang)], sections)


def made(found: Prediction) -> Made:
    base, several = found.policies[0].scenario, len(found.policies) > 1
    changes = [word for name in base.in_force for word in ("--change", name)] if not several else []
    options = ("--posterior", "posterior.json", "--draws", len(found.numbers), "--replications", found.replications, "--seed", found.seed)
    again = command("compare" if several else "run", f"{found.name}.yaml", *changes, *options)
    digests = {"posterior.json": found.posterior.digest, **{policy.name if several else "": policy.scenario.digest for policy in found.policies}}
    return Made(base, found.replications, found.seed, found.engine.name, versions(), digests, (again,))


def _picture(found: Prediction, origin: Made, lang: str) -> Drawn:
    see = say("The more of a bar is ignorance, the more would be gained by measuring what is unknown; the rest is chance, which no measuring removes.", lang)
    of = clauses(dict.fromkeys(MEASURES[question.measure].of(lang) for question in found.questions), lang)
    return drawn(found.figure(lang), "ignorance", say("Where the spread of one window comes from", lang), see, origin.of(of, lang))


def _table(found: Prediction, lang: str) -> Table:
    """Of a study the rows of a measure stand below its name."""
    rows: list[tuple[str | Cell, ...]] = []
    for question, mine in groupby(found.rows, key=lambda row: row.question):
        measure = question.say(found.policies[0].scenario, lang)
        if len(found.policies) > 1:
            rows.append((Cell(measure),))
        for row in mine:
            label = Cell(labelled(row, lang), tone="under") if len(found.policies) > 1 else Cell(measure, reported(question, lang))
            *others, ignorance = cells(row, lang)
            rows.append((label, *others, Cell(ignorance, tone="open" if row.parts.share > MOSTLY else "")))
    note = say("value: mean over the posterior, with its Monte-Carlo error (at most); one window: 95 % of single windows, unknown numbers included; chance and ignorance: standard deviations, whose squares add up", lang)
    return Table(say("With what is unknown", lang), [say(head, lang) for head in HEADS], rows, note)
