"""The end of a graph: from its features back to where the places of the photo come together.

Features come together from places by a mean over a grid or over tokens, or by attention: a class
token is a sum of tokens, each with its weight. What follows (norms, layers, activations) is, for
one photo, a linear map: the scale of a norm, the gate of an activation and the weights of
attention are numbers of that photo. So a feature's share can be followed back to the places.
Tokens mix in every block of a transformer; so they can be followed further, to the patches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._pooling import stored_constants

if TYPE_CHECKING:
    import onnx

    Shapes = Mapping[str, tuple[int, ...]]

__all__ = ["ACTIVATIONS", "Gathering", "Step", "gatherings_of", "split_tokens", "trace_features"]

_CARRIES = {
    *("BatchNormalization", "Cast", "DequantizeLinear", "Dropout", "Expand", "Flatten", "Gather"),
    *("Identity", "LayerNormalization", "Neg", "Pad", "QuantizeLinear", "ReduceMean", "Reshape"),
    "Slice",
    *("Split", "Squeeze", "Transpose", "Unsqueeze"),
}
"""Operators that are linear in their first input, given the photo."""

ACTIVATIONS = {"Celu", "Clip", "Elu", "Gelu", "HardSwish", "LeakyRelu", "PRelu", "Relu", "Selu"}
"""Operators that are 0 where their input is 0, so that each value is a multiple of its input."""

_SUMS = {"Add", "Concat", "Sub", "Sum"}
_LAYERS = {"Conv", "Gemm", "MatMul"}
_GATES = {
    *("Erf", "Exp", "HardSigmoid", "Pow", "Reciprocal", "Sigmoid", "Softmax", "Softplus", "Sqrt"),
    "Tanh",
}
_THROUGH = {"Add", "Concat", "Div", "Mul", "Sub"} | _CARRIES | _LAYERS
_SHAPES = {"ConstantOfShape", "Shape", "Size"}


@dataclass(frozen=True)
class Step:
    """A node that is linear, given the photo, in the inputs of the numbers `carried`.

    Without any the way ends there: the node is not linear in what depends on the photo.
    """

    node: onnx.NodeProto
    carried: tuple[int, ...]


@dataclass(frozen=True)
class Gathering:
    """A node in which places of the photo come together.

    Attributes
    ----------
    node : onnx.NodeProto
        A mean, or the product of attention's weights with tokens.
    cells : str
        Name of what comes together.
    axes : tuple of int
        Its axes of height and width, or the one of tokens.
    grid : (int, int)
        Cells of the photo, down and across; of a plane (0, 0) where shapes are not known.
    prefix : int
        Tokens before those of the photo: the class token and registers.
    weights : str or None
        Name of attention's weights, (..., queries, tokens); None for a mean.
    """

    node: onnx.NodeProto
    cells: str
    axes: tuple[int, ...]
    grid: tuple[int, int]
    prefix: int = 0
    weights: str | None = None


def trace_features(
    graph: onnx.GraphProto, features: str, shapes: Shapes | None = None
) -> list[Step | Gathering]:
    """Follow features back to where the places of the photo come together.

    Parameters
    ----------
    graph : onnx.GraphProto
        Its nodes are sorted.
    features : str
        Name of the pooled features of one backbone.
    shapes : mapping of str to tuple of int, optional
        Shapes of the tensors on the way, for a batch of one. Without them the way ends at means
        over a plane alone: what gathers tokens is followed through, to the patches.

    Returns
    -------
    list of Step or Gathering
        Readers before writers, the features' own node first.
    """
    return _Tracer(graph, shapes).trace(features)


def gatherings_of(model: onnx.ModelProto, features: Sequence[str]) -> list[Gathering | None]:
    """Find the last gathering before the features of each backbone, in a graph for many photos.

    Parameters
    ----------
    model : onnx.ModelProto
        Takes float32 (N, 3, S, S) for each backbone.
    features : sequence of str

    Returns
    -------
    list of Gathering or None
        None where no place of the photo is gathered on the way, as far as it can be followed.
    """
    wide = [step for name in features for step in trace_features(model.graph, name)]
    names = [name for step in wide for name in (*step.node.input, *step.node.output)]
    shapes = _tensor_shapes(model, [name for name in dict.fromkeys(names) if name])
    ways = [trace_features(model.graph, name, shapes) for name in features]
    return [
        next((s for s in way if isinstance(s, Gathering) and min(s.grid) > 1), None) for way in ways
    ]


def _tensor_shapes(model: onnx.ModelProto, names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Answer one grey photo for the shapes of tensors."""
    import numpy as np
    import onnx
    import onnxruntime as ort
    from onnx import TensorProto, helper

    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    made = {name for node in graph.node for name in node.output}
    asked = [name for name in names if name in made or name in {i.name for i in graph.input}]
    for number, name in enumerate(asked):
        graph.node.append(helper.make_node("Shape", [name], [f"shape {number}"]))
    del graph.output[:]
    graph.output.extend(
        helper.make_tensor_value_info(f"shape {number}", TensorProto.INT64, [None])
        for number in range(len(asked))
    )
    if not asked:
        return {}
    probe = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    session = ort.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {one.name: np.zeros([1, *one.shape[1:]], np.float32) for one in session.get_inputs()}
    stored = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    found = session.run(None, feeds)
    return stored | {n: tuple(shape.tolist()) for n, shape in zip(asked, found, strict=True)}


