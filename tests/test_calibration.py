"""Calibration: known truths are recovered with honest intervals, and what targets cannot tell is told."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner
from shipped import FOLDER

import simgov
from simgov.calibration import Calibration, CalibrationError, Posterior, calibrate, predict
from simgov.calibration.calibrate import carry_out
from simgov.calibration.contradiction import contradiction, told
from simgov.calibration.free import free
from simgov.calibration.goals import Goal, goals
from simgov.calibration.model import Answers
from simgov.calibration.parts import blocks, parts
from simgov.calibration.pinned import Mark, correlations, directions, marks, pairs
from simgov.calibration.points import Points, log_likelihood
from simgov.calibration.sampler import sample
from simgov.cli import main
from simgov.cli.calibrate import calibrate as command
from simgov.engines import Choice
from simgov.errors import OutputError, ScenarioError, UsageError
from simgov.measures.pool import row_key
from simgov.scenario import build
from simgov.scenario.target import Target
from simgov.sensitivity import Parameter

TRUTH = {"stages.handle.outcomes.closed.chance": 0.7, "stages.desk.lead.exponential": "6 d"}
TEXT = """\
schema: 1
title: {en: A street to fit, zh: 待拟合的街道}
period: [2022-05-02, 2022-07-31]
public_holidays: {country: ""}
residents: 1000
levels: {unit: {count: 2, label: {en: unit, zh: 单元}}, street: {label: {en: street, zh: 镇街}}}
teams:
  leader: {at: unit, people: 3, label: {en: unit leader, zh: 单元长}}
  desk: {at: street, people: {value: 9, assumption: [5, 15]}, label: {en: desk, zh: 研判席}}
classes: {event: {arrivals: {rate: 3}, enters: handle, label: {en: event, zh: 事件}}}
stages:
  handle:
    by: leader
    work: 20 min
    outcomes: {closed: {chance: {value: 0.6, assumption: [0.4, 0.95], free: true}, solved: 1}}
    label: {en: handling, zh: 处置}
  desk:
    by: desk
    work: 10 min
    lead: {exponential: {value: 4 d, assumption: [1 d, 15 d], free: true, note: a guess}}
    outcomes: {closed: 1}
    label: {en: desk, zh: 研判}
"""
SETTLED = "{measure: settled_of_reached, where: {level: unit}, value: VALUE, kind: fit, label: {en: settled by the leader, zh: 单元长就地化解}}"
IN_TIME = "{measure: cohort_closure, where: {days: 7}, value: VALUE, kind: fit}"
HEADLINE = "{measure: headline_closure, value: VALUE, rounding: 0.00005, kind: fit, label: {en: closure rate, zh: 办结率}}"


def street(folder, *targets, text=TEXT):
    """The scenario as a file, with these targets."""
    path = folder / "street.yaml"
    path.write_text(text + ("targets:\n" + "".join(f"  - {t}\n" for t in targets) if targets else ""), encoding="utf-8")
    return path


@cache
def outcome(*truth):
    """What the scenario really gives, from draws that no calibration here sees."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        result = simgov.run(simgov.load(street(Path(folder)), dict(truth)), replications=20, seed=77, engine="simpy", journal=False)
    return {"settled": result.value("settled_of_reached", level="unit"), "in_time": result.value("cohort_closure", days=7)}


def both(truth=TRUTH):
    """The two figures that tell the two free numbers apart."""
    out = outcome(*truth.items())
    return SETTLED.replace("VALUE", f"{out['settled']:.4f}"), IN_TIME.replace("VALUE", f"{out['in_time']:.4f}")


OPTIONS = {"engine": "simpy", "replications": 3}
DISCREPANCY = 0.1  # for figures that the model itself has made


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A posterior of the street with both targets."""
    folder = tmp_path_factory.mktemp("street")
    return calibrate(street(folder, *both()), seed=3, discrepancy=DISCREPANCY, **OPTIONS)


# ── truth ───────────────────────────────────────────────────────────────────────────────────────────


def covers(found, truth):
    """By parameter whether the 90 % interval has the truth in it."""
    wanted = [0.0 + (v if not isinstance(v, str) else float(v.split()[0]) * 86400) for v in truth.values()]
    return [mark.low <= value <= mark.high for mark, value in zip(found.marks, wanted, strict=True)]


def test_known_parameters_are_recovered(found):
    """Both numbers lie in their 90 % intervals, both are narrowed to less than half of their range, and both figures are met."""
    assert all(covers(found, TRUTH))
    assert [mark.left < 0.5 for mark in found.marks] == [True, True]
    assert abs(found.targets["misfit"]).max() < 1
    assert found.fitted[found.params[0]] == pytest.approx(0.7, abs=0.06)


def test_another_truth_is_not_recovered(found):
    """The control: numbers by which the figures were not made do not lie in the intervals."""
    assert not any(covers(found, {"p": 0.45, "lead": "1.5 d"}))


def test_the_quick_depth_agrees(found, tmp_path):
    """Least squares come to the same figures with fewer points."""
    quick = calibrate(street(tmp_path, *both()), depth="point", seed=3, discrepancy=DISCREPANCY, **OPTIONS)

    assert abs(quick.targets["misfit"]).max() < 1
    assert quick.fitted[quick.params[0]] == pytest.approx(found.fitted[found.params[0]], abs=0.08)
    assert len(quick.points) < len(found.points)
    assert "A first look" in quick.answer()


def test_one_target_leaves_the_other_number_open(tmp_path):
    """Without the figure that depends on it, the lead keeps its whole range, in words, too."""
    found = calibrate(street(tmp_path, both()[0]), seed=3, **OPTIONS)

    assert [mark.verdict == "open" for mark in found.marks] == [False, True]
    assert "Left open: desk: lead" in found.answer("en")
    assert "无法确定：研判：后续等待（不占人手）" in found.answer("zh")


def test_shares_closed_at_once_are_not_identified_by_the_headline(tmp_path):
    """The city's case: one closure rate at a census is met alike by few slow matters and by many quick ones; neither is pinned, what they make together is."""
    text = TEXT.replace("[1 d, 15 d]", "[0.5 d, 15 d]").replace("value: 0.6, assumption: [0.4, 0.95]", "value: 0.6, assumption: [0.5, 0.95]")

    found = calibrate(street(tmp_path, HEADLINE.replace("VALUE", "0.9850"), text=text), seed=2, **OPTIONS)

    pair = found.pairs[0]
    assert found.marks[0].verdict == "open"
    assert found.marks[0].low < 0.56 < 0.89 < found.marks[0].high
    assert (pair.one, pair.other, pair.how, pair.rest[0]) == (0, 1, "product", True)
    assert pair.left < 0.6 * min(mark.left for mark in found.marks)
    assert "Only together" in found.answer()
    assert "(1 − A) × B" in found.answer()
    assert "(1 − 甲) × 乙" in found.answer("zh")


