"""What a search for staffing found, in sentences; what decides comes first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov.staffing.judge import FAILS
from simgov.staffing.judge import missed as most_missed
from simgov.vocabulary import MEASURES
from simgov.words import number, row_label

if TYPE_CHECKING:
    from simgov.staffing.assumptions import End
    from simgov.staffing.found import Staffed
    from simgov.staffing.model import Goal

SAYS = {
    "en": {
        "decides": "An assumption decides this: {ends}.",
        "end": "with {label} at {value} instead of {base}, {missed}{chosen}",
        "misses": "it would miss the goal for {goals}, and ",
        "end other": "“{name}” would be chosen",
        "end none": "none of its rivals that were judged meets all goals",
        "more": "and so at {n} more ends of assumed ranges",
        "sure": "The cheapest of {n} candidates that meets the goals is “{name}”, with a confidence of {confidence}: {cost}, {goals}.",
        "seems": "Which is the cheapest cannot be told with a confidence of {confidence} after {replications} replications: it may be {open}. The cheapest that seems to meet the goals is “{name}”: {cost}, {goals}.",
        "open": "No candidate seems to meet the goals, but after {replications} replications it cannot be ruled out for {open}.",
        "none": "None of the {n} candidates meets the goals; nearest comes “{name}”: {cost}, {goals}.",
        "goal": "{label} {value} (asked: {bound})",
        "least": "at least {value}",
        "most": "at most {value}",
        "cost": "{cost} a year",
        "price": "It takes {unpaid} a year of unpaid people, and {evenings}.",
        "evenings": "{n} evenings on duty per person and month in the team that has most ({team})",
        "no evenings": "no evenings on duty",
        "cheaper": "“{name}” would save {gap} a year, and misses: {goals}.",
        "searched": "The levers make {all} combinations; {tried} were tried, so what is said holds among the {n} candidates that came of it.",
        "may": "At {n} of {all} ends of assumed ranges the choice may change, but that is not sure.",
        "firm": "It stays the same at both ends of each of {n} assumed ranges, moved one at a time.",
        "and": "; ",
        "comma": ", ",
        "quote": "“{}”",
        "join": " ",
    },
    "zh": {
        "decides": "结论取决于一项假设：{ends}。",
        "end": "若{label}由{base}改为{value}，{missed}{chosen}",
        "misses": "则达不到{goals}的要求，",
        "end other": "应选“{name}”",
        "end none": "重新评判的方案都达不到目标",
        "more": "另有{n}个范围端点也会改变结论",
        "sure": "{n}个方案中，达到目标且成本最低的是“{name}”（置信度{confidence}）：{cost}，{goals}。",
        "seems": "{replications}次重复后，尚不能以{confidence}的置信度判定哪个成本最低，可能是{open}。看来能达到目标且成本最低的是“{name}”：{cost}，{goals}。",
        "open": "没有方案看来能达到目标，但{replications}次重复后尚不能排除{open}。",
        "none": "{n}个方案都达不到目标；最接近的是“{name}”：{cost}，{goals}。",
        "goal": "{label}{value}（要求{bound}）",
        "least": "至少{value}",
        "most": "至多{value}",
        "cost": "每年{cost}",
        "price": "为此每年需无报酬人员投入{unpaid}，{evenings}。",
        "evenings": "值守最多的队伍（{team}）人均每月{n}晚",
        "no evenings": "无人值守晚间",
        "cheaper": "“{name}”每年可再省{gap}，但达不到：{goals}。",
        "searched": "各选项共有{all}种组合，试算了{tried}种；以上结论限于由此得出的{n}个方案。",
        "may": "{all}个假设范围端点中，有{n}个可能改变结论，但不能确定。",
        "firm": "{n}项假设逐一取范围两端，结论不变。",
        "and": "；",
        "comma": "、",
        "quote": "“{}”",
        "join": "",
    },
}
MOST_TOLD = 3


def sentences(found: Staffed, lang: str = "en") -> str:
    """What decides, who is chosen and how sure that is, what it takes, and what the next cheaper would lack."""
    return SAYS[lang]["join"].join(_sentences(found, lang))


def _sentences(found: Staffed, lang: str) -> Iterator[str]:
    says = SAYS[lang]
    yield from _decides(found, lang)
    yield _chosen(found, lang)
    if (k := found.standing.leading) is not None:
        yield _price(found, k, lang)
        yield from _cheaper(found, k, lang)
    if found.combinations > found.file.search.every:
        yield says["searched"].format(all=f"{found.combinations:,}", tried=found.file.search.tries, n=len(found.candidates))
    yield from _rest(found, lang)


def _decides(found: Staffed, lang: str) -> Iterator[str]:
    says = SAYS[lang]
    sure = [end for end in found.ends if end.changes and end.sure]
    if sure:
        ends = [_end(found, end, lang) for end in sure[:MOST_TOLD]]
        ends += [says["more"].format(n=len(sure) - MOST_TOLD)] if len(sure) > MOST_TOLD else []
        yield says["decides"].format(ends=says["and"].join(ends))


def _end(found: Staffed, end: End, lang: str) -> str:
    says, p = SAYS[lang], end.parameter
    chosen = says["end none"] if end.chosen is None else says["end other"].format(name=found.candidates[end.chosen].say(lang))
    assert found.chosen is not None
    goals = says["comma"].join(goal_label(found, found.goals[g], lang) for g in end.missed)
    missed = says["misses"].format(goals=goals) if goals else ""
    return says["end"].format(missed=missed, label=p.label(found.chosen.scenario, lang), value=p.shown(end.value, lang), base=p.shown(p.base, lang), chosen=chosen)


def _chosen(found: Staffed, lang: str) -> str:
    says, s = SAYS[lang], found.standing
    names = [says["quote"].format(found.candidates[k].say(lang)) for k in s.open[:6]] + (["…"] if len(s.open) > 6 else [])
    about = {
        "n": len(found.candidates), "confidence": f"{found.file.confidence * 100:g}%", "open": says["comma"].join(names),
        "replications": max(len(sample.cost) for sample in found.samples),
    }  # fmt: skip
    if s.leading is None and s.open:
        return says["open"].format(**about)
    k = s.leading if s.leading is not None else _nearest(found)
    about |= {"name": found.candidates[k].say(lang), "cost": says["cost"].format(cost=cost(found, k, lang)), "goals": _goals(found, k, lang)}
    return says["none" if s.leading is None else "sure" if s.chosen is not None else "seems"].format(**about)


def _nearest(found: Staffed) -> int:
    return min(range(len(found.samples)), key=lambda k: most_missed(found.samples[k], found.goals))


def _price(found: Staffed, k: int, lang: str) -> str:
    says, (team, evenings) = SAYS[lang], found.evenings(k)
    label = found.candidates[k].scenario.label("teams", team, lang)
    said = says["evenings"].format(n=number(evenings, "count", lang), team=label) if team else says["no evenings"]
    return says["price"].format(unpaid=number(found.unpaid(k), "hours", lang), evenings=said)


def _cheaper(found: Staffed, k: int, lang: str) -> Iterator[str]:
    """Of the cheaper candidates that surely miss a goal the one that misses it least."""
    costs = [float(sample.cost.mean()) for sample in found.samples]
    some = [j for j in range(len(costs)) if costs[j] < costs[k] and found.standing.verdicts[j] == FAILS]
    if some:
        j = min(some, key=lambda j: (most_missed(found.samples[j], found.goals), costs[j]))
        missed = [g for g, goal in enumerate(found.goals) if goal.sign * (found.samples[j].goals[g].value - goal.bound) < 0]
        yield SAYS[lang]["cheaper"].format(
            name=found.candidates[j].say(lang), gap=number(costs[k] - costs[j], unit_of_cost(found), lang), goals=_goals(found, j, lang, missed or None)
        )


def _rest(found: Staffed, lang: str) -> Iterator[str]:
    says, judged = SAYS[lang], [end for end in found.ends if not end.why]
    may = sum(end.changes and not end.sure for end in judged)
    if may:
        yield says["may"].format(n=may, all=len(judged))
    elif judged and not any(end.changes for end in judged):
        yield says["firm"].format(n=len({end.parameter for end in judged}))


def _goals(found: Staffed, k: int, lang: str, only: list[int] | None = None) -> str:
    says = SAYS[lang]
    return says["comma"].join(
        says["goal"].format(label=goal_label(found, goal, lang), value=_gap(lang) + number(found.samples[k].goals[g].value, unit(goal), lang), bound=bound(goal, lang))
        for g, goal in enumerate(found.goals)
        if only is None or g in only
    )


def _gap(lang: str) -> str:
    return "" if lang == "en" else "："


def bound(goal: Goal, lang: str) -> str:
    """At least, or at most, so much."""
    return SAYS[lang]["least" if goal.sign > 0 else "most"].format(value=number(goal.bound, unit(goal), lang))


def cost(found: Staffed, k: int, lang: str) -> str:
    return number(float(found.samples[k].cost.mean()), unit_of_cost(found), lang)


def unit_of_cost(found: Staffed) -> str:
    return MEASURES[found.costs[0].measure].unit


def unit(goal: Goal) -> str:
    return MEASURES[goal.measure].unit


def goal_label(found: Staffed, goal: Goal, lang: str) -> str:
    """A goal in the words of the file, or of its measure."""
    return (goal.label.say(lang) if goal.label else "") or row_label(found.candidates[0].scenario, goal.key, lang)
