"""Runs cases on engines whose kernels are plain Python, in a process of its own: `python without_jit.py CASES PACKAGE...`.

CASES is a pickled list of (data, seed, outcome on the SimPy engine). Writes, as JSON, for each package the cases that differ and how;
all of the first package, which is the kernel as it is, and the first one of each further package, which is a broken kernel.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from importlib import import_module
from pathlib import Path

os.environ["NUMBA_DISABLE_JIT"] = "1"

LONGEST = 60  # seconds for one case


def main(cases: str, *packages: str) -> None:
    import numpy as np
    from comparing import Played, difference, outcome

    np.seterr(over="ignore")  # hashes go round
    signal.signal(signal.SIGALRM, hangs)
    runs = [(Played(data, seed), expected) for data, seed, expected in pickle.loads(Path(cases).read_bytes())]
    told: dict[str, dict[int, str]] = {}
    for k, package in enumerate(packages):
        simulate, told[package] = import_module(package).simulate, {}
        for i, (run, expected) in enumerate(runs):
            signal.alarm(LONGEST)
            try:
                found = difference(expected, outcome(simulate, run.plan, run.draws))
            except Exception as error:
                found = f"broke: {type(error).__name__}: {error}"
            signal.alarm(0)
            if found:
                told[package][i] = found
                if k:
                    break
    json.dump(told, sys.stdout)


def hangs(*_: object) -> None:
    raise TimeoutError("it does not end")


if __name__ == "__main__":
    main(*sys.argv[1:])
