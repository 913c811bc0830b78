"""JSON that simgov writes and reads again: read within bounds and strictly, held against a model, and against its own seal.

The seal of a document is a digest of all else in it, the digests of the files beside it included. It does not keep anybody from
changing a result on purpose; it tells that a result is no longer what was written: by a bad disk, half a copy, an editor.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from simgov.errors import OutputError, dotted, in_full, printable, reason
from simgov.files import UnreadableError, content
from simgov.language import Message, message
from simgov.whole import write as write_whole

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 500_000_000  # bytes of a document: the tables of a city are in the result of its run
DEEPEST, DIGITS, SHOWN = 60, 60, 60
FILES, SEAL = "files", "seal"
TEXT, WHOLE, NUMBER, FLAG, TIME = "OUT", "iu", "f", "b", "M"  # kinds of columns, as numpy names them
SEALED = 2  # the form of documents from which on they have a seal


class Model(BaseModel):
    """What must stand in a document, with its types; more may stand there."""

    model_config = ConfigDict(strict=True, frozen=True)


class Kind(NamedTuple):
    """A kind of document: the key that says so and has the number of its form, what it is called, the form that is written now, its model and its file."""

    mark: str
    name: Message
    model: type[Model]
    file: str
    form: int = SEALED


@dataclass(frozen=True)
class Document:
    """One that was read. `files`: digests of the files beside it by name; None where there is no seal."""

    path: Path
    data: dict[str, Any]
    files: Mapping[str, str] | None = None

    def check(self, name: str) -> Path:
        """The path of a file beside it. Raises OutputError when that is not the file that was written."""
        path = self.path.parent / name
        if self.files is None:
            return path
        if name not in self.files:
            raise OutputError(message("{path}: was not written with {document}; take it away", path=path, document=self.path))
        try:
            if not path.is_file() or digest(path) != self.files[name]:
                raise OutputError(message("{path}: is not the file that was written (its digest is not the one in {document}), so it was changed or damaged; take it from a copy, or make the folder anew with the same command", path=path, document=self.path.name) if path.exists() else message("{path}: cannot be read: {why}", path=path, why=message("No such file or directory")))
        except OSError as error:
            raise OutputError(message("{path}: cannot be read: {why}", path=path, why=reason(error))) from None
        return path

    def table(self, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
        """A table (Parquet) beside it that has at least these columns, each of one of these kinds. Raises OutputError."""
        import pandas as pd
        from pyarrow import ArrowException

        path = self.check(f"{name}.parquet")
        try:
            found = pd.read_parquet(path, page_checksum_verification=True)
        except (OSError, ValueError, TypeError, LookupError, AttributeError, ArrowException) as error:  # whatever Arrow and pandas make of a file that is no table
            raise OutputError(message("{path}: cannot be read: {why}", path=path, why=printable(" ".join(str(error).split())[-200:]))) from None
        has = {} if found.columns.has_duplicates else {column: found[column].dtype.kind for column in found}
        if wrong := next((column for column, kinds in columns.items() if has.get(column, "-") not in kinds), None):
            raise OutputError(message("{path}: is no such table, or is damaged: its column '{column}' is missing or is not what simgov writes", path=path, column=wrong))
        return found

    def tell(self, say: Callable[[Message], None]) -> None:
        """Say that it has no seal, where it has none."""
        if self.files is None:
            say(message("{path}: was saved by an earlier version of simgov, without a seal; whether it was changed or damaged since cannot be told", path=self.path))

    @property
    def changed(self) -> list[str]:
        """The files beside it that are not what was written, or are gone."""
        return [name for name in self.files or () if not self._is_as_written(name)]

    def _is_as_written(self, name: str) -> bool:
        try:
            self.check(name)
        except OutputError:
            return False
        return True


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────


def read(place: Path, kind: Kind) -> Document:
    """The document of a kind in a folder, or in that file. Raises OutputError that says what is wrong, and where."""
    path = place / kind.file if place.is_dir() else place
    data = checked(parsed(path, kind.name), kind, path)
    if data[kind.mark] < SEALED:
        return Document(path, data)
    if data[SEAL] != seal(data):
        raise OutputError(message("{path}: is not what was written (its seal is broken), so it was changed or damaged; take it from a copy, or make it anew with the same command", path=path))
    return Document(path, data, data[FILES])


def holds(path: Path, mark: str) -> bool:
    """Whether a file is a document of that kind, sound or not; another program's file of that name is none."""
    try:
        found = json.loads(content(path, LARGEST))
    except (UnreadableError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and mark in found


def checked(data: Any, kind: Kind, where: object, sealed: bool = True) -> dict[str, Any]:
    """Data that may be a document of that kind. Raises OutputError."""
    form = data.get(kind.mark) if isinstance(data, dict) else None
    if not isinstance(form, int) or isinstance(form, bool) or form < 1:
        _damaged(where, kind.name, (kind.mark,), got(form) if form is not None else message("is missing"))
    if form > kind.form:
        raise OutputError(message("{path}: was written by a later version of simgov (form {form}; this one knows {known}); read it with that version", path=where, form=form if form < 1e9 else "?", known=kind.form))
    try:
        kind.model.model_validate(data)
        if form >= SEALED and sealed:
            _Sealed.model_validate(data)
        elif form < SEALED and SEAL in data:
            _damaged(where, kind.name, (SEAL,), message("does not go with form {form}", form=form))
    except ValidationError as error:
        first = error.errors()[0]
        _damaged(where, kind.name, first["loc"], message("is missing") if first["type"] == "missing" else got(first["input"]))
    return data


class _Sealed(Model):
    files: dict[str, str]
    seal: str


def parsed(path: Path, name: Message) -> Any:
    """What stands in a JSON file, if it is sound by itself: of bounded size and depth, no key twice, finite numbers, whole characters. Raises OutputError."""
    try:
        found = json.loads(content(path, LARGEST).decode("utf-8-sig"), object_pairs_hook=_once, parse_int=_whole)
        odd = _odd(found, ())
    except (UnreadableError, ValueError) as error:
        raise OutputError(message("{path}: is no {what} of simgov: {why}", path=path, what=name, why=in_full(error))) from None
    except RecursionError:
        raise OutputError(message("{path}: is no {what} of simgov: {why}", path=path, what=name, why=message("is nested too deeply"))) from None
    if odd:
        _damaged(path, name, *odd)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(message("has the key {key} twice", key=_shown(next(key for key in names if names.count(key) > 1))))
    return found


def _whole(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError(message("has a number of {n} digits", n=len(text)))
    return int(text)


def _odd(value: Any, path: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], Message] | None:
    """The first value that JSON can write and no document of ours has: where it stands, and why not."""
    if len(path) > DEEPEST:
        return path[:5], message("is nested too deeply")
    if isinstance(value, float) and not math.isfinite(value):
        return path, message("is no finite number")
    if isinstance(value, str) and not _is_whole(value):
        return path, message("holds half a character")
    if isinstance(value, dict):
        if broken := next((key for key in value if not _is_whole(key)), None):
            return (*path, broken.encode("ascii", "backslashreplace").decode()), message("holds half a character")
        return next((odd for key, item in value.items() if (odd := _odd(item, (*path, key)))), None)
    if isinstance(value, list):
        return next((odd for k, item in enumerate(value) if (odd := _odd(item, (*path, k)))), None)
    return None


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def _damaged(where: object, name: Message, path: tuple[str | int, ...], why: Message) -> NoReturn:
    told = printable(dotted(path))
    told = told if len(told) <= 2 * SHOWN else told[: 2 * SHOWN] + " ..."
    raise OutputError(message("{path}: is no {what} of simgov, or is damaged: {where} {why}", path=where, what=name, where=told or "{}", why=why))


def got(value: Any) -> Message:
    """That a value is wrong, with a short piece of it."""
    return message("is not what simgov writes there, got {value}", value=_shown(value))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (str, int, float, bool, type(None))) else "{...}" if isinstance(value, dict) else "[...]"
    text = printable(text)
    return text if len(text) <= SHOWN else text[:SHOWN] + " ..."


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────


