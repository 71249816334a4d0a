"""Checks, before a run begins, whether its backbones can be trained as the recipe asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..backbones import Backbone
from ..base import require
from ..errors import RecipeError
from ..recipes import Recipe

__all__ = ["check_trainable", "needs_bodies", "weights_of"]


def check_trainable(recipe: Recipe, backbones: Sequence[Backbone]) -> None:
    """Refuse a recipe that no training could carry out.

    Parameters
    ----------
    recipe : Recipe
        A recipe with phases.
    backbones : sequence of Backbone

    Raises
    ------
    MissingExtra
        torch is not installed.
    RecipeError
        The recipe trains a backbone that is an ONNX graph alone.
    """
    require("torch", extra="torch")
    if needs_bodies(recipe):
        for backbone in backbones:
            weights_of(backbone)


def needs_bodies(recipe: Recipe) -> bool:
    """Return whether any phase needs more of a body than its pooled features."""
    return any(phase.needs_body for phase in recipe.phases)


def weights_of(backbone: Backbone) -> Path:
    """Return the file of weights that torch can load; RecipeError where there is none."""
    if backbone.weights is None:
        raise RecipeError(
            f"backbone {backbone.spec.name!r} is a finished graph and cannot be trained: "
            "choose one of timm's with --backbone, or a recipe that trains a head alone"
        )
    return backbone.weights
