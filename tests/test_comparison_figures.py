"""The figures of studies: the numbers that they draw, what they say in both languages, and that nothing is cut off or covered."""

from __future__ import annotations

import warnings
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import pytest
import street
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.dates import date2num, num2date
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

import simgov.plots
from simgov.engines import Choice
from simgov.language import message
from simgov.language.lines import NOT_FIRST
from simgov.plots.comparison import KINDS, differences, dose, frame, frontier, stock
from simgov.plots.style import BLUE, GREY, INK, ORANGE
from simgov.study import Comparison, compare
from simgov.study.policies import make
from simgov.trials import Outcome

ROOT = Path(__file__).parents[1]
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
EACH = pytest.mark.parametrize("kind", KINDS)
TITLE = {"en": "Helpers in the street", "zh": "街道增援"}
LATER = {"label": {"en": "help", "zh": "增援"}, "change": ["help"]}
MORE = {"label": {"en": "more leaders", "zh": "增加单元长"}, "set": {"teams.leader.people": 2}}
MOST = {"label": {"en": "many leaders", "zh": "大量单元长"}, "set": {"teams.leader.people": 3}}
AS_IS = {"label": {"en": "as it is", "zh": "现状"}}
CLOSED = {"measure": "headline_closure", "better": "up", "label": {"en": "closed", "zh": "办结"}}
HIDDEN = {"measure": "hidden", "label": {"en": "hidden", "zh": "未发现"}}
HOURS = {"measure": "rostered_hours", "where": {"team": "leader"}, "label": {"en": "hours", "zh": "工时"}}


def study(policies=None, measures=(CLOSED, HIDDEN), **more):
    """A study of the small street; `policies` None for those of a lever alone."""
    with TemporaryDirectory() as folder:
        street.write(Path(folder))
        data = {"schema": 1, "title": TITLE, "scenario": "street.yaml", "measures": list(measures), **more}
        return make({**data, **({"policies": policies} if policies else {})}, folder=folder)


MANY = 100_000.0  # incidents of a replication, so that their number hides nothing


def made(of, *measures, stocks=None):
    """A Comparison whose outcomes are made up: for each measure asked for, by policy, values by replication (of denominator 1; None for nothing)."""
    count, n = len(of.policies), len(measures[0][0])
    keys = tuple(asked.key for asked in of.file.measures)
    none = np.zeros((2, 4), int), np.zeros((7, 24), int)

    def outcome(k, r):
        each = [values[k][r] for values in measures]
        top, bottom = (MANY * np.array([0 if v is None else v for v in each], float), MANY * np.array([v is not None for v in each], float))
        return Outcome(keys, top, bottom, *none, np.array(stocks[k][r] if stocks else [0] * 15))

    return Comparison(of, 7, Choice("simpy", message("")), tuple(tuple(outcome(k, r) for r in range(n)) for k in range(count)))


@cache
def real():
    """A tiny study that was really run, with all that the figures need."""
    lever = {"leaders": {"label": {"en": "leaders", "zh": "单元长"}, "path": "teams.leader.people", "values": [2, 3]}}
    return compare(study({"as_is": AS_IS, "help": LATER}, (CLOSED, HOURS, HIDDEN), sweep=lever), replications=3, engine="simpy")


@cache
def crowd():
    """Twelve policies with long labels and five measures, made up."""
    def label(k):
        return {"en": f"policy number {k} with a label that takes more than a line of words", "zh": f"第{k}号方案：名称很长，长到一行写不下的那一种方案"}

    twelve = {f"p{k}": {"label": label(k), "set": {"teams.leader.people": k + 1}} for k in range(12)}
    measures = [{**CLOSED, "label": label(99)}, HIDDEN, HOURS, {"measure": "collected"}, {"measure": "peak_stock"}]
    draws = np.random.default_rng(1)
    values = [(0.5 + 0.03 * np.arange(12)[:, None] + 0.01 * draws.normal(size=(12, 4))).tolist() for _ in measures]
    return made(study(twelve, measures), *values, stocks=draws.integers(0, 40, (12, 4, 15)).tolist())


