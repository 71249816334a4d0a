"""The fitted parts as one small ONNX graph: paw's features in, answers out."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from outliers import Geometry
from pair_finder import PairFinder

from pawlens.heads import SMALLEST_NORM, LinearHead

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Parts:
    """What the graph is made of, on unit features.

    Attributes
    ----------
    animal : LinearHead
        Logits of cat and dog, temperature applied.
    geometry : Geometry
    outliers : LinearHead
        On features, distance and doubt.
    outlier_threshold : float
        Logit from which a picture shows neither.
    pairs : PairFinder
    pair_threshold : float
        Logit from which a picture shows both.
    upright : LinearHead
    """

    animal: LinearHead
    geometry: Geometry
    outliers: LinearHead
    outlier_threshold: float
    pairs: PairFinder
    pair_threshold: float
    upright: LinearHead


def compose(parts: Parts, metadata: dict[str, object]) -> onnx.ModelProto:
    """Write the graph.

    Returns
    -------
    onnx.ModelProto
        Input ``features`` float32 [N, D]. Outputs ``probabilities`` float32 [N, 2] of cat and dog,
        ``scores`` float32 [N, 2] of neither and both, one half at the thresholds, and ``upright``
        float32 [N, 1], the logit that the picture stands upright.
    """
    graph = _Graph()
    square = graph.add("ReduceSum", ["features_squared", graph.constant("axes", _whole([1]))])
    graph.nodes.insert(0, helper.make_node("Mul", ["features", "features"], ["features_squared"]))
    smallest = graph.constant("smallest", np.array(SMALLEST_NORM, np.float32))
    unit = graph.add("Div", ["features", graph.add("Sqrt", [graph.add("Max", [square, smallest])])])
    margin = graph.affine(unit, *_margin(parts.animal), "animal")
    halves = graph.constant("halves", np.array([[-0.5, 0.5]], np.float32))
    graph.add("Softmax", [graph.add("Mul", [margin, halves])], "probabilities", axis=1)
    distance = _distance(graph, unit, parts.geometry)
    doubt = graph.add("Neg", [graph.add("Abs", [margin])])
    evidence = graph.add("Concat", [unit, distance, doubt], axis=1)
    kernel, bias = _margin(parts.outliers)
    neither = graph.affine(evidence, kernel, bias - np.float32(parts.outlier_threshold), "neither")
    pairs = parts.pairs
    hidden = graph.add("Relu", [graph.affine(unit, pairs.first, pairs.shift, "pair_first")])
    shift = pairs.bias - np.float32(parts.pair_threshold)
    both = graph.affine(hidden, pairs.second, shift, "pair_second")
    graph.add("Sigmoid", [graph.add("Concat", [neither, both], axis=1)], "scores")
    graph.affine(unit, *_margin(parts.upright), "upright_head", "upright")
    return graph.finish(parts.geometry.directions.shape[0], metadata)


def _distance(graph: _Graph, unit: str, geometry: Geometry) -> str:
    seen = graph.add("MatMul", [unit, graph.constant("directions", geometry.directions)])
    axes = graph.constant("mean_axes", _whole([1]))
    gaps = []
    for number, centre in enumerate(geometry.centres):
        gap = graph.add("Sub", [seen, graph.constant(f"centre{number}", centre)])
        gaps.append(graph.add("ReduceMean", [graph.add("Mul", [gap, gap]), axes]))
    tiny = graph.constant("tiny", np.array(1e-6, np.float32))
    return graph.add("Log", [graph.add("Add", [graph.add("Min", gaps), tiny])])


def _margin(head: LinearHead) -> tuple[Floats, Floats]:
    """The second logit less the first, as one column."""
    return head.weights[:, 1:] - head.weights[:, :1], head.bias[1:] - head.bias[:1]


def _whole(values: list[int]) -> npt.NDArray[np.int64]:
    return np.array(values, np.int64)


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str = "", **attributes: int) -> str:
        output = output or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def affine(self, value: str, kernel: Floats, bias: Floats, name: str, output: str = "") -> str:
        weights = self.constant(f"{name}_weights", kernel.astype(np.float32))
        shift = self.constant(f"{name}_bias", bias.astype(np.float32))
        return self.add("Gemm", [value, weights, shift], output)

    def finish(self, dim: int, metadata: dict[str, object]) -> onnx.ModelProto:
        shapes = {"probabilities": 2, "scores": 2, "upright": 1}
        graph = helper.make_graph(
            self.nodes,
            "cats-vs-dogs",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", dim])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
                for name, width in shapes.items()
            ],
            self._constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 18)], producer_name="pawlens"
        )
        model.ir_version = 8
        helper.set_model_props(model, {"pawlens.cats-vs-dogs": json.dumps(metadata)})
        onnx.checker.check_model(model, full_check=True)
        return model
