"""Numbers by key instead of by order of use: a hash of an address, and quantile tables that turn it into seconds.

The hash is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number
generators", with Stafford's variant 13 of the constants): 64 bits in, 64 bits out. A key is built by
hashing the parts of its address one after the other.

A quantile table holds a quantile function on a grid that is fine in both tails: for each side, 32 octaves
of tail probability from 1/2 down to 2**-33, each in 64 equal cells, straight lines between. For an
exponential its relative error is below 4e-5 of the mean. Reading it takes additions and
multiplications only, so every engine gets the same seconds to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import floor, frexp, ldexp

import numpy as np

MASK = 0xFFFFFFFFFFFFFFFF
GOLDEN = 0x9E3779B97F4A7C15
STAFFORD_1, STAFFORD_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
LOW_52 = (1 << 52) - 1
OCTAVES, CELLS = 32, 64
SIDE = OCTAVES * (CELLS + 1)
LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # log(2), the first with room for an exact product


def mix(z: int) -> int:
    """The hash of 64 bits."""
    z = ((z ^ (z >> 30)) * STAFFORD_1) & MASK
    z = ((z ^ (z >> 27)) * STAFFORD_2) & MASK
    return z ^ (z >> 31)


def mixed(z: np.ndarray) -> np.ndarray:
    """`mix` for an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(STAFFORD_1)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(STAFFORD_2)
    return z ^ (z >> np.uint64(31))


def salt(*words: object) -> int:
    """64 bits that stand for a name, the same in every process."""
    return int.from_bytes(blake2b("\x1f".join(map(str, words)).encode(), digest_size=8).digest(), "little")


def part(number: int) -> int:
    """A salt or a counter, made ready to be a part of a key."""
    return mix((number + GOLDEN) & MASK)


def key(parent: int, number: int) -> int:
    """The key of a part (a salt or a counter) below a parent key."""
    return mix(parent ^ part(number))


def keys(parent: int | np.ndarray, number: int | np.ndarray) -> np.ndarray:
    """`key` for arrays; parent and number are broadcast against each other."""
    with np.errstate(over="ignore"):
        number = np.asarray(number, np.uint64) + np.uint64(GOLDEN)
        return mixed(np.asarray(parent, np.uint64) ^ mixed(number))


def unit(bits: int) -> float:
    """A number in (0, 1) from 64 hashed bits."""
    return ((bits >> 12) + 0.5) * 2.0**-52


def units(bits: np.ndarray) -> np.ndarray:
    """`unit` for an array of uint64."""
    return ((bits >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52


def quantile_table(ppf: Callable[[np.ndarray], np.ndarray], isf: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The table of a quantile function given for lower (`ppf`) and upper (`isf`) tail probabilities; 2 * SIDE numbers."""
    octave = np.repeat(np.arange(OCTAVES), CELLS + 1)
    step = np.tile(np.arange(CELLS + 1), OCTAVES)
    tail = 2.0 ** -(octave + 2.0) * (1 + step / CELLS)
    return np.concatenate([np.asarray(ppf(tail), float), np.asarray(isf(tail), float)])


def quantile(table: Sequence[float], bits: int) -> float:
    """The value of a quantile table at 64 hashed bits: the first bit chooses the side, 52 more the tail probability."""
    tail, exponent = frexp(((bits & LOW_52) + 0.5) * 2.0**-53)
    octave = min(-1 - exponent, OCTAVES - 1)
    place = (tail * 2 - 1) * CELLS
    cell = int(place)
    i = (bits >> 63) * SIDE + octave * (CELLS + 1) + cell
    return table[i] + (place - cell) * (table[i + 1] - table[i])


def expit(x: float) -> float:
    """1 / (1 + exp(-x)) to within 2e-16, in basic arithmetic only, for the same reason as the tables."""
    return 1 / (1 + exp(-x)) if x > -700 else 0.0


def exp(x: float) -> float:
    """e**x for |x| <= 700, by e**x = 2**n e**r with |r| <= log(2) / 2, and the series of e**r."""
    n = floor(x * LOG2_E + 0.5)
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    total = 1.0
    for k in range(15, 0, -1):
        total = 1.0 + r * total / k
    return ldexp(total, n)