def texts(figure):
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def said(figure):
    return "\n".join(t.get_text() for t in texts(figure))


def points(axes, colour=None):
    """(x, y) of the single marks of a panel."""
    return [tuple(line.get_xydata()[0]) for line in axes.lines if len(line.get_xdata()) == 1 and colour in (None, line.get_color())]


# ── every figure ────────────────────────────────────────────────────────────────────────────────────


@BOTH
@EACH
def test_a_figure_of_a_study_draws_without_a_warning(kind, lang):
    """In both languages no warning (of a missing glyph, of a layout that does not fit), and nothing changes for other figures."""
    before = dict(mpl.rcParams)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for comparison in (real(), crowd()):
            FigureCanvasAgg(comparison.figure(lang, kind)).draw()

    assert [str(w.message) for w in told] == []
    assert dict(mpl.rcParams) == before


@BOTH
@EACH
def test_nothing_is_cut_off(kind, lang):
    """All that can be read lies inside the figure, also with twelve policies of long names."""
    for comparison in (real(), crowd()):
        figure = comparison.figure(lang, kind)
        box = figure.bbox.padded(1)
        unseen = {t for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for t in (*axis.get_ticklabels(), *axis.get_ticklabels(minor=True))}
        boxes = {t.get_text(): t.get_window_extent() for t in texts(figure) if t not in unseen}  # ticks beyond an axis are not drawn
        boxes |= {f"axes {n}": axes.get_tightbbox() for n, axes in enumerate(figure.axes)}
        assert [name for name, b in boxes.items() if not (box.contains(*b.p0) and box.contains(*b.p1))] == []


@EACH
def test_a_figure_says_title_scenario_period_replications_and_seed(kind):
    """Above stands the study's title with what was found, below the scenario, its period, the replications, the seed and what the intervals are."""
    english, chinese = said(real().figure("en", kind)), said(real().figure("zh", kind))

    for words in ("Helpers in the street", "A small street    2022-05-02 to 2022-05-16    3 replications, seed 1", "95 %", real().answer()[:40]):
        assert words in english.replace("\n", " ") or words in english
    for words in ("街道增援", "小街　2022-05-02 至 2022-05-16　模拟 3 次，种子 1", "95%", real().answer("zh")[:12]):
        assert words in chinese


def test_the_study_says_which_figure():
    """Without a kind it is the one of the study file; an unknown kind or language ends in a hint."""
    comparison = made(study({"a": AS_IS, "b": MORE}, figure={"kind": "stock"}), [[0.5, 0.6], [0.6, 0.7]], [[1, 2], [1, 3]])

    assert "incidents that are open at midnight" in said(comparison.figure())
    assert "incidents that are open at midnight" not in said(comparison.figure(kind="differences"))
    with pytest.raises(KeyError, match="unknown figure of a study 'stocks'; did you mean 'stock'"):
        simgov.plots.compare(comparison, kind="stocks")
    with pytest.raises(KeyError, match="unknown language 'fr'"):
        comparison.figure("fr")


def test_the_font_knows_every_character_of_these_figures():
    """All that these modules and the answer may write is in the font that comes with simgov, or in the Latin one."""
    from matplotlib import font_manager

    fonts = [FT2Font(str(ROOT / "simgov/fonts/NotoSansCJKsc-subset.otf")), FT2Font(font_manager.findfont("DejaVu Sans"))]
    sources = [*(ROOT / "simgov/plots/comparison").glob("*.py"), ROOT / "simgov/study/answer.py", ROOT / "simgov/words.py"]
    wanted = {c for path in sources for c in path.read_text(encoding="utf-8") if c.isprintable() and not c.isspace()}

    assert sorted(c for c in wanted if not any(font.get_char_index(ord(c)) for font in fonts)) == []


