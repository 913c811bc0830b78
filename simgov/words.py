"""Numbers, durations and rows of measures in words: for screens, sentences and figures alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from simgov import clock
from simgov.language import message, say
from simgov.vocabulary import MEASURES

if TYPE_CHECKING:
    from simgov.scenario import Scenario
    from simgov.scenario.target import Target

PARTS = {  # of elapsed time
    "gate": message("waiting for a gate"),
    "wait": message("agreed wait"),
    "queue": message("queue"),
    "off_shift": message("nobody on shift"),
    "work": message("work"),
    "lead": message("lead after the work"),
}
UNITS = {"hours": message("h"), "days": message("d"), "count": "", "ratio": "", "yuan": message("yuan"), "share": ""}
CERTAIN = 1e-9  # of a value: an interval that is narrower is none
NAMED = {"class": "classes", "level": "levels", "stage": "stages", "team": "teams"}  # parts of a scenario whose names tell rows apart


def number(value: float, unit: str, lang: str = "en", like: float | None = None) -> str:
    """A value with its unit, rounded as a reader wants it; `like` another value that stands beside it."""
    if value is None or math.isnan(value):
        return say("not reached", lang) if unit in ("hours", "days") else "-"
    like = value if like is None else like
    if unit == "share":
        return f"{value:.2%}" if like > 0.95 or like < 0.05 else f"{value:.1%}"
    return f"{value:,.{_digits(like)}f} {say(UNITS[unit], lang)}".strip()


def span(low: float, high: float, value: float, unit: str, lang: str = "en") -> str:
    """An interval, rounded like the value that it belongs to, without its unit."""
    if math.isnan(low) or math.isnan(high):
        return "-"
    plain = "ratio" if unit != "share" else "share"
    return f"{number(low, plain, lang, value)} – {number(high, plain, lang, value)}"


def change(value: float, unit: str, lang: str = "en") -> str:
    """A difference with its sign; that of shares in percentage points."""
    if math.isnan(value):
        return "-"
    if unit == "share":
        return say("{change} points", lang).format(change=signed(value, unit))
    return f"{signed(value, unit)} {say(UNITS[unit], lang)}".strip()


def with_unit(interval: str, unit: str, lang: str = "en") -> str:
    """An interval of a difference with its unit, for where none stands beside it."""
    if not any(c.isdigit() for c in interval):
        return interval
    return say("{change} points", lang).format(change=interval) if unit == "share" else f"{interval} {say(UNITS[unit], lang)}".strip()


def bound(least: float | None, most: float | None, unit: str, lang: str = "en") -> str:
    """What a value shall be, in words; empty where nothing is asked."""
    limits = ((message("at least {value}"), least), (message("at most {value}"), most))
    return listed((say(words, lang).format(value=number(limit, unit, lang)) for words, limit in limits if limit is not None), lang)


def changes(low: float, high: float, value: float, unit: str, lang: str = "en") -> str:
    """The interval of a difference, without its unit."""
    if math.isnan(low) or math.isnan(high):
        return "-"
    return say("{low} to {high}", lang).format(low=signed(low, unit, value), high=signed(high, unit, value))


def interval(measure: str, low: float, high: float, value: float, lang: str = "en") -> str:
    """Of a value of this measure, as `span`; a cost that chance cannot touch has none, which is said."""
    return _untouched(measure, low, high, value, lang) or span(low, high, value, MEASURES[measure].unit, lang)


def interval_of_change(measure: str, low: float, high: float, value: float, lang: str = "en") -> str:
    """The same of a difference, as `changes`."""
    return _untouched(measure, low, high, value, lang) or changes(low, high, value, MEASURES[measure].unit, lang)


def _untouched(measure: str, low: float, high: float, value: float, lang: str) -> str:
    """What stands for the interval of what people are paid or there for by a roster, the same in every replication; empty for all else."""
    if not MEASURES[measure].is_cost or not high - low <= CERTAIN * abs(value):
        return ""
    return say("chance has no part", lang) if value else "-"  # nothing at all may be luck


def signed(value: float, unit: str, like: float | None = None) -> str:
    """A difference as a bare number with its sign, rounded as `like` is."""
    times = 100 if unit == "share" else 1
    like = times * abs(value if like is None else like)
    text = f"{times * value:+,.{_digits(like)}f}"
    if value and not any(c in "123456789" for c in text):  # its sign tells something, so it is not rounded away
        text = f"{times * value:+.1g}"
    return text.replace("-", "−") if any(c in "123456789" for c in text) else text.lstrip("+-")


def _digits(like: float) -> int:
    """Decimals that leave three figures of a number."""
    like = abs(like)
    if like >= 100 or not like:
        return 0
    return min(max(0, 2 - math.floor(math.log10(like))), 4)


def duration(seconds: float, lang: str = "en") -> str:
    """Seconds in the unit that suits them."""
    return say(clock.span(seconds), lang)


def runs(replications: int, seed: int, lang: str = "en") -> str:
    """How often something was simulated, and from which seed."""
    times = message("{n} replication") if replications == 1 else message("{n} replications")
    return joined((say(times, lang).format(n=replications), say("seed {seed}", lang).format(seed=seed)), lang)


# What stands between two texts, if anything: a catalogue cannot say "nothing" of a space alone, so it says it of two texts.


def listed(texts: Iterable[str], lang: str = "en") -> str:
    """Things of one kind, side by side."""
    return say("{one}, {other}", lang).format(one="", other="").join(texts)


def joined(texts: Iterable[str], lang: str = "en") -> str:
    """What is said of one thing, in one line."""
    return say("{text}, {more}", lang).format(text="", more="").join(texts)


def clauses(texts: Iterable[str], lang: str = "en") -> str:
    """Parts of a sentence that may have commas themselves."""
    return say("{clause}; {next}", lang).format(clause="", next="").join(texts)


def apart(texts: Iterable[str], lang: str = "en") -> str:
    """What stands in one line and is not one sentence."""
    return say("{text}    {more}", lang).format(text="", more="").join(texts)


def prose(sentences: Iterable[str], lang: str = "en") -> str:
    """Sentences one after the other."""
    return say("{sentence} {next}", lang).format(sentence="", next="").join(sentences)


def about(text: str, more: str, lang: str = "en") -> str:
    """A text with what belongs to it in brackets, if there is something."""
    return say("{text} ({more})", lang).format(text=text, more=more) if more else text


def key_label(scenario: Scenario, key: str, value: str, lang: str = "en") -> str:
    """What tells a row of a measure apart, in words: the label of its level, class, stage or team, its days, its part of elapsed time."""
    if key in NAMED:
        return scenario.label(NAMED[key], value, lang)
    if key == "days":
        return say("{n} d", lang).format(n=value)
    if key == "window":
        start, end, *flow = value.split("/")
        text = say("{start} – {end}, of what was closed then", lang) if flow else say("{start} – {end}", lang)
        return text.format(start=start, end=end)
    return say(PARTS[value], lang)


def row_label(scenario: Scenario, key: tuple[str, ...], lang: str = "en") -> str:
    """A row of a measure in words; `key` is its measure, then what tells its rows apart as in `simgov.measures.pool.KEYS`."""
    return rows_label(scenario, (key,), lang)


def rows_label(scenario: Scenario, keys: Sequence[tuple[str, ...]], lang: str = "en") -> str:
    """Rows of one measure that are added, in words."""
    from simgov.measures.pool import KEYS

    return measure_label(scenario, keys[0][0], dict(zip(KEYS, zip(*(key[1:] for key in keys), strict=True), strict=True)), lang)


def measure_label(scenario: Scenario, measure: str, rows: Mapping[str, Sequence[str]], lang: str = "en") -> str:
    """A measure in words; `rows`: what tells its rows apart, by key, with the values of the rows that are meant."""
    told = {key: named for key, values in rows.items() if (named := [value for value in dict.fromkeys(values) if value not in ("", "all")])}
    days = told.pop("days")[0] if len(told.get("days", ())) == 1 else ""
    return about(MEASURES[measure].label(lang, days), joined((" + ".join(key_label(scenario, key, value, lang) for value in values) for key, values in told.items()), lang), lang)


def asked(target: Target, lang: str = "en") -> str:
    """The figure or the bound of a target."""
    unit = MEASURES[target.measure].unit
    return number(target.value, unit, lang) if target.value is not None else bound(target.at_least, target.at_most, unit, lang)


def closed_word(scenario: Scenario, lang: str = "en") -> str:
    """What the headline counts as closed: with the ends that it takes for closing."""
    ends = _counted_ends(scenario, lang)
    return say("closed or {ends}", lang).format(ends=ends) if ends else say("closed", lang)


def denominator(scenario: Scenario, measure: str, lang: str = "en", of: str = "") -> str:
    """Of what a measure is taken, or what a target says of it; of the headline also which ends count as closed."""
    ends = _counted_ends(scenario, lang) if measure == "headline_closure" else ""
    return clauses((of or MEASURES[measure].of(lang), *([say("counted as closed, too: {ends}", lang).format(ends=ends)] if ends else [])), lang)


def _counted_ends(scenario: Scenario, lang: str) -> str:
    return listed((scenario.label("ends", name, lang) for name, end in scenario.ends.items() if end.in_numerator), lang)
