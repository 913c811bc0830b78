"""The one way in which a run can fail: an incident that goes round in the procedure for ever."""

from __future__ import annotations

from collections.abc import Sequence

from simgov.errors import SimulationError
from simgov.language import message
from simgov.plan import Plan


def endless(plan: Plan, step: int, cls: int, way: Sequence[int]) -> SimulationError:
    """The error of an incident of class `cls` that would enter the stage of `step` too often; `way` are the last stages it visited."""
    names, steps = plan.stages, plan.procedure.steps
    return SimulationError(
        message("stages.{stage}: an incident of class '{cls}' entered it more than {times} times ({way} -> ...): the procedure goes round; let an outcome leave the loop, or raise max_visits", stage=names[int(steps.stage[step])], cls=plan.classes[cls], times=int(steps.max_visits[step]), way=" -> ".join(names[i] for i in way))
    )
