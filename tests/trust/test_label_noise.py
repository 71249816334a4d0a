"""The share of wrong labels, and the accuracy against the true ones."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.trust import true_accuracy


@pytest.mark.parametrize("share", [0.0, 0.1])
@pytest.mark.parametrize("classes", [2, 5])
def test_planted_wrong_labels_are_counted(share: float, classes: int) -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((2000, classes)) * 4
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = (rng.random(2000)[:, None] > proba.cumsum(axis=1)).sum(axis=1)
    given = true.copy()
    flipped = rng.permutation(2000)[: int(share * 2000)]
    given[flipped] = (true[flipped] + rng.integers(1, classes, len(flipped))) % classes
    answers = logits.argmax(axis=1)
    found = true_accuracy(1.7 * logits, given, answers)  # as sure as it likes
    assert found.wrong_labels.low - 0.01 <= share <= found.wrong_labels.high + 0.01
    assert found.wrong_labels.high - found.wrong_labels.low < 0.05
    assert found.accuracy.low <= np.mean(answers == true) <= found.accuracy.high
    if share == 0.1:
        assert np.mean(answers == given) < found.accuracy.low
