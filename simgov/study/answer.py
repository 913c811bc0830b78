"""What a study found, in sentences for somebody who reads no tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simgov.vocabulary import MEASURES
from simgov.words import change, changes, number, row_label

if TYPE_CHECKING:
    import pandas as pd

    from simgov.study.comparison import Comparison
    from simgov.study.model import Asked

SAYS = {
    "en": {
        "base": "{measure}: {value} with “{base}”.",
        "more": "With “{policy}” it is {by} higher ({interval}).",
        "less": "With “{policy}” it is {by} lower ({interval}).",
        "cannot tell": "Between “{policy}” and “{base}” {n} replications cannot tell a difference ({interval}).",
        "the same": "With “{policy}” it is the same in every replication.",
        "meets it": "{bound} is reached with {policies}.",
        "none": "{bound} is surely reached with no policy.",
        "fails it": "It is not reached with {policies}.",
        "unsure": "Whether it is reached cannot be told for {policies}.",
        "best": "Best by this measure is “{policy}”, with an estimated probability of at least {probability}.",
        "may be": "Which is best by this measure cannot be told: it may be {policies}.",
        "no value": "With “{policy}” or the base it has no value.",
        "more of them": "{n} more are in the table.",
        "about": "{measure}: {bound}",
        "least": "at least {value}",
        "most": "at most {value}",
        "and": ", ",
        "quote": "“{}”",
        "join": " ",
    },
    "zh": {
        "base": "“{base}”下，{measure}为{value}。",
        "more": "“{policy}”下高{by}（{interval}）。",
        "less": "“{policy}”下低{by}（{interval}）。",
        "cannot tell": "“{policy}”与“{base}”之间，{n}次重复看不出差别（{interval}）。",
        "the same": "“{policy}”在每次重复中都与之相同。",
        "meets it": "达到{bound}的有：{policies}。",
        "none": "没有方案确定达到{bound}。",
        "fails it": "达不到的有：{policies}。",
        "unsure": "能否达到尚看不出的有：{policies}。",
        "best": "按此指标最好的是“{policy}”，估计概率至少{probability}。",
        "may be": "按此指标哪个最好还看不出，可能是：{policies}。",
        "no value": "“{policy}”或基准下没有数值。",
        "more of them": "其余{n}个见表。",
        "about": "{measure}：{bound}",
        "least": "至少{value}",
        "most": "至多{value}",
        "and": "、",
        "quote": "“{}”",
        "join": "",
    },
}
MOST_TOLD = 6  # policies of which each gets a sentence of its own


def sentences(comparison: Comparison, lang: str = "en") -> str:
    """About the measure that decides: its value in the base, the differences to it, its bound, and the best; and the bounds of the others."""
    told = [*_sentences(comparison, comparison.asked[0], lang)]
    for number_, asked in enumerate(comparison.asked[1:], 1):
        told += _other_bound(comparison, number_, asked, lang)
    return SAYS[lang]["join"].join(_capital(sentence) for sentence in told)


def _other_bound(comparison: Comparison, number_: int, asked: Asked, lang: str) -> Iterator[str]:
    values = comparison.values[comparison.values["asked"] == number_].set_index("policy")
    if bound := " ".join(_bound(asked, values["bound"].to_dict(), _names(comparison, lang), SAYS[lang], lang)):
        yield SAYS[lang]["about"].format(measure=label(comparison, asked, lang), bound=bound)


def _names(comparison: Comparison, lang: str) -> dict[str, str]:
    return {policy.name: policy.say(lang) for policy in comparison.study.policies}


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _sentences(comparison: Comparison, asked: Asked, lang: str) -> Iterator[str]:
    says, unit = SAYS[lang], MEASURES[asked.measure].unit
    names = _names(comparison, lang)
    values = comparison.values[comparison.values["asked"] == 0].set_index("policy")
    base = comparison.study.base
    yield says["base"].format(measure=label(comparison, asked, lang), value=number(values["value"].iloc[0], unit, lang), base=base.say(lang))
    differences = comparison.differences[comparison.differences["asked"] == 0]
    told = differences if len(differences) <= MOST_TOLD else _foremost(differences)
    for row in told.to_dict("records"):
        if not math.isfinite(row["difference"]):
            yield says["no value"].format(policy=names[row["policy"]])
            continue
        by = change(row["difference"], unit, lang).lstrip("+−")
        interval = changes(row["low"], row["high"], row["difference"], unit, lang)
        yield says[row["verdict"]].format(policy=names[row["policy"]], base=base.say(lang), by=by, interval=interval, n=comparison.replications)
    if more := len(differences) - len(told):
        yield says["more of them"].format(n=more)
    yield from _bound(asked, values["bound"].to_dict(), names, says, lang)
    yield from _best(comparison, asked, names, says)


def _foremost(differences: pd.DataFrame) -> pd.DataFrame:
    """Of many: first those that differ, the largest first, in the order of the study."""
    rank = differences["verdict"].isin(["more", "less"]).astype(int) * 1e300 + differences["difference"].abs().fillna(0)
    return differences.loc[sorted(rank.sort_values(ascending=False, kind="stable").index[:MOST_TOLD])]


def _bound(asked: Asked, bounds: dict[str, str], names: dict[str, str], says: dict[str, str], lang: str) -> Iterator[str]:
    unit = MEASURES[asked.measure].unit
    limits = [(says["least"], asked.at_least), (says["most"], asked.at_most)]
    bound = says["and"].join(text.format(value=number(limit, unit, lang)) for text, limit in limits if limit is not None)
    if not bound:
        return
    for verdict, sentence in (("meets it", "meets it"), ("fails it", "fails it"), ("not sure", "unsure")):
        if some := [name for name, said in bounds.items() if said == verdict]:
            yield says[sentence].format(bound=bound, policies=_list(some, names, says))
        elif verdict == "meets it":
            yield says["none"].format(bound=bound)


def _best(comparison: Comparison, asked: Asked, names: dict[str, str], says: dict[str, str]) -> Iterator[str]:
    found = comparison.best_of(asked)
    if found is None or len(comparison.choices) < 3:
        return
    policies = [comparison.study.policies[k].name for k in comparison.choices]
    some = [name for name, may_be in zip(policies, found.may_be, strict=True) if may_be]
    if len(some) > 1:
        yield says["may be"].format(policies=_list(some, names, says))
    else:
        yield says["best"].format(policy=names[policies[found.chosen]], probability=f"{min(found.probability, 0.999):.1%}")


def _list(some: list[str], names: dict[str, str], says: dict[str, str]) -> str:
    return says["and"].join(says["quote"].format(names[name]) for name in some)


def label(comparison: Comparison, asked: Asked, lang: str) -> str:
    """The study's own words for a measure, or those of the measure."""
    own: Any = asked.label
    return (own.say(lang) if own else "") or row_label(comparison.study.base.scenario, asked.key, lang)
