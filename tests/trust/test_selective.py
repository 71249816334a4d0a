"""Abstention keeps the risk that it promises."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.errors import UsageError
from pawlens.trust import (
    least_confidence_for_coverage,
    least_confidence_for_risk,
    risk_coverage,
)


def _answers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, and answers that are wrong as often as one less the confidence."""
    confidence = 1 - 0.3 * rng.beta(0.3, 3, n)
    return confidence, (rng.random(n) > confidence).astype(float)


def test_risk_is_kept_in_95_of_100_samples() -> None:
    rng = np.random.default_rng(0)
    world, wrong = _answers(rng, 100_000)
    broken, answered = 0, []
    for _ in range(200):
        rows = rng.integers(0, len(world), 3000)
        least = least_confidence_for_risk(world[rows], wrong[rows], 0.01)
        assert least is not None
        given = world >= least
        broken += wrong[given].mean() > 0.01
        answered.append(given.mean())
    assert broken <= 10
    assert np.mean(answered) > 0.6  # and not by answering next to nothing


def test_no_threshold_where_no_photos_can_keep_it() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(1000)
    assert least_confidence_for_risk(confidence, np.ones(1000), 0.05) is None
    assert least_confidence_for_risk(confidence[:100], np.zeros(100), 0.01) is None


def test_one_wrong_label_among_the_surest_does_not_end_it() -> None:
    confidence = np.linspace(1, 0.5, 5000)
    wrong = np.zeros(5000)
    wrong[:3] = 1
    wrong[4800:] = 1
    least = least_confidence_for_risk(confidence, wrong, 0.01)
    assert least is not None
    assert least < 0.55


def test_a_group_is_one_answer() -> None:
    confidence, wrong = np.linspace(1, 0.5, 6000), np.zeros(6000)
    groups = np.repeat(np.arange(100), 60)  # a hundred pieces of evidence, not six thousand
    assert least_confidence_for_risk(confidence, wrong, 0.01) is not None
    assert least_confidence_for_risk(confidence, wrong, 0.01, groups) is None


def test_coverage_is_the_share_that_is_answered() -> None:
    confidence = np.random.default_rng(2).random(1001)
    least = least_confidence_for_coverage(confidence, 0.8)
    assert np.mean(confidence >= least) == pytest.approx(0.8, abs=0.001)
    groups = np.where(confidence > 0.5, 0, np.arange(1001) + 1)
    assert least_confidence_for_coverage(confidence, 0.1, groups) <= 0.5
    with pytest.raises(UsageError, match="coverage"):
        least_confidence_for_coverage(confidence, 1.5)


def test_area_is_that_of_the_mean_order_of_ties() -> None:
    curve = risk_coverage(np.full(4, 0.9), np.array([1.0, 0, 0, 0]))
    assert curve.risk.tolist() == pytest.approx([0.25] * 4)
    best = risk_coverage(np.array([4.0, 3, 2, 1]), np.array([0.0, 0, 0, 1]))
    assert best.risk.tolist() == pytest.approx([0, 0, 0, 0.25])
    assert best.area < curve.area