def seal(data: Mapping[str, Any]) -> str:
    """Digest of all that a document says, in its order, which may matter; however it is laid out."""
    rest = {key: value for key, value in data.items() if key != SEAL}
    return sha256(json.dumps(rest, separators=(",", ":")).encode()).hexdigest()


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def text(data: Mapping[str, Any], files: Mapping[str, str], indent: int | None = 1) -> str:
    """The document with its seal, as it stands in a file."""
    whole = json.loads(json.dumps({**data, FILES: dict(files)}, default=str))
    return json.dumps({**whole, SEAL: seal(whole)}, indent=indent, ensure_ascii=False) + "\n"


def write(folder: Path, kind: Kind, data: Mapping[str, Any]) -> None:
    """Write a document about all files of a folder, after they are there. Raises OSError."""
    files = {path.relative_to(folder).as_posix(): digest(path) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != kind.file}
    write_whole(folder / kind.file, text({kind.mark: kind.form, **data}, files))


def renew(file: Path) -> None:
    """A file of a sealed folder was written anew: the document that has its digest says so, unless that was broken before. Raises OSError."""
    for path in sorted(file.parent.glob("*.json")):
        try:
            found = parsed(path, Message(path.name))
        except OutputError:
            continue
        if not (isinstance(found, dict) and isinstance(found.get(FILES), dict) and file.name in found[FILES] and found.get(SEAL) == seal(found)):
            continue
        data = {key: value for key, value in found.items() if key not in (FILES, SEAL)}
        write_whole(path, text(data, {**found[FILES], file.name: digest(file)}))
