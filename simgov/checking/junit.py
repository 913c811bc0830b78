"""A check as JUnit XML, for those who collect the verdicts of tests."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from simgov.checking.found import Checked, Judged, fails, waits
from simgov.scenario.target import Target
from simgov.targets import MET, TOO_FEW

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that no XML may have
SOURCES = "numbers are those of their sources"


def written(found: Checked) -> str:
    """A suite for each scenario: a case for each target, and one for its sources.

    What is not met is a failure, what cannot be judged yet an error (no verdict was reached); both are skipped where the target is soft.
    """
    suites = ET.Element("testsuites", name="simgov check")
    for each in found.judged:
        suite = ET.SubElement(suites, "testsuite", name=each.scenario.name)
        for target, row in zip(each.scenario.targets, each.rows, strict=False):  # none where they were left out
            _target(suite, target, row)
        if each.left_out is not None:
            ET.SubElement(_case(suite, "targets"), "skipped", message=f"left out: {each.left_out}")
        _sources(suite, each)
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    return _text(suites)


def unfinished() -> str:
    """What stands in the file until there is a verdict, so that an older one is never taken for this one."""
    suites = ET.Element("testsuites", name="simgov check")
    suite = ET.SubElement(suites, "testsuite", name="simgov check", tests="1", failures="0", errors="1", skipped="0")
    ET.SubElement(_case(suite, "check"), "error", message="the check came to no verdict; what it printed says why")
    return _text(suites)


def _target(suite: ET.Element, target: Target, row: dict) -> None:
    case = _case(suite, (target.label.say("en") if target.label else "") or f"{row['measure']} {row['where']}".strip())
    over = f" of {row['window']}" if row["window"] else ""
    verdict = ("cannot be judged yet: " if row["verdict"] == TOO_FEW else "") + row["verdict"] + (f" (about {row['enough']} would do)" if row["enough"] else "")
    text = f"{verdict}: reported {row['reported']}, simulated {row['value']:.6g} (one window{over} {row['from']:.6g} to {row['to']:.6g})"
    if row["verdict"] != MET:
        ET.SubElement(case, "failure" if fails(row) else "error" if waits(row) else "skipped", message=text)
    ET.SubElement(case, "system-out").text = text


def _sources(suite: ET.Element, each: Judged) -> None:
    case = _case(suite, SOURCES)
    if each.misquoted:
        ET.SubElement(case, "failure", message="; ".join(str(wrong.told) for wrong in each.misquoted))


def _case(suite: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name)


def _text(suites: ET.Element) -> str:
    ET.indent(suites)
    return NO_XML.sub("", ET.tostring(suites, encoding="unicode", xml_declaration=True)) + "\n"
