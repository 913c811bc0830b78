"""R36: everything random is addressed by key. Written from the page; only `quantile` and `expit` are those of simgov/chance.py, which the page names."""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from simgov.chance import quantile, quantile_table
from simgov.scenario.distributions import Distribution

ALL = 2**64


def mix(z: int) -> int:
    """The finaliser of SplitMix64, variant 13."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % ALL
    z = (z ^ z >> 27) * 0x94D049BB133111EB % ALL
    return z ^ z >> 31


def salt(*words: str) -> int:
    return int.from_bytes(blake2b(b"\x1f".join(w.encode() for w in words), digest_size=8).digest(), "little")


def key(parent: int, part: int) -> int:
    return mix(parent ^ mix((part + 0x9E3779B97F4A7C15) % ALL))


def uniform(bits: int) -> float:
    return ((bits >> 12) + 0.5) / 2**52


def of_replication(seed: int, replication: int) -> int:
    return int(np.random.SeedSequence([seed, replication]).generate_state(1, np.uint64)[0])


def of_incident(replication: int, root: str, cls: str, k: int) -> int:
    return key(key(key(replication, salt("root", root)), salt("class", cls)), k)


def of_returned(incident: int) -> int:
    return key(incident, salt("purpose", "returns"))


def of_visit(incident: int, stage: str, n: int) -> int:
    return mix((key(incident, salt("stage", stage)) + n) % ALL)


def purpose(visit: int, name: str) -> int:
    return mix(visit ^ salt("purpose", name))


def of_part(visit: int, team: str) -> int:
    return key(purpose(visit, "work"), salt("team", team))


def of_part_at(visit: int, team: str, node: str) -> int:
    return key(of_part(visit, team), salt("node", node))


def on_call_at(visit: int, node: str) -> int:
    return mix(key(visit ^ salt("purpose", "on call"), salt("node", node)))


def of_share(visit: int, verify_stage: str) -> int:
    return mix(key(visit, salt("purpose", "verify")) ^ salt("stage", verify_stage))


def whether_returns(incident: int) -> int:
    return mix(key(incident, salt("purpose", "returns")))


def when_returns(incident: int) -> int:
    return mix(key(incident, salt("purpose", "returns")) ^ salt("purpose", "after"))


def entry_of_returned(returned: int) -> int:
    return key(returned, salt("birth", "entry"))


@lru_cache(maxsize=256)
def _table(written: str) -> np.ndarray:
    law = Distribution.model_validate_json(written)
    return quantile_table(law.ppf, law.isf)


def duration(law: Distribution | None, bits: int, least: int = 0) -> int:
    """R2: rounded once, to the nearest second, half up; at least so long."""
    if law is None:
        return least
    return max(least, math.floor(quantile(_table(law.model_dump_json(exclude_none=True)), bits) + 0.5))


@lru_cache(maxsize=256)
def log_odds(p: float, sd: float) -> float:
    """R27: the a for which expit(a - X) is p on average over X ~ Normal(0, sd)."""
    from scipy.optimize import brentq
    from scipy.special import expit

    x = np.linspace(-12, 12, 4001)
    weight = np.exp(-x * x / 2)
    weight /= weight.sum()
    return brentq(lambda a: weight @ expit(a - sd * x) - p, -60 - 60 * sd, 60 + 60 * sd, xtol=1e-13)
