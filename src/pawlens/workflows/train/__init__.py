"""Training: from photos and a recipe to a run folder."""

from ._classifier import Classifier
from ._measure import HELD_OUT
from ._results import oof_columns, plain_metrics, provenance

__all__ = ["HELD_OUT", "Classifier", "oof_columns", "plain_metrics", "provenance"]