# ── known functions ─────────────────────────────────────────────────────────────────────────────────


class Function:
    """A known function in place of a simulation; the spread of one window is `noise`."""

    def __init__(self, function, noise=0.0, replications=2):
        self.function, self.noise, self.replications = function, noise, replications

    def __call__(self, shares, done=lambda: None):
        top = self.function(shares)[:, :, None] + self.noise * np.linspace(-1, 1, self.replications)
        return Answers(top, np.ones_like(top), np.ones(len(shares)))


def some(count):
    return tuple(Parameter((("stages", f"s{k}"),), 0.5, 0.05, 0.95) for k in range(count))


HOPS = row_key("hops", {})


def goal(value, discrepancy=0.2, **more):
    """A figure on a logarithmic scale."""
    return Goal(Target(measure="hops", value=value, **more), (HOPS,), discrepancy)


def asked(function, aims, count, **more):
    return Points(Function(function, **more), aims, np.full(count, 0.5))


def exponents(shares):
    """Of which the logarithms are linear: the posterior is Normal around what was reported."""
    return np.exp(4 * shares)


def test_a_conjugate_posterior_comes_out_as_in_closed_form():
    """log y = 4 u with an error of 0.2: u is Normal with sd 0.05 around log(y) / 4."""
    points = asked(exponents, (goal(np.exp(2.0)), goal(np.exp(1.0))), 2)

    fit = carry_out(points, some(2), "posterior", seed=1)

    assert fit.draws.mean(axis=0) == pytest.approx([0.5, 0.25], abs=0.006)
    assert fit.draws.std(axis=0) == pytest.approx(0.05, rel=0.1)
    assert correlations(fit.draws)[0, 1] == pytest.approx(0, abs=0.12)


def test_intervals_cover_the_truth_as_often_as_they_say():
    """Of 60 truths from the prior, each with its own error, some 54 lie in their 90 % intervals; with a tenth of the discrepancy the same intervals fail."""
    rng = np.random.default_rng(5)
    hits = {0.2: 0, 0.02: 0}
    for seed in range(30):
        truth = rng.random(2)
        reported = np.exp(4 * truth + 0.2 * rng.standard_normal(2))
        for discrepancy in hits:
            fit = carry_out(asked(exponents, tuple(goal(y, discrepancy) for y in reported), 2), some(2), "point", seed)
            low, high = np.quantile(fit.draws, [0.05, 0.95], axis=0)
            hits[discrepancy] += int(((low <= truth) & (truth <= high)).sum())

    assert 47 <= hits[0.2] <= 59
    assert hits[0.02] < 30


def test_two_that_enter_as_a_product_are_told():
    """Of a product, each factor is open and the product is pinned; added to a figure of one factor, both are pinned and no pair is told."""
    product = carry_out(asked(lambda u: 10 * (0.05 + 0.9 * u).prod(axis=1, keepdims=True), (goal(2.0, 0.1),), 2), some(2), "posterior", seed=1)
    apart = carry_out(asked(lambda u: np.column_stack([10 * (0.05 + 0.9 * u).prod(axis=1), 0.05 + 0.9 * u[:, 0]]), (goal(2.0, 0.1), goal(0.5, 0.1)), 2), some(2), "posterior", seed=1)

    (pair,) = pairs(some(2), product.draws)
    assert (pair.how, pair.rest) == ("product", (False, False))
    assert pair.left < 0.2
    assert pair.correlation < -0.9
    assert all(mark.verdict == "open" for mark in marks(some(2), product.draws))
    assert (directions(product.draws), directions(apart.draws)) == (1, 2)
    assert all(mark.verdict == "pinned" for mark in marks(some(2), apart.draws))
    assert pairs(some(2), apart.draws) == ()


def test_a_bound_is_met_on_one_side_only():
    """At least 3 cuts the low end off and leaves the rest as it was."""
    aim = Goal(Target(measure="hops", at_least=np.exp(2.0)), (HOPS,), 0.05)

    fit = carry_out(asked(lambda u: np.exp(4 * u), (aim,), 1), some(1), "posterior", seed=1)

    assert np.quantile(fit.draws, 0.01) > 0.45
    assert fit.draws.mean() == pytest.approx(0.75, abs=0.02)


def test_the_chance_of_one_window_widens_the_posterior():
    """The spread between replications is part of what a reported figure may be off by."""
    quiet, loud = (carry_out(asked(lambda u: np.exp(4 * u), (goal(np.exp(2.0), 0.05),), 1, noise=noise), some(1), "posterior", seed=1) for noise in (0.0, 1.5))

    assert loud.draws.std() > 2 * quiet.draws.std()


