"""Export: backbones and a head as one ONNX graph whose answers are verified."""

from ._ensemble_graph import Member, ensemble_facts, ensemble_graph
from ._graph import GraphFacts, batched_graph, compose_graph, read_facts, read_head
from ._parity import answers_of, check_agreement, check_parity, compare
from ._subject import CELLS, find_window, mapped_graph
from ._trained_on import TrainedOn, note_photos, read_photos_noted

__all__ = [
    "CELLS",
    "GraphFacts",
    "Member",
    "TrainedOn",
    "answers_of",
    "batched_graph",
    "check_agreement",
    "check_parity",
    "compare",
    "compose_graph",
    "ensemble_facts",
    "ensemble_graph",
    "find_window",
    "mapped_graph",
    "note_photos",
    "read_facts",
    "read_head",
    "read_photos_noted",
]
