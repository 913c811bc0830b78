"""Places of Putian: each shows in its journal what is told of it, and would not without the part of the scenario that makes it."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest
from test_dongxing import FACTS, SCENARIOS, numbers

import simgov
from simgov import plan
from simgov.ledgers import load_rules, points
from simgov.scenario import build, load
from simgov.scenario.origins import origin_of
from simgov.targets import MISSED

PLACES = ["xialin_before", "xialin_after", "bantou", "dingpu", "jiaowei", "handong", "zhongmen"]
OWN = {"xialin_after": ["units_of_100"], "zhongmen": ["no_campaign"], "dingpu": ["judge_or_mediator"]}  # changes that no base has
ID = re.compile(r"\b(?:PT|DX|XL|BT|DP|JW|HD|ZM|F4|D|P|X)-[A-Z0-9][A-Za-z0-9-]*")
VISIT = ["replication", "incident", "visit"]


@cache
def run(place, change=None, replications=2):
    return simgov.run(load(SCENARIOS / f"{place}.yaml", changes=[change] if change else []), replications=replications, journal=True)


@cache
def planned(place):
    return plan.make(load(SCENARIOS / f"{place}.yaml"))


def without(place, **sections):
    """A run of the place with something taken away or changed, as a file that extends it would say it."""
    return simgov.run(build({"extends": str(SCENARIOS / f"{place}.yaml"), **sections}, root=SCENARIOS), replications=1, journal=True)


def visits(result, stage, cls=None):
    """Visits of a stage that were begun: of one class, if it is named."""
    v = result.visits
    return v[(v["stage"] == stage) & (v["part"] == 0) & (True if cls is None else v["class"] == cls)]


def way(result, cls):
    """By incident of the class: the stages it went through, in order, return visits left out."""
    v = result.visits
    mine = v[(v["class"] == cls) & (v["part"] == 0) & (v["stage"] != "return_visit")]
    return mine.groupby(["replication", "incident"])["stage"].agg(lambda s: list(s.astype(str)))


def together(result, visited):
    """By visit: the teams that worked on it, one for each person, and at how many different seconds they began."""
    done = result.work.merge(visited[VISIT])
    return done.groupby(VISIT).agg(teams=("team", lambda t: sorted(t.astype(str))), begins=("start", "nunique"))


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", PLACES)
def test_every_number_has_an_origin(place):
    """No number is without an origin, also in the place's own change, and no prior or outside figure is passed off as a fact."""
    for change in (None, *OWN.get(place, ())):
        s = load(SCENARIOS / f"{place}.yaml", changes=[change] if change else [])
        found = [path for path, _ in numbers(s.data) if "where" not in path]
        assert len(found) > 200
        assert [path for path in found if origin_of(path, s.origins) is None] == []
        for origin in s.origins.values():
            says = [origin.says] if isinstance(origin.says, str) else origin.says
            if origin.kind == "source":
                assert {FACTS[i]["kind"] for i in says} <= {"seed", "derived"}, origin
            assert set(ID.findall(f"{origin.says} {origin.note}")) <= set(FACTS), origin


def test_the_counts_are_those_of_the_sources():
    """Grids, units, villages and posts that are told are there, exactly."""

    def count(place, *levels):
        tree = planned(place).tree
        return [len(tree.at(level)) for level in levels]

    def staff(place, team):
        crowd = planned(place).crowd
        return int((crowd.person_team == crowd.teams.index(team)).sum())

    assert count("jiaowei", "community", "grid", "unit") == [21, 156, 579]
    assert count("zhongmen", "grid", "unit") == [61, 1114]
    assert count("xialin_before", "grid") == [5]
    assert staff("jiaowei", "unit_leader") == 579
    assert [staff("zhongmen", team) for team in ("grid_worker", "unit_leader")] == [61, 227]


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("bantou", {"stages": {"home_visit": {"wait": {"lognormal": {"median": "200 days"}}}}}),
        ("bantou", {"stages": {"home_visit": {"wait": None}}}),
        ("jiaowei", {"classes": {"dispute": {"arrivals": {"rate": 0.03}}}}),
        ("jiaowei", {"stages": {"mediate": {"outcomes": {"closed": {"chance": 0.3}, "failed": 0.7}}}}),
        ("xialin_after", {"stages": {"fund": {"lead": {"lognormal": {"median": "250 days"}}}}}),
    ],
)
def test_targets_are_missed_when_a_key_number_is_another(place, change):
    """The control of the test before."""
    verdicts = simgov.run(build({"extends": str(SCENARIOS / f"{place}.yaml"), **change}, root=SCENARIOS), replications=30, journal=False).targets
    assert MISSED in set(verdicts["verdict"]), verdicts


