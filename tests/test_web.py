"""The web app below its page: what can be moved, what is asked for, how runs are carried out and end, how words are shown."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import pytest
import street
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as some

import simgov
from simgov.cli import main
from simgov.engines import compiled
from simgov.errors import ScenarioError, UsageError
from simgov.scenario import load
from simgov.study.policies import meaning
from simgov.trials import Outcome
from simgov.web import server, shown, worker
from simgov.web.asking import asked, last_done
from simgov.web.hours import in_words
from simgov.web.jobs import CANCELLED, DIED, DONE, FAILED, QUEUED, Jobs, Progress, Request, is_compiling, write_progress
from simgov.web.levers import levers, moved
from simgov.web.markdown import table
from simgov.web.overview import overview
from simgov.web.places import LARGEST, Place, places, uploaded
from simgov.web.plain import WORD_JOINER, plain
from simgov.web.written import written

ROOT = Path(__file__).parents[1]
LONG = {"residents": 300_000}  # a small street that takes a minute
SESSION = "5e55105e55105e55"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The small street as a place of the page."""
    (place,) = places([street.write(tmp_path_factory.mktemp("town"))])
    return place


def dongxing():
    return Place(ROOT / "scenarios/dongxing.yaml")


# ── places ──────────────────────────────────────────────────────────────────────────────────────────


def test_shipped_scenarios_are_offered_with_their_titles():
    """In a clone the page offers every scenario of the folder, studies left out, under its title in both languages."""
    found = {place.name: place for place in places([ROOT / "scenarios"])}

    assert {"dongxing", "putian", "nation"} <= set(found)
    assert {path.stem for path in (ROOT / "scenarios").glob("*.yaml")} == set(found)
    assert (found["dongxing"].say("en"), found["dongxing"].say("zh")) == ("Dongxing community", "东星社区")
    assert all(dict(place.title).keys() == {"en", "zh"} for place in found.values())


def test_the_page_begins_with_the_main_case_or_the_first_file_given(town, monkeypatch):
    """Of those that are shipped, the case of the README; of files that are named, the first."""
    monkeypatch.chdir(ROOT)

    assert places([])[0].name == "dongxing"
    assert [place.name for place in places([town.path, ROOT / "scenarios/dongxing.yaml"])] == ["street", "dongxing"]


@pytest.mark.parametrize(("title", "shown"), [("x" * 5000, "x" * 80 + "…"), ('"\\ud842"', None)])
def test_titles_that_no_page_can_show_are_mended(tmp_path, town, title, shown):
    """One that is endless is cut; signs that cannot be sent are not sent: one scenario does not spoil the list of all."""
    (tmp_path / "odd.yaml").write_text(town.text().replace("A small street", title), encoding="utf-8")
    (place,) = places([tmp_path / "odd.yaml"])

    assert place.say("en").encode("utf-8")
    assert place.say("en") == shown or shown is None