@pytest.mark.parametrize("width", [6, 11, 30])
def test_lines_are_broken_where_one_may(width):
    """No line is wider than asked for unless it is one word; no character is lost; no line begins with closing punctuation."""
    for text in ("the incidents of a unit, in all (of a year)", "网格员、单元长（含兼职），每月一次；合计100人。", "the 网格 of a 社区, and its 100 单元"):
        lines = frame.wrap(text, width)
        assert all(frame.ems(line) <= width or (" " not in line.strip() and len(line) < 12) for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(line[0] in NOT_FIRST for line in lines)


# ── differences ─────────────────────────────────────────────────────────────────────────────────────

DIFFER = ([[0.50, 0.52, 0.51], [0.61, 0.62, 0.61], [0.50, 0.53, 0.50], [0.31, 0.32, 0.31]], [[10, 12, 11], [15, 17, 17], [10, 12, 11], [5, 7, 7]])


@cache
def differ(direction="down"):
    return made(study({"as_is": AS_IS, "more": MORE, "most": MOST, "help": LATER}, (CLOSED, {**HIDDEN, "better": direction})), *DIFFER)


def test_differences_are_those_of_the_table():
    """One panel a measure, one row a policy but the base: points and bars are difference, low and high of the table, from top to bottom."""
    figure = differ().figure()

    assert len(figure.axes) == 2
    for number, axes in enumerate(figure.axes):
        table = differ().differences.query(f"asked == {number}")
        assert points(axes) == [(d, -y) for y, d in enumerate(table["difference"])]
        bars = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 2]
        assert bars == list(zip(table["low"], table["high"], strict=True))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["more leaders", "many leaders", "help"]


def test_better_and_worse_are_told_by_direction():
    """More of what should be more is blue and round, less of it orange and a diamond; without a direction it is a black square; what cannot be told is hollow, what is the same a dash."""
    up, down = differ().figure().axes
    (_, neither) = differ("neither").figure().axes

    def looks(axes):
        return [(line.get_color(), line.get_marker(), line.get_markerfacecolor()) for line in axes.lines if len(line.get_xdata()) == 1]

    better, worse, other, even, unsure = (BLUE, "o", BLUE), (ORANGE, "D", ORANGE), (INK, "s", INK), (GREY, "|", GREY), (GREY, "o", "white")
    assert looks(up) == [better, unsure, worse]
    assert looks(down) == [worse, even, better]
    assert looks(neither) == [other, even, other]
    assert [axes.get_xlabel() for axes in (up, down, neither)] == ["percentage points    better →", "← better", ""]


def test_the_panels_say_base_and_differences():
    """The base's value under the title, shares in percentage points, in both languages."""
    english, chinese = said(differ().figure()), said(differ().figure("zh"))

    assert {"closed", "“as it is”: 51.0%", "+10.3", "−19.7", "“as it is”: 11.0", "+5.33", "better than “as it is”"} <= set(english.split("\n"))
    assert {"办结", "“现状”：51.0%", "+10.3", "−19.7", "百分点    更好 →", "好于“现状”", "差别可忽略，或完全相同", "尚不能判断"} <= set(chinese.split("\n"))
    ticks = [t.get_text() for t in differ().figure().axes[0].get_xticklabels()]
    assert "−20" in ticks
    assert "0" in ticks


def test_what_was_not_reached_is_told():
    """Without a number there is no point but words; the others stand. Only a time is not reached; a number that is missing does not apply."""
    late = {"measure": "time_to_closure_median", "label": {"en": "late", "zh": "用时"}}
    for measure, en, zh in ((late, "not reached", "未达到"), (HIDDEN, "does not apply", "不适用")):
        comparison = made(study({"as_is": AS_IS, "more": MORE, "help": LATER}, (CLOSED, measure)), [[0.5, 0.6]] * 3, [[1, 2], [None, None], [2, 4]])
        panel = comparison.figure().axes[1]

        assert [y for _, y in points(panel)] == [-1]
        assert en in [t.get_text() for t in panel.texts]
        assert zh in said(comparison.figure("zh"))


