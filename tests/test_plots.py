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
from hypothesis import given, settings
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from strategies import scenarios
from world import Run, listed, matter, play, second, written

import simgov
from simgov.clock import DAY, HOUR
from simgov.measures.compute import time_parts
from simgov.measures.view import View
from simgov.plots import FIGURES, closure, elapsed, life, load, places, waiting
from simgov.plots.style import font_families
from simgov.vocabulary import PARTS

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


def prose(figure):
    """The same without the breaks of lines, which are blanks in English and nothing in Chinese."""
    return texts(figure).replace("\n", " ") + texts(figure).replace("\n", "")


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
    for words in ("小街", "2022-05-02 至 2022-05-16", "模拟 3 次", "种子 7", "延时"):
        assert words in chinese
    assert not re.search("[\u4e00-\u9fff]", english)


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("closure", r"closed, of \d+ collected", r"\d+ 件中已办结"),
        ("chain", r"Shares are of the incidents that reach the level; those in brackets of the incidents found", r"比例的分母：到达该层级的事件"),
        ("time", r"Mean over the \d+\.\d incidents found in a window", r"统计期内采集的事件，平均每次模拟 \d+\.\d 件"),
        ("load", r"per person of the team and week of the window", r"按该队伍人数和统计期周数折算"),
        ("places", r"Open at the census: \d+\.\d of \d+\.\d incidents found in a window", r"统计截止日未结：平均每次模拟 \d+\.\d 件，分母为统计期内采集的 \d+\.\d 件"),
        ("life", r"Of the \d+ incidents of the first replication that were found in the window and closed", r"统计期内采集并已办结的 \d+ 件中"),
        ("waiting", r"in the middle of each hour, averaged over the weeks", r"按统计期内各周平均"),
    ],
)
def test_a_figure_says_its_denominator(name, english, chinese):
    """What a share is of, or a mean over, stands in the figure."""
    assert re.search(english, prose(drawn(name)))
    assert re.search(chinese, prose(drawn(name, "zh")))


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
    sources = [*(ROOT / "simgov/plots").glob("*.py"), *(ROOT / "scenarios").glob("*.yaml"), ROOT / "simgov/language/zh/LC_MESSAGES/simgov.po"]
    shown = "".join(path.read_text(encoding="utf-8") for path in sources)
    wanted = {c for c in shown if c.isprintable() and not c.isspace()}

    assert sorted(c for c in wanted if not any(font.get_char_index(ord(c)) for font in fonts)) == []
    assert not any(font.get_char_index(0x10FFFD) for font in fonts)  # the control: an unknown character has no glyph


def test_a_figure_is_the_same_each_time():
    """Drawn twice, a figure has the same pixels."""
    first, second = (pixels(street.result().figure("closure", "zh")) for _ in range(2))

    assert (first == second).all()


@pytest.mark.parametrize("name", ["time", "life"])
def test_an_svg_has_its_text_as_paths_and_is_the_same_each_time(name):
    """Right on a machine without our fonts, whatever settings are in force where it is written."""
    first, second = (written_as_svg(street.result().figure(name, "zh")) for _ in range(2))

    assert first == second
    assert "<text" not in first
    assert "<path" in first


def written_as_svg(figure):
    from io import StringIO

    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


@cache
def dongxing():
    return simgov.run(ROOT / "scenarios/dongxing.yaml", replications=1)


@EACH
def test_a_figure_of_a_community_is_small(name):
    """As SVG less than 400 kB, so that a report with all of them stays light."""
    assert len(written_as_svg(dongxing().figure(name, "zh"))) < 400_000


@BOTH
@EACH
def test_nothing_is_cut_off(name, lang):
    """Nothing that is drawn reaches the rim, also where labels are long; the control: what stands beside the figure does."""
    figure = dongxing().figure(name, lang)
    assert (rim(figure) == 255).all()

    figure.text(0.98, 0.5, "cut off")
    assert not (rim(figure) == 255).all()


