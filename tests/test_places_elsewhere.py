"""The shipped places outside Putian: each shows its mechanism in the journal, and does not where the mechanism is taken away."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest
from test_dongxing import FACTS, SCENARIOS, numbers

import simgov
from simgov.ledgers import build_rules, points
from simgov.scenario import load
from simgov.scenario.origins import origin_of
from simgov.targets import MET
from simgov.vocabulary import MEASURES

PLACES = ["shishi", "quanzhou", "xiashan", "haitan", "junan", "fugu"]
FIVE_WEEKS = {"period.end": "2023-02-06"}
ORDERS = ["urgent", "basic", "periodic"]
SENDERS = ["city_send", "street_send", "community_send"]
KEY = ["replication", "incident"]
DAY = pd.Timedelta(days=1)


def _made(place: str, settings: dict, changes: tuple = (), n: int = 1):
    scenario = load(SCENARIOS / f"{place}.yaml", settings=settings, changes=changes)
    return simgov.run(scenario, replications=n, journal=True, engine="simpy")


@cache
def _kept(place: str, settings: tuple, changes: tuple, n: int):
    return _made(place, dict(settings), changes, n)


def run(place: str, *changes: str, n: int = 1, **settings):
    """A short run with its journal; settings are paths with __ for the dot."""
    return _kept(place, tuple((path.replace("__", "."), value) for path, value in settings.items()), changes, n)


def visits(result, *stages: str) -> pd.DataFrame:
    """Visits of these stages themselves, without parts and copies, in the order in which they were entered."""
    v = result.visits
    v = v[v.part == 0]
    return v[v.stage.isin(stages)] if stages else v


def done(result, *stages: str, part: int | None = None) -> pd.DataFrame:
    """Who worked at these stages: rows of work with the stage, class and number of their visit."""
    v = result.visits[[*KEY, "visit", "part", "stage", "class", "nth", "admitted"]]
    w = result.work.merge(v, on=[*KEY, "visit", "part"])
    return w[w.stage.isin(stages) & (w.part == part if part is not None else True)]


def chains(result, *without: str) -> pd.Series:
    """By incident: the stages it went through, as one text."""
    v = visits(result)
    v = v[~v.stage.isin(without)]
    return v.groupby(KEY).stage.agg(lambda stages: " ".join(stages.astype(str)))


# ── where the numbers come from ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", PLACES)
def test_every_number_has_an_origin(place):
    """No number is without an origin, facts are facts, ids exist, and all names are in both languages."""
    s = load(SCENARIOS / f"{place}.yaml")
    found = list(numbers(s.data))
    assert len(found) > 30
    assert [path for path, _ in found if origin_of(path, s.origins) is None] == []
    for origin in s.origins.values():
        says = [origin.says] if isinstance(origin.says, str) else origin.says
        if origin.kind == "source":
            assert {FACTS[i]["kind"] for i in says} <= {"seed", "derived"}, origin
        assert set(re.findall(r"\b(?:SS|QZ|XS|PX|JN|FG|D|P|X)-[A-Z0-9-]*[A-Z0-9]\b", f"{origin.says} {origin.note}")) <= set(
            FACTS
        ), origin
    named = [x for part in (s.levels, s.teams, s.classes, s.ends, s.stages, s.changes) for x in part.values()]
    assert all(x.label and x.label.en and x.label.zh for x in [*named, *s.targets])
    assert s.targets
    assert all(t.measure in MEASURES and (t.phrase or t.note) for t in s.targets)


@pytest.mark.parametrize("place", PLACES)
def test_phrases_are_the_words_of_the_sources(place):
    """Every phrase of a target is in the table of facts, as it stands there."""
    said = [row["phrase"] for row in FACTS.values()]
    phrases = [t.phrase for t in load(SCENARIOS / f"{place}.yaml").targets if t.phrase]
    assert phrases or place == "quanzhou"  # its only figure is from elsewhere
    assert all(any(phrase in text for text in said) for phrase in phrases)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("place", PLACES)
def test_the_targets_are_met(place):
    """All reported figures are met over the whole period."""
    verdicts = simgov.run(SCENARIOS / f"{place}.yaml", replications=60, journal=False).targets
    assert set(verdicts["verdict"]) == {MET}, verdicts


# ── Shishi ──────────────────────────────────────────────────────────────────────────────────────────


def test_shishi_orders_reach_the_worker_and_copies_are_never_waited_for():
    """An order enters with the grid worker in the second it is given; each centre gets a copy, and nothing changes without them."""
    no_limit = {"stages__order__due": None, "classes__dispute__arrivals__rate": 0}  # nothing else brings a centre into it
    direct, bare = (
        run("shishi", **FIVE_WEEKS, **no_limit),
        run("shishi", **FIVE_WEEKS, **no_limit, stages__order__by="grid_worker"),
    )
    slow_readers = {"any": ["grid_worker"], "read": [{"team": team, "work": "200h"} for team in ("community", "street_centre")]}
    slowly = _made(
        "shishi",
        {
            "period.end": "2023-02-06",
            "stages.order.due": None,
            "classes.dispute.arrivals.rate": 0,
            "stages.order.by": slow_readers,
        },
    )
    i = direct.incidents
    first = visits(direct).drop_duplicates(KEY).merge(i[[*KEY, "found"]], on=KEY)
    copies = direct.visits[direct.visits.part < 0]

    assert set(first.stage) == {"order"}
    assert (first.entered == first.found).all()
    assert set(first.team.dropna()) == {"grid_worker"}
    assert not visits(direct).stage.isin(SENDERS).any()
    assert set(copies.team.dropna()) == {"community", "street_centre"}
    assert len(copies) == 2 * len(visits(direct, "order"))
    unread = slowly.visits[(slowly.visits.part < 0) & slowly.visits.finished.isna()]
    assert len(unread) > 0.5 * len(copies)  # the control: those who read for weeks have hardly begun
    assert not (bare.visits.part < 0).any()
    columns = [*KEY, "nth", "started", "finished", "left"]
    tables = [visits(r, "order")[columns].reset_index(drop=True) for r in (direct, slowly, bare)]
    for other in tables[1:]:
        pd.testing.assert_frame_equal(tables[0], other)


def test_shishi_level_by_level_takes_longer_under_common_draws():
    """The same orders, passed on by three levels, reach the worker later, every one of them; without passing on they do not."""
    direct, slow = run("shishi", **FIVE_WEEKS), run("shishi", "level_by_level", **FIVE_WEEKS)
    reached = [
        visits(r, "order").drop_duplicates(KEY).merge(r.incidents[[*KEY, "key", "found", "class_born"]], on=KEY)
        for r in (direct, slow)
    ]
    both = reached[0].merge(reached[1], on="key", suffixes=("", "_slow"))
    ways = chains(slow)

    assert len(both) > 3000
    assert (both.found == both.found_slow).all()
    assert (both.entered_slow > both.entered).all()
    assert ways[ways.str.contains("order")].str.startswith(" ".join(SENDERS[:2])).all()
    for cls in ORDERS:
        assert slow.value("time_to_closure_median", **{"class": cls}) > direct.value("time_to_closure_median", **{"class": cls})
    assert not (slow.visits.part < 0).any()  # nobody reads copies
    known = [r.value("time_to_closure_median", **{"class": "dispute"}) for r in (direct, slow)]
    assert known[0] == pytest.approx(known[1], rel=0.2)  # the control: disputes go the same way


def test_shishi_supervises_what_is_overdue():
    """What the worker has not begun or finished in time is supervised in the second of its limit; without limits nothing is."""
    result = run("shishi", **FIVE_WEEKS)
    supervised = visits(result, "supervise")
    orders = visits(result, "order").merge(result.incidents[[*KEY, "found"]], on=KEY)
    moved = orders[orders.result == "due_move"]

    assert len(supervised) == len(moved) > 5
    assert (moved.left == moved.due).all()
    limit = moved["class"].astype(str).map({"urgent": pd.Timedelta(hours=8), "basic": pd.Timedelta(hours=48)})
    assert (moved.left - moved.found == limit).all()
    assert not len(visits(run("shishi", **FIVE_WEEKS, stages__order__due=None), "supervise"))


def test_shishi_splits_merge_with_the_last_part_and_the_same_three_come_again():
    """Three teams work on parts of their own; the stage ends with the last; the very three who had the parts ask afterwards, together, among three of each."""
    three = {**FIVE_WEEKS, "teams__sunk_cadre__people": 3, "teams__police__people": 3, "classes__dispute__arrivals__rate": 0.1}
    together, plain = run("shishi", **three), run("shishi", **three, stages__revisit__by="sunk_cadre")
    parts = together.visits[(together.visits.stage == "split") & (together.visits.part > 0) & together.visits.finished.notna()]
    parts = parts.groupby([*KEY, "visit"]).agg(
        teams=("team", lambda t: " ".join(t.astype(str))),
        last=("finished", "max"),
        first=("finished", "min"),
        n=("finished", "size"),
    )
    whole = visits(together, "split").set_index([*KEY, "visit"]).join(parts)
    whole = whole[whole.n == 3]

    assert len(whole) > 100
    assert set(whole.teams) == {"sunk_cadre police community"}
    assert (whole.finished == whole["last"]).all()
    assert (whole["last"] > whole["first"]).mean() > 0.9

    def same(result, part=1, team="sunk_cadre") -> pd.Series:
        had = done(result, "split", part=part).drop_duplicates(KEY, keep=False)  # split once
        asked = done(result, "revisit")
        both = asked[asked.team == team].merge(had, on=KEY, suffixes=("", "_had"))
        return (both.person == both.person_had) & (both.node.astype(str) == both.node_had.astype(str))

    assert set(done(together, "revisit").team) == {"sunk_cadre", "police", "community"}
    for part, team in enumerate(("sunk_cadre", "police", "community"), 1):
        assert len(same(together, part, team)) > 30
        assert same(together, part, team).all()
    assert not same(plain).all()


# ── Quanzhou ────────────────────────────────────────────────────────────────────────────────────────

SIX_WEEKS = {
    "period.end": "2022-02-12",
    "residents": 109_779,
    "levels.grid3.count": 230,
    "levels.grid2.count": 158,
    "levels.grid1.count": 33,
    "levels.street.count": 2,
}


def test_quanzhou_goes_from_whistle_to_archive():
    """What is transferred closes in the archive, after feedback and appraisal, which opens on Fridays only; the other reading closes before."""
    result, before = run("quanzhou", **SIX_WEEKS), run("quanzhou", "filed_afterwards", **SIX_WEEKS)
    ways = chains(result)
    closed = visits(result)[visits(result).result == "closed"]
    transferred = ways[ways.str.contains("transfer") & ways.str.contains("archive")]

    assert len(transferred) > 300
    assert transferred.str.endswith("feedback appraise archive").all()
    assert ways[ways.str.contains("appraise")].str.contains("(?:handles) feedback").all()
    assert set(closed.stage) == {"grid", "grid2", "archive"}
    assert set(visits(result, "appraise").admitted.dropna().dt.day_of_week) == {4}
    assert len(visits(before, "feedback")) > 300
    assert not len(visits(before, "appraise", "archive"))
    copies = before.visits[before.visits.part < 0]
    assert set(copies.team.dropna()) == {"street_dept"}
    assert before.value("cohort_closure", days=7) > result.value("cohort_closure", days=7) + 0.03


def test_quanzhou_lists_say_who_may_settle_what():
    """The third tier settles household matters only, the second no enforcement; without lists both settle more. All three tiers are met."""
    result, free = run("quanzhou", **SIX_WEEKS), run("quanzhou", "no_lists", **SIX_WEEKS)

    def settled(r, stage) -> set[str]:
        v = visits(r, stage)
        return set(v[v.result == "closed"]["class"])

    assert settled(result, "grid") == {"household"}
    assert settled(result, "grid2") == {"household", "facility", "dispute"}
    assert settled(free, "grid") == {"household", "facility", "dispute", "enforcement"}
    assert all(result.value("settled_of_reached", level=level) > 0.1 for level in ("grid3", "grid2", "grid1"))
    ends = result.incidents[result.incidents.how == "left"]
    assert set(ends["class"]) == {"pushed"}  # the entry rule is for tasks from above
    assert set(ends.left_by) == {"rejected"}


def test_quanzhou_is_a_fortieth_with_18_workers_for_10000():
    """Residents and grids are fortieths of the city's; community workers follow the norm and are spread over all communities."""
    s = load(SCENARIOS / "quanzhou.yaml")
    crowd = simgov.plan.make(s).crowd
    mine = [n for n, team in zip(crowd.headcount.max(axis=0), crowd.pool_team, strict=True) if crowd.teams[team] == "community"]

    whole = {"grid3": 18_358, "grid2": 12_596, "grid1": 2_589}
    assert all(s.levels[name].count == round(n / 40) for name, n in whole.items())
    assert s.residents == round(8_782_300 / 40)
    assert (sum(mine), len(mine)) == (round(18 * s.residents / 10_000), 65)


