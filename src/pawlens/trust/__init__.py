"""Numbers of trust: sets of labels, abstention, unknown photos, drift."""

from ._conformal import SETS_SCORES, LabelSets, SetsScore, fit_sets, set_scores
from ._expected import expected_accuracy
from ._label_next import label_next
from ._projection import project
from ._shares import ClassShares, class_shares, with_shares
from ._slices import Slice, Slices, measure_slices
from ._two_sample import TwoSample, compare_counts, compare_values, two_samples
from ._unlike import Unlike, find_unlike

__all__ = [
    "SETS_SCORES",
    "ClassShares",
    "LabelSets",
    "SetsScore",
    "Slice",
    "Slices",
    "TwoSample",
    "Unlike",
    "class_shares",
    "compare_counts",
    "compare_values",
    "expected_accuracy",
    "find_unlike",
    "fit_sets",
    "label_next",
    "measure_slices",
    "project",
    "set_scores",
    "two_samples",
    "with_shares",
]
