"""Numbers and rows of measures in words, in English and Chinese: for screens, sentences and figures alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgov.vocabulary import MEASURES

if TYPE_CHECKING:
    from simgov.scenario import Scenario

PARTS = {  # of elapsed time
    "gate": ("waiting for a gate", "等窗口开放"),
    "wait": ("agreed wait", "约定等待"),
    "queue": ("queue", "排队"),
    "off_shift": ("nobody on shift", "无人在岗"),
    "work": ("work", "处置"),
    "lead": ("lead after the work", "办理周期"),
}
UNITS = {"hours": ("h", "小时"), "days": ("d", "天"), "count": ("", ""), "ratio": ("", ""), "yuan": ("yuan", "元"), "share": ("", "")}
NOT_REACHED = ("not reached", "未达到")
POINTS = ("points", "个百分点")
NAMED = {"class": "classes", "level": "levels", "stage": "stages", "team": "teams"}  # parts of a scenario whose names tell rows apart


def number(value: float, unit: str, lang: str = "en", like: float | None = None) -> str:
    """A value with its unit, rounded as a reader wants it; `like` another value that stands beside it."""
    zh = lang == "zh"
    if value is None or math.isnan(value):
        return NOT_REACHED[zh] if unit in ("hours", "days") else "-"
    like = value if like is None else like
    if unit == "share":
        return f"{value:.2%}" if like > 0.95 or like < 0.05 else f"{value:.1%}"
    return f"{value:,.{_digits(like)}f} {UNITS[unit][zh]}".strip()


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
        return f"{signed(value, unit)} {POINTS[lang == 'zh']}"
    return f"{signed(value, unit)} {UNITS[unit][lang == 'zh']}".strip()


def changes(low: float, high: float, value: float, unit: str, lang: str = "en") -> str:
    """The interval of a difference, without its unit."""
    to = " 至 " if lang == "zh" else " to "
    return "-" if math.isnan(low) or math.isnan(high) else f"{signed(low, unit, value)}{to}{signed(high, unit, value)}"


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


def key_label(scenario: Scenario, key: str, value: str, lang: str = "en") -> str:
    """What tells a row of a measure apart, in words: the label of its level, class, stage or team, its days, its part of elapsed time."""
    if key in NAMED:
        return scenario.label(NAMED[key], value, lang)
    if key == "days":
        return f"{value} 天" if lang == "zh" else f"{value} d"
    return PARTS[value][lang == "zh"]


def row_label(scenario: Scenario, key: tuple[str, ...], lang: str = "en") -> str:
    """A row of a measure in words; `key` is its measure, then what tells its rows apart as in `simgov.measures.pool.KEYS`."""
    from simgov.measures.pool import KEYS

    measure = MEASURES[key[0]]
    about = [key_label(scenario, k, v, lang) for k, v in zip(KEYS, key[1:], strict=True) if v not in ("", "all")]
    gap, left, right = ("，", "（", "）") if lang == "zh" else (", ", " (", ")")
    return measure.label(lang) + (f"{left}{gap.join(about)}{right}" if about else "")
