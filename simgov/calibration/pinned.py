"""What the targets say about each free parameter: how much of its range is left, and what is known only of two together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from simgov.sensitivity import Parameter

PINNED, OPEN = 35, 75  # per cent of the range that is left, as they are shown
RELATED = 0.4  # rank correlation from which two parameters are looked at together
BETTER = 0.7  # of what is left of either: then what they make together is told
WITHIN = (0.05, 0.95)
BINS = 20
KNOWN, NARROWED, LEFT_OPEN = "pinned", "narrowed", "open"


def is_pinned(left: float) -> bool:
    """Whether so little of a range is left that it counts as known: judged as it is shown, in whole per cent."""
    return round(100 * left) <= PINNED


class Mark(NamedTuple):
    """One parameter. `low`, `median`, `high`: quantiles (5, 50, 95 %) in its own unit.

    `left`: how much of its range is left: the width of this interval against that before, or exp(entropy) of the posterior where that is less,
    because a wide interval with nearly all draws at one end is not open.
    """

    low: float
    median: float
    high: float
    left: float

    @property
    def verdict(self) -> str:
        return KNOWN if is_pinned(self.left) else LEFT_OPEN if round(100 * self.left) >= OPEN else NARROWED


class Pair(NamedTuple):
    """Two parameters (their numbers) of which the targets tell `how` combined far more than either: product, ratio, sum or difference.

    `rest` marks a share that enters as what is left of it to 1. `left`: what remains of the range of the combination.
    """

    one: int
    other: int
    how: str
    rest: tuple[bool, bool]
    left: float
    correlation: float


def marks(params: Sequence[Parameter], draws: np.ndarray) -> tuple[Mark, ...]:
    """By parameter, from draws (shares of the ranges)."""
    found = []
    for param, shares in zip(params, draws.T, strict=True):
        low, median, high = np.quantile(shares, [WITHIN[0], 0.5, WITHIN[1]])
        found.append(Mark(param.value(float(low)), param.value(float(median)), param.value(float(high)), _left(shares, float(high - low))))
    return tuple(found)


def _left(shares: np.ndarray, width: float) -> float:
    counts = np.histogram(shares, BINS, (0, 1))[0] / len(shares)
    some = counts[counts > 0]
    return float(min(width / (WITHIN[1] - WITHIN[0]), np.exp(-(some * np.log(some)).sum()) / BINS, 1.0))


def correlations(draws: np.ndarray) -> np.ndarray:
    """Of ranks (Spearman), parameters x parameters."""
    ranks = draws.argsort(axis=0).argsort(axis=0)
    return np.atleast_2d(np.corrcoef(ranks.T))


def pairs(params: Sequence[Parameter], draws: np.ndarray, seed: int = 0) -> tuple[Pair, ...]:
    """Which two are pinned only together, the clearest first; each parameter is named once."""
    rho, each = correlations(draws), marks(params, draws)
    anywhere = np.random.default_rng(seed).random(draws.shape)
    found = []
    for i, j in combinations(range(len(params)), 2):
        if abs(rho[i, j]) >= RELATED and KNOWN not in (each[i].verdict, each[j].verdict):
            found += _combined(params, draws, anywhere, (i, j), float(rho[i, j]))
    clear = sorted((p for p in found if p.left <= BETTER * min(each[p.one].left, each[p.other].left)), key=lambda p: p.left)
    told: set[int] = set()
    return tuple(p for p in clear if not {p.one, p.other} & told and not told.update({p.one, p.other}))


def _combined(params: Sequence[Parameter], draws: np.ndarray, anywhere: np.ndarray, two: tuple[int, int], rho: float) -> list[Pair]:
    """The one of the combinations of two parameters that is known best."""
    one, other = (params[k] for k in two)
    best: Pair | None = None
    for rest in [(a, b) for a in ((False, True) if _is_share(one) else (False,)) for b in ((False, True) if _is_share(other) else (False,))]:
        after, before = (_both(some, (one, other), two, rest) for some in (draws, anywhere))
        for how in _ways(one, other, rest):
            left = _width(_together(how, *after)) / _width(_together(how, *before))
            if best is None or left < best.left:
                best = Pair(*two, how, rest, float(left), rho)
    return [best] if best else []


def _both(shares: np.ndarray, params: tuple[Parameter, Parameter], two: tuple[int, int], rest: tuple[bool, bool]) -> list[np.ndarray]:
    values = [p.low + shares[:, k] * (p.high - p.low) for p, k in zip(params, two, strict=True)]
    return [1 - v if r else v for v, r in zip(values, rest, strict=True)]


def _is_share(param: Parameter) -> bool:
    return not param.whole and not param.is_duration and param.low >= 0 and param.high <= 1


def _ways(one: Parameter, other: Parameter, rest: tuple[bool, bool]) -> list[str]:
    positive = all(p.high < 1 if r else p.low > 0 for p, r in zip((one, other), rest, strict=True))
    alike = one.is_duration == other.is_duration and not any(rest)
    return (["product", "ratio"] if positive else []) + (["sum", "difference"] if alike else [])


def _together(how: str, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    if how in ("sum", "difference"):
        return one + other if how == "sum" else one - other
    return np.log(one) + np.log(other) if how == "product" else np.log(one) - np.log(other)


def _width(values: np.ndarray) -> float:
    low, high = np.quantile(values, WITHIN)
    return max(float(high - low), 1e-12)


def directions(draws: np.ndarray) -> int:
    """How many independent things are pinned: principal axes of the draws along which no more than PINNED per cent of the spread before is left."""
    spread = np.linalg.eigvalsh(np.atleast_2d(np.cov(draws.T)) * 12)
    return sum(map(is_pinned, np.sqrt(np.maximum(spread, 0)).tolist()))
