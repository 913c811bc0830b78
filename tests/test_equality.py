"""Two engines, one meaning: the compiled engine writes exactly the journal of the SimPy engine, on every scenario.

Scenarios are made from seeds (`made` in strategies.py); where one differs, the smallest scenario that still does is shown. What has been
reached is counted, because equality of fields that no incident ever comes to would say nothing; the table is printed at the end.
"""

from __future__ import annotations

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import reach
from comparing import KEYS, Played, difference, outcome, smaller, still_differs
from reach import TALLIES, Tally
from shipped import SCENARIOS
from strategies import STAGE_FIELDS, made
from world import written

from simgov import draws, plan
from simgov.engines import simpy_engine
from simgov.errors import ScenarioError
from simgov.scenario import Scenario, build, load

pytest.importorskip("numba", reason="numba is missing: the equality of the engines is not tested")
compiled = pytest.importorskip("simgov.engines.compiled")

HERE = Path(__file__).parent
MUST = (*STAGE_FIELDS, "max_visits")


def same_on_both(profile: str, must: str, seed: object, tally: Tally) -> None:
    """Both engines give the same journal of a made scenario, or the same error."""
    data, luck = made(profile, must, seed), sum(map(ord, str(seed))) % 5
    run = Played(data, luck)
    tally.note(profile, run)
    found = run.differs(compiled.simulate)
    if found:
        least = smaller(data, lambda less: bool(still_differs(less, luck, compiled.simulate)))
        pytest.fail(
            f"made({profile!r}, {must!r}, {seed!r}) with seed {luck} differs:\n{found}\n\nThe smallest scenario that does:\n"
            f"{json.dumps(least, ensure_ascii=False)}\n{still_differs(least, luck, compiled.simulate)}"
        )


# ── scenarios that are made ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("must", MUST)
def test_usual_scenarios(must):
    """Small scenarios; each field of a stage is in turn forced into them."""
    for k in range(5):
        same_on_both("usual", must, k, TALLIES["every time"])


@pytest.mark.parametrize("must", MUST)
def test_ties(must):
    """Scenarios in which almost everything happens in the same seconds as something else."""
    for k in range(3):
        same_on_both("ties", must, k, TALLIES["every time"])


@pytest.mark.parametrize("k", range(20))
def test_larger_scenarios(k):
    """Scenarios with more nodes and long queues."""
    same_on_both("larger", MUST[13 * k % len(MUST)], k, TALLIES["every time"])


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("must", MUST)
def test_very_many_scenarios(must):
    """Ten thousand scenarios, other ones every night."""
    for k in range(120):
        same_on_both("usual", must, f"{date.today()} {k}", TALLIES["nightly"])
        if k % 2:
            same_on_both("ties", must, f"{date.today()} {k}", TALLIES["nightly"])
        if k % 20 == 0:
            same_on_both("larger", must, f"{date.today()} {k}", TALLIES["nightly"])


# ── scenarios that are shipped ──────────────────────────────────────────────────────────────────────


CHANGES = {path: list(load(path).changes) for path in SCENARIOS}


def with_changes(most=None):
    """Every scenario file as it is, and with each of its changes (the first ones)."""
    return [pytest.param(path, change, id=f"{path.stem}-{change or 'as it is'}") for path in SCENARIOS for change in (None, *CHANGES[path][:most])]


MOST_NODES = 1000  # of the lowest level, in the tests that run every time


