"""What is kept of a journal: samples lose no more than they say, and the tables of parts add up to those of the whole."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from strategies import scenarios
from test_measures import EVERYTHING, STAGES, busy
from world import Run, written

from simgov.clock import DAY
from simgov.journal import Incidents, Journal, Visits, Work
from simgov.measures import Tables, reduce, summary
from simgov.measures.sample import Lifetimes, Sample, sample, samples
from simgov.measures.tables import STATISTICS, Ratio, Total
from simgov.plan import Forest
from simgov.vocabulary import MEASURES

CLOSE = 1.6e-5
SECONDS = st.one_of(st.integers(0, 10), st.integers(0, 200_000), st.integers(0, 100 * 366 * DAY))
MANY = st.lists(SECONDS, max_size=60).map(lambda x: np.array(x, np.int64))


def same(a, b):
    """Whether two entries hold the same numbers."""
    if isinstance(a, Lifetimes):
        return same(a.ended, b.ended) and same(a.running, b.running)
    if isinstance(a, Sample):
        return a.bins.tolist() == b.bins.tolist() and a.count.tolist() == b.count.tolist()
    return a == b


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────


@given(MANY)
def test_a_sample_holds_what_went_in_rounded_down(values):
    """Numbers below 131,072 are exact, larger ones less by at most 1.6e-5 of themselves; the order is kept."""
    kept = sample(values)
    held = np.repeat(kept.values, kept.count)

    values = np.sort(values)
    assert (held <= values).all()
    assert (values - held <= CLOSE * values).all()
    assert held[values < 131_072].tolist() == values[values < 131_072].tolist()
    assert kept.size == len(values)


def test_whole_hours_and_days_are_exact():
    """The days and hours at which figures and people look are not moved by rounding."""
    days = np.concatenate([np.arange(48) * 3600, np.array([1, 2, 3, 7, 14, 30, 60, 90, 300]) * DAY])

    assert sample(days).values.tolist() == np.unique(days).tolist()


@given(st.lists(MANY, min_size=1, max_size=5))
def test_samples_add_up(parts):
    """The sum of the samples of parts is the sample of all their numbers, in one go or one after the other."""
    whole = sample(np.concatenate(parts))

    assert same(Sample.sum([sample(part) for part in parts]), whole)
    one_by_one = sample(parts[0])
    for part in parts[1:]:
        one_by_one = Sample.sum((one_by_one, sample(part)))
    assert same(one_by_one, whole)
    group = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    assert all(same(a, sample(b)) for a, b in zip(samples(np.concatenate(parts), group, len(parts)), parts, strict=True))


@given(MANY.filter(len), st.sampled_from((0.0, 0.1, 0.5, 0.9, 1.0)))
def test_quantiles_are_those_of_numpy(values, share):
    """The linear rule of np.quantile, on what the sample holds; nothing has no quantile."""
    kept = sample(values)

    assert kept.quantile(share) == pytest.approx(np.quantile(np.repeat(kept.values, kept.count), share), rel=1e-12, abs=1e-9)
    assert kept.quantile(share) == pytest.approx(np.quantile(values, share), rel=CLOSE)
    assert np.isnan(sample(values[:0]).quantile(share))


@given(MANY.filter(len), st.data())
def test_the_curve_is_that_of_scipy(lasted, data):
    """Kaplan and Meier as scipy.stats.ecdf computes it for right-censored data, ties included; nobody at risk has no curve."""
    sure = np.array(data.draw(st.lists(st.booleans(), min_size=len(lasted), max_size=len(lasted))))
    lasted = np.repeat(sample(lasted).values, sample(lasted).count)  # in what the sample holds
    times, ended = Lifetimes(sample(lasted[sure]), sample(lasted[~sure])).curve()

    curve = stats.ecdf(stats.CensoredData.right_censored(lasted, ~sure)).cdf
    assert times.tolist() == curve.quantiles.tolist()
    assert ended.tolist() == pytest.approx(curve.probabilities.tolist(), abs=1e-12)


def test_nothing_has_no_curve():
    """Without anybody there is neither a time nor a share nor a quantile."""
    nobody = Lifetimes(sample(np.zeros(0, np.int64)), sample(np.zeros(0, np.int64)))

    assert [x.tolist() for x in nobody.curve()] == [[], []]
    assert np.isnan(nobody.quantile(0.5))
    assert nobody.at_risk(0) == nobody.size == 0


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────


def side_by_side(plan, journals):
    """The plan and the journal of a country of as many equal roots as there are journals, which do not meet."""
    n, tree, crowd, places = len(journals), plan.tree, plan.crowd, plan.procedure.places
    nodes, pools, births = len(tree.level), len(crowd.pool_team), 1 + max(j.incidents.incident.max(initial=0) for j in journals)
    tiled = {name: np.tile(getattr(crowd, name), n) for name in ("pool_team", "pool_unlimited", "pool_shift", "pool_residents", "person_number", "person_shift")}
    forest = Forest(*(np.tile(x, n) for x in tree.forest[:2]), {level: np.tile(count, n) for level, count in tree.forest.counts.items()})
    whole = dataclasses.replace(
        plan,
        tree=dataclasses.replace(tree, level=np.tile(tree.level, n), parent=all_moved(tree.parent, n, nodes), forest=forest),
        crowd=dataclasses.replace(
            crowd, **tiled, headcount=np.tile(crowd.headcount, n), pool_node=shifted(crowd.pool_node, n, nodes), person_pool=shifted(crowd.person_pool, n, pools)
        ),
        procedure=plan.procedure._replace(places=np.concatenate([moved(places, k * pools) for k in range(n)], axis=1)),
    )
    by = {"incident": births, "repeat_of": births, "home": nodes, "root": nodes, "pool": pools}

    def joined(kind, tables):
        columns = {name: [moved(getattr(t, name), k * by.get(name, 0)) for k, t in enumerate(tables)] for name in kind._fields}
        return kind(**{name: np.concatenate(parts) for name, parts in columns.items()})

    tables = (joined(kind, [getattr(j, name) for j in journals]) for name, kind in (("incidents", Incidents), ("visits", Visits), ("work", Work)))
    return whole, Journal(journals[0].horizon, *tables)


def shifted(numbers, n, by):
    return np.concatenate([numbers + k * by for k in range(n)])


def all_moved(numbers, n, by):
    return np.concatenate([moved(numbers, k * by) for k in range(n)])


def moved(numbers, by):
    """Numbers of another root; what is -1 (none) stays so."""
    return np.where(numbers >= 0, numbers + by, numbers).astype(numbers.dtype) if by else numbers


def several(data, n=3):
    """Plan and journals of some replications of a scenario."""
    runs = [Run(data, replication=r) for r in range(n)]
    return runs[0].plan, [run.journal for run in runs]


def assert_adds_up(plan, journals):
    """The tables of the whole are the sum of those of its roots, in every number."""
    whole, parts = reduce(*side_by_side(plan, journals)), [reduce(plan, journal) for journal in journals]
    total = Tables.sum(iter(parts))

    assert total.entries.keys() == whole.entries.keys()
    assert [key for key, entry in whole.entries.items() if not same(entry, total.entries[key])] == []
    assert (total.flows.tolist(), total.waiting.tolist()) == (whole.flows.tolist(), whole.waiting.tolist())
    assert total.time.tolist() == whole.time.tolist()
    assert total.ageing.tolist() == whole.ageing.reshape(len(journals), *total.ageing.shape).sum(axis=0).tolist()
    pd.testing.assert_frame_equal(summary(total, 0), summary(whole, 0))
    return total, parts


MORE = {
    "a": {"arrivals": {"rate": 3, "per": "node", "of": "unit"}, "returns": {"chance": 0.8, "after": "5h"}},
    "b": {"arrivals": {"rate": 1, "per": "node", "of": "unit"}, "found": {"hazard_per_day": 0.1, "team": "leader", "reference": 1000, "hidden_at_start": 4}},
    "chore": EVERYTHING["classes"]["chore"],
}


def test_every_measure_adds_up_over_roots():
    """In a scenario that has every measure of the vocabulary, each of them is the same from the sum of the roots as from the whole."""
    hours = {"when": "duty", "at_close": "finish", "on_call": 0.5, "on_call_hours": "always"}
    look = {**STAGES["look"], "work": "40 min", "hours": hours, "outcomes": {"handle": 0.2, "closed": {"chance": 0.8, "solved": 0.5}}}
    stages = {**STAGES, "look": look, "ask": {**STAGES["ask"], "verify": {"unsolved": {"look": 0.5}}}}
    total, parts = assert_adds_up(*several(written(stages, **{**EVERYTHING, "classes": MORE})))

    assert sum(not same(entry, parts[0].entries[key]) for key, entry in total.entries.items()) > len(total.entries) / 2  # the control
    rows = {(name, *where.values()): (top, bottom) for name, where, top, bottom in total.rows()}
    assert {name for name, *_ in rows} == set(MEASURES)
    assert {name for (name, *_), (top, _) in rows.items() if top > 0} == set(MEASURES)  # none is equal because it is nothing


def test_people_who_stay_add_up_over_roots():
    """Presence until the board is clear is counted by pool, so it adds up as well."""
    runs = [busy("each", seed) for seed in (1, 2)]
    total, _ = assert_adds_up(runs[0].plan, [run.journal for run in runs])

    assert total.entries["off_hours_presence", "ants"].top > 0


@given(data=scenarios(None))
@settings(max_examples=25)
def test_any_scenario_adds_up_over_roots(data):
    """The same for whatever a scenario can have."""
    assert_adds_up(*several(data, 2))


def test_a_total_is_of_the_replication_and_a_ratio_of_what_it_counts():
    """Three equal roots collect three times as much, in one replication; their shares and quantiles are those of one."""
    plan, journals = several(written(STAGES, **{**EVERYTHING, "classes": MORE}), 1)
    one = reduce(plan, journals[0])
    three = one + one + one

    thrice = {(name, *where.values()): (top, bottom) for name, where, top, bottom in three.rows()}
    for name, where, top, bottom in one.rows():
        key = (name, *where.values())
        entry = one.entries.get(key)
        if isinstance(entry, Total):
            assert thrice[key] == (pytest.approx(3 * top), 1), key
        elif isinstance(entry, Ratio):
            assert thrice[key] == (pytest.approx(3 * top), 3 * bottom), key
        else:
            assert thrice[key][1] == bottom, key
    assert three.entries["time_to_closure", "all"].size == 3 * one.entries["time_to_closure", "all"].size
    assert three.entries["time_to_closure", "all"].quantile(0.5) == one.entries["time_to_closure", "all"].quantile(0.5)


def test_what_is_not_a_count_is_read_off_a_sample():
    """Every measure of the vocabulary is kept as a count, or named with the sample it is read off, or is the peak of a series."""
    plan, (journal,) = several(written(STAGES, **EVERYTHING), 1)
    entries = reduce(plan, journal).entries
    read = ["peak_stock", *(measure for statistics in STATISTICS.values() for measure in statistics)]

    assert sorted({name for name, *_ in entries} - set(STATISTICS)) == sorted(set(MEASURES) - set(read))
    assert len(read) == len(set(read))


def test_a_single_place_has_no_inequality_and_two_roots_have():
    """A team of one pool is not compared with itself; two roots with one each are compared."""
    stages = {"look": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}}}
    one, other = (reduce(plan, journal) for plan, (journal,) in (several(written(stages, moments), 1) for moments in ("Mo 09:00", ())))

    assert not [row for row in one.rows() if row[0] == "inequality"]
    ((_, where, top, bottom),) = [row for row in (one + other).rows() if row[0] == "inequality"]
    assert (where, top, bottom) == ({"team": "desk"}, 0.5, 1)


def test_a_root_without_people_is_no_place():
    """Where a team has nobody its empty place is not compared with the others."""
    stages = {"look": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}}}
    staffed, empty = (several(written(stages, teams={"desk": {"at": "unit", "people": n}}), 1) for n in (1, 0))
    total = reduce(staffed[0], staffed[1][0]) + reduce(empty[0], empty[1][0])

    assert total.entries["engaged", "desk"].size == 1


def test_tables_are_added_as_they_come():
    """A sum takes its roots from an iterator, more of them than it holds at once."""
    plan, (journal,) = several(written(STAGES, **EVERYTHING), 1)
    one = reduce(plan, journal)

    total = Tables.sum(one for _ in range(40))
    assert total.entries["collected", "all"].top == 40 * one.entries["collected", "all"].top
    assert total.flows.tolist() == (40 * one.flows).tolist()
