"""Everything that simgov shows has Chinese and English, from one catalogue, and the font that comes with it can write it."""

from __future__ import annotations

import ast
import gettext
import os
import re
from string import Formatter
from threading import Thread

import matplotlib as mpl
import numpy as np
import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import write_po
from click.testing import CliRunner
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from shipped import FILES, FOLDER, SCENARIOS

from simgov.cli import COMMANDS, clicks, main
from simgov.cli.tongue import told
from simgov.language import Message, lines, message, of_locale, say, update
from simgov.plots.style import STYLE, font_families
from simgov.scenario import extends, yaml_text
from simgov.words import bound, joined, listed, number, prose

WIDE = lines.WIDE
FONT = update.PACKAGE / "fonts" / "NotoSansCJKsc-subset.otf"
MODULES = sorted(update.PACKAGE.rglob("*.py"))
CHINESE_IN_CODE = {  # what is no text that is shown, or is no text of simgov's
    "clock.py": "units of durations as users write them",
    "language/lines.py": "punctuation at which lines are not broken",
    "plots/comparison/frame.py": "where sentences end",
    "schema.py": "an example in the description of a field, for editors",
    "scenario/fields.py": "the same",
    "scenario/model.py": "Chinese terms in descriptions of fields, for editors",
    "scenario/stage.py": "the same",
}
TABLES = {"scenario/fields.py": "a bare label serves for both languages", "scenario/origins.py": "a note is written back as it came", "web/sidebar.py": "the names of the languages, each in itself"}


@pytest.fixture(scope="module")
def extracted():
    return update.extracted()


@pytest.fixture(scope="module")
def catalogue():
    return update.chinese()


def texts(some):
    """(English, Chinese) of every text; of one with a plural, those of many."""
    return [(t.id, t.string) if isinstance(t.id, str) else (t.id[1], t.string[0]) for t in some if t.id]


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_missing(extracted, catalogue):
    """What the code says is what the catalogue has, no more and no less, and all of it in Chinese (python -m simgov.language.update --prune)."""
    said, known = ({english for english, _ in texts(some)} for some in (extracted, catalogue))

    assert sorted(said - known) == []
    assert sorted(known - said) == []
    assert [english for english, chinese in texts(catalogue) if not chinese] == []
    assert list(catalogue.obsolete) == []


def fields(text):
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None} | set(re.findall(r"%\((\w+)\)s", text)))


def test_fields_are_the_same_in_both_languages(catalogue):
    """What is filled into the English text is filled into the Chinese one; of click's own texts some names of types are left out."""
    wrong = [(english, chinese) for english, chinese in texts(catalogue) if chinese and fields(english) != fields(chinese) and english not in clicks.TEXTS]

    assert wrong == []
    assert all(set(fields(chinese)) <= set(fields(english)) for english, chinese in texts(catalogue))


def test_what_is_read_is_what_was_written(catalogue):
    """The compiled catalogue is that of the written one."""
    with update.PO.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)

    assert sorted(texts(compiled)) == sorted((english, chinese) for english, chinese in texts(catalogue) if chinese)


def test_a_text_is_said_in_both_languages():
    """A plain text is filled in afterwards, a message keeps its values; what the catalogue does not know stays as it is."""
    assert (say("not reached"), say("not reached", "zh"), say("never said before", "zh")) == ("not reached", "未达到", "never said before")
    assert say(Message("simpy would take about {time}", {"time": message("{n} h", n="2")}), "zh") == "simpy 约需 2 小时"
    assert (number(float("nan"), "hours", "zh"), number(3.0, "days", "zh"), bound(0.9, None, "share", "zh")) == ("未达到", "3.00 天", "至少90.0%")
    assert [join(["a", "b"], "zh") for join in (listed, joined, prose)] == ["a、b", "a，b", "ab"]
    assert [join(["a", "b"]) for join in (listed, joined, prose)] == ["a, b", "a, b", "a b"]


# ── the tool that keeps it ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def po(tmp_path):
    """A catalogue of one text that has Chinese."""
    made = Catalog("zh", charset="utf-8")
    made.add("work", "处置")
    with (tmp_path / "simgov.po").open("wb") as file:
        write_po(file, made)
    return tmp_path / "simgov.po"


def some(*english):
    made = Catalog(charset="utf-8")
    for text in english:
        made.add(text)
    return made


def test_chinese_is_kept_while_its_text_is_away(po):
    """A text that no code says for a while has its Chinese again when it comes back; only pruning forgets it."""
    update.update(some("queue"), po)
    assert dict(texts(update.update(some("queue", "work"), po))) == {"queue": "", "work": "处置"}

    update.update(some("queue"), po, prune=True)
    assert "处置" not in po.read_text(encoding="utf-8")


