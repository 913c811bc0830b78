"""The STRESS-DES checklist (Monks et al. 2019, Journal of Simulation 13(1)), filled in from scenario and provenance; what simgov cannot know is left open."""

from __future__ import annotations

from collections.abc import Iterator

from simgov.language import say
from simgov.report.assumptions import counted
from simgov.report.made import Made
from simgov.report.page import Cell, Section, Table, Words
from simgov.scenario import Scenario
from simgov.sensitivity import parameters
from simgov.vocabulary import MEASURES
from simgov.words import about, clauses, duration, listed

Row = tuple[str | Cell, ...]


def section(scenario: Scenario, made: Made, lang: str, aims: str = "", outputs: str = "", estimation: str = "") -> Section:
    """`aims`, `outputs`, `estimation`: what a study or a calibration adds to those of a run."""
    groups = (
        (say("1 Objectives", lang), _objectives(scenario, lang, aims, outputs)),
        (say("2 Logic", lang), _logic(scenario, lang)),
        (say("3 Data", lang), _data(scenario, lang)),
        (say("4 Experimentation", lang), _experimentation(scenario, made, lang, estimation)),
        (say("5 Implementation", lang), _implementation(made, lang)),
        (say("6 Code access", lang), _access(lang)),
    )
    rows: list[Row] = []
    for title, items in groups:
        rows += [(Cell(title),), *items]
    words = say("What a reader needs to judge the simulation and repeat it: the checklist STRESS-DES (Monks et al. 2019), filled in from the scenario. What the scenario does not say is marked for the author.", lang)
    title = say("STRESS-DES checklist", lang)
    return Section("checklist", title, [Words([words]), Table(title, (say("item", lang), say("in this model", lang)), rows, words=(0, 1))])


def _open(text: str, lang: str) -> Cell:
    return Cell(say("to be added by the author", lang), text, "open")


def _labels(scenario: Scenario, part: str, lang: str) -> str:
    return clauses([scenario.label(part, name, lang) for name in getattr(scenario, part)], lang)


def _objectives(scenario: Scenario, lang: str, aims: str, outputs: str) -> Iterator[Row]:
    purpose = scenario.description.say(lang)
    yield say("1.1 Purpose of the model", lang), Cell("", quoted=purpose) if purpose else _open(say("the scenario has no description", lang), lang)
    targets = [MEASURES[name].label(lang) for name in dict.fromkeys(target.measure for target in scenario.targets)]
    reported = say("held against reported figures: {measures}", lang).format(measures=clauses(targets, lang)) if targets else ""
    yield say("1.2 Model outputs", lang), Cell(outputs or say("{n} measures, each with its denominator; defined in the table of measures", lang).format(n=len(MEASURES)), reported)
    variants = [scenario.label("changes", name, lang) for name in scenario.in_force]
    yield say("1.3 Aims of experimentation", lang), aims or (say("one scenario, with {changes}", lang).format(changes=clauses(variants, lang)) if variants else say("one scenario as it stands", lang))


def _logic(scenario: Scenario, lang: str) -> Iterator[Row]:
    levels = [about(scenario.label("levels", name, lang), f"{scenario.levels[name].count:,}", lang) for name in scenario.levels]
    if scenario.nodes:
        levels = [scenario.label("levels", name, lang) for name in scenario.levels]
    yield say("2.1 Overview of the model", lang), Cell(say("levels: {levels}", lang).format(levels=listed(levels, lang)), say("stages in order: {stages}", lang).format(stages=_labels(scenario, "stages", lang)))
    yield say("2.2 Logic of the base model", lang), say("discrete events in whole seconds; an instant is settled first, then people are assigned in the order of priority, entry, incident (docs/model.md, section 3)", lang)
    yield say("2.3 Logic of scenarios", lang), _labels(scenario, "changes", lang) or say("the scenario states no changes", lang)
    yield say("2.4 Algorithms", lang), say("chances of closing in log-odds with difficulty, skill and span of leaders; opening hours on real dates with public holidays", lang)
    background = [scenario.label("classes", name, lang) for name, cls in scenario.classes.items() if cls.background]
    entities = clauses([scenario.label("classes", name, lang) for name, cls in scenario.classes.items() if not cls.background], lang)
    yield say("2.5.1 Entities", lang), Cell(entities, say("background duties: {classes}", lang).format(classes=clauses(background, lang)) if background else "")
    yield say("2.5.2 Activities", lang), say("{n} stages, each with who works, opening of gates, waits, work, lead times and dues", lang).format(n=len(scenario.stages))
    yield say("2.5.3 Resources", lang), _labels(scenario, "teams", lang)
    yield say("2.5.4 Queues", lang), say("one for each team at each place; lower priority numbers first, then first come, first served; nobody is interrupted by more urgent work", lang)
    ends = _labels(scenario, "ends", lang)
    entries = [scenario.label("stages", name, lang) for name in dict.fromkeys(name for cls in scenario.classes.values() for name in cls.enters)]
    exits = clauses([say("closed", lang), *([ends] if ends else []), say("open at the census", lang)], lang)
    yield say("2.5.5 Entry and exit points", lang), Cell(say("enter at: {stages}", lang).format(stages=clauses(entries, lang)), say("leave as: {ends}", lang).format(ends=exits))


def _data(scenario: Scenario, lang: str) -> Iterator[Row]:
    yield say("3.1 Data sources", lang), Cell(counted(scenario, lang), say("facts are listed in {file}", lang).format(file=scenario.facts) if scenario.facts else "")
    yield say("3.2 Preparation of data", lang), _open(say("simgov does not know how figures were taken from the sources", lang), lang)
    yield say("3.3 Input parameters", lang), say("in the scenario file, each with its origin; `simgov explain --numbers` lists all", lang)
    yield say("3.4 Assumptions", lang), say("{n} with a range are listed above", lang).format(n=len(parameters([scenario])))


def _experimentation(scenario: Scenario, made: Made, lang: str, estimation: str) -> Iterator[Row]:
    warm = say("warm-up of {time}, cut from all measures", lang).format(time=duration(scenario.warm_up, lang)) if scenario.warm_up else say("no warm-up: the window begins empty on its first day", lang)
    yield say("4.1 Initialisation", lang), warm
    start, end = made.window
    yield say("4.2 Run length", lang), say("{start} to {end} ({days} days)", lang).format(start=start, end=end, days=scenario.days)
    intervals = estimation or say("ratios are pooled over replications, with 95 % intervals from their spread", lang)
    yield say("4.3 Estimation", lang), Cell(say("{n} independent replications", lang).format(n=made.replications), intervals)


def _implementation(made: Made, lang: str) -> Iterator[Row]:
    yield say("5.1 Software", lang), listed([f"{name} {made.versions[name]}" for name in ("simgov", "python", "simpy", "numba", "numpy") if name in made.versions], lang)
    yield say("5.2 Random sampling", lang), say("seed {seed}; counter-based streams, addressed by incident and purpose, so that policies with one seed meet the same incidents", lang).format(seed=made.seed)
    yield say("5.3 Execution", lang), say("engine {engine}; event by event, queues walked in a fixed order; roots and replications run apart from each other", lang).format(engine=made.engine)
    yield say("5.4 System", lang), _open(say("processor and memory are not recorded; results do not depend on them", lang), lang)


def _access(lang: str) -> Iterator[Row]:
    yield say("6.1 Sharing of the model", lang), _open(say("simgov is open source (MIT licence); say where this scenario is published", lang), lang)
