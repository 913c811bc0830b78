"""R27, R28: how a visit is left, and where its incident goes."""

from __future__ import annotations

import math

from oracle import luck
from oracle.matters import Incident, Visit
from oracle.state import State
from simgov.chance import expit
from simgov.journal import Ended, Result
from simgov.scenario.fields import for_class
from simgov.scenario.model import Scenario
from simgov.scenario.stage import Answers, Outcome

ANSWERS = {"satisfied": Result.SATISFIED, "dissatisfied": Result.DISSATISFIED, "no_answer": Result.NO_ANSWER}


class Leaving(State):
    """R27, R28."""

    def end_by_itself(self, visit: Visit, now: int) -> None:
        """R27: one uniform is cut in file order with `closed` first; what the chances leave over goes to the next stage of the file."""
        if visit.stage.verify:
            self.answer(visit, now)
            return
        outcomes = self.outcomes(visit)
        k = cut(self.chances(visit, outcomes), luck.uniform(luck.purpose(visit.key, "outcome")))
        self.leave(visit, *outcomes[k], now, by_due=False)

    def outcomes(self, visit: Visit) -> list[tuple[str, Outcome]]:
        """R27: `closed` first, then as written; what the chances leave over goes to the next stage of the file."""
        written = for_class(visit.stage.outcomes, visit.cls) or {}
        rest = 1 - sum(outcome.chance for outcome in written.values())
        following = self.plan.stages[self.plan.stages.index(visit.name) + 1 :][:1]
        return closed_first(written) + [(name, Outcome(chance=rest)) for name in following if rest > 1e-12]

    def chances(self, visit: Visit, outcomes: list[tuple[str, Outcome]]) -> list[float]:
        """R27, R38: closing (or success) has a chance of its own for this visit; the others keep their proportions."""
        names, chances = [name for name, _ in outcomes], [outcome.chance for _, outcome in outcomes]
        special = "closed" if "closed" in names else visit.stage.success
        written = chances[names.index(special)] if special in names else 0
        if not 0 < written < 1:
            return chances
        own = self.chance_of_success(visit, written)
        return [own if k == names.index(special) else p * ((1 - own) / (1 - written)) for k, p in enumerate(chances)]

    def chance_of_success(self, visit: Visit, written: float) -> float:
        """R27, R38: expit(a - difficulty + skill + c (log2 span - log2 reference)); without people, skill and span are left out."""
        rules, span = self.rules_of(visit.incident), visit.stage.span
        needs, sd = visit.needs, rules.classes[visit.cls].difficulty
        sd_of_skill = rules.teams[needs[0].team].skill.sd if needs else 0
        odds = luck.log_odds(written, math.hypot(sd, sd_of_skill)) - visit.incident.difficulty
        pool = visit.pool
        if pool is not None:
            odds += pool.skill
        if pool is not None and span:
            n = pool.head_count(visit.started)
            log2_span = math.log2(pool.residents / n) if n and pool.residents else 0.0  # where nobody is counted or lives
            odds += span.per_doubling * (log2_span - math.log2(span.reference))
        return expit(odds)

    def leave(self, visit: Visit, name: str, outcome: Outcome, now: int, by_due: bool) -> None:
        """R27, R28, R26: where an outcome leads."""
        incident = visit.incident
        self.depart(visit, result_of(name, self.rules_of(incident), by_due), now)
        if visit.result in (Result.CLOSED, Result.DUE_CLOSE):
            self.close(visit, outcome, now)
        elif visit.result in (Result.NEVER, Result.DUE_NEVER):
            incident.how = Ended.NEVER
            incident.ended = now
        elif visit.result in (Result.END, Result.DUE_END):
            visit.target = incident.left_by = name
            incident.how = Ended.LEFT
            incident.ended = now
        else:
            visit.target = name
            incident.how = Ended.OPEN
            incident.cls = outcome.becomes or incident.cls
            self.enter(incident, name, now)

    def depart(self, visit: Visit, result: Result, now: int) -> None:
        visit.at, visit.left, visit.result = "left", now, result
        self.visits.remove(visit)

    def close(self, visit: Visit, outcome: Outcome, now: int) -> None:
        """R28: closed, perhaps solved, perhaps visited again."""
        incident = visit.incident
        incident.how, incident.closing = Ended.CLOSED, visit
        if incident.closed < 0:
            incident.closed = now
        chance = 1.0 if outcome.solved is None else outcome.solved
        if incident.solved < 0 and luck.uniform(luck.purpose(visit.key, "solved")) < chance:
            incident.solved = now
        again = visit.stage.verify is not None  # a return visit that is closed by its due is not visited again
        for name, stage in self.rules_of(incident).stages.items():
            verify = None if again else stage.verify
            asks = verify is not None and (verify.of is None or visit.name in verify.of)
            if asks and luck.uniform(luck.of_share(visit.key, name)) < verify.share:
                self.enter(incident, name, now)
                return
        self.end_closed(incident, now)

    def answer(self, visit: Visit, now: int) -> None:
        """R28: what a return visit hears."""
        incident, verify = visit.incident, visit.stage.verify
        answers: Answers = verify.own if verify.own and self.asks_about_own_work(visit) else verify
        chances = {**(answers.solved if incident.solved >= 0 else answers.unsolved), "": 1.0}
        k = cut(list(chances.values()), luck.uniform(luck.purpose(visit.key, "answer")))
        name = list(chances)[k] or "no_answer"  # what is left over
        if name not in ANSWERS and incident.reopened >= verify.reopen_at_most:
            name = "dissatisfied"
        if name in ANSWERS:
            self.depart(visit, ANSWERS[name], now)
            incident.verified, incident.verified_at = ANSWERS[name], now
            self.end_closed(incident, now)
            return
        self.depart(visit, Result.REOPEN, now)
        visit.target = name
        incident.reopened += 1
        incident.how = Ended.OPEN
        self.enter(incident, name, now)

    def asks_about_own_work(self, visit: Visit) -> bool:
        """R28: a team that worked on the closing visit, before that was left, also works on the return visit."""
        closing = visit.incident.closing
        before = {p.pool.team for r in closing.requests if r.began_in_time for p in r.crew}
        return bool(before & {p.pool.team for r in visit.requests for p in r.crew})

    def end_closed(self, incident: Incident, now: int) -> None:
        """R28: its way ends; closed and not solved, it may return as a new incident."""
        incident.ended = now
        rules = self.rules_of(incident)
        returns = rules.classes[incident.cls].returns
        if returns is None or incident.solved >= 0 or luck.uniform(luck.whether_returns(incident.key)) >= returns.chance:
            return
        born = now + luck.duration(returns.after, luck.when_returns(incident.key), least=1)
        if born >= self.horizon:
            return
        key = luck.of_returned(incident.key)
        enters = rules.classes[incident.cls].enters
        entry = list(enters)[cut(list(enters.values()), luck.uniform(luck.entry_of_returned(key)))]  # R38
        self.incidents.append(Incident(
            incident.number + self.births, key, incident.root, incident.cls, incident.cls, -1, incident.home, entry,
            incident.number, born, born, incident.difficulty,
        ))  # fmt: skip


def closed_first(outcomes: dict[str, Outcome]) -> list[tuple[str, Outcome]]:
    """R27: file order, with `closed` first."""
    return [(n, o) for n, o in outcomes.items() if n == "closed"] + [(n, o) for n, o in outcomes.items() if n != "closed"]


def cut(chances: list[float], u: float) -> int:
    """R38: the first outcome whose running sum exceeds u; when rounding leaves u beyond them all, the last."""
    total = 0.0
    for k, chance in enumerate(chances):
        total += chance
        if total > u:
            return k
    return len(chances) - 1


def result_of(name: str, rules: Scenario, by_due: bool) -> Result:
    """How a visit is left by an outcome."""
    if name == "closed":
        return Result.DUE_CLOSE if by_due else Result.CLOSED
    if name == "never":
        return Result.DUE_NEVER if by_due else Result.NEVER
    if name in rules.ends:
        return Result.DUE_END if by_due else Result.END
    return Result.DUE_MOVE if by_due else Result.STAGE