@pytest.mark.parametrize(("given", "said"), [(["nope.yaml"], "there is no file nope.yaml"), (["."], "there is no scenario in .; scenarios are .yaml files with")])
def test_places_that_are_not_there(tmp_path, monkeypatch, given, said):
    """A wrong name and a folder without scenarios are told."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.yaml").write_text("policies: {}\n")

    with pytest.raises(UsageError, match=re.escape(said)):
        places(given)


def test_without_a_clone_scenarios_must_be_named(monkeypatch):
    """The wheel brings no scenarios: the message says what to do."""
    monkeypatch.setattr("simgov.web.places.shipped", lambda: None)

    with pytest.raises(UsageError, match=r"name files or folders, such as `simgov serve my_town.yaml`"):
        places([])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"schema: 1\nteems: {}\nlevels: {unit: 1}\n", "town.yaml:2: teems: unknown key 'teems'"),
        (b"a: [", "town.yaml:1: not YAML"),
        (b"\xff\xfe\x00", "town.yaml:1: is not UTF-8"),
        (b"", "town.yaml: is empty"),
        (b"x" * (LARGEST + 1), "town.yaml: is larger than 2 MB"),
        (b"schema: 1\nextends: ../../etc/passwd\n", "town.yaml:2: extends: an uploaded scenario must stand on its own, and this one names the file '../../etc/passwd'"),
        (b"schema: 1\nnodes: nodes.csv\n", "town.yaml:2: nodes: an uploaded scenario must stand on its own"),
        (street.TEXT.replace("{rate: 4}", "{list: births.csv}").encode(), "town.yaml:12: classes.event.arrivals.list: an uploaded scenario"),
        (street.TEXT.replace("{stages.look.work: 2h}", "{classes.event.arrivals: {list: births.csv}}").encode(), "an uploaded scenario must stand on its own"),
    ],
)
def test_a_broken_upload_is_told_with_its_lines(tmp_path, content, said):
    """What is wrong with a file stands there under the name that the person knows, with lines; nothing is kept, no path of the server is told."""
    with pytest.raises(ScenarioError) as error:
        uploaded(tmp_path, "../town.yaml", content)

    assert said in str(error.value)
    assert str(tmp_path) not in str(error.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "facts",
    ["facts: facts.csv", "facts : facts.csv", '"facts": facts.csv', "facts:\n  facts.csv", "facts: >-\n  facts.csv", "facts: {value: facts.csv,\n  outside: x}", "facts: &table facts.csv"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_table_of_facts_is_left_out_however_it_is_written(tmp_path, town, facts, end):
    """The text is kept as it is, and what stands beside the table stays."""
    text = f"{facts}\n{town.text()}".replace("\n", end).encode()
    place = uploaded(tmp_path, "town.yaml", text)

    assert place.path.read_bytes() == text
    assert meaning(place.load()) == meaning(town.load())


def test_what_stands_in_the_line_of_the_facts_stays(tmp_path, town):
    """In a file with braces keys share a line."""
    data = {**town.load().data, "warm_up": "2 days"}
    text = json.dumps({"facts": "facts.csv", **data}, ensure_ascii=False).replace('"facts"', "\nfacts")

    assert uploaded(tmp_path, "town.yaml", text.encode()).load().data["warm_up"] == "2 days"


def test_runs_of_an_upload_with_facts_are_compared(tmp_path, town):
    """Whoever reads the file again leaves the table of facts out, too."""
    from simgov.web.shown import _study

    place = uploaded(tmp_path, "town.yaml", f"facts: facts.csv\n{town.text()}".encode())
    before, now = (request_of(place, settings=settings, is_upload=True) for settings in ({}, {"residents": 900}))

    assert [policy.name for policy in _study(before, now, [{"measure": "closed"}]).policies] == ["before", "now"]
    assert "facts:" not in written(place, now.settings, [])


def test_a_sound_upload_is_a_place(tmp_path, town):
    """It is kept, keeps its lines, and can be loaded; the table of facts that it names is left out."""
    place = uploaded(tmp_path, "my town!.yaml", (town.text() + "facts: facts.csv\n").encode())

    assert (place.name, place.is_upload, place.say("zh")) == ("my_town_", True, "小街")
    assert meaning(place.load()) == meaning(town.load())


# ── levers ──────────────────────────────────────────────────────────────────────────────────────────


def test_levers_come_from_the_scenario(town):
    """The street has its group of variants, its other changes, the leaders and the demand; a roster, unlimited people and meetings are no levers."""
    found = {lever.key: lever for lever in levers(town.load())}

    assert list(found) == ["group:hours", "change:help", "change:slow", "teams.leader.people", "teams.leader.hours", "teams.desk.hours", "surge"]
    assert (found["group:hours"].default, list(found["group:hours"].choices)) == ("late", ["late", "off"])
    assert found["group:hours"].choices["off"].label == {"en": "office hours", "zh": "仅工作时间"}
    assert (found["teams.leader.people"].default, found["teams.leader.people"].label["zh"]) == (1, "单元长：每个单元人数")


def test_levers_say_where_their_numbers_come_from():
    """Each lever has its default, origin and range."""
    found = {lever.key: lever for lever in levers(dongxing().load())}

    assert found["teams.community.people"].about["en"] == "in the file: 4 · assumption, 3 to 8"
    assert found["teams.unit_leader.people"].about["en"] == "in the file: 1 · reported (XL-05)"
    assert found["teams.community.hours"].about["en"] == "in the file: Mon to Fri 08:30–12:00, 14:30–17:30; closed on public holidays · assumption"
    assert found["teams.community.people"].high >= 8


@pytest.mark.parametrize("name", ["street", "xiashan", "shishi", "dongxing"])
def test_every_lever_makes_a_sound_scenario(town, name):
    """Each lever, moved alone to any choice or to both ends, gives a scenario that can be loaded and means something else."""
    place = town if name == "street" else Place(ROOT / f"scenarios/{name}.yaml")
    base = place.load()
    found = levers(base)

    for lever in found:
        values = [value for value in (lever.choices or (lever.low, lever.high)) if value != lever.default]
        for value in values if name == "street" or lever.kind in ("meeting", "variant") else values[-1:]:
            said = moved(found, {lever.key: value})
            assert said.told["en"], lever.key
            made = place.load(said.settings, said.changes)
            assert made.digest != base.digest, (lever.key, value)


def test_a_meeting_can_be_held_more_often_or_not_at_all():
    """The lever of a gate keeps its time of day; without a meeting there is no gate."""
    place = Place(ROOT / "scenarios/xiashan.yaml")
    found = levers(place.load())

    said = moved(found, {"meeting:weekly": "daily"})
    assert said.settings == {"calendars.weekly": "Mo-Fr 09:00-11:30; PH off"}
    said = moved(found, {"meeting:weekly": "none"})
    assert place.load(said.settings).stages["consult"].gate == {}


def test_a_surge_multiplies_every_rate(town):
    """All classes that come at a rate come so many times as often."""
    said = moved(levers(town.load()), {"surge": 2.5})

    assert said.settings == {"classes.event.arrivals.rate": 10.0, "classes.dispute.arrivals.rate": 2.5}
    assert said.told["en"] == ["Surge: times as many incidents: × 1 → × 2.5"]


@pytest.mark.parametrize("values", [{"teams.leader.people": 99}, {"teams.leader.people": "2"}, {"group:hours": "nope"}, {"surge": 9.0}])
def test_a_lever_stands_in_its_range_only(town, values):
    """What no page offers is refused."""
    with pytest.raises(UsageError, match="a lever cannot stand there"):
        asked(town, levers(town.load()), values, 3, 1, SESSION, "en")


def test_levers_that_contradict_each_other_are_told(town):
    """A change with a window that sets the leaders, and the lever of leaders: one sentence, before anything runs."""
    with pytest.raises(ScenarioError, match=r"the change 'help' in force sets teams\.leader\.people in its window; set one of the two"):
        asked(town, levers(town.load()), {"teams.leader.people": 2, "change:help": "help"}, 3, 1, SESSION, "en")


@pytest.mark.parametrize(("replications", "seed", "said"), [(0, 1, "replications must be a whole number from 1 to 1000, got 0"), (1, -1, "seed must be a whole number")])
def test_replications_and_seed_are_bounded(town, replications, seed, said):
    with pytest.raises(UsageError, match=said):
        asked(town, levers(town.load()), {}, replications, seed, SESSION, "en")


def test_opening_hours_in_words():
    """The notation of scenario files is put into words, in both languages."""
    assert in_words("Mo-Fr 08:30-12:00; PH off") == "Mon to Fri 08:30–12:00; closed on public holidays"
    assert in_words("Mo-Fr 08:30-12:00; PH off", "zh") == "周一至周五 08:30–12:00；节假日休息"
    assert in_words("Fr[-1] 14:30-17:30", "zh") == "每月最后一个周五 14:30–17:30"
    assert in_words("Mo-Fr 08:30-12:00; Sa-Su,PH off") == "Mon to Fri 08:30–12:00; closed on Sat to Sun, public holidays"
    assert in_words("Mo-Fr 08:30-12:00; Sa-Su,PH off", "zh") == "周一至周五 08:30–12:00；周六至周日、节假日休息"
    assert in_words("Mo-Fr 17:00-20:00; PH,Sa-Su 08:00-20:00") == "Mon to Fri 17:00–20:00; public holidays, Sat to Sun 08:00–20:00"
    assert in_words("something else") == "something else"


# ── the scenario with its levers ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("values", [{}, {"group:hours": "off", "surge": 2.0}, {"teams.leader.people": 3, "teams.leader.hours": "office", "change:slow": "slow"}])
def test_the_written_scenario_means_what_was_run(town, tmp_path, values):
    """The downloaded file runs anywhere and means what the page would run."""
    said = moved(levers(town.load()), values)
    (tmp_path / "again.yaml").write_text(written(town, said.settings, said.changes, "zh"), encoding="utf-8")

    again, ran = load(tmp_path / "again.yaml"), town.load(said.settings, said.changes)
    assert meaning(again) == meaning(ran)
    assert [(a, b, meaning(epoch)) for a, b, epoch in again.epochs] == [(a, b, meaning(epoch)) for a, b, epoch in ran.epochs]


def test_the_written_scenario_of_a_place_that_extends_another(tmp_path):
    """It contains everything, facts apart, and keeps what is known of a number beside the new one."""
    place = Place(ROOT / "scenarios/handong.yaml")
    said = moved(levers(place.load()), {"teams.community.people": 8, "meeting:weekly_meeting": "none"})
    (tmp_path / "again.yaml").write_text(written(place, said.settings, said.changes), encoding="utf-8")

    again = load(tmp_path / "again.yaml")
    assert meaning(again) == meaning(place.load(said.settings, said.changes))
    origin = again.origins["teams", "community", "people"]
    assert (origin.says, origin.note) == ([3, 8], "set in the web app")


def test_a_scenario_with_tables_is_extended(town, tmp_path):
    """A table cannot stand in YAML: then the file extends that of the place, and says that it must lie beside it."""
    (tmp_path / "births.csv").write_text("at\n2022-05-03 09:00\n")
    text = town.text().replace("arrivals: {rate: 4}", "arrivals: {list: births.csv}")
    (tmp_path / "listed.yaml").write_text(text, encoding="utf-8")
    place = Place(tmp_path / "listed.yaml")
    (tmp_path / "again.yaml").write_text(written(place, {"residents": 900}, ["off"]), encoding="utf-8")

    assert "it must lie beside listed.yaml" in (tmp_path / "again.yaml").read_text(encoding="utf-8")
    assert meaning(load(tmp_path / "again.yaml")) == meaning(place.load({"residents": 900}, ["off"]))


# ── words ───────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', ":red[all is well]", "$x^2$", "[x](javascript:alert(1))", "![](http://evil/x.png)", "**bold** _soft_ `code`",
    "| a | b |", "# title", "- item", "1. item", ":smile: :material/home:", "https://evil.example www.evil.example me@evil.example", "<https://evil.example>", "&lt;b&gt;", "~~gone~~", "\\*", "a\n\nb",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_words_of_a_scenario_are_shown_as_they_are(text):
    """Markdown makes nothing of them but the text itself."""
    assert rendered(plain(text)) == " ".join(text.split())


@given(some.text(max_size=40))
def test_any_text_is_shown_as_it_is(text):
    """The same for any text: printable signs stay, everything else is a blank."""
    expected = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))

    assert rendered(plain(text)) == " ".join(expected.split()) or not expected.strip()


def rendered(markdown):
    """What a reader sees of it, if nothing but a paragraph comes of it."""
    from html import unescape

    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    found = re.fullmatch(r"<p>([^<]*)</p>\n?|", html)
    assert found, html
    return " ".join(unescape(found[1] or "").replace(WORD_JOINER, "").split())


def test_what_is_looked_for_in_finished_text_is_broken_up():
    """Emoji, icons and addresses are looked for by streamlit after Markdown is read: no backslash helps against that."""
    assert not re.search(r":[\w+-]", plain(":smile: x:material/home: https://evil").replace("\\", ""))
    assert "www." not in plain("www.evil.example").replace("\\", "")


def test_a_table_of_hostile_cells():
    """A bar in a cell makes no column."""
    text = table(["a|b", ""], [["x | y", "<b>"], [{"text": "z", "small": "s]", "tone": "good"}, "1"], ["head"]])

    assert [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()] == [3] * 5
    assert ":green[**z**] :small[:gray[s\\]]]" in text


# ── what explain says ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lang", "words"), [("en", ["unit", "unit leader", "event", "1 handling"]), ("zh", ["单元", "单元长", "事件", "1 处置"])])
def test_a_place_is_shown_as_explain_understands_it(town, lang, words):
    """Tree, teams, demand and the chain of stages are tables, in both languages; brackets in labels stay."""
    sections = overview(town.load({"teams.leader.label": {"en": "unit leader", "zh": "单元长"}}), lang)
    cells = [cell for section in sections for row in section.rows for cell in row]

    assert [word for word in words if word not in cells] == []
    (changes,) = [section for section in sections if section.title == {"en": "Changes", "zh": "方案"}[lang]]
    assert [row[0] for row in changes.rows][:2] == {"en": ["open late", "office hours"], "zh": ["延时", "仅工作时间"]}[lang]
    assert changes.lines == []
    (stages,) = [section for section in sections if any(row[0].startswith("1 ") for row in section.rows)]
    assert len(stages.rows) == 2
    assert all(len(row) == len(stages.columns) for row in stages.rows)


# ── runs ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """A server's jobs, one at a time; nothing is left of them."""
    found = Jobs(tmp_path_factory.mktemp("jobs"), at_once=1)
    yield found
    processes = found.processes
    found.close()
    assert [pid for pid in processes if psutil.pid_exists(pid)] == []