# ── Xiashan ─────────────────────────────────────────────────────────────────────────────────────────

FOUR_MONTHS = {"period.end": "2023-05-01", "classes.night_visit.arrivals.each_opening.count": 1}


def test_xiashan_consults_once_a_week():
    """Clues wait for the Monday of their street, which takes four; without the gate they are talked over on any day."""
    result, free = run("xiashan", n=2, **FOUR_MONTHS), run("xiashan", "no_gate", n=2, **FOUR_MONTHS)
    consulted, freely = visits(result, "consult").dropna(subset="admitted"), visits(free, "consult").dropna(subset="started")
    sittings = consulted.groupby(["replication", "node", consulted.admitted.dt.date], observed=True).size()

    assert len(consulted) > 400
    assert set(consulted.admitted.dt.day_of_week) == {0}
    assert sittings.max() == 4
    assert {"chief", "deputy", "dept"} == set(done(result, "consult").team)
    assert len(set(freely.started.dt.day_of_week)) > 2
    assert result.value("elapsed", part="gate") > 48
    assert free.value("elapsed", part="gate") == 0


def test_xiashan_inspects_what_is_open_once_a_month():
    """Whoever has not rectified by the last Friday of the month is inspected in that second and then pressed; the lister strikes off."""
    result = run("xiashan", n=2, **FOUR_MONTHS)
    inspected, tasks = visits(result, "inspect"), visits(result, "rectify", "pressed")
    opens = pd.to_datetime(["2023-01-27 09:00", "2023-02-24 09:00", "2023-03-31 09:00", "2023-04-28 09:00"])

    assert set(inspected.entered) == set(opens)
    ended = tasks[tasks.finished.notna() & tasks.left.notna()]
    assert not any(
        ((ended.finished < day) & (ended.left > day)).any() for day in opens
    )  # nothing lies there beyond an inspection
    ways = chains(result, "visit")
    assert ways.str.contains("inspect pressed inspect").any()  # again next month
    listed, struck = (
        done(result, stage).drop_duplicates(KEY, keep="last").set_index(KEY)[["node", "person"]].astype(str)
        for stage in ("list", "strike_off")
    )
    assert len(struck) > 200
    assert (struck == listed.loc[struck.index]).all(axis=None)
    free = run("xiashan", "no_inspection", n=2, **FOUR_MONTHS)
    assert not len(visits(free, "inspect", "pressed").query("stage == 'inspect'"))
    slow = visits(free, "rectify").dropna(subset=["finished", "left"])
    assert any(((slow.finished < day) & (slow.left > day)).any() for day in opens)


