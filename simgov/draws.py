"""All randomness of one replication, addressed by key: (seed, replication, purpose, incident, stage, n-th time).

Births are drawn here, before the run, and no staffing or procedure changes them: an incident's key is
(root, class, k-th birth). What a visit draws is asked for by `visit_key` and a purpose, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simgov.chance import MASK, key, keys, mix, part, salt, units
from simgov.clock import HOUR, NEVER
from simgov.plan import Plan
from simgov.plan.demand import Demand, Search
from simgov.plan.tree import count_within

PURPOSES = ("wait", "work", "lead", "outcome", "solved", "on call", "verify", "answer", "returns", "after", "due")
WAIT, WORK, LEAD, OUTCOME, SOLVED, ON_CALL, VERIFY, ANSWER, RETURNS, AFTER, DUE = (salt("purpose", p) for p in PURPOSES)


class Births(NamedTuple):
    """Incidents by number: in the order (born, class, root, k-th birth)."""

    key: np.ndarray  # uint64
    root: np.ndarray
    cls: np.ndarray  # class at birth
    nth: np.ndarray  # k of the k-th birth
    home: np.ndarray  # node
    entry: np.ndarray  # stage
    born: np.ndarray  # second; -1 for what was hidden before the period
    found: np.ndarray  # second, or NEVER
    found_cls: np.ndarray  # class when found (or at the end of the period)
    difficulty: np.ndarray


@dataclass(frozen=True)
class Draws:
    """`births`, the `skill` of each pool, the first `order` of idle people, and the key of the replication."""

    seed: int
    replication: int
    stream: int
    births: Births
    skill: np.ndarray  # per pool, log-odds
    order: np.ndarray  # per person: rank in the keyed first order of its pool
    stage_salts: tuple[int, ...]
    stage_parts: tuple[int, ...]  # the same, mixed as a part of a key
    team_salts: tuple[int, ...]


def visit_key(incident: int, stage_part: int, nth: int) -> int:
    """The key of an incident's n-th visit of a stage, whose `part` is already mixed."""
    return mix(mix(incident ^ stage_part) + nth & MASK)


def make(plan: Plan, seed: int, replication: int) -> Draws:
    """The draws of one replication."""
    stream = int(np.random.SeedSequence([seed, replication]).generate_state(1, np.uint64)[0])
    return Draws(
        seed,
        replication,
        stream,
        _births(plan, stream),
        _skills(plan, stream),
        _first_order(plan, stream),
        tuple(salt("stage", name) for name in plan.stages),
        tuple(part(salt("stage", name)) for name in plan.stages),
        tuple(salt("team", name) for name in plan.crowd.teams),
    )


# ── births ──────────────────────────────────────────────────────────────────────────────────────────


