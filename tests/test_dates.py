"""Dates and times: those that are written, as they stand; nothing that would have to be shifted, cut or guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from simgov import scenario
from simgov.errors import ScenarioError
from simgov.interview import UnclearError, reading
from simgov.plan import make
from simgov.scenario import yaml_text
from simgov.scenario.fields import Strict

NO_ZONE = "must be a local time such as 2022-05-01 08:30, as a scenario has no time zone, got "
NO_TIME = "must be a date without a time, got "
OFFSETS = ["2023-07-01T02:00:00Z", "2023-07-01T10:00:00+08:00", "2023-07-01 10:00 +0800", "2023-07-01T10:00-03", "2023-07-01T10:00:00.5z", "2023-07-01 10:00 CST", "2023-07-01Z", "2023-07-01+08:00"]
# Where a scenario has a date, or a date and a time; @ stands for it.
PLACES = {
    "period": "[@, 2023-08-01]",
    "classes.event.arrivals.list": "[{at: @}]",
    "teams.staff.people": "{roster: {@: 2}}",
    "public_holidays.closed": "[@]",
    "public_holidays.workdays": "[@]",
    "targets": "[{measure: headline_closure, value: 0.9, window: {start: @, end: 2023-07-20}}]",
    "changes.more.window": "{from: @, to: 2023-07-20}",
}
DATES = [path for path in PLACES if path != "classes.event.arrivals.list"]


def data():
    """A scenario of July 2023 with one listed arrival."""
    return {
        "schema": 1, "period": ["2023-07-01", "2023-08-01"], "residents": 100, "levels": {"unit": 2, "community": 1},
        "teams": {"staff": {"at": "community", "people": 2}}, "public_holidays": {"country": ""},
        "classes": {"event": {"arrivals": {"list": [{"at": "2023-07-01 10:00"}]}, "enters": "look"}},
        "stages": {"look": {"by": "staff", "work": "30 min", "outcomes": {"closed": 1}}},
        "changes": {"more": {"set": {"teams.staff.people": 3}, "window": ["2023-07-02", "2023-07-20"]}},
        "targets": [],
    }  # fmt: skip


def told(settings):
    with pytest.raises(ScenarioError) as error:
        scenario.build(data(), settings)
    return str(error.value)


@pytest.mark.parametrize("written", OFFSETS)
@pytest.mark.parametrize("path", PLACES)
def test_a_time_with_an_offset_is_refused_wherever_a_date_is_read(path, written):
    """Of two spellings of one instant neither is taken for a local time; the message says that there is no time zone."""
    assert f"{NO_ZONE}'{written}'" in told([f"{path}={PLACES[path].replace('@', repr(written))}"])


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("moment", [datetime(2023, 7, 1, 2, tzinfo=UTC), datetime(2023, 7, 1, tzinfo=timezone(timedelta(hours=8)))])
def test_so_are_aware_datetimes_of_python(path, moment):
    """The same through the Python API, at midnight too."""
    def put(value):
        if isinstance(value, dict):
            return {put(key): put(item) for key, item in value.items()}
        return [put(item) for item in value] if isinstance(value, list) else moment if value == "@" else value

    assert NO_ZONE in told({path: put(yaml_text.value(PLACES[path].replace("@", "'@'")))})


@pytest.mark.parametrize("path", DATES)
def test_a_date_has_no_time(path):
    """Where a date is asked for, a time is refused, also that of midnight."""
    for written in ("2023-07-01 08:30", "2023-07-01T00:00:00"):
        assert f"{NO_TIME}{written}" in told([f"{path}={PLACES[path].replace('@', repr(written))}"])


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("given", ["20230701", "1688169600", "1688169600.5", "'1688169600'", "true", "'2023-W26-6'", "'2023-07-01108'", "'2023-07-01,08:00'", "'2023-07-01 24:00'", "2023-02-30"])
def test_nothing_else_is_taken_for_a_date(path, given):
    """No number is taken for seconds since 1970 or for a date without dashes, and no sign for the blank between date and time."""
    said = told([f"{path}={PLACES[path].replace('@', given)}"])
    assert "must be a date" in said or (given == "true" and "a key must be a plain text" in said)  # a key of a roster is a text


def test_local_times_are_born_as_they_stand():
    """A date is its midnight; a blank and a T are one; seconds count."""
    moments = ["2023-07-01", "2023-07-01 02:00", "2023-07-01T02:00:30", date(2023, 7, 2), datetime(2023, 7, 2, 10)]
    plan = make(scenario.build(data(), {"classes.event.arrivals.list": [{"at": moment} for moment in moments]}))
    assert plan.demand[0].fixed_born.tolist() == [0, 7_200, 7_230, 86_400, 122_400]


def test_no_model_reads_a_date_in_another_way():
    """Every field of a date goes through the same reading: pydantic's own would take a number for seconds since 1970."""
    def all_below(model):
        return [one for sub in model.__subclasses__() for one in (sub, *all_below(sub))]

    read = {}
    for model in all_below(Strict):
        for name, field in model.model_fields.items():
            annotation = f"{field.annotation} {field.metadata}"
            if re.search(r"\bdate(time)?\b", annotation):
                read[f"{model.__name__}.{name}"] = annotation

    assert {"Arrival.at", "Period.start", "TargetWindow.end"} <= set(read)
    assert [name for name, annotation in read.items() if "BeforeValidator" not in annotation] == []


@pytest.mark.parametrize("text", ["2025-01-01T00:00Z to 2026-01-01", "2025-01-01 09:00 to 2026-01-01", "2025-01-01Z – 2026-01-01Z", "2025-01-01+08:00 – 2026-01-01+08:00"])
def test_new_asks_for_dates_alone(text):
    """`simgov new` drops no time and no offset from what is answered."""
    with pytest.raises(UnclearError, match="give two dates that exist"):
        reading.period(text)
