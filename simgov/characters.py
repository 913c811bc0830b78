"""Characters that no text of a stranger may hold, in whatever kind of file it comes."""

from __future__ import annotations

from simgov.language import message

OBEYED = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # by a terminal; line breaks and tabs are each reader's own matter
TURNING = "\u202a-\u202e\u2066-\u2069"  # they would turn round what is written after them, in every sentence with a label
NOT_ALLOWED = message("the character U+{code:04X} is not allowed")
