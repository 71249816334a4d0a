"""The core graph: squares of pixels in, probabilities out, with nothing whose size may change.

Runtimes of phones, browsers and devices want fixed shapes, and do best without the arithmetic of
the resize. So the photo is resized outside, by a port of ``docs/resize.md``, and the rest is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import BackboneSpec, find_pooling
from ..photos import resize
from ._facts import GraphFacts
from ._graph import (
    BATCH,
    EMBEDDING,
    PROBABILITIES,
    backbone_input,
    embedding_nodes,
    features_in_order,
    without_resizing,
)
from ._neither_nodes import NEITHER_OUTPUT, SCORES, has_score
from ._resize import Nodes

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Pixels = npt.NDArray[np.uint8]

__all__ = ["CoreInput", "core_graph", "core_inputs", "core_squares"]


@dataclass(frozen=True)
class CoreInput:
    """An input of the core graph: one square, which all backbones that want it share.

    Attributes
    ----------
    name : str
        For example ``pixels_160``.
    size : int
        Side in pixels.
    interpolation : {"bicubic", "bilinear"}
        The filter that the photo is resized with.
    """

    name: str
    size: int
    interpolation: str

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``(1, size, size, 3)``: one square of RGB pixels, uint8."""
        return 1, self.size, self.size, 3

    @property
    def planes_shape(self) -> tuple[int, int, int, int]:
        """``(1, 3, size, size)``: the same as planes, float32."""
        return 1, 3, self.size, self.size


def core_inputs(specs: Sequence[BackboneSpec]) -> list[CoreInput]:
    """List the distinct inputs of backbones, in their order; `input_of` finds one again."""
    return list(dict.fromkeys(input_of(spec) for spec in specs))


def input_of(spec: BackboneSpec) -> CoreInput:
    """Return the input that a backbone reads."""
    suffix = "" if spec.interpolation == "bicubic" else f"_{spec.interpolation}"
    return CoreInput(f"pixels_{spec.input_size}{suffix}", spec.input_size, spec.interpolation)


def core_squares(pixels: Pixels, inputs: Sequence[CoreInput]) -> dict[str, Pixels]:
    """Resize one photo for every input: uint8 (1, S, S, 3) by its name."""
    return {each.name: resize(pixels, each.size, each.interpolation)[None] for each in inputs}


def core_graph(
    model: onnx.ModelProto,
    facts: GraphFacts,
    *,
    embedding: bool = False,
    maps: bool = False,
    planes: bool = False,
    score: bool = False,
) -> onnx.ModelProto:
    """Cut the resize off a graph, and give every tensor a fixed shape.

    Parameters
    ----------
    model : onnx.ModelProto
        A graph of `compose_graph` or `ensemble_graph`.
    facts : GraphFacts
        Its facts.
    embedding : bool
        Whether the pooled features are an output too, float32 (1, D).
    maps : bool
        Whether class activation maps (Zhou et al. 2016, arXiv:1512.04150) are outputs too. Each
        backbone whose features are the mean over a grid has one, ``map0`` float32 (1, K, h, w) and
        so on: its means over the cells, summed over the backbones, and ``map_bias`` float32
        (1, K) make the logits. An ensemble has none.

    planes : bool
        Whether the inputs are float32 (1, 3, S, S), values 0 to 255, for runtimes without bytes.
    score : bool
        Whether the score of *neither* is an output too, float32 (1, 1), where the model has it.

    Returns
    -------
    onnx.ModelProto
        The inputs are those of `core_inputs`, uint8 (1, S, S, 3); the first output is
        ``probabilities``, float32 (1, K). Borders are not trimmed: that is part of the resize.
    """
    import onnx
    from onnx import TensorProto, helper

    body = onnx.GraphProto()
    body.CopyFrom(model.graph)
    score = score and has_score(body)
    kept = without_resizing(body, score=score)
    before, after = Nodes("preprocess"), Nodes("outputs")
    for number, spec in enumerate(facts.backbones):
        _normalise(before, spec, number, planes=planes)
    outputs: dict[str, list[Any]] = {PROBABILITIES: [1, len(facts.classes)]}
    after.add("Identity", [BATCH], output=PROBABILITIES)
    if embedding:
        embedding_nodes(after, body, EMBEDDING)
        outputs[EMBEDDING] = [1, sum(spec.feature_dim for spec in facts.backbones)]
    if score:
        after.add("Identity", [SCORES], output=NEITHER_OUTPUT)
        outputs[NEITHER_OUTPUT] = [1, 1]
    if maps:
        outputs |= _maps(after, body, facts)
    used = {name for node in kept for name in node.input}
    constants = [tensor for tensor in body.initializer if tensor.name in used]
    graph = helper.make_graph(
        [*before.nodes, *kept, *after.nodes],
        "pawlens-core",
        [
            helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.planes_shape)
            if planes
            else helper.make_tensor_value_info(tensor.name, TensorProto.UINT8, tensor.shape)
            for tensor in core_inputs(facts.backbones)
        ],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
        [*constants, *before.constants, *after.constants],
    )
    core = helper.make_model(graph, opset_imports=model.opset_import, producer_name="pawlens")
    core.ir_version = model.ir_version
    core.metadata_props.extend(model.metadata_props)
    onnx.checker.check_model(core)
    return onnx.shape_inference.infer_shapes(core)


