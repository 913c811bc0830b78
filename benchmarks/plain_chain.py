"""The plain chain, side by side: both engines of simgov, and the same written by hand for SimPy, in C, for Ciw and for salabim.

Speed and behaviour are pinned together: the counts of simgov are known, both engines give the same journal, and every
program must give the incidents, visits, hours of work and waiting times of the chain within sampling error.

Run: python benchmarks/plain_chain.py            (--write puts the table into docs/speed.md)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import speed_page
from chain_programs import Chain, MissingError, c_loop, ciw, erlang_wait, salabim, scores, simgov, simpy_by_hand, wait_score

A_DAY, BUSY = 60.0, 300.0  # incidents a day: as measured; and with queues, to see whether all programs queue alike
PINS = {40: (2_412, 3_998), 400: (23_930, 39_265)}  # days: incidents and visits of seed 1
FAR = 4.5  # standard errors
HEAD = ("program", "incidents", "seconds", "incidents a second", "times the SimPy program")
BY_HAND, SIMPY, COMPILED, KERNEL, C, CIW, SALABIM = ROWS = (
    "SimPy program written by hand",
    "simgov, SimPy engine, with draws",
    "simgov, compiled engine, with draws",
    "simgov, compiled engine, kernel alone",
    "C loop",
    "Ciw",
    "salabim",
)
FOREIGN: dict[str, tuple[Callable[[int, int, float], Chain], int]] = {  # slow ones simulate only this part of the days
    BY_HAND: (simpy_by_hand, 1),
    C: (c_loop, 1),
    SALABIM: (salabim, 10),
    CIW: (ciw, 20),
}


class Measured(NamedTuple):
    """What all rounds gave, by row; the rows that could not run, and why; what is wrong."""

    chains: dict[str, list[Chain]]
    skipped: dict[str, str]
    wrong: list[str]


def measure(days: int, rounds: int, a_day: float = A_DAY) -> Measured:
    """All programs in turn, round after round, so that whatever disturbs the machine disturbs all alike."""
    found = Measured({row: [] for row in ROWS}, {}, [])
    for seed in range(1, rounds + 1):
        for row, (program, share) in FOREIGN.items():
            if row not in found.skipped:
                try:
                    found.chains[row].append(program(seed, days // share, a_day))
                except MissingError as why:
                    found.skipped[row] = str(why)
        _engines(found, seed, days, a_day)
    for row, chains in found.chains.items():
        found.wrong.extend(odd(row, chains, days // FOREIGN.get(row, (None, 1))[1], a_day) if chains else ())
    return found


def _engines(found: Measured, seed: int, days: int, a_day: float) -> None:
    """A round of both engines, on the same draws."""
    first = simgov("simpy", seed, days, a_day)
    found.chains[SIMPY].append(first.chain(first.drawing + first.engine))
    counts = len(first.journal.incidents.incident), len(first.journal.visits.visit)
    if seed == 1 and a_day == A_DAY and counts != PINS.get(days, counts):
        found.wrong.append(f"{SIMPY}: {counts} incidents and visits instead of {PINS[days]}: the chain has changed")
    try:
        second = simgov("compiled", seed, days, a_day)
    except MissingError as why:
        found.skipped.update({COMPILED: str(why), KERNEL: str(why)})
        return
    found.chains[COMPILED].append(second.chain(second.drawing + second.engine))
    found.chains[KERNEL].append(second.chain(second.kernel))
    if not first.journal.same_as(second.journal):
        found.wrong.append(f"seed {seed}: the journals of the two engines differ")


def odd(row: str, chains: list[Chain], days: int, a_day: float) -> Iterator[str]:
    """What is too far from the chain."""
    found = scores(chains, days, a_day)
    if a_day >= BUSY:
        for level, name in ((1, "grid"), (2, "community")):
            found[f"mean wait at a {name}, {erlang_wait(a_day, level):.3f} h by theory,"] = wait_score(chains, days, a_day, level)
    for what, score in found.items():
        if not abs(score) <= FAR:
            yield f"{row}: {what} {score:+.1f} standard errors from what the chain gives"


def rows(measured: Measured) -> Iterator[tuple[str, ...]]:
    """The table: the best round of each program."""
    best = {row: min(chains, key=lambda c: c.seconds / c.born) for row, chains in measured.chains.items() if chains}
    by_hand = best[BY_HAND].born / best[BY_HAND].seconds
    for row in ROWS:
        if row in best:
            born, seconds = best[row].born, best[row].seconds
            yield row, f"{born:,}", f"{seconds:.4f}", f"{born / seconds:,.0f}", f"{born / seconds / by_hand:.3g}"
        else:
            yield row, "", "", "", f"skipped: {measured.skipped.get(row, 'not asked for')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    given = parser.parse_args()
    measure(40, 1)  # whatever happens only once: imports, compiling, the first pages of memory
    measured, busy = measure(given.days, given.rounds), measure(given.days, 1, BUSY)
    text = speed_page.table(HEAD, rows(measured))
    print(text)
    for row, why in measured.skipped.items():
        print(f"skipped {row}: {why}")
    wrong = measured.wrong + [f"at {BUSY:.0f} a day: {text}" for text in busy.wrong]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"counts hold: {len(measured.chains) - len(measured.skipped)} programs simulate the same chain, also with queues")
    if given.write:
        speed_page.write("plain_chain", text)


if __name__ == "__main__":
    main()
