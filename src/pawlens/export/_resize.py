"""Pillow's antialiased resize as two matrix products that any runtime can do.

ONNX's own ``Resize`` with ``antialias`` is missing in several runtimes. Here the graph computes the
filter's weights from the photo's shape and multiplies: columns first, then rows, rounding to whole
values after each pass as Pillow does (``Resample.c``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import onnx

__all__ = ["Nodes", "resize_nodes"]


class Nodes:
    """The nodes and constants of one part of a graph, named after that part."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._known: dict[tuple[str, int, str], str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(
        self,
        kind: str,
        inputs: list[str],
        *,
        output: str | None = None,
        name: str | None = None,
        **attributes: Any,
    ) -> str:
        """Append a node and return the name of its output."""
        from onnx import helper

        name = name or f"{self._part}/{kind}_{len(self.nodes)}"
        output = output or f"{name}:0"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """Add a constant once and return its name."""
        from onnx import numpy_helper

        full = f"{self._part}/{name}"
        if all(tensor.name != full for tensor in self.constants):
            self.constants.append(numpy_helper.from_array(np.asarray(value), full))
        return full

    def scalar(self, value: float) -> str:
        """Add a float32 constant, named by its value."""
        return self.constant(f"float_{value:g}", np.array(value, np.float32))

    def integers(self, *values: int) -> str:
        """Add an int64 vector, named by its values."""
        return self.constant(f"int_{'_'.join(map(str, values))}", np.array(values, np.int64))


def resize_nodes(nodes: Nodes, image: str, size: int, interpolation: str) -> str:
    """Resize uint8 (H, W, 3) to float32 (3, size, size) of whole values 0 to 255.

    Called again for the same size and filter, it returns what it made the first time.
    """
    key = (image, size, interpolation)
    if key in nodes._known:
        return nodes._known[key]
    shape = nodes.add("Shape", [image])
    planes = nodes.add("Transpose", [nodes.add("Cast", [image], to=1)], perm=[2, 0, 1])
    across = _weights(nodes, shape, 1, size, interpolation)
    down = _weights(nodes, shape, 0, size, interpolation)
    across_t = nodes.add("Transpose", [across], perm=[1, 0])
    narrow = _whole(nodes, nodes.add("MatMul", [planes, across_t]))
    nodes._known[key] = _whole(nodes, nodes.add("MatMul", [down, narrow]))
    return nodes._known[key]


def _weights(nodes: Nodes, shape: str, axis: int, size: int, interpolation: str) -> str:
    """Compute the filter's weights, float32 (size, length): row i makes output pixel i."""
    length_int = nodes.add("Gather", [shape, nodes.integers(axis)], axis=0)
    length = nodes.add("Cast", [length_int], to=1)
    scale = nodes.add("Div", [length, nodes.scalar(size)])
    spread = nodes.add("Max", [scale, nodes.scalar(1)])
    middle = nodes.constant(f"middle_{size}", np.arange(size, dtype=np.float32)[:, None] + 0.5)
    centre = nodes.add("Mul", [middle, scale])
    scalar_length = nodes.add("Squeeze", [length_int, nodes.integers(0)])
    zero = nodes.constant("zero", np.array(0, np.int64))
    one = nodes.constant("one", np.array(1, np.int64))
    pixels = nodes.add("Cast", [nodes.add("Range", [zero, scalar_length, one])], to=1)
    pixels = nodes.add("Add", [pixels, nodes.scalar(0.5)])
    distance = nodes.add("Abs", [nodes.add("Div", [nodes.add("Sub", [pixels, centre]), spread])])
    raw = _bicubic(nodes, distance) if interpolation == "bicubic" else _bilinear(nodes, distance)
    total = nodes.add("ReduceSum", [raw, nodes.integers(1)], keepdims=1)
    return nodes.add("Div", [raw, total])


def _bilinear(nodes: Nodes, x: str) -> str:
    return nodes.add("Relu", [nodes.add("Sub", [nodes.scalar(1), x])])


def _bicubic(nodes: Nodes, x: str) -> str:
    """Compute Keys' kernel with a = -0.5 (Keys 1981), Pillow's BICUBIC."""
    near = _polynomial(nodes, x, (1.5, -2.5, 0.0, 1.0))
    far = _polynomial(nodes, x, (-0.5, 2.5, -4.0, 2.0))
    inside = nodes.add("Less", [x, nodes.scalar(1)])
    reached = nodes.add("Less", [x, nodes.scalar(2)])
    outer = nodes.add("Where", [reached, far, nodes.scalar(0)])
    return nodes.add("Where", [inside, near, outer])


def _polynomial(nodes: Nodes, x: str, coefficients: tuple[float, ...]) -> str:
    value = nodes.scalar(coefficients[0])
    for coefficient in coefficients[1:]:
        value = nodes.add("Add", [nodes.add("Mul", [value, x]), nodes.scalar(coefficient)])
    return value


def _whole(nodes: Nodes, values: str) -> str:
    """Round half up and limit to 0..255."""
    rounded = nodes.add("Floor", [nodes.add("Add", [values, nodes.scalar(0.5)])])
    return nodes.add("Clip", [rounded, nodes.scalar(0), nodes.scalar(255)])
