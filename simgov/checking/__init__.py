"""Checking scenarios against what was reported, and their numbers against their sources: the regression test of both."""

from simgov.checking.carry_out import check
from simgov.checking.found import Checked, Judged

__all__ = ["Checked", "Judged", "check"]
