"""A progress bar on the terminal, with the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simgov.cli import interrupts


@contextmanager
def watch(console: Console, words: str) -> Iterator[Callable[..., None]]:
    """A bar for the time of the block; gives `update(share, count, words)`. Silent where nobody watches."""
    bar = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(words, total=1.0, count="")

        def update(share: float | None = None, count: str | None = None, words: str | None = None) -> None:
            interrupts.check()
            told = f"{share:>4.0%}" if share is not None and count is None else count
            progress.update(task, completed=share, description=words, **({"count": told} if told is not None else {}))

        yield update
