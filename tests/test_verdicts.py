"""What is said of a difference: six words for six things, one margin for all who use them, and no best of a cost alone."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from test_comparison_figures import AS_IS, CLOSED, HIDDEN, LATER, MORE, MOST, made, said, study

from simgov import vocabulary
from simgov.cli.comparison import show
from simgov.plots.comparison import differences, frontier
from simgov.report import of_comparison
from simgov.report.page import rendered
from simgov.staffing.judge import Rule, Sample, stand
from simgov.staffing.model import Goal
from simgov.study.paired import Ratios
from simgov.study.verdict import CANNOT_TELL, EQUAL, LESS, NOT_APPLICABLE, SAME, verdict
from simgov.study.verdict import MORE as HIGHER
from simgov.vocabulary import MEASURES, Margin
from simgov.web import shown
from simgov.words import interval, interval_of_change

COST = {"measure": "cost", "where": {"team": "leader"}, "label": {"en": "cost", "zh": "成本"}}
PRESENCE = {"measure": "off_hours_presence", "where": {"team": "leader"}, "label": {"en": "presence", "zh": "在岗"}}
POLICIES = {"as_is": AS_IS, "more": MORE, "help": LATER}
NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [
        (0.0, 0.0, 0.0, SAME),
        (0.0, -0.5, 0.5, EQUAL),
        (0.5, 0.0, 1.0, EQUAL),  # as far as the margin, and no further
        (0.5, 0.4, 0.6, EQUAL),  # it excludes zero, and is of no account
        (0.5, 0.5, 0.5, EQUAL),  # chance has no part in it
        (0.0, -1.1, 1.1, CANNOT_TELL),
        (0.9, -0.1, 1.9, CANNOT_TELL),
        (1.0, 0.5, 1.5, HIGHER),  # sure, and perhaps larger than the margin
        (2.0, 1.5, 2.5, HIGHER),
        (-2.0, -2.0, -2.0, LESS),
        (0.3, NAN, NAN, CANNOT_TELL),  # too few incidents for an interval
        (0.0, NAN, NAN, CANNOT_TELL),
        (NAN, NAN, NAN, NOT_APPLICABLE),
    ],
)
def test_an_interval_and_a_margin_say_one_of_six_things(value, low, high, word):
    """Practically equal: the whole interval within ± margin; cannot tell: it holds zero and reaches beyond; a difference: it excludes zero and is no trifle."""
    assert verdict(value, low, high, 1.0) == word


def test_without_a_margin_nothing_is_practically_equal():
    assert verdict(0.001, 0.0005, 0.0015, 0.0) == HIGHER
    assert verdict(0.0, -0.001, 0.001, 0.0) == CANNOT_TELL


def test_every_measure_has_a_margin():
    """In its unit: a percentage point of a share, six minutes of a time or 1 % of the base's value, 1 % of money."""
    assert all(measure.margin.of(0) > 0 or measure.unit == "yuan" for measure in MEASURES.values())
    assert all(measure.margin == Margin(0.01) for measure in MEASURES.values() if measure.unit == "share")
    assert [MEASURES["time_to_closure_p90"].margin.of(base) for base in (1.0, 200.0)] == [0.1, 2.0]
    assert MEASURES["cost"].margin.of(1_000_000) == 10_000
    assert MEASURES["evenings_per_person"].margin.of(0) == 0.1


def test_a_study_may_set_its_own_margin():
    """In the unit of the measure; by default 1 percentage point: 0.6 points are practically equal by that, and not by half a point."""
    values = [[0.500, 0.510, 0.505], [0.506, 0.516, 0.511], [0.50, 0.51, 0.505]]
    for margin, word in ((None, EQUAL), (0.005, HIGHER), (0, HIGHER), (0.007, EQUAL)):
        measure = CLOSED if margin is None else {**CLOSED, "margin": margin}
        comparison = made(study(POLICIES, (measure,)), values)
        assert comparison.differences["verdict"].tolist() == [word, SAME], margin
        assert comparison.differences["margin"].tolist() == [0.01 if margin is None else margin] * 2