def test_the_sampler_draws_from_a_bent_posterior():
    """On a ring the draws have its radius; the prior at a flat likelihood stays as it is."""
    ring = sample(lambda u: -0.5 * ((np.hypot(*(u - 0.5).T) - 0.3) / 0.02) ** 2, 2, 2000, np.random.default_rng(0))
    flat = sample(lambda u: np.zeros(len(u)), 2, 2000, np.random.default_rng(0))

    radius, angle = np.hypot(*(ring - 0.5).T), np.arctan2(*(ring - 0.5).T)
    assert radius.mean() == pytest.approx(0.3, abs=0.005)
    assert radius.std() == pytest.approx(0.02, rel=0.2)
    assert np.histogram(angle, 8, (-np.pi, np.pi))[0].min() > 120
    assert flat.std(axis=0) == pytest.approx(1 / np.sqrt(12), rel=0.05)


def test_likelihoods_are_those_of_the_normal_distribution():
    """Of a reported range the probability, far out as well; of a bound one tail."""
    from scipy.stats import norm

    values = np.log(np.array([[3.0], [1.0], [0.001]]))
    aim, bound = goal(3.0, 0.2, rounding=0.5), Goal(Target(measure="hops", at_most=2.0), (), 0.2)

    likely = log_likelihood((aim,), values, np.full(1, 0.05))
    scale = np.sqrt(0.05 + 0.04)
    assert likely[:2] == pytest.approx(np.log(np.diff(norm.cdf((np.log([2.5, 3.5]) - values[:2]) / scale), axis=1)[:, 0]))
    assert np.isfinite(likely[2])
    assert log_likelihood((bound,), values, np.full(1, 0.05)) == pytest.approx(norm.logcdf((np.log(2) - values[:, 0]) / scale))


# ── contradictions and failures ─────────────────────────────────────────────────────────────────────


def opposed(function, aims, count):
    points = asked(function, aims, count)
    fit = carry_out(points, some(count), "posterior", seed=1)
    return points, fit, contradiction(points, fit, 1)


def test_targets_that_contradict_each_other_are_named():
    """Of three figures the two that hang on one number and ask for different ones; the third, on another number, is not named."""
    def three(u):
        return np.exp(4 * np.column_stack([u[:, 0], u[:, 1], u[:, 0]]))

    points, fit, which = opposed(three, (goal(np.exp(1.0), 0.1), goal(np.exp(2.0), 0.1), goal(np.exp(3.0), 0.1)), 2)
    assert which == (0, 2)
    assert "contradict each other" in told(build(world()), points, fit, which)
    assert opposed(three, (goal(np.exp(1.0), 0.1), goal(np.exp(2.0), 0.1), goal(np.exp(1.1), 0.1)), 2)[2] == ()


def test_a_target_out_of_reach_is_named():
    """A figure that no point of the ranges gives."""
    points, fit, which = opposed(lambda u: np.exp(4 * u), (goal(np.exp(1.0)), goal(np.exp(6.0))), 2)

    assert which == (1,)
    assert "cannot be met anywhere" in told(build(world()), points, fit, which)


def test_a_model_that_cannot_be_foretold_does_not_converge():
    """A fit to noise says so, at either depth."""
    rng = np.random.default_rng(1)

    fit = carry_out(asked(lambda u: np.exp(rng.normal(size=(len(u), 1))), (goal(1.0, 0.05),), 1), some(1), "posterior", seed=1)

    assert "off by" in fit.unsettled


def test_what_failed_is_kept(tmp_path):
    """Two figures that cannot both be met, in one message, with the best point and all others in the folder."""
    targets = (SETTLED.replace("VALUE", "0.5"), "{measure: headline_closure, at_least: 0.5, kind: fit}", "{measure: settled_at_or_below, where: {level: unit}, value: 0.9, kind: fit}")

    with pytest.raises(CalibrationError, match=r"settled by the leader.*Settled at or below") as error:
        calibrate(street(tmp_path, *targets), depth="point", folder=tmp_path / "out", **OPTIONS)

    assert len(error.value.trace) > 10
    assert "stages.handle.outcomes.closed.chance" in error.value.best
    assert simgov.load(tmp_path / "out" / "street_best.yaml", root=tmp_path).name == "street_best"
    assert (tmp_path / "out" / "trace.csv").read_text().count("\n") == len(error.value.trace) + 1


def test_opposite_figures_of_one_row_need_no_simulation(tmp_path):
    """Told before anything is simulated, with both."""
    both = [SETTLED.replace("VALUE", value) for value in ("0.5", "0.9")]
    with pytest.raises(ScenarioError, match=r"contradict each other.*reported as 0.5.*as 0.9"):
        calibrate(street(tmp_path, *both), **OPTIONS)
    with pytest.raises(UsageError, match=r"contradict each other.*reported as 0.01.*as 0.99"):
        calibrate(street(tmp_path, SETTLED.replace("VALUE", "0.01"), SETTLED.replace("VALUE", "0.99").replace("fit", "soft")), soft=True, **OPTIONS)


# ── bad input ───────────────────────────────────────────────────────────────────────────────────────


def world(**stage):
    """A small scenario as data, with a free number if need be."""
    desk = {"by": "desk", "work": "10 min", "outcomes": {"closed": {"value": 0.6, "assumption": [0.4, 0.9], **stage}, "never": 0.1}}
    return {
        "schema": 1,
        "period": ["2022-05-02", "2022-05-16"],
        "public_holidays": {"country": ""},
        "residents": 1000,
        "levels": {"unit": 1},
        "teams": {"desk": {"at": "unit"}},
        "classes": {"event": {"arrivals": {"rate": 2}, "enters": "desk"}},
        "stages": {"desk": desk, "last": {"by": "desk", "work": {"value": "5 min", "assumption": ["1 min", "1 h"]}, "outcomes": {"closed": 1}}},
    }


