"""Tables as people have them, of the bytes of a file: Excel workbooks, and CSV of the encodings and delimiters in use."""

from simgov.sheets.reading import ENDINGS, Sheet, TableError, read
from simgov.sheets.wrong import Wrong

__all__ = ["ENDINGS", "Sheet", "TableError", "Wrong", "read"]
