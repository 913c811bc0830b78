"""What is kept of a trial: every measure as numerator and denominator, and the counts behind the figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from simgov.measures import Tables
from simgov.measures.pool import KEYS, row_key

Key = tuple[str, ...]  # measure, then its class, level, stage, team, part, days and window as text; "" where it has none


@dataclass(frozen=True, eq=False)
class Outcome:
    """One trial, in some ten kilobytes.

    `keys`, `top`, `bottom`: rows of measures. `flows` (levels x 4), `waiting` (7 x 24) and `stock` (days + 1) as in
    `Tables`. `past`: fingerprints of what had happened before some second, by second.
    """

    keys: tuple[Key, ...]
    top: np.ndarray
    bottom: np.ndarray
    flows: np.ndarray
    waiting: np.ndarray
    stock: np.ndarray
    past: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables, past: Mapping[int, str]) -> Outcome:
        rows = [(row_key(name, where), float(top), float(bottom)) for name, where, top, bottom in tables.rows()]
        keys, top, bottom = zip(*rows, strict=True)
        return cls(_shared(keys), np.array(top), np.array(bottom), tables.flows, tables.waiting, tables.stock, past)

    def row(self, key: Key) -> tuple[float, float]:
        """Numerator and denominator of a row; (0, 0) where there is none."""
        at = _places(self.keys).get(key)
        return (0.0, 0.0) if at is None else (float(self.top[at]), float(self.bottom[at]))

    def sum(self, keys: Iterable[Key]) -> tuple[float, float]:
        """Numerators and denominators of several rows, added."""
        top, bottom = zip(*map(self.row, keys), strict=True)
        return sum(top), sum(bottom)

    def text(self) -> str:
        """As one line of JSON, from which `read` makes the same numbers, bit for bit."""
        arrays = {name: getattr(self, name).tolist() for name in ("top", "bottom", "flows", "waiting", "stock")}
        return json.dumps({"keys": self.keys, **arrays, "past": {str(k): v for k, v in self.past.items()}}, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Outcome:
        data: dict[str, Any] = json.loads(text)
        counts = (np.array(data[name], np.int64) for name in ("flows", "waiting", "stock"))
        keys = _shared(tuple(map(tuple, data["keys"])))
        return cls(keys, np.array(data["top"], float), np.array(data["bottom"], float), *counts, {int(k): v for k, v in data["past"].items()})

    def same_as(self, other: Outcome) -> bool:
        return self.text() == other.text()


def summaries(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Rows of several trials of one scenario, as `Result.summaries` has them."""
    tables = []
    for number, outcome in enumerate(outcomes):
        table = pd.DataFrame(list(outcome.keys), columns=["measure", *KEYS])
        tables.append(table.assign(top=outcome.top, bottom=outcome.bottom))
        tables[-1].insert(0, "replication", number)
    return pd.concat(tables, ignore_index=True)


@lru_cache(maxsize=4096)
def _shared(keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """The same tuple for all trials that have these rows."""
    return keys


@lru_cache(maxsize=4096)
def _places(keys: tuple[Key, ...]) -> dict[Key, int]:
    return {key: at for at, key in enumerate(keys)}
