"""Every word that simgov shows, in English and Chinese, from one catalogue (gettext): the English text is the key of the Chinese one."""

from __future__ import annotations

import os
from functools import cache
from gettext import GNUTranslations
from importlib.resources import files

LANGUAGES = ("en", "zh")


def say(text: str, lang: str = "en") -> str:
    """The text in that language; its {fields} are filled in afterwards. What the catalogue does not know stays as it is."""
    return _catalogue(lang).gettext(text) if text and lang != "en" else text


def message(text: str) -> str:
    """The text itself; marks a constant, to be said later, for the catalogue."""
    return text


def of_locale() -> str:
    """The language that the system asks for (`LC_ALL`, `LC_MESSAGES`, `LANG`): Chinese, or else English."""
    asked = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if asked.lower().startswith("zh") else "en"


@cache
def _catalogue(lang: str) -> GNUTranslations:
    with files("simgov.language").joinpath(lang, "LC_MESSAGES", "simgov.mo").open("rb") as file:
        return GNUTranslations(file)
