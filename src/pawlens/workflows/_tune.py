"""A search for the best values of a head, or of a recipe, and the training with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..backbones import Device
from ..base import Watcher
from ..errors import UsageError
from ..photos import PhotosLike
from ..recipes import Recipe, Search
from ..runs import Run
from ._recipe import RecipeLike, Settings, as_names, as_recipe
from .train import Classifier

__all__ = ["search_recipe", "tune"]


def tune(
    photos: PhotosLike,
    out: str | Path | None = None,
    *,
    recipe: RecipeLike | None = None,
    trials: int | None = None,
    head: Literal["dense", "mlp"] | None = None,
    sampler: Literal["tpe", "random"] | None = None,
    pruner: Literal["none", "asha"] | None = None,
    settings: Settings | None = None,
    backbones: str | Sequence[str] | None = None,
    storage: str | Path | None = None,
    decisions: str | Path | None = None,
    group: str | None = None,
    group_name: str | None = None,
    group_alike: bool = False,
    weights_dir: str | Path | None = None,
    cache_dir: str | Path | Literal[False] | None = None,
    device: Device = "auto",
    progress: Watcher = None,
) -> Run:
    """Search for the best values of a head, or of a recipe, and train with them.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels; at least two classes.
    out : path, optional
        The run folder; by default the next free one under ``runs/``.
    recipe : Recipe, name or path, optional
        One of its phases is ``do: search``. By default 100 heads are tried on the bundled backbone.
    trials, head, sampler, pruner, settings, backbones
        In place of what the recipe says; see `search_recipe`.
    storage, decisions, group, group_name, group_alike, weights_dir, cache_dir, device, progress
        See `Classifier` and `Classifier.fit`.

    Raises
    ------
    UsageError
        No phase of the recipe is a search.
    PawlensError
        Whatever `Classifier.fit` raises.

    Examples
    --------
    >>> run = tune("photos", "runs/tuned", trials=2, settings={"folds": 3})
    >>> run.classes
    ['cat', 'dog']
    """
    classifier = Classifier(
        recipe=search_recipe(
            recipe,
            trials=trials,
            head=head,
            sampler=sampler,
            pruner=pruner,
            settings=settings,
            backbones=backbones,
        ),
        weights_dir=weights_dir,
        cache_dir=cache_dir,
        device=device,
        storage=storage,
    )
    return classifier.fit(
        photos,
        out,
        decisions=decisions,
        group=group,
        group_name=group_name,
        group_alike=group_alike,
        progress=progress,
    )


def search_recipe(
    recipe: RecipeLike | None,
    *,
    settings: Settings | None = None,
    backbones: str | Sequence[str] | None = None,
    **options: Any,
) -> Recipe:
    """Put what is asked of a search into a recipe.

    Parameters
    ----------
    recipe : Recipe, name or path, optional
        With a phase ``do: search``; by default one that is nothing but a search.
    settings, backbones
        Single values of the recipe, and its backbones.
    **options
        Values of the search itself: ``trials``, ``head``, ``sampler``, ``pruner``. None leaves
        the recipe's own.

    Raises
    ------
    RecipeError
        The recipe, a key or a value is unknown or wrong.
    UsageError
        No phase of the recipe is a search.
    """
    wanted = {key: value for key, value in options.items() if value is not None}
    if recipe is None:
        start = Recipe.parse({"phases": [{"do": "search"} | wanted]}, "options")
        return as_recipe(start, settings, backbones)
    chosen = as_recipe(recipe, settings)
    number = next(iter(chosen.phases_of(Search)), None)
    if number is None:
        raise UsageError(
            f"recipe {recipe}: none of its phases is a search; add {{do: search}}, or take "
            "b-fused-search"
        )
    values = chosen.model_dump()
    values["phases"][number] |= wanted
    if backbones:
        values["backbones"] = as_names(backbones)
    return Recipe.parse(values, "options")
