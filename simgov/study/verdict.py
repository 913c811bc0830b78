"""What the interval of a difference says, in one of six words; however the interval was made."""

from __future__ import annotations

import math

MORE, LESS, SAME, EQUAL, CANNOT_TELL, NOT_APPLICABLE = "more", "less", "the same", "practically equal", "cannot tell", "does not apply"
SURE = (MORE, LESS)  # there is a difference


def verdict(value: float, low: float, high: float, margin: float) -> str:
    """Of a difference with its joint interval: nan where it, or its interval, does not exist.

    What lies within the margin as a whole is practically equal, also where it excludes zero: then it is a sure difference of no account.
    """
    if math.isnan(value):
        return NOT_APPLICABLE
    if value == low == high == 0:
        return SAME
    if math.isnan(low) or math.isnan(high):
        return CANNOT_TELL
    if max(abs(low), abs(high)) <= margin:
        return EQUAL
    if low <= 0 <= high:
        return CANNOT_TELL
    return MORE if low > 0 else LESS
