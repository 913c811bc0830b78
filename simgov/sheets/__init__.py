"""Tables as people have them, of the bytes of a file: Excel workbooks and CSV in the encodings and with the delimiters that are in use."""

from simgov.sheets.reading import ENDINGS, Sheet, TableError, read
from simgov.sheets.wrong import Wrong

__all__ = ["ENDINGS", "Sheet", "TableError", "Wrong", "read"]
