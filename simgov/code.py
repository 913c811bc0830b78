"""Fingerprints of the code that makes something: of a module, and of all modules of simgov that it imports, one through another."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent
SPEAK = frozenset({"code", "document", "errors", "files", "language", "owner", "whole", "words", "workers"})  # parts that say something, or carry it about, and make no number


def fingerprint(*modules: str, package: Path = PACKAGE) -> str:
    """A digest of the sources of these modules and of everything they import from simgov, inside functions too.

    Parts that only speak or carry numbers about (`SPEAK`) are left out, and so is what is imported for types only.
    """
    hasher = sha256()
    for name, path in sorted(made_of(modules, package).items()):
        hasher.update(f"{name}\n".encode() + path.read_bytes())
    return hasher.hexdigest()[:16]


def made_of(modules: Iterable[str], package: Path = PACKAGE) -> dict[str, Path]:
    """By name the file of each module that goes into the fingerprint."""
    found: dict[str, Path] = {}
    todo = list(modules)
    while todo:
        name = todo.pop()
        path = _file(name, package)
        if path is not None and name not in found and name.split(".")[1] not in SPEAK:
            found[name] = path
            todo += [inner if _file(inner, package) else outer for outer, inner in _imported(path)]
    return found


def _file(name: str, package: Path) -> Path | None:
    """Of a module of simgov; None for anything else, and for the package itself, which only names its parts."""
    first, *rest = name.split(".")
    if first != package.name or not rest:
        return None
    return next((path for path in (package.joinpath(*rest, "__init__.py"), package.joinpath(*rest[:-1], f"{rest[-1]}.py")) if path.is_file()), None)


@cache
def _imported(path: Path) -> tuple[tuple[str, str], ...]:
    """What a file imports: a module, and the name that is taken from it, as if that were a module, too."""
    return tuple(_names(ast.parse(path.read_text(encoding="utf-8"))))


def _names(node: ast.AST) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield from ((child.module, f"{child.module}.{alias.name}") for alias in child.names)
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from (each for other in child.orelse for each in _names(ast.Module([other], [])))
        else:
            yield from _names(child)
