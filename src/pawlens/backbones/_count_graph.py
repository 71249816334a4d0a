"""Parameters and multiply-adds of an ONNX graph, counted from its shapes alone. No torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..errors import BackboneError
from ._layers import Layer
from ._onnx import ON_WEIGHTS, first_line, graph_input

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    Shape = tuple[int, ...]

__all__ = ["count_graph"]


def count_graph(model: ModelProto, size: int) -> list[Layer]:
    """List the layers of a graph for one photo of S x S pixels.

    Counted are the multiply-adds of convolutions and matrix products, as published tables have
    them; additions of biases, norms, activations and poolings are not.

    Parameters
    ----------
    model : ModelProto
        A graph with one input, float32 (N, 3, S, S); it is not changed.
    size : int
        S, the side of the input in pixels.

    Returns
    -------
    list of Layer
        The layers that hold weights or multiply, in the order of the graph.

    Raises
    ------
    BackboneError
        The shape of a matrix product cannot be inferred from the graph.
    """
    shapes = _shapes(model, size)
    makers = {name: node for node in model.graph.node for name in node.output}
    stored = _stored(model)
    counted: set[str] = set()

    def uncounted(name: str) -> int:
        """Count the numbers stored for an input, unless an earlier layer has counted them."""
        if name in stored and name not in counted:
            counted.add(name)
            return stored[name]
        node = makers.get(name)
        if node is None or node.op_type not in ON_WEIGHTS:
            return 0
        return sum(uncounted(each) for each in node.input)

    layers = []
    for number, node in enumerate(model.graph.node):
        if node.op_type in ON_WEIGHTS:
            continue
        parameters = sum(uncounted(name) for name in node.input)
        macs = _macs(node, shapes)
        if parameters or macs:
            name = node.name or _weight_name(node, makers, stored) or f"{node.op_type} {number}"
            output = shapes.get(node.output[0], ())[1:]
            layers.append(Layer(name, node.op_type, output, parameters, macs))
    return layers


def _shapes(model: ModelProto, size: int) -> dict[str, Shape]:
    """Infer the shape of every tensor whose shape follows from an input of (1, 3, S, S)."""
    import onnx

    sized = onnx.ModelProto()
    sized.CopyFrom(model)
    dims = graph_input(sized).type.tensor_type.shape.dim
    for dim, value in zip(dims, (1, 3, size, size), strict=True):
        dim.dim_value = value
    del sized.graph.value_info[:]
    for output in sized.graph.output:
        output.type.tensor_type.ClearField("shape")
    try:
        inferred = onnx.shape_inference.infer_shapes(sized, data_prop=True).graph
    except Exception as error:  # InferenceError, and ValueError of protobuf
        raise BackboneError(f"the graph's shapes do not fit: {first_line(error)}") from error
    shapes: dict[str, Shape] = {tensor.name: tuple(tensor.dims) for tensor in inferred.initializer}
    for value in (*inferred.input, *inferred.value_info, *inferred.output):
        dims = value.type.tensor_type.shape.dim
        if all(dim.HasField("dim_value") for dim in dims):
            shapes[value.name] = tuple(dim.dim_value for dim in dims)
    return shapes


def _stored(model: ModelProto) -> dict[str, int]:
    """Count the numbers in each stored tensor; integers and scalars are not weights."""
    from onnx import TensorProto

    floats = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.INT8}
    return {
        tensor.name: math.prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type in floats and tensor.dims
    }


def _macs(node: NodeProto, shapes: dict[str, Shape]) -> int:
    """Count the multiply-adds of a node for one photo; 0 for all but products."""
    if node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return 0
    try:
        left, right = (shapes[name] for name in node.input[:2])
        output = shapes[node.output[0]]
    except KeyError as error:
        raise BackboneError(
            f"the shape of {error} is unknown, which a {node.op_type} reads or gives: export the "
            "graph with fixed sizes"
        ) from error
    if node.op_type == "Conv":  # a weight is [out, in of its group, height, width]
        return math.prod(output) * math.prod(right[1:])
    if node.op_type == "ConvTranspose":
        return math.prod(left) * math.prod(right[1:])
    if node.op_type == "Gemm":
        turned = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
        return math.prod(output) * left[0 if turned else 1]
    return math.prod(output) * left[-1]


def _weight_name(node: NodeProto, makers: dict[str, NodeProto], stored: dict[str, int]) -> str:
    """Return a name for a layer whose node has none, taken from its weights."""
    for name in node.input:
        if name in stored or (name in makers and makers[name].op_type in ON_WEIGHTS):
            return str(name.removesuffix(".weight"))
    return ""
