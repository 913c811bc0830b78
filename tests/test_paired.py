"""The statistics of comparing: exact where there is a formula, and right as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simgov.study.paired import Ratios, best, difference, share
from simgov.study.verdict import CANNOT_TELL, verdict


def plain(values):
    """A measure whose denominator is the replication."""
    return Ratios(np.asarray(values, float), np.ones(len(values)))


def noise(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_a_paired_difference_is_the_paired_t_test():
    """For plain numbers the interval is that of scipy's paired t-test."""
    a, b = noise(1, 20) + 0.4, noise(2, 20)
    found, theirs = difference(plain(a), plain(b)), stats.ttest_rel(a, b).confidence_interval(0.95)

    assert found.value == pytest.approx(a.mean() - b.mean())
    assert (found.value - found.half, found.value + found.half) == pytest.approx((theirs.low, theirs.high))


def test_unpaired_is_welchs():
    a, b = noise(1, 20) * 3, noise(2, 20)
    found, theirs = difference(plain(a), plain(b), paired=False), stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)

    assert (found.value - found.half, found.value + found.half) == pytest.approx((theirs.low, theirs.high))


def test_joint_intervals_are_bonferronis():
    a, b = noise(1, 20), noise(2, 20)
    d = a - b
    expected = stats.t.ppf(1 - 0.05 / 4 / 2, 19) * d.std(ddof=1) / np.sqrt(20)
    assert difference(plain(a), plain(b), 4).half == pytest.approx(expected)


def test_common_noise_cancels():
    """Two policies that differ by the same amount in every replication: no doubt is left, however wild the replications."""
    wild = 100 * noise(3, 10)
    assert difference(plain(wild + 1), plain(wild)).half == pytest.approx(0, abs=1e-12)
    assert difference(plain(wild + 1), plain(wild), paired=False).half > 10


def test_ratios_are_pooled_and_linearised():
    """A ratio is that of the sums; its error is that of top - value * bottom (Cochran 1977), so a proportional one has none."""
    bottom = np.array([10.0, 20, 40])
    assert Ratios(0.3 * bottom, bottom).residuals == pytest.approx(0)
    mixed = Ratios(np.array([1.0, 2, 9]), bottom)
    assert mixed.value == pytest.approx(12 / 70)
    assert mixed.residuals.sum() == pytest.approx(0)
    assert np.isnan(Ratios(np.zeros(3), np.zeros(3)).value)


def test_one_replication_tells_nothing():
    assert np.isnan(difference(plain([1.0]), plain([2.0])).half)


@pytest.mark.parametrize("paired", [True, False])
def test_intervals_hold_as_often_as_they_say(paired):
    """Of 2,000 studies of ratios with common noise, 95 % of the paired intervals hold the truth; unpaired ones hold it far too often."""
    rng, hits = np.random.default_rng(5), 0
    for _ in range(2000):
        n = rng.poisson(50, 15).astype(float) + 1
        common = rng.normal(0, 0.1, 15)
        a, b = n * (0.6 + common + rng.normal(0, 0.02, 15)), n * (0.5 + common + rng.normal(0, 0.02, 15))
        found = difference(Ratios(a, n), Ratios(b, n), paired=paired)
        hits += abs(found.value - 0.1) <= found.half
    share = hits / 2000
    assert (0.93 < share < 0.965) if paired else share > 0.999


# ── the best ────────────────────────────────────────────────────────────────────────────────────────


def test_two_policies_are_one_paired_difference():
    """With two, the gap of the first to the best of the others is the paired difference, cut at zero."""
    a, b = noise(1, 30) + 0.5, noise(2, 30)
    found, pair = best([plain(a), plain(b)], 1), difference(plain(a), plain(b))

    assert found.high == pytest.approx([max(0, pair.value + pair.half), max(0, -pair.value + pair.half)])
    assert found.low == pytest.approx([min(0, pair.value - pair.half), min(0, -pair.value - pair.half)])
    assert found.probability == pytest.approx(stats.t.cdf(pair.value / pair.error, 29))


