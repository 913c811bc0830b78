"""A report as data (sections of words, tables and pictures), and the one page that shows it, whatever it is about."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from simgov import missing
from simgov.language import say
from simgov.report.letters import faces

DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Words:
    """Paragraphs. `look`: `lead` for the answer, `note` for what is said on the side."""

    texts: Sequence[str]
    look: str = ""
    kind: ClassVar[str] = "words"


@dataclass(frozen=True)
class Cell:
    """A text, and below it: `small`; `quoted`, the words of the scenario's author in whatever language; `code`, what is typed. `tone`: good, bad, open, or under (a heading)."""

    text: str
    small: str = ""
    tone: str = ""
    quoted: str = ""
    code: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of texts or cells; a row of one cell is a heading for those below it. `words`: columns that are no numbers; `folded`: the reader opens it."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    note: str = ""
    words: Sequence[int] = (0,)
    folded: bool = False
    kind: ClassVar[str] = "table"

    @property
    def cells(self) -> list[list[Cell]]:
        return [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in self.rows]


@dataclass(frozen=True)
class Drawn:
    """A picture: its SVG, its width in pixels, one sentence that says what to see, and what its numbers are of."""

    name: str
    title: str
    svg: Markup
    width: int
    see: str
    of: str
    kind: ClassVar[str] = "picture"


Block = Words | Table | Drawn


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """`about`: short facts under the title; `answer`: the two sentences with which the report opens; `note`: what is missing from its pictures."""

    lang: str
    title: str
    about: Sequence[str]
    answer: Sequence[str]
    sections: Sequence[Section] = field(default_factory=tuple)
    question: str = ""
    note: str = ""


def drawn_up(make: Callable[[], Page]) -> Page:
    """A page; of characters that its pictures lack there is one sentence, on it and to whoever asked for it."""
    heard: set[str] = set()
    with missing.gathered(heard.update):
        page = make()
    missing.tell(heard, page.lang)
    return replace(page, note=missing.said(heard, page.lang))


def rendered(page: Page) -> str:
    """One HTML file that needs nothing else: no address, and of its letters no font. Its one script, which its policy knows by its digest, loads them."""
    script = (files("simgov.report") / "templates" / "letters.js").read_text(encoding="utf-8")
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    show = partial(_environment().get_template("page.html").render, page=page, say=partial(say, lang=page.lang), script=Markup(script), script_hash=Markup(digest))
    return show(faces=faces(show(faces=()))) + "\n"


@cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("simgov.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["whole"] = _whole
    return made


def _whole(text: str) -> Markup:
    """The text, escaped, in which no line ends within a date."""
    return Markup(DATE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))
