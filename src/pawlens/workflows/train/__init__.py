"""Training: from photos and a recipe to a run folder."""

from ._classifier import Classifier
from ._measure import HELD_OUT
from ._method import RunOptions
from ._results import oof_columns, plain_metrics, provenance
from ._run import train_run

__all__ = [
    "HELD_OUT",
    "Classifier",
    "RunOptions",
    "oof_columns",
    "plain_metrics",
    "provenance",
    "train_run",
]
