"""Training: from photos and a recipe to a run folder."""

from ._classifier import Classifier

__all__ = ["Classifier"]
