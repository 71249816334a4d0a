"""Why an answer: one map for a fused model, in the photo's own pixels."""

from ._explain import explain
from ._explainer import Explained, Explainer, Explains, explain_photos
from ._explanation import Explanation, Part
from ._page import METHODS
from ._pictures import jpeg
from ._taps import Pooling, feature_names, find_pooling
from ._writing import PAGE, write_explanations

__all__ = [
    "METHODS",
    "PAGE",
    "Explained",
    "Explainer",
    "Explains",
    "Explanation",
    "Part",
    "Pooling",
    "explain",
    "explain_photos",
    "feature_names",
    "find_pooling",
    "jpeg",
    "write_explanations",
]
