"""Fingerprints of the past: two journals whose fingerprints for a second are equal tell the same up to that second."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from simgov.journal import Journal


def fingerprint(journal: Journal, second: int) -> str:
    """Of every event stamped before `second`, whatever came of it later.

    Incidents are told apart by their keys and not by their numbers, which depend on the future. What has no stamp of its
    own goes with the event that makes it known: who did a visit with its start, how it was left with its leaving.
    """
    hasher = blake2b(digest_size=16)
    for columns in (_incidents(journal, second), _visits(journal, second), _work(journal, second)):
        for column in columns:
            hasher.update(np.ascontiguousarray(column).tobytes())
        hasher.update(b"|")
    return hasher.hexdigest()


def _incidents(journal: Journal, second: int) -> Iterable[np.ndarray]:
    i = journal.incidents
    known = np.flatnonzero(i.born < second)
    known = known[np.argsort(i.key[known], kind="stable")]
    key_of_earlier = np.where(i.repeat_of >= 0, i.key[np.searchsorted(i.incident, np.maximum(i.repeat_of, 0))], 0)
    yield from (column[known] for column in (i.key, i.root, i.cls_born, i.nth, i.home, i.born, i.difficulty, key_of_earlier))
    for stamp, told in ((i.found, i.channel), (i.closed, None), (i.solved, None), (i.verified_at, i.verified), (i.ended, i.how), (i.ended, i.left_by)):
        yield from _told(stamp[known], second, None if told is None else told[known])


def _visits(journal: Journal, second: int) -> Iterable[np.ndarray]:
    v = journal.visits
    key = _keys(journal, v.incident)
    known = np.flatnonzero(v.entered < second)
    known = known[np.lexsort((v.part[known], v.visit[known], key[known]))]
    yield from (column[known] for column in (key, v.visit, v.part, v.stage, v.nth, v.cls, v.entered))
    for stamp, told in (
        (v.admitted, None), (v.released, None), (v.due, None), (v.finished, None), (v.started, v.pool), (v.started, v.reached),
        (v.left, v.result), (v.left, v.target), (v.left, v.priority),
    ):  # fmt: skip
        yield from _told(stamp[known], second, None if told is None else told[known])


def _work(journal: Journal, second: int) -> Iterable[np.ndarray]:
    w = journal.work
    key = _keys(journal, w.incident)
    known = np.flatnonzero(w.start < second)
    known = known[np.lexsort((w.start[known], w.person[known], w.pool[known], w.part[known], w.visit[known], key[known]))]
    yield from (column[known] for column in (key, w.visit, w.part, w.pool, w.person, w.start))
    for told in (w.regular, w.off_hours):
        yield from _told(w.end[known], second, told[known])


def _told(stamp: np.ndarray, second: int, told: np.ndarray | None) -> Iterable[np.ndarray]:
    """Stamps before the second, and what they tell; -1 for what is still to come."""
    before = (stamp >= 0) & (stamp < second)
    yield np.where(before, stamp, -1)
    if told is not None:
        yield np.where(before, told, -1)


def _keys(journal: Journal, incident: np.ndarray) -> np.ndarray:
    return journal.incidents.key[np.searchsorted(journal.incidents.incident, incident)]
