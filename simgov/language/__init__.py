"""Every word that simgov shows, in English and Chinese, from one catalogue (gettext): the English text is the key of the Chinese one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import cache, reduce
from gettext import GNUTranslations
from inspect import cleandoc
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).parent  # with the catalogues, as gettext wants them
ASKED_BY = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that says something is heard, as in gettext


class Message(str):
    """A text with values filled in, that can still be said in another language: `text` has the fields, `values` what fills them.

    As a string it is the English text, so it can be raised, joined and compared as one; values may be messages themselves.
    """

    text: str
    values: dict[str, Any]

    def __new__(cls, text: str, values: Mapping[str, Any] | None = None) -> Message:
        made = super().__new__(cls, text.format(**values) if values else text)
        made.text, made.values = text, dict(values or {})
        return made

    def __getnewargs__(self) -> tuple[str, dict[str, Any]]:
        return self.text, self.values


def without(text: str, piece: str) -> str:
    """The same text, or message, with a piece taken out; that of a message is taken out of its values."""
    if not isinstance(text, Message):
        return text.replace(piece, "")
    return Message(text.text, {name: without(value, piece) if isinstance(value, str) else value for name, value in text.values.items()})


def say(text: str, lang: str = "en") -> str:
    """The text in that language; what the catalogue does not know stays as it is.

    The {fields} of a plain text are filled in afterwards by who asked, those of a `Message` here.
    """
    if not text or lang == "en":
        return str(text)
    if not isinstance(text, Message):
        return _catalogue(lang).gettext(text)
    told = _catalogue(lang).gettext(text.text)
    return told.format(**{k: say(v, lang) if isinstance(v, Message) else v for k, v in text.values.items()}) if text.values else told


def message(text: str, /, **values: Any) -> Message:
    """A text to be said later, in whatever language the reader has; marks it for the catalogue."""
    return Message(text, values)


COMMA, AND, OR, THEN = message("{some}, {more}"), message("{some} and {more}"), message("{some} or {more}"), message("{some}; {more}")


def together(parts: Iterable[object], by: str = COMMA) -> Message:
    """Some parts (texts, or messages) as one message, each put to those before it; `by` has the fields `some` and `more`."""
    each = [part if isinstance(part, Message) else Message("{part}", {"part": part}) for part in parts]
    return reduce(lambda some, more: Message(by, {"some": some, "more": more}), each) if each else Message("")


def recognised(text: str, known: Iterable[str]) -> Message:
    """A text of another library as the message among these that it is one of, with its values; itself, where it is none of them."""
    for template in sorted(known, key=len, reverse=True):  # the one that says most
        pieces = [(re.escape(before), name) for before, name, _, _ in Formatter().parse(template)]
        if found := re.fullmatch("".join(before + (f"(?P<{name}>.+)" if name else "") for before, name in pieces), text):
            return Message(template, found.groupdict())
    return Message(text)


def of_locale() -> str:
    """The language that the system asks for: Chinese, or else English."""
    asked = next((os.environ[name] for name in ASKED_BY if os.environ.get(name)), "")
    return "zh" if asked.lower().startswith("zh") else "en"


def paragraphs(text: str) -> list[str]:
    """Those of a docstring, each in one line; one that begins with a backspace stays as it is, as in the help texts of click."""
    return [part if part.startswith("\b") else " ".join(part.split()) for part in cleandoc(text).split("\n\n")]


@cache
def _catalogue(lang: str) -> GNUTranslations:
    with (FOLDER / lang / "LC_MESSAGES" / "simgov.mo").open("rb") as file:
        return GNUTranslations(file)
