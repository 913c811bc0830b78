"""The documentation is built without a warning, and its pages ask nobody outside for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from simgov.vocabulary import DAYS, PARTS

ROOT = Path(__file__).parents[1]


def built(place, *options):
    """The folder with the pages; a warning of the build is an error."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", *options, ROOT / "docs", place]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built pages; notebooks are shown without being run, which has its own tests."""
    return built(tmp_path_factory.mktemp("site"), "-D", "nb_execution_mode=off")


@pytest.mark.nightly
def test_notebooks_run_where_the_site_is_built(tmp_path):
    """The command of the README: notebooks are executed from where their pages lie, and their pictures stand on the pages."""
    place = built(tmp_path / "site", "-D", "nb_execution_mode=force", "-d", tmp_path / "doctrees")

    for path in (ROOT / "notebooks").glob("*.py"):
        assert (place / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8").count("_images/") >= 2, path.stem


def test_every_page_is_reached_from_the_first(site):
    """Each text of docs/ has a page, and the first page lists it."""
    first = (site / "index.html").read_text(encoding="utf-8")
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}

    assert len(pages) > 12
    assert {page for page in pages if f'href="{page}.html"' not in first} == set()


def test_every_notebook_has_a_page(site):
    """Each notebook is a page, with its first heading."""
    for path in (ROOT / "notebooks").glob("*.py"):
        title = re.search(r"^# # (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1]
        assert title.split(":")[0] in (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")


def test_pages_load_nothing_from_outside(site):
    """No script, style, font or picture comes from another host."""
    pages = list(site.rglob("*.html"))
    loaded = [tag for page in pages for tag in re.findall(r"<(?:script|img|iframe)[^>]*src=\"(?:https?:)?//[^\"]*|<link[^>]*rel=\"stylesheet\"[^>]*href=\"(?:https?:)?//[^\"]*", page.read_text(encoding="utf-8"))]

    assert len(pages) > 20
    assert loaded == []


def test_the_reference_has_every_command_measure_and_field(site):
    """What the code has, the reference has."""
    from simgov.cli import COMMANDS
    from simgov.scenario.model import Stage, Team
    from simgov.vocabulary import MEASURES

    text = {name: (site / "reference" / f"{name}.html").read_text(encoding="utf-8") for name in ("commands", "measures", "language", "python")}

    assert [name for name in COMMANDS if f"simgov {name}" not in text["commands"]] == []
    assert [name for name in MEASURES if name not in text["measures"]] == []
    fields = [field.alias or name for model in (Stage, Team) for name, field in model.model_fields.items()]
    assert [name for name in fields if f">{name}<" not in text["language"]] == []
    assert "simgov.run" in text["python"]
    assert "model_post_init" not in text["python"]
    assert "any value" not in text["language"]
    assert all(f"{name}</span></code> ({', '.join(map(str, values))})" in text["measures"] for name, values in (("days", DAYS), ("part", PARTS)))


def _models():
    from simgov.scenario import distributions, fields, model, stage, target

    return {name: thing for module in (distributions, fields, model, stage, target) for name, thing in vars(module).items() if isinstance(thing, type) and issubclass(thing, fields.Strict)}


def _short_forms():
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8").partition("## Short forms")[2].partition("\n## ")[0]
    return re.findall(r"^\| (\w+) \| `([^`]+)` \| `([^`]+)`", page, re.MULTILINE)


def test_every_short_form_is_explained():
    """A model that takes a short form has a line in the table."""
    assert {name for name, model in _models().items() if model.SHORT} - {name for name, _, _ in _short_forms()} == set()


@pytest.mark.parametrize(("name", "short", "full"), _short_forms())
def test_a_short_form_means_what_the_page_says(name, short, full):
    """The short and the full form are read as the same."""
    read = YAML(typ="safe").load
    model = _models()[name]

    assert model.model_validate(read(short)) == model.model_validate(read(full))


def test_the_chinese_page_is_the_chinese_readme(site):
    """A reader of Chinese finds the README's text on the site, with its picture."""
    page = (site / "zh.html").read_text(encoding="utf-8")

    assert "主要任务输出什么" in page
    assert "_images/closure.png" in page
