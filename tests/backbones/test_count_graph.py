"""Counting from shapes alone."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.backbones import count_graph, group_by_stage, total_macs, total_parameters
from pawlens.backbones._onnx import count_weights, parse_graph
from pawlens.backbones._source_bundled import PAW
from pawlens.errors import BackboneError

from .conftest import CHANNELS, CLASSES, Draw


def test_a_drawn_classifier_is_counted_as_by_hand(draw: Draw) -> None:
    model = draw(size="S")
    before = model.SerializeToString()
    layers = count_graph(model, 8)
    assert [(one.kind, one.parameters, one.macs) for one in layers] == [
        ("Conv", CHANNELS * 3 * 9, 8 * 8 * CHANNELS * 3 * 9),
        ("Gemm", CHANNELS * CLASSES + CLASSES, CHANNELS * CLASSES),
    ]
    assert layers[0].output == (CHANNELS, 8, 8)
    assert total_macs(count_graph(model, 16)) == 4 * layers[0].macs + layers[1].macs
    assert model.SerializeToString() == before
    assert [(one.name, one.layers) for one in group_by_stage(layers)] == [
        ("8 x 8", 1),
        ("pooled", 1),
    ]


def test_paw_holds_what_its_file_holds() -> None:
    model = parse_graph(PAW)
    layers = count_graph(model, 160)
    assert total_parameters(layers) == count_weights(model)
    assert 117e6 < total_macs(layers) < 119e6  # as docs/paw.md says
    stages = group_by_stage(layers)
    assert [one.name for one in stages] == [f"{s} x {s}" for s in (80, 40, 20, 10, 5)]
    assert sum(one.macs for one in stages) == total_macs(layers)


def test_groups_turned_products_and_shared_weights() -> None:
    weight = np.ones((6, 4), np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["maps"], group=3),
        helper.make_node("GlobalAveragePool", ["maps"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight"], ["one"]),
        helper.make_node("Transpose", ["weight"], ["turned"], perm=[1, 0]),
        helper.make_node("MatMul", ["one", "turned"], ["two"]),
    ]
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("two", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(np.ones((6, 1, 3, 3), np.float32), "kernel"),
            numpy_helper.from_array(weight, "weight"),
        ],
    )
    layers = count_graph(helper.make_model(graph), 8)
    assert [one.macs for one in layers] == [6 * 6 * 6 * 9, 6 * 4, 4 * 6]
    assert [one.parameters for one in layers] == [54, 24, 0]


def test_a_graph_whose_shapes_are_unknown_is_refused() -> None:
    nodes = [
        helper.make_node("Strange", ["image"], ["odd"], domain="elsewhere"),
        helper.make_node("MatMul", ["odd", "weight"], ["answer"]),
    ]
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones((8, 4), np.float32), "weight")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("elsewhere", 1)]
    with pytest.raises(BackboneError, match="'odd' is unknown, which a MatMul reads"):
        count_graph(helper.make_model(graph, opset_imports=opsets), 8)
