"""Temperatures, clips and thresholds of labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from pawlens.errors import UsageError
from pawlens.metrics import LabelRules, calibrate_labels, fit_rules
from pawlens.metrics._label_rules import best_threshold


def made_up(n: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    targets = rng.random((n, 2)) < [0.5, 0.1]
    logits = np.where(targets, 2.0, -2.0) + rng.normal(0, 2, (n, 2))
    return targets, logits, np.arange(n) % 5


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=40))
def test_the_threshold_has_the_largest_f1(photos: list[tuple[bool, int]]) -> None:
    carried = np.array([one for one, _ in photos])
    proba = np.array([level / 20 for _, level in photos])
    if not carried.any():
        carried[0] = True
    cut = best_threshold(carried, proba)
    answers = proba >= np.linspace(0.001, 1, 101)[:, None]
    # scikit-learn's own score takes milliseconds, and 5,000 of them are tried.
    tried = 2 * (answers & carried).sum(1) / (answers.sum(1) + carried.sum())
    assert tried[50] == pytest.approx(f1_score(carried, answers[50]))
    assert f1_score(carried, proba >= cut) >= max(tried) - 1e-12


def test_of_equal_thresholds_the_middle_one() -> None:
    carried = np.array([False, False, True, True])
    assert best_threshold(carried, np.array([0.1, 0.2, 0.9, 0.95])) == 0.5
    assert best_threshold(carried, np.array([0.01, 0.02, 0.04, 0.05])) == pytest.approx(0.03)


def test_no_photo_decides_about_itself() -> None:
    targets, logits, fold = made_up()
    before = calibrate_labels(targets, logits, fold, clip="auto", threshold="auto")
    own = fold == 2
    flipped = np.where(own[:, None], ~targets, targets)
    after = calibrate_labels(flipped, logits, fold, clip="auto", threshold="auto")
    np.testing.assert_array_equal(before.proba[own], after.proba[own])
    np.testing.assert_array_equal(before.answers[own], after.answers[own])
    assert before.rules != after.rules
    with pytest.raises(UsageError, match="at least 2 folds"):
        calibrate_labels(targets, logits, fold * 0, clip="auto", threshold="auto")


def test_rules_are_of_each_label_and_survive_a_file() -> None:
    targets, logits, _ = made_up()
    rules = fit_rules(targets, logits, clip=0.01, threshold=0.4)
    assert rules.clip == (0.01, 0.01)
    assert rules.threshold == (0.4, 0.4)
    assert rules.temperature[0] != rules.temperature[1]
    proba = rules.probabilities(logits)
    expected = 1 / (1 + np.exp(-logits / rules.temperature))
    np.testing.assert_allclose(proba, expected.clip(0.01, 0.99), rtol=1e-9)
    assert LabelRules.from_json(rules.as_json()) == rules
