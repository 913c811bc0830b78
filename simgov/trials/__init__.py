"""Trials: replications of several scenarios under common draws, each carried out once, anywhere, and kept."""

from simgov.trials.carry_out import Arm, Trials
from simgov.trials.outcome import Outcome
from simgov.trials.prepare import arm, ready
from simgov.trials.sealed import Sealed, Variant
from simgov.trials.store import Store

__all__ = ["Arm", "Outcome", "Sealed", "Store", "Trials", "Variant", "arm", "ready"]