def test_no_difference_at_all():
    """Where all is the same in every replication, the points stand at zero on an axis of some width."""
    panel = made(study({"a": AS_IS, "b": MORE}), [[0.5, 0.6]] * 2, [[1, 2]] * 2).figure().axes[0]

    assert points(panel) == [(0, 0)]
    assert panel.get_xlim()[0] < -0.005 < 0.005 < panel.get_xlim()[1]


def test_kinds_of_differences():
    """By verdict and direction."""
    (asked, other) = differ().asked
    assert [differences.kind(asked, {"verdict": v}) for v in ("more", "less", "the same", "practically equal", "cannot tell")] == ["better", "worse", "even", "even", "unsure"]
    assert [differences.kind(other, {"verdict": v}) for v in ("more", "less")] == ["worse", "better"]


# ── dose ────────────────────────────────────────────────────────────────────────────────────────────

BOUNDED = {**CLOSED, "at_least": 0.9}


def doses(values, shares, measure=BOUNDED, lang="en", **more):
    """A sweep over `values` whose shares in two replications are `shares` ± 0.001; those of None ± 0.5."""
    lever = {"leaders": {"label": {"en": "leaders", "zh": "单元长"}, "path": "teams.leader.people", "values": values}}
    rows = [[0.4, 1.0] if s is None else [s - 1e-4, s + 1e-4] for s in shares]
    return made(study(None, (measure,), sweep=lever, **more), rows)


def under(comparison, lang="en"):
    """What stands under the title of the first panel."""
    return [t.get_text() for t in comparison.figure(lang, "dose").axes[0].texts]


def test_a_dose_draws_means_and_bands_along_the_lever():
    """Points at the values of the lever, from left to right, with value, low and high of the table; a logarithmic axis when they span more than eight times."""
    comparison = doses([439, 110, 33], [0.95, 0.93, 0.85])
    axes = comparison.figure(kind="dose").axes[0]
    table = comparison.values

    assert axes.lines[0].get_xydata().tolist() == [[33, table["value"][2]], [110, table["value"][1]], [439, table["value"][0]]]
    bars = [segment.tolist() for segment in axes.collections[1].get_segments()]
    assert bars == [[[x, table["low"][k]], [x, table["high"][k]]] for x, k in ((33, 2), (110, 1), (439, 0))]
    assert axes.get_xscale() == "log"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["33", "110", "439"]
    assert axes.get_xlabel() == "leaders"
    assert doses([8, 4, 1], [0.9] * 3).figure(kind="dose").axes[0].get_xscale() == "linear"


@pytest.mark.parametrize(
    ("shares", "english", "chinese"),
    [
        ([0.95, 0.93, 0.92, 0.85], "at least 90.0%: crossed between 110 and 33", "至少90.0%：在110与33之间越过"),
        ([0.95, 0.93, None, 0.85], "at least 90.0%: crossed between 220 and 33", "至少90.0%：在220与33之间越过"),
        ([0.95, 0.93, 0.92, 0.91], "at least 90.0%: not crossed, always met", "至少90.0%：未越过，均达到"),
        ([0.85, 0.83, 0.82, None], "at least 90.0%: not crossed, never met (cannot be told: 33)", "至少90.0%：未越过，均达不到（尚不能判断：33）"),
        ([None] * 4, "at least 90.0%: cannot be told", "至少90.0%：尚不能判断"),
    ],
)
def test_where_the_bound_is_crossed(shares, english, chinese):
    """From the last value that surely meets it to the next that surely fails; the limit is a line, the crossing a shade."""
    comparison = doses([439, 220, 110, 33], shares)
    axes = comparison.figure(kind="dose").axes[0]

    assert " ".join(under(comparison)[1].split("\n")) == english
    assert under(comparison, "zh")[1].replace("\n", "") == chinese
    assert any(set(line.get_ydata()) == {0.9} for line in axes.lines)
    crossing = [float(word) for word in english.split() if word in ("439", "220", "110", "33")]
    shades = [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches]
    assert shades == ([pytest.approx(sorted(crossing))] if "crossed between" in english else [])