def request_of(place, session=SESSION, replications=8, **more):
    return Request(session, str(place.path), dict(place.title), replications=replications, told={"en": [], "zh": []}, **more)


def until(true, seconds=240):
    """Wait for it."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return found


def ended(jobs, number):
    until(lambda: jobs.progress(number).has_ended)
    found = jobs.progress(number)
    log = jobs.place(number) / "log.txt"
    assert "Traceback" not in (log.read_text() if log.exists() else "")
    return found


def running(jobs, number):
    """Its process, as soon as it is under way."""
    until(lambda: jobs.progress(number).state == "running")
    return psutil.Process(jobs._running[number].pid)


def test_a_run_and_one_compared_with_it(jobs, town):
    """A run ends with words, tables, pictures, report and scenario in both languages; the next one is compared with it, replication by replication."""
    first = jobs.submit(request_of(town))
    second = jobs.submit(request_of(town, settings={"teams.leader.hours": "office"}, base=first, lang="zh"))
    assert jobs.progress(second).state == QUEUED
    assert jobs.before(second) == 0
    assert ended(jobs, first).state == DONE
    assert ended(jobs, second).state == DONE
    until(lambda: not jobs.is_busy(second))

    place = jobs.place(second)
    for lang in ("en", "zh"):
        told = json.loads((place / f"shown.{lang}.json").read_text(encoding="utf-8"))
        assert len(told["answer"]) == 2
        names = {f"{picture['name']}.{lang}.svg" for picture in json.loads((place / f"pictures.{lang}.json").read_text(encoding="utf-8"))}
        assert len(names) >= 3
        assert names | {f"closure.{lang}.png", f"report.{lang}.html", f"scenario.{lang}.yaml", f"compared.{lang}.png", f"comparison.{lang}.html", f"study.{lang}.yaml", f"measures.{lang}.csv"} <= set(os.listdir(place))
        compared = json.loads((place / f"compared.{lang}.json").read_text(encoding="utf-8"))
        assert compared["replications"] == 8
        assert compared["table"]["rows"]
    assert (place / "log.txt").read_text() == ""
    assert last_done(jobs, SESSION, town) == second
    assert [number for number, _ in jobs.of(SESSION)] == [second, first]
    assert jobs.of("0" * 16) == []


def test_a_comparison_says_what_the_policy_is_about(jobs, town):
    """The measure that differs most in standard errors leads; triage and presence off hours are there; what chance has no part in says so; which side is better."""
    (second, _), _ = jobs.of(SESSION)
    told = json.loads((jobs.place(second) / "compared.en.json").read_text(encoding="utf-8"))
    rows = {row[0]["text"]: row for row in told["table"]["rows"]}

    leading, value = next(iter(rows.values()))[0]["text"], lambda text: float(re.sub("[^0-9.]", "", text.split()[0]))
    assert told["answer"].startswith(f"{leading}: ")
    assert told["table"]["head"][1:3] == ["difference to the run before", "verdict"]
    tones = {row[2]["text"]: row[2]["tone"] for row in rows.values()}
    assert {text: tone for text, tone in tones.items() if "(" in text} == {text: "good" if "better" in text else "bad" for text in tones if "(" in text}
    assert "(" in "".join(tones)
    assert value(rows[leading][1]["text"]) > 0
    hours = [row for text, row in rows.items() if text.endswith(", a year")]
    assert hours
    assert {row[-1]["text"] for row in hours} == {"chance has no part"}


def test_triage_is_compared_where_there_is_triage(jobs):
    """In Dongxing, office hours only instead of duty: the share triaged on the day is what the sentence is about, community by community, not closure."""
    place = dongxing()
    outcomes = []
    for changes in ([], ["off"]):
        result = simgov.run(place.load((), changes), replications=8, seed=1)
        outcomes.append([Outcome.of(tables, {}) for tables in result.tables])
    found = list(shown._asked(result, *outcomes))

    assert found[0]["measure"] in ("same_day_triage", "time_to_triage_median")
    assert {"same_day_triage", "triage_delay_median", "off_hours_presence", "cohort_closure"} <= {asked["measure"] for asked in found}


def test_the_study_of_both_runs_runs_anywhere(jobs, town, tmp_path):
    """The study that is downloaded, beside the scenario, is that of the page."""
    from simgov.study.policies import load as read

    (second, _), _ = jobs.of(SESSION)
    (tmp_path / town.path.name).write_text(town.text(), encoding="utf-8")
    (tmp_path / "runs.yaml").write_text((jobs.place(second) / "study.en.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    assert [policy.name for policy in read(tmp_path / "runs.yaml").policies] == ["before", "now"]


def test_measures_for_other_programs(jobs, town):
    """The CSV has words in the language of the page beside the keys, units, and no more digits than anybody can use."""
    (second, _), _ = jobs.of(SESSION)
    text = (jobs.place(second) / "measures.zh.csv").read_text(encoding="utf-8")
    table = pd.read_csv(io.StringIO(text.removeprefix("\ufeff")))

    assert text.startswith("\ufeff")
    assert table.columns[:3].tolist() == ["label", "unit", "measure"]
    assert table["label"].str.contains("[一-鿿]").all()
    assert max(len(str(value).replace(".", "").lstrip("0")) for value in table["value"].dropna() if value < 1e6) <= 7


def test_the_comparison_is_that_of_a_study(jobs, town):
    """Differences of two runs are those of `simgov compare` with the same seed and replications."""
    from simgov.study import compare
    from simgov.study.policies import make
    from simgov.trials.store import opened

    (second, request), (first, before) = jobs.of(SESSION)
    lines = [json.loads(line) for number in (first, second) for line in opened((jobs.place(number) / shown.OUTCOMES).read_text(encoding="utf-8")).splitlines()]
    study = make({
        "schema": 1, "scenario": str(town.path), "base": "before", "measures": [{"measure": "cohort_closure", "where": {"days": 7}}], "seed": 1, "replications": 8,
        "policies": {"before": {"set": before.settings}, "now": {"set": request.settings}},
    }, folder=town.path.parent)  # fmt: skip
    found = compare(study)

    told = [json.loads(outcome.text()) for outcomes in found.outcomes for outcome in outcomes]
    assert [line["top"] for line in lines] == [line["top"] for line in told]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"seed": 2}, "its seed was 1"), ({}, "are of the same scenario"), ({"replications": 1, "settings": {"residents": 900}}, "Too few replications"), ({"base": "0" * 16}, "no longer there")],
)
def test_runs_that_cannot_be_compared_say_why(jobs, town, change, said):
    """Another seed, the same scenario, too few replications, a run that is gone."""
    import simgov

    first = jobs.of(SESSION)[-1][0]
    request = replace(request_of(town, base=first), **change)
    result = simgov.run(load(request.file, request.settings), replications=request.replications, seed=request.seed)

    assert said in shown.compared(result, request, jobs.place("f" * 16), "en")


def test_a_run_is_cancelled_and_its_process_is_gone(jobs, town):
    """Cancel ends the process at once, and the next run begins."""
    number = jobs.submit(request_of(town, settings=LONG, replications=500))
    other = jobs.submit(request_of(town, session="0" * 16, replications=2))
    process = running(jobs, number)

    jobs.cancel(number)
    assert not process.is_running()
    assert ended(jobs, number).state == CANCELLED
    assert ended(jobs, other).state == DONE
    jobs.cancel(other)
    assert jobs.progress(other).state == DONE
    jobs.cancel("nothing")


def test_a_run_that_waits_is_cancelled(jobs, town):
    """It never begins."""
    first = jobs.submit(request_of(town, settings=LONG, replications=500))
    second = jobs.submit(request_of(town))
    jobs.cancel(second)
    jobs.cancel(first)

    assert ended(jobs, second).state == CANCELLED
    assert not (jobs.place(second) / "log.txt").exists()


def test_a_run_whose_process_is_killed_says_so(jobs, town):
    """It does not spin for ever."""
    number = jobs.submit(request_of(town, settings=LONG, replications=500))
    running(jobs, number).kill()

    found = ended(jobs, number)
    assert (found.state, found.values["code"]) == (DIED, "-9")
    assert "ended from outside (code 9)" in found.why.format(code=9)


def test_a_run_that_cannot_write_ends_all_the_same(jobs, town, monkeypatch):
    """On a full disk nobody can write how a run ended: it has ended all the same, and can be cancelled before that."""
    def full(*_):
        raise OSError(28, "No space left on device")

    numbers = [jobs.submit(request_of(town, settings=LONG, replications=500)) for _ in range(2)]
    process = running(jobs, numbers[0])
    monkeypatch.setattr("simgov.web.jobs.write_progress", full)
    jobs.cancel(numbers[1])
    process.kill()

    assert until(lambda: jobs.progress(numbers[0]).has_ended)
    assert [jobs.progress(number).state for number in numbers] == [DIED, CANCELLED]


def test_the_fast_engine_is_compiled_from_the_start(tmp_path, town, monkeypatch):
    """Where it is not ready, a process of its own compiles it; runs know of that, and nobody knows of it when it is gone."""
    begun = []
    monkeypatch.setattr(compiled, "is_warm", lambda: False)
    monkeypatch.setattr("simgov.web.jobs._process", lambda *what: begun.append(what) or subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
    found = Jobs(tmp_path)

    assert begun == [(), ("compile",)]
    assert is_compiling(tmp_path)
    assert worker._at_once() == "simpy"
    found.close()
    assert not is_compiling(tmp_path)
    monkeypatch.setattr(compiled, "is_warm", lambda: True)
    assert worker._at_once() == "auto"


def test_a_spare_process_that_died_is_replaced(jobs, town):
    """Whoever presses Run does not notice."""
    until(lambda: not jobs._running and jobs._spare)
    jobs._spare.kill()
    jobs._spare.wait()
    number = jobs.submit(request_of(town, replications=2))

    assert ended(jobs, number).state == DONE


@pytest.mark.parametrize(
    ("request_", "state", "said"),
    [
        ({"settings": {"teams.leader.people": -1}}, FAILED, "--set teams.leader.people=-1: makes teams.leader.people"),
        ({"file": "/nowhere/{x}.yaml"}, FAILED, "/nowhere/{x}.yaml: cannot be read"),
        ({"settings": {"residents": 50_000_000}, "replications": 1000}, FAILED, "million visits, and the page takes 1,000 million at most"),
    ],
)
def test_a_run_that_fails_says_why(tmp_path, town, request_, state, said):
    """The message of simgov, and no traceback."""
    request = replace(request_of(town), **request_)
    (tmp_path / "request.json").write_text(json.dumps(request.__dict__), encoding="utf-8")

    worker.carry_out(tmp_path)

    found = Progress(**json.loads((tmp_path / "progress.json").read_text(encoding="utf-8")))
    assert found.state == state
    assert said in found.why.format(**found.values)
    assert not list(tmp_path.glob("shown*"))


@pytest.mark.parametrize(("error", "said"), [(MemoryError(), "not enough memory"), (RuntimeError("a slip"), "Its log says more: ")])
def test_what_nobody_expected_is_told_too(tmp_path, town, monkeypatch, capsys, error, said):
    """Lack of memory and our own mistakes end in a sentence; the traceback goes to the log."""
    (tmp_path / "request.json").write_text(json.dumps(request_of(town).__dict__), encoding="utf-8")

    def broken(*_):
        raise error

    monkeypatch.setattr(worker, "_simulate", broken)
    worker.carry_out(tmp_path)

    found = Progress(**json.loads((tmp_path / "progress.json").read_text(encoding="utf-8")))
    assert found.state == FAILED
    assert said in found.why.format(**found.values)
    assert ("a slip" in capsys.readouterr().err) == isinstance(error, RuntimeError)


@pytest.mark.parametrize("number", ["", "../../etc", "0" * 16, "0" * 17, "ABCDEF0123456789"])
def test_only_numbers_of_jobs_are_looked_up(jobs, number):
    """What stands in an address leads nowhere else."""
    assert jobs.progress(number) is None
    assert jobs.request(number) is None


def test_jobs_of_a_server_that_is_gone_have_ended(tmp_path, town):
    """Whoever comes back by the address is told, and results that are there stay; damaged folders trouble nobody."""
    lost, done = "a" * 16, "b" * 16
    for number, state in ((lost, "running"), (done, DONE)):
        (tmp_path / number).mkdir()
        (tmp_path / number / "request.json").write_text(json.dumps({**request_of(town).__dict__, "server": [2**22, 1.0], "of_another_version": 1}), encoding="utf-8")
        write_progress(tmp_path / number, Progress(state))
    (tmp_path / ("c" * 16)).mkdir()
    (tmp_path / ("c" * 16) / "request.json").write_text("{", encoding="utf-8")
    found = Jobs(tmp_path)

    assert found.progress(lost).state == DIED
    assert "The server was ended" in found.progress(lost).why
    assert found.progress(done).state == DONE
    assert {number for number, _ in found.of(SESSION)} == {lost, done}
    found.close()


def test_old_jobs_are_removed(tmp_path, town, monkeypatch):
    """Those that ended long ago, and the oldest of too many; never one that goes on."""
    monkeypatch.setattr("simgov.web.jobs.MOST", 3)
    for k in range(5):
        number = f"{k:016x}"
        (tmp_path / number).mkdir()
        write_progress(tmp_path / number, Progress(DONE))
        os.utime(tmp_path / number, (time.time() - 100 * k,) * 2)
    os.utime(tmp_path / f"{1:016x}", (0, 0))
    found = Jobs(tmp_path)

    assert sorted(path.name for path in tmp_path.glob("0*")) == [f"{0:016x}", f"{2:016x}", f"{3:016x}"]
    found.close()


def test_processes_end_with_a_server_that_is_killed(tmp_path, town):
    """Even when nobody could say goodbye."""
    code = (
        "import sys, time\nfrom simgov.web.jobs import Jobs, Request\n"
        f"jobs = Jobs({str(tmp_path)!r}, at_once=1)\n"
        f"number = jobs.submit(Request('s', {str(town.path)!r}, {{}}, settings={LONG!r}, replications=500))\n"
        "while jobs.progress(number).state != 'running': time.sleep(0.02)\n"
        "print(*jobs.processes, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    children = [psutil.Process(int(pid)) for pid in process.stdout.readline().split()]
    assert children
    process.send_signal(signal.SIGKILL)
    process.communicate()

    _, alive = psutil.wait_procs(children, timeout=80)
    assert alive == []


# ── the server ──────────────────────────────────────────────────────────────────────────────────────


def test_a_page_that_is_closed_while_it_is_written_to_is_no_news():
    """Only that: what else goes wrong in the server stands on the terminal."""
    records = [logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception", (), (kind, kind(text), None)) for kind, text in (
        (RuntimeError, 'Cannot call "send" once a close message has been sent.'), (RuntimeError, "no room"))]  # fmt: skip

    assert [server._is_news(record) for record in records] == [False, True]


def test_a_port_in_use_is_told(tmp_path, town):
    """One that was asked for and is taken: one sentence, exit code 2, nothing started. None asked for: the next one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(main, ["serve", str(town.path), "--port", str(port), "--folder", str(tmp_path / "jobs")])

        assert done.exit_code == 2
        assert done.stderr == f"error: port {port} is in use; name another one with --port, or none, and the next free one is taken\n"
        assert not (tmp_path / "jobs").exists()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server._free_port(None)))
        taken.listen()
        assert server._free_port(None) != taken.getsockname()[1]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nope.yaml"], "error: there is no file nope.yaml\n"),
        (["{town}", "--folder", "/proc/jobs"], "error: /proc/jobs: cannot be written: "),
        (["{town}", "--port", "0"], "0 is not in the range 1<=x<=65535"),
    ],
)
def test_mistakes_of_the_command(town, args, said):
    """Each ends in a sentence and exit code 2."""
    done = CliRunner().invoke(main, ["serve", *(arg.format(town=town.path) for arg in args)])

    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_without_streamlit_the_command_says_how_to_get_it(town, monkeypatch):
    """The extra is named."""
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["serve", str(town.path)])

    assert (done.exit_code, done.stderr) == (2, "error: the web app needs streamlit, which is not installed: pip install 'simgov[web]'\n")


