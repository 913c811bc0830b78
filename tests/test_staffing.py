"""Staffing: the cheapest that meets the goals is found where it is known, as often as promised, and not sure is said to be not sure."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from world import written

from simgov.cli.staff import staff as command
from simgov.errors import ScenarioError, UsageError
from simgov.staffing import candidates, staff
from simgov.staffing.assumptions import _as_ratio, _moved
from simgov.staffing.judge import CANNOT_TELL, FAILS, MEETS, Rule, Sample, frontier, stand
from simgov.staffing.model import Goal
from simgov.staffing.search import propose
from simgov.study.paired import Ratios

RATE, DAYS = 36.0, 14  # a day: 1.5 Erlang of work of an hour each


def erlang_wait(load, servers):
    """The mean wait in M/M/c in units of the mean work (Erlang C)."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last) / (servers - load)


def desk(tmp_path, rate=RATE, **more):
    """A scenario file: one queue, M/M/c."""
    teams = {"desk": {"at": "unit", "people": 2, "cost_per_hour": 10}, "helper": {"at": "unit", "people": 3, "unpaid": True}}
    stages = {"handle": {"by": "desk", "work": {"exponential": "1h"}}}
    data = written(stages, classes={"m": {"arrivals": {"rate": rate, "per": "node"}}}, teams=teams, days=DAYS, **more)
    (tmp_path / "desk.yaml").write_text(json.dumps(data), encoding="utf-8")


def asked(**more):
    return {
        "schema": 1, "scenario": "desk.yaml", "levers": {"people": {"label": {"en": "people", "zh": "人数"}, "path": "teams.desk.people", "values": [2, 3, 4, 5]}},
        "goals": [{"measure": "elapsed", "where": {"part": "queue"}, "at_most": 0.5}], "replications": {"first": 10, "at_most": 40}, **more,
    }  # fmt: skip


def found(tmp_path, folder=None, progress=None, **more):
    return staff(candidates.make(asked(**more), folder=tmp_path), engine="simpy", folder=folder, progress=progress)


# ── where the answer is known ───────────────────────────────────────────────────────────────────────


def test_the_cheapest_that_keeps_the_wait_short_is_that_of_erlang_c(tmp_path):
    """Of 2 to 5 servers, Erlang C says which is the first with a wait below half an hour; the cost is people x hours x yuan; each wait lies in its limits."""
    desk(tmp_path)
    waits = {c: erlang_wait(RATE / 24, c) for c in (2, 3, 4, 5)}
    least = min(c for c, wait in waits.items() if wait <= 0.5)

    result = found(tmp_path)

    assert least == 3
    assert result.is_sure
    assert result.chosen.name == "people=3"
    for row, c in zip(result.table.to_dict("records"), waits, strict=True):
        assert row["cost"] == pytest.approx(10 * c * 24 * 365.25, rel=1e-3)
        assert row["unpaid_hours"] == pytest.approx(3 * 24 * 365.25, rel=1e-3)
        assert row["low_0"] <= waits[c]
        assert c == 2 or waits[c] <= row["high_0"]  # two are still filling up from an empty start
        assert row["frontier"]  # each more costs more and waits less
    assert list(result.table["meets"]) == [FAILS, MEETS, MEETS, MEETS]


def test_replications_go_where_they_decide(tmp_path):
    """A bound near the wait with three: only those that could be the cheapest are simulated on, and the rest keep the first replications."""
    desk(tmp_path)

    result = found(tmp_path, goals=[{"measure": "elapsed", "where": {"part": "queue"}, "at_most": 0.17}])

    counts = result.table.set_index("candidate")["replications"]
    assert counts["people=2"] == counts["people=5"] == 10
    assert counts["people=3"] > 10


def test_what_cannot_be_told_is_said(tmp_path):
    """With the bound at the very value of a candidate no number of replications decides: nobody is called sure, in either language."""
    desk(tmp_path)
    first = found(tmp_path, replications={"first": 5, "at_most": 5})
    value = float(first.table["value_0"][1])

    result = found(tmp_path, replications={"first": 5, "at_most": 5}, goals=[{"measure": "elapsed", "where": {"part": "queue"}, "at_most": value}])

    assert not result.is_sure
    assert result.table["meets"][1] == CANNOT_TELL
    assert "cannot be told" in result.answer()
    assert "尚不能" in result.answer("zh")


