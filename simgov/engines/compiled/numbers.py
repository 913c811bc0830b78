"""Numbers by key, as in `simgov/chance.py`: the same functions again, for numba, to the last bit."""

from __future__ import annotations

from math import floor, frexp, ldexp

import numpy as np

from simgov import chance, draws
from simgov.engines.compiled.columns import NEVER
from simgov.engines.compiled.jit import jit

STAFFORD_1, STAFFORD_2, GOLDEN = np.uint64(chance.STAFFORD_1), np.uint64(chance.STAFFORD_2), np.uint64(chance.GOLDEN)
S12, S27, S30, S31, S63 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(63)
LOW_52 = np.uint64(chance.LOW_52)
ZERO = np.uint64(0)
OCTAVES, CELLS, SIDE = chance.OCTAVES, chance.CELLS, chance.SIDE
LOG2_E, LN2_HIGH, LN2_LOW = chance.LOG2_E, chance.LN2_HIGH, chance.LN2_LOW
UNIT, TAIL = 2.0**-52, 2.0**-53
TOO_LONG = 4.0e18
WAIT, WORK, LEAD, OUTCOME, SOLVED = (np.uint64(x) for x in (draws.WAIT, draws.WORK, draws.LEAD, draws.OUTCOME, draws.SOLVED))
ON_CALL, VERIFY, ANSWER, RETURNS = (np.uint64(x) for x in (draws.ON_CALL, draws.VERIFY, draws.ANSWER, draws.RETURNS))
AFTER, DUE = (np.uint64(x) for x in (draws.AFTER, draws.DUE))
ENTRY = np.uint64(chance.salt("birth", "entry"))


@jit
def mix(z):
    """The hash of 64 bits."""
    z = (z ^ (z >> S30)) * STAFFORD_1
    z = (z ^ (z >> S27)) * STAFFORD_2
    return z ^ (z >> S31)


@jit
def key(parent, number):
    """The key of a part below a parent key."""
    return mix(parent ^ mix(number + GOLDEN))


@jit
def unit(bits):
    """A number in (0, 1) from 64 hashed bits."""
    return (float(bits >> S12) + 0.5) * UNIT


@jit
def quantile(tables, table, bits):
    """The value of a quantile table at 64 hashed bits."""
    tail, exponent = frexp((float(bits & LOW_52) + 0.5) * TAIL)
    octave = min(-1 - exponent, OCTAVES - 1)
    place = (tail * 2 - 1) * CELLS
    cell = int(place)
    i = octave * (CELLS + 1) + cell
    if bits >> S63 != ZERO:
        i += SIDE
    low = tables[table, i]
    return low + (place - cell) * (tables[table, i + 1] - low)


@jit
def seconds(tables, table, bits):
    """A duration, rounded half up."""
    value = quantile(tables, table, bits) + 0.5
    return NEVER if value > TOO_LONG else int(value)


@jit
def expit(x):
    """1 / (1 + exp(-x)) in basic arithmetic."""
    return 1.0 / (1.0 + exp(-x)) if x > -700.0 else 0.0


@jit
def exp(x):
    """e**x for |x| <= 700."""
    n = int(floor(x * LOG2_E + 0.5))
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    total = 1.0
    for k in range(15, 0, -1):
        total = 1.0 + r * total / k
    return ldexp(total, min(max(n, -2000), 2000))  # its exponent is a short integer
