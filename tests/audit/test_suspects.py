from __future__ import annotations

import numpy as np
import pytest

from pawlens.audit import suspect_labels


def answers(n: int, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of which a share is wrong, calibrated probabilities of them, and which are wrong."""
    rng = np.random.default_rng(seed)
    true_p = rng.beta(0.15, 0.15, n)  # of class 1
    truth = (rng.random(n) < true_p).astype(np.int64)
    wrong = rng.random(n) < share
    p = true_p * (1 - share) + (1 - true_p) * share
    return np.where(wrong, 1 - truth, truth), np.column_stack([1 - p, p]), wrong


@pytest.mark.parametrize("share", [0.03, 0.1])
def test_wrong_labels_are_found(share: float) -> None:
    labels, proba, wrong = answers(20_000, share)
    suspect = suspect_labels(labels, proba)
    assert wrong[suspect].mean() > 0.6
    assert suspect[wrong].mean() > 0.3


def test_right_labels_are_left_alone() -> None:
    labels, proba, _ = answers(5_000, 0.0)
    assert suspect_labels(labels, proba).mean() < 0.01
    certain = np.eye(3)[[0, 1, 2, 0]]
    assert not suspect_labels(np.array([0, 1, 2, 0]), certain).any()


def test_a_class_without_photos() -> None:
    proba = np.array([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.9, 0.05, 0.05]])
    assert suspect_labels(np.array([0, 1, 0]), proba).shape == (3,)
