"""Reading a file that may come from a stranger: a regular file, and never more of it than was agreed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from simgov.errors import reason
from simgov.language import message


class UnreadableError(ValueError):
    """A file that is not read; the argument is the reason, as a sentence without the name of the file."""


def content(path: Path, largest: int) -> bytes:
    """The bytes of a regular file of at most `largest` bytes. Raises UnreadableError.

    A device has no end and a pipe may never begin, whatever size they claim: so the file is opened without waiting, its
    kind is asked of what was opened, and at most one byte more than is allowed is read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UnreadableError(message("is no regular file"))
            found = file.read(largest + 1)
    except OSError as error:
        raise UnreadableError(message("cannot be read: {why}", why=reason(error))) from None
    except (ValueError, UnicodeError) as error:
        raise error if isinstance(error, UnreadableError) else UnreadableError(message("cannot be read: {why}", why=reason(error))) from None
    if len(found) > largest:
        raise UnreadableError(message("is larger than {largest} MB", largest=largest // 1_000_000))
    return found
