"""What a search for staffing found, in sentences; what decides comes first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov import words
from simgov.language import message, say
from simgov.staffing.judge import FAILS, MEETS
from simgov.staffing.judge import missed as most_missed
from simgov.vocabulary import MEASURES
from simgov.words import clauses, listed, number, prose, row_label

if TYPE_CHECKING:
    from simgov.staffing.assumptions import End
    from simgov.staffing.found import Staffed
    from simgov.staffing.model import Goal

CHOSEN = {
    "sure": message("The cheapest of {n} candidates that meets the goals is “{name}”, with a confidence of {confidence}: {cost}, {goals}."),
    "seems": message("Which is the cheapest cannot be told with a confidence of {confidence} after {replications} replications: it may be {open}. The cheapest that seems to meet the goals is “{name}”: {cost}, {goals}."),
    "none": message("None of the {n} candidates meets the goals; nearest comes “{name}”: {cost}, {goals}."),
}
MOST_TOLD = 3


def sentences(found: Staffed, lang: str = "en") -> str:
    """What decides, who is chosen and how sure that is, what it takes, and what the next cheaper would lack."""
    return prose(_sentences(found, lang), lang)


def _sentences(found: Staffed, lang: str) -> Iterator[str]:
    yield from _decides(found, lang)
    yield _chosen(found, lang)
    if (k := found.standing.leading) is not None:
        yield _price(found, k, lang)
        yield from _as_cheap(found, k, lang)
        yield from _cheaper(found, k, lang)
    if found.combinations > found.file.search.every:
        yield say("The levers make {all} combinations; {tried} were tried, so what is said holds among the {n} candidates that came of it.", lang).format(all=f"{found.combinations:,}", tried=found.file.search.tries, n=len(found.candidates))
    yield from _rest(found, lang)


def _decides(found: Staffed, lang: str) -> Iterator[str]:
    sure = [end for end in found.ends if end.changes and end.sure]
    if sure:
        ends = [_end(found, end, lang) for end in sure[:MOST_TOLD]]
        ends += [say("and so at {n} more ends of assumed ranges", lang).format(n=len(sure) - MOST_TOLD)] if len(sure) > MOST_TOLD else []
        yield say("An assumption decides this: {ends}.", lang).format(ends=clauses(ends, lang))


def _end(found: Staffed, end: End, lang: str) -> str:
    p = end.parameter
    chosen = say("none of its rivals that were judged meets all goals", lang) if end.chosen is None else say("“{name}” would be chosen", lang).format(name=found.candidates[end.chosen].say(lang))
    assert found.chosen is not None
    goals = listed((goal_label(found, found.goals[g], lang) for g in end.missed), lang)
    about = {"label": p.label(found.chosen.scenario, lang), "value": p.shown(end.value, lang), "base": p.shown(p.base, lang), "goals": goals, "chosen": chosen}
    if goals:
        return say("with {label} at {value} instead of {base}, it would miss the goal for {goals}, and {chosen}", lang).format(**about)
    return say("with {label} at {value} instead of {base}, {chosen}", lang).format(**about)


def _chosen(found: Staffed, lang: str) -> str:
    s = found.standing
    names = [f"“{found.candidates[k].say(lang)}”" for k in s.open[:6]] + (["…"] if len(s.open) > 6 else [])
    about = {
        "n": len(found.candidates), "confidence": f"{found.file.confidence * 100:g}%", "open": listed(names, lang),
        "replications": max(len(sample.cost) for sample in found.samples),
    }  # fmt: skip
    if s.leading is None and s.open:
        return say("No candidate seems to meet the goals, but after {replications} replications it cannot be ruled out for {open}.", lang).format(**about)
    k = s.leading if s.leading is not None else _nearest(found)
    about |= {"name": found.candidates[k].say(lang), "cost": say("{cost} a year", lang).format(cost=cost(found, k, lang)), "goals": _goals(found, k, lang)}
    return say(CHOSEN["none" if s.leading is None else "sure" if s.chosen is not None else "seems"], lang).format(**about)


def _nearest(found: Staffed) -> int:
    return min(range(len(found.samples)), key=lambda k: most_missed(found.samples[k], found.goals))


def _price(found: Staffed, k: int, lang: str) -> str:
    team, evenings = found.evenings(k)
    label = found.candidates[k].scenario.label("teams", team, lang)
    said = say("{n} evenings on duty or at work per person and month in the team that has most ({team})", lang).format(n=number(evenings, "count", lang), team=label) if team else say("no evenings", lang)
    return say("It takes {unpaid} a year of unpaid people, and {evenings}.", lang).format(unpaid=number(found.unpaid(k), "hours", lang), evenings=said)


def _as_cheap(found: Staffed, k: int, lang: str) -> Iterator[str]:
    """Other candidates that surely meet the goals at practically the same cost."""
    costs = [float(sample.cost.mean()) for sample in found.samples]
    near = found.rule.near(costs[k])
    some = [found.candidates[j].say(lang) for j, cost in enumerate(costs) if j != k and found.standing.verdicts[j] == MEETS and abs(cost - costs[k]) <= near]
    if some:
        names = listed([f"“{name}”" for name in some[:MOST_TOLD]] + ["…"] * (len(some) > MOST_TOLD), lang)
        yield say("At practically the same cost (within {margin} a year) the goals are met with {names}, too.", lang).format(margin=number(near, unit_of_cost(found), lang), names=names)


def _cheaper(found: Staffed, k: int, lang: str) -> Iterator[str]:
    """Of the cheaper candidates that surely miss a goal the one that misses it least."""
    costs = [float(sample.cost.mean()) for sample in found.samples]
    some = [j for j in range(len(costs)) if costs[j] < costs[k] and found.standing.verdicts[j] == FAILS]
    if some:
        j = min(some, key=lambda j: (most_missed(found.samples[j], found.goals), costs[j]))
        missed = [g for g, goal in enumerate(found.goals) if goal.sign * (found.samples[j].goals[g].value - goal.bound) < 0]
        yield say("“{name}” would save {gap} a year, and misses: {goals}.", lang).format(
            name=found.candidates[j].say(lang), gap=number(costs[k] - costs[j], unit_of_cost(found), lang), goals=_goals(found, j, lang, missed or None)
        )


def _rest(found: Staffed, lang: str) -> Iterator[str]:
    judged = [end for end in found.ends if not end.why]
    may = sum(end.changes and not end.sure for end in judged)
    if may:
        yield say("At {n} of {all} ends of assumed ranges the choice may change, but that is not sure.", lang).format(n=may, all=len(judged))
    elif judged and not any(end.changes for end in judged):
        yield say("It stays the same at both ends of each of {n} assumed ranges, moved one at a time.", lang).format(n=len({end.parameter for end in judged}))


def _goals(found: Staffed, k: int, lang: str, only: list[int] | None = None) -> str:
    about = (
        {"label": goal_label(found, goal, lang), "value": number(found.samples[k].goals[g].value, unit(goal), lang), "bound": bound(goal, lang)}
        for g, goal in enumerate(found.goals)
        if only is None or g in only
    )
    return listed((say("{label} {value} (asked: {bound})", lang).format(**one) for one in about), lang)


def bound(goal: Goal, lang: str) -> str:
    """At least, or at most, so much."""
    at_least = goal.sign > 0
    return words.bound(goal.bound if at_least else None, None if at_least else goal.bound, unit(goal), lang)


def cost(found: Staffed, k: int, lang: str) -> str:
    return number(float(found.samples[k].cost.mean()), unit_of_cost(found), lang)


def unit_of_cost(found: Staffed) -> str:
    return MEASURES[found.costs[0].measure].unit


def unit(goal: Goal) -> str:
    return MEASURES[goal.measure].unit


def goal_label(found: Staffed, goal: Goal, lang: str) -> str:
    """A goal in the words of the file, or of its measure."""
    return (goal.label.say(lang) if goal.label else "") or row_label(found.candidates[0].scenario, goal.key, lang)