@pytest.mark.parametrize(
    ("also", "message"),
    [
        ([], "nothing is free"),
        (["stages.desk.by"], "no number or duration"),
        (["stages.nowhere"], "no number or duration"),
        (["residents"], "has no range in the file"),
        (["residents=2000,3000"], "1000, lies outside this range"),
        (["residents=3000,200"], "from low to high"),
        (["residents=a,b"], "--free is a path"),
        (["residents=1"], "--free is a path"),
        (["a b..c"], "--free is a path"),
        (["residents=500,2000", "residents=500,2000"], "free twice"),
        (["schema=0,2"], "--free schema: is no number of the place or its procedure; only assumptions can be fitted"),
        (["targets[0].value=0.1,0.9"], r"--free targets\[0\].value: stands in a target: what was reported cannot be fitted"),
        (["teams.desk.people=1,5"], "--free teams.desk.people: is no assumption: its outside says what it is; only assumptions can be fitted"),
        (["teams.desk.people"], "--free teams.desk.people: is no assumption: its outside says what it is; only assumptions can be fitted"),
        (["stages.desk.outcomes.closed=0.2,1.5"], "is free from 0.2 to 1.5, but 1.5 is impossible .*; narrow the range"),
        (["stages.last.wait.lognormal.sigma=-1,2"], "is free from -1 to 2, but -1 is impossible .*must be greater than 0, got -1.0.*; narrow the range"),
    ],
)
def test_what_cannot_be_free_is_refused(also, message):
    """One clear message each: where, what rule, what was given."""
    data = world()
    data["targets"] = [{"measure": "headline_closure", "value": 0.8, "kind": "fit"}]
    data["teams"]["desk"]["people"] = {"value": 2, "outside": "a list of staff"}
    data["stages"]["last"]["wait"] = {"lognormal": {"median": "1 h", "sigma": 0.5}}
    with pytest.raises(UsageError, match=message):
        free(build(data), also)


def test_a_source_cannot_be_fitted():
    """The residents of Dongxing are reported; what was reported is no free number."""
    scenario = simgov.load(FOLDER / "dongxing.yaml")
    for text in ("residents", "residents=3000,9000"):
        with pytest.raises(UsageError, match="--free residents: is no assumption: its source says what it is; only assumptions can be fitted"):
            free(scenario, [text])


@pytest.mark.parametrize(
    ("tag", "message"),
    [({"source": "PT-19"}, "is no assumption"), ({"assumption": [0.6, 0.6]}, "leaves nothing to fit")],
)
def test_a_tag_that_leaves_nothing_to_fit_is_refused(tag, message):
    data = world()
    data["stages"]["desk"]["outcomes"]["closed"] = {"value": 0.6, "free": True, **tag}

    with pytest.raises(UsageError, match=message):
        free(build(data))


def test_a_change_in_force_that_sets_a_free_number_is_refused():
    """It would set it again when the fitted scenario is loaded."""
    data = {**world(free=True), "changes": {"more": {"set": {"stages.desk.outcomes": {"closed": {"value": 0.7, "assumption": [0.4, 0.9], "free": True}}}}}, "apply": ["more"]}

    with pytest.raises(UsageError, match="the change 'more' in force sets"):
        free(build(data))


def test_free_numbers_are_found_by_tag_and_by_name():
    """In the order of the file; a range of one's own; whole numbers stay whole."""
    found = free(build(world(free=True)), ["stages.last.work", "residents=500,2000"])

    assert [p.name for p in found] == ["stages.desk.outcomes.closed", "stages.last.work", "residents"]
    assert (found[1].low, found[1].high, found[1].is_duration, found[2].whole) == (60, 3600, True, True)