# ── Haitan ──────────────────────────────────────────────────────────────────────────────────────────

SUMMER = {
    "period.start": "2022-06-10",
    "period.end": "2022-07-28",
    "classes.ordinary.arrivals.rate": 0.02,
    "classes.problem.arrivals.rate": 0.03,
}


def test_haitan_assigns_what_nobody_claims():
    """A problem is claimed within seven days or assigned in the second in which they are over; if nothing is assigned, it waits longer."""
    result, claim_only = run("haitan", **SUMMER), run("haitan", "claim_only", **SUMMER)
    listed = visits(result, "claim").dropna(subset="left")
    waited = listed.left - listed.entered
    fallen = listed.result == "due_move"

    assert 0.05 < fallen.mean() < 0.5
    assert (waited[fallen] == 7 * DAY).all()
    assert (waited[~fallen] <= 7 * DAY).all()
    assert len(visits(result, "assign")) == fallen.sum()
    v = visits(claim_only, "claim").dropna(subset="left")
    assert ((v.left - v.entered) > 7 * DAY).any()
    assert not len(visits(claim_only, "assign"))
    assert set(visits(result, "meet").admitted.dropna().dt.date.astype(str)) <= {"2022-07-04"}


def test_haitan_has_a_surge_of_staff():
    """In an outbreak there are 3.15 times as many people, and only then; without them checks and tests begin later."""
    result, alone = run("haitan", **SUMMER), run("haitan", "nobody_sent_down", **SUMMER)
    crowd = simgov.plan.make(load(SCENARIOS / "haitan.yaml")).crowd
    teams = [crowd.teams[t] for t in crowd.pool_team]
    people = pd.DataFrame(crowd.headcount.T, index=teams).groupby(level=0).sum().T
    regulars, all_ = people.placed + people.worker, people.placed + people.worker + people.sunk

    assert set(regulars) == {652}
    assert sorted({round(x, 2) for x in all_ / 652}) == [1, 3.15]
    sunk = result.work[result.work.team == "sunk"]
    assert len(sunk) > 1000
    assert sunk.start.min() >= pd.Timestamp("2022-07-13")
    assert not (alone.work.team == "sunk").any()

    def late(r) -> float:
        v = visits(r, "surge_work").dropna(subset="released")
        return (v.started.fillna(pd.Timestamp("2022-07-28")) - v.released).dt.total_seconds().mean()

    assert late(alone) > 10 * late(result) + 600