# ── Xialin: before and after ────────────────────────────────────────────────────────────────────────


def turned(result):
    """Ordinary events that have become disputes."""
    i = result.incidents
    return i[(i["class_born"] == "ordinary") & (i["class"] == "dispute")]


def test_before_the_reform_what_is_left_lying_becomes_a_dispute():
    """What the property firm cannot settle lies for 30 days at most; what nobody took up by then is a dispute. Afterwards nothing is."""
    before = run("xialin_before")
    lying = visits(before, "lying")
    moved = lying[lying["result"] == "due_move"]
    assert len(moved) > 50
    assert set(moved["left"] - moved["entered"]) == {pd.Timedelta(days=30)}
    assert len(turned(before)) == len(moved)
    assert len(turned(run("xialin_after"))) == 0
    assert len(turned(without("xialin_before", stages={"lying": {"due": None}}))) == 0  # the control


def test_a_cadre_of_6000_does_not_hear_of_grievances():
    """Both have the same grievances at the same seconds; before, most stay hidden and many turn into disputes unheard."""
    before, after = (run(place).incidents.query("class_born == 'grievance'") for place in ("xialin_before", "xialin_after"))
    first = [x[x["repeat_of"] < 0][["key", "born"]].sort_values("key").reset_index(drop=True) for x in (before, after)]
    pd.testing.assert_frame_equal(*first)
    unheard = [(x["how"] == "hidden").mean() for x in (before, after)]
    spoilt = [(x["class"] == "dispute").mean() for x in (before, after)]
    assert unheard[0] > 0.4 > 0.1 > unheard[1]
    assert spoilt[0] > 1.5 * spoilt[1]
    same_span = without("xialin_before", classes={"grievance": {"found": {"reference": 6000}}})  # the control: a cadre who hears as much
    i = same_span.incidents
    assert (i[i["class_born"] == "grievance"]["how"] == "hidden").mean() < 0.1


def test_a_playground_waits_for_the_first_monday():
    """Money is shared out on the first Monday of a month, to four matters at most; whoever comes later in the year waits no longer."""
    fund = visits(run("xialin_after"), "fund").dropna(subset="admitted")
    assert len(fund) > 10
    assert all(t.weekday() == 0 and t.day <= 7 for t in fund["admitted"])
    assert fund.groupby(["replication", fund["admitted"].dt.date]).size().max() <= 4
    half = fund["entered"].median()
    late, early = ((fund["admitted"] - fund["entered"])[fund["entered"] > half].mean(), (fund["admitted"] - fund["entered"])[fund["entered"] <= half].mean())
    assert late < 2 * early  # the tranche is no bottleneck that the queue grows behind
    free = visits(without("xialin_after", stages={"fund": {"gate": None}}), "fund")  # the control
    assert len(set(free["admitted"].dt.day_of_week)) > 3


# ── Bantou: four parties ────────────────────────────────────────────────────────────────────────────

FOUR = ["developer", "housing", "natural_resources", "surveyor"]


def test_four_parties_come_together_after_two_triages():
    """From the unit leader over two triages to one visit that two bureaux, two companies and the household begin in one second."""
    result = run("bantou")
    came = together(result, visits(result, "home_visit").dropna(subset="started"))
    assert len(came) > 40
    assert all(teams == sorted([*FOUR, "party"]) for teams in came["teams"])
    assert set(came["begins"]) == {1}
    ways = [w for w in way(result, "resettlement") if "home_visit" in w]
    assert {tuple(w[: w.index("home_visit")][:3]) for w in ways} == {("prehandle", "community_triage", "street_triage")}
    assert any(w[:4] == ["prehandle", "community_triage", "street_triage", "home_visit"] for w in ways)


def test_the_parties_wait_for_each_other():
    """A visit is on a Thursday, the one day on which all are out; one bureau alone comes sooner; each in his own time would not come together."""
    result = run("bantou")
    there = visits(result, "home_visit").dropna(subset="started")
    waited = (there["started"] - there["released"]).dt.total_seconds().mean() / 86_400
    assert set(there["started"].dt.day_of_week) == {3}
    one = visits(without("bantou", stages={"home_visit": {"by": {"all": ["housing", "party"]}}}), "home_visit").dropna(subset="started")
    assert waited > 2.5
    assert (one["started"] - one["released"]).dt.total_seconds().mean() / 86_400 < waited - 0.5
    alone = without("bantou", stages={"home_visit": {"by": {"all": None, "each": [*FOUR, "party"]}}})
    assert together(alone, visits(alone, "home_visit"))["begins"].max() > 1


