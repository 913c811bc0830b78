"""What is kept of a journal: counts, samples and the tables behind the figures. They add up over the roots of a replication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from simgov.clock import DAY, HOUR
from simgov.measures.pool import Row, tabulate
from simgov.measures.sample import Lifetimes, Sample
from simgov.vocabulary import MEASURES


@dataclass(frozen=True)
class Ratio:
    """`top` of `bottom`, `top` counted in units of `per`; both add up over roots."""

    top: float
    bottom: float
    per: float = 1

    @classmethod
    def sum(cls, parts: Sequence[Ratio]) -> Ratio:
        return cls(sum(p.top for p in parts), sum(p.bottom for p in parts), parts[0].per)

    @property
    def told(self) -> tuple[float, float]:
        """Numerator and denominator."""
        return self.top / self.per, self.bottom


@dataclass(frozen=True)
class Total:
    """A number of its own, counted in units of `per`: it adds up over roots, and its denominator is the replication."""

    top: float
    per: float = 1

    @classmethod
    def sum(cls, parts: Sequence[Total]) -> Total:
        return cls(sum(p.top for p in parts), parts[0].per)

    @property
    def told(self) -> tuple[float, float]:
        """Numerator and denominator."""
        return self.top / self.per, 1


Entry = Ratio | Total | Sample | Lifetimes
Key = tuple[Any, ...]  # name of a measure or sample, then what tells its rows apart


def _median(x: Sample | Lifetimes) -> float:
    return x.quantile(0.5)


def _p90(x: Sample | Lifetimes) -> float:
    return x.quantile(0.9)


STATISTICS: dict[str, dict[str, Callable[[Any], float]]] = {  # the measures that are read off each sample
    "time_to_closure": {"time_to_closure_median": _median, "time_to_closure_p90": _p90},
    "time_to_triage": {"time_to_triage_median": _median, "time_to_triage_p90": _p90},
    "triage_delay": {"triage_delay_median": _median, "triage_delay_p90": _p90},
    "open_age": {"open_age_median": _median},
    "engaged": {"inequality": lambda x: x.gini},
}
SAMPLE_OF = {measure: name for name, some in STATISTICS.items() for measure in some}
AT_ONCE = 16  # tables of a city have some 10 MB
SECONDS = {"hours": HOUR, "days": DAY}  # samples of times hold seconds


@dataclass(frozen=True, eq=False)
class Tables:
    """One replication, or a root of it.

    `flows`: by level, incidents that reached it and were settled there, passed on, left by an end, or are open.
    `waiting`: by weekday and hour, incidents that wait for triage in the middle of the hour, added up over the weeks.
    `stock`: by midnight, from that of the first day to that of the census, incidents that are open.
    `time`: by stage and part of elapsed time, seconds, added up over the incidents (stages x 6).
    `ageing`: by place and light, incidents that are open at the census (see ageing.py; places x 3).
    """

    entries: dict[Key, Entry]
    flows: np.ndarray
    waiting: np.ndarray
    stock: np.ndarray
    time: np.ndarray
    ageing: np.ndarray

    @classmethod
    def sum(cls, roots: Iterable[Tables]) -> Tables:
        """Roots of one replication put together; they are taken as they come, a few at once."""
        roots = iter(roots)
        total = next(roots)
        while few := [*islice(roots, AT_ONCE)]:
            total = cls._sum([total, *few])
        return total

    @classmethod
    def _sum(cls, roots: Sequence[Tables]) -> Tables:
        entries = {key: type(entry).sum([root.entries[key] for root in roots]) for key, entry in roots[0].entries.items()}
        arrays = (field.name for field in fields(cls)[1:])
        return cls(entries, *(sum(getattr(root, name) for root in roots) for name in arrays))

    def __add__(self, other: Tables) -> Tables:
        return self._sum((self, other))

    def rows(self) -> Iterator[Row]:
        """(measure, its keys, numerator, denominator); a statistic that does not exist has denominator 0."""
        for (name, *key), entry in self.entries.items():
            if name not in STATISTICS:
                yield name, _where(name, key), *entry.told
                continue
            for measure, statistic in STATISTICS[name].items():
                if measure == "inequality" and entry.size < 2:
                    continue  # there is nothing to compare in one place
                value = statistic(entry) / SECONDS.get(MEASURES[measure].unit, 1)
                yield measure, _where(measure, key), *((value, 1) if np.isfinite(value) else (0, 0))
        yield "peak_stock", {}, self.stock.max(), 1


def summary(tables: Tables, replication: int) -> pd.DataFrame:
    """The measures of one replication as a table: measure, its keys, top and bottom."""
    return tabulate(tables.rows(), replication)


def _where(measure: str, key: list[Any]) -> dict[str, Any]:
    by = MEASURES[measure].by
    window = {"window": key[-1].name} if len(key) > len(by) else {}  # of a frame other than the whole period
    return {**dict(zip(by, key, strict=False)), **window}
