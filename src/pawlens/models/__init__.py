"""Trained models: loading, prediction, and what predictions look like."""

from ._bundled import BUNDLED, BundledModel, BundledPredictions
from ._closer import answer_closely
from ._exported import ExportedModel, answer_rows, read_model
from ._kaggle import read_ids, submission
from ._load import ModelLike, as_model, load
from ._model import Model
from ._predictions import LabelPredictions, Predictions
from ._rotations import join_turns
from ._rows import prediction_rows, predictions_csv
from ._views import check_views

__all__ = [
    "BUNDLED",
    "BundledModel",
    "BundledPredictions",
    "ExportedModel",
    "LabelPredictions",
    "Model",
    "ModelLike",
    "Predictions",
    "answer_closely",
    "answer_rows",
    "as_model",
    "check_views",
    "join_turns",
    "load",
    "prediction_rows",
    "predictions_csv",
    "read_ids",
    "read_model",
    "submission",
]
