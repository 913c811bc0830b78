"""The page in process, as streamlit runs it: what nobody moved stays where it is, what is named anyhow is shown as it is, what goes wrong leaves the page standing."""

from __future__ import annotations

import ast
import json
import os
import stat
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
import street
from fuzzing import AT_NIGHT, seeds
from ruamel.yaml import YAML
from streamlit.testing.v1 import AppTest
from test_new import CHART

import simgov
from simgov import interview
from simgov.errors import UsageError
from simgov.interview.questions import RULES
from simgov.language import say
from simgov.scenario import load
from simgov.study.policies import meaning
from simgov.web import guard, server
from simgov.web.distinct import distinct
from simgov.web.jobs import UPLOADS, Jobs, Request
from simgov.web.levers import levers
from simgov.web.overview import overview
from simgov.web.places import Place, places, uploaded
from simgov.web.plain import WORD_JOINER
from simgov.web.written import written

WEB = Path(server.__file__).parent
ODD = ("[/]", "[bold]x[/bold]", "[red]", ":smile:", ":material/home:", "$x^2$", "**b** _i_ `c`", "<b>h</b>", ":red[a]", "[l](https://evil.example)", "a | b", "# t", "- i", "\\", "&lt;")


@dataclass
class Asked:
    """Stands in for the jobs of a server: it keeps what is asked for, and runs nothing."""

    folder: Path
    requests: list[Request] = field(default_factory=list)

    def submit(self, request):
        self.requests.append(request)
        return f"{len(self.requests):016x}"

    def request(self, number):
        return self.requests[int(number, 16) - 1] if number else None

    def progress(self, number):
        return None

    def of(self, session):
        return [(f"{k + 1:016x}", request) for k, request in enumerate(self.requests)]

    def is_busy(self, number):
        return False


def page_of(given, folder, lang="en"):
    """A page that shows these places, drawn, and what is asked for on it."""
    jobs = Asked(folder)
    server.serving(server.Served(tuple(given), jobs, lang))
    return AppTest.from_file(str(server.SCRIPT), default_timeout=240).run(), jobs


def said(page):
    """All that is told on the page, as a reader sees it."""
    texts = [element.value for kind in ("markdown", "caption", "title", "subheader", "info", "error", "warning") for element in page.get(kind)]
    return seen("\n".join(map(str, texts)))


def seen(markdown):
    return "".join(_unescaped(markdown)).replace(WORD_JOINER, "")


def _unescaped(text):
    signs = iter(text)
    for sign in signs:
        yield next(signs, "") if sign == "\\" else sign


# ── what nobody moved ───────────────────────────────────────────────────────────────────────────────

HOURS = ("office", "every day 18:00-20:00", "Mo-Fr 08:30-17:30", "office")
LEVELS = ("unit 20, grid 4, community 2, street 1", "grid 6, village 2, town 1, county 1", "unit 9, grid 3", "community 2", "stair 9, block 4, quarter 2, borough 1")


def begun(folder, lang, **answers):
    """The scenario that `simgov new` writes for some answers."""
    YAML().dump({"period": "2025-03-03 to 2025-03-17", **answers}, folder / "answers.yaml")
    path = folder / "place.yaml"
    interview.save(interview.answers_of(folder / "answers.yaml", lang, date(2026, 11, 22)), path, overwrite=True)
    return path


def any_answers(random, folder):
    """What somebody may answer: of levels, hours, kinds of matters, departments and rule any; now and then a table of the tree."""
    answers = {"levels": random.choice(LEVELS), "residents": 3000}
    if random.random() < 0.25:
        (folder / "chart.csv").write_text(CHART, encoding="utf-8")
        answers = {"levels": str(folder / "chart.csv"), "unit_leader": random.choice(HOURS), "grid_worker": random.choice(HOURS)}
    else:
        answers["departments"] = random.choice(("departments 12", "police 4, housing 3"))
        for team in ("unit_leader", "grid_worker"):
            answers |= {team: f"{random.randint(1, 3)}, {random.choice(HOURS)}"} if random.random() < 0.7 else {}
    answers["community_staff"] = f"{random.randint(1, 6)}, {random.choice(HOURS)}"
    answers["matters"] = random.choice(("incident 1,800, dispute 40", "incident 700, dispute 60, noise 300"))
    return answers | {"rule": random.choice(list(RULES)), "reported": random.choice(("none", "98.5 %"))}


