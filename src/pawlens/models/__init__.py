"""Trained models: loading, prediction, and what predictions look like."""

from ._bundled import BUNDLED, BundledModel, BundledPredictions
from ._closer import look_closer
from ._embeddings import Embeddings, check_ending
from ._exported import ExportedModel, answer_rows, read_model
from ._from_files import FROM_FILES, REDUCED, exact_in_words, prove_from_files
from ._kaggle import read_ids, submission
from ._load import ModelLike, as_model, load
from ._model import Model
from ._predictions import LabelPredictions, Predictions
from ._rotations import join_turns
from ._rows import prediction_rows, predictions_csv
from ._views import check_views

__all__ = [
    "BUNDLED",
    "FROM_FILES",
    "REDUCED",
    "BundledModel",
    "BundledPredictions",
    "Embeddings",
    "ExportedModel",
    "LabelPredictions",
    "Model",
    "ModelLike",
    "Predictions",
    "answer_rows",
    "as_model",
    "check_ending",
    "check_views",
    "exact_in_words",
    "join_turns",
    "load",
    "look_closer",
    "prediction_rows",
    "predictions_csv",
    "prove_from_files",
    "read_ids",
    "read_model",
    "submission",
]
