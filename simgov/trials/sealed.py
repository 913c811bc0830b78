"""Scenarios on their way to other processes: sealed once, opened once in each process that needs them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from simgov.scenario import Scenario, build_with
from simgov.trials.outcome import Shape


class Closed(Protocol):
    """Something that opens to a scenario; equal digests open to equal scenarios."""

    @property
    def digest(self) -> str: ...

    @property
    def shape(self) -> Shape: ...

    def open(self) -> Scenario: ...


class _Parcel(NamedTuple):
    digest: str
    content: bytes
    shape: Shape


class Sealed(_Parcel):
    """A scenario as bytes, which are cheap to send again and again."""

    @classmethod
    def of(cls, scenario: Scenario) -> Sealed:
        days = (scenario.period.end - scenario.period.start).days
        return cls(scenario.digest, pickle.dumps(scenario), (len(scenario.levels), days))

    def open(self) -> Scenario:
        return _opened(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=64)
def _opened(sealed: Sealed) -> Scenario:
    return pickle.loads(sealed.content)


class Variant:
    """A sealed scenario with values set by path, built where it is opened: for searches that try thousands."""

    def __init__(self, base: Sealed, settings: Mapping[str, Any]):
        self.base, self.settings = base, dict(settings)

    @cached_property
    def digest(self) -> str:
        """Of what it is made from; a Variant and the same scenario sealed have different digests."""
        return sha256(json.dumps([self.base.digest, self.settings], sort_keys=True, default=str).encode()).hexdigest()

    @property
    def shape(self) -> Shape:
        """Settings are numbers: levels and days stay as they are."""
        return self.base.shape

    def open(self) -> Scenario:
        """Raises ScenarioError when the values make it wrong."""
        return _built(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variant) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=16)
def _built(variant: Variant) -> Scenario:
    base = variant.base.open()
    return build_with(base.data, base.access, variant.settings, name=base.name, folder=base.folder)
