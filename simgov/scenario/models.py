"""Which models stand at which place of a scenario: for hints about keys, and for short forms that are written out."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from typing import Any, get_args, get_origin

from simgov.scenario.fields import Strict
from simgov.scenario.model import Scenario


def models_at(path: Iterable[str | int], top: type[Strict] = Scenario) -> list[type[Strict]]:
    """The models that the value at a path may have. Steps that only name something (a stage, a class, a list entry) stay."""
    models: list[type[Strict]] = [top]
    for step in path:
        inner = [model for outer in models for model in _inside(outer, step)]
        models = inner or models
    return models


def keys_at(path: Iterable[str | int], top: type[Strict] = Scenario) -> list[str]:
    """The keys that may be written at a place of the scenario, or of what `top` models."""
    return [field.alias or name for model in models_at(path, top) for name, field in model.model_fields.items()]


def _inside(model: type[Strict], step: str | int) -> list[type[Strict]]:
    for name, field in model.model_fields.items():
        if step in (name, field.alias):
            return _models_in(field.annotation)
    return []


def _models_in(annotation: Any) -> list[type[Strict]]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        return [annotation]
    if get_origin(annotation) in (dict, list, typing.Union, types.UnionType, typing.Annotated):
        return [model for arg in get_args(annotation) for model in _models_in(arg)]
    return []
