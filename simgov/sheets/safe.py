"""Cells that a spreadsheet would take for a formula: an apostrophe marks them in what is written, and goes when it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simgov.sheets.values import NUMBER

if TYPE_CHECKING:
    import pandas as pd

FORMULA = r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]"
DANGEROUS = re.compile(f"'*(?:{FORMULA})")
MARKED = re.compile(f"'+(?:{FORMULA})")


def guarded(cell: Any) -> Any:
    """A text that begins like a formula, with an apostrophe before it; numbers, also those written as text, stay as they are."""
    return f"'{cell}" if isinstance(cell, str) and DANGEROUS.match(cell) and not NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """The other way round."""
    return cell[1:] if cell.startswith("'") and MARKED.match(cell) else cell


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV that may be opened in a spreadsheet, without its index."""
    return table.map(guarded).rename(columns=guarded).to_csv(index=False, lineterminator="\n")