def test_no_candidate_meets_an_impossible_goal(tmp_path):
    """A goal that nobody can meet ends in none, with the nearest named."""
    desk(tmp_path)

    result = found(tmp_path, goals=[{"measure": "collected", "where": {"class": "all"}, "at_least": 1e9}])

    assert result.chosen is None
    assert result.answer().startswith("None of the 4 candidates meets the goals; nearest comes")


# ── as often as promised ────────────────────────────────────────────────────────────────────────────

TRUTH = np.array([0.80, 0.88, 0.93, 0.95, 0.97])  # of the goal, at least 0.9; candidate 2 is the cheapest that meets it
COSTS = np.array([1.0, 2.0, 3.0, 3.1, 5.0])
GOAL = Goal(measure="cohort_closure", where={"days": 7}, at_least=0.9)


def select(rng, rule, looks, sd=0.06, sd_cost=0.15):
    """One selection on Normal draws: a common part and an own part, of goals and of costs."""
    n = looks[-1]
    goals = TRUTH + sd * (rng.normal(size=(n, 1)) + rng.normal(size=(n, 5))) / np.sqrt(2)
    costs = COSTS + sd_cost * (rng.normal(size=(n, 1)) + 0.5 * rng.normal(size=(n, 5)))
    count = dict.fromkeys(range(5), looks[0])
    for look in looks:
        samples = [Sample(costs[: count[k], k], (Ratios(10_000 * goals[: count[k], k], np.full(count[k], 10_000.0)),)) for k in range(5)]
        standing = stand(rule, samples)
        if standing.chosen is not None or look == looks[-1]:
            return standing.chosen
        count |= {k: looks[looks.index(look) + 1] for k in standing.open}
    return None


def test_a_selection_is_wrong_no_more_often_than_promised():
    """In 400 selections on draws of known truth, with costs and goals close together, at most 5 % are wrong; the control, which believes
    the means themselves, is wrong far more often. Most selections are made."""
    rng, looks = np.random.default_rng(5), [10, 20, 40, 80, 160]
    sound = [select(rng, Rule([GOAL], 0.95, 5, len(looks)), looks) for _ in range(400)]
    loose = [select(rng, Rule([GOAL], 0.0, 1, 1), looks) for _ in range(400)]

    assert sum(k not in (2, None) for k in sound) <= 20
    assert sum(k == 2 for k in sound) > 300
    assert sum(k not in (2, None) for k in loose) > 40


def test_equal_costs_are_settled_by_order_and_an_indifference_settles_small_gaps():
    """Of two that cost exactly the same the first is chosen; a small saving that is not sure is waived where the file says it does not matter."""
    rng = np.random.default_rng(1)
    good = Ratios(10_000 * (0.95 + 0.01 * rng.normal(size=20)), np.full(20, 10_000.0))
    noisy = [Sample(100 + rng.normal(size=20), (good,)), Sample(100 + rng.normal(size=20), (good,))]

    assert stand(Rule([GOAL], 0.95, 2, 1), [Sample(np.full(20, 7.0), (good,))] * 2).chosen == 0
    assert stand(Rule([GOAL], 0.95, 2, 1), noisy).chosen is None
    assert stand(Rule([GOAL], 0.95, 2, 1, indifference=3.0), noisy).chosen is not None


def test_the_frontier_is_what_nobody_beats():
    """Against all pairs: a candidate is on the frontier when none costs no more and is no worse, one of it strictly."""
    costs, slacks = np.array([1, 2, 2, 3, 3.0]), np.array([[0], [2], [1], [2], [5.0]])

    assert frontier(costs, slacks).tolist() == [True, True, False, False, True]


def test_the_control_variate_is_the_plain_mean_where_all_replications_are_moved():
    """With as many replications at the end of a range as before, what results is the mean there; with fewer, its error is that of the few
    differences and of all replications: half of that of the few alone, where both go together closely."""
    rng = np.random.default_rng(3)
    before = rng.normal(10, 1, 400)
    now = before[:20] + 1 + rng.normal(0, 0.01, 20)

    whole = _moved(_as_ratio(before[:20]), _as_ratio(now))
    few = _moved(_as_ratio(before), _as_ratio(now))

    assert whole.value == pytest.approx(now.mean())
    assert few.value == pytest.approx(11, abs=0.2)
    assert few.error == pytest.approx(1 / np.sqrt(400), rel=0.15)
    assert whole.error > 3 * few.error


