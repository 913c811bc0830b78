"""How soon somebody who presses Run in a browser sees a picture, beside what making it takes by itself: Dongxing, three replications.

Needs chromium and playwright. Run: python benchmarks/first_picture.py        (--write puts the table into docs/speed.md)
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import speed_page
from chain_programs import stopwatch
from scale import compile_first, warm

ROOT = Path(__file__).parent.parent
DONGXING = ROOT / "scenarios" / "dongxing.yaml"
ROUNDS, FEW = 5, 3
ALONE, PICTURE = "three replications and the picture, in one process", "from the click to the picture, in a browser"


def alone() -> Iterator[float]:
    """The seconds of each round without server and browser."""
    import simgov
    from simgov.web import shown

    warm("compiled")
    with TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):
            with stopwatch() as watch:
                shown.preview(simgov.run(DONGXING, replications=FEW), Path(folder), "en")
            yield watch[0]


def in_a_browser() -> Iterator[float]:
    """The seconds of each round, as a person has them: the page is read for a while before Run is pressed."""
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import launched, opened
    from test_browser_web import PICTURE as SHOWN
    from test_browser_web import RUN, answer, go, served

    with TemporaryDirectory() as folder, served(Path(folder), DONGXING) as (address, _), launched() as browser:
        for _ in range(ROUNDS + 1):
            with opened(browser) as (page, _):
                go(page, address, place="dongxing")
                time.sleep(3)
                with stopwatch() as watch:
                    page.get_by_role("button", name=RUN).click()
                    page.locator(SHOWN).first.wait_for()
                yield watch[0]
                answer(page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    given = parser.parse_args()
    compile_first("compiled")
    seconds = {name: statistics.median(list(rounds())[1:]) for name, rounds in ((ALONE, alone), (PICTURE, in_a_browser))}
    rows = [(name, f"{found:.2f}", f"{found / seconds[ALONE]:.1f}") for name, found in seconds.items()]
    text = speed_page.table(("what", "seconds", "times the first row"), rows)
    print(text)
    if given.write:
        speed_page.write("first_picture", text)


if __name__ == "__main__":
    main()
