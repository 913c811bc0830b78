"""What a calibration says, in sentences for somebody who reads no tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgov.calibration.pinned import KNOWN, LEFT_OPEN, NARROWED, Pair
from simgov.calibration.points import misfits
from simgov.language import LANGUAGES, message, say
from simgov.words import about, number, prose

if TYPE_CHECKING:
    from simgov.calibration.found import Calibration
    from simgov.sensitivity import Parameter

VERDICTS = {
    "pinned": message("Pinned: {label}: median {median} (90 % interval {low} to {high}), best fit {value}; {left} of its range is left."),
    "narrowed": message("Narrowed: {label} lies between {low} and {high} (90 % interval; median {median}, best fit {value}); {left} of its range is left."),
    "open": message(
        "Left open: {label}. Values from {low} to {high} fit the targets alike ({left} of its range is left), so the best fit, {value}, is no finding; "
        "measure it, or keep the whole range."
    ),
}
NOTES = {  # of a fitted value
    KNOWN: message("pinned by the targets ({left} of its range left): fitted {day} by {made} to {measures}; 90 % interval"),
    NARROWED: message("narrowed by the targets ({left} of its range left): fitted {day} by {made} to {measures}; 90 % interval"),
    LEFT_OPEN: message("left open by the targets ({left} of its range left): fitted {day} by {made} to {measures}; 90 % interval"),
}
TOGETHER = {
    "product": message("the product {a} × {b}"),
    "ratio": message("the ratio {a} ÷ {b}"),
    "sum": message("the sum {a} + {b}"),
    "difference": message("the difference {a} − {b}"),
}


def sentences(found: Calibration, lang: str = "en") -> Iterator[str]:
    """Targets, then every parameter: pinned, narrowed or left open, and what is pinned only together."""
    yield from _targets(found, lang)
    yield _counted(found, lang)
    for number_, _ in enumerate(found.params):
        yield parameter(found, number_, lang)
    for pair in found.pairs:
        yield together(found, pair, lang)
    odds = say("{one} or {other}", lang).format(one="", other="").join(_discrepancies(found))
    yield say("Granted to the model: an error of {odds} in log-odds of shares, in logarithms of other figures (standard deviation), beside the chance of one window.", lang).format(odds=odds)
    if found.depth == "point":
        yield say("A first look: what is left is read off a quadratic surface through {points} points; --depth posterior looks closer where it matters.", lang).format(points=len(found.points))
    if found.points.pulled:
        yield say("{share} of the points made the scenario impossible and were moved towards its own values until it was sound.", lang).format(share=f"{found.points.pulled / len(found.points):.1%}")


def _discrepancies(found: Calibration) -> list[str]:
    return sorted({f"{goal.discrepancy:g}" for goal in found.points.goals})


def _targets(found: Calibration, lang: str) -> Iterator[str]:
    points = found.points
    far = abs(misfits(points.goals, points.values[[found.fit.chosen]], found.fit.spread)[0])
    for j, goal in enumerate(points.goals):
        before, after = (number(float(goal.from_scale(points.values[k, j])), goal.unit, lang) for k in (0, found.fit.chosen))
        text = say("“{label}”: reported {reported}; {after} with the fitted values ({before} with those of the file).", lang).format(label=goal.label(found.scenario, lang), reported=goal.reported(lang), after=after, before=before)
        yield prose((text, say("It is missed by {far:.1f} standard deviations.", lang).format(far=far[j])), lang) if far[j] > 1 else text


def _counted(found: Calibration, lang: str) -> str:
    m, d, k = len(found.points.goals), len(found.params), found.directions
    if d == 1 and k:
        return say("One target pins the free number." if m == 1 else "{n} targets pin the free number.", lang).format(n=m)
    if d == 1:
        return say("One target does not pin the free number." if m == 1 else "{n} targets do not pin the free number.", lang).format(n=m)
    things = say("no combination", lang) if not k else say("one combination" if k == 1 else "{n} combinations", lang).format(n=k)
    text = say("One target pins {things} of the {params} free numbers." if m == 1 else "{n} targets pin {things} of the {params} free numbers.", lang)
    return text.format(n=m, things=things, params=d)


def parameter(found: Calibration, k: int, lang: str = "en") -> str:
    """One parameter: what the targets say of it."""
    param, mark = found.params[k], found.marks[k]
    words = {name: shown(param, getattr(mark, name), lang) for name in ("low", "median", "high")}
    return say(VERDICTS[mark.verdict], lang).format(label=found.label(k, lang), left=f"{mark.left:.0%}", value=shown(param, found.fitted[param], lang), **words)


def shown(param: Parameter, value: float, lang: str = "en") -> str:
    """A value with three figures: more are never known."""
    return param.shown(value if param.whole or param.is_duration else float(f"{value:.3g}"), lang)


def together(found: Calibration, pair: Pair, lang: str = "en") -> str:
    """Two parameters that are pinned only together."""
    names = (say("A", lang), say("B", lang))
    a, b = (f"(1 − {name})" if rest else name for name, rest in zip(names, pair.rest, strict=True))
    one, other = (about(found.label(k, lang), name, lang) for k, name in zip((pair.one, pair.other), names, strict=True))
    what = say(TOGETHER[pair.how], lang).format(a=a, b=b)
    text = say("Only together: of {one} and {other} the targets tell {what} ({left} of its range is left), not which of the two.", lang)
    return text.format(one=one, other=other, what=what, left=f"{pair.left:.0%}")


def note(found: Calibration, k: int) -> dict[str, str]:
    """For the tag of a fitted value in a scenario file, by language."""
    mark = found.marks[k]
    to = ", ".join(dict.fromkeys(goal.target.measure for goal in found.points.goals))
    made = f"simgov calibrate ({found.depth}, {len(found.points)} points, seed {found.seed})"
    about = {"left": f"{mark.left:.0%}", "day": found.today.isoformat(), "made": made, "measures": to}
    return {lang: say(NOTES[mark.verdict], lang).format(**about) for lang in LANGUAGES}