def test_an_old_copy_that_is_written_back_loses_nothing(po):
    """Somebody who edits by hand overwrites what another has written meanwhile: it still stands in the compiled catalogue."""
    before = po.read_bytes()
    po.write_text(po.read_text(encoding="utf-8") + '\nmsgid "queue"\nmsgstr "排队"\n', encoding="utf-8")
    update.update(some("work", "queue"), po)
    po.write_bytes(before)

    assert dict(texts(update.update(some("work", "queue"), po))) == {"queue": "排队", "work": "处置"}


def test_one_writes_after_the_other(po):
    """Who comes while another writes waits for the lock, and then reads what the other has written."""
    other = Thread(target=update.update, args=(some("work", "queue"), po))
    with update.locked(po.parent):
        other.start()
        other.join(0.2)
        assert other.is_alive()
        po.write_text(po.read_text(encoding="utf-8") + '\nmsgid "queue"\nmsgstr "排队"\n', encoding="utf-8")
    other.join(10)

    assert dict(texts(update.chinese(po))) == {"queue": "排队", "work": "处置"}
    assert sorted(path.name for path in po.parent.iterdir()) == ["simgov.mo", "simgov.po"]  # nothing is left behind


def test_what_is_taken_from_the_code(tmp_path):
    """Texts in f-strings and in both branches of a condition, help of commands by paragraph, of options; no labels of scenarios."""
    module = tmp_path / "some.py"
    module.write_text(
        '''
@click.command()
@click.option("--one", help="An option.")
def f():
    """The first
    paragraph.

    \\b
    as it stands

    The second.
    """
    say("a" if x else "b", lang), f"{say('c', lang)}", message("d"), ngettext("one", "many", n), label.say("en"), say(text, lang)
'''
    )
    with module.open("rb") as file:
        found = [texts for _, _, texts, _ in update.python(file, update.KEYWORDS, (), {})]

    assert sorted(" ".join(x) if isinstance(x, tuple) else x for x in found) == ["An option.", "The first paragraph.", "The second.", "a", "b", "c", "d", "one many"]


# ── the code ────────────────────────────────────────────────────────────────────────────────────────


def constants(tree):
    """Texts of a module without its docstrings."""
    docs = {id(node.body[0].value) for node in ast.walk(tree) if getattr(node, "body", None) and isinstance(node.body, list) and isinstance(node.body[0], ast.Expr)}
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs]


def test_no_chinese_stands_in_the_code():
    """What is shown in Chinese stands in the catalogue; the exceptions are named."""
    found = {}
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        name = path.relative_to(update.PACKAGE).as_posix()
        if some := [node.lineno for node in constants(ast.parse(source)) if WIDE.search(ast.get_source_segment(source, node) or "")]:
            found[name] = some

    assert {name: where for name, where in found.items() if name not in CHINESE_IN_CODE} == {}
    assert set(CHINESE_IN_CODE) <= set(found)


def test_no_module_has_a_table_of_its_own():
    """Nowhere does a mapping from languages to words stand beside the catalogue."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and {"en", "zh"} <= {key.value for key in node.keys if isinstance(key, ast.Constant)}:
                found.add(path.relative_to(update.PACKAGE).as_posix())

    assert found <= set(TABLES)


# ── the files that come with simgov ─────────────────────────────────────────────────────────────────

WORDS = ("label", "title", "question")
PARTS = ("levels", "teams", "classes", "stages", "ends", "changes", "policies")


def words(value, path=""):
    """(where, text) of every label, title and question."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [(f"{path}.{key}", inner)] if key in WORDS and path != ".facts" else words(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from words(inner, f"{path}.{n}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_speak_both_languages(path):
    """Every title, question and label is there in English and in Chinese, and every level, team, class, stage, end, change and policy has one."""
    data = extends.read(path).tagged() if path in SCENARIOS else yaml_text.read(path)[0]
    found = dict(words(data))

    assert "." + ("title" if "title" in data else "scenario") in {".title", *found}
    wrong = {where: text for where, text in found.items() if not isinstance(text, dict) or not text.get("en") or WIDE.search(text["en"]) or not WIDE.search(text.get("zh", ""))}
    assert wrong == {}
    assert [f"{part}.{name}" for part in PARTS for name in data.get(part) or () if f".{part}.{name}.label" not in found] == []


# ── the font ────────────────────────────────────────────────────────────────────────────────────────


def test_the_font_has_every_character(catalogue):
    """Each character of the catalogue and of the shipped files is in the font that comes with simgov, or in the Latin one."""
    known = set(TTFont(FONT).getBestCmap()) | set(TTFont(font_manager.findfont("DejaVu Sans")).getBestCmap())
    shown = "".join(english + chinese for english, chinese in texts(catalogue)) + "".join(path.read_text(encoding="utf-8") for path in FILES)

    assert sorted({c for c in shown if c.isprintable() and not c.isspace() and ord(c) not in known}) == []
    assert 0x10FFFD not in known  # the control


