"""Where the numbers of a scenario come from, and its assumptions with their ranges."""

from __future__ import annotations

from collections import Counter

from simgov.errors import dotted
from simgov.language import message, say
from simgov.report.page import Cell, Section, Table, Words
from simgov.report.ranked import Ranking
from simgov.scenario import Scenario
from simgov.scenario.origins import origin_of
from simgov.sensitivity import Parameter, parameters
from simgov.sources import facts_of, kind_of, numbers
from simgov.vocabulary import MEASURES
from simgov.words import change, clauses

COUNTED = {
    "source": message("{n} are reported by the sources"),
    "follows": message("{n} follow from what sources report"),
    "outside": message("{n} come from elsewhere"),
    "assumption": message("{n} are assumptions"),
    "no origin": message("{n} have no stated origin"),
}
OPEN = 12  # rows of a table that need not be unfolded


def section(scenario: Scenario, ranking: Ranking | None, unranked: str, lang: str) -> Section:
    """`unranked`: the command that would rank them."""
    return Section("assumptions", say("Assumptions", lang), [Words([counted(scenario, lang), _order(ranking, unranked, lang)]), *_with_range(scenario, ranking, lang), *_without(scenario, lang)])


def counted(scenario: Scenario, lang: str) -> str:
    """How many numbers come from where."""
    facts = facts_of(scenario)
    kinds = Counter(kind_of(path, value, scenario, facts) for path, value in numbers(scenario).items())
    parts = [say(words, lang).format(n=kinds[kind]) for kind, words in COUNTED.items() if kinds[kind]]
    text = say("Of {n} numbers and calendars of the scenario {parts}.", lang)
    return text.format(n=sum(kinds.values()), parts=clauses(parts, lang))


def _order(ranking: Ranking | None, unranked: str, lang: str) -> str:
    if ranking is not None:
        return say("The first ones matter most: this is their order in a sensitivity analysis of “{measure}” with {n} simulations.", lang).format(
            measure=ranking.measure[lang], n=f"{ranking.simulations:,}"
        )
    return say("Nobody has ranked them yet: they stand in the order of the file, and the first is not the most important. This would rank them: {command}", lang).format(command=unranked)


def _with_range(scenario: Scenario, ranking: Ranking | None, lang: str) -> list[Table]:
    params = parameters([scenario])
    if not params:
        return []
    if ranking is not None:
        params = sorted(params, key=lambda p: ranking.place(p.name))
    head = [say("assumption", lang), say("assumed", lang), say("range", lang)]
    head += [say("share of variance", lang), say("size of the change", lang)] if ranking is not None else []
    rows = [_row(scenario, p, ranking, lang) for p in params]
    head.append(say("what it is based on", lang))
    title = say("{n} assumptions with a range", lang).format(n=len(rows))
    return [Table(title, head, rows, words=(0, len(head) - 1), folded=len(rows) > OPEN and ranking is None)]


def _row(scenario: Scenario, param: Parameter, ranking: Ranking | None, lang: str) -> tuple[str | Cell, ...]:
    told = param.told(lang)
    cells: list[str | Cell] = [Cell(param.label(scenario, lang), code=param.name), told["base"], f"{told['low']} – {told['high']}"]
    if ranking is not None:
        row = ranking.rows.get(param.name)
        share = f"{min(row['total'], 1):.0%}" if row and row["total"] == row["total"] else ""
        strength = change(row["strength"], MEASURES[ranking.of].unit, lang).lstrip("+") if row else ""
        less = say("less than chance does", lang) if row and not row["matters"] else ""
        cells += [share, Cell(strength, less)]
    return (*cells, Cell("", quoted=param.noted(lang)))


def _without(scenario: Scenario, lang: str) -> list[Table]:
    """Assumptions for which somebody gives a reason and no range, such as opening hours."""
    rows = []
    for path, value in numbers(scenario).items():
        origin = origin_of(path, scenario.origins)
        if origin is not None and origin.kind == "assumption" and not isinstance(origin.says, list):
            label = Parameter((path,), 0, 0, 0).label(scenario, lang)
            rows.append((Cell(label, code=dotted(path)), Cell("", quoted=str(value)), Cell("", quoted=f"{origin.reason(lang)} {origin.noted(lang)}".strip())))
    if not rows:
        return []
    head = (say("assumption", lang), say("assumed", lang), say("what it is based on", lang))
    return [Table(say("{n} assumptions without a range", lang).format(n=len(rows)), head, rows, words=(0, 1, 2), folded=True)]
