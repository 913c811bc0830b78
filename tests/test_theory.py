"""Closed forms against simulation, in one run each. Tolerances are the sampling spread: t intervals over replications, or z of 4.

Times are means of an hour or more, so that whole seconds bias nothing that could be seen.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from world import Run, listed, written

from simgov.clock import DAY, HOUR

ALPHA = 1e-4  # of a false alarm, per statement


def agrees(samples, theory) -> bool:
    """Whether a t interval of the mean of replications covers the theory."""
    samples = np.asarray(samples, float)
    half = stats.t.ppf(1 - ALPHA / 2, len(samples) - 1) * samples.std(ddof=1) / math.sqrt(len(samples))
    return abs(samples.mean() - theory) <= half


def of(run, *names):
    return [getattr(run.journal.visits, name) for name in names]


# ── queues ──────────────────────────────────────────────────────────────────────────────────────────

DAYS = 63  # of a replication; its first third is cut, because it begins empty


def erlang_c(load, servers):
    """The chance that an arrival waits, in M/M/c with `load` Erlangs."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


def queue(servers, per_day, replication):
    stages = {"handle": {"by": "desk", "work": {"exponential": "1h"}}}
    classes = {"m": {"arrivals": {"rate": per_day, "per": "node"}}}
    return Run(
        written(stages, classes=classes, teams={"desk": {"at": "unit", "people": servers}}, days=DAYS),
        seed=7,
        replication=replication,
    )


@pytest.mark.parametrize(("servers", "per_day"), [(1, 14.4), (2, 36.0), (4, 76.8)])
def test_mm_c_waits_and_littles_law(servers, per_day):
    """Waits, the share that waits and utilisation are those of Erlang C; the number present equals rate x time in the system."""
    cut, horizon, load = DAYS * DAY / 3, DAYS * DAY, per_day / 24
    waits, waited, busy, present, little = [], [], [], [], []

    for replication in range(30):
        run = queue(servers, per_day, replication)
        entered, started, left = of(run, "entered", "started", "left")
        seen = (entered >= cut) & (started >= 0)
        waits.append((started - entered)[seen].mean() / HOUR)
        waited.append((started > entered)[seen].mean())
        work = run.journal.work
        busy.append(overlap(work.start, np.where(work.end < 0, horizon, work.end), cut, horizon) / servers / (horizon - cut))
        gone = np.where(left < 0, horizon, left)
        present.append(overlap(entered, gone, cut, horizon) / (horizon - cut))
        done = (entered >= cut) & (left >= 0)
        little.append(present[-1] - (entered >= cut).sum() / (horizon - cut) * (left - entered)[done].mean())

    wait = erlang_c(load, servers) / (servers - load)
    assert agrees(waits, wait)
    assert agrees(waited, erlang_c(load, servers))
    assert agrees(busy, load / servers)
    assert agrees(present, load + load * wait)
    assert agrees(little, 0)
    assert not agrees(waits, 1.25 * wait)  # the control: with this many replications a quarter more would be seen


def overlap(start, end, cut, horizon):
    return np.clip(np.minimum(end, horizon) - np.maximum(start, cut), 0, None).sum()


def test_an_unlimited_team_is_mm_infinity():
    """The number in service at an unlimited team is Poisson with the offered load: mean and variance (12 replications)."""
    stages = {"handle": {"by": "party", "work": {"exponential": "6h"}}}
    classes = {"m": {"arrivals": {"rate": 20, "per": "node"}}}
    means, spreads = [], []

    for replication in range(12):
        run = Run(
            written(stages, classes=classes, teams={"party": {"at": "unit", "people": "unlimited"}}, days=84),
            seed=3,
            replication=replication,
        )
        entered, left = of(run, "entered", "left")
        at = np.arange(7 * DAY, 84 * DAY, DAY)
        number = ((entered[:, None] <= at) & ((left[:, None] > at) | (left[:, None] < 0))).sum(axis=0)
        means.append(number.mean())
        spreads.append(number.var(ddof=1))

    assert agrees(means, 5)
    assert agrees(spreads, 5)


