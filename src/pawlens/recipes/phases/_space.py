"""The space that a search looks in: how it is written, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Choice", "Range", "Values", "published_space", "read_values", "wrong_space"]

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
    """A choice among values, which are numbers, words or lists; one alone is fixed."""

    values: tuple[Any, ...]


Values = Range | Choice


def published_space(head: Any) -> dict[str, Any]:
    """Return the space of system B for a kind of head; empty for anything else."""
    if head == "dense":
        return _PUBLISHED
    return _PUBLISHED | _HIDDEN if head == "mlp" else {}


def wrong_space(space: Mapping[str, Any], head: Literal["dense", "mlp"] | None) -> str:
    """Say what is wrong with the space of a search; empty if nothing is.

    Parameters
    ----------
    space : mapping
        Values as they are written, by name or, without a head, by path in the recipe.
    head : {"dense", "mlp"} or None
        Kind of the heads that are searched; None searches values of the recipe.
    """
    if not space:
        return "a search without a head needs a space, such as {phases.3.rate: {log: [1e-4, 1e-2]}}"
    for name, values in space.items():
        wrong = _wrong_form(values)
        if not wrong:
            wrong = _wrong_value(name, values, head) if head else _wrong_path(name)
        if wrong:
            return f"space.{name}: {wrong}"
    return ""


def read_values(written: Any) -> Values:
    """Read the values of one name, in which `wrong_space` has found nothing wrong."""
    if isinstance(written, Mapping):
        ((kind, (low, high)),) = written.items()
        return Range(kind, low, high)
    return Choice(tuple(written) if isinstance(written, list) else (written,))


def _wrong_form(written: Any) -> str:
    form = "write {log: [low, high]}, or uniform or whole instead of log, a list, or a value"
    if isinstance(written, list):
        return "" if written else f"the list is empty; {form}"
    if not isinstance(written, Mapping):
        return form if written is None else ""
    ends = next(iter(written.values()), None)
    if len(written) != 1 or next(iter(written)) not in _KINDS:
        return form
    if not (isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends))):
        return form
    if ends[0] >= ends[1]:
        return f"the low end {ends[0]:g} must be below the high end {ends[1]:g}"
    if "log" in written and ends[0] <= 0:
        return "the ends of log must be above 0"
    if "whole" in written and any(float(end) != int(end) for end in ends):
        return "the ends of whole must be whole numbers"
    return ""


def _wrong_path(name: str) -> str:
    return "" if name.startswith("phases.") else "name a value by its path, such as phases.3.rate"


def _wrong_value(name: str, written: Any, head: Literal["dense", "mlp"]) -> str:
    """Say what is wrong with a name that a head should know, or with one of its values."""
    known = [*_LIMITS, "optimizer", *(("hidden", "batch_norm") if head == "mlp" else ())]
    if name not in known:
        hint = "; it needs head: mlp" if name in ("hidden", "batch_norm") else ""
        return f"unknown value{hint or '; known: ' + ', '.join(known)}"
    space = read_values(written)
    values = space.values if isinstance(space, Choice) else (space.low, space.high)
    if name in _LIMITS:
        if not all(_is_number(value) and _within(name, value) for value in values):
            return f"numbers {_LIMITS[name]}"
    elif isinstance(space, Range):
        return "a list to choose from"
    elif name == "optimizer" and not set(values) <= set(_OPTIMIZERS):
        return f"a list of {' and '.join(_OPTIMIZERS)}"
    elif name == "batch_norm" and not all(isinstance(value, bool) for value in values):
        return "a list of true and false"
    elif name == "hidden" and not all(_is_widths(value) for value in values):
        return "a list of lists of widths, such as [[64], [256, 64]]"
    return ""


def _within(name: str, value: float) -> bool:
    if name == "rate":
        return value > 0
    return 0 <= value < (1 if name in ("momentum", "dropout") else math.inf)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_widths(value: Any) -> bool:
    return isinstance(value, list) and all(type(width) is int and width > 0 for width in value)
