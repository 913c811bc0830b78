"""Writes docs/places.md: one picture and a few lines for each place, from its scenario file and a run of it.

Run: python docs/make_places.py             (each section names the digests of its scenario and of its text; a test compares both)
"""

from __future__ import annotations

import argparse
import re
from hashlib import sha256
from pathlib import Path

import simgov
from simgov import Result, Scenario
from simgov.scenario.origins import Origin, origin_of
from simgov.scenario.target import Target
from simgov.targets import is_reported
from simgov.vocabulary import MEASURES
from simgov.words import number, span

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE, PICTURES = HERE / "places.md", HERE / "figures" / "places"
REPLICATIONS = 30
HEAD = """# Places

Each place of the sources is a scenario file without code of its own. A reported figure is held against what comes out of 30 runs: the value, the
range in which that of one realised window lies in 95 of 100 cases, and whether the two meet (`simgov check` judges all of them together).
A target is *fit* where a number was chosen for it, *soft* where it is somebody's word, *check* where nothing was chosen for it. A bound that nobody
reported, but which we expect, is said to be *expected*. A place that meets its figures is one of many that would: `docs/calibration.md` says what
the figures leave open. Where no outcome was reported, a place is held by the counts that its sources give (`simgov check` and `simgov explain` tell
of a number that differs from its source) and by the tests of its mechanism, and by nothing else.

Written by `python docs/make_places.py`.
"""
# What the mechanism of a place rests on and no source gives: at most four, as paths of its scenario.
ASSUMED = {
    "bantou": ("calendars.resources_days", "calendars.housing_days", "stages.home_visit.wait.lognormal.median", "stages.home_visit.outcomes.closed.chance"),
    "dingpu": ("calendars.sitting", "stages.court.outcomes.coordinate", "stages.round_table.outcomes.closed.chance", "stages.fund.lead.lognormal.median"),
    "dongxing": ("stages.prehandle.outcomes.ordinary.closed.chance", "stages.prehandle.outcomes.dispute.closed.chance", "calendars.leader_hours", "stages.district_handle.outcomes.never"),
    "fugu": ("calendars.rounds", "stages.claim.wait.exponential", "stages.claim.due.at", "stages.help.outcomes.closed.chance"),
    "haitan": ("classes.problem.arrivals.rate", "stages.claim.wait.lognormal.median", "stages.claim.due.at", "calendars.outbreak"),
    "handong": ("calendars.daily_look", "stages.street_handle.due.at", "stages.weekly.gate.takes", "stages.weekly.outcomes.closed.chance"),
    "jiaowei": ("classes.dispute.arrivals.rate", "classes.dispute.found.hazard_per_day", "stages.community_handle.outcomes.dispute.mediate", "calendars.grid_meeting"),
    "junan": ("classes.order.arrivals.rate", "stages.post.gate.takes", "stages.sign_up.gate.takes", "stages.sign_up.outcomes.post"),
    "putian": ("classes.ordinary.arrivals.rate", "stages.prehandle.outcomes.ordinary.closed.chance", "stages.street_handle.outcomes.never", "calendars.left_over"),
    "quanzhou": ("stages.street_handles.due.at", "stages.street_handles.lead.lognormal.median", "stages.grid.outcomes.household.closed.chance", "calendars.fridays"),
    "shishi": ("stages.order.hours.urgent.on_call", "stages.order.lead.urgent.lognormal.median", "stages.order.lead.basic.lognormal.median", "calendars.left_over"),
    "xialin_after": ("classes.grievance.found.hazard_per_day", "classes.grievance.found.becomes.rate_per_day", "stages.fund.gate.takes", "stages.fund.lead.lognormal.median"),
    "xialin_before": ("classes.grievance.found.hazard_per_day", "classes.grievance.found.becomes.rate_per_day", "stages.property.outcomes.lying", "stages.lying.due.at"),
    "xiashan": ("classes.clue.arrivals.rate", "stages.consult.gate.takes", "stages.rectify.lead.lognormal.median", "stages.consult.outcomes.not_rectifiable"),
    "zhongmen": ("classes.dispute.found.hidden_at_start", "classes.dispute.found.campaigns.0.factor", "classes.dispute.found.hazard_per_day", "teams.member.people"),
}


def places() -> list[Path]:
    """Scenario files of places; the nation is an exercise in scale."""
    return [path for path in sorted((ROOT / "scenarios").glob("*.yaml")) if path.stem != "nation" and "stages" in simgov.load(path).data]


# ── a section ───────────────────────────────────────────────────────────────────────────────────────


def section(result: Result) -> str:
    """The lines of one place; behind its heading the digests of its scenario and of the lines that follow."""
    s = result.scenario
    title = s.title.say("en")
    lines = ["", s.description.say("en"), "", s.description.say("zh"), "", f"![{title}](figures/places/{s.name}.png)", "", *_table(result), *_notes(s), "", *_said(s), _expressed(s), *_assumed(s)]
    text = "\n".join(lines) + "\n"
    return f"## {title} ({s.title.say('zh')})\n<!-- {s.name} {s.digest[:12]} {text_digest(text)} -->\n{text}"


def text_digest(text: str) -> str:
    """Of the lines below the digests, so that a number changed by hand is noticed."""
    return sha256(text.strip().encode()).hexdigest()[:12]