def test_without_a_target_to_fit_it_is_refused(tmp_path):
    """None at all, or soft ones only."""
    with pytest.raises(UsageError, match="no target to fit; write kind"):
        calibrate(street(tmp_path), **OPTIONS)
    soft = SETTLED.replace("VALUE", "0.6").replace("fit", "soft")
    with pytest.raises(UsageError, match="--soft takes in"):
        calibrate(street(tmp_path, soft), **OPTIONS)
    assert goals(simgov.load(street(tmp_path, soft)), soft=True)[0].discrepancy == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"discrepancy": 0}, "above 0"), ({"points": 10}, "need at least"), ({"points": 99, "depth": "point"}, "counted for a posterior"), ({"replications": 1}, "at least 2"), ({"depth": "deep"}, "point or posterior")],
)
def test_impossible_options_are_refused(tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        calibrate(street(tmp_path, *both()), **{**OPTIONS, **options})


def test_a_measure_without_values_cannot_be_fitted():
    """Where most points have none it is refused, by name."""
    class Nothing(Function):
        def __call__(self, shares, done=lambda: None):
            answers = super().__call__(shares)
            return answers._replace(bottom=0 * answers.bottom)

    with pytest.raises(UsageError, match="hops has no value at 100%"):
        carry_out(Points(Nothing(lambda u: u), (goal(1.0),), np.full(1, 0.5)), some(1), "point", 1)


@pytest.mark.parametrize(("target", "message"), [("{measure: nonsense, value: 1, kind: fit}", "unknown measure"), ("{measure: headline_closure, value: 99.28, kind: fit}", "between 0 and 1")])
def test_impossible_targets_end_with_one_message(tmp_path, target, message):
    """Exit code 2, before anything is simulated."""
    ran = CliRunner().invoke(command, [str(street(tmp_path, target)), "--out", str(tmp_path / "out")])

    assert ran.exit_code == 2
    assert message in ran.output
    assert not (tmp_path / "out").exists()


# ── the same again ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_seed_gives_the_same_posterior_on_any_number_of_workers(found, tmp_path):
    """Bit for bit; another seed gives another."""
    again = calibrate(street(tmp_path, *both()), seed=3, workers=2, discrepancy=DISCREPANCY, **OPTIONS)

    assert np.array_equal(again.fit.draws, found.fit.draws)
    assert again.settings == found.settings
    assert again.answer() == found.answer()


def test_trials_that_are_kept_are_not_done_again(tmp_path, monkeypatch):
    """A second calibration in the same folder simulates nothing, and comes to the same."""
    path = street(tmp_path, *both())
    first = calibrate(path, depth="point", folder=tmp_path / "out", **OPTIONS)
    monkeypatch.setattr("simgov.trials.carry_out.play", None)

    second = calibrate(path, depth="point", folder=tmp_path / "out", **OPTIONS)

    assert np.array_equal(first.fit.draws, second.fit.draws)


# ── what comes out ──────────────────────────────────────────────────────────────────────────────────


def test_the_fitted_scenario_runs_and_meets_its_targets(found, tmp_path):
    """It extends the original, carries the fitted values with a tag that says how, and is the scenario that was fitted."""
    found.save(tmp_path / "out")

    fitted = simgov.load(tmp_path / "out" / "street_fitted.yaml", root=found.source.parent)
    origin = fitted.origins["stages", "handle", "outcomes", "closed", "chance"]
    assert fitted.data == found.fitted_scenario().data
    assert origin.kind == "assumption"
    assert not origin.free
    assert "fitted" in origin.note
    assert date.today().isoformat() in origin.note
    assert "settled_of_reached" in origin.note
    result = simgov.run(fitted, replications=20, seed=9, engine="simpy", journal=False)
    assert list(result.targets["verdict"]) == ["met", "met"]


def test_settings_and_changes_go_into_the_fitted_scenario(tmp_path):
    """What was set on the command line and the changes in force are in the file."""
    text = TEXT + "changes: {slow: {set: {stages.desk.work: 30 min}}}\n"
    found = calibrate(street(tmp_path, *both(), text=text), depth="point", settings=["teams.leader.people=2"], changes=["slow"], **OPTIONS)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "fitted.yaml").write_text(found.yaml(tmp_path / "deep"), encoding="utf-8")

    fitted = simgov.load(tmp_path / "deep" / "fitted.yaml", root=tmp_path)
    assert fitted.in_force == ("slow",)
    assert fitted.teams["leader"].people.each == 2
    assert "extends: ../street.yaml" in found.yaml(tmp_path / "deep")


def test_chances_of_a_stage_make_room_in_the_file(tmp_path):
    """What the fitted chance takes, the others of its stage lose, and the file can be loaded."""
    data = world(free=True)
    data["stages"]["desk"]["outcomes"]["never"] = 0.4
    data["targets"] = [{"measure": "headline_closure", "value": 0.8, "kind": "fit"}]
    found = calibrate(build(data), depth="point", **OPTIONS)
    (tmp_path / "fitted.yaml").write_text(found.yaml(tmp_path), encoding="utf-8")

    outcomes = simgov.load(tmp_path / "fitted.yaml").data["stages"]["desk"]["outcomes"]
    assert outcomes["closed"] > 0.65
    assert outcomes["never"] < 0.35
    assert outcomes["closed"] + outcomes["never"] == pytest.approx(1)


def test_a_posterior_can_be_kept_and_read(found, tmp_path):
    """The same numbers, settings that load, and a table with weights."""
    read = Posterior.load(found.posterior.save(tmp_path / "posterior.json"))

    assert np.array_equal(read.values, found.posterior.values)
    assert read.params == found.params
    assert read.settings(5) == found.posterior.settings(5)
    assert list(read.table) == ["weight", *(p.name for p in found.params)]
    assert read.table["weight"].sum() == pytest.approx(1)
    assert build(found.scenario.data, read.settings(5)).data["stages"]["desk"]["lead"]["exponential"] == read.settings(5)["stages.desk.lead.exponential"]


@pytest.mark.parametrize("text", ["", "{}", '{"simgov_posterior": 1, "parameters": [], "values": [[], []], "weights": [2, -1]}', '{"simgov_posterior": 1, "parameters": [], "values": [[1]], "weights": [1]}', '{"simgov_posterior": 1}', "[1]"])
def test_what_is_no_posterior_is_refused(tmp_path, text):
    (tmp_path / "p.json").write_text(text)

    with pytest.raises(OutputError, match="no posterior of simgov"):
        Posterior.load(tmp_path / "p.json")
    with pytest.raises(OutputError, match="cannot be read"):
        Posterior.load(tmp_path / "nowhere.json")


def test_a_verdict_is_that_of_the_share_that_is_shown():
    """Who reads 35 % left reads pinned, and 75 % is open, whatever the digits behind."""
    verdicts = {left: Mark(0.0, 0.5, 1.0, left).verdict for left in (0.3, 0.354, 0.356, 0.744, 0.746)}

    assert verdicts == {0.3: "pinned", 0.354: "pinned", 0.356: "narrowed", 0.744: "narrowed", 0.746: "open"}


