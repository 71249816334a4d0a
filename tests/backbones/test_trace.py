"""Following features back to the places of the photo, in graphs drawn by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.backbones import Gathering, Step, gatherings_of, trace_features


def model(
    nodes: list[onnx.NodeProto], shape: list[Any], constants: dict[str, Any] | None = None
) -> onnx.ModelProto:
    stored = [
        numpy_helper.from_array(np.asarray(value), name)
        for name, value in (constants or {}).items()
    ]
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)],
        stored,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def attention(queries: list[onnx.NodeProto], tokens: str = "pixels") -> list[onnx.NodeProto]:
    """Single-head attention of ``queries`` over tokens, to ``features`` (N, 1, D)."""
    return [
        *queries,
        helper.make_node("Transpose", [tokens], ["keys"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["query", "keys"], ["products"]),
        helper.make_node("Softmax", ["products"], ["weights"], axis=-1),
        helper.make_node("MatMul", ["weights", tokens], ["features"]),
    ]


FIRST = helper.make_node("Slice", ["pixels", "zero", "one", "one"], ["query"])
ENDS = {"zero": np.array([0]), "one": np.array([1])}


def test_a_mean_over_the_plane_ends_the_way() -> None:
    nodes = [
        helper.make_node("Relu", ["pixels"], ["cells"]),
        helper.make_node("GlobalAveragePool", ["cells"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("LayerNormalization", ["flat", "scale"], ["features"]),
    ]
    drawn = model(nodes, [4, 6, 5], {"scale": np.ones(4, np.float32)})
    (gathering,) = gatherings_of(drawn, ["features"])
    assert gathering is not None
    assert (gathering.cells, gathering.axes, gathering.grid) == ("cells", (2, 3), (6, 5))
    assert (gathering.prefix, gathering.weights) == (0, None)
    way = trace_features(drawn.graph, "features", {"cells": (1, 4, 6, 5)})
    assert [step.node.op_type for step in way] == [
        "LayerNormalization",
        "Flatten",
        "GlobalAveragePool",
    ]


@pytest.mark.parametrize(("tokens", "grid", "prefix"), [(16, (4, 4), 0), (19, (4, 4), 3)])
def test_a_mean_over_tokens_knows_those_before_the_photo(
    tokens: int, grid: tuple[int, int], prefix: int
) -> None:
    mean = helper.make_node("ReduceMean", ["pixels", "one"], ["features"], keepdims=0)
    (gathering,) = gatherings_of(model([mean], [tokens, 8], ENDS), ["features"])
    assert gathering is not None
    assert (gathering.axes, gathering.grid, gathering.prefix) == ((1,), grid, prefix)


def test_a_mean_over_channels_gathers_nothing() -> None:
    mean = helper.make_node("ReduceMean", ["pixels", "last"], ["features"], keepdims=0)
    drawn = model([mean], [16, 9], {"last": np.array([2])})
    assert gatherings_of(drawn, ["features"]) == [None]


def test_a_class_token_is_gathered_by_attention() -> None:
    (gathering,) = gatherings_of(model(attention([FIRST]), [10, 8], ENDS), ["features"])
    assert gathering is not None
    assert (gathering.weights, gathering.cells) == ("weights", "pixels")
    assert (gathering.grid, gathering.prefix) == ((3, 3), 1)


def test_a_gate_is_a_number_of_the_photo() -> None:
    """The way follows what is gated, whichever side it stands on, and not the gate."""
    for order in (["mean", "gate"], ["gate", "mean"]):
        nodes = [
            helper.make_node("GlobalAveragePool", ["pixels"], ["mean"]),
            helper.make_node("Add", ["mean", "three"], ["raised"]),
            helper.make_node("Clip", ["raised", "low", "high"], ["clipped"]),
            helper.make_node("Div", ["clipped", "high"], ["gate"]),
            helper.make_node("Mul", order, ["features"]),
        ]
        numbers = {"three": 3.0, "low": 0.0, "high": 6.0}
        constants = {name: np.float32(value) for name, value in numbers.items()}
        drawn = model(nodes, [4, 3, 3], constants)
        way = trace_features(drawn.graph, "features", {"pixels": (1, 4, 3, 3)})
        assert [step.node.op_type for step in way] == ["Mul", "GlobalAveragePool"]
        first = way[0]
        assert isinstance(first, Step)
        assert first.carried == (order.index("mean"),)
        assert isinstance(way[1], Gathering)


@pytest.mark.parametrize("kind", ["ReduceMax", "Sin"])
def test_the_way_ends_at_what_is_not_linear(kind: str) -> None:
    nodes = [
        helper.make_node(kind, ["pixels"], ["odd"]),
        helper.make_node("Flatten", ["odd"], ["features"]),
    ]
    way = trace_features(model(nodes, [4, 3, 3]).graph, "features", {})
    assert [(step.node.op_type, getattr(step, "carried", None)) for step in way] == [
        ("Flatten", (0,)),
        (kind, ()),
    ]
    assert gatherings_of(model(nodes, [4, 3, 3]), ["features"]) == [None]


def test_a_product_of_two_values_is_not_linear() -> None:
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixels"], ["mean"]),
        helper.make_node("Mul", ["mean", "mean"], ["features"]),
    ]
    way = trace_features(model(nodes, [4, 3, 3]).graph, "features", {"pixels": (1, 4, 3, 3)})
    assert [getattr(step, "carried", None) for step in way] == [()]
