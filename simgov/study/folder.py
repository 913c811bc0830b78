"""The folder of a study: what was asked, and every trial that was done for it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from simgov.errors import OutputError, UsageError, dotted, reason
from simgov.language import LANGUAGES, Message, message, together
from simgov.scenario.fields import shown
from simgov.scenario.paths import at, differences
from simgov.study.policies import Study
from simgov.trials import Store

MARK, COMPARISON, TRIALS, PARTIAL = "study.json", "comparison.json", "trials", ".partial"
MAKES_NUMBERS = ("chance", "clock", "calendars", "draws", "journal", "pieces", "scenario", "plan", "engines", "measures", "trials")
MOST_SHOWN = 12  # differences


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
            found = json.loads(mark.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            found = None
        if not (isinstance(found, dict) and any(str(key).startswith("simgov_") for key in found)):
            raise OutputError(message("{mark}: was not written by simgov, or is damaged; name another folder, or remove that file if the trials beside it may go on", mark=mark))
        return found

    def _refuse(self, changed: list[Message]) -> None:
        if changed:
            more = [message("and {n} more", n=len(changed) - MOST_SHOWN)] if len(changed) > MOST_SHOWN else []
            lines = together((*changed[:MOST_SHOWN], *more), "{some}\n  {more}")
            raise UsageError(message("{folder}: holds trials of something else; start anew (--anew, which throws them away) or name another folder (--out). What differs:\n  {lines}", folder=self.folder, lines=lines))


@contextmanager
def told_in(folder: str | Path) -> Iterator[Path]:
    """The folder, made if need be; what goes wrong in it is told as OutputError."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except OSError as error:
        raise OutputError(message("{path}: cannot be written: {why}", path=folder, why=reason(error))) from None


def write_found(folder: Path, found: Any, tables: Iterable[str], lang: str) -> None:
    """Of whatever was found: its `tables` (Parquet), its answer in both languages, and its figure."""
    for name in tables:
        with replacing(folder / f"{name}.parquet") as part:
            getattr(found, name).to_parquet(part, compression="zstd", index=False)
    for each in LANGUAGES:
        write(folder / f"answer.{each}.txt", found.answer(each) + "\n")
    with replacing(folder / "figure.png") as part:
        found.figure(lang).savefig(part, format="png", dpi=150, metadata={"Software": None})


def write(place: Path, text: str) -> None:
    """A file that is there whole or not at all."""
    with replacing(place) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def replacing(place: Path) -> Iterator[Path]:
    """A file beside `place` that takes its place when the block ends well, and vanishes otherwise; nobody else has one of its name."""
    part = place.with_name(f".{place.name}.{uuid4().hex}{PARTIAL}")
    try:
        yield part
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)


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
    here, hasher = Path(__file__).parents[1], sha256()
    for part in MAKES_NUMBERS:
        for path in sorted([here / f"{part}.py", *(here / part).rglob("*.py")]):
            if path.is_file():
                hasher.update(f"{path.relative_to(here).as_posix()}\n".encode() + path.read_bytes())
    return hasher.hexdigest()[:16]
