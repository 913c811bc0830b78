"""What is saved is sealed and read back against models: damage, edits and later versions are told, and a folder of 0.4 is read all the same."""

from __future__ import annotations

import copy
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import street
from click.testing import CliRunner
from fuzzing import AT_A_PUSH, AT_NIGHT, seeds

import simgov
from simgov import code, document, ledgers, sensitivity, study
from simgov.calibration.posterior import POSTERIOR, equally_likely
from simgov.cli import main
from simgov.code import fingerprint, made_of
from simgov.errors import OutputError, SimgovError
from simgov.provenance import RESULT
from simgov.report import reopened
from simgov.report.ranked import ranking
from simgov.sensitivity.found import SENSITIVITY
from simgov.sensitivity.parameters import parameters
from simgov.study import folder as folders
from simgov.study.comparison import COMPARISON
from simgov.trials import Outcome, Store
from simgov.trials.store import closed

STUDY = """\
schema: 1
scenario: street.yaml
replications: 2
policies: {one: {}, two: {set: {teams.leader.people: 2}}}
measures: [{measure: headline_closure}]
"""
ASSUMED = street.TEXT.replace("work: 10 min", 'work: {value: "10 min", assumption: ["5 min", "20 min"]}').replace("difficulty: 1", "difficulty: {value: 1, assumption: [0, 2]}")


def resealed(data):
    """As a file whose seal is right, whatever it says."""
    data = {key: value for key, value in data.items() if key != document.SEAL}
    return json.dumps({**data, document.SEAL: document.seal(data)}, ensure_ascii=True)


def unsealed(place):
    """A document as 0.4 wrote it: of form 1, without seal and digests."""
    data = json.loads(place.read_text(encoding="utf-8"))
    for key in (document.FILES, document.SEAL):
        del data[key]
    data |= {key: 1 for key in data if key.startswith("simgov_")}
    place.write_text(json.dumps(data), encoding="utf-8")


