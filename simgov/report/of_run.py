"""The report of a run."""

from __future__ import annotations

from simgov.language import say
from simgov.report import checklist
from simgov.report.assumptions import section as assumptions
from simgov.report.made import Made, command, provenance
from simgov.report.measured import judged, measures, target_label, targets
from simgov.report.page import Page, Section, Words
from simgov.report.pictures import pictures, row
from simgov.report.ranked import Ranking
from simgov.result import Result
from simgov.targets import MISSED
from simgov.words import closed_word, listed, number, span


def page(result: Result, lang: str, ranking: Ranking | None) -> Page:
    scenario, about = result.scenario, made(result)
    sections = [
        Section("reported", say("Reported and simulated", lang), [Words([text]) for text in [judged(result, lang)] if text] + ([targets(result, lang)] if len(result.targets) else [Words([_unreported(lang)])])),
        Section("pictures", say("Pictures", lang), list(pictures(result, about, lang))),
        Section("measures", say("Measures", lang), list(measures(result, lang))),
        assumptions(scenario, ranking, command("sensitivity", f"{scenario.name}.yaml", *_changes(result)), lang),
        provenance(about, lang),
        checklist.section(scenario, about, lang),
    ]
    return Page(lang, scenario.title.say(lang) or scenario.name, about.about(lang), answer(result, lang), sections)


def made(result: Result) -> Made:
    scenario = result.scenario
    again = (command("run", f"{scenario.name}.yaml", *_changes(result), "--replications", result.replications, "--seed", result.seed), "python -c 'import simgov; simgov.again(\"result.json\")'")
    return Made(scenario, result.replications, result.seed, result.engine.name, result.provenance["versions"], {"": scenario.digest}, again)


def _changes(result: Result) -> list[str]:
    return [word for name in result.scenario.in_force for word in ("--change", name)]


def _unreported(lang: str) -> str:
    return say("The scenario states no reported figure to hold this against.", lang)


# ── the answer ──────────────────────────────────────────────────────────────────────────────────────


def answer(result: Result, lang: str) -> list[str]:
    """Two sentences: how much is closed, by both counts; then what is missed, or what the rule against waiting overnight buys and costs, or what is met."""
    return [_closed(result, lang), _missed(result, lang) or _overnight(result, lang) or judged(result, lang) or _unreported(lang)]


def _closed(result: Result, lang: str) -> str:
    headline, cohort, period = row(result, "headline_closure"), row(result, "cohort_closure", days=7), result.scenario.period
    if headline is None or not headline["denominator"] > 0:
        return say("From {start} to the census on {end} no incident was collected.", lang).format(start=period.start, end=period.end)
    chance = say(" ({range} in 95 of 100 such windows)", lang).format(range=span(headline["from"], headline["to"], headline["value"], "share", lang)) if result.replications > 1 else ""
    text = say("Of {n} incidents collected from {start} to the census on {end}, {headline} had been {closed} by then{chance}", lang).format(
        n=f"{headline['denominator']:,.0f}", start=period.start, end=period.end, headline=number(headline["value"], "share", lang), closed=closed_word(result.scenario, lang), chance=chance
    )
    if cohort is None or not cohort["denominator"] > 0:
        return say("{text}; the window is too short to say what is closed within 7 days.", lang).format(text=text)
    return say("{text}; of the {n} found at least 7 days before it, {cohort} were closed within 7 days of being found.", lang).format(
        text=text, cohort=number(cohort["value"], "share", lang), n=f"{cohort['denominator']:,.0f}"
    )


def _missed(result: Result, lang: str) -> str:
    """Reported figures that are surely missed; soft ones stand in the table only."""
    told = zip(result.scenario.targets, result.targets["verdict"], strict=True) if len(result.targets) else ()
    labels = [target_label(result.scenario, target, lang) for target, verdict in told if verdict == MISSED and target.kind != "soft"]
    if not labels:
        return ""
    text = say("The model does not give what was reported: {missed} of {n} reported figures are missed ({labels}).", lang)
    return text.format(missed=len(labels), n=len(result.targets), labels=listed(labels, lang))


def _overnight(result: Result, lang: str) -> str:
    """What is assessed by midnight, and the presence that it takes; empty where nobody is on duty and no rule is in force."""
    scenario, table = result.scenario, result.measures
    same_day = table[(table["measure"] == "same_day_triage") & (table["denominator"] > 0)]
    presence, overtime, work = (table[table["measure"] == name]["value"].sum() for name in ("off_hours_presence", "overtime_hours", "off_hours_triage_work"))
    if not len(same_day) or not presence > 0 or not (scenario.in_force or any(team.duty for team in scenario.teams.values())):
        return ""
    most = same_day.loc[same_day["denominator"].idxmax()]
    rules = listed([scenario.label("changes", name, lang) for name in scenario.in_force], lang)
    lead = say("Under “{rules}”", lang).format(rules=rules) if rules else say("With the duty hours of the scenario", lang)
    return say("{lead}, {share} of assessments at the level “{level}” are done by midnight of the day they came; all teams together are present {presence} a year outside regular hours, {overtime} of it overtime and {work} of it assessment work.", lang).format(
        lead=lead, share=number(most["value"], "share", lang), level=scenario.label("levels", most["level"], lang), presence=number(presence, "hours", lang), overtime=number(overtime, "hours", lang), work=number(work, "hours", lang)
    )  # fmt: skip