@pytest.mark.parametrize(("lang", "median", "best"), [("en", "median", "best fit"), ("zh", "中位数", "最佳拟合值")])
def test_the_median_and_the_best_fit_are_told_apart(found, lang, median, best, monkeypatch, capsys):
    """By name, in the table's head and in the sentence of each parameter."""
    from rich.console import Console

    from simgov.calibration.told import parameter, shown
    from simgov.cli.calibrate import _show

    _show(found, lang, Console(width=200))
    head = capsys.readouterr().out.partition(found.label(0, lang))[0]
    assert median in head
    assert best in head
    for k, param in enumerate(found.params):
        text = parameter(found, k, lang)
        assert f"{best}{' ' if lang == 'en' else ''}{shown(param, found.fitted[param], lang)}" in text
        assert f"{median}{' ' if lang == 'en' else ''}{shown(param, found.marks[k].median, lang)}" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_footer_of_one_free_number_is_whole(lang, tmp_path):
    """Its figure is narrow, so its lines are broken before they leave it."""
    text = TEXT.replace(", free: true, note: a guess", ", note: a guess")
    figure = calibrate(street(tmp_path, both()[0], text=text), depth="point", seed=3, **OPTIONS).figure(lang)

    assert figure._supxlabel.get_window_extent().x1 <= figure.bbox.width


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_figure_and_sentences_stand_in_both_languages(found, lang, tmp_path):
    """Every parameter and target is in the picture, and nothing is left unformatted."""
    figure = found.figure(lang)
    figure.savefig(tmp_path / "figure.png")
    texts = " ".join(" ".join(text.get_text().split()) for text in figure.findobj(match=lambda a: hasattr(a, "get_text")))

    assert (tmp_path / "figure.png").stat().st_size > 20_000
    assert {"en": "settled by the leader", "zh": "单元长就地化解"}[lang] in texts
    assert "{" not in found.answer(lang) + texts
    assert len(found.answer(lang).splitlines()) >= len(found.params) + len(found.points.goals) + 1


def test_the_command_writes_a_folder(tmp_path):
    """A scenario, a posterior, tables, the answer in both languages and a figure."""
    path = street(tmp_path, *both())
    ran = CliRunner().invoke(command, [str(path), "--depth", "point", "--engine", "simpy", "-n", "2", "--out", str(tmp_path / "out"), "--lang", "zh"])

    assert ran.exit_code == 0, ran.output
    assert "拟合值" in ran.output
    files = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"street_fitted.yaml", "posterior.json", "table.parquet", "targets.parquet", "trace.csv", "answer.en.txt", "answer.zh.txt", "figure.png"} <= files
    assert json.loads((tmp_path / "out" / "posterior.json").read_text(encoding="utf-8"))["simgov_posterior"] == 2


# ── prediction ──────────────────────────────────────────────────────────────────────────────────────


def test_both_parts_of_a_variance_come_out_as_they_went_in():
    """Rows with sd 3, columns that all rows share with sd 2, and a rest of sd 1: ignorance 3, chance sqrt(5)."""
    rng = np.random.default_rng(0)
    values = 3 * rng.normal(size=(400, 1)) + 2 * rng.normal(size=(1, 400)) + rng.normal(size=(400, 400))

    found = parts(values, together=400)

    assert found.ignorance == pytest.approx(3, rel=0.08)
    assert found.chance == pytest.approx(np.sqrt(5), rel=0.08)
    assert found.most - found.least == pytest.approx(2 * 1.96 * np.sqrt(9 + 4 / 400), rel=0.08)


def test_without_ignorance_none_is_found():
    """Rows that differ by noise alone have no ignorance, where the variance of their means would show some; the control."""
    rng = np.random.default_rng(1)
    found = [parts(rng.normal(size=(30, 4))) for _ in range(200)]

    assert np.mean([p.ignorance**2 for p in found]) < 0.05
    assert np.mean([rng.normal(size=(30, 4)).mean(axis=1).var(ddof=1) for _ in range(200)]) > 0.2


def poisson(rng, together):
    """40 draws that are all alike, of 8 replications each: a count with mean 60, the same for the draws of a block."""
    block = blocks(40, together)
    return rng.poisson(60, size=(block[-1] + 1, 8))[block].astype(float)


def test_one_window_covers_a_poisson_count_as_often_as_it_says():
    """95 of 100 counts lie in it where only chance matters, and no ignorance is found; with 8 replications for all draws far fewer do: the control."""
    from scipy.stats import poisson as exact

    def covered(p):
        return exact.cdf(np.floor(p.high), 60) - exact.cdf(np.ceil(p.low) - 1, 60)

    rng = np.random.default_rng(2)
    found = [parts(poisson(rng, 4)) for _ in range(200)]
    assert np.mean([covered(p) for p in found]) == pytest.approx(0.95, abs=0.02)
    assert max(p.ignorance for p in found) == 0
    assert np.mean([covered(parts(poisson(rng, 40), together=40)) for _ in range(200)]) < 0.85


def test_the_expected_value_of_a_skewed_posterior_lies_where_its_draws_are():
    """2.5 to 97.5 % of a lognormal posterior, with chance beside it; mean ± 1.96 sd would begin below zero, which is below every draw."""
    rng, spread = np.random.default_rng(3), np.exp(0.8 * np.sqrt(2) * np.array([_inverse(2 * (k + 0.5) / 40 - 1) for k in range(40)]))
    block = blocks(40)
    found = [parts(600 * rng.permutation(spread)[:, None] + rng.poisson(60, size=(10, 8))[block] + 5 * rng.normal(size=(40, 8))) for _ in range(50)]

    assert np.mean([p.least for p in found]) == pytest.approx(60 + 600 * np.exp(-0.8 * 1.96), rel=0.1)
    assert np.mean([p.most for p in found]) == pytest.approx(60 + 600 * np.exp(0.8 * 1.96), rel=0.1)
    assert np.mean([p.value - 1.96 * p.ignorance for p in found]) < 0


def _inverse(x):
    from scipy.special import erfinv

    return float(erfinv(x))


