"""The report of a calibration."""

from __future__ import annotations

from simgov.calibration import Calibration
from simgov.calibration.goals import Goal
from simgov.calibration.told import shown
from simgov.language import message, say
from simgov.report import checklist
from simgov.report.assumptions import section as assumptions
from simgov.report.made import Made, command, provenance
from simgov.report.page import Cell, Drawn, Page, Section, Table, Words
from simgov.report.pictures import drawn
from simgov.report.ranked import Ranking
from simgov.result import versions
from simgov.sensitivity import Parameter
from simgov.vocabulary import MEASURES
from simgov.words import about, clauses, number, span

TONES = {"pinned": "good", "open": "bad", "narrowed": "open"}
VERDICTS = {"pinned": message("pinned"), "narrowed": message("narrowed"), "open": message("left open")}
FAR = 1.0  # standard deviations


def page(found: Calibration, lang: str, ranking: Ranking | None) -> Page:
    scenario, origin = found.scenario, made(found)
    title = say("What the reported figures pin: {scenario}", lang).format(scenario=scenario.title.say(lang) or scenario.name)
    outputs = clauses([goal.label(scenario, lang) for goal in found.points.goals], lang)
    aims = say("fit {params} free numbers to {targets} reported figures, and say what they leave open", lang).format(params=len(found.params), targets=len(found.points.goals))
    estimation = say("{points} points of {n} replications each under common draws, and a posterior over the whole ranges", lang).format(points=len(found.points), n=found.replications)
    sections = [
        Section("targets", say("Reported and simulated", lang), [_targets(found, lang)]),
        Section("picture", say("The joint picture", lang), [_picture(found, origin, lang)]),
        Section("parameters", say("What is pinned and what is left open", lang), [_parameters(found, lang), Words(found.answer(lang).splitlines())]),
        assumptions(scenario, ranking, command("sensitivity", f"{scenario.name}.yaml"), lang),
        provenance(origin, lang),
        checklist.section(scenario, origin, lang, aims, outputs, estimation),
    ]
    points = say("{n} points simulated", lang).format(n=len(found.points))
    return Page(lang, title, [*origin.about(lang), points], answer(found, lang), sections)


def made(found: Calibration) -> Made:
    scenario = found.scenario
    free = [word for p in found.params if not _is_marked(found, p) for word in ("--free", f"{p.name}={p.written(p.low)},{p.written(p.high)}")]
    changes = [word for name in scenario.in_force for word in ("--change", name)]
    again = command("calibrate", f"{scenario.name}.yaml", *changes, "--depth", found.depth, *free, "--replications", found.replications, "--seed", found.seed)
    return Made(scenario, found.replications, found.seed, found.engine.name, versions(), {"": scenario.digest}, (again,))


def _is_marked(found: Calibration, param: Parameter) -> bool:
    origin = found.scenario.origins.get(param.paths[0])
    return origin is not None and origin.free


def answer(found: Calibration, lang: str) -> list[str]:
    """Two sentences: how well the figures are met with which numbers pinned, and which they leave open."""
    by = {verdict: [found.label(k, lang) for k, mark in enumerate(found.marks) if mark.verdict == verdict] for verdict in VERDICTS}
    far = found.targets[found.targets["misfit"].abs() > FAR]
    first = say("The fitted scenario meets {met} of {n} reported figures, and these pin {pinned} of {free} free numbers.", lang).format(
        met=len(found.targets) - len(far), n=len(found.targets), pinned=about(str(len(by["pinned"])), clauses(by["pinned"], lang), lang), free=len(found.params)
    )
    if by["open"]:
        second = say("They leave open, so that what was fitted there is no finding: {labels}.", lang).format(labels=clauses(by["open"], lang))
    elif by["narrowed"]:
        second = say("They narrow, but do not pin: {labels}.", lang).format(labels=clauses(by["narrowed"], lang))
    else:
        second = say("They leave no free number open.", lang)
    return [first, second]


def _picture(found: Calibration, origin: Made, lang: str) -> Drawn:
    see = say("On the diagonal a narrow hill is a number that the reports pin, a flat one is left open; a slanted cloud means that two are known only together.", lang)
    of = clauses(dict.fromkeys(_of(goal, lang) for goal in found.points.goals), lang)
    return drawn(found.figure(lang), "joint", say("All free numbers, alone and in pairs", lang), see, origin.of(of, lang))


def _of(goal: Goal, lang: str) -> str:
    """The denominator of a reported figure."""
    return (goal.target.of.say(lang) if goal.target.of else "") or MEASURES[goal.target.measure].of(lang)


def _targets(found: Calibration, lang: str) -> Table:
    rows = []
    for goal, row in zip(found.points.goals, found.targets.to_dict("records"), strict=True):
        far = abs(row["misfit"])
        verdict = Cell(say("met", lang), tone="good") if far <= FAR else Cell(say("missed by {far:.1f} standard deviations", lang).format(far=far), tone="bad")
        before, after = (number(row[name], goal.unit, lang) for name in ("before", "after"))
        rows.append((Cell(goal.label(found.scenario, lang), _of(goal, lang)), goal.reported(lang), before, after, span(row["low"], row["high"], row["after"], goal.unit, lang), verdict))
    head = (say("measure", lang), say("reported", lang), say("with the file's values", lang), say("fitted", lang), say("over the posterior, 90 %", lang), say("verdict", lang))
    return Table(say("Reported figures and what comes out", lang), head, rows, words=(0, 5))


def _parameters(found: Calibration, lang: str) -> Table:
    rows = []
    for k, (param, mark) in enumerate(zip(found.params, found.marks, strict=True)):
        told = param.told(lang)
        low, median, high, value = (shown(param, x, lang) for x in (mark.low, mark.median, mark.high, found.fitted[param]))
        verdict = Cell(say(VERDICTS[mark.verdict], lang), say("{left} of the range is left", lang).format(left=f"{mark.left:.0%}"), TONES[mark.verdict])
        rows.append((Cell(found.label(k, lang), code=param.name), told["base"], f"{told['low']} – {told['high']}", value, f"{median} ({low} – {high})", verdict))
    head = (say("free number", lang), say("in the file", lang), say("range", lang), say("best fit", lang), say("median (90 % interval)", lang), say("verdict", lang))
    return Table(say("The free numbers", lang), head, rows, words=(0, 5))