def test_a_bound_from_above():
    """At most so many, crossed on the way up."""
    comparison = doses([2, 4, 6], [0.05, 0.2, 0.3], {**CLOSED, "at_most": 0.1})

    assert under(comparison)[1].replace("\n", " ") == "at most 10.0%: crossed between 2 and 4"


def test_the_denominator_stands_under_the_title():
    """Unit and what the number is of."""
    comparison = doses([2, 4], [0.9, 0.8], HOURS)

    assert under(comparison)[0].replace("\n", " ") == "h; of: all people of the team, per year of the window"
    assert under(comparison, "zh")[0].replace("\n", "") == "小时；口径：该队伍全体，按年折算"


def test_the_base_stands_at_its_own_value():
    """A policy that differs from the sweep in nothing but the lever is part of the line, marked; one that differs in more is not."""
    lever = {"people": {"path": "levels.unit.count", "values": [4, 8]}}
    shares = [[0.5, 0.5], [0.6, 0.6], [0.7, 0.7]]
    alike = made(study({"as_is": AS_IS}, (CLOSED,), sweep=lever), shares).figure(kind="dose").axes[0]
    more = made(study({"more": MORE}, (CLOSED,), sweep=lever), shares).figure(kind="dose").axes[0]

    assert alike.lines[0].get_xydata().tolist() == [[2, 0.5], [4, 0.6], [8, 0.7]]
    assert points(alike) == [(2, 0.5)]
    assert more.lines[0].get_xydata().tolist() == [[4, 0.6], [8, 0.7]]
    assert points(more) == []


def test_a_line_for_each_setting_of_the_other_lever():
    """In a grid each combination of the other levers is a line of its own, with a legend; named settings stand side by side."""
    seat = {"values": {"one": {"label": {"en": "one seat", "zh": "一席"}, "set": {"teams.desk.people": 1}}, "two": {"label": {"en": "two seats", "zh": "两席"}, "set": {"teams.desk.people": 2}}}}
    grid = {"leaders": {"label": {"en": "leaders", "zh": "单元长"}, "path": "teams.leader.people", "values": [2, 4]}, "seat": seat}
    comparison = made(study(None, (CLOSED,), grid=grid), [[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.4, 0.4]])
    figure = comparison.figure("zh", "dose")
    seats = made(study(None, (CLOSED,), grid=grid, figure={"kind": "dose", "lever": "seat"}), [[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.4, 0.4]]).figure()

    assert [line.get_xydata().tolist() for line in figure.axes[0].lines if line.get_label() in ("一席", "两席")] == [[[2, 0.1], [4, 0.3]], [[2, 0.2], [4, 0.4]]]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["一席", "两席"]
    assert [t.get_text() for t in seats.legends[0].get_texts()] == ["leaders 2", "leaders 4"]
    assert [t.get_text() for t in seats.axes[0].get_xticklabels()] == ["one seat", "two seats"]
    assert seats.axes[0].lines[0].get_xydata().tolist() == [[0, 0.1], [1, 0.2]]


def test_a_dose_that_was_not_reached_and_one_without_a_lever():
    """A value without a number leaves words at its place; a study without a lever says so."""
    lever = {"leaders": {"path": "teams.leader.people", "values": [2, 3, 4]}}
    gap = made(study(None, (HIDDEN,), sweep=lever), [[1, 2], [None, None], [3, 4]]).figure(kind="dose").axes[0]

    assert [t.get_position()[0] for t in gap.texts if t.get_text() == "not reached"] == [3]
    assert "No lever is moved in this study." in said(differ().figure(kind="dose"))


@pytest.mark.parametrize("values", [[[None] * 2] * 3, [[0, 0]] * 3])
def test_figures_of_nothing(values):
    """Where no number exists, or all are zero, every figure is drawn in both languages."""
    of = study({"as_is": AS_IS}, sweep={"leaders": {"path": "teams.leader.people", "values": [2, 3]}})
    for kind in KINDS:
        for lang in ("en", "zh"):
            assert TITLE[lang] in said(made(of, values, values).figure(lang, kind))


