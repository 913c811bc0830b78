"""The report of a comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simgov import plots
from simgov.language import message, say
from simgov.report import checklist
from simgov.report.assumptions import section as assumptions
from simgov.report.made import Made, command, provenance
from simgov.report.page import Cell, Drawn, Page, Section, Table
from simgov.report.pictures import drawn
from simgov.report.ranked import Ranking
from simgov.study import Comparison
from simgov.study.answer import foremost, label, margin
from simgov.study.model import Picture
from simgov.study.verdict import SURE
from simgov.vocabulary import MEASURES
from simgov.words import change, clauses, interval, interval_of_change, number

COSTS = ("cost", "off_hours_presence", "overtime_hours", "rostered_hours", "evenings_per_person")
TITLES = {
    "differences": message("Paired differences"),
    "dose": message("What moving a lever does"),
    "frontier": message("Cost and effect"),
    "stock": message("What lies open, day by day"),
}
VERDICTS = {
    "base": message("base"),
    "more": message("higher"),
    "less": message("lower"),
    "cannot tell": message("cannot tell"),
    "practically equal": message("practically equal"),
    "the same": message("the same"),
    "does not apply": message("does not apply"),
    "meets it": message("meets it"),
    "fails it": message("fails it"),
    "not sure": message("not sure"),
}
TONES = {"meets it": "good", "fails it": "bad", "not sure": "open", "cannot tell": "open"}


def page(comparison: Comparison, lang: str, ranking: Ranking | None) -> Page:
    file, about, base = comparison.study.file, made(comparison), comparison.study.base.scenario
    estimation = say("every policy meets the same incidents (common draws); differences are paired, the intervals of one measure hold at 95 % for all policies together", lang)
    asked = clauses([label(comparison, one, lang) for one in comparison.asked], lang)
    sections = [
        Section("pictures", say("Pictures", lang), list(_pictures(comparison, about, lang))),
        Section("differences", say("Differences and the best", lang), [*_tables(comparison, lang), *_best(comparison, lang)]),
        assumptions(base, ranking, command("sensitivity", f"{comparison.study.name}.yaml"), lang),
        provenance(about, lang),
        checklist.section(base, about, lang, file.question.say(lang) or say("compare {n} policies", lang).format(n=len(comparison.study.policies)), asked, estimation),
    ]
    title = file.title.say(lang) or comparison.study.name
    facts = [base.title.say(lang) or base.name, *about.about(lang, rules=False), say("{n} policies", lang).format(n=len(comparison.study.policies))]
    return Page(lang, title, facts, [comparison.answer(lang)], sections, file.question.say(lang))


def made(comparison: Comparison) -> Made:
    study = comparison.study
    again = command("compare", f"{study.name}.yaml", "--replications", comparison.replications, "--seed", comparison.seed)
    digests = {policy.name: policy.scenario.digest for policy in study.policies}
    return Made(study.base.scenario, comparison.replications, comparison.seed, comparison.engine.name, comparison.provenance["versions"], digests, (again,))


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────


def _pictures(comparison: Comparison, about: Made, lang: str) -> Iterator[Drawn]:
    """The figure that the study asks for, the paired differences, and cost against effect where the study has a cost."""
    for name, shown in _kinds(comparison).items():
        of = _denominators(shown, name, lang)
        yield drawn(plots.compare(shown, lang, name), name, say(TITLES[name], lang), _seen(shown, name, lang), about.of(of, lang))


def _kinds(comparison: Comparison) -> dict[str, Comparison]:
    """Kind of figure, and the comparison as it is drawn there."""
    file, found = comparison.study.file, {}
    found[file.figure.kind] = found["differences"] = comparison
    cost = next((k for k, asked in enumerate(comparison.asked) if k and asked.measure in COSTS), None)
    if cost is not None and "frontier" not in found:
        picture = Picture(kind="frontier", x=cost, y=0)
        found["frontier"] = replace(comparison, study=replace(comparison.study, file=file.model_copy(update={"figure": picture})))
    return found


def _denominators(comparison: Comparison, name: str, lang: str) -> str:
    """The denominators of what a figure shows."""
    if name == "stock":
        return say("incidents open at each midnight", lang)
    picture = comparison.study.file.figure
    shown = [comparison.asked[k] for k in (picture.x, picture.y)] if name == "frontier" and max(picture.x, picture.y) < len(comparison.asked) else comparison.asked
    return clauses(dict.fromkeys(MEASURES[asked.measure].of(lang) for asked in shown), lang)


def _seen(comparison: Comparison, name: str, lang: str) -> str:
    if name == "frontier":
        return say("The further to the better side in both directions, the better a policy; no other policy beats those on the line in both.", lang)
    if name == "stock":
        return say("How much lies open at each midnight under each policy, and when it is back to what it was.", lang)
    if name == "dose":
        return say("How the measures answer to a lever: where the curve is flat, moving it further buys nothing.", lang)
    first = comparison.differences[comparison.differences["asked"] == 0]
    sure = int(first["verdict"].isin(SURE).sum())
    text = say("Each point is a policy less “{base}” under the same draws; in the first measure {sure} of {n} surely differ by more than a trifle: their intervals do not touch zero, and reach beyond what is practically equal.", lang)
    return text.format(base=comparison.study.base.say(lang), sure=sure, n=len(first))


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────


def _tables(comparison: Comparison, lang: str) -> Iterator[Table]:
    """A table by measure: value and difference of each policy; the first one decides and is open."""
    names = {policy.name: policy.say(lang) for policy in comparison.study.policies}
    head = [say(word, lang) for word in (message("policy"), message("value"), message("95 % interval"), message("difference"), message("joint interval"), message("verdict"))]
    for k, asked in enumerate(comparison.asked):
        unit = MEASURES[asked.measure].unit
        differences = {row["policy"]: row for row in comparison.differences[comparison.differences["asked"] == k].to_dict("records")}
        rows = []
        for row in comparison.values[comparison.values["asked"] == k].to_dict("records"):
            gap, value = differences.get(row["policy"]), row["value"]
            by, between = (change(gap["difference"], unit, lang), interval_of_change(asked.measure, gap["low"], gap["high"], gap["difference"], lang)) if gap else ("", "")
            verdict = gap["verdict"] if gap else "base"
            said = Cell(say(VERDICTS[verdict], lang), say(VERDICTS[row["bound"]], lang) if row["bound"] else "", TONES.get(row["bound"] or verdict, ""))
            rows.append((names[row["policy"]], number(value, unit, lang), interval(asked.measure, row["low"], row["high"], value, lang), by, between, said))
        note = say("Of: {of}. Differences are paired, replication by replication; their intervals hold at 95 % for all policies together. {margin}", lang)
        note = note.format(of=MEASURES[asked.measure].of(lang), margin=margin(comparison, k, lang))
        yield Table(label(comparison, asked, lang), head, rows, note, words=(0, 5), folded=k > 0)


def _best(comparison: Comparison, lang: str) -> Iterator[Table]:
    """By measure with a better side: which policy is best, and how sure that is."""
    if not len(comparison.best):
        return
    names = {policy.name: policy.say(lang) for policy in comparison.study.policies}
    rows = []
    for asked in comparison.asked:
        found = comparison.best_of(asked)
        if found is None:
            continue
        policies = [names[comparison.study.policies[k].name] for k in comparison.choices]
        some = [name for name, may in zip(policies, found.may_be, strict=True) if may]
        sure = f"{min(found.probability, 0.999):.1%}"
        told = Cell(policies[found.chosen], tone="good") if len(some) == 1 else Cell(say("cannot be told", lang), say("it may be {policies}", lang).format(policies=clauses(some, lang)), "open")
        near = [policies[k] for k in comparison.as_good(asked)]
        if len(some) > 1 and {*some} <= {*near}:
            told = Cell(say("practically equally good", lang), clauses(near, lang))
        if asked.is_cost:  # no best for that alone
            told, sure = Cell(clauses(some, lang), foremost(asked, len(some) == 1, lang)), "-"
        rows.append((label(comparison, asked, lang), told, sure if len(some) == 1 else "-"))
    head = (say("measure", lang), say("best", lang), say("probability, at least", lang))
    yield Table(say("The best policy by each measure", lang), head, rows, words=(0, 1))