def test_one_serves_the_hours_of_a_day_as_a_queue_serves_without_a_stop():
    """What comes only while the desk is open and is worked on with pauses waits, in open hours, as without the pauses."""

    def waits(hours, replication):
        stages = {"handle": {"by": "desk", "work": {"exponential": "1h"}}}
        profile = {"day": {"hours": [0] * 8 + [1] * 8 + [0] * 8}}
        arrivals = {"rate": 5.6, "per": "node", "profile": "day"} if hours == "day" else {"rate": 16.8, "per": "node"}
        calendars = {"day": "Mo-Su 08:00-16:00"}
        run = Run(
            written(
                stages,
                classes={"m": {"arrivals": arrivals}},
                teams={"desk": {"at": "unit", "hours": hours}},
                calendars=calendars,
                profiles=profile,
                days=168,
            ),
            seed=5,
            replication=replication,
        )
        entered, started = of(run, "entered", "started")
        seen = started >= 0
        open_hours = run.scenario.calendar(hours).hours
        return open_hours.lengths(entered[seen], started[seen]).mean() / HOUR

    rho = 0.7
    assert agrees([waits("day", r) for r in range(16)], rho / (1 - rho))


# ── arrivals ────────────────────────────────────────────────────────────────────────────────────────

HOURS = [0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 9, 6, 3, 2, 5, 8, 9, 7, 4, 3, 2, 2, 1, 0.5]
WEEKDAYS = [1.5, 1, 1, 1, 1.2, 0.5, 0.3]
MONTHS = [1, 1, 1, 1, 2, 3, 1, 1, 1, 1, 1, 1]
SHAPE = {"shape": {"hours": HOURS, "weekdays": WEEKDAYS, "months": MONTHS}}


def births(replication=0, days=56, **arrivals):
    classes = {"m": {"arrivals": {"rate": 40, "per": "node", "profile": "shape", **arrivals}}}
    return Run(
        written({"lie": {"outcomes": {"never": 1}}}, classes=classes, profiles=SHAPE, days=days), seed=11, replication=replication
    ).journal.incidents.born


def integral(days=56):
    """The expected number in each hour: rate x the three profiles, each over its own mean."""
    hour = np.tile(HOURS, days) / np.mean(HOURS)
    weekday = np.repeat(np.resize(WEEKDAYS, days), 24) / np.mean(WEEKDAYS)
    dates = np.arange(np.datetime64("2022-05-02"), np.datetime64("2022-05-02") + days)
    month = np.repeat(np.array(MONTHS)[dates.astype("datetime64[M]").astype(int) % 12], 24) / np.mean(MONTHS)
    return 40 / 24 * hour * weekday * month