# ── the page, without a browser ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def page(jobs, town, monkeypatch):
    """The page as streamlit tests it."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setattr(server, "_now", [server.Served((town,), jobs, "en")])
    return AppTest.from_file(str(server.SCRIPT), default_timeout=120)


@pytest.mark.filterwarnings("ignore")  # of streamlit's own
def test_the_page_in_both_languages(page):
    """Title, levers and the place, in English, then in Chinese; a lever that is moved stays moved."""
    page.run()
    assert not page.exception
    assert page.title[0].value == "A small street"
    page.slider(key=next(s.key for s in page.slider if s.key.endswith("teams.leader.people"))).set_value(3).run()
    assert any("unit leader" in plain_text(c.value) and "1 → 3" in plain_text(c.value) for c in page.caption)

    page.radio(key=next(r.key for r in page.radio if r.key.endswith("group:hours"))).set_value("off").run()
    page.segmented_control(key="lang").set_value("zh").run()
    assert page.title[0].value == "小街"
    assert any("延时 → 仅工作时间" in plain_text(c.value) for c in page.caption)
    assert any("单元长" in c.value and "1 → 3" in plain_text(c.value) for c in page.caption)
    assert not page.error
    assert not page.exception


def plain_text(markdown):
    return markdown.replace("\\", "").replace(WORD_JOINER, "")


@pytest.mark.filterwarnings("ignore")
def test_the_page_runs_and_shows(page, jobs):
    """Run begins a job whose number stands in the address; its result is shown, and a strange number is told."""
    page.run()
    page.button(key="run").click().run()
    number = "".join(page.query_params["job"])
    assert ended(jobs, number).state == DONE
    page.run()
    assert any("incidents collected" in plain_text(m.value) for m in page.markdown)

    page.query_params["job"] = "0" * 16
    page.run()
    assert "There is no run of this number" in page.warning[0].value
