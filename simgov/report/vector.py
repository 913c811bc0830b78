"""A figure as SVG inside a page: letters as paths, names of its own, nothing that is loaded and nothing that is random."""

from __future__ import annotations

import re
from io import StringIO

from markupsafe import Markup, escape
from matplotlib.figure import Figure

SILENT = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # without these there is no block of metadata
PIXELS = 96  # an inch
COMMENT = re.compile("<!--.*?-->\n?", re.DOTALL)
NAMED = re.compile(r'(\bid="|xlink:href="#|url\(#)([^")]*)')
OPENING = re.compile("<svg[^>]*>")


def inline(figure: Figure, name: str, title: str) -> Markup:
    """The figure; every id is `name` with a number, so that figures of one page do not mix, and `title` is what a screen reader says."""
    data = StringIO()
    figure.set_layout_engine("none")  # everything has found its place when it was drawn
    figure.savefig(data, format="svg", metadata=SILENT)
    text = COMMENT.sub("", data.getvalue())
    opening = OPENING.search(text)
    assert opening is not None
    box = re.search('viewBox="[^"]*"', opening[0])
    assert box is not None
    numbers: dict[str, int] = {}  # ids of matplotlib hang on the last bit of a layout; their order does not
    body = NAMED.sub(lambda found: f"{found[1]}{name}-{numbers.setdefault(found[2], len(numbers))}", text[opening.end() :])
    return Markup(f'<svg {box[0]} role="img" aria-labelledby="{name}-title"><title id="{name}-title">') + escape(title) + Markup(f"</title>{body}")


def width(figure: Figure) -> int:
    """In pixels, at its own size."""
    return round(figure.get_figwidth() * PIXELS)