def rim(figure):
    image = pixels(figure)
    return np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])


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
        assert f"{replications} replications" in texts(figure) or f"模拟 {replications} 次" in texts(figure)


def test_one_replication_shows_its_headline():
    """With one replication there is no spread, and the rate with its denominator is still there, inside the axes."""
    figure = made(written(OFFICE, ("Mo 09:00", "Su2 09:00"))).figure("closure")

    (text,) = [t for t in figure.findobj(Text) if "closed, of 2 collected" in t.get_text()]
    assert text.get_text() == "50.00%\nclosed, of 2 collected"
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
    assert "reach it: 6.0 a window (100.0%)" in prose(result.figure("chain"))
    assert "reach it: 2.0 a window (33.3%)" in prose(result.figure("chain"))


def test_waiting_is_counted_in_the_middle_of_each_hour():
    """Who comes on a Monday at 12:10 and is looked at from 14:30 waits at 12:30 and 13:30: half a matter a week over two weeks."""
    result = made(written(OFFICE, ("Mo 12:10",)))
    table = waiting.by_hour(result)

    assert table.shape == (7, 24)
    assert table[0, [12, 13]].tolist() == [0.5, 0.5]
    assert table.sum() == 1


def test_the_waterfall_ends_where_all_the_time_ends():
    """Hours by stage and part, each bar beginning where the one above it ended; what takes almost nothing is put together."""
    stages = {
        "handle": {"by": "desk", "work": "1h", "outcomes": {"ask": 1}},
        "glance": {"wait": "1 s", "outcomes": {"ask": 1}},
        "ask": {"lead": "1 day", "outcomes": {"glance": 0.5, "closed": 0.5}},
    }
    result = made(written(stages, "Mo 11:30", days=60))
    hours, figure = elapsed.by_stage(result), result.figure("time")
    first, last = (hours[n].sum() for n in (0, 2))
    bars = {(round(b.get_y() + b.get_height() / 2), round(b.get_x(), 6)): b.get_width() for b in figure.axes[0].patches if b.get_width() > 0}

    assert dict(zip(PARTS, hours[0].tolist(), strict=True)) == {"gate": 0, "wait": 0, "queue": 0, "off_shift": 2.5, "work": 1, "lead": 0}
    assert hours[2].sum() == 24 * round(hours[2].sum() / 24) > 0
    assert bars[1, 0.0] == pytest.approx(2.5)
    assert bars[1, 2.5] == pytest.approx(1)
    assert bars[2, first] == pytest.approx(last)
    assert f"{last / hours.sum():.0%} lead after the work" in prose(figure)


def test_load_is_told_per_person_and_week():
    """Two people 32.5 hours a week and one of them in turns 17.5 hours on duty: 8.75 each; an hour of incident and two of chores in two weeks: 0.75 a week each."""
    stages = {"handle": {"by": "desk", "work": {"matter": "1h", "chore": "2h"}, "hours": "duty", "outcomes": {"closed": 1}}}
    teams = {"desk": {"at": "unit", "hours": "office", "people": 2, "duty": {"hours": "late", "people": 1}}, "public": {"at": "unit", "people": "unlimited"}, "none": {"at": "unit", "people": 0}}
    classes = {"matter": matter("Mo 08:30"), "chore": matter("Mo 08:30", background=True)}
    result = made(written(stages, classes=classes, teams=teams, calendars={"late": "Mo-Fr 17:30-21:00"}))

    (desk,) = load.by_team(result)
    assert desk.team == "desk"
    assert desk[1:] == pytest.approx((2, 32.5, 8.75, 0, 0.75))
    assert "engaged 1.82%\n2 people" in texts(result.figure("load"))
    assert "overtime" not in texts(result.figure("load")).splitlines()


