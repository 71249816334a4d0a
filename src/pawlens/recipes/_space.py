"""The phase that looks for the best values, and the space it looks in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Choice", "Range", "Search", "Values", "wrong_space"]

_Count = Annotated[int, Field(ge=1)]

_PUBLISHED: dict[str, Any] = {
    "rate": {"log": [0.001, 0.01]},
    "decay": {"uniform": [0.0005, 0.05]},
    "momentum": [0.5, 0.8, 0.9],
    "dropout": [0.1, 0.2, 0.3, 0.5],
}
_HIDDEN: dict[str, Any] = {"hidden": [[64], [256], [256, 64]]}
_KINDS = ("log", "uniform", "whole")
_OPTIMIZERS = ("sgd", "adadelta")
_LIMITS = {
    "rate": "above 0",
    "decay": "0 or more",
    "l2": "0 or more",
    "momentum": "from 0 to below 1",
    "dropout": "from 0 to below 1",
}


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`: even in the logarithm, even, or whole."""

    kind: Literal["log", "uniform", "whole"]
    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """One of some values, which are numbers, words or lists; one alone is fixed."""

    values: tuple[Any, ...]


Values = Range | Choice


class Search(BaseModel):
    """Look for the best values: many trials on the photos that train, then the best in full.

    Attributes
    ----------
    head : {"dense", "mlp"} or None
        Heads that are trained on cached features: dropout and one linear layer, or hidden layers
        too. None searches values of the recipe itself, and each trial trains its network.
    trials : int
    sampler : {"tpe", "random"}
        Tree-structured Parzen estimators (Bergstra et al. 2011), or chance.
    pruner : {"none", "asha"}
        ``asha`` ends trials that are behind at 5, 15, 45 ... epochs (successive halving, Li et al.
        2020); heads only.
    together : int
        Heads that are drawn, and trained side by side, at once.
    epochs, patience, batch : int
        Of each head: at most so many, until so many in a row did not improve it, in such steps.
    space : dict
        By name of a value (``rate``, ``decay``, ``momentum``, ``dropout``, ``l2``, ``optimizer``;
        of ``mlp`` also ``hidden`` and ``batch_norm``), or without a head by its path in the recipe:
        ``{log: [low, high]}``, ``{uniform: [low, high]}``, ``{whole: [low, high]}``, a list to
        choose from, or one value. System B's by default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    do: Literal["search"]
    head: Literal["dense", "mlp"] | None = "dense"
    trials: _Count = 100
    sampler: Literal["tpe", "random"] = "tpe"
    pruner: Literal["none", "asha"] = "none"
    together: _Count = 20
    epochs: _Count = 200
    patience: _Count = 8
    batch: Annotated[int, Field(ge=2)] = 128
    space: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _published(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("space"):
            return values
        head = values.get("head", "dense")
        of_head = {"dense": _PUBLISHED, "mlp": _PUBLISHED | _HIDDEN}
        return {**values, "space": of_head.get(head, {}) if isinstance(head, str) else {}}

    def values(self) -> dict[str, Values]:
        """The space, read; `wrong_space` has found nothing wrong in it."""
        return {name: _read(given) for name, given in self.space.items()}


def wrong_space(phase: Search) -> str:
    """What is wrong with the space of a search, in words; empty if nothing is."""
    if not phase.space:
        return "a search without a head needs a space, such as {phases.3.rate: {log: [1e-4, 1e-2]}}"
    if phase.head is None and phase.pruner != "none":
        return "pruner: asha goes with a head; a network's trials are trained to their end"
    for name, given in phase.space.items():
        wrong = _wrong_form(given)
        if not wrong:
            wrong = _wrong_value(phase, name) if phase.head else _wrong_path(name)
        if wrong:
            return f"space.{name}: {wrong}"
    return ""


def _read(given: Any) -> Values:
    if isinstance(given, Mapping):
        ((kind, (low, high)),) = given.items()
        return Range(kind, low, high)
    return Choice(tuple(given) if isinstance(given, list) else (given,))


def _wrong_form(given: Any) -> str:
    form = "write {log: [low, high]}, or uniform or whole instead of log, a list, or a value"
    if isinstance(given, list):
        return "" if given else f"the list is empty; {form}"
    if not isinstance(given, Mapping):
        return form if given is None else ""
    ends = next(iter(given.values()), None)
    if len(given) != 1 or next(iter(given)) not in _KINDS:
        return form
    if not (isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends))):
        return form
    if ends[0] >= ends[1]:
        return f"the low end {ends[0]:g} must be below the high end {ends[1]:g}"
    if "log" in given and ends[0] <= 0:
        return "the ends of log must be above 0"
    if "whole" in given and any(float(end) != int(end) for end in ends):
        return "the ends of whole must be whole numbers"
    return ""


def _wrong_path(name: str) -> str:
    return "" if name.startswith("phases.") else "name a value by its path, such as phases.3.rate"


def _wrong_value(phase: Search, name: str) -> str:
    """Whether a head knows the name, and can be built with every value."""
    known = [*_LIMITS, "optimizer", *(("hidden", "batch_norm") if phase.head == "mlp" else ())]
    if name not in known:
        hint = "; it needs head: mlp" if name in ("hidden", "batch_norm") else ""
        return f"unknown value{hint or '; known: ' + ', '.join(known)}"
    found = _read(phase.space[name])
    values = found.values if isinstance(found, Choice) else (found.low, found.high)
    if name in _LIMITS:
        if not all(_is_number(one) and _within(name, one) for one in values):
            return f"numbers {_LIMITS[name]}"
    elif isinstance(found, Range):
        return "a list to choose from"
    elif name == "optimizer" and not set(values) <= set(_OPTIMIZERS):
        return f"a list of {' and '.join(_OPTIMIZERS)}"
    elif name == "batch_norm" and not all(isinstance(one, bool) for one in values):
        return "a list of true and false"
    elif name == "hidden" and not all(_is_widths(one) for one in values):
        return "a list of lists of widths, such as [[64], [256, 64]]"
    return ""


def _within(name: str, value: float) -> bool:
    if name == "rate":
        return value > 0
    return 0 <= value < (1 if name in ("momentum", "dropout") else math.inf)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_widths(value: Any) -> bool:
    return isinstance(value, list) and all(type(one) is int and one > 0 for one in value)
