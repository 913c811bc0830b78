"""What a sensitivity analysis found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov.vocabulary import MEASURES
from simgov.words import change, number, row_label

if TYPE_CHECKING:
    from simgov.sensitivity.found import Sensitivity

SAYS = {
    "en": {
        "first": "Measure first: {label} (assumed {base}, between {low} and {high}).",
        "share": "Of what the {n} strongest assumptions leave open in “{measure}” it accounts for {total} ({span}).",
        "only": "It alone moves “{measure}” by more than chance does.",
        "unsure": "Whether it comes before {others} cannot be told from {points} points.",
        "next": "Then: {others}.",
        "none": "Nothing to measure first: no assumption moves “{measure}” by more than chance does in {replications} replications.",
        "range": "With all assumptions open it lies between {low} and {high} in nine of ten cases.",
        "rest": "{less} of {all} assumptions move it by less than the Monte-Carlo noise of {replications} replications.",
        "left": "{n} more that move it were left out of the shares, because the budget does not stretch to them.",
        "pulled": "{share} of the points made the scenario impossible and were moved towards its own values until it was sound.",
        "difference": "{measure}: “{second}” less “{first}”",
        "item": "{label} ({total})",
        "and": "; ",
        "join": " ",
    },
    "zh": {
        "first": "应先测定：{label}（假设为{base}，范围{low}至{high}）。",
        "share": "在影响最大的{n}项假设给“{measure}”留下的不确定性中，它占{total}（{span}）。",
        "only": "只有它对“{measure}”的影响超过随机波动。",
        "unsure": "它与{others}孰先孰后，{points}个点尚看不出。",
        "next": "其次：{others}。",
        "none": "没有需要先测定的：{replications}次重复中，没有一项假设对“{measure}”的影响超过随机波动。",
        "range": "各项假设都放开时，十次中有九次在{low}至{high}之间。",
        "rest": "{all}项假设中有{less}项的影响小于{replications}次重复的随机误差。",
        "left": "另有{n}项有影响，因预算所限未计入占比。",
        "pulled": "{share}的点使情景不成立，已向原值靠拢至成立为止。",
        "difference": "{measure}：“{second}”减“{first}”",
        "item": "{label}（{total}）",
        "and": "；",
        "join": "",
    },
}
MOST_TOLD = 3


def sentences(found: Sensitivity, lang: str = "en") -> str:
    """What to measure first, how sure that is, and what can be left as it is."""
    return SAYS[lang]["join"].join(_sentences(found, lang))


def _sentences(found: Sensitivity, lang: str) -> Iterator[str]:
    says, table, about = SAYS[lang], found.table, measure(found, lang)
    if not len(found.which):
        yield says["none"].format(measure=about, replications=found.replications)
        yield says["range"].format(**_range(found, lang))
        return
    top = table.iloc[0]
    yield says["first"].format(label=found.label(top["parameter"], lang), **found.params[top["parameter"]].told(lang))
    if len(found.which) == 1:
        yield says["only"].format(measure=about)
    else:
        span = f"{max(top['total_low'], 0):.0%} – {min(top['total_high'], 1):.0%}"
        yield says["share"].format(n=len(found.which), measure=about, total=f"{min(top['total'], 1):.0%}", span=span)
        others = table.iloc[1 : len(found.which)]
        unsure = others[others["total_high"] > top["total_low"]]
        if len(unsure):
            labels = [found.label(k, lang) for k in unsure["parameter"].head(MOST_TOLD)]
            yield says["unsure"].format(others=says["and"].join(labels), points=f"{len(found.shares.answers):,}")
        yield says["next"].format(others=says["and"].join(_item(found, row, lang) for row in others.head(MOST_TOLD).to_dict("records")))
    yield says["range"].format(**_range(found, lang))
    if less := int((~found.screening.matters).sum()):
        yield says["rest"].format(less=less, all=len(found.params), replications=found.replications)
    if left := int(found.screening.matters.sum()) - len(found.which):
        yield says["left"].format(n=left)
    if found.pulled:
        yield says["pulled"].format(share=f"{found.pulled:.1%}")


def _item(found: Sensitivity, row: dict, lang: str) -> str:
    return SAYS[lang]["item"].format(label=found.label(row["parameter"], lang), total=f"{min(row['total'], 1):.0%}")


def _range(found: Sensitivity, lang: str) -> dict[str, str]:
    unit, say = MEASURES[found.asked.measure].unit, (number if len(found.policies) == 1 else change)
    return dict(zip(("low", "high"), (say(x, unit, lang) for x in found.range), strict=True))


def measure(found: Sensitivity, lang: str = "en") -> str:
    """What is asked, in the words of the file or of the measure; a difference says of what."""
    own = found.asked.label
    text = (own.say(lang) if own else "") or row_label(found.policies[0].scenario, found.asked.key, lang)
    if len(found.policies) == 1:
        return text
    first, second = (policy.say(lang) for policy in found.policies)
    return SAYS[lang]["difference"].format(measure=text, first=first, second=second)
