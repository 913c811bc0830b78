"""Trials kept on disk: each is there whole and sound, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from simgov.errors import OutputError, reason
from simgov.files import content
from simgov.language import message
from simgov.trials.outcome import Outcome
from simgov.whole import replacing

LARGEST = 100_000_000  # bytes of a trial, which has some ten thousand


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
            return Outcome.read(opened(content(self._place(name, replication), LARGEST).decode("utf-8")))
        except ValueError:  # among them: not there, no text, no seal, or sealed and no outcome of this version
            return None

    def put(self, name: str, replication: int, outcome: Outcome) -> None:
        """Write it beside its place, read it back, and move it there. Raises OutputError."""
        place, text = self._place(name, replication), closed(outcome.text())
        try:
            place.parent.mkdir(exist_ok=True)
            with replacing(place) as part:
                part.write_text(text, encoding="utf-8")
                if part.read_text(encoding="utf-8") != text:
                    raise OutputError(message("{place}: what was written does not read back as it was; is the disk sound?", place=place))
        except OSError as error:
            raise OutputError(message("{folder}: cannot keep a trial: {why}; what was kept before is sound, so mend this and give the same command again", folder=self.folder, why=reason(error))) from None

    def _place(self, name: str, replication: int) -> Path:
        return self.folder / name[:16] / f"{replication:06d}.json"


def closed(text: str) -> str:
    """A text with its digest in front."""
    return f"{_seal(text)}\n{text}"


def opened(sealed: str) -> str:
    """The text again. Raises ValueError when it is not the one that was closed."""
    seal, _, text = sealed.partition("\n")
    if seal != _seal(text):
        raise ValueError("the seal is broken")
    return text


def _seal(text: str) -> str:
    return sha256(text.encode()).hexdigest()
