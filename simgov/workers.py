"""The same function on many inputs: here, or in other processes; the results come in the order of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from simgov.errors import WorkerError


def carry_out(function: Callable[..., Any], inputs: Iterable[tuple], workers: int) -> Iterator[Any]:
    """`function(*input)` for each input, one after the other; on `workers` processes when there are several.

    Raises WorkerError when a process ends before its work is done. At most a few results per worker are held at a time, so memory does not grow with the number of inputs.
    """
    if workers == 1:
        yield from (function(*given) for given in inputs)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        yield from Parallel(n_jobs=workers, return_as="generator", batch_size=1, pre_dispatch="2*n_jobs")(delayed(function)(*given) for given in inputs)
    except TerminatedWorkerError:
        raise WorkerError("a worker was ended before its work was done, probably for lack of memory; take fewer workers") from None