def test_haitan_rounds_of_inspection_drain_a_finite_stock():
    """Problems at merchants are found in the rounds, hardly ever between them, and there are no more than there were."""
    result = run("haitan", **SUMMER)
    there = result.incidents[result.incidents["class"] == "merchant"]
    found = there.found.dropna()

    assert len(there) == 4451
    assert (found < pd.Timestamp("2022-06-22")).sum() > 0.7 * 4451  # 12 of the 21 days of the first round
    assert (found >= pd.Timestamp("2022-06-22")).sum() < 20
    assert len(visits(result, "inspect")) > 0


# ── Junan ───────────────────────────────────────────────────────────────────────────────────────────

SPRING = {"period.end": "2022-07-31", "classes.order.arrivals.rate": 0.04}


def test_junan_opens_two_gates_at_weekends():
    """Orders pass a posting (three) and a sign-up (two of a community at each opening), both at weekends; on any day without gates."""
    result, free = run("junan", n=2, **SPRING), run("junan", "any_day", n=2, **SPRING)
    posted, signed = (visits(result, stage).dropna(subset="admitted") for stage in ("post", "sign_up"))

    assert len(posted) > 100
    assert set(posted.admitted.dt.day_of_week) == {5}
    assert set(signed.admitted.dt.day_of_week) == {5, 6}
    of = visits(result, "place")[[*KEY, "node"]].drop_duplicates(KEY)  # the sign-up is nobody's work, so it has no node of its own
    for v, takes in ((posted, 3), (signed, 2)):
        v = v.drop(columns="node").merge(of, on=KEY)
        assert v.groupby(["replication", "node", v.admitted.dt.date], observed=True).size().max() == takes
    both = posted.merge(signed[[*KEY, "visit", "admitted"]], on=KEY, suffixes=("", "_signed"))
    assert (both.admitted_signed > both.admitted).any()
    assert set(visits(free, "sign_up").admitted.dropna().dt.day_of_week) >= {0, 1, 2, 3, 4}
    takers = done(result, "activity").groupby([*KEY, "visit"]).person.nunique()
    assert set(takers) == {8}


