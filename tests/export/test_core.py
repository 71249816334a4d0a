"""The core graph: the same answers from squares, with fixed shapes and the outputs asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pytest

from pawlens.backbones import Backbone
from pawlens.export import GraphFacts, compose_graph, core_graph, core_inputs, core_squares
from pawlens.heads import Head
from pawlens.models import ExportedModel

from ..small_models import dense_head, linear_head, picture, small_model


def run(graph: onnx.ModelProto, feed: dict[str, Any]) -> dict[str, npt.NDArray[np.float32]]:
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_outputs()]
    return dict(zip(names, session.run(None, feed), strict=True))


def answers(model: ExportedModel, pixels: npt.NDArray[np.uint8], **options: bool) -> dict[str, Any]:
    """What the core graph gives for one photo."""
    squares = core_squares(pixels, core_inputs(model.facts.backbones))
    return run(core_graph(model.to_onnx(), model.facts, **options), squares)


def two_sizes(paw: Backbone) -> ExportedModel:
    """A model of two backbones, of which the second sees smaller squares, as BGR and bilinear."""
    small = replace(paw.spec.with_size(96), interpolation="bilinear", channel_order="bgr")
    backbones = [paw, replace(paw, spec=small)]
    specs = tuple(one.spec for one in backbones)
    facts = GraphFacts(("cat", "dog", "owl"), specs, ("x", "y"), 1.5, 0.01, "0")
    head = linear_head(2 * paw.spec.feature_dim)
    return ExportedModel(compose_graph(backbones, head, facts), facts)


def test_it_answers_as_the_whole_graph_does(paw: Backbone) -> None:
    model, pixels = two_sizes(paw), picture(3)
    whole = run(model.to_onnx(), {"image": pixels})
    core = answers(model, pixels)
    assert list(core) == ["probabilities"]
    np.testing.assert_allclose(core["probabilities"][0], whole["probabilities"], atol=1e-3)


def test_every_shape_is_fixed_and_pixels_are_bytes(paw: Backbone) -> None:
    graph = core_graph(two_sizes(paw).to_onnx(), two_sizes(paw).facts).graph
    given = {
        one.name: [side.dim_value for side in one.type.tensor_type.shape.dim] for one in graph.input
    }
    assert given == {"pixels_160": [1, 160, 160, 3], "pixels_96_bilinear": [1, 96, 96, 3]}
    assert {one.type.tensor_type.elem_type for one in graph.input} == {onnx.TensorProto.UINT8}
    assert {node.op_type for node in graph.node}.isdisjoint({"Shape", "Range", "Resize"})
    for one in [*graph.value_info, *graph.output]:
        sides = one.type.tensor_type.shape.dim
        assert all(side.HasField("dim_value") for side in sides), one.name


def test_backbones_of_one_size_share_an_input(paw: Backbone) -> None:
    model = small_model(paw, linear_head(2 * paw.spec.feature_dim), count=2)
    assert [one.name for one in core_inputs(model.facts.backbones)] == ["pixels_160"]
    assert list(answers(model, picture())) == ["probabilities"]


def test_the_embedding_is_that_of_the_whole_graph(paw: Backbone) -> None:
    model, pixels = two_sizes(paw), picture(4)
    whole = run(model.to_onnx(), {"image": pixels})
    core = answers(model, pixels, embedding=True)
    assert list(whole) == list(core) == ["probabilities", "embedding"]
    assert whole["embedding"].shape == (2 * paw.spec.feature_dim,)
    scale = np.abs(whole["embedding"]).max()
    np.testing.assert_allclose(core["embedding"][0], whole["embedding"], atol=0.002 * scale)


@pytest.mark.parametrize("kind", ["linear", "hidden layer", "hidden layer on raw features"])
def test_the_maps_add_up_to_the_answer_and_are_those_of_explain(paw: Backbone, kind: str) -> None:
    width = 2 * paw.spec.feature_dim
    head: Head = linear_head(width)
    if kind != "linear":
        head = dense_head(width, unit=kind == "hidden layer")
    model, pixels = small_model(paw, head, count=2), picture(5)
    found = answers(model, pixels, maps=True)
    assert found["map0"].shape == (1, 3, 5, 5)
    logits = (found["map_bias"] + found["map0"].mean((2, 3)) + found["map1"].mean((2, 3)))[0]
    proba = np.exp(logits - logits.max())
    np.testing.assert_allclose(proba / proba.sum(), found["probabilities"][0], atol=1e-5)
    explained = model.explainer().explain(pixels)
    chosen = model.classes_.index(explained.class_name)
    maps = found["map1"][0]
    against = maps[chosen] - (maps.sum(0) - maps[chosen]) / 2
    grid = explained.parts[1].grid
    assert grid is not None
    difference = grid - against  # a constant, the part of the biases
    assert difference.std() < 0.01 * against.std()
