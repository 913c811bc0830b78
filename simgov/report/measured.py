"""Measures and reported figures of a run as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from simgov.language import message, say
from simgov.report.page import Cell, Table
from simgov.targets import MET, MISSED, NO_VALUE, TOO_FEW, is_reported
from simgov.vocabulary import MEASURES
from simgov.words import about, asked, clauses, denominator, interval, joined, key_label, measure_label, number, prose, span

if TYPE_CHECKING:
    from simgov.result import Result
    from simgov.scenario import Scenario
    from simgov.scenario.target import Target

PRICE = ("same_day_triage", "due_met", "triage_delay_median", "triage_delay_p90", "off_hours_presence", "overtime_hours", "off_hours_triage_work", "evenings_per_person")
TOGETHER = {"class": message("all classes"), "team": message("all teams")}  # the row of all
KINDS = {"fit": message("the scenario was fitted to it"), "soft": message("soft: the source is vague"), "check": message("not fitted, only checked")}
TONES = {MET: "good", MISSED: "bad"}


# ── reported figures ────────────────────────────────────────────────────────────────────────────────


def target_label(scenario: Scenario, target: Target, lang: str) -> str:
    """A reported figure in words."""
    rows = {key: [str(one) for one in (value if isinstance(value, list) else [value])] for key, value in target.where.items()}
    return (target.label.say(lang) if target.label else "") or measure_label(scenario, target.measure, rows, lang)


def _windows(scenario: Scenario, target: Target, lang: str) -> list[str]:
    """The dates that the figure is of, where it is not the whole period; the longest window, and how many others were looked at."""
    frames = [frame for frame in target.frames(scenario.period) if frame]
    if not frames:
        return []
    longest, others = key_label(scenario, "window", frames[-1].name, lang), len(frames) - 1
    return [say("{window} and {n} shorter windows", lang).format(window=longest, n=others) if others else longest]


def verdict_word(verdict: str) -> str:
    """Too few replications are a reason; what they mean is that there is no verdict yet."""
    return message("cannot be judged yet") if verdict == TOO_FEW else verdict


def targets(result: Result, lang: str) -> Table:
    """Reported figures beside what came out."""
    scenario, rows = result.scenario, []
    for k, (target, row) in enumerate(zip(scenario.targets, result.targets.to_dict("records"), strict=True)):
        measure = MEASURES[target.measure]
        of = denominator(scenario, target.measure, lang, target.of.say(lang) if target.of else "")
        more = [say("{n} a window in the model", lang).format(n=f"{row['denominator']:,.0f}")] if measure.unit == "share" and row["denominator"] > 0 else []
        value = number(row["value"], measure.unit, lang)
        between = span(row["from"], row["to"], row["value"], measure.unit, lang)
        verdict = Cell(say(verdict_word(row["verdict"]), lang), say(KINDS[target.kind], lang), TONES.get(row["verdict"], "open"))
        said = asked(target, lang) if is_reported(scenario, k) else say("{bound}, expected, not reported", lang).format(bound=asked(target, lang))
        rows.append((Cell(target_label(scenario, target, lang), clauses([of, *more, *_windows(scenario, target, lang)], lang)), said, value, between, verdict))
    head = (say("measure", lang), say("reported", lang), say("simulated", lang), say("one window, 95 %", lang), say("verdict", lang))
    note = say(
        "A reported figure is met when it lies in the range in which one realised window of the model lies in 95 of 100 cases, and this range is known well enough; more noise never makes it met.", lang
    )  # fmt: skip
    return Table(say("Reported figures and what comes out", lang), head, rows, note, words=(0, 4))


def judged(result: Result, lang: str) -> str:
    """How many reported figures are met, which are not, and which cannot be judged yet; empty where there are none."""
    scenario, table = result.scenario, result.targets
    if not len(table):
        return ""
    told = [(target_label(scenario, target, lang), verdict) for target, verdict in zip(scenario.targets, table["verdict"], strict=True)]
    missed, open_ = ([name for name, verdict in told if verdict in some] for some in ((MISSED, NO_VALUE), (TOO_FEW,)))
    if not missed and not open_:
        return say("All {n} reported figures are met.", lang).format(n=len(table)) if len(table) > 1 else say("The one reported figure is met.", lang)
    text = [say("Of {n} reported figures {met} are met.", lang).format(n=len(table), met=len(table) - len(missed) - len(open_))]
    text += [say("Not met: {labels}.", lang).format(labels=clauses(missed, lang))] if missed else []
    text += [say("Cannot be judged yet, for there are too few replications: {labels}.", lang).format(labels=clauses(open_, lang))] if open_ else []
    return prose(text, lang)


# ── measures ────────────────────────────────────────────────────────────────────────────────────────


def measures(result: Result, lang: str) -> Iterator[Table]:
    """What the rule against waiting overnight gives and takes; then every other measure."""
    told = result.measures
    told = told[told["value"].notna() | told["measure"].str.startswith("time_to_closure")]
    price, rest = priced(result, told)
    if len(price):
        yield _table(result, price, say("No overnight: compliance and price", lang), lang, folded=False)
    yield _table(result, rest, say("All measures", lang), lang, folded=True)


def priced(result: Result, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the rule against waiting overnight gives and takes, where there is triage; and all else.

    Teams that are never there outside regular hours are left out of its price, and dues of stages that are no triage of what it gives.
    """
    stages, price = result.scenario.stages, rows["measure"].isin(PRICE)
    matters = (rows["team"] == "") | (rows["value"] != 0)
    if not any(stage.triage for stage in stages.values()):
        return rows[:0], rows[~price | matters]
    other = (rows["stage"] != "") & ~rows["stage"].map(lambda name: name in stages and stages[name].triage)
    return rows[price & matters & ~other], rows[~price]


def _table(result: Result, rows: pd.DataFrame, title: str, lang: str, folded: bool) -> Table:
    """The rows of a measure stand below its name and denominator; a measure of one row is that row."""
    lines: list[tuple[str | Cell, ...]] = []
    for name, group in rows.groupby("measure", sort=False):
        measure, records, of = MEASURES[str(name)], group.to_dict("records"), denominator(result.scenario, str(name), lang)
        if len(records) > 1:
            lines.append((Cell(measure.label(lang), of),))
        for row in records:
            key = joined([key_label(result.scenario, k, row[k], lang) for k in measure.by if row[k] not in ("", "all")], lang)
            label = Cell(key or say(TOGETHER[measure.total], lang), tone="under") if len(records) > 1 else Cell(about(measure.label(lang), key, lang), of)
            count = f"{row['denominator']:,.0f}" if measure.unit == "share" else ""
            lines.append((label, number(row["value"], measure.unit, lang), interval(measure.name, row["low"], row["high"], row["value"], lang), count))
    head = (say("measure", lang), say("value", lang), say("95 % interval", lang), say("of", lang))
    note = say("Values are means over {n} replications with their 95 % intervals; in the last column the mean denominator of one window.", lang).format(n=result.replications)
    return Table(title, head, lines, note, folded=folded)
