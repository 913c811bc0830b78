"""Bring the catalogue up to date with the code: `python -m simgov.language.update` (needs babel, which the extra `tests` installs).

Texts are taken from every `say("...")` and `message("...")` in code and page templates, and from the help of every command; they are merged into
the Chinese catalogue and compiled. What lacks Chinese is listed: write it into `zh/LC_MESSAGES/simgov.po` and run this again. Chinese that was written
once is not lost when its text goes and comes back; `--prune` forgets what no code says any more.
"""

from __future__ import annotations

import ast
import fcntl
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from simgov.language import paragraphs

PACKAGE = Path(__file__).parents[1]
PO = Path(__file__).parent / "zh" / "LC_MESSAGES" / "simgov.po"
KEYWORDS = {"say": None, "message": None, "ngettext": (1, 2)}
SAME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a date that moves would change the file each time


def python(file: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: dict[str, Any]) -> Iterator[tuple]:
    """What a module says, inside f-strings too (which babel's own reader passes over), with the help of commands (their docstrings) and options."""
    for node in ast.walk(ast.parse(file.read(), file.name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            for texts in zip(*map(_texts, node.args[:2] if node.func.id == "ngettext" else node.args[:1]), strict=True):
                yield node.lineno, node.func.id, texts, []
        elif isinstance(node, ast.keyword) and node.arg == "help":
            yield from ((node.value.lineno, "message", text, []) for text in _texts(node.value))
        elif isinstance(node, ast.FunctionDef) and any(ast.unparse(call).startswith("click.command(") for call in node.decorator_list):
            yield from ((node.lineno, "message", text, []) for text in paragraphs(ast.get_docstring(node) or "") if not text.startswith("\b"))


def _texts(node: ast.expr) -> list[str]:
    """A constant text, or the two of which one is taken."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


WHERE = [("**.py", python), ("**.html", "jinja2"), ("**.jinja2", "jinja2")]


def extracted() -> Catalog:
    """Every text that the code says."""
    found = Catalog(project="simgov", charset="utf-8", creation_date=SAME_DAY)
    for file, _, text, _, context in extract_from_dir(str(PACKAGE), WHERE, keywords=KEYWORDS):
        if text:
            found.add(text, locations=[(f"simgov/{file}", None)], context=context)
    return found


def chinese(po: Path = PO) -> Catalog:
    """The Chinese catalogue as it is written."""
    with po.open("rb") as file:
        return read_po(file, "zh", charset="utf-8")


def merged(texts: Catalog, po: Path = PO) -> Catalog:
    """The Chinese catalogue with all these texts."""
    catalogue = chinese(po)
    before = _known(catalogue, po.with_suffix(".mo"))
    catalogue.update(texts, no_fuzzy_matching=True)
    for text in catalogue:
        if text.id and not _has(text):
            text.string = before.get(_key(text), "")
        catalogue.obsolete.pop(_key(text), None)
    catalogue.fuzzy = False
    catalogue.header_comment = "# Chinese for everything that simgov shows; the English text is the key."
    catalogue.version, catalogue.msgid_bugs_address, catalogue.last_translator, catalogue.language_team = "", "", "simgov", "zh"
    catalogue.revision_date = SAME_DAY
    return catalogue


def _key(text: Message) -> str:
    """The text, or that of one thing where there is another of many."""
    return text.id if isinstance(text.id, str) else text.id[0]


def _has(text: Message) -> bool:
    return all(text.string) if isinstance(text.string, (list, tuple)) else bool(text.string)


def _known(catalogue: Catalog, mo: Path) -> Mapping[str, Any]:
    """Chinese of texts that no code said for a while, and of those that somebody lost while two wrote: it still stands in the compiled catalogue."""
    known = {}
    if mo.exists():
        with mo.open("rb") as file:
            known = {_key(text): text.string for text in read_mo(file) if text.id}
    return known | {_key(text): text.string for text in catalogue.obsolete.values() if text.string}


def update(texts: Catalog, po: Path = PO, prune: bool = False) -> Catalog:
    """Merge the texts into the catalogue and compile it, one writer after the other."""
    with locked(po.parent):
        catalogue = merged(texts, po)
        _replace(po, lambda file: write_po(file, catalogue, width=0, include_lineno=False, ignore_obsolete=prune))
        _replace(po.with_suffix(".mo"), lambda file: write_mo(file, catalogue))
    return catalogue


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process writes into the folder; the folder itself is what is locked, so nothing is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Readers see the old file or the new one, and no half of it."""
    made = BytesIO()
    write(made)
    if path.exists() and path.read_bytes() == made.getvalue():
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(made.getvalue())
    os.replace(beside, path)


def main(prune: bool) -> None:
    catalogue = update(extracted(), prune=prune)
    lacking = [_key(text) for text in catalogue if text.id and not _has(text)]
    sys.stdout.write("".join(f"lacks Chinese: {text!r}\n" for text in lacking) + f"{len(catalogue)} texts, {len(lacking)} lack Chinese\n")


if __name__ == "__main__":
    main("--prune" in sys.argv)
