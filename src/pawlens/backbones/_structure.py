"""The structure of a backbone: what it holds and what it computes at one input size."""

from __future__ import annotations

from dataclasses import dataclass

from ._count_graph import count_graph
from ._layers import Layer
from ._onnx import parse_graph
from ._spec import Backbone, BackboneSpec

__all__ = ["Structure", "graph_structure"]


@dataclass(frozen=True)
class Structure:
    """What a backbone holds and computes for one photo.

    Attributes
    ----------
    name : str
    size : int
        Side of the input, pixels.
    spec : BackboneSpec or None
        None for a network that has no row in the table and no weights at hand.
    layers : list of Layer
        The layers of the feature extractor; empty where counting needs torch, which is not
        installed.
    counted : str
        What was counted.
    classifier : tuple of int, optional
        Parameters and multiply-adds with the 1000-way classifier, as published figures have them.
    """

    name: str
    size: int
    spec: BackboneSpec | None
    layers: list[Layer]
    counted: str
    classifier: tuple[int, int] | None = None


def graph_structure(backbone: Backbone) -> Structure:
    """Count the layers of a backbone's graph; no torch is needed.

    Raises
    ------
    BackboneError
        The graph cannot be read, or the shape of a product cannot be told from it.
    """
    spec = backbone.spec
    layers = count_graph(parse_graph(backbone.path), spec.input_size)
    return Structure(spec.name, spec.input_size, spec, layers, "the ONNX graph")
