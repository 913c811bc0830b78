"""What is kept of a trial: every measure as numerator and denominator, and the counts behind the figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from simgov.measures import Tables
from simgov.measures.pool import KEYS, row_key

Shape = tuple[int, int]  # levels and days
Key = tuple[str, ...]  # measure, then its class, level, stage, team, part, days and window as text; "" where it has none


class _Kept(BaseModel):
    """How an outcome is written: lists of what it has as arrays."""

    model_config = ConfigDict(strict=True)

    keys: list[Annotated[list[str], Field(min_length=len(KEYS) + 1, max_length=len(KEYS) + 1)]]
    top: list[float]
    bottom: list[float]
    flows: list[list[int]]
    waiting: list[list[int]]
    stock: list[int]
    past: dict[Annotated[str, Field(pattern=r"^[0-9]{1,12}$")], str]


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
        """Raises ValueError for a text that is none."""
        try:
            kept = _Kept.model_validate(json.loads(text))
            counts = [np.array(each, np.int64) for each in (kept.flows, kept.waiting, kept.stock)]
        except (OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None
        if not len(kept.keys) == len(kept.top) == len(kept.bottom) or [each.ndim for each in counts] != [2, 2, 1]:
            raise ValueError("rows and columns do not go together")
        keys = _shared(tuple(map(tuple, kept.keys)))
        return cls(keys, np.array(kept.top), np.array(kept.bottom), *counts, {int(k): v for k, v in kept.past.items()})

    @property
    def shape(self) -> Shape:
        """How many levels and days it tells of."""
        return len(self.flows), len(self.stock) - 1

    def fits(self, shape: Shape, moments: Iterable[int]) -> bool:
        """Whether it can be the outcome of a scenario with so many levels and days, with the past of just these moments."""
        whole = (self.flows.shape, self.waiting.shape, self.stock.shape) == ((shape[0], 4), (7, 24), (shape[1] + 1,))
        return whole and set(self.past) == set(moments)

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
