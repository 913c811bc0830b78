"""A posterior that can be kept, read again and put into other scenarios: equally likely settings of the free parameters."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from simgov import document
from simgov.document import Kind, Model
from simgov.errors import OutputError, in_full, reason
from simgov.language import Message, message
from simgov.scenario import Scenario
from simgov.scenario.paths import at, steps_of
from simgov.sensitivity import Parameter
from simgov.sensitivity.parameters import settings
from simgov.whole import write

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e300, le=1e300)]


class Free(Model):
    """A parameter, with its paths as a user writes them."""

    model_config = ConfigDict(extra="forbid")

    paths: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1)
    base: Finite
    low: Finite
    high: Finite
    whole: bool = False
    is_duration: bool = False
    note: str = ""
    note_zh: str = ""


class About(Model):
    """What a posterior says of itself; `fitted to` is said to whoever uses it for something else."""

    scenario: str = "?"
    digest: str = "?"
    parameters: list[Free]
    weights: list[Finite]
    values: list[list[Finite]]


POSTERIOR = Kind("simgov_posterior", message("posterior"), About, "posterior.json")


@dataclass(frozen=True, repr=False)
class Posterior:
    """`values` (draws x parameters, in their own units, durations in seconds), `weights` (they add up to 1), `about`: what it was fitted to, and how."""

    params: tuple[Parameter, ...]
    values: np.ndarray
    weights: np.ndarray
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def at(self, k: int) -> dict[Parameter, float]:
        """The values of draw k by parameter."""
        return dict(zip(self.params, map(float, self.values[k]), strict=True))

    def settings(self, k: int, scenario: Scenario | None = None) -> dict[str, Any]:
        """Draw k as settings by path, for `simgov.load(file, settings)` or `set:` of a study; in a `scenario`, chances of one stage are made to go together."""
        if scenario is not None:
            return settings(scenario, self.at(k))
        return {name: p.written(value) for p, value in self.at(k).items() for name in _names(p)}

    def some(self, count: int, seed: int = 1) -> np.ndarray:
        """Numbers of draws that stand for all in every parameter, in an order of chance, so that parts of them stand for all, too.

        One after the other, each is the one that leaves the least energy distance to the whole posterior (Székely and Rizzo 2013; support points:
        Mak and Joseph 2018). Only the order depends on the `seed`.
        """
        likely = np.flatnonzero(self.weights)
        values = self.values[likely]
        values = values / np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1)
        to_all, to_chosen, chosen = np.array([self._far(values, one) @ self.weights[likely] for one in values]), np.zeros(len(values)), []
        for n in range(1, count + 1):
            chosen.append(int(np.argmin(n * to_all - to_chosen)))
            to_chosen += self._far(values, values[chosen[-1]])
        return np.random.default_rng(seed).permutation(likely[chosen])

    @staticmethod
    def _far(values: np.ndarray, one: np.ndarray) -> np.ndarray:
        return np.sqrt(((values - one) ** 2).sum(axis=1))

    @property
    def effective(self) -> float:
        """So many equally likely draws the weights amount to (Kish 1965): 1 where one draw has all the weight."""
        return float(1 / (self.weights**2).sum())

    @cached_property
    def digest(self) -> str:
        """Fingerprint of its parameters, draws and weights."""
        text = json.dumps([[_names(p), p.low, p.high] for p in self.params])
        return sha256(text.encode() + self.values.tobytes() + self.weights.tobytes()).hexdigest()

    @property
    def table(self) -> pd.DataFrame:
        """One row per draw: its weight, then one column per parameter, named by its first path; durations in seconds."""
        return pd.DataFrame({"weight": self.weights, **{p.name: self.values[:, k] for k, p in enumerate(self.params)}})

    # ── in a file ───────────────────────────────────────────────────────────────────────────────────

    def text(self) -> str:
        """As JSON, with a seal."""
        params = [{**asdict(p), "paths": _names(p)} for p in self.params]
        data = {POSTERIOR.mark: POSTERIOR.form, **self.about, "parameters": params, "weights": self.weights.tolist(), "values": self.values.tolist()}
        return document.text(data, {}, indent=None)

    def save(self, place: str | Path) -> Path:
        """Write it as JSON. Raises OutputError."""
        place = Path(place)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place, self.text())
        except OSError as error:
            raise OutputError(message("{path}: cannot be written: {why}", path=place, why=reason(error))) from None
        return place

    @classmethod
    def load(cls, place: str | Path, say: Callable[[Message], None] | None = None) -> Posterior:
        """Read one that was saved. Raises OutputError; `say` is told of one without a seal, which an earlier version wrote."""
        found = document.read(Path(place), POSTERIOR)
        try:
            read = cls._of(found.data)
        except ValueError as error:
            raise OutputError(message("{place}: is no posterior of simgov: {why}", place=place, why=in_full(error))) from None
        found.tell(say or logging.getLogger("simgov").warning)
        return read

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Posterior:
        params = tuple(Parameter(**{**p, "paths": tuple(tuple(steps_of(name)) for name in p["paths"])}) for p in data["parameters"])
        count = len(data["weights"])
        if len(data["values"]) != count or any(len(row) != len(params) for row in data["values"]):
            raise ValueError(message("its draws do not go with its parameters"))
        values, weights = np.array(data["values"], float).reshape(count, len(params)), np.array(data["weights"], float)
        if not (weights >= 0).all() or not np.isclose(weights.sum(), 1):
            raise ValueError(message("its weights are no shares that add up to 1"))
        for param, column in zip(params, values.T, strict=True):
            some = 1e-9 * (param.high - param.low)
            if not param.low < param.high or (column < param.low - some).any() or (column > param.high + some).any():
                raise ValueError(message("draws of {name} lie outside its range", name=param.name))
        about = {key: value for key, value in data.items() if key not in (POSTERIOR.mark, "parameters", "values", "weights", document.FILES, document.SEAL)}
        return cls(params, values, weights, about)

    def left_alone(self, scenario: Scenario, base: Scenario, known: Collection[str] = ()) -> tuple[Parameter, ...]:
        """The parameters that a policy leaves as they are: what it sets itself is no longer unknown. `known`: paths that are set, if only to what they were."""
        fixed = [tuple(steps_of(path)) for path in known]
        return tuple(p for p in self.params if all(at(scenario.data, path) == at(base.data, path) and not _is_in(path, fixed) for path in p.paths))

    def __repr__(self) -> str:
        return f"<Posterior of {self.about.get('scenario', '?')}: {len(self)} draws of {len(self.params)} parameters>"


def _is_in(path: Sequence[Any], fixed: Sequence[Sequence[Any]]) -> bool:
    return any(all(a == b for a, b in zip(path, other, strict=False)) for other in fixed)


def _names(param: Parameter) -> list[str]:
    from simgov.errors import dotted

    return [dotted(path) for path in param.paths]


def equally_likely(params: Sequence[Parameter], shares: np.ndarray, about: Mapping[str, Any]) -> Posterior:
    """From draws that are shares of the ranges."""
    values = np.array([[p.value(float(u)) for p, u in zip(params, row, strict=True)] for row in shares])
    return Posterior(tuple(params), values, np.full(len(shares), 1 / len(shares)), about)
