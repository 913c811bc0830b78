"""Every number that anyone reads: computed from Journal and Plan, nowhere else."""

from simgov.measures.compute import reduce
from simgov.measures.pool import pool
from simgov.measures.tables import Tables, summary

__all__ = ["Tables", "pool", "reduce", "summary"]
