"""The single graph: composed, proven, loaded."""

from ._graph import GraphFacts, batched_graph, compose_graph, read_facts
from ._model import Model, Predictions, load
from ._parity import Agreement, check_parity
from ._submission import read_ids, submission

__all__ = [
    "Agreement",
    "GraphFacts",
    "Model",
    "Predictions",
    "batched_graph",
    "check_parity",
    "compose_graph",
    "load",
    "read_facts",
    "read_ids",
    "submission",
]
