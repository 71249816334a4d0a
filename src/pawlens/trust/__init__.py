"""Numbers of trust: sets of labels, abstention, unknown photos, drift."""

from ._conformal import LabelSets, fit_sets
from ._exchangeable import earlier_half, exchangeability, fits_of, undercoverage
from ._expected import expected_accuracy
from ._find_rules import find_rules
from ._held_out import Answered, measure_split
from ._label_next import label_next
from ._label_noise import LEAST_NOISE, NoiseModel, TrueAccuracy, fit_noise, true_accuracy
from ._measure import measure_answers, measured_rules, parts_of
from ._neither import Examples, NeitherScore, fit_neither, free_energy, joint_shift
from ._projection import project
from ._rules import ALARM, ASK, NEITHER, AnswerRules, Costs, cost_matrix
from ._selective import (
    RiskCoverage,
    least_confidence_for_coverage,
    least_confidence_for_risk,
    risk_coverage,
)
from ._shares import ClassShares, class_shares, with_shares
from ._short_numbers import short_numbers
from ._slices import Slice, Slices, measure_slices
from ._two_sample import TwoSample, compare_counts, compare_values, two_samples
from ._unlike import Unlike, find_unlike

__all__ = [
    "ALARM",
    "ASK",
    "LEAST_NOISE",
    "NEITHER",
    "AnswerRules",
    "Answered",
    "ClassShares",
    "Costs",
    "Examples",
    "LabelSets",
    "NeitherScore",
    "NoiseModel",
    "RiskCoverage",
    "Slice",
    "Slices",
    "TrueAccuracy",
    "TwoSample",
    "Unlike",
    "class_shares",
    "compare_counts",
    "compare_values",
    "cost_matrix",
    "earlier_half",
    "exchangeability",
    "expected_accuracy",
    "find_rules",
    "find_unlike",
    "fit_neither",
    "fit_noise",
    "fit_sets",
    "fits_of",
    "free_energy",
    "joint_shift",
    "label_next",
    "least_confidence_for_coverage",
    "least_confidence_for_risk",
    "measure_answers",
    "measure_slices",
    "measure_split",
    "measured_rules",
    "parts_of",
    "project",
    "risk_coverage",
    "short_numbers",
    "true_accuracy",
    "two_samples",
    "undercoverage",
    "with_shares",
]
