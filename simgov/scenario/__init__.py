"""What a user wrote, validated and frozen: the scenario language."""

from simgov.scenario.access import NO_FILES, Access, Roots
from simgov.scenario.file import build, build_with, load, load_with
from simgov.scenario.model import Scenario

__all__ = ["NO_FILES", "Access", "Roots", "Scenario", "build", "build_with", "load", "load_with"]
