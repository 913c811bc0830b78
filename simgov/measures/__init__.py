"""Every number that anyone reads: computed from Journal and Plan, nowhere else."""

from simgov.measures.compute import compute, time_parts
from simgov.measures.pool import pool
from simgov.measures.view import View

__all__ = ["View", "compute", "pool", "time_parts"]
