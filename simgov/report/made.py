"""How a thing was made: what the reader needs to make it again, and to know what it was."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from simgov.language import say
from simgov.report.page import Cell, Section, Table
from simgov.scenario import Scenario
from simgov.words import listed


@dataclass(frozen=True)
class Made:
    """`scenario`: the one that is described (of a study its base); `digests`: label and digest of everything that was simulated; `again`: commands."""

    scenario: Scenario
    replications: int
    seed: int
    engine: str
    versions: Mapping[str, str]
    digests: Mapping[str, str]
    again: tuple[str, ...]

    @property
    def window(self) -> tuple[str, str]:
        return str(self.scenario.period.start), str(self.scenario.period.end)

    def about(self, lang: str, rules: bool = True) -> list[str]:
        """Short facts under the title; `rules`: the changes in force, too."""
        start, end = self.window
        replications = say("{n} replications", lang) if self.replications > 1 else say("{n} replication", lang)
        facts = [say("{start} to {end} ({days} days)", lang).format(start=start, end=end, days=self.scenario.days), replications.format(n=self.replications)]
        return [*facts, say("seed {n}", lang).format(n=self.seed), *(self.rules(lang) if rules else ())]

    def rules(self, lang: str) -> list[str]:
        """The changes in force."""
        names = [self.scenario.label("changes", name, lang) for name in self.scenario.in_force]
        return [say("in force: {changes}", lang).format(changes=listed(names, lang))] if names else []

    def of(self, denominator: str, lang: str) -> str:
        """What stands under every picture."""
        start, end = self.window
        text = say("Of: {of}. Window: {start} to {end}. Replications: {n}, seed {seed}.", lang)
        return text.format(of=denominator, start=start, end=end, n=self.replications, seed=self.seed)


def command(name: str, *options: object) -> str:
    """A line for the shell."""
    return shlex.join(("simgov", name, *map(str, options)))


def provenance(made: Made, lang: str) -> Section:
    start, end = made.window
    rows: list[tuple[str | Cell, ...]] = [
        (say("scenario", lang), Cell("", code=made.scenario.name)),
        (say("window", lang), say("{start} to {end} ({days} days)", lang).format(start=start, end=end, days=made.scenario.days)),
        *((say("digest", lang), Cell("", code=digest, quoted=label)) for label, digest in made.digests.items()),
        (say("seed", lang), str(made.seed)),
        (say("replications", lang), str(made.replications)),
        (say("engine", lang), Cell("", code=made.engine)),
        (say("versions", lang), Cell("", code=", ".join(f"{name} {version}" for name, version in made.versions.items()))),
        *((say("to make it again", lang), Cell("", code=line)) for line in made.again),
    ]
    note = say("The same scenario (digest), seed and versions give the same numbers on any machine, with either engine and on any number of workers.", lang)
    title = say("Provenance", lang)
    return Section("provenance", title, [Table(say("What this was made from", lang), (say("what", lang), say("value", lang)), rows, note, words=(0, 1))])
