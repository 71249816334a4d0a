"""Export: backbones and a head as one ONNX graph whose answers are verified."""

from ._beside import with_embedding
from ._core import CoreInput, core_graph, core_inputs, core_squares
from ._ensemble_graph import Member, ensemble_facts, ensemble_graph
from ._facts import GraphFacts, read_facts, rewrite_facts
from ._file import read_model_file, write_model_file
from ._graph import (
    EMBEDDING,
    IMAGE,
    PROBABILITIES,
    batched_graph,
    compose_graph,
    read_head,
)
from ._neither_nodes import NEITHER_OUTPUT, has_score
from ._parity import (
    MAX_DIFFERENCE,
    MEAN_DIFFERENCE,
    PARITY_LIMITS,
    Agreement,
    answers_of,
    check_agreement,
    check_parity,
    measure_agreement,
)
from ._rules import note_rules, read_rules
from ._subject import CELLS, find_window, mapped_graph
from ._trained_on import TrainedOn, note_photos, read_photos_noted

__all__ = [
    "CELLS",
    "EMBEDDING",
    "IMAGE",
    "MAX_DIFFERENCE",
    "MEAN_DIFFERENCE",
    "NEITHER_OUTPUT",
    "PARITY_LIMITS",
    "PROBABILITIES",
    "Agreement",
    "CoreInput",
    "GraphFacts",
    "Member",
    "TrainedOn",
    "answers_of",
    "batched_graph",
    "check_agreement",
    "check_parity",
    "compose_graph",
    "core_graph",
    "core_inputs",
    "core_squares",
    "ensemble_facts",
    "ensemble_graph",
    "find_window",
    "has_score",
    "mapped_graph",
    "measure_agreement",
    "note_photos",
    "note_rules",
    "read_facts",
    "read_head",
    "read_model_file",
    "read_photos_noted",
    "read_rules",
    "rewrite_facts",
    "with_embedding",
    "write_model_file",
]
