"""Notebooks are kept as text. Each runs from top to bottom, is short, and says no number that is not computed in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
NAMES = {"getting_started", "own_place", "what_99_can_tell", "no_overnight", "unit_leaders", "new_stage", "calibrate_and_propagate"}
DOCUMENTED = {"simgov", "simgov.explain", "simgov.interview", "simgov.calibration"}  # of simgov's modules
LONGEST = 900  # words
EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    """The sources of the cells of a kind."""
    return [cell.source for cell in jupytext.read(path).cells if cell.cell_type == kind]


def outputs(path):
    """What the cells give in a kernel of their own, as in Jupyter: their outputs. A cell that fails raises."""
    from nbclient import NotebookClient

    notebook = jupytext.read(path)
    NotebookClient(notebook, timeout=960, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def spoken(path):
    """The prose, without code, links, and the headings that Jupyter numbers."""
    return re.sub(r"`[^`]*`|\]\([^)]*\)", " ", "\n".join(cells(path, "markdown")))


def numbers(text):
    """Numbers that a text states: decimals, shares, and whole numbers of two or more digits; no years, dates and times of day."""
    text = re.sub(r"(?<!\d)((19|20)\d\d(-\d\d){0,2}(?!\d)|\d\d:\d\d)", " ", text)
    return {float(found.replace(",", "")) for found in re.findall(r"\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+|\d{2,}|\d(?= ?%)", text)}


def untold(path):
    """Numbers of the prose that stand in no code cell, neither as they are nor as a share."""
    known = set()
    for source in cells(path, "code"):
        texts = [str(node.value) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and not isinstance(node.value, bool)]
        known |= {float(found) for text in texts for found in re.findall(r"\d+\.?\d*(?:e-?\d+)?", text)}
    return {x for x in numbers(spoken(path)) if not any(abs(x - scale * y) < 1e-9 for y in known for scale in (1, 100))}


def test_all_are_there():
    """The seven stories."""
    assert {path.stem for path in NOTEBOOKS} == NAMES


AT_EVERY_PUSH = {"getting_started", "what_99_can_tell"}  # all seven take more than a minute; the others run nightly


@pytest.mark.parametrize("path", [path if path.stem in AT_EVERY_PUSH else pytest.param(path, marks=pytest.mark.nightly) for path in NOTEBOOKS], ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")  # Jupyter's own
def test_it_runs(path, monkeypatch):
    """Every cell runs in a real kernel and its claims (asserts) hold; two pictures at least, each shown once; no line is cut off, no warning."""
    monkeypatch.delenv("MPLBACKEND", raising=False)  # as in Jupyter, whatever a machine without a screen sets
    given = outputs(path)
    pictures = [output["data"]["image/png"] for output in given if "image/png" in output.get("data", {})]
    printed = "".join(output.get("text", "") for output in given)

    assert len(pictures) >= 2
    assert len(set(pictures)) == len(pictures)
    assert max(map(len, printed.splitlines()), default=0) <= 120
    assert "Warning" not in printed


def test_a_figure_is_shown_once():
    """What pyplot draws is closed before it is shown: a kernel shows every figure that is open at the end of a cell, too."""
    drawn = [source for path in NOTEBOOKS for source in cells(path, "code") if "plt.subplots(" in source]

    assert len(drawn) >= 6
    assert [source for source in drawn if not re.search(r"^plt\.close\(figure\).*\nfigure$", source, re.MULTILINE)] == []


@EVERY
def test_numbers_are_computed(path):
    """A number in the prose stands in a code cell as well: in what is given, or in the assert that holds the claim to the run."""
    claims = sum(isinstance(node, ast.Assert) for source in cells(path, "code") for node in ast.walk(ast.parse(source)))

    assert claims >= 3
    assert untold(path) == set()


def test_a_typed_number_is_found(tmp_path):
    """The control: a claim that no cell holds is told from one that is held, and from a date."""
    path = tmp_path / "story.py"
    path.write_text("# %% [markdown]\n# From 2022-05-01 to 2023, 99.28 % and 1,800; half of them in 3.5 hours.\n\n# %%\nassert 0.9928 < 1 and n == 1800\n", encoding="utf-8")

    assert untold(path) == {3.5}


@EVERY
def test_it_is_short_and_ends_with_an_exercise(path):
    """Under ten minutes: few words, a Chinese summary at the top, an exercise at the end."""
    told = cells(path, "markdown")

    assert len(re.findall(r"[A-Za-z][\w'-]*", "\n".join(told))) <= LONGEST
    assert len(re.findall(r"[\u4e00-\u9fff]", told[0])) >= 80
    assert "## Exercise" in told[-1]


@EVERY
def test_only_what_is_documented_is_used(path):
    """Imports from simgov are of documented modules, and nothing private is touched."""
    trees = [ast.parse(source) for source in cells(path, "code")]
    imported = {alias.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name for name in imported if name.split(".")[0] == "simgov"} <= DOCUMENTED
    assert not [node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