def _births(plan: Plan, stream: int) -> Births:
    parts = [
        _of_class(plan, demand, c, root, stream)
        for c, demand in enumerate(plan.demand)
        for root in plan.tree.roots
    ]  # fmt: skip
    together = Births(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    order = np.argsort(together.born, kind="stable")  # the parts lie in the order of class, root, nth
    return Births(*(column[order] for column in together))


def _of_class(plan: Plan, demand: Demand, c: int, root: int, stream: int) -> Births:
    root_key = key(stream, salt("root", plan.tree.names[root]))
    base = key(root_key, salt("class", demand.name))
    random = _arrival_seconds(plan, demand, root, base, root_key)
    hidden = np.full(demand.search.hidden_at_start[root] if demand.search else 0, -1, np.int64)
    mine = _fixed_here(plan, demand, root)
    born = np.concatenate([hidden, random, demand.fixed_born[mine]])
    # Kinds of birth are counted apart, so that more hidden ones move no later birth.
    nth = np.concatenate([np.arange(len(hidden)) + (1 << 40), np.arange(len(random)), np.arange(mine.sum()) + (1 << 41)])
    own = keys(base, nth.astype(np.uint64))

    home = _given_or_drawn(own, demand.fixed_home[mine], lambda keys: _homes(demand, root, keys))
    entry = _given_or_drawn(own, demand.fixed_stage[mine], lambda keys: demand.entries[_cut(demand.entry_shares, keys, "entry")])
    difficulty = _given_or_drawn(own, demand.fixed_difficulty[mine], lambda keys: _difficulties(demand, keys))
    found, found_cls = np.maximum(born, 0), np.full(len(born), c)
    if demand.search is not None:
        found, found_cls = _found(plan, demand.search, own, born, home, found_cls)
    return Births(own, np.full(len(born), root), np.full(len(born), c), nth, home, entry, born, found, found_cls, difficulty)


def _given_or_drawn(own: np.ndarray, given: np.ndarray, draw: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """What is given with the fixed births, which come last; drawn by key for all others."""
    missing = np.isnan(given) if given.dtype == float else given < 0
    drawn = np.concatenate([np.ones(len(own) - len(given), bool), missing])
    values = np.concatenate([np.zeros(len(own) - len(given), given.dtype), given])
    values[drawn] = draw(own[drawn])
    return values


def _homes(demand: Demand, root: int, own: np.ndarray) -> np.ndarray:
    if root not in demand.homes:
        return np.full(len(own), root)
    nodes, shares = demand.homes[root]
    return nodes[_cut(shares, own, "home")]


def _difficulties(demand: Demand, own: np.ndarray) -> np.ndarray:
    if not demand.difficulty:
        return np.zeros(len(own))
    from scipy.special import ndtri

    return ndtri(_unit(own, "difficulty")) * demand.difficulty


def _cut(shares: np.ndarray, own: np.ndarray, purpose: str) -> np.ndarray:
    """Into which of the cumulated shares the uniform of each key falls."""
    if len(shares) == 1:
        return np.zeros(len(own), np.int64)
    return np.minimum(np.searchsorted(shares, _unit(own, purpose), side="right"), len(shares) - 1)


def _unit(own: np.ndarray, purpose: str) -> np.ndarray:
    return units(keys(own, salt("birth", purpose)))


def _arrival_seconds(plan: Plan, demand: Demand, root: int, base: int, root_key: int) -> np.ndarray:
    """Births of a Poisson process by inversion of its integrated rate: the k-th birth has its own unit exponential."""
    rate = demand.hourly * demand.weights[root]
    if demand.day_cv:
        rate = rate * np.repeat(_day_factors(demand.day_cv, len(rate) // 24, root_key), 24)
    total = np.concatenate([[0.0], np.cumsum(rate) * HOUR])
    if total[-1] <= 0:
        return np.zeros(0, np.int64)
    gaps_key, level, found = key(base, salt("gap")), 0.0, []
    first, size = 0, int(total[-1] + 6 * np.sqrt(total[-1])) + 64
    while level < total[-1]:
        gaps = -np.log(units(keys(gaps_key, np.arange(first, first + size, dtype=np.uint64))))
        levels = level + np.cumsum(gaps)
        found.append(levels)
        first, level, size = first + size, levels[-1], max(64, size // 8)
    levels = np.concatenate(found)
    levels = levels[levels < total[-1]]
    hour = np.searchsorted(total, levels, side="right") - 1
    return np.minimum((hour + (levels - total[hour]) / (rate[hour] * HOUR)) * HOUR, plan.horizon - 1).astype(np.int64)


def _day_factors(cv: float, days: int, root_key: int) -> np.ndarray:
    """Gamma factors with mean 1; the same uniform of a root and day for every class."""
    from scipy.stats import gamma

    uniform = units(keys(key(root_key, salt("day")), np.arange(days, dtype=np.uint64)))
    return gamma.ppf(uniform, a=1 / cv**2, scale=cv**2)


def _fixed_here(plan: Plan, demand: Demand, root: int) -> np.ndarray:
    """Scheduled and listed births of a root; those without a place belong to the first root of the forest."""
    somewhere = plan.tree.roots[0] if plan.tree.first_root == 0 else -1
    return np.where(demand.fixed_home >= 0, plan.tree.root[demand.fixed_home], somewhere) == root


def _found(
    plan: Plan, search: Search, own: np.ndarray, born: np.ndarray, home: np.ndarray, cls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """When the accumulated hazard reaches an incident's own exponential draw, and its class by then."""
    wanted = -np.log(_unit(own, "found"))
    found, reached = np.full(len(born), NEVER), np.zeros(len(born))
    ends = np.append(search.edges[1:], plan.horizon)
    for stretch, (start, end) in enumerate(zip(search.edges, ends, strict=True)):
        hazard = search.hazard[stretch][home]
        since = np.maximum(born, start)
        gain = hazard * np.maximum(end - since, 0)
        hit = (found == NEVER) & (gain > 0) & (reached + gain > wanted)
        found[hit] = since[hit] + ((wanted[hit] - reached[hit]) / hazard[hit]).astype(np.int64)
        reached = reached + gain
    found = np.where(found < plan.horizon, found, NEVER)
    if search.becomes >= 0:
        changed = np.maximum(born, 0) - np.log(_unit(own, "becomes")) / search.becomes_rate
        cls = np.where(changed < np.minimum(found, plan.horizon), search.becomes, cls)
    return found, cls


# ── people ──────────────────────────────────────────────────────────────────────────────────────────


def _pool_keys(plan: Plan, stream: int, purpose: str) -> np.ndarray:
    """By pool: its key for a purpose, of its team and node."""
    teams = np.array([key(stream, salt(purpose, team)) for team in plan.crowd.teams], np.uint64)
    return keys(teams[plan.crowd.pool_team], plan.tree.salts[plan.crowd.pool_node])


def _skills(plan: Plan, stream: int) -> np.ndarray:
    """The skill of each pool, keyed by team and node."""
    means = np.array([plan.scenario.teams[t].skill.mean for t in plan.crowd.teams])[plan.crowd.pool_team]
    sds = np.array([plan.scenario.teams[t].skill.sd for t in plan.crowd.teams])[plan.crowd.pool_team]
    if not sds.any():
        return means
    from scipy.special import ndtri

    return means + sds * ndtri(units(_pool_keys(plan, stream, "skill")))


def _first_order(plan: Plan, stream: int) -> np.ndarray:
    """Who of a pool counts as idle longest at the start: a keyed order, not always number 0."""
    crowd, rank = plan.crowd, np.zeros(len(plan.crowd.person_pool), np.int64)
    size = np.bincount(crowd.person_pool, minlength=len(crowd.pool_team))
    several = np.flatnonzero(size[crowd.person_pool] > 1)
    if not len(several):
        return rank
    pool, number = crowd.person_pool[several], crowd.person_number[several]
    own = keys(_pool_keys(plan, stream, "order")[pool], number.astype(np.uint64))
    order = np.lexsort((number, own, pool))
    rank[several[order]] = count_within(size[size > 1])
    return rank
