"""Writes docs/places.md: one picture and a few lines for each place, from its scenario file and a run of it.

Run: python docs/make_places.py             (each section names the digest of its scenario; a test compares it with the file)
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import simgov
from simgov import Result, Scenario
from simgov.vocabulary import MEASURES
from simgov.words import number, span

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE, PICTURES = HERE / "places.md", HERE / "figures" / "places"
REPLICATIONS = 30
ORIGINS = {"source": "from the sources", "outside": "from elsewhere", "assumption": "assumed"}
HEAD = """# Places

Each place of the sources is a scenario file without code of its own. Every row holds a figure that was reported against what comes out of 30 runs: the value, the
range in which that of one realised window lies in 95 of 100 cases, and whether the two meet (`simgov check` judges all of them together).
A target is *fit* where a number was chosen for it, *soft* where it is somebody's word, *check* where nothing was chosen for it.
A place that meets its figures is one of many that would: `docs/calibration.md` says what the figures leave open.

Written by `python docs/make_places.py`.
"""


def places() -> list[Path]:
    """Scenario files of places; the nation is an exercise in scale."""
    return [path for path in sorted((ROOT / "scenarios").glob("*.yaml")) if path.stem != "nation" and "stages" in simgov.load(path).data]


def section(path: Path, result: Result) -> str:
    """The lines of one place."""
    s = result.scenario
    lines = [f"## {s.title.say('en')} ({s.title.say('zh')})", f"<!-- {s.name} {s.digest[:12]} -->", "", s.description.say("en"), "", s.description.say("zh"), ""]
    lines += [f"![{s.title.say('en')}](figures/places/{s.name}.png)", "", *_table(result), "", *_said(s), _expressed(s), _assumed(s)]
    return "\n".join(lines) + "\n"


def _table(result: Result) -> list[str]:
    if not len(result.targets):
        return ["No figure was reported that a run could be held against."]
    rows = ["| reported | of | kind | reported | simulated | one window, 95 % | verdict |", "| --- | --- | --- | ---: | ---: | ---: | --- |"]
    for (_, row), target in zip(result.targets.iterrows(), result.scenario.targets, strict=True):
        measure = MEASURES[target.measure]
        label = target.label.say("en") if target.label else measure.label("en")
        of = target.of.say("en") if target.of else measure.of("en")
        cells = [label, of, target.kind, row["reported"], number(row["value"], measure.unit), span(row["from"], row["to"], row["value"], measure.unit), row["verdict"]]
        rows.append("| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |")
    return rows


def _said(scenario: Scenario) -> list[str]:
    """The words of the sources behind the targets."""
    phrases = list(dict.fromkeys(target.phrase for target in scenario.targets if target.phrase))
    return ["*The source says:* " + "; ".join(f"“{phrase}”" for phrase in phrases) + ".", ""] if phrases else []


def _expressed(scenario: Scenario) -> str:
    levels = ", ".join(f"{level.count:,} × {scenario.label('levels', name)}" if level.count else scenario.label("levels", name) for name, level in scenario.levels.items())
    stages = " → ".join(scenario.label("stages", name) for name in scenario.stages)
    return f"*How it is said:* {levels}. Stages in the order of the file: {stages}.\n"


def _assumed(scenario: Scenario) -> str:
    counts = Counter(origin.kind for origin in scenario.origins.values())
    told = ", ".join(f"{counts[kind]} {words}" for kind, words in ORIGINS.items())
    return f"*Where its numbers come from:* {told}. `simgov explain scenarios/{scenario.name}.yaml` lists them.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help="names of places; the others keep their sections")
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    old = _sections()
    parts = []
    for path in places():
        if given.only and path.stem not in given.only and path.stem in old:
            parts.append(old[path.stem])
            continue
        result = simgov.run(path, replications=REPLICATIONS, workers=2)
        result.figure("chain").savefig(PICTURES / f"{path.stem}.png", dpi=80, metadata={"Software": None})
        parts.append(section(path, result))
        print(path.stem, *result.targets.get("verdict", ()))
    PAGE.write_text(HEAD + "\n" + "\n".join(parts), encoding="utf-8")


def _sections() -> dict[str, str]:
    """The sections of the page as it is, by name of the scenario."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {part.split("<!-- ")[1].split()[0]: "## " + part.rstrip("\n") + "\n" for part in text.split("\n## ")[1:]}


if __name__ == "__main__":
    main()
