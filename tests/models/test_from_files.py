"""Answers to files against those to whole pixels, and what becomes of a model too far off."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from pawlens.backbones import Backbone, OpenVinoEngine
from pawlens.export import GraphFacts, read_facts
from pawlens.heads import Head
from pawlens.models import ExportedModel, _views, exact_in_words, prove_from_files
from pawlens.photos import Photos, decode
from pawlens.photos.decoding import _square
from pawlens.photos.decoding._decode import decode_placed
from pawlens.photos.decoding._pixels import Decoded

from ..small_models import linear_head, small_model

BOTH = {"scale": "whole", "f32": True}


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
    assert found["photos"] == 6
    assert 0 < found["mean_difference"] <= found["max_difference"] < 0.02
    assert graph == gentle.to_onnx()
    assert exact_in_words(parity) == ""


class Rough(OpenVinoEngine):
    """An engine whose fast arithmetic is far off, also where the processor has none."""

    def __init__(self, *arguments: Any, precision: Any = "auto", **options: Any) -> None:
        super().__init__(*arguments, precision="f32", **options)
        self.far = precision != "f32"

    def run(self, batches: Any) -> Any:
        for tag, answers in super().run(batches):
            yield tag, np.roll(answers, 1, axis=1) if self.far else answers


def inverted(data: bytes, min_side: int | None) -> Decoded:
    """Decode, and be far off where a scale may be reduced."""
    found = decode_placed(data, min_side)
    return found if min_side is None else found._replace(pixels=255 - found.pixels)


@pytest.mark.parametrize(
    ("rough", "coarse", "needs", "words"),
    [
        (True, False, {"f32": True}, "answered in 32-bit floats"),
        (False, True, {"scale": "whole"}, "decoded whole"),
        (True, True, BOTH, "decoded whole and answered in 32-bit floats"),
    ],
)
def test_beyond_the_limits_a_model_does_without_what_takes_it_there_and_no_more(
    paw: Backbone,
    photos: Photos,
    monkeypatch: pytest.MonkeyPatch,
    rough: bool,
    coarse: bool,
    needs: dict[str, Any],
    words: str,
) -> None:
    monkeypatch.setenv("PAWLENS_PRECISION", "f32")
    if rough:
        monkeypatch.setattr(_views, "OpenVinoEngine", Rough)
    if coarse:
        monkeypatch.setattr(_square, "decode_placed", inverted)
    head = linear_head(paw.spec.feature_dim)
    strength = 8 if coarse else 0.1  # answers to every level, or to none
    model = small_model(paw, Head.linear(strength * head.weights, head.bias))
    graph = model.to_onnx()
    graph.metadata_props.add(key="pawlens.trained_on", value="kept")
    parity = prove_from_files(graph, model.facts, photos)
    found = parity["from files, reduced"]
    assert not found["passed"]
    assert exact_in_words(parity).startswith(f"photos are {words}: ")
    assert f"{found['max_difference']:.3f} at most" in exact_in_words(parity)
    assert read_facts(graph) == replace(model.facts, **needs)
    assert graph.metadata_props[-1].value == "kept"
    kept = parity.get("from files", {"max_difference": 0.0})
    assert kept["max_difference"] <= 0.01
    assert ("from files" in parity) == (len(needs) == 1)


def test_every_photo_of_the_run_is_answered_as_it_is(
    photo_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, gentle: ExportedModel
) -> None:
    photos = Photos.read(photo_folder(cat=20, dog=20))
    asked: list[int] = []
    answer = ExportedModel.answer

    def counted(model: ExportedModel, some: Photos, **options: Any) -> Any:
        held = {some.read_bytes(row) for row in range(len(some))}
        asked.append(sum(photos.read_bytes(row) in held for row in range(40)))
        return answer(model, some, **options)

    monkeypatch.setattr(ExportedModel, "answer", counted)
    prove_from_files(gentle.to_onnx(), gentle.facts, photos)
    assert set(asked) == {40}


def test_photos_are_chosen_from_the_whole_list(
    photo_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, gentle: ExportedModel
) -> None:
    """A list begins with one class as a rule, and a class may be moved less than another."""
    photos = Photos.read(photo_folder(cat=20, dog=20))
    asked: list[str] = []
    decoded = Photos.decode

    def decode_noted(self: Photos, row: int, **options: Any) -> Any:
        if self is photos and not options:
            asked.append(self[row].label or "")
        return decoded(self, row, **options)

    monkeypatch.setattr(Photos, "decode", decode_noted)
    prove_from_files(gentle.to_onnx(), gentle.facts, photos)
    assert (asked.count("cat"), asked.count("dog")) == (6, 6)


def test_a_photo_that_vanished_is_left_out(gentle: ExportedModel, photos: Photos) -> None:
    (Path(photos.location) / photos.paths[0]).unlink()
    parity = prove_from_files(gentle.to_onnx(), gentle.facts, photos)
    assert parity["from files"]["photos"] == 5


def test_an_exact_model_answers_as_its_graph_does(
    model: ExportedModel, photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_square, "SPARE", 0.1)
    exact = ExportedModel(model.to_onnx(), replace(model.facts, scale="whole", f32=True))
    graph = model.to_onnx().SerializeToString()
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for row, proba in enumerate(exact.answer(photos).proba):
        whole = session.run(["probabilities"], {"image": decode(photos.read_bytes(row))})[0]
        np.testing.assert_allclose(proba, whole, atol=0.002)
    assert np.abs(exact.answer(photos).proba - model.answer(photos).proba).max() > 0.02


def test_of_a_model_that_needs_f32_auto_is_f32_and_what_is_asked_for_stands(
    model: ExportedModel,
) -> None:
    exact = replace(model.facts, f32=True)
    assert [exact.precision(asked) for asked in ("auto", "f32", "bf16")] == ["f32", "f32", "bf16"]
    for faster in (model.facts, replace(model.facts, scale="whole")):
        assert faster.precision("auto") == "auto"


def test_older_readers_are_not_troubled_by_models_that_need_not_be_exact(
    model: ExportedModel,
) -> None:
    assert not {"scale", "f32"} & json.loads(model.facts.to_json()).keys()
    for f32 in (True, False):
        exact = replace(model.facts, scale="whole", f32=f32)
        assert GraphFacts.from_json(exact.to_json()) == exact


def test_exact_was_both_at_first(model: ExportedModel) -> None:
    earlier = json.loads(model.facts.to_json()) | {"exact": True}
    both = replace(model.facts, scale="whole", f32=True)
    assert GraphFacts.from_json(json.dumps(earlier)) == both
    assert "photos are decoded whole and answered in 32-bit floats: " in exact_in_words(
        {"from files, reduced": {"mean_difference": 0.003, "max_difference": 0.05}}
    )
