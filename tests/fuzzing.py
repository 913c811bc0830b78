"""What the fuzzers share: seeded inputs, few at every push and many at night."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

AT_A_PUSH = 1  # times the number that a fuzzer names
AT_NIGHT = int(os.environ.get("SIMGOV_FUZZ", "100"))  # the same, in tests marked nightly


def seeds(name: str, count: int, times: int = AT_A_PUSH) -> Iterator[random.Random]:
    """`count * times` generators of chance, one for each input, the same on every machine: an input is named by (name, number)."""
    for number in range(count * times):
        yield random.Random(f"{name}/{number}")
