"""What public functions take for a recipe, and the recipes that come with pawlens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..recipes import Recipe, named_recipes, override, read_recipe

__all__ = ["RecipeLike", "Settings", "as_names", "as_recipe", "as_text", "recipes"]

RecipeLike = Recipe | str | Path
"""A recipe, the name of one that comes with pawlens, or a YAML file."""

Settings = Mapping[str, Any] | Sequence[str]
"""Values by key of a recipe, such as ``{"phases.4.epochs": 3}``, or texts ``KEY=VALUE``."""


def recipes() -> dict[str, str]:
    """Return the recipes that come with pawlens: what each is about, by name.

    >>> "default" in recipes()
    True
    """
    return {name: read_recipe(name).about for name in named_recipes()}


def as_recipe(
    recipe: RecipeLike | None,
    settings: Settings | None = None,
    backbones: str | Sequence[str] | None = None,
) -> Recipe:
    """Return a recipe with single values, and its backbones, put in place of its own.

    Parameters
    ----------
    recipe : Recipe, name or path, optional
        The default recipe where it is left out.
    settings : mapping or sequence of str, optional
    backbones : str or sequence of str, optional

    Raises
    ------
    RecipeError
        The recipe, a key or a value is unknown or wrong.
    """
    chosen = Recipe() if recipe is None else recipe
    if not isinstance(chosen, Recipe):
        chosen = read_recipe(chosen)
    if isinstance(settings, Mapping):
        settings = [f"{key}={as_text(value)}" for key, value in settings.items()]
    chosen = override(chosen, settings or ())
    if not backbones:
        return chosen
    return Recipe.parse(chosen.model_dump() | {"backbones": as_names(backbones)}, "options")


def as_names(names: str | Sequence[str]) -> list[str]:
    """Return a list of names, of one where a text is given."""
    return [names] if isinstance(names, str) else list(names)


def as_text(value: Any) -> str:
    """Write a value as YAML reads it."""
    return json.dumps(value, ensure_ascii=False)
