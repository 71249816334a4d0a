"""Answers to files against those to whole pixels, and what becomes of a model too far off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from pawlens.backbones import Backbone
from pawlens.export import GraphFacts, read_facts
from pawlens.heads import Head
from pawlens.models import ExportedModel, exact_in_words, prove_from_files
from pawlens.photos import Photos, _square, decode

from ..small_models import linear_head, small_model


@pytest.fixture
def photos(photo_folder: Callable[..., Path]) -> Photos:
    return Photos.read(photo_folder(cat=3, dog=3))


@pytest.fixture
def gentle(paw: Backbone) -> ExportedModel:
    """A model whose answers hardly move with its input."""
    head = linear_head(paw.spec.feature_dim)
    return small_model(paw, Head.linear(0.1 * head.weights, head.bias))


@pytest.fixture
def model(paw: Backbone) -> ExportedModel:
    return small_model(paw, linear_head(paw.spec.feature_dim))


def test_a_model_within_the_limits_is_left_as_it_is(gentle: ExportedModel, photos: Photos) -> None:
    graph = gentle.to_onnx()
    parity = prove_from_files(graph, gentle.facts, photos)
    (name, found), *others = parity.items()
    assert (name, others) == ("from files", [])
    assert found["passed"]
    assert found["photos"] in (6, 6 + 5)  # the run's own, or drawn ones and icons of them
    assert 0 < found["mean_difference"] <= found["max_difference"] < 0.02
    assert graph == gentle.to_onnx()
    assert exact_in_words(parity) == ""


def test_a_model_beyond_the_limits_becomes_exact(
    paw: Backbone, photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_square, "SPARE", 1)
    head = linear_head(paw.spec.feature_dim)
    model = small_model(paw, Head.linear(8 * head.weights, head.bias))  # answers to every level
    graph = model.to_onnx()
    graph.metadata_props.add(key="pawlens.trained_on", value="kept")
    parity = prove_from_files(graph, model.facts, photos)
    (name, found), *others = parity.items()
    assert (name, others) == ("from files, reduced", [])
    assert not found["passed"]
    assert f"{found['max_difference']:.3f} at most" in exact_in_words(parity)
    assert read_facts(graph) == replace(model.facts, exact=True)
    assert graph.metadata_props[-1].value == "kept"


def test_a_photo_that_vanished_is_left_out(gentle: ExportedModel, photos: Photos) -> None:
    (Path(photos.location) / photos.paths[0]).unlink()
    parity = prove_from_files(gentle.to_onnx(), gentle.facts, photos)
    assert parity["from files"]["photos"] in (5, 5 + 5)


def test_an_exact_model_answers_as_its_graph_does(
    model: ExportedModel, photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_square, "SPARE", 0.1)
    exact = ExportedModel(model.to_onnx(), replace(model.facts, exact=True))
    graph = model.to_onnx().SerializeToString()
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for row, proba in enumerate(exact.answer(photos).proba):
        whole = session.run(["probabilities"], {"image": decode(photos.read_bytes(row))})[0]
        np.testing.assert_allclose(proba, whole, atol=0.002)
    assert np.abs(exact.answer(photos).proba - model.answer(photos).proba).max() > 0.02


def test_of_an_exact_model_auto_is_f32_and_what_is_asked_for_stands(model: ExportedModel) -> None:
    exact = replace(model.facts, exact=True)
    assert [exact.precision(asked) for asked in ("auto", "f32", "bf16")] == ["f32", "f32", "bf16"]
    assert model.facts.precision("auto") == "auto"


def test_older_readers_are_not_troubled_by_models_that_need_not_be_exact(
    model: ExportedModel,
) -> None:
    assert "exact" not in model.facts.to_json()
    exact = replace(model.facts, exact=True)
    assert GraphFacts.from_json(exact.to_json()) == exact