# ── Dingpu: the round table, and money ──────────────────────────────────────────────────────────────


def test_six_sit_down_when_the_judge_comes():
    """Lawyer, judge, police officer, grid worker and two parties begin in one second of a sitting, on Tuesday or Thursday afternoon."""
    result = run("dingpu", None, 5)
    tables = visits(result, "round_table").dropna(subset="started")
    came = together(result, tables)
    assert len(came) > 5
    assert all(teams == ["grid_worker", "judge", "lawyer", "party", "party", "police"] for teams in came["teams"])
    assert set(came["begins"]) == {1}
    assert all(t.weekday() in (1, 3) and (14, 30) <= (t.hour, t.minute) < (17, 30) for t in tables["started"])
    freely = visits(without("dingpu", teams={"judge": {"hours": "office"}}), "round_table")["started"].dropna()  # the control
    assert not set(freely.dt.day_of_week) <= {1, 3}


def test_a_mediator_may_sit_in_for_the_judge():
    """With the change, five sit down with a judge or a mediator, never both, on any working day; whoever comes, all begin together."""
    came = together(result := run("dingpu", "judge_or_mediator", 5), tables := visits(result, "round_table").dropna(subset="started"))
    five = ["grid_worker", "lawyer", "party", "party", "police"]
    assert {tuple(sorted(teams)) for teams in came["teams"]} <= {tuple(sorted([*five, who])) for who in ("judge", "mediator")}
    assert sum("mediator" in teams for teams in came["teams"]) > 5
    assert set(came["begins"]) == {1}
    assert not set(tables["started"].dt.day_of_week) <= {1, 3}
    waits = [(v["started"] - v["released"]).mean() for v in (tables, visits(run("dingpu", None, 5), "round_table"))]
    assert waits[0] < waits[1]


def test_what_was_at_court_comes_back_to_the_community():
    """Court, the unit leader who brings everybody together, the round table; what cools off comes back to it."""
    ways = list(way(run("dingpu", None, 5), "court_case"))
    assert sum(w[:3] == ["court", "coordinate", "round_table"] for w in ways) > 10
    assert all(w[0] == "court" for w in ways)
    assert any(w[i : i + 2] == ["cooling", "round_table"] for w in ways for i in range(len(w)))
    left = run("dingpu", None, 5).incidents
    assert "judgment" in set(left[left["class_born"] == "court_case"]["left_by"].dropna())


def test_a_lift_waits_for_money():
    """One lift at each sharing-out of the funds, on the first Monday of a month, and then the money has to come."""
    result = run("dingpu", None, 5)
    funds = visits(result, "fund").dropna(subset="admitted")
    assert all(t.weekday() == 0 and t.day <= 7 for t in funds["admitted"])
    assert set(funds.groupby(["replication", "admitted"]).size()) == {1}
    i = result.incidents[result.incidents["class"] == "lift"]
    assert (i["closed"] - i["found"]).median() > pd.Timedelta(days=14)


# ── Jiaowei: three levels, a mediation room, wishes ─────────────────────────────────────────────────


def test_disputes_are_looked_for_and_climb_three_levels():
    """Nothing is found without the search; what the household does not settle waits for the grid's meeting, then comes to the village."""
    result = run("jiaowei", None, 4)
    i = result.incidents[(result.incidents["class"] == "dispute") & (result.incidents["repeat_of"] < 0)]
    found = i.dropna(subset="found")
    assert (found["found"] > found["born"].fillna(pd.Timestamp("2022-12-31"))).all()  # hidden from before the period: no birth is noted
    met = visits(result, "grid", "dispute").dropna(subset="admitted")
    assert len(met) > 50
    assert all(t.weekday() == 2 and 16.5 <= t.hour + t.minute / 60 < 17.5 for t in met["admitted"])
    ways = list(way(result, "dispute"))
    assert any(w[:5] == ["prehandle", "grid", "community_triage", "community_handle", "mediate"] for w in ways)
    unsought = without("jiaowei", classes={"dispute": {"found": {"hazard_per_day": 0.0}}})  # the control
    assert unsought.value("collected", **{"class": "dispute"}) == 0


