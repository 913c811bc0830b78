"""Words of a scenario on a page: shown as they are, whatever they are made of."""

from __future__ import annotations

import re

# In streamlit's Markdown every ASCII sign may be escaped by a backslash. What is looked for in finished text all the same (`:smile:`,
# `:material/home:`, `www.`, `name@host`, `https:`) is broken up by a word joiner, which nobody sees.
SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
FOUND_LATER = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)", re.IGNORECASE)
WORD_JOINER = "\u2060"


def plain(text: object) -> str:
    """Markdown that shows exactly this text, on one line: no colour, formula, link, picture or element comes of it."""
    one_line = "".join(c if c.isprintable() else " " for c in " ".join(str(text).split()))
    return SIGNS.sub(r"\\\1", FOUND_LATER.sub(WORD_JOINER, one_line))


def lines(text: object) -> str:
    """The same for several lines, each a paragraph of its own."""
    return "\n\n".join(plain(line) for line in str(text).splitlines() if line.strip())
