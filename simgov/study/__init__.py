"""Studies: which of these policies? Answered under common draws, with intervals."""

from simgov.study.compare import compare
from simgov.study.comparison import Comparison
from simgov.study.policies import Policy, Study, load
from simgov.study.taken_up import taken_up

__all__ = ["Comparison", "Policy", "Study", "compare", "load", "taken_up"]
