"""Recipes: training methods as data."""

from ._schema import Recipe, read_recipe

__all__ = ["Recipe", "read_recipe"]
