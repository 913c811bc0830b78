"""A small street as a scenario file: two units and a desk, two weeks, four changes, a target. For tests of results and commands."""

from __future__ import annotations

from functools import cache

import simgov

TEXT = """\
schema: 1
title: {en: A small street, zh: 小街}
period: [2022-05-02, 2022-05-16]
public_holidays: {country: ""}
residents: 1000
levels: {unit: {count: 2, label: {en: unit, zh: 单元}}, street: {label: {en: street, zh: 镇街}}}
calendars: {office: "Mo-Fr 08:30-12:00,14:30-17:30", late: "Mo-Fr 17:30-21:00"}
teams:
  leader: {at: unit, label: {en: unit leader, zh: 单元长}}
  desk: {at: street, hours: office, people: {roster: {2022-05-02: 2, 2022-05-09: 1}}, label: {en: desk, zh: 研判席}}
classes:
  event: {arrivals: {rate: 4}, enters: handle, label: {en: event, zh: 事件}}
  dispute: {arrivals: {rate: 1}, enters: handle, difficulty: 1, label: {en: dispute, zh: 纠纷}}
ends: {withdrawn: {in_denominator: false, label: {en: withdrawn, zh: 撤回}}}
stages:
  handle: {by: leader, work: {exponential: 1h}, outcomes: {closed: 0.6, withdrawn: 0.05}, label: {en: handling, zh: 处置}}
  look: {by: desk, triage: true, work: 10 min, outcomes: {closed: 1}, label: {en: triage, zh: 研判}}
changes:
  late: {group: hours, label: {en: open late, zh: 延时}, set: {teams.desk.duty: late, stages.look.hours: duty, stages.look.due: end_of_day}}
  "off": {group: hours, label: {en: office hours, zh: 仅工作时间}, set: {teams.desk.duty: null, stages.look.due: null}}
  help: {window: [2022-05-09, 2022-05-12], label: {en: helpers come, zh: 增援}, set: {teams.leader.people: 3}}
  slow: {window: [2022-05-04, 2022-05-09], set: {stages.look.work: 2h}}
apply: [late]
targets:
  - {measure: headline_closure, value: 0.9, rounding: 0.05, kind: soft, of: {en: all events, zh: 全部事件}}
"""


def write(folder):
    """The file, in a folder."""
    path = folder / "street.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@cache
def street():
    """The scenario."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return simgov.load(write(Path(folder)))


@cache
def result():
    """Three replications of it."""
    return simgov.run(street(), replications=3, seed=7)
