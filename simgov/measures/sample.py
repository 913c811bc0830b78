"""Samples that add up, and what is read off them: quantiles, Kaplan-Meier curves, the Gini coefficient.

Numbers are rounded down to 17 significant bits as they enter: exact below 131,072 (36 hours in seconds), within 1.6e-5
above. So a sample has some 360,000 distinct values at most for seconds of a year, however much is in it, and the sum of
the samples of all parts is the sample of the whole, number for number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

BITS = 17
SPARSE = 16  # below one bin in so many, sorting is quicker


@dataclass(frozen=True, eq=False)
class Sample:
    """Whole numbers from 0 on: the bins that are not empty, in order, and how many numbers are in each."""

    bins: np.ndarray
    count: np.ndarray

    @classmethod
    def sum(cls, parts: Sequence[Sample]) -> Sample:
        """The sample of all that is in the parts."""
        if len(parts) == 1:
            return parts[0]
        highest = max((int(part.bins[-1]) + 1 for part in parts if len(part.bins)), default=0)
        if sum(len(part.bins) for part in parts) < highest // SPARSE:
            bins, place = np.unique(np.concatenate([part.bins for part in parts]), return_inverse=True)
            return cls(bins, np.bincount(place, np.concatenate([part.count for part in parts])).astype(np.int64))
        count = np.zeros(highest, np.int64)
        for part in parts:  # bins are few enough to have a place each, which is quicker than sorting
            count[part.bins] += part.count
        bins = np.flatnonzero(count)
        return cls(bins.astype(np.int32), count[bins])

    @property
    def values(self) -> np.ndarray:
        """By bin: the number that it stands for, its least."""
        bins = self.bins.astype(np.int64)
        shift = np.maximum((bins >> (BITS - 1)) - 1, 0)
        return (bins - (shift << (BITS - 1))) << shift

    @property
    def size(self) -> int:
        return int(self.count.sum())

    def at_least(self, value: float) -> int:
        """How many numbers are not below `value`."""
        return int(self.count[np.searchsorted(self.values, value) :].sum())

    def quantile(self, share: float) -> float:
        """Interpolated as np.quantile does; nan where there is nothing."""
        if not self.size:
            return np.nan
        at = share * (self.size - 1)
        whole = int(at)
        around = np.searchsorted(self.count.cumsum(), (whole, min(whole + 1, self.size - 1)), side="right")
        low, high = self.values[around]
        return float(low + (high - low) * (at - whole))

    @property
    def gini(self) -> float:
        """The Gini coefficient: 0 when all are equal, towards 1 when one has everything; nan when nobody has anything."""
        values, below = self.values, self.count.cumsum() - self.count
        total = float(self.count @ values)
        return float((2 * below + self.count - self.size) * (self.count / self.size) @ values / total) if total else np.nan


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Times to an end, and of those who have not come to it the times for which they have been followed."""

    ended: Sample
    running: Sample

    @classmethod
    def sum(cls, parts: Sequence[Lifetimes]) -> Lifetimes:
        """All that is in the parts."""
        return cls(Sample.sum([part.ended for part in parts]), Sample.sum([part.running for part in parts]))

    @property
    def size(self) -> int:
        return self.ended.size + self.running.size

    def at_risk(self, time: float) -> int:
        """How many are followed for `time` or longer."""
        return self.ended.at_least(time) + self.running.at_least(time)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Sorted distinct times, and the share ended by each: the product-limit estimate of Kaplan and Meier (1958)."""
        everybody = Sample.sum((self.ended, self.running))
        ended = np.zeros(len(everybody.bins), np.int64)
        ended[np.searchsorted(everybody.bins, self.ended.bins)] = self.ended.count
        at_risk = everybody.count[::-1].cumsum()[::-1]
        return everybody.values, 1 - np.cumprod((at_risk - ended) / at_risk)

    def quantile(self, share: float) -> float:
        """The first time by which the share has ended; nan where the curve does not get so far."""
        times, ended = self.curve()
        reached = np.flatnonzero(ended >= share - 1e-12)
        return float(times[reached[0]]) if len(reached) else np.nan


def samples(values: np.ndarray, group: np.ndarray, groups: int) -> list[Sample]:
    """The sample of each group, for values beside the number of their group, in one pass."""
    key, count = np.unique((group.astype(np.int64) << 32) | _bins(values), return_counts=True)
    edges = np.searchsorted(key, np.arange(groups + 1) << 32)
    bins = (key & 0x7FFFFFFF).astype(np.int32)
    return [Sample(bins[a:b], count[a:b]) for a, b in pairwise(edges.tolist())]


def sample(values: np.ndarray) -> Sample:
    """The sample of these values."""
    return samples(values, np.zeros(len(values), np.int64), 1)[0]


def _bins(values: np.ndarray) -> np.ndarray:
    """Which bin a number falls into: numbers of up to 17 bits have one each; from there on 65,536 for every doubling."""
    values = values.astype(np.int64)
    shift = np.maximum(np.frexp(values)[1].astype(np.int64) - BITS, 0)
    return (shift << (BITS - 1)) + (values >> shift)
