"""From probabilities to answers: classes, neither, and a person."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pawlens.errors import UsageError
from pawlens.trust import AnswerRules, LabelSets, cost_matrix

_CLASSES = ["healthy", "sick"]


def test_costs_move_the_answer() -> None:
    rules = AnswerRules(costs=cost_matrix({"sick": {"healthy": 10.0}}, _CLASSES))
    proba = np.array([[0.95, 0.05], [0.85, 0.15]])
    assert rules.labels(proba, _CLASSES) == ["healthy", "sick"]
    assert rules.confidence(proba).tolist() == pytest.approx([0.5, 0.15])


def test_neither_comes_before_doubt() -> None:
    rules = AnswerRules(least_confidence=0.8)
    proba = np.array([[0.9, 0.1], [0.7, 0.3], [0.7, 0.3]])
    answers = rules.labels(proba, _CLASSES, np.array([0.1, 0.49, 0.5]))
    assert answers == ["healthy", "ask a person", "neither"]


@pytest.mark.parametrize(
    "costs", [{"well": {"sick": 2.0}}, {"sick": {"well": 2.0}}, {"sick": {"sick": 2.0}}]
)
def test_costs_that_cannot_be_are_refused(costs: dict[str, dict[str, float]]) -> None:
    with pytest.raises(UsageError, match="costs"):
        cost_matrix(costs, _CLASSES)


def test_rules_survive_json_and_damaged_ones_are_refused() -> None:
    sets = LabelSets(0.95, (0.5, 0.5), by_class=False)
    rules = AnswerRules(sets, 0.9, "risk 0.01", ((0.0, 1.0), (9.0, 0.0)), 0.01)
    assert AnswerRules.from_json(rules.to_json(), 2) == rules
    data = json.loads(rules.to_json())
    for harm in (
        {"least_confidence": "x"},
        {"false_alarms": 1e300},
        {"costs": [[0.0, 1.0]]},
        {"costs": [[0.0, float("nan")], [1.0, 0.0]]},
        {"sets": None, "costs": 3},
        {"sets": {"coverage": 0.9}},
        {"promise": 3},
        {"more": 1},
    ):
        with pytest.raises(ValueError, match=r"rule"):
            AnswerRules.from_json(json.dumps(data | harm), 2)
    for text in ("[]", "{}", "not json"):
        with pytest.raises(ValueError):  # noqa: PT011
            AnswerRules.from_json(text, 2)
    with pytest.raises(ValueError, match="classes"):
        AnswerRules.from_json(rules.to_json(), 3)
