"""The report: what stands in it, in which language, and that nothing in it is loaded from elsewhere, random, or code of somebody else."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import street
from click.testing import CliRunner
from test_study import STUDY
from world import written

import simgov
from simgov import document, study
from simgov.calibration import calibrate
from simgov.cli import main
from simgov.errors import OutputError, UsageError
from simgov.plots import FIGURES
from simgov.report import html, reopened, write
from simgov.report.of_run import answer
from simgov.report.pictures import PICTURES, SEEN
from simgov.scenario import yaml_text
from simgov.sensitivity import sensitivity

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
KINDS = ("run", "comparison", "calibration")
EACH = pytest.mark.parametrize("kind", KINDS)
SECTIONS = {
    "run": ["reported", "pictures", "measures", "assumptions", "provenance", "checklist"],
    "comparison": ["pictures", "differences", "assumptions", "provenance", "checklist"],
    "calibration": ["targets", "picture", "parameters", "assumptions", "provenance", "checklist"],
}
VOID = {"meta", "img", "input", "br", "link"}
EVIL = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')


class Page(HTMLParser):
    """The elements of a page with their attributes, and its texts with the elements around them."""

    def __init__(self, text):
        super().__init__()
        self.around, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), list(self.around)))
        if tag != "span":
            self.handle_data("\n")
        if tag not in VOID:
            self.around.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), list(self.around)))

    def handle_endtag(self, tag):
        assert self.around.pop()[0] == tag, "an element is closed that was not open"

    def handle_data(self, data):
        self.texts.append((data, list(self.around)))

    def all(self, tag):
        return [attrs for name, attrs, _ in self.elements if name == tag]

    def said(self, within=lambda around: True):
        """What one reads: no style, no script, no words of the author, nothing that is typed."""
        hidden = lambda around: any(tag in ("style", "script", "code") or attrs.get("class") in ("quoted", "question") for tag, attrs in around)  # noqa: E731
        return re.sub(r"\s+", " ", "".join(text for text, around in self.texts if not hidden(around) and within(around)))


@cache
def parsed(text):
    return Page(text)


def inside(name, value, key="id"):
    return lambda around: any(tag == name and attrs.get(key) == value for tag, attrs in around)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One of each kind, of the small street."""
    folder = tmp_path_factory.mktemp("made")
    street.write(folder)
    (folder / "late.yaml").write_text(STUDY, encoding="utf-8")
    return {
        "run": street.result(),
        "comparison": study.compare(folder / "late.yaml", engine="simpy"),
        "calibration": calibrate(to_fit(folder), depth="point", seed=3, replications=2, engine="simpy"),
    }


