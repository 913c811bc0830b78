"""What a prediction says, in sentences for somebody who reads no tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from simgov.language import message, say
from simgov.words import bound, change, changes, listed, number, prose, signed, span

if TYPE_CHECKING:
    from simgov.calibration.asked import Question
    from simgov.calibration.parts import Parts
    from simgov.calibration.prediction import Prediction, Row

MOSTLY = 0.5  # of the variance
FOREMOST = ("headline_closure", "cohort_closure")  # told in full where a scenario has no target
HEADS = (message("measure"), message("value ± error"), message("one window, 95 %"), message("chance ±"), message("ignorance ± (of the variance)"))


def sentences(found: Prediction, lang: str = "en") -> Iterator[str]:
    """Of a study every interval with both parts; of a scenario those of its targets, and which of the others are mostly ignorance."""
    for row in _told(found):
        yield told(found, row, lang)
    if len(found.policies) == 1:
        yield from _mostly(found, lang)
    if found.pulled:
        text = say("{share} of the settings made the scenario impossible and were moved towards its own values until it was sound.", lang)
        yield text.format(share=f"{found.pulled:.1%}")
    yield unknown(found, lang)


def unknown(found: Prediction, lang: str = "en") -> str:
    """Which numbers are unknown, and how that was taken in."""
    names = listed([p.label(found.policies[0].scenario, lang) for p in found.posterior.params], lang)
    text = say("What is unknown: {names}; {draws} draws of the posterior, {n} replications of each; chance is known from {windows} windows, so to about {accuracy}.", lang)
    return text.format(names=names, draws=len(found.numbers), n=found.replications, windows=found.windows, accuracy=f"{found.accuracy:.0%}")


def told(found: Prediction, row: Row, lang: str = "en") -> str:
    """One row in full."""
    return prose(_row(found, row, lang), lang)


def labelled(row: Row, lang: str = "en") -> str:
    """The policy of a row, or the difference that it is."""
    return say("{who} less {base}", lang).format(who=row.policy.say(lang), base=row.less.say(lang)) if row.less else row.policy.say(lang)


def cells(row: Row, lang: str = "en") -> tuple[str, str, str, str]:
    """One row as it stands below HEADS, without its label."""
    p, unit = row.parts, row.question.unit
    window = (changes if row.less else span)(p.low, p.high, p.value, unit, lang)
    if not math.isfinite(p.value):
        return number(p.value, unit, lang), window, "-", "-"
    error, chance, ignorance = (signed(x, unit).lstrip("+") for x in (p.error, p.chance, p.ignorance))
    return f"{(change if row.less else number)(p.value, unit, lang)} ±{error}", window, chance, f"{ignorance} ({p.share:.0%})"


def reported(question: Question, lang: str = "en") -> str:
    """What was reported of a question's rows; empty where nothing was."""
    if (target := question.target) is None:
        return ""
    figure = number(target.value, question.unit, lang) if target.value is not None else bound(target.at_least, target.at_most, question.unit, lang)
    return say("reported {figure}", lang).format(figure=figure)


def _told(found: Prediction) -> list[Row]:
    if len(found.policies) > 1 or len(found.questions) == 1:
        return list(found.rows)
    of_targets = [row for row in found.rows if row.question.target]
    return of_targets or [row for row in found.rows if row.question.measure in FOREMOST]


def _row(found: Prediction, row: Row, lang: str) -> Iterator[str]:
    question, p, unit = row.question, row.parts, row.question.unit
    about = question.say(found.policies[0].scenario, lang)
    if not np.isfinite(p.value):
        yield say("{who}: {measure} has no value at some of the draws.", lang).format(who=row.policy.say(lang), measure=about)
        return
    figure = change if row.less else number
    told = {name: figure(getattr(p, name), unit, lang) for name in ("value", "least", "most", "low", "high")}
    told["error"] = change(p.error, unit, lang).lstrip("+")
    if row.less:
        text = say("{who} less {base}: {measure} {value} (Monte-Carlo error at most {error}); the expected value lies between {least} and {most}, one window between {low} and {high} (95 of 100 cases).", lang)
        yield text.format(who=row.policy.say(lang), base=row.less.say(lang), measure=about, **told)
    else:
        text = say("{who}: {measure} {value} (Monte-Carlo error at most {error}); the expected value lies between {least} and {most}, one window between {low} and {high} (95 of 100 cases).", lang)
        yield text.format(who=row.policy.say(lang), measure=about, **told)
    spread = {name: signed(getattr(p, name), unit).lstrip("+") for name in ("chance", "ignorance")}
    text = say("Of the spread of windows {share} is what the targets leave unknown (standard deviation {ignorance}), the rest is chance ({chance}).", lang)
    yield text.format(share=f"{p.share:.0%}", **spread)
    if row.less:
        yield _signs(p, lang)


def _signs(p: Parts, lang: str) -> str:
    """How often the draws agree that there is a difference, and in which direction."""
    if not p.value:
        return say("There is no difference on average; it is zero in {same} of 100 draws of the posterior.", lang).format(same=f"{100 * p.same:.0f}")
    shares = {"sure": p.sure, "same": p.same, "other": 1 - p.sure - p.same}
    text = say("Of 100 draws of the posterior the difference has this sign in {sure}, the other one in {other}, and is zero in {same}.", lang)
    return text.format(**{name: f"{100 * share:.0f}" for name, share in shares.items()})


def _mostly(found: Prediction, lang: str) -> Iterator[str]:
    """Which intervals measuring would narrow, and which it would not."""
    known = [row for row in found.rows if np.isfinite(row.parts.value) and row.parts.chance + row.parts.ignorance > 0]
    for is_ignorance, text in (
        (True, say("Mostly ignorance, so measuring what is unknown would narrow it: {names}.", lang)),
        (False, say("Mostly chance, which no measuring removes: {names}.", lang)),
    ):
        some = [row for row in known if (row.parts.share > MOSTLY) == is_ignorance]
        names = [say("{measure} {share}", lang).format(measure=row.question.say(row.policy.scenario, lang), share=f"{row.parts.share:.0%}") for row in some]
        if names:
            yield text.format(names=listed(names, lang))
