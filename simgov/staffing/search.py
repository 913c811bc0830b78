"""Where there are too many combinations to try them all: candidates are proposed by optuna."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from simgov.errors import UsageError
from simgov.language import Message, message
from simgov.staffing.candidates import Staffing
from simgov.staffing.judge import frontier

BATCH = 8  # combinations that are asked for at once; a fixed number, so that results do not depend on workers
MISSING = message("searching more than {every} combinations needs optuna: pip install 'simgov[design]'; or give the levers fewer values")

Row = tuple[int, ...]
Judge = Callable[[Sequence[Row]], list[tuple[float, Sequence[float]]]]  # cost, and by how much each goal is missed (below 0: kept)


def propose(staffing: Staffing, judge: Judge, seed: int) -> list[Row]:
    """Combinations that may be the cheapest which meet the goals, and those on the frontier as it looks after the search.

    Tries are told to optuna's TPE sampler with the goals as constraints. All levers at their first and all at their last value are
    tried first. Replications of the search are not those of the selection, so that it does not favour whoever was lucky here.
    """
    optuna = _optuna(staffing.file.search.every)
    said = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        tried = _search(optuna, staffing, judge, seed)
    finally:
        optuna.logging.set_verbosity(said)
    return _short_list(tried, staffing.file.search.keep)


def _search(optuna: Any, staffing: Staffing, judge: Judge, seed: int) -> dict[Row, tuple[float, Sequence[float]]]:
    file = staffing.file
    spaces = {name: optuna.distributions.IntDistribution(0, len(values) - 1) for name, values in zip(file.levers, staffing.levers, strict=True)}
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=2 * BATCH)
    study = optuna.create_study(sampler=sampler)
    for end in (0, -1):
        study.enqueue_trial({name: range(len(values))[end] for name, values in zip(file.levers, staffing.levers, strict=True)})
    tried: dict[Row, tuple[float, Sequence[float]]] = {}
    asked = 0
    while asked < file.search.tries:
        trials = [study.ask(spaces) for _ in range(min(BATCH, file.search.tries - asked))]
        asked += len(trials)
        rows = [tuple(trial.params[name] for name in file.levers) for trial in trials]
        new = [row for row in dict.fromkeys(rows) if row not in tried]
        tried |= dict(zip(new, judge(new), strict=True))
        for trial, row in zip(trials, rows, strict=True):
            cost, missed = tried[row]
            for number, by in enumerate(missed):
                trial.set_constraint(f"goal {number}", by)
            study.tell(trial, cost)
    return tried


def _short_list(tried: dict[Row, tuple[float, Sequence[float]]], keep: int) -> list[Row]:
    """Half of the places for the cheapest that seem to meet the goals, the rest for those that miss them least or are on the frontier."""
    rows = list(tried)
    costs, missed = np.array([tried[r][0] for r in rows]), np.array([tried[r][1] for r in rows])
    kept = (missed <= 0).all(axis=1)
    worst = missed.max(axis=1)
    best = [k for k in np.lexsort((costs, ~kept)) if kept[k]][: keep // 2]
    front = [k for k in np.argsort(worst, kind="stable") if frontier(costs, -missed)[k]]
    near = [k for k in np.argsort(worst, kind="stable") if not kept[k]]
    cheaper = [k for k in near if not best or costs[k] < costs[best[0]]]
    order = dict.fromkeys([*best, *cheaper[: keep // 3], *front, *near])
    return sorted(rows[k] for k in list(order)[:keep])


def _optuna(every: int) -> Any:
    try:
        import optuna
    except ImportError:
        raise UsageError(Message(MISSING, {"every": every})) from None
    return optuna