def untouched(path, folder, lang):
    """The page says that nothing was moved, a run of it is that of the file, and the exported file means the same; also after it was drawn again."""
    place = Place(path)
    page, jobs = page_of([place], folder, lang)
    for _ in range(2):
        assert not page.exception
        assert [error.value for error in page.error] == []
        assert say("All levers stand as in the file. Move them at the side, then run again and compare.", lang) in said(page)
        page = page.run()
    page = page.button(key="run").click().run()
    (request,) = jobs.requests
    assert (request.settings, request.changes, request.values, request.told) == ({}, [], {}, {"en": [], "zh": []})
    assert load(request.file, request.settings, request.changes).digest == place.load().digest
    again = path.with_name("again.yaml")
    again.write_text(written(place, request.settings, request.changes, lang), encoding="utf-8")
    assert meaning(load(again)) == meaning(place.load())
    assert load(again).in_force == place.load().in_force


@pytest.mark.parametrize(("rule", "lang"), [*zip(RULES, cycle(["zh", "en"]))])
def test_nothing_is_moved_that_nobody_moved(tmp_path, rule, lang):
    """A new place whose grid workers, community staff and departments keep the same hours, under each rule, uploaded: its calendars read the same, and stay apart."""
    path = begun(tmp_path, lang, residents=3000, levels=LEVELS[0], rule=rule)
    place = uploaded(tmp_path / "uploads", path.name, path.read_bytes())

    untouched(place.path, tmp_path, lang)


def test_any_new_place_stays_as_it_is(tmp_path):
    """The same for whatever may be answered."""
    _any_new_place(tmp_path, 2)


