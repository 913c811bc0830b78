"""Sensitivity: which of the numbers that are only assumed moves the answer most, and should be measured first."""

from simgov.sensitivity.analysis import sensitivity
from simgov.sensitivity.found import Sensitivity
from simgov.sensitivity.parameters import Parameter, parameters

__all__ = ["Parameter", "Sensitivity", "parameters", "sensitivity"]
