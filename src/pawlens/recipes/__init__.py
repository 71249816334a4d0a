"""Recipes: training methods as data."""

from ._facts import MINIMUM_DIVISOR, PLATEAU_FACTOR, RUNGS, VALID_PARTS, is_rung
from ._named import find_recipe, named_recipes, read_recipe
from ._overrides import override
from ._phases import (
    AUGMENT_PRESETS,
    Augment,
    CacheSplit,
    Calibrate,
    Clean,
    Evaluate,
    Explore,
    FindRate,
    Freeze,
    Fuse,
    Phase,
    Predict,
    Search,
    Train,
    Unfreeze,
)
from ._schema import Recipe
from ._space import Choice, Range, Values
from ._words import explain
from ._yaml import load_yaml

__all__ = [
    "AUGMENT_PRESETS",
    "MINIMUM_DIVISOR",
    "PLATEAU_FACTOR",
    "RUNGS",
    "VALID_PARTS",
    "Augment",
    "CacheSplit",
    "Calibrate",
    "Choice",
    "Clean",
    "Evaluate",
    "Explore",
    "FindRate",
    "Freeze",
    "Fuse",
    "Phase",
    "Predict",
    "Range",
    "Recipe",
    "Search",
    "Train",
    "Unfreeze",
    "Values",
    "explain",
    "find_recipe",
    "is_rung",
    "load_yaml",
    "named_recipes",
    "override",
    "read_recipe",
]
