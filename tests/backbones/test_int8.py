from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnx import ModelProto, helper

from pawlens.backbones import (
    CALIBRATION_PHOTOS,
    Backbone,
    BackboneSpec,
    _int8,
    find_backbone,
    open_engine,
    quantise,
)
from pawlens.backbones._onnx import finish, parse_graph
from pawlens.base._hashing import sha256_of
from pawlens.errors import BackboneError
from pawlens.photos import resize

Draw = Callable[..., ModelProto]
PHOTOS = np.random.default_rng(0).integers(0, 256, (48, 8, 8, 3), dtype=np.uint8)


@pytest.fixture
def backbone(tmp_path: Path, draw: Draw, spec: BackboneSpec) -> Backbone:
    path = tmp_path / "drawn.onnx"
    path.write_bytes(finish(draw(head=None, softmax=False), 8, 4).SerializeToString())
    return Backbone(spec, path, "hash")


def features(
    backbone: Backbone, precision: str, photos: npt.NDArray[np.uint8] = PHOTOS
) -> npt.NDArray[np.float32]:
    engine = open_engine(backbone, precision=precision, device="cpu")  # type: ignore[arg-type]
    assert engine.precision == precision
    step = engine.batch_size
    pairs = engine.run((i, [photos[i : i + step]]) for i in range(0, len(photos), step))
    return np.concatenate([answer for _, answer in pairs])


def test_features_stay_close(backbone: Backbone, tmp_path: Path) -> None:
    quantised = quantise(backbone, [PHOTOS], cache_dir=tmp_path)
    assert quantised.path.parent == tmp_path / "onnx"
    assert quantised.spec == backbone.spec
    assert quantised.weights_hash == sha256_of(quantised.path)
    operators = [node.op_type for node in parse_graph(quantised.path).graph.node]
    assert "QuantizeLinear" in operators
    exact = features(backbone, "f32")
    error = np.abs(features(quantised, "int8") - exact).max()
    assert 0 < error < 0.05 * np.abs(exact).max()


def test_products_do_not_overflow(tmp_path: Path) -> None:
    """Weights of eight bits cost `paw` much of its features on a CPU without VNNI."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (48, 10, 10, 3), dtype=np.uint8)
    photos = np.stack([resize(one, 160, "bicubic") for one in coarse])
    paw = find_backbone("paw", cache_dir=tmp_path)
    exact = features(paw, "f32", photos)
    found = features(quantise(paw, [photos], cache_dir=tmp_path), "int8", photos)
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(found, axis=1)
    cosine = (exact * found).sum(1) / lengths
    assert cosine.min() > 0.99, cosine


def test_the_same_photos_are_quantised_once(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = quantise(backbone, [PHOTOS[:20], PHOTOS[20:]], cache_dir=tmp_path)
    other = quantise(backbone, [PHOTOS[::2] // 2], cache_dir=tmp_path)
    assert first.weights_hash != other.weights_hash
    monkeypatch.setattr(_int8, "_quantise", None)
    assert quantise(backbone, [PHOTOS], cache_dir=tmp_path) == first


def test_no_more_photos_are_asked_for_than_are_used(backbone: Backbone, tmp_path: Path) -> None:
    pulled = 0

    def batches() -> Iterator[npt.NDArray[np.uint8]]:
        nonlocal pulled
        while True:
            pulled += 1
            yield PHOTOS[:12]

    quantise(backbone, batches(), cache_dir=tmp_path)
    assert pulled == -(-CALIBRATION_PHOTOS // 12)


def test_no_photo_is_an_error(backbone: Backbone, tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match="there is none"):
        quantise(backbone, [], cache_dir=tmp_path)


def test_a_graph_that_cannot_be_quantised_is_one_line(backbone: Backbone, tmp_path: Path) -> None:
    model = parse_graph(backbone.path)
    model.graph.node[1].CopyFrom(helper.make_node("Unknown", ["maps"], ["rectified"]))
    backbone.path.write_bytes(model.SerializeToString())
    with pytest.raises(BackboneError, match="drawn cannot be quantised") as caught:
        quantise(backbone, [PHOTOS], cache_dir=tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "onnx").exists()
