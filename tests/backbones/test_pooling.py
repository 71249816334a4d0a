"""Where features are still spread over the photo."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.backbones import Pooling, feature_names, find_pooling


def graph(*nodes: Any, **constants: Any) -> onnx.GraphProto:
    cells = helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["N", 3, 4, 4])
    output = helper.make_tensor_value_info("features", TensorProto.FLOAT, None)
    stored = [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()]
    return helper.make_graph(list(nodes), "drawn", [cells], [output], stored)


def test_a_global_average_pool_is_found_behind_a_flatten() -> None:
    found = graph(
        helper.make_node("GlobalAveragePool", ["cells"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["features"]),
    )
    assert feature_names(found) == ["features"]
    assert find_pooling(found, "features") == Pooling("cells", (2, 3))


@pytest.mark.parametrize(
    ("axes", "plane"),
    [((2, 3), (2, 3)), ((-1, -2), (2, 3)), ((1, 2), (1, 2)), ((-3, -2), (1, 2))],
)
def test_a_mean_over_a_plane(axes: tuple[int, int], plane: tuple[int, int]) -> None:
    node = helper.make_node("ReduceMean", ["cells", "axes"], ["features"], keepdims=0)
    found = find_pooling(graph(node, axes=np.array(axes)), "features")
    assert found == Pooling("cells", plane)


def test_axes_may_be_an_attribute_or_a_node() -> None:
    old = helper.make_node("ReduceMean", ["cells"], ["features"], axes=[2, 3])
    assert find_pooling(graph(old), "features") == Pooling("cells", (2, 3))
    value = numpy_helper.from_array(np.array([2, 3]))
    axes = helper.make_node("Constant", [], ["axes"], value=value)
    node = helper.make_node("ReduceMean", ["cells", "axes"], ["features"])
    assert find_pooling(graph(axes, node), "features") == Pooling("cells", (2, 3))


def test_what_is_no_mean_over_a_grid_has_no_pooling() -> None:
    tokens = helper.make_node("ReduceMean", ["cells", "axes"], ["features"])
    assert find_pooling(graph(tokens, axes=np.array([1])), "features") is None
    late = helper.make_node("GlobalAveragePool", ["cells"], ["mean"])
    norm = helper.make_node("Sigmoid", ["mean"], ["features"])
    assert find_pooling(graph(late, norm), "features") is None
    assert find_pooling(graph(helper.make_node("Relu", ["x"], ["y"])), "features") is None