# ── what decides ────────────────────────────────────────────────────────────────────────────────────


def test_an_assumption_that_decides_is_named_first(tmp_path):
    """Where twice the arrivals need one more server, the first sentence says so; what changes nothing is not named."""
    desk(tmp_path, rate={"value": RATE, "assumption": [30, 66], "note": "a guess"}, residents={"value": 1000, "assumption": [900, 1100]})

    result = found(tmp_path, assumptions={"replications": 6, "rivals": 1})

    ends = result.assumptions.set_index(["path", "value"])
    assert result.answer().startswith("An assumption decides this: with m: arrivals, rate at 66 instead of 36, it would miss the goal for Where elapsed time goes (queue), and “people 4” would be chosen")
    assert result.answer("zh").startswith("结论取决于一项假设：若m：发生，发生率由36改为66，则达不到用时构成（排队）的要求，应选“人数 4”。")
    assert bool(ends.loc[("classes.m.arrivals.rate", "66"), "sure"])
    assert not ends.loc["residents", "changes"].any()


def test_the_answer_says_so_when_nothing_decides(tmp_path):
    """With a narrow range the choice stays, and the last sentence says it."""
    desk(tmp_path, rate={"value": RATE, "assumption": [35.9, 36.1]})

    result = found(tmp_path)

    assert not result.assumptions["changes"].any()
    assert result.answer().endswith("It stays the same at both ends of each of 1 assumed ranges, moved one at a time.")


# ── too many to try ─────────────────────────────────────────────────────────────────────────────────


def test_a_search_comes_upon_the_cheapest(tmp_path):
    """Of 1,000 combinations, of which 100 are tried, the short list holds one within 10 % of the cheapest; what is tried depends on the seed only."""
    desk(tmp_path)
    levers = {f"l{k}": {"path": f"teams.{t}", "values": list(range(1, 11))} for k, t in enumerate(("desk.people", "helper.people", "desk.cost_per_hour"))}
    made = candidates.make(asked(levers=levers, search={"every": 50, "tries": 100, "keep": 10}), folder=tmp_path)

    def judge(rows):
        return [(float(sum(row)), [8 - (row[0] + 0.5 * row[1] + 0.25 * row[2])]) for row in rows]

    best = min(cost for row in made.rows() for cost, missed in judge([row]) if missed[0] <= 0)
    short = propose(made, judge, seed=1)

    assert len(short) == 10
    assert min(cost for cost, missed in judge(short) if missed[0] <= 0) <= 1.1 * best
    assert short == propose(made, judge, seed=1)
    assert short != propose(made, judge, seed=2)


def test_a_search_selects_among_what_it_found(tmp_path):
    """The whole way with more combinations than are tried: the choice keeps to the goal, and the answer says among how many it holds."""
    desk(tmp_path)
    pay = {"path": "teams.desk.cost_per_hour", "values": [11, 10, 12]}
    more = {"levers": {**asked()["levers"], "pay": pay}, "search": {"every": 5, "tries": 10, "replications": 2, "keep": 5}, "assumptions": {"replications": 0}}

    result = found(tmp_path, **more)

    assert result.chosen.name.startswith("people=3")
    assert len(result.candidates) <= 5
    assert "The levers make 12 combinations; 10 were tried" in result.answer()


def test_without_optuna_one_line_says_what_to_install(tmp_path, monkeypatch):
    """A search needs optuna; a small grid does not."""
    desk(tmp_path)
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(UsageError, match=r"simgov\[design\]"):
        found(tmp_path, search={"every": 2})
    assert found(tmp_path, replications={"first": 3, "at_most": 3}).candidates


# ── kept, and shown ─────────────────────────────────────────────────────────────────────────────────


def test_an_interrupted_search_goes_on_where_it_was(tmp_path):
    """Stopped after 15 trials and started again it simulates the rest, and finds what it finds without a stop, bit for bit."""
    desk(tmp_path)
    place, stopped, fresh = tmp_path / "out", [], []

    def stop(done, total):
        stopped.append(done)
        if done == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found(tmp_path, folder=place, progress=stop)
    kept = len(list(place.rglob("*.json"))) - 1
    again = found(tmp_path, folder=place, progress=lambda done, total: fresh.append(total))

    assert kept == 15
    assert again.table.equals(found(tmp_path).table)


