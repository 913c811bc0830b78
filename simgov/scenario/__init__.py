"""What a user wrote, validated and frozen: the scenario language."""

from simgov.scenario.file import build, load
from simgov.scenario.model import Scenario

__all__ = ["Scenario", "build", "load"]
