"""The documentation is built without a warning, and its pages ask nobody outside for anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built pages; notebooks are shown without being run, which has its own test."""
    place = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-D", "nb_execution_mode=off", ROOT / "docs", place]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


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