def test_a_few_draws_stand_for_all_in_every_parameter():
    """40 of 1,000: means of skewed functions of each of three parameters, and of their sum, to a tenth of a standard deviation, whatever the seed; 40 at random miss by more."""
    rng = np.random.default_rng(4)
    values = rng.random((1000, 3)) * [1, 50, 1e6]
    posterior = Posterior((), values, np.full(1000, 1e-3))
    answers = np.exp(2 * np.column_stack([values / values.max(axis=0), values.mean(axis=1) / values.mean(axis=1).max()]))

    def miss(rows):
        return np.abs(answers[rows].mean(axis=0) - answers.mean(axis=0)).max() / answers.std(axis=0).max()

    assert miss(posterior.some(40)) < 0.1
    assert sorted(posterior.some(40, seed=1)) == sorted(posterior.some(40, seed=2))
    assert np.mean([miss(rng.choice(1000, 40)) for _ in range(50)]) > 0.15


def test_draws_go_by_their_weights():
    """What has three quarters of the weight is chosen so often, what has none never."""
    posterior = Posterior((), np.array([[0.0], [1.0], [2.0]]), np.array([0.75, 0.25, 0.0]))

    assert np.bincount(posterior.some(40), minlength=3).tolist() == [30, 10, 0]


def test_what_is_set_to_its_own_value_is_known(found):
    """By path, by a path above it, or by the study; not what stands beside it."""
    left = lambda *known: [p.name for p in found.posterior.left_alone(found.scenario, found.scenario, known)]  # noqa: E731
    chance, lead = (p.name for p in found.posterior.params)

    assert left() == [chance, lead]
    assert left(chance) == [lead]
    assert left("stages.desk.lead") == [chance]
    assert left("stages.desk.work") == [chance, lead]
    seen = predict(found.posterior, found.source, "settled_of_reached", where={"level": "unit"}, known=[chance], **QUICK)
    assert seen.table["ignorance"].iloc[0] == 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (["run", "x.yaml", "--draws", "5", "--anew"], "--draws, --anew: is for a prediction; give --posterior FILE, too, or leave it out"),
        (["compare", "x.yaml", "--draws", "5"], "--draws: is for a prediction"),
        (["compare", "x.yaml", "--posterior", "p.json", "--precision", "0.1"], "--precision: does nothing with --posterior; leave it out"),
        (["run", "x.yaml", "--posterior", "p.json", "--all"], "--all: does nothing with --posterior"),
    ],
)
def test_options_that_would_do_nothing_are_refused(given, text):
    done = CliRunner().invoke(main, given)

    assert done.exit_code == 2
    assert text in done.output


def test_zero_differences_are_told_as_zero():
    """Where most draws show no difference, that is not told as a sign that disagrees."""
    from simgov.calibration.foretold import _signs

    few = parts(np.repeat([[1.0], *[[0.0]] * 3], 3, axis=1))
    assert _signs(few, "en") == "Of 100 draws of the posterior the difference has this sign in 25, the other one in 0, and is zero in 75."
    assert _signs(parts(np.zeros((4, 3))), "zh") == "平均没有差别；后验抽样每100组中，差值为零的有100组。"


def test_a_policy_is_predicted_with_both_parts(found):
    """The interval of a scenario has chance and ignorance; a policy that sets the unknown number itself has no ignorance of it, and a difference has less chance than either."""
    from simgov.study import load as load_study

    folder = found.source.parent
    (folder / "study.yaml").write_text(
        "schema: 1\nscenario: street.yaml\npolicies: {now: {}, fast: {set: {stages.desk.lead.exponential: 1 d}}}\nmeasures: [{measure: cohort_closure, where: {days: 7}}]\n", encoding="utf-8"
    )
    seen = predict(found.posterior, load_study(folder / "study.yaml"), draws=12, replications=4, engine="simpy")

    now, fast, less = seen.table.to_dict("records")
    assert now["ignorance"] > 3 * fast["ignorance"]
    assert less["value"] == pytest.approx(fast["value"] - now["value"])
    assert less["ignorance"] == pytest.approx(now["ignorance"], rel=0.5)
    assert less["sure"] == 1
    assert "95 of 100" in seen.answer()
    assert "Monte-Carlo error at most" in seen.answer()
    assert "known from 12 windows" in seen.answer()
    assert "后验抽样" in seen.answer("zh")


QUICK = {"draws": 6, "replications": 3, "engine": "simpy", "say": lambda text: None}


@pytest.fixture(scope="module")
def seen(found):
    """The street predicted with what its targets leave unknown."""
    return predict(found.posterior, found.source, **QUICK)


def test_all_main_measures_come_from_one_set_of_trials(found, seen, monkeypatch):
    """Targets first, then headline, cohort closure, times and levels; each as if it had been asked alone, and each draw is simulated once."""
    names = [question.measure for question in seen.questions]

    assert names[:2] == ["settled_of_reached", "cohort_closure"]
    assert {"headline_closure", "time_to_closure_median", "settled_at_or_below"} < set(names)
    assert [q.keys for q in seen.questions if q.measure == "cohort_closure"].count(seen.questions[1].keys) == 1
    alone = predict(found.posterior, found.source, "headline_closure", **QUICK)
    assert alone.table.iloc[0].drop("share").to_dict() == seen.table.set_index("measure", drop=False).loc["headline_closure"].drop("share").to_dict()
    assert seen.values.shape[1:] == (1, 6, 3)


