"""The single graph: composed, proven, loaded."""

from ._answers import LabelPredictions, Predictions
from ._bundled import BUNDLED, BundledModel, BundledPredictions
from ._ensemble_graph import ensemble_facts, ensemble_graph
from ._graph import GraphFacts, batched_graph, compose_graph, read_facts, read_head
from ._looks import HALVES, Looks, look_closer
from ._model import Model, load
from ._parity import Agreement, answers_of, check_agreement, check_parity
from ._rotations import join_turns
from ._rows import prediction_rows, predictions_csv
from ._submission import read_ids, submission
from ._views import VIEWS, check_views

__all__ = [
    "BUNDLED",
    "HALVES",
    "VIEWS",
    "Agreement",
    "BundledModel",
    "BundledPredictions",
    "GraphFacts",
    "LabelPredictions",
    "Looks",
    "Model",
    "Predictions",
    "answers_of",
    "batched_graph",
    "check_agreement",
    "check_parity",
    "check_views",
    "compose_graph",
    "ensemble_facts",
    "ensemble_graph",
    "join_turns",
    "load",
    "look_closer",
    "prediction_rows",
    "predictions_csv",
    "read_facts",
    "read_head",
    "read_ids",
    "submission",
]
