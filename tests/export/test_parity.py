"""How an exported graph's answers are measured against those that were evaluated."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pawlens.backbones import Backbone
from pawlens.errors import ParityError
from pawlens.export import answers_of, check_agreement, check_parity
from pawlens.export._parity import measure_agreement
from pawlens.metrics import LabelRules

from ..small_models import graph_parts, linear_head, picture, saved, small_model

SURE = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])


def test_the_figures_are_those_of_the_definition() -> None:
    answers = SURE + np.array([[0.01, -0.01], [0.0, 0.0], [-0.002, 0.002], [0.0, 0.0]])
    found = measure_agreement(SURE, answers)
    assert found.photos == 4
    assert found.mean_difference == pytest.approx(0.024 / 8)
    assert found.max_difference == pytest.approx(0.01)
    assert found.top1 == 1


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        (0.0, True),
        (0.0019, True),  # the mean's limit is 0.002
        (0.0021, False),
    ],
)
def test_the_mean_has_a_limit(change: float, passed: bool) -> None:
    answers = SURE + change * np.array([1, -1])
    assert measure_agreement(SURE, answers).passed == passed


@pytest.mark.parametrize(("change", "passed"), [(0.019, True), (0.021, False)])
def test_one_photo_has_a_limit_too(change: float, passed: bool) -> None:
    expected = np.tile(SURE, (10, 1))
    answers = expected.copy()
    answers[0] += change * np.array([1, -1])
    found = measure_agreement(expected, answers)
    assert found.mean_difference < 0.002
    assert found.passed == passed


def test_another_answer_fails_unless_it_was_a_tie() -> None:
    expected = np.tile(SURE, (10, 1))
    for lead, top1 in ((0.019, 1.0), (0.021, 39 / 40)):
        expected[0] = 0.5 + lead / 2, 0.5 - lead / 2
        answers = expected.copy()
        answers[0] = answers[0, ::-1]
        found = measure_agreement(expected, answers)
        assert found.top1 == pytest.approx(top1)
        assert found.passed == (top1 == 1 and found.max_difference <= 0.02)


def test_several_labels_agree_label_by_label() -> None:
    rules = LabelRules((1.0, 1.0), (0.0, 0.0), (0.4, 0.6))
    expected = np.array([[0.9, 0.9], [0.1, 0.1], [0.385, 0.9], [0.9, 0.615]])
    answers = np.array([[0.9, 0.9], [0.1, 0.1], [0.405, 0.9], [0.9, 0.595]])
    assert measure_agreement(expected, answers, rules).top1 == 1  # within 0.02 of their thresholds
    answers[0, 0], answers[1, 1] = 0.3, 0.7
    assert measure_agreement(expected, answers, rules).top1 == 0.5


def test_what_training_saw_is_recorded_and_has_no_limit(paw: Backbone, tmp_path: Path) -> None:
    model, facts, head, backbones = graph_parts(paw)
    found = check_parity(
        saved(model, tmp_path),
        facts,
        head,
        backbones,
        [partial(picture, seed) for seed in range(3)],
        np.full((3, 3), 1 / 3),
    )
    assert found["limits"] == {"mean_difference": 0.002, "max_difference": 0.02, "top1": 1.0}
    assert found["as evaluated"].keys() == {"photos", "mean_difference", "max_difference", "top1"}
    assert found["as evaluated"]["max_difference"] > 0.02


def test_a_graph_that_differs_is_refused_with_the_figures(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim))
    path = saved(model.to_onnx(), tmp_path)
    decoders = [lambda: picture(1), lambda: picture(2)]
    answers = answers_of(path, decoders)
    assert answers.shape == (2, 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-6)
    assert check_agreement(path, answers, decoders, answers)["openvino"]["passed"]
    with pytest.raises(ParityError, match=r"in onnxruntime .* mean .* \(limit 0.002\)"):
        check_agreement(path, answers[::-1], decoders, answers)


def test_several_labels_are_proven_by_their_rules(paw: Backbone, tmp_path: Path) -> None:
    head = linear_head(paw.spec.feature_dim)
    rules = LabelRules((0.5, 1.0, 2.0), (0.02, 0.0, 0.2), (0.5, 0.3, 0.7))
    model = small_model(paw, head, labels=rules)
    decoders = [partial(picture, seed) for seed in range(6)]
    path = saved(model.to_onnx(), tmp_path)
    answers = answers_of(path, decoders)
    found = check_parity(path, model.facts, head, [paw], decoders, answers)
    assert found["as evaluated"]["max_difference"] < 0.005
    assert answers[:, 0].min() >= 0.02 - 1e-6
    assert answers[:, 0].max() <= 0.98 + 1e-6
    assert answers[:, 2].min() >= 0.2 - 1e-6
    assert np.abs(answers.sum(axis=1) - 1).max() > 0.1
