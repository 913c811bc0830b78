"""Breaking lines of text that may be Chinese, which has no spaces and takes two columns of a terminal a character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

WIDE = re.compile("[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]")
NOT_FIRST = "，。；：、？！）》”’%％,.;:?!)"  # no line begins with these
NOT_LAST = "（“‘《("  # and none ends with these


def has_wide(text: str) -> bool:
    return WIDE.search(text) is not None


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(2 if WIDE.match(c) else 1 for c in text)


def wrap(text: str, width: float, measure: Callable[[str], float] = columns) -> list[str]:
    """Lines of at most that width: English breaks at spaces, Chinese anywhere but before closing punctuation."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and measure(line + piece.rstrip()) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece if line else piece.lstrip()
        lines.append(line.rstrip())
    return [line for line in lines if line] or [""]


def _pieces(text: str) -> Iterator[str]:
    """What must stay together: words, and Chinese characters with the punctuation behind them."""
    piece = ""
    for c in text:
        if piece and c not in NOT_FIRST and (piece[-1] in " \u3000" or ((WIDE.match(c) or WIDE.match(piece[-1])) and piece[-1] not in NOT_LAST)):
            yield piece
            piece = ""
        piece += c
    if piece:
        yield piece
