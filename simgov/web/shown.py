"""What the page shows of a run, in words, tables and pictures: left in the folder of the job by the process that ran it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from simgov.errors import ScenarioError, SimgovError
from simgov.language import LANGUAGES, message, say
from simgov.measures.pool import KEYS, row_key
from simgov.mind import mind
from simgov.report import measured, of_comparison, of_run
from simgov.report.page import Drawn, Page, Table, drawn_up, rendered
from simgov.result import Result
from simgov.sheets.safe import as_csv
from simgov.study import Comparison, paired
from simgov.study.model import Asked
from simgov.study.paired import Ratios
from simgov.study.policies import make_with
from simgov.study.verdict import CANNOT_TELL, EQUAL, LESS, MORE, NOT_APPLICABLE
from simgov.study.verdict import SAME as SAME_IN_ALL
from simgov.trials import Outcome
from simgov.trials.store import closed, opened
from simgov.vocabulary import ALL, MEASURES
from simgov.web.jobs import REQUEST, Request, read, step_back
from simgov.web.written import study, written
from simgov.words import UNITS, about, row_label

OUTCOMES, RUNS = "outcomes.jsonl", "runs"
PREVIEW = "closure"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DOTS = 144  # an inch: sharp on a page of any width
BEFORE, NOW = "before", "now"
MAIN = (("cohort_closure", {"days": 7}), ("headline_closure", {}), ("time_to_closure_p90", {}), ("time_to_triage_median", {}), ("open_stock", {}))
BY_LEVEL = ("same_day_triage", "triage_delay_median")  # of levels that have stages of triage
BY_TEAM = ("cost", "off_hours_presence", "overtime_hours", "evenings_per_person", "rostered_hours")  # of teams for which they differ
VERDICTS = {
    MORE: message("higher"), LESS: message("lower"), EQUAL: message("practically equal"), CANNOT_TELL: message("cannot tell"), NOT_APPLICABLE: message("does not apply"),
}  # fmt: skip
SIDES = {"up": 1, "down": -1, "neither": 0}
A_YEAR = ("cost", "off_hours_presence", "overtime_hours", "rostered_hours")  # are taken over a year
DIGITS = 6  # of numbers in a table for other programs
OTHER_SEED = message("Not compared with the run before: its seed was {before}, so it met other incidents. Run both with one seed.")
SAME = message("This run and the one before are of the same scenario, so there is nothing to compare.")


def preview(result: Result, place: Path, lang: str) -> None:
    """The first picture, of a few replications."""
    _draw(result.figure(PREVIEW, lang), place / f"preview.{lang}.png")


def keep(result: Result, place: Path) -> None:
    """What later runs are compared with."""
    _put(place / OUTCOMES, closed("".join(Outcome.of(tables, {}).text() + "\n" for tables in result.tables)))


def tell(result: Result, place: Path, lang: str) -> None:
    """The answer, reported figures, measures, and the first of the pictures."""
    told = {
        "answer": of_run.answer(result, lang),
        "about": of_run.made(result).about(lang),
        "judged": measured.judged(result, lang),
        "targets": [_table(measured.targets(result, lang))] if len(result.targets) else [],
        "measures": [_table(table) for table in measured.measures(result, lang)],
        "mind": [say(text, lang) for text in mind(result.plan)],
    }
    _put(place / f"shown.{lang}.json", json.dumps(told, ensure_ascii=False, default=str))
    _put(place / f"measures.{lang}.csv", measures(result, lang))
    _draw(result.figure(PREVIEW, lang), place / f"{PREVIEW}.{lang}.png")


def measures(result: Result, lang: str) -> str:
    """All measures as CSV, in words and by key; spreadsheets know by its first sign that it is UTF-8."""
    table = result.measures.map(lambda value: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value)
    rows = [row_key(row["measure"], {key: row[key] for key in KEYS if key in row}) for row in table.to_dict("records")]
    table.insert(0, "label", [row_label(result.scenario, row, lang) for row in rows])
    table.insert(1, "unit", [say(UNITS[MEASURES[name].unit], lang) for name in table["measure"]])
    return "\ufeff" + as_csv(table)


def rest(result: Result, request: Request, place: Path) -> None:
    """What comes later: the comparison with the run before, all pictures and the report, the scenario; then the same in the other language."""
    for lang in sorted(LANGUAGES, key=lambda lang: lang != request.lang):
        if lang != request.lang:
            step_back()
            tell(result, place, lang)
        if request.base:
            _compared(result, request, place, lang)
        _put(place / f"scenario.{lang}.yaml", written(request.place, request.settings, request.changes, lang))
        _report(drawn_up(lambda lang=lang: of_run.page(result, lang, None)), place, lang)


def _report(page: Page, place: Path, lang: str) -> None:
    """The report, and its pictures for the page: they are drawn once for both."""
    drawn = [block for section in page.sections for block in section.blocks if isinstance(block, Drawn)]
    for picture in drawn:
        _put(place / f"{picture.name}.{lang}.svg", f"{SVG}{picture.svg.removeprefix('<svg')}")
    if page.note:
        _put(place / f"missing.{lang}.txt", page.note)
    _put(place / f"pictures.{lang}.json", json.dumps([{"name": picture.name, "title": picture.title, "see": picture.see} for picture in drawn], ensure_ascii=False))
    _put(place / f"report.{lang}.html", rendered(page))


# ── the run before ──────────────────────────────────────────────────────────────────────────────────


def _compared(result: Result, request: Request, place: Path, lang: str) -> None:
    """What is shown of the comparison, its report, and a study that makes it again."""
    found = compared(result, request, place, lang)
    if isinstance(found, Comparison):
        _draw(found.figure(lang, "differences"), place / f"compared.{lang}.png")
        _put(place / f"comparison.{lang}.html", rendered(drawn_up(lambda: of_comparison.page(found, lang, None))))
        file = found.study.file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        _put(place / f"study.{lang}.yaml", study(request.place, {"schema": 1, **file}, f"{RUNS}.yaml", lang))
        told = {"answer": found.answer(lang), "replications": found.replications, "before": _before(request, place).told.get(lang, []), "table": _differences(found, lang)}
    else:
        told = {"why": found}
    _put(place / f"compared.{lang}.json", json.dumps(told, ensure_ascii=False, default=str))


def _before(request: Request, place: Path) -> Request:
    if (found := read(place.parent / request.base / REQUEST, Request)) is None:
        raise ValueError("no request")
    return found


def compared(result: Result, request: Request, place: Path, lang: str) -> Comparison | str:
    """This run and the one it is held against, replication by replication: the same seed gave both the same incidents; or why they cannot be."""
    base = place.parent / request.base
    try:
        before = _before(request, place)
        outcomes = [Outcome.read(line) for line in opened((base / OUTCOMES).read_text(encoding="utf-8")).splitlines()]
    except (OSError, ValueError):  # removed in the meantime, damaged, or of another version
        return say("The run before is no longer there.", lang)
    if before.seed != request.seed:
        return say(OTHER_SEED, lang).format(before=before.seed)
    mine = [Outcome.of(tables, {}) for tables in result.tables]
    n = min(len(mine), len(outcomes))
    if n < 2:
        return say("Too few replications to compare: at least 2 are needed in both runs.", lang)
    try:
        return Comparison(_study(before, request, _asked(result, outcomes[:n], mine[:n])), request.seed, result.engine, (tuple(outcomes[:n]), tuple(mine[:n])))
    except ScenarioError as error:
        same = any("is the same scenario as" in problem.message for problem in error.problems)
        return say(SAME, lang) if same else error.say(lang)
    except SimgovError as error:
        return error.say(lang)


def _study(before: Request, request: Request, measures: Iterable[dict[str, Any]]) -> Any:
    """The two runs as policies of one scenario."""
    policies = {name: {"label": _label(name), "set": run.settings, "change": run.changes} for name, run in ((BEFORE, before), (NOW, request))}
    title = {lang: say("This run and the run before", lang) for lang in LANGUAGES}
    data = {"schema": 1, "title": title, "scenario": request.file, "policies": policies, "measures": list(measures), "base": BEFORE}
    return make_with(data, request.place.with_its_folder, name=RUNS, folder=request.place.path.parent)


def _label(name: str) -> dict[str, str]:
    words = {BEFORE: message("run before"), NOW: message("this run")}[name]
    return {lang: say(words, lang) for lang in LANGUAGES}


def _asked(result: Result, before: Sequence[Outcome], mine: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """Measures that exist, first the one that differs most in standard errors; then what differs for a team."""
    levels = [(name, {"level": level}) for name in BY_LEVEL for level in result.scenario.levels]
    main = {}
    for name, where in (*MAIN, *levels):
        one, other = (Ratios.of(outcomes, Asked(measure=name, where=where).key) for outcomes in (mine, before))
        if one.bottom.any():
            main[name, *where.values()] = {"measure": name, "where": where}, _errors(one, other)
    first = max(main, key=lambda key: main[key][1], default=None)
    yield from (main[key][0] for key in sorted(main, key=lambda key: key != first))
    for name in BY_TEAM:
        for team in (*[ALL] * (MEASURES[name].total == "team"), *result.scenario.teams):
            key = row_key(name, {"team": team})
            if any(one.row(key) != other.row(key) for one, other in zip(before, mine, strict=True)):
                yield {"measure": name, "where": {"team": team}}


def _errors(one: Ratios, other: Ratios) -> float:
    """How many standard errors a difference is away from zero; 0 where it is none."""
    value, _, error = paired.difference(one, other)
    return 0.0 if not value or math.isnan(value) or math.isnan(error) else math.inf if not error else abs(value) / error


def _differences(found: Comparison, lang: str) -> dict[str, Any]:
    """One row for each measure whose difference is told, or may be one; those that are the same in every replication are left out."""
    from simgov.study.answer import label
    from simgov.words import change, interval_of_change, number

    rows = []
    for k, asked in enumerate(found.asked):
        one: Any = found.differences[found.differences["asked"] == k].iloc[0]
        unit = MEASURES[asked.measure].unit
        if one["verdict"] == SAME_IN_ALL:
            continue
        base, now = (number(value, unit, lang) for value in found.values[found.values["asked"] == k]["value"])
        interval = interval_of_change(asked.measure, one["low"], one["high"], one["difference"], lang)
        what = label(found, asked, lang)
        what = say("{measure}, a year", lang).format(measure=what) if asked.measure in A_YEAR else what
        rows.append([{"text": what}, {"text": change(one["difference"], unit, lang)}, _verdict(one["verdict"], asked.direction, lang), *({"text": text} for text in (base, now, interval))])
    head = [message("measure"), message("difference to the run before"), message("verdict"), message("run before"), message("this run"), message("95 % interval")]
    return {"title": say("Differences under the same incidents", lang), "head": [say(word, lang) for word in head], "rows": rows, "note": ""}


def _verdict(verdict: str, direction: str, lang: str) -> dict[str, str]:
    """Higher or lower, and whether that is better, in a word and a colour."""
    side = {MORE: 1, LESS: -1}.get(verdict, 0) * SIDES[direction]
    word, tone = {1: (message("better"), "good"), -1: (message("worse"), "bad")}.get(side, ("", ""))
    said = say(VERDICTS[verdict], lang)
    return {"text": about(said, say(word, lang) if word else "", lang), "tone": tone}


# ── files ───────────────────────────────────────────────────────────────────────────────────────────


def _table(table: Table) -> dict[str, Any]:
    return {"title": table.title, "head": list(table.head), "note": table.note, "words": list(table.words), "rows": [[asdict(cell) for cell in row] for row in table.cells]}


def _draw(figure: Figure, place: Path) -> None:
    part = place.with_name(f".{place.name}.partial")
    figure.savefig(part, format="png", dpi=DOTS, metadata={"Software": None})
    part.replace(place)


def _put(place: Path, text: str) -> None:
    part = place.with_name(f".{place.name}.partial")
    part.write_text(text, encoding="utf-8")
    part.replace(place)