def test_workers_change_nothing(tmp_path):
    """Two processes find what one does, assumptions included."""
    desk(tmp_path, rate={"value": RATE, "assumption": [30, 66]})
    more = asked(replications={"first": 4, "at_most": 4})
    one, two = (staff(candidates.make(more, folder=tmp_path), engine="simpy", workers=workers) for workers in (1, 2))

    assert one.table.equals(two.table)
    assert one.assumptions.equals(two.assumptions)


@pytest.mark.parametrize(("lang", "words"), [("en", ["people 3", "chosen", "evenings"]), ("zh", ["人数 3", "选定", "值守"])])
def test_the_screen_shows_the_choice(tmp_path, lang, words):
    """The command prints candidates and answer, and writes tables, answers and a figure."""
    desk(tmp_path)
    (tmp_path / "s.yaml").write_text(json.dumps(asked(replications={"first": 10, "at_most": 20})), encoding="utf-8")

    done = CliRunner().invoke(command, [str(tmp_path / "s.yaml"), "--engine", "simpy", "--out", str(tmp_path / "out"), "--lang", lang], env={"COLUMNS": "160"})

    assert done.exit_code == 0, done.output
    assert all(word in done.output for word in words)
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"table.parquet", "assumptions.parquet", "answer.en.txt", "answer.zh.txt", "figure.png"}


SHIPPED = sorted((Path(__file__).parents[1] / "scenarios" / "staffing").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_are_understood(path):
    """The examples load, and say in both languages what is asked and what may be chosen."""
    made = candidates.load(path)
    first = made.candidate([0] * len(made.levers))

    for text in (made.file.title, made.file.question, *(goal.label for goal in made.file.goals)):
        assert text.en
        assert text.zh
    assert first.say("en") != first.say("zh")


# ── bad input ───────────────────────────────────────────────────────────────────────────────────────

BAD = {
    "an unknown measure": ({"goals": [{"measure": "elapsd", "at_most": 1}]}, "goals[0].measure: unknown measure 'elapsd'; did you mean 'elapsed'"),
    "a goal without a bound": ({"goals": [{"measure": "hidden"}]}, "a goal is either at_least or at_most a number"),
    "a row that is not told": ({"goals": [{"measure": "elapsed", "at_most": 1}]}, "elapsed is told apart by part: say which"),
    "a path that does not exist": ({"levers": {"x": {"path": "teams.dsk.people", "values": [1, 2]}}}, "there is no 'dsk' in teams"),
    "an impossible value": ({"levers": {"x": {"path": "teams.desk.people", "values": [1, -2]}}}, "x=-2"),
    "equal candidates": ({"levers": {"x": {"path": "teams.desk.people", "values": [3, 3]}}}, "'x=3' is the same scenario as 'x=3'"),
    "nothing to choose": ({"levers": {"x": {"path": "teams.desk.people", "values": [3]}}}, "nothing to choose"),
    "no scenario": ({"scenario": "dsk.yaml"}, "there is no file"),
    "an unknown key": ({"goal": []}, "unknown key 'goal'"),
    "a confidence above one": ({"confidence": 95}, "confidence"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_clear_message(tmp_path, what):
    """What is wrong is told with its place in the file, nothing is run, and the exit code is 2."""
    desk(tmp_path)
    more, message = BAD[what]
    (tmp_path / "s.yaml").write_text(json.dumps(asked(**more), indent=1), encoding="utf-8")

    done = CliRunner().invoke(command, [str(tmp_path / "s.yaml"), "--out", str(tmp_path / "out")])

    assert done.exit_code == 2
    assert message in done.output
    assert "s.yaml:" in done.output
    assert not (tmp_path / "out").exists()


def test_a_scenario_without_costs_has_no_cheapest(tmp_path):
    """Without any cost per hour the message says what to add."""
    desk(tmp_path)
    with pytest.raises(UsageError, match="cost_per_hour"):
        candidates.make(asked(set={"teams.desk.cost_per_hour": None}), folder=tmp_path)


def test_the_problems_of_all_levers_are_told_at_once(tmp_path):
    """Two wrong paths are two problems."""
    desk(tmp_path)
    levers = {"x": {"path": "teams.dsk.people", "values": [1, 2]}, "y": {"path": "teams.desk.peple", "values": [1, 2]}}

    with pytest.raises(ScenarioError) as error:
        candidates.make(asked(levers=levers), folder=tmp_path)

    assert "dsk" in str(error.value)
    assert "peple" in str(error.value)
