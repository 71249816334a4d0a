"""Training: from photos and a recipe to a run folder."""

from ._classifier import Classifier
from ._method import RunOptions
from ._run import train_run

__all__ = ["Classifier", "RunOptions", "train_run"]
