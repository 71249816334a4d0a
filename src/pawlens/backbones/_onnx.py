"""Tools for ONNX graphs: read, cut, make the batch dynamic, run. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..base import check_regular
from ..errors import BackboneError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto

__all__ = [
    "ON_WEIGHTS",
    "SPEC_KEY",
    "count_weights",
    "cut_at_features",
    "finish",
    "first_line",
    "free_batch",
    "get_meta",
    "graph_input",
    "parse_graph",
    "relative_gap",
    "run_graph",
    "set_meta",
    "shape_of",
]

SPEC_KEY = "pawlens.backbone"
"""Key of the graph's metadata that holds the spec as JSON."""

# What may stand between a classifier's last matrix product and its output.
_ANSWERS = {"LogSoftmax", "Sigmoid", "Softmax"}
_AFTER_LOGITS = _ANSWERS | {
    *("Add", "Cast", "Div", "Dropout", "Flatten", "Identity", "Mul", "Reshape", "Squeeze", "Sub")
}
ON_WEIGHTS = {"Cast", "Constant", "DequantizeLinear", "Identity", "Transpose"}
"""Operators that may stand between stored weights and the matrix product that reads them."""


def parse_graph(path: Path, *, external: bool = True) -> ModelProto:
    """Read an ONNX file, with the weights that it keeps in files of their own if `external`.

    Raises
    ------
    BackboneError
        When the file is missing, truncated, or not ONNX.
    """
    import onnx

    try:
        check_regular(path)
        model = onnx.load(path, load_external_data=external)
    except Exception as error:  # protobuf, OSError and ValueError, by version of the parser
        raise BackboneError(f"{path} cannot be read as ONNX: {first_line(error)}") from error
    if not model.graph.node:
        raise BackboneError(f"{path} cannot be read as ONNX: it holds no graph")
    return model


def get_meta(model: ModelProto, key: str) -> str | None:
    """Return one entry of the metadata, or None."""
    return next((str(entry.value) for entry in model.metadata_props if entry.key == key), None)


def set_meta(model: ModelProto, entries: Mapping[str, str]) -> None:
    """Replace the whole metadata."""
    del model.metadata_props[:]
    for key, value in entries.items():
        model.metadata_props.add(key=key, value=value)


def count_weights(model: ModelProto) -> int:
    """Count the floating-point numbers stored in the graph."""
    from onnx import TensorProto

    floats = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16}
    stored = [tensor for tensor in model.graph.initializer if tensor.data_type in floats]
    return sum(math.prod(tensor.dims) for tensor in stored)


def graph_input(model: ModelProto) -> ValueInfoProto:
    """Return the one input that is not a stored weight; `BackboneError` when there are more."""
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in stored]
    if len(inputs) != 1:
        raise BackboneError(f"a backbone has one input, this graph has {len(inputs)}")
    return inputs[0]


def shape_of(value: ValueInfoProto) -> tuple[int | None, ...]:
    """Return the declared shape, None for every dynamic dimension."""
    dims = value.type.tensor_type.shape.dim
    return tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in dims)


def cut_at_features(model: ModelProto) -> bool:
    """Make the input of a classifier's last matrix product the output of its graph.

    The graph is followed from its output back over softmax, bias and reshapes to the last Gemm
    or MatMul with stored weights. A Flatten or Reshape before that product stays.

    Returns
    -------
    bool
        False when the graph does not end in such a product: it is an extractor already.

    Raises
    ------
    BackboneError
        When it ends in class probabilities that no such product gives.
    """
    producers = {name: node for node in model.graph.node for name in node.output}
    stored = {tensor.name for tensor in model.graph.initializer}

    def constant(name: str) -> bool:
        node = producers.get(name)
        if node is None:
            return name in stored
        return node.op_type in ON_WEIGHTS and all(constant(each) for each in node.input)

    output = model.graph.output[0]
    end, answers = output.name, ""
    while (node := producers.get(end)) is not None:
        if node.op_type in ("Gemm", "MatMul") and constant(node.input[1]):
            output.name = node.input[0]
            output.type.tensor_type.ClearField("shape")
            _drop_unread(model.graph)
            return True
        carried = [name for name in node.input if name and not constant(name)]
        if node.op_type not in _AFTER_LOGITS or len(carried) != 1:
            break
        answers = node.op_type if node.op_type in _ANSWERS else answers
        end = carried[0]
    if answers:
        raise BackboneError(f"no Gemm or MatMul precedes its {answers}: end it at its features")
    return False