def drawn(character):
    """The pixels of a character in the style of our figures."""
    with mpl.rc_context({**STYLE, "font.family": font_families()}):
        figure = Figure(figsize=(1, 1))
        figure.text(0.2, 0.3, character, fontsize=30)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_chinese_is_written_without_a_chinese_system(monkeypatch):
    """With no font but the Latin one of matplotlib and ours, two characters differ in their pixels from each other, from the box of a missing one and from nothing."""
    families = font_families()
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [font for font in font_manager.fontManager.ttflist if font.name in families])
    monkeypatch.setattr(font_manager.fontManager, "_findfont_cached", font_manager.fontManager._findfont_cached.__wrapped__.__get__(font_manager.fontManager))
    images = [drawn(c) for c in ("办", "结", "\U0010fffd", " ")]

    assert all((a != b).any() for i, a in enumerate(images) for b in images[:i])
    assert (drawn("\U0010fffd") == drawn("\U0010fffc")).all()  # the control: two characters that no font has are one box


# ── the command line ────────────────────────────────────────────────────────────────────────────────


def call(*args, **environment):
    return CliRunner().invoke(main, [str(arg) for arg in args], env={name: environment.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")})


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"), ({"LC_MESSAGES": "zh_CN", "LANG": "de_DE"}, "zh"),
        ({"LANGUAGE": "zh_CN:zh", "LANG": "en_US.UTF-8"}, "zh"), ({"LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en"), ({"LC_ALL": "", "LANG": "zh"}, "zh"),
    ],
)  # fmt: skip
def test_the_language_is_that_of_the_system(monkeypatch, environment, lang):
    """The first of LANGUAGE, LC_ALL, LC_MESSAGES and LANG that says something is heard, for help as for everything else."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert of_locale() == lang
    assert ("用法" in call("--help", **environment).output) == (lang == "zh")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_speaks_chinese(name):
    """Its help and the help of all its options are Chinese, it has --lang (unless it shows nothing but data), and lines fit the terminal."""
    done = call(name, "--help", "--lang", "zh") if name != "schema" else call("--lang", "zh", name, "--help")
    with main.make_context("simgov", ["explain"], resilient_parsing=True) as context:
        command = told(main.get_command(context, name), "zh")

    assert done.exit_code == 0
    assert not re.search(r"^(Usage|Options)|\[default", done.output, re.MULTILINE)
    assert WIDE.search(command.help)
    assert [p.name for p in command.params if getattr(p, "help", "") and not WIDE.search(p.help)] == []
    assert name == "schema" or "lang" in {p.name for p in command.params}
    assert max(lines.columns(line) for line in done.output.splitlines()) <= 80


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("run",), "错误：缺少参数"), (("run", "--seed", "x", "a"), "取值无效"), (("run", "--nothing"), "没有 '--nothing' 这个选项"), (("run", "a", "b"), "多余的参数"),
        (("run", "--seed", "-1", "a"), "不在允许范围"), (("run", "--engine", "x", "a"), "不在可选值之内"), (("run", "--seed"), "缺少取值"), (("run", "."), "是文件夹，不是文件"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_chinese(args, words):
    """What click itself says about arguments that are missing or wrong, too."""
    done = call(*args, "--lang=zh") if args[-1] != "--seed" else call("--lang=zh", *args)

    assert (done.exit_code, words in done.stderr) == (2, True), done.stderr
    assert "可查看帮助" in done.stderr or args == ("run", "--seed")  # of which click gives no hint
    assert not re.search(r"[A-Z][a-z]+ [a-z]+ ", done.stderr)  # no English sentence


def test_a_call_leaves_no_language_behind():
    """After a command in Chinese, gettext and the environment are what they were, and help is English again."""
    before = gettext.textdomain(), dict(os.environ)
    call("explain", "--lang", "zh")

    assert (gettext.textdomain(), dict(os.environ)) == before
    assert call("--help").output.startswith("Usage:")
    assert "Show this message and exit." in call("run", "--help").output


def test_only_what_asks_for_a_language_sets_it():
    """A value that looks like one, and a language that is unknown, set none."""
    assert "用法" not in call("explain", "zh").stderr
    assert "'fr' is not one of 'en', 'zh'" in call("run", "--lang", "fr", FOLDER).stderr


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────


def test_lines_are_broken_where_one_may():
    """English at spaces, Chinese anywhere but before closing punctuation; a wide character takes two columns."""
    assert lines.wrap("one two three", 7) == ["one two", "three"]
    assert lines.wrap("研判不隔夜，当日办结。", 10) == ["研判不隔", "夜，当日办", "结。"]
    assert lines.columns("研判 ok") == 7
