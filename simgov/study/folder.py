"""The folder of a study: what was asked, and every trial that was done for it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simgov import document, engines
from simgov.code import fingerprint
from simgov.document import Kind, Model
from simgov.errors import OutputError, UsageError, dotted, reason
from simgov.language import LANGUAGES, Message, message, together
from simgov.result import PARQUET
from simgov.scenario.fields import shown
from simgov.scenario.paths import at, differences
from simgov.study.policies import Study
from simgov.trials import Store
from simgov.whole import PARTIAL, partial, sweep, write

MARK, TRIALS = "study.json", "trials"
MAKES_NUMBERS = ("simgov.trials.carry_out", *engines.MODULES.values())  # with all that they import
MOST_SHOWN = 12  # differences
Also = Mapping[str, Callable[[], str]]


class Policy(Model):
    """What is kept of a policy: enough to tell what differs."""

    digest: str
    scenario: dict[str, Any]


class About(Model):
    """What a folder of trials says of itself."""

    simgov: str
    code: str
    seed: int
    policies: dict[str, Policy]


STUDY = Kind("simgov_study", message("study"), About, MARK, form=1)  # it is compared with what is asked now, and written anew: that is seal enough


@dataclass(frozen=True)
class StudyFolder:
    """A folder that belongs to one study. Trials in it are never overwritten by those of something else."""

    folder: Path

    def opened(self, study: Study, seed: int, anew: bool) -> Store:
        """The place of its trials, ready to be written to.

        Raises UsageError when it was made from another scenario, seed or version, with what differs; OutputError when it cannot be written.
        """
        return self.ready(_about(study, seed), anew)

    def ready(self, asked: dict[str, Any], anew: bool) -> Store:
        """The same for whatever describes itself with `provenance` and its `policies`, which may be none."""
        before = self._before()
        if before is not None and not anew:
            self._refuse(list(_changed(before, asked)))
        try:
            if anew and before is not None:
                shutil.rmtree(self.folder / TRIALS, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            write(self.folder / MARK, json.dumps(asked, indent=1, ensure_ascii=False, default=str) + "\n")
            (self.folder / TRIALS).mkdir(exist_ok=True)
            for folder in (self.folder, self.folder / TRIALS, *(self.folder / TRIALS).iterdir()):
                sweep(folder)
        except OSError as error:
            raise OutputError(message("{path}: cannot be written: {why}", path=self.folder, why=reason(error))) from None
        return Store(self.folder / TRIALS)

    def _before(self) -> dict[str, Any] | None:
        """What the folder says it is; None when there is nothing in it."""
        mark = self.folder / MARK
        if self.folder.exists() and not self.folder.is_dir():
            raise OutputError(message("{folder}: is a file; name a folder for the study", folder=self.folder))
        if not mark.exists():
            if self.folder.is_dir() and any(p.name != TRIALS and not p.name.endswith(PARTIAL) for p in self.folder.iterdir()):
                raise OutputError(message("{folder}: is not empty and holds no study of simgov; name another folder, nothing was changed", folder=self.folder))
            return None
        try:
            return document.read(mark, STUDY).data
        except OutputError as error:
            raise OutputError(message("{why}; name another folder (--out); what is moved there from the folder trials need not be done again", why=error.args[0])) from None

    def _refuse(self, changed: list[Message]) -> None:
        if changed:
            more = [message("and {n} more", n=len(changed) - MOST_SHOWN)] if len(changed) > MOST_SHOWN else []
            lines = together((*changed[:MOST_SHOWN], *more), "{some}\n  {more}")
            raise UsageError(message("{folder}: holds trials of something else; start anew (--anew, which throws them away) or name another folder (--out). What differs:\n  {lines}", folder=self.folder, lines=lines))


@contextmanager
def appearing(folder: Path, kind: Kind, about: Mapping[str, Any], also: Also) -> Iterator[Path]:
    """A place for what was found, that stands in `folder` when the block ends well, with its document last, and nothing of it otherwise.

    `also`: other files by name, and what makes their text. What goes wrong with files is told as OutputError.
    """
    work = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        work = partial(folder / kind.file.partition(".")[0])
        work.mkdir()
        yield work
        for name, text in also.items():
            (work / name).write_text(text(), encoding="utf-8")
        document.write(work, kind, about)
        (folder / kind.file).unlink(missing_ok=True)  # from here on it is not finished, until the new document is there
        for path in sorted(work.iterdir(), key=lambda path: path.name == kind.file):
            os.replace(path, folder / path.name)
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=folder, why=reason(error))) from None
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def write_found(work: Path, found: Any, tables: Iterable[str], lang: str) -> None:
    """Of whatever was found: its `tables` (Parquet), its answer in both languages, and its figure."""
    for name in tables:
        getattr(found, name).to_parquet(work / f"{name}.parquet", **PARQUET)
    for each in LANGUAGES:
        (work / f"answer.{each}.txt").write_text(found.answer(each) + "\n", encoding="utf-8")
    found.figure(lang).savefig(work / "figure.png", dpi=150, metadata={"Software": None})


def provenance(kind: str, name: str, seed: int) -> dict[str, Any]:
    """What every folder of trials says of itself; trials of another seed or version are never mixed in."""
    return {"simgov_study": 1, kind: name, "simgov": version("simgov"), "code": code(), "seed": seed}


def _about(study: Study, seed: int) -> dict[str, Any]:
    return {
        **provenance("study", study.name, seed),
        "file": study.file.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "policies": {p.name: {"digest": p.scenario.digest, "in_force": list(p.scenario.in_force), "scenario": p.scenario.data} for p in study.policies},
    }


def _changed(before: dict[str, Any], now: dict[str, Any]) -> Iterator[Message]:
    """What differs and would make other numbers. Policies may come and go: what is kept of the others stays good."""
    now = json.loads(json.dumps(now, default=str))
    for key in ("simgov", "code", "seed"):
        if before.get(key) != now[key]:
            yield message("{path}: {before} then, {after} now", path=key, before=shown(before.get(key)), after=shown(now[key]))
    for name, policy in now["policies"].items():
        old = before.get("policies", {}).get(name)
        if old is None or old["digest"] == policy["digest"]:
            continue
        paths = list(differences(old["scenario"], policy["scenario"]))
        for path in paths:
            before, after = (shown(at(each["scenario"], path)) for each in (old, policy))
            yield message("policy '{name}': {path}: {before} then, {after} now", name=name, path=dotted(path), before=before, after=after)
        if not paths:
            yield message("policy '{name}': its tables or windows", name=name)


@cache
def code() -> str:
    """Fingerprint of the sources that make the numbers, so that trials of another version are never mixed in."""
    return fingerprint(*MAKES_NUMBERS)