@pytest.mark.parametrize(("path", "change"), with_changes(1))
def test_shipped_scenarios(path, change):
    """The first ten weeks (or all, where something begins later) of every scenario file, of a small part of the tree where it is large, with one of its changes."""
    scenario = load(path, changes=[change] if change else [])
    data = copy.deepcopy(scenario.data)
    lowest = next(iter(scenario.levels.values())).count
    if lowest > MOST_NODES:
        data["residents"] = scenario.residents * MOST_NODES // lowest
        data["levels"] = {name: max(1, level.count * MOST_NODES // lowest) for name, level in scenario.levels.items()}
        data["changes"] = {name: change for name, change in data.get("changes", {}).items() if name in data.get("apply", [])}
    weeks = {**data, "period": {**data["period"], "end": str(scenario.period.start + timedelta(days=70))}}
    try:
        part = build(weeks, folder=path.parent)
    except ScenarioError:  # something opens or begins only later
        part = build(data, folder=path.parent)
    same_on_shipped(part)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("path", "change"), with_changes())
def test_shipped_scenarios_in_full(path, change):
    """The first root of every scenario file over its whole period, with each of its changes."""
    same_on_shipped(load(path, changes=[change] if change else []))


def same_on_shipped(scenario: Scenario) -> None:
    made = plan.make(scenario, range(1))
    luck = draws.make(made, 1, 0)
    one, other = simpy_engine.simulate(made, luck), compiled.simulate(made, luck)
    assert difference(one, other) is None
    assert len(one.visits.stage) > 1000


# ── runs ────────────────────────────────────────────────────────────────────────────────────────────


def columns(value: object) -> list[bytes]:
    """All arrays of a plan or of draws, as bytes."""
    if isinstance(value, np.ndarray):
        return [value.tobytes()]
    parts = vars(value).values() if hasattr(value, "__dataclass_fields__") else value if isinstance(value, tuple) else ()
    return [found for part in parts for found in columns(part)]


def test_a_run_changes_neither_plan_nor_draws_nor_the_next_run():
    """The compiled engine leaves its input as it was, and remembers nothing: run again, also after another scenario, it gives the same."""
    one, other = (Played(made("ties", "hold", seed)) for seed in ("one", "other"))
    before = [columns(x) for x in (one.plan, one.draws)]

    first, _, again = (compiled.simulate(run.plan, run.draws) for run in (one, other, one))

    assert len(before[0]) > 50
    assert [columns(x) for x in (one.plan, one.draws)] == before
    assert difference(first, again) is None


@pytest.mark.parametrize("most", [1, 2, 7])
def test_the_error_of_a_loop_is_the_same_text(most):
    """A procedure that goes round ends both engines with the same words, where it is clear which incident they are about."""
    stages = {
        "start": {"wait": "1h"},
        "handle": {"by": "desk", "work": "1h", "max_visits": most, "outcomes": {"check": 1 - 1e-9, "closed": 1e-9}},
        "check": {"lead": "10 min", "outcomes": {"handle": 1 - 1e-9, "closed": 1e-9}},
    }
    run = Played(written(stages))

    assert f"handle: an incident of class 'matter' entered it more than {most} times" in run.outcome
    assert outcome(compiled.simulate, run.plan, run.draws) == run.outcome


# ── without compiling, and broken on purpose ────────────────────────────────────────────────────────

TIES = [("ties", must, k) for k in range(2) for must in MUST] + [("ties", "hold", k) for k in range(2, 18)]
KERNEL = Path(compiled.__file__).parent
# name: (file, what stands there once, what comes instead)
MUTATIONS = {
    "dues before what ends in their second": ("columns.py", "ENDS, COMES, DUES, GATES =", "DUES, ENDS, COMES, GATES ="),
    "gates before dues": ("kernel.py", "elif g[c.G_HEAP] > 0 and", "elif g[c.G_FLAGGED] == 0 and g[c.G_HEAP] > 0 and"),
    "a due in the second of entry": ("dues.py", "max(begin + value, now + 1)", "max(begin + value, now)"),
    "a due ends work in hand": ("dues.py", "if where == c.IN_HAND:", "if where == c.NONE:"),
    "whoever is raised stays behind who held": ("dues.py", "if g[c.G_HOLDS]:", "if g[c.G_HOLDS] < 0:"),
    "higher priority numbers first": ("orders.py", "rows[a, c.V_PRIORITY] <", "rows[a, c.V_PRIORITY] >"),
    "later incidents first": ("orders.py", "rows[a, c.V_INCIDENT] <", "rows[a, c.V_INCIDENT] >"),
    "parts in reverse": ("orders.py", "rows[a, c.V_PART] <", "rows[a, c.V_PART] >"),
    "lowest number instead of longest idle": ("work.py", "(now << 31) | person", "person"),
    "hold dropped": ("walk.py", "if together and steps[step, c.S_HOLD]:", "if together and steps[step, c.S_HOLD] < 0:"),
    "holders of other pools not walked": ("walk.py", "if g[c.G_HOLDS]:", "if g[c.G_HOLDS] < 0:"),
    "durations rounded down": ("numbers.py", "quantile(tables, table, bits) + 0.5", "quantile(tables, table, bits)"),
    "shifts that include their closing second": ("pack.py", "(at < np.array(hours.ends)[i])", "(at <= np.array(hours.ends)[i])"),
    "gates that include their closing second": ("gates.py", "now < world.intervals", "now <= world.intervals"),
    "nobody leaves when all is clear": ("desks.py", "if desks[pool, c.H_CLEAR] == 0:", "if desks[pool, c.H_CLEAR] < 0:"),
    "finish pauses": ("hours.py", "elif finish and opened", "elif finish < 0 and opened"),
    "all parts are waited for": ("visits.py", "world.steps_real[step, c.R_JOIN] *", "max(1.0, world.steps_real[step, c.R_JOIN]) *"),
    "a late part takes the visit back": ("work.py", "if rows[visit, c.V_FINISHED] < 0:", "if rows[visit, c.V_FINISHED] < now:"),
    "parts at all nodes reached alike": ("visits.py", "world.salts[c.SALT_NODE, pool]", "world.salts[c.SALT_NODE, 0]"),
    "the first of all instead of the team": ("lines.py", "if team < 0 or state", "if team < 99 or state"),
    "all who stand for each other come": ("walk.py", "k + n < wanted and wants[k + n, c.X_SLOT] ==", "k + n < wanted and wants[k + n, c.X_SLOT] < "),
    "a due by the uniform of the outcome": ("dues.py", "unit(mix(state.luck[row] ^ DUE))", "unit(mix(state.luck[row] ^ mix(DUE)))"),
    "one reopening too many": ("leaving.py", "facts[c.E_REOPENED, who] >= world", "facts[c.E_REOPENED, who] > world"),
}
TIGHT = (  # tables that begin with one row and grow by one, and one bucket for all lines
    ("state.py", "many, few = 2 * len(world.births) + 64 + 2 * sizes.wide, 64 + 2 * sizes.wide", "many, few = 1, 1"),
    ("state.py", "np.full((c.E_LEFT_BY + 1, births + 64), c.NONE)", "np.full((c.E_LEFT_BY + 1, births), c.NONE)"),
    ("state.py", "key = np.empty(births + 64, np.uint64)", "key = np.empty(births, np.uint64)"),
    ("state.py", "trail=np.empty((births + 64, c.K_HOME + 1), np.int32)", "trail=np.empty((births, c.K_HOME + 1), np.int32)"),
    ("state.py", "again=table(64, c.N_BEFORE + 1)", "again=table(1, c.N_BEFORE + 1)"),
    ("state.py", "work=np.empty((many + sizes.crew, c.W_CREW + 1), kind)", "work=np.empty((many, c.W_CREW + 1), kind)"),
    ("state.py", "lines=table(64, c.Q_NEXT + 1)", "lines=table(1, c.Q_NEXT + 1)"),
    ("state.py", "gates=table(64, c.B_STEP + 1)", "gates=table(1, c.B_STEP + 1)"),
    ("state.py", "1 << max(6, pools.bit_length())", "1"),
    ("state.py", "2 * shape[axis] + 64", "shape[axis] + 1"),
)


def without_jit(tmp_path: Path, cases: list[tuple[str, str, object]], *packages: str) -> dict[str, dict[str, str]]:
    """Which cases differ on engines that are not compiled, and how."""
    runs = [(data, 1, Played(data).outcome) for data in (made(*case) for case in cases)]
    (tmp_path / "cases").write_bytes(pickle.dumps(runs))
    done = subprocess.run(
        [sys.executable, str(HERE / "without_jit.py"), str(tmp_path / "cases"), *packages],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HERE), str(HERE.parent)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_without_compiling(tmp_path):
    """The kernel as plain Python gives the same journals, so nothing depends on what numba makes of it."""
    cases = [("usual", must, "plain") for must in MUST[::3]] + [("ties", must, "plain") for must in MUST[1::3]]

    told = without_jit(tmp_path, cases, "simgov.engines.compiled")

    assert told == {"simgov.engines.compiled": {}}


def copied(place: Path, name: str, *mutations: tuple[str, str, str]) -> str:
    """A copy of the kernel under another name, with pieces of its text changed."""
    shutil.copytree(KERNEL, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in mutations:
        text = (place / name / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, (
            f"{name}: {text.count(old)} places in {file} for {old!r}; the mutation has to be written anew"
        )
        (place / name / file).write_text(text.replace(old, new), encoding="utf-8")
    for path in (place / name).glob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace("simgov.engines.compiled", name), encoding="utf-8")
    return name


@pytest.mark.nightly
def test_tables_that_begin_with_no_room_grow_in_time(tmp_path):
    """The kernel asks for room before it needs it: uncompiled, where writing beyond a table is an error, tables of one row give the same journals."""
    cases = [("ties", must, "tight") for must in MUST] + [("larger", must, "tight") for must in MUST[::9]]

    told = without_jit(tmp_path, cases, copied(tmp_path, "tight", *TIGHT))

    assert told == {"tight": {}}


def test_a_run_that_needs_wider_numbers_begins_again(tmp_path):
    """Rows of 32 bits that have no room for the number of a matter that comes back give way to rows of 64, with the same journal."""
    cases = [("ties", "returns", k) for k in range(12)]
    narrow = ("state.py", "np.iinfo(kind).max", "births if kind == np.int32 else np.iinfo(kind).max")

    told = without_jit(tmp_path, cases, copied(tmp_path, "narrow", narrow))

    assert told == {"narrow": {}}


@pytest.mark.nightly
def test_every_broken_kernel_is_caught(tmp_path):
    """The comparison would see it: each of these mistakes in the kernel shows in a journal, and the kernel as it is shows none."""
    names = [copied(tmp_path, f"mutant_{k}", *mutations) for k, mutations in enumerate([(), *((m,) for m in MUTATIONS.values())])]

    told = without_jit(tmp_path, TIES, *names)

    assert told[names[0]] == {}
    missed = [what for what, name in zip(MUTATIONS, names[1:], strict=True) if not told[name]]
    assert not missed
    broken = {
        what: text
        for what, name in zip(MUTATIONS, names[1:], strict=True)
        for text in told[name].values()
        if text.startswith("broke")
    }
    assert not broken


# ── the tests can fail ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", KEYS)
def test_a_difference_in_any_column_is_told(table):
    """Control: one changed number in any column is told with its table, column, row and both rows."""
    journal = Played(made("ties", "returns", 3)).journal
    rows = getattr(journal, table)
    last = len(rows[0]) - 1
    assert last > 3

    assert difference(journal, journal) is None
    for column, values in rows._asdict().items():
        changed = values.copy()
        changed[last] = not changed[last] if changed.dtype == bool else changed[last] + 1
        other = journal._replace(**{table: rows._replace(**{column: changed})})
        told = difference(journal, other).splitlines()
        assert told[0].startswith(f"{table}: row {last} differs in {column} ({last + 1} and {last + 1} rows")
        assert f"{column}={values[last].item()}" in told[1]
        assert f"{column}={changed[last].item()}" in told[2]
        assert not journal.same_as(other)


def test_missing_rows_other_types_and_errors_are_told():
    """Control: a row too few, a column of another type, another horizon, and an error on one side."""
    journal = Played(made("ties", "returns", 3)).journal
    visits = journal.visits

    short = journal._replace(visits=type(visits)(*(column[:-1] for column in visits)))
    typed = journal._replace(visits=visits._replace(reached=visits.reached.astype(np.int64)))

    assert "visits: row" in difference(journal, short)
    assert "compiled: no such row" in difference(journal, short)
    assert difference(journal, typed) == "visits.reached: bool and int64"
    assert difference(journal, journal._replace(horizon=5)) == f"horizon: {journal.horizon} and 5"
    assert difference("SimulationError: a", journal).startswith("simpy: SimulationError: a\ncompiled: a journal of")
    assert difference("SimulationError: a", "SimulationError: b")
    assert difference("SimulationError: a", "SimulationError: a") is None

    loop = "SimulationError: stages.{}: an incident of class '{}' entered it more than {} times ({}): the procedure goes round"
    assert difference(loop.format("a", "x", 3, "a -> b -> ..."), loop.format("b", "y", 2, "b -> ...")) is None
    assert difference(loop.format("a", "x", 3, "a -> ..."), loop.format("a", "x", 3, "a -> ...") + " and round")


def test_a_difference_is_shown_in_a_small_scenario():
    """Control: of a scenario on which an engine is wrong, only what makes it wrong is left."""

    def wrong(plan, draws):
        journal = simpy_engine.simulate(plan, draws)
        late = np.where(journal.visits.released > journal.visits.admitted, journal.visits.left + 1, journal.visits.left)
        return journal._replace(visits=journal.visits._replace(left=late))

    data = made("usual", "wait", 1)

    least = smaller(data, lambda less: bool(still_differs(less, 1, wrong)))

    assert "differs in left" in still_differs(data, 1, wrong)
    assert "differs in left" in still_differs(least, 1, wrong)
    assert len(json.dumps(least)) < len(json.dumps(data)) / 4
    assert "wait" in json.dumps(least)
    assert "due" not in json.dumps(least)


# ── what was reached ────────────────────────────────────────────────────────────────────────────────


def everything_was_reached(tally: Tally, scenarios: int) -> None:
    if sum(tally.scenarios.values()) < scenarios:
        pytest.skip(f"only {sum(tally.scenarios.values())} scenarios were run of {scenarios}: run the whole module")
    assert tally.missed() == []


def test_every_field_and_rule_was_reached():
    """The scenarios above have reached every field of a stage, and every rule that has a sign: in a journal, not only in a file."""
    everything_was_reached(TALLIES["every time"], scenarios=8 * len(MUST) + 20)


@pytest.mark.nightly
def test_every_field_and_rule_was_reached_many_times():
    """The same of the nightly scenarios, twenty times each."""
    everything_was_reached(TALLIES["nightly"], scenarios=10_000)


def test_a_field_that_is_not_reached_is_told():
    """Control: a tally without scenarios misses everything."""
    assert len(Tally(least=1).missed()) == len(STAGE_FIELDS) + len(reach.RULES) + 1
