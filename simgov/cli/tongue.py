"""The language of one call of the command line: what `--lang` says, or else the locale; for help and mistakes as for results."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, TypeVar

import click

from simgov.language import FOLDER, LANGUAGES, of_locale, paragraphs, say
from simgov.language.lines import has_wide, wrap

Spoken = TypeVar("Spoken", bound=click.Command)


@contextmanager
def speaking(args: Sequence[str]) -> Iterator[str]:
    """For the time of the block the language is the one that these arguments ask for, or that of the locale.

    It has to be known before the arguments are read: the first mistake in them, and `--help`, are told in it. Click says its own
    words by gettext, whose way to be told a domain and a language this is; worker processes inherit it.
    """
    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain("simgov", str(FOLDER))
    gettext.textdomain("simgov")
    os.environ["LANGUAGE"] = lang = _asked(args) or of_locale()
    try:
        yield lang
    finally:
        gettext.textdomain(domain)
        os.environ.pop("LANGUAGE")
        os.environ |= {"LANGUAGE": before} if before is not None else {}


def _asked(args: Sequence[str]) -> str | None:
    """What `--lang zh` or `--lang=zh` asks for, wherever it stands."""
    for this, following in zip(args, (*args[1:], ""), strict=True):
        name, _, value = this.partition("=")
        if name == "--lang" and (value or following) in LANGUAGES:
            return value or following
    return None


def lang_option(**more: Any) -> Callable[[Callable], Callable]:
    """`--lang`, as every command has it."""
    return click.option("--lang", type=click.Choice(LANGUAGES), default=of_locale, help="Language of all that is shown; that of the system, if left out.", **more)


def told(command: Spoken, lang: str) -> Spoken:
    """A copy of the command whose help is in that language."""
    copied = copy(command)
    copied.context_class, copied.help = Context, _help(command.help, lang)
    copied.options_metavar = say("[OPTIONS]", lang)
    if isinstance(copied, click.Group):
        copied.subcommand_metavar = say("COMMAND [ARGS]...", lang)
    copied.params = list(map(copy, command.params))
    for param in copied.params:
        if getattr(param, "help", None):
            param.help = _help(param.help, lang)
    return copied


def _help(text: str | None, lang: str) -> str:
    return "\n\n".join(part if part.startswith("\b") else say(part, lang) for part in paragraphs(text or ""))


class Formatter(click.HelpFormatter):
    """Chinese takes two columns a character and has no spaces, so its lines are broken before click would break them."""

    def write_text(self, text: str) -> None:
        super().write_text("\n\n".join(_broken(part, self.width - self.current_indent) for part in text.split("\n\n")))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        rows = list(rows)
        room = self.width - min(max((len(first) for first, _ in rows), default=0), col_max) - col_spacing - 2
        super().write_dl([(first, _broken(second, room)) for first, second in rows], col_max, col_spacing)


class Context(click.Context):
    formatter_class = Formatter


def _broken(text: str, width: int) -> str:
    """Lines that click leaves as they are, where the text has wide characters."""
    return "\b\n" + "\n".join(wrap(text, max(width, 10))) if has_wide(text) and not text.startswith("\b") else text
