"""Tiny graphs drawn by hand: one convolution, a pooling and, if wanted, a classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from pawlens.backbones import BackboneSpec

CHANNELS = 4
CLASSES = 5

Draw = Callable[..., ModelProto]


def draw(
    *,
    batch: int | str = "N",
    size: int | str = 8,
    flatten: str = "Flatten",
    head: str | None = "Gemm",
    softmax: bool = True,
    opset: int = 17,
    names: tuple[str, str] = ("image", "answer"),
    spec: BackboneSpec | None = None,
) -> ModelProto:
    """Conv, Relu, GlobalAveragePool, Flatten or Reshape, then the head and a Softmax."""
    rng = np.random.default_rng(7)
    stored = {
        "kernel": rng.standard_normal((CHANNELS, 3, 3, 3)).astype(np.float32),
        "flat": np.array([1, CHANNELS] if batch == 1 else [-1, CHANNELS], np.int64),
        "weight": rng.standard_normal((CHANNELS, CLASSES)).astype(np.float32),
        "bias": rng.standard_normal(CLASSES).astype(np.float32),
        "unread": np.zeros(3, np.float32),
    }
    image, answer = names
    nodes = [
        helper.make_node("Conv", [image, "kernel"], ["maps"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["maps"], ["rectified"]),
        helper.make_node("GlobalAveragePool", ["rectified"], ["pooled"]),
    ]
    last = "pooled"

    def add(operator: str, *inputs: str, **attributes: Any) -> None:
        nonlocal last
        output = f"{operator.lower()}_out"
        nodes.append(helper.make_node(operator, [last, *inputs], [output], **attributes))
        last = output

    if flatten == "Flatten":
        add("Flatten")
    elif flatten == "Reshape":
        add("Reshape", "flat")
    if head == "Gemm":
        add("Gemm", "weight", "bias")
    elif head == "MatMul":
        add("MatMul", "weight")
        add("Add", "bias")
    if softmax:
        add("Softmax", axis=-1)
    nodes[-1].output[0] = answer
    graph = helper.make_graph(
        nodes,
        "drawn",
        [helper.make_tensor_value_info(image, TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info(answer, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in stored.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    if spec:
        helper.set_model_props(model, {"pawlens.backbone": spec.to_json()})
    return model


@pytest.fixture(name="draw", scope="session")
def _draw() -> Draw:
    return draw


@pytest.fixture
def spec() -> BackboneSpec:
    """The spec of a drawn extractor."""
    mean, std = (127.5, 127.5, 127.5), (64.0, 64.0, 64.0)
    return BackboneSpec("drawn", 8, "bilinear", mean, std, "bgr", CHANNELS, "MIT", "drawn by hand")