def posterior_of(scenario):
    params = parameters([scenario])
    return equally_likely(params, np.random.default_rng(1).random((12, len(params))), {"scenario": scenario.name, "digest": scenario.digest})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run, a comparison, an analysis and a posterior, each saved."""
    place = tmp_path_factory.mktemp("made")
    street.result().save(place / "run")
    street.write(place)
    (place / "late.yaml").write_text(STUDY, encoding="utf-8")
    study.compare(place / "late.yaml", folder=place / "compare").save(place / "compare")
    (place / "assumed.yaml").write_text(ASSUMED, encoding="utf-8")
    analysed = sensitivity.sensitivity(place / "assumed.yaml", budget=400, replications=2)
    analysed.save(place / "sensitivity")
    posterior_of(analysed.policies[0].scenario).save(place / "posterior.json")
    return place


READ = {
    "run/result.json": (RESULT, lambda place: (ledgers.hours(found := ledgers.read(place.parent)), found.seed)[1]),
    "compare/comparison.json": (COMPARISON, lambda place: study.taken_up(place.parent).answer()),
    "sensitivity/sensitivity.json": (SENSITIVITY, lambda place: ranking(place.parent, simgov.run(place.parent.parent / "assumed.yaml", replications=1)).simulations),
    "posterior.json": (POSTERIOR, lambda place: (lambda p: (p.settings(0), p.some(3).tolist(), repr(p)))(simgov.calibration.Posterior.load(place))),
}


def copied(made, tmp_path, name):
    """The folder (or file) of one of them, somewhere else, with what is read with it."""
    whole = made / Path(name).parts[0]
    if whole.is_dir():
        shutil.copytree(whole, tmp_path / whole.name)
        shutil.copy(made / "assumed.yaml", tmp_path)
    else:
        shutil.copy(whole, tmp_path)
    return tmp_path / name


def call(*args):
    done = CliRunner().invoke(main, [str(a) for a in args])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


# ── the seal ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name in READ if name != "posterior.json"])
def test_every_file_of_a_folder_is_in_its_seal(made, name):
    """All files but trials, each with its digest; the document is the last that was written."""
    place = made / name
    found = document.read(place, READ[name][0])
    files = {p.relative_to(place.parent).as_posix() for p in place.parent.rglob("*") if p.is_file() and "trials" not in p.parts}

    assert files - {place.name, "study.json"} == set(found.files)
    assert found.changed == []
    assert place.stat().st_mtime_ns == max(p.stat().st_mtime_ns for p in place.parent.rglob("*") if p.is_file() and "trials" not in p.parts)


@pytest.mark.parametrize("table", ["summaries", "journal/visits"])
def test_a_table_that_was_changed_is_named(made, tmp_path, table):
    """One bit of it: the ledger, which reads it, says which file it is and what to do, in both languages."""
    place = copied(made, tmp_path, "run/result.json").parent
    file = place / f"{table}.parquet"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    (tmp_path / "rules.yaml").write_text("{schema: 1, title: {en: a, zh: 甲}, team: leader, every: week, points: {closed: 1}}", encoding="utf-8")
    told = f"{file}: is not the file that was written (its digest is not the one in result.json), so it was changed or damaged; take it from a copy, or make the folder anew with the same command"

    assert call("ledger", place, "--rules", tmp_path / "rules.yaml") == (2, f"error: {told}")
    assert "不是当时写下的文件" in call("ledger", place, "--rules", tmp_path / "rules.yaml", "--lang", "zh")[1]


def test_a_report_says_what_else_is_damaged(made, tmp_path):
    """It does not come from the tables, so it is made; who reads the tables is told."""
    place = copied(made, tmp_path, "run/result.json").parent
    (place / "measures.parquet").write_bytes(b"x")
    code, said = call("report", place)

    assert code == 0
    assert "not what was written any more, or gone: measures.parquet" in said


def test_a_report_that_is_written_anew_is_part_of_the_seal(made, tmp_path):
    street.write(tmp_path)
    assert call("run", tmp_path / "street.yaml", "-n", 2, "--out", tmp_path / "out")[0] == 0
    before = document.read(tmp_path / "out", RESULT)
    assert call("report", tmp_path / "out", "--lang", "zh")[0] == 0
    after = document.read(tmp_path / "out", RESULT)

    assert "report.html" in before.files
    assert before.files["report.html"] != after.files["report.html"]
    assert after.changed == []


@pytest.mark.parametrize("name", READ)
def test_an_edited_document_is_refused(made, tmp_path, name):
    """A value that could be one, in a document that is otherwise sound."""
    place = copied(made, tmp_path, name)
    data = json.loads(place.read_text(encoding="utf-8"))
    key = next(key for key in ("seed", "simulations", "scenario") if key in data)
    data[key] = data[key] + 1 if isinstance(data[key], int) else "other"
    place.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(OutputError, match=r"is not what was written \(its seal is broken\), so it was changed or damaged; take it from a copy"):
        READ[name][1](place)


@pytest.mark.parametrize("name", READ)
def test_how_a_document_is_laid_out_does_not_matter(made, tmp_path, name):
    """Spaces and a mark of UTF-8 are no damage."""
    place, sound = copied(made, tmp_path, name), READ[name][1](made / name)
    place.write_text(json.dumps(json.loads(place.read_text(encoding="utf-8")), indent=7), encoding="utf-8-sig")

    assert READ[name][1](place) == sound


@pytest.mark.parametrize("name", READ)
def test_a_document_of_an_earlier_version_is_read_and_that_is_said(made, tmp_path, name, caplog):
    place, sound = copied(made, tmp_path, name), READ[name][1](made / name)
    unsealed(place)

    assert READ[name][1](place) == sound
    assert "was saved by an earlier version of simgov, without a seal; whether it was changed or damaged since cannot be told" in caplog.text


def test_it_is_said_in_the_language_of_the_reader(made, tmp_path):
    place = copied(made, tmp_path, "run/result.json")
    unsealed(place)

    assert "without a seal" in call("ledger", place.parent)[1]
    assert "没有封签" in call("ledger", place.parent, "--lang", "zh")[1]


@pytest.mark.parametrize("name", READ)
def test_a_later_version_is_told(made, tmp_path, name):
    place = copied(made, tmp_path, name)
    data = json.loads(place.read_text(encoding="utf-8"))
    place.write_text(json.dumps({**data, READ[name][0].mark: 9, "new": 1}), encoding="utf-8")

    with pytest.raises(OutputError, match=r"was written by a later version of simgov \(form 9; this one knows 2\); read it with that version"):
        READ[name][1](place)


# ── wrong in itself ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 100_000, "is no result of simgov: is nested too deeply"),
        ('{"simgov_result": 2, "a": ' + "[" * 300 + "]" * 300 + "}", "is nested too deeply"),
        ('{"simgov_result": 2, "a": ' + "9" * 5000 + "}", "has a number of 5000 digits"),
        ('{"simgov_result": 2, "a": {"b": [1, NaN]}}', r"damaged: a\.b\[1\] is no finite number"),
        ('{"simgov_result": 2, "a": 1e999}', "damaged: a is no finite number"),
        ('{"simgov_result": 2, "a": 1, "a": 2}', 'has the key "a" twice'),
        ('{"simgov_result": 2, "a": "\\ud800"}', "damaged: a holds half a character"),
        ('{"simgov_result": true}', "damaged: simgov_result is not what simgov writes there, got true"),
        ('{"simgov_result": 2}', "damaged: .* is missing"),
        ("", "is no result of simgov: Expecting value: line 1 column 1"),
        ("\x00", "is no result of simgov"),
    ],
)
def test_what_is_wrong_with_a_document_is_said_with_its_place(tmp_path, text, told):
    (tmp_path / "result.json").write_text(text, encoding="utf-8")
    with pytest.raises(OutputError, match=told):
        document.read(tmp_path, RESULT)


def test_a_device_is_no_document():
    with pytest.raises(OutputError, match="/dev/zero: is no result of simgov: is no regular file"):
        document.read(Path("/dev/zero"), RESULT)


# ── fuzzers ─────────────────────────────────────────────────────────────────────────────────────────

ODD = (None, True, -1, 0, 10**40, 1e300, -0.5, "", "x", "\ud800", "../x", "/dev/zero", "\x00", [], [[]], {}, {"": {}}, [None], math.nan, ["a"] * 3)


def mutated(data, random):
    """A copy with one to three values replaced, removed, doubled, renamed or put somewhere else."""
    data = copy.deepcopy(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        here = data
        while isinstance(here, (dict, list)) and here:
            key = random.choice(list(here)) if isinstance(here, dict) else random.randrange(len(here))
            if random.random() < 0.35 or not isinstance(here[key], (dict, list)) or not here[key]:
                break
            here = here[key]
        if not isinstance(here, (dict, list)) or not here:
            continue
        what = random.choice(("odd", "odd", "gone", "rename", "move"))
        if what == "gone":
            del here[key]
        elif what == "odd":
            here[key] = random.choice(ODD)
        elif what == "move":
            here[key] = copy.deepcopy(random.choice(list(data.values())))
        elif isinstance(here, dict):
            here[f"{key}x"] = here.pop(key)
        else:
            here.append(here[key])
    return data


def tried(reader, place):
    """What reading gives; None for an error of ours. Any other exception is a fault."""
    try:
        return reader(place)
    except SimgovError as error:
        told = error
    assert told.say().isprintable() or "\n" in told.say()
    assert len(told.say()) < 2000
    assert told.say("zh")
    return None


def fuzzed_documents(made, tmp_path, times):
    for name, (kind, reader) in READ.items():
        place, sound = copied(made, tmp_path, name), reader(made / name)
        text = place.read_text(encoding="utf-8")
        data = json.loads(text)
        for random in seeds(f"document {name}", 12 if "sensitivity" not in name else 4, times):
            way = random.choice(("edited", "resealed", "resealed", "old", "bytes"))
            found = mutated(data, random)
            if way == "bytes":
                raw = bytearray(text.encode())
                for _ in range(random.choice((1, 1, 4))):
                    at = random.randrange(len(raw))
                    raw[at] = raw[at] ^ (1 << random.randrange(8)) if random.random() < 0.7 else random.randrange(256)
                place.write_bytes(raw)
            elif way == "edited":
                place.write_text(json.dumps(found), encoding="utf-8")
            elif way == "resealed":
                place.write_text(resealed(found), encoding="utf-8")
            else:
                place.write_text(json.dumps({**{k: v for k, v in found.items() if k not in (document.SEAL, document.FILES)}, kind.mark: 1}), encoding="utf-8")
            answer = tried(reader, place)
            assert answer is None or way in ("resealed", "old") or answer == sound, (name, way)


def test_documents_that_were_damaged_give_an_error_of_ours(made, tmp_path):
    """Structure and bytes, sealed anew or not: what is not refused is what was saved."""
    fuzzed_documents(made, tmp_path, AT_A_PUSH)


@pytest.mark.nightly
def test_documents_that_were_damaged_give_an_error_of_ours_at_night(made, tmp_path):
    fuzzed_documents(made, tmp_path, AT_NIGHT)


def flipped_folders(made, tmp_path, times):
    sound = {name: ledgers.read(made / "run") for name in ("one",)}["one"]
    tables = {"summaries": sound.summaries, "visits": sound.visits, "incidents": sound.incidents}
    files = {"summaries": "summaries.parquet", "visits": "journal/visits.parquet", "incidents": "journal/incidents.parquet"}
    place = copied(made, tmp_path, "run/result.json").parent
    for random in seeds("flip", 30, times):
        name = random.choice((*tables, "result"))
        file = place / files.get(name, "result.json")
        before = file.read_bytes()
        raw = bytearray(before)
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
        file.write_bytes(raw)
        read = tried(lambda where: (ledgers.read(where), {n: getattr(ledgers.read(where), n) for n in tables}), place)
        assert read is None or (name == "result" and all(read[1][n].equals(tables[n]) for n in tables) and read[0].seed == sound.seed)
        assert name == "result" or read is None
        file.write_bytes(before)


def test_a_flipped_bit_in_a_results_folder_is_noticed(made, tmp_path):
    """In any table that is read, and in result.json, where a flip in a space or the like changes nothing."""
    flipped_folders(made, tmp_path, AT_A_PUSH)


@pytest.mark.nightly
def test_a_flipped_bit_in_a_results_folder_is_noticed_at_night(made, tmp_path):
    flipped_folders(made, tmp_path, AT_NIGHT)


def flipped_tables_without_a_seal(made, tmp_path, times):
    """Of a folder of 0.4: an error of ours, or a table; what it says cannot be vouched for."""
    place = copied(made, tmp_path, "run/result.json").parent
    unsealed(place / "result.json")
    for random in seeds("flip without a seal", 20, times):
        name = random.choice(("summaries", "visits"))
        file = place / {"summaries": "summaries.parquet", "visits": "journal/visits.parquet"}[name]
        before = file.read_bytes()
        raw = bytearray(before)
        for _ in range(random.choice((1, 20))):
            raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
        file.write_bytes(raw)
        tried(lambda where, name=name: getattr(ledgers.read(where), name), place)
        file.write_bytes(before)


def test_tables_without_a_seal_give_an_error_of_ours(made, tmp_path):
    flipped_tables_without_a_seal(made, tmp_path, AT_A_PUSH)


@pytest.mark.nightly
def test_tables_without_a_seal_give_an_error_of_ours_at_night(made, tmp_path):
    flipped_tables_without_a_seal(made, tmp_path, AT_NIGHT)


def test_a_page_of_a_table_has_its_own_checksum(made, tmp_path):
    """Whoever reads a table with another program can have its pages checked."""
    import pyarrow.parquet as pq

    raw = bytearray((made / "run/summaries.parquet").read_bytes())
    raw[len(raw) // 4] ^= 1
    (tmp_path / "t.parquet").write_bytes(raw)
    with pytest.raises(OSError, match=r"CRC|Corrupt|crc|checksum"):
        pq.read_table(tmp_path / "t.parquet", page_checksum_verification=True)


# ── trials ──────────────────────────────────────────────────────────────────────────────────────────


def fuzzed_trials(made, tmp_path, times):
    """Sealed anew with nonsense: each is done again, and the comparison is what it was."""
    place = copied(made, tmp_path, "compare/comparison.json").parent
    sound = study.taken_up(place).measures
    files = sorted((place / "trials").rglob("*.json"))
    for random in seeds("trial", 6, times):
        file = random.choice(files)
        text = file.read_text(encoding="utf-8").partition("\n")[2]
        data = json.loads(text)
        key, odd = random.choice(list(data)), random.choice(ODD)
        fewer, short = {k: v for k, v in data.items() if k != key}, data[key][1:] if isinstance(data[key], list) else odd
        found = random.choice(({**data, key: odd}, {**data, key: short}, fewer, odd))
        file.write_text(closed(json.dumps(found)), encoding="utf-8")
        found = Store(place / "trials").get(file.parent.name, int(file.stem))
        assert found is None or isinstance(found, Outcome)
        found = study.taken_up(place)
        assert found.stock(0).shape == found.stock(1).shape
        assert found.measures.equals(sound)


def test_trials_that_were_sealed_with_nonsense_are_done_again(made, tmp_path):
    fuzzed_trials(made, tmp_path, AT_A_PUSH)


@pytest.mark.nightly
def test_trials_that_were_sealed_with_nonsense_are_done_again_at_night(made, tmp_path):
    fuzzed_trials(made, tmp_path, AT_NIGHT // 4)


# ── the code that made them ─────────────────────────────────────────────────────────────────────────

PACKAGE = Path(simgov.__file__).parent
MAKE = made_of(folders.MAKES_NUMBERS)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the sources."""
    place = tmp_path_factory.mktemp("copy") / "simgov"
    shutil.copytree(PACKAGE, place, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "*.po", "fonts"))
    return place


