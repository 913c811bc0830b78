"""Trials kept on disk: each is there whole and sound, or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from simgov.errors import OutputError, reason
from simgov.language import message
from simgov.trials.outcome import Outcome


@dataclass(frozen=True)
class Store:
    """A folder of trials, each in a file of its own that begins with the digest of the rest."""

    folder: Path

    @property
    def is_there(self) -> bool:
        """Whether this process can see the folder."""
        return self.folder.is_dir()

    def get(self, name: str, replication: int) -> Outcome | None:
        """The trial; None when it is not there, or is not what was written."""
        try:
            seal, _, text = self._place(name, replication).read_text(encoding="utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        try:
            return Outcome.read(text) if seal == _seal(text) else None
        except (KeyError, ValueError, TypeError):  # sealed, and no outcome of this version
            return None

    def put(self, name: str, replication: int, outcome: Outcome) -> None:
        """Write it beside its place, read it back, and move it there. Raises OutputError."""
        place, text = self._place(name, replication), outcome.text()
        written = ""
        try:
            place.parent.mkdir(exist_ok=True)
            handle, written = tempfile.mkstemp(prefix=".", suffix=".partial", dir=place.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{_seal(text)}\n{text}")
            if Path(written).read_text(encoding="utf-8") != f"{_seal(text)}\n{text}":
                raise OutputError(message("{place}: what was written does not read back as it was; is the disk sound?", place=place))
            os.replace(written, place)
        except OSError as error:
            raise OutputError(message("{folder}: cannot keep a trial: {why}; what was kept before is sound, so mend this and give the same command again", folder=self.folder, why=reason(error))) from None
        finally:
            with suppress(OSError):
                os.unlink(written)

    def _place(self, name: str, replication: int) -> Path:
        return self.folder / name[:16] / f"{replication:06d}.json"


def _seal(text: str) -> str:
    return sha256(text.encode()).hexdigest()
