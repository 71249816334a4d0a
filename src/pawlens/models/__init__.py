"""Trained models: loading, prediction, and what predictions look like."""

from ._bundled import BUNDLED, BundledModel, BundledPredictions
from ._closer import answer_closely
from ._embeddings import Embeddings, check_ending
from ._exported import ExportedModel, answer_rows, read_model
from ._from_files import FROM_FILES, REDUCED, exact_in_words, prove_from_files
from ._kaggle import SubmissionForm, submission
from ._kaggle_sample import Sample, read_sample
from ._load import ModelLike, as_model, load
from ._model import Model
from ._predictions import LabelPredictions, Predictions
from ._remote import RemotePredictions, ask_server, is_address
from ._rotations import join_turns
from ._rows import prediction_rows, predictions_csv
from ._subjects import subject_shares
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
    "RemotePredictions",
    "Sample",
    "SubmissionForm",
    "answer_closely",
    "answer_rows",
    "as_model",
    "ask_server",
    "check_ending",
    "check_views",
    "exact_in_words",
    "is_address",
    "join_turns",
    "load",
    "prediction_rows",
    "predictions_csv",
    "prove_from_files",
    "read_model",
    "read_sample",
    "subject_shares",
    "submission",
]