def test_junan_gives_points_by_the_rating_and_after_it():
    """Residents rate after the closing; points go by what they say, so they are fewer than closings, and the unsatisfied get it again."""
    result = run("junan", n=2, **SPRING)
    rated = visits(result, "rating").merge(result.incidents[[*KEY, "closed", "verified_at"]], on=KEY)
    said = rated[rated.result == "satisfied"]

    assert len(rated) > 500
    assert (rated.entered >= rated.closed).all()
    assert (said.verified_at == said.left).all()
    again = chains(result, "rating")
    assert again.str.contains("redo post").any()
    assert again.str.contains("redo (?:one|two)_to_one").any()

    def total(**tariff) -> float:
        sheet = {"schema": 1, "title": {"en": "t", "zh": "标题"}, "team": "member", "every": "week", "points": tariff}
        return points(result, build_rules(sheet)).rounds["mean"].sum()

    assert 0 < total(satisfied=1) < 0.95 * total(closed=1)  # the control: points at the closing would not wait for anybody


# ── Fugu ────────────────────────────────────────────────────────────────────────────────────────────


def test_fugu_needs_are_claimed_by_experts():
    """440 needs; each is claimed by an expert, who also helps, or given up after 60 days; with more patience more are claimed."""
    fewer = {"teams__expert__people__total": 1000}  # of 3,500, of whom most are never asked
    result, patient = run("fugu", **fewer), run("fugu", "patience", **fewer)
    listed = visits(result, "claim")
    waited = listed.left - listed.entered
    given_up = listed.result == "due_end"

    assert list(result.incidents.groupby("replication").size()) == [440]
    assert (waited[given_up] == 60 * DAY).all()
    assert (waited[~given_up] <= 60 * DAY).all()
    assert 330 < (~given_up).sum() < 375
    assert (result.incidents.left_by == "no_expert").sum() == given_up.sum()
    bridge, help_ = (
        done(result, stage).query("team == 'expert'").drop_duplicates(KEY).set_index(KEY).person for stage in ("bridge", "help")
    )
    assert (help_ == bridge.loc[help_.index]).all()
    assert help_.nunique() > 300
    assert (visits(patient, "claim").result != "due_end").sum() > (~given_up).sum() + 50
