"""A file that starts from another one (`extends`): reading the chain of files, and merging what they say.

Mappings are merged key by key; anything else replaces, and so does a value with a tag. `null` takes away what the base has
under that key. In `set` of a change, which maps paths to values, an entry replaces as a whole and `null` stays what it is
there: the value that the change takes away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgov.errors import Problem, ScenarioError, nearest, unknown
from simgov.language import Message, message
from simgov.scenario.access import Access, is_there
from simgov.scenario.document import Document
from simgov.scenario.fields import shown
from simgov.scenario.model import Scenario
from simgov.scenario.yaml_text import Marks, placed

MOST_STRANGE = 5  # keys at the top of a base that no scenario has: with more it is a file of another kind
PathKey = tuple[str | int, ...]
TABLES = (("facts",), ("nodes",), ("classes", "*", "arrivals", "list"))  # where a scenario names files
SETS = ("changes", "*", "set")


def read(path: Path, access: Access | None = None) -> Document:
    """What a scenario file says together with the files that it extends, which lie in its folder if no access says more. Raises ScenarioError."""
    access, document = access or Access.of(path.parent), Document.read(path)
    for key in access.leaves_out:
        document = document.without(key)
    return with_base(document, path.parent, access, (path,))


def with_base(document: Document, folder: Path, access: Access, chain: tuple[Path, ...] = ()) -> Document:
    """The same for what has been read already, whose `extends` is looked up from `folder`; `chain`: the files that led here."""
    if "extends" not in document.data:
        return document
    own = document.without("extends")
    name = document.data["extends"]
    path = _base(name, folder, access, chain, document.marks)
    found = Document.read(path)
    _refuse_stranger(found, path, document.marks)
    base = with_base(found, path.parent, access, (*chain, path))
    gone: set[PathKey] = set()
    data = _merged(_moved(base.data, Path(name).parent), own.data, (), gone, {*base.origins, *own.origins} - {()})
    kept = base.cleared(gone)
    return Document(data, {**kept.origins, **own.origins}, [*kept.problems, *own.problems], {**kept.marks, **own.marks})


def _refuse_stranger(document: Document, path: Path, marks: Marks) -> None:
    """A base that is no scenario is not quoted line by line. Raises ScenarioError."""
    known = [field.alias or name for name, field in Scenario.model_fields.items()]
    strange = [key for key in document.data if key not in (*known, "extends")]
    if len(strange) == len(document.data) or len(strange) > MOST_STRANGE:
        raise ScenarioError([placed(Problem(("extends",), message("{file} is no scenario: {why}", file=path, why=unknown("key", strange[0], known))), marks)])


def _base(name: Any, folder: Path, access: Access, chain: tuple[Path, ...], marks: Marks) -> Path:
    def wrong(why: Message) -> ScenarioError:
        return ScenarioError([placed(Problem(("extends",), why), marks)])

    if not isinstance(name, str) or not name.strip():
        raise wrong(message("must be the name of a scenario file, such as dongxing.yaml, got {given}", given=shown(name)))
    path, known = folder / name, [p.resolve() for p in chain]
    if refusal := access.refusal(folder, name):
        raise wrong(refusal)
    if not is_there(path):
        beside = [(Path(name).parent / p.name).as_posix() for p in sorted(path.parent.glob("*.y*ml")) if p.resolve() not in known]
        raise wrong(message("there is no file {file}; {hint}", file=shown(str(path))[1:-1], hint=nearest(name, beside)))
    if path.resolve() in known:
        circle = " -> ".join(p.name for p in (*chain, path))
        raise wrong(message("goes round in a circle: {circle}; one of them must stand on its own", circle=circle))
    if not path.is_file():
        raise wrong(message("{file} {why}", file=path, why=message("is no regular file")))
    return path


def _merged(base: Any, over: Any, path: PathKey, gone: set[PathKey], tagged: set[PathKey]) -> Any:
    """The base with `over` on top; paths at which nothing of the base is left are added to `gone`. What has a tag, in one or the other, is replaced."""
    if not isinstance(base, dict) or not isinstance(over, dict) or path in tagged or _like(path[:-1], SETS):
        gone.add(path)
        return over
    result = dict(base)
    for key, value in over.items():
        if value is None and key in base and not _like(path, SETS):
            del result[key]
            gone.add((*path, key))
        else:
            result[key] = _merged(base[key], value, (*path, key), gone, tagged) if key in base else value
    return result


def _moved(value: Any, folder: Path, path: PathKey = ()) -> Any:
    """A copy whose tables are named from another folder: `folder` leads to where they are."""
    if isinstance(value, dict):
        return {key: _moved(item, folder, tuple(str(key).split(".")) if _like(path, SETS) else (*path, key)) for key, item in value.items()}
    return (folder / value).as_posix() if isinstance(value, str) and value.strip() and any(_like(path, rule) for rule in TABLES) else value


def _like(path: PathKey, rule: tuple[str, ...]) -> bool:
    return len(path) == len(rule) and all(r in ("*", p) for p, r in zip(path, rule, strict=True))
