"""How much of the points of a round is luck: variance components of nodes by rounds.

Within a replication the staff stay the same, and so does whatever else makes nodes differ; between replications skill is
drawn anew. So what stays of a node shows from round to round of one replication. With N nodes and T rounds, points
x[i, t] less the mean of their round,

    M_nodes = T sum_i (x[i, .])^2 / (N - 1)                      M_rest = sum_it (x[i, t] - x[i, .])^2 / ((N - 1)(T - 1))
    what stays = (M_nodes - M_rest) / T                          luck = M_rest

are unbiased for the two components (Searle, Casella and McCulloch, Variance Components, 1992, section 4.3; two ways, one
entry a cell). Reliability is what stays / (what stays + luck), the ICC(3,1) of Shrout and Fleiss (1979); the share of
luck is 1 - reliability. Of the sum over m rounds luck makes luck / (luck + m what stays) (Spearman and Brown, 1910).

The points expected from the cases a node has had, when each is worth what such a case is worth on average (indirect
standardisation, as in Spiegelhalter, Funnel plots for comparing institutional performance, 2005), tell load from the
rest: what stays of x is the covariance of what stays of x with what stays of the expected points, plus that with the rest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Components(NamedTuple):
    """Variance (or covariance) of the points of one round, by replication: `stays` with the node, and `luck` of the round."""

    stays: np.ndarray
    luck: np.ndarray


def components(x: np.ndarray, y: np.ndarray | None = None) -> Components:
    """Components of x, or of the covariance of x and y; arrays are replication x round x node, 2 rounds and nodes or more."""
    y = x if y is None else y
    _, rounds, nodes = x.shape
    x, y = (a - a.mean(axis=2, keepdims=True) for a in (x, y))
    mean_x, mean_y = (a.mean(axis=1, keepdims=True) for a in (x, y))
    between = rounds * (mean_x * mean_y).sum(axis=(1, 2)) / (nodes - 1)
    rest = ((x - mean_x) * (y - mean_y)).sum(axis=(1, 2)) / ((nodes - 1) * (rounds - 1))
    return Components((between - rest) / rounds, rest)


def expected(points: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Points that a node's cases would have brought the average node. `points`, `load`: replication x round x node x class."""
    total, cases = points.sum(axis=(0, 1, 2)), load.sum(axis=(0, 1, 2))
    worth = np.divide(total, cases, out=np.zeros(len(cases)), where=cases > 0)
    return load @ worth
