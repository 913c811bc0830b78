"""Sensitivity: known functions are shared out as theory says, noise is not taken for an effect, and assumptions are moved as they are meant."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from world import written

from simgov.cli.sensitivity import sensitivity as command
from simgov.errors import UsageError
from simgov.measures.pool import KEYS
from simgov.scenario import build
from simgov.sensitivity import parameters, sensitivity
from simgov.sensitivity.analysis import Plan, analyse
from simgov.sensitivity.answers import Answers, Simulated
from simgov.sensitivity.parameters import Parameter, settings
from simgov.sensitivity.screening import screen
from simgov.trials import Sealed, Store, Trials

HEADLINE = ("headline_closure", "all", *[""] * (len(KEYS) - 1))


def some(count):
    return [Parameter((("stages", f"s{k}"),), 0.5, 0.0, 1.0) for k in range(count)]


class Function:
    """A known function in place of a simulation: by replication with its own error of spread `noise`."""

    def __init__(self, function, noise=0.0, replications=2, seed=0):
        self.function, self.noise, self.replications, self.rng = function, noise, replications, np.random.default_rng(seed)

    def __call__(self, shares, done=lambda: None):
        values = self.function(shares)[:, None] + self.noise * self.rng.normal(size=(len(shares), self.replications))
        return Answers(values, np.ones(len(shares)))


def ishigami(shares):
    x = np.pi * (2 * shares - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


# ── known functions ─────────────────────────────────────────────────────────────────────────────────


def test_ishigami_is_shared_out_as_in_closed_form():
    """First and total indices of the Ishigami function (a = 7, b = 0.1) are met within twice the intervals of 95 %, among two more parameters that do nothing."""
    first, total = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]

    screening, shared, which = analyse(Function(ishigami), some(5), Plan(20, 6000, 6200), seed=1)

    assert sorted(which) == [0, 1, 2]
    assert not screening.matters[3:].any()
    for place, k in enumerate(which):
        assert abs(shared.first[place] - first[k]) <= 2 * shared.first_half[place]
        assert abs(shared.total[place] - total[k]) <= 2 * shared.total_half[place]
    assert shared.total_half.max() < 0.1


def test_a_sum_has_exact_effects_and_shares():
    """Of 4 a + 2 b - c every elementary effect is its factor, with its sign and no spread; its shares are 16, 4 and 1 in 21."""
    factors = np.array([4.0, 2.0, -1.0])

    screening, shared, which = analyse(Function(lambda u: u @ factors), some(3), Plan(4, 3000, 3016), seed=2)

    assert screening.mean == pytest.approx(factors)
    assert screening.strength == pytest.approx(abs(factors))
    assert screening.spread == pytest.approx(0, abs=1e-9)
    assert list(which) == [0, 1, 2]
    assert shared.total == pytest.approx(factors**2 / 21, abs=0.02)
    assert shared.first == pytest.approx(factors**2 / 21, abs=0.05)


def test_effects_are_those_of_salib():
    """Strength, mean and spread are mu*, mu and sigma of SALib on the same points."""
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as design

    problem = {"num_vars": 4, "names": list("abcd"), "bounds": [[0.0, 1.0]] * 4}
    points = design.sample(problem, 6, num_levels=4, seed=3)
    theirs = analysis.analyze(problem, points, ishigami(points), num_levels=4, seed=3)

    mine = screen(Function(ishigami), 4, 6, seed=3)

    assert mine.strength == pytest.approx(theirs["mu_star"])
    assert mine.mean == pytest.approx(theirs["mu"])
    assert mine.spread == pytest.approx(theirs["sigma"])


def test_noise_is_not_taken_for_an_effect():
    """Of 200 parameters without effect about one in twenty passes as more than noise, and one with an effect passes; the control: by
    strength alone all of them would."""
    screening = screen(Function(lambda u: 3 * u[:, 0], noise=0.5, replications=4), 201, 5, seed=4)

    assert screening.matters[0]
    assert 1 <= screening.matters[1:].sum() <= 22
    assert (screening.strength[1:] > 0).all()


def test_common_draws_leave_no_noise():
    """Where every point has the same error in a replication, effects are exact and nothing without effect passes."""

    class Common(Function):
        def __call__(self, shares, done=lambda: None):
            return Answers(self.function(shares)[:, None] + self.noise * np.arange(4.0), np.ones(len(shares)))

    screening = screen(Common(lambda u: u[:, 0], noise=100, replications=4), 6, 4, seed=5)

    assert screening.strength == pytest.approx([1, 0, 0, 0, 0, 0], abs=1e-9)
    assert screening.noise == pytest.approx(0, abs=1e-9)


def test_the_budget_is_kept():
    """No more points than the budget pays for, whatever matters; too small a budget is refused with what would do."""
    for count, budget in ((3, 400), (10, 800), (78, 3200)):
        plan = Plan.of(count, budget, 4)
        for matters in range(1, count + 1):
            few, rows = plan.shared(matters)
            assert plan.trajectories * (count + 1) + rows * (few + 2) <= budget // 4
            assert rows >= 16
            assert few >= min(matters, 3)
    with pytest.raises(UsageError, match=r"a budget of at least 1,268 simulations"):
        Plan.of(78, 1000, 4)


# ── assumptions ─────────────────────────────────────────────────────────────────────────────────────


def assumed(value, low, high, **more):
    return {"value": value, "assumption": [low, high], **more}


STAGES = {
    "look": {
        "by": "desk", "work": {"lognormal": {"median": assumed("1h", "30 min", "2h"), "sigma": assumed(0.5, 0.2, 0.8)}},
        "outcomes": {"closed": assumed(0.5, 0.1, 0.9), "never": assumed(0.3, 0.1, 0.6), "handle": 0.2},
    },
    "handle": {"by": "desk", "work": {"exponential": {"mean": assumed("1h", "30 min", "2h")}}, "priority": assumed(2, 1, 8, note="after"), "outcomes": {"closed": 1}},
}  # fmt: skip


def desk(**more):
    classes = {"m": {"arrivals": {"rate": assumed(6, 3, 9), "per": "node"}}}
    return written(STAGES, classes=classes, teams={"desk": {"at": "unit", "people": assumed(2, 1, 3), "cost_per_hour": 10}}, days=7, **more)


def test_what_says_the_same_is_one_parameter():
    """Paths of one value, range and note are moved together, and apart when asked; assumptions in words or in targets are none."""
    scenario = build(desk(targets=[{"measure": "hidden", "at_most": assumed(0, 0, 3)}]))

    together, apart = parameters([scenario]), parameters([scenario], apart=True)

    assert [(p.name, len(p.paths)) for p in together] == [
        ("teams.desk.people", 1), ("classes.m.arrivals.rate", 1), ("stages.look.work.lognormal.median", 2), ("stages.look.work.lognormal.sigma", 1),
        ("stages.look.outcomes.closed", 1), ("stages.look.outcomes.never", 1), ("stages.handle.priority", 1),
    ]  # fmt: skip
    assert len(apart) == 8
    assert together[2].label(scenario) == "look: time of work, median (and 1 more)"
    assert together[2].label(scenario, "zh") == "look：处置用时，中位数（另有 1 处）"


def test_what_a_window_changes_is_left_alone():
    """A number that a change in force sets for a while has no single value to move; without the change it is moved."""
    data = desk(changes={"surge": {"window": ["2022-05-04", "2022-05-06"], "set": {"classes.m.arrivals.rate": 20}}})

    rates = [["classes.m.arrivals.rate" in [p.name for p in parameters([build(data, changes=names)])]] for names in ([], ["surge"])]

    assert rates == [[True], [False]]


def test_whole_numbers_stay_whole_and_all_are_reached():
    """Over its range each whole number has the same share; a duration lasts a second at least; the value of the file is met again."""
    people = Parameter((("teams", "desk", "people"),), 2, 1, 4, whole=True)
    median = Parameter((("stages", "look", "work"),), 3600, 0, 7200, is_duration=True)

    assert np.bincount([people.written(people.value(u)) for u in np.linspace(0, 1, 4001)])[1:].tolist() == pytest.approx([1000] * 4, abs=2)
    assert isinstance(people.written(people.value(0.7)), int)
    assert [median.written(median.value(u)) for u in (0, 0.5, 1)] == ["1 s", "3600 s", "7200 s"]
    for p in (people, median):
        assert p.value(p.share(p.base)) == p.base


def test_chances_go_together():
    """What is moved keeps its value while there is room, and the others share what remains in their proportions; else all are scaled to 1."""
    scenario = build(desk())
    closed, never = (p for p in parameters([scenario]) if "outcomes" in p.name)
    here = "stages.look.outcomes."

    assert settings(scenario, {closed: 0.9}) == pytest.approx({here + "closed": 0.9, here + "never": 0.06, here + "handle": 0.04})
    assert settings(scenario, {closed: 0.1}) == pytest.approx({here + "closed": 0.1, here + "never": 0.54, here + "handle": 0.36})
    assert settings(scenario, {closed: 0.9, never: 0.6}) == pytest.approx({here + "closed": 0.6, here + "never": 0.4, here + "handle": 0})
    assert settings(scenario, {closed: 0.5}) == {}


def test_chances_that_leave_something_over_may_leave_less():
    """Where the file leaves a rest to the next stage, chances are scaled only when they exceed 1."""
    data = desk()
    data["stages"]["look"]["outcomes"] = {"closed": assumed(0.5, 0.1, 0.9), "never": assumed(0.3, 0.1, 0.6)}
    scenario = build(data)
    closed, never = (p for p in parameters([scenario]) if "outcomes" in p.name)

    assert settings(scenario, {closed: 0.6}) == {"stages.look.outcomes.closed": 0.6}
    assert settings(scenario, {closed: 0.9}) == pytest.approx({"stages.look.outcomes.closed": 0.9, "stages.look.outcomes.never": 0.1})
    assert sum(settings(scenario, {closed: 0.9, never: 0.6}).values()) == pytest.approx(1)


def test_what_makes_no_scenario_is_moved_nearer_and_told():
    """Of a uniform distribution whose lowest value would exceed its highest, half of the way is gone, and that is reported."""
    data = desk()
    data["stages"]["handle"]["work"] = {"uniform": {"low": assumed("1h", "30 min", "7h"), "high": "5h"}}
    scenario = build(data)
    low = next(p for p in parameters([scenario]) if p.name.endswith("low"))
    model = Simulated([low], (Sealed.of(scenario),), ("collected", "all", *[""] * 5), Trials(), 2)

    assert model(np.array([[0.0], [1.0]])).reached.tolist() == [1.0, 0.5]


# ── a scenario ──────────────────────────────────────────────────────────────────────────────────────


def files(tmp_path):
    (tmp_path / "desk.yaml").write_text(json.dumps(desk()), encoding="utf-8")
    study = {
        "schema": 1, "scenario": "desk.yaml", "measures": [{"measure": "headline_closure"}],
        "policies": {"a": {"set": {"stages.handle.by": "desk"}}, "b": {"set": {"stages.handle.outcomes.closed": 0.5, "stages.handle.outcomes.never": 0.5}}},
    }  # fmt: skip
    (tmp_path / "study.yaml").write_text(json.dumps(study), encoding="utf-8")


def test_what_the_outcome_hangs_on_is_measured_first(tmp_path):
    """The share closed hangs on the chance of closing most, not on how long work takes or who goes first; both languages name it, and
    the second time nothing is simulated."""
    files(tmp_path)

    def once():
        return sensitivity(tmp_path / "desk.yaml", measure="headline_closure", budget=320, replications=2, engine="simpy", folder=tmp_path / "out")

    found = once()
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.json")}
    again = once()

    assert found.table["path"][0].startswith("stages.look.outcomes.")
    assert found.answer().startswith("Measure first: look: ")
    assert found.answer("zh").startswith("应先测定：look：")
    assert "stages.handle.priority" in list(found.table[~found.table["matters"]]["path"])
    assert found.simulations <= 320
    assert again.table.equals(found.table)
    assert {p: p.stat().st_mtime_ns for p in kept if p.name != "study.json"} == {p: t for p, t in kept.items() if p.name != "study.json"}


def test_a_difference_of_policies_has_its_own_answer(tmp_path):
    """Policy b never closes half of what is handled: the difference hangs on how many get that far, and is never above nothing."""
    files(tmp_path)

    found = sensitivity(tmp_path / "study.yaml", budget=500, replications=2, engine="simpy")

    assert len(found.policies) == 2
    assert found.table["path"][0].startswith("stages.look.outcomes.")
    assert found.screening.answers.max() <= 1e-9
    assert "“b” less “a”" in found.answer()
    assert "“b”减“a”" in found.answer("zh")


def test_workers_change_nothing(tmp_path):
    """Two processes answer what one does."""
    files(tmp_path)
    scenario = build(desk())
    params = parameters([scenario])
    points = np.random.default_rng(0).random((6, len(params)))

    one, two = (Simulated(params, (Sealed.of(scenario),), HEADLINE, Trials(workers=w), 2)(points) for w in (1, 2))

    assert np.array_equal(one.values, two.values)


def test_a_worker_that_does_not_see_the_folder_keeps_nothing(tmp_path):
    """On a machine with other disks a point is simulated all the same."""
    scenario = build(desk())
    params = parameters([scenario])
    elsewhere = Trials(store=Store(tmp_path / "not here"))

    model = Simulated(params, (Sealed.of(scenario),), HEADLINE, elsewhere, 2)

    assert np.isfinite(model(np.full((1, len(params)), 0.5)).values).all()
    assert not (tmp_path / "not here").exists()


@pytest.mark.parametrize(("lang", "words"), [("en", ["Measure first", "share of variance"]), ("zh", ["应先测定", "方差占比"])])
def test_the_screen_shows_what_to_measure_first(tmp_path, lang, words):
    """The command prints table and answer, and writes the table, answers and a figure."""
    files(tmp_path)
    options = ["--measure", "headline_closure", "--budget", "240", "-n", "2", "--engine", "simpy", "--out", str(tmp_path / "out"), "--lang", lang]

    done = CliRunner().invoke(command, [str(tmp_path / "desk.yaml"), *options], env={"COLUMNS": "160"})

    assert done.exit_code == 0, done.output
    assert all(word in done.output for word in words)
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"table.parquet", "answer.en.txt", "answer.zh.txt", "figure.png"}


# ── bad input ───────────────────────────────────────────────────────────────────────────────────────

BAD = {
    "no target": ([], "the scenario has no target"),
    "an unknown measure": (["--measure", "headline_closre"], "did you mean 'headline_closure'"),
    "a row that is not told": (["--measure", "cohort_closure"], "told apart by days"),
    "an unknown row": (["--measure", "headline_closure", "--where", "class=x"], "unknown class 'x'"),
    "no row at all": (["--measure", "headline_closure", "--where", "class"], "--where is KEY=VALUE"),
    "a small budget": (["--measure", "headline_closure", "--budget", "10"], "need a budget of at least"),
    "no value": (["--measure", "satisfied"], "has no value"),
    "an unknown path": (["--measure", "hidden", "--set", "teams.dsk.people=2"], "there is no 'dsk'"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_clear_message(tmp_path, what):
    """What is wrong is told in one message, and the exit code is 2."""
    files(tmp_path)
    options, message = BAD[what]

    done = CliRunner().invoke(command, [str(tmp_path / "desk.yaml"), "--budget", "240", "-n", "2", "--out", str(tmp_path / "out"), *options])

    assert done.exit_code == 2, done.output
    assert message in done.output


def test_a_scenario_without_ranges_has_nothing_to_vary():
    """Without a single range the message says how to tag one."""
    with pytest.raises(UsageError, match=r"assumption with a range \[low, high\]"):
        sensitivity(build(written({"look": {"by": "desk", "work": "1h"}})), measure="hidden")


def test_without_salib_one_line_says_what_to_install(tmp_path, monkeypatch):
    """SALib is asked for when it is needed."""
    for name in [n for n in sys.modules if n.startswith("SALib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)

    with pytest.raises(UsageError, match=r"simgov\[design\]"):
        screen(Function(ishigami), 3, 4, seed=1)