def test_levers_that_are_no_numbers():
    """Distributions and lists stand side by side, as text."""
    lever = {"work": {"path": "stages.handle.work", "values": ["2 h", {"exponential": "3 h"}]}}
    axes = made(study(None, (CLOSED,), sweep=lever), [[0.5, 0.6], [0.6, 0.7]]).figure(kind="dose").axes[0]

    assert axes.lines[0].get_xdata().tolist() == [0, 1]


def test_series_know_their_policies():
    """Numbers of policies and values of the lever, in the order of the study."""
    comparison = doses([439, 110, 33], [0.95, 0.93, 0.85])

    (series,) = dose.along(comparison, "leaders")
    assert (series.policies, series.values) == ((0, 1, 2), (439, 110, 33))


# ── frontier ────────────────────────────────────────────────────────────────────────────────────────

FOUR = {"a": AS_IS, "b": MORE, "c": LATER, "d": MOST}


def front(shares, counts, measures=(CLOSED, HIDDEN), **more):
    """Policies with these two numbers, with hardly any spread."""
    rows = [[[None] * 2 if v is None else [v - 1e-6, v + 1e-6] for v in row] for row in (shares, counts)]
    return made(study(dict(list(FOUR.items())[: len(shares)]), measures, figure={"kind": "frontier", **more}), *rows)


def test_a_frontier_draws_means_and_intervals():
    """One mark a policy at the values of its two measures, the base as a square; bars are their intervals; `x` and `y` choose the measures."""
    comparison = front([0.5, 0.6, 0.7], [3, 2, 4], x=1, y=0)
    axes = comparison.figure().axes[0]
    share, hidden = (comparison.values.query(f"asked == {n}").reset_index() for n in (0, 1))

    assert points(axes) == list(zip(hidden["value"], share["value"], strict=True))
    assert [line.get_marker() for line in axes.lines if len(line.get_xdata()) == 1] == ["s", "o", "o"]
    bars = [line.get_xydata().tolist() for line in axes.lines if len(line.get_xdata()) == 2][:2]
    assert bars == [[[hidden["low"][0], share["value"][0]], [hidden["high"][0], share["value"][0]]], [[hidden["value"][0], share["low"][0]], [hidden["value"][0], share["high"][0]]]]
    assert axes.get_xlabel() == "hidden\nof: incidents born by the census"


def test_dominated_policies_are_grey_and_the_others_joined():
    """More closed and less hidden is better: (0.6, 2) beats (0.5, 3) and (0.55, 2.5); (0.7, 4) is beaten by nobody. The line goes in steps."""
    comparison = front([0.5, 0.6, 0.7, 0.55], [3, 2, 4, 2.5])
    axes = comparison.figure().axes[0]

    assert frontier.dominated(comparison, *comparison.asked).tolist() == [True, False, False, True]
    marks = [(to_hex(line.get_color()), line.get_markerfacecolor()) for line in axes.lines if len(line.get_xdata()) == 1]
    assert marks == [(GREY, "white"), (BLUE, BLUE), (BLUE, BLUE), (GREY, "white")]
    (steps,) = [line for line in axes.lines if line.get_label() == "frontier"]
    assert steps.get_xydata() == pytest.approx(np.array([[0.7, 4], [0.6, 4], [0.6, 2]]))


def test_who_is_worse_by_chance_only_is_not_grey():
    """What the replications cannot tell dominates nobody, though it is off the line."""
    comparison = made(study(dict(list(FOUR.items())[:2])), [[0.5, 0.7, 0.6], [0.7, 0.6, 0.55]], [[3, 4, 4], [2, 5, 3]])

    assert frontier.on_frontier(comparison.values["value"].to_numpy().reshape(2, 2).T, *comparison.asked).tolist() == [False, True]
    assert frontier.dominated(comparison, *comparison.asked).tolist() == [False, False]