def test_load_shows_overtime():
    """Twelve hours of work from Monday 08:30, finished at 23:00: 6.5 in the office and 5.5 of overtime in two weeks; presence is what is rostered and overtime."""
    stages = {"handle": {"by": "desk", "work": "12h", "hours": "finish", "outcomes": {"closed": 1}}}
    result = made(written(stages, ("Mo 08:30",)))

    (desk,) = load.by_team(result)
    assert desk[1:] == pytest.approx((1, 32.5, 0, 5.5 / 2, 12 / 2))
    assert desk.presence == pytest.approx(32.5 + 5.5 / 2)
    assert "overtime" in texts(result.figure("load")).splitlines()


def where(**nodes):
    """Matters that lie for ever, so many at each node, found on the first Monday."""
    return {"matter": {"arrivals": {"list": [item for node, n in nodes.items() for item in n * listed("Mo 09:00", node=node.replace("_", "-"))["list"]]}}}


def test_places_hold_what_is_open_at_home():
    """Two streets with their units: what is open is counted at the unit of its home, under the name of its street; without anything open a place is not shown."""
    data = written({"handle": {"lead": "90 days"}}, levels={"unit": 4, "street": 2}, classes=where(unit_1=3, unit_4=1), days=40)
    result = made(data)

    found = {box.name: (box.group, box.lights.tolist()) for box in places.boxes(result, "en")}
    assert found == {"unit 1": ("street 1", [0, 0, 3]), "unit 2": ("street 1", [0, 0, 0]), "unit 3": ("street 2", [0, 0, 0]), "unit 4": ("street 2", [0, 0, 1])}
    said = prose(result.figure("places"))
    assert "Open at the census: 4.0 of 4.0 incidents" in said
    assert "Places with nothing open are not shown: 2." in said
    assert {"unit 1", "street 1", "✖ 3.0"} <= set(texts(result.figure("places")).splitlines())


def test_a_city_shows_the_levels_that_fit():
    """Of 700 units in 70 grids of 7 streets of 2 towns the streets are shown, under their towns."""
    levels = {"unit": 700, "grid": 70, "street": 7, "town": 2}
    result = made(written({"handle": {"lead": "90 days"}}, levels=levels, residents=7000, classes=where(unit_1=3, unit_700=2)))

    found = [(box.name, box.group, box.open) for box in places.boxes(result, "en") if box.open]
    assert found == [("street 1", "town 1", 3), ("street 7", "town 2", 2)]


def test_more_places_than_fit_are_put_together():
    """Of 100 towns with something open the 60 with most have a box, and one box is for the rest."""
    full = [places.Box(f"{n}", f"{n}", "", np.array([n, 0, 1])) for n in range(100)]
    shown = places.fewer(full, "en")

    assert len(shown) == 61
    assert (shown[0].name, shown[-1].name) == ("99", "40 others")
    assert np.sum([box.lights for box in shown], axis=0).tolist() == np.sum([box.lights for box in full], axis=0).tolist()


def test_boxes_fill_their_area():
    """Areas in proportion to the sizes, inside the area that is given, without an overlap."""
    found = places.layout([6, 3, 2, 1], (10, 20, 40, 30))

    assert [w * h for _, _, w, h in found] == pytest.approx([600, 300, 200, 100])
    assert all(x >= 10 - 1e-9 and y >= 20 - 1e-9 and x + w <= 50 + 1e-9 and y + h <= 50 + 1e-9 for x, y, w, h in found)
    assert all(min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]) < 1e-9 or min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]) < 1e-9 for a in found for b in found if a is not b)


def test_the_life_that_is_shown_is_the_busiest_that_closed():
    """Most visits of those found in the window and closed; of several the first; what is open, or was found before the window, is not taken."""
    stages = {
        "handle": {"by": "desk", "work": "1h", "outcomes": {"short": {"closed": 1}, "other": {"look": 1}}},
        "look": {"by": "desk", "work": "1h", "outcomes": {"open": {"wait": 1}, "other": {"closed": 1}}},
        "wait": {"wait": "90 days"},
    }
    classes = {"early": matter("Mo 08:30"), "short": matter("Tu 08:30"), "long": matter("We 08:30", "Th 08:30"), "open": matter("Tu 09:30")}
    run = play(stages, classes=classes, warm_up="1 day")
    view = View(run.plan, run.journal)

    assert view.visits.visit[np.isin(view.row, [life.busiest(view)])].tolist() == [0, 1]
    assert view.incidents.found[life.busiest(view)] == second("We 08:30")


