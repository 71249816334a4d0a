"""The single graph: what it says of itself, what it answers, and that it is proven."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from pawlens.backbones import Backbone
from pawlens.errors import ParityError, RunError
from pawlens.export import (
    GraphFacts,
    batched_graph,
    check_parity,
    compose_graph,
    read_facts,
    read_head,
)
from pawlens.heads import Head
from pawlens.metrics import apply_clip, apply_temperature
from pawlens.models import ExportedModel, load
from pawlens.photos import Photos

from ..small_models import dense_head, graph_parts, linear_head, picture, saved, small_model


def pictures(count: int) -> list[npt.NDArray[np.uint8]]:
    rng = np.random.default_rng(1)
    shapes = rng.integers(20, 300, (count, 2))
    return [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in shapes]


def run(model: onnx.ModelProto, pixels: npt.NDArray[np.uint8]) -> Any:
    import onnxruntime as ort

    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"image": np.ascontiguousarray(pixels)})[0]


def decoders(count: int) -> list[Callable[[], npt.NDArray[np.uint8]]]:
    return [lambda picture=picture: picture for picture in pictures(count)]  # type: ignore[misc]


@pytest.mark.parametrize(("clip", "twice"), [(0.0, False), (0.02, True)])
def test_parity_in_both_runtimes(paw: Backbone, tmp_path: Path, clip: float, twice: bool) -> None:
    model, facts, head, backbones = graph_parts(paw, clip=clip, twice=twice)
    found = check_parity(
        saved(model, tmp_path), facts, head, backbones, decoders(12), np.full((12, 3), 1 / 3)
    )
    for runtime in ("onnxruntime", "openvino"):
        assert found[runtime]["passed"]
        assert found[runtime]["photos"] == 12
        assert found[runtime]["max_difference"] < 0.005


def test_a_wrong_graph_fails_parity(paw: Backbone, tmp_path: Path) -> None:
    model, facts, head, backbones = graph_parts(paw)
    other = Head.linear(head.weights[:, ::-1].copy(), head.bias[::-1].copy())
    with pytest.raises(ParityError, match="onnxruntime differs"):
        check_parity(
            saved(model, tmp_path), facts, other, backbones, decoders(4), np.full((4, 3), 1 / 3)
        )


def test_facts_survive_the_file(paw: Backbone, tmp_path: Path) -> None:
    model, facts, _, _ = graph_parts(paw)
    loaded = load(saved(model, tmp_path))
    assert loaded.facts == facts
    assert loaded.classes_ == list(facts.classes)
    with pytest.raises(ValueError, match="metadata is missing"):
        read_facts(onnx.ModelProto())


def test_many_photos_get_what_one_photo_gets(
    paw: Backbone, photo_folder: Callable[..., Path]
) -> None:
    model, facts, _, _ = graph_parts(paw, twice=True)
    classifier = ExportedModel(model, facts)
    photos = Photos.read(photo_folder(cat=6, dog=5))
    together = classifier.answer(photos, precision="f32")
    assert together.status == ["ok"] * 11
    for i in (0, 7, 10):
        alone = classifier.answer(photos.subset([i]), precision="f32")
        np.testing.assert_allclose(alone.proba[0], together.proba[i], atol=1e-5)
    np.testing.assert_allclose(together.proba.sum(axis=1), 1, atol=1e-6)
    low = facts.clip / (1 + (len(facts.classes) - 2) * facts.clip)
    assert together.proba.min() >= low - 1e-6


def test_clip_and_temperature_are_inside(paw: Backbone) -> None:
    logits = np.array([[9.0, -9.0, 0.0]])
    proba = apply_clip(apply_temperature(logits, 1.5), 0.01)
    _, facts, _, _ = graph_parts(paw)
    zero = Head.linear(
        np.zeros((paw.spec.feature_dim, 3), np.float32), logits[0].astype(np.float32)
    )
    model = compose_graph([paw], zero, facts)
    np.testing.assert_allclose(run(model, pictures(1)[0]), proba[0], atol=1e-6)


def test_unreadable_photos_have_a_row(paw: Backbone, photo_folder: Callable[..., Path]) -> None:
    model, facts, _, _ = graph_parts(paw)
    folder = photo_folder(cat=2, dog=2)
    (folder / "cat" / "1.jpg").write_bytes(b"")
    found = ExportedModel(model, facts).answer(Photos.read(folder, labels=False))
    assert found.paths == ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]
    assert found.status[1].startswith("unreadable: the file is empty")
    assert np.isnan(found.proba[1]).all()
    assert found.labels[1] is None
    assert found.labels[0] in facts.classes


def test_batched_graph_has_no_preprocessing(paw: Backbone) -> None:
    model, facts, _, _ = graph_parts(paw, twice=True)
    batched = onnx.load_model_from_string(batched_graph(model, facts))
    assert [i.name for i in batched.graph.input] == ["backbone0/input", "backbone1/input"]
    assert not [n.name for n in batched.graph.node if n.name.startswith("preprocess/")]


def test_the_batched_graph_runs_at_the_same_opset(paw: Backbone) -> None:
    model, facts, _, _ = graph_parts(paw)
    batched = onnx.load_model_from_string(batched_graph(model, facts))
    assert list(batched.opset_import) == list(model.opset_import)
    assert batched.ir_version == model.ir_version
    onnx.checker.check_model(batched, full_check=True)


@pytest.mark.parametrize("unit", [False, True])
def test_a_head_is_read_back_with_its_temperature(paw: Backbone, unit: bool) -> None:
    head = dense_head(paw.spec.feature_dim, unit=unit)
    found = read_head(small_model(paw, head, temperature=2.0).to_onnx())
    assert found.unit == unit
    assert len(found.layers) == 2
    features = np.random.default_rng(0).normal(size=(5, paw.spec.feature_dim)).astype(np.float32)
    np.testing.assert_allclose(found.logits(features), head.logits(features) / 2, rtol=1e-5)


def test_planes_come_in_the_order_of_the_backbone(paw: Backbone) -> None:
    head = linear_head(paw.spec.feature_dim)
    answers = []
    for order in ("rgb", "bgr"):
        spec = replace(paw.spec, channel_order=order)
        facts = GraphFacts(("cat", "dog", "owl"), (spec,), ("x",), 1.0, 0.0, "0")
        model = compose_graph([replace(paw, spec=spec)], head, facts)
        answers.append([run(model, pixels) for pixels in (picture(1), picture(1)[:, :, ::-1])])
    (rgb, rgb_swapped), (bgr, bgr_swapped) = answers
    np.testing.assert_allclose(bgr_swapped, rgb, atol=1e-6)
    np.testing.assert_allclose(bgr, rgb_swapped, atol=1e-6)
    assert np.abs(bgr - rgb).max() > 1e-3


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_not_a_model(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.onnx"):
        load(path)


def test_metadata_of_others_is_no_model(paw: Backbone, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="metadata"):
        load(paw.path)


def test_facts_of_another_shape_are_refused(paw: Backbone) -> None:
    _, facts, _, _ = graph_parts(paw)
    assert GraphFacts.from_json(facts.to_json()) == facts
    with pytest.raises(ValueError, match="metadata is damaged"):
        GraphFacts.from_json(replace(facts).to_json().replace('"clip"', '"clap"'))
