"""The same function on many inputs: here, or in other processes; the results come in the order of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def carry_out(function: Callable[..., Any], inputs: Iterable[tuple], workers: int) -> Iterator[Any]:
    """`function(*input)` for each input, one after the other; on `workers` processes when there are several.

    At most a few results per worker are held at a time, so memory does not grow with the number of inputs.
    """
    if workers == 1:
        yield from (function(*given) for given in inputs)
        return
    from joblib import Parallel, delayed

    yield from Parallel(n_jobs=workers, return_as="generator", batch_size=1, pre_dispatch="2*n_jobs")(delayed(function)(*given) for given in inputs)
