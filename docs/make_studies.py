"""Writes the answers and figures of the shipped studies into docs/studies.md, each between `<!-- NAME -->` and `<!-- /NAME -->`.

Run: python docs/make_studies.py
"""

from __future__ import annotations

import re
from pathlib import Path

import simgov

HERE = Path(__file__).parent
PAGE, PICTURES = HERE / "studies.md", HERE / "figures" / "studies"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    text = PAGE.read_text(encoding="utf-8")
    for path in sorted((HERE.parent / "scenarios" / "studies").glob("q*.yaml")):
        found = simgov.compare(path, workers=2)
        found.figure("en").savefig(PICTURES / f"{path.stem}.png", dpi=80, metadata={"Software": None})
        title = found.study.file.title.say("en")
        told = f"![{title}](figures/studies/{path.stem}.png)\n\n> {found.answer('en')}\n>\n> {found.answer('zh')}\n\n{found.replications} replications, seed {found.seed}."
        text = re.sub(rf"(<!-- {path.stem} -->\n).*?(<!-- /{path.stem} -->)", lambda m, told=told: f"{m.group(1)}{told}\n{m.group(2)}", text, flags=re.DOTALL)
        print(path.stem, found.answer("en"), sep=": ")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