def test_the_copy_has_the_fingerprint_of_the_original(package):
    assert fingerprint(*folders.MAKES_NUMBERS, package=package) == folders.code()


@pytest.mark.parametrize("name", ["vocabulary", "chance", "clock", "calendars", "draws", "journal", "pieces", "scenario.fields", "plan.people", "engines.gates", "engines.compiled.walk", "engines.simpy_engine", "measures.compute", "measures.pool", "trials.carry_out", "trials.outcome"])
def test_a_number_that_is_changed_changes_the_fingerprint(package, name):
    """Whichever module makes numbers, near or far: kept trials of other numbers are not mixed in."""
    place = MAKE[f"simgov.{name}"]
    copy_of = package / place.relative_to(PACKAGE)
    before = copy_of.read_text(encoding="utf-8")
    number = re.search(r"(?<![\w\"'.])\d+(?![\w\"'.])", before[before.index("import") :])
    at = before.index("import") + (number.start() if number else 0)
    changed = before[:at] + str(int(number[0]) + 1) + before[at + len(number[0]) :] if number else before + "\nX = 1\n"
    copy_of.write_text(changed, encoding="utf-8")
    try:
        code._imported.cache_clear()
        assert fingerprint(*folders.MAKES_NUMBERS, package=package) != folders.code()
    finally:
        copy_of.write_text(before, encoding="utf-8")