@pytest.mark.parametrize(
    ("x", "y", "arrow"), [("up", "down", "↘ better"), ("down", "down", "↙ better"), ("up", "up", "↗ better"), ("neither", "down", "↓ better"), ("down", "neither", "← better"), ("neither", "neither", None)]
)
def test_the_better_corner(x, y, arrow):
    """Word and arrow say which way is better; only where both have a better side is there a frontier."""
    axes = front([0.5, 0.6, 0.7], [2, 3, 4], ({**CLOSED, "better": x}, {**HIDDEN, "better": y})).figure().axes[0]

    assert [t.get_text() for t in axes.texts if "better" in t.get_text()] == ([arrow] if arrow else [])
    assert any(line.get_label() == "frontier" for line in axes.lines) <= ("neither" not in (x, y))


@BOTH
def test_labels_do_not_cover_each_other(lang):
    """Of twelve policies with long names no label covers another, or a mark, and all lie inside the axes."""
    figure = crowd().figure(lang, "frontier")
    axes = figure.axes[0]
    boxes = [Text.get_window_extent(t) for t in axes.texts]
    marks = axes.transData.transform(points(axes))

    assert len(boxes) == 13
    assert [1 for a, b in combinations(boxes, 2) if a.overlaps(b)] == []
    assert [1 for box in boxes for mark in marks if box.contains(*mark)] == []
    assert all(axes.get_window_extent().padded(1).contains(*corner) for box in boxes for corner in (box.p0, box.p1))


def test_policies_without_a_number_are_told():
    """They have no point; with no point at all, or one measure, the figure says so."""
    comparison = front([0.5, 0.6, 0.7], [2, None, 4])

    assert len(points(comparison.figure().axes[0])) == 2
    assert "not reached: more leaders" in said(comparison.figure())
    assert "未达到：增加单元长" in said(comparison.figure("zh"))
    assert "No policy has both numbers." in said(front([0.5, 0.6], [None, None]).figure())
    assert "A frontier needs two measures" in said(made(study({"a": AS_IS, "b": MORE}, (CLOSED,)), [[0.5, 0.6]] * 2).figure(kind="frontier"))


# ── stock ───────────────────────────────────────────────────────────────────────────────────────────

BEFORE = [10, 10, 10, 10, 10, 10, 10, 10]  # 2 to 9 May; helpers come on the 9th
OPEN = {"as_is": [*BEFORE, 20, 30, 25, 12, 11, 11, 10], "help": [*BEFORE, 20, 15, 11, 12, 10, 9, 9]}


@pytest.mark.parametrize(
    ("median", "first", "found"),
    [
        (OPEN["help"], 7, (10, 8, 10)),  # 11 is 1.1 times 10
        ([*BEFORE, 20, 30, 25, 12, 12], 7, (10, 9, None)),  # not back
        ([0, 0, 0, 4, 2, 0], 2, (0, 3, 5)),  # nothing is usual: back at nothing
        ([*BEFORE, 10.5, 9], 7, (10, 8, 8)),  # never above what is usual
        ([50, 10, 10, 30, 11, 10], 2, (10, 3, 4)),  # what was before the window is no peak
        ([10, 12, 11, 30, 20, 12, 9], None, (11, 3, 5)),  # no window: before the peak
        ([30, 20, 10], None, (np.nan, 0, None)),  # nothing before the peak
        ([5, 9, 30, 9], 0, (7, 2, None)),  # a window from the first day on: before the peak
    ],
)
def test_the_day_of_recovery(median, first, found):
    """The first midnight after the peak with at most 1.1 times the median before the first window, or before the peak."""
    assert stock.recovery(np.array(median, float), first) == pytest.approx(found, nan_ok=True)


def test_a_warm_up_is_not_usual():
    """The midnights of the warm-up are left out of what is usual."""
    assert stock.recovery(np.array([0, 0, 0, 10, 10, 30, 11.0]), 4, start=3) == (10, 5, 6)


@cache
def surge():
    stocks = [[[v - 1 for v in OPEN[name]], OPEN[name], [v + 1 for v in OPEN[name]]] for name in OPEN]
    return made(study({"as_is": AS_IS, "help": LATER}), [[0.5, 0.6, 0.7]] * 2, [[1, 2, 3]] * 2, stocks=stocks)


