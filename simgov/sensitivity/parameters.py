"""What is assumed and has a range: the parameters of a sensitivity analysis, and how they are set in a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np

from simgov.clock import seconds
from simgov.errors import dotted
from simgov.language import say
from simgov.scenario import Scenario
from simgov.scenario.origins import Origin
from simgov.scenario.paths import Path, at, steps_of
from simgov.sensitivity.words import FIELDS
from simgov.words import duration, joined

NO_PART_OF_A_RUN = ("targets", "changes")  # what is in force of a change stands where it belongs


@dataclass(frozen=True)
class Parameter:
    """A number that is assumed, with its range. Several `paths` that say the same (value, range, note) are moved together.

    `low`, `high` and `base` are in the number's own unit, durations in seconds.
    """

    paths: tuple[Path, ...]
    base: float
    low: float
    high: float
    whole: bool = False
    is_duration: bool = False
    note: str = ""
    note_zh: str = ""

    def noted(self, lang: str = "en") -> str:
        """Its note in that language; a bare one serves for both."""
        return self.note_zh if lang == "zh" and self.note_zh else self.note

    @property
    def name(self) -> str:
        """The first of its paths as a user writes it."""
        return dotted(self.paths[0])

    def value(self, share: float) -> float:
        """The value at a share (0 to 1) of its range, all of them equally likely; whole numbers stay whole."""
        if self.whole:
            return float(min(int(self.low + share * (self.high - self.low + 1)), int(self.high)))
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """The share of its range that lies below a value; that of the middle of a whole number."""
        steps = self.high - self.low + self.whole
        return (value - self.low + 0.5 * self.whole) / steps

    def written(self, value: float) -> Any:
        """As a scenario file has it. A duration lasts a second at least: none at all is no distribution."""
        if self.is_duration:
            return f"{max(round(value), 1)} s" if self.base else f"{round(value)} s"
        return round(value) if self.whole else float(value)

    def shown(self, value: float, lang: str = "en") -> str:
        """For a reader, without more than a few figures."""
        if not self.is_duration:
            return f"{value:g}"
        return duration(round(value), lang)

    def told(self, lang: str = "en") -> dict[str, str]:
        """Its value in the file and its range, in words."""
        return {name: self.shown(getattr(self, name), lang) for name in ("base", "low", "high")}

    def label(self, scenario: Scenario, lang: str = "en") -> str:
        """In words: whose number it is, and which."""
        text = _label(scenario, self.paths[0], lang)
        more = len(self.paths) - 1
        if not more:
            return text
        return say("{text} (and {more} more)", lang).format(text=text, more=more)


def parameters(scenarios: Sequence[Scenario], apart: bool = False) -> list[Parameter]:
    """All numbers of these scenarios that are tagged as assumptions with a range, in the order of the file.

    After loading nobody can see which numbers came from one YAML alias. So paths that say the same (value, range and note)
    make one parameter, unless they are to be kept `apart`. Left out is what a change with a window sets: it has no single value.
    """
    found: dict[Any, list[Path]] = {}
    about: dict[Any, tuple[Any, Origin]] = {}
    for scenario in scenarios:
        held = _held(scenario)
        for path, origin in scenario.origins.items():
            value = at(scenario.data, path)
            if not _has_range(path, value, origin) or any(_overlap(path, other) for other in held):
                continue
            key = (path,) if apart else (str(value), *map(str, origin.says), origin.note)
            found.setdefault(key, [])
            found[key] += [path] if path not in found[key] else []
            about.setdefault(key, (value, origin))
    return [_parameter(tuple(paths), *about[key]) for key, paths in found.items()]


def _has_range(path: Path, value: Any, origin: Origin) -> bool:
    if origin.kind != "assumption" or not isinstance(origin.says, list) or path[0] in NO_PART_OF_A_RUN:
        return False
    if value is None or isinstance(value, (dict, list, bool)) or not _can_be_set(path):
        return False
    low, high = map(_amount, origin.says)
    return low < high


def _held(scenario: Scenario) -> list[Path]:
    """What a change with a window sets when it is in force: no setting may touch it."""
    changes = [scenario.changes[name] for name in scenario.in_force]
    return [tuple(steps_of(path)) for change in changes if change.window for path in change.set]


def _overlap(one: Path, other: Path) -> bool:
    return all(a == b for a, b in zip(one, other, strict=False))


def _can_be_set(path: Path) -> bool:
    try:
        return steps_of(dotted(path)) == list(path)
    except ValueError:
        return False


def _amount(value: Any) -> float:
    return float(seconds(value)) if isinstance(value, str) else float(value)


def _parameter(paths: tuple[Path, ...], value: Any, origin: Origin) -> Parameter:
    low, high = origin.says
    whole = all(isinstance(x, int) for x in (value, low, high))
    is_duration = isinstance(value, str) or any(isinstance(x, str) for x in origin.says)
    return Parameter(paths, _amount(value), _amount(low), _amount(high), whole, is_duration, origin.note, origin.note_zh)


# ── setting them ────────────────────────────────────────────────────────────────────────────────────


def settings(scenario: Scenario, values: Mapping[Parameter, float]) -> dict[str, Any]:
    """The values as settings by path, for those of their paths that the scenario has.

    The chances of one stage must go together: where those of the file leave something over, no more than 1; where they add up to 1, exactly 1. So
    what was not moved makes room, in its own proportions; what was moved is scaled only when that is not enough.
    """
    changed = {p: p.written(value) for p, value in values.items() if not isclose(value, p.base, rel_tol=1e-9)}
    moved = {path: value for p, value in changed.items() for path in p.paths if at(scenario.data, path) is not None}
    for chances in _together(scenario):
        if any(path in moved for path in chances):
            moved |= _fitted(chances, moved)
    return {dotted(path): value for path, value in moved.items()}


def _fitted(before: dict[Path, float], moved: dict[Path, Any]) -> dict[Path, float]:
    """Chances that go together again."""
    now = {path: float(moved.get(path, chance)) for path, chance in before.items()}
    total, is_whole = sum(now.values()), abs(sum(before.values()) - 1) < 1e-9
    if total <= 1 and not (is_whole and total < 1):
        return {}
    mine = sum(now[path] for path in before if path in moved)
    rest = total - mine
    squeeze = 1 / mine if mine > 1 or not rest else 1.0  # of what was moved
    room = max(0.0, 1 - mine) / rest if rest else 0.0  # for the others
    return {path: chance * (squeeze if path in moved else room) for path, chance in now.items()}


def _together(scenario: Scenario) -> Iterator[dict[Path, float]]:
    """The chances that make one choice: outcomes of a stage and class, answers of a return visit, where a class enters."""
    for name, cls in (scenario.data.get("classes") or {}).items():
        yield from _chances(("classes", name, "enters"), cls.get("enters"))
    for name, stage in scenario.data["stages"].items():
        outcomes, here = stage.get("outcomes") or {}, ("stages", name, "outcomes")
        by_class = any(key in scenario.classes or key == "other" for key in outcomes)
        for key, some in outcomes.items() if by_class else ():
            yield from _chances((*here, key), some)
        yield from () if by_class else _chances(here, outcomes)
        verify = stage.get("verify") or {}
        for path, answers in ((("verify",), verify), (("verify", "own"), verify.get("own") or {})):
            for truth in ("solved", "unsolved"):
                yield from _chances(("stages", name, *path, truth), answers.get(truth))


def _chances(here: Path, choices: Any) -> Iterator[dict[Path, float]]:
    if isinstance(choices, dict) and choices:
        leaves = ((((*here, key), choice) if not isinstance(choice, dict) else ((*here, key, "chance"), choice["chance"])) for key, choice in choices.items())
        yield {path: float(chance) for path, chance in leaves}


def pulled(values: Mapping[Parameter, float], share: float) -> dict[Parameter, float]:
    """All values nearer to those of the file: what is left of the way is `share`."""
    return {p: p.base + share * (value - p.base) for p, value in values.items()}


# ── in words ────────────────────────────────────────────────────────────────────────────────────────


def _label(scenario: Scenario, path: Path, lang: str) -> str:
    head, steps = "", list(path)
    if len(path) > 2 and path[0] in ("levels", "teams", "classes", "stages"):
        head, steps = scenario.label(str(path[0]), str(path[1]), lang), list(path[2:])
    words = [word for step in steps if (word := _word(scenario, step, lang))]
    told = joined(words, lang)
    return say("{text}: {more}", lang).format(text=head, more=told) if head else told


def _word(scenario: Scenario, step: str | int, lang: str) -> str:
    for section in ("classes", "stages", "teams", "ends"):
        if step in getattr(scenario, section):
            return scenario.label(section, str(step), lang)
    if isinstance(step, int):
        return str(step + 1)
    return say(FIELDS[step], lang) if step in FIELDS else step.replace("_", " ")


def matrix(params: Sequence[Parameter], shares: np.ndarray) -> Iterable[dict[Parameter, float]]:
    """The values of each row of shares (points x parameters)."""
    return ({p: p.value(float(u)) for p, u in zip(params, row, strict=True)} for row in shares)