@pytest.mark.nightly
def test_many_new_places_stay_as_they_are(tmp_path):
    """The same for many."""
    _any_new_place(tmp_path, 3 * AT_NIGHT // 10)


def _any_new_place(folder, count):
    for number, random in enumerate(seeds("new places on the page", count)):
        mine = folder / str(number)
        mine.mkdir()
        untouched(begun(mine, random.choice(("en", "zh")), **any_answers(random, mine)), mine, random.choice(("en", "zh")))


ALL_ALIKE = """\
schema: 1
title: same
period: [2022-05-02, 2022-05-09]
public_holidays: {country: ""}
residents: 1000
levels: {unit: {count: 2, label: same}, street: {label: same}}
calendars: {a: "Mo-Fr 08:00-12:00", b: "Mo-Fr 08:00-12:00", c: "Mo-Fr 08:00-12:00", meet: "Mo 09:00-10:00", gather: "Mo 09:00-10:00"}
teams:
  one: {at: unit, hours: a, label: same}
  two: {at: street, hours: b, label: same}
classes:
  x: {arrivals: {rate: 4}, enters: p, label: same}
  y: {arrivals: {rate: 1}, enters: p, label: same}
stages:
  p: {by: one, gate: {opens: meet, takes: 5}, work: 1h, outcomes: {closed: 0.6}, label: same}
  q: {by: two, gate: {opens: gather, takes: 5}, work: 1h, outcomes: {closed: 1}, label: same}
changes:
  first: {group: g, label: same, set: {residents: 900}}
  second: {group: g, label: same, set: {residents: 800}}
  third: {group: g, label: same, set: {residents: 700}}
  alone: {label: same, set: {residents: 600}}
  other: {label: same, set: {residents: 500}}
apply: [first]
"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_may_have_one_label(tmp_path, lang):
    """Levels, teams, classes, stages, changes and two places of one title: nothing is moved, each choice can be told from the others, and is what it says."""
    (tmp_path / "place.yaml").write_text(ALL_ALIKE, encoding="utf-8")
    untouched(tmp_path / "place.yaml", tmp_path, lang)
    for name in ("also", "again"):
        (tmp_path / f"{name}.yaml").write_text(ALL_ALIKE, encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "also.yaml").write_text(ALL_ALIKE, encoding="utf-8")
    page, jobs = page_of([Place(tmp_path / f"{name}.yaml", (("en", "same"), ("zh", "same"))) for name in ("place", "also", "again", "deeper/also")], tmp_path, lang)

    assert page.selectbox(key=f"{lang}|place").options == ["same (place)", "same (also)", "same (again)", "same (also, 1)"]
    for widget in (*page.selectbox, *page.radio):
        assert len(set(widget.options)) == len(widget.options)
    labels = [widget.label for widget in (*page.selectbox, *page.radio, *page.slider)]
    assert len(set(labels)) == len(labels)
    radio = next(radio for radio in page.radio if len(radio.options) == 3)
    page = radio.set_value("second").run().button(key="run").click().run()
    assert not page.exception
    assert jobs.requests[-1].changes == ["second"]


def test_labels_are_kept_apart():
    """By their names, and by a number where a name does not help; what reads differently stays as it is."""
    assert distinct({"a": "x", "b": "y"}) == {"a": "x", "b": "y"}
    assert distinct({"a": "x", "b": "X ", "c": "x (a)"}) == {"a": "x (a, 1)", "b": "X  (b)", "c": "x (a)"}
    assert distinct({"": "x", "b": "x"}) == {"": "x (1)", "b": "x (b)"}
    assert list(distinct(dict.fromkeys("abc", "x"), lambda _: "n").values()) == ["x (n)", "x (n, 1)", "x (n, 2)"]


def test_no_widget_offers_things_by_their_labels():
    """The kind: whatever is chosen on the page goes through `one_of`, which keeps equal labels apart."""
    offering = {"selectbox", "radio", "segmented_control", "multiselect", "pills", "select_slider", "tabs"}
    calls = [node for path in WEB.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]

    assert [ast.unparse(call) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in offering] == []


# ── names of any kind ───────────────────────────────────────────────────────────────────────────────


def odd(folder, name):
    """A scenario in which whatever has a name has one that might mean something: each another one, that begins alike."""
    unit, street_, office, leader, desk, event, handle, look, help_, slow, gone, group, meet = (
        f"{name} {word}" for word in ("unit", "street", "office", "leader", "desk", "event", "handle", "look", "help", "slow", "gone", "group", "meet"))  # fmt: skip
    data = {
        "schema": 1, "title": name, "description": name, "period": ["2022-05-02", "2022-05-16"], "public_holidays": {"country": ""}, "residents": 1000,
        "levels": {unit: 2, street_: 1},
        "calendars": {office: "Mo-Fr 08:30-12:00", meet: "Mo 09:00-10:00"},
        "teams": {leader: {"at": unit}, desk: {"at": street_, "hours": office}},
        "classes": {event: {"arrivals": {"rate": {"value": 4, "assumption": [2, 6], "note": name}}, "enters": handle}},
        "ends": {gone: {"in_denominator": False}},
        "stages": {
            handle: {"by": leader, "work": "1 h", "outcomes": {"closed": 0.6, gone: 0.05}},
            look: {"by": desk, "gate": {"opens": meet, "takes": 50}, "triage": True, "work": "10 min", "due": {"opening": meet}, "outcomes": {"closed": 1}},
        },
        "changes": {
            help_: {"group": group, "set": {"residents": 900}}, slow: {"group": group, "set": {"residents": 800}},
            f"{name} alone": {"set": {"residents": 700}},
        },
    }  # fmt: skip
    path = folder / "odd.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")  # which is YAML, too
    return path


@pytest.mark.parametrize("name", ODD)
def test_names_are_shown_as_they_are(tmp_path, name):
    """Markup of a terminal, of Markdown, of a formula, an icon, HTML: each name stands on the page literally, wherever it is shown."""
    path = odd(tmp_path, name)
    scenario = simgov.load(path)
    words = [cell for section in overview(scenario) for row in section.rows for cell in row]
    heads = [section.title for section in overview(scenario)]
    told = " ".join([*words, *heads])
    for thing in ("unit", "leader", "event", "handle", "meet", "help"):
        assert " ".join(f"{name} {thing}".split()) in " ".join(told.split()), thing
    page, jobs = page_of([Place(path, (("en", name), ("zh", name)))], tmp_path)
    assert not page.exception
    assert [error.value for error in page.error] == []
    assert name in said(page)
    page = page.button(key="run").click().run()
    assert [error.value for error in page.error] == []
    assert not page.exception
    assert jobs.requests[-1].changes == []
    for lang in ("en", "zh"):
        for lever in levers(scenario):
            assert lever.label[lang]


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────


def test_every_callback_is_guarded():
    """The kind: streamlit calls nothing of ours that is not heard, and draws no part by itself that does not stand."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in WEB.rglob("*.py")}
    functions = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    decorated = {f"{node.name} {ast.unparse(each).split('(')[0]}" for node in functions for each in node.decorator_list}
    calls = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    callbacks = [word.value.id for call in calls for word in call.keywords if word.arg in ("on_click", "on_change") and isinstance(word.value, ast.Name)]
    drawn = [call.args[0].id for call in calls if ast.unparse(call.func) == "st.fragment"]

    assert {"_submit", "_upload", "_put_back", "_open", "_cancel"} <= set(callbacks)
    assert [name for name in callbacks if f"{name} heard" not in decorated] == []
    assert [name for name in (*drawn, "show") if f"{name} stands" not in decorated] == []


@pytest.mark.parametrize(("error", "told"), [(UsageError("no such thing"), "no such thing"), (IndexError("a slip"), guard.UNEXPECTED), (MemoryError(), guard.UNEXPECTED), (RecursionError("deep"), guard.UNEXPECTED)])
def test_a_callback_that_fails_leaves_the_page_standing(tmp_path, monkeypatch, capsys, error, told):
    """Whatever a click meets is told in a sentence, and everything else is still there; the next click begins anew."""
    page, jobs = page_of([Place(street.write(tmp_path))], tmp_path)

    def broken(_):
        raise error

    monkeypatch.setattr(jobs, "submit", broken)
    page = page.button(key="run").click().run()
    assert not page.exception
    assert [seen(each.value) for each in page.error] == [told]
    assert page.radio
    assert ("a slip" in capsys.readouterr().err) == isinstance(error, IndexError)
    monkeypatch.undo()
    page = page.button(key="run").click().run()
    assert [each.value for each in page.error] == []


@pytest.mark.parametrize("content", [b"\x00", b"residents: !!int ''\n", b"a: &a [*a]\n", b"\xff", b"? [a]\n: 1\n", b"nodes: ''\n"])
def test_an_upload_that_breaks_leaves_the_page_standing(tmp_path, monkeypatch, content):
    """The file is refused or its reading fails in a way that nobody foresaw: one message beside the upload, and the page is there."""
    from simgov.web import sidebar

    page, _ = page_of([Place(street.write(tmp_path))], tmp_path)
    state = {"upload": type("File", (), {"name": "town.yaml", "getvalue": lambda self: content})(), "lang": "en"}
    monkeypatch.setattr("streamlit.session_state", state)
    sidebar._upload("s", "en")
    assert state["upload_trouble"]
    monkeypatch.setattr(sidebar, "uploaded", lambda *_: 1 / 0)
    sidebar._upload("s", "en")
    assert state["upload_trouble"] == guard.UNEXPECTED
    monkeypatch.undo()
    page = page.run()
    assert not page.exception


# ── other people on this machine ────────────────────────────────────────────────────────────────────


def no_processes(monkeypatch):
    monkeypatch.setattr("simgov.web.jobs._process", lambda *_: None)
    monkeypatch.setattr("simgov.web.jobs.compiled.is_available", lambda: False)


def rights(folder):
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.is_dir()}