def test_both_parts_are_in_the_tables_with_what_they_were_made_from(seen, tmp_path):
    """Chance and ignorance make up the variance; posterior, draws, scenario and version stand in the files."""
    import pandas as pd

    seen.save(tmp_path)
    table, draws = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("table", "draws"))
    known = table[table["value"].notna() & (table["chance"] + table["ignorance"] > 0)]

    assert known["share"].to_numpy() == pytest.approx((known["ignorance"] ** 2 / (known["chance"] ** 2 + known["ignorance"] ** 2)).to_numpy())
    assert (known["low"] <= known["value"]).all()
    assert table.attrs["posterior"]["digest"] == draws.attrs["posterior"]["digest"] == seen.posterior.digest
    assert table.attrs["draws"] == list(draws["draw"]) == seen.numbers.tolist()
    assert table.attrs["policies"] == {"street": seen.policies[0].scenario.digest}
    assert {"answer.en.txt", "answer.zh.txt", "figure.png"} <= {p.name for p in tmp_path.iterdir()}
    assert draws["stages.handle.outcomes.closed.chance"].between(0.4, 0.95).all()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_prediction_is_told_in_both_languages(seen, lang):
    """What is mostly ignorance, what is mostly chance, and the reported figures in full."""
    texts = " ".join(text.get_text() for text in seen.figure(lang).findobj(match=lambda a: hasattr(a, "get_text")))
    answer = seen.answer(lang)

    assert "{" not in texts + answer
    assert {"en": "Mostly ignorance", "zh": "主要来自参数未知"}[lang] in answer
    assert {"en": "settled by the leader", "zh": "单元长就地化解"}[lang] in answer
    assert {"en": "chance: no measuring removes it", "zh": "随机：实测参数不能消除"}[lang] in texts


def test_what_is_set_is_no_longer_unknown(found):
    """A number that a run sets keeps its value; the rest of the posterior stays unknown. The fitted scenario takes the posterior, too."""
    path = "stages.handle.outcomes.closed.chance"
    fixed = predict(found.posterior, simgov.load(found.source, {path: 0.95}), "settled_of_reached", where={"level": "unit"}, base=found.scenario, **QUICK)
    fitted = predict(found.posterior, found.fitted_scenario(), "settled_of_reached", where={"level": "unit"}, **QUICK)

    assert fixed.table["value"].iloc[0] > 0.9 > fitted.table["value"].iloc[0]
    assert fixed.table["ignorance"].iloc[0] < fitted.table["ignorance"].iloc[0]


def test_a_posterior_of_another_scenario_is_refused(found):
    """With the name and digest of both, and what the scenario lacks."""
    with pytest.raises(UsageError, match=r"was fitted to 'street' \(\w{8}\), not to 'scenario' \(\w{8}\), which has no number at stages.handle.outcomes.closed.chance, stages.desk.lead.exponential; calibrate this"):
        predict(found.posterior, build(world()), **QUICK)


def test_weights_that_have_collapsed_are_refused(found):
    """One draw with nearly all the weight says nothing of what is unknown; equal weights of a few draws are no collapse."""
    some = found.posterior
    weights = np.full(len(some), 0.01 / (len(some) - 1))
    weights[3] = 0.99

    with pytest.raises(UsageError, match=r"have collapsed: its 1000 draws are worth 1.0 equally likely ones, and 10 are needed"):
        predict(Posterior(some.params, some.values, weights, some.about), found.source, **QUICK)
    few = Posterior(some.params, some.values[:4], np.full(4, 0.25), some.about)
    assert predict(few, found.source, "headline_closure", **QUICK).values.shape[2] == 6


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_run_and_compare_take_a_posterior(found, lang, tmp_path, monkeypatch):
    """Told before: how much will be simulated; then a table of both parts, sentences, and a folder whose trials are not done again."""
    monkeypatch.setenv("COLUMNS", "200")
    found.posterior.save(tmp_path / "p.json")
    study = found.source.parent / "two.yaml"
    study.write_text(
        "schema: 1\nscenario: street.yaml\npolicies: {now: {}, fast: {set: {stages.desk.lead.exponential: 1 d}}}\nmeasures: [{measure: cohort_closure, where: {days: 7}}]\n", encoding="utf-8"
    )
    more = ["--posterior", str(tmp_path / "p.json"), "--draws", "4", "-n", "2", "--engine", "simpy", "--lang", lang]
    for name, what, trials in (("run", found.source, 8), ("compare", study, 16)):
        place = tmp_path / name
        done = CliRunner().invoke(main, [name, str(what), *more, "--out", str(place)])

        assert done.exit_code == 0, done.output
        assert {"en": f": {trials} trials, about", "zh": f"：共模拟{trials}次"}[lang] in " ".join(done.output.split())
        assert {"en": "of the variance", "zh": "占方差"}[lang] in done.output
        assert len([p for p in (place / "trials").rglob("*") if p.is_file()]) == trials
        assert (place / "table.parquet").is_file()
        page = (place / "report.html").read_text(encoding="utf-8")
        assert {"en": "With what is unknown", "zh": "计入参数未知后的结果"}[lang] in page
        assert "<svg" in page
        assert "{" not in re.sub(r"<(style|script|svg).*?</\1>", "", page, flags=re.S)
        assert "report.html" in done.output
    monkeypatch.setattr("simgov.trials.carry_out.play", None)
    assert CliRunner().invoke(main, ["compare", str(study), *more, "--out", str(tmp_path / "compare")]).exit_code == 0


def test_a_file_that_is_no_posterior_ends_with_one_message(found, tmp_path):
    """Exit code 2, and nothing is written."""
    (tmp_path / "p.json").write_text("{}")
    done = CliRunner().invoke(main, ["run", str(found.source), "--posterior", str(tmp_path / "p.json"), "--out", str(tmp_path / "out")])

    assert done.exit_code == 2
    assert "is no posterior of simgov" in done.output
    assert not (tmp_path / "out").exists()


def test_a_prediction_without_a_free_parameter_is_refused(found):
    other = Posterior((), np.zeros((3, 0)), np.full(3, 1 / 3))
    with pytest.raises(UsageError, match="no parameter at all"):
        predict(other, found.scenario, "cohort_closure", where={"days": 7}, engine="simpy")


def test_what_it_is_shows_in_its_name(found):
    assert isinstance(found, Calibration)
    assert isinstance(found.engine, Choice)
    assert repr(found).startswith("<Calibration of street: 2 parameters to 2 targets")
