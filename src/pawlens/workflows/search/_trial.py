"""The values of one trial: drawn by Optuna from the space of a recipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...heads import HeadPlan
from ...recipes import Choice, Values

if TYPE_CHECKING:
    from optuna.trial import Trial

__all__ = ["Drawn", "draw", "head_plan", "plain"]


@dataclass(frozen=True)
class Drawn:
    """A trial that this process must run.

    Attributes
    ----------
    number : int
        Number of the trial in the study.
    values : dict
        Values by name, fixed ones included.
    trial : optuna.trial.Trial
    """

    number: int
    values: dict[str, Any]
    trial: Trial


def draw(trial: Trial, space: Mapping[str, Values]) -> dict[str, Any]:
    """Draw every value; choices are drawn as JSON text, as Optuna has no lists."""
    drawn: dict[str, Any] = {}
    for name, allowed in space.items():
        if not isinstance(allowed, Choice):
            if allowed.kind == "whole":
                drawn[name] = trial.suggest_int(name, int(allowed.low), int(allowed.high))
            else:
                drawn[name] = trial.suggest_float(
                    name, allowed.low, allowed.high, log=allowed.kind == "log"
                )
        elif len(allowed.values) == 1:
            (drawn[name],) = allowed.values
        else:
            words = [json.dumps(value) for value in allowed.values]
            drawn[name] = json.loads(trial.suggest_categorical(name, words))
    return drawn


def plain(params: Mapping[str, Any], space: Mapping[str, Values]) -> dict[str, Any]:
    """Return the values of an ended trial, as `draw` gave them, without those never drawn."""
    drawn: dict[str, Any] = {}
    for name, allowed in space.items():
        if isinstance(allowed, Choice) and len(allowed.values) == 1:
            (drawn[name],) = allowed.values
        elif name in params:
            value = params[name]
            drawn[name] = json.loads(value) if isinstance(allowed, Choice) else value
    return drawn


def head_plan(values: Mapping[str, Any]) -> HeadPlan:
    """Make the plan of a head from values by name; missing values have their defaults."""
    return HeadPlan(**{**values, "hidden": tuple(values.get("hidden", ()))})
