"""Lists of the highest and the lowest, and what follows from being listed. Arrays are replication x round x node.

Where nodes have equal points, their places are drawn by lot; the lots are keyed by seed, team, replication, round and node.
"""

from __future__ import annotations

import numpy as np

from simgov.chance import key, keys, salt, units


def lots(seed: int, team: str, shape: tuple[int, int, int]) -> np.ndarray:
    """A number in (0, 1) for every replication, round and node."""
    base = key(key(salt("ledger"), salt(team)), seed)
    replication, number, node = (np.arange(n, dtype=np.uint64) for n in shape)
    return units(keys(keys(keys(base, replication)[:, None], number)[..., None], node))


def lowest(points: np.ndarray, lot: np.ndarray, n: int) -> np.ndarray:
    """Whether each node is among the n with the fewest points (bool); equals by lot."""
    order = np.lexsort((lot, points), axis=-1)[..., :n]
    listed = np.zeros(points.shape, bool)
    np.put_along_axis(listed, order, True, axis=-1)
    return listed


def by_lot(points: np.ndarray, n: int) -> np.ndarray:
    """Places among the n lowest that only the lot decided, by replication and round."""
    edge = np.partition(points, n - 1, axis=-1)[..., n - 1 : n]
    below, equal = (points < edge).sum(axis=-1), (points == edge).sum(axis=-1)
    return np.where(below + equal > n, n - below, 0)


def talks(listed: np.ndarray, strikes: int, window: int | None = None, clears: bool = True) -> np.ndarray:
    """Whether a talk follows (bool): by the rule of `by_lot.talks`."""
    count, rounds = np.cumsum(listed, axis=1), listed.shape[1]
    window = rounds if window is None else window
    slate = np.zeros((listed.shape[0], listed.shape[2]), np.int64)  # listings that count no more
    found = np.zeros(listed.shape, bool)
    for t in range(rounds):
        lapsed = count[:, t - window] if t >= window else 0
        found[:, t] = listed[:, t] & (count[:, t] - np.maximum(lapsed, slate) >= strikes)
        if clears:
            slate = np.where(found[:, t], count[:, t], slate)
    return found


def held_again(listed: np.ndarray) -> np.ndarray:
    """By replication: the share of places that the same node holds in another round, over all pairs of rounds."""
    rounds, places = listed.shape[1], listed.sum(axis=(1, 2))
    times = listed.sum(axis=1)
    return (times * (times - 1)).sum(axis=-1) / (places * (rounds - 1))


def no_worse(points: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """By replication: the share of places held by nodes that reach the median in the other rounds; equals count half."""
    elsewhere = (points.sum(axis=1, keepdims=True) - points).round(9)
    median = np.median(elsewhere, axis=-1, keepdims=True)
    better = (elsewhere > median) + 0.5 * (elsewhere == median)
    return (better * listed).sum(axis=(1, 2)) / listed.sum(axis=(1, 2))
