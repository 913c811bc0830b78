"""What the page shows of a run, in words, tables and pictures: left in the folder of the job by the process that ran it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from simgov.errors import ScenarioError, SimgovError
from simgov.explain import mind
from simgov.language import LANGUAGES, message, say
from simgov.measures.pool import row_key
from simgov.report import measured, of_run
from simgov.report.page import Drawn, Page, Table, rendered
from simgov.result import Result
from simgov.study import Comparison
from simgov.study.comparison import CANNOT_TELL, LESS, MORE
from simgov.study.comparison import SAME as SAME_IN_ALL
from simgov.study.model import Asked
from simgov.study.policies import make
from simgov.trials import Outcome
from simgov.vocabulary import MEASURES
from simgov.web.jobs import Request
from simgov.web.places import Place
from simgov.web.written import written

OUTCOMES, MEASURED = "outcomes.jsonl", "measures.csv"
PREVIEW = "closure"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DOTS = 144  # an inch: sharp on a page of any width
BEFORE, NOW = "before", "now"
ASKED = (("cohort_closure", {"days": 7}), ("headline_closure", {}), ("time_to_closure_p90", {}), ("time_to_triage_median", {}), ("open_stock", {}))
BY_TEAM = ("evenings_per_person", "rostered_hours", "cost")  # of teams for which they differ
VERDICTS = {MORE: message("higher"), LESS: message("lower"), CANNOT_TELL: message("cannot tell")}
OTHER_SEED = message("Not compared with the run before: its seed was {before}, so it met other incidents. Run both with one seed.")
SAME = message("This run and the one before are of the same scenario, so there is nothing to compare.")


def preview(result: Result, place: Path, lang: str) -> None:
    """The first picture, of a few replications."""
    _draw(result.figure(PREVIEW, lang), place / f"preview.{lang}.png")


def keep(result: Result, place: Path) -> None:
    """What later runs are compared with, and the measures as they are."""
    _put(place / MEASURED, result.measures.to_csv(index=False))
    _put(place / OUTCOMES, "".join(Outcome.of(tables, {}).text() + "\n" for tables in result.tables))


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
    _draw(result.figure(PREVIEW, lang), place / f"{PREVIEW}.{lang}.png")


def rest(result: Result, request: Request, place: Path) -> None:
    """What comes later: the comparison with the run before, all pictures and the report, the scenario; then the same in the other language."""
    for lang in sorted(LANGUAGES, key=lambda lang: lang != request.lang):
        if lang != request.lang:
            step_back()
            tell(result, place, lang)
        if request.base:
            _put(place / f"compared.{lang}.json", json.dumps(compared(result, request, place, lang), ensure_ascii=False, default=str))
        _put(place / f"scenario.{lang}.yaml", written(Place(Path(request.file)), request.settings, request.changes, lang))
        _report(of_run.page(result, lang, None), place, lang)


def _report(page: Page, place: Path, lang: str) -> None:
    """The report, and its pictures for the page: they are drawn once for both."""
    drawn = [block for section in page.sections for block in section.blocks if isinstance(block, Drawn)]
    for picture in drawn:
        _put(place / f"{picture.name}.{lang}.svg", f"{SVG}{picture.svg.removeprefix('<svg')}")
    _put(place / f"pictures.{lang}.json", json.dumps([{"name": picture.name, "title": picture.title, "see": picture.see} for picture in drawn], ensure_ascii=False))
    _put(place / f"report.{lang}.html", rendered(page))


def step_back() -> None:
    """Let others go first: nobody waits for this now."""
    if hasattr(os, "nice"):
        os.nice(10)


# ── the run before ──────────────────────────────────────────────────────────────────────────────────


def compared(result: Result, request: Request, place: Path, lang: str) -> dict[str, Any]:
    """This run and the one it is held against, replication by replication: the same seed gave both the same incidents."""
    base = place.parent / request.base
    try:
        before = Request(**json.loads((base / "request.json").read_text(encoding="utf-8")))
        outcomes = [Outcome.read(line) for line in (base / OUTCOMES).read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, TypeError, KeyError):  # removed in the meantime, or of another version
        return {"why": say("The run before is no longer there.", lang)}
    if before.seed != request.seed:
        return {"why": say(OTHER_SEED, lang).format(before=before.seed)}
    mine = [Outcome.of(tables, {}) for tables in result.tables]
    n = min(len(mine), len(outcomes))
    if n < 2:
        return {"why": say("Too few replications to compare: at least 2 are needed in both runs.", lang)}
    try:
        found = Comparison(_study(before, request, _asked(result, outcomes[:n], mine[:n])), request.seed, result.engine, (tuple(outcomes[:n]), tuple(mine[:n])))
    except ScenarioError as error:
        same = any("is the same scenario as" in problem.message for problem in error.problems)
        return {"why": say(SAME, lang) if same else error.say(lang)}
    except SimgovError as error:
        return {"why": error.say(lang)}
    _draw(found.figure(lang, "differences"), place / f"compared.{lang}.png")
    return {"answer": found.answer(lang), "replications": n, "before": before.told.get(lang, []), "table": _differences(found, lang)}


def _study(before: Request, request: Request, measures: Iterable[dict[str, Any]]) -> Any:
    """The two runs as policies of one scenario."""
    policies = {name: {"label": _label(name), "set": run.settings, "change": run.changes} for name, run in ((BEFORE, before), (NOW, request))}
    title = {lang: say("This run and the run before", lang) for lang in LANGUAGES}
    return make({"schema": 1, "title": title, "scenario": request.file, "policies": policies, "measures": list(measures), "base": BEFORE}, name="runs")


def _label(name: str) -> dict[str, str]:
    words = {BEFORE: message("run before"), NOW: message("this run")}[name]
    return {lang: say(words, lang) for lang in LANGUAGES}


def _asked(result: Result, before: Sequence[Outcome], mine: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """Measures that exist, and what differs for a team."""
    for name, where in ASKED:
        if any(outcome.row(Asked(measure=name, where=where).key)[1] > 0 for outcome in mine):
            yield {"measure": name, "where": where}
    for name in BY_TEAM:
        for team in result.scenario.teams:
            key = row_key(name, {"team": team})
            if any(one.row(key) != other.row(key) for one, other in zip(before, mine, strict=True)):
                yield {"measure": name, "where": {"team": team}}


def _differences(found: Comparison, lang: str) -> dict[str, Any]:
    """One row for each measure whose difference is told, or may be one; those that are the same in every replication are left out."""
    from simgov.study.answer import label
    from simgov.words import change, changes, number

    rows = []
    for k, asked in enumerate(found.asked):
        one = found.differences[found.differences["asked"] == k].iloc[0]
        unit = MEASURES[asked.measure].unit
        if one["verdict"] == SAME_IN_ALL:
            continue
        base, now = (number(value, unit, lang) for value in found.values[found.values["asked"] == k]["value"])
        interval = changes(one["low"], one["high"], one["difference"], unit, lang)
        rows.append([label(found, asked, lang), base, now, change(one["difference"], unit, lang), interval, say(VERDICTS[one["verdict"]], lang)])
    head = [message("measure"), message("run before"), message("this run"), message("difference"), message("95 % interval"), ""]
    return {"title": say("Differences under the same incidents", lang), "head": [say(word, lang) for word in head], "rows": [[{"text": text} for text in row] for row in rows], "note": ""}


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
