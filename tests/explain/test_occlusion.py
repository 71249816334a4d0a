"""Covering places: what an answer loses, of any graph."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from pawlens.explain._occlusion import OCCLUDED, Occluder, covers


def brightest() -> onnx.ModelProto:
    """A graph whose feature is the brightest pixel of each plane, which no mean can tell."""
    nodes = [
        helper.make_node("Identity", ["image"], ["backbone0/input"], name="preprocess/x"),
        helper.make_node("GlobalMaxPool", ["backbone0/input"], ["backbone0/top"]),
        helper.make_node("Flatten", ["backbone0/top"], ["backbone0/features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 28, 28])],
        [helper.make_tensor_value_info("backbone0/features", TensorProto.FLOAT, ["N", 3])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_the_answer_loses_what_is_covered() -> None:
    pixels = np.random.default_rng(0).random((1, 3, 28, 28), np.float32)
    pixels[0, :, 9, 22] = 50
    occluder = Occluder(brightest(), "backbone0/features")
    assert occluder.input == "backbone0/input"
    grid = occluder.losses(pixels, lambda features: float(features.sum()))
    assert grid.shape == (OCCLUDED, OCCLUDED)
    cell = grid[9 * OCCLUDED // 28, 22 * OCCLUDED // 28]
    assert cell == grid.max() > 100  # neighbours that overlap lose as much
    assert np.abs(grid[5:]).max() < 1e-3


def test_covers_hold_the_whole_photo_and_overlap() -> None:
    seen = np.zeros((30, 30), np.int64)
    for rows, columns in covers(30):
        seen[rows, columns] += 1
    assert seen.min() >= 1
    assert seen.max() > 1
    assert len(covers(30)) == OCCLUDED**2
