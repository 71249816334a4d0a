"""A run whose backbones are chosen first, in a given time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...base import Progress
from ...errors import RecipeError
from ...photos import Photos, Table
from ...recipes import Recipe
from ._method import RunOptions
from ._run import job_of, scan_table
from .auto import AUTO, Bench, Chooser, Deadline, find_candidates

__all__ = ["DEFAULT_TIME", "choose_backbones", "wants_choice"]

DEFAULT_TIME = "10m"
"""The time for a choice that is asked for without one."""


def wants_choice(recipe: Recipe, time: str | float | None) -> bool:
    """Whether backbones are to be chosen: a time is given, or ``auto`` stands among the names.

    Raises
    ------
    RecipeError
        They are, and the recipe is of a kind for which they cannot be.
    """
    if time is None and AUTO not in recipe.backbones:
        return False
    if recipe.phases:
        raise RecipeError(
            "a time, or the backbone auto, is for recipes without phases: name the backbones, or "
            "leave the recipe out"
        )
    if recipe.labels == "several":
        raise RecipeError("a time, or the backbone auto, needs labels: one; name the backbones")
    return True


def choose_backbones(
    photos: Photos,
    options: RunOptions,
    named: Sequence[str],
    deadline: Deadline,
    cache: Path,
    progress: Progress | None,
) -> tuple[RunOptions, Table]:
    """Choose backbones; returns the options with them in the recipe, and the scanned photos.

    Parameters
    ----------
    photos : Photos
    options : RunOptions
    named : sequence of str
        Names among which to choose; ``auto`` stands for all that are at hand.
    deadline : Deadline
        Time for the choice and the training after it.
    cache : Path
        Where features are kept for the training.
    progress : callable or None
    """
    table = scan_table(photos, options, cache, progress)
    recipe = options.recipe
    chooser = Chooser(
        Bench(job_of(table, options, cache, cache)),
        find_candidates(named, weights_dir=options.weights_dir, cache_dir=cache),
        deadline,
        seed=recipe.seed,
        int8=recipe.precision == "auto" and options.device != "cuda",
        progress=progress,
    )
    choice = chooser.choose()
    values: dict[str, Any] = {"backbones": list(choice.backbones)}
    if choice.precision == "int8":
        values["precision"] = "int8"
    chosen = Recipe.parse(recipe.model_dump() | values, "the choice of backbones")
    return replace(options, recipe=chosen, choice=choice.as_json()), table
