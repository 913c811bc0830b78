"""Layers point one way: read off the imports of every module, those inside functions included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "simgov"
LONGEST = 700  # lines of a module
LAYERS = [
    {"language"},
    {"errors", "clock", "chance", "characters", "marked", "missing"},
    {"files", "owner", "code", "sheets"},
    {"whole"},
    {"document"},
    {"vocabulary"},
    {"calendars"},
    {"scenario"},
    {"plan"},
    {"draws"},
    {"journal"},
    {"engines"},
    {"measures"},
    {"never"},
    {"targets", "flow", "folder", "interview", "pieces", "sources", "workers", "words"},
    {"budget", "provenance", "mind"},
    {"result"},
    {"trials"},
    {"runner", "explain"},
    {"study", "ledgers", "checking"},
    {"plots"},
    {"sensitivity"},
    {"staffing", "calibration"},
    {"report"},
    {"web"},
    {"schema", "cli"},
]
HEIGHT = {part: height for height, parts in enumerate(LAYERS) for part in parts}
FOR_TYPES = "for types only"


def part_of(module):
    """`simgov.plan.people` belongs to the part `plan`."""
    return module.split(".")[1] if "." in module else module


def modules():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        found[name] = path
    return found


def imports(path, known):
    """(line, module) of every import of simgov, without those that are for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {id(node) for branch in ast.walk(tree) if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING" for node in ast.walk(branch)}
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] == "simgov")
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative imports hide the layer"
            if node.module.split(".")[0] == "simgov":
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield node.lineno, inner if inner in known else node.module


MODULES = modules()
EDGES = {name: set(imports(path, MODULES)) for name, path in MODULES.items()}
# A result draws its figures: the one place where a lower layer reaches up, inside a function and by name.
ALLOWED = {("simgov.result", "simgov.plots"), ("simgov.study.comparison", "simgov.plots")}


def test_every_module_has_a_layer():
    """Whoever adds a part says at which height it stands."""
    assert {part_of(name) for name in MODULES} - {"simgov", "fonts"} == set(HEIGHT)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "simgov"])
def test_no_layer_imports_a_higher_one(name):
    """A module imports from its own layer or from lower ones, inside functions too."""
    mine = HEIGHT[part_of(name)]

    wrong = [
        f"{name}:{line} imports {other}"
        for line, other in EDGES[name]
        if other != "simgov" and HEIGHT[part_of(other)] > mine and (name, other) not in ALLOWED
    ]
    assert wrong == []


def test_parts_of_one_layer_do_not_know_each_other():
    """Within a layer, parts stand side by side."""
    beside = [
        f"{name}:{line} imports {other}"
        for name, found in EDGES.items()
        for line, other in found
        if name != "simgov" and other != "simgov" and part_of(name) != part_of(other) and HEIGHT[part_of(name)] == HEIGHT[part_of(other)]
    ]

    assert [x for x in beside if not x.startswith("simgov.cli")] == []  # commands are made of the others


def test_nobody_imports_the_package_itself():
    """`import simgov` inside simgov would hide a circle."""
    assert [name for name, found in EDGES.items() if "simgov" in {other for _, other in found}] == []


def test_no_circles():
    """Modules that import each other when they are loaded form no circle."""
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for _, other in EDGES[name]:
            if (name, other) not in ALLOWED and other != name:
                visit(other)
        path.pop()
        done.add(name)

    for name in MODULES:
        visit(name)


def test_the_checker_sees_a_wrong_import(tmp_path):
    """The control: an import from a higher layer, hidden in a function, is found; one for types only is not."""
    (tmp_path / "clock.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from simgov.result import Result\ndef f():\n    from simgov import runner\n    import simgov.plots.style\n"
    )

    assert sorted(imports(tmp_path / "clock.py", MODULES)) == [(5, "simgov.runner"), (6, "simgov.plots.style")]


@pytest.mark.parametrize("name", MODULES)
def test_modules_stay_short(name):
    """No module has more lines than the budget."""
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("simgov.cli") and name != "simgov.missing"])
def test_nothing_prints_but_the_command_line(name):
    """`print`, `sys.exit` and `warnings.warn` stand nowhere below the command line; only a figure without a font for its letters warns who draws it in Python."""
    calls = [ast.unparse(n.func) for n in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]

    assert {"print", "sys.exit", "exit", "warnings.warn", "input"}.isdisjoint(calls)


def test_every_module_says_what_it_is():
    """Every module begins with a docstring; none is a stub."""
    assert [name for name, path in MODULES.items() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []
