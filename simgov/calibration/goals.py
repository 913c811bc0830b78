"""What is fitted: reported figures on a scale on which errors add up, each with its own denominator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgov.errors import UsageError
from simgov.language import message
from simgov.scenario import Scenario
from simgov.scenario.contradiction import contradictions, name, sentence
from simgov.scenario.target import Target
from simgov.targets import Key, rows
from simgov.vocabulary import MEASURES
from simgov.words import bound, number, rows_label

DISCREPANCY = 0.2
SOFTER = 3.0  # times the discrepancy, for soft targets: 0.6 in log-odds are 15 percentage points at 60 %
NARROWEST = 0.01  # half-width of a reported range, in discrepancies
TINY = 1e-3  # of the reported value: what is smaller counts as this much on a logarithmic scale
FAR = 4.0  # discrepancies between two figures of one row that nothing can meet


@dataclass(frozen=True)
class Goal:
    """A target to fit. `discrepancy`: how far off the model itself may be (standard deviation), in log-odds of shares, in logarithms of everything else.

    `size`: the mean denominator of one window; a share is known no better than to half a case of it.
    """

    target: Target
    keys: tuple[Key, ...]  # the rows of its measure, which are added
    discrepancy: float
    size: float = np.inf

    @property
    def unit(self) -> str:
        return MEASURES[self.target.measure].unit

    @property
    def range(self) -> tuple[float, float]:
        """Of values for which the reported figure stands, on the scale of the fit; infinite where only one end was reported."""
        low, high = self.target.reported
        ends = [x if np.isinf(x) else float(self.to_scale(np.array(x))) for x in (low, high)]
        room = NARROWEST * self.discrepancy
        if ends[1] - ends[0] < 2 * room:
            ends = [np.mean(ends) - room, np.mean(ends) + room]
        return ends[0], ends[1]

    @property
    def _least(self) -> float:
        if self.unit == "share":
            return min(0.5 / self.size, 0.25) if np.isfinite(self.size) and self.size > 0 else 1e-6
        finite = [abs(x) for x in self.target.reported if np.isfinite(x) and x]
        return TINY * max(finite, default=1.0)

    def to_scale(self, values: np.ndarray) -> np.ndarray:
        """Values of the measure as log-odds (shares) or logarithms."""
        if self.unit == "share":
            share = np.clip(values, self._least, 1 - self._least)
            return np.log(share / (1 - share))
        return np.log(np.maximum(values, self._least))

    def from_scale(self, values: np.ndarray) -> np.ndarray:
        """The other way round."""
        return 1 / (1 + np.exp(-values)) if self.unit == "share" else np.exp(values)

    def slope(self, values: np.ndarray) -> np.ndarray:
        """By how much the scale changes with the value."""
        if self.unit == "share":
            share = np.clip(values, self._least, 1 - self._least)
            return 1 / (share * (1 - share))
        return 1 / np.maximum(values, self._least)

    def label(self, scenario: Scenario, lang: str = "en") -> str:
        return (self.target.label.say(lang) if self.target.label else "") or rows_label(scenario, self.keys, lang)

    def reported(self, lang: str = "en") -> str:
        """What was reported, in words."""
        t, unit = self.target, self.unit
        if t.value is not None:
            return number(t.value, unit, lang)
        return bound(t.at_least, t.at_most, unit, lang)


def goals(scenario: Scenario, soft: bool = False, discrepancy: float = DISCREPANCY) -> tuple[Goal, ...]:
    """The targets of kind `fit` (and `soft`, if asked for). Raises UsageError when there are none, or when two say different things of one row."""
    if not 0 < discrepancy < np.inf:
        raise UsageError(message("the discrepancy must be above 0, got {discrepancy:g}; without one the most precise figure takes all the weight", discrepancy=discrepancy))
    kinds = {"fit": discrepancy, **({"soft": SOFTER * discrepancy} if soft else {})}
    chosen = [t for t in scenario.targets if t.kind in kinds]
    if late := next((t for t in chosen if not t.frames(scenario.period)), None):
        raise UsageError(message("no window of the target {name} lies within the period, {start} to {end}; simulate longer, or take another window", name=name(late), start=scenario.period.start, end=scenario.period.end))
    found = tuple(Goal(t, rows(scenario, t)[-1], kinds[t.kind]) for t in chosen)
    if not found:
        softer = any(t.kind == "soft" for t in scenario.targets)
        if softer and not soft:
            raise UsageError(message("the scenario has no target to fit; there are soft ones, which --soft takes in"))
        raise UsageError(message("the scenario has no target to fit; write kind: fit at one of them"))
    _refuse_opposites(scenario, found)
    return found


def _refuse_opposites(scenario: Scenario, found: Sequence[Goal]) -> None:
    """Two figures that lie so far apart that no simulation is needed. Those that are not soft are refused when the scenario is read."""
    chosen = [goal.target for goal in found]
    for pair in contradictions(chosen, list(scenario.levels)):
        one, other = found[pair.one], found[pair.other]
        gap = max(one.range[0] - other.range[1], other.range[0] - one.range[1])
        if gap > FAR * max(one.discrepancy, other.discrepancy):
            raise UsageError(message("{contradiction}; keep one of the two", contradiction=sentence(chosen, pair)))
