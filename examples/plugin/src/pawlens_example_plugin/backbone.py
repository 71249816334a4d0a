"""A backbone source: colours and edges, measured by fixed filters in an ONNX graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pawlens.plugins import Backbone, BackboneSource, BackboneSpec, keep_graph

__all__ = ["EdgeSource"]

_SIZE = 64
_CENTRE = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
_ACROSS = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8  # Sobel's filter
_DIAGONAL = np.array([[-2, -1, 0], [-1, 0, 1], [0, 1, 2]]) / 8


class EdgeSource(BackboneSource):
    """The one backbone ``edges``: how much of each colour and of each edge a photo has."""

    title = "backbones of fixed filters"

    def names(self) -> Sequence[str]:
        """``edges`` alone."""
        return ["edges"]

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        """Make the graph; there are no weights to look for."""
        side, filters = size or _SIZE, _filters()
        spec = BackboneSpec(
            name=name,
            input_size=side,
            interpolation="bilinear",
            mean=(127.5, 127.5, 127.5),
            std=(127.5, 127.5, 127.5),
            channel_order="rgb",
            feature_dim=len(filters),
            licence="MIT",
            source="pawlens-example-plugin: fixed filters, nothing is learnt",
        )
        return keep_graph(_graph(filters, side), spec, cache_dir)


def _filters() -> np.ndarray:
    """The filters, each with its opposite, since what is below zero is cut off: [24, 3, 3, 3]."""
    spatial = [_CENTRE, _ACROSS, _ACROSS.T, _DIAGONAL]
    each = np.zeros((3 * len(spatial), 3, 3, 3), np.float32)
    for colour in range(3):
        for number, values in enumerate(spatial):
            each[colour * len(spatial) + number, colour] = values
    return np.concatenate([each, -each])


def _graph(filters: np.ndarray, side: int) -> onnx.ModelProto:
    """Convolution, ReLU, mean over the photo: float32 [N, 3, S, S] to [N, 24].

    Features that are a mean over a grid let `pawlens explain` draw maps.
    """
    nodes = [
        helper.make_node("Conv", ["pixels", "filters"], ["answers"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["answers"], ["strengths"]),
        helper.make_node("GlobalAveragePool", ["strengths"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, side, side])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", len(filters)])
    weights = [numpy_helper.from_array(filters, "filters")]
    graph = helper.make_graph(nodes, "edges", [pixels], [features], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