def to_fit(folder):
    """The street with two numbers to fit, one of which nothing that was reported tells."""
    path = folder / "free.yaml"
    text = street.TEXT.replace("outcomes: {closed: 0.6,", "outcomes: {closed: {value: 0.6, assumption: [0.4, 0.9], free: true},").replace("kind: soft", "kind: fit")
    path.write_text(text.replace("work: 10 min", "work: {value: 10 min, assumption: [5 min, 20 min], free: true}"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pages(made):
    """All reports, by kind and language."""
    return {(kind, lang): html(made[kind], lang) for kind in KINDS for lang in ("en", "zh")}


# ── what stands in it ───────────────────────────────────────────────────────────────────────────────


@EACH
@BOTH
def test_sections_stand_in_their_order_below_the_answer(pages, kind, lang):
    """Title, answer, contents, then the sections; headings go down by one."""
    page = parsed(pages[kind, lang])

    ids = [attrs["id"] for attrs in page.all("section")]
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert ids == ["answer", *SECTIONS[kind]]
    assert [attrs["href"] for attrs in page.all("a")] == [f"#{name}" for name in SECTIONS[kind]]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html") == [{"lang": "zh-CN" if lang == "zh" else "en"}]


def test_the_run_opens_with_two_sentences(made, pages):
    """The headline beside the cohort closure, each with its denominator and window; then what the rule costs."""
    result, page = made["run"], parsed(pages["run", "en"])
    answer = page.said(inside("section", "answer"))

    rows = result.measures.set_index("measure")
    assert len([tag for tag, _, around in page.elements if tag == "p" and inside("section", "answer")(around)]) == 2
    assert f"Of {rows.loc['headline_closure']['denominator'].iloc[0]:,.0f} incidents collected from 2022-05-02 to the census on 2022-05-16, {result.value('headline_closure'):.1%} had been closed" in answer
    assert f"{result.value('cohort_closure', days=7):.1%} were closed within 7 days" in answer
    assert f"Under “open late”, {result.value('same_day_triage', level='street'):.1%} of assessments at the level “street” are done by midnight" in answer


def test_what_is_missed_is_said_in_the_answer(tmp_path):
    """A reported figure that does not come out is no footnote."""
    data = plain(street.write(tmp_path))
    data["targets"] = [{"measure": "headline_closure", "value": 0.1, "kind": "check", "label": "a rate"}]
    closed, missed = answer(simgov.run(simgov.build(data), replications=30, engine="simpy"), "en")

    assert "had been closed by then" in closed
    assert missed == "The model does not give what was reported: 1 of 1 reported figures are missed (a rate)."


def test_the_comparison_opens_with_its_own_answer(made, pages):
    assert re.sub(r"\s+", "", made["comparison"].answer("zh")) in re.sub(r"\s+", "", parsed(pages["comparison", "zh"]).said(inside("section", "answer")))


def test_the_calibration_says_what_is_pinned_and_what_is_open(made, pages):
    """Every free number is told by its verdict."""
    found, text = made["calibration"], parsed(pages["calibration", "en"]).said(inside("section", "parameters"))

    for k, mark in enumerate(found.marks):
        assert found.label(k) in text
        assert {"pinned": "pinned", "narrowed": "narrowed", "open": "left open"}[mark.verdict] in text


@EACH
@BOTH
def test_every_picture_says_its_denominator_window_and_replications(made, pages, kind, lang):
    """Beside a sentence that says what to see, and a name for those who hear it."""
    page, found = parsed(pages[kind, lang]), made[kind]
    scenario = found.study.base.scenario if kind == "comparison" else found.scenario
    figures = [attrs["id"] for attrs in page.all("figure")]

    assert figures == ([f"figure-{name}" for name, *_ in PICTURES] if kind == "run" else ["figure-differences", "figure-frontier"] if kind == "comparison" else ["figure-joint"])
    for name in figures:
        mine = inside("figure", name)
        under = page.said(lambda around, mine=mine: mine(around) and any(tag == "figcaption" for tag, _ in around))
        above = page.said(lambda around, mine=mine: mine(around) and around[-1][0] == "p")
        assert under.split({"en": "Of: ", "zh": "分母："}[lang])[1].split({"en": ". Window", "zh": "。统计期"}[lang])[0].strip()
        assert all(part in under for part in (str(scenario.period.start), str(scenario.period.end), str(found.replications), str(found.seed)))
        assert len(above) > 15
        assert above.strip()[-1] in ".。"
    drawn = page.all("svg")
    titles = {attrs["id"] for attrs in page.all("title") if "id" in attrs}
    assert len(drawn) == len(figures)
    assert {attrs["aria-labelledby"] for attrs in drawn} == titles


def test_every_figure_of_a_run_has_its_place():
    """Whoever adds a figure says where it stands and what is seen on it."""
    assert {name for name, *_ in PICTURES} == set(FIGURES) == set(SEEN)


def test_reported_figures_stand_beside_simulated_ones(made, pages):
    result, text = made["run"], parsed(pages["run", "en"]).said(inside("section", "reported"))

    row = result.targets.iloc[0]
    assert "all events" in text
    assert f"{row['value']:.1%}" in text
    assert row["verdict"] in text


def test_differences_have_joint_intervals_and_the_best_its_probability(made, pages):
    text = parsed(pages["comparison", "en"]).said(inside("section", "differences"))

    assert all(policy.say("en") in text for policy in made["comparison"].study.policies)
    assert all(word in text for word in ("joint interval", "probability, at least", "Time to closure, median"))


@EACH
def test_provenance_tells_how_to_make_it_again(made, pages, kind):
    """Digest, seed, versions, and a command."""
    page, found = parsed(pages[kind, "en"]), made[kind]
    text = " ".join(text for text, around in page.texts if inside("section", "provenance")(around))
    scenario = found.study.base.scenario if kind == "comparison" else found.scenario

    assert scenario.digest in text
    assert f"simgov {simgov.__version__}" in text
    assert {"run": "simgov run scenario.yaml" if scenario.name == "scenario" else "simgov run street.yaml", "comparison": "simgov compare late.yaml", "calibration": "simgov calibrate free.yaml"}[kind] in text
    assert f"--seed {found.seed}" in text


@BOTH
def test_the_checklist_is_complete(pages, lang):
    """All 24 items of STRESS-DES; what simgov cannot know is for the author."""
    text = parsed(pages["run", lang]).said(inside("section", "checklist"))

    items = [f"{group}.{item}" for group, count in ((1, 3), (2, 4)) for item in range(1, count + 1)] + [f"2.5.{item}" for item in range(1, 6)]
    items += [f"{group}.{item}" for group, count in ((3, 4), (4, 3), (5, 4), (6, 1)) for item in range(1, count + 1)]
    assert [item for item in re.findall(r"(?<![\d.])\d\.\d(?:\.\d)?(?= )", text) if item in items] == items
    assert text.count({"en": "to be added by the author", "zh": "由作者补充 "}[lang]) == 4


# ── languages ───────────────────────────────────────────────────────────────────────────────────────

# Names that are the same in Chinese.
NAMES = {"simgov", "STRESS", "DES", "Monks", "MIT", "docs", "model", "explain", "numbers", "slow", "python", "numpy", "numba", "simpy", "compiled", "depth", "posterior"}


@EACH
def test_no_english_is_left_in_the_chinese_report(pages, kind):
    text = re.sub(r"simgov (sensitivity|run|compare|calibrate) \S.*?(?= [^-\x00-\x7f]|$)", "", parsed(pages[kind, "zh"]).said())

    assert set(re.findall("[A-Za-z]{2,}", text)) - NAMES - {"md", "yaml", "margin"} == set()


@EACH
def test_no_chinese_is_left_in_the_english_report(pages, kind):
    assert re.findall("[\u3000-\u9fff\uff00-\uffef]+", parsed(pages[kind, "en"]).said()) == []


# ── what must not be in it ──────────────────────────────────────────────────────────────────────────


@EACH
@BOTH
def test_nothing_is_loaded_from_elsewhere(pages, kind, lang):
    """No address, no script but the one that loads letters; pictures are drawn in the page, or are data, as its letters are. Nothing else is allowed to it by its own policy."""
    text = pages[kind, lang]
    page = parsed(text)
    sources = [value for _, attrs, _ in page.elements for name, value in attrs.items() if name in ("src", "href", "xlink:href", "srcset", "data", "action")]

    assert not re.search("https?:|//[a-z]|@import|javascript:", re.sub("base64,[^\"]*", "", text))
    assert all(value.startswith(("#", "data:image/png;base64,", "data:font/woff2;base64,")) for value in sources)
    assert all(value.startswith(("data:font/woff2;base64,", "#")) for value in re.findall(r"url\(([^)]*)", text))
    (policy,) = [attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"]
    script = re.search("<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    assert policy == f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    assert page.all("script") == [{}]


@EACH
def test_it_is_small(pages, kind):
    assert all(len(pages[kind, lang].encode()) < 2_000_000 for lang in ("en", "zh"))


@EACH
def test_the_same_thing_gives_the_same_bytes(made, pages, kind):
    assert html(made[kind], "zh") == pages[kind, "zh"]


@EACH
def test_names_in_a_page_are_unique(pages, kind):
    """Glyphs and clips of one figure are not those of another."""
    ids = [attrs["id"] for _, attrs, _ in parsed(pages[kind, "en"]).elements if "id" in attrs]

    assert len(ids) == len(set(ids))


@EACH
def test_tables_can_be_heard(pages, kind):
    """Every heading of a table says what it is a heading of."""
    page = parsed(pages[kind, "en"])

    assert {attrs.get("scope") for attrs in page.all("th")} <= {"col", "row", "rowgroup"}
    assert page.all("table")
    assert all("main" in dict(around) for tag, _, around in page.elements if tag == "table")


def plain(file):
    """What stands in it, as JSON has it."""
    return json.loads(json.dumps(yaml_text.read(file)[0], default=str))


def hostile(data, text):
    """Every label of it, its title and its notes are that text."""
    if isinstance(data, dict):
        return {key: text if key in ("label", "title", "description", "question", "of", "note") else hostile(value, text) for key, value in data.items()}
    return [hostile(item, text) for item in data] if isinstance(data, list) else data


def labelled(data, text):
    """A hostile scenario, in which everything has a label."""
    data = hostile(data, text) | {"title": text, "description": text}
    for part in ("levels", "teams", "classes", "stages", "changes"):
        for name, thing in data[part].items():
            data[part][name] = {**(thing if isinstance(thing, dict) else {"count": thing}), "label": text}
    for target in data.get("targets", []):
        target |= {"label": text, "of": text}
    return data


@pytest.fixture(scope="module", params=EVIL, ids=["script", "img"])
def attacked(request, tmp_path_factory):
    """One of each kind, whose author has written markup wherever there is room for words."""
    text, folder = request.param, tmp_path_factory.mktemp("attacked")
    data = labelled(plain(street.write(folder)), text)
    data["teams"]["desk"]["people"] = {"each": {"value": 2, "assumption": [1, 3], "note": text}}
    (folder / "street.yaml").write_text(json.dumps(data), encoding="utf-8")
    (folder / "late.yaml").write_text(STUDY, encoding="utf-8")
    late = plain(folder / "late.yaml")
    late |= {"title": text, "question": text, "policies": {text: {"label": text}, "other": {"label": text, "change": ["off"]}}}
    late["measures"] = [{**asked, "label": text} for asked in late["measures"]]
    (folder / "late.yaml").write_text(json.dumps(late), encoding="utf-8")
    free = to_fit(folder)
    free.write_text(json.dumps(labelled(plain(free), text)), encoding="utf-8")
    return text, {
        "run": simgov.run(folder / "street.yaml", replications=3, seed=7),
        "comparison": study.compare(folder / "late.yaml", replications=2, engine="simpy"),
        "calibration": calibrate(free, depth="point", seed=3, replications=2, engine="simpy"),
    }


def skeleton(text):
    """Names of all elements outside of figures, and every (element, attribute) there is."""
    page = parsed(text)
    return {tag for tag, _, _ in page.elements}, {(tag, name) for tag, attrs, _ in page.elements for name in attrs}


@EACH
def test_words_of_a_scenario_are_never_markup(attacked, pages, kind):
    """Titles, labels, notes and names of policies stay words: no element and no attribute is there that a harmless report has not."""
    text, found = attacked
    page = html(found[kind], "zh")

    elements, attributes = skeleton(page)
    known_elements, known_attributes = (set().union(*each) for each in zip(*(skeleton(pages[of, tongue]) for of in KINDS for tongue in ("en", "zh")), strict=True))
    assert text in "".join(said for said, _ in parsed(page).texts)
    assert elements <= known_elements
    assert attributes <= known_attributes
    assert parsed(page).all("script") == [{}]  # ours
    assert "img" not in elements
    assert text not in page


def test_the_parser_sees_markup():
    """The control: what is not escaped is found."""
    elements, attributes = skeleton(f"<p>{EVIL[0]}</p><p title=\"{EVIL[1]}</p>")

    assert {"script", "img"} <= elements
    assert ("img", "onerror") in attributes


# ── ranked assumptions ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ranked(tmp_path_factory):
    """A run with two assumptions, and the folder of a real analysis of it: the second in the file matters, the first does not."""
    scenario = simgov.build(
        written(
            {"look": {"by": "desk", "work": {"value": "20 min", "assumption": ["10 min", "40 min"], "note": "guessed"}}},
            teams={"desk": {"at": "unit", "hours": "office"}, "idle": {"at": "unit", "people": {"value": 2, "assumption": [1, 3]}}},
            arrive=[f"{day} {hour:02d}:00" for day in ("Mo", "Tu", "We", "Th", "Fr") for hour in range(9, 17)],
        )
    )
    folder = tmp_path_factory.mktemp("ranked") / "sensitivity"
    sensitivity(scenario, measure="time_to_closure_median", budget=400, replications=2, engine="simpy").save(folder)
    return simgov.run(scenario, replications=2), folder


def order(text):
    codes = [t for t, around in parsed(text).texts if inside("section", "assumptions")(around) and around[-1][0] == "code"]
    return [code for code in codes if code.startswith(("stages", "teams"))]


def test_assumptions_are_ranked_by_an_analysis_of_this_scenario(ranked):
    """With one at hand they stand in its order; without, in that of the file, and it says that nobody has ranked them, and how."""
    result, folder = ranked
    plain, by_weight = html(result), html(result, sensitivity=folder)

    assert order(plain)[0] == "teams.idle.people"
    assert order(by_weight)[0] == "stages.look.work"
    assert "Nobody has ranked them yet" in plain
    assert "simgov sensitivity scenario.yaml" in plain
    assert "sensitivity analysis of “Time to closure, median”" in by_weight
    assert "Nobody" not in by_weight


def test_an_analysis_of_something_else_is_refused(ranked, tmp_path):
    """Other numbers would be ranked."""
    _, folder = ranked

    with pytest.raises(UsageError, match=r"is the sensitivity analysis of another scenario \(digest [0-9a-f]{8}; the one reported is [0-9a-f]{8}\): analyse it with the same file"):
        html(street.result(), sensitivity=folder)
    with pytest.raises(OutputError, match=r"holds no finished sensitivity analysis .*make one with `simgov sensitivity`, and name its folder"):
        html(street.result(), sensitivity=tmp_path)


# ── files and commands ──────────────────────────────────────────────────────────────────────────────


def run(*arguments):
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    return done.exit_code, done.output


def test_a_run_writes_its_report_and_it_can_be_made_again_from_the_folder(tmp_path):
    """The last line names it; from the folder alone the same bytes come out, and the other language."""
    code, output = run("run", street.write(tmp_path), "-n", 2, "--out", tmp_path / "out")

    assert code == 0, output
    first = (tmp_path / "out" / "report.html").read_bytes()
    assert " ".join(output.split()).endswith(f"the report: {tmp_path / 'out' / 'report.html'}")
    assert run("report", tmp_path / "out", "--out", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_bytes() == first
    assert run("report", tmp_path / "out", "--lang", "zh")[0] == 0
    assert 'lang="zh-CN"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_run_with_assumptions_keeps_where_its_numbers_come_from(ranked, tmp_path):
    """The folder holds the tags, which the scenario's data have no more."""
    result, _ = ranked
    result.save(tmp_path / "out")

    assert reopened(tmp_path / "out").scenario.origins == result.scenario.origins


def test_a_comparison_writes_its_report_and_can_be_taken_up_again(tmp_path):
    """From its kept trials, without the study file; a trial that got lost is done again."""
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY, encoding="utf-8")
    code, output = run("compare", tmp_path / "late.yaml", "-n", 3, "--out", tmp_path / "out")
    assert code == 0, output
    first = (tmp_path / "out" / "report.html").read_bytes()
    (tmp_path / "late.yaml").unlink()
    (tmp_path / "street.yaml").unlink()
    next((tmp_path / "out" / "trials").rglob("*.json")).unlink()

    assert " ".join(output.split()).endswith(f"the report: {tmp_path / 'out' / 'report.html'}")
    assert run("report", tmp_path / "out", "--out", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_bytes() == first


def test_a_comparison_of_another_version_is_refused(tmp_path):
    """Its trials would not be those of this version."""
    street.write(tmp_path)
    (tmp_path / "late.yaml").write_text(STUDY, encoding="utf-8")
    study.compare(tmp_path / "late.yaml", replications=2, folder=tmp_path / "out").save(tmp_path / "out")
    place = tmp_path / "out" / "comparison.json"
    data = json.loads(place.read_text(encoding="utf-8"))
    data["code"] = "x"
    place.write_text(json.dumps({**data, "seal": document.seal(data)}), encoding="utf-8")

    with pytest.raises(OutputError, match=r"was made by another version of simgov, .* compare anew: simgov compare late\.yaml --anew"):
        reopened(tmp_path / "out")


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (None, "holds no result of simgov; name the folder that `simgov run` or `simgov compare` has written"),
        ({"simgov_study": 1, "calibration": "x"}, "is a calibration, which its folder alone does not give back; give the same `simgov calibrate` command with the other --lang"),
        ({"simgov_study": 1, "study": "x"}, "is a study that was interrupted; the same `simgov compare` command goes on, and writes the report"),
        ({"simgov_study": 1, "sensitivity": "x"}, "holds trials of an analysis that has no report"),
    ],
)
def test_folders_that_give_no_report_are_refused(tmp_path, mark, message):
    """One message, exit code 2, and nothing is written."""
    if mark is not None:
        (tmp_path / "study.json").write_text(json.dumps(mark), encoding="utf-8")
    code, output = run("report", tmp_path)

    assert code == 2
    assert message in " ".join(output.split())
    assert not (tmp_path / "report.html").exists()


def test_what_cannot_be_reported_or_written_is_told(made, tmp_path):
    with pytest.raises(UsageError, match="unknown language 'fr'; known: en, zh"):
        html(street.result(), "fr")
    with pytest.raises(UsageError, match="a report is about a Result, a Comparison, a Calibration or a Prediction, got dict"):
        html({})
    with pytest.raises(OutputError, match=r"no/such/report\.html: cannot be written: No such file or directory; name another file with --out"):
        write(made["calibration"], tmp_path / "no" / "such" / "report.html")


def test_a_run_without_journal_or_incidents_has_its_report():
    """What is not there is said, and nothing fails."""
    empty = simgov.build(written({"look": {"by": "desk", "work": "1h"}}, classes={"matter": {"arrivals": {"list": []}}}))

    assert "The journal of this run was not kept" in html(simgov.run(street.street(), replications=2, journal=False))
    assert "no incident was collected" in html(simgov.run(empty, replications=2))
