"""Labels of which no two read the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain, count
from typing import Any


def distinct(labels: Mapping[Any, str], named: Callable[[Any], str] = str) -> dict[Any, str]:
    """The labels; those that read the same are followed by the name of what they stand for, and by a number where that is not enough."""
    often = Counter(map(_read, labels.values()))
    taken = {text for text, times in often.items() if times == 1}
    told = {}
    for thing, label in labels.items():
        if often[_read(label)] > 1:
            name = named(thing)
            marks = chain([name] if name else [], (f"{name}, {number}" if name else str(number) for number in count(1)))
            label = next(text for mark in marks if _read(text := f"{label} ({mark})") not in taken)
            taken.add(_read(label))
        told[thing] = label
    return told


def _read(label: str) -> str:
    """As somebody reads it: blanks at the ends and capitals make no difference."""
    return " ".join(label.split()).casefold()
