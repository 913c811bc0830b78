"""Figures of studies: policies held against each other, one kind a file."""

from simgov.plots.comparison import differences, dose, frontier, stock

KINDS = {"differences": differences.draw, "dose": dose.draw, "frontier": frontier.draw, "stock": stock.draw}

__all__ = ["KINDS"]
