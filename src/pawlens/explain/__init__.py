"""Why an answer: one map for a fused model, in the photo's own pixels."""

from ._check import MapCheck, check_maps
from ._check_page import check_section, check_sentences
from ._curves import area, centred_map, deletion, insertion, random_map
from ._explain import explain
from ._explainer import Explained, Explainer, Explains, explain_photos
from ._explanation import Explanation, Part
from ._methods import METHODS, Method, check_method, open_explainer
from ._taps import Pooling, feature_names, find_pooling
from ._writing import PAGE, write_explanations

__all__ = [
    "METHODS",
    "PAGE",
    "Explained",
    "Explainer",
    "Explains",
    "Explanation",
    "MapCheck",
    "Method",
    "Part",
    "Pooling",
    "area",
    "centred_map",
    "check_maps",
    "check_method",
    "check_section",
    "check_sentences",
    "deletion",
    "explain",
    "explain_photos",
    "feature_names",
    "find_pooling",
    "insertion",
    "open_explainer",
    "random_map",
    "write_explanations",
]