class _Tracer:
    def __init__(self, graph: onnx.GraphProto, shapes: Shapes | None) -> None:
        self.nodes = list(graph.node)
        self.producers = {name: node for node in self.nodes for name in node.output}
        self.constants = stored_constants(graph)
        self.shapes = shapes
        self.alive = _depends_on_photo(graph)
        self.gates = self._find_gates()
        self.gated = self._find_gated()

    def trace(self, features: str) -> list[Step | Gathering]:
        wanted: set[str] = {features}
        found: list[Step | Gathering] = []
        for node in reversed(self.nodes):
            if wanted.isdisjoint(node.output):
                continue
            step = self._gathering(node) or self._step(node)
            found.append(step)
            if isinstance(step, Step):
                wanted.update(node.input[i] for i in step.carried)
            elif step.prefix:
                wanted.add(step.cells)
        return found

    def _step(self, node: onnx.NodeProto) -> Step:
        """Find the inputs in which a node is linear."""
        return Step(node, self._carried(node))

    def _carried(self, node: onnx.NodeProto) -> tuple[int, ...]:
        alive = [i for i, name in enumerate(node.input) if name in self.alive]
        kind = node.op_type
        if kind in _SUMS:
            return tuple(alive)
        if kind in _CARRIES | ACTIVATIONS | {"Div"}:
            return (0,) if 0 in alive and (kind == "Div" or len(alive) == 1) else ()
        if kind in _LAYERS | {"Mul"} and len(alive) == 1:
            return tuple(alive) if kind in ("MatMul", "Mul") or alive == [0] else ()
        if kind == "Mul" and len(alive) == 2:
            return self._multiplied(node)
        if self.shapes is None and (self._is_attention(node) or self._asks_summary(node)):
            return (1,)
        return ()

    def _gathering(self, node: onnx.NodeProto) -> Gathering | None:
        if node.op_type == "GlobalAveragePool":
            return self._plane(node, (2, 3))
        if node.op_type == "ReduceMean":
            axes = self._axes(node)
            if len(axes) == 2:
                return self._plane(node, axes)
            shape = self._shape(node.input[0])
            if len(shape) == 3 and axes == (1,) and shape[0] == 1:
                grid, prefix = split_tokens(shape[1])
                return Gathering(node, node.input[0], (1,), grid, prefix)
            return None
        if self.shapes is None or not self._is_attention(node):
            return None
        shape = self._shape(node.input[1])
        if shape[0] != 1:
            return None
        grid, prefix = split_tokens(shape[-2])
        axis = len(shape) - 2
        return Gathering(node, node.input[1], (axis,), grid, prefix, node.input[0])

    def _plane(self, node: onnx.NodeProto, axes: tuple[int, ...]) -> Gathering | None:
        shape = self._shape(node.input[0])
        if axes not in ((2, 3), (1, 2)) or len(shape) not in (0, 4):
            return None
        if shape and shape[0] != 1:  # several views of the photo, whose cells are not its places
            return None
        if not shape:
            return Gathering(node, node.input[0], axes, (0, 0))
        down, across = axes
        return Gathering(node, node.input[0], axes, (shape[down], shape[across]))

    def _shape(self, name: str) -> tuple[int, ...]:
        return self.shapes.get(name, ()) if self.shapes is not None else ()

    def _axes(self, node: onnx.NodeProto) -> tuple[int, ...]:
        given = _attribute(node, "axes")
        if given is None and len(node.input) > 1 and node.input[1] in self.constants:
            given = self.constants[node.input[1]].tolist()
        if given is None:
            return ()
        known = len(self._shape(node.input[0])) or (4 if len(given) == 2 else 0)
        if not known:
            return tuple(given)
        return tuple(sorted(axis % known for axis in given))

    def _is_attention(self, node: onnx.NodeProto) -> bool:
        """Whether a node sums tokens up with weights that come out of a softmax."""
        if node.op_type != "MatMul" or not self.alive.issuperset(node.input):
            return False
        return self._is_gate(node.input[0]) and not self._is_gate(node.input[1])

    def _asks_summary(self, node: onnx.NodeProto) -> bool:
        """Whether queries are multiplied with what attention over all tokens summed up before."""
        before = self.producers.get(node.input[1]) if node.op_type == "MatMul" else None
        return before is not None and self._is_attention(before)

    def _is_gate(self, name: str) -> bool:
        return name in self.gates

    def _multiplied(self, node: onnx.NodeProto) -> tuple[int, ...]:
        """Find which of two values is followed: the one that is no gate, or not even gated."""
        for gates in (self.gates, self.gated):
            are = [name in gates for name in node.input]
            if sum(are) == 1:
                return (are.index(False),)
        return ()

    def _find_gated(self) -> set[str]:
        """Find the values of activations, which are the gates of gated layers (SwiGLU)."""
        activations = [n for n in self.nodes if n.op_type in ACTIVATIONS or self._gates_itself(n)]
        return {name for node in activations for name in node.output}

    def _gates_itself(self, node: onnx.NodeProto) -> bool:
        return node.op_type == "Mul" and sum(name in self.gates for name in node.input) == 1

    def _find_gates(self) -> set[str]:
        """Find the tensors that are numbers of the photo: gates, scales, weights of attention."""
        gates: set[str] = set()
        for node in self.nodes:
            inner = [name for name in node.input if name in self.alive]
            through = node.op_type in _THROUGH and bool(inner) and gates.issuperset(inner)
            if through or node.op_type in _GATES or self._is_hard_gate(node):
                gates.update(node.output)
        return gates & self.alive

    def _is_hard_gate(self, node: onnx.NodeProto) -> bool:
        """Whether a node is the end of a hard sigmoid, ``clip(x + 3, 0, 6)``."""
        before = self.producers.get(node.input[0]) if node.op_type == "Clip" else None
        if before is None or before.op_type != "Add":
            return False
        return any(
            name in self.constants and self.constants[name].size == 1 for name in before.input
        )


def split_tokens(count: int) -> tuple[tuple[int, int], int]:
    """Split a number of tokens into the photo's grid, a square, and those that stand before it."""
    side = int(count**0.5 + 1e-9)
    return (side, side), count - side * side


def _depends_on_photo(graph: onnx.GraphProto) -> set[str]:
    """Return the tensors whose values, not only shapes, depend on the graph's inputs."""
    stored = {tensor.name for tensor in graph.initializer}
    alive = {value.name for value in graph.input} - stored
    for node in graph.node:
        if node.op_type not in _SHAPES and not alive.isdisjoint(node.input):
            alive.update(node.output)
    return alive


def _attribute(node: onnx.NodeProto, name: str) -> Any:
    from onnx import helper

    for attribute in node.attribute:
        if attribute.name == name:
            return helper.get_attribute_value(attribute)
    return None
