"""What simgov offers to Python: few names, a help that fits a screen, and an import that costs nothing."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys

import pytest

import simgov

NAMES = ["Comparison", "Result", "Scenario", "ScenarioError", "SimgovError", "again", "build", "compare", "load", "run"]
HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "simpy", "pydantic", "ruamel", "pyarrow", "rich", "click", "holidays")


def test_the_names_are_these():
    """`__all__` and `dir` hold the public names, and nothing else."""
    assert simgov.__all__ == NAMES
    assert dir(simgov) == sorted([*NAMES, "__version__"])


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_documented(name):
    """Every public name exists, and says in its first line what it is or gives."""
    thing = getattr(simgov, name)

    assert thing.__name__ == name
    assert len(inspect.getdoc(thing).splitlines()[0]) > 20


def test_an_unknown_name_is_an_attribute_error():
    """A name that does not exist ends as Python says it."""
    with pytest.raises(AttributeError, match="module 'simgov' has no attribute 'simulate'"):
        _ = simgov.simulate


def test_signatures():
    """The arguments of the functions are part of the promise."""
    said = {name: list(inspect.signature(getattr(simgov, name)).parameters) for name in ("load", "build", "run")}

    assert said["load"] == ["path", "settings", "changes", "root"]
    assert said["build"][:3] == ["data", "settings", "changes"]
    assert said["run"] == ["scenario", "replications", "seed", "engine", "journal", "workers", "progress", "say"]


def test_members_of_a_result():
    """What a Result offers is what its help names."""
    public = {name for name in dir(simgov.Result) if not name.startswith("_")} | {"plan", "seed", "engine", "tables"}

    assert public == {
        "figure", "incidents", "journals", "measures", "plan", "provenance", "replications", "save", "scenario", "seed", "summaries", "targets",
        "value", "visits", "work", "engine", "tables",
    }  # fmt: skip


def test_help_fits_a_screen():
    """The docstring of the package has at most 40 lines of at most 120 characters and names every function, and `help` shows it first."""
    lines = simgov.__doc__.splitlines()

    assert len(lines) <= 40
    assert max(map(len, lines)) <= 120
    for name in ("simgov.load", "simgov.run", ".measures", ".targets", ".incidents", ".visits", ".work", ".figure", ".save", "SimgovError"):
        assert name in simgov.__doc__
    assert lines[0] in "\n".join(pydoc.plain(pydoc.render_doc(simgov)).splitlines()[:6])


def imported(code):
    text = f"import sys; {code}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    return set(subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.split())


def test_import_costs_nothing():
    """Importing simgov, or asking what it offers, imports no other package; the control: using a name does."""
    assert imported("import simgov; dir(simgov)").isdisjoint(HEAVY)
    assert "pydantic" in imported("import simgov; simgov.load")


OTHERS = "import matplotlib, warnings, pandas, scipy.stats, pyarrow, simpy, pydantic, holidays, rich, opening_hours"
OURS = "import simgov.runner, simgov.plots, simgov.explain, simgov.result"


@pytest.mark.parametrize(
    "text",
    [
        f"{OTHERS}; before = dict(matplotlib.rcParams), list(warnings.filters); {OURS}; assert (dict(matplotlib.rcParams), list(warnings.filters)) == before",
        f"{OURS}; import sys; assert 'matplotlib.pyplot' not in sys.modules",
    ],
)
def test_import_has_no_side_effects(text):
    """Importing all of simgov leaves the drawing settings and the warning filters of the user alone, and starts no plotting state."""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.returncode == 0


def test_errors_have_one_base():
    """All errors that a user can cause are SimgovError, and a ScenarioError holds all problems."""
    from simgov import errors

    for name in ("ScenarioError", "SimulationError", "OutputError"):
        assert issubclass(getattr(errors, name), simgov.SimgovError)
    with pytest.raises(simgov.ScenarioError) as error:
        simgov.build({"schema": 1})
    assert len(error.value.problems) > 1
    assert str(error.value).count("\n") == len(error.value.problems) - 1


def test_the_version_is_that_of_the_package():
    """`__version__` is asked for when it is needed."""
    from importlib.metadata import version

    assert simgov.__version__ == version("simgov")
