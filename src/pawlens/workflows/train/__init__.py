"""Training: from photos and a recipe to a run folder."""

from ._classifier import Classifier
from ._measure import HELD_OUT
from ._results import environment, oof_columns, plain_metrics, provenance

__all__ = ["HELD_OUT", "Classifier", "environment", "oof_columns", "plain_metrics", "provenance"]