def test_every_module_that_makes_numbers_is_in_the_fingerprint(package):
    """All that an engine, the plan and the measures have imported when a trial is done, but what only speaks or carries about."""
    script = "import sys, json, simgov.trials.carry_out, simgov.engines.simpy_engine, simgov.engines.compiled.run; print(json.dumps([m for m in sys.modules if m.startswith('simgov.')]))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    speak = {"errors", "language", "files", "owner", "whole", "workers", "document", "code"}
    beside = {"simgov.trials", "simgov.trials.prepare", "simgov.budget", "simgov.flow", "simgov.never"}  # how much at once, and what to expect: no number of a trial

    assert {m for m in loaded if m.split(".")[1] not in speak} - beside <= set(MAKE)


@pytest.mark.parametrize("name", ["language/__init__.py", "errors.py", "workers.py", "plots/style.py", "report/page.py", "web/jobs.py", "cli/__init__.py", "words.py", "study/answer.py"])
def test_what_only_draws_or_speaks_does_not_matter(package, name):
    """Kept trials are not thrown away for a word."""
    before = (package / name).read_text(encoding="utf-8")
    (package / name).write_text(before + "\nX = 1\n", encoding="utf-8")
    assert fingerprint(*folders.MAKES_NUMBERS, package=package) == folders.code()
    (package / name).write_text(before, encoding="utf-8")


def test_an_import_inside_a_function_counts_and_one_for_types_does_not(tmp_path):
    place = tmp_path / "simgov"
    place.mkdir()
    (place / "a.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from simgov import c\nelse:\n    from simgov import d\ndef f():\n    from simgov.b import x\n    return x\n")
    for name in "bcd":
        (place / f"{name}.py").write_text("x = 1\n")

    assert sorted(made_of(["simgov.a"], place)) == ["simgov.a", "simgov.b", "simgov.d"]


def test_reports_are_made_from_sound_documents_only(made, tmp_path):
    """The function behind `simgov report` reads the same way."""
    place = copied(made, tmp_path, "compare/comparison.json")
    place.write_text(place.read_text(encoding="utf-8").replace('"headline_closure"', '"cohort_closure"'), encoding="utf-8")
    with pytest.raises(OutputError, match="its seal is broken"):
        reopened(place.parent)