def _normalise(nodes: Nodes, spec: BackboneSpec, number: int, *, planes: bool) -> None:
    """From an input of the core graph to a backbone's, float32 (1, 3, S, S)."""
    layers = input_of(spec).name
    if not planes:
        values = nodes.add("Cast", [layers], to=1)
        layers = nodes.add("Transpose", [values], perm=[0, 3, 1, 2])
    if spec.channel_order == "bgr":
        order = nodes.constant("bgr", np.array([2, 1, 0], np.int64))
        layers = nodes.add("Gather", [layers, order], axis=1)
    mean, std = (
        nodes.constant(f"{name}{number}", np.array(values, np.float32).reshape(1, 3, 1, 1))
        for name, values in (("mean", spec.mean), ("std", spec.std))
    )
    centred = nodes.add("Sub", [layers, mean])
    nodes.add("Div", [centred, std], output=backbone_input(number))


def _maps(nodes: Nodes, graph: onnx.GraphProto, facts: GraphFacts) -> dict[str, list[Any]]:
    """Add the map of each backbone and what belongs to none; returns the outputs' shapes."""
    if all(tensor.name != "head/weights" for tensor in graph.initializer):
        return {}
    layers = [n for n in graph.node if n.name.startswith("head/Gemm")]
    inputs, logits, back = layers[0].input[0], layers[-1].output[0], _effective(nodes, layers)
    norms = {n.input[0]: n.input[1] for n in graph.node if n.name.startswith("head/Div")}
    said = nodes.add("MatMul", [inputs, back])
    nodes.add("Sub", [logits, said], output="map_bias")
    outputs: dict[str, list[Any]] = {"map_bias": [1, len(facts.classes)]}
    start = 0
    features = features_in_order(graph)
    for number, (name, spec) in enumerate(zip(features, facts.backbones, strict=True)):
        end = start + spec.feature_dim
        ends = (nodes.integers(start), nodes.integers(end), nodes.integers(0))
        part, start = nodes.add("Slice", [back, *ends]), end
        pooling = find_pooling(graph, name)
        if pooling is None:
            continue
        if name in norms:
            part = nodes.add("Div", [part, norms[name]])
        filters = nodes.add("Unsqueeze", [_turned(nodes, part), nodes.integers(2, 3)])
        cells = pooling.cells
        if pooling.plane != (2, 3):
            cells = nodes.add("Transpose", [cells], perm=[0, 3, 1, 2])
        nodes.add("Conv", [cells, filters], output=f"map{number}")
        outputs[f"map{number}"] = [1, len(facts.classes), None, None]
    return outputs


def _effective(nodes: Nodes, layers: Sequence[onnx.NodeProto]) -> str:
    """The head as one matrix (D, K) around the photo: what a ReLU cuts off stays off."""
    back = str(layers[-1].input[1])
    for layer in reversed(layers[:-1]):
        alive = nodes.add("Greater", [layer.output[0], nodes.scalar(0)])
        mask = _turned(nodes, nodes.add("Cast", [alive], to=1))
        back = nodes.add("MatMul", [layer.input[1], nodes.add("Mul", [mask, back])])
    return back


def _turned(nodes: Nodes, matrix: str) -> str:
    return nodes.add("Transpose", [matrix], perm=[1, 0])
