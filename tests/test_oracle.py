"""The oracle of tests/oracle/, which knows nothing of the engines, writes exactly the journal of the SimPy engine.

Two engines that agree may both misread a page. The oracle was written from docs/model.md alone, without events or lines or
compiled tables, and draws its luck from the table of R36 by itself; so where it agrees, the page says what the engines do. What has
been reached is counted (reach.py), and oracles with one rule broken on purpose have to be told apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import oracle
import pytest
from comparing import Played, difference, outcome, smaller, still_differs
from oracle import asking, dues, entering, hours, leaving, luck, matters, people, rules, walking, working
from reach import TALLIES
from strategies import STAGE_FIELDS, made
from world import matter, play, written

from simgov.journal import Result

MUST = (*STAGE_FIELDS, "max_visits")
NAMES = ("simpy", "oracle")
CASES = [(profile, must, 0) for must in MUST for profile in ("ties", "usual")]
Case = tuple[str, str, Any]


@cache
def played(case: Case) -> Played:
    """A made scenario on the SimPy engine; its luck depends on its seed."""
    return Played(made(*case), sum(map(ord, str(case[2]))) % 5)


def differs(run: Played) -> str | None:
    return difference(run.outcome, outcome(oracle.simulate, run.plan, run.draws), NAMES)


def same_as_the_oracle(case: Case, tally: str) -> None:
    run = played(case) if tally == "oracle" else played.__wrapped__(case)
    TALLIES[tally].note(case[0], run)
    found = differs(run)
    if found:
        least = smaller(made(*case), lambda less: bool(still_differs(less, run.draws.seed, oracle.simulate)), most=300)
        pytest.fail(
            f"made{case!r} with seed {run.draws.seed} differs from the page:\n{found}\n\nThe smallest scenario that does:\n"
            f"{json.dumps(least, ensure_ascii=False)}\n{still_differs(least, run.draws.seed, oracle.simulate)}"
        )


# ── scenarios that are made ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case)))
def test_made_scenarios(case):
    """Every field of a stage is in turn forced into a small scenario: the journal is what the page says, number for number."""
    same_as_the_oracle(case, "oracle")


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("must", MUST)
def test_very_many_scenarios(must):
    """Five thousand scenarios, other ones every night."""
    for k in range(40):
        same_as_the_oracle(("usual", must, f"{date.today()} {k}"), "oracle, nightly")
        same_as_the_oracle(("ties", must, f"{date.today()} {k}"), "oracle, nightly")
    same_as_the_oracle(("larger", must, f"{date.today()}"), "oracle, nightly")


# ── an oracle that misreads one rule is told apart ──────────────────────────────────────────────────


def walks_at_once(self, now):
    """Whoever is freed is given away before the second is settled."""
    while self.ends_and_arrivals(now):
        self.walk(now)
    while self.dues(now) or self.gates(now):
        self.ends_and_arrivals(now)


def due_first(self, now):
    while self.dues(now) or self.ends_and_arrivals(now) or self.gates(now):
        pass


def gates_first(self, now):
    while self.ends_and_arrivals(now) or self.gates(now) or self.dues(now):
        pass


def lowest_number(person):
    return (0, person.number)


def closing_second_too(second, hours):
    return any(start <= second <= end for start, end in hours)


def pauses(self, request, now):
    whole = request.visit.hours
    request.visit.hours = whole.model_copy(update={"at_close": "pause"})
    spells = SPELLS(self, request, now)
    request.visit.hours = whole
    return spells


def no_breaks(self, request, now):
    return [(now, now + request.work)]


def newest_version(self, incident):
    return self.versions[-1]


def holds_everywhere(self, request, held, claimed, now):
    HOLD(self, request, held, set(), now)


def raises_twice(self, visit, n):
    RAISE(self, visit, 2 * n)


def waits_for_its_readers(self, visit, now):
    RELEASE(self, visit, now + 1)


SPELLS, HOLD, RAISE, RELEASE = working.Working.spells, walking.Walking.hold, dues.Dues.raise_priority, entering.Entering.release
DURATION, PURPOSE, PART_AT, SECOND = luck.duration, luck.purpose, luck.of_part_at, dues.Dues.due_second

BROKEN: dict[str, tuple[Any, str, Any]] = {
    "R2 durations rounded down": (luck, "duration", lambda law, bits, least=0: max(least, DURATION(law, bits, least) - (law is not None and DURATION(law, bits) % 60 > 0))),
    "R3 the closing second belongs to the hours": (walking, "within", closing_second_too),
    "R7 the highest pool instead of the nearest": (people.People, "upward", lambda self, node: UPWARD(self, node)[::-1]),
    "R8 duty by turns begins with another person": (people.People, "duty_hours", lambda self, pool, number=-1: DUTY(self, pool, -1)),
    "R15 the newest procedure": (entering.Entering, "rules_of", newest_version),
    "R18 a gate takes everybody": (entering.Entering, "gate_identity", lambda self, visit, gate: (visit, gate.opens)),
    "R19 the last who is free instead of the first": (matters.Request, "entries", property(lambda r: r.__dict__["e"][::-1], lambda r, e: r.__dict__.update(e=e))),
    "R19 same_as asks for anybody": (asking.Asking, "who_worked", lambda self, visit, need: None),
    "R19b all parts are waited for": (working.Working, "parts_needed", lambda self, visit: len(visit.requests)),
    "R20 ties by number, not by who has been idle longest": (people.Person, "idle_since", property(lowest_number, lambda person, since: None)),
    "R21 nobody leaves when all is clear": (walking.Walking, "something_left", lambda self, pool: True),
    "R21 nobody stays": (walking.Walking, "something_left", lambda self, pool: False),
    "R22 parts at all nodes are reached alike": (luck, "on_call_at", lambda visit, node: luck.purpose(visit, "on call")),
    "R23 finish is a pause": (working.Working, "spells", pauses),
    "R23 work goes on at breaks": (working.Working, "spells", no_breaks),
    "R24 later entries first": (matters.Request, "order", property(lambda r: (r.priority, -r.visit.entered, r.visit.incident.number, r.visit.number, r.part))),
    "R24 no priorities": (matters.Request, "order", property(lambda r: (0, r.visit.entered, r.visit.incident.number, r.visit.number, r.part))),
    "R25 a due in the second of entry": (dues.Dues, "due_second", lambda self, visit: SECOND(self, visit) - 1 if SECOND(self, visit) == visit.entered + 1 else SECOND(self, visit)),
    "R25 the whole day for who enters at midnight, and no more": (dues, "DAY", 43_200),
    "R26 a due waits for the people": (dues.Dues, "may_be_ended", lambda self, visit: visit.at in ("gate", "wait", "lead")),
    "R26 raised twice": (dues.Dues, "raise_priority", raises_twice),
    "R27 closed is cut last": (leaving, "closed_first", lambda outcomes: sorted(outcomes.items(), key=lambda entry: entry[0] == "closed")),
    "R27 difficulty does not matter": (leaving.Leaving, "chance_of_success", lambda self, visit, written: written),
    "R28 every team asks about its own work": (leaving.Leaving, "asks_about_own_work", lambda self, visit: True),
    "R29 copies wait for the gate": (asking.Asking, "give_copies", lambda self, visit, now: None),
    "R30 dispatched at once, not settled first": (rules.Oracle, "settle", walks_at_once),
    "R30 dues before what ends in their second": (rules.Oracle, "settle", due_first),
    "R30 gates before dues": (rules.Oracle, "settle", gates_first),
    "R32 hold ignored": (walking.Walking, "holds", lambda self, request: False),
    "R32 everybody in line holds": (walking.Walking, "hold", holds_everywhere),
    "R36 parts at all nodes take as long": (luck, "of_part_at", lambda visit, team, node: luck.of_part(visit, team)),
    "R36 other words": (luck, "purpose", lambda visit, name: PURPOSE(visit, name + " ")),
    "R36 the share of a return visit by the purpose alone": (luck, "of_share", lambda visit, stage: luck.purpose(visit, "verify")),
    "R38 a returned matter enters where all begin": (luck, "entry_of_returned", lambda returned: 0),
}
UPWARD, DUTY = people.People.upward, people.People.duty_hours


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_found(rule, monkeypatch):
    """Control: with one rule misread, some scenario has another journal; so the comparison sees that rule."""
    monkeypatch.setattr(*BROKEN[rule], raising=False)

    assert any(differs(played(case)) for case in CASES)
