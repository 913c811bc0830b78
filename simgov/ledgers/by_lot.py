"""What lists and strikes look like when all nodes are equal and places on a list are drawn by lot.

In every round n of N nodes are listed, each set of n as likely as any other. So one node is listed with chance
p = n / N in each round, independently from round to round, and its number of listings in R rounds is Binomial(R, p).
"""

from __future__ import annotations

from collections import defaultdict
from math import comb

import numpy as np

MOST_DRAWS = 20_000_000  # random numbers of one simulation


def struck(rounds: int, n: int, of: int, strikes: int) -> float:
    """Share of equal nodes listed at least `strikes` times in so many rounds: 1 - sum over j < k of C(R, j) p^j (1-p)^(R-j), p = n / of.

    For R = 26, n = 5 and k = 2 this is 1 - (1-p)^26 - 26 p (1-p)^25, the figure D-27.
    """
    p = n / of
    return 1.0 - sum(comb(rounds, j) * p**j * (1 - p) ** (rounds - j) for j in range(min(strikes, rounds + 1)))


def talks(rounds: int, n: int, of: int, strikes: int, window: int | None = None, clears: bool = True) -> tuple[float, float]:
    """(share of equal nodes with a talk or more, mean talks of a node) over so many rounds, exactly.

    A talk follows a listing with which a node has `strikes` listings in the latest `window` rounds (None: ever since). With
    `clears` a talk wipes the slate; else every further listing that still meets the rule leads to another one. The state
    of the chain is how many rounds ago the latest `strikes` - 1 listings were, and whether there was a talk.
    """
    p, keep = n / of, strikes - 1
    window = rounds if window is None else window
    states: dict[tuple[tuple[int, ...], bool], float] = {((), False): 1.0}
    mean = 0.0
    for _ in range(rounds):
        after: dict[tuple[tuple[int, ...], bool], float] = defaultdict(float)
        for (ages, talked), chance in states.items():
            older = (
                tuple(age + 1 for age in ages if age + 1 < window) if window < rounds else ages
            )  # without lapses ages say nothing
            after[older, talked] += chance * (1 - p)
            if len(older) < keep:
                after[(*older, 0), talked] += chance * p
            else:
                mean += chance * p
                after[() if clears else (*older, 0)[1:] if keep else (), True] += chance * p
        states = after
    return sum(chance for (_, talked), chance in states.items() if talked), mean


def always(rounds: int, n: int, of: int) -> float:
    """How many equal nodes are expected to be listed in every round: N p^R."""
    return of * (n / of) ** rounds


def most_often(rounds: int, n: int, of: int) -> float:
    """The share of rounds in which the most often listed of equal nodes is listed: a mean over simulated lots (fixed seed)."""
    if n >= of:
        return 1.0
    times = int(np.clip(MOST_DRAWS // (rounds * of), 1, 2000))
    rng, best = np.random.default_rng(0), np.empty(times)
    for i in range(times):
        drawn = np.argpartition(rng.random((rounds, of)), n - 1, axis=1)[:, :n]
        best[i] = np.bincount(drawn.ravel(), minlength=of).max()
    return float(best.mean() / rounds)