def everywhere(comparison, lang):
    """What terminal, answer, report, figure and page say of a comparison."""
    console = Console(record=True, width=200, file=StringIO())
    show(comparison, lang, console)
    page = " ".join(row[2]["text"] for row in shown._differences(comparison, lang)["rows"]) if len(comparison.study.policies) == 2 else ""
    return {"terminal": console.export_text(), "answer": comparison.answer(lang), "report": rendered(of_comparison.page(comparison, lang, None)), "page": page, "figure": said(comparison.figure(lang))}


# One row of differences for each of the three: by the same numbers everywhere.
CASES = {
    "unknown": ([[0.50, 0.52, 0.51], [0.61, 0.42, 0.51]], "cannot tell", "尚不能判断"),
    "practically equal": ([[0.50, 0.52, 0.51], [0.501, 0.522, 0.511]], "practically equal", "差别可忽略"),
    "not applicable": ([[0.50, 0.52, 0.51], [None, None, None]], "does not apply", "不适用"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_of_three_things_has_its_own_words(case):
    """Unknown, practically equal and not applicable: three words, in both languages, on the terminal, in the report, in the figure and on the page."""
    values, *words = CASES[case]
    comparison = made(study({"as_is": AS_IS, "more": MORE}, (CLOSED,)), values)
    others = [[en, zh] for _, en, zh in CASES.values() if [en, zh] != words]

    for k, lang in enumerate(("en", "zh")):
        told = everywhere(comparison, lang)
        for place in ("terminal", "page", "figure"):
            assert words[k] in told[place], (place, told[place])
            assert not [other for other in others if other[k] in told[place]], (place, told[place])
        assert f">{words[k]}" in told["report"]
        assert not [other for other in others if f">{other[k]}" in told["report"]]
        assert "看不出差别" not in "".join(told.values())


def test_the_answer_says_which_of_the_three():
    """A sentence for each; what is practically equal with the margin below which it lies, and the interval with its unit."""
    (unknown, _, _), (equal, _, _), (no, _, _) = CASES.values()
    answers = {lang: [made(study({"as_is": AS_IS, "more": MORE}, (CLOSED,)), values).answer(lang) for values in (unknown, equal, no)] for lang in ("en", "zh")}

    assert "3 replications cannot tell a difference (−23.8 to +24.5 points)." not in answers["en"][1]
    assert "Between “more leaders” and “as it is” 3 replications cannot tell a difference (" in answers["en"][0]
    assert " points)" in answers["en"][0]
    assert "With “more leaders” it is practically equal: the difference is smaller than 1.00 points (" in answers["en"][1]
    assert "there is nothing to compare: it or the base has no value" in answers["en"][2]
    assert "3次模拟尚不能判断（" in answers["zh"][0]
    assert "“增加单元长”下差别可忽略：不超过1.00 个百分点（" in answers["zh"][1]
    assert "“增加单元长”不适用比较" in answers["zh"][2]


def test_the_margin_is_an_assumption_of_ours_and_said_so():
    """In the report, beside each measure, with whose it is."""
    ours = rendered(of_comparison.page(made(study(POLICIES, (CLOSED,)), [[0.5, 0.6]] * 3), "en", None))
    theirs = rendered(of_comparison.page(made(study(POLICIES, ({**CLOSED, "margin": 0.02},)), [[0.5, 0.6]] * 3), "en", None))

    assert "Practically equal is what differs by at most 1.00 points (an assumption of ours;" in ours
    assert "Practically equal is what differs by at most 2.00 points (as this study has it)" in theirs


# ── figures and staffing ────────────────────────────────────────────────────────────────────────────


def test_figures_tell_the_three_apart():
    """A dash for what is practically equal, a hollow point for what cannot be told."""
    (asked,) = made(study({"as_is": AS_IS, "more": MORE}, (CLOSED,)), [[0.5, 0.6]] * 2).asked
    assert [differences.kind(asked, {"verdict": word}) for word in (EQUAL, SAME, CANNOT_TELL)] == ["even", "even", "unsure"]


def test_a_trifle_dominates_nobody():
    """Two points of a share for the same presence dominate; half a point does not, however sure it is."""
    for gain, beaten in ((0.02, [True, False]), (0.005, [False, False])):
        of = study({"as_is": AS_IS, "more": MORE}, (CLOSED, PRESENCE))
        comparison = made(of, [[0.5, 0.6, 0.7], [0.5 + gain, 0.6 + gain, 0.7 + gain]], [[10, 10, 10]] * 2)
        assert frontier.dominated(comparison, *comparison.asked).tolist() == beaten


def test_costs_within_the_margin_decide_nothing():
    """Of two candidates that cost the same but for 0.5 % and noise, the first is chosen; without a margin nobody can say which is cheaper."""
    goal = Goal(measure="solved", at_least=0.5)
    met = (Ratios(np.full(40, 90.0), np.full(40, 100.0)),)
    noise = np.random.default_rng(1).normal(0, 8, 40)
    samples = [Sample(1000 + 0 * noise, met), Sample(1002 + noise, met)]

    assert stand(Rule([goal], 0.95, 2, 1, MEASURES["cost"].margin), samples).chosen == 0
    assert stand(Rule([goal], 0.95, 2, 1), samples).chosen is None


# ── costs ───────────────────────────────────────────────────────────────────────────────────────────

SPENT = [[100.0] * 3, [200.0] * 3, [300.0] * 3, [400.0] * 3]
FOUR = {"as_is": AS_IS, "more": MORE, "most": MOST, "help": LATER}


@pytest.mark.parametrize(("measure", "en", "zh"), [(COST, "cheapest", "花费最少"), (PRESENCE, "least", "最少")])
def test_a_cost_alone_has_no_best(measure, en, zh):
    """What takes least is said to take least, and of money to be cheapest; the word best, and a probability of it, stand nowhere."""
    comparison = made(study(FOUR, (measure,)), SPENT)
    for lang, word, best in (("en", en, "best"), ("zh", zh, "最好")):
        told = everywhere(comparison, lang)
        assert word in told["terminal"]
        assert best not in told["terminal"].lower()
        assert word in told["answer"]
        assert best not in told["answer"].lower()
        assert "99.9%" not in told["report"]
        assert word in told["report"]


def test_what_a_policy_achieves_has_a_best():
    comparison = made(study(FOUR, ({**CLOSED, "better": "up"},)), [[0.5, 0.51, 0.52], [0.6, 0.61, 0.62], [0.7, 0.71, 0.72], [0.9, 0.91, 0.92]])

    assert "Best by this measure is “help”" in comparison.answer()


def test_those_that_are_practically_equally_good_are_said_to_be():
    """Three of four are within a percentage point of each other: which of them is best is not unknown, it does not matter."""
    comparison = made(study(FOUR, ({**CLOSED, "better": "up"},)), [[0.5, 0.51, 0.52], [0.9, 0.91, 0.92], [0.901, 0.911, 0.92], [0.9, 0.911, 0.921]])

    assert "By this measure these are practically equally good: “more leaders”, “many leaders”, “help”." in comparison.answer()
    assert "cannot be told" not in comparison.answer()


def test_a_cost_that_chance_cannot_touch_has_no_interval():
    """Rostered hours cost the same in every replication: that is said where the interval would stand; what varies, or achieves something, keeps its interval."""
    comparison = made(study(FOUR, (COST, CLOSED)), SPENT, [[0.5, 0.6, 0.7]] * 4)
    for lang, word in (("en", "chance has no part"), ("zh", "不受随机影响")):
        told = everywhere(comparison, lang)
        assert word in told["terminal"]
        assert word in told["report"]
        assert f"（{word}）" in told["answer"] or f"({word})" in told["answer"]
    assert interval("cost", 100.0, 100.0, 100.0) == "chance has no part"
    assert interval("cost", 0.0, 0.0, 0.0) == "-"  # nothing at all may be luck
    assert interval("cost", 90.0, 110.0, 100.0) == "90 – 110"
    assert interval("headline_closure", 1.0, 1.0, 1.0) == "100.00% – 100.00%"
    assert interval_of_change("rostered_hours", 5.0, 5.0, 5.0, "zh") == "不受随机影响"


def test_costs_are_what_an_arrangement_takes():
    """Money, hours and evenings of teams; not what they achieve, nor how evenly it is spread."""
    costs = {name for name, measure in vocabulary.MEASURES.items() if measure.is_cost}

    assert {"cost", "off_hours_presence", "rostered_hours", "engaged_hours", "evenings_per_person"} <= costs
    assert not {"cohort_closure", "inequality", "open_stock", "hidden", "elapsed"} & costs
    assert HIDDEN["measure"] not in costs
