"""docs/speed.md: text written by hand around blocks that the benchmarks write, each between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
PACKAGES = ("simpy", "numba", "numpy", "ciw", "salabim")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up as plain text: the first to the left, numbers to the right."""
    rows = [list(head), *map(list, rows)]
    wide = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(row, wide, strict=True))) + " |" for row in rows]
    rule = "| " + " | ".join("-" * (w - 1) + (":" if i else "-") for i, w in enumerate(wide)) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def machine() -> str:
    """Where and with what something was measured."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {', '.join(versions)}; {datetime.date.today()}"


def _processor() -> str:
    try:
        names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def block(name: str, page: Path = PAGE) -> str:
    """What a benchmark has written into the page."""
    return _find(page.read_text(encoding="utf-8"), name)[1].strip()


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put a benchmark's table and the machine it was measured on into the page."""
    before, _, after = _find(page.read_text(encoding="utf-8"), name)
    page.write_text(f"{before}\n{text}\n\nMeasured on {machine()}.\n{after}", encoding="utf-8")


def cells(name: str, page: Path = PAGE) -> list[list[str]]:
    """The table of a block: its head and its rows, without the rule."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block(name, page).splitlines() if line.startswith("|")]
    return [rows[0], *rows[2:]]


def _find(text: str, name: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    inside, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{PAGE}: has no block {begin} ... {end}")
    return before + begin, inside, end + after