@pytest.mark.skipif(os.name != "posix", reason="rights of folders")
def test_folders_of_the_page_are_for_nobody_else(tmp_path, monkeypatch):
    """New ones, and those of an earlier version, which everybody could read. A folder that holds other things, too, keeps its rights; what the page makes in it is private."""
    no_processes(monkeypatch)
    number = "a" * 16
    old, shared = tmp_path / "old", tmp_path / "shared"
    for path in (old / number, old / UPLOADS / number, shared / number):
        path.mkdir(parents=True)
    (shared / "notes.txt").touch()
    (old / number / "request.json").write_text("{}")
    for path in tmp_path.rglob("*"):
        path.chmod(0o755)
    for folder in (old, shared, tmp_path / "new"):
        jobs = Jobs(folder, at_once=1)
        jobs._waiting.append("nobody's turn")
        monkeypatch.setattr(jobs, "_start_next", lambda: None)
        jobs.submit(Request("s", "f", {}))
        assert set(rights(folder).values()) == {0o700} if folder != shared else {name for name, mode in rights(folder).items() if mode != 0o700} == {"."}


def test_what_the_server_writes_is_for_nobody_else(tmp_path, monkeypatch):
    """Its files, too, and those of its workers, who take over its mask."""
    no_processes(monkeypatch)
    made = tmp_path / "made"
    monkeypatch.setattr(server, "_run", lambda port: made.touch())
    before = os.umask(0o022)
    try:
        server.serve([street.write(tmp_path)], folder=tmp_path / "jobs", told=lambda _: None)
        (tmp_path / "after").touch()
    finally:
        os.umask(before)

    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "after").stat().st_mode) == 0o644
    assert places([tmp_path / "street.yaml"])
