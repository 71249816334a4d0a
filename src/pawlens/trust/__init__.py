"""Numbers of trust: sets of labels, abstention, unknown photos, drift."""

from ._conformal import SETS_SCORES, LabelSets, SetsScore, fit_sets, set_scores

__all__ = ["SETS_SCORES", "LabelSets", "SetsScore", "fit_sets", "set_scores"]
