"""How old what is open is, by place: green within its due, yellow near it, red past it (红黄绿).

Places are the nodes of the lowest level that has no more of them than a picture holds, and all nodes above that level; a
root below it is a place, too. They are counted over the whole forest, so those of its parts add up.
"""

from __future__ import annotations

import numpy as np

from simgov.clock import DAY
from simgov.measures.view import View
from simgov.plan import Forest, Tree

LIGHTS = ("green", "yellow", "red")
NEAR = DAY  # before its due
AGES = (7 * DAY, 30 * DAY)  # from which on what has no due is yellow and red
MOST = 60  # places of the lowest level


def lowest_level(forest: Forest, levels: tuple[str, ...]) -> str:
    """The lowest level with at most so many nodes; the highest one if each has more."""
    return next((level for level in levels if 0 < forest.counts[level].sum() <= MOST), levels[-1])


def places(tree: Tree, levels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, int]:
    """The nodes of a tree that are places, the number of each in the whole forest, and how many the forest has."""
    lowest = levels.index(lowest_level(tree.forest, levels))
    height = np.array([levels.index(level) for level in tree.levels])[tree.level]
    by_root = np.maximum(sum(tree.forest.counts[level] for level in levels[lowest:]), 1)
    nodes = np.flatnonzero((height >= lowest) | (tree.parent < 0))
    return nodes, by_root[: tree.first_root].sum() + np.arange(len(nodes)), int(by_root.sum())


def ageing(view: View) -> np.ndarray:
    """By place of their home and light: collected incidents that are open at the census (places x 3)."""
    tree, i = view.plan.tree, view.incidents
    nodes, number, count = places(tree, tree.levels)
    mine = np.flatnonzero(view.collected & view.is_open)
    place = np.full(len(tree.level), -1)
    place[nodes] = number
    for below in tree.generations[1:]:
        place[below] = np.where(place[below] >= 0, place[below], place[tree.parent[below]])
    cell = place[i.home[mine]] * len(LIGHTS) + lights(view)[mine]
    return np.bincount(cell, minlength=count * len(LIGHTS)).reshape(count, len(LIGHTS))


def lights(view: View) -> np.ndarray:
    """By incident, as it stands at the census: its light by the due of the stage where it is, or else by its age since it was found."""
    v, i, census = view.visits, view.incidents, view.census
    age = census - i.found
    light = np.where(age >= AGES[1], 2, np.where(age >= AGES[0], 1, 0))
    here = np.flatnonzero(view.whole & (v.left < 0) & (v.due >= 0))  # an incident is at one stage at a time
    due = v.due[here]
    light[view.row[here]] = np.where(due < census, 2, np.where(due - census <= NEAR, 1, 0))
    return light
