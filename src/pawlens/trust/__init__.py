"""Numbers of trust: sets of labels, abstention, unknown photos, drift."""

from ._conformal import LabelSets, fit_sets
from ._label_noise import LEAST_NOISE, NoiseModel, TrueAccuracy, fit_noise, true_accuracy
from ._measure import exchangeability, find_rules, measure_answers
from ._neither import NeitherScore, fit_neither, free_energy
from ._rules import ALARM, ASK, NEITHER, AnswerRules, Costs, cost_matrix
from ._selective import (
    RiskCoverage,
    least_confidence_for_coverage,
    least_confidence_for_risk,
    risk_coverage,
)

__all__ = [
    "ALARM",
    "ASK",
    "LEAST_NOISE",
    "NEITHER",
    "AnswerRules",
    "Costs",
    "LabelSets",
    "NeitherScore",
    "NoiseModel",
    "RiskCoverage",
    "TrueAccuracy",
    "cost_matrix",
    "exchangeability",
    "find_rules",
    "fit_neither",
    "fit_noise",
    "fit_sets",
    "free_energy",
    "least_confidence_for_coverage",
    "least_confidence_for_risk",
    "measure_answers",
    "risk_coverage",
    "true_accuracy",
]
