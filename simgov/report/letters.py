"""The letters that a report brings along, so that it reads the same on a machine without fonts: only those that it uses."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from simgov.plots.fonts import chinese, knows, latin

FAMILIES = {"simgov": chinese, "simgov-more": latin}  # what the first one lacks (accents, signs, Arabic letters) is looked for in the second
ALWAYS = frozenset(map(chr, range(0x20, 0x7F)))
LEFT_OUT = ["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "FFTM"]  # for vertical writing and ligatures


class Face(NamedTuple):
    """A font of a report: its family, and its WOFF2 in base 64."""

    family: str
    data: str


def faces(text: str) -> list[Face]:
    """Fonts for all that a text is written with, as far as it is known; one that has nothing to add is left out."""
    wanted, found = ALWAYS | set(text), []
    for family, path in FAMILIES.items():
        known = frozenset(c for c in wanted if knows(path(), c))
        wanted = wanted - known
        if known:
            found.append(Face(family, _subset(path(), known)))
    return found


@lru_cache(maxsize=8)  # both languages of a run, and its comparisons
def _subset(path: Path, characters: Iterable[str]) -> str:
    """The same bytes each time."""
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=[], name_IDs=[], drop_tables=LEFT_OUT)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    data = BytesIO()
    with subset.load_font(str(path), options) as font:
        cutter.subset(font)
        subset.save_font(font, data, options)
    return b64encode(data.getvalue()).decode("ascii")
