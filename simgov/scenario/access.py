"""Which files may be read on behalf of a scenario: those below one of its roots, wherever links lead.

A scenario that somebody sent names files as it likes. So whoever reads one hands it a capability, which everything that
opens a file asks: tables, facts, and the files that it extends. An uploaded scenario gets one without any root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simgov.language import OR, Message, message, together

ALONE = message("an uploaded scenario must stand on its own, and this one names the file '{file}'; start `simgov serve` with the scenario instead")
SHIPPED = "scenarios"  # the folder of a clone of the repository, beside the package; its files name each other from folder to folder
Roots = str | Path | Iterable[str | Path] | None


@dataclass(frozen=True)
class Access:
    """`roots`: folders, as they are without links. `leaves_out`: keys at the top of the scenario that are read over."""

    roots: tuple[Path, ...] = ()
    leaves_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path, more: Roots = None) -> Access:
        """For a file of this folder: what lies in it and below, and below the folders `more`."""
        others = [more] if isinstance(more, (str, Path)) else more or ()
        return cls(tuple(dict.fromkeys([_project(_real(folder)), *(_real(Path(root).expanduser()) for root in others)])))

    def refusal(self, folder: Path, name: str) -> Message | None:
        """Why a file that is named from a folder is not read, if it is not to be."""
        path = folder / name
        if not self.roots:
            return Message(ALONE, {"file": name})
        if any(_real(path).is_relative_to(root) for root in self.roots):
            return None
        return message("the file {file} lies outside {root}, and a scenario names only files below the folder it lies in; allow more with --root DIR", file=path, root=together(map(str, self.roots), OR))


NO_FILES = Access()


def is_there(path: Path) -> bool:
    """Whether there is something of this name; a name that no file can have is that of none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a circle of links, or a name that no file can have
        return path.absolute()


def _project(folder: Path) -> Path:
    """The folder `scenarios` of a clone, for a file in it or below; else the folder itself."""
    return next((above for above in (folder, *folder.parents) if above.name == SHIPPED and (above.parent / "simgov" / "scenario").is_dir()), folder)
