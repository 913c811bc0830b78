"""Chinese is written with Chinese punctuation, in everything that is shipped: the catalogue, the scenarios and studies, the facts, the docs."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from shipped import FILES, FOLDER

from simgov.language import update
from simgov.scenario import yaml_text

ROOT = FOLDER.parent
CHINESE = "\u3400-\u9fff\U00020000-\U0003ffff"
HALF = re.compile(rf"(?<=[{CHINESE}])\s?[,;:?!()]\s?(?=[{CHINESE}“《（])|(?<=[”》）])\s?[,;:?!()]\s?(?=[{CHINESE}])|(?<=[{CHINESE}])\(|\)(?=[{CHINESE}])")
QUOTES = re.compile(rf"(?<=[{CHINESE}])[\"']|[\"'](?=[{CHINESE}])")  # in running text; “ ” ‘ ’ are those of Chinese
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.zh.md", *(ROOT / "notebooks").glob("*.py")])


def half(text: str, *patterns: re.Pattern[str]) -> list[str]:
    """Every place with half-width punctuation between Chinese characters, with what stands around it."""
    return [text[max(0, m.start() - 12) : m.end() + 12] for pattern in patterns or (HALF,) for m in pattern.finditer(text)]


def texts(value):
    """All texts but the phrases of targets: they quote a document to the letter."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner) if key != "phrase" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("text", ["事件,以及", "社区:四方", "多久?领导", "一周; 其余", "中位数(月)", "(月)之后", "解决“甲”,乙", "甲,“乙”"])
def test_half_width_punctuation_is_seen(text):
    assert half(text)


@pytest.mark.parametrize("text", ["事件，以及（甲）", "“甲”: 1", "1,000件", "17:30前", "社区 (community), 网格 (grid)", "PT-15: 甲", "`甲`, `乙`"])
def test_what_is_no_chinese_sentence_is_let_be(text):
    """Numbers, times, and single Chinese words in an English sentence."""
    assert not half(text)


def test_the_catalogue():
    wrong = [piece for text in update.chinese() if text.id for said in ([text.string] if isinstance(text.string, str) else text.string) for piece in half(said)]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files(path: Path):
    """Titles, labels, notes and quotations of scenarios, studies, rule sheets and staffing files; in these, straight quotes are no quotes either."""
    wrong = [piece for text in texts(yaml_text.read(path)[0]) for piece in half(text, HALF, QUOTES)]
    assert wrong == []


def test_facts():
    """But for `phrase`: that is what a document says, to the letter."""
    with (FOLDER / "facts.csv").open(encoding="utf-8", newline="") as file:
        texts = [text for row in csv.DictReader(file) for name, text in row.items() if text and name != "phrase"]
    wrong = [piece for text in texts for piece in half(text)]
    assert wrong == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_docs(path: Path):
    """But for the lines that quote a document to the letter."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("*The source says:*")]
    assert half("\n".join(lines)) == []


def test_notes_of_shipped_files_are_in_both_languages():
    """A note, and the reason of an assumption, is there in English and in Chinese wherever it is more than the id of a fact."""
    identifier = re.compile(r"[A-Z]+-[A-Z0-9-]+")

    def tagged(value):
        if isinstance(value, dict):
            if "value" in value:
                yield from (value[key] for key in ("note", "assumption") if key in value and not isinstance(value[key], list))
            for inner in value.values():
                yield from tagged(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from tagged(inner)

    found = [(path.name, text) for path in FILES for text in tagged(yaml_text.read(path)[0])]
    wrong = [(name, text) for name, text in found if not isinstance(text, dict) or set(text) != {"en", "zh"} or re.search(f"[{CHINESE}]", text["en"])]
    bare = [(name, text) for name, text in found if isinstance(text, dict) and not re.search(f"[{CHINESE}]", text["zh"]) and identifier.sub("", text["zh"]).strip(" 、")]

    assert len(found) > 500
    assert wrong == []
    assert bare == []