def test_the_mediation_room():
    """A mediator, somebody of the village and both parties begin together; what fails counts as found and not as settled."""
    result = run("jiaowei", None, 4)
    came = together(result, visits(result, "mediate").dropna(subset="started"))
    assert len(came) > 40
    assert all(teams == ["community", "mediator", "party", "party"] for teams in came["teams"])
    assert set(came["begins"]) == {1}
    i = result.incidents[(result.incidents["class"] == "dispute") & result.incidents["found"].notna()]
    failed = (i["left_by"] == "failed").sum()
    assert failed > 0
    assert round(result.value("headline_closure", **{"class": "dispute"}) * len(i)) <= len(i) - failed


def test_wishes_are_claimed_or_given():
    """Most wishes are claimed after some days; what nobody claims in 14 days is given to the village."""
    wishes = visits(run("jiaowei", None, 4), "claim")
    given = wishes[wishes["result"] == "due_move"]
    assert 0 < len(given) < 0.2 * len(wishes)
    assert set(given["left"] - given["entered"]) == {pd.Timedelta(days=14)}
    assert (wishes["released"] - wishes["entered"]).median() > pd.Timedelta(days=1)


# ── Handong: day, week, month ───────────────────────────────────────────────────────────────────────


def test_day_week_and_month():
    """The platform looks at five in the afternoon; the consultation is on Mondays, with twelve places; the meeting on the last Friday."""
    result = run("handong")
    looked, weekly, monthly = (visits(result, stage).dropna(subset="admitted") for stage in ("street_triage", "weekly", "monthly"))
    assert set(looked["admitted"].dt.hour) <= {17, 18}
    assert set(weekly["admitted"].dt.day_of_week) == {0}
    assert set(weekly["admitted"].dt.hour) <= {9, 10, 11}
    assert weekly.groupby(["replication", weekly["admitted"].dt.date]).size().max() <= 12
    assert all(t.weekday() == 4 and (t + pd.Timedelta(days=7)).month != t.month for t in monthly["admitted"])
    assert len(monthly) > 20
    started = weekly.dropna(subset="started")
    assert ((started["started"] - started["admitted"]) < pd.Timedelta(hours=3)).mean() > 0.9
    assert all(teams == ["chief", "chief", "head", "head"] for teams in together(result, started)["teams"])
    freely = visits(without("handong", stages={"weekly": {"gate": None}, "street_triage": {"gate": None}}), "street_triage")  # the control
    assert len(set(freely["admitted"].dropna().dt.hour)) > 2


def test_what_is_late_comes_before_the_consultation():
    """A department's matter that is not done in seven days is moved to the weekly consultation."""
    handled = visits(run("handong"), "street_handle")
    late = handled[handled["result"] == "due_move"]
    assert len(late) > 100
    assert set(late["target"].astype(str)) == {"weekly"}
    assert set(late["left"] - late["entered"]) == {pd.Timedelta(days=7)}


def test_head_or_assistant_whoever_is_there():
    """Both serve; the assistant brings hours in which the head is not there, and what comes waits less."""
    pair = visits(run("handong"), "prehandle")
    assert {"unit_leader", "assistant"} == set(pair["team"].astype(str))
    alone = visits(without("handong", stages={"prehandle": {"by": {"any": ["unit_leader"]}}}), "prehandle")
    wait = [(v["started"] - v["entered"]).mean() for v in (pair, alone)]
    assert wait[0] < wait[1]


def test_most_alarms_are_nothing():
    """False alarms occupy those before the screens and end there; what is real goes the way of all events."""
    result = run("handong")
    screens = visits(result, "screen")
    ends = screens.groupby(screens["class"].astype(str))["target"].agg(lambda t: set(t.dropna().astype(str)))
    assert ends["false_alarm"] == {"nothing"}
    assert ends["alarm"] == {"street_triage"}
    assert (screens["class"] == "false_alarm").mean() > 0.7
    i = result.incidents
    seen = i[(i["class_born"] == "alarm") & (i["class"] == "ordinary")]
    assert len(seen) > 300
    assert seen["closed"].notna().mean() > 0.9


def test_five_are_named_every_two_weeks():
    """The sheet that comes with the street names five in each of its fortnights, whatever their merits."""
    ledger = points(run("handong"), load_rules(SCENARIOS / "ledgers/handong.yaml"))
    assert len(ledger.rounds) == 253 // 14
    assert set((ledger.rounds["to"] - ledger.rounds["from"]).dt.days) == {14}
    named = (ledger.listings["times"] * ledger.listings["share"]).sum() * ledger.nodes  # in all fortnights together
    assert named == pytest.approx(5 * len(ledger.rounds))
    assert 0 < ledger.value("bottom", "talks_per_node") < 1


