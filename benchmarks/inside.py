"""How long the parts of the compiled engine take: stopwatches around the functions that a run of it is made of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

PARTS = {"world": "pack", "begin": "pack", "grown": "pack", "_journal": "journal"}  # functions of compiled/run.py
KERNEL = "_kernel"  # the one that gives the compiled functions


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Seconds of `pack`, `kernel` and `journal` in `simgov.engines.compiled.simulate`, as long as this is open."""
    from simgov.engines.compiled import run

    seconds = {"pack": 0.0, "kernel": 0.0, "journal": 0.0}

    def timed(part: str, function: Callable) -> Callable:
        def call(*given):
            begin = time.perf_counter()
            try:
                return function(*given)
            finally:
                seconds[part] += time.perf_counter() - begin

        return call

    def kernel(*given):
        found = got(*given)
        return found._replace(advance=timed("kernel", found.advance))

    got = getattr(run, KERNEL)
    with ExitStack() as stack:
        for name, part in PARTS.items():
            stack.enter_context(patch.object(run, name, timed(part, getattr(run, name))))
        stack.enter_context(patch.object(run, KERNEL, kernel))
        yield seconds
