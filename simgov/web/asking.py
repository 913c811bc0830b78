"""From what stands on the page to a job's request: checked before anything is started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simgov.errors import UsageError, in_full
from simgov.language import message
from simgov.web.jobs import DONE, Jobs, Request
from simgov.web.levers import Lever, moved
from simgov.web.places import Place

MOST_REPLICATIONS = 1000


def asked(place: Place, levers: list[Lever], values: Mapping[str, Any], replications: int, seed: int, session: str, lang: str, base: str = "") -> Request:
    """The request of a run with the levers at these values. Raises ScenarioError for a scenario that these make wrong, UsageError for the rest."""
    for name, value, least, most in (("replications", replications, 1, MOST_REPLICATIONS), ("seed", seed, 0, 2**31 - 1)):
        if not isinstance(value, int) or not least <= value <= most:
            raise UsageError(message("{name} must be a whole number from {least} to {most}, got {value!r}", name=name, least=least, most=most, value=value))
    try:
        said = moved(levers, values)
    except (KeyError, ValueError) as error:
        raise UsageError(message("a lever cannot stand there: {why}", why=in_full(error))) from None
    if said.settings or said.changes:
        place.load(said.settings, said.changes)
    kept = {lever.key: values[lever.key] for lever in levers if lever.key in values and values[lever.key] != lever.default}
    title = {each: place.say(each) for each in said.told}
    return Request(session, str(place.path), title, said.settings, said.changes, kept, said.told, replications, seed, lang, base, is_upload=place.is_upload, roots=list(place.roots))


def last_done(jobs: Jobs, session: str, place: Place) -> str:
    """The latest run of the place in a session that came to its end; '' if there is none."""
    mine = (number for number, request in jobs.of(session) if request.file == str(place.path))
    return next((number for number in mine if (progress := jobs.progress(number)) is not None and progress.state == DONE), "")