def test_counts_follow_the_integral_of_the_rate():
    """Births per hour of the week and month are Poisson about the integral of the rate (chi-square, z of 4); none where the rate is zero."""
    expected = integral()
    counts = sum(np.bincount(births(r) // HOUR, minlength=len(expected)) for r in range(10))
    expected = 10 * expected

    assert counts[expected == 0].sum() == 0
    cells = expected > 0
    pearson = ((counts - expected)[cells] ** 2 / expected[cells]).sum()
    # Var of Pearson's X2 over Poisson cells: sum (2 + 1/mu)
    assert abs(pearson - cells.sum()) < 4 * math.sqrt((2 + 1 / expected[cells]).sum())
    flat = np.where(cells, expected[cells].mean(), 0)
    assert ((counts - flat)[cells] ** 2 / flat[cells]).sum() > 2 * cells.sum()  # the control: a flat rate would be seen


def test_births_are_uniform_within_an_hour():
    """Within an hour the rate is constant (Kolmogorov-Smirnov at 1e-4)."""
    inside = np.concatenate([births(r) % HOUR for r in range(4)]) / HOUR

    assert stats.kstest(inside, "uniform").pvalue > ALPHA


def test_gaps_are_exponential():
    """With a constant rate the gaps between births are exponential and uncorrelated."""
    classes = {"m": {"arrivals": {"rate": 12, "per": "node"}}}
    run = Run(written({"lie": {"outcomes": {"never": 1}}}, classes=classes, days=365))
    gaps = np.diff(np.sort(run.journal.incidents.born)) / HOUR

    assert stats.kstest(gaps, stats.expon(scale=2).cdf).pvalue > ALPHA
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 4 / math.sqrt(len(gaps))


def test_day_factors_are_gamma():
    """With `day_cv`, counts of a day have the mean of the integral and the variance mean + (cv x mean)^2; without it they are Poisson."""
    days, mean = 182, 40.0

    def spread(cv):
        classes = {"m": {"arrivals": {"rate": mean, "per": "node", "day_cv": cv}}}
        averages, dispersions = [], []
        for replication in range(12):
            run = Run(written({"lie": {"outcomes": {"never": 1}}}, classes=classes, days=days), seed=2, replication=replication)
            counts = np.bincount(run.journal.incidents.born // DAY, minlength=days)
            averages.append(counts.mean())
            dispersions.append(((counts - mean) ** 2).mean())
        return averages, dispersions

    averages, dispersions = spread(0.3)
    assert agrees(averages, mean)
    assert agrees(dispersions, mean + (0.3 * mean) ** 2)
    assert not agrees(dispersions, mean)
    assert agrees(spread(0)[1], mean)


def test_a_day_factor_is_shared_by_classes_and_not_by_roots():
    """Counts of a day of two classes under one root rise and fall together; those of two roots do not."""
    rate = {"rate": 50, "per": "node", "of": "unit", "day_cv": 0.5}
    classes = {"a": {"arrivals": rate}, "b": {"arrivals": rate}}
    run = Run(written({"lie": {"outcomes": {"never": 1}}}, classes=classes, levels={"unit": 2}, days=200))
    rows = run.journal.incidents
    count = {
        (c, r): np.bincount(rows.born[(rows.cls == c) & (rows.root == r)] // DAY, minlength=200) for c in (0, 1) for r in (0, 1)
    }

    # cov / var: (cv mean)^2 / (mean + (cv mean)^2) with mean 50
    shared = 25**2 / (50 + 25**2)
    assert np.corrcoef(count[0, 0], count[1, 0])[0, 1] > shared - 4 * (1 - shared**2) / math.sqrt(200)
    assert abs(np.corrcoef(count[0, 0], count[0, 1])[0, 1]) < 4 / math.sqrt(200)


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ({"per": "1000 residents"}, 12),
        ({"per": "node", "of": "unit"}, 4),
        ({"per": "node", "of": "town"}, 2),
        ({"per": "firm"}, 30),
        ({"per": "person", "of": "desk"}, 12),
    ],
    ids=str,
)
def test_the_unit_of_a_rate(per, expected):
    """A rate is per 1000 residents, node of a level, firm or person of a team, a day (Poisson, z of 4)."""
    classes = {"m": {"arrivals": {"rate": 1, **per}}}
    teams = {"desk": {"at": "unit", "people": 3}}
    run = Run(
        written(
            {"lie": {"outcomes": {"never": 1}}},
            classes=classes,
            teams=teams,
            levels={"unit": 4, "town": 2},
            residents=12_000,
            firms=30,
            days=100,
        )
    )

    mean = 100 * expected
    assert abs(len(run.journal.incidents.born) - mean) < 4 * math.sqrt(mean)


# ── chances ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "kind",
    [
        {"exponential": "60 days"},
        {"uniform": {"low": "0 s", "high": "80 days"}},
        {"lognormal": {"median": "30 days", "sigma": 1}},
    ],
    ids=lambda k: next(iter(k)),
)
def test_the_censored_headline(kind):
    """Closed of found at a census after T, with arrivals at a constant rate and no queue, is 1 - E[min(S, T)] / T."""
    days = 60
    shares = []
    for replication in range(20):
        classes = {"m": {"arrivals": {"rate": 20, "per": "node"}}}
        run = Run(written({"lie": {"wait": kind}}, classes=classes, days=days), seed=4, replication=replication)
        shares.append((run.journal.incidents.closed >= 0).mean())

    d = run.scenario.stages["lie"].wait["other"]
    q = (np.arange(200_000) + 0.5) / 200_000
    theory = 1 - np.minimum(d.ppf(q), days * DAY).mean() / (days * DAY)
    assert agrees(shares, theory)
    assert not agrees(shares, 1 - min(d.mean(), days * DAY) / (days * DAY))  # the control: the mean alone would not do


def closing(difficulty, chance=0.6, n=4000, **stage):
    """Two stages of the same kind: a chance of closing, what is left over goes on to the second."""
    one = {"outcomes": {"closed": chance}, **stage}
    stages = {"first": one, "second": {**one, "outcomes": {"closed": chance, "never": 1 - chance}}}
    classes = {"m": {"arrivals": listed(*["Mo 08:00"] * n), "difficulty": difficulty}}
    return Run(written(stages, classes=classes), seed=9)


def share_closed(run, stage):
    rows = [r.result == 0 for r in run.rows("visits") if r.stage == stage]
    return np.mean(rows), len(rows)


@pytest.mark.parametrize("difficulty", [0, 0.5, 1.5, 4])
@pytest.mark.parametrize("chance", [0.05, 0.6, 0.9])
def test_p_is_the_chance_over_all_born(difficulty, chance):
    """Whatever the spread of difficulty, p of all incidents born are closed at the first stage (z of 4)."""
    share, n = share_closed(closing(difficulty, chance, n=3000), "first")

    assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / n)


