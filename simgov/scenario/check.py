"""What a single model cannot see: names that must exist, chances that must add up, stages nobody could leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from simgov.calendars import NoHoursError, day_types
from simgov.clock import DAY
from simgov.errors import Problem, unknown
from simgov.language import AND, message, together
from simgov.scenario.distributions import Distribution
from simgov.scenario.fields import OTHER, for_class
from simgov.scenario.model import Arrivals, Scenario
from simgov.scenario.reach import Place, following, leaves_over, next_stage, reached, trapped
from simgov.scenario.size import oversized
from simgov.scenario.stage import BUILT_IN_CALENDAR, Action, By, Due, Gate, Outcome, Stage, StageHours
from simgov.scenario.tables import arrival_rows, node_rows
from simgov.scenario.target_check import check as _targets
from simgov.vocabulary import ALL

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
        yield Problem(path, unknown(what, name, known))


def _names(s: Scenario) -> Problems:
    for part in ("levels", "teams", "classes", "stages"):
        if not getattr(s, part):
            yield Problem((part,), message("must name at least one"))
    for part in ("stages", "classes", "ends"):
        for name in getattr(s, part):
            if name in RESERVED:
                yield Problem((part, name), message("'{name}' is a word of the language; choose another name", name=name))
    for part in ("classes", "teams"):
        if ALL in getattr(s, part):
            yield Problem((part, ALL), message("'{name}' is the row of all of them in the measures; choose another name", name=ALL))
    for name in s.ends:
        if name in s.stages:
            yield Problem(("ends", name), message("'{name}' is also a stage; outcomes could not tell them apart", name=name))
    for name in s.classes:
        if name in BY_CLASS_WORDS:
            yield Problem(("classes", name), message("'{name}' is a word of the language; choose another name", name=name))
        if name in s.stages or name in s.ends:
            yield Problem(("classes", name), message("'{name}' is also a stage or an end; outcomes could not tell them apart", name=name))


def _calendars(s: Scenario) -> Problems:
    if s.warm_up >= s.days * DAY:
        yield Problem(("warm_up",), message("is as long as the whole period of {days} days", days=s.days))
    try:
        day_types(s.public_holidays.country, s.period.start, s.period.end)
    except ValueError as error:
        yield Problem(("public_holidays", "country"), error.args[0])
        return
    for name, table in s.calendars.items():
        path, text = ("calendars", name), table.hours
        if name == BUILT_IN_CALENDAR:
            yield Problem(path, message("'{name}' is built in (open without a stop); choose another name", name=name))
            continue
        try:
            opened = s.calendar(name).hours.length(0, s.days * DAY)
        except NoHoursError as error:
            yield Problem(path, error.args[0])
            continue
        if not opened:
            yield Problem(path, message("is never open between {start} and {end}, got '{text}'", start=s.period.start, end=s.period.end, text=text))


def _calendar(s: Scenario, path: Path, name: str | None) -> Problems:
    yield from _known(path, name, (*s.calendars, BUILT_IN_CALENDAR), "calendar")


def _organisation(s: Scenario) -> Problems:
    if s.nodes is None:
        counts = [(name, level.count) for name, level in s.levels.items()]
        for (low, n), (high, m) in pairwise(counts):
            if n < m:
                yield Problem(("levels", high, "count"), message("{m} nodes of {high} cannot all have a {low}: there are {n}; levels go from the lowest up", m=m, high=high, low=low, n=n))
    else:
        yield from _beside_table(s)
    for name, team in s.teams.items():
        for level in team.levels:
            yield from _known(("teams", name, "at"), level, s.levels, "level")
        yield from _calendar(s, ("teams", name, "hours"), team.hours)
        if team.duty:
            yield from _calendar(s, ("teams", name, "duty"), team.duty.hours)
        if team.people.unlimited and team.windows:
            yield Problem(("teams", name, "windows"), message("an unlimited team is always there; windows go with people of our own"))
        if team.people.per_10000 is not None and not s.residents and s.nodes is None:
            yield Problem(("teams", name, "people"), message("per_10000 needs residents, and the scenario has none"))


def _beside_table(s: Scenario) -> Problems:
    """What a table of nodes says cannot be said again beside it."""
    rows, problems = node_rows(s)
    yield from problems
    for name in ("residents", "firms"):
        if rows and name in s.model_fields_set:
            yield Problem((name,), message("the table of nodes says it already: take {name} away, or the table", name=name))
    for name, level in s.levels.items():
        there = sum(row.level == name for row in rows)
        if rows and "count" in level.model_fields_set and level.count != there:
            yield Problem(("levels", name), message("the table of nodes has {there} of level '{name}', not {count}; write {name}: {{}}", there=there, name=name, count=level.count))


def _demand(s: Scenario) -> Problems:
    for name, cls in s.classes.items():
        here: Path = ("classes", name)
        for stage in cls.enters:
            yield from _a_stage(s, (*here, "enters"), stage)
        if abs(sum(cls.enters.values()) - 1) > 1e-9:
            yield Problem((*here, "enters"), message("shares must add up to 1, got {total:.6g}", total=sum(cls.enters.values())))
        yield from _arrivals(s, (*here, "arrivals"), cls.arrivals)
        if cls.found:
            yield from _known((*here, "found", "team"), cls.found.team, s.teams, "team")
            if not s.residents and s.nodes is None:
                yield Problem((*here, "found"), message("a search depends on residents per leader, and the scenario has no residents"))
            if cls.found.becomes:
                yield from _known((*here, "found", "becomes", "class"), cls.found.becomes.class_, s.classes, "class")


def _arrivals(s: Scenario, here: Path, a: Arrivals) -> Problems:
    yield from _known((*here, "profile"), a.profile, s.profiles, "profile")
    if a.per == "1000 residents" and a.rate is not None and not s.residents and s.nodes is None:
        yield Problem(here, message("a rate per 1000 residents needs residents, and the scenario has none"))
    if a.per == "firm" and not s.firms and s.nodes is None:
        yield Problem(here, message("a rate per firm needs firms, and the scenario has none"))
    if a.per == "node":
        yield from _known((*here, "of"), a.of, s.levels, "level")
    if a.per == "person":
        if a.of is None:
            yield Problem((*here, "of"), message("per: person needs a team, such as of: grid_worker"))
        yield from _known((*here, "of"), a.of, s.teams, "team")
        if a.of in s.teams and s.teams[a.of].people.unlimited:
            yield Problem((*here, "of"), message("team '{team}' is unlimited: it has no number of persons", team=a.of))
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
                yield Problem((*here, "outcomes"), message("a verify stage has answers, not outcomes"))
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
        yield Problem(path, message("'{name}' is a return visit; only what is closed comes there, by its own share", name=name))


def _people(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    for path, by in _by_class(here, "by", stage.by):
        for need in (*by.needs, *by.read):
            yield from _known(path, need.team, s.teams, "team")
            if need.at is not None:
                yield from _known((*path, "at"), need.at, s.levels, "level")
                if need.team in s.teams and need.at in s.levels and need.at not in s.teams[need.team].levels:
                    yield Problem((*path, "at"), message("team '{team}' is not at level '{level}' but at {levels}", team=need.team, level=need.at, levels=together(s.teams[need.team].levels, AND)))
            yield from _known((*path, "below"), need.below, s.levels, "level")
            if need.same_as:
                yield from _known((*path, "same_as"), need.same_as.stage, s.stages, "stage")
                yield from _known((*path, "same_as"), need.same_as.team, s.teams, "team")
    for cls in classes:
        by = for_class(stage.by, cls)
        if by and not for_class(stage.work, cls) and not all(n.work for n in (*by.needs, *by.read)):
            yield Problem((*here, "work"), message("is required, because somebody works at this stage (class '{cls}')", cls=cls))
            break
    if stage.work and not stage.by:
        yield Problem((*here, "work"), message("needs somebody who does it; add by, or write wait or lead for time that holds nobody"))


def _clocks(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    peopled = all((by := for_class(stage.by, cls)) and by.needs for cls in classes)
    for path, gate in _by_class(here, "gate", stage.gate):
        yield from _calendar(s, (*path, "opens"), gate.opens)
        yield from _known((*path, "at"), gate.at, s.levels, "level")
        if gate.at is None and not peopled:
            yield Problem(path, message("a gate of a stage without people must say at which level it stands (at: ...)"))
    for path, hours in _by_class(here, "hours", stage.hours):
        yield from _calendar(s, (*path, "on_call_hours"), hours.on_call_hours)
    for path, due in _by_class(here, "due", stage.due):
        if due.start != "birth":
            yield from _known((*path, "from"), due.start, (*s.stages, "entered", "birth"), "stage")
        yield from _calendar(s, (*path, "opening"), due.opening)
        if due.at == "end_of_duty" and not peopled:
            yield Problem((*path, "at"), message("end_of_duty needs a team whose duty ends"))
        yield from _led_to(s, (*path, "then"), due.then)


def _led_to(s: Scenario, here: Path, then: Action) -> Problems:
    """Where an expired due leads: a sure outcome, or several."""
    if then.move:
        yield from _a_stage(s, (*here, "move"), then.move.stage, "stage or end", (*s.ends, "never"))
        yield from _known((*here, "move", "becomes"), then.move.becomes, s.classes, "class")
        if then.move.becomes is not None and then.move.stage not in s.stages:
            yield Problem((*here, "move", "becomes"), message("goes with a stage only"))
    if then.outcomes is not None:
        yield from _outcomes(s, (*here, "outcomes"), then.outcomes)
        total = sum(o.chance for o in then.outcomes.values())
        if total < 1 - 1e-9:
            rest = message("a due has no next stage, so say where the rest goes; who is to stay goes to the same stage anew")
            yield Problem((*here, "outcomes"), message("chances add up to {total:.6g}, less than 1: {rest}", total=total, rest=rest))


def _outcomes(s: Scenario, here: Path, outcomes: dict[str, Outcome]) -> Problems:
    total = sum(o.chance for o in outcomes.values())
    if total > 1 + 1e-9:
        yield Problem(here, message("chances add up to {total:.6g}, more than 1", total=total))
    for name, outcome in outcomes.items():
        yield from _a_stage(s, (*here, name), name, "outcome", (*s.ends, "closed", "never"))
        if outcome.solved is not None and name != "closed":
            yield Problem((*here, name, "solved"), message("goes with closed only"))
        if outcome.becomes is not None and name not in s.stages:
            yield Problem((*here, name, "becomes"), message("goes with a stage only"))
        yield from _known((*here, name, "becomes"), outcome.becomes, s.classes, "class")


def _last(s: Scenario, here: Path, stage: Stage, classes: list[str]) -> Problems:
    """What is left over goes to the next stage, and the last one has none."""
    for cls in classes:
        if leaves_over(s, (here[1], cls)):
            total = sum(o.chance for o in (for_class(stage.outcomes, cls) or {}).values())
            rest = message("a chance of {chance:.6g} is left over", chance=1 - total) if total else message("it has no outcomes")
            yield Problem((*here, "outcomes"), message("not all can leave this stage: {rest} and there is no next stage (class '{cls}')", rest=rest, cls=cls))
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
            yield Problem(("stages", name), message("nobody can ever leave: {way}, and no outcome is closed, never or an end (class '{cls}')", way=way, cls=cls))


def _answers(s: Scenario, here: Path, stage: Stage) -> Problems:
    sets = [(("verify",), stage.verify)] + ([(("verify", "own"), stage.verify.own)] if stage.verify.own else [])
    for path, answers in sets:
        for truth in ("solved", "unsolved"):
            chances = getattr(answers, truth)
            for name in chances:
                yield from _a_stage(s, (*here, *path, truth, name), name, "answer", ANSWERS)
            if sum(chances.values()) > 1 + 1e-9:
                yield Problem((*here, *path, truth), message("chances add up to {total:.6g}, more than 1", total=sum(chances.values())))
    for name in stage.verify.of or ():
        yield from _known((*here, "verify", "of"), name, s.stages, "stage")
