"""The score of neither inside the graph is the one that was fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnxruntime as ort
import pytest
from tests.small_models import linear_head, picture

from pawlens.backbones import Backbone
from pawlens.export import (
    GraphFacts,
    batched_graph,
    compose_graph,
    core_graph,
    core_inputs,
    core_squares,
    note_rules,
    read_rules,
)
from pawlens.heads import unit_rows
from pawlens.trust import AnswerRules, NeitherScore, cost_matrix


def _score(dim: int, *, energy: bool, taught: float | None) -> NeitherScore:
    rng = np.random.default_rng(3)
    directions = np.linalg.qr(rng.standard_normal((dim, 4)))[0].astype(np.float32)
    mean = (rng.random(dim) / dim).astype(np.float32)
    units = (-2.0, 1.5) if energy else (0.0, float("inf"))
    score = NeitherScore(mean, directions, (0.8, 0.1), units, 0.7, 0.01)
    if taught is None:
        return score
    weights = rng.standard_normal(dim).astype(np.float32)
    return replace(score, weights=weights, offset=taught)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("energy", "taught"), [(True, None), (False, None), (True, 2.0), (True, -99.0)]
)
def test_output_is_the_score(paw: Backbone, count: int, energy: bool, taught: float | None) -> None:
    dim = count * paw.spec.feature_dim
    score, head = _score(dim, energy=energy, taught=taught), linear_head(dim)
    specs = (paw.spec,) * count
    facts = GraphFacts(("a", "b", "c"), specs, ("x",) * count, 1.5, 0.0, "0")
    graph = compose_graph([paw] * count, head, facts, score)
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_outputs()] == ["probabilities", "embedding", "neither"]
    proba, features, found = session.run(None, {"image": picture()})
    parts = np.split(features[None], count, axis=1)
    unit = np.hstack([unit_rows(part.copy()) for part in parts])
    (expected,) = score(unit, head.logits(unit) / 1.5)
    assert 0.001 < expected < 0.999
    assert found.shape == (1,)
    assert found[0] == pytest.approx(expected, abs=1e-4)

    core = core_graph(graph, facts, score=True)
    run = ort.InferenceSession(core.SerializeToString(), providers=["CPUExecutionProvider"]).run
    (again,) = run(["neither"], core_squares(picture(), core_inputs(specs)))
    assert again[0, 0] == pytest.approx(found[0], abs=1e-3)
    assert [one.name for one in core_graph(graph, facts).graph.output] == ["probabilities"]

    batched = ort.InferenceSession(
        batched_graph(graph, facts, score=True), providers=["CPUExecutionProvider"]
    )
    side = paw.spec.input_size
    squares = {one.name: np.zeros((2, 3, side, side), np.float32) for one in batched.get_inputs()}
    (columns,) = batched.run(None, squares)
    assert columns.shape == (2, 4)
    assert columns[:, :3].sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
    assert len(proba) == 3


def test_rules_travel_in_metadata_and_older_graphs_have_the_plain_ones(paw: Backbone) -> None:
    facts = GraphFacts(("a", "b", "c"), (paw.spec,), ("x",), 1.0, 0.0, "0")
    graph = compose_graph([paw], linear_head(paw.spec.feature_dim), facts)
    assert read_rules(graph, 3) == AnswerRules()
    rules = AnswerRules(costs=cost_matrix({"a": {"b": 4.0}}, facts.classes), false_alarms=0.01)
    note_rules(graph, rules)
    assert read_rules(graph, 3) == rules
    with pytest.raises(ValueError, match="classes"):
        read_rules(graph, 2)