def test_less_may_be_better():
    """With the sign turned round, the least is the best."""
    each = [plain(noise(k, 30) * 0.1 + k) for k in range(4)]
    more, less = best(each, 1), best(each, -1)

    assert (more.chosen, less.chosen) == (3, 0)
    assert more.may_be.tolist() == [False, False, False, True]
    assert less.may_be.tolist() == [True, False, False, False]
    assert min(more.probability, less.probability) > 0.999


def test_equal_policies_may_all_be_best():
    same = plain(noise(1, 10))
    found = best([same, same, same], 1)

    assert found.probability == 0
    assert found.may_be.all()
    assert (found.low <= 0).all()
    assert (found.high >= 0).all()


def test_the_best_is_among_those_that_may_be_as_often_as_said():
    """Of 1,000 studies of five policies, the truly best one is ruled out in at most 5 %; at the least favourable order, where four are equal."""
    rng, lost, small = np.random.default_rng(6), 0, 0
    for _ in range(1000):
        common = rng.normal(size=20)
        each = [plain(common + rng.normal(0, 0.5, 20) + (0.2 if k == 2 else 0)) for k in range(5)]
        found = best(each, 1)
        lost += not found.may_be[2]
        small += found.may_be.sum() < 5
    assert lost <= 50
    assert small > 100  # it does rule some out


def test_the_probability_is_not_more_than_is_so():
    """Where it says at least 90 %, the chosen one is the best in at least 90 of 100 studies."""
    rng, said, right = np.random.default_rng(7), 0, 0
    for _ in range(3000):
        each = [plain(rng.normal(0.5 if k == 1 else 0, 1, 15)) for k in range(4)]
        found = best(each, 1)
        if 0.85 <= found.probability <= 0.97:
            said += 1
            right += found.chosen == 1
    assert said > 100
    assert right / said > 0.9


# ── few incidents ───────────────────────────────────────────────────────────────────────────────────


def rare(rng, n, per_replication=0.5, p=0.935):
    bottom = rng.poisson(per_replication, n).astype(float)
    return Ratios(rng.binomial(bottom.astype(int), p).astype(float), bottom)


def test_the_interval_of_a_share_is_no_shorter_than_the_exact_one():
    """17 of 17 in 30 replications: all alike, and yet the share may be as low as 80.5 % (Clopper and Pearson)."""
    bottom = np.r_[np.ones(17), np.zeros(13)]
    low, high = share(Ratios(bottom.copy(), bottom))

    assert (low, high) == (pytest.approx(0.025 ** (1 / 17)), 1.0)
    assert share(Ratios(np.zeros(30), bottom))[1] == pytest.approx(1 - 0.025 ** (1 / 17))


def test_of_many_incidents_it_is_that_of_the_ratio():
    rng = np.random.default_rng(8)
    bottom = np.full(30, 10_000.0)
    mine = Ratios(rng.normal(0.6, 0.05, 30) * bottom, bottom)
    half = difference(mine, Ratios(np.zeros(30), np.ones(30))).half
    assert share(mine) == pytest.approx((mine.value - half, mine.value + half))


@pytest.mark.parametrize("n", [10, 30, 100])
def test_a_share_of_few_incidents_is_held_as_often_as_said(n):
    """Half an incident a replication, 93.5 % of them closed: at least 95 of 100 intervals hold the truth; plain t intervals far fewer."""
    rng, held, plain_held, told = np.random.default_rng(9), 0, 0, 0
    for _ in range(1000):
        mine = rare(rng, n)
        low, high = share(mine)
        if np.isnan(low):
            continue
        told += 1
        held += low <= 0.935 <= high
        found = difference(mine, Ratios(np.zeros(n), np.ones(n)))
        plain_held += abs(mine.value - 0.935) <= found.half
    assert held >= 0.95 * told
    assert n > 30 or plain_held < 0.8 * told


def test_a_handful_of_replications_with_incidents_tells_nothing():
    """Two incidents in one of three replications: no interval, and no difference."""
    few = Ratios(np.array([0.0, 0, 2]), np.array([0.0, 0, 2]))
    other = Ratios(np.array([0.0, 0, 1]), np.array([0.0, 0, 2]))

    assert np.isnan(share(few)).all()
    assert np.isnan(difference(other, few).half)
    half = difference(other, few).half
    assert verdict(-0.5, -0.5 - half, -0.5 + half, 0.0) == CANNOT_TELL