def test_those_that_reach_a_second_stage_are_harder():
    """With difficulty, the chance falls at a second stage of the same kind, to E[p(D) (1 - p(D))] / (1 - p); without it stays."""
    sd, chance = 1.5, 0.6
    run = closing(sd, chance)
    share, n = share_closed(run, "second")
    even, m = share_closed(closing(0, chance), "second")

    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    a = run.plan.procedure.steps.log_odds[0]
    p = 1 / (1 + np.exp(-(a - sd * nodes)))
    theory = (weights * p * (1 - p)).sum() / weights.sum() / (1 - chance)
    assert (weights * p).sum() / weights.sum() == pytest.approx(chance, abs=1e-9)
    assert abs(share - theory) < 4 * math.sqrt(theory * (1 - theory) / n)
    assert abs(even - chance) < 4 * math.sqrt(chance * (1 - chance) / m)
    assert theory < chance - 0.1


def test_other_outcomes_keep_their_proportions():
    """Difficulty acts on closing; the other outcomes share what is left in the proportions written (z of 4)."""
    stages = {"try": {"outcomes": {"court": 0.3, "closed": 0.4, "next": 0.3}}, "next": {}}
    run = Run(written(stages, classes={"m": {"arrivals": listed(*["Mo 08:00"] * 3000), "difficulty": 2}}, ends={"court": {}}))

    results = [r.result for r in run.rows("visits") if r.stage == "try"]
    court, onward = results.count(2), results.count(1)
    assert abs(court - (court + onward) / 2) < 4 * math.sqrt((court + onward) / 4)
    assert abs(results.count(0) - 1200) < 4 * math.sqrt(3000 * 0.24)


def test_zero_and_one_are_exact():
    """Chances of 0 and 1 are exact, whatever the difficulty; so is a stage without closing."""

    def results(outcomes):
        stages = {"try": {"outcomes": outcomes}, "next": {}}
        run = Run(written(stages, classes={"m": {"arrivals": listed(*["Mo 08:00"] * 300), "difficulty": 5}}))
        return {r.result for r in run.rows("visits") if r.stage == "try"}

    assert results({"closed": 1}) == {0}
    assert results({"closed": 0}) == {1}


def test_success_names_what_difficulty_works_against():
    """Where no outcome closes, difficulty acts on the one named `success`, and on none otherwise."""

    def harder(**success):
        stages = {"try": {"outcomes": {"good": 0.5, "bad": 0.5}, **success}, "good": {"outcomes": {"closed": 1}}, "bad": {}}
        run = Run(written(stages, classes={"m": {"arrivals": listed(*["Mo 08:00"] * 2000), "difficulty": 2}}))
        difficulty = {r.incident: r.difficulty for r in run.rows("incidents")}
        return np.array([difficulty[r.incident] for r in run.rows("visits") if r.stage == "good"])

    assert harder(success="good").mean() < -0.5
    assert abs(harder().mean()) < 4 * 2 / math.sqrt(900)


def expit(x):
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(("skill", "chance"), [(0, 0.5), (1, expit(1)), (-1, expit(-1))])
def test_skill_adds_log_odds(skill, chance):
    """A team's skill is added to the log-odds of closing at its stages (z of 4)."""
    stages = {"try": {"by": "desk", "work": "1 min", "outcomes": {"closed": 0.5, "never": 0.5}}}
    teams = {"desk": {"at": "unit", "people": "unlimited", "skill": skill}}
    run = Run(written(stages, ["Mo 08:00"] * 2000, teams=teams))

    share, n = share_closed(run, "try")
    assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / n)


@pytest.mark.parametrize(("people", "doublings"), [(1, 2), (2, 1), (4, 0), (8, -1)])
def test_span_acts_per_doubling(people, doublings):
    """Each doubling of residents per leader beyond the reference adds `per_doubling` to the log-odds (z of 4)."""
    stages = {
        "try": {
            "by": "desk",
            "work": "1 s",
            "outcomes": {"closed": 0.5, "never": 0.5},
            "span": {"per_doubling": -0.5, "reference": 1000},
        }
    }
    run = Run(written(stages, ["Mo 08:00"] * 2000, teams={"desk": {"at": "unit", "people": people}}, residents=4000))

    share, n = share_closed(run, "try")
    chance = expit(-0.5 * doublings)
    assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / n)
