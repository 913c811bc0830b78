"""Keyed numbers: published values of the hash, uniformity, and quantile tables against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simgov.chance import LOW_52, MASK, expit, key, keys, mix, mixed, quantile, quantile_table, salt, unit, units
from simgov.scenario.distributions import Distribution

BITS = st.integers(0, MASK)


def test_the_hash_is_that_of_splitmix64():
    """From state 1234567 the generator that the hash finishes gives the values of its reference implementation."""
    golden, state, found = 0x9E3779B97F4A7C15, 1234567, []
    for _ in range(3):
        state = (state + golden) & MASK
        found.append(mix(state))

    assert found == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.lists(BITS, min_size=1, max_size=5), BITS)
def test_arrays_hash_as_single_numbers_do(many, part):
    """`mixed`, `keys` and `units` give what `mix`, `key` and `unit` give, to the last bit."""
    array = np.array(many, np.uint64)

    assert mixed(array).tolist() == [mix(z) for z in many]
    assert keys(array, part).tolist() == [key(z, part) for z in many]
    assert units(array).tolist() == [unit(z) for z in many]


@given(BITS)
def test_uniforms_are_strictly_between_zero_and_one(bits):
    """No uniform is 0 or 1, so that every logarithm and quantile is finite."""
    assert 0 < unit(bits) < 1


def test_keyed_uniforms_are_uniform_and_uncorrelated():
    """Uniforms of successive counters, of one counter below successive parents, and of neighbours of both look random (chi-square and correlation, z of 4)."""
    n = 2**16
    counters = np.arange(n, dtype=np.uint64)
    parent = salt("test")
    below = units(keys(parent, counters))
    across = units(keys(counters, 7))

    for u in (below, across):
        counts = np.bincount((u * 256).astype(int), minlength=256)
        chi2 = ((counts - n / 256) ** 2 / (n / 256)).sum()
        assert abs(chi2 - 255) < 4 * math.sqrt(2 * 255)
        assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / math.sqrt(n)
    assert abs(np.corrcoef(below, across)[0, 1]) < 4 / math.sqrt(n)


def test_salts_are_the_same_in_every_process():
    """A name's salt is the first eight bytes of a published digest, so it never changes."""
    import hashlib

    assert salt("stage", "triage") == int.from_bytes(hashlib.blake2b(b"stage\x1ftriage", digest_size=8).digest(), "little")
    assert salt("a", "bc") != salt("ab", "c")


KINDS = [
    {"exponential": "1h"},
    {"lognormal": {"median": "2h", "sigma": 1.2}},
    {"gamma": {"mean": "3h", "cv": 0.7}},
    {"weibull": {"shape": 1.5, "mean": "1h"}},
    {"uniform": {"low": "1h", "high": "3h"}},
    {"triangular": {"low": "1h", "mode": "2h", "high": "5h"}},
    {"quantiles": {0: "5 min", 0.5: "1h", 1: "8h"}},
    "90 min",
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k if isinstance(k, str) else next(iter(k)))
def test_a_quantile_table_reads_as_the_quantile_function(kind):
    """The table is within 1e-4 of the mean of the exact quantile, in the body and in both tails."""
    d = Distribution.model_validate(kind)
    table = quantile_table(d.ppf, d.isf)
    low = [i << 40 for i in range(1, 4096, 37)] + [1 << k for k in range(20, 52)]

    for b in low:
        tail = (b + 0.5) * 2.0**-53
        assert quantile(table, b) == pytest.approx(float(d.ppf(np.array(tail))), abs=1e-4 * d.mean(), rel=2e-3)
        assert quantile(table, b | 1 << 63) == pytest.approx(float(d.isf(np.array(tail))), abs=1e-4 * d.mean(), rel=2e-3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k if isinstance(k, str) else next(iter(k)))
def test_table_draws_have_the_distribution(kind):
    """Draws through the table have the mean of the distribution (z of 4) and pass Kolmogorov-Smirnov at 1e-4."""
    d = Distribution.model_validate(kind)
    table = quantile_table(d.ppf, d.isf).tolist()
    n = 20_000

    draws = np.array([quantile(table, mix(i)) for i in range(n)])

    assert abs(draws.mean() - d.mean()) <= 4 * draws.std() / math.sqrt(n) + 1e-4 * d.mean()
    if draws.std():
        frozen = d.kind.frozen()
        cdf = frozen.cdf if hasattr(frozen, "cdf") else lambda x: np.interp(x, [300, 3600, 28_800], [0, 0.5, 1])
        assert stats.kstest(draws, cdf).pvalue > 1e-4


LEAST = 1 << 20  # the tail probability 2**-33, at which the tables end


@given(st.integers(LEAST, LOW_52), st.integers(LEAST, LOW_52))
def test_the_quantile_grows_with_its_probability(a, b):
    """A table is read in order: the larger tail probability of a side is nearer to the middle."""
    table = quantile_table(lambda q: -np.log1p(-q), lambda q: -np.log(q)).tolist()
    a, b = sorted((a, b))

    assert quantile(table, a) <= quantile(table, b)
    assert quantile(table, a | 1 << 63) >= quantile(table, b | 1 << 63)
    assert quantile(table, b) <= quantile(table, b | 1 << 63)


@given(st.integers(0, LEAST - 1))
def test_no_draw_is_beyond_the_last_tabled_tail(bits):
    """A tail probability below 2**-33 is read in the last octave, so no draw of an exponential exceeds 33 ln 2 means."""
    table = quantile_table(lambda q: -np.log1p(-q), lambda q: -np.log(q)).tolist()

    assert 32 * math.log(2) <= quantile(table, bits | 1 << 63) <= 33 * math.log(2) * (1 + 1e-12)
    assert 2**-33 * (1 - 1e-9) <= quantile(table, bits) <= 2**-32 * (1 + 1e-9)


@pytest.mark.parametrize("x", [-800.0, -700.0, -1.0, 0.0, 2.0, 800.0])
def test_expit(x):
    """The logistic function, also where the exponential overflows."""
    assert expit(x) == pytest.approx(stats.logistic.cdf(x), abs=1e-300)
