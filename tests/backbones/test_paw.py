"""The bundled backbone file: one graph, the same features in every runtime, honest metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import openvino as ov
import pytest

import pawlens

PAW = Path(pawlens.__path__[0]) / "backbones" / "paw.onnx"
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return onnx.load(PAW)


@pytest.fixture(scope="module")
def spec(model: onnx.ModelProto) -> dict[str, Any]:
    return dict(json.loads(_metadata(model)["pawlens.backbone"]))


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(PAW, providers=["CPUExecutionProvider"])


def _metadata(model: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def _pixels(spec: dict[str, Any], n: int, seed: int = 0) -> Floats:
    size = spec["input_size"]
    return np.random.default_rng(seed).normal(size=(n, 3, size, size)).astype(np.float32)


def _run(session: onnxruntime.InferenceSession, pixels: Floats) -> Floats:
    (features,) = session.run(["features"], {"pixels": pixels})
    return np.asarray(features, np.float32)


def test_file_is_small_valid_and_without_foreign_paths(model: onnx.ModelProto) -> None:
    assert PAW.stat().st_size <= 8 * 2**20
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain: entry.version for entry in model.opset_import}[""] in {17, 18}
    for node in model.graph.node:
        assert not node.doc_string
        assert not node.metadata_props


def test_interface(model: onnx.ModelProto, spec: dict[str, Any]) -> None:
    (pixels,), (features,) = model.graph.input, model.graph.output
    assert (pixels.name, features.name) == ("pixels", "features")
    shape = pixels.type.tensor_type.shape.dim
    assert shape[0].dim_param
    assert [d.dim_value for d in shape[1:]] == [3, spec["input_size"], spec["input_size"]]
    shape = features.type.tensor_type.shape.dim
    assert shape[0].dim_param
    assert [d.dim_value for d in shape[1:]] == [spec["feature_dim"]]
    for value in (pixels, features):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_spec(spec: dict[str, Any]) -> None:
    assert spec["name"] == "paw"
    assert spec["interpolation"] in {"bicubic", "bilinear"}
    assert spec["channel_order"] == "rgb"
    assert len(spec["mean"]) == len(spec["std"]) == 3
    assert all(1 < value < 255 for value in [*spec["mean"], *spec["std"]])  # units of pixels
    assert spec["licence"]
    assert spec["source"]


def test_training_record_states_the_held_out_rule(model: onnx.ModelProto) -> None:
    record = json.loads(_metadata(model)["pawlens.training"])
    assert record["held_out"] == "int(sha256(file bytes).hexdigest()[:8], 16) % 5 == 0"
    for row in record["photos"].values():
        assert row["train"] > row["held-out"] > 0
    assert record["epochs"] > 0
    assert record["teacher"]["name"]
    assert isinstance(record["seed"], int)


def test_weights_are_stored_in_half_precision(model: onnx.ModelProto) -> None:
    kinds = {tensor.data_type for tensor in model.graph.initializer}
    assert onnx.TensorProto.FLOAT not in kinds
    assert onnx.TensorProto.FLOAT16 in kinds
    assert not any(node.op_type == "BatchNormalization" for node in model.graph.node)


def test_runtimes_agree(session: onnxruntime.InferenceSession, spec: dict[str, Any]) -> None:
    pixels = _pixels(spec, 3)
    features = _run(session, pixels)
    compiled = ov.Core().compile_model(PAW, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    np.testing.assert_allclose(compiled(pixels)[0], features, rtol=1e-3, atol=1e-4)
    assert features.shape == (3, spec["feature_dim"])
    assert np.isfinite(features).all()
    assert (features >= 0).all()


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_photo_has_the_same_features_in_any_batch(
    session: onnxruntime.InferenceSession, spec: dict[str, Any], n: int
) -> None:
    pixels = _pixels(spec, 7)
    alone = np.concatenate([_run(session, pixels[i : i + 1]) for i in range(n)])
    np.testing.assert_allclose(_run(session, pixels[:n]), alone, rtol=1e-3, atol=1e-4)


def test_different_pictures_have_different_features(
    session: onnxruntime.InferenceSession, spec: dict[str, Any]
) -> None:
    size = spec["input_size"]
    stripes = np.where(np.arange(size) // 8 % 2, 1.0, -1.0).astype(np.float32)
    upright = np.broadcast_to(stripes, (3, size, size))
    pictures = np.stack([upright, upright.transpose(0, 2, 1), np.zeros_like(upright)])
    features = _run(session, pictures)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(features[a] - features[b]).max() > 0.05
    assert (features.std(0) > 0).mean() > 0.5
