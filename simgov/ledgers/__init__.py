"""Ledgers: hours, yuan and points counted after the run. They change nobody's behaviour.

    hours(result)                              by team: rostered, engaged, on duty, unpaid, evenings, yuan
    points(result, load_rules("rules.yaml"))   points, honour roll, bottom lists, deductions, and how much of them is luck
    read("results/dongxing")                   a result from its folder, for both

They show distributions, ranks and shares, no lists of persons; what they find of luck is arithmetic of the run, and
what points would do to effort is left at zero, an assumption and not a finding.
"""

from simgov.ledgers.rules import Rules, build_rules, load_rules
from simgov.ledgers.saved import Saved, read
from simgov.ledgers.scored import PointsLedger, points
from simgov.ledgers.worked import hours

__all__ = ["PointsLedger", "Rules", "Saved", "build_rules", "hours", "load_rules", "points", "read"]
