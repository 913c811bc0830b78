"""What is read off the outcomes of a candidate: its cost and its goals, by replication."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgov.staffing.judge import Sample
from simgov.staffing.model import Goal
from simgov.study.model import Asked
from simgov.study.paired import Ratios
from simgov.trials import Outcome


def sample(outcomes: Sequence[Outcome], goals: Sequence[Goal], costs: Sequence[Asked]) -> Sample:
    """Of one candidate."""
    each = tuple(Ratios.of(outcomes, goal.key) for goal in goals)
    return Sample(np.array([total(outcome, costs) for outcome in outcomes]), each)


def total(outcome: Outcome, rows: Sequence[Asked]) -> float:
    """Rows of measures added up, to 12 figures: so that what costs the same is the same number."""
    pairs = [outcome.row(asked.key) for asked in rows]
    return float(f"{sum(top / bottom for top, bottom in pairs if bottom):.12g}")
