"""Heads on features."""

from ._linear import LinearHead
from ._logistic import L2_GRID, LogisticFit, balanced_weights, fit_logistic

__all__ = ["L2_GRID", "LinearHead", "LogisticFit", "balanced_weights", "fit_logistic"]
