"""Bring the catalogue up to date with the code: `python -m simgov.language.update` (needs babel, which the extra `tests` installs).

Texts are taken from every `say("...")` and `message("...")` in code and page templates, merged into the Chinese catalogue and compiled.
What lacks Chinese is listed: write it into `zh/LC_MESSAGES/simgov.po` and run this again. `--prune` forgets what no code says any more.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1]
PO = Path(__file__).parent / "zh" / "LC_MESSAGES" / "simgov.po"
MO = PO.with_suffix(".mo")
WHERE = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"say": None, "message": None}
SAME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # a date that moves would change the file each time


def extracted() -> Catalog:
    """Every text that the code says."""
    found = Catalog(project="simgov", charset="utf-8", creation_date=SAME_DAY)
    for file, _, text, _, context in extract_from_dir(str(PACKAGE), WHERE, keywords=KEYWORDS):
        found.add(text, locations=[(f"simgov/{file}", None)], context=context)
    return found


def chinese() -> Catalog:
    """The Chinese catalogue as it is written."""
    if not PO.exists():
        return Catalog("zh", project="simgov", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, "zh")


def merged() -> Catalog:
    """The Chinese catalogue with every text that the code says."""
    catalogue = chinese()
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.revision_date = SAME_DAY
    return catalogue


def main(prune: bool) -> None:
    catalogue = merged()
    with PO.open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, ignore_obsolete=prune)
    with MO.open("wb") as file:
        write_mo(file, catalogue)
    lacking = [str(m.id) for m in catalogue if m.id and not m.string]
    sys.stdout.write("".join(f"lacks Chinese: {text!r}\n" for text in lacking) + f"{len(catalogue)} texts, {len(lacking)} lack Chinese\n")


if __name__ == "__main__":
    main("--prune" in sys.argv)
