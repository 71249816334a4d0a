"""One graph of several models: what it answers, and what of the members is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.export import (
    GraphFacts,
    Member,
    compose_graph,
    ensemble_facts,
    ensemble_graph,
    read_head,
)
from pawlens.heads import Combiner
from pawlens.metrics import apply_clip, apply_temperature

from ..small_models import linear_head, picture

CLASSES = ("cat", "dog", "owl")


def run(model: onnx.ModelProto, pixels: npt.NDArray[np.uint8]) -> Any:
    import onnxruntime as ort

    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"image": pixels})[0]


def member(paw: Backbone, facts: GraphFacts, seed: int, weights: str, **changes: Any) -> Member:
    """Compose a model whose backbone, by its hash, is one of its own."""
    stated = replace(facts, weights_hashes=tuple(weights), **changes)
    dim = paw.spec.feature_dim * len(weights)
    stated = replace(stated, backbones=(paw.spec,) * len(weights))
    model = compose_graph([paw] * len(weights), linear_head(dim, seed=seed), stated)
    return Member(model.graph, stated)


@pytest.fixture
def facts(paw: Backbone) -> GraphFacts:
    return GraphFacts(CLASSES, (paw.spec,), ("x",), 1.5, 0.0, "0")


COMBINERS = [
    Combiner("stack", np.array([0.7, 0.5]), np.array([0.4, -0.1, -0.3])),
    Combiner("blend", np.array([0.3, 0.7]), np.zeros(3)),
    Combiner("greedy", np.array([0.8, 0.2]), np.zeros(3)),
]


@pytest.mark.parametrize("combiner", COMBINERS, ids=lambda combiner: str(combiner.method))
def test_it_answers_what_the_members_say_combined(
    paw: Backbone, facts: GraphFacts, combiner: Combiner
) -> None:
    """The second member has its classes in another order, and shares one of two backbones."""
    members = [
        member(paw, facts, 1, "ab"),
        member(paw, facts, 2, "bc", classes=("owl", "cat", "dog")),
    ]
    joined = ensemble_facts(members, CLASSES, temperature=1.3, clip=0.02)
    assert (joined.temperature, joined.clip, joined.classes) == (1.3, 0.02, CLASSES)
    graph = ensemble_graph(members, combiner, joined)
    pixels = picture(3)
    alone: list[npt.NDArray[np.float32]] = []
    for one, order in zip(members, ([0, 1, 2], [1, 2, 0]), strict=True):
        model = compose_graph(
            [paw] * 2, linear_head(paw.spec.feature_dim * 2, seed=len(alone) + 1), one.facts
        )
        alone.append(run(model, pixels)[order])
    logits = combiner.logits(np.array(alone, np.float64)[:, None])
    expected = apply_clip(apply_temperature(logits, 1.3), 0.02)[0]
    np.testing.assert_allclose(run(graph, pixels), expected, atol=1e-5)


def test_a_backbone_that_members_share_is_there_once(paw: Backbone, facts: GraphFacts) -> None:
    members = [member(paw, facts, 1, "ab"), member(paw, facts, 2, "bc")]
    joined = ensemble_facts(members, CLASSES, temperature=1.0, clip=0.0)
    assert joined.weights_hashes == ("a", "b", "c")
    assert joined.backbones == (paw.spec,) * 3
    graph = ensemble_graph(members, COMBINERS[1], joined).graph
    alone = member(paw, facts, 1, "a").graph
    convolutions = [sum(node.op_type == "Conv" for node in one.node) for one in (graph, alone)]
    assert convolutions[0] == 3 * convolutions[1]
    names = [tensor.name for tensor in graph.initializer]
    assert len(names) == len(set(names))
    assert set(names) <= {name for node in graph.node for name in node.input}


def test_probabilities_of_zero_stay_finite(paw: Backbone, facts: GraphFacts) -> None:
    """A member that is entirely sure does not silence the other."""
    members = [member(paw, facts, seed, "a", temperature=0.01) for seed in (1, 2)]
    joined = ensemble_facts(members, CLASSES, temperature=1.0, clip=0.0)
    answer = run(ensemble_graph(members, COMBINERS[0], joined), picture(3))
    assert np.isfinite(answer).all()
    assert answer.sum() == pytest.approx(1, abs=1e-5)


def test_borders_are_cut_off_where_the_members_do(paw: Backbone, facts: GraphFacts) -> None:
    inner = picture(5, (300, 420))
    framed = np.full((300, 620, 3), 255, np.uint8)
    framed[:, 90:510] = inner
    for borders in ("trim", "keep"):
        members = [member(paw, facts, seed, "a", borders=borders) for seed in (1, 2)]
        joined = ensemble_facts(members, CLASSES, temperature=1.0, clip=0.0)
        assert joined.borders == borders
        graph = ensemble_graph(members, COMBINERS[1], joined)
        gap = np.abs(run(graph, inner) - run(graph, framed)).max()
        assert (gap < 1e-5) == (borders == "trim")


def test_members_with_different_borders_are_refused(paw: Backbone, facts: GraphFacts) -> None:
    members = [member(paw, facts, 1, "a"), member(paw, facts, 2, "a", borders="trim")]
    with pytest.raises(UsageError, match="train them with the same --borders"):
        ensemble_facts(members, CLASSES, temperature=1.0, clip=0.0)


def test_an_ensemble_has_no_head_of_its_own(paw: Backbone, facts: GraphFacts) -> None:
    members = [member(paw, facts, seed, "a") for seed in (1, 2)]
    joined = ensemble_facts(members, CLASSES, temperature=1.0, clip=0.0)
    with pytest.raises(UsageError, match="ask one of its members"):
        read_head(ensemble_graph(members, COMBINERS[0], joined))
