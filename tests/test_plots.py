"""The figures: what they say under them, that no character is missing, and the numbers that they draw."""

from __future__ import annotations

import re
import warnings
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import street
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from world import matter, written

import simgov
from simgov.clock import DAY
from simgov.plots import FIGURES, closure, waiting
from simgov.plots.style import font_families
from simgov.vocabulary import MEASURES

ROOT = Path(__file__).parents[1]
FONT = ROOT / "simgov/fonts/NotoSansCJKsc-subset.otf"
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
EACH = pytest.mark.parametrize("name", FIGURES)
OFFICE = {"look": {"by": "desk", "triage": True, "work": "1h"}}


def made(data, replications=1):
    return simgov.run(simgov.build(data), replications=replications)


@cache
def drawn(name, lang="en"):
    """A figure of the small street."""
    return street.result().figure(name, lang)


def texts(figure):
    """All that can be read on a figure."""
    return "\n".join(t.get_text() for t in figure.findobj(Text) if t.get_visible() and t.get_text())


def pixels(figure):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


# ── what is said ────────────────────────────────────────────────────────────────────────────────────


@EACH
def test_a_figure_says_window_replications_and_seed(name):
    """Under every figure stand the scenario, its window, the number of replications, the seed and the changes in force, in the language asked for."""
    english, chinese = (texts(drawn(name, lang)) for lang in ("en", "zh"))

    for words in ("A small street", "2022-05-02 to 2022-05-16", "3 replications", "seed 7", "open late"):
        assert words in english
    for words in ("小街", "2022-05-02 至 2022-05-16", "重复 3 次", "种子 7", "延时"):
        assert words in chinese
    assert not re.search("[\u4e00-\u9fff]", english)


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("closure", r"closed of \d+ collected", r"\d+ 件中已办结"),
        ("chain", r"Shares are of the incidents that reach the level; those in brackets of the incidents found", r"比例的分母：到达该层级的事件"),
        ("waiting", r"in the middle of each hour, averaged over the weeks", r"按窗口内各周平均"),
    ],
)
def test_a_figure_says_its_denominator(name, english, chinese):
    """What a share is of, or a mean over, stands in the figure."""
    assert re.search(english, texts(drawn(name)))
    assert re.search(chinese, texts(drawn(name, "zh")))


def test_labels_come_from_the_scenario():
    """Levels and classes are called by their labels in the language asked for."""
    assert {"dispute", "event", "all classes"} <= set(texts(drawn("closure")).splitlines())
    assert {"纠纷", "事件", "全部类别"} <= set(texts(drawn("closure", "zh")).splitlines())
    assert {"unit", "street"} <= set(texts(drawn("chain")).splitlines())
    assert {"单元", "镇街"} <= set(texts(drawn("chain", "zh")).splitlines())


def test_an_unknown_figure_names_the_known_ones():
    """A wrong name ends in a hint."""
    with pytest.raises(KeyError, match="unknown figure 'closures'; did you mean 'closure'"):
        street.result().figure("closures")


# ── how it is drawn ─────────────────────────────────────────────────────────────────────────────────


@BOTH
@EACH
def test_a_figure_draws_without_a_warning(name, lang):
    """Rendered in both languages there is no warning (of a missing glyph, of a legend), and nothing changes for other figures."""
    before = dict(mpl.rcParams)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        image = pixels(street.result().figure(name, lang))

    assert [str(w.message) for w in told] == []
    assert len(np.unique(image.reshape(-1, 4), axis=0)) > 50
    assert dict(mpl.rcParams) == before


def glyph(text, families):
    figure = Figure(figsize=(2, 1))
    figure.text(0.1, 0.3, text, fontsize=20, family=families)
    return pixels(figure)


def test_chinese_is_not_drawn_as_boxes():
    """Each Chinese character of a title has a shape of its own; the control, a font without Chinese, warns and draws all of them as one box."""
    title = "办结率采集后多久"
    ours = [glyph(c, font_families()) for c in title]
    assert all((a != b).any() for i, a in enumerate(ours) for b in ours[:i])

    with pytest.warns(UserWarning, match="Glyph .* missing from font"):
        boxes = [glyph(c, ["DejaVu Sans"]) for c in title]
    assert all((boxes[0] == box).all() for box in boxes)
    assert all((box != image).any() for box, image in zip(boxes, ours, strict=True))


def test_the_font_knows_every_character_that_is_shown():
    """All characters of measures, figures and shipped scenarios are in the font that comes with simgov, or in the Latin one."""
    from matplotlib import font_manager

    fonts = [FT2Font(str(FONT)), FT2Font(font_manager.findfont("DejaVu Sans"))]
    sources = [*(ROOT / "simgov/plots").glob("*.py"), *(ROOT / "scenarios").glob("*.yaml")]
    shown = "".join(path.read_text(encoding="utf-8") for path in sources) + "".join(m.zh + m.en + m.of_zh + m.of_en for m in MEASURES.values())
    wanted = {c for c in shown if c.isprintable() and not c.isspace()}

    assert sorted(c for c in wanted if not any(font.get_char_index(ord(c)) for font in fonts)) == []
    assert not any(font.get_char_index(0x10FFFD) for font in fonts)  # the control: an unknown character has no glyph


def test_a_figure_is_the_same_each_time():
    """Drawn twice, a figure has the same pixels."""
    first, second = (pixels(street.result().figure("closure", "zh")) for _ in range(2))

    assert (first == second).all()


# ── results with little in them ─────────────────────────────────────────────────────────────────────


