"""Where a photo's features come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.errors import UsageError
from pawlens.export import batched_graph
from pawlens.export._subject import CELLS, find_window, mapped_graph

from ..small_models import graph_parts


def run(graph: bytes, count: int, side: int) -> Any:
    import onnxruntime as ort

    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    inputs = {
        one.name: rng.normal(size=(count, 3, side, side)).astype(np.float32)
        for one in session.get_inputs()
    }
    return session.run(None, inputs)[0]


@pytest.mark.parametrize("twice", [False, True])
def test_answers_stay_and_a_map_follows(paw: Any, twice: bool) -> None:
    model, facts, _, _ = graph_parts(paw, twice=twice)
    graph = batched_graph(model, facts)
    plain = run(graph, 3, paw.spec.input_size)
    mapped = run(mapped_graph(graph), 3, paw.spec.input_size)
    assert mapped.shape == (3, plain.shape[1] + CELLS)
    np.testing.assert_allclose(mapped[:, : plain.shape[1]], plain, atol=1e-6)


def test_the_map_shares_out_the_features() -> None:
    """By hand: channels of a drawn graph, whose features are the pixels' means."""
    pool = helper.make_node("GlobalAveragePool", ["pixels"], ["mean"])
    flat = helper.make_node("Flatten", ["mean"], ["features"])
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, 16, 16])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 3])
    graph = helper.make_graph([pool, flat], "drawn", [pixels], [features])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    found = run(mapped_graph(model.SerializeToString()), 2, 16)
    cells = np.random.default_rng(0).normal(size=(2, 3, 16, 16)).astype(np.float32)
    mean = cells.mean((2, 3))
    expected = np.einsum("nchw,nc->nhw", cells, mean) / (mean**2).sum(1)[:, None, None]
    np.testing.assert_allclose(found[:, 3:], expected.reshape(2, -1), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(found[:, 3:].mean(1), 1, rtol=1e-3)


def test_grids_of_all_sizes_are_brought_to_one() -> None:
    """A small grid is interpolated: a cell's value falls off evenly towards its neighbours."""
    pool = helper.make_node("GlobalAveragePool", ["pixels"], ["mean"])
    flat = helper.make_node("Flatten", ["mean"], ["features"])
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, 2, 2])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 3])
    graph = helper.make_graph([pool, flat], "drawn", [pixels], [features])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    grid = run(mapped_graph(model.SerializeToString()), 1, 2)[0, 3:].reshape(16, 16)
    assert grid[0, 0] == pytest.approx(grid[3, 3], rel=1e-5)  # the corners are flat
    between = np.diff(grid[0, 4:12])
    assert np.abs(between).min() > 0
    np.testing.assert_allclose(between, between[0], rtol=1e-3)


def test_features_without_a_grid_are_refused() -> None:
    weights = numpy_helper.from_array(np.ones((3, 2), np.float32), "weights")
    node = helper.make_node("MatMul", ["pixels", "weights"], ["features"])
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3])
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 2])
    graph = helper.make_graph([node], "drawn", [pixels], [features], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    with pytest.raises(UsageError, match="nothing tells where"):
        mapped_graph(onnx.ModelProto.SerializeToString(model))


def test_a_window_holds_what_is_hot_and_stays_inside() -> None:
    grid = np.zeros((16, 16))
    grid[12:16, 0:3] = 1
    left, top, right, bottom = find_window(grid.ravel()) or pytest.fail("no window")
    assert (left, bottom) == (0, 1)
    assert right - left == pytest.approx(bottom - top) == pytest.approx(4 / 16 * 1.2)
    grid[8, 8] = 1
    left, top, right, bottom = find_window(grid.ravel()) or pytest.fail("no window")
    assert right - left == pytest.approx(9 / 16 * 1.2)  # from 0 to 9 sixteenths
    assert (left, bottom) == (0, 1)
    grid[1, 14] = 1  # all over the photo
    assert find_window(grid.ravel()) is None
    assert find_window(np.ones(CELLS)) is None
    point = np.zeros(CELLS)
    point[0] = 1
    assert find_window(point) == pytest.approx((0, 0, 0.2, 0.2))


def test_a_window_lies_around_the_middle_of_what_is_hot() -> None:
    grid = np.zeros((16, 16))
    grid[4:8, 6:12] = 1
    assert find_window(grid.ravel()) == pytest.approx(
        (9 / 16 - 0.225, 6 / 16 - 0.225, 9 / 16 + 0.225, 6 / 16 + 0.225)
    )


@pytest.mark.parametrize(("value", "hot"), [(1.9, False), (2.1, True)])
def test_hot_is_half_way_from_the_least_to_the_greatest(value: float, hot: bool) -> None:
    grid = np.ones((16, 16))
    grid[2, 2], grid[2, 7] = 3.0, value
    left, _, right, _ = find_window(grid.ravel()) or pytest.fail("no window")
    assert right - left == pytest.approx(6 / 16 * 1.2 if hot else 0.2)


@pytest.mark.parametrize(("cells", "small"), [(9, True), (10, False)])
def test_what_fills_most_of_the_photo_is_no_window(cells: int, small: bool) -> None:
    grid = np.zeros((16, 16))
    grid[3, 3 : 3 + cells] = 1  # with its margin 0.675 of the side, or 0.75
    assert (find_window(grid.ravel()) is not None) == small
