"""The classifier that needs no training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import compose
from PIL import Image

from pawlens import Model, Photos, load
from pawlens.backbones import find_backbone
from pawlens.errors import UsageError
from pawlens.heads import BUNDLED_HEAD, CatDogAnswers
from pawlens.models import (
    BundledModel,
    BundledPredictions,
    ExportedModel,
    answer_closely,
    submission,
)
from pawlens.models._bundled import _merge, join_answers
from pawlens.photos import decode, resize


@pytest.fixture
def folder(photo_folder: Callable[..., Path]) -> Path:
    return photo_folder(cat=3, dog=3)


def test_loaded_without_a_name_and_by_name(folder: Path) -> None:
    photos = Photos.read(folder, labels=False)
    for model in (load(), load("cats-vs-dogs")):
        assert isinstance(model, Model)
        assert model.classes_ == ["cat", "dog"]
        found = model.answer(photos)
        assert isinstance(found, BundledPredictions)
        np.testing.assert_allclose(found.proba.sum(axis=1), 1, atol=1e-6)
        assert set(found.labels) <= {"cat", "dog", "neither", "both"}
        assert {name: len(one) for name, one in found.scores.items()} == {"neither": 6, "both": 6}
    np.testing.assert_array_equal(model.predict_proba(photos), found.proba)
    assert model.predict(photos) == found.labels


def test_it_is_a_model_without_a_graph_of_its_own(folder: Path) -> None:
    model = load()
    assert type(model) is BundledModel
    assert not isinstance(model, ExportedModel)
    assert not hasattr(model, "graph")
    assert model.facts.classes == tuple(model.classes_)


def test_a_closer_look_tells_cat_from_dog(folder: Path) -> None:
    photos = Photos.read(folder, labels=False)
    model = load()
    looks = answer_closely(model, photos)
    assert looks.parts.shape == (4, 6, 2)
    np.testing.assert_allclose(looks.turned[0], model.predict_proba(photos), atol=5e-3)


def test_a_file_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cats-vs-dogs").mkdir()
    with pytest.raises(Exception, match="no such model"):
        load("cats-vs-dogs")


def test_runtimes_agree(folder: Path, tmp_path: Path) -> None:
    """paw and head as one graph, in both runtimes, against the answers that users get."""
    import onnxruntime as ort
    import openvino as ov

    paw = find_backbone("paw", cache_dir=tmp_path)
    network, head = onnx.load(paw.path), onnx.load(BUNDLED_HEAD)
    network = onnx.version_converter.convert_version(network, 18)
    network.ir_version = head.ir_version
    head = compose.add_prefix(head, "head/")
    joined = compose.merge_models(network, head, io_map=[("features", "head/features")])
    path = tmp_path / "joined.onnx"
    onnx.save(joined, path)
    photos = Photos.read(folder, labels=False)
    spec = paw.spec
    squares = [
        resize(decode(photos.read_bytes(row), min_side=spec.input_size), spec.input_size, "bicubic")
        for row in range(len(photos))
    ]
    mean, std = np.array(spec.mean, np.float32), np.array(spec.std, np.float32)
    x = (np.stack(squares).astype(np.float32) - mean) / std
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    expected = load().answer(photos, precision="f32")
    assert isinstance(expected, BundledPredictions)
    names = ["head/probabilities", "head/scores"]
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    compiled = ov.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(x)
    scores = np.column_stack(list(expected.scores.values()))
    for proba, both in (session.run(names, {"pixels": x}), [compiled[name] for name in names]):
        np.testing.assert_allclose(proba, expected.proba, atol=2e-3)
        np.testing.assert_allclose(both, scores, atol=5e-3)


def test_a_plain_wall_is_neither(tmp_path: Path) -> None:
    wall = np.full((200, 200, 3), (120, 140, 160), np.uint8)
    Image.fromarray(wall).save(tmp_path / "wall.png")
    assert load().predict(Photos.read(tmp_path, labels=False)) == ["neither"]


def test_unreadable_photos_keep_their_row(folder: Path) -> None:
    (folder / "cat" / "1.jpg").write_bytes(b"")
    found = load().answer(Photos.read(folder, labels=False))
    assert found.status[1].startswith("unreadable: the file is empty")
    assert found.labels[1] is None
    assert np.isnan([found.proba[1, 0], found.scores["neither"][1]]).all()
    assert np.isfinite(found.proba[[0, 2, 3, 4, 5]]).all()


def test_rotations_undo_a_turn(folder: Path, tmp_path: Path) -> None:
    """Up to the head start of the photo as it lies, a turned photo gets the same answer."""
    (tmp_path / "turned").mkdir()
    for path in sorted((folder / "cat").glob("*.jpg")):
        with Image.open(path) as image:
            image.transpose(Image.Transpose.ROTATE_90).save(
                tmp_path / "turned" / f"{path.stem}.png"
            )
            image.save(tmp_path / f"{path.stem}.png")
    model = load()
    upright = Photos.read(sorted(tmp_path.glob("*.png")), labels=False)
    turned = Photos.read(tmp_path / "turned", labels=False)
    alone = np.abs(model.answer(upright).proba - model.answer(turned).proba).max()
    first = model.answer(upright, rotations=True)
    second = model.answer(turned, rotations=True)
    np.testing.assert_allclose(first.proba.sum(axis=1), 1, atol=1e-6)
    assert np.isfinite(second.scores["both"]).all()
    assert alone > 1e-3


def test_submission_takes_the_dog(folder: Path) -> None:
    photos = Photos.read([folder / "cat" / f"{i}.jpg" for i in (0, 1, 2)], labels=False)
    found = load().answer(photos)
    found.paths = ["1.jpg", "2.jpg", "3.jpg"]
    rows = submission(found).splitlines()
    assert rows[0] == "id,label"
    assert float(rows[1].split(",")[1]) == pytest.approx(found.proba[0, 1], rel=1e-6)


def test_turns_weigh_as_much_as_they_stand_upright() -> None:
    """A turn that is surely upright decides; equal ones leave the photo as it lies 9 of 12."""
    first = CatDogAnswers(
        np.array([[0.9, 0.1], [0.9, 0.1]]),
        np.array([0.2, 0.2]),
        np.array([0.4, 0.4]),
        np.array([0.0, 0.0]),
    )
    others = CatDogAnswers(
        np.array([[0.1, 0.9], [0.1, 0.9]]),
        np.array([0.6, 0.6]),
        np.array([0.0, 0.0]),
        np.array([0.0, 1000.0]),
    )
    found = join_answers([first, others, others, others])
    np.testing.assert_allclose(found.proba[0], [0.7, 0.3])  # (9 * 0.9 + 3 * 0.1) / 12
    np.testing.assert_allclose(found.proba[1], [0.1, 0.9], atol=1e-6)
    np.testing.assert_allclose(found.neither, [0.3, 0.6], atol=1e-6)
    np.testing.assert_allclose(found.both, [0.3, 0.0], atol=1e-6)
    alone = join_answers([first])
    np.testing.assert_allclose(alone.proba, first.proba)
    np.testing.assert_allclose(alone.upright, first.upright)


def test_looks_at_one_photo_are_joined_score_by_score() -> None:
    looks = np.array([[[0.9, 0.1, 0.8, 0.5, 1.0]], [[0.5, 0.5, 0.2, 0.5, 3.0]]])
    odds = (0.9 / 0.1) ** 0.5
    expected = [odds / (1 + odds), 1 / (1 + odds), 0.5, 0.5, 2.0]
    np.testing.assert_allclose(_merge(looks), [expected])


def test_it_is_no_graph_and_explains_cat_against_dog() -> None:
    model = load()
    with pytest.raises(UsageError, match="no single graph"):
        model.to_onnx()
    pixels = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    found = model.explainer().explain(pixels, "dog")
    assert found.class_name == "dog"
    assert found.answer in model.classes_
    assert 0 < found.probability < 1
