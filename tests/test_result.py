"""A Result: its tables, what it remembers, and that it can be run again from what it remembers."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pandas as pd
import pytest
import street
from world import HOUR, Run, matter, written

import simgov
from simgov.errors import OutputError, SimgovError
from simgov.journal import Ended
from simgov.result import FIGURES, TABLES
from simgov.runner import again
from simgov.vocabulary import MEASURES


@pytest.fixture(scope="module")
def result():
    return street.result()


@pytest.fixture(scope="module")
def saved(result, tmp_path_factory):
    return result.save(tmp_path_factory.mktemp("results") / "street")


def same(a, b):
    return len(a.journals) == len(b.journals) and all(x.same_as(y) for x, y in zip(a.journals, b.journals, strict=True))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────


def test_tables_have_every_row_of_every_replication(result):
    """Incidents, visits and work hold the journals one after the other, told apart by `replication`."""
    for name in TABLES:
        table = getattr(result, name)
        sizes = [len(getattr(journal, name)[0]) for journal in result.journals]
        assert table["replication"].value_counts(sort=False).tolist() == sizes


def test_tables_say_names_and_dates():
    """Seconds become dates and times, what has not happened NaT; numbers become the names of the scenario."""
    stages = {"handle": {"by": "desk", "work": "1h", "due": "2h", "outcomes": {"a": {"closed": 1}, "b": {"gone": 1}}}}
    data = written(stages, classes={"a": matter("Mo 09:00"), "b": matter("Mo 09:00", "Su2 10:00")}, ends={"gone": {}})
    result = simgov.run(simgov.build(data), replications=1)

    first, second, third = (row for _, row in result.incidents.iterrows())
    assert (first["class"], first["home"], first["channel"], first["how"]) == ("a", "unit-1", "handle", "closed")
    assert (str(first["found"]), str(first["closed"])) == ("2022-05-02 09:00:00", "2022-05-02 10:00:00")
    assert (second["how"], second["left_by"], third["how"]) == ("left", "gone", "open")
    assert pd.isna([third["closed"], first["left_by"], third["ended"]]).all()
    visits = result.visits
    assert visits["target"].tolist()[1] == "gone"
    assert visits["waits_for"].astype(object).where(visits["waits_for"].notna(), None).tolist() == [None, None, "people"]
    assert (visits["team"] == "desk").all()
    assert result.work[["regular_seconds", "off_hours_seconds"]].to_numpy().tolist() == [[HOUR, 0], [HOUR, 0]]


def test_what_an_open_visit_waits_for():
    """Gate, wait, people, work or lead: the first that has not ended at the census."""
    stages = {
        "handle": {
            "gate": {"gated": "before", "other": "always"}, "wait": {"waiting": "9 days", "other": "0 s"}, "by": {"asking": "nobody", "other": "desk"},
            "work": {"working": "40h", "other": "1h"}, "lead": {"leading": "9 days", "other": "0 s"}, "outcomes": {"closed": 1},
        }
    }  # fmt: skip
    classes = {name: matter("We 12:00" if name == "gated" else "Mo 00:00") for name in ("gated", "waiting", "asking", "working", "leading")}
    teams = {"desk": {"at": "unit", "people": 5, "hours": "office"}, "nobody": {"at": "unit", "people": 0}}
    data = written(stages, classes=classes, teams=teams, calendars={"before": "We 09:00-11:00"}, days=3)
    visits = simgov.run(simgov.build(data), replications=1).visits

    assert dict(zip(visits["class"], visits["waits_for"], strict=True)) == {"gated": "gate", "waiting": "wait", "asking": "people", "working": "work", "leading": "lead"}


def test_how_an_incident_stands_has_a_name():
    """Hidden, open, closed, left and never are told apart in the table of incidents."""
    found = {"hazard_per_day": 0, "team": "desk", "reference": 1000, "hidden_at_start": 1}
    stages = {"handle": {"by": "desk", "work": "1h", "outcomes": {"b": {"gone": 1}, "c": {"never": 1}, "other": {"closed": 1}}}}
    classes = {"a": matter("Mo 09:00", "Su2 09:00"), "b": matter("Mo 09:00"), "c": matter("Mo 09:00"), "d": {"arrivals": {"list": []}, "found": found}}
    incidents = simgov.run(simgov.build(written(stages, classes=classes, ends={"gone": {}})), replications=1).incidents

    assert sorted(incidents["how"]) == sorted(["closed", "open", "left", "never", "hidden"])
    assert set(incidents["how"].cat.categories) == {e.name.lower() for e in Ended}


def test_value_finds_one_row(result):
    """`value` gives the pooled value of one row; a class that is not named is all of them."""
    rows = result.measures.set_index(["measure", "class", "days"])["value"]

    assert result.value("headline_closure") == rows["headline_closure", "all", ""]
    assert result.value("cohort_closure", days=7) == rows["cohort_closure", "all", "7"]
    assert result.value("headline_closure", **{"class": "dispute"}) == rows["headline_closure", "dispute", ""]


def test_value_says_what_is_missing(result):
    """A row that does not exist, or is one of several, is a KeyError that names the columns; so is an unknown measure."""
    with pytest.raises(KeyError, match="told apart by class, days"):
        result.value("cohort_closure")
    with pytest.raises(KeyError, match="0 rows"):
        result.value("cohort_closure", days=5)
    with pytest.raises(KeyError):
        result.value("happiness")


def test_measures_are_those_of_the_vocabulary(result):
    """The table of measures names nothing that the vocabulary does not know, and the summaries have one row per replication."""
    assert set(result.measures["measure"]) <= set(MEASURES)
    assert len(result.summaries) == 3 * len(result.measures)


def test_a_result_tells_what_it_is(result):
    """Its text names scenario, replications and seed."""
    assert repr(result) == f"<Result street: 3 replications, seed 7, {result.scenario.digest[:8]}>"


# ── running ─────────────────────────────────────────────────────────────────────────────────────────


def test_replications_do_not_know_of_each_other(result):
    """Replication r is the same beside any number of others."""
    assert same_first(simgov.run(street.street(), replications=1, seed=7), result)
    assert not same_first(simgov.run(street.street(), replications=1, seed=8), result)


def same_first(a, b):
    return a.journals[0].same_as(b.journals[0])


def test_progress_grows_to_one():
    """Progress goes from replication to replication and ends at 1."""
    seen = []
    simgov.run(street.street(), replications=2, progress=seen.append)

    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5 < seen[-1] == 1


def test_no_replication_is_no_run():
    """Fewer than one replication is refused."""
    with pytest.raises(ValueError, match="replications must be a whole number of at least 1, got 0"):
        simgov.run(street.street(), replications=0)


def test_a_file_is_as_good_as_a_scenario(tmp_path):
    """`run` takes the file of a scenario."""
    by_file = simgov.run(street.write(tmp_path), replications=1, seed=7)

    assert same_first(by_file, street.result())
    assert same_first(simgov.run(str(tmp_path / "street.yaml"), replications=1, seed=7), by_file)


# ── what is saved ───────────────────────────────────────────────────────────────────────────────────


def test_save_writes_everything(saved):
    """Journal, tables, figures and result.json, and nothing else."""
    files = sorted(str(p.relative_to(saved)) for p in saved.rglob("*") if p.is_file())

    assert files == sorted(
        ["result.json"] + [f"journal/{n}.parquet" for n in TABLES] + [f"{n}.parquet" for n in ("summaries", "measures", "targets")] + [f"figures/{n}.png" for n in FIGURES]
    )
    assert [p.name for p in saved.parent.iterdir()] == ["street"]


@pytest.mark.parametrize("name", [*TABLES, "summaries", "measures", "targets"])
def test_parquet_reads_back_equal(result, saved, name):
    """What is written is what was there: values, names, dates and their resolution."""
    written_table = pd.read_parquet(saved / ("journal" if name in TABLES else ".") / f"{name}.parquet")

    pd.testing.assert_frame_equal(written_table, getattr(result, name))


def test_a_journal_that_was_not_kept(result, saved, tmp_path):
    """Without journals there are no tables of them, which is said, and no folder; all else is there and the same."""
    bare = dataclasses.replace(result, journals=())
    place = bare.save(tmp_path / "bare")

    for name in TABLES:
        with pytest.raises(SimgovError, match=r"the journal of this run was not kept.*run with journal=True"):
            getattr(bare, name)
    files = {str(p.relative_to(place)) for p in place.rglob("*") if p.is_file()}
    assert files == {str(p.relative_to(saved)) for p in saved.rglob("*") if p.is_file()} - {f"journal/{n}.parquet" for n in TABLES}
    assert not (place / "journal").exists()
    assert all((place / name).read_bytes() == (saved / name).read_bytes() for name in files - {"result.json"})
    assert bare.provenance == {**result.provenance, "journal": False}
    assert bare.replications == result.replications
    pd.testing.assert_frame_equal(bare.measures, result.measures)


def test_keys_survive_parquet(result, saved):
    """64-bit keys of incidents are not rounded."""
    keys = pd.read_parquet(saved / "journal/incidents.parquet")["key"]

    assert keys.dtype == "uint64"
    assert keys.max() > 2**60
    assert keys.tolist() == [k for journal in result.journals for k in journal.incidents.key.tolist()]


def test_provenance_is_complete(result, saved):
    """result.json holds the resolved scenario, its digest, seed, replications, engine, versions and the changes in force."""
    found = json.loads((saved / "result.json").read_text(encoding="utf-8"))

    assert {key: found[key] for key in result.provenance} == result.provenance
    assert set(found) - set(result.provenance) == {"files", "seal"}
    assert found["digest"] == result.scenario.digest
    assert (found["seed"], found["replications"], found["engine"], found["changes"]) == (7, 3, "simpy", ["late"])
    assert found["scenario"]["teams"]["desk"]["duty"] == "late"  # resolved
    assert found["versions"]["simgov"] == simgov.__version__
    assert set(found["versions"]) >= {"python", "simpy", "numpy", "scipy", "pandas"}


def test_chinese_is_readable_in_result_json(saved):
    """Labels are written as they are, not as escapes."""
    assert "小街" in (saved / "result.json").read_text(encoding="utf-8")


def test_saving_twice_gives_the_same_bytes(result, saved, tmp_path):
    """No date and no chance in the files: two savings are equal, figures included."""
    twice = result.save(tmp_path / "again")

    for path in saved.rglob("*"):
        if path.is_file():
            assert (twice / path.relative_to(saved)).read_bytes() == path.read_bytes(), path.name


# ── run again ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ((), ()),
        (("teams.leader.people=3", "classes.event.arrivals.rate=2"), ()),
        ((), ("off",)),
        ((), ("help",)),
        (("stages.look.lead=20 min",), ("off", "help", "slow")),
    ],
)
def test_a_result_can_be_run_again_from_its_provenance(tmp_path, settings, changes):
    """The provenance of a run with settings, changes and changes with windows gives the same journals, bit for bit, and the same provenance."""
    first = simgov.run(simgov.load(street.write(tmp_path), settings, changes), replications=2, seed=3)
    remembered = json.loads(json.dumps(first.provenance))
    (tmp_path / "street.yaml").unlink()

    second = again(remembered)
    assert same(first, second)
    assert second.provenance == first.provenance
    assert not same(first, simgov.run(street.street(), replications=2, seed=3)) or not (settings or changes)


def test_tables_and_facts_are_remembered(tmp_path, monkeypatch):
    """A scenario with a table of nodes, a list of arrivals and facts, in folders of their own, is run again when they are gone."""
    place = tmp_path / "scenarios"
    for name, text in {
        "scenarios/s.yaml": BY_TABLES,
        "tables/nodes.csv": 'node,level,parent,residents,desk\nx,street,,,2\n"a, b",unit,x,600,\nc,unit,x,400,\n',
        "scenarios/more/arrivals.csv": 'at,node,enters,difficulty\n2022-05-02 09:00,"a, b",,\n2022-05-03 10:00,c,handle,0.5\n',
        "facts.csv": "id,phrase\nF-1,somebody said so\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    first = simgov.run(simgov.load(place / "s.yaml", root=place.parent), replications=2)
    remembered = json.loads(json.dumps(first.provenance))
    for path in sorted(tmp_path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    monkeypatch.chdir(tmp_path)

    second = again(remembered)
    assert same(first, second)
    assert second.scenario.tables == first.scenario.tables
    assert second.provenance == first.provenance
    assert list(tmp_path.iterdir()) == []


BY_TABLES = """\
schema: 1
facts: ../facts.csv
period: [2022-05-02, 2022-05-09]
public_holidays: {country: ""}
levels: {unit: {}, street: {}}
nodes: ../tables/nodes.csv
teams: {desk: {at: street, people: {value: 1, source: F-1}}}
classes: {matter: {arrivals: {list: more/arrivals.csv}, enters: handle, difficulty: 1}}
stages: {handle: {by: desk, work: {exponential: 1h}, outcomes: {closed: 0.5, never: 0.5}}}
"""


def test_a_provenance_that_does_not_fit_its_digest_is_refused(result):
    """Whoever changed the remembered scenario cannot pass the new run off as the old one."""
    remembered = json.loads(json.dumps(result.provenance))
    remembered["scenario"]["teams"]["leader"]["people"] = 9

    with pytest.raises(OutputError, match=f"the scenario of this result \\({result.scenario.digest[:8]}\\) cannot be rebuilt"):
        again(remembered)


@pytest.mark.parametrize("day", ["2022-05-02", date(2022, 5, 2)])
def test_what_came_from_a_dict_is_remembered_too(day):
    """A scenario built in Python, with dates as dates, is remembered as well as one from a file."""
    data = written({"handle": {"by": "desk", "work": "1h"}}, ("Mo 09:00",), days=14)
    data |= {"period": [date(2022, 5, 2), date(2022, 5, 16)], "teams": {"desk": {"at": "unit", "people": {"roster": {day: 2}}}}}
    first = simgov.run(simgov.build(data), replications=1)

    assert same(first, again(json.loads(json.dumps(first.provenance))))
    assert first.journals[0].same_as(Run(data).journal)


@pytest.mark.parametrize("damage", ["[1, 2]", "null", *(f"{key}={value}" for key in ("digest", "scenario", "changes", "tables", "seed", "replications", "scenario_name") for value in ("gone", "[1]"))])
def test_a_damaged_result_is_one_message(damage, tmp_path):
    """A result.json that lost or changed what a run needs is refused, and says which part."""
    place = street.result().save(tmp_path / "r")
    about = json.loads((place / "result.json").read_text(encoding="utf-8"))
    key, _, value = damage.partition("=")
    if not value:
        about = json.loads(damage)
    elif value == "gone":
        del about[key]
    else:
        about[key] = json.loads(value)
    (place / "result.json").write_text(json.dumps(about), encoding="utf-8")

    with pytest.raises(OutputError, match=rf"is no result of simgov, or is damaged: {key if value else 'simgov_result'}\S* (is missing|is not what simgov writes there, got)"):
        again(place)
