"""The resize inside the graph equals Pillow's, in both runtimes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import openvino as ov
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from pawlens.export._resize import Nodes, resize_nodes
from pawlens.photos import resize

SIZE = 40


def graph(interpolation: str) -> bytes:
    nodes = Nodes("preprocess")
    output = resize_nodes(nodes, "image", SIZE, interpolation)
    built = helper.make_graph(
        nodes.nodes,
        "resize",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [3, SIZE, SIZE])],
        nodes.constants,
    )
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def runtimes(interpolation: str) -> list[Any]:
    data = graph(interpolation)
    session = ort.InferenceSession(data, providers=["CPUExecutionProvider"])
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = ov.Core().compile_model(ov.Core().read_model(data), "CPU", config)
    return [
        lambda pixels: session.run(None, {"image": pixels})[0],
        lambda pixels: compiled({"image": pixels})[0],
    ]


RUNTIMES = {name: runtimes(name) for name in ("bicubic", "bilinear")}


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@given(height=st.integers(1, 300), width=st.integers(1, 300), seed=st.integers(0, 9))
@settings(max_examples=40)
def test_equals_pillow(interpolation: str, height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels: npt.NDArray[np.uint8] = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    expected = resize(pixels, SIZE, interpolation).transpose(2, 0, 1).astype(np.float32)
    for run in RUNTIMES[interpolation]:
        gap = np.abs(run(pixels) - expected)
        assert gap.max() <= 2  # halves are rounded by floats here, by integers there, twice
        assert gap.mean() < 0.15  # small sizes make many exact halves


def test_same_nodes_for_the_same_size() -> None:
    nodes = Nodes("preprocess")
    first = resize_nodes(nodes, "image", 32, "bicubic")
    count = len(nodes.nodes)
    assert resize_nodes(nodes, "image", 32, "bicubic") == first
    assert len(nodes.nodes) == count
