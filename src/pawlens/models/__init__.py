"""Trained models: loading, prediction, and what predictions look like."""

from ._bundled import BUNDLED, BundledModel, BundledPredictions
from ._closer import answer_closely
from ._exported import ExportedModel, answer_rows, read_model
from ._kaggle import Sample, SubmissionForm, read_sample, submission
from ._load import ModelLike, as_model, load
from ._model import Model
from ._predictions import LabelPredictions, Predictions
from ._remote import RemotePredictions, ask_server, is_address
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
    "RemotePredictions",
    "Sample",
    "SubmissionForm",
    "answer_closely",
    "answer_rows",
    "as_model",
    "ask_server",
    "check_views",
    "is_address",
    "join_turns",
    "load",
    "prediction_rows",
    "predictions_csv",
    "read_model",
    "read_sample",
    "submission",
]
