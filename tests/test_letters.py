"""Letters: what a report brings along, fonts of the machine for what ours lack, and one sentence about what is found nowhere."""

from __future__ import annotations

import warnings
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
import street
from click.testing import CliRunner
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont

import simgov
from simgov import missing, report
from simgov.cli import main
from simgov.missing import MissingCharactersWarning
from simgov.plots import fonts
from simgov.report.letters import ALWAYS, faces

RARE = "珆㟖𣲗"  # in names of places, and not in GB 2312
STRANGE = {"emoji": "🏘🫠", "Tibetan": "བོད", "rare Chinese": RARE, "Yi": "ꆈꌠ"}  # what neither of our fonts has


@pytest.fixture
def bare(monkeypatch):
    """A machine whose fonts know none of these."""
    with_fonts(monkeypatch)
    yield
    forget()


def with_fonts(monkeypatch, *paths):
    forget()
    monkeypatch.setattr(fonts.font_manager, "findSystemFonts", lambda: list(map(str, paths)))


def forget():
    fonts._of_the_machine.cache_clear()
    fonts._installed.cache_clear()


def town(folder, name):
    """The small street under another name, which stands in the title, a team and a class."""
    text = street.TEXT.replace("小街", f"小街{name}").replace("A small street", f"A small street {name}").replace("zh: 单元长", f"zh: 单元长{name}")
    (folder / "town.yaml").write_text(text.replace("en: event,", f'en: "event {name}",'), encoding="utf-8")
    return folder / "town.yaml"


def font_with(characters, path):
    """A font that has these characters alone, each a full square."""
    names = [f"u{ord(c):X}" for c in characters]
    pen = T2CharStringPen(1000, None)
    for x, y in ((0, 0), (0, 900), (900, 900), (900, 0)):
        (pen.lineTo if (x, y) != (0, 0) else pen.moveTo)((x, y))
    pen.closePath()
    square = pen.getCharString()
    made = FontBuilder(1000, isTTF=False)
    made.setupGlyphOrder([".notdef", *names])
    made.setupCharacterMap(dict(zip(map(ord, characters), names, strict=True)))
    made.setupCFF("Rare", {}, dict.fromkeys([".notdef", *names], square), {})
    made.setupHorizontalMetrics(dict.fromkeys([".notdef", *names], (1000, 0)))
    made.setupHorizontalHeader(ascent=900, descent=-100)
    made.setupNameTable({"familyName": f"Rare {path.stem}", "styleName": "Regular"})
    made.setupOS2()
    made.setupPost()
    made.save(path)
    return path


# ── what a report brings ────────────────────────────────────────────────────────────────────────────


def test_a_report_brings_the_letters_it_uses():
    """Latin and digits always, Chinese as it is used; accents, arrows and Arabic letters from the other font; nothing for what no font has."""
    first, second = faces("办结：é ئۇ ✓ " + RARE)
    known = [set(map(chr, TTFont(BytesIO(b64decode(face.data))).getBestCmap())) for face in (first, second)]

    assert (first.family, second.family) == ("simgov", "simgov-more")
    assert {"办", "结", "：", "é", *ALWAYS} == known[0]
    assert {"ئ", "ۇ", "✓"} == known[1]
    assert b64decode(first.data).startswith(b"wOF2")
    assert [face.family for face in faces("plain")] == ["simgov"]


def test_a_report_has_every_letter_of_its_text():
    """Of the text of a report in either language no letter is left to the reader's machine; letters are cut, not brought whole."""
    for lang in ("en", "zh"):
        text = report.html(street.result(), lang)
        inside = set().union(*(map(chr, TTFont(BytesIO(b64decode(face.data))).getBestCmap()) for face in faces(text)))
        assert set(text) - {"\n"} <= inside
        assert all(len(face.data) < 200_000 for face in faces(text))


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_no_font_has_is_told_once(tmp_path, bare, kind, lang):
    """One warning for a figure, one for a report of seven, in the language of the reader, and no word of a library's; the report says it, too."""
    result = simgov.run(town(tmp_path, STRANGE[kind]), replications=2)
    for make in (lambda: result.figure("closure", lang).savefig(tmp_path / "x.png"), lambda: report.html(result, lang)):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            made = make()
        assert [w.category for w in told] == [MissingCharactersWarning]
        assert str(told[0].message) == missing.said(STRANGE[kind], lang)
        assert ("No font of this machine has" in str(told[0].message)) == (lang == "en")
        assert all(c in str(told[0].message) for c in STRANGE[kind])
    assert missing.said(STRANGE[kind], lang) in made


def test_what_no_font_has_is_told_once_on_the_terminal(tmp_path, bare):
    """`simgov run` says it in one sentence at its end, in the language asked for."""
    for lang in ("en", "zh"):
        done = CliRunner().invoke(main, ["run", str(town(tmp_path, RARE)), "--replications", "2", "--out", str(tmp_path / lang), "--lang", lang])
        assert done.exit_code == 0, done.output
        assert done.stderr.splitlines().count(missing.said(RARE, lang)) == 1
        assert "Glyph" not in done.output
        assert "Warning" not in done.output


def test_a_font_of_the_machine_is_taken_for_what_ours_lack(tmp_path, monkeypatch):
    """A font that knows the characters is found, even when matplotlib had looked for fonts before; damaged ones are passed over; what it lacks is still told."""
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with_fonts(monkeypatch, tmp_path / "broken.ttf", font_with(RARE, tmp_path / "rare.otf"))
    result = simgov.run(town(tmp_path, RARE), replications=2)
    before = [result.figure(name, "zh") for name in ("closure", "load", "places")]
    with pytest.warns(MissingCharactersWarning, match="has 🏘:"):
        simgov.run(town(tmp_path, RARE + "🏘"), replications=2).figure("closure")
    forget()

    assert all("Rare rare" in text.get_fontfamily() for figure in before for text in figure.findobj(fonts.Text))
    with_fonts(monkeypatch)
    with pytest.warns(MissingCharactersWarning):
        boxed = result.figure("closure", "zh")
    assert (pixels(before[0]) != pixels(boxed)).any()
    forget()


def pixels(figure):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def test_only_some_of_many_characters_are_named():
    """A sentence stays one."""
    many = [chr(0x20000 + n) for n in range(200)]

    assert missing.said(many, "en").count(" ") < 80
    assert "…" in missing.said(many, "en")
    assert missing.said([], "en") == ""
