"""Screenshots of the report for the docs: `python docs/make_screens.py` (needs chromium and playwright, which the extra `tests` installs).

The same browser as in the tests (tests/browser.py) opens the report of Dongxing in each language, in a desktop window.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "tests"))

from browser import address, launched, opened  # noqa: E402

import simgov  # noqa: E402
from simgov import report  # noqa: E402

WINDOW = {"width": 1060, "height": 1560}


def main() -> None:
    result = simgov.run(DOCS.parent / "scenarios" / "dongxing.yaml", replications=30, seed=1)
    with TemporaryDirectory() as folder, launched() as browser:
        for lang in ("en", "zh"):
            file = report.write(result, Path(folder) / f"{lang}.html", lang)
            with opened(browser, WINDOW) as (page, _):
                page.goto(address(file))
                page.screenshot(path=DOCS / "figures" / f"report_{lang}.png")


if __name__ == "__main__":
    main()
