"""Words of the field that people answer with, in English or Chinese, and the keys and labels that a scenario gets for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from simgov.language import message, say
from simgov.scenario.check import BY_CLASS_WORDS, RESERVED

# What a level is called, and which tier of grid governance that is.
LEVELS = {
    message("unit"): "unit", message("building"): "unit", message("grid"): "grid",
    message("community"): "community", message("village"): "community",
    message("street"): "street", message("town"): "street", message("township"): "street",
    message("district"): "district", message("county"): "district", message("city"): "city",
}  # fmt: skip
# What a kind of matter is called, and how it is handled.
CLASSES = {message("incident"): "ordinary", message("event"): "ordinary", message("dispute"): "dispute", message("complaint"): "dispute"}
DEPARTMENTS = dict.fromkeys(
    (
        message("departments"), message("police"), message("urban management"), message("housing"), message("justice office"), message("market regulation"),
        message("civil affairs"), message("health"), message("human resources"), message("emergency management"), message("water affairs"),
    ),
    "department",
)  # fmt: skip
TEAMS = {message("unit leader"): "unit_leader", message("grid worker"): "grid_worker", message("community staff"): "community_staff"}
TAKEN = {*RESERVED, *BY_CLASS_WORDS, "withdrawn", "chores", "unit_handle", "grid_handle", "community_triage", "community_handle", *TEAMS.values()}


@dataclass(frozen=True)
class Term:
    """A word somebody answered with: its key in the file, its label in both languages, what it stands for, how many, and the word as it was `said`."""

    key: str
    en: str
    zh: str
    means: str
    count: int = 0
    said: str = ""


def term(given: str, known: dict[str, str], count: int = 0) -> Term:
    """The word itself and, if the field knows it, its other language. Else it stands for itself in both."""
    word = " ".join(given.replace("_", " ").split())
    for english, means in known.items():
        if word.lower() in (english, f"{english}s", means.replace("_", " ")) or word == say(english, "zh"):
            return Term(english.replace(" ", "_"), english, say(english, "zh"), means, count, word)
    return Term(key(word), word, word, "", count, word)


def key(word: str) -> str:
    """A name for the file: letters (also Chinese ones), digits and underscores; no word of the language."""
    plain = re.sub(r"\W+", "_", word.lower()).strip("_") or "x"
    return f"{plain}_" if plain in TAKEN or plain.endswith(("_chores", "_handle")) else plain


def repeated(terms: Iterable[Term]) -> str:
    """The first label that two of them share, or nothing."""
    seen: set[str] = set()
    for one in terms:
        if one.key in seen:
            return one.said
        seen.add(one.key)
    return ""
