"""What can be wrong with a target before anything is simulated: its row, its figure, its window, and other targets beside it."""

from __future__ import annotations

from collections.abc import Iterator

from simgov.errors import Problem, nearest, unknown
from simgov.language import message, together
from simgov.scenario.contradiction import contradictions, sentence
from simgov.scenario.model import Scenario
from simgov.scenario.target import Target
from simgov.vocabulary import ALL, DAYS, FLOWS, MEASURES, PARTS, Measure

Path = tuple[str | int, ...]
Problems = Iterator[Problem]
WIDEST, PART = 0.05, 0.25  # the rounding of a share, and of another figure as a part of it
HALF = 0.5  # the last digit of a whole number
TRIAGE = ("time_to_triage_median", "time_to_triage_p90", "triage_delay_median", "triage_delay_p90", "same_day_triage")


def check(s: Scenario) -> Problems:
    """Every problem of the targets of a scenario; whether they contradict each other, when each of them is sound."""
    problems = [problem for i, target in enumerate(s.targets) for problem in _alone(s, ("targets", i), target)]
    yield from problems
    for found in () if problems else contradictions(s.targets, list(s.levels)):
        if not found.is_soft:
            yield Problem(("targets", found.other), message("{contradiction}; keep one of the two, or call one soft (kind: soft)", contradiction=sentence(s.targets, found)))


def _alone(s: Scenario, here: Path, target: Target) -> Problems:
    if target.measure not in MEASURES:
        yield Problem((*here, "measure"), unknown("measure", target.measure, MEASURES))
        return
    measure = MEASURES[target.measure]
    yield from _figure(here, target, measure)
    yield from _rounding(here, target, measure)
    yield from _row(s, (*here, "where"), target, measure)
    yield from _window(s, here, target, measure)
    yield from _nothing_to_see(s, here, target)


def _figure(here: Path, target: Target, measure: Measure) -> Problems:
    for name in ("value", "at_least", "at_most", "rounding"):
        given = getattr(target, name)
        if given is None or 0 <= given <= (1 if measure.unit == "share" else float("inf")):
            continue
        if measure.unit != "share":
            yield Problem((*here, name), message("'{name}' is never below 0, got {given:g}", name=measure.name, given=given))
        elif 1 < given <= 100:
            yield Problem((*here, name), message("'{name}' is a share between 0 and 1: write {share:.10g} for {given:g} %, got {given:g}", name=measure.name, share=given / 100, given=given))
        else:
            yield Problem((*here, name), message("'{name}' is a share between 0 and 1, got {given:g}", name=measure.name, given=given))


def _rounding(here: Path, target: Target, measure: Measure) -> Problems:
    """A rounding is half the last digit of a figure: so wide that anything meets it, it is none."""
    value, given = target.value, target.rounding
    if value is None and given:
        yield Problem((*here, "rounding"), message("a rounding goes with a value; a bound says how far it reaches by itself"))
    elif value is not None and measure.unit == "share" and WIDEST < given <= 1:
        yield Problem((*here, "rounding"), message("half the last digit of a share is at most {most:g}, got {given:g}; write at_least or at_most for a figure that is not known so well", most=WIDEST, given=given))
    elif value is not None and measure.unit != "share" and given > (most := max(PART * value, HALF * (value == int(value)))):
        yield Problem((*here, "rounding"), message("half the last digit of {value:g} is at most {most:g}, got {given:g}; write at_least or at_most for a figure that is not known so well", value=value, most=most, given=given))


def _row(s: Scenario, here: Path, target: Target, measure: Measure) -> Problems:
    """A target must name exactly one row of its measure, or several that can be added."""
    classes = [name for name, cls in s.classes.items() if not cls.background]
    rows = {"class": [ALL, *classes], "level": s.levels, "stage": s.stages, "team": [*[ALL] * (measure.total == "team"), *s.teams], "part": PARTS, "days": list(map(str, DAYS))}
    for key, value in target.where.items():
        if key not in measure.by:
            yield Problem((*here, key), message("the measure is not told apart by '{key}'; {hint}", key=key, hint=nearest(key, measure.by)))
            continue
        several = value if isinstance(value, list) else [value]
        for one in several:
            if str(one) not in rows[key]:
                yield Problem((*here, key), message("there is no row for {key} '{one}'; {hint}", key=key, one=one, hint=nearest(one, rows[key])))
        if isinstance(value, list):
            yield from _several((*here, key), key, several, measure)
    for key in measure.by:
        if key not in target.where and key != measure.total:
            yield Problem(here, message("must say which {key}; {hint}", key=key, hint=nearest("", rows[key])))


def _several(here: Path, key: str, names: list[str], measure: Measure) -> Problems:
    if key != "class":
        yield Problem(here, message("only classes can be several, got a list of {key}; name one", key=key))
    elif not names or ALL in names or len(set(names)) < len(names):
        yield Problem(here, message("a list names different classes, and '{all}' stands alone, got [{names}]", all=ALL, names=", ".join(names)))
    elif not measure.adds_up:
        yield Problem(here, message("'{name}' of several classes is no sum of theirs; name one class, or {all}", name=measure.name, all=ALL))


def _window(s: Scenario, here: Path, target: Target, measure: Measure) -> Problems:
    if target.window is not None and not measure.has_windows:
        yield Problem((*here, "window"), message("'{name}' is taken over the whole period; a window goes with measures of incidents, such as headline_closure", name=measure.name))
    if target.over == "flow" and measure.name not in FLOWS:
        yield Problem((*here, "over"), message("'{name}' follows incidents from the day they were found, so it is no flow; flow goes with {names}", name=measure.name, names=together(FLOWS)))


def _nothing_to_see(s: Scenario, here: Path, target: Target) -> Problems:
    """Measures of something that the scenario does not have have no value in any run; what a change of the file may bring is not refused."""
    name, stage = target.measure, s.stages.get(str(target.where.get("stage")))
    if name in ("due_met", "overdue") and stage and not any(stage.due.values()) and not _may_come(s, "due"):
        yield Problem((*here, "where", "stage"), message("the stage '{stage}' has no due, so '{name}' has no value; give the stage a due, or name one that has it", stage=target.where["stage"], name=name))
    if name in TRIAGE and not any(each.triage for each in s.stages.values()) and not _may_come(s, "triage"):
        yield Problem((*here, "measure"), message("no stage is a triage, so '{name}' has no value; write triage: true at the stage that is one", name=name))
    if name == "satisfied" and not any(each.verify for each in s.stages.values()) and not _may_come(s, "verify"):
        yield Problem((*here, "measure"), message("no stage is a return visit, so '{name}' has no value; write verify at the stage that is one", name=name))
    team = s.teams.get(str(target.where.get("team")))
    if name == "cost" and not team and all(each.price is None for each in s.teams.values()) and not _may_come(s, "cost_per_hour", "unpaid"):
        yield Problem((*here, "measure"), message("no team has a cost_per_hour, so '{name}' has no value; give one to the teams that are paid", name=name))
    if name == "cost" and team and team.price is None and not _may_come(s, "cost_per_hour", "unpaid"):
        yield Problem((*here, "where", "team"), message("the team '{team}' is unpaid or has no cost_per_hour, so '{name}' has no value; give it one, or name another team", team=target.where["team"], name=name))


def _may_come(s: Scenario, *keys: str) -> bool:
    """Whether a change of the file sets one of these keys somewhere."""
    return any(key in f"{path} {value}" for change in s.changes.values() for path, value in change.set.items() for key in keys)
