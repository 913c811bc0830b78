"""What a long computation shows on the terminal: a bar with the time that is left, and where its work is kept when it is interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simgov.cli import interrupts
from simgov.language import Message, of_locale, say


def notes(lang: str) -> Callable[[Message], None]:
    """Says something to whoever reads the terminal, beside what the command answers."""
    return lambda text: click.echo(say(text, lang), err=True)


@contextmanager
def watch(console: Console, words: str) -> Iterator[Callable[..., None]]:
    """A bar for the time of the block; gives `update(share, count, words)`. Silent where nobody watches."""
    bar = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn(), TextColumn(say("left", of_locale())), TimeRemainingColumn())
    with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(words, total=1.0, count="")

        def update(share: float | None = None, count: str | None = None, words: str | None = None) -> None:
            interrupts.check()
            told = f"{share:>4.0%}" if share is not None and count is None else count
            progress.update(task, completed=share, description=words, **({"count": told} if told is not None else {}))

        yield update


@contextmanager
def kept(words: str, place: Path, lang: str) -> Iterator[dict[str, Any]]:
    """The same for trials that are kept in `place` as soon as each is done. Gives `progress(done, total)` and `say(message)`, by name.

    Who interrupts it is told how far it has come, and that nothing is lost; exit code 130.
    """
    console, counted = Console(stderr=True), [0, 0]
    try:
        with watch(console, words) as update:

            def progress(done: int, total: int) -> None:
                counted[:] = done, total
                update(done / total, f"{done} / {total}")

            yield {"progress": progress, "say": lambda text: console.print(say(text, lang), highlight=False)}
    except KeyboardInterrupt:
        if counted[1]:
            text = say("interrupted after {done} of {total}: what was simulated is kept in {place}; the same command goes on from there", lang)
        else:
            text = say("interrupted before anything was simulated; what is kept in {place} stays", lang)
        interrupts.end(text.format(done=counted[0], total=counted[1], place=place))
