"""The bundled head: it fits the bundled paw, and is one function in every runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import numpy_helper

from pawlens.backbones import Backbone, find_backbone
from pawlens.errors import BackboneError
from pawlens.heads import BUNDLED_HEAD, SMALLEST_NORM, CatDogAnswers, CatDogHead

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def paw(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return find_backbone("paw", cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def head(paw: Backbone) -> CatDogHead:
    return CatDogHead(paw.weights_hash)


def features(paw: Backbone, count: int) -> Floats:
    """As paw gives them: not negative, and of any length."""
    rng = np.random.default_rng(0)
    x = np.maximum(rng.normal(0.3, 0.3, (count, paw.spec.feature_dim)), 0)
    return (x * rng.uniform(0.2, 3, (count, 1))).astype(np.float32)


def by_hand(x: Floats) -> dict[str, npt.NDArray[np.float64]]:
    """The head in NumPy, from the numbers stored in its file."""
    model = onnx.load(BUNDLED_HEAD)
    stored: dict[str, Any] = {
        t.name: numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer
    }

    def affine(value: Any, name: str) -> Any:
        return value @ stored[f"{name}_weights"] + stored[f"{name}_bias"]

    unit = x / np.sqrt(np.maximum((x.astype(np.float64) ** 2).sum(1, keepdims=True), SMALLEST_NORM))
    margin = affine(unit, "animal")
    seen = unit @ stored["directions"]
    gaps = [((seen - stored[f"centre{c}"]) ** 2).mean(1, keepdims=True) for c in (0, 1)]
    evidence = np.hstack([unit, np.log(np.minimum(*gaps) + 1e-6), -np.abs(margin)])
    hidden = np.maximum(affine(unit, "pair_first"), 0)
    scores = np.hstack([affine(evidence, "neither"), affine(hidden, "pair_second")])
    dog = 1 / (1 + np.exp(-margin))
    return {
        "probabilities": np.hstack([1 - dog, dog]),
        "scores": 1 / (1 + np.exp(-scores)),
        "upright": affine(unit, "upright_head"),
    }


def test_file_is_small_and_fits_the_bundled_paw(paw: Backbone, head: CatDogHead) -> None:
    assert BUNDLED_HEAD.stat().st_size < 500_000
    onnx.checker.check_model(onnx.load(BUNDLED_HEAD), full_check=True)
    assert head.classes == ("cat", "dog")
    assert head.facts["weights_hash"] == paw.weights_hash
    assert 0.2 < head.facts["temperature"] < 5


def test_a_head_of_another_paw_is_refused() -> None:
    with pytest.raises(BackboneError, match="another paw"):
        CatDogHead("0" * 64)


def test_runtimes_agree_with_python(paw: Backbone, head: CatDogHead) -> None:
    import openvino as ov

    x = features(paw, 40)
    expected = by_hand(x)
    found = head(x)
    np.testing.assert_allclose(found.proba, expected["probabilities"], atol=1e-4)
    scores = np.column_stack([found.neither, found.both])
    np.testing.assert_allclose(scores, expected["scores"], atol=1e-4)
    np.testing.assert_allclose(found.upright, expected["upright"][:, 0], rtol=1e-3, atol=1e-3)
    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    answers = ov.Core().compile_model(str(BUNDLED_HEAD), "CPU", hints)(x)
    for name, value in expected.items():
        np.testing.assert_allclose(answers[name], value, rtol=1e-3, atol=1e-3)


def test_length_of_the_features_does_not_matter(paw: Backbone, head: CatDogHead) -> None:
    x = features(paw, 5)
    np.testing.assert_allclose(head(x).proba, head(7 * x).proba, atol=1e-5)
    assert np.isfinite(head(0 * x).proba).all()


def test_neither_goes_before_both_and_both_before_the_animal() -> None:
    proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1], [0.9, 0.1]])
    neither, both = np.array([0.1, 0.2, 0.5, 0.9]), np.array([0.1, 0.4, 0.6, 0.2])
    both[1] = 0.5
    answers = CatDogAnswers(proba, neither, both, np.zeros(4))
    assert answers.labels().tolist() == ["cat", "both", "neither", "neither"]


def test_path_is_inside_the_package() -> None:
    assert Path(BUNDLED_HEAD).parent.name == "heads"
