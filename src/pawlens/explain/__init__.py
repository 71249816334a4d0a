"""Explanations: one map for a fused model, in the photo's own pixels."""

from ._check import ORDERS, MapCheck, check_maps
from ._colours import AGAINST, FOR, STRONGEST
from ._curves import STEPS, area, centred_map, deletion, insertion, random_map
from ._explain import explain
from ._explainer import MAP_SIDE, Explainer, Explains, explain_photos
from ._explanation import Explanation, Part
from ._methods import METHODS, ExplainMethod, check_method, open_explainer

__all__ = [
    "AGAINST",
    "FOR",
    "MAP_SIDE",
    "METHODS",
    "ORDERS",
    "STEPS",
    "STRONGEST",
    "ExplainMethod",
    "Explainer",
    "Explains",
    "Explanation",
    "MapCheck",
    "Part",
    "area",
    "centred_map",
    "check_maps",
    "check_method",
    "deletion",
    "explain",
    "explain_photos",
    "insertion",
    "open_explainer",
    "random_map",
]
