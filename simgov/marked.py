"""Words with colours on the terminal. What comes from a file is put into place after the colours were read, so a name such as `[/]` is a name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

FIELD = re.compile(r"\{(\w+)\}")


def marked(template: str, **words: object) -> Text:
    """A template in rich's markup whose {fields} are filled with words as they are; a Text keeps the colours that it has."""
    found, at = Text(), 0
    text = Text.from_markup(template)
    for field in FIELD.finditer(text.plain):
        found.append_text(text[at : field.start()])
        word, spans = words[field[1]], text[field.start() : field.end()].spans
        word = word.copy() if isinstance(word, Text) else Text(str(word))
        for span in spans:
            word.stylize_before(span.style)
        found.append_text(word)
        at = field.end()
    return found.append_text(text[at:])


class Rows(Table):
    """A table without lines whose cells are words as they are."""

    def __init__(self, title: str, columns: Iterable[str], right: Iterable[int] = ()):
        super().__init__(title=Text(title), title_justify="left", title_style="bold", box=None, padding=(0, 1))
        for i, name in enumerate(columns):
            self.add_column(Text(name), justify="right" if i in right else "left", overflow="fold")

    def add_row(self, *cells: object, **more: object) -> None:
        super().add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in cells), **more)  # type: ignore[arg-type]
