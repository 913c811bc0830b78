"""What a sensitivity analysis found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov import words
from simgov.language import say
from simgov.vocabulary import MEASURES
from simgov.words import change, clauses, number, prose, row_label

if TYPE_CHECKING:
    from simgov.sensitivity.found import Sensitivity


MOST_TOLD = 3


def sentences(found: Sensitivity, lang: str = "en") -> str:
    """What to measure first, how sure that is, and what can be left as it is."""
    return prose(_sentences(found, lang), lang)


def _sentences(found: Sensitivity, lang: str) -> Iterator[str]:
    table, about = found.table, measure(found, lang)
    if not len(found.which):
        yield say("Nothing to measure first: no assumption moves “{measure}” by more than chance does in {replications} replications.", lang).format(measure=about, replications=found.replications)
        yield say("With all assumptions open it lies between {low} and {high} in nine of ten cases.", lang).format(**_range(found, lang))
        return
    top = table.iloc[0]
    yield say("Measure first: {label} (assumed {base}, between {low} and {high}).", lang).format(label=found.label(top["parameter"], lang), **found.params[top["parameter"]].told(lang))
    if len(found.which) == 1:
        yield say("It alone moves “{measure}” by more than chance does.", lang).format(measure=about)
    else:
        span = f"{max(top['total_low'], 0):.0%} – {min(top['total_high'], 1):.0%}"
        yield say("Of what the {n} strongest assumptions leave open in “{measure}” it accounts for {total} ({span}).", lang).format(n=len(found.which), measure=about, total=f"{min(top['total'], 1):.0%}", span=span)
        others = table.iloc[1 : len(found.which)]
        unsure = others[others["total_high"] > top["total_low"]]
        if len(unsure):
            labels = [found.label(k, lang) for k in unsure["parameter"].head(MOST_TOLD)]
            yield say("Whether it comes before {others} cannot be told from {points} points.", lang).format(others=clauses(labels, lang), points=f"{len(found.shares.answers):,}")
        yield say("Then: {others}.", lang).format(others=clauses((_item(found, row, lang) for row in others.head(MOST_TOLD).to_dict("records")), lang))
    yield say("With all assumptions open it lies between {low} and {high} in nine of ten cases.", lang).format(**_range(found, lang))
    if less := int((~found.screening.matters).sum()):
        yield say("{less} of {all} assumptions move it by less than the Monte-Carlo noise of {replications} replications.", lang).format(less=less, all=len(found.params), replications=found.replications)
    if left := int(found.screening.matters.sum()) - len(found.which):
        yield say("{n} more that move it were left out of the shares, because the budget does not stretch to them.", lang).format(n=left)
    if found.pulled:
        yield say("{share} of the points made the scenario impossible and were moved towards its own values until it was sound.", lang).format(share=f"{found.pulled:.1%}")


def _item(found: Sensitivity, row: dict, lang: str) -> str:
    return words.about(found.label(row["parameter"], lang), f"{min(row['total'], 1):.0%}", lang)


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
    return say("{measure}: “{second}” less “{first}”", lang).format(measure=text, first=first, second=second)