def test_the_bars_of_a_life_by_hand():
    """At the gate 30 min, wait 15, in the queue 45 min before the midday break and 15 after it, work 1 hour, lead 1 hour."""
    stages = {"handle": {"gate": "meeting", "wait": "15 min", "by": "desk", "work": "1h", "lead": "1h", "priority": {"first": 0, "second": 1}, "outcomes": {"closed": 1}}}
    classes = {"first": matter("Mo 11:00", background=True), "second": matter("Mo 10:30")}
    run = play(stages, classes=classes, calendars={"meeting": "Mo 11:00-12:00"})

    told = [(part, second_to_clock(a), second_to_clock(b)) for part, a, b in life.pieces(View(run.plan, run.journal), 0)]
    assert told == [
        ("gate", "10:30", "11:00"),
        ("wait", "11:00", "11:15"),
        ("queue", "11:15", "12:00"),
        ("queue", "14:30", "14:45"),
        ("off_shift", "12:00", "14:30"),
        ("work", "14:45", "15:45"),
        ("lead", "15:45", "16:45"),
    ]


def second_to_clock(at):
    return f"{at % DAY // HOUR:02d}:{at % HOUR // 60:02d}"


@given(data=scenarios(None))
@settings(max_examples=25, deadline=None)
def test_the_bars_of_a_life_last_as_long_as_the_parts_of_elapsed_time(data):
    """On any scenario, for every visit, to the second: gates, splits, joint visits, calls at night, work that goes on after hours."""
    run = Run(data)
    view = View(run.plan, run.journal)
    rows = np.flatnonzero(view.whole)
    measured = time_parts(view, rows)

    for k, row in enumerate(rows.tolist()):
        drawn_ = dict.fromkeys(PARTS, 0)
        for part, start, end in life.pieces(view, row):
            drawn_[part] += end - start
        assert drawn_ == {part: int(seconds[k]) for part, seconds in measured.items()}


def test_a_split_shows_its_parts():
    """A lane for the stage and one for each part, with the team that has it."""
    stages = {"handle": {"by": {"each": [{"team": "desk", "work": "1h"}, {"team": "clerk", "work": "2h"}]}, "outcomes": {"closed": 1}}}
    teams = {"desk": {"at": "unit", "hours": "office", "label": {"en": "the desk", "zh": "窗口"}}, "clerk": {"at": "unit", "hours": "office"}}
    result = made(written(stages, teams=teams))

    view = View(result.plan, result.journals[0])
    assert [lane.label for lane in life.lanes(result, view, 0, "en")] == ["handle", "… part of the desk", "… part of clerk"]
    assert "… part of the desk" in texts(result.figure("life"))


def test_without_a_journal_the_life_says_so():
    """A plain sentence that says what to do; the other figures are drawn as with it."""
    result = simgov.run(street.street(), replications=2, seed=7, journal=False)

    assert "The journal of this run was not kept, so there is no single incident to show" in prose(result.figure("life"))
    assert "没有保存逐件记录" in prose(result.figure("life", "zh"))
    kept = simgov.run(street.street(), replications=2, seed=7)
    for name in ("time", "load", "places"):
        assert texts(result.figure(name)) == texts(kept.figure(name))


def test_figures_are_loaded_without_pyplot():
    """`import simgov.plots` stays light and leaves the state of matplotlib alone."""
    import subprocess
    import sys

    code = "import sys, simgov.plots; print([m for m in ('matplotlib.pyplot', 'numba', 'simpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
