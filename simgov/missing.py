"""Characters that no font has: told once and in a sentence, by whoever is in charge (a command, a report), else as a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from simgov.language import message, say

TOLD = message("No font of this machine has {characters}: in the figures a box stands in place of each. Install a font that has them and draw again.")
MOST = 30  # characters that are named
_heard: ContextVar[set[str] | None] = ContextVar("characters without a font", default=None)


class MissingCharactersWarning(UserWarning):
    """Some `characters` of a figure are drawn as boxes."""


def tell(characters: Iterable[str], lang: str) -> None:
    """Whoever gathers hears of them; where nobody does, a warning says it."""
    heard = _heard.get()
    if heard is not None:
        heard.update(characters)
    elif sentence := said(characters, lang):
        warnings.warn(sentence, MissingCharactersWarning, stacklevel=2)


def said(characters: Iterable[str], lang: str) -> str:
    """The sentence about them; '' where none is missing."""
    named = sorted(characters)
    listed = " ".join(named[:MOST]) + (" …" if len(named) > MOST else "")
    return say(TOLD, lang).format(characters=listed) if named else ""


@contextmanager
def gathered(told: Callable[[Iterable[str]], None]) -> Iterator[None]:
    """What is missing from all figures that are drawn within is told once, at the end; who gathers around that hears it in turn."""
    heard: set[str] = set()
    token = _heard.set(heard)
    try:
        yield
    finally:
        _heard.reset(token)
    if heard:
        told(heard)
