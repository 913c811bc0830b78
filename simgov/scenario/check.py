"""What a single model cannot see: names that must exist, chances that must add up, stages nobody could leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from simgov.calendars import check_text, day_types
from simgov.clock import DAY
from simgov.errors import Problem, nearest
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import OTHER, for_class
from simgov.scenario.model import BUILT_IN_CALENDAR, Arrivals, By, Due, Gate, Outcome, Scenario, Stage, StageHours
from simgov.scenario.reach import Place, following, leaves_over, next_stage, reached, trapped
from simgov.scenario.size import oversized
from simgov.scenario.tables import arrival_rows, node_rows
from simgov.vocabulary import ALL, DAYS, MEASURES, PARTS

ANSWERS = ("satisfied", "dissatisfied", "no_answer")
RESERVED = ("closed", "never", "entered", "birth", "value", OTHER, *ANSWERS)
BY_CLASS_WORDS = {
    word
    for model in (Stage, By, Gate, Distribution, StageHours, Due)
    for name, field in model.model_fields.items()
    for word in (name, field.alias or name)
}
Path = tuple[str | int, ...]
Problems = Iterator[Problem]


def check(scenario: Scenario) -> list[Problem]:
    """Every problem that shows only when the parts of a scenario are held against each other."""
    parts = (_names, _calendars, _organisation, _demand, _procedure, _targets)
    problems = [problem for part in parts for problem in part(scenario)]
    return problems or list(oversized(scenario))


def _known(path: Path, name: str | None, known: Iterable[str], what: str) -> Problems:
    if name is not None and name not in known:
        yield Problem(path, f"unknown {what} '{name}'; {nearest(name, known)}")


def _names(s: Scenario) -> Problems:
    for part in ("levels", "teams", "classes", "stages"):
        if not getattr(s, part):
            yield Problem((part,), "must name at least one")
    for part in ("stages", "classes", "ends"):
        for name in getattr(s, part):
            if name in RESERVED:
                yield Problem((part, name), f"'{name}' is a word of the language; choose another name")
    for name in s.ends:
        if name in s.stages:
            yield Problem(("ends", name), f"'{name}' is also a stage; outcomes could not tell them apart")
    for name in s.classes:
        if name in BY_CLASS_WORDS:
            yield Problem(("classes", name), f"'{name}' is a word of the language; choose another name")
        if name in s.stages or name in s.ends:
            yield Problem(("classes", name), f"'{name}' is also a stage or an end; outcomes could not tell them apart")


def _calendars(s: Scenario) -> Problems:
    if s.warm_up >= s.days * DAY:
        yield Problem(("warm_up",), f"is as long as the whole period of {s.days} days")
    try:
        day_types(s.public_holidays.country, s.period.start, s.period.end)
    except ValueError as error:
        yield Problem(("public_holidays", "country"), str(error))
        return
    for name, text in s.calendars.items():
        path = ("calendars", name)
        if name == BUILT_IN_CALENDAR:
            yield Problem(path, f"'{name}' is built in (open without a stop); choose another name")
            continue
        try:
            check_text(text)
        except ValueError as error:
            yield Problem(path, str(error))
            continue
        if not s.calendar(name).hours.length(0, s.days * DAY):
            yield Problem(path, f"is never open between {s.period.start} and {s.period.end}, got '{text}'")


def _calendar(s: Scenario, path: Path, name: str | None) -> Problems:
    yield from _known(path, name, (*s.calendars, BUILT_IN_CALENDAR), "calendar")


def _organisation(s: Scenario) -> Problems:
    if s.nodes is None:
        counts = [(name, level.count) for name, level in s.levels.items()]
        for (low, n), (high, m) in pairwise(counts):
            if n < m:
                yield Problem(("levels", high, "count"), f"{m} nodes of {high} cannot all have a {low}: there are {n}; levels go from the lowest up")
    else:
        yield from _beside_table(s)
    for name, team in s.teams.items():
        for level in team.levels:
            yield from _known(("teams", name, "at"), level, s.levels, "level")
        yield from _calendar(s, ("teams", name, "hours"), team.hours)
        if team.duty:
            yield from _calendar(s, ("teams", name, "duty"), team.duty.hours)
        if team.people.unlimited and team.windows:
            yield Problem(("teams", name, "windows"), "an unlimited team is always there; windows go with people of our own")
        if team.people.per_10000 is not None and not s.residents and s.nodes is None:
            yield Problem(("teams", name, "people"), "per_10000 needs residents, and the scenario has none")


def _beside_table(s: Scenario) -> Problems:
    """What a table of nodes says cannot be said again beside it."""
    rows, problems = node_rows(s)
    yield from problems
    for name in ("residents", "firms"):
        if rows and name in s.model_fields_set:
            yield Problem((name,), f"the table of nodes says it already: take {name} away, or the table")
    for name, level in s.levels.items():
        there = sum(row.level == name for row in rows)
        if rows and "count" in level.model_fields_set and level.count != there:
            yield Problem(("levels", name), f"the table of nodes has {there} of level '{name}', not {level.count}; write {name}: {{}}")


def _demand(s: Scenario) -> Problems:
    for name, cls in s.classes.items():
        here: Path = ("classes", name)
        for stage in cls.enters:
            yield from _a_stage(s, (*here, "enters"), stage)
        if abs(sum(cls.enters.values()) - 1) > 1e-9:
            yield Problem((*here, "enters"), f"shares must add up to 1, got {sum(cls.enters.values()):.6g}")
        yield from _arrivals(s, (*here, "arrivals"), cls.arrivals)
        if cls.found:
            yield from _known((*here, "found", "team"), cls.found.team, s.teams, "team")
            if not s.residents and s.nodes is None:
                yield Problem((*here, "found"), "a search depends on residents per leader, and the scenario has no residents")
            if cls.found.becomes:
                yield from _known((*here, "found", "becomes", "class"), cls.found.becomes.class_, s.classes, "class")


def _arrivals(s: Scenario, here: Path, a: Arrivals) -> Problems:
    yield from _known((*here, "profile"), a.profile, s.profiles, "profile")
    if a.per == "1000 residents" and a.rate is not None and not s.residents and s.nodes is None:
        yield Problem(here, "a rate per 1000 residents needs residents, and the scenario has none")
    if a.per == "firm" and not s.firms and s.nodes is None:
        yield Problem(here, "a rate per firm needs firms, and the scenario has none")
    if a.per == "node":
        yield from _known((*here, "of"), a.of, s.levels, "level")
    if a.per == "person":
        if a.of is None:
            yield Problem((*here, "of"), "per: person needs a team, such as of: grid_worker")
        yield from _known((*here, "of"), a.of, s.teams, "team")
        if a.of in s.teams and s.teams[a.of].people.unlimited:
            yield Problem((*here, "of"), f"team '{a.of}' is unlimited: it has no number of persons")
    if a.each_opening:
        yield from _calendar(s, (*here, "each_opening", "calendar"), a.each_opening.calendar)
    if a.listed is not None:
        yield from arrival_rows(s, a, here)[1]


def _procedure(s: Scenario) -> Problems:
    places = reached(s)
    for name, stage in s.stages.items():
        here: Path = ("stages", name)
        classes = [cls for cls in s.classes if (name, cls) in places]
        yield from _people(s, here, stage, classes)
        yield from _clocks(s, here, stage, classes)
        if stage.verify:
            yield from _answers(s, here, stage)
            if stage.outcomes:
                yield Problem((*here, "outcomes"), "a verify stage has answers, not outcomes")
        for key, outcomes in stage.outcomes.items():
            yield from _outcomes(s, (*here, "outcomes", *(() if key == OTHER else (key,))), outcomes)
        if stage.success is not None:
            yield from _known((*here, "success"), stage.success, {k for o in stage.outcomes.values() for k in o}, "outcome")
        if not stage.verify and next_stage(s, name) is None:
            yield from _last(s, here, stage, classes)
    yield from _ways_out(s, places)


def _by_class(here: Path, field: str, values: dict) -> Iterator[tuple[Path, object]]:
    """The values of a field by class, each with its path."""
    for key, value in values.items():
        if value is not None:
            yield (*here, field, *(() if key == OTHER else (key,))), value


def _a_stage(s: Scenario, path: Path, name: str | None, what: str = "stage", more: tuple[str, ...] = ()) -> Problems:
    """A stage that incidents may be sent to: it must exist, and return visits are for closed incidents only."""
    yield from _known(path, name, (*s.stages, *more), what)
    if name in s.stages and s.stages[name].verify:
        yield Problem(path, f"'{name}' is a return visit; only what is closed comes there, by its own share")


def _people(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    for path, by in _by_class(here, "by", stage.by):
        for need in (*by.needs, *by.read):
            yield from _known(path, need.team, s.teams, "team")
            if need.at is not None:
                yield from _known((*path, "at"), need.at, s.levels, "level")
                if need.team in s.teams and need.at in s.levels and need.at not in s.teams[need.team].levels:
                    yield Problem((*path, "at"), f"team '{need.team}' is not at level '{need.at}' but at {' and '.join(s.teams[need.team].levels)}")
            yield from _known((*path, "same_as"), need.same_as, s.stages, "stage")
    for cls in classes:
        by = for_class(stage.by, cls)
        if by and not for_class(stage.work, cls) and not all(n.work for n in (*by.needs, *by.read)):
            yield Problem((*here, "work"), f"is required, because somebody works at this stage (class '{cls}')")
            break
    if stage.work and not stage.by:
        yield Problem((*here, "work"), "needs somebody who does it; add by, or write wait or lead for time that holds nobody")


def _clocks(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    peopled = all((by := for_class(stage.by, cls)) and by.needs for cls in classes)
    for path, gate in _by_class(here, "gate", stage.gate):
        yield from _calendar(s, (*path, "opens"), gate.opens)
        yield from _known((*path, "at"), gate.at, s.levels, "level")
        if gate.at is None and not peopled:
            yield Problem(path, "a gate of a stage without people must say at which level it stands (at: ...)")
    for path, hours in _by_class(here, "hours", stage.hours):
        yield from _calendar(s, (*path, "on_call_hours"), hours.on_call_hours)
    for path, due in _by_class(here, "due", stage.due):
        if due.start != "birth":
            yield from _known((*path, "from"), due.start, (*s.stages, "entered", "birth"), "stage")
        yield from _calendar(s, (*path, "opening"), due.opening)
        if due.at == "end_of_duty" and not peopled:
            yield Problem((*path, "at"), "end_of_duty needs a team whose duty ends")
        if due.then.move:
            yield from _a_stage(s, (*path, "then", "move"), due.then.move.stage)
            yield from _known((*path, "then", "move", "becomes"), due.then.move.becomes, s.classes, "class")


def _outcomes(s: Scenario, here: Path, outcomes: dict[str, Outcome]) -> Problems:
    total = sum(o.chance for o in outcomes.values())
    if total > 1 + 1e-9:
        yield Problem(here, f"chances add up to {total:.6g}, more than 1")
    for name, outcome in outcomes.items():
        yield from _a_stage(s, (*here, name), name, "outcome", (*s.ends, "closed", "never"))
        if outcome.solved is not None and name != "closed":
            yield Problem((*here, name, "solved"), "goes with closed only")
        if outcome.becomes is not None and name not in s.stages:
            yield Problem((*here, name, "becomes"), "goes with a stage only")
        yield from _known((*here, name, "becomes"), outcome.becomes, s.classes, "class")


def _last(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    """What is left over goes to the next stage, and the last one has none."""
    for cls in classes:
        if leaves_over(s, (here[1], cls)):
            total = sum(o.chance for o in (for_class(stage.outcomes, cls) or {}).values())
            rest = f"a chance of {1 - total:.6g} is left over" if total else "it has no outcomes"
            yield Problem((*here, "outcomes"), f"not all can leave this stage: {rest} and there is no next stage (class '{cls}')")
            return


def _ways_out(s: Scenario, places: set[Place]) -> Problems:
    """Loops that nothing leads out of: one problem for each, at its first stage."""
    told: set[str] = set()
    for name, cls in trapped(s, places):
        if name in told or not following(s, (name, cls)):  # a last stage without outcomes is told elsewhere
            continue
        loop, place = [name], (name, cls)
        while (place := following(s, place)[0])[0] not in loop and following(s, place):
            loop.append(place[0])
        told.update(loop)
        if following(s, place):
            way = " -> ".join((*loop, place[0]))
            yield Problem(("stages", name), f"nobody can ever leave: {way}, and no outcome is closed, never or an end (class '{cls}')")


def _answers(s: Scenario, here: Path, stage: Stage) -> Problems:
    sets = [(("verify",), stage.verify)] + ([(("verify", "own"), stage.verify.own)] if stage.verify.own else [])
    for path, answers in sets:
        for truth in ("solved", "unsolved"):
            chances = getattr(answers, truth)
            for name in chances:
                yield from _a_stage(s, (*here, *path, truth, name), name, "answer", ANSWERS)
            if sum(chances.values()) > 1 + 1e-9:
                yield Problem((*here, *path, truth), f"chances add up to {sum(chances.values()):.6g}, more than 1")
    for name in stage.verify.of or ():
        yield from _known((*here, "verify", "of"), name, s.stages, "stage")


def _targets(s: Scenario) -> Problems:
    for i, target in enumerate(s.targets):
        here: Path = ("targets", i)
        yield from _known((*here, "measure"), target.measure, MEASURES, "measure")
        numbers = [x for x in (target.value, target.at_least, target.at_most) if x is not None]
        if target.measure in MEASURES and MEASURES[target.measure].unit == "share" and any(not 0 <= x <= 1 for x in numbers):
            yield Problem(here, f"'{target.measure}' is a share between 0 and 1: write 0.9 for 90 %, got {numbers[0]:g}")
        if target.measure in MEASURES:
            yield from _row_of(s, (*here, "where"), target.where, MEASURES[target.measure].by)


def _row_of(s: Scenario, here: Path, where: dict[str, str | int], keys: tuple[str, ...]) -> Problems:
    """A target must name exactly one row of its measure."""
    classes = [name for name, cls in s.classes.items() if not cls.background]
    rows = {"class": [ALL, *classes], "level": s.levels, "stage": s.stages, "team": s.teams, "part": PARTS, "days": list(map(str, DAYS))}
    for key, value in where.items():
        if key not in keys:
            yield Problem((*here, key), f"the measure is not told apart by '{key}'; {nearest(key, keys)}")
        elif str(value) not in rows[key]:
            yield Problem((*here, key), f"there is no row for {key} '{value}'; {nearest(value, rows[key])}")
    for key in keys:
        if key not in where and key != "class":
            yield Problem(here, f"must say which {key}; {nearest('', rows[key])}")
