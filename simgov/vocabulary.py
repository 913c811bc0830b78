"""The measures that simgov knows, in words: name, label, unit, denominator, direction. How they are computed is in `measures/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from simgov.language import message, say

DAYS = (1, 3, 7, 30)  # of cohort closure
PARTS = ("gate", "wait", "queue", "off_shift", "work", "lead")  # of elapsed time
FLOWS = ("collected", "closed", "headline_closure", "settled_at_or_below", "settled_of_ended")  # may be of what was closed in a window, whenever it was found
ALL = "all"  # all classes that are no background duty, or all teams


class Margin(NamedTuple):
    """Up to which difference two values are practically equal: `least`, in the unit of the measure, or the share `part` of the base's value, whichever is more."""

    least: float
    part: float = 0.0

    def of(self, base: float) -> float:
        """In the unit of the measure, for this value of the base."""
        return max(self.least, self.part * abs(base))


# No source says what somebody would notice: these are assumptions of ours, and a study may set its own. Shares have no `part`: they count from 0 to 1.
MARGINS = {
    "share": Margin(0.01), "hours": Margin(0.1, 0.01), "days": Margin(0.5, 0.01), "count": Margin(0.5, 0.01), "ratio": Margin(0.01, 0.01), "yuan": Margin(0.0, 0.01),
}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """`by` names the columns that tell the rows of a measure apart. `better` is 'up', 'down' or 'neither'. `own_margin`: where that of its unit does not suit."""

    name: str
    text: str
    unit: Literal["share", "hours", "days", "count", "ratio", "yuan"]
    over: str
    better: Literal["up", "down", "neither"]
    by: tuple[str, ...] = ()
    own_margin: Margin | None = None

    @property
    def margin(self) -> Margin:
        """Up to which difference two values are practically equal."""
        return self.own_margin or MARGINS[self.unit]

    @property
    def is_cost(self) -> bool:
        """Whether it is what an arrangement takes (money, hours and evenings of people), and not what it achieves: by itself it names no best."""
        return "team" in self.by and self.unit != "ratio"

    @property
    def adds_up(self) -> bool:
        """Whether rows of several classes are added by their numerators and denominators; a quantile is no sum."""
        return self.unit not in ("hours", "days")

    @property
    def total(self) -> str:
        """The key by which there is also a row for ALL together; "" where there is none."""
        return "class" if "class" in self.by else "team" if self.unit == "yuan" else ""

    @property
    def has_windows(self) -> bool:
        """Whether it can be taken over a part of the period: what is counted of incidents, not hours of people."""
        return not {"team", "part"} & set(self.by) and self.name != "peak_stock"

    def label(self, lang: str = "en", days: str = "") -> str:
        """What it is called; with the `days` of a row of cohort closure in it."""
        if not days:
            return say(self.text, lang)
        text = say("Closed within a day of being found", lang) if str(days) == "1" else say("Closed within {days} days of being found", lang)
        return text.format(days=days)

    def of(self, lang: str = "en") -> str:
        """The denominator (or what the number is a sum or quantile over), in words."""
        return say(self.over, lang)


_COLLECTED = message("incidents found in the window, except ends that do not count")
_COHORT = message("incidents found at least so many days before the census")
_FOUND = message("incidents found in the window")
_EVERY = message("incidents found in the window, those that the headline leaves out among them")
_ENDED = message("incidents found in the window and closed, or left by an end that counts")
_REACH = message("incidents that reached the level")
_TRIAGE = message("triage visits entered in the window and due before the census")
_TRIAGE_DONE = message("triage visits entered in the window and done")
_TRIAGED = message("incidents that reached a triage stage and were triaged")
_TIMED = message("incidents found in the window; what is open counts as not yet closed")
_CLOSED = message("incidents found in the window and closed")
_YEAR = message("all people of the team, per year of the window")

