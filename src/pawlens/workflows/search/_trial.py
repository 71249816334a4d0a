"""Values of one trial: drawn by Optuna from the space of a recipe, and made into a head."""

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
    """A trial that is ours to run.

    Attributes
    ----------
    number : int
        In the study.
    values : dict
        By name; what is fixed too.
    trial : optuna.trial.Trial
    """

    number: int
    values: dict[str, Any]
    trial: Trial


def draw(trial: Trial, space: Mapping[str, Values]) -> dict[str, Any]:
    """Draw every value; choices are drawn as JSON, in which lists are words too."""
    found: dict[str, Any] = {}
    for name, one in space.items():
        if not isinstance(one, Choice):
            if one.kind == "whole":
                found[name] = trial.suggest_int(name, int(one.low), int(one.high))
            else:
                found[name] = trial.suggest_float(name, one.low, one.high, log=one.kind == "log")
        elif len(one.values) == 1:
            (found[name],) = one.values
        else:
            words = [json.dumps(value) for value in one.values]
            found[name] = json.loads(trial.suggest_categorical(name, words))
    return found


def plain(params: Mapping[str, Any], space: Mapping[str, Values]) -> dict[str, Any]:
    """Values of a trial that is over, as `draw` gave them; what it never drew is missing."""
    found: dict[str, Any] = {}
    for name, one in space.items():
        if isinstance(one, Choice) and len(one.values) == 1:
            (found[name],) = one.values
        elif name in params:
            value = params[name]
            found[name] = json.loads(value) if isinstance(one, Choice) else value
    return found


def head_plan(values: Mapping[str, Any]) -> HeadPlan:
    """The head that values by name stand for; what is not named has its default."""
    return HeadPlan(**{**values, "hidden": tuple(values.get("hidden", ()))})
