"""Staffing: the cheapest head-counts, hours and seats that meet stated goals, with stated confidence."""

from simgov.staffing.candidates import Staffing, load
from simgov.staffing.found import Staffed
from simgov.staffing.staff import staff

__all__ = ["Staffed", "Staffing", "load", "staff"]
