"""Which classes come to which stages, and whether they can ever leave the procedure again."""

from __future__ import annotations

from collections.abc import Iterator

from simgov.scenario.fields import for_class
from simgov.scenario.model import Class, Scenario

Place = tuple[str, str]  # stage, class
SURE = 1 - 1e-9


def reached(s: Scenario) -> set[Place]:
    """Every (stage, class) that an incident can come to. Names that do not exist are passed over."""
    found: set[Place] = set()
    open_ends = [place for name, cls in s.classes.items() for place in _entries(s, name, cls)]
    while open_ends:
        place = open_ends.pop()
        if place not in found and place[0] in s.stages and place[1] in s.classes:
            found.add(place)
            open_ends += following(s, place)
            open_ends += [(stage, place[1]) for stage in s.classes[place[1]].enters if s.classes[place[1]].returns]
    return found


def following(s: Scenario, place: Place) -> list[Place]:
    """Where an incident may go from a stage: outcomes, what they leave over, those of a due, a return visit, its reopening."""
    name, cls = place
    stage = s.stages[name]
    if stage.verify:
        answers = {**stage.verify.solved, **stage.verify.unsolved, **(stage.verify.own.solved if stage.verify.own else {})}
        answers |= stage.verify.own.unsolved if stage.verify.own else {}
        return [(answer, cls) for answer, chance in answers.items() if chance > 0 and answer in s.stages]
    outcomes = for_class(stage.outcomes, cls) or {}
    to = [(other, o.becomes or cls) for other, o in outcomes.items() if o.chance > 0 and other in s.stages]
    if leaves_over(s, place) and (after := next_stage(s, name)):
        to.append((after, cls))
    if due := for_class(stage.due, cls):
        to += [(other, o.becomes or cls) for other, o in due.then.leads_to.items() if o.chance > 0 and other in s.stages]
    if ends(s, place):
        to += [(visit, cls) for visit, other in s.stages.items() if other.verify and _asks_after(other.verify, name)]
    return to


def leaves_over(s: Scenario, place: Place) -> bool:
    """Whether the outcomes of a stage leave a chance over for the next stage."""
    return sum(o.chance for o in (for_class(s.stages[place[0]].outcomes, place[1]) or {}).values()) < SURE


def next_stage(s: Scenario, name: str) -> str | None:
    names = list(s.stages)
    after = names.index(name) + 1
    return names[after] if after < len(names) and not s.stages[names[after]].verify else None


def ends(s: Scenario, place: Place) -> bool:
    """Whether an incident may leave the procedure at this stage: closed, by a named end, or lying for ever."""
    stage = s.stages[place[0]]
    due = for_class(stage.due, place[1])
    outcomes = [*(for_class(stage.outcomes, place[1]) or {}).items(), *(due.then.leads_to.items() if due else ())]
    return bool(stage.verify) or any(o.chance > 0 and other not in s.stages for other, o in outcomes)


def trapped(s: Scenario, places: set[Place]) -> Iterator[Place]:
    """Places from which no incident can ever leave, in the order of the file."""
    free = {place for place in places if ends(s, place)}
    before: dict[Place, list[Place]] = {}
    for place in places:
        for after in following(s, place):
            before.setdefault(after, []).append(place)
    open_ends = list(free)
    while open_ends:
        for place in before.get(open_ends.pop(), []):
            if place not in free:
                free.add(place)
                open_ends.append(place)
    classes, stages = list(s.classes), list(s.stages)
    yield from sorted(places - free, key=lambda place: (stages.index(place[0]), classes.index(place[1])))


def _entries(s: Scenario, name: str, cls: Class) -> Iterator[Place]:
    becomes = cls.found.becomes.class_ if cls.found and cls.found.becomes else name
    stages = [stage for stage, share in cls.enters.items() if share > 0]
    listed = cls.arrivals.listed
    if isinstance(listed, str):
        stages += [row["enters"] for row in s.tables.get(listed, []) if row.get("enters")]
    elif listed is not None:
        stages += [arrival.enters for arrival in listed if arrival.enters]
    for stage in stages:
        yield from {(stage, name), (stage, becomes)}


def _asks_after(verify, name: str) -> bool:
    return verify.share > 0 and (verify.of is None or name in verify.of)
