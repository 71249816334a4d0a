"""Heads on features."""

from ._linear import SMALLEST_NORM, LinearHead, unit_rows
from ._logistic import L2_GRID, LogisticFit, balanced_weights, fit_logistic

__all__ = [
    "L2_GRID",
    "SMALLEST_NORM",
    "LinearHead",
    "LogisticFit",
    "balanced_weights",
    "fit_logistic",
    "unit_rows",
]