def free_batch(model: ModelProto) -> None:
    """Make a fixed batch of one dynamic: the input, and every Reshape to a stored shape.

    Whether that is enough only a run can tell: the caller compares.
    """
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            stored[node.output[0]] = node.attribute[0].t
    for index, node in enumerate(model.graph.node):
        if node.op_type != "Reshape" or node.input[1] not in stored:
            continue
        shape = numpy_helper.to_array(stored[node.input[1]]).copy()
        if not shape.size or shape[0] != 1:
            continue
        shape[0] = 0 if -1 in shape else -1  # zero copies the batch, minus one counts it
        name = f"{node.output[0]}.shape.{index}"
        model.graph.initializer.append(numpy_helper.from_array(shape, name))
        node.input[1] = name
    graph_input(model).type.tensor_type.shape.dim[0].dim_param = "N"
    model.graph.output[0].type.tensor_type.ClearField("shape")


def finish(model: ModelProto, size: int, feature_dim: int) -> ModelProto:
    """Bring the ends of a graph to the contract and strip what inference does not need.

    The result has one input ``pixels`` float32 ``(N, 3, size, size)`` and one output ``features``
    float32 ``(N, feature_dim)``, and no trace of the machine that it was made on.

    Raises
    ------
    BackboneError
        When the graph fails ONNX's own check with these ends.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = model.graph
    _swap_names(graph, graph_input(model).name, "pixels")
    _swap_names(graph, graph.output[0].name, "features")
    _drop_unread(graph)
    del graph.input[:], graph.output[:]
    image = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, size, size])
    pooled = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", feature_dim])
    graph.input.append(image)
    graph.output.append(pooled)
    model.ir_version = 8  # that of opsets 17 and 18
    model.doc_string = graph.doc_string = ""
    for item in (*graph.node, *graph.initializer):
        item.doc_string = ""
        del item.metadata_props[:]
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:
        raise BackboneError(f"the graph is not valid ONNX: {first_line(error)}") from error
    return model


def run_graph(
    model: ModelProto, pixels: npt.NDArray[np.float32], *, batch: int | None = None
) -> npt.NDArray[np.float32]:
    """Run the graph with ONNX Runtime, on all photos at once or in steps of `batch`.

    Raises
    ------
    BackboneError
        When ONNX Runtime refuses the graph or a batch.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # the exception says it
    step = batch or len(pixels)
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        name = session.get_inputs()[0].name
        parts = [
            session.run(None, {name: pixels[start : start + step]})[0]
            for start in range(0, len(pixels), step)
        ]
    except Exception as error:  # ONNX Runtime's exceptions share no base but Exception
        raise BackboneError(f"ONNX Runtime cannot run the graph: {first_line(error)}") from error
    return np.concatenate(parts)


def relative_gap(got: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]) -> float:
    """Return the largest difference by the largest expected value; inf if shapes differ."""
    if got.shape != expected.shape:
        return float("inf")
    return float(np.abs(got - expected).max() / np.abs(expected).max())


def _reads(node: NodeProto) -> Iterator[str]:
    """Yield the names that a node reads, those in the bodies of If and Loop included."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                yield from _reads(inner)
            yield from (value.name for value in graph.output)


def _drop_unread(graph: GraphProto) -> None:
    """Remove the nodes and weights that the output no longer needs."""
    wanted = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):  # nodes are sorted: readers come after writers
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(_reads(node))
    stored = {tensor.name for tensor in graph.initializer}
    _keep(graph.node, kept[::-1])
    _keep(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in wanted])
    _keep(
        graph.input,
        [value for value in graph.input if value.name in wanted or value.name not in stored],
    )
    del graph.value_info[:]


def _keep(repeated: Any, items: list[Any]) -> None:
    """Replace the content of a protobuf list."""
    copies = list(items)
    del repeated[:]
    repeated.extend(copies)


def _swap_names(graph: GraphProto, old: str, new: str) -> None:
    """Rename a tensor; should another one have the new name, it takes the old one."""
    if old == new:
        return
    names = {old: new, new: old}

    def rename(values: Any) -> None:
        for index, name in enumerate(values):
            values[index] = names.get(name, name)

    def visit(body: GraphProto) -> None:
        for node in body.node:
            rename(node.input)
            rename(node.output)
            for attribute in node.attribute:
                for inner in (attribute.g, *attribute.graphs):
                    visit(inner)
        for value in (*body.input, *body.output, *body.initializer):
            value.name = names.get(value.name, value.name)

    visit(graph)


def first_line(error: Exception) -> str:
    """Return the part of a library's message that fits ours."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
