"""Opening hours in words: `Mo-Fr 08:30-12:00; PH off` for somebody who does not know how a scenario writes them."""

from __future__ import annotations

import re

from simgov.language import message, say
from simgov.words import clauses, listed

DAYS = {
    "Mo": message("Mon"), "Tu": message("Tue"), "We": message("Wed"), "Th": message("Thu"), "Fr": message("Fri"), "Sa": message("Sat"), "Su": message("Sun"),
    "PH": message("public holidays"),
}  # fmt: skip
MONTHS = {
    "Jan": message("January"), "Feb": message("February"), "Mar": message("March"), "Apr": message("April"), "May": message("May"), "Jun": message("June"),
    "Jul": message("July"), "Aug": message("August"), "Sep": message("September"), "Oct": message("October"), "Nov": message("November"), "Dec": message("December"),
}  # fmt: skip
NTH = {"1": message("first {day} of the month"), "2": message("second {day} of the month"), "3": message("third {day} of the month"), "4": message("fourth {day} of the month"), "-1": message("last {day} of the month")}
DAY = "|".join(DAYS)


def in_words(text: str, lang: str = "en") -> str:
    """Days, months and times in words; what is none of these stays as it is."""
    return clauses((_rule(rule.strip(), lang) for rule in text.split(";") if rule.strip()), lang)


def _rule(rule: str, lang: str) -> str:
    def day(name: str) -> str:
        return say(DAYS[name], lang)

    rule = re.sub(rf"\b((?:{DAY})(?:\s*[,-]\s*(?:{DAY}))*) (?:off|closed)\b", lambda found: say("closed on {day}", lang).format(day=found[1]), rule)
    rule = re.sub(rf"\b({DAY})\[(-?\d)\]", lambda found: say(NTH[found[2]], lang).format(day=day(found[1])) if found[2] in NTH else found[0], rule)
    rule = re.sub(rf"\b({DAY})-({DAY})(?![A-Za-z])", lambda found: say("{first} to {last}", lang).format(first=day(found[1]), last=day(found[2])), rule)
    rule = re.sub(rf"(?<![A-Za-z])({DAY})(?![A-Za-z])", lambda found: day(found[1]), rule)  # Chinese may follow without a blank
    rule = re.sub(rf"\b({'|'.join(MONTHS)})\b(?! of)", lambda found: say(MONTHS[found[1]], lang), rule)
    return listed((part.strip() for part in re.sub(r"(?<=\d)-(?=\d)", "–", rule).split(",")), lang)
