"""Finding the pooling in a graph: before it, features are still spread over the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnx

__all__ = ["Pooling", "feature_names", "find_pooling", "stored_constants"]

_SMALL = 64  # numbers of a constant that is no weight
_SHAPING = {"Flatten", "Identity", "Reshape", "Squeeze"}
_PLANES: dict[tuple[int, ...], tuple[int, int]] = {
    (-2, -1): (2, 3),
    (2, 3): (2, 3),
    (-3, -2): (1, 2),
    (1, 2): (1, 2),
}


@dataclass(frozen=True)
class Pooling:
    """A global average pooling, whose result is the features of a backbone.

    Attributes
    ----------
    cells : str
        Name of the tensor that is averaged, float32 with four axes.
    plane : (int, int)
        Its axes of height and width: (2, 3), or (1, 2) where the channels come last.
    """

    cells: str
    plane: tuple[int, int]


def feature_names(graph: onnx.GraphProto) -> list[str]:
    """Return the features that the head reads, or the output where there is no head."""
    heads = [node for node in graph.node if node.name.startswith("head/")]
    read = [name for node in heads for name in node.input if name.startswith("backbone")]
    return list(dict.fromkeys(read)) or [graph.output[0].name]


def find_pooling(graph: onnx.GraphProto, features: str) -> Pooling | None:
    """Find the pooling that gives these features, with nothing but reshaping after it.

    The result is None where they are no mean over a grid (a vision transformer's token), or where
    more is computed after it (a norm, a layer).
    """
    producers = {name: node for node in graph.node for name in node.output}
    node = producers.get(features)
    while node is not None and node.op_type in _SHAPING:
        node = producers.get(node.input[0])
    if node is None:
        return None
    if node.op_type == "GlobalAveragePool":
        return Pooling(str(node.input[0]), (2, 3))
    plane = _PLANES.get(_axes(graph, node)) if node.op_type == "ReduceMean" else None
    return None if plane is None else Pooling(str(node.input[0]), plane)


def stored_constants(graph: onnx.GraphProto) -> dict[str, npt.NDArray[np.generic]]:
    """Return the small constants of a graph, by name: axes, shapes, places, scalars."""
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            stored[node.output[0]] = node.attribute[0].t
    return {
        name: numpy_helper.to_array(tensor)
        for name, tensor in stored.items()
        if math.prod(tensor.dims) <= _SMALL
    }


def _axes(graph: onnx.GraphProto, node: onnx.NodeProto) -> tuple[int, ...]:
    for attribute in node.attribute:
        if attribute.name == "axes":
            return tuple(sorted(attribute.ints))
    stored = stored_constants(graph)
    if len(node.input) < 2 or node.input[1] not in stored:
        return ()
    return tuple(sorted(stored[node.input[1]].tolist()))
