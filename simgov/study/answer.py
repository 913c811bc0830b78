"""What a study found, in sentences for somebody who reads no tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simgov.language import message, say
from simgov.study.verdict import SURE
from simgov.vocabulary import MEASURES
from simgov.words import bound, change, interval_of_change, listed, number, prose, row_label, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from simgov.study.comparison import Comparison
    from simgov.study.model import Asked

SAID = {  # of a difference, of a bound
    "more": message("With “{policy}” it is {by} higher ({interval})."),
    "less": message("With “{policy}” it is {by} lower ({interval})."),
    "cannot tell": message("Between “{policy}” and “{base}” {n} replications cannot tell a difference ({interval})."),
    "practically equal": message("With “{policy}” it is practically equal: the difference is smaller than {margin} ({interval})."),
    "the same": message("With “{policy}” it is the same in every replication."),
    "does not apply": message("With “{policy}” there is nothing to compare: it or the base has no value."),
    "meets it": message("{bound} is reached with {policies}."),
    "fails it": message("It is not reached with {policies}."),
    "not sure": message("Whether it is reached cannot be told for {policies}."),
}
LEAST = {  # of money or not, by one policy or several: what costs least is not best for that alone
    (True, True): message("The cheapest is {policies}."),
    (True, False): message("The cheapest is among {policies}."),
    (False, True): message("It is least with {policies}."),
    (False, False): message("It is least with one of {policies}."),
}
FOREMOST = {"best": (message("best"), message("may be best")), "cheapest": (message("cheapest"), message("may be cheapest")), "least": (message("least"), message("may be least"))}
MOST_TOLD = 6  # policies of which each gets a sentence of its own


def sentences(comparison: Comparison, lang: str = "en") -> str:
    """About the measure that decides: its value in the base, the differences to it, its bound, and the best; and the bounds of the others."""
    told = [*_sentences(comparison, comparison.asked[0], lang)]
    for number_, asked in enumerate(comparison.asked[1:], 1):
        told += _other_bound(comparison, number_, asked, lang)
    return prose((_capital(sentence) for sentence in told), lang)


def _other_bound(comparison: Comparison, number_: int, asked: Asked, lang: str) -> Iterator[str]:
    values = comparison.values[comparison.values["asked"] == number_].set_index("policy")
    if said := prose(_bound(asked, values["bound"].to_dict(), _names(comparison, lang), lang), lang):
        yield say("{measure}: {bound}", lang).format(measure=label(comparison, asked, lang), bound=said)


def _names(comparison: Comparison, lang: str) -> dict[str, str]:
    return {policy.name: policy.say(lang) for policy in comparison.study.policies}


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _sentences(comparison: Comparison, asked: Asked, lang: str) -> Iterator[str]:
    unit = MEASURES[asked.measure].unit
    names = _names(comparison, lang)
    values = comparison.values[comparison.values["asked"] == 0].set_index("policy")
    base = comparison.study.base
    yield say("{measure}: {value} with “{base}”.", lang).format(measure=label(comparison, asked, lang), value=number(values["value"].iloc[0], unit, lang), base=base.say(lang))
    differences = comparison.differences[comparison.differences["asked"] == 0]
    told = differences if len(differences) <= MOST_TOLD else _foremost(differences)
    for row in told.to_dict("records"):
        by, margin = (change(row[key], unit, lang).lstrip("+−") for key in ("difference", "margin"))
        interval = interval_of_change(asked.measure, row["low"], row["high"], row["difference"], lang)
        interval = interval if row["verdict"] in SURE else with_unit(interval, unit, lang)
        yield say(SAID[row["verdict"]], lang).format(policy=names[row["policy"]], base=base.say(lang), by=by, margin=margin, interval=interval, n=comparison.replications)
    if more := len(differences) - len(told):
        yield say("{n} more are in the table.", lang).format(n=more)
    yield from _bound(asked, values["bound"].to_dict(), names, lang)
    yield from _best(comparison, asked, names, lang)


def _foremost(differences: pd.DataFrame) -> pd.DataFrame:
    """Of many: first those that differ, the largest first, in the order of the study."""
    rank = differences["verdict"].isin(SURE).astype(int) * 1e300 + differences["difference"].abs().fillna(0)
    return differences.loc[sorted(rank.sort_values(ascending=False, kind="stable").index[:MOST_TOLD])]


def _bound(asked: Asked, bounds: dict[str, str], names: dict[str, str], lang: str) -> Iterator[str]:
    asks = bound(asked.at_least, asked.at_most, MEASURES[asked.measure].unit, lang)
    if not asks:
        return
    for verdict in ("meets it", "fails it", "not sure"):
        if some := [name for name, said in bounds.items() if said == verdict]:
            yield say(SAID[verdict], lang).format(bound=asks, policies=_list(some, names, lang))
        elif verdict == "meets it":
            yield say("{bound} is surely reached with no policy.", lang).format(bound=asks)


def _best(comparison: Comparison, asked: Asked, names: dict[str, str], lang: str) -> Iterator[str]:
    found = comparison.best_of(asked)
    if found is None or len(comparison.choices) < 3:
        return
    policies = [comparison.study.policies[k].name for k in comparison.choices]
    some = [name for name, may_be in zip(policies, found.may_be, strict=True) if may_be]
    if asked.is_cost:
        yield say(LEAST[MEASURES[asked.measure].unit == "yuan", len(some) == 1], lang).format(policies=_list(some, names, lang))
    elif len(near := [policies[k] for k in comparison.as_good(asked)]) > 1 and {*some} <= {*near}:
        yield say("By this measure these are practically equally good: {policies}.", lang).format(policies=_list(near, names, lang))
    elif len(some) > 1:
        yield say("Which is best by this measure cannot be told: it may be {policies}.", lang).format(policies=_list(some, names, lang))
    else:
        yield say("Best by this measure is “{policy}”, with an estimated probability of at least {probability}.", lang).format(policy=names[policies[found.chosen]], probability=f"{min(found.probability, 0.999):.1%}")


def margin(comparison: Comparison, asked: int, lang: str) -> str:
    """Up to which difference a measure counts as practically equal, and who says so."""
    table = comparison.differences[comparison.differences["asked"] == asked]
    up_to = change(float(table["margin"].iloc[0]), MEASURES[comparison.asked[asked].measure].unit, lang).lstrip("+")
    whose = message("as this study has it") if comparison.asked[asked].margin is not None else message("an assumption of ours; a study may set its own: `margin`")
    return say("Practically equal is what differs by at most {margin} ({whose}).", lang).format(margin=up_to, whose=say(whose, lang))


def foremost(asked: Asked, alone: bool, lang: str) -> str:
    """What a policy is called that comes first by a measure, `alone` or perhaps: the best, or by what is a cost the one that takes least."""
    kind = "best" if not asked.is_cost else "cheapest" if MEASURES[asked.measure].unit == "yuan" else "least"
    return say(FOREMOST[kind][not alone], lang)


def _list(some: list[str], names: dict[str, str], lang: str) -> str:
    return listed((f"“{names[name]}”" for name in some), lang)


def label(comparison: Comparison, asked: Asked, lang: str) -> str:
    """The study's own words for a measure, or those of the measure."""
    own: Any = asked.label
    return (own.say(lang) if own else "") or row_label(comparison.study.base.scenario, asked.key, lang)