DEGENERATE = {
    "no incidents": (written(OFFICE, ()), 2),
    "nothing closed": (written({"look": {**OFFICE["look"], "outcomes": {"never": 1}}}, ("Mo 09:00",)), 2),
    "nobody to serve": (written(OFFICE, ("Mo 09:00",), teams={"desk": {"at": "unit", "people": 0}}), 1),
    "one replication": (written(OFFICE, ("Mo 09:00", "Tu 09:00")), 1),
    "one day": (written(OFFICE, ("Mo 09:00",), days=1), 2),
    "all left": (written({"look": {**OFFICE["look"], "outcomes": {"gone": 1}}}, ("Mo 09:00",), ends={"gone": {"in_denominator": False}}), 1),
    "only background": (written(OFFICE, classes={"chore": matter("Mo 09:00", background=True)}), 1),
    "a warm-up that cuts all": (written(OFFICE, ("Mo 09:00",), warm_up="7 days"), 2),
    "many classes": (written({"look": {**OFFICE["look"], "outcomes": {"closed": 1}}}, classes={f"c{i}": matter("Mo 09:00") for i in range(9)}), 1),
}


@pytest.mark.parametrize(("case", "lang"), [*((case, "en") for case in DEGENERATE), ("no incidents", "zh")])
def test_figures_of_results_with_little_in_them(case, lang):
    """Nothing found, nothing closed, one replication, one day: every figure is drawn, with its footer and without a warning."""
    data, replications = DEGENERATE[case]
    result = made(data, replications)

    for name in FIGURES:
        figure = result.figure(name, lang)
        assert f"{replications} replications" in texts(figure) or f"重复 {replications} 次" in texts(figure)


def test_one_replication_shows_its_headline():
    """With one replication there is no spread, and the rate with its denominator is still there, inside the axes."""
    figure = made(written(OFFICE, ("Mo 09:00", "Su2 09:00"))).figure("closure")

    (text,) = [t for t in figure.findobj(Text) if "closed of 2 collected" in t.get_text()]
    assert text.get_text() == "50.00%\nclosed of 2 collected"
    assert figure.axes[1].get_window_extent().contains(*text.get_window_extent().p0)


# ── the numbers ─────────────────────────────────────────────────────────────────────────────────────


def test_the_closure_curve_is_kaplan_meier():
    """1, 2+, 3, 4+, 5 days with + censored: 1/5, then 1 - 4/5 x 2/3, then all; at risk 5, 4, 2, 1 at days 1, 2, 3.5, 5."""
    stages = {"handle": {"wait": {"a": "1 day", "c": "3 days", "e": "5 days", "other": "9 days"}}}
    found = {"a": "Mo 00:00", "b": "Th 00:00", "c": "Mo 00:00", "d": "Tu 00:00", "e": "Mo 00:00"}
    result = made(written(stages, classes={name: matter(at) for name, at in found.items()}, days=5))
    times = closure.pooled(result)["all"]
    closed = dict(zip((times.curve()[0] / DAY).tolist(), times.curve()[1].tolist(), strict=True))

    assert (closed[1], closed[3], closed[4]) == pytest.approx((1 / 5, 1 - 4 / 5 * 2 / 3, 1 - 4 / 5 * 2 / 3))
    assert [times.at_risk(day * DAY) for day in (1, 2, 3.5, 5, 6)] == [5, 4, 2, 1, 0]


def test_the_closure_figure_draws_that_curve():
    """The line of all classes ends at the share that is closed, over all replications, with the numbers at risk under the ticks."""
    figure = made(written(OFFICE, ("Mo 09:00", "Mo 09:00", "Su2 09:00")), 2).figure("closure")

    line = figure.axes[0].lines[0]
    assert line.get_ydata().tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3])  # after 1 and 2 hours; the third is open after 15
    assert line.get_xdata().tolist()[1:] == pytest.approx([1 / 24, 2 / 24, 15 / 24])
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()][:2] == ["1 h\n6", "6 h\n2"]


def test_the_chain_counts_what_becomes_of_incidents_at_each_level():
    """By level: settled there, passed on, left by another end, open; every incident that reached it once."""
    stages = {
        "handle": {"by": "leader", "work": "1h", "outcomes": {"a": {"closed": 1}, "b": {"gone": 1}, "c": {"look": 1}, "d": {"never": 1}}},
        "look": {"by": "desk", "work": "1h", "outcomes": {"closed": 1}},
    }
    classes = {"a": matter("Mo 09:00", "Mo 09:00"), "b": matter("Mo 09:00"), "c": matter("Mo 09:00", "Su2 09:00"), "d": matter("Mo 09:00")}
    teams = {"leader": {"at": "unit", "people": 9}, "desk": {"at": "street", "hours": "office"}}
    result = made(written(stages, classes=classes, teams=teams, levels={"unit": 1, "street": 1}, ends={"gone": {}}))

    assert result.tables[0].flows.tolist() == [[2, 2, 1, 1], [1, 0, 0, 1]]
    assert "reach it: 6.0 a window (100.0%)" in texts(result.figure("chain"))
    assert "reach it: 2.0 a window (33.3%)" in texts(result.figure("chain"))


def test_waiting_is_counted_in_the_middle_of_each_hour():
    """Who comes on a Monday at 12:10 and is looked at from 14:30 waits at 12:30 and 13:30: half a matter a week over two weeks."""
    result = made(written(OFFICE, ("Mo 12:10",)))
    table = waiting.by_hour(result)

    assert table.shape == (7, 24)
    assert table[0, [12, 13]].tolist() == [0.5, 0.5]
    assert table.sum() == 1
