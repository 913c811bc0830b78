"""The files that come with simgov, by what they are."""

from __future__ import annotations

from pathlib import Path

from simgov.scenario import yaml_text

FOLDER = Path(__file__).parents[1] / "scenarios"


def _says(path: Path, *keys: str) -> bool:
    return any(key in yaml_text.read(path)[0] for key in keys)


FILES = sorted(FOLDER.rglob("*.yaml"))
SCENARIOS = [path for path in FILES if _says(path, "stages", "extends")]
STUDIES = [path for path in FILES if _says(path, "policies", "sweep", "grid")]