def _table(result: Result) -> list[str]:
    if not len(result.targets):
        return ["No figure was reported that a run could be held against."]
    rows = ["| figure | of | kind | reported | simulated | one window, 95 % | verdict |", "| --- | --- | --- | ---: | ---: | ---: | --- |"]
    for (k, row), target in zip(enumerate(result.targets.to_dict("records")), result.scenario.targets, strict=True):
        measure = MEASURES[target.measure]
        of = target.of.say("en") if target.of else measure.of("en")
        of += f" ({row['window']})" if row["window"] else ""
        bound = _bound(target) if is_reported(result.scenario, k) else f"not reported; expected {_bound(target)}"
        cells = [_label(target), of, target.kind, bound, number(row["value"], measure.unit), span(row["from"], row["to"], row["value"], measure.unit), row["verdict"]]
        rows.append("| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |")
    return rows


def _label(target: Target) -> str:
    return target.label.say("en") if target.label else MEASURES[target.measure].label("en")


def _bound(target: Target) -> str:
    """The figure with all the digits that were given."""
    unit = MEASURES[target.measure].unit
    sign, value = next((sign, x) for sign, x in (("", target.value), ("≥ ", target.at_least), ("≤ ", target.at_most)) if x is not None)
    return sign + (f"{100 * value:.6g}%" if unit == "share" else f"{value:,.12g}" + (" h" if unit == "hours" else ""))


def _notes(scenario: Scenario) -> list[str]:
    """What has to be known of a figure."""
    notes: dict[str, list[str]] = {}
    for target in scenario.targets:
        if target.note:
            notes.setdefault(target.note.say("en"), []).append(_label(target))
    return ["", *(f"* {'; '.join(labels)}: {note}" for note, labels in notes.items())] if notes else []


def _said(scenario: Scenario) -> list[str]:
    """The words of the sources behind the targets."""
    phrases = list(dict.fromkeys(target.phrase for target in scenario.targets if target.phrase))
    return ["*The source says:* " + "; ".join(f"“{phrase}”" for phrase in phrases) + ".", ""] if phrases else []


def _expressed(scenario: Scenario) -> str:
    levels = ", ".join(f"{level.count:,} × {scenario.label('levels', name)}" if level.count else scenario.label("levels", name) for name, level in scenario.levels.items())
    stages = " → ".join(scenario.label("stages", name) for name in scenario.stages)
    return f"*How it is said:* {levels}. Stages in the order of the file: {stages}.\n"


def _assumed(scenario: Scenario) -> list[str]:
    """The assumptions that the mechanism of the place rests on, each with its range."""
    count = sum(origin.kind == "assumption" for origin in scenario.origins.values())
    lines = [f"*What is assumed:* {count} numbers (`simgov explain scenarios/{scenario.name}.yaml` lists them). Its mechanism rests on:", ""]
    for dotted in ASSUMED[scenario.name]:
        value, origin = _assumption(scenario, dotted)
        lines.append(f"* `{dotted}` is {value}" + (f", within {origin.says[0]} to {origin.says[1]}" if isinstance(origin.says, list) else f": {origin.says}") + (f". {_sentence(origin.note)}" if origin.note else "."))
    return lines


def _assumption(scenario: Scenario, dotted: str) -> tuple[str, Origin]:
    path = tuple(int(part) if part.isdigit() else part for part in dotted.split("."))
    value, origin = scenario.data, origin_of(path, scenario.origins)
    for part in path:
        value = value[part]
    assert origin is not None, f"{scenario.name}: {dotted} has no origin"
    assert origin.kind == "assumption", f"{scenario.name}: {dotted} is no assumption"
    return (f"“{value}”" if dotted.startswith("calendars.") else str(value)), origin


def _sentence(note: str) -> str:
    return note[:1].upper() + note[1:] + ("" if note.endswith(".") else ".")


# ── the page ────────────────────────────────────────────────────────────────────────────────────────


def page(sections: dict[str, str]) -> str:
    """The whole page: a table of all places, which is made of their sections, and the sections."""
    return HEAD + "\n" + overview(sections) + "\n" + "\n".join(sections.values())


def overview(sections: dict[str, str]) -> str:
    """What was reported beside what comes out: at least a row for each place."""
    rows = ["| place | figure | reported | simulated | one window, 95 % |", "| --- | --- | ---: | ---: | ---: |"]
    for text in sections.values():
        title = text.splitlines()[0].removeprefix("## ")
        found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if re.match(r"\|(?! ---| figure )", line)]
        rows += [f"| {title if not k else ''} | {c[0]} | {c[3]} | {c[4]} | {c[5]} |" for k, c in enumerate(found)] or [f"| {title} | none | none | | |"]
    nation = simgov.load(ROOT / "scenarios" / "nation.yaml").title
    return "\n".join([*rows, f"| {nation.say('en')} ({nation.say('zh')}) | none | none | | |"]) + "\n"


def read() -> dict[str, str]:
    """The sections of the page as it is, by name of the scenario."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {part.split("<!-- ")[1].split()[0]: "## " + part.rstrip("\n") + "\n" for part in text.split("\n## ")[1:]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="names of places; the others keep their sections")
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for path in places():
        if given.only and path.stem not in given.only and path.stem in read():
            continue
        result = simgov.run(path, replications=REPLICATIONS, workers=2)
        result.figure("chain").savefig(PICTURES / f"{path.stem}.png", dpi=80, metadata={"Software": None})
        sections = read() | {path.stem: section(result)}  # read again: another one may have been written meanwhile
        PAGE.write_text(page({name: sections[name] for name in sorted(sections)}), encoding="utf-8")
        print(path.stem, *result.targets.get("verdict", ()))


if __name__ == "__main__":
    main()
