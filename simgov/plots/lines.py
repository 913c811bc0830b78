"""Breaking lines of text where a figure ends: matplotlib knows no widths before it draws."""

from __future__ import annotations

from simgov.language import lines
from simgov.language.lines import WIDE

NARROW, BROAD = " ijlftrI.,:;!|'()[]-", "mwMW%@—→←"


def ems(text: str) -> float:
    """How wide a text is, roughly, in widths of a Chinese character."""
    return sum(1.0 if WIDE.match(c) else 0.35 if c in NARROW else 0.9 if c in BROAD else 0.61 for c in text)


def wrap(text: str, width: float) -> list[str]:
    """Lines of at most so many ems."""
    return lines.wrap(text, width, ems)


def wrapped(text: str, width: float) -> str:
    return "\n".join(wrap(text, width))