# ── Zhongmen: a hundred days, and a whistle ─────────────────────────────────────────────────────────

BEGIN, OVER = pd.Timestamp("2023-04-01"), pd.Timestamp("2023-07-10")


def found_a_day(result):
    """Disputes found a day before, during and after the hundred days, by replication; what comes back is left out."""
    i = result.incidents[(result.incidents["class_born"] == "dispute") & (result.incidents["repeat_of"] < 0)]
    start, end = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-09-11")
    parts = ((start, BEGIN), (BEGIN, OVER), (OVER, end))
    return [i["found"].between(a, b, inclusive="left").sum() / (b - a).days / result.replications for a, b in parts]


def test_the_hundred_days_draw_the_stock_down():
    """More is found during the campaign, less after it than without it, and never more than there is."""
    campaign, usual = (run("zhongmen", change, 4) for change in (None, "no_campaign"))
    before, during, after = found_a_day(campaign)
    assert (OVER - BEGIN).days == 100
    assert during > 5 * before
    assert after < 0.7 * before
    assert found_a_day(usual) == pytest.approx([before] * 3, rel=0.4)  # the control
    assert found_a_day(usual)[0] == before
    for _, i in campaign.incidents[campaign.incidents["class_born"] == "dispute"].groupby("replication"):
        i = i[i["repeat_of"] < 0]
        stock = int((i["born"].isna() | (i["born"] < pd.Timestamp("2023-01-01"))).sum())
        assert stock == 350
        assert i["found"].notna().sum() + (i["how"] == "hidden").sum() == len(i)
        early = i[(i["found"] >= BEGIN) & (i["found"] < BEGIN + pd.Timedelta(days=30))]
        late = i[(i["found"] >= OVER - pd.Timedelta(days=30)) & (i["found"] < OVER)]
        assert len(early) > 1.5 * len(late)  # the stock runs dry while the search goes on as before
    assert campaign.value("hidden") < 0.5 * usual.value("hidden")


def test_the_campaign_costs_hours():
    """Those who search are away on rounds in the campaign's days, and only then."""
    rounds = visits(run("zhongmen", None, 4), "round")
    assert rounds["entered"].between(BEGIN, OVER, inclusive="left").all()
    hours = [run("zhongmen", change, 4).value("engaged_hours", team="grid_worker") for change in (None, "no_campaign")]
    assert hours[0] > 1.5 * hours[1]


def test_the_whistle_goes_down():
    """Town, villages, grids, members: a call of the town goes down the levels, to all nodes of each; in every grid three members begin together."""
    result = run("zhongmen", None, 4)
    ways = way(result, "call")
    assert {tuple(w) for w in ways} == {("town_whistle", "village_reports", "grid_whistle", "members_report")}
    assert len(ways) == 4 * 2
    parts = result.visits[result.visits["stage"].isin(["village_reports", "grid_whistle", "members_report"]) & (result.visits["part"] > 0)]
    call = ["replication", "incident", "visit"]
    for stage, nodes in (("village_reports", 15), ("grid_whistle", 61), ("members_report", 61)):
        mine = parts[parts["stage"] == stage]
        assert set(mine.groupby(call).size()) == {nodes}
        assert set(mine.groupby(call)["node"].nunique()) == {nodes}
    reports = parts[parts["stage"] == "village_reports"].merge(visits(result, "village_reports")[[*call, "left"]], on=call, suffixes=("", "_all"))
    assert set((reports["finished"] <= reports["left_all"]).groupby([reports[k] for k in call]).sum()) == {12}  # 0.8 of 15
    assert reports["finished"].notna().all()
    w = result.work.merge(parts.loc[parts["stage"] == "members_report", [*call, "part"]], on=[*call, "part"])
    assert set(w.groupby([*call, "part"]).agg({"team": "size"})["team"]) == {3}
    assert set(w.groupby([*call, "part"])["start"].nunique()) == {1}
    reached = run("zhongmen", None, 4).incidents.query("`class` == 'call'")
    assert (reached["closed"] - reached["found"]).median() < pd.Timedelta(days=1)


def test_where_there_is_no_liaison_household_the_grid_does_it():
    """One unit in five has a household; elsewhere the leader of the grid comes."""
    first = visits(run("zhongmen", None, 4), "prehandle")
    share = (first["team"] == "unit_leader").mean()
    assert 0.1 < share < 0.25
    everywhere = without("zhongmen", teams={"unit_leader": {"people": {"total": 1114}}})  # the control
    assert (visits(everywhere, "prehandle")["team"] == "unit_leader").mean() > 0.5
