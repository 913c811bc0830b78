"""Every word that simgov shows, in English and Chinese, from one catalogue (gettext): the English text is the key of the Chinese one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")


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


def message(text: str, **values: Any) -> Message:
    """A text to be said later, in whatever language the reader has; marks it for the catalogue."""
    return Message(text, values)


def of_locale() -> str:
    """The language that the system asks for (`LC_ALL`, `LC_MESSAGES`, `LANG`): Chinese, or else English."""
    asked = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if asked.lower().startswith("zh") else "en"


@cache
def _catalogue(lang: str) -> GNUTranslations:
    with files("simgov.language").joinpath(lang, "LC_MESSAGES", "simgov.mo").open("rb") as file:
        return GNUTranslations(file)
