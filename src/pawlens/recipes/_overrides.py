"""Single values of a recipe, given as ``KEY=VALUE``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import RecipeError
from ._faults import did_you_mean, shown
from ._schema import Recipe
from ._yaml import load_yaml

__all__ = ["override"]


def override(recipe: Recipe, settings: Sequence[str]) -> Recipe:
    """Put single values into a recipe.

    Parameters
    ----------
    recipe : Recipe
        Recipe to change; it stays as it is.
    settings : sequence of str
        ``"folds=3"``, ``"phases.4.epochs=10"``, ``"phases.4={do: freeze}"``: a path, whose numbers
        count from 0, and a value as in YAML. They apply in order, and are checked together.

    Raises
    ------
    RecipeError
        One line: a setting is none, its path leads nowhere, or its value is out of range.
    """
    values = recipe.model_dump()
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals or not path.strip():
            raise RecipeError(f"--set {setting}: write KEY=VALUE, for example folds=3")
        try:
            value = load_yaml(text)
        except ValueError as error:
            raise RecipeError(f"--set {setting}: not a YAML value ({error})") from error
        _put(values, path.strip(), value, f"--set {setting}")
    return Recipe.parse(values, "--set") if settings else recipe


def _put(values: dict[str, Any], path: str, value: Any, where: str) -> None:
    *way, last = path.split(".")
    at: Any = values
    for depth, part in enumerate(way):
        key = _key(at, part, ".".join(way[:depth]), where)
        if isinstance(at, dict) and key not in at:
            known = ".".join(way[: depth + 1])
            raise RecipeError(f"{where}: unknown key {known!r}; {did_you_mean(part, at)}")
        at = at[key]
    at[_key(at, last, ".".join(way), where)] = value


def _key(at: Any, part: str, path: str, where: str) -> str | int:
    """Return the part of a path as it is looked up in `at`."""
    if isinstance(at, dict):
        return part
    if not isinstance(at, list):
        raise RecipeError(f"{where}: {path} is {shown(at)}, which has no parts; set it whole")
    if part.isascii() and part.isdigit() and int(part) < len(at):
        return int(part)
    there = f"it has 0 to {len(at) - 1}" if at else "it is empty"
    raise RecipeError(f"{where}: {path} has no item {part!r}; {there}")