_ALL = (
    Measure("collected", message("Incidents collected"), "count", _EVERY, "neither", ("class",)),
    Measure("closed", message("Incidents closed"), "count", _FOUND, "neither", ("class",)),
    Measure("headline_closure", message("Headline closure rate at the census"), "share", _COLLECTED, "neither", ("class",)),
    Measure("cohort_closure", message("Closed within so many days"), "share", _COHORT, "up", ("class", "days")),
    Measure("settled_at_or_below", message("Settled at or below the level"), "share", _EVERY, "neither", ("class", "level")),
    Measure("settled_of_ended", message("Settled at or below the level, of those that ended"), "share", _ENDED, "neither", ("class", "level")),
    Measure("settled_of_reached", message("Settled at the level, of those that reach it"), "share", _REACH, "neither", ("class", "level")),
    Measure("time_to_triage_median", message("From found to first triage, median"), "hours", _TRIAGED, "down", ("class",)),
    Measure("time_to_triage_p90", message("From found to first triage, 90 %"), "hours", _TRIAGED, "down", ("class",)),
    Measure("triage_delay_median", message("Triage: from entry to done, median"), "hours", _TRIAGE_DONE, "down", ("level",)),
    Measure("triage_delay_p90", message("Triage: from entry to done, 90 %"), "hours", _TRIAGE_DONE, "down", ("level",)),
    Measure("time_to_closure_median", message("Time to closure, median"), "hours", _TIMED, "down", ("class",)),
    Measure("time_to_closure_p90", message("Time to closure, 90 %"), "hours", _TIMED, "down", ("class",)),
    Measure("same_day_triage", message("Triaged by midnight of the day it came"), "share", _TRIAGE, "up", ("level",)),
    Measure("due_met", message("Left by its due"), "share", message("visits with a due before the census"), "up", ("stage",)),
    Measure("overdue", message("Visits past their due"), "count", message("visits with a due before the census"), "down", ("stage",)),
    Measure("overtime_hours", message("Overtime: work beyond rostered hours"), "hours", _YEAR, "down", ("team",)),
    Measure("off_hours_presence", message("Presence outside regular hours: duty and overtime"), "hours", _YEAR, "down", ("team",)),
    Measure("off_hours_triage_work", message("Triage work outside regular hours"), "hours", _YEAR, "down", ("team",)),
    Measure("rostered_hours", message("Rostered hours"), "hours", _YEAR, "neither", ("team",)),
    Measure("engaged_hours", message("Engaged hours"), "hours", _YEAR, "neither", ("team",)),
    Measure("cost", message("Cost of hours, rostered and overtime"), "yuan", _YEAR, "down", ("team",)),
    Measure("evenings_per_person", message("Evenings on duty or at work, per person and month"), "count", message("people of the team, months of the window"), "down", ("team",), Margin(0.1, 0.01)),
    Measure("elapsed", message("Where elapsed time goes"), "hours", message("mean per incident found in the window"), "down", ("part",)),
    Measure("open_stock", message("Open at the census"), "count", _FOUND, "down", ("class",)),
    Measure("peak_stock", message("Most that were open at a midnight"), "count", _FOUND, "down"),
    Measure("open_age_median", message("Age of what is open, median"), "days", message("incidents open at the census"), "down"),
    Measure("hops", message("Stages visited per incident"), "ratio", _FOUND, "neither"),
    Measure("send_backs", message("Moves to a lower level per incident"), "ratio", _FOUND, "down"),
    Measure("hidden", message("Born and never found"), "count", message("incidents born by the census"), "down"),
    Measure("solved", message("Really solved"), "share", _CLOSED, "up"),
    Measure("satisfied", message("Satisfied"), "share", message("return visits that were answered"), "up"),
    Measure("reopened", message("Reopened"), "share", _CLOSED, "down"),
    Measure("returned", message("Came back as a new incident"), "share", _CLOSED, "down"),
    Measure("inequality", message("Inequality of engaged hours between nodes"), "ratio", message("people of the team at each node"), "down", ("team",)),
)

MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}
