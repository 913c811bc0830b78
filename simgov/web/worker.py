"""The process of a job: `python -m simgov.web.worker` imports everything, waits for the folder of a job, carries it out and ends."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from simgov.errors import SimgovError, UsageError
from simgov.language import LANGUAGES, message
from simgov.web.jobs import DONE, FAILED, LOG, REQUEST, RUNNING, Progress, Request, is_compiling, read, step_back, write_progress

FEW = 3  # replications of a first picture
MOST_VISITS = 1e9  # of all replications: some ten minutes
OFTEN = 0.1  # seconds between two words of progress
MEMORY = message("There was not enough memory for this run: take fewer replications, or a shorter period.")
UNEXPECTED = message("The run ended with an error that simgov did not expect. Its log says more: {log}")
FIRST, REST, DRAWING = message("first replications"), message("simulating"), message("drawing")
PREPARING = message("preparing the fast engine, once on this machine")


@dataclass
class Teller:
    """Says in the folder of a job how far it is."""

    place: Path
    of: int
    began: float = field(default_factory=time.time)
    told: float = 0.0
    last: Progress = field(default_factory=Progress)

    def say(self, share: float, doing: str, state: str = RUNNING, at_once: bool = True, why: str = "", values: Mapping[str, Any] | None = None) -> None:
        now = time.time()
        if at_once or now - self.told >= OFTEN:
            self.last, self.told = Progress(state, int(share * self.of), self.of, share, now - self.began, doing, why, dict(values or {})), now
            write_progress(self.place, self.last)

    def share(self, share: float) -> None:
        """Of all replications, as the runner counts."""
        self.say(share, REST, at_once=False)


def main() -> None:
    if sys.argv[1:] == ["compile"]:
        compile_engine()
        return
    warm_up()
    if not (folder := _line()):
        return
    Thread(target=_end_with_the_server, daemon=True).start()
    log = os.open(Path(folder) / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    carry_out(Path(folder))


SMALL = {  # a scenario that costs nothing: running it loads what runs load when they need it
    "schema": 1,
    "period": ["2024-01-01", "2024-01-03"],
    "residents": 1000,
    "levels": {"unit": 1},
    "teams": {"leader": {"at": "unit"}},
    "classes": {"event": {"arrivals": {"rate": 3}, "enters": "handle", "difficulty": 1}},
    "stages": {"handle": {"by": "leader", "work": {"lognormal": {"median": "1 h", "sigma": 1}}, "outcomes": {"closed": 1}}},
}


def warm_up() -> None:
    """Load everything that a run needs, before anybody waits for it; the compiled engine only where it has been compiled already."""
    from simgov.engines import compiled
    from simgov.runner import run
    from simgov.scenario import build
    from simgov.web import shown

    if compiled.is_available() and compiled.is_warm():
        compiled.warm_up()
    with TemporaryDirectory() as folder:
        shown.preview(run(build(SMALL), replications=1, engine="simpy"), Path(folder), "zh")


def compile_engine() -> None:
    """As `simgov warmup` does; while others, who have somebody waiting, go first."""
    from simgov.engines import compiled

    Thread(target=_end_with_the_server, daemon=True).start()
    step_back()
    compiled.warm_up()


def carry_out(place: Path) -> None:
    """Do what the request in this folder asks; whatever goes wrong is written there, too."""
    request = read(place / REQUEST, Request)
    if request is None:  # removed, or damaged: whoever waits is told when this process has ended
        return
    teller = Teller(place, request.replications)
    try:
        _simulate(request, place, teller)
    except SimgovError as error:
        _failed(teller, "{told}", {"told": {lang: error.say(lang) for lang in LANGUAGES}})
    except MemoryError:
        _failed(teller, MEMORY)
    except Exception:
        traceback.print_exc()
        _failed(teller, UNEXPECTED, {"log": str(place / LOG)})


def _simulate(request: Request, place: Path, teller: Teller) -> None:
    from simgov import budget, engines
    from simgov.runner import run
    from simgov.web import shown

    teller.say(0.0, FIRST)
    scenario = request.place.load(request.settings, request.changes)
    if (visits := budget.expect(scenario).visits * request.replications) > MOST_VISITS:
        raise UsageError(message("this run would have about {visits} million visits, and the page takes {most} million at most: take fewer replications, a shorter period or a smaller place, or `simgov run` on the command line", visits=f"{visits / 1e6:,.0f}", most=f"{MOST_VISITS / 1e6:,.0f}"))
    if request.replications > 2 * FEW:
        shown.preview(run(scenario, replications=FEW, seed=request.seed, engine=_at_once()), place, request.lang)
    if engines.choose("auto", visits).name == "compiled":
        _await_engine(place, teller)
    teller.say(0.0, REST)
    result = run(scenario, replications=request.replications, seed=request.seed, progress=teller.share)
    teller.say(1.0, DRAWING)
    shown.keep(result, place)
    shown.tell(result, place, request.lang)
    teller.say(1.0, "", DONE)
    shown.rest(result, request, place)


def _at_once() -> str:
    """The engine that makes nobody wait: where the fast one has not been compiled, the other."""
    from simgov.engines import compiled

    return "auto" if compiled.is_warm() else "simpy"


def _await_engine(place: Path, teller: Teller) -> None:
    """The fast engine, which this run needs, is being compiled already: to compile it a second time would take longer."""
    while is_compiling(place.parent):
        teller.say(0.0, PREPARING)
        time.sleep(OFTEN)


def _failed(teller: Teller, why: str, values: Mapping[str, Any] | None = None) -> None:
    """One that is done already stays done: what came after was the report and the other language."""
    if teller.last.state != DONE:
        teller.say(teller.last.share, "", FAILED, why=why, values=values)


def _line() -> str:
    """The first line of standard input; '' when it is closed first. Read without Python's buffer, which a thread must not share."""
    text = b""
    while not text.endswith(b"\n"):
        if not (byte := os.read(0, 1)):
            return ""
        text += byte
    return text.decode().strip()


def _end_with_the_server() -> None:
    """Nobody writes to standard input any more: it is closed when the server is gone."""
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