def test_open_incidents_by_day():
    """Medians at real dates, bands of single replications, the window shaded with its name, and the day of recovery marked and told."""
    figure = surge().figure(kind="stock")
    axes = figure.axes[0]
    dates = date2num(date(2022, 5, 2)) + np.arange(15)

    lines = [line.get_xydata() for line in axes.lines if len(line.get_xdata()) > 1]
    assert [line[:, 1].tolist() for line in lines] == list(OPEN.values())
    assert (lines[0][:, 0] == dates).all()
    assert [(num2date(x).date(), y) for x, y in points(axes)] == [(date(2022, 5, 14), 11), (date(2022, 5, 12), 11)]
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches] == [(date2num(date(2022, 5, 9)), date2num(date(2022, 5, 12)))]
    assert axes.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(30.95)  # 97.5 % of 29, 30, 31
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["as it is\npeak 30, back on 14 May", "help\npeak 20, back on 12 May"]
    assert "helpers come" in [t.get_text() for t in axes.texts]


def test_open_incidents_in_chinese():
    """Dates, names and recovery."""
    figure = surge().figure("zh", "stock")

    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["现状\n峰值30，5月14日恢复", "增援\n峰值20，5月12日恢复"]
    assert "增援" in [t.get_text() for t in figure.axes[0].texts]
    assert figure.axes[0].get_xticklabels()[0].get_text().endswith("\n2022年")


def test_who_does_not_come_back_is_told():
    """No mark, and the legend says so."""
    rows = [[[*BEFORE, 20, 30, 25, 12, 12, 12, 12]] * 2, [BEFORE[:1] * 15] * 2]
    axes = made(study({"as_is": AS_IS, "help": LATER}), [[0.5, 0.6]] * 2, [[1, 2]] * 2, stocks=rows).figure(kind="stock").axes[0]

    assert points(axes) == []
    assert [t.get_text().split("\n")[1] for t in axes.get_legend().get_texts()] == ["peak 30, not back by the census", "peak 10, never above what was usual"]


@BOTH
def test_open_incidents_of_many_policies(lang):
    """More than six stand apart: a panel for each, with the base's median in every one, on the same axes; each column has its dates."""
    figure = crowd().figure(lang, "stock")

    assert len(figure.axes) == 11
    for k, axes in enumerate(figure.axes, 1):
        base, own = (line.get_ydata().tolist() for line in axes.lines if len(line.get_xdata()) > 1)
        assert (base, own) == tuple(np.median(crowd().stock(n), axis=0).tolist() for n in (0, k))
        assert axes.get_ylim() == figure.axes[0].get_ylim()
    assert [bool(axes.get_xticklabels()) and axes.xaxis.get_tick_params()["labelbottom"] for axes in figure.axes] == [False] * 7 + [True] * 4
    assert crowd().study.base.say(lang) in figure.legends[0].get_texts()[0].get_text()


def test_windows_that_touch_are_one():
    """Epochs with a change in force, in seconds; a scenario without a window has none."""
    day = 86_400
    both = study({"a": AS_IS, "b": {"change": ["slow", "help"]}, "c": {"change": ["slow"]}})

    assert [stock.windows(policy.scenario) for policy in both.policies] == [[], [(2 * day, 10 * day)], [(2 * day, 7 * day)]]


def test_what_drains_against_what_would_be_open_anyway():
    """At most a tenth above what is open anyway, and what stays; a stock that grows anyway does drain, and what stays is told."""
    from simgov.plots.comparison.stock import drained

    anyway = np.arange(10.0, 40)
    surge = anyway + np.array([0, 0, 100, 80, 40, 15, *[5] * 24])
    assert drained(surge, anyway) == ((12.0, 2, 6), 5.0)  # 5 and a tenth of 15 is 6.5, which 15 is not
    assert drained(anyway, anyway)[0].day is None
    assert drained(anyway + np.arange(30), anyway)[0].day is None  # it still grows
